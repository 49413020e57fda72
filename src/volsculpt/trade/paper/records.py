"""What a paper venue remembers of an account: orders, and fills and cash with cursors."""

from bisect import bisect_left
from dataclasses import dataclass, field

from volsculpt.ledger.events import CashBooked, Filled, OrderOutcome, TransferState
from volsculpt.trade.venue import (
    OrderReport,
    OrderRequest,
    TransferReport,
    VenueActivity,
)


@dataclass
class PaperOrder:
    """An order at the venue. stamp_ns: when it changed last."""

    request: OrderRequest
    leg: int
    number: int
    stamp_ns: int
    filled: float = 0.0
    outcome: OrderOutcome = "open"
    why: str = ""

    @property
    def left(self) -> float:
        """Signed contracts not filled yet."""
        return self.request.contracts - self.filled

    def report(self, skew_ns: int) -> OrderReport:
        """What the venue says of it."""
        return OrderReport(
            self.request.client_id,
            self.request.contract,
            self.request.contracts,
            self.filled,
            self.outcome,
            f"p{self.number}",
            self.stamp_ns + skew_ns,
            self.why,
        )


@dataclass
class ActivityLog:
    """Fills and cash of one account, oldest first. A cursor is how many rows came before it."""

    times: list[int] = field(default_factory=list)
    rows: list[Filled | CashBooked] = field(default_factory=list)
    forgotten: int = 0

    def add(self, time_ns: int, row: Filled | CashBooked) -> None:
        """One more, never older than the last."""
        self.times.append(time_ns)
        self.rows.append(row)

    def forget(self, kept_from_ns: int) -> None:
        """Drop what is older."""
        if self.times and self.times[0] < kept_from_ns:
            gone = bisect_left(self.times, kept_from_ns)
            del self.times[:gone], self.rows[:gone]
            self.forgotten += gone

    def since(self, cursor: str | None, kept_from_ns: int, skew_ns: int) -> VenueActivity:
        """What is kept from a cursor on."""
        first = 0 if cursor is None else max(0, int(cursor) - self.forgotten)
        found = self.rows[first:]
        return VenueActivity(
            tuple(row for row in found if isinstance(row, Filled)),
            tuple(row for row in found if isinstance(row, CashBooked)),
            str(self.forgotten + len(self.rows)),
            kept_from_ns + skew_ns,
        )


@dataclass
class PaperTransfer:
    """Coins on their way. due_ns: when they arrive, or come back when the transfer fails."""

    transfer_id: str
    source: str
    target: str
    currency: str
    coins: float
    arriving: float = 0.0
    due_ns: int = 0
    fails: bool = False
    state: TransferState = "sent"
    stamp_ns: int = 0

    @property
    def request(self) -> tuple[str, str, str, float]:
        """What was asked for: from where to where, which coins, how many."""
        return self.source, self.target, self.currency, self.coins

    def report(self, skew_ns: int) -> TransferReport:
        """How far it has come."""
        arrived = self.arriving if self.state == "arrived" else 0.0
        return TransferReport(
            self.transfer_id, self.state, self.coins, arrived, self.stamp_ns + skew_ns
        )
