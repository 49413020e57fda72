"""What is asked of a run or a comparison is checked where it is made, and never left out."""

from dataclasses import replace
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import volsculpt as vs
from tests.app.running import run
from tests.market.made import BTC, LAST, START_NS
from tests.simulate.histories import bars_of
from tests.simulate.stores import stored
from tests.structure.source_tree import ROOT
from volsculpt.report.result import as_json
from volsculpt.units import DAY_NS, iso

HISTORY = ROOT / "examples" / "history.toml"
QUOTES = ROOT / "examples" / "quotes.toml"
TREASURY = ROOT / "examples" / "treasury.toml"
KEY = LAST.key
DAYS = 300
SPAN = {"from_ns": iso(START_NS + 20 * DAY_NS), "to_ns": iso(START_NS + 200 * DAY_NS)}
MANDATE = """version = 1
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = {{ BTC = 1.0 }}
[[hedge]]
underlying = "BTC"
{policy}
"""
OLS = vs.RatioRequest(estimators=("ols",))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A coin and its contract, which follows it less and less, a price a day."""
    dice = np.random.default_rng(1)
    moves = dice.normal(0.0, 0.02, DAYS)
    follows = np.linspace(1.2, 0.6, DAYS)
    prices, marks = (60_000.0 * np.exp(np.cumsum(one)) for one in (moves, follows * moves))
    bars = [bars_of(BTC, prices, 24), bars_of(LAST, marks, 24)]
    return stored(tmp_path_factory.mktemp("store"), bars)


def refused(call: Any, *given: Any, **named: Any) -> str:  # noqa: ANN401
    """The message of an error on purpose."""
    with pytest.raises(vs.VolsculptError) as error:
        call(*given, **named)
    return str(error.value)


# --- the span of a history ------------------------------------------------------------


def test_a_comparison_of_a_history_is_of_its_span(root: Path) -> None:
    """The same figures as from the store it was opened from, whatever lies around the span."""
    history = vs.open_history(root, KEY)
    asked = replace(OLS, **SPAN)
    from_store = vs.ratio("BTC", data=root, contracts=KEY, request=asked)
    found = vs.ratio("BTC", history, contracts=KEY, request=asked)
    assert found.hedges == from_store.hedges
    assert found.hedges != vs.ratio("BTC", history, contracts=KEY, request=OLS).hedges
    assert found.hedges[0].from_ == iso(START_NS + 21 * DAY_NS)  # at its end a bar is known


def test_a_span_that_a_history_does_not_reach_is_named(root: Path) -> None:
    """With what it has, and no figure of another time."""
    history = vs.open_history(root, KEY)
    told = refused(vs.ratio, "BTC", history, request=vs.RatioRequest(from_ns="2031-01-01"))
    assert f"no prices of BTC by {KEY} from 2031-01-01 on: it has BTC from " in told
    cut = history.between(START_NS + DAY_NS, None)
    assert min(int(one.stamps[0]) for one in cut.series) == START_NS + DAY_NS
    assert history.between(None, START_NS).series == ()


def test_a_coin_of_a_history_is_looked_for_in_it(root: Path, tmp_path: Path) -> None:
    """Not in the usual store, which may not be there; a contract is found without its name."""
    history = vs.open_history(root, KEY)
    found = vs.ratio("BTC", history, request=OLS)
    assert [one.contract for one in found.hedges] == [KEY]
    told = refused(vs.ratio, "DOGE", history, request=OLS)
    assert f"the history has no prices of a perpetual on DOGE; it has {KEY}" in told


# --- costs and requests ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"half_spread": 5}, "half_spread: 5 is no share of price: must be 0.2 or less"),
        ({"half_spread": -0.1}, "half_spread: -0.1 is no share of price; write 0.0001"),
        ({"half_spread": nan}, "half_spread: nan is no share of price"),
        ({"half_spread": True}, "half_spread: True is no share of price"),
        ({"half_spread": None}, "half_spread: None is no share of price"),
        ({"slippage": inf}, "slippage: inf is no share of price"),
        ({"slippage": 1.0}, "slippage: 1.0 is no share of price: must be 0.2 or less"),
        ({"order_delay_steps": -1}, "order_delay_steps: -1 is no whole number of 0 or more"),
        ({"order_delay_steps": 1.5}, "order_delay_steps: 1.5 is no whole number"),
        ({"order_delay_steps": None}, "order_delay_steps: None is no whole number"),
        ({"order_delay_steps": 10**9}, "order_delay_steps: 1000000000 is too many; 100,000"),
        ({"transfer_steps": -1}, "transfer_steps: -1 is no whole number of 0 or more"),
        ({"transfer_steps": nan}, "transfer_steps: nan is no whole number"),
    ],
)
def test_costs_that_no_market_has_are_refused(named: dict[str, Any], message: str) -> None:
    """In the record itself, so in every call that takes one."""
    assert message in refused(vs.Costs, **named)


def test_costs_of_other_libraries_are_numbers() -> None:
    """And of the command line: it reads and refuses by the same rule."""
    found = vs.Costs(np.float64(0.001), np.float32(0.0), np.int64(2), np.int64(0))  # type: ignore[arg-type]
    assert found == vs.Costs(0.001, 0.0, 2, 0)
    for text in ("5", "-0.1", "inf", "nan"):
        done = run("backtest", HISTORY, f"--half-spread={text}")
        assert done.exit_code == 2
        assert f"{text} is no share of price" in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("kind", "named", "message"),
    [
        (vs.RatioRequest, {"refit_rows": -5}, "refit_rows: -5 is no whole number of 1 or more"),
        (vs.RatioRequest, {"refit_rows": 0}, "refit_rows: 0 is no whole number of 1 or more"),
        (vs.RatioRequest, {"refit_rows": 60.5}, "refit_rows: 60.5 is no whole number"),
        (vs.RatioRequest, {"step_ns": -1}, "step_ns: -1 is no length of time"),
        (vs.RunRequest, {"span": (None, None, "59s")}, "a step lasts from a minute (1m) to a day"),
        (vs.RunRequest, {"span": (None, None, "2d")}, "a step lasts from a minute (1m) to a day"),
        (vs.RatioRequest, {"step_ns": 1.5}, "step_ns: 1.5 is no length of time"),
        (vs.RatioRequest, {"from_ns": nan}, "from_ns: nan is no time"),
        (vs.RatioRequest, {"estimators": 5}, "estimators: 5 are no names"),
        (vs.JointRequest, {"days": 0}, "days: 0 is no whole number of 1 or more"),
        (vs.JointRequest, {"days": 30.5}, "days: 30.5 is no whole number"),
        (vs.JointRequest, {"days": 10**9}, "days: 1000000000 is too many"),
        (vs.JointRequest, {"aversion": nan}, "aversion: nan is no number above 0"),
        (vs.JointRequest, {"aversion": -1.0}, "aversion: -1.0 is no number above 0"),
        (vs.JointRequest, {"keep_days": inf}, "keep_days: inf is no number above 0"),
        (vs.JointRequest, {"draws": -1}, "draws: -1 is no whole number of 1 or more"),
        (vs.JointRequest, {"carry": "no"}, "carry: 'no' is neither True nor False"),
        (vs.RunRequest, {"costs": {"half_spread": 0.1}}, "is no Costs; write costs=vs.Costs(...)"),
        (vs.RunRequest, {"costs": (0.1, 0.0)}, "is no Costs; write costs=vs.Costs(...)"),
        (vs.RunRequest, {"allow_missing_funding": "no"}, "'no' is neither True nor False"),
        (vs.RunRequest, {"from_first": 1}, "from_first: 1 is neither True nor False"),
        (vs.HedgeRequest, {"length_ns": 1}, "length_ns: a hedge is for a day or more"),
        (vs.HedgeRequest, {"length_ns": "20000d"}, "to ten years, not 20,000 days"),
        (
            vs.HedgeRequest,
            {"lock": "quarter", "until_ns": "2030-01-01"},
            "lock and until_ns each say when the hedge ends",
        ),
    ],
)
def test_requests_are_checked_where_they_are_made(
    kind: Any,  # noqa: ANN401
    named: dict[str, Any],
    message: str,
) -> None:
    """No number turns a verdict in silence, and none raises an error of Python's own later."""
    assert message in refused(kind, **named)


