"""From the owner's hedges, limits and collateral plans to the flat rules."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from volsculpt.book.flatten import UNIFIED, Caps, Flat, GroupLabel
from volsculpt.book.holdings import Account, Book
from volsculpt.book.state import SLOT_MISSING
from volsculpt.contracts.spec import Contract
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.rules import BASE_CODE, Rules
from volsculpt.errors import BookError
from volsculpt.hedge.spec import Hedge
from volsculpt.units import DAY_NS

UseLeg = tuple[str, Contract, bool]
LegsAt = Callable[[int], tuple[tuple[UseLeg, ...], ...]]  # of each hedge, at a time


LAST_ROLL_NS = 2 * DAY_NS  # before an expiry what is left is rolled at once
ByPool = Sequence[tuple[Hedge, Sequence[UseLeg]]]  # hedges that go by one pool, and their legs


def _carried(
    hedges: Sequence[Hedge], legs: Sequence[Sequence[UseLeg]]
) -> dict[str, list[tuple[Hedge, Sequence[UseLeg]]]]:
    """The coins whose contracts carry hedges, in file order, and which hedges each carries."""
    found: dict[str, list[tuple[Hedge, Sequence[UseLeg]]]] = {}
    for hedge, used in zip(hedges, legs, strict=True):
        for pool in dict.fromkeys(one.coin for one in hedge.carriers):
            found.setdefault(pool, []).append((hedge, used))
    return found


def roll_share(contract: Contract, retire: bool, share: float, time_ns: int) -> float:
    """The share of a target that one decision rolls out of a contract: all in its last two days.

    Args: retire: whether its rule has rolled on; share: of the hedge that trades it; time_ns: ns
    UTC of the decision.
    """
    ends = contract.expiry_ns
    is_last = ends is None or ends - time_ns <= LAST_ROLL_NS
    return 1.0 if not retire or is_last else share


def _pool_legs(
    rows: Mapping[tuple[str, str], int], carried: ByPool, pool: str, time_ns: int
) -> dict[int, tuple[int, float]]:
    """leg row -> (1 if retiring, the share that is rolled), in order of preference.

    The coin's own hedge speaks first.
    """
    found: dict[int, tuple[int, float]] = {}
    for own in (True, False):
        for hedge, used in carried:
            if bool(hedge.proxies) == own:
                continue
            for account, contract, retire in used:
                if contract.base == pool:
                    share = roll_share(contract, retire, hedge.roll_slice, time_ns)
                    row = rows.get((account, contract.key), -1)
                    found.setdefault(row, (int(retire), share))
    return found


def weights_of(betas: Sequence[float]) -> list[float]:
    """What each proxy of a hedge counts in its held ratio: |beta| over their sum; 0s without any.

    Worked: 0.6 and -0.4 -> 0.6 and 0.4; one alone -> 1.
    """
    total = sum(abs(beta) for beta in betas)
    return [abs(beta) / total if total > 0.0 else 0.0 for beta in betas]


def _links(hedges: Sequence[Hedge], pools: Sequence[str]) -> dict[str, list[Any]]:
    """The columns of hedges and the pools that carry them."""
    each = [(row, one) for row, hedge in enumerate(hedges) for one in hedge.carriers]
    row_of = {pool: row for row, pool in enumerate(pools)}
    return {
        "link_hedge": [row for row, _ in each],
        "link_pool": [row_of[one.coin] for _, one in each],
        "link_beta": [one.beta for _, one in each],
        "link_weight": [
            weight
            for hedge in hedges
            for weight in weights_of([one.beta for one in hedge.carriers])
        ],
    }


def plan_of(label: GroupLabel, plans: Sequence[CollateralPlan]) -> CollateralPlan | None:
    """The first plan that speaks of a margin group.

    A unified group takes a currency that its account states a collateral weight for, and no other:
    nobody has said how much of that would count as margin.
    """
    fitting = label.weighed if label.group == UNIFIED else (label.currency,)
    for plan in plans:
        if plan.account not in (None, label.account):
            continue
        if plan.currency is None or plan.currency in fitting:
            return plan
    return None


PlansOf = Callable[[str], Sequence[CollateralPlan]]


def plans_by_account(plans: Sequence[CollateralPlan]) -> PlansOf:
    """A look-up of the plans that may speak of an account, in their order."""
    of_all = [row for row, plan in enumerate(plans) if plan.account is None]
    named: dict[str, list[int]] = {}
    for row, plan in enumerate(plans):
        if plan.account is not None:
            named.setdefault(plan.account, []).append(row)
    return lambda account: [plans[row] for row in sorted([*named.get(account, ()), *of_all])]


WITHIN = 1.0 - 1e-9  # a limit is met with this much room for the noise of fractions


def posting_caps(limits: Limits, plans: Sequence[CollateralPlan]) -> Caps:
    """Most leverage and least distance an isolated position posts at, by limits and its plan.

    Worked: an account set to 3x under a plan of [1.3, 2, 2, 2.7] posts at 2x. What its venue
    wants of the size it comes to is known when it trades (`opening_rate`).
    """
    plans_of = plans_by_account(plans)

    def cap(account: str, contract: Contract) -> tuple[float | None, float]:
        plan = plan_of(GroupLabel(account, "isolated", contract.settle), plans_of(account))
        found = [limits.max_leverage, plan.leverage_band[2] if plan is not None else None]
        caps = [WITHIN * one for one in found if one is not None]
        return min(caps, default=None), limits.min_liquidation_distance or 0.0

    return cap


def _moving_currency(flat: Flat, group: int, plan: CollateralPlan | None) -> int:
    """The currency that moves to a group: as planned, else what its contracts settle in.

    One that is nowhere in the book cannot move. Of a group of one coin a plan moves no other.
    """
    if plan is not None and plan.currency in flat.currencies:
        return flat.currency(plan.currency)
    return flat.layout.legs.settle[flat.layout.group_leg_from[group]]


@dataclass(frozen=True)
class _WalletIndex:
    """Accounts by name, and the wallets of each that coins can come from, by account and asset."""

    accounts: Mapping[str, Account]
    wallets: Mapping[tuple[str, str], list[int]]


def _wallet_index(flat: Flat, book: Book) -> _WalletIndex:
    """Where the coins of a book are."""
    wallets: dict[tuple[str, str], list[int]] = {}
    for row, wallet in enumerate(flat.wallets):
        if not (wallet.in_transit or wallet.is_kept) and wallet.posted_to is None:
            wallets.setdefault((wallet.account, wallet.asset), []).append(row)
    return _WalletIndex(book.by_name(), wallets)


def source_assets(
    book: Book, plans: Sequence[CollateralPlan], used: Iterable[tuple[str, Contract]]
) -> list[tuple[str, str]]:
    """(account, asset) of each source of the plans and what may move to it or from it.

    A source that holds none of a coin is a place all the same: what a group has too much of goes
    back there. A margin account is none, and a coin that is nowhere in the book cannot move.

    Args: used: (account, contract) that may be traded.
    """
    settles: dict[str, dict[str, None]] = {}
    for account in book.accounts:
        settles[account.name] = {line.contract.settle: None for line in account.positions}
    for name, contract in used:
        settles.setdefault(name, {})[contract.settle] = None
    kinds = {account.name: account.kind for account in book.accounts}
    there = {asset for account in book.accounts for asset in account.balances}
    there.update(_settled(settles, settles))
    found: dict[tuple[str, str], None] = {}
    for plan in plans:
        names = settles if plan.account is None else [plan.account]
        assets = [plan.currency] if plan.currency is not None else _settled(settles, names)
        pairs = ((name, asset) for name in plan.source for asset in assets if asset in there)
        found |= {place: None for place in pairs if kinds.get(place[0], "margin") != "margin"}
    return list(found)


def _settled(settles: Mapping[str, Mapping[str, None]], names: Iterable[str]) -> list[str]:
    """What the contracts of some accounts are settled in."""
    return list(dict.fromkeys(asset for name in names for asset in settles.get(name, ())))


def is_locked(account: Account | None, time_ns: int) -> bool:
    """Whether coins of an account cannot move yet at a time (ns UTC)."""
    return account is not None and account.is_locked(time_ns)


def _source_wallets(
    flat: Flat,
    index: _WalletIndex,
    label: GroupLabel,
    plan: CollateralPlan,
    asset: str,
    time_ns: int,
) -> list[int]:
    """Wallet rows coins may come from, in order."""
    rows = []
    for name in plan.source:
        if name == label.account:
            continue  # its own free coins are posted, not moved
        if is_locked(index.accounts.get(name), time_ns):
            continue
        for row in index.wallets.get((name, asset), ()):
            if flat.layout.wallet_group[row] >= 0:
                raise BookError(
                    f"[[collateral]] source '{name}' is a margin account whose {asset} backs "
                    f"its own positions; name a cold, spot or earn account"
                )
            rows.append(row)
    return rows


def _is_not_own(flat: Flat, account: Account | None, group: int) -> bool:
    """Whether a group is an isolated position of somebody else's: no coins are moved for it."""
    if account is None or account.margin_mode != "isolated":
        return False
    leg = flat.layout.group_leg_from[group]
    return account.is_not_own(flat.legs[leg][1].key)


