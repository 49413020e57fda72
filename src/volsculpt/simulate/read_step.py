"""Reading one step of a market into the places that compiled code looks at."""

from volsculpt.book.state import Layout, Quote
from volsculpt.exchange.rows import Bar, Step
from volsculpt.simulate.lanes import ArrayRow
from volsculpt.simulate.market_arrays import Market


def read_prices(quote: Quote, layout: Layout, index: ArrayRow, marks: ArrayRow) -> None:
    """Copy the prices of one moment into a quote.

    Args: quote: written; index: US dollars per currency; marks: per leg, in quote.
    """
    for leg in range(layout.legs.rows):
        quote.mark[leg] = marks[leg]
    for currency in range(layout.currencies):
        quote.index_usd[currency] = index[currency]


def read_bar(market: Market, step: int, path: int, layout: Layout, bar: Bar) -> None:
    """Copy what happens in one step of one path.

    Args: step, path: their numbers; bar: written.
    """
    for leg in range(layout.legs.rows):
        bar.trade[leg] = market.trade[leg, path, step]
        bar.high_mark[leg] = market.high_mark[leg, path, step]
        bar.low_mark[leg] = market.low_mark[leg, path, step]
        bar.funding[leg] = market.funding[leg, path, step]
        bar.delivery[leg] = market.delivery[leg, path, step]
    for wallet in range(layout.wallets):
        bar.flow[wallet] = market.flow[wallet, path, step]


def read_opened(market: Market, step: int, path: int, layout: Layout, quote: Quote) -> None:
    """Copy the first prices of a step.

    Args: step, path: their numbers; quote: written.
    """
    read_prices(quote, layout, market.open_index[:, path, step], market.open_mark[:, path, step])


def read_closed(market: Market, step: int, path: int, layout: Layout, quote: Quote) -> None:
    """Copy the last prices of a step; before the first, its first ones.

    Args: step, path: their numbers; quote: written.
    """
    if step < 0:
        read_opened(market, 0, path, layout, quote)
        return
    read_prices(quote, layout, market.close_index[:, path, step], market.close_mark[:, path, step])


def read_step(market: Market, step: int, path: int, layout: Layout, bar: Bar, prices: Step) -> None:
    """Read a step of a path: its bars, and its first and last prices.

    Args: step, path: their numbers; bar: written; prices: its first and last are written.
    """
    read_opened(market, step, path, layout, prices.opened)
    read_closed(market, step, path, layout, prices.closed)
    read_bar(market, step, path, layout, bar)


READ_PARTS = (read_prices, read_opened, read_closed, read_bar, read_step)
