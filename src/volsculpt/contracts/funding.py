"""Funding: the payment between longs and shorts of a perpetual.

A positive rate is paid by the long to the short, on the position's value at the stamp's
mark, in the settle currency (BitMEX, Binance, Bybit, Deribit and Kraken agree).
"""

from volsculpt.compilable import compilable
from volsculpt.units import HOURS_PER_YEAR


@compilable
def cash_flow(value_now: float, rate: float) -> float:
    """Received at a stamp: -value * rate; `rate` is a fraction of value per stamp.

    Worked: short 100,000 USD inverse at mark 50,000 (value -2), +0.01 %: +0.0002 coins.
    """
    return -value_now * rate


@compilable
def fraction_of_value(absolute_rate: float, mark: float) -> float:
    """A fraction from an absolute rate (quote units for one coin): absolute / mark.

    Kraken publishes absolute rates for its linear contracts. Worked: 6 USD at 60,000: 0.0001.
    """
    return absolute_rate / mark


@compilable
def annual(rate: float, interval_hours: float) -> float:
    """Simple yearly rate: rate * hours of a year / interval. Worked: 0.01 % per 8 h: 10.95 %."""
    return rate * (HOURS_PER_YEAR / interval_hours)
