"""What the picture of a data check draws, worked out once for both back-ends.

A panel a series: a line with breaks, spans where data is missing or stands still, points
where it jumps. Long series are thinned to the lowest and highest price of each stretch, so
that no spike is lost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from volsculpt.market.gate import Floats, Stamps
from volsculpt.market.quality import Check, Checked
from volsculpt.market.series import Bars, FundingRates, Series

MOST_PANELS = 8
MOST_POINTS = 4000  # of a line
NARROWEST = 300  # a span is at least this share of the picture wide, so that it is seen
POINTS: tuple[Check, ...] = ("jump", "spike")
# check -> (words, colour)
LOOKS: dict[Check, tuple[str, str]] = {
    "gap": ("gap", "#c0392b"),
    "missing": ("funding missing", "#c0392b"),
    "jump": ("jump", "#8e44ad"),
    "spike": ("spike", "#d6249f"),
    "stale": ("stale", "#c77700"),
    "no_volume": ("no volume", "#8a94a0"),
    "divergence": ("far from index", "#168a7a"),
    "interval": ("interval changes", "#2c3e50"),
    "percent": ("percent?", "#b8a000"),
}


@dataclass(frozen=True, slots=True)
class Panel:
    """One series: a line (None breaks it), and what was found on it."""

    title: str
    unit: str
    times: list[datetime]
    values: list[float | None]
    spans: dict[Check, list[tuple[datetime, datetime]]]
    points: dict[Check, tuple[list[datetime], list[float]]]
    log: bool


def panel_of(checked: Checked, series: Series) -> Panel:
    """The panel of a checked series."""
    stamps, values = line_of(series)
    order, thinned = thin(stamps, values)
    breaks = [one.from_ns for one in checked.findings if one.check in ("gap", "missing")]
    times, drawn = broken(order, thinned, breaks)
    funding = isinstance(series, FundingRates)
    least = (series.end_ns - int(series.stamps[0])) // NARROWEST
    found = dict.fromkeys(one.check for one in checked.findings)
    return Panel(
        checked.name,
        "rate, %" if funding else f"price, {series.label.quote}",
        [moment(one) for one in times],
        drawn,
        {check: spans(checked, check, least) for check in found if check not in POINTS},
        {check: at_points(checked, check, stamps, values) for check in found if check in POINTS},
        not funding and float(values.max()) > 4.0 * float(values.min()),
    )


def fullest(found: Sequence[Checked], panels: Sequence[Panel]) -> list[Panel]:
    """As many panels as a picture holds, those with the most findings, in their order."""
    order = sorted(range(len(panels)), key=lambda row: -len(found[row].findings))
    return [panels[row] for row in sorted(order[:MOST_PANELS])]


def line_of(series: Series) -> tuple[Stamps, Floats]:
    """When each figure was known, and the figure: a close, a price, or a rate in percent."""
    if isinstance(series, Bars):
        return series.known_ns, series.close
    if isinstance(series, FundingRates):
        return series.stamp_ns, 100.0 * series.rate
    return series.stamp_ns, series.price


def thin(stamps: Stamps, values: Floats) -> tuple[Stamps, Floats]:
    """The lowest and the highest of each stretch, in order of time."""
    if len(values) <= MOST_POINTS:
        return stamps, values
    edges = np.linspace(0, len(values), MOST_POINTS // 2 + 1).astype(np.int64)
    kept = {0, len(values) - 1}
    for first, after in pairwise(edges):
        part = values[first:after]
        kept |= {int(first + np.argmin(part)), int(first + np.argmax(part))}
    rows = np.array(sorted(kept))
    return stamps[rows], values[rows]


def broken(
    stamps: Stamps, values: Floats, breaks: Iterable[int]
) -> tuple[list[int], list[float | None]]:
    """The line with an empty point where each gap begins."""
    points: list[tuple[int, int, float | None]] = [
        (int(stamp), 0, float(value)) for stamp, value in zip(stamps, values, strict=True)
    ]
    points += [(start, 1, None) for start in breaks]
    points.sort(key=lambda one: one[:2])
    return [stamp for stamp, _, _ in points], [value for _, _, value in points]


def spans(checked: Checked, check: Check, least_ns: int) -> list[tuple[datetime, datetime]]:
    """The findings of a check as spans wide enough to be seen; what overlaps is one."""
    joined: list[list[int]] = []
    for one in sorted(checked.findings, key=lambda one: one.from_ns):
        if one.check != check:
            continue
        end = max(one.to_ns, one.from_ns + least_ns)
        if joined and one.from_ns <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([one.from_ns, end])
    return [(moment(start), moment(end)) for start, end in joined]


def at_points(
    checked: Checked, check: Check, stamps: Stamps, values: Floats
) -> tuple[list[datetime], list[float]]:
    """Where on the line the findings of a check lie."""
    known = [one.to_ns for one in checked.findings if one.check == check]
    rows = np.searchsorted(stamps, known, side="right") - 1
    return [moment(int(stamps[row])) for row in rows], [float(values[row]) for row in rows]


def moment(time_ns: int) -> datetime:
    """A time as the libraries that draw know it."""
    return datetime.fromtimestamp(time_ns / 1e9, UTC)


def checks_of(panels: Iterable[Panel]) -> list[Check]:
    """Every check with something to draw, in the order of the legend."""
    found = {check for panel in panels for check in (*panel.spans, *panel.points)}
    return [check for check in LOOKS if check in found]
