"""The limits of Celery end a task wherever it is: no handler on the way takes them for a failure of the work."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
BROAD = {"Exception", "BaseException"}
# Only in web requests or commands, which have no such limit.
NOT_IN_TASKS = {
    "adapter/api/routing.py",
    "adapter/ops/management/commands/rehearsal_adapter.py",
    "adapter/settings/database.py",
    "adapter/ops/doctor/examining.py",
    "adapter/ops/doctor/platform.py",
    "tasks/nudging.py",
    "tasks/rehearsing.py",
}


def names(handler: ast.ExceptHandler) -> set[str]:
    if handler.type is None:
        return {"BaseException"}
    parts = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {ast.unparse(part) for part in parts}


def swallows(block: ast.Try) -> bool:
    """Whether a broad handler may take the limit: none before it lets it through, and it does not raise it again."""
    let_through = False
    for handler in block.handlers:
        if "SoftTimeLimitExceeded" in names(handler):
            let_through = True
        raised = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
        if names(handler) & BROAD and not let_through and not raised:
            return True
    return False


def test_no_handler_swallows_a_limit() -> None:
    found = []
    for folder in ("adapter", "tasks"):
        for path in (ROOT / folder).rglob("*.py"):
            place = str(path.relative_to(ROOT))
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Try) and place not in NOT_IN_TASKS and swallows(node):
                    found.append(f"{place}:{node.lineno}")
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
                    assert not {ast.unparse(argument) for argument in node.args} & BROAD, place
    assert found == []
