"""How long blocks of days must be, so that a resampled path forgets no more than the real one.

Politis and White, "Automatic Block-Length Selection for the Dependent Bootstrap", Econometric
Reviews 23(1), 2004, 53-70, with the correction by Patton, Politis and White, Econometric Reviews
28(4), 2009, 372-375 (D = 2·g², not the expression of 2004).

    b = (2 G² / D)^(1/3) · n^(1/3)
    G = Σ λ(k/M) |k| R(k),  g = Σ λ(k/M) R(k),  D = 2 g²,  over |k| <= M
    R(k) autocovariance; λ(x) = 1 up to |x| = 1/2, then 2(1 - |x|), 0 beyond 1

M is twice the first lag from which `RUN` autocorrelations in a row are small: below
2·√(log10(n) / n). As in the authors' own programs, that lag is the first of the run itself.
"""

import numpy as np

from volsculpt.report.stats.arrays import Floats

RUN = 5
SMALL = 2.0


def block_length(returns: Floats) -> float:
    """Mean block length for the stationary bootstrap of the mean, in days: 1 or more.

    1 is no dependence; at most min(3·√n, n/3). Fewer than 10 days, or no variation, give 1. The
    figure is for the mean; for volatility and tails give the squares too (`shared_block_length`).
    """
    n = returns.size
    off = returns - returns.mean()
    if n < 2 * RUN or not float(off @ off) > 1e-24 * n:
        return 1.0
    most = int(np.ceil(np.sqrt(n))) + RUN
    covariance = np.array([off[k:] @ off[: n - k] for k in range(most + 1)]) / n
    width = min(2 * _first_small(np.abs(covariance / covariance[0]), n, most), most)
    lags = np.arange(1, width + 1)
    weight = np.minimum(1.0, 2.0 * (1.0 - lags / width)) * covariance[1 : width + 1]
    long_run = covariance[0] + 2.0 * weight.sum()
    if not long_run > 0.0:
        return 1.0
    slope = 2.0 * float(lags @ weight)
    found = float(np.cbrt((slope / long_run) ** 2 * n))
    most_days = float(np.ceil(min(3.0 * np.sqrt(n), n / 3.0)))
    return min(max(found, 1.0), most_days)


def _first_small(correlation: Floats, n: int, most: int) -> int:
    """The first lag of the first run of small autocorrelations; `most` / 2 rounded up if none."""
    small = correlation[1:] < SMALL * np.sqrt(np.log10(n) / n)
    runs = np.convolve(small, np.ones(RUN), mode="valid") > RUN - 0.5
    return int(np.argmax(runs)) + 1 if runs.any() else (most + 1) // 2


def shared_block_length(books: list[Floats]) -> float:
    """One length for several books: the longest that any needs, for its returns or their squares.

    The squares count because volatility comes in clusters that returns themselves do not show.
    """
    squares = [(returns - returns.mean()) ** 2 for returns in books]
    return max(map(block_length, [*books, *squares]))
