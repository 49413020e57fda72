"""What a fill does to an account: position, cost, realised PnL, fee, isolated margin.

The one function of it: sizing builds its post-trade book with it, plans show it, every venue
of history and paper books it.
"""

import math

from volsculpt.book.posting import cover_free, post_margin
from volsculpt.book.state import Layout, State
from volsculpt.compilable import compilable
from volsculpt.contracts.costs import fee
from volsculpt.contracts.payoff import trade, value


@compilable
def fill_price(price: float, contracts: float, worse: float) -> float:
    """What an order fills at: a buy above the price by the fraction `worse`, a sell below it.

    Worked: sell at 60,000, half spread and slippage 0.0003 together: 59,982.
    """
    side = math.copysign(1.0, contracts)
    return price * (1.0 + side * worse)


@compilable
def book_trade(
    layout: Layout, state: State, leg: int, contracts: float, price: float, fee_rate: float
) -> None:
    """A fill before the account settles what its free coins lack; they may be below zero.

    Posts and frees isolated margin. Raises nothing; contracts of 0 change nothing.

    Args: leg: its row; contracts: + buys; price: in quote; fee_rate: a fraction of |value|. Writes
    the leg and its wallets in `state`.
    """
    legs = layout.legs
    held = state.contracts[leg]
    if contracts == 0.0:
        return
    after, cost, realised = trade(
        legs.payoff[leg], legs.multiplier[leg], held, state.cost[leg], contracts, price
    )
    traded = value(legs.payoff[leg], contracts, legs.multiplier[leg], price)
    state.contracts[leg] = after
    state.cost[leg] = cost
    state.wallet[legs.cash_wallet[leg]] += realised - fee(traded, fee_rate)
    if legs.posted_wallet[leg] >= 0:
        post_margin(layout, state, leg, held, price)


@compilable
def fill(
    layout: Layout, state: State, leg: int, contracts: float, price: float, fee_rate: float
) -> None:
    """Book contracts of a leg at a price, and its fee, in the settle currency.

    Worked: buy 4,000 USD inverse at 40,000 out of a short 10,000 from 50,000, fee 0.05 %:
    +0.02 realised, -0.00005 fee.

    Args: leg: its row; contracts: + buys; price: in quote; fee_rate: a fraction of |value|. Writes
    the leg and its wallets in `state`.
    """
    book_trade(layout, state, leg, contracts, price, fee_rate)
    cover_free(layout, state, leg)
