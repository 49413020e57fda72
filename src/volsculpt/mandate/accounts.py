"""From account tables to the book: balances, positions, working orders, flows, transfers."""

from collections.abc import Iterator

from volsculpt.book.holdings import (
    Account,
    Flow,
    LoanTerms,
    OwnFees,
    Position,
    Sweep,
    Transfer,
    WorkingOrder,
    Wrapped,
)
from volsculpt.contracts.counted import counted_asset
from volsculpt.contracts.currencies import is_fiat
from volsculpt.contracts.spec import Fees
from volsculpt.mandate.holding_tables import AccountTable, OrderTable, PositionTable
from volsculpt.mandate.locations import Loc, choice, then
from volsculpt.mandate.owners import all_not_own, note_not_own, read_not_own, read_not_own_coins
from volsculpt.mandate.reading import VENUE_HINT, Reading, find_contract
from volsculpt.text import coins, percent
from volsculpt.units import datetime_ns, duration_ns, months_of

MOST_INTEREST = 1.0  # a year; what is above it was written in percent


def read_accounts(reading: Reading) -> None:
    """Put every account of the file into `reading.accounts`."""
    first_rows: dict[str, int] = {}
    client_ids: set[str] = set()
    for row, table in enumerate(reading.tables.account):
        if table.name in first_rows:
            reading.add(
                ("account", row, "name"),
                f"already used by [[account]] {first_rows[table.name] + 1}; give each its own name",
            )
            continue
        first_rows[table.name] = row
        for number, order in enumerate(table.order):
            if order.client_id in client_ids:
                loc = ("account", row, "order", number, "client_id")
                reading.add(loc, "already used by another order; ids are unique")
            client_ids.add(order.client_id)
        reading.accounts[table.name] = _account(reading, row, table)


def _account(reading: Reading, row: int, table: AccountTable) -> Account:
    """One account with its contracts resolved."""
    loc: Loc = ("account", row)
    _check_venue(reading, loc, table)
    held = [
        _position(reading, (*loc, "position", n), table, p) for n, p in enumerate(table.position)
    ]
    orders = [_order(reading, (*loc, "order", n), table, o) for n, o in enumerate(table.order)]
    positions = tuple(one for one in held if one is not None)
    not_own = tuple(read_not_own(reading, loc, table, positions))
    mode = (table.margin_mode or "cross") if table.kind == "margin" else None
    account = Account(
        name=table.name,
        kind=table.kind,
        venue=table.venue,
        margin_mode=mode,
        balances=dict(table.balances),
        positions=(*positions, *all_not_own(positions, not_own)),
        orders=tuple(one for one in orders if one is not None),
        collateral_weights=dict(table.collateral_weights),
        locked_until_ns=None if table.locked_until is None else datetime_ns(table.locked_until),
        leverage=table.leverage,
        fees=_fees(reading, loc, table),
        bonus=_bonus(reading, loc, table),
        not_own=not_own,
        not_own_coins=read_not_own_coins(reading, loc, table),
        loan=_loan(reading, loc, table),
    )
    note_not_own(reading, account)
    return account


def _loan(reading: Reading, loc: Loc, table: AccountTable) -> LoanTerms | None:
    """What the lender of a loan asks; a rate that is not said is not known, and that is told."""
    if table.kind != "loan":
        return None
    for name, owed in table.balances.items():
        if owed < 0.0 and name not in table.interest:
            reading.warn(
                f"no_interest: {reading.problems.place(loc)}: no interest on the {name} owed is "
                f"given, so none is counted; add interest = {{ {name} = 0.09 }}, or 0 where "
                f"there is none"
            )
    for name, rate in table.interest.items():
        if rate > MOST_INTEREST:
            reading.add(
                (*loc, "interest", name),
                f"is {percent(rate)} a year: it is a share, so write 9 % as 0.09",
            )
    return LoanTerms(
        interest=dict(table.interest),
        call_ltv=table.call_ltv,
        liquidation_ltv=table.liquidation_ltv,
        due_ns=None if table.due is None else datetime_ns(table.due),
    )


