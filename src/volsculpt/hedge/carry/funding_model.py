"""What a perpetual's funding is expected to be over some days: part of the way back to its mean.

    expected = mean + keep · (last - mean)

last is the mean of the 30 days behind, mean that of the long run. Both numbers are fitted by least
squares on the contract's own past: what the next days brought, against what the 30 before them had
been, a day apart, the older the less. A day weighs 1/548.5 less than the day after it, so the mean
age of what is counted is a year and a half, that of three years that all count alike. keep is from
0 (it goes back at once) to 1 (it stays). The last rate times the payments of a year, which venues
show, takes a moment for a year: here it is one payment of 30 days.

A fold over whole days with sums of fixed size: the same in a plan, a backtest and on a desk. Days
are of UTC, from just after midnight to the next, and one without funding is a gap, not a zero.

Fails where the long run itself moves: two or three markets are all that is remembered, and what
came after the last of them is not among them. The error is what such forecasts were off by there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from volsculpt.market.streams import PaidFunding
from volsculpt.text import days_words
from volsculpt.units import DAY_NS, HOURS_PER_YEAR

BEHIND = 30  # days whose mean stands for now
MEAN_AGE = 1.5 * 365  # days, of what is counted
FADE = MEAN_AGE / (MEAN_AGE + 1.0)  # what a day weighs beside the day after it
FEWEST = 90  # stretches, a day apart; on what weighs less nothing is fitted
LEAST_WEIGHT = (1.0 - FADE**FEWEST) / (1.0 - FADE)
WHOLE = 0.9  # of the hours of a stretch must have been paid for
DUST = 1e-9  # of a weight; and of a spread beside the square of what it is of: it never moved


class FundingSums(NamedTuple):
    """Fading sums over stretches: weights, means before and after, their squares and products.

    Means are simple yearly rates.
    """

    weight: float = 0.0
    before: float = 0.0
    after: float = 0.0
    before_2: float = 0.0
    both: float = 0.0
    after_2: float = 0.0


class FundingMemory(NamedTuple):
    """The newest days of a perpetual's funding, oldest first, and the sums over all stretches.

    last_ns: when the newest day ended, ns UTC. paid: rates added up by day, + paid to shorts.
    hours: that were paid for; 0 of a day that is missing.
    """

    last_ns: int
    paid: tuple[float, ...]
    hours: tuple[float, ...]
    sums: FundingSums


@dataclass(frozen=True, slots=True)
class FundingModel:
    """Simple yearly rates, + paid to shorts: the long mean, that of the days behind, what is off.

    keep: what of their distance is expected to last, 0 to 1. weight: of the stretches it was fitted
    on, that of the newest is 1.
    """

    mean: float
    keep: float
    last: float
    error: float
    weight: float

    @property
    def expected(self) -> float:
        """The mean rate to come. Worked: mean 10 %, keep 0.4, last 30 %: 18 %."""
        return self.mean + self.keep * (self.last - self.mean)


def after_day(
    memory: FundingMemory | None, end_ns: int, day: PaidFunding, held: int
) -> FundingMemory:
    """The memory after one more day; days between that are missing count as gaps.

    Args: memory: before, None at first; end_ns: of the day, ns UTC; day: rates and hours added up;
    held: days to be forecast.
    """
    length = BEHIND + held
    if memory is None:
        return FundingMemory(end_ns, (day.rate,), (day.hours,), FundingSums())
    missing = (end_ns - memory.last_ns) // DAY_NS - 1
    paid, hours, sums = memory.paid, memory.hours, memory.sums
    if missing > length:  # no stretch is whole then: what is counted only fades
        sums = FundingSums(*(one * FADE ** (missing - length) for one in sums))
    for one in (*[PaidFunding(0.0, 0.0)] * min(missing, length), day):
        paid, hours = (*paid, one.rate)[-length:], (*hours, one.hours)[-length:]
        sums = _counted(sums, paid, hours, held)
    return FundingMemory(end_ns, paid, hours, sums)


def _counted(
    sums: FundingSums, paid: Sequence[float], hours: Sequence[float], held: int
) -> FundingSums:
    """The sums with the stretch that the newest day ends, where both its parts are whole.

    Args: sums: before; paid, hours: of days, the newest last; held: days of the second part.
    """
    faded = FundingSums(*(FADE * one for one in sums))
    if len(paid) < BEHIND + held:
        return faded
    before = mean_of(paid[:BEHIND], hours[:BEHIND], BEHIND)
    after = mean_of(paid[BEHIND:], hours[BEHIND:], held)
    if before is None or after is None:
        return faded
    own = (1.0, before, after, before * before, before * after, after * after)
    return FundingSums(*(one + more for one, more in zip(faded, own, strict=True)))


def mean_of(paid: Sequence[float], hours: Sequence[float], days: int) -> float | None:
    """The mean of some days, a simple yearly rate; None where too little of them is there.

    Worked: 0.0003 on each of 30 days of 24 hours: 10.95 %.
    """
    there = math.fsum(hours)
    if there < WHOLE * 24.0 * days:
        return None
    return HOURS_PER_YEAR * math.fsum(paid) / there


def last_mean(memory: FundingMemory, now_ns: int) -> float | None:
    """The mean of the 30 days before the last midnight, a simple yearly rate; None with gaps."""
    behind = BEHIND - (now_ns - memory.last_ns) // DAY_NS
    if behind <= 0:
        return None
    return mean_of(memory.paid[-behind:], memory.hours[-behind:], BEHIND)


def model_of(memory: FundingMemory | None, now_ns: int) -> FundingModel | None:
    """The model of what follows a moment; None where there is too little for one.

    now_ns: ns UTC, at or after the newest day's end.
    """
    if memory is None or memory.sums.weight < LEAST_WEIGHT * (1.0 - DUST):
        return None
    last = last_mean(memory, now_ns)
    if last is None:
        return None
    sums = memory.sums
    before, after, before_2, both, after_2 = (one / sums.weight for one in sums[1:])
    spread = before_2 - before * before
    moved = spread > DUST * before_2
    keep = min(1.0, max(0.0, (both - before * after) / spread)) if moved else 0.0
    start = after - keep * before if keep < 1.0 else 0.0
    off = after_2 - 2.0 * (start * after + keep * both) + start * start
    off += keep * (keep * before_2 + 2.0 * start * before)
    mean = start / (1.0 - keep) if keep < 1.0 else last
    return FundingModel(mean, keep, last, math.sqrt(max(0.0, off)), sums.weight)


def why_unknown(memory: FundingMemory | None, now_ns: int, held: int) -> str:
    """Why nothing is expected of a perpetual's funding, in words.

    Args: memory: of its days, None: none is known; now_ns: ns UTC; held: days to be forecast.
    """
    if memory is None:
        return "none of its funding is known"
    if last_mean(memory, now_ns) is None:
        old = (now_ns - memory.last_ns) / DAY_NS
        age = f"; its newest is {days_words(old)} old" if old >= 1.0 else ""
        return f"funding of its last {BEHIND} days is not known without a gap{age}"
    return (
        f"too little of its funding is known: {BEHIND + held + FEWEST - 1} days without a gap are "
        f"needed to say what {held} will bring"
    )
