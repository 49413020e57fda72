"""What a move of prices does to wealth, split by cause."""

from volsculpt.book.exposure import pnl_at
from volsculpt.book.state import Layout, Quote, State
from volsculpt.compilable import compilable


@compilable
def reprice(
    layout: Layout, state: State, before: Quote, after: Quote
) -> tuple[float, float, float]:
    """(spot, futures, basis) US dollars that a move from one quote to another changes.

    spot: wallets times the change of index. futures: PnL if each mark had moved as its index
    did. basis: the rest of the PnL. The three add up to the change in wealth.
    """
    legs, spot, futures, basis = layout.legs, 0.0, 0.0, 0.0
    for wallet in range(layout.wallets):
        currency = layout.wallet_currency[wallet]
        change = after.index_usd[currency] - before.index_usd[currency]
        spot += state.wallet[wallet] * change
    for leg in range(legs.rows):
        if state.contracts[leg] == 0.0 and state.cost[leg] == 0.0:
            continue
        base, quote, settle = legs.base[leg], legs.quote[leg], legs.settle[leg]
        moved = after.index_usd[base] / before.index_usd[base]
        moved = moved / (after.index_usd[quote] / before.index_usd[quote])
        usd_after = after.index_usd[settle]
        start = pnl_at(layout, state, leg, before.mark[leg]) * before.index_usd[settle]
        along = pnl_at(layout, state, leg, before.mark[leg] * moved) * usd_after
        end = pnl_at(layout, state, leg, after.mark[leg]) * usd_after
        futures += along - start
        basis += end - along
    return spot, futures, basis
