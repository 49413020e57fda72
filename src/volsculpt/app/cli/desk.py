"""Verbs for a desk while it runs, and for its ledger when it does not: status, why, pause …"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from volsculpt.app.cli.options import AsJson, Color, ColorOption, WidthOption
from volsculpt.app.cli.output import print_json, print_page
from volsculpt.errors import LedgerError

if TYPE_CHECKING:
    from volsculpt.ledger.events import Event
    from volsculpt.ledger.ledger import Ledger

LedgerFile = Annotated[
    Path, typer.Argument(metavar="LEDGER", help="The desk's ledger, a file.", show_default=False)
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def status(
    ledger: LedgerFile,
    as_json: AsJson = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Say how a desk stands.

    Hedges, positions, coins, what is under way, and what is wrong. Exit code 0 whatever it says.
    """
    from volsculpt.ledger.ledger import open_ledger
    from volsculpt.report.pages import desk as desk_status

    with open_ledger(ledger, write=False) as opened:
        said = desk_status.status(opened, is_running(ledger))
    if as_json:
        print_json(said)
    else:
        print_page(desk_status.status_page(said), width, color)


def why(
    ledger: LedgerFile,
    last: Annotated[int, typer.Option("--last", min=1, help="How many decisions.")] = 1,
    as_json: AsJson = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Say in words why a desk decided as it did."""
    from volsculpt.ledger.ledger import open_ledger
    from volsculpt.report.pages import desk as desk_status

    with open_ledger(ledger, write=False) as opened:
        if as_json:
            print_json(desk_status.why(opened, last))
        else:
            print_page(desk_status.why_page(opened, last), width, color)


def pause(ledger: LedgerFile, as_json: AsJson = False) -> None:
    """Let a desk send nothing until it is resumed; it goes on looking and deciding."""
    tell(ledger, "pause", {}, as_json)


def resume(
    ledger: LedgerFile,
    reset: Annotated[
        bool, typer.Option("--reset", help="Also reset latches and the peak of wealth.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let a paused desk send again."""
    tell(ledger, "resume", {"reset": reset}, as_json)


def override(
    ledger: LedgerFile,
    ratio: Annotated[
        str, typer.Argument(metavar="RATIO", help="The ratio to hold, or none to end it.")
    ],
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="It holds until this time.")
    ] = None,
    underlying: Annotated[
        str | None, typer.Option("--coin", metavar="COIN", help="Of one hedge. Default: of all.")
    ] = None,
    note: Annotated[str, typer.Option("--note", help="Why; shown with each decision.")] = "",
    as_json: AsJson = False,
) -> None:
    """Set the ratio by hand until a time, above every event and tilt."""
    from volsculpt.app.cli.market import moment_ns

    given: dict[str, Any] = {"ratio": None, "underlying": underlying, "note": note}
    if ratio != "none":
        try:
            given["ratio"] = float(ratio)
        except ValueError:
            problem = f"{ratio!r} is no ratio; write 0.8, or none to end an override"
            raise typer.BadParameter(problem, param_hint="RATIO") from None
        if until is None:
            raise typer.BadParameter("an override holds until a time", param_hint="--until")
        given["until_ns"] = moment_ns(until, "--until")
    tell(ledger, "override", given, as_json)


def flatten(ledger: LedgerFile, yes: Yes = False, as_json: AsJson = False) -> None:
    """Close every position of a running desk, and pause it."""
    if not yes:
        typer.confirm("close every position and pause?", abort=True)
    tell(ledger, "flatten", {"confirmed": True}, as_json)


def accept(
    ledger: LedgerFile,
    account: Annotated[
        str | None, typer.Option("--account", help="Only this one. Default: all that differ.")
    ] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take the venue's figures where they differ from the books."""
    if not yes:
        typer.confirm("take the venue's figures as true?", abort=True)
    tell(ledger, "accept", {"account": account}, as_json)


def adopt(
    ledger: LedgerFile,
    account: Annotated[
        str | None, typer.Option("--account", help="Only what this one holds. Default: all.")
    ] = None,
    contract: Annotated[
        str | None, typer.Option("--contract", help="Only this contract. Default: all.")
    ] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Make positions that were there before its ledger the desk's own: it may trade them."""
    if not yes:
        typer.confirm("are these positions the desk's, to be traded by it?", abort=True)
    tell(ledger, "adopt", {"account": account, "contract": contract}, as_json)


def arrived(
    ledger: LedgerFile,
    transfer: Annotated[str, typer.Argument(metavar="TRANSFER", help="Its id, from the alert.")],
    coins: Annotated[
        float | None, typer.Option("--coins", help="What arrived. Default: what was asked.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say that coins you moved by hand have arrived where no statement shows them."""
    tell(ledger, "arrived", {"transfer": transfer, "coins": coins}, as_json)


def tell(ledger: Path, verb: str, given: dict[str, Any], as_json: bool) -> None:
    """Ask the running desk; where none runs, write what needs none into its ledger."""
    from volsculpt.trade.control import ask

    said = ask(ledger, verb, given)
    if said is None:
        said = written(ledger, verb, given)
    if as_json:
        print_json({"schema": 1, "said": said})
    else:
        typer.echo(said)


def written(ledger: Path, verb: str, given: dict[str, Any]) -> str:
    """Write what a person asks of a desk that does not run. Raises LedgerError: it must run."""
    from volsculpt.ledger.events import Operated
    from volsculpt.ledger.ledger import open_ledger
    from volsculpt.trade.paper.running import last_ns

    if verb not in ("pause", "resume", "override", "adopt"):
        raise LedgerError(f"{ledger}: no desk runs on it; `{verb}` needs one")
    if not ledger.is_file():
        raise LedgerError(f"{ledger}: there is no ledger; name the file that a desk has written")
    events: list[Event] = [Operated(verb, given if verb == "override" else {})]
    if given.get("reset"):
        events.append(Operated("reset"))
    with open_ledger(ledger) as opened:
        if verb == "adopt":
            return adopt_written(opened, given)
        opened.append(events, last_ns(opened))
    return "written; it holds when the desk starts again"


def adopt_written(opened: "Ledger", given: dict[str, Any]) -> str:
    """Adopt what waits in the ledger of a desk that does not run; the answer in words."""
    from volsculpt.trade.found import adopted, in_words
    from volsculpt.trade.operate import adopted_words
    from volsculpt.trade.paper.running import last_ns
    from volsculpt.trade.shared import Said

    adopts = adopted(opened.books, Said(), given, os.environ.get("USER", ""))
    words = adopted_words([in_words(opened.books, one) for one in adopts])
    opened.append(list(adopts), last_ns(opened))
    return words


def is_running(ledger: Path) -> bool:
    """Whether a desk listens beside a ledger."""
    import socket

    from volsculpt.trade.control import socket_path

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(1.0)
        return line.connect_ex(str(socket_path(ledger))) == 0
