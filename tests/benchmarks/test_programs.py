"""Peers run where volsculpt is not installed."""

import ast
from pathlib import Path

import pytest

from benchmarks.__main__ import PEERS

ROOT = Path(__file__).resolve().parents[2] / "benchmarks"


def imported(path: Path) -> set[str]:
    """The packages that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("name", sorted(PEERS))
def test_a_peer_needs_nothing_of_ours(name: str) -> None:
    """Its program, the loop it is compared with and what runs it there."""
    for path in (ROOT / "programs" / f"{name}.py", ROOT / "plain_loop.py", ROOT / "worker.py"):
        assert "volsculpt" not in imported(path)
