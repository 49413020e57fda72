"""A copy of the package to which a test adds files, run in an interpreter of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.structure.source_tree import PACKAGE


def copied(folder: Path, added: dict[str, str]) -> Path:
    """The package copied into a folder, with more files in it, place -> text; none is replaced."""
    package = folder / PACKAGE.name
    shutil.copytree(PACKAGE, package)
    for place, text in added.items():
        assert not (package / place).exists()
        (package / place).write_text(text, encoding="utf-8")
    return package


def run_copy(package: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What `volsculpt WORDS` of a copied package does, run in the folder that holds it."""
    command = [sys.executable, "-m", package.name, *words]
    env = {**os.environ, "PYTHONPATH": str(package.parent), "NO_COLOR": "1", "COLUMNS": "80"}
    return subprocess.run(
        command, capture_output=True, text=True, env=env, timeout=60, cwd=package.parent
    )
