"""`volsculpt why`: why a desk decided as it did."""

from typing import Annotated

import typer

from volsculpt.app.cli.desk import LedgerFileArgument
from volsculpt.app.cli.options import AsJsonOption, Color, ColorOption, FullOption, WidthOption
from volsculpt.app.cli.output import print_json, print_page

GROUP = "keep"
EXAMPLE = "volsculpt why mandate.ledger --last 3"


def why(
    ledger: LedgerFileArgument,
    last: Annotated[int, typer.Option("--last", min=1, help="How many decisions.")] = 1,
    full: FullOption = False,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Say in words why a desk decided as it did.

    What is wrong, what was asked and what came of it; with --full every reason.
    """
    from volsculpt.ledger.ledger import open_ledger
    from volsculpt.report.pages import desk as desk_status
    from volsculpt.report.pages.why_verdict import why_verdict

    with open_ledger(ledger, write=False) as opened:
        if as_json:
            print_json(desk_status.why(opened, last))
        else:
            made = desk_status.why_page if full else why_verdict
            print_page(made(opened, last), width, color)
