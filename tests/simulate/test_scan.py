"""What a resting lane does between two looks: rows over time, which of them could speak, wealth."""

import numpy as np
import pytest

from tests.simulate.test_horizon import ahead_of
from tests.simulate.test_rest import STEPS
from tests.simulate.worlds import Plain, World, mixed_world
from volsculpt.book.exposure import venue_contracts
from volsculpt.decide.triggers import AT_CLOSE, FORM, INSIDE, new_triggers, numbers_of
from volsculpt.simulate.block_sums import series_of
from volsculpt.simulate.horizon import Horizon
from volsculpt.simulate.lanes import Array, needed_room
from volsculpt.simulate.log import new_log
from volsculpt.simulate.one_lane import Lane
from volsculpt.simulate.scan import (
    MORE,
    choose_rows,
    is_clear,
    is_even,
    may_speak,
    take_coins,
    write_ahead,
    write_wealth,
)

ROWS = 7


def random_lane(world: World, dice: np.random.Generator) -> Lane:
    """A lane of a world, its contracts and its rows any numbers; some of them 0 and some 1."""
    rows = new_triggers(world.flat.layout, world.rules.hedges)
    one = Lane(*(kind[0] for kind in Plain(world).rows), rows, 0, 0, 1)
    rows.used[0] = one.rules.hedges + 1 + ROWS
    for name in ("coef", "gain", "turn", "constant", "ahead"):
        table = getattr(rows, name)
        table[:] = dice.choice([0.0, 0.0, 1.0, *dice.uniform(-0.3, 2.0, 8)], len(table)).tolist()
    for row in range(rows.used[0]):
        is_form = row <= one.rules.hedges or dice.random() < 0.2
        rows.kind[row] = FORM if is_form else FORM + 1
        rows.where[row] = int(dice.choice([AT_CLOSE, INSIDE]))
    contracts = one.state.contracts
    contracts[:] = dice.choice([0.0, 1.0, -7.0, 300.0], len(contracts)).tolist()
    return one


def table(one: Lane, name: str, wide: int) -> Array:
    """(row, place) of a list that keeps so many figures a row."""
    figures = np.array(getattr(one.rows, name)[: one.rows.used[0] * wide])
    return figures.reshape(one.rows.used[0], wide)


@pytest.mark.parametrize("seed", range(20))
def test_wealth_is_its_form_over_time(seed: int) -> None:
    """Every series counts, those of which one is held too; other steps are left as they were."""
    dice = np.random.default_rng(seed)
    world = mixed_world(STEPS, seed)
    one, horizon = random_lane(world, dice), ahead_of(world)
    log = new_log(STEPS, needed_room(world.flat, world.rules), 1, noted=False)
    start, stop = sorted(int(at) for at in dice.integers(0, STEPS + 1, 2))
    for _ in range(2):  # a full log is made larger, and its steps are gone through again
        write_wealth(one, horizon, log, start, stop)
    form = table(one, "ahead", series_of(one.layout))[one.rules.hedges]
    wanted = form @ horizon.close[:, 0, :STEPS]
    assert log.wealth[0, start:stop] == pytest.approx(wanted[start:stop], rel=1e-12)
    assert not log.wealth[0, :start].any()
    assert not log.wealth[0, stop:].any()


@pytest.mark.parametrize("even", [0, 1])
@pytest.mark.parametrize("seed", range(20))
def test_rows_over_time_are_rows_and_funding(seed: int, even: int) -> None:
    """A row at any step is its numbers then, and the funding since `start` at what it adds."""
    dice = np.random.default_rng(seed)
    world = mixed_world(STEPS, seed)
    one, horizon = random_lane(world, dice), ahead_of(world)
    layout, count, numbers = one.layout, series_of(one.layout), numbers_of(one.layout)
    start = int(dice.integers(0, STEPS))
    before = table(one, "ahead", count).copy()
    write_ahead(one, horizon, start, even)
    coef, gain = table(one, "coef", numbers), table(one, "gain", layout.wallets)
    ahead = table(one, "ahead", count)
    for row in range(one.rows.used[0]):
        if one.rows.kind[row] == FORM and row > one.rules.hedges:
            assert ahead[row].tolist() == before[row].tolist()
            continue
        wanted = coef[row] @ horizon.close[:numbers, 0, :STEPS]
        for leg in range(layout.legs.rows if even else 0):
            held = venue_contracts(one.state, leg) * gain[row, layout.legs.cash_wallet[leg]]
            since = horizon.paid[leg, 0, 1 : STEPS + 1] - horizon.paid[leg, 0, start]
            wanted = wanted + held * since * horizon.close[layout.legs.settle[leg], 0, :STEPS]
        assert ahead[row] @ horizon.close[:, 0, :STEPS] == pytest.approx(wanted, rel=1e-9, abs=1e-6)


