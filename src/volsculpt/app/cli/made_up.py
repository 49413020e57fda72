"""Options of the verbs that run through a made-up market, and the market that they ask for."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from volsculpt.mandate.objects import Mandate
    from volsculpt.market.history import History

MarketOption = Annotated[
    str | None,
    typer.Option(
        "--market",
        metavar="PATH",
        help="Which way a made-up market goes: mixed, calm, bull, crash or squeeze.",
    ),
]
BeginPriceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--price",
        metavar="COIN=NUMBER",
        help="Where a made-up market begins, in USD (BTC=60000). Repeat it for more.",
    ),
]


BeginQuotesOption = Annotated[
    Path | None,
    typer.Option(
        "--quotes",
        metavar="FILE",
        help="Where a made-up market begins: the index prices of a quotes file.",
    ),
]


def check_made_up(
    data: Path | None, market: str | None, price: list[str] | None, quotes: Path | None
) -> None:
    """Refuse options of a made-up market beside stored prices.

    Args: data: the folder of a store; market, price, quotes: as typed, None = not given.
    """
    for flag, given in (("--market", market), ("--price", price), ("--quotes", quotes)):
        if given and data is not None:
            problem = "it is of the made-up market, and --data names a real one; give one of them"
            raise typer.BadParameter(problem, param_hint=flag)


def requested_market(
    mandate: "Mandate",
    ends: tuple[int | None, int | None],
    market: str | None,
    price: list[str] | None,
    quotes: Path | None,
    seed: int | None = None,
) -> "History | None":
    """The made-up market that options ask for; None where they ask for nothing.

    Raises HistoryError, PriceError for what cannot be made up, ContractError for what is not then.

    Args: mandate: whose market; ends: from and to, ns UTC; market: a path's name; price: as typed;
    quotes: a file of them; seed: of chance, None = the demo's.
    """
    if market is None and not price and quotes is None and seed is None:
        return None
    from volsculpt.app.cli.prices import prices_and_rates
    from volsculpt.mandate.made_up import MarketChoice, made_up_market
    from volsculpt.market.quotes import read_quotes

    prices, _ = prices_and_rates(price or [], [])
    quoted = {} if quotes is None else read_quotes(quotes, 0).index
    return made_up_market(mandate, ends, MarketChoice(market, prices, seed, quoted))[0]
