"""`volsculpt ratio`: hedge ratios from past prices, beside each other, with their errors."""

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.market import A_MOMENT, ToTimeOption, span
from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    ContractsFileOption,
    DataFolderOption,
    WidthOption,
)
from volsculpt.app.cli.output import check_figure, print_json, print_page, working, written

if TYPE_CHECKING:
    from volsculpt.contracts.spec import Contract
    from volsculpt.report.joint import JointReport
    from volsculpt.report.ratio import RatioReport

GROUP = "prove"
EXAMPLE = "volsculpt ratio BTC --contract bybit:BTC/USD:BTC"

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
FirstMomentOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TIME",
        help=f"The first moment: {A_MOMENT}. Default: where prices of both begin.",
    ),
]
JointOption = Annotated[
    bool,
    typer.Option(
        "--joint",
        help="Of a mandate: propose ratios and betas of all its hedges at once, at --to.",
    ),
]
AversionOption = Annotated[
    float | None,
    typer.Option(
        "--aversion",
        metavar="NUMBER",
        min=0.001,
        help="With --joint: what variance weighs against costs. Default: 3.",
    ),
]
CarryOption = Annotated[
    bool,
    typer.Option("--carry", help="With --joint: count funding, as it was for 90 days."),
]
PageOption = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Also write all of it as a page: .html."),
]


def ratio(
    subject: SubjectArgument,
    data: DataFolderOption = None,
    from_time: FirstMomentOption = None,
    to_time: ToTimeOption = None,
    step: StepOption = "1d",
    refit: RefitOption = 60,
    contract: ContractOption = None,
    contracts: ContractsFileOption = None,
    joint: JointOption = False,
    aversion: AversionOption = None,
    carry: CarryOption = False,
    report: PageOption = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Compare estimates of the hedge ratio.

    Each with its standard error, the variance it leaves in and out of sample, and whether that
    differs from selling as much as is held. A contract without figures is told at the end, and
    the exit code is that of what it lacks. With --joint: what to write into the mandate, for all
    hedges together. Needs the extra models.
    """
    page = None if report is None else checked_page(report)
    if joint:
        other = {"--step": step != "1d", "--refit": refit != 60, "--contract": bool(contract)}
        refuse([name for name, given in other.items() if given], "does not go with --joint")
        given = (data, from_time, to_time, aversion, carry)
        show(proposal(subject, *given), page, as_json, width, color)
        return
    other = {"--aversion": aversion is not None, "--carry": carry}
    refuse([name for name, given in other.items() if given], "needs --joint")
    from volsculpt.market.place import data_place
    from volsculpt.report.ratio import RatioRequest, ratio_report

    from_ns, to_ns = span(from_time, to_time)
    request = RatioRequest(from_ns, to_ns, step_ns_of(step), refit)
    root = data_place(data).root
    pairs = pairs_of(subject, contract or [], contracts, root, to_ns)
    with working("fitting") as progress:
        found = ratio_report(pairs, root, request, progress)
    show(found, page, as_json, width, color)
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def refuse(names: list[str], why: str) -> None:
    """Refuse the first of some options. why: half a sentence."""
    if names:
        raise typer.BadParameter(why, param_hint=names[0])


def checked_page(path: Path) -> Path:
    """Refuse a page that could not be written, before any work is done."""
    check_figure(path, "--report")
    if path.suffix.lower() != ".html":
        raise typer.BadParameter(f"{path}: the name must end in .html", param_hint="--report")
    return path


def show(
    found: "RatioReport | JointReport",
    page: Path | None,
    as_json: bool,
    width: int | None,
    color: Color,
) -> None:
    """Print what was found, and write its page where one is asked for.

    Args: found; page: a file, None for none; as_json: one object; width: columns; color.
    """
    if page is not None:
        with written(page, "--report"):
            found.to_html(page)
    if as_json:
        print_json(found.as_dict())
    else:
        print_page(found.page(), width, color)


def proposal(
    subject: str,
    data: Path | None,
    from_time: str | None,
    to_time: str | None,
    aversion: float | None,
    carry: bool,
) -> "JointReport":
    """What is proposed for all hedges of a mandate at once.

    Args: subject: its file; data: folder of the store; from_time, to_time: of the returns, the
    latter of prices too; aversion: None for the usual; carry: whether funding counts.
    """
    from volsculpt import ratios
    from volsculpt.market.place import data_place
    from volsculpt.report.rows.joint_build import JointRequest
    from volsculpt.units import DAY_NS

    if to_time is None:
        problem = "--joint needs the moment whose prices count: --to 2024-05-20T00:00:00Z"
        raise typer.BadParameter(problem, param_hint="--to")
    from_ns, to_ns = span(from_time, to_time)
    request = JointRequest(carry=carry)
    if aversion is not None:
        request = replace(request, aversion=aversion)
    assert to_ns is not None
    if from_ns is not None:
        request = replace(request, days=(to_ns - from_ns) // DAY_NS)
    with working("proposing"):
        return ratios.propose(Path(subject), at=to_ns, data=data_place(data).root, request=request)


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
