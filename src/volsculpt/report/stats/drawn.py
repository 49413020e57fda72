"""Histories drawn from the same days, many at once: how often each day came tells almost all.

Sums do not ask in which order days came, so means, deviations and tails of all histories are one
product of a table of counts with a column of the days. Only falls need the path itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from volsculpt.report.stats.arrays import Floats, Ints
from volsculpt.report.stats.metrics import NO_RISK, Sample, tail_days


@dataclass(frozen=True)
class Days:
    """One book's real days, checked by `Sample`, and what is worked out of them once.

    by_loss: places of the days, the worst first.
    """

    real: Sample

    @cached_property
    def logs(self) -> Floats:
        """Logarithm of growth, by day."""
        return np.asarray(np.log1p(self.real.returns))

    @cached_property
    def by_loss(self) -> Ints:
        """Places of the days, the worst first."""
        return np.argsort(self.real.returns, kind="stable")


@dataclass(frozen=True)
class Drawn(Sample):
    """Histories as a `Sample` of them would be, to rounding; every figure has one for each.

    returns: the real days; taken: the day at each place of each history, (draws, days); counts:
    how often each day was drawn.
    """

    book: Days
    taken: Ints
    counts: Floats

    def __post_init__(self) -> None:
        """The real days were checked when they became a sample."""

    @cached_property
    def mean(self) -> Floats:
        """Mean daily return."""
        return np.asarray(self.counts @ self.returns / self.days)

    @cached_property
    def deviation(self) -> Floats:
        """Standard deviation of daily returns, n - 1 below the line."""
        off = self.returns - self.returns.mean()
        squares = self.counts @ (off * off) - (self.counts @ off) ** 2 / self.days
        found = np.sqrt(np.maximum(squares, 0.0) / (self.days - 1))
        return np.where(found < NO_RISK, 0.0, found)

    @cached_property
    def downside(self) -> Floats:
        """Root of the mean of squared losses, over all days."""
        losses = np.minimum(self.returns, 0.0)
        found = np.sqrt(self.counts @ (losses * losses) / self.days)
        return np.where(found < NO_RISK, 0.0, found)

    @cached_property
    def log_path(self) -> Floats:
        """Logarithm of what 1 became, at the end of each day."""
        path = self.book.logs.take(self.taken)
        return np.cumsum(path, axis=-1, out=path)

    @cached_property
    def log_growth(self) -> Floats:
        """Logarithm of what 1 became at the end."""
        return np.asarray(self.counts @ self.book.logs)

    @cached_property
    def worst(self) -> Floats:
        """Mean of the worst twentieth of days: days from the worst on, until there are enough.

        So many of the worst real days hold the tail of nearly every history; else all are taken.
        """
        tail, whole = tail_days(self.days)
        for most in (4 * whole + 40, self.days):
            order = self.book.by_loss[:most]
            reached = np.cumsum(self.counts[:, order], axis=-1)
            if np.all(reached[:, -1] >= tail):
                break
        np.minimum(reached, tail, out=reached)
        worst = self.returns[order]  # Σ r·(reached - reached before), summed by parts
        falls = reached[:, :-1] @ (worst[:-1] - worst[1:]) + reached[:, -1] * worst[-1]
        return np.asarray(falls / tail)


def drawn(books: Mapping[str, Days], taken: Ints) -> dict[str, Sample]:
    """The same drawn days in every book."""
    draws, days = taken.shape
    flat = taken + np.arange(0, draws * days, days)[:, None]
    counts = np.bincount(flat.ravel(), minlength=draws * days).reshape(draws, days).astype(float)
    return {
        name: Drawn(book.real.returns, book.real.years, book, taken, counts)
        for name, book in books.items()
    }
