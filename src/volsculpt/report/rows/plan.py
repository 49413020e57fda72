"""The rows of a plan, with the published names, and nothing that shows them.

Units are in the names; `_coin` is coins of the row's currency, `_usd` US dollars. None is
printed as null: a thing that does not exist, never a zero.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from volsculpt.hedge.policy import BaseKind
from volsculpt.watch.at_once import NextNowRow
from volsculpt.watch.coming_events import EventRow
from volsculpt.watch.danger import DangerRow
from volsculpt.watch.loans import LoanRow
from volsculpt.watch.next_change import NextChangeRow, UnprovenRow
from volsculpt.watch.nextstep import NextStepRow
from volsculpt.watch.withdrawals import KeptRow

SCHEMA = 1
Stance = Literal["net long", "market neutral", "net short"]
TransferKind = Literal["move", "post", "free"]
StepAction = Literal["move", "post", "free", "bring", "cancel", "buy", "sell"]


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """The held book, before orders, in one currency."""

    currency: str
    owned_coin: float
    equity_coin: float
    futures_coin: float
    delta_coin: float
    delta_usd: float
    base_coin: float | None
    held_ratio: float | None
    unhedgeable_usd: float
    coming_coin: float = 0.0  # dated flows counted ahead: in delta and base, not in owned


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What was decided for one hedge, and why."""

    underlying: str
    policy: str
    target_ratio: float
    held_ratio: float | None
    stance: Stance
    reasons: list[str]
    is_decided: bool = True  # False: the policy had no answer, so the target is what is held
    base: BaseKind = "equity"  # what the ratios are a share of

    @property
    def share_words(self) -> str:
        """What the ratios say: of wealth what is held in dollars counts, sold or not."""
        return "of wealth out of it" if self.base == "wealth" else "hedged"


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order to place, or one to cancel; contracts and face are positive."""

    action: Literal["place", "cancel"]
    account: str
    venue: str
    contract: str
    side: Literal["buy", "sell"]
    contracts: float
    face_usd: float
    reference_price: float
    fee: float | None
    fee_currency: str
    reduce_only: bool
    held_contracts: float
    target_contracts: float
    residual_usd: float
    leverage: float | None = None  # isolated, to be set before an order that adds
    posts_coin: float | None = None  # coins of the account that it takes as margin
    market_most: float | None = None  # contracts of the largest market order; None: unknown
    why: str | None = None  # of one that is split over contracts: why it takes so much
    later_contracts: float = 0.0  # of the target, in later orders: this one is cut to a largest


@dataclass(frozen=True, slots=True)
class MarginRow:
    """A margin group before and after the orders.

    add_*: coins it wants first on the way to its liquidation, all coins moving together, and
    where: a price as that of the liquidation. None where its plan asks for none before.
    """

    stage: Literal["before", "after"]
    account: str
    group: str
    currency: str
    equity_coin: float
    maintenance_coin: float
    leverage: float | None
    liquidation_price: float | None
    venue_liquidation_price: float | None
    liquidation_distance: float | None
    top_up_coin: float
    source: str | None
    top_up_currency: str | None = None
    liquidation_contract: str | None = None
    liquidation_coin: str | None = None
    liquidation_move: float | None = None
    add_price: float | None = None
    add_move: float | None = None
    add_coin: float | None = None
    add_currency: str | None = None


@dataclass(frozen=True, slots=True)
class TransferRow:
    """Coins to move; from_ is None where no account is named to have them.

    post and free: within one account, to its isolated position or out of it.
    """

    account: str
    group: str
    currency: str
    coins: float
    from_: str | None
    to: str
    kind: TransferKind = "move"


@dataclass(frozen=True, slots=True)
class StepRow:
    """One thing to do, in the order in which it is to be done.

    number: from 1. at: the soonest it can be done, None where that is the owner's to say. done_at:
    when its coins are there. waits_for: the number of the step before it. account, group: what it
    is done for; contract, contracts (positive) of orders, currency, coins of moves, with from_ and
    to. leverage, liquidation_price, liquidation_move: of the margin group once all orders of this
    moment, or the order that waits, are filled; None where nothing is held then, and of moves.
    """

    number: int
    action: StepAction
    at: str | None
    done_at: str | None
    waits_for: int | None
    account: str
    group: str
    contract: str | None = None
    contracts: float | None = None
    currency: str | None = None
    coins: float | None = None
    from_: str | None = None
    to: str | None = None
    leverage: float | None = None
    liquidation_price: float | None = None
    liquidation_move: float | None = None


@dataclass(frozen=True, slots=True)
class NotOwnRow:
    """What in an account is somebody else's: contracts (signed), or coins; the other is None."""

    account: str
    contract: str | None
    contracts: float | None
    entry: float | None
    currency: str | None
    amount_coin: float | None


@dataclass(frozen=True, slots=True)
class LockedRow:
    """Coins of an account that cannot move before `until`; source_of: whose plan waits for them."""

    account: str
    currency: str
    coins: float
    until: str
    days: float
    source_of: list[str]


