"""`volsculpt data`: histories of prices, funding and other figures: import, list, check."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    DataFolderOption,
    FullOption,
    WidthOption,
)
from volsculpt.app.cli.output import (
    check_figure,
    is_terminal,
    print_json,
    print_page,
    working,
    written,
)
from volsculpt.errors import HistoryError

if TYPE_CHECKING:
    from volsculpt.market.data import Examined, Imported
    from volsculpt.market.quality import Checked
    from volsculpt.report.charts.chart import Panel

GROUP = "data"
EXAMPLES = {
    "import": "volsculpt data import history --yes",
    "list": "volsculpt data list",
    "check": "volsculpt data check BTC",
}

app = typer.Typer(
    help="Import, list and check histories of the market.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Text = str | None


PathsArgument = Annotated[
    list[Path],
    typer.Argument(metavar="PATH", help="CSV, JSON or Parquet files, or folders of them."),
]
VenueOption = Annotated[Text, typer.Option("--venue", help="Who listed the prices.")]
SymbolOption = Annotated[
    Text, typer.Option("--symbol", help="The contract (BTC/USD:BTC), or the coin of an index.")
]
RoleOption = Annotated[Text, typer.Option("--role", help="index, mark, last, funding or value.")]
NameOption = Annotated[
    Text, typer.Option("--name", help="What figures that are no prices are called: hash_rate.")
]
UnitOption = Annotated[Text, typer.Option("--unit", help="Their unit: percent, index, USD.")]
LagOption = Annotated[
    Text,
    typer.Option(
        "--lag", help='How long after its time one is known: "2 business days", 36h, none.'
    ),
]
QuoteOption = Annotated[Text, typer.Option("--quote", help="Currency of the prices.")]
IntervalOption = Annotated[
    Text, typer.Option("--interval", help="Length of a bar, or hours of a funding rate: 8h.")
]
ZoneOption = Annotated[
    Text, typer.Option("--zone", help="UTC: what times without an offset are in.")
]
StampOption = Annotated[
    Literal["open", "close"] | None,
    typer.Option("--stamp", help="What bars are stamped with: open or close."),
]
PercentOption = Annotated[
    bool, typer.Option("--percent", help="Funding rates are in percent, not fractions.")
]
SkipEmptyOption = Annotated[
    bool, typer.Option("--skip-empty", help="Leave out rows without any figure, as gaps.")
]
ColumnNamesOption = Annotated[
    Text,
    typer.Option(
        "--columns", metavar="OURS=THEIRS,...", help="Names of columns, as time=ts,close=px."
    ),
]


@app.command("import")
def import_files(
    paths: PathsArgument,
    data: DataFolderOption = None,
    venue: VenueOption = None,
    symbol: SymbolOption = None,
    role: RoleOption = None,
    quote: QuoteOption = None,
    interval: IntervalOption = None,
    zone: ZoneOption = None,
    stamp: StampOption = None,
    percent: PercentOption = False,
    skip_empty: SkipEmptyOption = False,
    columns: ColumnNamesOption = None,
    name: NameOption = None,
    unit: UnitOption = None,
    lag: LagOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Store without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show, and store nothing.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace stored rows that say something else.")
    ] = False,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Store files of prices, funding and other figures.

    First it shows what each file is taken for, and asks. An option goes before any guess, for
    all files. Of several files those that are not understood are listed and the others stored;
    of a folder those that are wrong too, and the exit code is 8; a folder of which nothing is
    understood is none that is wrong.
    """
    from volsculpt.market.data import data_examine
    from volsculpt.market.importer import ImportOptions
    from volsculpt.market.place import data_place
    from volsculpt.report.pages.data import import_dict, import_page, stored_lines

    options = ImportOptions(
        *(venue, symbol, role, quote, interval, zone, None, columns_of(columns)),
        *(stamp, percent, skip_empty, name, unit, lag),
    )
    place = data_place(data)
    now_ns = time.time_ns()
    with working("reading") as progress:
        read = data_examine(paths, options, progress, now_ns=now_ns, root=place.root)
    if not as_json:
        print_page(import_page(read, place.text), width, color)
    done = None
    if not dry_run and read.found:
        confirm(yes, len(read.found), place.root)
        done = store(read.found, place.root, now_ns, overwrite)
    if as_json:
        print_json(import_dict(read, done, str(place.root)))
    elif done is not None:
        typer.echo("\n" + "\n".join(stored_lines(done)))
    if read.wrong:
        raise typer.Exit(HistoryError.exit_code)


