"""Ratios looked up where they can change are those of every step."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.hedge.aim import Overlays, aim_one
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policies.series import SeriesPolicy
from volsculpt.hedge.spec import EventOverlay, Hedge, Override, Tilt
from volsculpt.simulate.targets import blind_summary, steps_of_change, targets
from volsculpt.units import HOUR_NS

STAMPS = np.arange(1, 60, dtype=np.int64) * HOUR_NS
BOUNDS = (0.0, 1.0)
times = st.integers(0, 61 * HOUR_NS) | st.sampled_from(STAMPS.tolist())
spans = st.tuples(times, times).map(sorted)
ratios = st.floats(-0.5, 1.5)


@st.composite
def hedges(draw: st.DrawFn) -> Hedge:
    """A fixed ratio, or a series that begins before the first step."""
    if draw(st.booleans()):
        return Hedge("BTC", FixedPolicy(draw(ratios)))
    stamps = (0, *sorted(draw(st.sets(times.filter(bool), max_size=5))))
    return Hedge("BTC", SeriesPolicy(stamps, tuple(draw(ratios) for _ in stamps), "a file"))


@st.composite
def overlays(draw: st.DrawFn) -> Overlays:
    """Some tilts, events and overrides."""
    tilts = [Tilt(draw(ratios), *draw(spans)) for _ in range(draw(st.integers(0, 2)))]
    events = [
        EventOverlay(
            draw(st.sampled_from(["at_least", "at_most", "set"])), *draw(spans), draw(ratios)
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    overrides = [Override(draw(ratios), draw(times)) for _ in range(draw(st.integers(0, 1)))]
    return Overlays(tuple(tilts), tuple(events), tuple(overrides))


@given(hedge=hedges(), over=overlays())
def test_every_step_has_the_ratio_it_would_be_told(hedge: Hedge, over: Overlays) -> None:
    """As if the policy had been asked at each one."""
    found = targets([hedge], over, STAMPS, None, BOUNDS).ratio[:, 0]
    asked = [
        aim_one(hedge, None, None, blind_summary(hedge), stamp, over, BOUNDS)[0].ratio
        for stamp in STAMPS[1:].tolist()
    ]
    assert found.tolist() == asked


def test_a_ratio_that_stands_still_is_asked_for_once() -> None:
    """Forty thousand hours of one ratio are one question."""
    assert steps_of_change(Hedge("BTC", FixedPolicy(0.5)), Overlays(), STAMPS) == [0]
    tilted = Overlays(tilts=(Tilt(0.1, 5 * HOUR_NS + 1, 9 * HOUR_NS),))
    assert steps_of_change(Hedge("BTC", FixedPolicy(0.5)), tilted, STAMPS) == [0, 5, 8]


def test_a_series_that_begins_late_is_refused() -> None:
    """As it is at the step that lacks a ratio."""
    late = Hedge("BTC", SeriesPolicy((5 * HOUR_NS,), (0.5,), "a file"))
    with pytest.raises(Exception, match="knows no ratio at step 0"):
        targets([late], Overlays(), STAMPS, None, BOUNDS)


def test_a_policy_that_does_not_look_at_the_book_is_told_nothing_of_it() -> None:
    """No coins, no wealth, no ratio: whoever reads them reads nothing."""
    _, *figures = astuple(blind_summary(Hedge("ETH", FixedPolicy(0.5))))
    assert not any(figures)
    assert blind_summary(Hedge("ETH", FixedPolicy(0.5))).underlying == "ETH"
