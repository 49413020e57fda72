"""What a book is worth if all coins jump together, and which groups would not survive."""

from collections.abc import Sequence
from dataclasses import dataclass

from volsculpt.book.breaches import Breaches
from volsculpt.book.exposure import exposure, leg_pnl, wealth_usd
from volsculpt.book.flatten import Flat
from volsculpt.book.group import group_equity
from volsculpt.book.liquidation import BREACHED, DOWN, NEVER, UP
from volsculpt.book.posting import lose_backing
from volsculpt.book.state import Quote, State, copy_state, new_exposure

SHOCKS = (-0.5, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Wealth in USD after a shock, hedged and as it would be with every contract closed now.

    liquidated: (group row, factor of today's price at which it was closed).
    """

    shock_ratio: float
    hedged_usd: float
    unhedged_usd: float
    liquidated: list[tuple[int, float]]


def shocked(flat: Flat, quote: Quote, shock: float) -> Quote:
    """The quote with every coin's index, and every mark with it, moved by `shock`."""
    moves, legs = flat.layout.moves, flat.layout.legs
    by = 1.0 + shock
    index = [price * by if moves[row] else price for row, price in enumerate(quote.index_usd)]
    marks = [price * by ** legs.mark_power[row] for row, price in enumerate(quote.mark)]
    return Quote(index, marks)


def wealth(flat: Flat, state: State, quote: Quote) -> float:
    """Net wealth in USD of a state at a quote."""
    sums = new_exposure(flat.layout)
    exposure(flat.layout, state, quote, 0, sums)
    return wealth_usd(flat.layout, quote, sums)


def close_all(flat: Flat, state: State, quote: Quote, group: int | None = None) -> State:
    """The state with contracts closed at mark, of one group or of all; PnL goes to wallets.

    Args: group: its row, None = all.
    """
    after = copy_state(state)
    legs = flat.layout.legs
    for leg in range(len(flat.legs)) if group is None else flat.legs_of(group):
        after.wallet[legs.cash_wallet[leg]] += leg_pnl(flat.layout, state, quote, leg)
        after.contracts[leg] = 0.0
        after.cost[leg] = 0.0
    return after


def wipe_out(flat: Flat, state: State, quote: Quote, group: int) -> State:
    """The state after a liquidation at its worst: contracts closed, the group's equity gone.

    A group that owes more than it has (it was in breach already) keeps owing it.

    Args: group: its row.
    """
    after = copy_state(state)
    _wipe(flat, after, quote, group)
    return after


def _wipe(flat: Flat, state: State, quote: Quote, group: int) -> None:
    """`wipe_out`, written into the state itself."""
    debt = min(0.0, group_equity(flat.layout, state, quote, group))
    lose_backing(flat.layout, state, group)
    for leg in flat.legs_of(group):
        state.contracts[leg] = 0.0
        state.cost[leg] = 0.0
    for wallet in flat.wallets_of(group):
        currency = flat.layout.wallet_currency[wallet]
        unit = 1.0 if flat.layout.group_currency[group] >= 0 else quote.index_usd[currency]
        state.wallet[wallet] = debt / unit
        debt = 0.0


def on_the_way(breaches: Breaches, group: int, shock: float) -> float | None:
    """Factor of today's price at which a group is closed on the way to a shock, or None.

    Args: breaches: of the book; group: its row; shock: the move of all coins, a fraction, - falls.
    """
    direction = UP if shock >= 0.0 else DOWN
    found, factor = breaches.toward(group, direction)
    if found == BREACHED:
        return 1.0
    if found == NEVER or (factor - 1.0 - shock) * direction > 0.0:
        return None
    return factor


def outcome(
    flat: Flat,
    state: State,
    quote: Quote,
    shock: float,
    held: State | None = None,
    breaches: Breaches | None = None,
) -> Outcome:
    """Wealth of a book after one shock; a group that breaches on the way loses all its equity.

    Coins outside it are valued at the shock. Unhedged is the book before the trades, closed at
    mark, so it pays none of their fees. Worked: 1 coin cold and 0.2 margin, short 60,000 from
    50,000, 0.5 % maintenance: at +20 % (60,000, beyond 59,700) 60,000 USD are left. 10,000 USD of
    coin, a short of 10,000 sold for 5.50: at 0 hedged 9,994.50, unhedged 10,000.

    Args: shock: the move of all coins, a fraction, - falls; held: the book before the trades that
    made `state` of it (default: no trades); breaches: of `state`, for the next shock too.
    """
    return outcomes(flat, state, quote, held, (shock,), breaches)[0]


def _outcome(breaches: Breaches, bare: State, shock: float) -> Outcome:
    """One outcome. breaches: of the book; bare: what it is compared with, every contract closed."""
    flat, quote = breaches.flat, breaches.quote
    after, lost = breaches.state, list[tuple[int, float]]()
    for group in range(len(flat.groups)):
        factor = on_the_way(breaches, group, shock)
        if factor is not None:
            after = after if lost else copy_state(after)
            _wipe(flat, after, quote, group)
            lost.append((group, factor))
    there = shocked(flat, quote, shock)
    return Outcome(shock, wealth(flat, after, there), wealth(flat, bare, there), lost)


def outcomes(
    flat: Flat,
    state: State,
    quote: Quote,
    held: State | None = None,
    shocks: Sequence[float] = SHOCKS,
    breaches: Breaches | None = None,
) -> list[Outcome]:
    """One outcome a shock.

    Args: held, breaches: as `outcome` takes them; shocks: moves of all coins, fractions, - falls.
    """
    breaches = breaches or Breaches(flat, state, quote)
    bare = close_all(flat, state if held is None else held, quote)
    return [_outcome(breaches, bare, shock) for shock in shocks]
