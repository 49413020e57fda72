"""Liquidation inside a step: does a margin group survive the bar, and if not, what is lost.

Each coin of the group is put at the end of its bar that hurts the group more (the worst
corner). A group that breaches there is closed where it first breaches on the straight way
from the open, and loses all its equity: position, fee and bankruptcy loss together.
"""

from volsculpt.book.exposure import leg_pnl
from volsculpt.book.group import at as value_at
from volsculpt.book.group import excess_terms, has_position
from volsculpt.book.posting import lose_backing
from volsculpt.book.state import Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.contracts.payoff import value
from volsculpt.exchange.cancel import BY_LIQUIDATION, cancel
from volsculpt.exchange.events import CLOSED, LIQUIDATED, TAKEN, add_event, add_trade
from volsculpt.exchange.rows import Bar, Exchange

HALVINGS = 60


@compilable
def set_coin(
    layout: Layout, bar: Bar, opened: Quote, there: Quote, currency: int, side: int, part: float
) -> None:
    """Put a coin's marks a part of the way from open to the bar's high or low.

    Its index goes along with the mark of the coin that moves most.

    Args: opened: read; there: written; currency: its row; side: 1 to the high, 0 to the low; part:
    0.0 to 1.0.
    """
    legs = layout.legs
    most = 1.0
    for leg in range(legs.rows):
        if legs.base[leg] == currency:
            end = bar.high_mark[leg] if side == 1 else bar.low_mark[leg]
            mark = opened.mark[leg] + part * (end - opened.mark[leg])
            there.mark[leg] = mark
            moved = mark / opened.mark[leg]
            if abs(moved - 1.0) > abs(most - 1.0):
                most = moved
    there.index_usd[currency] = opened.index_usd[currency] * most


@compilable
def excess_now(layout: Layout, state: State, quote: Quote, group: int) -> float:
    """Equity less maintenance of a group at a quote.

    Args: group: its row.
    """
    return value_at(excess_terms(layout, state, quote, group, 1.0, -1, 1), 1.0)


@compilable
def is_in_group(layout: Layout, group: int, currency: int) -> int:
    """1 when a coin's price can touch a group: by a leg on it or in it, or as its collateral."""
    legs = layout.legs
    for leg in range(legs.rows):
        if legs.group[leg] == group:
            if legs.base[leg] == currency or legs.settle[leg] == currency:
                return 1
    for wallet in range(layout.wallets):
        if layout.wallet_group[wallet] == group and layout.wallet_currency[wallet] == currency:
            return 1
    return 0


@compilable
def worst_corner(
    layout: Layout,
    state: State,
    bar: Bar,
    opened: Quote,
    there: Quote,
    group: int,
    part: float,
) -> float:
    """Least excess over the corners of the bar, a part of the way there; leaves it in `there`.

    Args: opened: read; there: written; group: its row; part: of the way from the open, 0.0 to 1.0.
    In the group's unit.
    """
    for currency in range(layout.currencies):
        there.index_usd[currency] = opened.index_usd[currency]
    for leg in range(layout.legs.rows):
        there.mark[leg] = opened.mark[leg]
    least = excess_now(layout, state, there, group)  # where no coin moves it
    for currency in range(layout.currencies):
        if layout.moves[currency] == 1 and is_in_group(layout, group, currency) == 1:
            set_coin(layout, bar, opened, there, currency, 1, part)
            high = excess_now(layout, state, there, group)
            set_coin(layout, bar, opened, there, currency, 0, part)
            least = excess_now(layout, state, there, group)
            if high < least:
                set_coin(layout, bar, opened, there, currency, 1, part)
                least = high
    return least


@compilable
def breach_part(
    layout: Layout, state: State, bar: Bar, opened: Quote, there: Quote, group: int
) -> float:
    """How far into the worst corner the group first breaches, 0 (at the open) to 1.

    Args: opened: read; there: written over; group: its row.
    """
    safe, breach = 0.0, 1.0
    if worst_corner(layout, state, bar, opened, there, group, 0.0) < 0.0:
        return 0.0
    for _ in range(HALVINGS):
        middle = 0.5 * (safe + breach)
        if worst_corner(layout, state, bar, opened, there, group, middle) < 0.0:
            breach = middle
        else:
            safe = middle
    return breach


@compilable
def liquidate(at: Exchange, bar: Bar, opened: Quote, there: Quote, group: int) -> None:
    """Close a group that does not survive the bar; its coins outside the group stay.

    Worked: 0.2 coin, short 60,000 USD from 50,000, 0.5 %: a bar with high 59,701 closes it.

    Args: opened: prices at the open; there: written over; group: its row.
    """
    layout, state = at.layout, at.state
    if has_position(layout, state, group) == 0:
        return
    if worst_corner(layout, state, bar, opened, there, group, 1.0) >= 0.0:
        return
    part = breach_part(layout, state, bar, opened, there, group)
    worst_corner(layout, state, bar, opened, there, group, part)
    wipe(at, opened, there, group)


@compilable
def wipe(at: Exchange, opened: Quote, there: Quote, group: int) -> None:
    """Move the group to the quote where it breached, then take its equity and its orders.

    Args: opened: prices before; there: prices at the breach; group: its row.
    """
    layout, state, pending, page = at.layout, at.state, at.pending, at.page
    legs, lost = layout.legs, 0.0
    lose_backing(layout, state, group)
    for wallet in range(layout.wallets):
        if layout.wallet_group[wallet] == group:
            currency = layout.wallet_currency[wallet]
            coins, price = state.wallet[wallet], there.index_usd[currency]
            gained = coins * (price - opened.index_usd[currency])
            add_trade(page, TAKEN, wallet, -coins, price, -coins * price, gained)
            lost += coins * price
            state.wallet[wallet] = 0.0
    for leg in range(legs.rows):
        if legs.group[leg] != group:
            continue
        start = leg_pnl_usd(layout, state, opened, leg)
        end = leg_pnl_usd(layout, state, there, leg)
        lost += end
        size, mark = state.contracts[leg], there.mark[leg]
        usd = abs(value(legs.payoff[leg], size, legs.multiplier[leg], mark))
        usd = usd * there.index_usd[legs.settle[leg]]
        add_trade(page, CLOSED, leg, -size, mark, usd, end - start)
        state.contracts[leg] = 0.0
        state.cost[leg] = 0.0
        cancel(state, pending, page, leg, BY_LIQUIDATION)
    add_event(page, LIQUIDATED, group, 0.0, 0.0, -lost)


@compilable
def leg_pnl_usd(layout: Layout, state: State, quote: Quote, leg: int) -> float:
    """Unrealised PnL of a leg in US dollars at a quote.

    Args: leg: its row.
    """
    return leg_pnl(layout, state, quote, leg) * quote.index_usd[layout.legs.settle[leg]]
