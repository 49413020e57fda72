"""`volsculpt plan`: what to do now, why, and what it risks and costs."""

import os
from pathlib import Path
from typing import Annotated

import typer

from volsculpt.app.cli.market import A_MOMENT, moment_ns
from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    DataFolderOption,
    MandateFileArgument,
    OpenOption,
    WidthOption,
)
from volsculpt.app.cli.output import (
    check_figure,
    is_colored,
    print_text,
    width_or_terminal,
    write_pages,
)
from volsculpt.app.cli.prices import FundingOption, PricesOption, prices_and_rates

GROUP = "decide"
EXAMPLE = "volsculpt plan mandate.toml --price BTC=60000"

QuotesFileOption = Annotated[
    Path | None,
    typer.Option("--quotes", metavar="FILE", help="Prices and rates, a TOML file."),
]
MomentOption = Annotated[
    str | None,
    typer.Option(
        "--time",
        metavar="TIME",
        help=f"The moment planned for: {A_MOMENT}. Default: that of the quotes file, else now.",
    ),
]
StoredAtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help=f"Plan with stored prices, as they were known at this time: {A_MOMENT}. The options "
        "above win.",
    ),
]
FigureFileOption = Annotated[
    Path | None,
    typer.Option("--figure", metavar="FILE", help="Also write a page (.html) or picture (.png)."),
]


def plan(
    mandate: MandateFileArgument,
    price: PricesOption = None,
    funding: FundingOption = None,
    quotes: QuotesFileOption = None,
    time: MomentOption = None,
    at: StoredAtOption = None,
    data: DataFolderOption = None,
    as_json: AsJsonOption = False,
    figure: FigureFileOption = None,
    opens: OpenOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Say what to trade now, and why.

    With what it costs and earns, where it would be liquidated, and what a move of all coins
    would do to your wealth.
    """
    check_figure(figure)
    check_at(at, data, time)
    time_ns = None if time is None else moment_ns(time, "--time")
    at_ns = None if at is None else moment_ns(at, "--at")
    prices, rates = prices_and_rates(price or [], funding or [])
    from volsculpt import verbs

    if at_ns is not None:  # a plan multiplies no matrices: numpy starts sooner without threads
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    result = verbs.plan(
        mandate,
        prices=prices,
        funding=rates,
        quotes=quotes,
        time_ns=time_ns,
        at=at_ns,
        data=data,
    )
    figures = [] if figure is None else [figure]
    write_pages(result, figures, "--figure", opens, f"{mandate.stem}-plan.html")
    if as_json:
        print_text(result.to_json())
    else:
        print_text(result.table(width_or_terminal(width), is_colored(color)))


def check_at(at: str | None, data: Path | None, time: str | None) -> None:
    """Refuse options that contradict --at, or mean nothing without it."""
    if at is None and data is not None:
        raise typer.BadParameter("it means nothing without --at TIME", param_hint="--data")
    if at is not None and time is not None:
        problem = "--at names the moment that is planned for; leave --time out"
        raise typer.BadParameter(problem, param_hint="--time")
