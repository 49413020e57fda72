"""A bar of a lane in its box: funding and wealth, no decision."""

from collections.abc import Sequence

from volsculpt.book.state import Layout, State
from volsculpt.contracts.payoff import unrealised_pnl, value
from volsculpt.decide.rules import Rules
from volsculpt.exchange.rows import Tally
from volsculpt.exchange.step import pay_leg
from volsculpt.simulate.calm import Calm, Sides
from volsculpt.simulate.lanes import Rows
from volsculpt.simulate.market_arrays import Agenda, Market, Track


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


def is_inside(
    sides: Sides,
    calm: Calm,
    layout: Layout,
    rules: Rules,
    state: State,
    market: Market,
    step: int,
    path: int,
    targets: Sequence[float],
) -> int:
    """1 when a bar, the cash and the targets are inside the box of a lane."""
    legs = layout.legs
    inside = True
    for row in range(layout.currencies):
        if sides.index_bit[row] >= 0:
            price = market.close_index[step, row, path]
            inside &= calm.index_low[row] <= price <= calm.index_high[row]
    for leg in range(legs.rows):
        fair_usd = market.close_index[step, legs.base[leg], path]
        mark_usd = (
            market.close_mark[step, leg, path] * (market.close_index[step, legs.quote[leg], path])
        )
        inside &= calm.basis_low[leg] * fair_usd <= mark_usd
        inside &= mark_usd <= calm.basis_high[leg] * fair_usd
        inside &= calm.mark_low[leg] <= market.low_mark[step, leg, path]
        inside &= market.high_mark[step, leg, path] <= calm.mark_high[leg]
        cash = legs.cash_wallet[leg]
        inside &= calm.cash_low[cash] <= state.wallet[cash] <= calm.cash_high[cash]
    for row in range(rules.hedges):
        inside &= calm.ratio_low[row] <= targets[row] <= calm.ratio_high[row]
    return 1 if inside else 0


def calm_wealth(
    calm: Calm, layout: Layout, state: State, market: Market, step: int, path: int
) -> float:
    """Wealth in US dollars of a lane that rests, at the end of a step."""
    legs = layout.legs
    total = 0.0
    for row in range(layout.currencies):
        total += calm.coins[row] * market.close_index[step, row, path]
    for leg in range(legs.rows):
        mark = market.close_mark[step, leg, path]
        held = value(legs.payoff[leg], state.contracts[leg], legs.multiplier[leg], mark)
        moving = unrealised_pnl(legs.payoff[leg], 0.0, held)
        total += moving * market.close_index[step, legs.settle[leg], path]
    return total


def pay_calmly(
    calm: Calm,
    layout: Layout,
    state: State,
    market: Market,
    step: int,
    path: int,
    tally: Tally,
) -> None:
    """Funding at the open of a step, for a lane that rests."""
    legs = layout.legs
    for leg in range(legs.rows):
        rate = market.funding[step, leg, path]
        if rate != 0.0 and state.contracts[leg] != 0.0:
            settle = legs.settle[leg]
            coins = pay_leg(layout, state, leg, rate, market.open_mark[step, leg, path])
            tally.funding[0] += coins * market.open_index[step, settle, path]
            calm.coins[settle] += coins


def rest_lane(
    layout: Layout,
    rules: Rules,
    state: State,
    tally: Tally,
    market: Market,
    targets: Rows,
    step: int,
    path: int,
    lane: int,
    track: Track,
    agenda: Agenda,
    sides: Sides,
    calm: Calm,
) -> int:
    """One bar of a lane that rests. Returns 1 when it stays in its box, 0 when it must decide."""
    if agenda.paid[step, path] == 1:
        pay_calmly(calm, layout, state, market, step, path, tally)
    if is_inside(sides, calm, layout, rules, state, market, step, path, targets) == 0:
        return 0
    track.wealth[step, lane] = calm_wealth(calm, layout, state, market, step, path)
    return 1


REST_PARTS = (settle_coins, is_inside, calm_wealth, pay_calmly, rest_lane)
