"""Folds of a history: each begins as a backtest begins, beside one static hedge in all of them."""

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import volsculpt as vs
from tests.market.made import START_NS
from tests.simulate.histories import wandering
from tests.simulate.stores import HEAD, MARGIN, perpetual, rising
from volsculpt.errors import BookError, HistoryError, MandateError
from volsculpt.mandate.objects import Mandate
from volsculpt.market.opening import open_history
from volsculpt.market.synthetic import demo_market
from volsculpt.simulate import walk_forward as walking
from volsculpt.simulate.run import RunRequest, run_mandate
from volsculpt.simulate.walk_forward import WalkForward, fold_ends, walk_forward, walks_of
from volsculpt.units import DAY_NS, HOUR_NS

pytestmark = pytest.mark.usefixtures("kernel")
FROM_NS = START_NS + 4 * DAY_NS
COSTS = vs.Costs()
CALM = MARGIN.format("BTC = 1.0") + (
    '[[hedge]]\nunderlying = "BTC"\npolicy = "vol-target"\nvolatility = 0.4\nhalf_life = "1d"\n'
)
HALF = MARGIN.format("BTC = 1.0") + '[[hedge]]\nunderlying = "BTC"\nratio = 0.5\n'
PRICES = wandering(11 * 24, 3)


def request(days: float, step_hours: int = 1) -> RunRequest:
    """The span from the fourth midnight on."""
    to_ns = FROM_NS + round(days * DAY_NS)
    return RunRequest((FROM_NS, to_ns, step_hours * HOUR_NS), COSTS, allow_missing_funding=False)


def mandate(folder: Path, text: str = CALM, name: str = "calm") -> Mandate:
    """A mandate of that name."""
    path = folder / f"{name}.toml"
    path.write_text(f'{HEAD}name = "{name}"\n{text}', encoding="utf-8")
    return vs.load(path)


def walked(folder: Path, folds: int, text: str = CALM) -> WalkForward:
    """A mandate through six days."""
    store = perpetual(folder, PRICES, 0.0001)
    return walk_forward(mandate(folder, text), None, store, request(6), folds)


