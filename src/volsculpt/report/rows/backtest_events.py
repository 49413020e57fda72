"""What happened in a backtest as published rows, read off its one list of events."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from volsculpt.decide.causes import ROLL
from volsculpt.ledger.events import (
    Acknowledged,
    CashBooked,
    Converted,
    Filled,
    FlowBooked,
    Intended,
    TransferNoted,
)
from volsculpt.ledger.hedges import HedgeDecided
from volsculpt.simulate.event_list import SWEEP
from volsculpt.simulate.record import Happened, Valued, of_kind
from volsculpt.units import iso

FIRST = "first decision"
DELIVERED = "delivered"


class Timed:
    """What happened at a stamp."""

    __slots__ = ()
    time_ns: int

    @property
    def time(self) -> str:
        """The stamp for programs. Worked: 0 -> "1970-01-01T00:00:00Z"."""
        return iso(self.time_ns)


@dataclass(frozen=True, slots=True)
class FillRow(Timed):
    """A fill or delivery; contracts + bought, fee and slippage + received, at the index then.

    reason: what the hedge held and was to hold as it was decided. fee_coin: coins of fee_currency.
    """

    time_ns: int
    account: str
    contract: str
    contracts: float
    price: float
    value_usd: float
    fee_usd: float
    slippage_usd: float
    reason: str
    fee_coin: float
    fee_currency: str


@dataclass(frozen=True, slots=True)
class RefusalRow(Timed):
    """An order that its exchange did not take. contracts: + to buy; reason: in its words."""

    time_ns: int
    account: str
    contract: str
    contracts: float
    price: float
    reason: str


@dataclass(frozen=True, slots=True)
class LiquidationRow(Timed):
    """A margin group closed by its exchange: at the end of the bar in which it fell.

    price: of its largest contract; lost_usd is negative.
    """

    time_ns: int
    account: str
    group: str
    price: float
    lost_usd: float


@dataclass(frozen=True, slots=True)
class SentRow(Timed):
    """Coins sent between accounts of the book. cost_usd is negative or 0."""

    time_ns: int
    source: str
    target: str
    currency: str
    amount_coin: float
    cost_usd: float


@dataclass(frozen=True, slots=True)
class FlowRow(Timed):
    """Coins that came in (+) or went out (-), and their worth at the index of the stamp."""

    time_ns: int
    account: str
    currency: str
    amount_coin: float
    amount_usd: float


@dataclass(frozen=True, slots=True)
class HedgeDecidedRow(Timed):
    """One hedge at a decision that traded, cancelled or moved anything."""

    time_ns: int
    underlying: str
    held_ratio: float
    target_ratio: float
    in_band: bool


@dataclass(frozen=True, slots=True)
class RollRow(Timed):
    """An order out of a contract that is no longer in use, as it left. contracts: + to buy."""

    time_ns: int
    account: str
    contract: str
    contracts: float


@dataclass(frozen=True, slots=True)
class CashRow(Timed):
    """Coins booked for another reason than a trade, a flow or a transfer, + received."""

    time_ns: int
    account: str
    currency: str
    coins: float
    usd: float
    reason: str
    contract: str | None


@dataclass(frozen=True, slots=True)
class CashTotalRow:
    """All cash of one account, currency, reason and contract; times: how often it was booked."""

    account: str
    currency: str
    reason: str
    contract: str | None
    times: int
    coins: float
    usd: float


@dataclass(frozen=True, slots=True)
class Events:
    """What happened, in order of time."""

    orders: list[FillRow]
    refusals: list[RefusalRow]
    liquidations: list[LiquidationRow]
    transfers: list[SentRow]
    flows: list[FlowRow]
    decisions: list[HedgeDecidedRow]
    rolls: list[RollRow]
    cash_totals: list[CashTotalRow]
    cash: list[CashRow]


AllEvents = Sequence[Valued[Happened]]


def events_of(events: AllEvents) -> Events:
    """Every row of a run's events."""
    cash = list(cash_rows(events))
    return Events(
        orders=order_rows(events),
        refusals=refusal_rows(events),
        liquidations=liquidation_rows(events),
        transfers=list(_transfers(events)),
        flows=flow_rows(events),
        decisions=list(_decisions(events)),
        rolls=list(_rolls(events)),
        cash_totals=cash_totals(cash),
        cash=cash,
    )


def intents_of(events: AllEvents) -> dict[str, Intended]:
    """Every order that left, by its id."""
    return {one.event.client_id: one.event for one in of_kind(events, Intended)}


def order_rows(events: AllEvents) -> list[FillRow]:
    """Fills and deliveries in order of time; what a liquidation closes is no order."""
    intents = intents_of(events)
    found = [
        FillRow(
            one.time_ns,
            one.event.account,
            one.event.contract,
            one.event.contracts,
            one.event.price,
            one.usd,
            one.fee_usd,
            one.slippage_usd,
            reason_of(one.event, intents),
            0.0 - one.event.fee,
            one.event.fee_currency,
        )
        for one in of_kind(events, Filled)
        if one.event.reason != "liquidation"
    ]
    return sorted(found, key=lambda one: (one.time_ns, one.reason == DELIVERED))


