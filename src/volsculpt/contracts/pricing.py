"""Mark price, basis and forward: how a contract's price relates to spot."""

from volsculpt.compilable import compilable
from volsculpt.contracts.payoff import unrealised_pnl, value

DAYS_PER_YEAR = 365.0


@compilable
def ema_weight(periods: float) -> float:
    """Weight of the newest value in an exponential mean of `periods`: 2/(periods + 1).

    Worked: 600 periods: 0.0033278.
    """
    return 2.0 / (periods + 1.0)


@compilable
def collared_mark(index: float, mean_premium: float, collar: float) -> float:
    """Mark as index + mean premium, held within index*(1 -+ collar).

    Worked: index 100, mean premium 0.9, collar 0.5 %: 100.5.
    """
    highest = index * (1.0 + collar)
    lowest = index * (1.0 - collar)
    return min(highest, max(lowest, index + mean_premium))


@compilable
def funding_fair_mark(
    index: float, funding_rate: float, hours_to_stamp: float, interval_hours: float
) -> float:
    """Mark of a perpetual from its next funding: index*(1 + rate*hours/interval).

    Worked: 10,000, 0.03 %, 5 of 8 hours to go: 10,001.875.
    """
    return index * (1.0 + funding_rate * hours_to_stamp / interval_hours)


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
def convergence(
    payoff: int, contracts: float, multiplier: float, future: float, spot: float
) -> float:
    """What a dated position earns until delivery if spot stands still: its price becomes spot.

    In the settle currency: inverse q*mult*(1/F - 1/S) coins, else q*mult*(S - F).
    Worked: short 120,000 USD inverse, F 66,000, S 60,000: 2 - 1.818182 = +0.181818 coins;
    short 1 coin linear, F 72,000, S 60,000: +12,000.
    """
    return unrealised_pnl(
        payoff,
        value(payoff, contracts, multiplier, future),
        value(payoff, contracts, multiplier, spot),
    )


@compilable
def forward(spot: float, quote_rate: float, base_rate: float, years: float) -> float:
    """Covered parity: spot*(1 + quote*t)/(1 + base*t). Worked: 100, 10 %, 5 %, 1 y: 104.7619."""
    return spot * (1.0 + quote_rate * years) / (1.0 + base_rate * years)


@compilable
def lock_face(coins: float, future: float) -> float:
    """Face of a dated inverse short that locks the USD value of `coins`: coins * future.

    At delivery wealth is N + S*(C - N/F), free of S only at N = C*F (not C*S).
    Worked: 1 coin at future 52,000: 52,000 USD whatever the settlement.
    """
    return coins * future
