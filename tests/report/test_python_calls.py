"""What the public calls take from Python, and what they say of what they cannot take."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

import volsculpt as vs
from tests.structure.source_tree import ROOT
from volsculpt.market.quotes import Quotes

EXAMPLES = ROOT / "examples"
TREASURY, HISTORY = EXAMPLES / "treasury.toml", EXAMPLES / "history.toml"
QUOTES = EXAMPLES / "quotes.toml"
MIDNIGHT = 1_716_163_200 * 10**9  # 2024-05-20
PRICES = {"ETH": 3_000.0}


def test_a_plan_takes_a_mandate_in_every_form() -> None:
    """A path, its text and its tables give the same orders."""
    text = TREASURY.read_text(encoding="utf-8")
    given: list[Any] = [str(TREASURY), text, tomllib.loads(text), vs.load(TREASURY)]
    plans = [vs.plan(one, quotes=QUOTES) for one in given]
    assert plans[0].orders
    assert all(one.orders == plans[0].orders for one in plans)
    decided = [vs.decision(one, quotes=QUOTES).aims for one in given]
    assert all(one == decided[0] for one in decided)


def test_a_run_takes_a_mandate_in_every_form() -> None:
    """A desk on paper, and an evaluation, of tables."""
    tables = tomllib.loads(HISTORY.read_text(encoding="utf-8"))
    assert vs.paper(tables, steps=2).tables() == vs.paper(HISTORY, steps=2).tables()
    with pytest.raises(vs.MandateError, match="two mandates are called so"):
        vs.evaluate([tables, tables])
    with pytest.raises(vs.MandateError, match=r"nowhere\.toml: no such file"):
        vs.evaluate("nowhere.toml")
    assert vs.load(HISTORY.read_text(encoding="utf-8")).hedges == vs.load(HISTORY).hedges


@pytest.mark.parametrize(
    "moment",
    [
        MIDNIGHT,
        np.int64(MIDNIGHT),
        "2024-05-20",
        date(2024, 5, 20),
        datetime(2024, 5, 20, tzinfo=UTC),
    ],
)
def test_every_call_takes_a_moment_in_every_form(moment: Any) -> None:  # noqa: ANN401
    """A plan, a decision and a hedge in one line are of the same moment."""
    assert vs.plan(TREASURY, quotes=QUOTES, time_ns=moment).as_of == "2024-05-20T00:00:00Z"
    assert vs.decision(TREASURY, quotes=QUOTES, time_ns=moment).time_ns == MIDNIGHT
    assert vs.quick_hedge("1.3 ETH", prices=PRICES, time_ns=moment).plan.as_of.startswith("2024-05")
    assert vs.RunRequest(span=(moment, None, None)).span == (MIDNIGHT, None, None)
    assert vs.HedgeRequest(until_ns=moment).until_ns == MIDNIGHT


def test_spans_of_runs_are_days_and_lengths() -> None:
    """A desk begins on its day; a span and a length are read where they are asked for."""
    found = vs.paper(HISTORY, steps=1, from_ns="2020-03-01", to_ns=date(2020, 4, 1))
    assert found.as_dict() == vs.paper(HISTORY, steps=1, from_ns=1_583_020_800 * 10**9).as_dict()
    asked = vs.RunRequest(span=("2021-01-01", None, "8h"))  # type: ignore[arg-type]
    assert asked.span[2] == 8 * 3_600 * 10**9
    assert vs.HedgeRequest(length_ns=timedelta(days=3)).length_ns == 3 * 86_400 * 10**9  # type: ignore[arg-type]


def refused(call: Any, *given: Any, **named: Any) -> str:  # noqa: ANN401
    """The message of an error on purpose."""
    with pytest.raises(vs.VolsculptError) as error:
        call(*given, **named)
    return str(error.value)


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"time_ns": "soon"}, "time_ns: 'soon' is no time; write a day, 2021-01-01"),
        ({"time_ns": datetime(2024, 5, 20)}, "has no zone"),  # noqa: DTZ001
        ({"at": 1.5}, "at: 1.5 is no time; give"),
        ({"prices": 60_000}, 'prices: 60000 is no dict by name; write prices={"BTC": 60000}'),
        ({"prices": "BTC=60000"}, "prices: 'BTC=60000' is no dict by name"),
        ({"prices": {1: 2.0}}, "prices: the name 1 must be text"),
        ({"prices": {"BTC": None}}, "the price of BTC must be a number, not None"),
        ({"funding": 0.1}, "funding: 0.1 is no dict by name"),
        ({"funding": {"bybit:BTC/USD:BTC": None}}, "must be a number, like 0.0001"),
        ({"quotes": {"BTC": 1}}, "quotes: {'BTC': 1} is no file of quotes"),
        ({"shocks": 5}, "shocks: 5: give moves above -1"),
        ({"shocks": [-0.2, "a"]}, "give moves above -1 as fractions"),
        ({"shocks": [-1.5]}, "give moves above -1 as fractions"),
    ],
)
def test_a_plan_says_what_it_wants(named: dict[str, Any], message: str) -> None:
    """Each argument of the wrong kind is named, with an example."""
    assert message in refused(vs.plan, TREASURY, **{"quotes": QUOTES, **named})


def test_prices_of_other_libraries_are_numbers() -> None:
    """numpy's numbers are prices like any."""
    given = {"BTC": np.float32(60_000), "ETH": np.int64(3_000)}
    assert vs.plan(TREASURY, prices=given).orders  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("coins", "message"),
    [
        (["1.3 ETH"], "coins: ['1.3 ETH'] names no coins; write \"1.3 ETH 0.2 BTC\" or {"),
        (None, "coins: None names no coins"),
        ({}, "coins: none is named"),
        ({"ETH": "1.3"}, "coins: ETH = '1.3': must be a number of coins"),
        ({"ETH": -1.0}, "coins: ETH = -1.0: must be a number of coins, 0 or more"),
        ({"ETH": float("nan")}, "coins: ETH = nan: must be a number of coins"),
        ({"ETH": True}, "coins: ETH = True: must be a number of coins"),
        ({"ETH": 0}, "coins: ETH = 0: give an amount above 0"),
        ({1: 2}, "coins: the name 1 must be text"),
    ],
)
def test_a_quick_hedge_says_what_it_wants(coins: Any, message: str) -> None:  # noqa: ANN401
    """Coins are text or amounts by name, above 0."""
    assert message in refused(vs.quick_hedge, coins, prices=PRICES)


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"ratio": "50%"}, "ratio: '50%' is no share from 0 to 1"),
        ({"ratio": 50}, "ratio: 50 is no share from 0 to 1"),
        ({"ratio": -0.5}, "ratio: -0.5 is no share"),
        ({"fall": "20%"}, "fall: '20%' is no share"),
        ({"fall": 1.0}, "fall: 1.0 is no share"),
        ({"fall": -1}, "fall: -1 is no share"),
        ({"margin": 5}, "margin: 5 names no coins"),
        ({"margin": {"ETH": -1}}, "margin: ETH = -1: must be a number of coins"),
        ({"length_ns": "x"}, "'x' is no length of time"),
        ({"until_ns": "x"}, "'x' is no time"),
    ],
)
def test_a_request_says_what_it_wants(named: dict[str, Any], message: str) -> None:
    """What a hedge is asked to be is checked where it is asked."""
    assert message in refused(vs.HedgeRequest, **named)


