"""`volsculpt contracts`: what the catalog knows, and from where."""

from typing import Annotated

import typer

from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    ContractsFileOption,
    WidthOption,
)
from volsculpt.app.cli.output import print_json, print_page

GROUP = "data"
EXAMPLES = {
    "list": "volsculpt contracts list --venue bybit --coin BTC",
    "find": "volsculpt contracts find SOL",
    "show": "volsculpt contracts show bybit:BTC/USD:BTC",
}

app = typer.Typer(
    help="Look up contracts in the catalog.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_contracts(
    venue: Annotated[str | None, typer.Option("--venue", help="Only of this exchange.")] = None,
    coin: Annotated[str | None, typer.Option("--coin", help="Only on this coin.")] = None,
    contracts: ContractsFileOption = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """List contracts.

    Each with payoff, size and fee; dated ones by their calendar.
    """
    from volsculpt.contracts.catalog import load_catalog
    from volsculpt.report.pages.contracts import list_dict, list_page

    catalog = load_catalog(contracts)
    found = [one for one in catalog.contracts(venue) if coin in (None, one.base)]
    families = [one for one in catalog.families(venue) if coin in (None, one.template.base)]
    if as_json:
        print_json(list_dict(found, families))
    else:
        print_page(list_page(found, families), width, color)


@app.command("find")
def find_contracts(
    coin: Annotated[str, typer.Argument(help="For example SOL.", show_default=False)],
    contracts: ContractsFileOption = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Find all contracts on a coin.

    Venue beside venue: size, steps, fees, funding, leverage, least order; what no plan can size.
    """
    from volsculpt.contracts.catalog import load_catalog
    from volsculpt.report.pages.contracts import list_dict
    from volsculpt.report.pages.contracts_found import found_page

    catalog = load_catalog(contracts)
    name, found, families = catalog.on_coin(coin)
    if as_json:
        print_json(list_dict(found, families))
        return
    having = {one.venue for one in found} | {one.venue for one in families}
    without = [venue for venue in catalog.venues() if venue not in having]
    print_page(found_page(name, found, families, without), width, color)


@app.command("show")
def show_contract(
    contract: Annotated[
        str,
        typer.Argument(
            metavar="VENUE:SYMBOL", help="For example bybit:BTC/USD:BTC.", show_default=False
        ),
    ],
    contracts: ContractsFileOption = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Show all figures of one.

    Each with its source; what is unknown is said.
    """
    from volsculpt.contracts.catalog import load_catalog
    from volsculpt.report.pages.contracts import contract_page, list_dict

    venue, colon, symbol = contract.partition(":")
    if not colon or not symbol:
        problem = f"{contract!r}: write VENUE:SYMBOL, for example bybit:BTC/USD:BTC"
        raise typer.BadParameter(problem, param_hint="VENUE:SYMBOL")
    found = load_catalog(contracts).get(venue, symbol)
    if as_json:
        print_json(list_dict([found], []))
    else:
        print_page(contract_page(found), width, color)
