"""`volsculpt override`: a ratio by hand, until a time."""

from typing import Annotated, Any

import typer

from volsculpt.app.cli.desk import LedgerFileArgument, run_command
from volsculpt.app.cli.market import A_MOMENT, moment_ns
from volsculpt.app.cli.options import AsJsonOption
from volsculpt.units import fraction_of

GROUP = "keep"
CONTEXT = {"ignore_unknown_options": True}  # a ratio below 0 is no option: -20%
EXAMPLE = "volsculpt override mandate.ledger 0.8 --coin BTC --until 2030-01-01"


def override(
    ledger: LedgerFileArgument,
    ratio: Annotated[
        str,
        typer.Argument(metavar="RATIO", help="The ratio, 0.8 or 80%, or none to end it."),
    ],
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help=f"It holds until this time: {A_MOMENT}."),
    ] = None,
    underlying: Annotated[
        str | None, typer.Option("--coin", metavar="COIN", help="Of one hedge. Default: of all.")
    ] = None,
    note: Annotated[str, typer.Option("--note", help="Why; shown with each decision.")] = "",
    as_json: AsJsonOption = False,
) -> None:
    """Set the ratio by hand until a time, above all else."""
    arguments: dict[str, Any] = {"ratio": None, "underlying": underlying, "note": note}
    if ratio != "none":
        arguments["ratio"] = fraction_of(ratio)
        if arguments["ratio"] is None:
            problem = f"{ratio!r} is no ratio; write 0.8, or 80%, or none to end an override"
            raise typer.BadParameter(problem, param_hint="RATIO")
        if until is None:
            problem = (
                "an override holds until a time: give a day (2031-12-31) or an ISO time with Z"
            )
            raise typer.BadParameter(problem, param_hint="--until")
        arguments["until_ns"] = moment_ns(until, "--until")
    run_command(ledger, "override", arguments, as_json)
