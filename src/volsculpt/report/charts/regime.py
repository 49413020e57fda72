"""The chart of a regime: the price coloured by the condition that was named, the ratio under it."""

from dataclasses import replace

import numpy as np

from volsculpt.hedge.regimes.survey import RegimeSurvey
from volsculpt.report.charts.chart import (
    BLUE,
    GREEN,
    GREY,
    PALETTE,
    SKY,
    VERMILION,
    Chart,
    Panel,
    Shade,
    Trace,
)
from volsculpt.report.charts.features import price_panel
from volsculpt.report.stats.returns import Floats, Ints

USUAL = {"bull run": GREEN, "range": GREY, "bearish": VERMILION, "recovery": SKY}
REST_OF_PALETTE = tuple(one for one in PALETTE if one not in USUAL.values())  # for an owner's own


def regime_chart(found: RegimeSurvey) -> Chart:
    """Price and ratio over the looks that are told.

    Raises HistoryError when what the price is quoted in has no price.
    """
    begin = found.looks[0].time_ns
    price = price_panel(found.history, found.coin, begin, found.time_ns)
    reading = (
        "The colour is the condition that was named, as it was known then; white is none. The "
        "ratio is the one the policy told, steps and all. Where the line is missing it kept what "
        "was held."
    )
    panels = [with_shades(price, found), _ratio(found)]
    return Chart("regime", f"{found.coin}: conditions and ratio", reading, panels)


def with_shades(panel: Panel, found: RegimeSurvey) -> Panel:
    """A panel with the spans of each condition behind it, in the framework's order."""
    ends = [*(time_ns for time_ns, _ in found.named[1:]), found.time_ns]
    spans: dict[str, list[tuple[int, int]]] = {}
    for (time_ns, name), end in zip(found.named, ends, strict=True):
        spans.setdefault(name, []).append((time_ns, end))
    names = [one.name for one in found.framework.conditions]
    own = [name for name in names if name not in USUAL]
    colors = USUAL | {name: REST_OF_PALETTE[k % len(REST_OF_PALETTE)] for k, name in enumerate(own)}
    shades = tuple(Shade(one, colors[one], tuple(spans[one])) for one in names if one in spans)
    return replace(panel, shades=shades)


def _ratio(found: RegimeSurvey) -> Panel:
    """The ratio told, held from look to look."""
    points = [(one.time_ns, one.aim.ratio) for one in found.looks]
    stamps: Ints = np.array([time_ns for time_ns, _ in points], dtype=np.int64)
    ratios: Floats = np.array([np.nan if one is None else one for _, one in points])
    steps = (np.repeat(stamps, 2)[1:], np.repeat(ratios, 2)[:-1])
    line = Trace("ratio", "line", BLUE, *steps, in_legend=False)
    return Panel("hedge ratio", "percent", "%", [line])
