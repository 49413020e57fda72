"""What files of statements hold, in words and as JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from volsculpt.report.document import Cells, Column, Grid, Line, Page, Section, grid_of
from volsculpt.statements.accounts import StatedAccount
from volsculpt.statements.forms import StatementForm
from volsculpt.statements.importing import AccountRead, StatementFile, StatementsRead
from volsculpt.statements.into_ledger import AccountBooked
from volsculpt.statements.rows import StatementRow
from volsculpt.text import NONE, coins, minute_below
from volsculpt.units import iso

UNKNOWN = "not known"
MEANINGS = {
    "fill": "trade of contracts",
    "position": "contracts alone",
    "cash": "profit, funding, fee",
    "flow": "from or to outside",
    "transfer": "from or to own accounts",
    "convert": "trade of coins",
    "nothing": "moves no coins",
}


@dataclass(frozen=True, slots=True)
class KindCount:
    """Rows of an account that are of one kind and coin. meaning: None: not known."""

    account: str
    kind: str
    meaning: str | None
    coin: str
    rows: int
    change: float


@dataclass(frozen=True, slots=True)
class StatementsShown:
    """All that is told of files: what they hold, the accounts of a mandate, and notes.

    written: what became of it in a ledger, empty where none was asked for.
    """

    read: StatementsRead
    tables: Sequence[StatedAccount]
    notes: Sequence[str]
    written: Sequence[AccountBooked] = ()


def kind_counts(one: AccountRead) -> list[KindCount]:
    """How many rows of each kind an account has, those that are not known last."""
    lost = {row.entry_id for row in one.booked.unknown}
    found: dict[tuple[bool, str, str, str], list[StatementRow]] = {}
    for row in one.rows:
        meaning = "" if row.entry_id in lost else str(row.meaning)
        found.setdefault((not meaning, row.kind, meaning, row.coin), []).append(row)
    return [
        KindCount(
            one.name,
            kind,
            meaning or None,
            coin,
            len(rows),
            float(_sum(row.change for row in rows)),
        )
        for (_, kind, meaning, coin), rows in sorted(found.items())
    ]


def _sum(figures: Iterable[Decimal]) -> Decimal:
    return sum(figures, Decimal(0))


# --- page -----------------------------------------------------------------------------

FILES: Cells[StatementFile] = (
    (Column("file", left=True), lambda one: one.path.name),
    (Column("taken for", left=True), lambda one: one.form.name),
    (Column("rows"), lambda one: f"{one.rows:,}"),
)
KINDS: Cells[KindCount] = (
    (Column("account", left=True, spare=1), lambda one: one.account),
    (Column("kind", left=True), lambda one: one.kind),
    (
        Column("booked as", left=True),
        lambda one: MEANINGS.get(one.meaning or "", one.meaning or UNKNOWN),
    ),
    (Column("rows"), lambda one: f"{one.rows:,}"),
    (Column("change"), lambda one: coins(one.change)),
    (Column("of", left=True), lambda one: one.coin or NONE),
)


def statements_page(shown: StatementsShown) -> Page:
    """What the files hold, and what of it is not known."""
    read = shown.read
    counts = [one for account in read.accounts for one in kind_counts(account)]
    sections = [
        Section("Taken for", [grid_of(read.files, FILES)]),
        Section("Rows", [grid_of(counts, KINDS), *_spans(read)]),
        Section("Not known", [Line(one, "warning") for one in unknown_words(read, counts)]),
        Section("Notes", [Line(one, "bullet") for one in shown.notes]),
        Section("Ledger", [Line(_written(one), "good") for one in shown.written]),
    ]
    return Page("Statements", "times in UTC", [one for one in sections if _is_filled(one)])


def _is_filled(one: Section) -> bool:
    return any(not isinstance(item, Grid) or item.rows for item in one.items)


def _spans(read: StatementsRead) -> list[Line | Grid]:
    """From when to when the rows of each account are."""
    return [
        Line(
            f"{one.name}: {minute_below(one.rows[0].time_ns)} to "
            f"{minute_below(one.rows[-1].time_ns)}"
        )
        for one in read.accounts
        if one.rows
    ]


def unknown_words(read: StatementsRead, counts: Sequence[KindCount]) -> list[str]:
    """Columns and kinds of rows that are not known, in words."""
    found = [
        f"{one.path.name}: columns {', '.join(one.unknown_columns)} are not known and not read"
        for one in read.files
        if one.unknown_columns
    ]
    found += [
        f"{one.account}: {one.rows} rows of {one.kind or 'no kind'} change {one.coin} by "
        f"{coins(one.change)} and are not booked"
        for one in counts
        if one.meaning is None
    ]
    return found


def _written(one: AccountBooked) -> str:
    return f"{one.account}: {one.written:,} events written, {one.duplicates:,} were there already"


def forms_page(forms: Sequence[StatementForm]) -> Page:
    """The forms of statements: columns, kinds and the page each is from."""
    return Page("Forms of statements", f"{len(forms)} are known", [_form(one) for one in forms])


def _form(one: StatementForm) -> Section:
    """One form."""
    columns = ", ".join(f"{ours} = {' or '.join(theirs)}" for ours, theirs in one.columns.items())
    meanings: dict[str, list[str]] = {}
    for kind, meaning in one.kinds.items():
        meanings.setdefault(meaning, []).append(kind.replace("*|", "").replace("|", " "))
    kinds = [Line(f"{what}: {', '.join(names)}", "bullet") for what, names in meanings.items()]
    lines = [Line(one.file), Line(one.source), Line(f"columns: {columns}", "bullet"), *kinds]
    return Section(one.name, lines)


# --- JSON -----------------------------------------------------------------------------


def statements_dict(shown: StatementsShown) -> dict[str, Any]:
    """What `import-statement --json` prints."""
    read, tables = shown.read, shown.tables
    return {
        "schema": 1,
        "files": [
            {
                "path": str(one.path),
                "form": one.form.name,
                "rows": one.rows,
                "unknown_columns": one.unknown_columns,
            }
            for one in read.files
        ],
        "kinds": [
            {
                "account": one.account,
                "kind": one.kind,
                "booked_as": one.meaning,
                "coin": one.coin,
                "rows": one.rows,
                "change": one.change,
            }
            for account in read.accounts
            for one in kind_counts(account)
        ],
        "accounts": [
            _account(one, table) for one, table in zip(read.accounts, tables, strict=True)
        ],
        "ledger": [
            {"account": one.account, "written": one.written, "known": one.duplicates}
            for one in shown.written
        ],
        "toml": "\n".join(one.text() for one in tables),
        "notes": list(shown.notes),
    }


def _account(one: AccountRead, table: StatedAccount) -> dict[str, Any]:
    """An account: its span, its balances, its positions."""
    positions = None
    if table.positions is not None:
        positions = [
            {"contract": held.symbol, "contracts": held.contracts, "entry": held.entry}
            for held in table.positions
        ]
    return {
        "name": table.name,
        "kind": table.kind,
        "venue": table.venue,
        "from": iso(one.rows[0].time_ns) if one.rows else None,
        "to": iso(one.rows[-1].time_ns) if one.rows else None,
        "balances": dict(table.balances),
        "positions": positions,
        "events": len(one.booked.events),
    }
