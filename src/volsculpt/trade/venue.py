"""What the desk asks of a venue: the whole protocol, on one page.

A read answers what is true at its own `stamp_ns`, or raises: it never answers half, and never
0 for what it does not know. Contracts are signed, + long; coins are signed, + received. A send
is identified by the client id alone: the same id twice is one order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from volsculpt.contracts.spec import Contract
from volsculpt.errors import VenueError
from volsculpt.ledger.events import CashBooked, Filled, OrderOutcome, TransferState


class OutcomeUnknown(VenueError):
    """The request may or may not have been carried out: look it up, never send it again."""


class NotDone(VenueError):
    """The request was certainly not carried out: refused, or never sent. retry_ns: when to ask."""

    def __init__(self, why: str, retry_ns: int | None = None) -> None:
        self.retry_ns = retry_ns
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class VenuePrice:
    """Prices of one contract, in its quote currency; index in US dollars per coin of its base.

    quote_usd, settle_usd: US dollars per unit of what it is quoted and settled in, if known.
    """

    contract: str
    mark: float
    index_usd: float
    bid: float | None
    ask: float | None
    stamp_ns: int
    funding_rate: float | None = None
    quote_usd: float | None = None
    settle_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """All one account holds at one moment. positions: contract -> (contracts, average entry).

    margins: coins posted to each isolated position; they are a part of the balances.
    """

    account: str
    balances: dict[str, float]
    positions: dict[str, tuple[float, float]]
    stamp_ns: int
    margins: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order to send. limit_price None: at any price; post_only: as maker or not at all."""

    client_id: str
    account: str
    contract: str
    contracts: float
    limit_price: float | None
    reduce_only: bool
    post_only: bool
    immediate: bool  # what cannot be filled at once is cancelled


@dataclass(frozen=True, slots=True)
class OrderReport:
    """What the venue knows of an order now."""

    client_id: str
    contract: str
    contracts: float
    filled_contracts: float
    outcome: OrderOutcome
    venue_order_id: str | None
    stamp_ns: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class VenueActivity:
    """Fills and cash since a cursor, oldest first; may repeat what an earlier answer held.

    They are the events that a ledger keeps, stamped by the venue's clock.
    """

    fills: tuple[Filled, ...]
    cash: tuple[CashBooked, ...]
    cursor: str
    complete_from_ns: int  # nothing before this is kept by the venue


@dataclass(frozen=True, slots=True)
class TransferReport:
    """How far a transfer has come. coins: as sent; arrived_coins: what reached the target."""

    transfer_id: str
    state: TransferState
    coins: float
    arrived_coins: float
    stamp_ns: int


@dataclass(frozen=True, slots=True)
class SetupProblem:
    """Something about an account that must be put right before trading: mode, leverage, rights."""

    account: str
    level: Literal["warning", "critical"]
    text: str


class Venue(Protocol):
    """An exchange, real or on paper. Every method may raise NotDone or OutcomeUnknown."""

    name: str

    async def specs(self) -> Sequence[Contract]:
        """Contracts it lists, with fees and margin of this owner."""
        ...

    async def time_ns(self) -> int:
        """The venue's own clock."""
        ...

    async def prices(self, contracts: Sequence[str]) -> Sequence[VenuePrice]:
        """Prices of contracts; one it does not know is left out."""
        ...

    async def statement(self, account: str) -> Statement:
        """Balances and positions of one account, read at one moment."""
        ...

    async def open_orders(self, account: str) -> Sequence[OrderReport]:
        """Orders of an account that may still fill."""
        ...

    async def activity(self, account: str, cursor: str | None) -> VenueActivity:
        """Fills and cash since a cursor of an earlier answer; None: all it still keeps."""
        ...

    async def find_order(self, account: str, client_id: str) -> OrderReport | None:
        """An order by its client id; None: not there now (it may still arrive)."""
        ...

    async def send(self, request: OrderRequest) -> OrderReport:
        """Send an order. NotDone: it does not exist; OutcomeUnknown: look it up."""
        ...

    async def cancel(self, account: str, client_id: str) -> OrderReport:
        """Cancel an order; its report afterwards, which may be that it filled first."""
        ...

    async def transfer(
        self, transfer_id: str, source: str, target: str, currency: str, coins: float
    ) -> TransferReport:
        """Move coins between two accounts of the owner; the same id twice is one transfer.

        Args: transfer_id: the sender's; source, target: accounts; currency: its name; coins: > 0.
        """
        ...

    async def find_transfer(self, transfer_id: str) -> TransferReport | None:
        """A transfer by its id; None: not there now."""
        ...

    async def check_setup(self, account: str) -> Sequence[SetupProblem]:
        """What about an account would make trading it wrong or impossible."""
        ...
