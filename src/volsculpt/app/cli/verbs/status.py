"""`volsculpt status`: how a desk stands."""

from volsculpt.app.cli.desk import LedgerFileArgument, is_running, page_of
from volsculpt.app.cli.options import AsJsonOption, Color, ColorOption, FullOption, WidthOption
from volsculpt.app.cli.output import print_json, print_page

GROUP = "keep"
EXAMPLE = "volsculpt status mandate.ledger"


def status(
    ledger: LedgerFileArgument,
    full: FullOption = False,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Say how a desk stands.

    Is all well, else what is wrong and what mends it; with --full hedges, positions, coins and what
    is under way. Exit code 0 whatever it says.
    """
    from volsculpt.ledger.ledger import open_ledger
    from volsculpt.report.pages.desk import status as desk_status

    with open_ledger(ledger, write=False) as opened:
        facts = desk_status(opened, is_running(ledger))
    if as_json:
        print_json(facts)
    else:
        print_page(page_of(facts, full), width, color)
