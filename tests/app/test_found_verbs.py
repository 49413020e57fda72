"""Verbs are found by their files, and none is imported for another."""

import json
import subprocess
import sys

import pytest
import typer

from volsculpt.app.cli.finding import FIRST, FOLDER, command, summary, verb_names

# For each verb the files of verbs that its --help imports.
IMPORTED = """
import contextlib, io, json, sys
from volsculpt.app.cli.program import app
PLACE = "volsculpt.app.cli.verbs."
found = {}
for verb in ["", *json.loads(sys.argv[1])]:
    for name in [one for one in sys.modules if one.startswith(PLACE)]:
        del sys.modules[name]
    with contextlib.redirect_stdout(io.StringIO()):
        app([*([verb] if verb else []), "--help"], standalone_mode=False)
    found[verb] = sorted(n.removeprefix(PLACE) for n in sys.modules if n.startswith(PLACE))
print(json.dumps(found))
"""


def test_the_verbs_are_the_files() -> None:
    """One a file, none twice, those first that most people want."""
    files = {file.stem.replace("_", "-") for file in FOLDER.glob("[a-z]*.py")}
    assert files == set(verb_names())
    assert len(files) == len(verb_names())
    assert tuple(verb_names()[: len(FIRST)]) == FIRST
    assert verb_names()[len(FIRST) :] == sorted(verb_names()[len(FIRST) :])


@pytest.mark.parametrize("verb", verb_names())
def test_the_line_in_help_is_what_the_verb_says(verb: str) -> None:
    """What is read off the file without importing it is the help of the verb itself."""
    found = command(verb)
    assert found.name == verb
    typed = typer.core.TyperCommand(verb, help=summary(verb))
    assert typed.get_short_help_str(80) == found.get_short_help_str(80) != ""


def test_help_of_a_verb_imports_no_other() -> None:
    """`volsculpt plan --help` reads the file of plan alone, `volsculpt --help` none."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, json.dumps(verb_names())],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout) == {
        verb: [verb.replace("-", "_")] if verb else [] for verb in ["", *verb_names()]
    }
