"""vol-target through history: warmed up by what came before, blind to what comes after."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.app.running import mandate
from tests.app.test_cli_data import stored
from tests.factories import account, inverse, vault
from tests.market.made import START_NS
from tests.simulate.histories import BOOK, asked, funded, ran, wandering
from tests.simulate.test_look_ahead import HOURS, changed_after
from tests.simulate.worlds import same_bits
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.step import decide
from volsculpt.hedge.answer import Band
from volsculpt.hedge.feature import EVER_NS
from volsculpt.hedge.features.volatility import Volatility
from volsculpt.hedge.needs import look_back_ns
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.policies.vol_target import VolTargetPolicy
from volsculpt.hedge.spec import Hedge
from volsculpt.hedge.stored import features_of
from volsculpt.mandate.load import load_mandate
from volsculpt.market.quotes import Quotes
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.recorded import hedge_paths
from volsculpt.simulate.run import open_market
from volsculpt.simulate.targets import targets
from volsculpt.units import DAY_NS, HOUR_NS

HALF = 12 * HOUR_NS
HEDGE = Hedge("BTC", VolTargetPolicy(0.5, HALF), base="wealth", band=Band(0.01, 0.0, 0.01, 0.0))
SHORT = Position(inverse(), -30_000.0, 60_000.0)
HELD = Book((vault(BTC=2.0), account("coinm", {"BTC": 0.5}, (SHORT,))))
VOL_MANDATE = """
version = 1
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.5 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.5 }
[[hedge]]
underlying = "BTC"
policy = "vol-target"
volatility = 0.25
half_life = "2d"
"""


@pytest.mark.parametrize("hour", [20, 33, 64])
def test_the_future_does_not_reach_back(hour: int, kernel: Callable[..., None]) -> None:
    """Prices after an hour are others: every array of every step up to it is the same."""
    history = funded(wandering(HOURS, 8), 8)
    true = ran(history, kernel, hedge=HEDGE)
    false = ran(changed_after(history, 8, hour), kernel, hedge=HEDGE)
    assert same_bits(true.lanes.log, false.lanes.log, hour - 1) == []
    assert true.targets[:hour].tobytes() == false.targets[:hour].tobytes()
    assert true.targets[: HOURS - 1].tobytes() != false.targets[: HOURS - 1].tobytes()
    assert np.count_nonzero(np.diff(true.held.contracts[1:hour, 0])) >= 1


def test_until_it_is_warm_what_is_held_is_kept(kernel: Callable[..., None]) -> None:
    """For half a day the short stays; then it moves, and only then has the report a target."""
    history = funded(wandering(HOURS, 9), 9)
    made = asked(history, HEDGE, book=HELD)
    found = run_history(made, kernel)
    held = found.held.contracts[1:, 0]
    first = int(np.flatnonzero(~found.paused[:, 0])[0])
    assert first == 11  # bars end at 1:00 and on: twelve hours are spanned at 13:00
    assert np.all(held[: first + 1] == -30_000.0)
    assert held[first + 1] != -30_000.0
    target = hedge_paths(found, made.setup)[0].target_ratio
    assert np.isnan(target[: first + 1]).all()
    assert np.isfinite(target[first + 1 :]).all()


def test_every_target_is_what_a_plan_says(kernel: Callable[..., None]) -> None:
    """At each stamp, from the same history cut off there: one aim, one figure."""
    history = funded(wandering(HOURS, 10), 10)
    found = ran(history, kernel, hedge=HEDGE)
    made = asked(history, HEDGE)
    for step in (5, 20, 40, 69):
        now = int(found.stamp_ns[step + 1])
        features = features_of(history, [HEDGE], [now])
        assert features is not None
        price = history.index["BTC"].between(now - HOUR_NS, now).close[0]  # type: ignore[union-attr]
        aim = decide(made.setup, Quotes(now, {"BTC": float(price)}), now, features[0]).aims[0]
        assert (aim.ratio is None) == bool(found.paused[step, 0])
        if aim.ratio is not None:
            assert found.targets[step + 1, 0] == aim.ratio


@pytest.mark.parametrize("step_hours", [4, 12])
def test_the_step_does_not_change_a_target(step_hours: int, kernel: Callable[..., None]) -> None:
    """Forecasts are of stored prices, however often the run decides."""
    history = funded(wandering(HOURS, 11), 11)
    fine, coarse = (
        asked(history, HEDGE, step_hours=hours, first_hour=12) for hours in (1, step_hours)
    )
    known = [
        targets(
            one.setup.hedges, one.setup.overlays, one.aligned.stamp_ns, one.features, (0.0, 1.0)
        ).ratio
        for one in (fine, coarse)
    ]
    same = known[0][step_hours - 1 :: step_hours]
    assert np.array_equal(same, known[1], equal_nan=True)
    assert np.isfinite(known[1]).any()


def test_a_scheduled_policy_is_told_of_the_market(kernel: Callable[..., None]) -> None:
    """At each stamp the newest index then, and a forecast once there is one."""
    told: list[tuple[int, float | None, float | None]] = []

    def mine(time_ns: int, features, book, memory):  # type: ignore[no-untyped-def] # noqa: ANN001,ANN202
        told.append((time_ns, features.index_usd("BTC"), book.index_usd))
        return 0.5, memory

    ran(
        funded(wandering(24, 9), 9),
        kernel,
        hedge=Hedge("BTC", CallablePolicy(mine, 4 * HOUR_NS, "m")),
    )
    assert [features for _, features, _ in told] == pytest.approx([book for *_, book in told])
    assert len(told) == 6


def test_static_and_own_policies_do_not_mix(kernel: Callable[..., None]) -> None:
    """A run at given ratios asks nobody."""
    asks: list[int] = []

    def mine(time_ns: int, features, book, memory):  # type: ignore[no-untyped-def] # noqa: ANN001,ANN202
        asks.append(time_ns)
        return 0.9, memory

    made = asked(
        funded(wandering(24, 9), 9), Hedge("BTC", CallablePolicy(mine, None, "m")), book=BOOK
    )
    steps = len(made.aligned.stamp_ns) - 1
    found = run_history(made, kernel, ratios=np.full((steps, 1, 1), 0.25))
    assert asks == []
    assert np.all(found.targets[1:, 0] == 0.25)


def test_history_before_the_start_warms_it_up(tmp_path: Path) -> None:
    """From a store, the first stamp of a run knows all there is before it."""
    asked_for = load_mandate(mandate(tmp_path, VOL_MANDATE))
    start = START_NS + 4 * DAY_NS
    aligned, history, _ = open_market(
        asked_for, None, stored(tmp_path), (start, start + 2 * DAY_NS, None)
    )
    features = features_of(history, asked_for.hedges, aligned.stamp_ns.tolist())
    assert features is not None
    assert look_back_ns({"BTC": (Volatility(2 * DAY_NS),)}) == EVER_NS
    sigma = features[0].sigma_forecast("BTC", 2 * DAY_NS)
    hourly = np.log(60_300.0 / 60_000.0)
    assert sigma == pytest.approx(hourly * np.sqrt(365 * 24), rel=1e-9)
    assert history.index["BTC"].stamps[0] == START_NS
    assert history.mark["bybit:BTC/USD:BTC"].stamps[0] < start == aligned.stamp_ns[0]