def columns_of(text: str | None) -> dict[str, str]:
    """Our name -> the file's. Worked: "time=ts,close=px" is {time: ts, close: px}."""
    pairs = [one.partition("=") for one in (text or "").split(",") if one.strip()]
    for ours, sign, theirs in pairs:
        if not (ours.strip() and sign and theirs.strip()):
            problem = f"{ours + sign + theirs!r}: write OURS=THEIRS, for example time=ts,close=px"
            raise typer.BadParameter(problem, param_hint="--columns")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def confirm(yes: bool, files: int, root: Path) -> None:
    """Ask before anything is stored; where nobody can answer, refuse and say what to do."""
    if yes:
        return
    if not is_terminal():
        problem = (
            "nobody can be asked here, so nothing was stored; if the files are taken for what "
            "they are, add --yes, or only look with --dry-run"
        )
        raise typer.BadParameter(problem, param_hint="--yes")
    typer.echo("", err=True)
    what = "this file" if files == 1 else f"these {files} files"
    if not typer.confirm(f"Store {what} in {root}?", err=True):
        typer.echo("nothing was stored; options like --symbol overrule a guess", err=True)
        raise typer.Exit(1)


def store(read: "Examined", root: Path, now_ns: int, overwrite: bool) -> "list[Imported]":
    """Store what was confirmed, with the time of the import.

    Args: read: what was examined; root: folder of the store; now_ns: ns UTC; overwrite: rows that
    contradict what is stored replace it.
    """
    from volsculpt.market.data import data_store

    with working("storing") as progress:
        return data_store(read, root, now_ns, overwrite=overwrite, progress=progress)


@app.command("list")
def list_stored(
    data: DataFolderOption = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """List what is stored.

    Each series with its span, its rows and its gaps.
    """
    from volsculpt.market.data import data_list
    from volsculpt.market.place import data_place
    from volsculpt.report.pages.data import stored_dict, stored_page

    place = data_place(data)
    found = data_list(place.root)
    if as_json:
        print_json(stored_dict(found, str(place.root)))
    else:
        print_page(stored_page(found, place.text), width, color)


@app.command("check")
def check_stored(
    key: Annotated[
        str | None,
        typer.Argument(
            metavar="[KEY]",
            help="A coin (BTC), contract (bybit:BTC/USD:BTC) or figure (fear_greed). Default: all.",
            show_default=False,
        ),
    ] = None,
    data: DataFolderOption = None,
    full: FullOption = False,
    as_json: AsJsonOption = False,
    figure: Annotated[
        Path | None,
        typer.Option("--figure", metavar="FILE", help="Also draw it: .html or .png."),
    ] = None,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Look for gaps, outliers and stale prices.

    What is found is told, never changed; the exit code is 0 whatever it is.
    """
    from volsculpt.market.place import data_place
    from volsculpt.report.pages.data_check import check_dict, check_page
    from volsculpt.report.pages.data_verdict import check_verdict

    check_figure(figure)
    place = data_place(data)
    found, panels = checked(place.root, key, figure is not None)
    if figure is not None:
        draw(found, panels, figure, place.text)
    if as_json:
        print_json(check_dict(found, str(place.root)))
    else:
        made = check_page if full else check_verdict
        print_page(made(found, place.text), width, color)


def checked(root: Path, key: str | None, with_chart: bool) -> "tuple[list[Checked], list[Panel]]":
    """What was found, and the panels of the picture where one is asked for."""
    from volsculpt.market.data import checked_series

    found: list[Checked] = []
    panels: list[Panel] = []
    with working("checking") as progress:
        for one, series in checked_series(root, key, progress):
            found.append(one)
            if with_chart:
                from volsculpt.report.charts.history import panel_of

                panels.append(panel_of(one, series))
    return found, panels


def draw(found: "list[Checked]", panels: "list[Panel]", path: Path, root: str) -> None:
    """Write the page or the picture; of many series those with the most findings.

    Args: found: the series checked; panels: what is drawn of each; path: of the file, by its ending
    a picture or a page; root: folder of the store, as shown.
    """
    from volsculpt.report.charts.history import MOST_SERIES, fullest, history_chart

    shown = fullest(found, panels)
    chart = history_chart(shown)
    with written(path):
        if path.suffix.lower() == ".png":
            from volsculpt.report.charts.png import write_png

            write_png([chart], path)
        else:
            from volsculpt.report.pages.data_check import check_page
            from volsculpt.report.pages.data_verdict import answer
            from volsculpt.report.render.html import html_page

            page = replace(check_page(found, root), verdict=answer(found))
            text = html_page(page, [(1, chart)], "data check")
            path.write_text(text, encoding="utf-8")
    if len(shown) < len(panels):
        typer.echo(
            f"the picture holds the {MOST_SERIES} series with the most findings, of {len(panels)}; "
            f"name a coin or a contract to see others",
            err=True,
        )