def _fees(reading: Reading, loc: Loc, table: AccountTable) -> OwnFees:
    """What an account pays to trade; each symbol it names is a contract of its venue."""
    fees, less = table.fees, table.fee_discount
    by_symbol = {} if fees is None else fees.by_symbol
    for symbol in by_symbol:
        find_contract(reading, (*loc, "fees", symbol), table.venue or "", symbol)
    return OwnFees(
        maker=None if fees is None else fees.maker,
        taker=None if fees is None else fees.taker,
        by_symbol={one: Fees(fees.maker, fees.taker) for one, fees in by_symbol.items()},
        discount=0.0 if less is None else less.share,
        until_ns=None if less is None or less.until is None else datetime_ns(less.until),
    )


def _bonus(reading: Reading, loc: Loc, table: AccountTable) -> dict[str, float]:
    """What counts as margin of an account and is not owned, by currency."""
    for asset in table.bonus:
        if reading.underlying(asset) != asset:
            coin = reading.underlying(asset)
            reading.add((*loc, "bonus", asset), f"is a wrapped asset; give it in {coin}")
    return dict(table.bonus)


def _check_venue(reading: Reading, loc: Loc, table: AccountTable) -> None:
    """A margin account's venue must be one whose contracts are known."""
    if table.kind != "margin" or table.venue is None:
        return
    venues = reading.catalog.venues()
    if table.venue not in venues:
        hint = then(choice(table.venue, venues), VENUE_HINT)
        reading.add((*loc, "venue"), f"unknown venue; {hint}")


def _position(
    reading: Reading, loc: Loc, account: AccountTable, table: PositionTable
) -> Position | None:
    """One position, or a problem with its contract."""
    contract = find_contract(reading, (*loc, "contract"), account.venue or "", table.contract)
    if contract is None:
        return None
    return Position(contract, table.contracts, table.entry, table.margin, table.leverage)


def _order(
    reading: Reading, loc: Loc, account: AccountTable, table: OrderTable
) -> WorkingOrder | None:
    """One working order, or a problem with its contract."""
    contract = find_contract(reading, (*loc, "contract"), account.venue or "", table.contract)
    if contract is None:
        return None
    since = None if table.since is None else datetime_ns(table.since)
    return WorkingOrder(table.client_id, contract, table.contracts, table.state, since)


def read_assets(reading: Reading) -> dict[str, Wrapped]:
    """Wrapped assets; each must lead straight to a currency that is not itself wrapped."""
    tables = reading.tables.assets
    wrapped: dict[str, Wrapped] = {}
    for name, table in tables.items():
        loc = ("assets", name, "underlying")
        if is_fiat(name):
            reading.add(("assets", name), f"{name} is money, not a wrapped asset; remove it")
        elif table.peg is not None:
            check_peg(reading, name, table.peg)
        elif table.underlying == name:
            reading.add(loc, "an asset cannot stand for itself; name what it is exposed to")
        elif table.underlying is not None:
            inner = tables.get(table.underlying)
            last = None if inner is None else inner.underlying
            if last is not None:
                reading.add(
                    loc, f'is itself wrapped; name the last of the chain, "{last}", directly'
                )
            wrapped[name] = Wrapped(table.underlying, table.rate)
    for name in dict.fromkeys(name for _, name in _named(reading)):
        coin, count = counted_asset(name)
        if coin != name and name not in tables:
            reading.note(f"{name} is counted as {coins(count)} {coin}")
            wrapped[name] = Wrapped(coin, count)
    return wrapped


def _named(reading: Reading) -> Iterator[tuple[Loc, str]]:
    """Every asset that is held, under way or flows, and where."""
    tables = reading.tables
    for row, account in enumerate(tables.account):
        yield from ((("account", row, "balances", asset), asset) for asset in account.balances)
    for row, sent in enumerate(tables.transfer):
        yield ("transfer", row, "currency"), sent.currency
    for row, flow in enumerate(tables.flow):
        yield ("flow", row, "currency"), flow.currency


def check_spelling(reading: Reading) -> None:
    """A currency that is a listed one but for small letters would be a coin of its own."""
    small = [(loc, name) for loc, name in _named(reading) if name != name.upper()]
    if not small:
        return  # no venue is read for it
    listed = {
        name
        for contract in reading.catalog.contracts()
        for name in (contract.base, contract.quote, contract.settle)
    }
    for loc, name in small:
        is_listed = name in listed or name in reading.tables.assets
        if not is_listed and name.upper() in listed:
            reading.add(loc, f'no such currency; did you mean "{name.upper()}"?')


