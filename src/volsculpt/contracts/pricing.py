"""Mark price, basis and forward: how a contract's price relates to spot."""

import math

from volsculpt.compilable import compilable
from volsculpt.contracts.payoff import unrealised_pnl, value
from volsculpt.units import DAYS_PER_YEAR


@compilable
def carried_mark(index: float, last_mark: float, last_index: float) -> float:
    """Mark between observations: index * last mark/index, never a stale price on a fresh one.

    Worked: last 60,060 against 60,000, index now 50,000: 50,050.
    """
    return index * (last_mark / last_index)


@compilable
def basis(future: float, spot: float) -> float:
    """Basis as a fraction: future/spot - 1. Worked: 68,086 over 66,847: 1.8535 %."""
    return future / spot - 1.0


@compilable
def basis_annual(future: float, spot: float, days: float) -> float:
    """Simple yearly basis: basis * 365/days. Worked: 4 % over 90 days: 16.22 %."""
    return basis(future, spot) * (DAYS_PER_YEAR / days)


@compilable
def basis_continuous(future: float, spot: float, days: float) -> float:
    """Continuous yearly basis: ln(future/spot) * 365/days. Worked: 4 % over 90 days: 15.91 %."""
    return math.log(future / spot) * (DAYS_PER_YEAR / days)


@compilable
def convergence(
    payoff: int, contracts: float, multiplier: float, future: float, spot: float
) -> float:
    """What a dated position earns until delivery if spot stands still: its price becomes spot.

    In the settle currency: inverse q*mult*(1/F - 1/S) coins, else q*mult*(S - F).
    Worked: short 120,000 USD inverse, F 66,000, S 60,000: 2 - 1.818182 = +0.181818 coins;
    short 1 coin linear, F 72,000, S 60,000: +12,000.

    Args: payoff, multiplier: as `value` takes them; contracts: q, signed; future, spot: F and S,
    prices in quote.
    """
    return unrealised_pnl(
        payoff,
        value(payoff, contracts, multiplier, future),
        value(payoff, contracts, multiplier, spot),
    )
