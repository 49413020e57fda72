"""The chart of features: the price of a coin, and figures of it under each other."""

from collections.abc import Sequence

import numpy as np

from volsculpt.hedge.feature import Feature
from volsculpt.hedge.survey import Survey, figures_over, name_of
from volsculpt.market.history import History
from volsculpt.market.observed import observed_index
from volsculpt.report.charts.chart import BLUE, INK, MOST_PANELS, Chart, Panel, Trace
from volsculpt.report.charts.history import WILD
from volsculpt.report.stats.returns import Floats, Ints
from volsculpt.units import DAY_NS

MOST_FIGURES = MOST_PANELS - 1  # the price has one


def features_chart(found: Survey, features: Sequence[Feature], from_ns: int) -> Chart:
    """Price and features from a time to that of the survey, a point a day.

    Raises HistoryError when what the price is quoted in has no price.
    """
    stamps = list(range(found.time_ns, from_ns - 1, -DAY_NS))[::-1]
    panels = [
        price_panel(found.history, found.coin, from_ns, found.time_ns),
        *(_panel(found, one, stamps) for one in features),
    ]
    reading = (
        "Each figure as it was known that day, from what had been published by then. Where a line "
        "is missing there was no figure."
    )
    return Chart("features", f"{found.coin} and its features", reading, panels)


def price_panel(history: History, coin: str, from_ns: int, to_ns: int) -> Panel:
    """The price of a coin, every observation of it.

    Raises HistoryError when what the price is quoted in has no price.

    Args: history: with its index; coin: its name; from_ns, to_ns: ns UTC.
    """
    rows = observed_index(history, coin, from_ns, to_ns)
    stamps: Ints = np.array([available_ns for available_ns, _ in rows], dtype=np.int64)
    prices: Floats = np.array([price for _, price in rows], dtype=np.float64)
    log = len(rows) > 0 and bool(prices.max() > WILD * prices.min())
    lines = [Trace("price", "line", INK, stamps, prices, in_legend=False)]
    return Panel("price", "price", "USD", lines, log=log, is_level=True)


def _panel(found: Survey, feature: Feature, stamps_ns: Sequence[int]) -> Panel:
    """One feature."""
    values = figures_over(found.history, found.coin, feature, stamps_ns)
    figures = np.array([np.nan if one is None else one for one in values], dtype=np.float64)
    stamps = np.array(stamps_ns, dtype=np.int64)
    lines = [Trace(feature.NAME, "line", BLUE, stamps, figures, in_legend=False)]
    unit, axis = ("percent", "%") if feature.is_ratio else ("price", "")
    return Panel(name_of(feature), unit, axis, lines)  # type: ignore[arg-type] # one of its units
