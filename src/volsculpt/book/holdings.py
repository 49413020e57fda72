"""What a person owns, by name: accounts, balances, positions, orders, transfers, flows."""

from dataclasses import dataclass, field, replace
from typing import Literal

from volsculpt.contracts.spec import Contract, Fees
from volsculpt.units import after_months

AccountKind = Literal["cold", "spot", "margin", "earn", "loan"]
MarginMode = Literal["isolated", "cross", "unified"]
OrderState = Literal["intended", "sent", "acked", "partial", "unknown", "cancelling"]


@dataclass(frozen=True, slots=True)
class Position:
    """Signed contracts (+ long) at an average entry price, in one account.

    margin: coins posted to an isolated position, a part of the account's balance;
    leverage: what the venue posts with an increase, value / leverage.
    """

    contract: Contract
    contracts: float
    entry: float
    margin: float | None = None
    leverage: float | None = None


@dataclass(frozen=True, slots=True)
class NotOwn:
    """Contracts in an account that are somebody else's, a part of its position as stated.

    contracts: signed; None = all that the account holds of the contract. entry: their average
    entry price; None only with all of it.
    """

    contract: Contract
    contracts: float | None = None
    entry: float | None = None


@dataclass(frozen=True, slots=True)
class WorkingOrder:
    """An order not finished yet; `remaining` is signed contracts."""

    client_id: str
    contract: Contract
    remaining: float
    state: OrderState
    since_ns: int | None = None


@dataclass(frozen=True, slots=True)
class OwnFees:
    """Fees that an account pays in place of its venue's list, and what is taken off them.

    maker, taker: of every contract; None = as listed. by_symbol: of single contracts, before
    them. discount: share off every fee above 0, until `until_ns` (None: without an end).
    """

    maker: float | None = None
    taker: float | None = None
    by_symbol: dict[str, Fees] = field(default_factory=dict)
    discount: float = 0.0
    until_ns: int | None = None


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """What the lender of a loan asks: the account's balances above 0 are pledged, below 0 owed.

    interest: a year, a share of what is owed, by currency; one that is missing is not known.
    call_ltv: loan-to-value at which the lender asks for more coins; liquidation_ltv: at which the
    pledged ones are sold. due_ns: when it is to be paid back.
    """

    interest: dict[str, float] = field(default_factory=dict)
    call_ltv: float | None = None
    liquidation_ltv: float | None = None
    due_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One place where coins are; balances exclude unrealised PnL, a loan is negative.

    locked_until_ns: its coins cannot move before. loan: of an account that is a loan, whose coins
    are pledged and move no more than locked ones. collateral_weights: of a
    unified account, per asset, 1 = no haircut, which an asset has that is not in it (a mandate
    asks for each). is_assumed: it does not exist yet; a plan sizes
    as if it held the coins it needs, and names them. bonus: coins that count as margin of a
    cross or unified account and are the venue's; they are gone once coins leave the account.
    not_own, not_own_coins: what of `positions` and `balances`, which are as the venue states
    them, is somebody else's: it stands behind the margin, and is in no exposure or wealth.
    kept: coins of `balances` that stay for known withdrawals, by asset: owned, and moved nowhere.
    """

    name: str
    kind: AccountKind
    venue: str | None = None
    margin_mode: MarginMode | None = None
    balances: dict[str, float] = field(default_factory=dict)
    positions: tuple[Position, ...] = ()
    orders: tuple[WorkingOrder, ...] = ()
    collateral_weights: dict[str, float] = field(default_factory=dict)
    locked_until_ns: int | None = None
    leverage: float | None = None
    is_assumed: bool = False
    fees: OwnFees = OwnFees()
    bonus: dict[str, float] = field(default_factory=dict)
    not_own: tuple[NotOwn, ...] = ()
    not_own_coins: dict[str, float] = field(default_factory=dict)
    loan: LoanTerms | None = None
    kept: dict[str, float] = field(default_factory=dict)

    def is_locked(self, time_ns: int) -> bool:
        """Whether its coins cannot move at a time (ns UTC): locked, staked or pledged."""
        return self.loan is not None or (self.locked_until_ns or 0) > time_ns

    def not_own_of(self, contract: str) -> NotOwn | None:
        """What of a contract (its key) is not own, or None."""
        return next((one for one in self.not_own if one.contract.key == contract), None)

    def is_not_own(self, contract: str) -> bool:
        """Whether a whole contract (its key) is somebody else's here."""
        not_own = self.not_own_of(contract)
        return not_own is not None and not_own.contracts is None


