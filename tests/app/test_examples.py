"""Each verb's help ends with an example that works."""

import shlex
from pathlib import Path

import pytest

from tests.app.running import run
from tests.structure.pages import all_verbs, help_text
from tests.structure.sessions import lay_out
from volsculpt.app.cli.finding import command

# Those that take seconds, one after the other as a new user runs them.
RUN = """
init; check; plan; paper; status; why; ledger show; ledger verify; ledger export; replay; pause;
resume; override; data import; data list; data check; features; regime; contracts list;
contracts find; contracts show; explain; schema; version
"""


def example_of(verb: tuple[str, ...]) -> list[str]:
    """The words of the last line of a verb's help, without the program."""
    heading, line = help_text(verb).rstrip().splitlines()[-2:]
    assert heading.strip() == "Example:", f"{verb}: its help ends with no example"
    program, *words = shlex.split(line)
    assert program == "volsculpt"
    return words


@pytest.mark.parametrize("verb", all_verbs(), ids=" ".join)
def test_an_example_is_of_its_verb_and_is_understood(verb: tuple[str, ...]) -> None:
    """It fits into 80 columns, and its options and arguments are taken as they stand."""
    words = example_of(verb)
    assert tuple(words[: len(verb)]) == verb
    assert len(run(*verb, "--help").stdout.rstrip().splitlines()[-1]) <= 80
    found = command(verb[0])
    found = found.commands[verb[1]] if len(verb) > 1 else found
    found.make_context(verb[-1], words[len(verb) :])


def test_a_group_ends_with_the_example_of_one_of_its_verbs() -> None:
    """`volsculpt data --help` shows how one of them is written."""
    assert example_of(("data",)) == example_of(("data", "import"))
    assert example_of(("ledger",)) == example_of(("ledger", "show"))


def test_examples_work_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new user who types them, beginning with `init`, is refused nowhere."""
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    for verb in RUN.split(";"):
        result = run(*example_of(tuple(verb.split())))
        assert result.exit_code == 0, f"{verb.strip()}: {result.output}"