def _collateral(
    flat: Flat, book: Book, plans: Sequence[CollateralPlan], time_ns: int
) -> dict[str, list[float]]:
    """The collateral columns of the rules, a row per margin group."""
    columns: dict[str, list[float]] = {
        name: []
        for name in (
            "planned assumed band_first band_second band_third band_last transfer_cost "
            "min_transfer move_currency source_from source_to source_wallet"
        ).split()
    }
    wallet_rows, plans_of = _wallet_index(flat, book), plans_by_account(plans)
    for group, label in enumerate(flat.groups):
        own = wallet_rows.accounts.get(label.account)
        plan = None if _is_not_own(flat, own, group) else plan_of(label, plans_of(label.account))
        currency = _moving_currency(flat, group, plan)
        rows: list[int] = []
        asset = flat.currencies[currency]
        if plan is not None and plan.currency in (None, asset):
            rows = _source_wallets(flat, wallet_rows, label, plan, asset, time_ns)
        band = plan.leverage_band if plan is not None else (0.0, 0.0, 0.0, 0.0)
        columns["planned"].append(int(plan is not None))
        columns["assumed"].append(int(own is not None and own.is_assumed))
        for name, leverage in zip(("first", "second", "third", "last"), band, strict=True):
            columns[f"band_{name}"].append(leverage)
        columns["transfer_cost"].append(plan.cost if plan is not None else 0.0)
        columns["min_transfer"].append(plan.least_coins if plan is not None else 0.0)
        columns["move_currency"].append(currency)
        columns["source_from"].append(len(columns["source_wallet"]))
        columns["source_wallet"] += rows
        columns["source_to"].append(len(columns["source_wallet"]))
    return columns


