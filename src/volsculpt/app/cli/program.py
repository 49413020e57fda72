"""The program: its verbs, its exit codes, and what becomes of an error."""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from volsculpt.app.cli.failing import UsageError, error_text, print_error, problems_of, usage_words
from volsculpt.app.cli.finding import command, in_groups, summary, verb_names
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
  12 no hedge ratio can be estimated from the returns there are
  13 a desk ended, as its ledger could not be written
"""


class Verbs(TyperGroup):
    """The verbs, found by name; an error raised on purpose becomes a message and its exit code."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401
        """Names alone: each stands for a verb that is imported when it is asked for."""
        super().__init__(**given)
        self.commands = {verb: TyperCommand(verb) for verb in verb_names()}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401
        """The verb of that name, or None."""
        return command(cmd_name) if cmd_name in self.commands else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """A line a verb, read off its file, in the groups that the files name."""
        longest = max(len(verb) for verb in self.commands)
        width = formatter.width - 6 - longest
        for title, verbs in in_groups().items():
            commands = [TyperCommand(verb.ljust(longest), help=summary(verb)) for verb in verbs]
            lines = [(one.name, one.get_short_help_str(width)) for one in commands]
            with formatter.section(title):
                formatter.write_dl(lines)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run a verb. Errors that nobody meant keep their traceback."""
        as_json = "--json" in (*ctx._protected_args, *ctx.args)  # read before the verb takes them
        try:
            return super().invoke(ctx)
        except VolsculptError as error:
            typer.echo(error_text(error), err=True)
            if as_json:
                print_error(problems_of(error), error.exit_code)
            raise typer.Exit(error.exit_code) from None
        except UsageError as error:
            if as_json:
                print_error([usage_words(error)], MandateError.exit_code)
            raise


app = typer.Typer(
    cls=Verbs,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog=EXIT_CODES,
)


def _print_version(requested: bool) -> None:
    if requested:
        from volsculpt.app.cli.verbs.version import installed

        typer.echo(installed())
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
