"""What the verbs around a desk share: telling one that runs, writing for one that does not."""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from volsculpt.app.cli.output import print_json
from volsculpt.errors import LedgerBusyError, LedgerError

if TYPE_CHECKING:
    from volsculpt.ledger.events import Event
    from volsculpt.ledger.ledger import Ledger
    from volsculpt.report.document import Page

LedgerFileArgument = Annotated[
    Path, typer.Argument(metavar="LEDGER", help="The desk's ledger, a file.", show_default=False)
]
STARTS_WITHIN_S, AGAIN_S = 10.0, 0.1  # how long a desk that starts is waited for, and how often
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def confirm(question: str, yes: bool) -> None:
    """Ask before anything is done; where nobody can answer, refuse and say what to do."""
    if yes:
        return
    if not sys.stdin.isatty():
        problem = f"nobody can be asked here, so nothing was done ({question}); if so, add --yes"
        raise typer.BadParameter(problem, param_hint="--yes")
    typer.confirm(question, abort=True, err=True)


def run_command(ledger: Path, verb: str, arguments: dict[str, Any], as_json: bool) -> None:
    """Ask the running desk; where none runs, write what needs none into its ledger.

    A desk that starts holds its ledger before it listens, so it is waited for.

    Args: ledger: its file; verb: its name; arguments: by name; as_json: print JSON.
    """
    from volsculpt.trade.control.control_socket import send_command

    until = time.monotonic() + STARTS_WITHIN_S
    while (answer := send_command(ledger, verb, arguments, tell_waiting)) is None:
        try:
            answer = written(ledger, verb, arguments)
            break
        except LedgerBusyError:
            if time.monotonic() > until:
                raise
            time.sleep(AGAIN_S)
    if as_json:
        print_json({"schema": 1, "said": answer})
    else:
        typer.echo(answer)


def tell_waiting() -> None:
    """Say that a desk takes long to answer."""
    typer.echo("the desk has not answered yet: it is in a long step, or hangs; waiting", err=True)


def written(ledger: Path, verb: str, arguments: dict[str, Any]) -> str:
    """Write what a person asks of a desk that does not run. Raises LedgerError: it must run."""
    from volsculpt.ledger.events import Operated
    from volsculpt.ledger.filekind import check_ledger_file
    from volsculpt.ledger.ledger import open_ledger
    from volsculpt.trade.paper.running import last_ns

    check_ledger_file(ledger)
    with open_ledger(ledger, make=False) as opened:
        if verb not in ("pause", "resume", "override", "adopt", "ack", "move"):
            raise LedgerError(f"{ledger}: no desk runs on it; `{verb}` needs one")
        if verb == "adopt":
            return adopt_written(opened, arguments)
        if verb == "ack":
            return ack_written(opened, arguments)
        if verb == "move":
            return moved_written(opened, arguments)
        kept, held = requested_override(opened, arguments) if verb == "override" else ({}, "")
        events: list[Event] = [Operated(verb, kept)]
        if arguments.get("reset"):
            events.append(Operated("reset"))
        opened.append(events, last_ns(opened))
    return f"written; it holds when the desk starts again{held}"


def requested_override(opened: "Ledger", arguments: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """An override, checked against what was last decided, and what limits make of it, in words.

    Raises LedgerError.
    """
    from volsculpt.report.pages.desk import hedges_of, last_decision
    from volsculpt.trade.control.operate import override_arguments, override_held
    from volsculpt.trade.paper.running import last_ns

    made = last_decision(opened)
    # Before the first decision a ledger knows no hedges, so any coin may be one.
    hedges = [arguments] if made is None else hedges_of(made[1])
    hedged = [str(one["underlying"]) for one in hedges]
    override = override_arguments(arguments, hedged, last_ns(opened))
    if made is None:
        return override, ""
    lowest, highest = made[1].aim_input["bounds"]
    return override, override_held(override, (lowest, highest))


def adopt_written(opened: "Ledger", arguments: dict[str, Any]) -> str:
    """Adopt what waits in the ledger of a desk that does not run; the answer in words."""
    from volsculpt.trade.control.operate import adopted_words, check_adopted
    from volsculpt.trade.observe.found import adopted, in_words
    from volsculpt.trade.observe.ownership import Ownership
    from volsculpt.trade.paper.running import last_ns

    check_adopted(opened.books, arguments)
    adopts = adopted(opened.books, Ownership(), arguments, os.environ.get("USER", ""))
    words = adopted_words([in_words(opened.books, one) for one in adopts])
    opened.append(list(adopts), last_ns(opened))
    return words


def ack_written(opened: "Ledger", arguments: dict[str, Any]) -> str:
    """Acknowledge alerts in the ledger of a desk that does not run; the answer in words."""
    from volsculpt.trade.control.acknowledge import acknowledgements
    from volsculpt.trade.paper.running import last_ns

    made, words = acknowledgements(opened.books, arguments, os.environ.get("USER", ""))
    opened.append([*made], last_ns(opened))
    return words


def moved_written(opened: "Ledger", arguments: dict[str, Any]) -> str:
    """Move coins in the ledger of a desk that does not run; the answer in words."""
    from volsculpt.trade.control.moved import move_written
    from volsculpt.trade.paper.kinship import first_mark
    from volsculpt.trade.paper.running import last_ns

    return move_written(opened, arguments, first_mark(opened), last_ns(opened))


def page_of(status: dict[str, Any], full: bool) -> "Page":
    """How a desk stands: on one screen, or whole."""
    from volsculpt.report.pages.desk import status_page
    from volsculpt.report.pages.desk_verdict import verdict

    return status_page(status) if full else verdict(status)


def is_running(ledger: Path) -> bool:
    """Whether a desk listens beside a ledger."""
    import socket

    from volsculpt.trade.control.control_socket import socket_path

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(1.0)
        return line.connect_ex(str(socket_path(ledger))) == 0
