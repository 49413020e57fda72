"""Nothing that happens later changes anything that happened before, to the last bit."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.factories import fixed
from tests.market.made import START_NS
from tests.simulate.histories import asked, bars_of, funded, later, ran, wandering
from tests.simulate.worlds import same_bits
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.policies.series import SeriesPolicy
from volsculpt.hedge.policy import Policy
from volsculpt.hedge.spec import Hedge
from volsculpt.market.history import History
from volsculpt.simulate.history_run import run_history
from volsculpt.units import HOUR_NS

HOURS = 72
FROM_NS = START_NS + HOUR_NS  # the first stamp of the runs


def moody(time_ns: int, features: Any, book: Any, memory: Any) -> tuple[float, float]:  # noqa: ANN401
    """Hedges more after a fall since it was asked last, less the more is held."""
    fell = memory is not None and book.index_usd < memory
    ratio = (0.9 if fell else 0.3) - 0.1 * (book.held_ratio or 0.0)
    return ratio, book.index_usd


POLICIES: dict[str, Policy] = {
    "fixed": fixed().policy,
    "series": SeriesPolicy(
        tuple(START_NS + hour * HOUR_NS for hour in range(0, HOURS, 5)),
        tuple(0.2 + 0.7 * (row % 2) for row in range(0, HOURS, 5)),
        "made up",
    ),
    "callable": CallablePolicy(moody, 4 * HOUR_NS, "moody"),
}


def changed_after(history: History, seed: int, hour: int) -> History:
    """Every bar that opens at the hour or later is another one, every later rate too."""
    closes = wandering(HOURS, seed).copy()
    closes[hour:] *= 1.5
    index, mark, last = (
        table[key] for table in (history.index, history.mark, history.last) for key in table
    )
    made = []
    for one, by in ((index, 1.0), (mark, 1.001), (last, 1.0012)):
        fresh = bars_of(one.label, closes * by)
        kept = one.between(0, 2**62)
        columns = {
            name: np.where(np.arange(HOURS) < hour, getattr(kept, name), getattr(fresh, name))
            for name in ("open", "high", "low", "close")
        }
        columns["open"][hour] = columns["high"][hour] = columns["open"][hour] * 1.4
        columns["high"][hour:] = np.maximum(columns["high"], columns["close"])[hour:]
        columns["low"][hour] = min(columns["low"][hour], columns["open"][hour])
        made.append(type(fresh)(one.label, fresh.interval_ns, fresh.open_ns, **columns))
    rates = {
        key: later(one, START_NS + hour * HOUR_NS, 0.01) for key, one in history.funding.items()
    }
    return History(
        {made[0].label.key: made[0]},
        {made[1].label.key: made[1]},
        {made[2].label.key: made[2]},
        rates,
    )


def flows_from(hour: int, amount: float) -> Callable[[int, int], list[tuple[str, str, float]]]:
    """A deposit at 10 o'clock, and one after the hour."""

    def between(from_ns: int, to_ns: int) -> list[tuple[str, str, float]]:
        dated = [(START_NS + 10 * HOUR_NS, 0.1), (START_NS + (hour + 1) * HOUR_NS, amount)]
        return [("vault", "BTC", coins) for stamp, coins in dated if from_ns < stamp <= to_ns]

    return between


@pytest.mark.parametrize("hour", [9, 33, 64])
@pytest.mark.parametrize("name", sorted(POLICIES))
def test_the_future_does_not_reach_back(name: str, hour: int, kernel: Callable[..., None]) -> None:
    """Prices, funding and flows after an hour: every array of every step up to it is the same."""
    hedge = Hedge("BTC", POLICIES[name], band=fixed().band)
    history = funded(wandering(HOURS, 8), 8)
    true = ran(history, kernel, hedge=hedge, flows=flows_from(hour, 0.1))
    other = changed_after(history, 8, hour)
    false = ran(other, kernel, hedge=hedge, flows=flows_from(hour, -0.3))
    seen = hour - 1  # steps that end by then: the first begins at one o'clock
    assert int(true.stamp_ns[seen]) == START_NS + hour * HOUR_NS
    assert same_bits(true.lanes.log, false.lanes.log, seen) == []
    assert "wealth" in same_bits(true.lanes.log, false.lanes.log, seen + 1)
    assert np.count_nonzero(np.diff(true.held.contracts[1 : seen + 1, 0])) >= 1


def test_a_scheduled_policy_is_asked_on_its_schedule(kernel: Callable[..., None]) -> None:
    """Every four hours, at stamps of the run, with the index of that stamp."""
    asked: list[tuple[int, float]] = []

    def note(time_ns: int, features: Any, book: Any, memory: Any) -> tuple[float, Any]:  # noqa: ANN401
        asked.append((time_ns, book.index_usd))
        return 0.5, memory

    hedge = Hedge("BTC", CallablePolicy(note, 4 * HOUR_NS, "note"))
    closes = wandering(24, 9)
    ran(funded(closes, 9), kernel, hedge=hedge)
    assert [(stamp - FROM_NS) // HOUR_NS for stamp, _ in asked] == [0, 4, 8, 12, 16, 20]
    assert [price for _, price in asked] == pytest.approx(closes[[0, 4, 8, 12, 16, 20]])


def test_the_first_decision_knows_no_ratio_of_later(kernel: Callable[..., None]) -> None:
    """A file of ratios that begins at the end of the first step: nothing is decided before."""
    late = SeriesPolicy((FROM_NS + HOUR_NS,), (0.8,), "made up")
    made = asked(funded(wandering(HOURS, 4), 4), Hedge("BTC", late))
    made = replace(made, setup=replace(made.setup, collateral=()))
    held = run_history(made, kernel).held
    assert held.contracts[1, 0] == 0.0
    assert held.contracts[2, 0] < 0.0
    early = ran(funded(wandering(HOURS, 4), 4), kernel).held
    assert early.contracts[1, 0] < 0.0


def test_a_policy_that_holds_at_first_keeps_what_is_held(kernel: Callable[..., None]) -> None:
    """An answer of none is no order, at the first moment as at any other."""

    def later_only(time_ns: int, features: Any, book: Any, memory: Any) -> tuple[Any, Any]:  # noqa: ANN401
        return (Aim(ratio=None) if time_ns == FROM_NS else 0.9), memory

    hedge = Hedge("BTC", CallablePolicy(later_only, 4 * HOUR_NS, "later_only"))
    held = ran(funded(wandering(HOURS, 4), 4), kernel, hedge=hedge).held
    assert not held.contracts[1:6, 0].any()
    assert (held.contracts[7:, 0] < 0.0).all()
