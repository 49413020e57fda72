"""`import volsculpt` is free, and the table of public names is true."""

import ast
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import volsculpt
from tests.structure.source_tree import PACKAGE, ROOT

HEAVY = [
    "filelock",
    "numba",
    "numpy",
    "pandas",
    "platformdirs",
    "plotly",
    "polars",
    "pydantic",
    "rich",
    "scipy",
    "sqlalchemy",
    "typer",
]
TABLE = volsculpt._PUBLIC


def imported_by(statement: str) -> set[str]:
    """The top-level modules that are loaded after a statement ran in a new interpreter."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return {name.split(".")[0] for name in json.loads(done.stdout)}


def test_importing_the_package_loads_nothing_heavy() -> None:
    """A script that imports volsculpt pays only for what it uses."""
    assert imported_by("import volsculpt") & set(HEAVY) == set()


def test_listing_the_public_names_loads_nothing_heavy() -> None:
    """Completion in an editor is free too."""
    assert imported_by("import volsculpt; dir(volsculpt)") & set(HEAVY) == set()


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_public_name_resolves(name: str) -> None:
    """Each name of the table leads to what its module calls by that name."""
    assert find_spec(TABLE[name].rpartition(".")[0]) is not None
    assert getattr(volsculpt, name) is getattr(import_module(TABLE[name]), name)


def test_the_table_is_sorted() -> None:
    """A sorted table merges without conflict and reads without search."""
    assert list(TABLE) == sorted(TABLE)


def test_the_table_is_what_the_package_offers() -> None:
    """`__all__` and `dir()` say the same as the table."""
    assert volsculpt.__all__ == sorted(TABLE) == dir(volsculpt)


def test_type_checkers_see_the_same_table() -> None:
    """`__init__.pyi` types exactly the names of `__init__.py`, from the same modules."""
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    typed = {
        alias.asname: node.module
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == TABLE


def test_an_unknown_name_is_refused() -> None:
    """A misspelled name fails as it would in any module."""
    with pytest.raises(AttributeError, match="no attribute 'plam'"):
        _ = volsculpt.plam


def test_the_package_file_is_a_table_and_nothing_else() -> None:
    """`__init__.py` imports nothing but the means to import."""
    module = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    imports = [n for n in ast.walk(module) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imports] == ["from importlib import import_module"]


def test_a_plan_needs_neither_numba_nor_numpy(tmp_path: Path) -> None:
    """`plan` with prices given starts at once, because it loads only what it uses."""
    examples = ROOT / "examples"
    command = [sys.executable, "-X", "importtime", "-m", "volsculpt", "plan"]
    command += [str(examples / "treasury.toml"), "--quotes", str(examples / "quotes.toml")]
    done = subprocess.run(
        [*command, "--json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1"},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.splitlines()[-5:]
    loaded = set(re.findall(r"\|\s+(\w+)$", done.stderr, flags=re.MULTILINE))
    assert loaded & {"numba", "numpy", "pandas", "plotly", "polars", "scipy", "sqlalchemy"} == set()
