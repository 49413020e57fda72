"""`volsculpt ratio` on a made-up store: what is printed, and what is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import volsculpt as vs
from tests.app.running import mandate, run
from volsculpt.app.cli.published import published
from volsculpt.hedge.estimators.dcc import Dcc
from volsculpt.hedge.estimators.garch import Garch
from volsculpt.hedge.estimators.inverse import InverseClosedForm
from volsculpt.hedge.estimators.naive import Naive
from volsculpt.hedge.estimators.ols import Ols
from volsculpt.market.series import Label, Prices
from volsculpt.market.store import save
from volsculpt.report.rows import ratio as rows
from volsculpt.units import DAY_NS

DAYS = 300
START = 19_700 * DAY_NS
KEY = "bybit:BTC/USD:BTC"


def kept(root: Path, label: Label, prices: Any, missing: int | None = None) -> None:  # noqa: ANN401
    """Prices at midnights, in a store."""
    stamps = START + DAY_NS * np.arange(len(prices), dtype=np.int64)
    there = np.arange(len(prices)) != missing
    save(root, Prices(label, stamps[there], np.asarray(prices)[there]), START)


def label(venue: str, symbol: str, role: Any, quote: str = "USD") -> Label:  # noqa: ANN401
    """What a series is of."""
    return Label(venue, symbol, role, quote, "synthetic")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """300 days of a coin, of its own contract, and of another coin that moves 0.7 as much."""
    random = np.random.default_rng(3)
    returns = random.normal(0.0, 0.03, DAYS)
    basis = random.normal(0.0, 0.002, DAYS)
    coin = 50_000.0 * np.exp(np.cumsum(returns))
    other = 3_000.0 * np.exp(np.cumsum(0.7 * returns + random.normal(0.0, 0.01, DAYS)))
    root = tmp_path / "store"
    kept(root, label("bitstamp", "BTC", "index"), coin)
    kept(root, label("bitstamp", "ETH", "index"), other)
    kept(root, label("bybit", "BTC/USD:BTC", "mark"), coin * np.exp(basis), missing=100)
    return root


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three estimators, so that a run takes a second."""
    monkeypatch.setattr(rows, "ESTIMATORS", (Naive, Ols, InverseClosedForm))


