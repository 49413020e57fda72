"""Runs what a page tells a reader to type, and compares what it shows with what is printed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.structure.pages import QUIET, Block, files_above
from tests.structure.source_tree import PACKAGE, ROOT

CUT = "..."  # a line that stands for all that follows


def lay_out(place: Path, block: Block | None = None) -> None:
    """A folder as a reader has it: examples, there and in their own folder; files a page told."""
    if (ROOT / "examples").is_dir():
        shutil.copytree(ROOT / "examples", place, dirs_exist_ok=True)
        shutil.copytree(ROOT / "examples", place / "examples")
    (place / "build").mkdir(exist_ok=True)
    for name, text in files_above(block).items() if block else ():
        (place / name).write_text(text, encoding="utf-8")


def printed_by(command: str, place: Path) -> str:
    """The standard output of a command of a page, which must succeed."""
    env = {
        **os.environ,
        **QUIET,
        "COLUMNS": "100",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(PACKAGE.parent),
    }
    line = ["bash", "-c", command.replace(".venv/bin/", "")]
    done = subprocess.run(line, cwd=place, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def tidy(text: str) -> list[str]:
    """Lines without trailing blanks, blank lines at the ends left out."""
    return [line.rstrip() for line in text.strip("\n").split("\n")]


def renewed(shown: str, printed: str) -> list[str]:
    """What a page should show: what is printed, cut where the page cuts it; nothing for nothing."""
    lines = tidy(shown)
    if lines == [""]:
        return []
    if CUT in lines:
        return [*tidy(printed)[: lines.index(CUT)], CUT]
    return tidy(printed)


def masked(lines: list[str], masks: tuple[str, ...]) -> list[str]:
    """Lines with what a page declares unstable replaced."""
    for mask in masks:
        lines = [re.sub(mask, "#", line) for line in lines]
    return lines


def differs(block: Block, shown: str, printed: str) -> bool:
    """Whether a page shows something else than is printed; a page that shows nothing does not."""
    wanted = renewed(shown, printed)
    return bool(wanted) and masked(tidy(shown), block.masks) != masked(wanted, block.masks)
