"""Value, cost, profit and exposure of one contract position, in one place.

Signs: `contracts` is signed, + long. Value and cost carry the position's sign and share a
unit: the settle coin for an inverse contract, the quote for a linear one, the settle coin
for a quanto. Cash flows are + received.
"""

from typing import Any

from volsculpt.compilable import compilable

INVERSE = 0
LINEAR = 1
QUANTO = 2
PAYOFF_CODE = {"inverse": INVERSE, "linear": LINEAR, "quanto": QUANTO}


@compilable
def power(factor: float, exponent: int) -> float:
    """factor**exponent for exponents -1, 0, 1, 2 with the same bits everywhere."""
    if exponent == 0:
        return 1.0
    if exponent == 1:
        return factor
    if exponent == 2:
        return factor * factor
    return 1.0 / factor


@compilable
def fair_price(base: Any, quote: Any, base_count: float) -> Any:  # noqa: ANN401
    """What a contract would cost at the indexes, in its quote currency; numbers or columns.

    Worked: SHIB at 0.00002 and 1,000 of them a contract's price: 0.02.

    Args: base, quote: indexes, US dollars; base_count: base coins that the price is of.
    """
    return base / quote * base_count


@compilable
def coins_priced(payoff: int, base_count: float) -> float:
    """Base coins that a contract's price is of, as its exposure counts them: a quanto's is of one.

    Args: payoff: INVERSE, LINEAR or QUANTO; base_count: as its symbol has it, 1,000 of 1000SHIB.
    """
    return 1.0 if payoff == QUANTO else base_count


@compilable
def value(payoff: int, contracts: float, multiplier: float, price: float) -> float:
    """Signed value: inverse q*mult/price (coin), linear and quanto q*mult*price.

    Worked: short 100,000 one-USD inverse contracts at 50,000 is -2.0 coins.

    Args: payoff: INVERSE, LINEAR or QUANTO; contracts: q, signed; multiplier: of one contract,
    quote units (inverse), base coins (linear) or settle coins per quote unit (quanto); price: in
    quote.
    """
    if payoff == INVERSE:
        return contracts * multiplier / price
    return contracts * multiplier * price


@compilable
def unrealised_pnl(payoff: int, cost: float, value_now: float) -> float:
    """Profit not yet booked: inverse cost - value, else value - cost (settle currency).

    Worked: long 100,000 USD inverse, 10,000 -> 10,500: 10 - 9.52380952 = +0.47619048.
    """
    if payoff == INVERSE:
        return cost - value_now
    return value_now - cost


@compilable
def trade(
    payoff: int, multiplier: float, contracts: float, cost: float, change: float, fill: float
) -> tuple[float, float, float]:
    """(contracts, cost, realised PnL) after `change` contracts fill at price `fill`.

    An increase adds value at fill to cost; a decrease scales cost by the fraction left and
    realises the rest; a flip closes, then opens. Worked: sell 10,000 at 50,000, buy 4,000 at
    40,000 (inverse): realised +0.02, cost -0.12, average entry still 50,000.

    Args: payoff, multiplier: as `value` takes them; contracts, cost: held before, signed, cost in
    the unit of value; change: contracts, + buys; fill: price, in quote.
    """
    if contracts * change >= 0.0:
        return contracts + change, cost + value(payoff, change, multiplier, fill), 0.0
    if abs(change) >= abs(contracts):
        closed = value(payoff, contracts, multiplier, fill)
        opened = contracts + change
        return (
            opened,
            value(payoff, opened, multiplier, fill),
            unrealised_pnl(payoff, cost, closed),
        )
    left = contracts + change
    cost_left = cost * (left / contracts)
    closed = value(payoff, -change, multiplier, fill)
    return left, cost_left, unrealised_pnl(payoff, cost - cost_left, closed)


@compilable
def average_entry(payoff: int, contracts: float, multiplier: float, cost: float) -> float:
    """Entry price from cost (harmonic for inverse); 0.0 only when flat: there is none.

    Worked: 10,000 at 10,000 and 10,000 at 20,000 (inverse): cost 1.5, entry 13,333.33.

    Args: payoff, multiplier: as `value` takes them; contracts: signed; cost: theirs, signed, in the
    unit of value.
    """
    if contracts == 0.0:
        return 0.0
    if payoff == INVERSE:
        return contracts * multiplier / cost
    return cost / (contracts * multiplier)


@compilable
def base_exposure(
    payoff: int,
    contracts: float,
    multiplier: float,
    mark: float,
    settle_usd: float,
    base_usd: float,
) -> float:
    """Delta of the contract alone, in base coins (PnL counts elsewhere, in settle).

    inverse: value at mark; linear: q*mult; quanto: q*mult*mark*settle_usd/base_usd.
    Worked: short 1,000 quanto ETH contracts of 1e-6 BTC at ETH 400, BTC 10,000: -10 ETH.

    Args: payoff, multiplier: as `value` takes them; contracts: signed; mark: in quote; settle_usd,
    base_usd: US dollars for one coin of each, read for quanto alone.
    """
    if payoff == INVERSE:
        return contracts * multiplier / mark
    if payoff == LINEAR:
        return contracts * multiplier
    return contracts * multiplier * mark * settle_usd / base_usd


@compilable
def quote_exposure(payoff: int, contracts: float, multiplier: float, mark: float) -> float:
    """Exposure to the quote currency: inverse -face, linear -q*mult*mark, quanto none.

    Worked: short 100,000 USD inverse is long 100,000 USD.

    Args: payoff, multiplier: as `value` takes them; contracts: signed; mark: in quote.
    """
    if payoff == INVERSE:
        return -contracts * multiplier
    if payoff == LINEAR:
        return -contracts * multiplier * mark
    return 0.0


@compilable
def delivery_pnl(
    payoff: int, contracts: float, multiplier: float, cost: float, settlement: float, fee: float
) -> float:
    """Cash flow when a dated contract is delivered: PnL at settlement less fee*|value|.

    Worked: short 100 x 100 USD from 11,995.5 settled at 10,850.25, fee 0.015 %:
    0.08799180 - 0.00013825 = +0.08785355 coins.

    Args: payoff, multiplier: as `value` takes them; contracts, cost: held, signed, cost in the unit
    of value; settlement: price, in quote; fee: a fraction of |value|.
    """
    settled = value(payoff, contracts, multiplier, settlement)
    return unrealised_pnl(payoff, cost, settled) - fee * abs(settled)