@pytest.mark.usefixtures("few")
def test_json_is_as_published(store: Path) -> None:
    """One object that obeys its schema, with a row for each estimator."""
    done = run("ratio", "BTC", "--data", store, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    Draft202012Validator(published("ratio")).validate(found)
    (hedge,) = found["hedges"]
    assert (hedge["contract"], hedge["payoff"], hedge["own"]) == (KEY, "inverse", True)
    assert (hedge["rows"], hedge["tested_rows"], hedge["dropped"]) == (DAYS - 3, 149, 2)
    naive, ols, inverse = hedge["estimators"]
    assert (naive["ratio"], naive["ratio_std"], naive["verdict"]) == (1.0, 0.0, "reference")
    assert 0.9 < ols["ratio"] < 1.0
    assert ols["variance_left_out_low"] < ols["variance_left_out"] < ols["variance_left_out_high"]
    assert inverse["difference"] == pytest.approx(
        inverse["variance_left_out"] - naive["variance_left_out"]
    )


@pytest.mark.usefixtures("few")
def test_a_page_fits_and_ends_with_a_sentence(store: Path) -> None:
    """80 columns; the conclusion stands under its table."""
    done = run("ratio", "BTC", "--data", store)
    assert done.exit_code == 0, done.output
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "Out of sample (149 steps from" in done.stdout
    assert "3 steps" not in done.stdout.splitlines()[3]


@pytest.mark.usefixtures("few")
def test_another_coin_is_a_beta(store: Path) -> None:
    """By the contract of the coin it follows: 0.7 of face, and 1 leaves measurably more."""
    done = run("ratio", "ETH", "--contract", KEY, "--data", store, "--json")
    assert done.exit_code == 0, done.output
    (hedge,) = json.loads(done.stdout)["hedges"]
    naive, ols = hedge["estimators"]  # the inverse form is for a coin's own contract
    assert abs(ols["ratio"] - 0.7) < 3.0 * ols["ratio_std"]
    assert ols["verdict"] == "less"
    assert naive["variance_left_out"] > ols["variance_left_out_high"]
    assert "it matters, ols takes" in hedge["sentence"]


@pytest.mark.usefixtures("few")
def test_a_mandate_names_its_contracts(store: Path, tmp_path: Path) -> None:
    """The contract that its hedge may trade."""
    done = run("ratio", mandate(tmp_path), "--data", store, "--json")
    assert done.exit_code == 0, done.output
    assert [one["contract"] for one in json.loads(done.stdout)["hedges"]] == [KEY]


SEVERAL = """version = 1
name = "several"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0, ETH = 30.0 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.5, ETH = 5.0 }
[[hedge]]
underlying = "BTC"
ratio = 0.5
use = [{ account = "coinm", contract = "BTC/USD:BTC" }]
[[hedge]]
underlying = "ETH"
ratio = 0.5
use = [{ account = "coinm", contract = "ETH/USD:ETH" }]
[[hedge]]
underlying = "SOL"
ratio = 0.5
proxy = { BTC = 0.6, ETH = 0.4 }
"""
PAIRS = [("BTC", "BTC"), ("ETH", "ETH"), ("SOL", "BTC"), ("SOL", "ETH")]


@pytest.fixture
def several(store: Path, tmp_path: Path) -> Path:
    """A mandate of three coins, one of them by the contracts of both others; what it needs."""
    moves = np.random.default_rng(8).normal(0.0, 0.03, (2, DAYS))
    sol, eth = 100.0 * np.exp(np.cumsum(moves[0])), 3_000.0 * np.exp(np.cumsum(moves[1]))
    kept(store, label("bitstamp", "SOL", "index"), sol)
    kept(store, label("bybit", "ETH/USD:ETH", "mark"), eth)
    return mandate(tmp_path, SEVERAL)


@pytest.mark.usefixtures("few")
def test_a_mandate_of_several_coins_and_proxies(store: Path, several: Path) -> None:
    """A table of each coin by each contract that hedges it, in text, as JSON and as a page."""
    page = store.parent / "page.html"
    done = run("ratio", several, "--data", store, "--report", page)
    assert done.exit_code == 0, done.output
    html = page.read_text(encoding="utf-8")
    for coin, other in PAIRS:
        title = f"{coin} by bybit:{other}/USD:{other}"
        assert title.upper() in done.stdout.upper()
        assert title in html
    found = json.loads(run("ratio", several, "--data", store, "--json").stdout)
    Draft202012Validator(published("ratio")).validate(found)
    assert [(one["underlying"], one["contract"]) for one in found["hedges"]] == [
        (coin, f"bybit:{other}/USD:{other}") for coin, other in PAIRS
    ]


def test_from_python_it_is_the_same(store: Path, several: Path) -> None:
    """Rows as frames, from the store and from a history; estimators by name, naive beside them."""
    request = vs.RatioRequest(estimators=("ols",))
    found = vs.ratio(several, data=store, request=request)
    frame = found.to_polars()
    assert frame["estimator"].to_list() == ["naive", "ols"] * len(PAIRS)
    assert frame["underlying"].unique(maintain_order=True).to_list() == ["BTC", "ETH", "SOL"]
    assert found.to_polars("hedges")["rows"].min() >= DAYS - 3
    keys = ("bybit:BTC/USD:BTC", "bybit:ETH/USD:ETH")
    history = vs.open_history(store, keys, ("BTC", "ETH", "SOL"))
    again = vs.ratio(vs.load(several), history, request=request)
    assert [one.estimators for one in again.hedges] == [one.estimators for one in found.hedges]
    one = vs.ratio("BTC", data=store, contracts=[KEY], request=request)
    assert [one.estimators for one in one.hedges] == [found.hedges[0].estimators]
    assert json.loads(one.to_json())["failed"] == []


def test_from_python_what_is_wrong_is_named(store: Path, several: Path) -> None:
    """An estimator that is none; a history without the coin."""
    with pytest.raises(vs.EstimateError, match=r"estimator = 'best': there is naive, ols"):
        vs.ratio(several, data=store, request=vs.RatioRequest(estimators=("best",)))
    history = vs.open_history(store, (KEY,), ("BTC",))
    found = vs.ratio(several, history, request=vs.RatioRequest(estimators=("ols",)))
    assert [one.underlying for one in found.hedges] == ["BTC"]
    assert "the history has no prices of ETH" in found.failed[0].reason


def test_what_cannot_be_fitted_says_why(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row has no figures and the reason; the others stand."""
    monkeypatch.setattr(rows, "ESTIMATORS", (Naive, Garch, Dcc))
    monkeypatch.setattr(Dcc, "FEWEST", 1_000)
    done = run("ratio", "BTC", "--data", store, "--json")
    found = json.loads(done.stdout)["hedges"][0]["estimators"]
    assert found[0]["verdict"] == "reference"
    assert found[2]["ratio"] is None
    assert "dcc: 148 returns" in found[2]["note"]
    assert "dcc: dcc:" not in run("ratio", "BTC", "--data", store).stdout
    assert "dcc: 148 returns" in " ".join(run("ratio", "BTC", "--data", store).stdout.split())


@pytest.mark.usefixtures("few")
def test_one_contract_that_fails_ends_no_run(store: Path) -> None:
    """It is named with what it lacks, the others are printed, and the exit code says so."""
    asked = ("ratio", "BTC", "--contract", "okx:BTC/USD:BTC", "--contract", KEY, "--data", store)
    done = run(*asked, "--json")
    found = json.loads(done.stdout)
    Draft202012Validator(published("ratio")).validate(found)
    assert done.exit_code == 8
    assert [one["contract"] for one in found["hedges"]] == [KEY]
    (failed,) = found["failed"]
    assert (failed["underlying"], failed["contract"]) == ("BTC", "okx:BTC/USD:BTC")
    shown = run(*asked)
    assert shown.exit_code == 8
    assert "WITHOUT FIGURES" in shown.stdout
    assert failed["reason"][:30] in " ".join(shown.stdout.split())
    assert run("ratio", "BTC", "--data", store).exit_code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["DOGE"], 8, "no prices stored of a perpetual on DOGE"),
        (["BTC", "--step", "7d"], 8, "of 120 needed"),
        (["BTC", "--step", "7d"], 8, "give a longer span, a shorter step (--step)"),
        (["BTC", "--step", "8h"], 8, "their stored prices are 1d apart: give --step 1d, or import"),
        (["BTC", "--step", "soon"], 2, "write hours or days"),
        (["BTC", "--contract", "bybit:BTC/USD"], 3, "bybit"),
        (["BTC", "--from", "2030-01-01"], 8, "none of it from 2030-01-01 on"),
        (["gone.toml"], 2, "gone.toml"),
        (["m.toml", "--contract", KEY], 2, "names its contracts itself"),
    ],
)
def test_what_is_wrong_is_named(store: Path, words: list[str], code: int, said: str) -> None:
    """With its exit code; nothing on stdout."""
    done = run("ratio", *words, "--data", store)
    assert done.stdout == ""
    assert said in " ".join(done.stderr.split()).replace("│ ", "")
    assert done.exit_code == code


def test_nothing_later_changes_what_was_held(store: Path) -> None:
    """Prices after a day changed: each ratio walked forward up to it is the same."""
    from volsculpt.hedge.estimators.moves import own_moves
    from volsculpt.hedge.estimators.walk import walk_forward

    random = np.random.default_rng(2)
    spot = 100.0 * np.exp(np.cumsum(random.normal(0.0, 0.03, 200)))
    mark = spot * np.exp(random.normal(0.0, 0.002, 200))
    changed = np.concatenate([spot[:150], 2.0 * spot[150:]])
    both = [own_moves(one, mark, "inverse") for one in (spot, changed)]
    held = [walk_forward(Ols(), one.moved[:, None], one.held, 100, 20) for one in both]
    assert np.array_equal(held[0][:49], held[1][:49])


def test_a_coin_that_stands_still_out_of_sample_is_told(store: Path, few: None) -> None:
    """Variance left of none is no figure."""
    half = np.where(np.arange(DAYS) < DAYS // 2, np.arange(DAYS) % 7, 0)
    kept(store, label("bitstamp", "LTC", "index"), 100.0 + half)
    done = run("ratio", "LTC", "--contract", KEY, "--data", store)
    told = " ".join(done.stderr.split())
    assert f"LTC by {KEY}: the price of LTC does not move in the 149 steps out of sample" in told
    assert "look at it with `volsculpt data check`, or give another span" in told
