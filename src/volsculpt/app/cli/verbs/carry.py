"""`volsculpt carry`: what selling a coin by each contract earns, after all that it costs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.market import AtMomentOption, IndexVenueOption, moment_ns
from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    DataFolderOption,
    WidthOption,
)
from volsculpt.app.cli.output import check_figure, print_json, print_page, written

if TYPE_CHECKING:
    from volsculpt.contracts.catalog import Catalog
    from volsculpt.hedge.carry.survey import CarrySurvey
    from volsculpt.hedge.carry.terms import CarryTerms

GROUP = "decide"
EXAMPLE = "volsculpt carry BTC"
HALF_SPREAD = 0.0001

OfArgument = Annotated[
    str,
    typer.Argument(
        metavar="MANDATE|COIN",
        help="A mandate's file (the coins it hedges, and contracts of its own), or a coin: BTC.",
        show_default=False,
    ),
]
HorizonOption = Annotated[
    str, typer.Option("--horizon", metavar="LENGTH", help="How long it is held: 90d, 12h or 4w.")
]
SizeOption = Annotated[
    float, typer.Option("--size", metavar="COINS", help="How many coins are sold.")
]
SpreadOption = Annotated[
    float, typer.Option("--half-spread", help="Half of the spread, a fraction of the price.")
]
CarrySlippageOption = Annotated[
    float, typer.Option("--slippage", help="More than that, which each trade loses.")
]
CashRateOption = Annotated[
    float,
    typer.Option("--cash-rate", help="What margin would earn elsewhere, a year: 0.04 for 4 %."),
]
CurveOption = Annotated[
    list[Path] | None,
    typer.Option("--report", metavar="FILE", help="Also write a page or picture: .html or .png."),
]


def carry(
    of: OfArgument,
    data: DataFolderOption = None,
    at: AtMomentOption = None,
    horizon: HorizonOption = "90d",
    size: SizeOption = 1.0,
    half_spread: SpreadOption = HALF_SPREAD,
    slippage: CarrySlippageOption = 0.0,
    cash_rate: CashRateOption = 0.0,
    index_venue: IndexVenueOption = None,
    report: CurveOption = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Tell what selling a coin forward earns after costs.

    Contract by contract, the best first: premium of dated ones, funding of perpetuals as it was
    and as it is expected.
    """
    from volsculpt.hedge.carry.survey import carry_survey
    from volsculpt.market.place import data_place
    from volsculpt.report.pages.carry import carry_dict, carry_page

    for path in report or []:
        check_figure(path, "--report")
    terms = terms_of(horizon, size, half_spread, slippage, cash_rate)
    coins, catalog = coins_and_catalog(of)
    place = data_place(data)
    moment = None if at is None else moment_ns(at, "--at")
    found = [carry_survey(place.root, catalog, one, terms, moment, index_venue) for one in coins]
    check_curves(found, report or [])
    for path in report or []:
        draw(found, path, place.text)
    if as_json:
        told = [carry_dict(one) for one in found]
        print_json({"schema": 1, "root": str(place.root), "coins": told})
        return
    for one in found:
        print_page(carry_page(one, place.text), width, color)


def terms_of(
    horizon: str, size: float, half_spread: float, slippage: float, cash_rate: float
) -> "CarryTerms":
    """How it is asked for.

    Args: horizon: a length of time as text; size: coins; half_spread, slippage: fractions of the
    price; cash_rate: a year.
    """
    from volsculpt.hedge.carry.terms import CarryTerms
    from volsculpt.units import DAY_NS, long_length_ns

    try:
        days = long_length_ns(horizon) / DAY_NS
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--horizon") from None
    if not 0.0 < size < float("inf"):
        raise typer.BadParameter(f"{size:g}: name coins above 0, like 10", param_hint="--size")
    fractions = {"--half-spread": half_spread, "--slippage": slippage, "--cash-rate": cash_rate}
    for option, figure in fractions.items():
        if not 0.0 <= figure < 1.0:
            problem = f"{figure:g}: is no fraction from 0 to 1, like 0.0001"
            raise typer.BadParameter(problem, param_hint=option)
    return CarryTerms(days, size, half_spread, slippage, cash_rate)


def coins_and_catalog(of: str) -> "tuple[list[str], Catalog]":
    """The coins that are told of, and the contracts that there are."""
    if of.endswith(".toml") or Path(of).is_file():
        from volsculpt.verbs import load

        mandate = load(of)
        return list(dict.fromkeys(one.underlying for one in mandate.hedges)), mandate.catalog
    from volsculpt.contracts.catalog import load_catalog

    catalog = load_catalog()
    return [catalog.on_coin(of)[0]], catalog


def check_curves(found: "list[CarrySurvey]", paths: list[Path]) -> None:
    """Refuse a picture of a coin that has no curve, before anything is written."""
    from volsculpt.report.charts.carry import curve_chart

    pictures = any(path.suffix.lower() == ".png" for path in paths)
    bare = [one.coin for one in found if pictures and curve_chart(one) is None]
    if bare:
        problem = (
            f"no dated contract on {', '.join(bare)} is priced then: there is no curve to draw; "
            f"write a page (.html)"
        )
        raise typer.BadParameter(problem, param_hint="--report")


def draw(found: "list[CarrySurvey]", path: Path, root: str) -> None:
    """Write a report: a page with the table, or the picture of forward curves alone.

    Several coins have a file each, the name of each before the ending.
    """
    from volsculpt.report.charts.carry import curve_chart
    from volsculpt.report.pages.carry import carry_page

    for one in found:
        own = path if len(found) == 1 else path.with_stem(f"{path.stem}-{one.coin}")
        chart = curve_chart(one)
        with written(own, "--report"):
            if own.suffix.lower() == ".png" and chart is not None:
                from volsculpt.report.charts.png import write_png

                write_png([chart], own)
            else:
                from volsculpt.report.render.html import html_page

                charts = [] if chart is None else [(1, chart)]
                own.write_text(html_page(carry_page(one, root), charts, "carry"), encoding="utf-8")
