"""What a book is worth if all coins jump together, and which groups would not survive."""

from collections.abc import Sequence
from dataclasses import dataclass

from volsculpt.book.breaches import Breaches
from volsculpt.book.coming import coming_usd
from volsculpt.book.exposure import exposure, leg_pnl, wealth_usd
from volsculpt.book.flatten import Flat
from volsculpt.book.group import group_equity, has_position
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
    """Net wealth in USD of a state at a quote; coins that are only counted ahead are none of it."""
    sums = new_exposure(flat.layout)
    exposure(flat.layout, state, quote, 0, sums)
    return wealth_usd(flat.layout, quote, sums) - coming_usd(flat, state, quote)


def run_wealth(flat: Flat, state: State, quote: Quote) -> float:
    """Wealth in USD as a run counts it: with the flows that its hedge counts ahead."""
    return wealth(flat, state, quote) + coming_usd(flat, state, quote)


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


def wipe_out(flat: Flat, state: State, group: int) -> State:
    """The state after a liquidation at its worst: contracts closed, all that is in the group gone.

    What the group owes beyond that is gone too, as `exchange/liquidate.py` has it: nothing is taken
    from other accounts.

    Args: group: its row.
    """
    after = copy_state(state)
    lose_backing(flat.layout, after, group)
    for leg in flat.legs_of(group):
        after.contracts[leg] = 0.0
        after.cost[leg] = 0.0
    for wallet in flat.wallets_of(group):
        after.wallet[wallet] = 0.0
    return after


def closed_now(flat: Flat, held: State, quote: Quote, gone: Sequence[int]) -> State:
    """The held book with every contract closed at mark; groups that could not pay are empty.

    Args: gone: rows of groups that the exchange closes now, whatever is ordered.
    """
    left = held
    for group in gone:
        if group_equity(flat.layout, held, quote, group) < 0.0:
            left = wipe_out(flat, left, group)
    return close_all(flat, left, quote)


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

    Coins outside it are valued at the shock. A loan without contracts stays: nothing is closed.
    Unhedged is the book before the trades, closed at mark, so it pays none of their fees. Worked:
    1 coin cold and 0.2 margin, short 60,000 from 50,000, 0.5 % maintenance: at +20 % (60,000,
    beyond 59,700) 60,000 USD are left. 10,000 USD of coin, a short of 10,000 sold for 5.50: at 0
    hedged 9,994.50, unhedged 10,000.

    Args: shock: the move of all coins, a fraction, - falls; held: the book before the trades that
    made `state` of it (default: no trades); breaches: of `state`, for the next shock too.
    """
    return outcomes(flat, state, quote, held, (shock,), breaches)[0]


def _closed(breaches: Breaches, held: State, shock: float) -> list[tuple[int, float]]:
    """Groups that are closed on the way to a shock, as an `Outcome` lists them.

    What is in breach without contracts before the orders and after owes, and nothing is closed.

    Args: breaches: of the book; held: the book before the trades; shock: as `outcome` takes it.
    """
    flat, found = breaches.flat, list[tuple[int, float]]()
    for group in range(len(flat.groups)):
        factor = on_the_way(breaches, group, shock)
        owed = factor == 1.0 and not any(
            has_position(flat.layout, one, group) for one in (held, breaches.state)
        )
        if factor is not None and not owed:
            found.append((group, factor))
    return found


def _outcome(breaches: Breaches, held: State, bare: State, shock: float) -> Outcome:
    """One outcome.

    Args: breaches: of the book; held: the book before the trades; bare: what it is compared with,
    every contract closed; shock: as `outcome` takes it.
    """
    flat, lost = breaches.flat, _closed(breaches, held, shock)
    after = breaches.state
    for group, _ in lost:
        after = wipe_out(flat, after, group)
    there = shocked(flat, breaches.quote, shock)
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
    held = state if held is None else held
    gone = [group for group, factor in _closed(breaches, held, 0.0) if factor == 1.0]
    bare = closed_now(flat, held, quote, gone)
    return [_outcome(breaches, held, bare, shock) for shock in shocks]
