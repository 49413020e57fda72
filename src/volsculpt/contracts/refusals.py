"""Why a venue takes no order, in words: one sentence a code, on paper and in a backtest."""

from volsculpt.contracts.orders import (
    NO_MARGIN,
    OVER_POSITION,
    OVER_PRICE,
    OVER_SIZE,
    UNDER_SIZE,
    UNDER_VALUE,
)
from volsculpt.contracts.spec import Contract

REFUSED = {
    UNDER_SIZE: "{size:g} contracts: {one.symbol} trades from {one.least_contracts:g}",
    UNDER_VALUE: "under {one.orders.least_value:g} {one.quote}: no order of {one.symbol} is less",
    OVER_SIZE: "{size:g} contracts: one order of {one.symbol} has {most:g} at most",
    OVER_POSITION: "the position in {one.symbol} would be larger than the venue allows",
    OVER_PRICE: "limit price {price:g}: {one.symbol} takes a {side} {share:.4g} % {way} its mark",
    NO_MARGIN: "insufficient margin",
}


def refusal(
    contract: Contract, why: int, size: float, price: float, most: float | None = None
) -> str:
    """What a venue says of an order of signed contracts that it does not take.

    Args: why: a code of `contracts.orders`; size: contracts, + buys; price: of the order, in
    quote units; most: contracts, the largest order of its kind.
    Worked: UNDER_VALUE of an inverse contract with a least of 100 USD: "under 100 USD: no order of
    BTC/USD:BTC is less".
    """
    buys, orders = size > 0.0, contract.orders
    return REFUSED[why].format(
        one=contract,
        most=most,
        size=abs(size),
        price=price,
        side="buy up to" if buys else "sell down to",
        share=100.0 * ((orders.price_up if buys else orders.price_down) or 0.0),
        way="above" if buys else "below",
    )
