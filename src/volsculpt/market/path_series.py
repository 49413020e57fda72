"""Made-up paths of prices at every hour, as the bars and rates that a history keeps."""

from typing import NamedTuple

import numpy as np

from volsculpt.market.gate import Floats, Stamps
from volsculpt.market.paths import pulled_back, smooth
from volsculpt.market.series import Bars, Label
from volsculpt.units import HOUR_NS, HOURS_PER_YEAR

FUNDING_CAP = 0.00375  # of a rate for 8 hours
MOST_PREMIUM = 0.02


class PricePath(NamedTuple):
    """A price at the hours, and the high and low of each hour between them."""

    path: Floats
    high: Floats
    low: Floats

    def times(self, over: Floats) -> "PricePath":
        """What costs so many times as much at each hour."""
        high = self.high * np.maximum(over[:-1], over[1:])
        low = self.low * np.minimum(over[:-1], over[1:])
        return PricePath(self.path * over, high, low)

    def between(self, first: int, last: int) -> "PricePath":
        """From one hour to another, both included."""
        rows = slice(first, last)
        return PricePath(self.path[first : last + 1], self.high[rows], self.low[rows])


def bars_along(label: Label, open_ns: Stamps, prices: PricePath) -> Bars:
    """Hourly bars along a path; highs and lows reach both ends.

    Args: label: what they are of; open_ns: of each bar; prices: one more than there are bars.
    """
    opens, closes = prices.path[:-1], prices.path[1:]
    return Bars(
        label,
        HOUR_NS,
        open_ns,
        opens,
        np.maximum(prices.high, np.maximum(opens, closes)),
        np.minimum(prices.low, np.minimum(opens, closes)),
        closes,
    )


def premium_after(random: np.random.Generator, moved: Floats, mean: float) -> Floats:
    """Perpetual over index at every hour: momentum of three days, and noise that returns to 0.

    Args: random: seeded by the caller; moved: log return of each hour, a column a coin; mean: what
    the premium is beside both.
    """
    momentum = smooth(np.concatenate([moved[:1] * 0.0, moved]), 1.0 / 72.0)
    noise = pulled_back(0.00008 * random.standard_normal(momentum.shape), 0.9)
    premium: Floats = np.clip(mean + 0.6 * momentum + noise, -MOST_PREMIUM, MOST_PREMIUM)
    return premium


def carry_after(moved: Floats, mean: float) -> Floats:
    """Yearly basis of dated contracts at every hour: its mean, and momentum of a month.

    Args: moved: log return of each hour, a column a coin; mean: 0.06 is 6 % a year.
    """
    momentum = smooth(np.concatenate([moved[:1] * 0.0, moved]), 1.0 / 720.0)
    carry: Floats = np.clip(mean + 0.10 * HOURS_PER_YEAR / 8.0 * momentum, -0.15, 0.45)
    return carry


def wobbling_dollar(random: np.random.Generator, hours: int) -> Floats:
    """A dollar that wobbles by a few basis points and is now and then shaken for a day."""
    shocks = 0.0001 * random.standard_normal(hours + 1)
    shaken = random.random(hours + 1) < 4.0 / HOURS_PER_YEAR
    shocks -= np.where(shaken, random.uniform(0.003, 0.02, hours + 1), 0.0)
    wobble = pulled_back(shocks, 0.95)
    return np.clip(1.0 + wobble, 0.9, 1.02)


def paid_hours(start_ns: int, hours: int, every: int) -> tuple[Stamps, Stamps]:
    """(rows of hours, their stamps) at which a venue pays that does so at whole hours of the day.

    The first is the one that has all its hours before it.

    Args: start_ns: of row 0, ns UTC; hours: how many there are; every: hours between two.
    """
    clock = start_ns // HOUR_NS + np.arange(hours + 1)
    rows = np.flatnonzero(clock % every == 0)
    rows = rows[rows >= every]
    return rows, rows * HOUR_NS + start_ns


def mean_before(values: Floats, rows: Stamps, hours: int) -> Floats:
    """The mean of so many hours before each row."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    mean: Floats = (sums[rows] - sums[rows - hours]) / float(hours)
    return mean
