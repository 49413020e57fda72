"""Codes that are told apart by number: module constants of whole numbers, on lines that touch."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src/volsculpt"
FOLDERS = ("contracts", "book", "decide", "exchange", "simulate")
NO_CODES = {"TURNS", "PARTS", "CAPACITY", "UP", "DOWN"}  # how many, and signs: reckoned with
Family = dict[str, int]


def whole(node: ast.expr) -> int | None:
    """The whole number that is written there, if one is."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if type(value) is int else None


def families(source: str) -> Iterator[Family]:
    """Runs of two and more names of whole numbers, one a line, no line between them."""
    run: Family = {}
    last = -1
    for node in ast.parse(source).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in NO_CODES:
                number = whole(value)
            case _:
                number = None
        if number is None or node.lineno != last + 1:
            if len(run) > 1:
                yield run
            run = {}
        if number is not None:
            run[name] = number
            last = node.lineno
    if len(run) > 1:
        yield run


def is_lawful(family: Family) -> bool:
    """Whether numbers are counted up by one from 1, 0 or below, or each a bit of its own."""
    found = sorted(family.values())
    counted = found == list(range(found[0], found[0] + len(found))) and found[0] <= 1
    return counted or found == [2**bit for bit in range(len(found))]


def all_families() -> list[Family]:
    """Those of all folders that decide."""
    paths = [path for folder in FOLDERS for path in sorted((PACKAGE / folder).glob("*.py"))]
    return [one for path in paths for one in families(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("family", all_families(), ids=lambda family: next(iter(family)))
def test_codes_of_a_family_are_told_apart(family: Family) -> None:
    """No number twice and none left out, or each a power of two: so no code reads as another."""
    assert is_lawful(family)


def test_families_are_found() -> None:
    """Of refusals, payoffs, reasons of hedges and of legs, and what happened in a step."""
    heads = {next(iter(one)) for one in all_families()}
    assert heads >= {"TAKEN", "INVERSE", "IN_BAND", "MAX_ORDER", "BY_LEVERAGE", "FILLED", "NEVER"}


@pytest.mark.parametrize(
    ("numbers", "lawful"),
    [
        ((0, 1, 2), True),
        ((-1, 0, 1), True),
        ((1, 2, 4, 8), True),
        ((0, 1, 1), False),
        ((0, 1, 3), False),
        ((1, 2, 4, 9), False),
        ((2, 3), False),
    ],
)
def test_a_code_that_reads_as_another_is_found(numbers: tuple[int, ...], lawful: bool) -> None:
    """Twice the same, one left out, two bits in one; a blank line begins another family."""
    source = "".join(f"CODE_{place} = {number}\n" for place, number in enumerate(numbers))
    (family,) = families(source + "\nALONE = 7\nTEXT = 'a'\n")
    assert is_lawful(family) is lawful
