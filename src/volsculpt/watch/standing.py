"""How each margin group stands: equity, leverage, and where and how far away it is closed."""

import math
from collections.abc import Set
from dataclasses import dataclass, replace

from volsculpt.book.breaches import Breaches
from volsculpt.book.exposure import venue_contracts
from volsculpt.book.flatten import Flat
from volsculpt.book.group import has_position
from volsculpt.book.state import Quote
from volsculpt.decide.rules import Answer
from volsculpt.decide.unpriced import unpriced_groups
from volsculpt.ledger.books import Books
from volsculpt.watch.breach import liquidation_anchor, main_leg, margin_status
from volsculpt.watch.filled import filled_by


@dataclass(frozen=True, slots=True)
class GroupStanding:
    """A margin group that holds contracts: how it stands now.

    equity_coin: in `currency`. leverage: None without equity. liquidation_contract: whose price
    the prices are, those of liquidation_coin where it is None. liquidation_distance: of
    liquidation_move, that of all coins together; 0 where the exchange closes it at once; None: no
    move closes it.
    """

    account: str
    group: str
    currency: str
    equity_coin: float
    equity_usd: float
    leverage: float | None
    price: float | None
    liquidation_contract: str | None
    liquidation_coin: str | None
    liquidation_price: float | None
    liquidation_distance: float | None
    liquidation_move: float | None


def standings(flat: Flat, quote: Quote, unpriced: Set[str] = frozenset()) -> list[GroupStanding]:
    """Each group with contracts, the nearest to its end first.

    unpriced: currencies whose price is not known; how a group stands that needs one is not told.
    """
    breaches = Breaches(flat, flat.state, quote)
    unknown = unpriced_groups(flat, unpriced)
    held = [
        group
        for group in range(flat.layout.groups)
        if has_position(flat.layout, flat.state, group) == 1 and group not in unknown
    ]
    return sorted((_standing(breaches, group) for group in held), key=_nearest)


def _nearest(one: GroupStanding) -> float:
    return math.inf if one.liquidation_distance is None else one.liquidation_distance


def _standing(breaches: Breaches, group: int) -> GroupStanding:
    """How one group stands."""
    flat, quote = breaches.flat, breaches.quote
    leg, label = main_leg(flat, (flat.state,), quote, group), flat.groups[group]
    found, anchor = margin_status(breaches, group, leg), liquidation_anchor(flat, quote, group, leg)
    price, contract, coin = anchor if anchor is not None else (None, None, None)
    end, unit = found.breach, flat.layout.group_currency[group]  # -1: US dollars
    distance = abs(end.move) if end is not None else None
    return GroupStanding(
        account=label.account,
        group=label.group,
        currency=label.currency,
        equity_coin=found.equity,
        equity_usd=found.equity * (1.0 if unit < 0 else quote.index_usd[unit]),
        leverage=found.leverage,
        price=price,
        liquidation_contract=contract,
        liquidation_coin=coin,
        liquidation_price=end.price if end is not None else None,
        liquidation_distance=0.0 if found.is_breached else distance,
        liquidation_move=end.move if end is not None else None,
    )


def with_fills(flat: Flat, quote: Quote, answer: Answer, books: Books) -> Flat:
    """The book of a decision with what has been filled since, and posted.

    Args: quote, answer: of the decision; books: what is held of each contract now.
    """
    done = answer._replace(trade=_changes(flat, books))
    return replace(flat, state=filled_by(flat.layout, flat.state, quote, done))


def _changes(flat: Flat, books: Books) -> list[float]:
    """Contracts by leg that are held now and were not then."""
    found = []
    for leg, (account, contract) in enumerate(flat.legs):
        held = books.positions.get((account, contract.key))
        now = held.contracts if held is not None else 0.0
        found.append(now - venue_contracts(flat.state, leg))
    return found
