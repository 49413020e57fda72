"""Files of statements read, account by account: rows, events of them, and a mandate's tables."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from volsculpt.contracts.catalog import Catalog, load_catalog
from volsculpt.errors import HistoryError
from volsculpt.ledger.booking import book
from volsculpt.ledger.books import Books
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import Event, Stated
from volsculpt.market.tables import FileTable, tables_of
from volsculpt.statements.accounts import StatedAccount, StatedPosition
from volsculpt.statements.booked import BookedRows, BookingPlace, booked, classified_trade
from volsculpt.statements.chain import BalanceSpan, balance_spans
from volsculpt.statements.contracts import LONG, SHORT, contract_of, contracts_in
from volsculpt.statements.forms import StatementForm, form_of, statement_forms
from volsculpt.statements.rows import RowReader, StatementRow
from volsculpt.text import amount
from volsculpt.units import iso


@dataclass(frozen=True, slots=True)
class StatementOptions:
    """What the user says of files.

    account: its name; zone: of times that say none; gaps: rows may be missing; contracts: a file of
    own ones; outside: no file tells of the accounts that transfers are from and to.
    """

    account: str | None = None
    zone: str | None = None
    gaps: bool = False
    contracts: Path | None = None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A table of a file: its form, its rows, columns that are not known."""

    path: Path
    form: StatementForm
    rows: int
    unknown_columns: list[str]


@dataclass(slots=True)
class AccountRead:
    """An account as its files tell it: rows, events of them, balances, and its tables."""

    name: str
    form: StatementForm
    outside: bool = False
    rows: list[StatementRow] = field(default_factory=list)
    positions: list[StatedPosition] | None = None
    spans: list[BalanceSpan] = field(default_factory=list)
    booked: BookedRows = field(default_factory=BookedRows)

    @property
    def finals(self) -> dict[str, float]:
        """Coins at the end, where the files tell balances."""
        return sums_by_coin((one.coin, one.final) for one in self.spans)

    @property
    def openings(self) -> dict[str, float]:
        """Coins before the first row, where the files tell balances."""
        return sums_by_coin((one.coin, one.opening) for one in self.spans)


@dataclass(frozen=True, slots=True)
class StatementsRead:
    """Everything that files hold."""

    files: list[StatementFile]
    accounts: list[AccountRead]


def sums_by_coin(pairs: Iterable[tuple[str, Decimal]]) -> dict[str, float]:
    """Decimals of each coin added up exactly, by coin."""
    sums: dict[str, Decimal] = {}
    for coin, coins in pairs:
        sums[coin] = sums.get(coin, Decimal(0)) + coins
    return {coin: float(coins) for coin, coins in sorted(sums.items())}


# --- reading --------------------------------------------------------------------------


def read_statements(paths: Sequence[Path], options: StatementOptions) -> StatementsRead:
    """Every row of every file, by account.

    HistoryError: a file of no known form, a row that contradicts itself or others.
    """
    catalog = load_catalog(options.contracts)
    files, accounts = list[StatementFile](), dict[str, AccountRead]()
    for path in paths:
        for table in tables_of(path):
            form = form_of(table.frame.columns, table.place)
            unknown = form.unknown(table.frame.columns)
            files.append(StatementFile(table.path, form, table.frame.height, unknown))
            owner = owning_form(form)
            name = options.account or owner.name
            one = accounts.setdefault(name, AccountRead(name, owner, options.outside))
            if one.form is not owner:
                raise HistoryError(
                    f"{table.place}: is {form.name}, and account {name!r} is {one.form.name} by "
                    f"another file; name one account at a time with --account"
                )
            _take(one, table, form, options, catalog)
    for one in accounts.values():
        one.rows = [classified_trade(row) for row in unique_rows(one.rows)]
        one.spans = balance_spans(one.rows, gaps=options.gaps)
        one.booked = booked(one.rows, place_of(one, catalog, {}))
    return StatementsRead(files, list(accounts.values()))


def place_of(one: AccountRead, catalog: Catalog, held: Mapping[str, float]) -> BookingPlace:
    """Where an account's rows are booked. held: contracts before the first, by key."""
    return BookingPlace(one.name, one.form, catalog, held, one.outside)


