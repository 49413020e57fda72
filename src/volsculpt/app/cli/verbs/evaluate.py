"""`volsculpt evaluate`: mandates walked through history, and what of it may be luck."""

import os
from pathlib import Path
from typing import Annotated

import typer

from volsculpt.app.cli.market import (
    AllowMissingOption,
    DataRootOption,
    FromTimeOption,
    ToTimeOption,
    span,
)
from volsculpt.app.cli.options import AsJsonOption, Color, ColorOption, OpenOption, WidthOption
from volsculpt.app.cli.output import (
    check_figure,
    is_colored,
    print_text,
    width_or_terminal,
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
from volsculpt.units import DRAWS

GROUP = "prove"
EXAMPLE = "volsculpt evaluate mandate.toml --from 2021-01-01 --to 2021-07-01 --folds 2"

FOLDS = 4
MOST_FOLDS = 1_000
MOST_TRIALS = 1_000_000

MandateFilesArgument = Annotated[
    list[Path],
    typer.Argument(metavar="MANDATE...", help="The mandates, TOML files.", show_default=False),
]
FoldsOption = Annotated[
    int,
    typer.Option(
        "--folds",
        metavar="NUMBER",
        min=1,
        max=MOST_FOLDS,
        help="Stretches of time, one after the other, each begun anew.",
    ),
]
TrialsOption = Annotated[
    int,
    typer.Option(
        "--trials",
        metavar="NUMBER",
        min=0,
        max=MOST_TRIALS,
        help="Variants that you tried besides these mandates: the more, the more is luck.",
    ),
]


def evaluate(
    mandates: MandateFilesArgument,
    data: DataRootOption = None,
    from_time: FromTimeOption = None,
    to_time: ToTimeOption = None,
    folds: FoldsOption = FOLDS,
    trials: TrialsOption = 0,
    step: StepLengthOption = None,
    half_spread: HalfSpreadOption = HALF_SPREAD,
    slippage: SlippageOption = 0.0,
    allow_missing_funding: AllowMissingOption = False,
    draws: DrawsOption = DRAWS,
    report: ReportFilesOption = None,
    opens: OpenOption = False,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Walk mandates through history, side by side.

    Beside no hedge and static ones, by fold and year; at the end what is evidence, and what may be
    luck.
    """
    for path in report or []:
        check_figure(path, "--report")
    from_ns, to_ns = span(from_time, to_time)
    step_ns = None if step is None else length_ns(step)
    costs = costs_of(half_spread, slippage)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy starts sooner without threads
    from volsculpt import verbs
    from volsculpt.simulate.run import RunRequest

    loaded = [verbs.load(one) for one in mandates]
    with data_announced(data):
        result = verbs.evaluate(
            loaded,
            data=data,
            request=RunRequest((from_ns, to_ns, step_ns), costs, allow_missing_funding),
            folds=folds,
            besides=trials,
            draws=draws,
        )
    write_pages(result, report or [], "--report", opens, "evaluation.html")
    if as_json:
        print_text(result.to_json())
    else:
        print_text(result.table(width_or_terminal(width), is_colored(color)))
