"""What happened: the kinds of event a ledger keeps, each a frozen dataclass of plain values.

An event never changes once written. Amounts carry their sign (+ received, + long); times are
ns UTC; contracts are named by their key, "venue:symbol". A figure that is not known is None,
never 0. A new field gets a default, and a changed meaning a new VERSION with a migration.
"""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, get_args

from volsculpt.contracts.spec import Contract

Json = dict[str, Any]
OrderOutcome = Literal["open", "filled", "cancelled", "rejected", "expired", "absent"]
OrderRequested = Literal["order", "cancel"]
FillReason = Literal["trade", "liquidation", "adl", "delivery"]
CashReason = Literal["funding", "fee", "interest", "insurance", "profit"]
TransferState = Literal["asked", "sent", "arrived", "failed", "unknown"]
AlertLevel = Literal["info", "warning", "critical"]
ALERT_LEVELS: tuple[AlertLevel, ...] = get_args(AlertLevel)  # the gravest last


@dataclass(frozen=True, slots=True)
class QuoteObserved:
    """Prices a decision was made on, each with the time it was true."""

    KIND: ClassVar[str] = "quote"
    VERSION: ClassVar[int] = 1
    index_usd: dict[str, float]
    mark: dict[str, float]
    stamp_ns: dict[str, int]


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision with every input of `aim` and `act`, and the digest of their sources.

    layout, rules: digests of documents kept once in the ledger (they rarely change); state,
    quote, ratio: the rest of what `act` read; answer: all that it wrote. aim_input: time,
    features, book summaries and memory before; aims: what `aim` said; memory: memory after, by
    hedged coin with the policy and its digest.
    urgent: what its owner must see first, each with key, level and text.
    """

    KIND: ClassVar[str] = "decision"
    VERSION: ClassVar[int] = 2
    sources: str
    layout: str
    rules: str
    state: Json
    quote: Json
    ratio: list[float]
    answer: Json
    aim_input: Json
    aims: list[Json]
    memory: Json
    reasons: list[str]
    urgent: list[Json] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Intended:
    """An order that may be sent: written, and on disk, before anything leaves.

    slot: "account|contract", of which one order at a time may be alive. decision: sequence
    number of the decision that asked for it, in a backtest that of its stamp; None when a person
    did (flatten). cause: what it came from, as the decision said it: the hedge out of its band, a
    roll; "" where that is not known. task_contracts, task_ns: the whole that it is a part of, and
    since when that is sent (ns UTC); task_held: contracts held then. None where it is no part.
    """

    KIND: ClassVar[str] = "intent"
    VERSION: ClassVar[int] = 1
    client_id: str
    account: str
    contract: str
    contracts: float
    reduce_only: bool
    way: str
    limit_price: float | None
    reference_price: float
    decision: int | None
    post_only: bool = False
    immediate: bool = True
    cause: str = ""
    task_contracts: float | None = None
    task_ns: int | None = None
    task_held: float | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """An order, or its cancel, was handed to the venue; unknown until an outcome is written."""

    KIND: ClassVar[str] = "submission"
    VERSION: ClassVar[int] = 1
    client_id: str
    request: OrderRequested = "order"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What the venue says of an order: its state, and how much of it has been filled.

    "absent" is final: the venue has never had it and no longer can. "unknown": no answer came,
    so it is to be looked up and never sent again. filled_contracts carries the order's sign.
    stamp_ns: since when the venue says so; None: where it does not.
    """

    KIND: ClassVar[str] = "acknowledgement"
    VERSION: ClassVar[int] = 1
    client_id: str
    outcome: OrderOutcome | Literal["unknown"]
    filled_contracts: float
    venue_order_id: str | None = None
    why: str = ""
    stamp_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """One fill, un-netted: as a venue reports it, a ledger keeps it and a backtest tells it.

    lot_id: the venue's own id of it; a second one is a duplicate. payoff, multiplier, settle: what
    the posting of realised PnL needs. fee: coins of fee_currency, + paid. realised: coins of profit
    that the venue books with it, where it states them; None: what the average entry makes of it.
    """

    KIND: ClassVar[str] = "fill"
    VERSION: ClassVar[int] = 1
    lot_id: str
    client_id: str | None
    account: str
    contract: str
    contracts: float
    price: float
    fee: float
    fee_currency: str
    stamp_ns: int
    payoff: str
    multiplier: float
    settle: str
    reason: FillReason = "trade"
    realised: float | None = None

    @classmethod
    def of(
        cls,
        leg: tuple[str, Contract],
        contracts: float,
        price: float,
        fee: float,
        stamp_ns: int,
        ids: tuple[str, str | None],
        reason: FillReason = "trade",
    ) -> "Filled":
        """A fill with the terms of its contract, its fee in what that is settled in.

        Args: leg: account and contract; contracts: + bought; price: in quote; fee: coins, + paid;
        stamp_ns: ns UTC; ids: of the lot, and of its order, None without one; reason: why it came.
        """
        account, contract = leg
        return cls(
            lot_id=ids[0],
            client_id=ids[1],
            account=account,
            contract=contract.key,
            contracts=contracts,
            price=price,
            fee=fee,
            fee_currency=contract.settle,
            stamp_ns=stamp_ns,
            payoff=contract.payoff,
            multiplier=contract.multiplier,
            settle=contract.settle,
            reason=reason,
        )


