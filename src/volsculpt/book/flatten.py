"""From a book of named things to the flat layout that compilable code reads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from volsculpt.book.fees import fees_at
from volsculpt.book.holdings import Account, Book, OwnFees, Position, WorkingOrder
from volsculpt.book.legrows import LegRows, powers_of
from volsculpt.book.owners import Split, own_coins, split
from volsculpt.book.posted import position_leverage, posted_coins
from volsculpt.book.spans import spans
from volsculpt.book.state import SLOT_BUSY, SLOT_FREE, SLOT_UNKNOWN, Layout, State
from volsculpt.contracts.currencies import Pegs, moves
from volsculpt.contracts.spec import Contract, Fees
from volsculpt.errors import BookError

NO_WEIGHTS: Mapping[str, float] = MappingProxyType({})
ROUNDING = 1e-9  # of what is posted: less is no contradiction
Caps = Callable[[str, Contract], tuple[float | None, float]]  # -> most leverage, distance


@dataclass(frozen=True, slots=True)
class WalletLabel:
    """Where a row of coins is: an account and an asset, or on its way to the account.

    is_kept: what of the account's stays for a known withdrawal; its other row has the rest, below
    0 where less is there.
    """

    account: str
    asset: str
    in_transit: bool = False
    is_sent: bool = True
    posted_to: str | None = None
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class GroupLabel:
    """A margin group by name: its account, what it is called there, its unit.

    weighed: of a unified group, the assets that its account states a collateral weight for.
    """

    account: str
    group: str
    currency: str
    weighed: tuple[str, ...] = ()


UNIFIED = "unified"  # what the one group of a unified account is called


def group_of(account: Account, contract: Contract) -> GroupLabel:
    """The margin group that backs a contract in an account."""
    if account.margin_mode == "unified":
        return GroupLabel(account.name, UNIFIED, "USD", tuple(account.collateral_weights))
    if account.margin_mode == "isolated":
        return GroupLabel(account.name, contract.symbol, contract.settle)
    return GroupLabel(account.name, contract.settle, contract.settle)


@dataclass(frozen=True, slots=True)
class Flat:
    """The flat layout and state of a book, with the name of every row."""

    layout: Layout
    state: State
    currencies: list[str]
    wallets: list[WalletLabel]
    legs: list[tuple[str, Contract]]
    groups: list[GroupLabel]
    pegs: Pegs = field(default_factory=dict)  # what the owner tells of stablecoins
    own_fees: Mapping[str, OwnFees] = field(default_factory=dict)  # of accounts, by name

    def currency(self, name: str) -> int:
        """Row of a currency."""
        return self.currencies.index(name)

    def fees_of(self, leg: int, time_ns: int) -> Fees:
        """Fees of a leg at a time, as its account pays them."""
        account, contract = self.legs[leg]
        return fees_at(self.own_fees.get(account, OwnFees()), contract, time_ns)

    def leg(self, account: str, contract: Contract) -> int:
        """Row of a leg; -1 when the book has none such."""
        return self.leg_rows().get((account, contract.key), -1)

    def leg_rows(self) -> dict[tuple[str, str], int]:
        """Row of each leg, by account and key of the contract."""
        return {(account, held.key): row for row, (account, held) in enumerate(self.legs)}

    def legs_of(self, group: int) -> list[int]:
        """Rows of a margin group's legs."""
        layout, of_group = self.layout, self.layout.legs.group
        span = range(layout.group_leg_from[group], layout.group_leg_to[group])
        return [leg for leg in span if of_group[leg] == group]

    def wallets_of(self, group: int) -> list[int]:
        """Rows of the wallets that are collateral of a margin group."""
        layout, of_group = self.layout, self.layout.wallet_group
        span = range(layout.group_wallet_from[group], layout.group_wallet_to[group])
        return [wallet for wallet in span if of_group[wallet] == group]


