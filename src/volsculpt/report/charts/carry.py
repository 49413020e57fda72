"""The forward curve of a coin: what dated contracts sell it for, by the day of delivery."""

import numpy as np

from volsculpt.hedge.carry.survey import CarrySurvey
from volsculpt.report.charts.chart import INK, PALETTE, Chart, Panel, Trace
from volsculpt.report.stats.returns import Floats, Ints

Point = tuple[int, float, float]  # when it delivers, its price, its premium a year


def curve_chart(found: CarrySurvey) -> Chart | None:
    """Premium a year and price of dated contracts, a line a venue; None where none is priced."""
    venues: dict[str, list[Point]] = {}
    for one in found.rows:
        if one.contract.expiry_ns is not None and one.premium_annual is not None:
            spot = one.prices.base_usd * (1.0 + one.premium)
            point = (one.contract.expiry_ns, spot, one.premium_annual)
            name = f"{one.contract.venue} {one.contract.payoff}"
            venues.setdefault(name, []).append(point)
    if not venues:
        return None
    reading = (
        "Each dot is a contract on the day that it delivers. The first panel is what the coin is "
        "sold for then, beside its price today; the second what that is over today's price, a year."
    )
    today = (found.time_ns, found.index_usd, 0.0)
    panels = [
        Panel("price", "price", "USD", [_today(found), *_lines(venues, 1, [today])]),
        Panel("premium a year", "percent", "%", _lines(venues, 2, [])),
    ]
    return Chart("curve", f"{found.coin} sold forward", reading, panels)


def _today(found: CarrySurvey) -> Trace:
    """The coin's price now."""
    stamp = np.array([found.time_ns], dtype=np.int64)
    return Trace("today", "dot", INK, stamp, np.array([found.index_usd]))


def _lines(venues: dict[str, list[Point]], column: int, first: list[Point]) -> list[Trace]:
    """Dots of each venue in the order of their days, and a line through them.

    Args: column: which figure of a point; first: where each line begins, if not at a dot.
    """
    found = []
    for place, (name, points) in enumerate(sorted(venues.items())):
        color = PALETTE[place % len(PALETTE)]
        line, dots = (_columns(some, column) for some in (first + sorted(points), sorted(points)))
        found.append(Trace(name, "line", color, *line, in_legend=False))
        found.append(Trace(name, "dot", color, *dots))
    return found


def _columns(points: list[Point], column: int) -> tuple[Ints, Floats]:
    """Times and one figure of each."""
    stamps = np.array([point[0] for point in points], dtype=np.int64)
    return stamps, np.array([point[column] for point in points], dtype=np.float64)
