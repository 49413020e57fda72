"""What a venue takes as one order: the one function that judges it, for sizing and exchange.

Units: `size`, `held` signed contracts, `price` in quote units. A figure of 0.0 in the flat rows
is not known, and refuses nothing.
"""

import math

from volsculpt.compilable import compilable
from volsculpt.contracts.legs import Legs
from volsculpt.contracts.payoff import INVERSE, value

TAKEN = 0
UNDER_SIZE = 1
UNDER_VALUE = 2
OVER_SIZE = 3
OVER_POSITION = 4
OVER_PRICE = 5
NO_MARGIN = 6  # told by whoever knows the account; nothing here judges it
NO_CONTRACTS = 1e-9  # of a contract: less is nothing
SAME_CONTRACTS = 1e-6  # of a contract: counts of two books that differ by less are one
SLACK = 2e-6  # of a lot: whole lots are counted to a millionth


@compilable
def order_value(payoff: int, contracts: float, multiplier: float, price: float) -> float:
    """What a venue counts an order as, in quote units; never negative.

    Inverse: contracts*multiplier, at any price; else times the price. Worked: 0.001 contracts
    of one BTC at 60,000 are 60 USDT; 5 inverse contracts of 100 USD are 500 USD.

    Args: payoff: INVERSE, LINEAR or QUANTO; contracts: signed or not; multiplier: of one contract,
    quote units (inverse), else as `value` takes it; price: in quote.
    """
    face = abs(contracts) * multiplier
    return face if payoff == INVERSE else face * price


@compilable
def position_cap(legs: Legs, leg: int, price: float) -> float:
    """Most contracts a venue lets one account hold of a leg at `price`; 0.0 when none is known.

    Worked: 1,800,000,000 USDT at 60,000 and one BTC a contract: 30,000 contracts.
    """
    most = legs.position_most[leg]
    if legs.position_most_value[leg] > 0.0:
        worth = abs(value(legs.payoff[leg], 1.0, legs.multiplier[leg], price))
        count = legs.position_most_value[leg] / worth
        most = min(most, count) if most > 0.0 else count
    return most


@compilable
def is_reduction(held: float, size: float) -> int:
    """1 when an order only reduces a venue's position, so that it may be sent reduce-only.

    Worked: to buy 5,000 on -15,000: 1. To buy 20,000, or to sell: 0, a venue would refuse it.
    """
    return 1 if held * size < 0.0 and abs(size) <= abs(held) + NO_CONTRACTS else 0


@compilable
def least_order(legs: Legs, leg: int, price: float) -> float:
    """Fewest contracts that a venue takes as an order which opens, at `price`; in whole lots.

    Worked: least value 100 USDT, a lot of 0.001 BTC at 60,000: 0.002.
    """
    least, lot = max(legs.minimum[leg], legs.lot[leg]), legs.lot[leg]
    worth = order_value(legs.payoff[leg], 1.0, legs.multiplier[leg], price)
    least = max(least, legs.order_least_value[leg] / worth)
    return math.ceil(least / lot * (1.0 - 1e-9)) * lot


@compilable
def judge_order(legs: Legs, leg: int, held: float, size: float, price: float, most: float) -> int:
    """Why a venue would refuse an order on `held` contracts at `price`; TAKEN when it would not.

    What only reduces is sent reduce-only: where the venue exempts that it may be worth any amount,
    and it never fails for the size of the position. A position is closed whole whatever it is
    worth. Worked: Binance, least value 100 USDT: 0.001 BTC at 60,000 to open: UNDER_VALUE.

    Args: leg: its row; held: contracts there, signed; size: the order's contracts, + buys; price:
    in quote; most: contracts of the largest order of its kind (`order_most` with a price), 0.0 =
    none known.
    """
    slack = SLACK * legs.lot[leg]
    if most > 0.0 and abs(size) > most + slack:
        return OVER_SIZE
    if held + size == 0.0:
        return TAKEN
    if abs(size) < legs.minimum[leg] * (1.0 - 1e-9):
        return UNDER_SIZE
    worth = order_value(legs.payoff[leg], size, legs.multiplier[leg], price)
    if worth < legs.order_least_value[leg] * (1.0 - 1e-9):
        if is_reduction(held, size) == 0 or legs.order_exempt[leg] == 0:
            return UNDER_VALUE
    cap = position_cap(legs, leg, price)
    if cap > 0.0 and abs(held + size) > max(abs(held), cap) + slack:
        return OVER_POSITION
    return TAKEN


def judge_price(size: float, price: float, mark: float, up: float, down: float) -> int:
    """OVER_PRICE where a venue refuses the price of a limit order of signed `size`; else TAKEN.

    A price on the passive side is always taken. Worked: mark 60,000, 5 %: a sell at 56,999 is
    refused, one at 57,000 and a buy at any lower price are not.

    Args: size: contracts, + buys; price, mark: in quote; up, down: how far above the mark a buy and
    below it a sell may be priced, fractions of it, 0.0 = not known, which refuses nothing.
    """
    if size > 0.0 and up > 0.0 and price > mark * (1.0 + up) * (1.0 + 1e-9):
        return OVER_PRICE
    if size < 0.0 and down > 0.0 and price < mark * (1.0 - down) * (1.0 - 1e-9):
        return OVER_PRICE
    return TAKEN
