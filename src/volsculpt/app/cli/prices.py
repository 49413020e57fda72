"""Prices and funding rates as options of the verbs that plan."""

from typing import Annotated

import typer

PricesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--price",
        metavar="NAME=NUMBER",
        help="A price in USD (BTC=60000) or a contract's own (bybit:BTC/USD:BTC=60050). "
        "Repeat it for more.",
    ),
]
FundingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--funding",
        metavar="CONTRACT=RATE",
        help="A contract's funding rate a stamp, as the venue prints it "
        "(bybit:BTC/USD:BTC=0.01%, or =0.0001). Repeat it for more.",
    ),
]


def prices_and_rates(
    price: list[str], funding: list[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """Prices and funding rates by name. Raises PriceError for one that cannot be meant."""
    from volsculpt.errors import PriceError
    from volsculpt.market.quotes import from_flags

    for flag, texts in (("--price", price), ("--funding", funding)):
        names = [text.partition("=")[0].strip() for text in texts]
        for name in names:
            if names.count(name) > 1:
                raise PriceError(f"{flag} {name}=...: given {names.count(name)} times; keep one")
    quotes_given = from_flags(0, price, funding)
    return quotes_given.index | quotes_given.contract, quotes_given.funding