@dataclass
class _Build:
    """Rows being collected; `flatten` turns them into the layout."""

    book: Book
    caps: Caps | None
    currencies: list[str] = field(default_factory=list)
    wallets: list[WalletLabel] = field(default_factory=list)
    wallet_currency: list[int] = field(default_factory=list)
    wallet_group: list[int] = field(default_factory=list)
    wallet_wrapped: list[int] = field(default_factory=list)
    wallet_weight: list[float] = field(default_factory=list)
    amount: list[float] = field(default_factory=list)
    groups: list[GroupLabel] = field(default_factory=list)
    group_currency: list[int] = field(default_factory=list)
    weights: list[Mapping[str, float]] = field(default_factory=list)
    legs: list[tuple[str, Contract]] = field(default_factory=list)
    rows: LegRows = field(default_factory=LegRows)
    held: list[Split] = field(default_factory=list)
    working: list[float] = field(default_factory=list)
    slot: list[int] = field(default_factory=list)
    currency_rows: dict[str, int] = field(default_factory=dict)
    wallet_rows: dict[WalletLabel, int] = field(default_factory=dict)  # the first of a label
    group_rows: dict[GroupLabel, int] = field(default_factory=dict)

    def currency(self, name: str) -> int:
        """Row of a currency, added when new."""
        if name not in self.currency_rows:
            self.currency_rows[name] = len(self.currencies)
            self.currencies.append(name)
        return self.currency_rows[name]

    def wallet(self, label: WalletLabel, amount: float, group: int, weight: float = 1.0) -> int:
        """Add a row of coins; a wrapped asset is counted in coins of its underlying.

        Args: amount: coins of the label's asset, - is owed; group: row of the margin group it is
        collateral of, or -1; weight: collateral weight of a wrapped asset, a fraction. Returns its
        row.
        """
        wrapped = self.book.wrapped.get(label.asset)
        self.wallet_rows.setdefault(label, len(self.wallets))
        self.wallets.append(label)
        self.wallet_currency.append(self.currency(wrapped.underlying if wrapped else label.asset))
        self.wallet_group.append(group)
        self.wallet_wrapped.append(1 if wrapped else 0)
        self.wallet_weight.append(weight)
        self.amount.append(amount * wrapped.rate if wrapped else amount)
        return len(self.wallets) - 1

    def group(self, label: GroupLabel, weights: Mapping[str, float]) -> int:
        """Row of a margin group, added when new; weights: collateral weights, fractions."""
        if label not in self.group_rows:
            unified = label.group == UNIFIED
            self.group_rows[label] = len(self.groups)
            self.groups.append(label)
            self.group_currency.append(-1 if unified else self.currency(label.currency))
            self.weights.append(weights if unified else NO_WEIGHTS)
        return self.group_rows[label]

    def add_leg(self, account: Account, contract: Contract, held: Position | None) -> None:
        """Add one contract of one account with what is held and working of it."""
        group, free, posted = self._collateral(account, contract, held)
        opening = self._opening(position_leverage(account, held), account, contract)
        currencies = (
            self.currency(contract.base),
            self.currency(contract.quote),
            self.currency(contract.settle),
        )
        cash = self.wallet_rows[WalletLabel(account.name, contract.settle)]
        powers = powers_of(contract, self.book.pegs)
        priced = replace(contract, fees=fees_at(account.fees, contract))
        self.rows.add(priced, currencies, group, (cash, free, posted), opening, powers)
        self.legs.append((account.name, contract))
        self.held.append(split(account, contract, held))
        orders = [order for order in account.orders if order.contract.key == contract.key]
        self.working.append(sum(order.remaining for order in orders))
        self.slot.append(_slot(orders))

    def _opening(
        self, leverage: float, account: Account, contract: Contract
    ) -> tuple[float, float]:
        """(leverage, distance) an isolated leg posts at: as said, or lower where limits are."""
        if self.caps is None:
            return leverage, 0.0
        cap, distance = self.caps(account.name, contract)
        return (min(leverage, cap) if cap is not None else leverage), distance

    def _collateral(
        self, account: Account, contract: Contract, held: Position | None
    ) -> tuple[int, int, int]:
        """(group, free wallet, posted wallet) of a leg; the wallets are -1 unless isolated."""
        group = self.group(group_of(account, contract), account.collateral_weights)
        if account.margin_mode != "isolated":
            return group, -1, -1
        label = WalletLabel(account.name, contract.settle, posted_to=contract.symbol)
        posted = self.wallet(label, posted_coins(account, held) if held else 0.0, group)
        free = self.wallet_rows[WalletLabel(account.name, contract.settle)]
        self.amount[free] -= self.amount[posted]
        owed = self.amount[free] < -ROUNDING * max(1.0, self.amount[posted])
        if owed and self.amount[posted] > 0.0:  # a loan without a position is one
            raise BookError(
                f"account '{account.name}': its isolated positions post more "
                f"{contract.settle} than its balance holds; margin is a part of the balance, so "
                f"set balances.{contract.settle} to the whole wallet"
            )
        return group, free, posted


