"""The chart of a data check: a panel a series, and what was found on it.

Spans where data is missing or stands still, points where it jumps.
"""

from collections.abc import Sequence

import numpy as np

from volsculpt.market.quality import Checked, QualityCheck
from volsculpt.market.series import Bars, FundingRates, Series, Values
from volsculpt.report.charts.chart import BLUE, Chart, Panel, Shade, Trace, foremost
from volsculpt.report.document import clean
from volsculpt.report.stats.returns import Floats, Ints

MOST_SERIES = 8
NARROWEST = 300  # a span is at least this share of the chart wide, so that it is seen
WILD = 4.0  # highest over lowest, from which on the axis is logarithmic
BOUNDED = ("percent", "index")  # units whose axis is never logarithmic
POINTS: tuple[QualityCheck, ...] = ("jump", "spike")
# check -> (words, colour)
FINDINGS: dict[QualityCheck, tuple[str, str]] = {
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


def history_chart(panels: Sequence[Panel]) -> Chart:
    """Checked series below each other."""
    return Chart("history", "Where", "", list(panels), inches=2.6, together=False)


def panel_of(checked: Checked, series: Series) -> Panel:
    """The panel of a checked series."""
    available_ns, values = line_of(series)
    breaks = [one.from_ns for one in checked.findings if one.check in ("gap", "missing")]
    least = (series.end_ns - int(series.stamps[0])) // NARROWEST
    found = dict.fromkeys(one.check for one in checked.findings)
    traces = [
        Trace(checked.name, "line", BLUE, *broken(available_ns, values, breaks), in_legend=False)
    ]
    for check in found:
        if check in POINTS:
            words, color = FINDINGS[check]
            traces.append(
                Trace(words, "dot", color, *at_points(checked, check, available_ns, values))
            )
    shades = [
        Shade(*FINDINGS[check], spans(checked, check, least))
        for check in FINDINGS
        if check in found and check not in POINTS
    ]
    title = clean(checked.name)
    if isinstance(series, FundingRates):
        return Panel(title, "percent", "rate, %", traces, shades=tuple(shades))
    log = float(values.max()) > WILD * float(values.min()) > 0.0
    log &= series.label.quote not in BOUNDED
    axis = series.label.quote if isinstance(series, Values) else f"price, {series.label.quote}"
    return Panel(title, "price", axis, traces, log=log, shades=tuple(shades))


def fullest(found: Sequence[Checked], panels: Sequence[Panel]) -> list[Panel]:
    """As many panels as a chart holds, those with the most findings, in their order."""
    return foremost(panels, MOST_SERIES, [len(one.findings) for one in found])


def line_of(series: Series) -> tuple[Ints, Floats]:
    """When each close, price or rate was known, and the figure; of values, what each is of."""
    if isinstance(series, Bars):
        return series.available_ns, series.close
    if isinstance(series, FundingRates):
        return series.stamp_ns, series.rate
    if isinstance(series, Values):
        return series.stamp_ns, series.value
    return series.stamp_ns, series.price


def broken(stamps: Ints, values: Floats, breaks: Sequence[int]) -> tuple[Ints, Floats]:
    """The line with an empty point where each gap begins. Worked: 1, 3 broken at 1 -> 1, NaN, 3."""
    starts = np.array(sorted(breaks), dtype=np.int64)
    rows = np.searchsorted(stamps, starts, side="right")
    return np.insert(stamps, rows, starts), np.insert(values, rows, np.nan)


def spans(checked: Checked, check: QualityCheck, least_ns: int) -> tuple[tuple[int, int], ...]:
    """The findings of a check as spans wide enough to be seen; what overlaps is one."""
    joined: list[tuple[int, int]] = []
    for one in sorted(checked.findings, key=lambda one: one.from_ns):
        if one.check != check:
            continue
        end = max(one.to_ns, one.from_ns + least_ns)
        if joined and one.from_ns <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((one.from_ns, end))
    return tuple(joined)


def at_points(
    checked: Checked, check: QualityCheck, stamps: Ints, values: Floats
) -> tuple[Ints, Floats]:
    """Where on the line the findings of a check lie.

    Args: check: its name; stamps: of the line, ns UTC; values: of the line, as long.
    """
    times = [one.to_ns for one in checked.findings if one.check == check]
    rows = np.searchsorted(stamps, times, side="right") - 1
    return stamps[rows], values[rows]
