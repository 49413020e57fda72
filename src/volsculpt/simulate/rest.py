"""A lane in its box: how long it rests, its funding and its wealth meanwhile."""

from collections.abc import MutableSequence, Sequence

from volsculpt.book.state import Layout, State
from volsculpt.contracts.payoff import unrealised_pnl, value
from volsculpt.decide.rules import Rules
from volsculpt.exchange.rows import Tally
from volsculpt.exchange.step import pay_leg
from volsculpt.simulate.edges import Calm, Sides
from volsculpt.simulate.market_arrays import Ahead, Market

BLOCK = 64  # steps looked at together


def settle_coins(calm: Calm, layout: Layout, state: State) -> None:
    """Sum what wealth owes to an index alone: wallets, and the fixed part of each PnL."""
    legs = layout.legs
    for row in range(layout.currencies):
        calm.coins[row] = 0.0
    for row in range(layout.wallets):
        calm.coins[layout.wallet_currency[row]] += state.wallet[row]
    for leg in range(legs.rows):
        fixed = unrealised_pnl(legs.payoff[leg], state.cost[leg], 0.0)
        calm.coins[legs.settle[leg]] += fixed


def first_outside(numbers: Sequence[float], low: float, high: float, start: int, stop: int) -> int:
    """The first step in [start, stop) whose number is not in [low, high]; stop if none is."""
    step = start
    while step < stop:
        end = min(step + BLOCK, stop)
        outside = 0
        for row in range(step, end):
            outside |= (numbers[row] < low) | (numbers[row] > high)
        if outside != 0:
            break
        step = end
    while step < stop and low <= numbers[step] <= high:
        step += 1
    return step


def rests_until(
    sides: Sides,
    calm: Calm,
    layout: Layout,
    rules: Rules,
    ahead: Ahead,
    path: int,
    lane: int,
    start: int,
    stop: int,
) -> int:
    """The first step at which a price, a basis or a target leaves the box of a lane."""
    for row in range(layout.currencies):
        if sides.index_bit[row] >= 0:
            low, high = calm.index_low[row], calm.index_high[row]
            stop = first_outside(ahead.close_index[row, path], low, high, start, stop)
    for leg in range(layout.legs.rows):
        low, high = calm.basis_low[leg], calm.basis_high[leg]
        stop = first_outside(ahead.basis[leg, path], low, high, start, stop)
        low, high = calm.mark_low[leg], calm.mark_high[leg]
        stop = first_outside(ahead.low_mark[leg, path], low, high, start, stop)
        stop = first_outside(ahead.high_mark[leg, path], low, high, start, stop)
    for row in range(rules.hedges):
        if sides.ratio_bit[row] >= 0:
            low, high = calm.ratio_low[row], calm.ratio_high[row]
            stop = first_outside(ahead.ratio[row, lane], low, high, start, stop)
    return stop


def write_wealth(
    calm: Calm,
    layout: Layout,
    state: State,
    ahead: Ahead,
    path: int,
    start: int,
    stop: int,
    wealth: MutableSequence[float],
) -> None:
    """Wealth in US dollars of a lane that rests, at the end of each step in [start, stop)."""
    legs = layout.legs
    for step in range(start, stop):
        wealth[step] = 0.0
    for row in range(layout.currencies):
        coins, index = calm.coins[row], ahead.close_index[row, path]
        if coins != 0.0:
            for step in range(start, stop):
                wealth[step] += coins * index[step]
    for leg in range(legs.rows):
        held, by, payoff = state.contracts[leg], legs.multiplier[leg], legs.payoff[leg]
        if held != 0.0:
            mark, index = ahead.close_mark[leg, path], ahead.close_index[legs.settle[leg], path]
            for step in range(start, stop):
                moving = unrealised_pnl(payoff, 0.0, value(payoff, held, by, mark[step]))
                wealth[step] += moving * index[step]


def pay_calmly(
    calm: Calm,
    layout: Layout,
    state: State,
    market: Market,
    step: int,
    path: int,
    tally: Tally,
) -> int:
    """Funding at the open of a step, for a lane that rests; 1 when its cash stays in the box."""
    legs = layout.legs
    inside = 1
    for leg in range(legs.rows):
        rate = market.funding[step, leg, path]
        if rate != 0.0 and state.contracts[leg] != 0.0:
            settle, cash = legs.settle[leg], legs.cash_wallet[leg]
            coins = pay_leg(layout, state, leg, rate, market.open_mark[step, leg, path])
            tally.funding[0] += coins * market.open_index[step, settle, path]
            calm.coins[settle] += coins
            if state.wallet[cash] < calm.cash_low[cash]:
                inside = 0
            if state.wallet[cash] > calm.cash_high[cash]:
                inside = 0
    return inside


REST_PARTS = (
    settle_coins,
    first_outside,
    rests_until,
    write_wealth,
    pay_calmly,
)
