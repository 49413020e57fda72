"""Mandates that are refused, each with the exact lines it is refused with."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mandate.samples import BOOK, SECTION9
from volsculpt.errors import MandateError, VolsculptError
from volsculpt.hedge.registry import policy_names
from volsculpt.mandate.kinds import OWN_MESSAGE
from volsculpt.mandate.load import load_mandate, parse_mandate, read_content
from volsculpt.mandate.policy_keys import owners_of_keys

CASES_FILE = Path(__file__).with_name("bad.txt")
JARGON = (
    "pydantic",
    "Input should",
    "type=",
    "Traceback",
    "None",
    "volsculpt_",
    "Table",
    OWN_MESSAGE,
)


def cases() -> Iterator[Any]:
    """(mandate, lines) of each case in the file; a title begins with `===`."""
    for block in CASES_FILE.read_text(encoding="utf-8").split("=== ")[1:]:
        title, _, rest = block.partition("\n")
        text, _, lines = rest.partition("---\n")
        yield pytest.param(text, lines.rstrip("\n").split("\n"), id=title.replace(" ", "-"))


@pytest.mark.parametrize(("text", "lines"), list(cases()))
def test_a_bad_mandate_is_refused_in_these_words(text: str, lines: list[str]) -> None:
    """Every problem is told at once: the file, the place, the value, what is allowed, the fix."""
    path = None if text.startswith("@nofile\n") else Path("bad.toml")
    text = text.replace("@nofile\n", "").replace("@book\n", BOOK)
    with pytest.raises(MandateError) as caught:
        parse_mandate(text, path)
    assert caught.value.problems == [with_policies(line) for line in lines]


def with_policies(line: str) -> str:
    """A line in which the policies there are stand for {policies}, {owners of KEY}."""
    line = line.replace("{policies}", ", ".join(f'"{name}"' for name in policy_names()))
    for key, owners in owners_of_keys().items():
        said = " or ".join(f'"{name}"' for name in owners)
        line = line.replace(f"{{owners of {key}}}", said)
    return line


def test_there_are_many_cases() -> None:
    """The file of cases is read as a whole."""
    assert len(list(cases())) >= 50


def test_a_missing_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    """A mistyped path leads to `init`, not to a trace."""
    with pytest.raises(MandateError, match="no such file; `volsculpt init` writes a mandate"):
        load_mandate(tmp_path / "nowhere.toml")


def test_a_folder_is_told_apart_from_a_file(tmp_path: Path) -> None:
    """A path that is a folder is told as one, with what to name."""
    with pytest.raises(MandateError, match="is a folder; name the mandate in it, a TOML file"):
        load_mandate(tmp_path)


def test_an_empty_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    """A file of nothing, or of spaces, is no mandate with a version missing."""
    for content in ("", " \n\n"):
        (tmp_path / "m.toml").write_text(content, encoding="utf-8")
        with pytest.raises(MandateError, match=r"m\.toml: is empty; `volsculpt init .*--force`"):
            load_mandate(tmp_path / "m.toml")


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    """Latin-1 text is refused by name."""
    (tmp_path / "m.toml").write_bytes('name = "café"'.encode("latin-1"))
    with pytest.raises(MandateError, match="is not UTF-8 text; save it as UTF-8"):
        load_mandate(tmp_path / "m.toml")


def test_a_wrong_contracts_file_is_told_in_its_own_words(tmp_path: Path) -> None:
    """What the catalog says about a contracts file reaches the reader."""
    (tmp_path / "own.toml").write_text("[[contract]]\n", encoding="utf-8")
    (tmp_path / "m.toml").write_text('version = 1\ncontracts_file = "own.toml"\n', encoding="utf-8")
    with pytest.raises(MandateError, match=r'contracts_file = "own.toml": .*give venue = '):
        load_mandate(tmp_path / "m.toml")


@pytest.mark.parametrize("text", ["x = " + "[" * 20_000, "x = " + "{a=" * 20_000, "[[" * 20_000])
def test_brackets_without_end_are_no_toml(text: str) -> None:
    """However deep they stand in each other, which the reader of TOML goes down call by call."""
    with pytest.raises(MandateError, match="is not valid TOML"):
        parse_mandate(text)


@pytest.mark.parametrize("deep", [90, 101, 200, 300])
def test_lists_that_can_be_read_and_not_be_gone_through_are_no_toml(deep: int) -> None:
    """What is left is refused as every other key is."""
    told = "stand too deep inside each other" if deep > 99 else 'unknown key "x"'
    with pytest.raises(MandateError, match=told):
        parse_mandate("version = 1\nx = " + "[" * deep + "]" * deep)


def test_a_number_of_thousands_of_digits_is_no_toml() -> None:
    """Python refuses to read it; so do we, in our words."""
    with pytest.raises(MandateError, match="a number has too many digits"):
        parse_mandate("version = 1\nx = 1" + "0" * 5_000)


def test_of_very_many_names_some_are_listed() -> None:
    """A line stays a line; a name that differs in capitals alone is found among all."""
    many = "".join(f'[[account]]\nname = "a{n}"\nkind = "cold"\n' for n in range(2_000))
    flow = 'currency = "BTC"\namount = 1\nat = 2024-06-01T00:00:00Z\n'
    with pytest.raises(MandateError) as caught:
        parse_mandate(
            f'version = 1\n{many}[[flow]]\naccount = "b"\n{flow}[[flow]]\naccount = "A7"\n{flow}'
        )
    first, second = caught.value.problems
    assert first.endswith('"a28", "a29" and 1,970 more')
    assert second.endswith('did you mean "a7"?')


def leaves(node: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of everything inside some content, tables too."""
    inside = node.items() if isinstance(node, dict) else ()
    for part, value in enumerate(node) if isinstance(node, list) else inside:
        yield (*path, part)
        yield from leaves(value, (*path, part))


def replaced(
    node: Any,  # noqa: ANN401
    path: tuple[str | int, ...],
    value: object,
) -> Any:  # noqa: ANN401
    """A copy of some content with one thing in it replaced."""
    if not path:
        return value
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = replaced(copy[path[0]], path[1:], value)
    return copy


WEIRD: list[Any] = [True, -1, 0, 1e18, 10**40, float("inf"), "", "@", "x" * 200, [], {}, [[]]]
WEIRD += [[{}], {"x": {}}, {"": 1}, ["*"], "*", "BTC/USD:BTC@", "a:b.py:c"]


def sample() -> dict[str, Any]:
    """The content of the design's sample."""
    return tomllib.loads(SECTION9.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", list(leaves(sample())), ids=lambda path: ".".join(map(str, path)))
def test_nothing_that_can_be_written_breaks_the_reader(path: tuple[str | int, ...]) -> None:
    """Any value at any place is taken, or refused in plain words that name the file."""
    for value in WEIRD:
        try:
            read_content(replaced(sample(), path, value), Path("m.toml"))
        except VolsculptError as error:
            for line in str(error).split("\n"):
                assert line.startswith("m.toml: ")
                assert not any(word in line for word in JARGON), line
