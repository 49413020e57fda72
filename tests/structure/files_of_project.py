"""The text files that belong to the project: what git tracks, or would if it were added."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.structure.source_tree import ROOT

VENDORED = ".min.js"
LEFT_OUT = {".git", ".venv", "build", "dist", "__pycache__"}


def project_files() -> list[Path]:
    """Every file that git tracks or does not ignore; where git is missing, every file."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return sorted(_walked())
    named = [ROOT / name for name in done.stdout.split("\0") if name]
    return sorted(path for path in named if path.is_file())


def _walked() -> Iterator[Path]:
    for path in ROOT.rglob("*"):
        inside = path.relative_to(ROOT).parts
        hidden = any(part in LEFT_OUT or part.endswith(("_cache", ".egg-info")) for part in inside)
        if path.is_file() and not hidden:
            yield path


def text_files() -> list[tuple[Path, str]]:
    """Every project file that is text, with its text, line endings as they are.

    What others wrote stands as they publish it, and is left out.
    """
    read = [
        (path, path.read_bytes()) for path in project_files() if not path.name.endswith(VENDORED)
    ]
    return [(path, raw.decode("utf-8", errors="replace")) for path, raw in read if b"\0" not in raw]


def markdown_files() -> list[Path]:
    """Every page of the project."""
    return [path for path in project_files() if path.suffix == ".md"]
