"""`volsculpt status`: how a desk stands."""

from volsculpt.app.cli.desk import LedgerFileArgument, is_running
from volsculpt.app.cli.options import AsJsonOption, Color, ColorOption, WidthOption
from volsculpt.app.cli.output import print_json, print_page

GROUP = "keep"
EXAMPLE = "volsculpt status mandate.ledger"


def status(
    ledger: LedgerFileArgument,
    as_json: AsJsonOption = False,
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
