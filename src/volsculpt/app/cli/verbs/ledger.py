"""`volsculpt ledger`: what a desk has written: show, verify, export, migrate."""

from collections import deque
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.options import AsJsonOption, Color, ColorOption, WidthOption
from volsculpt.app.cli.output import print_json, print_page, working
from volsculpt.errors import LedgerError

if TYPE_CHECKING:
    from volsculpt.ledger.entry import Entry
    from volsculpt.ledger.ledger import Ledger
    from volsculpt.ledger.verify import Verified

GROUP = "keep"
EXAMPLES = {
    "show": "volsculpt ledger show mandate.ledger --limit 10",
    "verify": "volsculpt ledger verify mandate.ledger",
    "export": "volsculpt ledger export mandate.ledger --format csv --out postings.csv",
    "migrate": "volsculpt ledger migrate mandate.ledger",
}

app = typer.Typer(
    help="Read, verify, export and migrate the ledger of a desk.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
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
        said = {"schema": 1, "ledger": name, "format": form.value, "table": table.value}
        print_json({**said, "path": str(out), "rows": rows})
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
        said = {"schema": 1, "ledger": done.name}
        print_json({**said, "from_format": done.from_format, "to_format": done.to_format})
    elif done.from_format == done.to_format:
        typer.echo(f"{done.name} has format {done.to_format} already; nothing was changed")
    else:
        typer.echo(f"{done.name}: format {done.from_format} is now {done.to_format}")
