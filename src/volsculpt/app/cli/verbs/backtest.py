"""`volsculpt backtest`: what a mandate would have done, beside no hedge and a static one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.market import (
    AllowMissingOption,
    DataRootOption,
    FromFirstOption,
    FromTimeOption,
    ToTimeOption,
    span,
)
from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    MandateFileArgument,
    WidthOption,
)
from volsculpt.app.cli.output import (
    check_figure,
    is_colored,
    print_text,
    width_or_terminal,
    working,
    write_figure,
)

if TYPE_CHECKING:
    from volsculpt.simulate.backtest import Costs

HALF_SPREAD = 0.0001
MOST_SHARE = 0.2  # of price: what no market costs
MOST_STEPS = 100_000
DRAWS = 2_000
MOST_DRAWS = 100_000

StepLengthOption = Annotated[
    str | None,
    typer.Option(
        "--step",
        metavar="LENGTH",
        help="Time between two decisions: 15m, 8h, 1d. Default: the shortest bar there is.",
    ),
]
HalfSpreadOption = Annotated[
    float,
    typer.Option("--half-spread", help="Half of bid less ask, as a share of price."),
]
SlippageOption = Annotated[
    float, typer.Option("--slippage", help="What fills are worse by beyond it, a share of price.")
]
OrderDelayOption = Annotated[
    int,
    typer.Option(
        "--order-delay",
        metavar="STEPS",
        min=0,
        max=MOST_STEPS,
        help="Steps an order waits beyond the next open.",
    ),
]
TransferDelayOption = Annotated[
    int | None,
    typer.Option(
        "--transfer-delay",
        metavar="STEPS",
        min=0,
        max=MOST_STEPS,
        help="Steps a transfer takes, 0 is the next open; instead of its plan's hours.",
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
WithSeriesOption = Annotated[
    bool, typer.Option("--series", help="With --json: every figure at every step too.")
]


def backtest(
    mandate: MandateFileArgument,
    data: DataRootOption = None,
    from_time: FromTimeOption = None,
    to_time: ToTimeOption = None,
    from_first: FromFirstOption = False,
    step: StepLengthOption = None,
    half_spread: HalfSpreadOption = HALF_SPREAD,
    slippage: SlippageOption = 0.0,
    order_delay: OrderDelayOption = 0,
    transfer_delay: TransferDelayOption = None,
    allow_missing_funding: AllowMissingOption = False,
    draws: DrawsOption = DRAWS,
    report: ReportFilesOption = None,
    as_json: AsJsonOption = False,
    series: WithSeriesOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Run a mandate through history.

    Beside the same coins without a hedge, and with a static one. A run that has to compile first
    says so; volsculpt compile does it ahead of time.
    """
    for path in report or []:
        check_figure(path, "--report")
    if series and not as_json:
        raise typer.BadParameter("it means nothing without --json", param_hint="--series")
    from_ns, to_ns = span(from_time, to_time)
    step_ns = None if step is None else length_ns(step)
    costs = costs_of(half_spread, slippage, order_delay, transfer_delay)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy starts sooner without threads
    from volsculpt import verbs

    loaded = verbs.load(mandate)
    with data_announced(data):
        result = verbs.backtest(
            loaded,
            data=data,
            from_ns=from_ns,
            to_ns=to_ns,
            step_ns=step_ns,
            costs=costs,
            from_first=from_first,
            allow_missing_funding=allow_missing_funding,
            draws=draws,
        )
    for path in report or []:
        write_figure(result, path, "--report")
    if as_json:
        print_text(result.to_json(series))
    else:
        print_text(result.table(width_or_terminal(width), is_colored(color)))


# --- what the options mean ------------------------------------------------------------


def length_ns(text: str) -> int:
    """Nanoseconds of a step, from a minute to a day."""
    from volsculpt.errors import HistoryError
    from volsculpt.market.times import parse_interval
    from volsculpt.units import DAY_NS, MINUTE_NS

    try:
        found = parse_interval(text)
    except HistoryError as error:
        raise typer.BadParameter(str(error), param_hint="--step") from None
    if not MINUTE_NS <= found <= DAY_NS:
        problem = f"{text!r}: a step lasts from a minute (1m) to a day (1d)"
        raise typer.BadParameter(problem, param_hint="--step")
    return found


def costs_of(
    half_spread: float, slippage: float, order_delay: int, transfer_delay: int | None
) -> "Costs":
    """The costs and delays of a run.

    Args: half_spread, slippage: fractions of the price; order_delay, transfer_delay: whole steps,
    None = each plan's hours.
    """
    from volsculpt.simulate.backtest import Costs

    for flag, share in (("--half-spread", half_spread), ("--slippage", slippage)):
        if not 0.0 <= share <= MOST_SHARE:
            problem = f"{share:g} is no share of price; 0.0001 is one hundredth of a percent"
            raise typer.BadParameter(problem, param_hint=flag)
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
