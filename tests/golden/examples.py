"""Worked numbers of exchanges, peers and papers, and how a result is held against them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[1] / "data" / "golden.json"

Inputs = dict[str, Any]
Computation = Callable[[Inputs], Mapping[str, object]]


@dataclass(frozen=True)
class Example:
    """One worked number: what goes in, what must come out, how near."""

    identity: str
    topic: str
    inputs: Inputs
    expected: dict[str, Any]
    relative: float
    absolute: float


def examples() -> list[Example]:
    """Every example of the file."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    return [
        Example(
            row["id"],
            row["topic"],
            row["inputs"],
            row["expected"],
            row["tolerance"].get("rel", 0.0),
            row["tolerance"].get("abs", 0.0),
        )
        for row in rows
    ]


def of_topics(*topics: str) -> list[Example]:
    """The examples of some topics."""
    return [example for example in examples() if example.topic in topics]


def name_of(example: Example) -> str:
    """What a test of an example is called."""
    return example.identity


def matches(got: object, expected: object, relative: float, absolute: float) -> bool:
    """Numbers within max(absolute, relative*|expected|); all else exact; lists one by one."""
    if isinstance(expected, dict):
        return (
            isinstance(got, Mapping)
            and set(got) == set(expected)
            and all(matches(got[key], expected[key], relative, absolute) for key in expected)
        )
    if isinstance(expected, list):
        return (
            isinstance(got, list | tuple)
            and len(got) == len(expected)
            and all(matches(*pair, relative, absolute) for pair in zip(got, expected, strict=True))
        )
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return abs(got - expected) <= max(absolute, relative * abs(expected))
    return got == expected


def check(example: Example, computed: Mapping[str, Computation]) -> None:
    """Assert that the package computes the example; one without a computation fails."""
    assert example.identity in computed, f"nothing computes {example.identity}"
    got = computed[example.identity](example.inputs)
    assert set(got) == set(example.expected), f"{example.identity}: other figures than expected"
    off = {
        key: (got[key], figure)
        for key, figure in example.expected.items()
        if not matches(got[key], figure, example.relative, example.absolute)
    }
    assert off == {}, f"{example.identity}: (got, expected) differ"
