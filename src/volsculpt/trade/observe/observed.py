"""What one reading of all venues brought home, and what it did not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from volsculpt.ledger.events import AlertLevel
from volsculpt.trade.venue import (
    OrderReport,
    Statement,
    TransferReport,
    VenueActivity,
    VenuePrice,
)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that is wrong now. The same alert has the same key until it is over.

    left: what is left before the worst, as a share: of the price to a liquidation, of a target that
    is held; None where that is not measured.
    """

    key: str
    level: AlertLevel
    text: str
    left: float | None = None


@dataclass(frozen=True, slots=True)
class AccountObservation:
    """What a venue reported of one account; None where it did not answer, or too late.

    time_ns: the venue's own clock. orders: each order of ours that was alive, by client id;
    None in it: the venue does not have it now. strangers: open orders that are not ours.
    transfers: each transfer of ours under way. Everything but the statement is read after it.
    """

    account: str
    venue: str
    time_ns: int | None = None
    statement: Statement | None = None
    activity: VenueActivity | None = None
    orders: dict[str, OrderReport | None] | None = None
    foreign_orders: tuple[OrderReport, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether every read came."""
        return not (self.statement is None or self.activity is None or self.orders is None)


@dataclass(frozen=True, slots=True)
class Observation:
    """One reading of all venues. prices: by contract, fresh ones only.

    transfers: None = not there, or unread. stored: US dollars of coins as a history tells them;
    stored_ns: when they were so, None = now. old: contracts whose price is too old, with how old it
    is in words.
    """

    time_ns: int
    prices: dict[str, VenuePrice] = field(default_factory=dict)
    accounts: dict[str, AccountObservation] = field(default_factory=dict)
    transfers: dict[str, TransferReport | None] = field(default_factory=dict)
    alerts: tuple[Alert, ...] = ()
    stored: Mapping[str, float] = field(default_factory=dict)
    stored_ns: int | None = None
    old: Mapping[str, str] = field(default_factory=dict)
