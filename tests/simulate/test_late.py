"""What is due at the end of a run is booked in every lane at its own prices."""

import numpy as np
import pytest

from tests.simulate.test_lanes_differ import joined
from tests.simulate.worlds import COSTS, DATED, World, mixed_world, prepare
from volsculpt.book.state import Quote, State
from volsculpt.contracts.payoff import value
from volsculpt.exchange.events import DELIVERED, FLOWED, FUNDED
from volsculpt.exchange.rows import Bar, new_bar
from volsculpt.simulate.backtest import Lanes
from volsculpt.simulate.happened import events_of
from volsculpt.simulate.lanes import needed_room, plain_of
from volsculpt.simulate.late import settle_late
from volsculpt.simulate.scenario import wealth

STEPS, LANES = 4, 2
WORLDS = [mixed_world(STEPS, seed) for seed in (3, 4)]
FLAT = WORLDS[0].flat


def lanes_of(noted: bool) -> Lanes:
    """A lane a world, their pages filled with what was told already."""
    made = prepare(FLAT, WORLDS[0].rules, COSTS, WORLDS[0].first, STEPS, LANES, noted=noted)
    made.arguments[7]["used"] = 5
    return made


def due(**what: dict[int, float]) -> Bar:
    """A bar in which something is due. what: figures by row."""
    bar = new_bar(FLAT.layout)
    for name, rows in what.items():
        for row, figure in rows.items():
            getattr(bar, name)[row] = figure
    return bar


def state_of(made: Lanes, lane: int) -> State:
    """What a lane holds."""
    room = needed_room(FLAT, made.rules)
    found: State = plain_of(State, made.states[lane], room)
    return found


def closed(world: World) -> Quote:
    """The last prices of a world."""
    market = world.market
    return Quote(market.close_index[:, 0, -1].tolist(), market.close_mark[:, 0, -1].tolist())


@pytest.mark.parametrize("noted", [True, False])
@pytest.mark.parametrize("shared", [True, False])
def test_coins_that_come_at_the_end_are_worth_what_its_prices_say(
    shared: bool, noted: bool
) -> None:
    """Of each lane's own path, or of the one that all share; told as of the last stamp."""
    made, wallet = lanes_of(noted), len(FLAT.wallets) - 1
    worlds = [WORLDS[0]] * LANES if shared else WORLDS
    market = WORLDS[0].market if shared else joined([one.market for one in WORLDS])
    assert settle_late(made, market, due(flow={0: 0.25, wallet: 0.5}))
    for lane, world in enumerate(worlds):
        state, quote = state_of(made, lane), closed(world)
        came = [
            after - before for after, before in zip(state.wallet, FLAT.state.wallet, strict=True)
        ]
        assert came == pytest.approx([0.25, *[0.0] * (wallet - 1), 0.5])
        assert made.log.wealth[lane].tolist() == [0.0] * (STEPS - 1) + [
            pytest.approx(wealth(FLAT, state, quote), rel=1e-12)
        ]
        told = events_of(made.log, lane)
        prices = [quote.index_usd[FLAT.layout.wallet_currency[row]] for row in (0, wallet)]
        usd = [0.25 * prices[0], 0.5 * prices[1]] if noted else []
        assert told.usd.tolist() == pytest.approx(usd)
        assert told.kind.tolist() == [FLOWED] * len(usd)
        assert told.moment.tolist() == [2 * STEPS] * len(usd)


def test_what_ends_at_the_end_is_delivered_and_funding_is_paid() -> None:
    """Each contract by its own settlement price and rate, and what is held is kept so."""
    made, world = lanes_of(noted=True), WORLDS[0]
    ends, stays = FLAT.leg("coinm", DATED), FLAT.leg("usdm", FLAT.legs[-1][1])
    size, legs, quote = FLAT.state.contracts[stays], FLAT.layout.legs, closed(world)
    bar = due(delivery={ends: 61_500.0}, funding={stays: 0.01})
    assert settle_late(made, world.market, bar)
    paid = -0.01 * value(legs.payoff[stays], size, legs.multiplier[stays], quote.mark[stays])
    for lane in range(LANES):
        state, told = state_of(made, lane), events_of(made.log, lane)
        assert (state.contracts[ends], state.contracts[stays]) == (0.0, size)
        assert [told.of(kind).row.tolist() for kind in (DELIVERED, FUNDED)] == [[ends], [stays]]
        assert told.of(DELIVERED).price.tolist() == [61_500.0]
        cash = legs.cash_wallet[stays]
        assert state.wallet[cash] - FLAT.state.wallet[cash] == pytest.approx(paid)
        last = made.log.used[lane, 1] - 1
        assert made.log.state[lane, last, : len(FLAT.wallets)].tolist() == list(state.wallet)


def test_nothing_due_leaves_all_as_it_is() -> None:
    """Nothing is written, and it says so."""
    made, market = lanes_of(noted=True), joined([one.market for one in WORLDS])
    before = made.states.tobytes()
    assert not settle_late(made, market, due())
    assert made.states.tobytes() == before
    assert not made.log.wealth.any()


def test_a_full_log_has_room_for_the_end() -> None:
    """It is made larger once, and what it had stays in front."""
    made = lanes_of(noted=True)
    rows = made.log.event.shape[1]
    made.log.used[:, 0] = rows
    made.log.event[:, :, 0] = 7
    assert settle_late(made, WORLDS[0].market, due(flow={0: 0.25}))
    for lane in range(LANES):
        assert events_of(made.log, lane).kind.tolist() == [7] * rows + [FLOWED]
    assert np.all(made.log.used[:, 0] == rows + 1)
