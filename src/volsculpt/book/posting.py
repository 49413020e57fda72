"""Coins behind a group: what an isolated trade posts and gives back, and a bonus that goes."""

from volsculpt.book.state import Layout, State
from volsculpt.compilable import compilable
from volsculpt.contracts.margin import opening_rate
from volsculpt.contracts.payoff import value


@compilable
def isolated_leg(layout: Layout, group: int) -> int:
    """The leg of an isolated group; -1 for cross and unified groups."""
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if layout.legs.group[leg] == group and layout.legs.posted_wallet[leg] >= 0:
            return leg
    return -1


@compilable
def group_wallet(layout: Layout, group: int, currency: int) -> int:
    """The wallet that coins sent to a group arrive in; -1 when it has none.

    Of an isolated group it is the account's free coins: a position takes its margin from there.
    """
    leg = isolated_leg(layout, group)
    if leg >= 0:
        return layout.legs.free_wallet[leg]
    for wallet in range(layout.group_wallet_from[group], layout.group_wallet_to[group]):
        if layout.wallet_group[wallet] == group and layout.wallet_wrapped[wallet] == 0:
            if layout.wallet_currency[wallet] == currency:
                return wallet
    return -1


@compilable
def lose_bonus(layout: Layout, state: State, group: int) -> None:
    """Take a group's bonus away: coins left its account, or it was liquidated."""
    for row in range(group * layout.currencies, (group + 1) * layout.currencies):
        state.bonus[row] = 0.0


@compilable
def lose_coins(layout: Layout, state: State, group: int) -> None:
    """Take away all coins that stand behind a group and are not owned: bonus and others'."""
    lose_bonus(layout, state, group)
    for row in range(group * layout.currencies, (group + 1) * layout.currencies):
        state.others_coins[row] = 0.0


@compilable
def lose_backing(layout: Layout, state: State, group: int) -> None:
    """A liquidation takes all that stands in a group and is not owned: bonus, coins, contracts."""
    lose_coins(layout, state, group)
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if layout.legs.group[leg] == group:
            state.others[leg], state.others_cost[leg] = 0.0, 0.0


@compilable
def post_margin(layout: Layout, state: State, leg: int, held: float, price: float) -> None:
    """Isolated: an increase posts its |value| at its rate, a decrease gives its share back.

    The rate is `opening_rate` of the size after; a flip gives all back and posts anew. Worked: 0.3
    posted to 3 contracts, 1 of them closed: 0.1 is free again.

    Args: state: the leg after a trade, its wallets are written; leg: its row; held: contracts
    before it, signed; price: of the trade, in quote.
    """
    legs = layout.legs
    after = state.contracts[leg]
    posted, free = legs.posted_wallet[leg], legs.free_wallet[leg]
    size = abs(value(legs.payoff[leg], after, legs.multiplier[leg], price))
    if held * after < 0.0 or after == 0.0:
        moved = -state.wallet[posted]
        if size > 0.0:
            moved += size * opening_rate(legs, leg, after, size)
    elif abs(after) > abs(held):
        added = abs(value(legs.payoff[leg], after - held, legs.multiplier[leg], price))
        moved = added * opening_rate(legs, leg, after, size)
    else:
        moved = -state.wallet[posted] * (1.0 - after / held)
    state.wallet[posted] += moved
    state.wallet[free] -= moved


@compilable
def cover_free(layout: Layout, state: State, leg: int) -> None:
    """What an isolated account's free coins do not cover comes out of the leg's posted margin.

    Worked: 0.001 free, 0.05 posted, a fee of 0.003: 0 free and 0.048 posted. A leg that is
    flat has nothing posted: what is missing then stays owed.
    """
    posted, free = layout.legs.posted_wallet[leg], layout.legs.free_wallet[leg]
    if posted < 0 or state.contracts[leg] == 0.0 or state.wallet[free] >= 0.0:
        return
    state.wallet[posted] += state.wallet[free]
    state.wallet[free] = 0.0
