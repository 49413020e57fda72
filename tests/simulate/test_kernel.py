"""The compiled kernel is the plain one, and a lane alone is the lane among many."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.simulate.worlds import (
    Plain,
    compiled_lanes,
    lane_of,
    mixed_world,
    random_ratios,
    rest_of,
    same_bits,
)
from volsculpt.simulate.backtest import prepare
from volsculpt.simulate.market_arrays import TALLY_ROWS

STEPS = 200


@pytest.mark.parametrize(("seed", "move"), [(1, 0.01), (2, 0.05)])
def test_compiled_is_plain(kernel: Callable[..., None], seed: int, move: float) -> None:
    """Every balance, position, ratio, margin and tally of 200 steps agrees bit for bit."""
    world = mixed_world(STEPS, seed, move)
    ratios = random_ratios(STEPS, 2, 1, seed)
    plain = Plain(world).walk(ratios)
    fast = compiled_lanes(world, ratios, kernel).track
    assert same_bits(plain, fast) == []
    assert plain.tally[-1, TALLY_ROWS.index("orders"), 0] > 30
    assert np.abs(plain.top_up).max() > 0.0


def test_liquidations_are_the_same_compiled(kernel: Callable[..., None]) -> None:
    """A wild market closes groups; compiled closes them at the same bit of the same bar."""
    world = mixed_world(STEPS, 3, 0.12)
    ratios = random_ratios(STEPS, 2, 1, 3)
    plain = Plain(world).walk(ratios)
    assert plain.tally[-1, TALLY_ROWS.index("liquidations"), 0] >= 1.0
    assert same_bits(plain, compiled_lanes(world, ratios, kernel).track) == []


@pytest.mark.compiled
def test_a_lane_alone_is_the_lane_among_many(kernel: Callable[..., None]) -> None:
    """Lane k of 67 equals the same ratios run by themselves, bit for bit."""
    world = mixed_world(STEPS, 4, 0.04)
    ratios = random_ratios(STEPS, 2, 67, 4)
    many = compiled_lanes(world, ratios, kernel).track
    for lane in (0, 41, 66):
        own = np.ascontiguousarray(ratios[:, :, lane : lane + 1])
        assert same_bits(lane_of(many, lane), compiled_lanes(world, own, kernel).track) == []
    assert len({many.wealth[lane, -1] for lane in range(67)}) > 60


def test_cutting_a_run_in_pieces_changes_nothing(kernel: Callable[..., None]) -> None:
    """Segments are a matter of asking policies: 200 steps equal 200 steps of one."""
    world = mixed_world(STEPS, 5, 0.03)
    ratios = random_ratios(STEPS, 2, 1, 5)
    whole = compiled_lanes(world, ratios, kernel).track
    cut = Plain(world)
    for step in range(STEPS):
        cut.walk(ratios, step, step + 1)
    assert same_bits(whole, cut.track) == []


def test_a_lane_that_is_not_finite_stops_alone(kernel: Callable[..., None]) -> None:
    """Its status says so and it stands still; its neighbours go on."""
    world = mixed_world(40, 6)
    ratios = random_ratios(40, 2, 3, 6)
    sound = compiled_lanes(world, ratios, kernel)
    assert sound.status.tolist() == [0, 0, 0]
    made = prepare(world.flat, world.rules, world.costs, world.first, 40, 3)
    made.states[1]["wallet"][0] = np.nan
    kernel(
        *made.arguments,
        world.market,
        ratios,
        0,
        40,
        made.track,
        made.status,
        *rest_of(made, world.market, ratios),
    )
    assert made.status.tolist() == [0, 1, 0]
    assert not made.track.wealth[1, 1:].any()
    for lane in (0, 2):
        assert same_bits(lane_of(made.track, lane), lane_of(sound.track, lane)) == []


def test_the_causes_add_up_through_a_whole_run(kernel: Callable[..., None]) -> None:
    """From step to step wealth moves by what the tally gained (its delivery at the mark)."""
    world = mixed_world(STEPS, 7, 0.05)
    leg = int(np.argmax(world.market.delivery[:, :, 0].any(axis=0)))
    half = int(np.argmax(world.market.delivery[:, leg, 0]))
    world.market.delivery[half, leg, 0] = world.market.open_mark[half, leg, 0]
    track = compiled_lanes(world, random_ratios(STEPS, 2, 1, 7), kernel).track
    told = np.diff(track.tally[:, :9, 0].sum(axis=1))
    assert np.diff(track.wealth[0]) == pytest.approx(told, rel=0.0, abs=1e-6)