def reason_of(fill: Filled, intents: dict[str, Intended]) -> str:
    """What a fill came from: its order's cause, the first decision of a run, or its delivery."""
    if fill.reason == "delivery":
        return DELIVERED
    order = None if fill.client_id is None else intents.get(fill.client_id)
    return order.cause if order is not None and order.decision else FIRST


def refusal_rows(events: AllEvents) -> list[RefusalRow]:
    """Orders that were due and not taken, and why."""
    intents, found = intents_of(events), list[RefusalRow]()
    for one in of_kind(events, Acknowledged):
        if one.event.outcome == "rejected":
            order, price = intents[one.event.client_id], one.price or 0.0
            where = (order.account, order.contract, order.contracts)
            found.append(RefusalRow(one.time_ns, *where, price, one.event.why))
    return found


def liquidation_rows(events: AllEvents) -> list[LiquidationRow]:
    """Groups that were closed, each with its own loss and the price of its largest contract."""
    parts: dict[tuple[int, str, str], list[Valued[Happened]]] = {}
    for one in events:
        if one.group and isinstance(one.event, Filled | CashBooked):
            parts.setdefault((one.time_ns, one.event.account, one.group), []).append(one)
    return [LiquidationRow(*place, *_loss(own)) for place, own in parts.items()]


def _loss(parts: Sequence[Valued[Happened]]) -> tuple[float, float]:
    """(price of the largest contract, US dollars lost) of a liquidation."""
    closed = [(one.usd, one.event.price) for one in parts if isinstance(one.event, Filled)]
    lost = sum(one.usd for one in parts if isinstance(one.event, CashBooked))
    indexes = [one.price for one in parts if one.price is not None]
    return max(closed)[1] if closed else indexes[0], lost


def _is_sweep(event: Happened) -> bool:
    """Whether coins moved because funding is carried on."""
    return isinstance(event, TransferNoted) and event.transfer_id.startswith(SWEEP)


def _transfers(events: AllEvents) -> Iterator[SentRow]:
    """Coins sent, source by source; funding that is carried on is cash."""
    for one in of_kind(events, TransferNoted):
        sent = one.event
        if sent.state == "sent":
            ends = (sent.source, sent.target, sent.currency)
            yield SentRow(one.time_ns, *ends, sent.coins, one.usd)


def flow_rows(events: AllEvents) -> list[FlowRow]:
    """What came in or went out, one row for each stamp, account and currency."""
    found: dict[tuple[int, str, str], tuple[float, float]] = {}
    for one in of_kind(events, FlowBooked):
        place = (one.time_ns, one.event.account, one.event.currency)
        coins, usd = found.get(place, (0.0, 0.0))
        found[place] = (coins + one.event.coins, usd + one.usd)
    return [FlowRow(*place, *sums) for place, sums in found.items() if sums[0] != 0.0]


def _decisions(events: AllEvents) -> Iterator[HedgeDecidedRow]:
    for one in of_kind(events, HedgeDecided):
        decision = one.event
        ratios = (decision.underlying, decision.held_ratio, decision.target_ratio)
        yield HedgeDecidedRow(one.time_ns, *ratios, decision.in_band)


def _rolls(events: AllEvents) -> Iterator[RollRow]:
    for one in of_kind(events, Intended):
        order = one.event
        if order.cause == ROLL:
            yield RollRow(one.time_ns, order.account, order.contract, order.contracts)


def cash_rows(events: AllEvents) -> Iterator[CashRow]:
    """Funding, interest, what a liquidation takes, and funding that is carried on."""
    for one in events:
        event = one.event
        if isinstance(event, CashBooked):
            where = (event.account, event.currency, event.coins, one.usd)
            yield CashRow(one.time_ns, *where, event.reason, event.contract)
        elif isinstance(event, TransferNoted) and _is_sweep(event):
            gone, index = event.coins + event.cost, one.price or 0.0
            out = (event.source, event.currency, -gone, -gone * index)
            into = (event.target, event.currency, event.coins, event.coins * index)
            yield CashRow(one.time_ns, *out, SWEEP, None)
            yield CashRow(one.time_ns, *into, SWEEP, None)
        elif isinstance(event, Converted):
            sold = (event.account, event.sold, -event.sold_coins, -one.usd)
            bought = (event.account, event.bought, event.bought_coins, one.usd)
            yield CashRow(one.time_ns, *sold, SWEEP, None)
            yield CashRow(one.time_ns, *bought, SWEEP, None)


def cash_totals(rows: Iterable[CashRow]) -> list[CashTotalRow]:
    """Cash added up by account, currency, reason and contract."""
    found: dict[tuple[str, str, str, str | None], list[CashRow]] = {}
    for one in rows:
        place = (one.account, one.currency, one.reason, one.contract)
        found.setdefault(place, []).append(one)
    return [
        CashTotalRow(*place, len(own), sum(one.coins for one in own), sum(one.usd for one in own))
        for place, own in found.items()
    ]