@given(st.integers(1, 3_000), st.integers(1, 40), st.integers(0, DAY_NS - 1))
def test_folds_share_out_the_time(days: int, folds: int, rest_ns: int) -> None:
    """One after the other, whole days from the first moment, as long as each other to a day."""
    end = FROM_NS + days * DAY_NS + rest_ns
    if days < 2 * folds:
        with pytest.raises(HistoryError, match=f"too few for {folds} folds"):
            fold_ends(FROM_NS, end, folds)
        return
    ends = fold_ends(FROM_NS, end, folds)
    lengths = np.diff(ends)
    assert (ends[0], ends[-1], len(lengths)) == (FROM_NS, end, folds)
    assert (lengths[:-1] % DAY_NS == 0).all()
    assert lengths[:-1].max(initial=0) - lengths[:-1].min(initial=end) <= DAY_NS
    assert abs(lengths[-1] - rest_ns - (end - FROM_NS - rest_ns) // folds) <= DAY_NS


def test_folds_by_hand() -> None:
    """Ten days in three."""
    days = [(end - FROM_NS) // DAY_NS for end in fold_ends(FROM_NS, FROM_NS + 10 * DAY_NS, 3)]
    assert days == [0, 3, 7, 10]
    with pytest.raises(HistoryError, match="0 folds"):
        fold_ends(FROM_NS, FROM_NS + 10 * DAY_NS, 0)


def test_folds_end_with_a_step() -> None:
    """Steps of 7 hours end with a day every 7 days, and folds do then; too few such are refused."""
    for days, step_ns, wanted in (
        (30, 7 * HOUR_NS, [0, 7, 21, 30]),
        (30, 8 * HOUR_NS, [0, 10, 20, 30]),
        (31, 2 * DAY_NS, [0, 10, 20, 31]),
        (30, None, [0, 10, 20, 30]),
    ):
        ends = fold_ends(FROM_NS, FROM_NS + days * DAY_NS, 3, step_ns)
        assert [(end - FROM_NS) // DAY_NS for end in ends] == wanted
    with pytest.raises(HistoryError, match="steps of 7h end with a day every 7 days alone"):
        fold_ends(FROM_NS, FROM_NS + 20 * DAY_NS, 3, 7 * HOUR_NS)
    assert fold_ends(FROM_NS, FROM_NS + 5 * DAY_NS, 1, 7 * HOUR_NS)[0] == FROM_NS


def test_a_volatility_is_asked_for_where_one_hedge_asks(tmp_path: Path) -> None:
    """Of two that do each is of all wealth: then there is none to hold the run against."""
    history = demo_market().history
    span = (int(history.index["BTC"].stamps[0]) + 60 * DAY_NS, 0, DAY_NS)
    asked = replace(request(1), span=(span[0], span[0] + 4 * DAY_NS, DAY_NS))
    other = CALM.split("[[hedge]]")[1].replace("BTC", "ETH").replace("0.4", "0.3")
    two = f'{CALM}[[hedge]]{other}proxy = "BTC"\n'
    assert walk_forward(mandate(tmp_path), history, None, asked, 1).volatility == 0.4
    assert walk_forward(mandate(tmp_path, two), history, None, asked, 1).volatility is None


def test_a_whole_history_begins_where_all_is_known(tmp_path: Path) -> None:
    """Without dates: from the first stamp of a run of it all to the last; one end may be told."""
    history = open_history(perpetual(tmp_path, PRICES, 0.0001), ("bybit:BTC/USD:BTC",))
    one, (begin, end, step_ns) = mandate(tmp_path, HALF), request(6).span
    whole = run_mandate(one, history, None, replace(request(6), span=(None, None, step_ns)))
    for first, last in ((None, None), (begin, None), (None, end)):
        asked = replace(request(6), span=(first, last, step_ns))
        (fold,) = walk_forward(one, history, None, asked, 1).folds
        record = fold.record
        stamps = whole.stamps_ns.tolist()
        wanted = (stamps[0] if first is None else first, stamps[-1] if last is None else last)
        assert (record.stamps_ns[0], record.stamps_ns[-1]) == wanted


def test_a_fold_begins_as_a_backtest_begins(tmp_path: Path) -> None:
    """The hedged book of each is that of a backtest of its days, to the bit, and warm."""
    found = walked(tmp_path, 2)
    for place, fold in enumerate(found.folds):
        span = (FROM_NS + place * 3 * DAY_NS, FROM_NS + (place + 1) * 3 * DAY_NS, HOUR_NS)
        alone = run_mandate(mandate(tmp_path), None, tmp_path, RunRequest(span, COSTS, False))
        assert (fold.record.hedged_usd == alone.hedged_usd).all()
        assert not np.isnan(fold.record.hedges[0].target_ratio[0])


def test_one_fold_is_the_backtest(tmp_path: Path) -> None:
    """Its static hedge too."""
    (fold,) = walked(tmp_path, 1).folds
    alone = run_mandate(mandate(tmp_path), None, tmp_path, request(6))
    assert fold.record.static_usd is not None
    assert alone.static_usd is not None
    assert (fold.record.static_usd == alone.static_usd).all()
    assert fold.record.static_words == alone.static_words


def test_the_static_hedge_is_one_for_all_folds(tmp_path: Path) -> None:
    """Its ratio is the mean held over all of them: holding more in one fold is timing too."""
    found = walked(tmp_path, 3)
    held = np.concatenate([one.hedges[0].held_ratio[1:] for one in found.records])
    (words,) = {one.static_words for one in found.records}
    assert words == f"the mean held ratio: BTC {round(100.0 * held.mean(), 1):g} %"


def test_the_future_of_a_fold_does_not_matter(tmp_path: Path) -> None:
    """Other prices from the fourth day on leave the first fold's book and forecasts as they are."""
    changed = PRICES.copy()
    changed[7 * 24 :] *= np.linspace(1.0, 1.5, changed[7 * 24 :].size)
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = walk_forward(
        mandate(tmp_path), None, perpetual(tmp_path / "one", PRICES, 0.0001), request(6), 2
    )
    two = walk_forward(
        mandate(tmp_path), None, perpetual(tmp_path / "two", changed, 0.0001), request(6), 2
    )
    assert (one.folds[0].record.hedged_usd == two.folds[0].record.hedged_usd).all()
    assert (one.folds[0].forecasts[0].sigma == two.folds[0].forecasts[0].sigma).all()
    assert (one.folds[1].record.hedged_usd[6:] != two.folds[1].record.hedged_usd[6:]).any()


def test_forecasts_are_those_of_the_policy(tmp_path: Path) -> None:
    """1 - wanted/forecast is the target; a policy without a forecast has none."""
    (fold,) = walked(tmp_path, 1).folds
    (path,) = fold.forecasts
    target = np.clip(1.0 - 0.4 / path.sigma, 0.0, 1.0)
    assert fold.record.hedges[0].target_ratio == pytest.approx(target, rel=1e-12)
    assert list(fold.yardsticks) == ["EWMA 0.94", "EWMA 0.97"]
    assert walked(tmp_path, 1).volatility == 0.4
    plain = walked(tmp_path, 1, HALF)
    assert (plain.folds[0].forecasts, plain.volatility, plain.coins) == ((), None, ("BTC",))
    assert plain.folds[0].yardsticks == {}


@pytest.mark.parametrize(("sigma", "kept"), [((0.5, math.nan), 1), ((math.nan, math.nan), 0)])
def test_a_forecast_known_on_some_days_is_one(
    sigma: tuple[float, float], kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Days on which it is not known are gaps in it; one never known is none."""
    monkeypatch.setattr(walking, "_sigma", lambda hedge, features: np.array(sigma))
    one: Any = SimpleNamespace(underlying="BTC")
    ready: Any = SimpleNamespace(
        spec=SimpleNamespace(features=()), mandate=SimpleNamespace(hedges=(one,))
    )
    assert len(walking.forecast_paths(ready)) == kept


@pytest.mark.parametrize("given", ["history", "store", "both"])
def test_conditions_are_those_of_the_whole_market(
    tmp_path: Path, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From before the first fold to the end of the last; a store is read where no history is."""
    store, looked = perpetual(tmp_path, PRICES, 0.0001), list[Any]()
    history = open_history(store, ("bybit:BTC/USD:BTC",))
    monkeypatch.setattr(walking, "condition_paths", lambda *where: looked.append(where) or where)
    market = (None if given == "store" else history, None if given == "history" else str(store))
    found = walk_forward(mandate(tmp_path, HALF), *market, request(4, 8), 2)
    ((where, coins, from_ns, to_ns),) = looked
    assert found.conditions == looked[0]
    assert (coins, from_ns, to_ns) == (("BTC",), FROM_NS, FROM_NS + 4 * DAY_NS)
    assert where is history if given != "store" else where == store


def test_a_fold_without_prices_is_named(tmp_path: Path) -> None:
    """Which mandate, which fold, from when to when, and what is lacking."""
    store = perpetual(tmp_path, rising(8, 50_000.0, 51_000.0))
    words = r"^calm, fold 2 of 2, 2024-\d\d-\d\dT00:00:00Z to 2024-\d\d-\d\dT00:00:00Z: "
    with pytest.raises(HistoryError, match=words):
        walk_forward(mandate(tmp_path, HALF), None, store, request(12), 2)


def test_mandates_that_cannot_be_compared_are_refused(tmp_path: Path) -> None:
    """None, one given twice, and one without a hedge."""
    one = mandate(tmp_path, HALF, "half")
    with pytest.raises(MandateError, match="no mandate to evaluate"):
        walks_of([], None, tmp_path, request(6), 1)
    with pytest.raises(MandateError, match=r"'half': two mandates are called so .*half\.toml"):
        walks_of([one, one], None, tmp_path, request(6), 1)
    bare = mandate(tmp_path, MARGIN.format("BTC = 1.0"), "bare")
    with pytest.raises(BookError, match=r"no \[\[hedge\]\]"):
        walks_of([bare], None, perpetual(tmp_path, PRICES), request(6), 1)