def test_a_store_is_opened_with_lengths_and_pegs_that_can_be_meant(root: Path) -> None:
    """Each named where it cannot."""
    for given in ("x", [1], -1, 1.5):
        told = refused(vs.open_history, root, KEY, look_back_ns=given)
        assert "is no whole number of nanoseconds" in told
    for pegs in (5, "USDT", [1]):
        assert "is no dict; write" in refused(vs.open_history, root, KEY, pegs=pegs)
    assert "choose one of" in refused(vs.HedgeRequest, lock=["quarter"])


def test_requests_read_days_and_one_name() -> None:
    """As every call does; they keep nanoseconds and several names."""
    found = vs.RatioRequest("2022-01-01", None, "8h", np.int64(5), "ols")  # type: ignore[arg-type]
    assert found == vs.RatioRequest(1_640_995_200 * 10**9, None, 8 * 3_600 * 10**9, 5, ("ols",))


@pytest.mark.parametrize("call", [vs.backtest, vs.paper])
def test_missing_funding_is_allowed_by_true_alone(call: Any) -> None:  # noqa: ANN401
    """To Python a text like "no" is true."""
    for name in ("allow_missing_funding", "from_first"):
        assert f"{name}: 'no' is neither True" in refused(call, HISTORY, **{name: "no"})


