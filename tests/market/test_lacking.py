"""What is said where a store lacks what is asked."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.app.running import foreign_options, run
from tests.market.made import BTC, LAST, START_NS
from tests.simulate.histories import bars_of
from tests.simulate.stores import stored as made
from volsculpt.market.lacking import no_price_at, not_stored, span_of, span_words
from volsculpt.market.series import Bars
from volsculpt.market.store import stored
from volsculpt.units import DAY_NS, iso_day

DAYS = 20
KEY = LAST.key
ENDS = f"{iso_day(START_NS)} to {iso_day(START_NS + DAYS * DAY_NS)}"
MANDATE = """version = 1
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 1.0 }
[[hedge]]
underlying = "BTC"
RULE
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty days of a coin and its contract, by the hour."""
    prices = 60_000.0 + np.arange(DAYS * 24, dtype=np.float64)
    return made(tmp_path_factory.mktemp("lacking"), [bars_of(BTC, prices), bars_of(LAST, prices)])


def verbs_of(folder: Path, outside: str) -> list[list[str]]:
    """Every verb that reads a store, at times that it does not hold."""
    mandates = {}
    for name, rule in (("fixed", "ratio = 0.5"), ("regime", 'policy = "regime"')):
        mandates[name] = str(folder / f"{name}.toml")
        Path(mandates[name]).write_text(MANDATE.replace("RULE", rule), encoding="utf-8")
    span = ["--from", outside, "--to", f"{outside[:8]}28"]
    return [
        ["plan", mandates["fixed"], "--at", outside],
        ["backtest", mandates["fixed"], *span],
        ["evaluate", mandates["fixed"], *span, "--folds", "1"],
        ["paper", mandates["fixed"], *span, "--ledger", "memory:"],
        ["ratio", mandates["fixed"], *span],
        ["ratio", "BTC", *span],
        ["regime", "BTC", "--at", outside],
        ["regime", mandates["regime"], "--at", outside],
        ["features", "BTC", "--at", outside],
    ]


def test_a_time_outside_is_told_with_what_is_stored(root: Path, tmp_path: Path) -> None:
    """By every verb: from when to when, and what to do."""
    for words in verbs_of(tmp_path, "2030-01-01"):
        result = run(*words, "--data", root)
        said = " ".join(result.stderr.split())
        assert result.exit_code == 8, (words, result.output)
        assert f"BTC from {ENDS}" in said, words
        assert "none of it" in said, words
        assert "choose a time inside" in said, words
        assert "2030-01-01" in said, words


@pytest.mark.parametrize("there", [True, False])
def test_an_empty_store_names_the_way_out(tmp_path: Path, there: bool) -> None:
    """By every verb: which folder it looked in, and the verb that fills it."""
    root = tmp_path / "nothing"
    if there:
        root.mkdir()
    for words in [*verbs_of(tmp_path, "2021-01-01"), ["data", "check"]]:
        result = run(*words, "--data", root)
        assert result.exit_code == 8, (words, result.output)
        said = " ".join(result.stderr.split())
        assert f"`volsculpt data import FOLDER --data {root}` stores" in said, words
        assert ("there is no such folder" in said) is not there, words


def test_a_name_that_is_not_stored_is_told_with_others(root: Path) -> None:
    """Whatever the time: first what is not there at all."""
    every = stored(root)
    said = str(not_stored(root, ["BTC", "ETH"], every, span_words(0, DAY_NS)))
    assert "no prices stored of ETH; nearest of the 2 there are" in said
    said = str(not_stored(root, ["BTC"], every, index_venue="okx"))
    assert "BTC (indexes of okx, the index_venue); there are those of binance" in said


def test_a_shared_span_is_named(root: Path) -> None:
    """Of several, the time in which all are stored."""
    said = str(not_stored(root, ["BTC", KEY], stored(root), span_words(0, None)))
    assert f"choose a time inside (from {ENDS})" in said
    assert "none of it from 1970-01-01 on" in said


@given(st.lists(st.sampled_from(["BTC", KEY, "ETH", "DOGE"]), min_size=1, unique=True))
def test_nothing_is_called_stored_that_is_not(root: Path, lacking: list[str]) -> None:
    """And what is stored is not called missing beside what is."""
    every = stored(root)
    said = str(not_stored(root, lacking, every, "then")).removeprefix(f"{root}: ")
    missing = [name for name in lacking if span_of(name, every) is None]
    assert said.startswith("no prices stored of" if missing else "stored is")
    first = said.partition(";")[0]
    assert all(name in first.replace(",", " ").split() for name in missing or lacking)


def test_a_gap_is_told_with_what_the_verb_can_do(tmp_path: Path) -> None:
    """From when to when there is nothing; a price only where the verb takes one."""
    prices = 60_000.0 + np.arange(DAYS * 24, dtype=np.float64)
    there = np.array([not 5 <= hour // 24 < 15 for hour in range(DAYS * 24)])
    root = made(tmp_path, [with_rows(bars_of(one, prices), there) for one in (BTC, LAST)])
    ends, goes_on = (iso_day(START_NS + day * DAY_NS) for day in (5, 15))
    inside = iso_day(START_NS + 8 * DAY_NS)
    verbs = {words[0]: words for words in verbs_of(tmp_path, inside)}
    joint = ["ratio", verbs["plan"][1], "--joint", "--to", inside]
    at = ["--at", inside]
    for words, gives in (
        (["regime", verbs["regime"][1], *at], False),
        (joint, False),
        (["plan", verbs["plan"][1], *at], True),
        (["plan", verbs["regime"][1], *at], True),
        (["hedge", "2 BTC", *at], True),
    ):
        result = run(*words, "--data", root)
        assert result.exit_code == 4, (words, result.output)
        said = " ".join(result.stderr.split())
        assert (
            f"no price at {inside}: BTC as stored ends at {ends} and goes on at {goes_on}" in said
        )
        assert "choose another time" in said
        assert "`volsculpt data import`" in said
        assert ("--price BTC=PRICE" in said) is gives, words


def with_rows(bars: Bars, there: npt.NDArray[np.bool_]) -> Bars:
    """Some of its bars alone."""
    parts = ("open_ns", "open", "high", "low", "close")
    return replace(bars, volume=None, **{name: getattr(bars, name)[there] for name in parts})


def test_a_coin_that_was_never_stored_is_told_beside_a_gap(root: Path) -> None:
    """Before the first price, and none at all; without options where there are none."""
    before = START_NS - DAY_NS
    said = no_price_at(root, ["BTC", "SOL"], before, None, "")
    assert said == (
        f"{root}: no price at {iso_day(before)}: BTC as stored begins at {iso_day(START_NS)} "
        f"01:00, SOL is not stored; choose another time or import more with `volsculpt data import`"
    ).replace(" 01:00", "T01:00:00Z")
    assert "or add --price SOL=PRICE" in no_price_at(root, ["SOL"], 0, "okx", "--price SOL=PRICE")


def test_options_of_other_verbs_are_found_in_messages() -> None:
    """What `run` holds every message to: an option that is named is one of the verb."""
    told = "no price: add --price BTC=PRICE, or `volsculpt plan X --funding Y`"
    assert foreign_options(["regime", "BTC"], told) == ["--price"]
    assert foreign_options(["plan", "BTC"], told) == []
    assert foreign_options(["data", "import", "x"], "say --name, not --price") == ["--price"]
    assert foreign_options(["regime", "--price"], told) == []


def test_a_run_that_begins_in_a_gap_is_told_to_begin_elsewhere(tmp_path: Path) -> None:
    """An end before its own beginning is no advice."""
    prices = 60_000.0 + np.arange(DAYS * 24, dtype=np.float64)
    there = np.array([not 5 <= hour // 24 < 15 for hour in range(DAYS * 24)])
    root = made(tmp_path, [with_rows(bars_of(one, prices), there) for one in (BTC, LAST)])
    file = verbs_of(tmp_path, "2021-01-01")[0][1]
    for begin, told in ((7, "begin at another time (--from)"), (2, "end earlier (--to ")):
        ends = [iso_day(START_NS + day * DAY_NS) for day in (begin, 13)]
        words = ["--data", root, "--from", ends[0], "--to", ends[1], "--folds", "1"]
        result = run("evaluate", file, *words)
        assert result.exit_code == 8
        assert told in " ".join(result.stderr.split())
