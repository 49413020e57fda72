"""`volsculpt replay`: a recorded time again, as it was or under another mandate."""

from pathlib import Path
from typing import Annotated

import typer

from volsculpt.app.cli.options import AsJsonOption, Color, ColorOption, WidthOption
from volsculpt.app.cli.output import print_json, print_page

GROUP = "keep"
EXAMPLE = "volsculpt replay mandate.ledger"


def replay(
    ledger: Annotated[
        Path, typer.Argument(metavar="LEDGER", help="The ledger of a desk.", show_default=False)
    ],
    mandate: Annotated[
        Path | None,
        typer.Option("--mandate", metavar="FILE", help="Decide by this mandate instead."),
    ] = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Run a recorded time again.

    As it was: every decision anew from what it was made on. Under another mandate: what it
    would have decided at each of those moments, on what was held then.
    """
    from volsculpt import verbs
    from volsculpt.ledger.ledger import open_ledger
    from volsculpt.report.pages.ledger import replay_dict, replay_page
    from volsculpt.trade.control.replay import replayed

    loaded = verbs.load(mandate) if mandate is not None else None
    with open_ledger(ledger, write=False) as opened:
        found = replayed(opened, loaded)
    if as_json:
        print_json(replay_dict(found))
    else:
        print_page(replay_page(found), width, color)
