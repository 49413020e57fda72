"""The page of the made-up market, written from its paths and its table of coins."""

import tomllib

from volsculpt.market.coin_table import OTHER, PLACE, made_up_coin
from volsculpt.market.market_paths import MIXED, PATHS

HEAD = """# The made-up market

Without `--data`, [`backtest`](cli.md#backtest), [`evaluate`](cli.md#evaluate) and
[`paper`](cli.md#paper) run through a market that is made up: it shows how a mandate behaves, and
proves nothing about real prices. This page is written by `scripts/docs` from the figures that the
market is made of.

A mandate that needs no more than BTC and ETH with bybit's contracts, and asks for nothing else,
runs through the demo's: five years from 2020 on, BTC from 7,200 US dollars, in which funding pays
shorts more often than not. Every other runs through one made for it:

- any number of coins, stablecoins and government money; any venue and contract of the catalog,
  and [your own](mandate.md#contracts-of-your-own): inverse, linear and quanto, of one coin or a
  thousand, perpetual or dated;
- fees, margin and funding hours as the catalog and the mandate have them;
- five years from 2020 on, or from the day on which all contracts that the mandate names are
  listed; with `--from`, any time;
- hourly prices. The same mandate, options and seed give the same figures, and another coin beside
  it changes no coin's price.

Coins begin near what `--price BTC=60000` or the file of `--quotes` says, else near the entry of a
position on them, else at the price of the table below; one that the table does not have at ten
thousand price steps of its contract.

What it leaves out: order books, outages, coins that vanish or are listed late, stablecoins that
fail for good; absolute funding rates (`rate_unit`) of dear coins, which no history holds.

## Which way it goes

`--market PATH` chooses one for `backtest` and `paper`. All of it follows from a seed, that of the
demo; `paper` takes another with `--synthetic SEED`. The mean of funding and the growth of BTC
over the whole time are stated, not drawn: in a part of it both can be anything.
"""
COINS = """
## The coins

All figures are made up: round numbers of the size that was seen in 2024, and no forecast. Beta is
what a coin moves by when BTC moves by 1 %; correlation is that of its hourly moves with those of
BTC, and two other coins correlate by the product of theirs. What a coin does by itself fades,
half of it within 180 days, so that it neither vanishes nor runs away.
"""


def coins_in_table() -> tuple[str, ...]:
    """The names that the table knows."""
    return tuple(tomllib.loads(PLACE.read_text(encoding="utf-8"))["coin"])


def page() -> str:
    """The whole page."""
    ways = [
        f"| `{one.name}`{' (default)' if one.name == MIXED else ''} | {one.words} |"
        for one in PATHS.values()
    ]
    paths = "\n".join(["| path | the market |", "|---|---|", *ways, ""])
    head = "| coin | what | begins at, USD | beta | correlation |\n|---|---|---|---|---|"
    coins = [head, *(row(name) for name in coins_in_table()), row(OTHER), ""]
    return "\n".join([HEAD, paths + COINS, "\n".join(coins)])


def row(name: str) -> str:
    """One coin."""
    coin = made_up_coin(name)
    price = "see above" if coin.price is None else f"{coin.price:,.6f}".rstrip("0").rstrip(".")
    shown = "any other" if name == OTHER else name
    return f"| {shown} | {coin.what} | {price} | {coin.beta:g} | {coin.correlation:g} |"