def test_prices_are_checked_before_a_store_is_read() -> None:
    """With a store beside it too."""
    told = refused(vs.quick_hedge, "1 ETH", prices=60_000, data=ROOT)
    assert "prices: 60000 is no dict" in told


@pytest.mark.parametrize("steps", [-1, 0, 1.5, True, "3"])
def test_a_desk_runs_one_step_or_more(steps: Any) -> None:  # noqa: ANN401
    """No number of steps that cannot be made runs nothing in silence."""
    assert "is no whole number of 1 or more" in refused(vs.paper, HISTORY, steps=steps)


@pytest.mark.parametrize(
    ("call", "named", "message"),
    [
        (vs.backtest, {"draws": -1}, "draws: -1 is no whole number of 0 or more"),
        (vs.backtest, {"draws": 1.5}, "draws: 1.5"),
        (vs.backtest, {"from_ns": "x"}, "from_ns: 'x' is no time"),
        (vs.backtest, {"step_ns": "8"}, "step_ns: '8' is no length of time"),
        (vs.backtest, {"step_ns": 0}, "step_ns: 0 is no length of time"),
        (vs.backtest, {"step_ns": "59s"}, "a step lasts from a minute (1m) to a day"),
        (vs.backtest, {"step_ns": 1}, "a step lasts from a minute"),
        (vs.backtest, {"step_ns": "25h"}, "a step lasts from a minute"),
        (vs.backtest, {"from_ns": "2021-01-01", "to_ns": "2020-01-01"}, "is not after from_ns"),
        (vs.paper, {"to_ns": 1.5}, "to_ns: 1.5 is no time"),
    ],
)
def test_a_run_says_what_it_wants(call: Any, named: dict[str, Any], message: str) -> None:  # noqa: ANN401
    """Spans and counts are refused before anything runs."""
    assert message in refused(call, HISTORY, **named)


def test_an_evaluation_says_what_it_wants() -> None:
    """Folds, variants and draws are counts."""
    assert "folds: 0 is no whole number of 1" in refused(vs.evaluate, [HISTORY], folds=0)
    assert "mandate: 5 is none; give the path" in refused(vs.evaluate, 5)
    assert "is not (from, to, step)" in refused(vs.RunRequest, span="2021")
    assert "is not (from, to, step)" in refused(vs.RunRequest, span=("2021-01-01", None))
    assert "besides: -1 is no whole" in refused(vs.evaluate, [HISTORY], besides=-1)
    assert "draws: -1 is no whole" in refused(vs.evaluate, [HISTORY], draws=-1)
    assert "from_ns: 'x' is no time" in refused(vs.RatioRequest, from_ns="x")
    assert "at: 'x' is no time" in refused(vs.propose, HISTORY, at="x")


@pytest.mark.parametrize("call", [vs.plan, vs.decision])
@pytest.mark.parametrize("wrong", [float("nan"), -1.0, True, 0.0, float("inf"), "60000"])
def test_quotes_of_a_program_pass_the_same_gate_as_prices(call: Any, wrong: Any) -> None:  # noqa: ANN401
    """No orders of what is no price: with nan the whole short was bought back."""
    told = refused(call, TREASURY, quotes=Quotes(MIDNIGHT, {"BTC": wrong, "ETH": 3_000.0}))
    assert told.startswith("quotes [index]: the price of BTC must be ")
