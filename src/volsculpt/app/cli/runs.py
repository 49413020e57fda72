"""What verbs that run through history share: options, their meaning, and what is said meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.output import working
from volsculpt.units import MOST_DRAWS, share_of_price

if TYPE_CHECKING:
    from volsculpt.simulate.backtest import Costs


StepLengthOption = Annotated[
    str | None,
    typer.Option(
        "--step",
        metavar="LENGTH",
        help="Time between two decisions: 15m, 8h, 1d. Default: the shortest bar there is.",
    ),
]


def share_option(given: str | float) -> float:
    """A share of a price as an option has it, 0.0001 or 0.01%; refused where no market costs it."""
    try:
        return share_of_price(given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


HalfSpreadOption = Annotated[
    float,
    typer.Option(
        "--half-spread",
        metavar="SHARE",
        parser=share_option,
        help="Half of bid less ask, as a share of price: 0.0001, or 0.01%.",
    ),
]
SlippageOption = Annotated[
    float,
    typer.Option(
        "--slippage",
        metavar="SHARE",
        parser=share_option,
        help="What fills are worse by beyond it, a share of price.",
    ),
]
DrawsOption = Annotated[
    int,
    typer.Option(
        "--draws",
        metavar="NUMBER",
        min=0,
        max=MOST_DRAWS,
        help="Resampled histories behind every range; 0 leaves the ranges out.",
    ),
]
ReportFilesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Also write a page (.html) or picture (.png). Repeat it for both.",
    ),
]

# --- what the options mean ------------------------------------------------------------


def length_ns(text: str) -> int:
    """Nanoseconds of a step, from a minute to a day."""
    from volsculpt.errors import HistoryError
    from volsculpt.market.times import step_of

    try:
        return step_of(text)
    except HistoryError as error:
        problem = str(error).removeprefix("step_ns: ")
        raise typer.BadParameter(problem, param_hint="--step") from None


def costs_of(
    half_spread: float, slippage: float, order_delay: int = 0, transfer_delay: int | None = None
) -> "Costs":
    """The costs and delays of a run.

    Args: half_spread, slippage: fractions of the price; order_delay, transfer_delay: whole steps,
    None = each plan's hours.
    """
    from volsculpt.simulate.backtest import Costs

    return Costs(half_spread, slippage, order_delay, transfer_delay)


# --- what is said beside the result ---------------------------------------------------


@contextmanager
def data_announced(data: Path | None) -> Iterator[None]:
    """Say on standard error what is run and why it takes time; in a terminal, that it goes on."""
    from volsculpt.simulate.compiled import telling

    if data is None:
        typer.echo("no --data: this is the synthetic market, not a real one", err=True)
    with telling(partial(typer.echo, err=True)), working("running through history"):
        yield
