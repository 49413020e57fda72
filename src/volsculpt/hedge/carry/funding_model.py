"""What a perpetual's funding is expected to be over some days: part of the way back to its mean.

    expected = mean + keep · (last - mean)

last is the mean of the 30 days behind, mean that of the long run. Both numbers are fitted by least
squares on the contract's own past: what the next days brought, against what the 30 before them had
been, a day apart, over three years. keep is from 0 (it goes back at once) to 1 (it stays). The last
rate times the payments of a year, which venues show, takes a moment for a year.

Fails where the long run itself moves: two or three markets are all that three years hold, and what
came after the last of them is not among them. The error is what such forecasts were off by there.
"""

from dataclasses import dataclass

import numpy as np

from volsculpt.market.gate import Floats, Stamps
from volsculpt.market.series import FundingRates
from volsculpt.text import days_words
from volsculpt.units import DAY_NS, HOURS_PER_YEAR

BEHIND = 30  # days whose mean stands for now
WINDOW = 3 * 365  # days that it is fitted on
FEWEST = 90  # stretches, a day apart; on fewer nothing is fitted
WHOLE = 0.9  # of the hours of a stretch must have been paid for


@dataclass(frozen=True, slots=True)
class FundingModel:
    """Simple yearly rates, + paid to shorts: the long mean, that of the days behind, what is off.

    keep: what of their distance is expected to last, 0 to 1. stretches: it was fitted on.
    """

    mean: float
    keep: float
    last: float
    error: float
    stretches: int

    @property
    def expected(self) -> float:
        """The mean rate to come. Worked: mean 10 %, keep 0.4, last 30 %: 18 %."""
        return self.mean + self.keep * (self.last - self.mean)


def funding_model(rates: FundingRates, days: float) -> FundingModel | str:
    """The model of a perpetual's funding over some days from its last payment on.

    Where it cannot be fitted, why.
    """
    held = max(1, round(days))
    paid, hours = _by_day(rates)
    begins = np.arange(max(BEHIND, len(paid) - 1 - WINDOW), len(paid) - held)
    before, after = (
        _means(paid, hours, begins - BEHIND, BEHIND),
        _means(paid, hours, begins, held),
    )
    known = np.isfinite(before) & np.isfinite(after)
    if int(known.sum()) < FEWEST:
        return (
            f"{days_words(len(paid) - 1.0)} of its funding are stored, and "
            f"{BEHIND + held + FEWEST - 1} without a gap are needed to say what {held} will bring"
        )
    before, after = before[known], after[known]
    last = float(_means(paid, hours, np.array([len(paid) - 1 - BEHIND]), BEHIND)[0])
    if not np.isfinite(last):
        return f"funding of its last {BEHIND} days is not stored without a gap"
    spread = float(before.var())
    keep = float(np.cov(before, after, bias=True)[0, 1]) / spread if spread > 0.0 else 0.0
    keep = min(1.0, max(0.0, keep))
    start = float(after.mean()) - keep * float(before.mean())
    off = after - start - keep * before
    mean = start / (1.0 - keep) if keep < 1.0 else last
    return FundingModel(mean, keep, last, float(np.sqrt((off**2).mean())), len(off))


def _by_day(rates: FundingRates) -> tuple[Floats, Floats]:
    """Rates and hours added up to the end of each day before the last payment, from 0 on."""
    before = (rates.stamp_ns[-1] - rates.stamp_ns) // DAY_NS
    place = before[0] - before
    added = (np.bincount(place, one) for one in (rates.rate, rates.interval_hours))
    paid, hours = (np.concatenate([[0.0], np.cumsum(one)]) for one in added)
    return paid, hours


def _means(paid: Floats, hours: Floats, begins: Stamps, days: int) -> Floats:
    """The mean yearly rate of stretches of days; NaN where too little of one is there.

    Args: paid, hours: added up by day; begins: their first days; days: how long they are.
    """
    there = hours[begins + days] - hours[begins]
    with np.errstate(invalid="ignore", divide="ignore"):
        means = HOURS_PER_YEAR * (paid[begins + days] - paid[begins]) / there
    return np.where(there >= WHOLE * 24.0 * days, means, np.nan)
