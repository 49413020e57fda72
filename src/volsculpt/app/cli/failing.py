"""What becomes of an error: words on standard error, with --json an object on standard output."""

from typing import Any

import typer

from volsculpt.app.cli.output import print_json
from volsculpt.app.cli.problems import problems_text
from volsculpt.errors import MandateError, VolsculptError

# What is raised for options that do not fit; its name is public in no version of the library.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]


def problems_of(error: VolsculptError) -> list[str]:
    """What is wrong, a line each."""
    return error.problems if isinstance(error, MandateError) else [str(error)]


def error_text(error: VolsculptError) -> str:
    """An error in words, several problems as a list."""
    from volsculpt.text import with_moments

    return problems_text([with_moments(one) for one in problems_of(error)])


def usage_words(error: Any) -> str:  # noqa: ANN401 - of the library of options
    """What is wrong with the options. Worked: "Missing argument 'MANDATE'."."""
    return str(error.format_message())


def print_error(problems: list[str], exit_code: int) -> None:
    """The object that stands on standard output in place of what was asked for."""
    failure = {"error": "\n".join(problems), "problems": problems, "exit_code": exit_code}
    print_json({"schema": 1, **failure})