def expect_transfers(flat: Flat, rules: Rules) -> None:
    """Note in a new state which coins on their way a group may count on, in its moving currency.

    Coins sent to an isolated account reach its free wallet, and are posted to the first
    position that settles in them.
    """
    incoming = flat.state.incoming
    first: dict[tuple[str, int], int] = {}
    for group, label in enumerate(flat.groups):
        first.setdefault((label.account, rules.move_currency[group]), group)
    for row, wallet in enumerate(flat.wallets):
        group = first.get((wallet.account, flat.layout.wallet_currency[row]), -1)
        if wallet.in_transit and wallet.is_sent and group >= 0:
            incoming[group] += flat.state.wallet[row]


def miss_expired(flat: Flat, time_ns: int) -> None:
    """A contract past its expiry is no hedge: its leg and its coin count as unknown."""
    for leg, (_, contract) in enumerate(flat.legs):
        gone = contract.expiry_ns is not None and contract.expiry_ns <= time_ns
        if gone and flat.state.contracts[leg] != 0.0:
            flat.state.slot[leg] = SLOT_MISSING
            flat.state.known[flat.layout.legs.base[leg]] = 0


def build_rules(
    flat: Flat,
    book: Book,
    hedges: Sequence[Hedge],
    legs: Sequence[Sequence[UseLeg]],
    limits: Limits,
    plans: Sequence[CollateralPlan],
    time_ns: int,
) -> Rules:
    """The flat rules.

    Args: hedges: their order is that of the rows; legs: per hedge its (account, contract, retire)
    in order of preference; plans: looked up for each margin group; time_ns: ns UTC.
    """
    carried, rows = _carried(hedges, legs), flat.leg_rows()
    pools = list(carried)
    bounds = [0]
    use: list[int] = []
    retiring: list[tuple[int, float]] = []
    for pool in pools:
        found = _pool_legs(rows, carried[pool], pool, time_ns)
        use += list(found)
        retiring += list(found.values())
        bounds.append(len(use))
    return Rules(
        hedges=len(hedges),
        links=sum(len(hedge.carriers) for hedge in hedges),
        pools=len(pools),
        groups=len(flat.groups),
        legs=len(flat.legs),
        hedge_currency=[flat.currency(hedge.underlying) for hedge in hedges],
        hedge_own=[int(not hedge.proxies) for hedge in hedges],
        hedge_base=[BASE_CODE[hedge.base] for hedge in hedges],
        hedge_coins=[hedge.coins or 0.0 for hedge in hedges],
        hedge_hold=[0] * len(hedges),
        under_trigger=[hedge.band.under_trigger for hedge in hedges],
        under_settle=[hedge.band.under_settle for hedge in hedges],
        over_trigger=[hedge.band.over_trigger for hedge in hedges],
        over_settle=[hedge.band.over_settle for hedge in hedges],
        pool_currency=[flat.currency(pool) for pool in pools],
        pool_from=bounds[:-1],
        pool_to=bounds[1:],
        use_leg=use,
        use_retire=[gone for gone, _ in retiring],
        use_slice=[share for _, share in retiring],
        max_leverage=limits.max_leverage or 0.0,
        min_distance=limits.min_liquidation_distance or 0.0,
        dead_zone=limits.dead_zone,
        allow_long=int(limits.may_be_long),
        max_order_usd=limits.max_order_usd or 0.0,
        min_base_usd=limits.min_base_usd,
        **_links(hedges, pools),
        **_collateral(flat, book, plans, time_ns),  # type: ignore[arg-type]
    )
