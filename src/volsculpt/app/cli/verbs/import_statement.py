"""`volsculpt import-statement`: what a venue's own files say of an account."""

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    ContractsFileOption,
    WidthOption,
)
from volsculpt.app.cli.output import print_json, print_page, working, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from volsculpt.report.pages.statements import StatementsShown
    from volsculpt.statements.accounts import StatedAccount
    from volsculpt.statements.importing import StatementOptions, StatementsRead
    from volsculpt.statements.into_ledger import AccountBooked

GROUP = "keep"
EXAMPLE = "volsculpt import-statement AssetChangeDetails_uta.csv --ledger books.ledger"


class TransferSides(StrEnum):
    """What transfers inside the venue are with."""

    OWN = "own"
    OUTSIDE = "outside"


def import_statement(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE...", help="CSV or JSON files, or zips.", show_default=False),
    ] = None,
    account: Annotated[
        str | None, typer.Option("--account", help="What to call the account. Default: the form.")
    ] = None,
    ledger: Annotated[
        str | None,
        typer.Option("--ledger", metavar="LEDGER", help="Write it there; made if there is none."),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="MANDATE", help="Put the accounts into this mandate."),
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", help="Of times that say none: UTC, UTC+8.")
    ] = None,
    allow_gaps: Annotated[
        bool, typer.Option("--allow-gaps", help="Rows may be missing between balances.")
    ] = False,
    transfers: Annotated[
        TransferSides, typer.Option("--transfers", help="What transfers inside the venue are with.")
    ] = TransferSides.OWN,
    contracts: ContractsFileOption = None,
    forms: Annotated[
        bool, typer.Option("--forms", help="List the forms that are known, and stop.")
    ] = False,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Read account statements of a venue.

    Shows what each file is taken for and what of it is not known; prints the accounts as tables of
    a mandate, or puts them into one; writes fills, funding, fees and transfers into a ledger.
    """
    if forms:
        list_forms(width, color)
        return
    if not files:
        raise typer.BadParameter("name the files to read, or say --forms", param_hint="FILE")
    from volsculpt.report.pages.statements import statements_dict, statements_page
    from volsculpt.statements.importing import StatementOptions

    outside = transfers is TransferSides.OUTSIDE
    shown = statements_shown(
        files, StatementOptions(account, zone, allow_gaps, contracts, outside), ledger
    )
    if into is not None:
        put_into(into, shown.tables)
    if as_json:
        print_json(statements_dict(shown))
        return
    print_page(statements_page(shown), width, color)
    if into is None:
        typer.echo("\n" + "\n".join(one.text() for one in shown.tables).rstrip("\n"))


def list_forms(width: int | None, color: Color) -> None:
    """Print the forms that are known. width: columns, None: of the terminal."""
    from volsculpt.report.pages.statements import forms_page
    from volsculpt.statements.forms import statement_forms

    print_page(forms_page(statement_forms()), width, color)


def statements_shown(
    files: list[Path], options: "StatementOptions", ledger: str | None
) -> "StatementsShown":
    """What is told of files, once they are in the ledger, where one is given."""
    from volsculpt.report.pages.statements import StatementsShown
    from volsculpt.statements.importing import account_table, read_statements

    with working("reading"):
        read = read_statements(files, options)
    made = [account_table(one) for one in read.accounts]
    notes = [note for one in read.accounts for note in one.booked.notes]
    notes += [note for _, more in made for note in more]
    done = [] if ledger is None else book_all(read, ledger, options)
    return StatementsShown(read, [table for table, _ in made], notes, done)


def book_all(
    read: "StatementsRead", place: str, options: "StatementOptions"
) -> "list[AccountBooked]":
    """Write every account into a ledger; how many events were new.

    Args: read: the accounts; place: of the ledger; options: they were read with.
    """
    from volsculpt.contracts.catalog import load_catalog
    from volsculpt.ledger.ledger import open_ledger
    from volsculpt.statements.into_ledger import import_into

    catalog, now_ns = load_catalog(options.contracts), time.time_ns()
    with open_ledger(place) as opened:
        return [import_into(opened, one, now_ns, catalog) for one in read.accounts]


def put_into(path: Path, tables: "Sequence[StatedAccount]") -> None:
    """Write a mandate with these accounts, where it can be read with them; else nothing."""
    from volsculpt.mandate.given import mandate_of
    from volsculpt.statements.accounts import merged_into

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path}: cannot be read: {error}", param_hint="--into") from None
    for table in tables:
        text = merged_into(text, table)
    mandate_of(text)
    with written(path, "--into"):
        path.write_text(text, encoding="utf-8")
