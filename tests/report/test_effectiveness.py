"""Whether the hedge did its work: worked numbers, weights of time, worst moments."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report import backtests
from volsculpt.report.stats import effectiveness
from volsculpt.report.stats.metrics import Sample
from volsculpt.report.stats.returns import Floats, floats
from volsculpt.simulate.record import GroupPath, HedgePath
from volsculpt.units import DAY_NS

DAYS = np.arange(5, dtype=np.int64) * DAY_NS
NAN = float("nan")


def samples(hedged: Floats, unhedged: Floats) -> dict[str, Sample]:
    """Two books over a year."""
    return {"hedged": Sample(hedged, 1.0), "unhedged": Sample(unhedged, 1.0)}


def hedge(held: list[float], target: list[float]) -> HedgePath:
    """A hedge with a band of 5 % below and 3 % above."""
    return HedgePath("BTC", floats(held), floats(target), np.zeros(len(held)), 0.05, 0.03)


@given(ratio=st.floats(0.0, 1.0))
def test_a_hedge_of_a_share_takes_the_square_of_the_rest(ratio: float) -> None:
    """Hedged returns of 1 - h times the unhedged: 1 - (1 - h)² of variance, h of CVaR."""
    returns = np.random.default_rng(1).normal(0.0, 0.03, 400)
    both = samples((1.0 - ratio) * returns, returns)
    assert float(effectiveness.variance_reduction(both)) == pytest.approx(
        1.0 - (1.0 - ratio) ** 2, abs=1e-9
    )
    assert float(effectiveness.cvar_reduction(both)) == pytest.approx(ratio, abs=1e-9)


def test_nothing_to_reduce_is_no_figure() -> None:
    """An unhedged book without variance or loss has no reduction."""
    calm = samples(np.full(50, 0.01), np.full(50, 0.01))
    assert np.isnan(effectiveness.variance_reduction(calm))
    assert np.isnan(effectiveness.cvar_reduction(calm))


def test_steps_weigh_by_their_length() -> None:
    """Off by 0.1 for three days of four, the last stamp holding for no time."""
    uneven = np.array([0, 3, 4]) * DAY_NS
    assert effectiveness.mean_gap(uneven, hedge([0.4, 0.5, 0.9], [0.5] * 3)) == pytest.approx(0.075)


def test_days_at_a_limit_and_without_a_target() -> None:
    """Of three days: one at 0, one at 1, part of one without an answer; the last stamp is no time.

    The first stamp holds for a day, the second for a day and a half, the third for half a day.
    """
    uneven = floats([0.0, 1.0, 2.5, 3.0]) * DAY_NS
    stamps = uneven.astype(np.int64)
    made = hedge([0.5] * 4, [0.0, NAN, 1.0, 0.0])
    assert effectiveness.days_at(stamps, made, 0.0) == pytest.approx(1.0)
    assert effectiveness.days_at(stamps, made, 1.0) == pytest.approx(0.5)
    assert effectiveness.days_without_target(stamps, made) == pytest.approx(1.5)


def test_the_band_has_two_edges_and_they_are_inside() -> None:
    """Held 0.45 and 0.53 of 0.5 are edges; 0.449 and 0.531 are out."""
    held = [0.45, 0.53, 0.449, 0.531, 0.5]
    assert effectiveness.outside_band(DAYS, hedge(held, [0.5] * 5)) == pytest.approx(0.5)


def test_what_did_not_exist_is_left_out() -> None:
    """NaN is time without a hedge; nothing but NaN is no figure."""
    part = hedge([NAN, 0.4, NAN, 0.5, 0.5], [0.5] * 5)
    assert effectiveness.mean_gap(DAYS, part) == pytest.approx(0.05)
    assert effectiveness.outside_band(DAYS, part) == pytest.approx(0.5)
    none = hedge([NAN] * 5, [0.5] * 5)
    assert effectiveness.mean_gap(DAYS, none) is None
    assert effectiveness.outside_band(DAYS, none) is None


def test_costs_are_of_mean_wealth_and_a_year() -> None:
    """-300 USD in 2 years on 100,000 is -0.15 % a year."""
    made = backtests.inputs(days=730)
    size = made.stamps_ns.size
    steady = dataclasses.replace(made, hedged_usd=np.full(size, 100_000.0))
    assert effectiveness.a_year(steady, np.linspace(0.0, -300.0, size)) == pytest.approx(-0.0015)
    empty = dataclasses.replace(made, hedged_usd=np.zeros(size))
    assert effectiveness.turnover(empty) is None


def test_costs_funding_and_turnover_take_their_tallies() -> None:
    """Fees, slippage and transfers are the cost; funding and fills are by themselves."""
    made = backtests.inputs()
    paid = made.tallies
    cost = effectiveness.a_year(made, paid.fees + paid.slippage + paid.transfers)
    assert effectiveness.hedge_cost(made) == pytest.approx(cost)
    assert effectiveness.funding_earned(made) == effectiveness.a_year(made, paid.funding)
    assert (effectiveness.turnover(made) or 0.0) > 0.0


def test_time_in_position() -> None:
    """Any leg counts; without legs there is none."""
    made = backtests.inputs()
    half = np.where(np.arange(made.stamps_ns.size) * 2 < made.stamps_ns.size, -5.0, 0.0)
    legs = (dataclasses.replace(made.legs[0], contracts=half),)
    found = effectiveness.time_in_position(dataclasses.replace(made, legs=legs))
    assert found == pytest.approx(0.5, abs=0.01)
    assert effectiveness.time_in_position(dataclasses.replace(made, legs=())) == 0.0


def group(leverage: list[float], distance: list[float]) -> GroupPath:
    """A margin group with these figures."""
    ones = np.ones(len(leverage))
    return GroupPath("coinm", "BTC", "BTC", ones, ones, floats(leverage), floats(distance))


def test_the_worst_moments_have_a_date() -> None:
    """The smallest distance and the largest leverage, NaN left out."""
    found = group([1.0, NAN, 3.0, 2.0, 1.0], [NAN, 0.5, 0.2, 0.3, NAN])
    assert effectiveness.nearest(DAYS, found) == (0.2, 2 * DAY_NS)
    assert effectiveness.most_leverage(DAYS, found) == (3.0, 2 * DAY_NS)


def test_never_is_no_figure() -> None:
    """A group that could not be liquidated has no nearest moment."""
    found = group([NAN] * 5, [NAN] * 5)
    assert effectiveness.nearest(DAYS, found) is None
    assert effectiveness.most_leverage(DAYS, found) is None
