"""A forecast of volatility from that of a day, a week and a month: the HAR model.

    forecast variance of the next day = b0 + b1·V_1 + b7·V_7 + b30·V_30

V_n is the mean realised variance of the last n whole days (the sum of squared returns inside
each), a year. Weights are stated, or found by least squares over all days before, which is folded
as recursive least squares: with x = (1, V_1, V_7, V_30), V the next day's variance and P begun at
10^6·I,

    g = P·x / (1 + x'·P·x),   b = b + g·(V - x'·b),   P = P - g·(P·x)'

which is ordinary least squares with a penalty of 10^-6·|b|². The forecast is held to the least and
most variance of a day seen so far, so that an odd weight cannot make it negative (the "insanity
filter" of Swanson and White, International Journal of Forecasting 13(4), 1997, 439-461). Days of a
week and a month are 7 and 30, as coins trade every day; Corsi's are 5 and 22. It fails where the
past of the fit is of another kind than what comes: after a quiet year it takes a storm for a
passing one. Sources: Corsi, "A Simple Approximate Long-Memory Model of Realized Volatility",
Journal of Financial Econometrics 7(2), 2009, 174-196; recursion: Ljung, "System Identification"
(2nd ed., 1999), section 11.2.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from volsculpt.hedge.feature import EVER_NS, Feature
from volsculpt.hedge.window import GAP, fed_words
from volsculpt.market.streams import Stream, WholeBar
from volsculpt.units import DAY_NS, YEAR_NS

DAYS = (1, 7, 30)
FEWEST = 90  # days fitted: with fewer, four weights say more of the sample than of the market
BEGUN = 1e6
Weights = tuple[float, float, float, float]


class HarMemory(NamedTuple):
    """Variances of the newest days, and what has been fitted.

    variances: a year, of up to thirty whole days, the newest last. weights, spread: b, and the rows
    of P. fitted: days. least, most: variance of a day.
    """

    variances: tuple[float, ...]
    last_ns: int
    weights: Weights
    spread: tuple[Weights, ...]
    fitted: int
    least: float
    most: float


NOTHING_FITTED = HarMemory(
    (),
    0,
    (0.0, 0.0, 0.0, 0.0),
    tuple(
        (BEGUN * (row == 0), BEGUN * (row == 1), BEGUN * (row == 2), BEGUN * (row == 3))
        for row in range(4)
    ),
    0,
    math.inf,
    0.0,
)


def har_terms(variances: tuple[float, ...]) -> Weights:
    """1 and the means of the last 1, 7 and 30. Worked: 29 times 1, then 31: 1, 31, 5.286, 2."""
    day, week, month = (sum(variances[-days:]) / days for days in DAYS)
    return 1.0, day, week, month


def dot(one: Weights, other: Weights) -> float:
    """Sum of products. Worked: (1, 2, 3, 4) and (1, 1, 1, 1) -> 10."""
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2] + one[3] * other[3]


def refitted(
    weights: Weights, spread: tuple[Weights, ...], terms: Weights, observed: float
) -> tuple[Weights, tuple[Weights, ...]]:
    """One step of recursive least squares: b and P after a day.

    Worked: from nothing, terms (1, 0, 0, 0), observed 2: b0 = 2·10^6/(10^6 + 1) = 1.999998.

    Args: weights, spread: b and the rows of P before; terms: x; observed: what they
    should have said.
    """
    b, rows = weights, spread
    reach = (dot(rows[0], terms), dot(rows[1], terms), dot(rows[2], terms), dot(rows[3], terms))
    miss, share = observed - dot(b, terms), 1.0 + dot(reach, terms)
    u0, u1, u2, u3 = reach
    gains = (u0 / share, u1 / share, u2 / share, u3 / share)
    after = (
        b[0] + gains[0] * miss,
        b[1] + gains[1] * miss,
        b[2] + gains[2] * miss,
        b[3] + gains[3] * miss,
    )
    left = tuple(
        (p0 - g * u0, p1 - g * u1, p2 - g * u2, p3 - g * u3)
        for g, (p0, p1, p2, p3) in zip(gains, rows, strict=True)
    )
    return after, left


@dataclass(frozen=True, slots=True)
class HarVolatility(Feature):
    """The HAR forecast of volatility, a ratio a year of 365 days.

    weights: stated, (b0, b1, b7, b30), of variances a year; None: least squares over all days
    before.
    """

    NAME: ClassVar[str] = "har-volatility"
    MEMORY: ClassVar[type] = HarMemory
    MEANING: ClassVar[str] = "forecast of volatility, a year, from the last day, week and month"

    weights: Weights | None = None

    @property
    def look_back_ns(self) -> int:
        """All there is, so that every mode fits, and holds a forecast to, the same days."""
        return EVER_NS

    def stream(self, coin: str) -> Stream:
        """Whole days of the index."""
        return Stream("bars", coin, DAY_NS)

    def step(self, memory: HarMemory | None, time_ns: int, observed: WholeBar) -> HarMemory:
        """Fold one day. After a long gap the month begins anew; what was fitted stays."""
        held = memory or NOTHING_FITTED
        fresh = observed.squares * YEAR_NS / DAY_NS
        days = held.variances if time_ns - held.last_ns <= GAP * DAY_NS else ()
        weights, spread, fitted = held.weights, held.spread, held.fitted
        if len(days) == DAYS[-1] and self.weights is None:
            weights, spread = refitted(weights, spread, har_terms(days), fresh)
            fitted += 1
        newest = (*days, fresh)[-DAYS[-1] :]
        least, most = min(held.least, fresh), max(held.most, fresh)
        return HarMemory(newest, time_ns, weights, spread, fitted, least, most)

    def value(self, memory: HarMemory, now_ns: int) -> float | None:
        """The forecast; None before thirty days and ninety fitted, or when they are old.

        A month in which no price moved tells of no volatility either.
        """
        is_fitted = self.weights is not None or memory.fitted >= FEWEST
        is_fresh = now_ns - memory.last_ns <= GAP * DAY_NS
        if not (
            is_fitted and is_fresh and len(memory.variances) == DAYS[-1] and any(memory.variances)
        ):
            return None
        forecast = dot(self.weights or memory.weights, har_terms(memory.variances))
        return math.sqrt(min(memory.most, max(memory.least, forecast))) or None

    @property
    def holds_ns(self) -> int:
        """Ten days."""
        return GAP * DAY_NS

    def newest_ns(self, memory: HarMemory) -> int:
        """That of the last whole day."""
        return memory.last_ns

    def lacking(self, coin: str, memory: HarMemory | None, now_ns: int) -> str:
        """Why there is no forecast, in words, with the fix."""
        age = now_ns - memory.last_ns if memory is not None else None
        spanned = len(memory.variances) + memory.fitted if memory is not None else 0
        needed = DAYS[-1] if self.weights is not None else DAYS[-1] + FEWEST
        what = self.stream(coin).words
        return fed_words(what, age, GAP * DAY_NS, spanned * DAY_NS, needed * DAY_NS)

    def words(self) -> str:
        """Worked: "fitted to all days before"."""
        if self.weights is None:
            return "fitted to all days before"
        return f"weights {', '.join(f'{one:g}' for one in self.weights)}"

    def plain(self, memory: HarMemory) -> dict[str, Any]:
        """By name; no least where no day was seen."""
        least = None if memory.least == math.inf else memory.least
        return dict(memory._asdict()) | {"least": least}

    def memory_of(self, stored: Mapping[str, Any]) -> HarMemory:
        """A memory again."""
        b0, b1, b7, b30 = stored["weights"]
        spread = tuple((p0, p1, p2, p3) for p0, p1, p2, p3 in stored["spread"])
        rest = stored["fitted"], stored["least"], stored["most"]
        days = tuple(stored["variances"])
        return HarMemory(days, stored["last_ns"], (b0, b1, b7, b30), spread, *rest)
