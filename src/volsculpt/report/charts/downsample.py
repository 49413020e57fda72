"""Fewer points on a line, with every peak and trough kept; never for statistics.

A line of 40,000 points on a screen of 1,000 pixels needs two a pixel: the lowest and highest. The
picture is the same. Source: Jugel, Jerzak, Hackenbroich and Markl, "M4: A Visualization-Oriented
Time Series Data Aggregation", PVLDB 7(10), 2014, 797-808 (first and last of a pixel left out).
"""

import numpy as np

from volsculpt.report.stats.returns import Floats, Ints

MOST_POINTS = 1_200


def downsample(figures: Floats, most: int = MOST_POINTS) -> Ints:
    """Places of the points to keep, increasing: all when there are at most `most`.

    Else the lowest and highest of each of most/2 equal stretches, the first and the last point,
    and one NaN of every stretch that has any, so that a gap in a line stays a gap.
    """
    n, stretches = figures.size, most // 2
    if n <= most:
        return np.arange(n)
    width = -(-n // stretches)
    padded = np.full(-(-n // width) * width, np.nan)
    padded[:n] = figures
    table = padded.reshape(-1, width)
    missing = np.isnan(table)
    lowest = np.where(missing, np.inf, table).argmin(axis=1)
    highest = np.where(missing, -np.inf, table).argmax(axis=1)
    gaps = np.flatnonzero(missing.any(axis=1))
    begin = np.arange(table.shape[0]) * width
    found = np.concatenate(
        [begin + lowest, begin + highest, begin[gaps] + missing[gaps].argmax(axis=1), [0, n - 1]]
    )
    return np.unique(found[found < n])
