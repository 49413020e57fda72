"""Volatility that was: of the whole bars of a window, by six estimators.

Variance of one bar, H, L, O, C its high, low, open and close, C' the close before:

    close            ln(C/C')², over the bars between the two
    intraday         Σ ln(c/c')² of the stored bars inside the bar
    parkinson        ln(H/L)² / (4·ln 2)
    garman-klass     ½·ln(H/L)² - (2·ln 2 - 1)·ln(C/O)²
    rogers-satchell  ln(H/C)·ln(H/O) + ln(L/C)·ln(L/O)
    yang-zhang       var(ln O/C') + k·var(ln C/O) + (1 - k)·mean rogers-satchell,
                     k = 0.34 / (1.34 + (n + 1)/(n - 1))

The figure is the root of their mean over a year of 365 days. Those of ranges need far fewer bars
for the same error and assume that prices are seen all the time: a high between two observations is
missed, so they come out low. parkinson and garman-klass take the drift as 0; a price that jumps
between close and open is seen by close and yang-zhang alone. Sources: Andersen, Bollerslev, Diebold
and Labys, Econometrica 71(2), 2003, 579-625 (intraday); Parkinson, Journal of Business 53(1), 1980,
61-65; Garman and Klass, Journal of Business 53(1), 1980, 67-78; Rogers and Satchell, Annals of
Applied Probability 1(4), 1991, 504-512; Yang and Zhang, Journal of Business 73(3), 2000, 477-491.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from volsculpt.errors import PolicyError
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.window import Windowed, WindowMemory
from volsculpt.market.streams import Stream, WholeBar
from volsculpt.text import duration
from volsculpt.units import DAY_NS, YEAR_NS

BarPair = tuple[WholeBar, WholeBar, int]  # a bar, the one before, how many bars later it ends


def parkinson(high: float, low: float) -> float:
    """Variance of a bar from its range. Worked: 51,500 and 49,200 -> 0.000752874."""
    return math.log(high / low) ** 2 / (4.0 * math.log(2.0))


def garman_klass(bar: WholeBar) -> float:
    """Variance of a bar from all four prices.

    Worked: 50,000, 51,500, 49,200, 50,900 -> 0.000920762.
    """
    inside = math.log(bar.close_usd / bar.open_usd) ** 2
    reach = math.log(bar.high_usd / bar.low_usd) ** 2
    return 0.5 * reach - (2.0 * math.log(2.0) - 1.0) * inside


def rogers_satchell(bar: WholeBar) -> float:
    """Variance of a bar from all four prices, whatever its drift.

    Worked: 50,000, 51,500, 49,200, 50,900 -> 0.0008943.
    """
    high, low = bar.high_usd, bar.low_usd
    above = math.log(high / bar.close_usd) * math.log(high / bar.open_usd)
    return above + math.log(low / bar.close_usd) * math.log(low / bar.open_usd)


def yang_zhang(pairs: Sequence[BarPair]) -> float | None:
    """Variance of a bar from bars that follow one another; None from fewer than two.

    Worked: bars 100, 110, 95, 105 and 106, 112, 100, 108 after a close of 100: var of ln(1) and
    ln(106/105) 0.00004492, of ln(105/100) and ln(108/106) 0.00045295, Rogers-Satchell 0.00802714;
    k = 0.34/4.34, so 0.00747869.
    """
    next_to = [(bar, before) for bar, before, bars in pairs if bars == 1]
    count = len(next_to)
    if count < 2:
        return None
    k = 0.34 / (1.34 + (count + 1) / (count - 1))
    jumps = variance([math.log(bar.open_usd / before.close_usd) for bar, before in next_to])
    moves = variance([math.log(bar.close_usd / bar.open_usd) for bar, _ in next_to])
    return jumps + k * moves + (1.0 - k) * mean([rogers_satchell(bar) for bar, _ in next_to])


def mean(figures: Sequence[float]) -> float:
    """The mean. Worked: 1, 3 -> 2."""
    return sum(figures) / len(figures)


def variance(figures: Sequence[float]) -> float:
    """The variance of a sample, over n - 1. Worked: 1, 3 -> 2."""
    middle = mean(figures)
    return sum((one - middle) ** 2 for one in figures) / (len(figures) - 1)


ESTIMATORS: dict[str, Callable[[Sequence[BarPair]], float | None]] = {
    "close": lambda pairs: mean([_moved(bar, before) / bars for bar, before, bars in pairs]),
    "intraday": lambda pairs: mean([bar.squares for bar, _, _ in pairs]),
    "parkinson": lambda pairs: mean([parkinson(bar.high_usd, bar.low_usd) for bar, _, _ in pairs]),
    "garman-klass": lambda pairs: mean([garman_klass(bar) for bar, _, _ in pairs]),
    "rogers-satchell": lambda pairs: mean([rogers_satchell(bar) for bar, _, _ in pairs]),
    "yang-zhang": yang_zhang,
}


BARS = {"yang-zhang": 2}  # that an estimator takes at least; of the others one is enough


def _moved(bar: WholeBar, before: WholeBar) -> float:
    """The squared log return from close to close."""
    return math.log(bar.close_usd / before.close_usd) ** 2


@dataclass(frozen=True, slots=True)
class RealisedVolatility(Windowed):
    """Volatility of a window, a ratio a year of 365 days, from whole bars of every_ns.

    estimator: one of `ESTIMATORS`; PolicyError for another. At least half of the window's bars
    must be there.
    """

    NAME: ClassVar[str] = "realised-volatility"
    MEANING: ClassVar[str] = "volatility of the window, a year, from whole bars"

    estimator: str = "close"
    window_ns: int = 30 * DAY_NS
    every_ns: int = DAY_NS

    def __post_init__(self) -> None:
        if self.estimator not in ESTIMATORS:
            raise PolicyError(
                f"estimator = {self.estimator!r}: there is none of this name; write one of "
                f"{', '.join(ESTIMATORS)}"
            )
        least = BARS.get(self.estimator, 1)
        if self.window_ns < least * self.every_ns:
            raise PolicyError(
                f"window = {duration(self.window_ns)} is too short for {self.estimator}: it takes "
                f"{least} bars that follow one another; give {duration(least * self.every_ns)} or "
                f"more"
            )

    def stream(self, coin: str) -> Stream:
        """Whole bars of the index."""
        return Stream("bars", coin, self.every_ns)

    def found(self, memory: WindowMemory) -> float | None:
        """The volatility; None where bars are missing, or no price moved."""
        ends, bars = memory.known_ns, memory.figures
        pairs = [
            (bars[row], bars[row - 1], (ends[row] - ends[row - 1]) // self.every_ns)
            for row in range(1, len(bars))
        ]
        if 2 * len(pairs) * self.every_ns < self.window_ns:
            return None
        found = ESTIMATORS[self.estimator](pairs)
        return math.sqrt(found * YEAR_NS / self.every_ns) if found and found > 0.0 else None

    def words(self) -> str:
        """Worked: "close, 30 days"."""
        return f"{self.estimator}, {duration(self.window_ns)}"

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """Every estimator over a month."""
        return tuple(cls(name) for name in ESTIMATORS)

    def memory_of(self, stored: Mapping[str, Any]) -> WindowMemory:
        """A memory again."""
        figures = (WholeBar(*one) for one in stored["figures"])
        return WindowMemory(tuple(stored["known_ns"]), tuple(figures))
