"""What trading costs: fees on the value traded, and half of what bid and ask are apart."""

from volsculpt.compilable import compilable

HALF_SPREAD = 0.0001  # of a liquid perpetual, a fraction of the price


@compilable
def fee(traded_value: float, rate: float) -> float:
    """Fee paid, in the unit of value: |value| * rate; a maker rebate is negative.

    Worked: 100,000 USD inverse at 10,000 and 0.075 %: 10 * 0.00075 = 0.0075 coins.
    """
    return abs(traded_value) * rate
