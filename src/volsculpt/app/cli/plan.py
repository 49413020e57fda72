"""`volsculpt plan`: what to do now, why, and what it risks and costs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.options import AsJson, Color, ColorOption, MandateFile, WidthOption
from volsculpt.app.cli.output import is_colored, print_text, width_or_terminal

if TYPE_CHECKING:
    from volsculpt.report.plan import Plan

Prices = Annotated[
    list[str] | None,
    typer.Option(
        "--price",
        metavar="NAME=NUMBER",
        help="A price in USD (BTC=60000) or a contract's own (bybit:BTC/USD:BTC=60050). "
        "Repeat it for more.",
    ),
]
Funding = Annotated[
    list[str] | None,
    typer.Option(
        "--funding",
        metavar="NAME=RATE",
        help="A contract's funding rate as the venue prints it (bybit:BTC/USD:BTC=0.0001).",
    ),
]
QuotesFile = Annotated[
    Path | None, typer.Option("--quotes", metavar="FILE", help="Prices and rates, a TOML file.")
]
Moment = Annotated[
    str | None,
    typer.Option(
        "--time",
        metavar="TIME",
        help="The moment planned for (2024-05-20T00:00:00Z). Default: that of the quotes file, "
        "else now.",
    ),
]
FigureFile = Annotated[
    Path | None,
    typer.Option("--figure", metavar="FILE", help="Also write a page (.html) or picture (.png)."),
]


def plan(
    mandate: MandateFile,
    price: Prices = None,
    funding: Funding = None,
    quotes: QuotesFile = None,
    time: Moment = None,
    as_json: AsJson = False,
    figure: FigureFile = None,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Say what to trade now, and why.

    With what it costs and earns, where it would be liquidated, and what a move of all coins
    would do to your wealth.
    """
    check_figure(figure)
    moment_ns = None if time is None else time_ns(time)
    prices, rates = prices_and_rates(price or [], funding or [])
    from volsculpt import verbs

    result = verbs.plan(mandate, prices=prices, funding=rates, quotes=quotes, time_ns=moment_ns)
    if figure is not None:
        write_figure(result, figure)
    if as_json:
        print_text(result.to_json())
    else:
        print_text(result.table(width_or_terminal(width), is_colored(color)))


def prices_and_rates(
    price: list[str], funding: list[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """Prices and funding rates by name. Raises PriceError for one that cannot be meant."""
    from volsculpt.errors import PriceError
    from volsculpt.market.quotes import from_flags

    for flag, texts in (("--price", price), ("--funding", funding)):
        names = [text.partition("=")[0].strip() for text in texts]
        for name in names:
            if names.count(name) > 1:
                raise PriceError(f"{flag} {name}=...: given {names.count(name)} times; keep one")
    given = from_flags(0, price, funding)
    return given.index | given.contract, given.funding


def time_ns(text: str) -> int:
    """Nanoseconds UTC of an ISO time with an offset."""
    from datetime import datetime

    from volsculpt.market.quotes import stamp_ns

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter(
            f"{text!r} is not a time with an offset; write it like 2024-05-20T00:00:00Z",
            param_hint="--time",
        )
    return stamp_ns(moment, "--time")


def check_figure(path: Path | None) -> None:
    """Refuse a figure that could not be written, before any work is done."""
    if path is None:
        return
    if path.suffix.lower() not in {".html", ".png"}:
        problem = f"{path}: the name must end in .html or .png"
    elif not path.absolute().parent.is_dir():
        problem = f"{path}: there is no folder {path.parent}"
    else:
        return
    raise typer.BadParameter(problem, param_hint="--figure")


def write_figure(result: "Plan", path: Path) -> None:
    """Write the page or the picture, and say so where it does not disturb the output."""
    try:
        if path.suffix.lower() == ".png":
            result.to_png(path)
        else:
            result.to_html(path)
    except OSError as error:
        problem = f"{path}: cannot be written: {error.strerror}"
        raise typer.BadParameter(problem, param_hint="--figure") from None
    typer.echo(f"wrote {path}", err=True)
