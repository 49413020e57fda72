"""What is shipped works alone: away from the checkout, in an empty home."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.structure.source_tree import PACKAGE, ROOT

# Runs the package as `python -m volsculpt` does, seeing the wheel and the libraries only.
ALONE = """
import runpy, sys
wheel, checkout = sys.argv.pop(1), sys.argv.pop(1)
sys.path[:] = [wheel, *(p for p in sys.path if not p.startswith(checkout + "/src"))]
import volsculpt
assert volsculpt.__file__.startswith(wheel), volsculpt.__file__
runpy.run_module("volsculpt", run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    out = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)], ROOT)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the installed wheel and nothing else."""
    target = tmp_path_factory.mktemp("installed").resolve()
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    run([*pip, "--no-deps", "--no-index", "--target", str(target), str(wheel)], target)
    return target


def run(command: list[str], cwd: Path, home: Path | None = None) -> str:
    """The standard output of a command that must succeed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    if home is not None:
        env |= {"HOME": str(home), "USERPROFILE": str(home)}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def test_the_wheel_holds_every_file(wheel: Path) -> None:
    """Catalogs, schemas and pages travel with the code."""
    wanted = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.suffix in {".py", ".pyi", ".toml", ".json", ".md"} or path.name == "py.typed"
    }
    assert wanted - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_wheel_plans_on_its_own(installed: Path, tmp_path: Path) -> None:
    """The example treasury is planned by the wheel, and nothing is written at home."""
    home, desk = tmp_path / "home", tmp_path / "desk"
    home.mkdir()
    shutil.copytree(ROOT / "examples", desk)
    alone = [sys.executable, "-I", "-c", ALONE, str(installed), str(ROOT)]
    plan = ["plan", "treasury.toml", "--quotes", "quotes.toml", "--json"]
    printed = json.loads(run([*alone, *plan], cwd=desk, home=home))
    assert printed["schema"] == 1
    assert list(home.rglob("*")) == []