@dataclass(frozen=True, slots=True)
class CashBooked:
    """Coins that a venue booked for another reason than a trade: funding, fees, interest.

    As it reports them, + received. profit: realised by contracts whose fills are not told. What no
    venue tells, interest of a loan, the desk books itself: its id begins with OWN.
    """

    KIND: ClassVar[str] = "cash"
    VERSION: ClassVar[int] = 1
    OWN: ClassVar[str] = "own|"
    cash_id: str
    account: str
    currency: str
    coins: float
    reason: CashReason
    stamp_ns: int
    contract: str | None = None


@dataclass(frozen=True, slots=True)
class TransferNoted:
    """A transfer between accounts of the owner, and how far it has come.

    coins > 0 is what reaches the target, cost >= 0 what it takes besides: the source loses
    coins + cost once it is sent. An arrival may say fewer coins than were meant. stamp_ns: when
    the venue booked it; None: when it was written.
    """

    KIND: ClassVar[str] = "transfer"
    VERSION: ClassVar[int] = 1
    transfer_id: str
    source: str
    target: str
    currency: str
    coins: float
    cost: float
    state: TransferState
    why: str = ""
    stamp_ns: int | None = None

    def then(
        self,
        state: TransferState,
        coins: float | None = None,
        why: str = "",
        stamp_ns: int | None = None,
    ) -> "TransferNoted":
        """The same transfer in its next state.

        Args: state: it; coins: that arrived, None = as meant; why: in words; stamp_ns: when the
        venue booked it, None: where it does not say.
        """
        come = self.coins if coins is None else coins
        return replace(self, state=state, coins=come, why=why, stamp_ns=stamp_ns)


@dataclass(frozen=True, slots=True)
class FlowBooked:
    """Coins that came from outside (+) or left (-): deposits, withdrawals, income.

    stamp_ns: when the venue booked it; None: when it was written.
    """

    KIND: ClassVar[str] = "flow"
    VERSION: ClassVar[int] = 1
    flow_id: str
    account: str
    currency: str
    coins: float
    note: str = ""
    stamp_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Converted:
    """Coins of one currency given for those of another, at one account: a spot trade.

    sold_coins, bought_coins > 0, without fees, which are cash of their own.
    """

    KIND: ClassVar[str] = "conversion"
    VERSION: ClassVar[int] = 1
    conversion_id: str
    account: str
    sold: str
    sold_coins: float
    bought: str
    bought_coins: float
    stamp_ns: int


@dataclass(frozen=True, slots=True)
class Stated:
    """What a venue says an account holds; the truth for positions and balances.

    positions: contract -> {"contracts", "entry"}; where it is adopted also the contract's
    {"payoff", "multiplier", "settle"}, which cost needs. What is not stated is not held.
    adopted: True when the books take over what is stated (a fresh ledger, or a difference an
    operator accepted); else it is only compared. cursor: up to where the account's fills and
    cash had been read and booked. told: ids of fills and cash of the very moment of an adopted
    statement that are part of it. differed: currencies whose stated coins were not the booked
    ones: a payment in one that is not stamped later is a part of it, whenever its row comes.
    """

    KIND: ClassVar[str] = "statement"
    VERSION: ClassVar[int] = 1
    account: str
    balances: dict[str, float]
    positions: dict[str, Json]
    stamp_ns: int
    adopted: bool = False
    cursor: str | None = None
    told: list[str] = field(default_factory=list)
    differed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Refused:
    """The guard let something not pass, and why."""

    KIND: ClassVar[str] = "refusal"
    VERSION: ClassVar[int] = 1
    rule: str
    why: str
    slot: str | None = None
    decision: int | None = None


@dataclass(frozen=True, slots=True)
class Alerted:
    """Something a person should know. key: the same trouble has the same key; over: it ended.

    waits: noted and not told yet, for it may pass by itself.
    """

    KIND: ClassVar[str] = "alert"
    VERSION: ClassVar[int] = 1
    key: str
    level: AlertLevel
    text: str
    over: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class AlertAcknowledged:
    """A person knows of an alert: it is told again when it is graver, or ends and comes back.

    number: as `status` shows it; level: how grave it was then; note: why it is let be.
    """

    KIND: ClassVar[str] = "alert_acknowledgement"
    VERSION: ClassVar[int] = 1
    key: str
    number: int
    level: AlertLevel
    note: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Operated:
    """What a person did, or a guard on their behalf.

    actions: start, stop, pause, resume, flatten, accept; override {"ratio", "until_ns",
    "underlying" or none for all} (ratio None ends it); latch {"latch", "why"} stays set until
    reset {"latch" or none for all}, which also forgets the peak of wealth; found {"account",
    "contract", "contracts"}: a position that was there before and that the mandate does not
    state, left alone until adopt {"account", "contract"} or until it is closed.
    """

    KIND: ClassVar[str] = "operator"
    VERSION: ClassVar[int] = 1
    action: str
    arguments: Json = field(default_factory=dict)
    who: str = ""


Event = (
    QuoteObserved
    | Decided
    | Intended
    | Submitted
    | Acknowledged
    | Filled
    | CashBooked
    | TransferNoted
    | FlowBooked
    | Converted
    | Stated
    | Refused
    | Alerted
    | AlertAcknowledged
    | Operated
)
EVENTS: dict[str, type[Event]] = {kind.KIND: kind for kind in Event.__args__}


def stamp_of(event: Event, written_ns: int) -> int:
    """When what an event tells happened; when it was written, where it says no time of its own."""
    stamp: int | None = getattr(event, "stamp_ns", None) if type(event) in HAPPENED else None
    return written_ns if stamp is None else stamp


# events with times of their own
HAPPENED = (Acknowledged, Filled, CashBooked, TransferNoted, FlowBooked, Converted, Stated)
