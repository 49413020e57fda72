"""Options of the verbs that run through a made-up market, and the market that they ask for."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pathlib import Path

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


def check_made_up(data: "Path | None", market: str | None, price: list[str] | None) -> None:
    """Refuse options of a made-up market beside stored prices."""
    for flag, given in (("--market", market), ("--price", price)):
        if given and data is not None:
            problem = "it is of the made-up market, and --data names a real one; give one of them"
            raise typer.BadParameter(problem, param_hint=flag)


def asked_market(
    mandate: "Mandate",
    ends: tuple[int | None, int | None],
    market: str | None,
    price: list[str] | None,
    seed: int | None = None,
) -> "History | None":
    """The made-up market that options ask for; None where they ask for nothing.

    Raises HistoryError, PriceError for what cannot be made up.

    Args: mandate: whose market; ends: from and to, ns UTC; market: a path's name; price: as typed;
    seed: of chance, None = the demo's.
    """
    if market is None and not price and seed is None:
        return None
    from volsculpt.app.cli.prices import prices_and_rates
    from volsculpt.mandate.made_up import MarketChoice, made_up_market

    prices, _ = prices_and_rates(price or [], [])
    return made_up_market(mandate, ends, MarketChoice(market, prices, seed))[0]
