"""How much of a file or bundle is read before it is refused.

The largest real exports weigh 0.3 MB, hold about 10,000 elements and are 13 levels deep; the limits leave a wide margin
and keep a hostile file within about a second and a few hundred megabytes of memory.
"""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, depth and counts in elements, members in files of a bundle; a bundle counts as a whole."""

    xml_size: int = 20 * MEGABYTE
    depth: int = 200
    elements: int = 300_000
    bundle_size: int = 50 * MEGABYTE
    bundle_unpacked_size: int = 100 * MEGABYTE
    bundle_members: int = 5_000
    bundle_elements: int = 600_000


DEFAULT_LIMITS = Limits()