@dataclass(frozen=True, slots=True)
class LadderRow:
    """Income that one dated contract carries; contract None: what none reaches, the others do.

    coins, count, first, last: what is to come, how many times, from when to when. wanted_coin: of
    it to be sold, None without a target. sold_coin, sold_after_coin: coins the contract has sold
    forward, now and once the orders fill.
    """

    underlying: str
    coins: float
    count: int
    first: str | None
    last: str | None
    account: str | None
    contract: str | None
    expires: str | None
    wanted_coin: float | None
    sold_coin: float | None
    sold_after_coin: float | None


@dataclass(frozen=True, slots=True)
class CarryRow:
    """What holding a contract earns or costs; funding and basis are simple yearly rates."""

    contract: str
    funding_annual: float | None
    basis_annual: float | None
    days_to_expiry: float | None
    hold_usd_per_day: float | None
    held_contracts: float | None = None  # - short, as the two below
    held_usd: float | None = None  # value of the position
    face_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Liquidation:
    """A margin group closed on the way to a shock, at this price of its coin."""

    account: str
    group: str
    price: float
    contract: str | None = None
    coin: str | None = None
    move: float | None = None


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """Wealth after all coins move by `shock_ratio`; futures = hedged - unhedged.

    coming_usd: what dated flows counted ahead are worth then, which neither wealth has in it.
    """

    shock_ratio: float
    hedged_usd: float
    unhedged_usd: float
    futures_usd: float
    liquidated: list[Liquidation]
    coming_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Curve:
    """Wealth against the move of all coins, for the figure; and where groups are closed."""

    shock_ratio: list[float]
    hedged_usd: list[float]
    unhedged_usd: list[float]
    liquidations: list[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class HeldThen:
    """What of a coin is hedged once coins have moved and what is decided then is filled."""

    underlying: str
    held_ratio: float | None


@dataclass(frozen=True, slots=True)
class Then:
    """The book once coins to move are there and what is decided then is filled.

    margin: a row a group, as of stage `after`; scenarios, carry: as those of the plan.
    """

    held: list[HeldThen]
    margin: list[MarginRow]
    scenarios: list[ScenarioRow]
    carry: list[CarryRow]


@dataclass(frozen=True, slots=True)
class BookBeta:
    """What the whole book gains when a coin moves, as its wealth: before the plan and after.

    before, after: percent of wealth for one percent of the coin; _std: standard errors; days: of
    returns they are from. variance_left: of what the book without futures would vary, with the ends
    of its 90 % interval: what ratios leave open and what contracts cannot take.
    variance_unhedgeable: the latter alone, whatever the size of the contracts in use.
    """

    to: str
    days: int
    before: float
    before_std: float
    after: float
    after_std: float
    variance_left: float
    variance_left_low: float | None
    variance_left_high: float | None
    variance_unhedgeable: float
    variance_unhedgeable_low: float | None
    variance_unhedgeable_high: float | None


@dataclass(frozen=True, slots=True)
class PlanRows:
    """All that a plan says; `Plan` adds what shows it.

    ticks, marks: of a margin group, by "account:group": price step and price of its contract.
    """

    as_of: str
    name: str
    numeraire: str
    wealth_usd: float
    wealth_num: float
    warnings: list[str]
    exposure: list[ExposureRow]
    decision: list[DecisionRow]
    orders: list[OrderRow]
    margin: list[MarginRow]
    carry: list[CarryRow]
    scenarios: list[ScenarioRow]
    notes: list[str] = field(default_factory=list)
    curve: Curve = field(default_factory=lambda: Curve([], [], [], []))
    index_usd: dict[str, float] = field(default_factory=dict)
    ticks: dict[str, float] = field(default_factory=dict)
    marks: dict[str, float] = field(default_factory=dict)
    transfers: list[TransferRow] = field(default_factory=list)
    next_steps: list[NextStepRow] = field(default_factory=list)
    dangers: list[DangerRow] = field(default_factory=list)
    not_own: list[NotOwnRow] = field(default_factory=list)
    then: Then | None = None
    next_changes: list[NextChangeRow] = field(default_factory=list)
    next_unseen: list[UnprovenRow] = field(default_factory=list)
    next_now: list[NextNowRow] = field(default_factory=list)
    next_unknown: list[str] = field(default_factory=list)
    book_beta: BookBeta | None = None
    steps: list[StepRow] = field(default_factory=list)
    loans: list[LoanRow] = field(default_factory=list)
    locked: list[LockedRow] = field(default_factory=list)
    ladder: list[LadderRow] = field(default_factory=list)
    kept: list[KeptRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)

    @property
    def only_coin(self) -> tuple[str, float] | None:
        """(coin, price) when exactly one coin is hedged and its price is known."""
        names = {row.underlying for row in self.decision}
        if len(names) != 1:
            return None
        (name,) = names
        found = self.index_usd.get(name)
        return None if found is None else (name, found)

    def as_dict(self) -> dict[str, Any]:
        """The published object, `schema` first; None where a thing does not exist."""
        rows = asdict(self)
        for inner in ("curve", "index_usd", "ticks", "marks"):
            rows.pop(inner)
        for row in [*rows["transfers"], *rows["steps"]]:
            row["from"] = row.pop("from_")  # the word is one of Python's own
        return {"schema": SCHEMA, **rows}
