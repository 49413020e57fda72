"""Formulas that venues publish and worked examples need, of things the program takes as given.

Marks and funding rates come from the venue, and the queue of auto-deleveraging is its own.
"""

from collections.abc import Sequence


def accrued(value_now: float, rate: float, interval_hours: float, hours: float) -> float:
    """Received from continuous funding over `hours`, the rate standing for `interval_hours`.

    Worked: 1 coin short, 0.05 % per 8 h, 1 minute: 0.0005/480 = 0.00000104 coins.
    """
    return -value_now * rate * (hours / interval_hours)


def interest_rate(quote_rate_day: float, base_rate_day: float, stamps_per_day: float) -> float:
    """Interest part of a stamp's rate: (quote - base)/stamps. Worked: (1 % - 0.25 %)/3: 0.25 %."""
    return (quote_rate_day - base_rate_day) / stamps_per_day


def damped_rate(mark: float, index: float, damper: float) -> float:
    """Deribit's rate: the premium mark/index - 1, shrunk by `damper` toward zero.

    max(damper, premium) + min(-damper, premium). Worked: mark 100.1, index 100,
    damper 0.05 %: 0.05 %.
    """
    premium = mark / index - 1.0
    return max(damper, premium) + min(-damper, premium)


def initial_margin(position_value: float, leverage: float) -> float:
    """Margin to open: |value| / leverage, in the unit of value.

    Worked: 10,000 USD inverse at 400, 10x: 25/10 = 2.5 coins.
    """
    return abs(position_value) / leverage


def effective_leverage(mark_value: float, bankruptcy_value: float) -> float:
    """BitMEX: |mark value| / |mark value - bankruptcy value|; both signed values in coin.

    Worked: short 60,000 from 50,000 with 0.3 coin: values -1.5 and -0.9, leverage 2.5.
    """
    return abs(mark_value) / abs(mark_value - bankruptcy_value)


def adl_score(pnl_ratio: float, leverage: float) -> float:
    """Rank in the auto-deleveraging queue: profit * leverage, or loss / leverage.

    `pnl_ratio` is PnL over |entry value|. Source: BitMEX auto-deleveraging page.
    Worked: +25 % at 2.5x: 0.625.
    """
    if pnl_ratio >= 0.0:
        return pnl_ratio * leverage
    return pnl_ratio / leverage


def adl_fills(queue: Sequence[tuple[int, float, float]], quantity: float) -> dict[int, float]:
    """Who is closed against a liquidation of `quantity`: highest score first.

    queue: (id, size, score). Returns id -> size closed. Worked (BitMEX): 20 to close among
    sizes 10, 10, 20, 30, 20, 10 with scores 3, 6, 1, 4, 5, 2: the second in whole, then 10
    of the fifth.
    """
    closed: dict[int, float] = {}
    left = quantity
    for identity, size, _ in sorted(queue, key=lambda row: -row[2]):
        if left <= 0.0:
            break
        closed[identity] = min(size, left)
        left -= closed[identity]
    return closed


def ema_weight(periods: float) -> float:
    """Weight of the newest value in an exponential mean of `periods`: 2/(periods + 1).

    Worked: 600 periods: 0.0033278.
    """
    return 2.0 / (periods + 1.0)


def collared_mark(index: float, mean_premium: float, collar: float) -> float:
    """Mark as index + mean premium, held within index*(1 -+ collar).

    Worked: index 100, mean premium 0.9, collar 0.5 %: 100.5.
    """
    highest = index * (1.0 + collar)
    lowest = index * (1.0 - collar)
    return min(highest, max(lowest, index + mean_premium))


def funding_fair_mark(
    index: float, funding_rate: float, hours_to_stamp: float, interval_hours: float
) -> float:
    """Mark of a perpetual from its next funding: index*(1 + rate*hours/interval).

    Worked: 10,000, 0.03 %, 5 of 8 hours to go: 10,001.875.
    """
    return index * (1.0 + funding_rate * hours_to_stamp / interval_hours)


def forward(spot: float, quote_rate: float, base_rate: float, years: float) -> float:
    """Covered parity: spot*(1 + quote*t)/(1 + base*t). Worked: 100, 10 %, 5 %, 1 y: 104.7619."""
    return spot * (1.0 + quote_rate * years) / (1.0 + base_rate * years)


def perpetual_fair(spot: float, pull_a_year: float, quote_rate: float, base_rate: float) -> float:
    """A linear perpetual without arbitrage: spot*pull/(pull - (quote - base)).

    Source: He, Manela, Ross and von Wachter, arXiv 2212.06888, proposition 1. Worked: 50,000, a
    premium paid 1,095 times a year, 5 % against 0: 50,002.28.

    Args: spot: of the coin; pull_a_year: how often a year funding pays the premium; quote_rate,
    base_rate: interest a year.
    """
    return spot * pull_a_year / (pull_a_year - (quote_rate - base_rate))


def lock_face(coins: float, future: float) -> float:
    """Face of a dated inverse short that locks the USD value of `coins`: coins * future.

    At delivery wealth is N + S*(C - N/F), free of S only at N = C*F (not C*S).
    Worked: 1 coin at future 52,000: 52,000 USD whatever the settlement.
    """
    return coins * future