def check_peg(reading: Reading, name: str, peg: str) -> None:
    """A peg is money, or "none"."""
    if peg != "none" and not is_fiat(peg):
        reading.add(
            ("assets", name, "peg"),
            'must be money, for example "USD", or "none"; what follows a coin is written '
            f'underlying = "{peg}"',
        )


def _rhythm(every: str | None) -> tuple[int | None, int | None]:
    """(nanoseconds, months) between two times of a flow; both None where it comes once."""
    months = None if every is None else months_of(every)
    return (None if every is None or months is not None else duration_ns(every)), months


def read_flows(reading: Reading) -> tuple[Flow, ...]:
    """Deposits and withdrawals to come."""
    flows = []
    for row, table in enumerate(reading.tables.flow):
        reading.need_account(("flow", row, "account"), table.account)
        start = table.at or table.from_
        flows.append(
            Flow(
                table.account,
                table.currency,
                table.amount,
                None if start is None else datetime_ns(start),
                *_rhythm(table.every),
                None if table.until is None else datetime_ns(table.until),
            )
        )
    return tuple(flows)


def read_transfers(reading: Reading) -> tuple[Transfer, ...]:
    """Coins under way."""
    transfers = []
    for row, table in enumerate(reading.tables.transfer):
        reading.need_account(("transfer", row, "to"), table.to)
        if table.from_ is not None:
            reading.need_account(("transfer", row, "from"), table.from_)
        if table.from_ == table.to:
            reading.add(("transfer", row, "from"), "leaves and reaches the same account")
        arrives = None if table.arrives is None else datetime_ns(table.arrives)
        transfers.append(Transfer(table.currency, table.amount, table.to, table.from_, arrives))
    return tuple(transfers)


def read_sweeps(reading: Reading) -> tuple[Sweep, ...]:
    """Where funding goes; one sweep an account, and one for all the others."""
    sweeps: list[Sweep] = []
    for row, table in enumerate(reading.tables.sweep):
        loc: Loc = ("sweep", row)
        target = reading.need_account((*loc, "to"), table.to)
        if target is not None and target.loan is not None:
            reading.add((*loc, "to"), "is a loan; name a cold, spot or earn account")
        account = None
        if table.account is not None:
            account = reading.need_account((*loc, "account"), table.account)
        if account is not None and account.kind != "margin":
            reading.add(
                (*loc, "account"),
                f"is a {account.kind} account, which receives no funding; name a margin account",
            )
        if table.into is None and target is not None and target.kind == "margin":
            hint = 'name a cold, spot or earn account, or give into = "USD"'
            reading.add((*loc, "to"), f"is a margin account itself; {hint}")
        if table.into is not None and reading.underlying(table.into) != table.into:
            reading.add((*loc, "into"), "is a wrapped asset; name what it stands for")
        if any(one.account == table.account for one in sweeps):
            reading.add(loc, "another [[sweep]] is for the same account; keep one")
        sweeps.append(Sweep(table.to, table.into, table.account, table.cost))
    return tuple(sweeps)


def check_weights(reading: Reading, settles: dict[str, set[str]]) -> None:
    """Every asset of a unified account has a collateral weight.

    settles: account -> currencies that contracts in `use` settle in there.
    """
    arriving = [(table.to, table.currency) for table in reading.tables.transfer]
    arriving += [(table.to, table.into) for table in reading.tables.sweep if table.into]
    flows = [table for table in reading.tables.flow if table.amount > 0.0]
    arriving += [(table.account, table.currency) for table in flows]
    for row, table in enumerate(reading.tables.account):
        account = reading.accounts.get(table.name)
        if account is None or account.margin_mode != "unified":
            continue
        traded = [held.contract for held in account.positions]
        traded += [order.contract for order in account.orders]
        needed = [
            *account.balances,
            *account.bonus,
            *(contract.settle for contract in traded),
            *sorted(settles.get(account.name, ())),
            *(currency for to, currency in arriving if to == account.name),
        ]
        for asset in dict.fromkeys(needed):
            if asset not in account.collateral_weights:
                reading.add(
                    ("account", row, "collateral_weights"),
                    f"lacks {asset}, which the account holds, receives or settles in; add "
                    f"{asset} = 0.95 or what the venue publishes",
                )
