"""Rows over blocks of steps: the first that speaks is the one found step by step."""

import numpy as np
import pytest

from tests.simulate.test_horizon import ahead_of
from tests.simulate.test_rest import SETUPS, STEPS, world_of
from tests.simulate.worlds import Plain, World, mixed_world
from volsculpt.decide.triggers import AT_CLOSE, FORM, INSIDE, Triggers, new_triggers
from volsculpt.simulate.block_sums import first_under, series_of, silent_until
from volsculpt.simulate.corners import write_corners
from volsculpt.simulate.horizon import BLOCK, Horizon, look_again
from volsculpt.simulate.lanes import Array
from volsculpt.simulate.one_lane import Lane

ROWS = 4  # besides the forms of bases and wealth


def random_rows(one: Lane, horizon: Horizon, dice: np.random.Generator) -> None:
    """Rows of any numbers, of a size that some of them cross zero, some of them turn with ratios.

    Args: one: its rows are written; horizon: what the numbers are of.
    """
    rows, count, hedges = one.rows, series_of(one.layout), one.rules.hedges
    rows.used[0], rows.tested[0] = hedges + 1 + ROWS, ROWS
    size = np.abs(horizon.close[:, 0, :STEPS]).mean(axis=1) + 1e-9
    for row in range(rows.used[0]):
        tested = row > hedges
        rows.kind[row] = FORM + 1 if tested else FORM
        rows.where[row] = int(dice.choice([AT_CLOSE, INSIDE])) if tested else AT_CLOSE
        by = dice.standard_normal(count) * (dice.random(count) < 0.6) / size
        by[dice.random(count) < 0.05] = 1.0
        rows.ahead[row * count : (row + 1) * count] = by.tolist()
        rows.least[row] = float(dice.choice([1e-9, 0.02])) if tested else 0.0
        now = float(by @ horizon.close[:, 0, 0])
        rows.constant[row] = float(dice.choice([0.05, 0.3, 3.0])) - now if tested else 0.0
        for hedge in range(hedges):
            turns = tested and rows.where[row] == AT_CLOSE and dice.random() < 0.3
            rows.turn[row * hedges + hedge] = float(dice.standard_normal()) if turns else 0.0
    inside = [row for row in range(hedges + 1, rows.used[0]) if rows.where[row] == INSIDE]
    rest = [row for row in range(hedges + 1, rows.used[0]) if rows.where[row] == AT_CLOSE]
    rows.order[:ROWS] = [*inside, *rest]


def every_step(one: Lane, world: World, horizon: Horizon) -> tuple[Array, Array]:
    """(row, step): tested rows where they are tested; and where a ratio comes to zero or leaves."""
    rows, count, hedges = one.rows, series_of(one.layout), one.rules.hedges
    high, low = (np.empty((len(horizon.high), STEPS)) for _ in range(2))
    for block in range(-(-STEPS // BLOCK)):
        write_corners(one.layout, world.market, horizon, 0, block)
        last = min(BLOCK, STEPS - block * BLOCK)
        high[:, block * BLOCK :][:, :last] = horizon.high[:, :last]
        low[:, block * BLOCK :][:, :last] = horizon.low[:, :last]
    close, ratio = horizon.close[:, 0, :STEPS], horizon.ratio[:, 0]
    was = np.array([rows.ratio[hedge] for hedge in range(hedges)])
    moved = ratio - was[:, None]
    gone = ((ratio == 0.0) != (was == 0.0)[:, None])[horizon.turns[:, 0] == 1].any(axis=0)
    found = np.empty((ROWS, STEPS))
    by = np.reshape(rows.ahead[: rows.used[0] * count], (rows.used[0], count))
    bases = by[:hedges] @ close
    for place in range(ROWS):
        row = rows.order[place]
        found[place] = rows.constant[row] - rows.least[row]
        if rows.where[row] == AT_CLOSE:
            turn = np.array(rows.turn[row * hedges : (row + 1) * hedges])
            found[place] += by[row] @ close + turn @ (bases * moved)
            continue
        for coin in set(horizon.coin.tolist()):
            own = horizon.coin == coin
            found[place] += np.minimum(by[row, own] @ high[own], by[row, own] @ low[own])
    return found, gone


def by_steps(rows: Triggers, found: Array, gone: Array, start: int, stop: int) -> tuple[int, int]:
    """What `silent_until` says, looked up one step after the other."""
    inside = np.array([rows.where[rows.order[place]] == INSIDE for place in range(ROWS)])
    for step in range(start, stop):
        under = found[:, step] <= 0.0
        if under.any() or gone[step]:
            return step, int(not (under & inside).any() and not gone[step])
    return stop, 0


def test_a_row_at_zero_speaks() -> None:
    """Not above zero is under it, wherever it comes first."""
    assert first_under(np.array([1.0, 0.5, 0.0, -1.0])) == 2
    assert first_under(np.array([0.0])) == 0
    assert first_under(np.array([1e-300, 1.0])) == 2


@pytest.mark.parametrize("name", ["mixed", "crossed", "bare"])
@pytest.mark.parametrize("seed", range(40))
def test_the_first_row_that_speaks_is_found(name: str, seed: int) -> None:
    """Whatever rows, ratios and spans: as found by looking at every row at every step."""
    dice = np.random.default_rng(seed)
    world = mixed_world(STEPS, seed) if name == "mixed" else world_of(SETUPS[name], seed, 0.01)
    plain, horizon = Plain(world), ahead_of(world)
    rows = new_triggers(world.flat.layout, world.rules.hedges)
    one = Lane(*(kind[0] for kind in plain.rows), rows, 0, 0, 1)
    ratios = np.ones((STEPS, world.rules.hedges, 1)) * dice.choice([0.0, 0.5, 1.0])
    for hedge in range(world.rules.hedges):
        for at in dice.integers(0, STEPS, int(dice.integers(0, 3))):
            ratios[at:, hedge, 0] = dice.choice([0.0, 0.3, 1.0])
        rows.ratio[hedge] = float(ratios[0, hedge, 0])
    look_again(horizon, ratios, 0, STEPS)
    horizon.turns[:] = (ratios != ratios[:1]).any(axis=0)
    random_rows(one, horizon, dice)
    found, gone = every_step(one, world, horizon)
    for _ in range(25):
        start, stop = sorted(int(at) for at in dice.integers(0, STEPS + 1, 2))
        expected = by_steps(rows, found, gone, start, stop)
        assert silent_until(one, world.market, horizon, start, stop) == expected