def could_speak(one: Lane, horizon: Horizon, row: int, start: int, stop: int) -> bool:
    """Whether some price above zero could bring a row under zero: a weight of it may be under 0."""
    rows, layout, hedges = one.rows, one.layout, one.rules.hedges
    numbers, count = numbers_of(layout), series_of(layout)
    turn = table(one, "turn", hedges)[row]
    least = table(one, "coef", numbers)[row].copy()
    swing = horizon.swing[:, 0, stop] - horizon.swing[:, 0, start]
    for leg in range(layout.legs.rows):
        by = abs(rows.ahead[row * count + numbers + leg])
        least[layout.legs.settle[leg]] -= MORE * by * swing[leg]
    turns = (turn != 0.0) & (horizon.turns[:, 0] == 1)
    return bool(rows.constant[row] < 0.0 or turns.any() or (least < 0.0).any())


@pytest.mark.parametrize("seed", range(200))
def test_rows_are_passed_over_where_no_price_makes_them_speak(seed: int) -> None:
    """Neither constant nor turn nor weight, funding at its worst, can bring them under zero."""
    dice = np.random.default_rng(seed)
    world = mixed_world(STEPS, seed)
    one, horizon = random_lane(world, dice), ahead_of(world)
    rows = one.rows
    for name in ("coef", "constant", "ahead"):  # mostly rows that no price makes speak
        figures = np.abs(getattr(rows, name)) * np.where(dice.random() < 0.5, 1.0, 1e-4)
        flipped = np.where(dice.random(len(figures)) < 0.02, -figures, figures)
        getattr(rows, name)[:] = flipped.tolist()
    kept = dice.random(len(rows.turn)) < 0.1
    rows.turn[:] = np.where(kept, rows.turn, 0.0).tolist()
    horizon.turns[:] = dice.integers(0, 2, horizon.turns.shape)
    horizon.swing[:] *= dice.choice([0.0, 1e-3, 1.0])
    start, stop = sorted(int(at) for at in dice.integers(0, STEPS + 1, 2))
    wanted = {row: could_speak(one, horizon, row, start, stop) for row in range(rows.used[0])}
    assert {row: may_speak(one, horizon, row, start, stop) == 1 for row in wanted} == wanted
    choose_rows(one, horizon, start, stop)
    chosen = [row for row in wanted if rows.kind[row] != FORM and wanted[row]]
    inside = [row for row in chosen if rows.where[row] == INSIDE]
    at_close = [row for row in chosen if rows.where[row] == AT_CLOSE]
    assert list(rows.order[: rows.tested[0]]) == [*inside, *at_close]


@pytest.mark.parametrize("seed", range(10))
def test_coins_of_wallets_come_into_rows(seed: int) -> None:
    """What a wallet gained since it was looked at, at what each row gains of it; then nothing."""
    dice = np.random.default_rng(seed)
    one = random_lane(mixed_world(9, seed), dice)
    layout, state, rows = one.layout, one.state, one.rows
    before = table(one, "coef", numbers_of(layout)).copy()
    rows.kept[: layout.wallets] = [float(coins) for coins in state.wallet[: layout.wallets]]
    more = dice.choice([0.0, 1.0, -0.25], layout.wallets)
    for wallet in range(layout.wallets):
        state.wallet[wallet] += float(more[wallet])
    wanted, gain = before.copy(), table(one, "gain", layout.wallets)
    for wallet in range(layout.wallets):
        wanted[:, layout.wallet_currency[wallet]] += gain[:, wallet] * more[wallet]
    for _ in range(2):
        take_coins(layout, state, rows)
        assert table(one, "coef", numbers_of(layout)) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("seed", range(30))
def test_funding_is_even_where_no_leg_held_says_otherwise(seed: int) -> None:
    """A leg whose funding goes elsewhere, or with margin of its own, counts while it is held."""
    dice = np.random.default_rng(seed)
    one = random_lane(mixed_world(9, seed), dice)
    legs = one.layout.legs
    for leg in range(legs.rows):
        for name, odd in (("funding_wallet", legs.cash_wallet[leg] + 1), ("posted_wallet", 0)):
            usual = legs.cash_wallet[leg] if name == "funding_wallet" else -1
            getattr(legs, name)[leg] = odd if dice.random() < 0.2 else usual
    odd = [
        leg
        for leg in range(legs.rows)
        if (legs.funding_wallet[leg] != legs.cash_wallet[leg] or legs.posted_wallet[leg] >= 0)
        and venue_contracts(one.state, leg) != 0.0
    ]
    assert is_even(one.layout, one.state) == int(not odd)


def test_one_order_or_transfer_on_its_way_is_enough() -> None:
    """Of whichever leg or group."""
    one = random_lane(mixed_world(9, 3), np.random.default_rng(3))
    pending = one.pending
    assert is_clear(one.layout, pending) == 1
    for due, count in (
        (pending.order_due, one.layout.legs.rows),
        (pending.transfer_due, one.layout.groups),
    ):
        for place in range(count):
            was, due[place] = due[place], 4
            assert is_clear(one.layout, pending) == 0
            due[place] = was
    assert is_clear(one.layout, pending) == 1
