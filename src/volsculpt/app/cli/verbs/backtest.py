"""`volsculpt backtest`: what a mandate would have done, beside no hedge and a static one."""

import os
from typing import Annotated

import typer

from volsculpt.app.cli.made_up import (
    BeginPriceOption,
    BeginQuotesOption,
    MarketOption,
    check_made_up,
    requested_market,
)
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
    OpenOption,
    WidthOption,
)
from volsculpt.app.cli.output import (
    check_figure,
    print_page,
    print_text,
    write_pages,
)
from volsculpt.app.cli.runs import (
    DrawsOption,
    HalfSpreadOption,
    ReportFilesOption,
    SlippageOption,
    StepLengthOption,
    costs_of,
    data_announced,
    length_ns,
)
from volsculpt.contracts.costs import HALF_SPREAD
from volsculpt.units import DRAWS, MOST_STEPS

GROUP = "prove"
EXAMPLE = "volsculpt backtest mandate.toml --from 2021-01-01 --to 2021-04-01 --step 8h"

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
WithCashOption = Annotated[
    bool,
    typer.Option(
        "--full", help="Print every table, not the verdict alone; with --json every payment too."
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
    market: MarketOption = None,
    price: BeginPriceOption = None,
    quotes: BeginQuotesOption = None,
    from_first: FromFirstOption = False,
    step: StepLengthOption = None,
    half_spread: HalfSpreadOption = HALF_SPREAD,
    slippage: SlippageOption = 0.0,
    order_delay: OrderDelayOption = 0,
    transfer_delay: TransferDelayOption = None,
    allow_missing_funding: AllowMissingOption = False,
    draws: DrawsOption = DRAWS,
    report: ReportFilesOption = None,
    opens: OpenOption = False,
    full: WithCashOption = False,
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
    check_made_up(data, market, price, quotes)
    from_ns, to_ns = span(from_time, to_time)
    step_ns = None if step is None else length_ns(step)
    costs = costs_of(half_spread, slippage, order_delay, transfer_delay)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy starts sooner without threads
    from volsculpt import verbs

    loaded = verbs.load(mandate)
    history = requested_market(loaded, (from_ns, to_ns), market, price, quotes)
    with data_announced(data):
        result = verbs.backtest(
            loaded,
            history,
            data=data,
            from_ns=from_ns,
            to_ns=to_ns,
            step_ns=step_ns,
            costs=costs,
            from_first=from_first,
            allow_missing_funding=allow_missing_funding,
            draws=draws,
        )
    write_pages(result, report or [], "--report", opens, f"{mandate.stem}-backtest.html")
    if as_json:
        print_text(result.to_json(series, cash=full))
    else:
        print_page(result.page() if full else result.brief(), width, color)