def _slot(orders: list[WorkingOrder]) -> int:
    """Whether a leg's order slot is free, busy, or its last order's outcome is unknown."""
    if any(order.state == "unknown" for order in orders):
        return SLOT_UNKNOWN
    return SLOT_BUSY if orders else SLOT_FREE


ContractsAt = Mapping[str, Sequence[Contract]]  # contracts that may be traded, by account


def _wanted(legs: Iterable[tuple[str, Contract]]) -> ContractsAt:
    """Contracts by the account that may trade them, in order."""
    found: dict[str, list[Contract]] = {}
    for account, contract in legs:
        found.setdefault(account, []).append(contract)
    return found


def _contracts_of(account: Account, wanted: ContractsAt) -> list[Contract]:
    """Every contract an account holds, works or may be asked to trade, once each."""
    found: dict[str, Contract] = {}
    for position in account.positions:
        if position.contract.key in found:
            raise BookError(
                f"account '{account.name}' lists {position.contract.symbol} twice; "
                f"give one net position"
            )
        found[position.contract.key] = position.contract
    for one in account.not_own:
        if one.contracts is not None:
            found.setdefault(one.contract.key, one.contract)
    for order in account.orders:
        found.setdefault(order.contract.key, order.contract)
    for contract in wanted.get(account.name, ()):
        found.setdefault(contract.key, contract)
    return list(found.values())


def _swept_into(book: Book, wanted: ContractsAt) -> dict[str, list[str]]:
    """Assets in which an account receives the funding of others, by account."""
    assets: dict[str, list[str]] = {}
    for account in book.accounts if book.sweeps else ():
        sweep = book.sweep_of(account.name)
        if sweep is not None:
            settles = [contract.settle for contract in _contracts_of(account, wanted)]
            into = assets.setdefault(sweep.target, [])
            into += [sweep.into or settle for settle in settles]
    return assets


def _sweep_funding(build: _Build) -> None:
    """Point the funding of swept legs at the wallet it goes to."""
    for leg, (name, contract) in enumerate(build.legs):
        sweep = build.book.sweep_of(name)
        if sweep is None:
            continue
        label = WalletLabel(sweep.target, sweep.into or contract.settle)
        if label not in build.wallet_rows:
            raise BookError(
                f"funding of '{name}' is swept to '{sweep.target}', but there is no such account"
            )
        build.rows.sweep(leg, build.wallet_rows[label], sweep.cost)


def _add_wallets(build: _Build, account: Account, others: Iterable[str]) -> None:
    """Rows of an account's coins, and of `others`; groups claim them once the legs are known."""
    held = [asset for asset, amount in account.balances.items() if amount != 0.0]
    for asset in dict.fromkeys([*held, *others]):
        weight = account.collateral_weights.get(asset, 1.0)
        kept = account.kept.get(asset, 0.0)
        free = own_coins(account, asset) - kept
        build.wallet(WalletLabel(account.name, asset), free, -1, weight)
        if asset in account.kept:
            build.wallet(WalletLabel(account.name, asset, is_kept=True), kept, -1, weight)


def _claim_wallets(build: _Build, account: Account, before: tuple[int, int]) -> None:
    """Give the coins of a cross or unified account, the last one, to the groups that use them.

    before: wallets and groups of the accounts before it.
    """
    if account.margin_mode == "isolated":
        return
    for row in range(before[0], len(build.wallets)):
        for group in range(before[1], len(build.groups)):
            whole = build.group_currency[group] < 0
            if whole or build.groups[group].currency == build.wallets[row].asset:
                build.wallet_group[row] = group


