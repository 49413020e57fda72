"""Every coin that came or went, in time order, with what it was worth then: what taxes are of.

Coins alone: contracts realise coins when the venue books them, and those are moves as well. A
transfer between the owner's accounts moves none of what is owned, but for what it costs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from volsculpt.contracts.currencies import is_fiat, is_stable
from volsculpt.ledger.booking import moves_of
from volsculpt.ledger.books import Books
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import stamp_of
from volsculpt.ledger.postings import (
    AGAINST,
    CONVERSIONS,
    DIFFERENCES,
    FEES,
    FLOWS,
    LIQUIDATION,
    OPENING,
    TRADING,
    TRANSFERS,
    TRANSIT,
    Move,
)

MoveKind = Literal[
    "futures",
    "funding",
    "fee",
    "interest",
    "insurance",
    "conversion",
    "flow",
    "opening",
    "difference",
    "transfer",
]
KINDS: Mapping[str, MoveKind] = {
    TRADING: "futures",
    AGAINST["funding"]: "funding",
    FEES: "fee",
    LIQUIDATION: "fee",
    TRANSFERS: "fee",
    AGAINST["interest"]: "interest",
    AGAINST["insurance"]: "insurance",
    CONVERSIONS: "conversion",
    FLOWS: "flow",
    OPENING: "opening",
    DIFFERENCES: "difference",
    TRANSIT: "transfer",
}
EARNED: tuple[MoveKind, ...] = ("futures", "funding", "fee", "interest", "insurance")
PricesThen = Mapping[tuple[str, int], float]


@dataclass(frozen=True, slots=True)
class CoinMove:
    """Coins that came (+) or went (-).

    move_id: number of its event, and which of its moves: "17.2". contract: what it is of, where
    the event says. transfer_id: of coins on their way between the owner's accounts.
    """

    move_id: str
    time_ns: int
    account: str
    coin: str
    coins: float
    kind: MoveKind
    contract: str | None = None
    transfer_id: str | None = None


@dataclass(frozen=True, slots=True)
class ValuedMove:
    """A move, and what its coins were worth then in the numeraire, with their sign."""

    move: CoinMove
    worth: float


def coin_moves(entries: Iterable[Entry], transfers: bool = False) -> tuple[list[CoinMove], Books]:
    """(moves of coins by time, the books they end in).

    Booked in the order of the ledger, as the books are, then told by when they happened.
    transfers: those between the owner's accounts too, out of one and into the other.
    """
    books, found = Books(), list[CoinMove]()
    for entry in entries:
        moves = [one for one in moves_of(books, entry) if _is_of_coins(one, transfers)]
        stamp = stamp_of(entry.event, entry.time_ns)
        found += [_move(entry, n, one, stamp) for n, one in enumerate(moves, 1)]
    return sorted(found, key=lambda one: one.time_ns), books


def _is_of_coins(move: Move, transfers: bool) -> bool:
    is_counted = transfers or move.against != TRANSIT
    return is_counted and not move.is_contract and move.amount != 0.0


def _move(entry: Entry, number: int, move: Move, stamp_ns: int) -> CoinMove:
    """One move as it is told."""
    contract = getattr(entry.event, "contract", None)
    return CoinMove(
        f"{entry.seq}.{number}",
        stamp_ns,
        move.account,
        move.commodity,
        move.amount,
        KINDS[move.against],
        contract,
        getattr(entry.event, "transfer_id", None) if move.against == TRANSIT else None,
    )


def valued(moves: Iterable[CoinMove], prices: PricesThen, numeraire: str) -> list[ValuedMove]:
    """What moves were worth at the prices of their times.

    Both sides of a conversion are worth the same: what was paid, where one of them is money. What
    moves between the owner's accounts keeps its cost: it needs no price.

    Args: moves: by time; prices: in the numeraire, by coin and ns UTC; numeraire: a currency.
    """
    sides: dict[str, list[CoinMove]] = {}
    moves = list(moves)
    for one in moves:
        if one.kind == "conversion":
            sides.setdefault(_event_of(one), []).append(one)
    worth = {event: _paid(both, prices, numeraire) for event, both in sides.items()}
    found = []
    for one in moves:
        if one.kind == "conversion":
            size = worth[_event_of(one)]
        elif one.kind == "transfer" and (one.coin, one.time_ns) not in prices:
            size = 0.0
        else:
            size = abs(one.coins) * prices[one.coin, one.time_ns]
        found.append(ValuedMove(one, size if one.coins > 0.0 else -size))
    return found


def _event_of(move: CoinMove) -> str:
    return move.move_id.partition(".")[0]


def _paid(both: list[CoinMove], prices: PricesThen, numeraire: str) -> float:
    """What a conversion was worth: by its money, else by a stablecoin, else by what was sold."""
    best = min(both, key=lambda one: (_rank(one.coin, numeraire), one.coins > 0.0))
    return abs(best.coins) * prices[best.coin, best.time_ns]


def _rank(coin: str, numeraire: str) -> int:
    """How well the price of a coin says what was paid; 0 is best."""
    if coin == numeraire:
        return 0
    if is_fiat(coin):
        return 1
    return 2 if is_stable(coin) else 3
