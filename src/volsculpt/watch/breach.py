"""Where a margin group is closed, told in the price of a contract that goes there."""

from collections.abc import Sequence
from dataclasses import dataclass

from volsculpt.book.breaches import Breaches
from volsculpt.book.exposure import venue_contracts, venue_value
from volsculpt.book.flatten import Flat
from volsculpt.book.group import group_equity, group_gross, group_maintenance, is_breached
from volsculpt.book.liquidation import NEVER, nearest_factor
from volsculpt.book.state import Quote, State
from volsculpt.decide.step import Decision


def main_leg(flat: Flat, states: Sequence[State], quote: Quote, group: int) -> int:
    """The leg whose price a group's liquidation is told in, the same in all states; -1 if none.

    The largest by value of those that move when all coins move together; a pair of
    stablecoins, or of two coins, goes to no such price.

    Args: states: of one book, before and after; group: its row.
    """
    legs = flat.layout.legs
    best, most = -1, 0.0
    for leg in flat.legs_of(group):
        if legs.mark_power[leg] == 0:
            continue
        unit = quote.index_usd[legs.settle[leg]]
        size = max(abs(venue_value(flat.layout, one, quote, leg)) * unit for one in states)
        if best < 0 or size > most:
            best, most = leg, size
    return best


def tick_of(flat: Flat, leg: int) -> float | None:
    """Price step of the contract that a group's liquidation is told in; None: not known, or a coin.

    Args: leg: as `main_leg` finds it.
    """
    return flat.legs[leg][1].tick if leg >= 0 else None


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a group is closed: the price of a contract, or of a coin it is margined in.

    move: of all coins together, with its sign.
    """

    price: float
    contract: str | None
    coin: str
    move: float


def liquidation_anchor(
    flat: Flat, quote: Quote, group: int, leg: int
) -> tuple[float, str | None, str] | None:
    """(price now, contract, coin) that a group's liquidation is told in; None without any.

    Where no contract of the group moves, the coin that backs it most.

    Args: group: its row; leg: as `main_leg` finds it.
    """
    if leg >= 0:
        contract = flat.legs[leg][1]
        return quote.mark[leg], contract.symbol, contract.base
    layout = flat.layout
    coins = {
        layout.wallet_currency[row]: flat.state.wallet[row]
        * quote.index_usd[layout.wallet_currency[row]]
        for row in flat.wallets_of(group)
        if layout.moves[layout.wallet_currency[row]] == 1
    }
    if not coins:
        return None
    coin = max(coins, key=lambda one: abs(coins[one]))
    return quote.index_usd[coin], None, flat.currencies[coin]


def breach_at(breaches: Breaches, group: int, leg: int, alone: bool = False) -> Breach | None:
    """Where the group breaches, told in the leg's contract; None: never.

    Args: breaches: of the book; group: its row; leg: as `main_leg` finds it; alone: the venue's own
    figure, every other position held where it is.
    """
    flat, state, quote = breaches.flat, breaches.state, breaches.quote
    held = [n for n in flat.legs_of(group) if venue_contracts(state, n) != 0.0]
    anchor = liquidation_anchor(flat, quote, group, leg)
    if anchor is None or not held or (alone and leg not in held):
        return None
    if alone and held != [leg]:
        found, factor = nearest_factor(flat.layout, state, quote, group, leg, 1)
    else:
        found, factor = breaches.nearest(group)
    return (
        None if found == NEVER else Breach(anchor[0] * factor, anchor[1], anchor[2], factor - 1.0)
    )


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the groups of a book breach: as it is held, and once the orders fill."""

    now: Breaches
    after: Breaches


def ends_of(decision: Decision, after: State) -> Ends:
    """The ends of what a decision is made on, and of the book that it leads to."""
    flat, quote = decision.flat, decision.quoted.quote
    now = Breaches(flat, flat.state, quote)
    return Ends(now, Breaches(flat, after, quote, now))


@dataclass(frozen=True, slots=True)
class MarginStatus:
    """A margin group in one state: figures in its own currency, and where it is closed.

    row: of the group. leg: whose contract tells its liquidation, -1 for none.
    """

    row: int
    leg: int
    equity: float
    maintenance: float
    gross: float
    breach: Breach | None

    @property
    def leverage(self) -> float | None:
        """Gross value over equity; None without equity."""
        return self.gross / self.equity if self.equity > 0.0 else None

    @property
    def is_breached(self) -> bool:
        """Whether its venue closes it now."""
        return is_breached(self.equity, self.maintenance)


def margin_status(breaches: Breaches, group: int, leg: int) -> MarginStatus:
    """How a group stands.

    Args: breaches: of the book; group: its row; leg: that its liquidation is told in, as
    `main_leg` finds it.
    """
    flat, state, quote = breaches.flat, breaches.state, breaches.quote
    return MarginStatus(
        group,
        leg,
        group_equity(flat.layout, state, quote, group),
        group_maintenance(flat.layout, state, quote, group),
        group_gross(flat.layout, state, quote, group),
        breach_at(breaches, group, leg),
    )
