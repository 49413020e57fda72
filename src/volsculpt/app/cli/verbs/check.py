"""`volsculpt check`: is the mandate understood, and as what."""

from typing import Any

import typer

from volsculpt.app.cli.failing import problems_of
from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    MandateFileArgument,
    WidthOption,
)
from volsculpt.app.cli.output import print_json, print_page
from volsculpt.errors import VolsculptError

GROUP = "decide"
EXAMPLE = "volsculpt check mandate.toml"


def check(
    mandate: MandateFileArgument,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Say what a mandate means.

    Or, when it cannot be used, everything that is wrong with it.
    """
    from volsculpt import verbs
    from volsculpt.mandate.setup import check_decidable
    from volsculpt.report.pages.mandate import as_dict, as_page

    now_ns = verbs.now_ns()
    try:
        found = verbs.load(mandate)
        check_decidable(found, now_ns)
    except VolsculptError as error:
        if not as_json:
            raise
        print_json(refused(error))
        raise typer.Exit(error.exit_code) from None
    if as_json:
        print_json(as_dict(found, now_ns))
    else:
        print_page(as_page(found, now_ns), width, color)


def refused(error: VolsculptError) -> dict[str, Any]:
    """What is printed as JSON about a mandate that cannot be used."""
    return {"schema": 1, "valid": False, "problems": problems_of(error), "mandate": None}
