"""A mandate as a program hands one over: a file, its text, its tables, or one read already."""

import copy
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.structure.source_tree import ROOT
from volsculpt.errors import MandateError
from volsculpt.mandate.given import is_toml, mandate_of
from volsculpt.mandate.load import parse_mandate

TREASURY = ROOT / "examples" / "treasury.toml"
TEXT = TREASURY.read_text(encoding="utf-8")


def tables(**changed: object) -> dict[str, Any]:
    """The tables of the example, some of them changed."""
    return {**tomllib.loads(TEXT), **changed}


def test_a_mandate_is_the_same_however_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Path, text of a path, TOML text, tables, and what was read already give the same book."""
    monkeypatch.chdir(TREASURY.parent)
    read = parse_mandate(TEXT)
    given = [TREASURY, str(TREASURY), "treasury.toml", TEXT, tables(), read]
    found = [mandate_of(one) for one in given]
    assert [one.book for one in found] == [read.book] * len(given)
    assert [one.limits for one in found] == [read.limits] * len(given)
    assert found[-1] is read


@pytest.mark.parametrize(
    ("text", "is_text"),
    [
        ("version = 1\nname = 'x'", True),
        ("\n", True),
        ("version = 1", True),
        ("mandate.toml", False),
        ("", False),
        ("no such file", False),
        ("runs/from=2021/mandate.toml", False),
        ("here=there", False),  # a file of that name is there
        ("here=not", True),
        ("a\0=b", True),
    ],
)
def test_a_text_is_told_from_a_path(
    text: str, is_text: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line feed makes a text a mandate, and `=` where no file has that name."""
    (tmp_path / "here=there").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert is_toml(text) is is_text


def test_paths_of_other_libraries_are_paths(tmp_path: Path) -> None:
    """Whatever says that it is a path is one."""

    class Place(os.PathLike[str]):
        def __fspath__(self) -> str:
            return str(TREASURY)

    given: Any = Place()
    assert mandate_of(given).book == parse_mandate(TEXT).book


def test_numbers_of_numpy_are_numbers() -> None:
    """Arrays, and numbers that were computed, stand where TOML has lists and numbers."""
    limits = {"max_leverage": np.float32(3.0), "min_ratio": np.int64(0)}
    plans = [{"source": ["vault"], "leverage_band": np.array([1.5, 2.0, 2.0, 2.5])}]
    found = mandate_of(tables(limits=limits, collateral=plans))
    assert found.limits.max_leverage == 3.0
    assert found.collateral[0].leverage_band == (1.5, 2.0, 2.0, 2.5)


def test_what_is_given_is_left_as_it_was() -> None:
    """Reading a dict changes nothing in it."""
    given = tables()
    before = copy.deepcopy(given)
    mandate_of(given)
    assert given == before


def deep() -> dict[str, Any]:
    """Tables without an end."""
    found: dict[str, Any] = {}
    found["inside"] = found
    return found


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "mandate: None is none; give the path of a TOML file"),
        ([1], "mandate: [1] is none; give the path of a TOML file"),
        ({}, "mandate: version is missing"),
        ({1: 2}, "mandate: the key 1 must be text, like '1'"),
        (tables(limits={3: 4}), "mandate: limits: the key 3 must be text"),
        (tables(limits={"max_leverage": "4"}), "mandate: [limits]: max_leverage"),
        (tables(limits={"max_leverage": {4}}), "max_leverage"),
        (tables(hedge=[{"underlying": "BTC", "ratio": object()}]), "[[hedge]] 1 (BTC): ratio"),
        (tables(hedge={"underlying": "BTC", "ratio": 0.5}), "[[hedge]]"),
        (tables(name=b"x"), "mandate: name"),
        (tables(hedge=[deep()]), "mandate: hedge, number 1: brackets stand too deep"),
        (deep(), "too deep"),
        ("version = ", "mandate: end of document: is not valid TOML"),
        ("version = 1\nhedgee = 3", "unknown key"),
        ("tresury.toml", "tresury.toml: no such file"),
    ],
)
def test_what_is_no_mandate_is_refused_in_words(given: Any, message: str) -> None:  # noqa: ANN401
    """Each error names the place, as it does for a file."""
    with pytest.raises(MandateError) as refused:
        mandate_of(given)
    assert message in str(refused.value)


def test_files_beside_it_need_a_file() -> None:
    """What a text or a dict names beside itself cannot be found, and that is said."""
    given: Mapping[str, Any] = tables(contracts_file="contracts.toml")
    with pytest.raises(MandateError, match="a mandate that is not a file cannot name another"):
        mandate_of(given)
