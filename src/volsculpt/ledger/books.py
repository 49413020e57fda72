"""The books: what all events so far add up to; `booking.book` folds one event into them.

What comes twice (a lot, a cash or flow id, an answer after a final one) is booked once:
`Books.is_booked` tells beforehand.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from volsculpt.contracts.payoff import PAYOFF_CODE, average_entry
from volsculpt.ledger.events import (
    ALERT_LEVELS,
    Acknowledged,
    AlertAcknowledged,
    AlertLevel,
    CashBooked,
    Converted,
    Filled,
    FlowBooked,
    Intended,
    Json,
    TransferNoted,
)

IntentState = Literal["intended", "sent", "acked", "partial", "unknown", "cancelling", "done"]


@dataclass(slots=True)
class OrderBooked:
    """An order as the ledger knows it: as it was meant, and how far it has come.

    filled_contracts: the most the venue or its fills have told; booked_contracts: what has
    come as fills, lot by lot. outcome: the last the venue said; None before it said anything.
    """

    intended: Intended
    seq: int
    since_ns: int
    state: IntentState = "intended"
    filled_contracts: float = 0.0
    booked_contracts: float = 0.0
    outcome: str | None = None
    venue_order_id: str | None = None
    why: str = ""

    @property
    def client_id(self) -> str:
        """Its own name."""
        return self.intended.client_id

    @property
    def place(self) -> tuple[str, str]:
        """Its account and the key of its contract."""
        return self.intended.account, self.intended.contract

    @property
    def left_contracts(self) -> float:
        """Signed contracts that have not come as fills."""
        return self.intended.contracts - self.booked_contracts

    @property
    def alive(self) -> bool:
        """Whether it may still fill."""
        return self.state != "done"


@dataclass(slots=True)
class PositionBooked:
    """A position: contracts and cost, signed, in the units of contracts.payoff."""

    contracts: float
    cost: float
    payoff: str
    multiplier: float
    settle: str

    @property
    def entry(self) -> float:
        """Average entry price; 0.0 when flat: there is none."""
        code = PAYOFF_CODE[self.payoff]
        return average_entry(code, self.contracts, self.multiplier, self.cost)


@dataclass(slots=True)
class TransferBooked:
    """A transfer as it was noted last. gone_coins: what has left its source, cost included."""

    noted: TransferNoted
    since_ns: int
    gone_coins: float = 0.0

    @property
    def alive(self) -> bool:
        """Whether its end is still to come."""
        return self.noted.state not in {"arrived", "failed"}


@dataclass(slots=True)
class AlertBooked:
    """An alert that is not over. waits: it is noted and nobody was told yet.

    number: it has from when it is told, its own for ever; acknowledged: by whom, as grave as it
    was then, and when.
    """

    key: str
    level: AlertLevel
    text: str
    since_ns: int
    waits: bool = False
    number: int | None = None
    acknowledged: AlertAcknowledged | None = None
    acknowledged_ns: int | None = None

    @property
    def is_acknowledged(self) -> bool:
        """Whether a person knows of it, as grave as it is now."""
        acknowledged = self.acknowledged
        return acknowledged is not None and rank(self.level) <= rank(acknowledged.level)


def rank(level: AlertLevel) -> int:
    """How grave a level is; the gravest is highest."""
    return ALERT_LEVELS.index(level)


@dataclass(frozen=True, slots=True)
class DisputeBooked:
    """A fill that is not what its order intended: why, and the (account, contract) it concerns."""

    why: str
    legs: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class LossBooked:
    """What a venue closed or cut of one contract, for one reason, since a person knew of it.

    closed: contracts, + bought, and their cost, by which the entry is the price it closed them at;
    left: contracts still held after the last fill, stamp_ns: of that. coins: that came with it, by
    currency, - lost: profit since the entry, fees, what insurance funds took; usd: the same in US
    dollars at the prices of then, None where one was not known.
    """

    account: str
    contract: str
    reason: str
    closed: PositionBooked
    left: float = 0.0
    stamp_ns: int = 0
    coins: dict[str, float] = field(default_factory=dict)
    usd: float | None = 0.0


@dataclass(slots=True)
class StatementBooked:
    """What a venue said last of an account."""

    balances: dict[str, float]
    positions: dict[str, Json]
    stamp_ns: int
    adopted: bool


@dataclass(slots=True)
class GainsBooked:
    """What coins and contracts have earned since the first decision's prices; see `gains`.

    begun_ns: time of those. index_usd, mark: the newest price of each coin and contract. owned:
    coins of each currency, on their way or not. gained_usd: US dollars by what they came from, at
    the price of their time; None where a price was not known. opening_usd: what open positions
    had earned when they were taken over; unpriced: those that no price has told yet.
    """

    begun_ns: int | None = None
    index_usd: dict[str, float] = field(default_factory=dict)
    mark: dict[str, float] = field(default_factory=dict)
    owned: dict[str, float] = field(default_factory=dict)
    gained_usd: dict[str, float | None] = field(default_factory=dict)
    opening_usd: float | None = 0.0
    unpriced: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True)
class Books:
    """What all events so far add up to; empty at first.

    alert_count: of those that were told, which numbers them. passed: how many troubles of each kind
    were over before anybody was told. found: open
    positions (account, contract) that are left alone until a person adopts them, and their
    contracts; None where a part of them is somebody else's. losses: what venues closed or cut, by
    the key of its alert, until that is acknowledged or over; last_loss: the last, for ever;
    liquidated: accounts in which something ever was. disputes: by client id, until a person accepts
    the venue's figures.
    """

    orders: dict[str, OrderBooked] = field(default_factory=dict)
    slots: dict[tuple[str, str], str] = field(default_factory=dict)
    balances: dict[tuple[str, str], float] = field(default_factory=dict)
    positions: dict[tuple[str, str], PositionBooked] = field(default_factory=dict)
    lots: set[tuple[str, str]] = field(default_factory=set)
    cash_ids: set[tuple[str, str]] = field(default_factory=set)
    flow_ids: set[str] = field(default_factory=set)
    conversion_ids: set[tuple[str, str]] = field(default_factory=set)
    transfers: dict[str, TransferBooked] = field(default_factory=dict)
    adopted: set[str] = field(default_factory=set)
    found: dict[tuple[str, str], float | None] = field(default_factory=dict)
    statements: dict[str, StatementBooked] = field(default_factory=dict)
    cursors: dict[str, str | None] = field(default_factory=dict)
    last_decision_seq: int | None = None
    last_decision_ns: int | None = None
    memory: Json = field(default_factory=dict)
    paused: bool = False
    override: dict[str, Json] = field(default_factory=dict)
    latches: dict[str, str] = field(default_factory=dict)
    alerts: dict[str, AlertBooked] = field(default_factory=dict)
    alert_count: int = 0
    passed: dict[str, int] = field(default_factory=dict)
    peak_wealth_usd: float | None = None
    gains: GainsBooked = field(default_factory=GainsBooked)
    last_liquidation: Filled | None = None
    losses: dict[str, LossBooked] = field(default_factory=dict)
    last_loss: LossBooked | None = None
    liquidated: set[str] = field(default_factory=set)
    disputes: dict[str, DisputeBooked] = field(default_factory=dict)

    def is_booked(self, event: object) -> bool:
        """Whether an event says what is already booked: it would change nothing."""
        booked = _BOOKED.get(type(event))
        return booked is not None and booked(self, event)


def _is_booked_answer(books: Books, event: Acknowledged) -> bool:
    order = books.orders.get(event.client_id)
    return order is not None and not order.alive


def _is_booked_transfer(books: Books, event: TransferNoted) -> bool:
    booked = books.transfers.get(event.transfer_id)
    return booked is not None and (not booked.alive or booked.noted.state == event.state)


def _is_booked_alert(books: Books, event: AlertAcknowledged) -> bool:
    one = books.alerts.get(event.key)
    return one is not None and one.number == event.number and one.is_acknowledged


_BOOKED: dict[type, Callable[[Books, Any], bool]] = {
    Acknowledged: _is_booked_answer,
    AlertAcknowledged: _is_booked_alert,
    Filled: lambda books, event: (event.account, event.lot_id) in books.lots,
    CashBooked: lambda books, event: (event.account, event.cash_id) in books.cash_ids,
    Converted: lambda books, event: (event.account, event.conversion_id) in books.conversion_ids,
    FlowBooked: lambda books, event: event.flow_id in books.flow_ids,
    Intended: lambda books, event: event.client_id in books.orders,
    TransferNoted: _is_booked_transfer,
}
