"""The compiled cache notices a changed formula, and nothing else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import volsculpt
import volsculpt.simulate.backtest  # what a run has loaded when it compiles
from volsculpt.compilable import compilable_functions

PACKAGE = Path(volsculpt.__file__).parent
ASK = "import volsculpt.simulate.compiled as one; print(one.digest())"


def told(folder: Path) -> str:
    """The digest that a copy of the package computes of itself."""
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    asked = subprocess.run(
        [sys.executable, "-c", ASK], env=env, cwd=folder, capture_output=True, text=True, check=True
    )
    return asked.stdout.strip()


@pytest.mark.compiled
def test_a_changed_formula_has_another_digest(tmp_path: Path) -> None:
    """One character in a formula or in the kernel changes it; a page of the reports does not."""
    shutil.copytree(PACKAGE, tmp_path / "volsculpt", ignore=shutil.ignore_patterns("__pycache__"))
    seen = [told(tmp_path)]
    for name in ("contracts/payoff.py", "exchange/step.py", "simulate/kernel.py"):
        file = tmp_path / "volsculpt" / name
        file.write_text(file.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
        seen.append(told(tmp_path))
    assert len(set(seen)) == 4
    page = tmp_path / "volsculpt" / "report" / "render" / "html.py"
    page.write_text(page.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert told(tmp_path) == seen[-1]


def test_every_compilable_function_is_of_the_package() -> None:
    """What is listed is what is hashed: files under the package, no strangers."""
    files = {Path(sys.modules[one.__module__].__file__ or "") for one in compilable_functions()}
    assert len(files) > 15
    assert all(file.is_relative_to(PACKAGE) for file in files)