@dataclass(frozen=True, slots=True)
class Wrapped:
    """An asset that stands for another: 1 of it is exposed to `rate` of `underlying`."""

    underlying: str
    rate: float


@dataclass(frozen=True, slots=True)
class Transfer:
    """Coins that left `source` and have not reached `target`: owned, not yet margin.

    is_sent: False for a dated flow counted ahead of time; no collateral plan waits for it.
    """

    currency: str
    amount: float
    target: str
    source: str | None = None
    arrives_ns: int | None = None
    is_sent: bool = True


@dataclass(frozen=True, slots=True)
class Flow:
    """A dated deposit (+) or withdrawal (-): once at `at_ns`, or again and again from it.

    every_ns, every_months: how often, by one of them; until_ns: the last time it may come.
    """

    account: str
    currency: str
    amount: float
    at_ns: int | None = None
    every_ns: int | None = None
    every_months: int | None = None
    until_ns: int | None = None

    @property
    def repeats(self) -> bool:
        """Whether it comes more than once."""
        return self.every_ns is not None or self.every_months is not None

    def after(self, time_ns: int, count: int = 1) -> int:
        """When it comes again, so many times after a time at which it comes."""
        if self.every_months is not None:
            return after_months(time_ns, count * self.every_months)
        return time_ns + count * (self.every_ns or 0)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Funding that `account` (None: every margin account) receives is taken out as it comes.

    It goes to the account `target`: sold at the index into the currency `into`, or as it is
    (None). cost: share of what is swept that this costs. Funding that is paid is not swept.
    """

    target: str
    into: str | None = None
    account: str | None = None
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Book:
    """All that is held, at one moment."""

    accounts: tuple[Account, ...]
    wrapped: dict[str, Wrapped] = field(default_factory=dict)
    transfers: tuple[Transfer, ...] = ()
    flows: tuple[Flow, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    pegs: dict[str, str | None] = field(default_factory=dict)  # told: asset -> what it is worth

    def account(self, name: str) -> Account | None:
        """The account of that name, or None."""
        return next((account for account in self.accounts if account.name == name), None)

    def by_name(self) -> dict[str, Account]:
        """The accounts by name."""
        return {account.name: account for account in self.accounts}

    def sweep_of(self, account: str) -> Sweep | None:
        """The sweep of an account's funding: one that names it, else one for every account."""
        fits = [one for one in self.sweeps if one.account in (None, account)]
        return min(fits, key=lambda one: one.account is None, default=None)


def as_stated(book: Book) -> Book:
    """The book as its venues hold it, whoever owns what. They do not know who does."""
    accounts = [replace(one, not_own=(), not_own_coins={}) for one in book.accounts]
    return replace(book, accounts=tuple(accounts))


def with_arrivals(book: Book) -> Book:
    """The book with what is on its way at the start already there; what is ahead is not sent."""
    accounts = []
    for account in book.accounts:
        balances = dict(account.balances)
        for transfer in book.transfers:
            if transfer.target == account.name and transfer.is_sent:
                coins = balances.get(transfer.currency, 0.0) + transfer.amount
                balances[transfer.currency] = coins
        accounts.append(replace(account, balances=balances))
    ahead = tuple(one for one in book.transfers if not one.is_sent)
    return replace(book, accounts=tuple(accounts), transfers=ahead)