def _backing(build: _Build, stated: Callable[[Account], Mapping[str, float]]) -> list[float]:
    """Coins that count as margin of each group and are not owned, row group * currencies + one."""
    found = []
    accounts = build.book.by_name()
    for group, label in enumerate(build.groups):
        account = accounts.get(label.account)
        home = build.group_currency[group]
        coins = {} if account is None or account.margin_mode == "isolated" else stated(account)
        for currency, name in enumerate(build.currencies):
            found.append(coins.get(name, 0.0) if home in (-1, currency) else 0.0)
    return found


def _layout(build: _Build) -> Layout:
    """The collected rows as the layout."""
    weight = []
    for weights in build.weights:
        weight += [weights.get(currency, 1.0) for currency in build.currencies]
    legs = build.rows.legs()
    return Layout(
        legs=legs,
        currencies=len(build.currencies),
        wallets=len(build.wallets),
        groups=len(build.groups),
        moves=[int(moves(currency, build.book.pegs)) for currency in build.currencies],
        wallet_currency=build.wallet_currency,
        wallet_group=build.wallet_group,
        wallet_wrapped=build.wallet_wrapped,
        wallet_weight=build.wallet_weight,
        group_currency=build.group_currency,
        group_weight=weight,
        **spans(legs, build.wallet_group, len(build.groups)),
    )


def with_fees(flat: Flat, time_ns: int) -> Flat:
    """The flat book at the fees its accounts pay at a time: discounts end."""
    taker = [flat.fees_of(leg, time_ns).taker or 0.0 for leg in range(len(flat.legs))]
    legs = flat.layout.legs._replace(taker=taker)
    return replace(flat, layout=flat.layout._replace(legs=legs))


def flatten(
    book: Book,
    extra_legs: Iterable[tuple[str, Contract]] = (),
    extra_currencies: Iterable[str] = (),
    caps: Caps | None = None,
    wallet_keys: Iterable[tuple[str, str]] = (),
) -> Flat:
    """The flat layout of a book, with empty legs for contracts it may trade.

    Args: extra_legs (account, contract) to have a row even when flat; extra_currencies to
    have a row even when not held; caps what an isolated leg posts for; wallet_keys
    (account, asset) to have a wallet even when empty.
    Raises BookError (contradicting holdings), ContractError (an unknown figure is needed).
    """
    build = _Build(book, caps)
    wanted = _wanted(extra_legs)
    swept = _swept_into(book, wanted)
    for account in book.accounts:
        before = len(build.wallets), len(build.groups)
        contracts = _contracts_of(account, wanted)
        others = [contract.settle for contract in contracts]
        if account.margin_mode == "unified" and contracts:
            others += [*account.bonus, *account.not_own_coins]
        others += swept.get(account.name, ())
        others += [asset for name, asset in wallet_keys if name == account.name]
        _add_wallets(build, account, others)
        held = {position.contract.key: position for position in account.positions}
        for contract in contracts:
            build.add_leg(account, contract, held.get(contract.key))
        _claim_wallets(build, account, before)
    for transfer in book.transfers:
        label = WalletLabel(
            transfer.target, transfer.currency, in_transit=True, is_sent=transfer.is_sent
        )
        build.wallet(label, transfer.amount, -1)
    for name in ("USD", *extra_currencies):
        build.currency(name)
    _sweep_funding(build)
    state = State(
        wallet=build.amount,
        contracts=[one.own for one in build.held],
        cost=[one.own_cost for one in build.held],
        working=build.working,
        slot=build.slot,
        incoming=[0.0] * len(build.groups),
        known=[1] * len(build.currencies),
        bonus=_backing(build, lambda account: account.bonus),
        others=[one.others for one in build.held],
        others_cost=[one.others_cost for one in build.held],
        others_coins=_backing(build, lambda account: account.not_own_coins),
    )
    names = (build.currencies, build.wallets, build.legs, build.groups)
    own_fees = {account.name: account.fees for account in book.accounts}
    return Flat(_layout(build), state, *names, book.pegs, own_fees)
