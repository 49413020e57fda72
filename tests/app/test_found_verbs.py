"""Verbs are found by their files, and none is imported for another."""

import json
import subprocess
import sys

import pytest
import typer

from tests.app.running import run
from volsculpt.app.cli.finding import (
    FIRST,
    FOLDER,
    GROUPS,
    command,
    constant,
    in_groups,
    summary,
    verb_names,
)

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


@pytest.mark.parametrize("verb", verb_names())
def test_a_verb_says_its_group_and_its_example(verb: str) -> None:
    """In its own file, where --help reads them: a verb without a group would not be listed."""
    file = f"app/cli/verbs/{verb.replace('-', '_')}.py"
    group = constant(verb, "GROUP")
    assert group in GROUPS, f'{file}: set GROUP = "..." to one of {", ".join(GROUPS)}'
    examples = constant(verb, "EXAMPLES") or constant(verb, "EXAMPLE")
    assert examples, f'{file}: set EXAMPLE = "volsculpt {verb} ...", a command that works'


def test_every_verb_is_listed_in_one_group() -> None:
    """Within a group they keep their order, and no group is empty."""
    listed = list(in_groups().values())
    assert sorted(one for verbs in listed for one in verbs) == sorted(verb_names())
    assert all(verbs == sorted(verbs, key=verb_names().index) for verbs in listed)
    assert list(in_groups()) == list(GROUPS.values())
    assert [] not in listed


def test_the_lines_of_help_are_whole() -> None:
    """At 80 columns no verb's line is cut, and the names stand in one column."""
    lines = [line for line in run("--help").stdout.splitlines() if line.startswith("  ")]
    verbs = [line for line in lines if line.split()[0] in verb_names()]
    assert len(verbs) == len(verb_names())
    assert [line for line in verbs if line.endswith("...")] == []
    assert len({line.index(line.split()[1]) for line in verbs}) == 1


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