# --- contradictions -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "given", "named", "message"),
    [
        (vs.plan, TREASURY, {"at": "2024-05-20", "time_ns": 0}, "time_ns: at names the moment"),
        (vs.decision, TREASURY, {"at": "2024-05-20", "time_ns": 0}, "leave time_ns out"),
        (vs.quick_hedge, "1 BTC", {"at": "2024-05-20", "time_ns": 0}, "leave time_ns out"),
        (vs.quick_hedge, "1 BTC", {"data": "x", "time_ns": 0}, "time_ns: it goes with prices"),
        (vs.plan, TREASURY, {"quotes": QUOTES, "data": "x"}, "data: it means nothing without at"),
        (vs.decision, TREASURY, {"quotes": QUOTES, "data": "x"}, "it means nothing without at"),
        (vs.ratio, HISTORY, {"contracts": KEY}, "contracts: a mandate names its contracts itself"),
    ],
)
def test_what_contradicts_itself_is_refused(
    call: Any,  # noqa: ANN401
    given: object,
    named: dict[str, Any],
    message: str,
) -> None:
    """As the command line does, before anything is read."""
    assert message in refused(call, given, **named)


@pytest.mark.parametrize("call", [vs.backtest, vs.evaluate, vs.paper, vs.ratio])
def test_a_history_and_a_store_are_one_too_many(call: Any) -> None:  # noqa: ANN401
    """Whether the store is there or not."""
    assert "both given" in refused(call, HISTORY, vs.History(), data="/nonexist")


def test_what_a_report_lacks_or_cannot_write_is_an_error_of_ours(tmp_path: Path) -> None:
    """A table, a chart, a file: named, with what there is."""
    plan = vs.plan(TREASURY, quotes=QUOTES)
    calls: list[tuple[Any, tuple[Any, ...], str]] = [
        (plan.to_polars, ("fills",), "table = 'fills': this hedge plan has "),
        (plan.to_pandas, ("fills",), "table = 'fills': this hedge plan has "),
        (plan.figure, ("x",), "chart = 'x': this hedge plan has "),
        (plan.to_html, (tmp_path / "none" / "a.html",), "a.html: cannot be written: No such file"),
        (plan.to_html, ("a\0b.html",), "cannot be written: embedded null byte"),
        (plan.to_html, (5,), "5: cannot be written"),
        (plan.to_png, (tmp_path / "none" / "a.png",), "a.png: cannot be written: No such file"),
        (as_json, ({"figure": nan},), "no JSON can be made of a figure that is not finite"),
    ]
    for call, given, message in calls:
        assert message in refused(call, *given)
        with pytest.raises(vs.ReportError):
            call(*given)
        with pytest.raises(ValueError, match=r"."):  # as Python's own
            call(*given)


@pytest.mark.parametrize("memory", [[1], [1, 2, 3], 5, "ab", {}])
def test_a_memory_that_is_none_is_named(memory: Any) -> None:  # noqa: ANN401
    """As many as there are hedges, in a row."""
    told = refused(vs.decision, TREASURY, quotes=QUOTES, memory=memory)
    assert "is not that of 2 hedges; give what another decision" in told


def test_a_memory_that_a_policy_cannot_read_is_named() -> None:
    """And that of a decision before is taken."""
    text = MANDATE.format(policy='policy = "drawdown-floor"\nfloor = 0.7\nmultiplier = 2.0')
    prices = {"BTC": 60_000.0}
    before = vs.decision(text, prices=prices)
    assert vs.decision(text, memory=before.memory, prices=prices).aims == before.aims
    told = refused(vs.decision, text, memory=[1], prices=prices)
    assert "memory: a policy cannot read it" in told


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda path: vs.load(path), "is no path: embedded null byte"),
        (lambda path: vs.plan(TREASURY, quotes=path), "is no path: embedded null byte"),
        (lambda path: vs.read_contracts(path), "cannot be read: embedded null byte"),
        (lambda path: vs.open_history(path, KEY), "."),
        (lambda path: vs.open_ledger(path), "."),
        (lambda path: vs.open_ledger(path, write=False), "."),
        (lambda path: vs.plan(TREASURY, at="2024-05-20", data=path), "."),
        (lambda path: vs.quick_hedge("1 BTC", data=path), "."),
        (lambda path: vs.ratio("BTC", data=path), "."),
        (lambda path: vs.paper(HISTORY, ledger=path, steps=1), "."),
    ],
)
def test_a_path_that_none_can_be_is_an_error_of_ours(call: Any, message: str) -> None:  # noqa: ANN401
    """In every call that takes one."""
    assert message in refused(call, "a\0b.toml")


def test_a_desk_without_a_ledger_makes_no_file_called_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is no address."""
    monkeypatch.chdir(tmp_path)
    assert "ledger: None is none" in refused(vs.paper, HISTORY, ledger=None, steps=1)
    assert not list(tmp_path.iterdir())
