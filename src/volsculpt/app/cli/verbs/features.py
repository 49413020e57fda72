"""`volsculpt features`: what policies may know of a coin, with age, source and rank."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.market import AtMomentOption, IndexVenueOption, moment_ns
from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    DataFolderOption,
    PageOrPictureOption,
    WidthOption,
)
from volsculpt.app.cli.output import check_figure, print_json, print_page, written

if TYPE_CHECKING:
    from volsculpt.hedge.feature import Feature
    from volsculpt.hedge.survey import Survey

GROUP = "data"
EXAMPLE = "volsculpt features BTC"

USUAL = ("volatility", "drawdown")  # drawn where nothing is named
SHOWN_DAYS = 365


CoinArgument = Annotated[
    str, typer.Argument(metavar="COIN", help="For example BTC.", show_default=False)
]
PlotsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--plot",
        metavar="NAME",
        help="Draw it under the price in the report: a name, or how its row begins. "
        "Default: volatility and drawdown. Repeat it for more.",
    ),
]
DaysOption = Annotated[
    int, typer.Option("--days", min=2, help="Days that are drawn, up to the moment.")
]


def features(
    coin: CoinArgument,
    data: DataFolderOption = None,
    at: AtMomentOption = None,
    index_venue: IndexVenueOption = None,
    as_json: AsJsonOption = False,
    report: PageOrPictureOption = None,
    plot: PlotsOption = None,
    days: DaysOption = SHOWN_DAYS,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Tell the figures that policies may know of a coin.

    Each as it was known at the moment, with its age, its source, and its rank in its own past.
    """
    from volsculpt.hedge.survey import survey
    from volsculpt.market.place import data_place
    from volsculpt.report.pages.features import features_dict, features_page

    paths = report or []
    for path in paths:
        check_figure(path, "--report")
    if plot and not paths:
        raise typer.BadParameter("is drawn in a report; add --report FILE", param_hint="--plot")
    place = data_place(data)
    moment = None if at is None else moment_ns(at, "--at")
    found = survey(place.root, coin, moment, index_venue)
    if paths:
        plotted = named(found, plot or list(USUAL))
        draw(found, plotted, days, paths, place.text)
    if as_json:
        print_json(features_dict(found, str(place.root)))
    else:
        print_page(features_page(found, place.text), width, color)


def named(found: "Survey", names: list[str]) -> "list[Feature]":
    """The features whose name, or the beginning of whose row, is among some, in their order."""
    from volsculpt.report.charts.features import MOST_FIGURES

    rows = {one.name: one.feature for one in found.figures}
    chosen: dict[Feature, None] = {}
    for name in names:
        fits = [one for row, one in rows.items() if name == one.NAME]
        fits = fits or [one for row, one in rows.items() if row.startswith(name)]
        if not fits:
            there = ", ".join(dict.fromkeys(one.NAME for one in rows.values()))
            problem = f"{name!r}: there is no such feature of {found.coin}; there is: {there}"
            raise typer.BadParameter(problem, param_hint="--plot")
        chosen |= dict.fromkeys(fits)
    if len(chosen) > MOST_FIGURES:
        problem = (
            f"{len(chosen)} features are named and {MOST_FIGURES} can be drawn under one price; "
            f"write more of their rows, as --plot 'trend, half-life of 30'"
        )
        raise typer.BadParameter(problem, param_hint="--plot")
    return list(chosen)


def draw(
    found: "Survey", features: "list[Feature]", days: int, paths: list[Path], root: str
) -> None:
    """Write each report: a page with the table, or the picture alone.

    Args: found: all features; features: those under the price; days: drawn; paths: of the files;
    root: folder of the store, as shown.
    """
    from volsculpt.report.charts.features import features_chart
    from volsculpt.report.pages.features import features_page
    from volsculpt.units import DAY_NS

    chart = features_chart(found, features, found.time_ns - days * DAY_NS)
    for path in paths:
        with written(path, "--report"):
            if path.suffix.lower() == ".png":
                from volsculpt.report.charts.png import write_png

                write_png([chart], path)
            else:
                from volsculpt.report.render.html import html_page

                text = html_page(features_page(found, root), [(0, chart)], "features")
                path.write_text(text, encoding="utf-8")
