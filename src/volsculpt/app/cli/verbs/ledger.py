"""`volsculpt ledger`: what was written: show, verify, report, export, migrate."""

from collections import deque
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    DataFolderOption,
    FullOption,
    WidthOption,
)
from volsculpt.app.cli.output import print_json, print_page, working
from volsculpt.errors import LedgerError

if TYPE_CHECKING:
    from volsculpt.ledger.coin_lots import LotRules
    from volsculpt.ledger.entry import Entry
    from volsculpt.ledger.ledger import Ledger
    from volsculpt.ledger.tax_year import ReportSpan, TaxYear
    from volsculpt.ledger.verify import Verified

GROUP = "keep"
EXAMPLES = {
    "show": "volsculpt ledger show mandate.ledger --limit 10",
    "verify": "volsculpt ledger verify mandate.ledger",
    "report": "volsculpt ledger report mandate.ledger --year 2024 --method fifo",
    "hedge-file": "volsculpt ledger hedge-file mandate.ledger --year 2024",
    "export": "volsculpt ledger export mandate.ledger --format csv --out postings.csv",
    "migrate": "volsculpt ledger migrate mandate.ledger",
}

app = typer.Typer(
    help="Read, verify, report, export and migrate a ledger.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
YearOption = Annotated[
    int | None,
    typer.Option("--year", min=1970, max=2199, help="A year, in UTC. Default: all of it."),
]
CsvOption = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Every row, as CSV.")]
LedgerPlaceArgument = Annotated[
    str,
    typer.Argument(
        metavar="LEDGER",
        help="Its file, or postgresql+psycopg://USER@HOST/DATABASE.",
        show_default=False,
    ),
]


class Format(StrEnum):
    """What a ledger can be exported as."""

    CSV = "csv"
    PARQUET = "parquet"
    BEANCOUNT = "beancount"


class Exported(StrEnum):
    """What is exported."""

    POSTINGS = "postings"
    EVENTS = "events"


class Method(StrEnum):
    """Which lots go first."""

    FIFO = "fifo"
    AVERAGE = "average"
    SPECIFIC = "specific"


class Withdrawals(StrEnum):
    """What coins that left are taken for."""

    SOLD = "sold"
    MOVED = "moved"


class LotsBy(StrEnum):
    """Which lots are one pool."""

    ALL = "all"
    ACCOUNT = "account"


@app.command("show")
def show(
    ledger: LedgerPlaceArgument,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="Only events of this kind, as fill; repeat it."),
    ] = None,
    from_seq: Annotated[
        int | None,
        typer.Option("--from", min=1, help="First event to show. Default: so that the last is."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many events.")] = 20,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Show events.

    The last ones, or those from a number on; all of them or some kinds.
    """
    from volsculpt.ledger.ledger import open_ledger
    from volsculpt.report.pages.ledger import show_dict, show_page

    with open_ledger(ledger, write=False) as opened:
        found = chosen(opened, kind or [], from_seq, limit)
        last = opened.store.last_seq()
        if as_json:
            print_json(show_dict(opened.name, found, last))
        else:
            print_page(show_page(opened.name, found, last), width, color)


def chosen(ledger: "Ledger", kinds: list[str], from_seq: int | None, limit: int) -> "list[Entry]":
    """The first events from a number on, or the last ones.

    Args: ledger: open; kinds: of events, empty = all; from_seq: a number, None = the last ones;
    limit: how many at most.
    """
    if from_seq is not None:
        return [one for one, _ in zip(ledger.entries(from_seq, kinds), range(limit), strict=False)]
    start = 1 if kinds else max(1, ledger.store.last_seq() - limit + 1)
    return list(deque(ledger.entries(start, kinds), maxlen=limit))


@app.command("verify")
def verify_ledger(
    ledger: LedgerPlaceArgument,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Check that it is whole.

    Its pages, the chain of hashes, the balance of postings; every decision is made again. Exit
    code 10 when anything is wrong.
    """
    from volsculpt.report.pages.ledger import verify_dict, verify_page

    found, last_ns = verified(ledger)
    if as_json:
        print_json(verify_dict(found))
    else:
        print_page(verify_page(found, last_ns), width, color)
    if not found.is_whole:
        raise typer.Exit(LedgerError.exit_code)


def verified(place: str) -> "tuple[Verified, int | None]":
    """What a verification found, and the time of the last event."""
    from volsculpt.ledger.ledger import open_ledger
    from volsculpt.ledger.verify import verify

    with open_ledger(place, write=False) as opened, working("verifying") as update:
        found = verify(opened, lambda done, total: update(done, total, Path(opened.name)))
        rows = opened.store.rows(found.events, ()) if found.events else iter(())
        return found, max((row.time_ns for row in rows), default=None)


@app.command("report")
def report(
    ledger: LedgerPlaceArgument,
    year: YearOption = None,
    method: Annotated[
        Method, typer.Option("--method", help="Which lots of coins go first.")
    ] = Method.FIFO,
    numeraire: Annotated[str, typer.Option("--numeraire", help="What it is counted in.")] = "USD",
    lots: Annotated[
        Path | None,
        typer.Option("--lots", metavar="FILE", help="What coins cost: coin, coins, time, cost."),
    ] = None,
    picks: Annotated[
        Path | None,
        typer.Option("--picks", metavar="FILE", help="Lots chosen to go: move, lot, coins."),
    ] = None,
    withdrawals: Annotated[
        Withdrawals, typer.Option("--withdrawals", help="What coins that left are taken for.")
    ] = Withdrawals.SOLD,
    lots_by: Annotated[
        LotsBy, typer.Option("--lots-by", help="One pool of lots of all accounts, or one each.")
    ] = LotsBy.ALL,
    loans: Annotated[bool, typer.Option("--loans", help="Coins may be owed.")] = False,
    data: DataFolderOption = None,
    out: CsvOption = None,
    full: FullOption = False,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Tell what was gained and earned.

    Gains of coins that went, lot by lot, and profit of contracts, funding and fees, each at the
    price of its time. Not tax advice.
    """
    from volsculpt.ledger.coin_lots import LotRules
    from volsculpt.ledger.lot_files import read_lots, read_picks
    from volsculpt.report.pages.tax_year import tax_dict, tax_page, write_csv

    if (method is Method.SPECIFIC) != (picks is not None):
        problem = "--method specific and --picks FILE go together: the file says which lots go"
        raise typer.BadParameter(problem, param_hint="--picks")
    rules = LotRules(
        method=method.value,
        picks=read_picks(picks) if picks else None,
        given=read_lots(lots) if lots else (),
        loans=loans,
        moved=withdrawals is Withdrawals.MOVED,
        by_account=lots_by is LotsBy.ACCOUNT,
    )
    name, found = reported(ledger, year, rules, (numeraire, data))
    if out is not None:
        rows = write_csv(found, out)
        typer.echo(f"wrote {rows:,} rows to {out}", err=True)
    if as_json:
        print_json(tax_dict(name, found))
    else:
        print_page(tax_page(name, found, full), width, color)


def reported(
    place: str, year: int | None, rules: "LotRules", priced: tuple[str, Path | None]
) -> "tuple[str, TaxYear]":
    """The name of a ledger, and its report.

    Args: place: of the ledger; year: None: all of it; rules: of lots; priced: what it is counted
    in, and the folder of histories (None: the usual one).
    """
    from volsculpt.ledger.coin_prices import CoinPrices, RecordedPrices
    from volsculpt.ledger.ledger import open_ledger
    from volsculpt.ledger.tax_year import tax_year
    from volsculpt.market.place import data_place

    numeraire, data = priced
    with open_ledger(place, write=False) as opened, working("reading"):
        entries = list(opened.entries())
        prices = CoinPrices(RecordedPrices(entries), data_place(data).root, numeraire)
        return opened.name, tax_year(entries, prices, span_of(year), rules)


def span_of(year: int | None) -> "ReportSpan":
    """From the first moment of a year, UTC, to that of the next; all of it without one."""
    from volsculpt.units import moment_ns

    if year is None:
        return None, None
    return moment_ns(f"{year}-01-01"), moment_ns(f"{year + 1}-01-01")


@app.command("hedge-file")
def hedge_file(
    ledger: LedgerPlaceArgument,
    year: YearOption = None,
    out: CsvOption = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Document a hedge for auditors.

    What was designated and when, the ratio that was asked for and held, and how effective it was
    in each quarter, with a range. Out of the decisions of a desk, as it saw prices.
    """
    from volsculpt.ledger.ledger import open_ledger
    from volsculpt.report.pages.hedge_file import hedge_file_dict, hedge_file_page, write_quarters
    from volsculpt.report.rows import hedge_file as rows

    with open_ledger(ledger, write=False) as opened, working("reading"):
        found = rows.hedge_file(opened, year)
    if out is not None:
        typer.echo(f"wrote {write_quarters(found, out)} rows to {out}", err=True)
    if as_json:
        print_json(hedge_file_dict(found))
    else:
        print_page(hedge_file_page(found), width, color)


@app.command("export")
def export(
    ledger: LedgerPlaceArgument,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write.")],
    form: Annotated[Format, typer.Option("--format", help="Form of the file.")] = Format.CSV,
    table: Annotated[
        Exported, typer.Option("--table", help="What to write; beancount takes the postings.")
    ] = Exported.POSTINGS,
    as_json: AsJsonOption = False,
) -> None:
    """Write it to a file.

    Postings (one row a side of every move of coins or contracts) or events with all their
    fields, as CSV or Parquet; or the postings as a journal that beancount reads.
    """
    from volsculpt.ledger.ledger import open_ledger

    if form is Format.BEANCOUNT and table is Exported.EVENTS:
        problem = "a beancount journal holds postings; leave --table out, or take csv or parquet"
        raise typer.BadParameter(problem, param_hint="--table")
    with open_ledger(ledger, write=False) as opened, working("exporting"):
        rows = exported(opened, form, table, out)
        name = opened.name
    if as_json:
        printed = {"schema": 1, "ledger": name, "format": form.value, "table": table.value}
        print_json({**printed, "path": str(out), "rows": rows})
    else:
        what = "transactions" if form is Format.BEANCOUNT else table.value
        typer.echo(f"wrote {rows:,} {what} of {name} to {out}")


def exported(ledger: "Ledger", form: Format, table: Exported, out: Path) -> int:
    """Write the file; how many rows or transactions.

    Args: ledger: open; form: of the file; table: which one, where the form has several; out: the
    file.
    """
    if form is Format.BEANCOUNT:
        from volsculpt.ledger.beancount import export_beancount

        return export_beancount(ledger, out)
    from volsculpt.ledger.export import EXPORTERS

    return EXPORTERS[form.value](ledger, table.value, out)


@app.command("migrate")
def migrate_ledger(ledger: LedgerPlaceArgument, as_json: AsJsonOption = False) -> None:
    """Bring an older one to today's form.

    All of it or nothing; events stay as they are. Nothing happens to one of today's form.
    """
    from volsculpt.ledger.migrate import migrate

    with working("migrating"):
        done = migrate(ledger)
    if as_json:
        printed = {"schema": 1, "ledger": done.name}
        print_json({**printed, "from_format": done.from_format, "to_format": done.to_format})
    elif done.from_format == done.to_format:
        typer.echo(f"{done.name} has format {done.to_format} already; nothing was changed")
    else:
        typer.echo(f"{done.name}: format {done.from_format} is now {done.to_format}")
