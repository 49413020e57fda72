"""The program: its verbs, its exit codes, and what becomes of an error."""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from volsculpt.app.cli import (
    backtest,
    check,
    compiling,
    contracts,
    data,
    desk,
    init,
    ledger,
    paper,
    plan,
    replay,
    schema,
    version,
)
from volsculpt.errors import MandateError, VolsculptError

EXIT_CODES = """\b
Exit codes:
  0  done; a plan that was printed counts, whatever it advises
  1  any other failure
  2  the command or the mandate cannot be used
  3  a contract is unknown or incomplete
  4  a price or a rate is missing or impossible
  5  holdings contradict each other
  6  a policy of your own cannot be used
  7  an optional library is not installed
  8  a stored or imported history cannot be used, or is not there
  9  figures contradict each other, so no report can be made
  10 a ledger cannot be read, written or trusted, or is in use
  11 a venue refused, failed, or did not answer
"""


class Verbs(TyperGroup):
    """The verbs; an error raised on purpose becomes a message and its exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run a verb. Errors that nobody meant keep their traceback."""
        try:
            return super().invoke(ctx)
        except VolsculptError as error:
            typer.echo(told(error), err=True)
            raise typer.Exit(error.exit_code) from None


def told(error: VolsculptError) -> str:
    """An error in words, several problems as a list."""
    problems = error.problems if isinstance(error, MandateError) else [str(error)]
    if len(problems) == 1:
        return f"volsculpt: {problems[0]}"
    return "\n".join([f"volsculpt: {len(problems)} problems", *(f"- {one}" for one in problems)])


app = typer.Typer(
    cls=Verbs,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog=EXIT_CODES,
)
app.command("plan")(plan.plan)
app.command("backtest")(backtest.backtest)
app.command("paper")(paper.paper)
app.command("status")(desk.status)
app.command("why")(desk.why)
app.command("pause")(desk.pause)
app.command("resume")(desk.resume)
app.command("override")(desk.override)
app.command("flatten")(desk.flatten)
app.command("accept")(desk.accept)
app.command("adopt")(desk.adopt)
app.command("arrived")(desk.arrived)
app.command("replay")(replay.replay)
app.command("compile")(compiling.compile_)
app.command("check")(check.check)
app.command("init")(init.init)
app.add_typer(contracts.app, name="contracts")
app.command("schema")(schema.schema)
app.add_typer(data.app, name="data")
app.add_typer(ledger.app, name="ledger")
app.command("version")(version.version)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(version.installed())
        raise typer.Exit


@app.callback()
def about(
    _: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    """How much of the price risk of your coins to hedge, to the contract, and why."""


def main() -> None:
    """Run the command line; what a terminal cannot show is replaced, never fatal."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app(prog_name="volsculpt")
