"""What one contract earns a dollar that is sold by it, from now to the end of a holding time.

    perpetual:      net = funding - 2·cost - margin
    to delivery:    net = (F/S - 1) - cost - delivery fee - margin
    left before:    net = (F/S - 1)·t/T - 2·cost - margin

cost is the taker fee, half of the spread and the slippage of one trade, margin what its initial
margin would have earned elsewhere, T the days that are left to delivery, t those that it is held. A
premium that is left before delivery is taken to melt evenly. That of a perpetual is not counted:
there is no day on which it must be gone.
"""

import math
from dataclasses import dataclass

from volsculpt.contracts.costs import HALF_SPREAD
from volsculpt.errors import MandateError
from volsculpt.units import DAYS_PER_YEAR, number, share_of_price

SHORTEST_DAYS = 7.0  # in less nothing is said a year: fees of a day are no rate
MOST_DAYS = 3_650.0  # ten years: no contract is held longer
WILD_PREMIUM = 0.30  # no premium of a contract that trades
WILD_ANNUAL, LONG_DAYS = 2.0, 30.0  # nor a year, where there are more days than these


@dataclass(frozen=True, slots=True)
class CarryTerms:
    """How a carry is asked for: days held, coins sold, costs of a trade, a rate of money elsewhere.

    half_spread, slippage: fractions of the price; cash_rate: simple, a year. Raises MandateError
    naming what cannot be meant.
    """

    days: float = 90.0
    coins: float = 1.0
    half_spread: float = HALF_SPREAD
    slippage: float = 0.0
    cash_rate: float = 0.0

    def __post_init__(self) -> None:
        for name, most in (("days", MOST_DAYS), ("coins", math.inf)):
            found = number(getattr(self, name))
            if found is None or not 0.0 < found <= most or found == math.inf:
                raise MandateError(
                    f"{name}: {getattr(self, name)!r:.60}: name {name} above 0, like 10"
                )
            object.__setattr__(self, name, found)
        for name in ("half_spread", "slippage"):
            try:
                object.__setattr__(self, name, share_of_price(getattr(self, name)))
            except ValueError as error:
                raise MandateError(f"{name}: {error}") from None
        rate = number(self.cash_rate)
        if rate is None or not 0.0 <= rate < 1.0:
            raise MandateError(
                f"cash_rate: {self.cash_rate!r:.60} is no rate a year from 0 to 1, like 0.04"
            )
        object.__setattr__(self, "cash_rate", rate)


@dataclass(frozen=True, slots=True)
class CarryCosts:
    """Fractions of the value sold: to enter, to leave, what margin would have earned elsewhere."""

    enter: float
    leave: float
    margin: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.enter + self.leave + self.margin


def trade_costs(
    taker: float, delivery: float | None, margin: float, terms: CarryTerms
) -> CarryCosts:
    """What a short costs, fractions of what is sold.

    Worked: taker 0.055 %, half spread 0.01 %, left by a trade: 0.065 % twice.

    Args: taker: fee of a trade; delivery: fee at delivery, None where it is left before by a trade;
    margin: initial, a fraction of what is sold; terms: how it is held.
    """
    trade = taker + terms.half_spread + terms.slippage
    idle = margin * terms.cash_rate * terms.days / DAYS_PER_YEAR
    return CarryCosts(trade, trade if delivery is None else delivery, idle)


def funding_earned(rate: float, days: float) -> float:
    """What a yearly rate brings in some days, a fraction. Worked: 10.95 %, 90 days: 2.7 %."""
    return rate * days / DAYS_PER_YEAR


def is_wild(premium: float, days_left: float) -> bool:
    """Whether a premium is none that a market pays: a stale price, or another thing's.

    Worked: 31 %; or 20 % in 36 days, 203 % a year; but not 3 % in 5 days.
    """
    annual = abs(premium) * DAYS_PER_YEAR / days_left
    return abs(premium) > WILD_PREMIUM or (days_left > LONG_DAYS and annual > WILD_ANNUAL)


def premium_earned(premium: float, days_left: float, held: float) -> float:
    """What of a dated contract's premium a short has earned after some days, a fraction of spot.

    Worked: 2 % and 100 days left: 2 % at delivery, 1 % after 50 days.
    """
    return premium * min(1.0, held / days_left)


def annual(net: float, days: float) -> float | None:
    """A simple rate a year; None of less than a week. Worked: 1 % in 90 days: 4.06 %."""
    return net * DAYS_PER_YEAR / days if days >= SHORTEST_DAYS else None


def days_to_pay(earned_a_day: float, costs: float) -> float | None:
    """Days until what is earned has paid what it costs; None where it never does.

    Worked: 0.12 % of costs, 0.01 % a day: 12.
    """
    if costs <= 0.0:
        return 0.0
    return costs / earned_a_day if earned_a_day > 0.0 else None
