"""`volsculpt move`: coins between accounts of a paper desk, in from outside, or out."""

import re
from typing import Annotated

import typer

from volsculpt.app.cli.desk import LedgerFileArgument, run_command
from volsculpt.app.cli.options import AsJsonOption

GROUP = "keep"
EXAMPLE = "volsculpt move mandate.ledger 0.31BTC --from vault --to futures"
AMOUNT = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)\s*([A-Za-z][A-Za-z0-9]*)")


def move(
    ledger: LedgerFileArgument,
    coins: Annotated[
        str, typer.Argument(metavar="COINS", help="How many of what: 0.31BTC.", show_default=False)
    ],
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="ACCOUNT", help="Where they are. Default: outside."),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="ACCOUNT", help="Where to. Default: outside.")
    ] = None,
    as_json: AsJsonOption = False,
) -> None:
    """Move coins on paper: between accounts, in or out.

    A paper venue keeps what it holds: another number in the mandate moves nothing there.
    """
    found = AMOUNT.fullmatch(coins.strip())
    if found is None:
        problem = f"{coins!r} is no amount of coins; write 0.31BTC"
        raise typer.BadParameter(problem, param_hint="COINS")
    if source is None and target is None:
        problem = "name an account: --from, --to, or both; the other end is outside"
        raise typer.BadParameter(problem, param_hint="--to")
    arguments = {
        "coins": float(found[1]),
        "currency": found[2],
        "source": source,
        "target": target,
    }
    run_command(ledger, "move", arguments, as_json)
