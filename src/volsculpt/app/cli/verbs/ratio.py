"""`volsculpt ratio`: hedge ratios from past prices, beside each other, with their errors."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.market import FromTimeOption, ToTimeOption, span
from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    ContractsFileOption,
    DataFolderOption,
    WidthOption,
)
from volsculpt.app.cli.output import print_json, print_page, working

if TYPE_CHECKING:
    from volsculpt.contracts.spec import Contract

STEP = re.compile(r"([1-9][0-9]{0,2})([hd])")
SubjectArgument = Annotated[
    str,
    typer.Argument(
        metavar="MANDATE|COIN",
        help="A mandate, whose hedges are looked at, or a coin (BTC), by all that is stored on it.",
        show_default=False,
    ),
]
ContractOption = Annotated[
    list[str] | None,
    typer.Option(
        "--contract",
        metavar="VENUE:SYMBOL",
        help="Of a coin: this contract, also of another coin; may be repeated.",
    ),
]
StepOption = Annotated[
    str,
    typer.Option(
        "--step", help="Length of a return: 1d, 7d, 8h; ends at midnight UTC if possible."
    ),
]
RefitOption = Annotated[
    int, typer.Option("--refit", min=1, help="Out of sample: steps from one fit to the next.")
]


def ratio(
    subject: SubjectArgument,
    data: DataFolderOption = None,
    from_time: FromTimeOption = None,
    to_time: ToTimeOption = None,
    step: StepOption = "1d",
    refit: RefitOption = 60,
    contract: ContractOption = None,
    contracts: ContractsFileOption = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Compare estimates of the hedge ratio.

    Each with its standard error, the variance it leaves in and out of sample, and whether that
    differs from selling as much as is held. A contract without figures is told at the end, and
    the exit code is that of what it lacks. Needs the extra models.
    """
    from volsculpt.market.place import data_place
    from volsculpt.report.ratio import RatioRequest, ratio_report

    from_ns, to_ns = span(from_time, to_time)
    request = RatioRequest(from_ns, to_ns, step_ns_of(step), refit)
    root = data_place(data).root
    pairs = pairs_of(subject, contract or [], contracts, root, to_ns)
    with working("fitting") as progress:
        found = ratio_report(pairs, root, request, progress)
    if as_json:
        print_json(found.as_dict())
    else:
        print_page(found.page(), width, color)
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def step_ns_of(text: str) -> int:
    """Nanoseconds of a step. Worked: "8h", "1d", "7d"."""
    from volsculpt.units import DAY_NS, HOUR_NS

    match = STEP.fullmatch(text)
    if match is None:
        raise typer.BadParameter(f"{text!r}: write hours or days, 8h or 7d", param_hint="--step")
    return int(match[1]) * (HOUR_NS if match[2] == "h" else DAY_NS)


def pairs_of(
    subject: str, named: list[str], file: Path | None, root: Path, to_ns: int | None
) -> "list[tuple[str, Contract]]":
    """Coins and the contracts that hedge them: of a mandate's hedges, else of a coin.

    Args: subject: a file or a coin; named: contracts; file: the owner's own contracts; root: folder
    of the store; to_ns: at which a mandate's contracts are looked up, None for now.
    """
    from volsculpt import verbs
    from volsculpt.report.ratio_pairs import contracts_of_coin, contracts_of_mandate

    if subject.endswith(".toml") or Path(subject).is_file():
        if named or file is not None:
            problem = "a mandate names its contracts itself; leave it out, or name a coin"
            raise typer.BadParameter(problem, param_hint="--contract")
        time_ns = to_ns if to_ns is not None else verbs.now_ns()
        return contracts_of_mandate(verbs.load(Path(subject)), time_ns)
    return contracts_of_coin(subject, named, file, root)
