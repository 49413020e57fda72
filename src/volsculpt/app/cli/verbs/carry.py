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
    PageOrPictureOption,
    WidthOption,
)
from volsculpt.app.cli.output import check_figure, print_json, print_page, written
from volsculpt.app.cli.runs import HalfSpreadOption, SlippageOption
from volsculpt.contracts.costs import HALF_SPREAD

if TYPE_CHECKING:
    from volsculpt.hedge.carry.terms import CarryTerms
    from volsculpt.report.carry import CarryReport

GROUP = "decide"
EXAMPLE = "volsculpt carry BTC"
OPTIONS = {  # what says each part of how a carry is asked for
    "days": "--horizon",
    "coins": "--size",
    "half_spread": "--half-spread",
    "slippage": "--slippage",
    "cash_rate": "--cash-rate",
}

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
CashRateOption = Annotated[
    float,
    typer.Option("--cash-rate", help="What margin would earn elsewhere, a year: 0.04 for 4 %."),
]


def carry(
    of: OfArgument,
    data: DataFolderOption = None,
    at: AtMomentOption = None,
    horizon: HorizonOption = "90d",
    size: SizeOption = 1.0,
    half_spread: HalfSpreadOption = HALF_SPREAD,
    slippage: SlippageOption = 0.0,
    cash_rate: CashRateOption = 0.0,
    index_venue: IndexVenueOption = None,
    report: PageOrPictureOption = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Tell what selling a coin forward earns after costs.

    Contract by contract, the best first: premium of dated ones, funding of perpetuals as it was
    and as it is expected.
    """
    from volsculpt import ratios
    from volsculpt.market.place import data_place
    from volsculpt.report.pages.carry import carry_page

    for path in report or []:
        check_figure(path, "--report")
    terms = terms_of(horizon, size, half_spread, slippage, cash_rate)
    place = data_place(data)
    moment = None if at is None else moment_ns(at, "--at")
    named = Path(of) if Path(of).is_file() else of
    found = ratios.carry(named, at=moment, data=place.root, terms=terms, index_venue=index_venue)
    check_curves(found, report or [])
    for path in report or []:
        draw(found, path)
    if as_json:
        print_json(found.as_dict())
        return
    for one in found.surveys:
        print_page(carry_page(one, place.text), width, color)


def terms_of(
    horizon: str, size: float, half_spread: float, slippage: float, cash_rate: float
) -> "CarryTerms":
    """How it is asked for.

    Args: horizon: a length of time as text; size: coins; half_spread, slippage: fractions of the
    price; cash_rate: a year.
    """
    from volsculpt.errors import MandateError
    from volsculpt.hedge.carry.terms import CarryTerms
    from volsculpt.units import DAY_NS, long_length_ns

    try:
        days = long_length_ns(horizon) / DAY_NS
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--horizon") from None
    try:
        return CarryTerms(days, size, half_spread, slippage, cash_rate)
    except MandateError as error:
        name, _, problem = str(error).partition(": ")
        raise typer.BadParameter(problem, param_hint=OPTIONS[name]) from None


def check_curves(found: "CarryReport", paths: list[Path]) -> None:
    """Refuse a picture of a coin that has no curve, before anything is written."""
    pictures = any(path.suffix.lower() == ".png" for path in paths)
    coins = [one.coin for one in found.surveys]
    bare = [coin for coin in coins if pictures and not found.of_coin(coin).charts()]
    if bare:
        problem = (
            f"no dated contract on {', '.join(bare)} is priced then: there is no curve to draw; "
            f"write a page (.html)"
        )
        raise typer.BadParameter(problem, param_hint="--report")


def draw(found: "CarryReport", path: Path) -> None:
    """Write a report: a page with the table, or the picture of forward curves alone.

    Several coins have a file each, the name of each before the ending.
    """
    for one in found.surveys:
        own = path if len(found.surveys) == 1 else path.with_stem(f"{path.stem}-{one.coin}")
        with written(own, "--report"):
            alone = found.of_coin(one.coin)
            if own.suffix.lower() == ".png":
                alone.to_png(own)
            else:
                alone.to_html(own)
