"""A line chart as SVG, without any library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 360, 60, 50, 40, 20
COLOURS = ("#1f5fa8", "#b3541e", "#2d7d46", "#6b3fa0")


@dataclass(frozen=True)
class Series:
    """Points joined by a line; one point alone is a dot."""

    name: str
    points: Sequence[tuple[float, float]]


def draw(title: str, series: Sequence[Series]) -> str:
    """The chart; both axes begin at 0."""
    most_x = max(x for item in series for x, _ in item.points)
    most_y = max(y for item in series for _, y in item.points) * 1.1

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + x / most_x * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - y / most_y * (HEIGHT - BOTTOM - TOP),
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>',
    ]
    for step in range(5):
        value_x, value_y = most_x * step / 4, most_y * step / 4
        x, y = place(value_x, value_y)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value_y:.1f}</text>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{value_x:.0f}</text>')
    for number, item in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        places = [place(x, y) for x, y in item.points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        x = LEFT + number * 200
        parts.append(f'<text x="{x}" y="{HEIGHT - 10}" fill="{colour}">● {escape(item.name)}</text>')
    return "\n".join([*parts, "</svg>", ""])