def owning_form(form: StatementForm) -> StatementForm:
    """The form whose account a file is of: that of the venue's futures, for positions alone."""
    if not form.positions:
        return form
    futures = (one for one in statement_forms() if one.venue == form.venue)
    return next(one for one in futures if one.kind == "margin" and not one.positions)


def _take(
    one: AccountRead,
    table: FileTable,
    form: StatementForm,
    options: StatementOptions,
    catalog: Catalog,
) -> None:
    """Add a table to its account.

    Args: one: the account; table: of a file; form: of it; options: of the user; catalog: of
    contracts.
    """
    if table.frame.height == 0:
        return
    if form.positions:
        found = _positions(table, form, catalog)
        one.positions = [*(one.positions or []), *found]
        return
    rows = RowReader(table, form, options.zone).rows()
    if rows[0].time_ns > rows[-1].time_ns:
        rows.reverse()  # the newest first: so are those of one second
    one.rows += rows


def unique_rows(rows: Sequence[StatementRow]) -> list[StatementRow]:
    """Rows by time, each id once. HistoryError: two rows with one id say different things."""
    found: dict[str, StatementRow] = {}
    for one in rows:
        before = found.setdefault(one.entry_id, one)
        if _content(before) != _content(one):
            raise HistoryError(
                f"{one.where}: has the id {one.entry_id} of {before.where} and says something "
                f"else; one of the files was changed: export it again"
            )
    return sorted(found.values(), key=lambda one: one.time_ns)


def _content(one: StatementRow) -> tuple[object, ...]:
    return one.time_ns, one.kind, one.coin, one.change, one.fee, one.contract, one.size


def _positions(table: FileTable, form: StatementForm, catalog: Catalog) -> list[StatedPosition]:
    """Positions of a table of them; HistoryError names a contract that is not known."""
    reader = RowReader(table, form, None)
    found = []
    for n in range(table.frame.height):
        size, entry = reader.figure("position", n), reader.figure("entry", n)
        if not size:
            continue
        name, side = reader.text("contract", n), reader.text("side", n)
        contract = contract_of(name, form, "", catalog)
        if contract is None or not entry:
            what = "no contract of the catalog" if contract is None else "told without its entry"
            raise HistoryError(
                f"{table.place}: row {n + 1}: {name} is {what}; write its position in the mandate "
                f"yourself, or describe the contract in a file of your own (--contracts)"
            )
        count = contracts_in(size, contract, form)
        sign = -1.0 if SHORT.search(side) else 1.0
        signed = sign * abs(count) if SHORT.search(side) or LONG.search(side) else count
        found.append(StatedPosition(contract.symbol, signed, float(entry)))
    return found


# --- accounts of a mandate ------------------------------------------------------------


def account_table(one: AccountRead) -> tuple[StatedAccount, list[str]]:
    """The account as a mandate has it, and what is to be known about it."""
    notes = []
    opening = Stated(one.name, one.openings, {}, 0, adopted=True)
    books = folded([opening, *(row.event for row in one.booked.events)], Books())
    posted = one.booked.posted
    balances = {coin: final + float(posted.get(coin, 0)) for coin, final in one.finals.items()}
    notes += [
        f"{one.name}: {amount(float(coins), coin)} are posted to isolated positions; the balance "
        f"holds them too, as a mandate counts it"
        for coin, coins in posted.items()
    ]
    if not one.spans and one.rows:
        notes.append(
            f"{one.name}: its files tell no balances, so they are sums of their rows from "
            f"{iso(one.rows[0].time_ns)} on; check them against the venue"
        )
        coins = {coin: held for (where, coin), held in books.balances.items() if where == one.name}
        balances = dict(sorted(coins.items()))
    positions = one.positions
    if positions is None and one.form.kind == "margin":
        held = [
            StatedPosition(key.partition(":")[2], position.contracts, position.entry)
            for (where, key), position in sorted(books.positions.items())
            if where == one.name and position.contracts != 0.0
        ]
        lost = one.booked.notes
        positions = None if lost and not held else held
    kept = {coin: coins for coin, coins in balances.items() if coins != 0.0}
    return StatedAccount(one.name, one.form.kind, one.form.venue, kept, positions), notes


def folded(events: Iterable[Event], books: Books) -> Books:
    """The books after events, by time; those before are left as they are."""
    found = deepcopy(books)
    for n, event in enumerate(events):
        book(found, Entry(n, 0, event, ""))
    return found
