"""What the charts of a backtest draw: axes that end, one unit on each, lines told apart."""

import base64
import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from tests.report import backtests
from volsculpt.report.charts.books import backtest_charts, base_of
from volsculpt.report.charts.chart import NEVER_AT, PALETTE, Chart, mark_pixels, numbered
from volsculpt.report.charts.hedge import wild_span
from volsculpt.report.charts.plotly_charts import (
    far_words,
    specification,
)
from volsculpt.report.charts.plotly_layout import domains
from volsculpt.report.render.html import FEWEST_POINTS, packed, points_each
from volsculpt.report.stats.returns import Floats, floats
from volsculpt.simulate.record import BacktestRecord

MADE = backtests.inputs()
EMPTY = dataclasses.replace(
    MADE,
    events=(),
    legs=(),
    groups=(),
    hedges=(),
)


def drawn(made: BacktestRecord) -> dict[str, Chart]:
    """The charts by name."""
    return {chart.key: chart for chart in backtest_charts(backtests.report_of(made))}


def two_coins() -> BacktestRecord:
    """BTC and ETH, a hedge, an account and a price each."""
    (hedge,), (group,) = MADE.hedges, MADE.groups
    other = dataclasses.replace(hedge, underlying="ETH", price_usd=MADE.price_usd / 15.0)
    first = dataclasses.replace(hedge, price_usd=MADE.price_usd)
    eth = dataclasses.replace(group, account="eth", group="ETH", currency="ETH")
    fills = [
        dataclasses.replace(
            one, event=dataclasses.replace(one.event, contract=f"bybit:{coin}/USD:{coin}")
        )
        for one, coin in zip(MADE.fills, ["BTC", "ETH", "SOL"] * 9, strict=False)
    ]
    both = dataclasses.replace(MADE, hedges=(first, other), groups=(group, eth))
    return backtests.with_fills(both, fills)


def luminance(color: str) -> float:
    """How light a colour is, 0 to 1 (Rec. 709, without gamma)."""
    red, green, blue = (int(color[at : at + 2], 16) / 255.0 for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("made", [MADE, two_coins(), EMPTY], ids=["usual", "two coins", "empty"])
def test_every_chart_is_explained(made: BacktestRecord) -> None:
    """Each has a title, a sentence of how to read it, and a unit beside every axis."""
    for chart in drawn(made).values():
        assert chart.title
        assert chart.reading.endswith(".")
        assert all(panel.axis for panel in chart.panels)
        assert len({panel.unit for panel in chart.panels}) == 1


def test_no_axis_mixes_currencies() -> None:
    """Margin of each group stands in its own coin, on its own panel."""
    panels = drawn(two_coins())["margin"].panels
    assert [(panel.title, panel.axis) for panel in panels] == [("coinm", "BTC"), ("eth", "ETH")]


def test_fills_stand_on_the_price_of_their_coin() -> None:
    """A panel a coin; what is traded on another coin is told, not drawn on a wrong price."""
    made = two_coins()
    chart = drawn(made)["trades"]
    assert [panel.title for panel in chart.panels] == ["BTC", "ETH"]
    for panel, price in zip(chart.panels, (MADE.price_usd, MADE.price_usd / 15.0), strict=True):
        marks = [trace for trace in panel.traces if trace.kind in ("up", "down")]
        for trace in marks:
            at = np.searchsorted(made.stamps_ns, trace.x)
            assert trace.y.tolist() == price[at].tolist()
    strange = sum(one.event.contract.startswith("bybit:SOL") for one in made.fills)
    assert f"{strange} fills of contracts on other coins are not drawn" in chart.reading
    assert base_of("bybit:BTC/USD:BTC-240628") == "BTC"


def test_costs_have_an_axis_of_their_own() -> None:
    """Funding is larger than fees by far; liquidations are larger than all."""
    panels = drawn(MADE)["costs"].panels
    names = [[trace.name for trace in panel.traces] for panel in panels]
    assert names == [["funding", "basis"], ["fees", "slippage", "transfers"], ["liquidation"]]


def distances(figures: list[float]) -> Chart:
    """The chart of such distances, repeated."""
    far = np.resize(floats(figures), MADE.stamps_ns.size)
    group = dataclasses.replace(MADE.groups[0], liquidation_distance=far)
    return drawn(dataclasses.replace(MADE, groups=(group,)))["distance"]


def test_far_is_far_enough() -> None:
    """30-fold is drawn at the end of the axis, never above it; hovering tells the truth."""
    (panel,) = distances([0.3, 30.0, np.nan]).panels
    (trace,) = panel.traces
    assert sorted(set(trace.y.tolist())) == [0.3, 1.0, NEVER_AT]
    assert panel.span is not None
    assert panel.span[1] < 1.25
    assert [words for _, words in panel.ticks] == [
        *("0 %", "25 %", "50 %", "75 %", "100 % or more", "never")
    ]
    assert trace.true is not None
    assert [far_words(one) for one in trace.true[:3].tolist()] == ["30 %", "3,000 %", "never"]


def test_near_is_not_squashed() -> None:
    """Where all is near, the axis ends sooner."""
    (panel,) = distances([0.05, 0.15]).panels
    assert panel.ticks[-2] == (0.2, "20 %")


def test_what_was_before_the_hedge_is_not_drawn() -> None:
    """The stamps before the first contract would flatten all that follows; the reading says so."""
    legs = MADE.legs[0].contracts.copy()
    held = MADE.hedges[0].held_ratio.copy()
    legs[:2], held[:2] = 0.0, 0.0
    leg = dataclasses.replace(MADE.legs[0], contracts=legs)
    hedge = dataclasses.replace(MADE.hedges[0], held_ratio=held)
    chart = drawn(dataclasses.replace(MADE, legs=(leg,), hedges=(hedge,)))["ratio"]
    line = next(trace for trace in chart.traces if trace.name == "held")
    assert np.flatnonzero(np.isnan(line.y)).tolist() == [0, 1]
    assert chart.reading.endswith("Drawn from the first fill on.")
    assert "Drawn from" not in drawn(MADE)["ratio"].reading


def test_a_hedge_that_begins_late_is_drawn_whole() -> None:
    """Weeks without a hedge are part of the story."""
    legs: Floats = np.where(np.arange(MADE.stamps_ns.size) < 600, 0.0, 1.0)
    leg = dataclasses.replace(MADE.legs[0], contracts=legs)
    chart = drawn(dataclasses.replace(MADE, legs=(leg,)))["exposure"]
    assert not np.isnan(chart.traces[0].y).any()


def test_wild_leverage_does_not_flatten_the_rest() -> None:
    """One stamp of 400x ends the axis below it, and is told."""
    figures = np.full(1_000, 2.0)
    assert wild_span([figures]) == (None, "")
    figures[7] = 400.0
    span, told = wild_span([figures])
    assert span == (0.0, 3.0)
    assert told == " The axis ends at 3x; the highest was 400x."


def test_books_that_move_together_are_both_seen() -> None:
    """The static hedge is a thin line on a thick one, and what lies between has its own panel."""
    chart = drawn(MADE)["wealth_usd"]
    width = {trace.name: trace.width for trace in chart.panels[0].traces}
    assert width["hedged"] > 3.0 * width["static hedge"]
    assert [trace.name for trace in chart.panels[0].traces][-1] == "static hedge"
    (between,) = chart.panels[1].traces
    assert MADE.static_usd is not None
    assert between.y.tolist() == (MADE.hedged_usd - MADE.static_usd).tolist()
    alone = drawn(dataclasses.replace(MADE, static_usd=None))["wealth_usd"]
    assert len(alone.panels) == 1
    assert "static" not in alone.reading


def test_lines_are_told_apart_without_colour() -> None:
    """Colours differ in lightness or dashes; names that are cut stay different."""
    light = [luminance(color) for color in PALETTE]
    assert all(abs(light[n] - light[n + 3]) > 0.02 for n in range(3))
    group = MADE.groups[0]
    groups = tuple(dataclasses.replace(group, account=f"a{n}") for n in range(6))
    lines = drawn(dataclasses.replace(MADE, groups=groups))["leverage"].traces
    assert len({(trace.color, trace.look) for trace in lines}) == 6
    assert [trace.look for trace in lines] == ["solid"] * 3 + ["dash"] * 3
    assert numbered(["long " * 9 + "a", "long " * 9 + "b", "c"])[1].endswith(" 2")


def test_a_name_stands_in_the_legend_once() -> None:
    """However many panels show it."""
    data = specification(drawn(two_coins())["margin"])["data"]
    shown = [trace["name"] for trace in data if trace["showlegend"]]
    assert shown == ["equity", "needed"]
    assert {trace["yaxis"] for trace in data} == {"y", "y2"}


def test_a_page_shares_its_points() -> None:
    """Many lines have fewer points each, never too few, and few lines as many as can be seen."""
    assert points_each([drawn(MADE)["ratio"]]) == 1_200
    crowd = [chart for _ in range(9) for chart in drawn(MADE).values()]
    assert points_each(crowd) == FEWEST_POINTS


def test_packed_figures_are_the_figures() -> None:
    """Times come back exact from steps of a common unit, figures to seven digits."""
    chart = drawn(MADE)["trades"]
    plain, small = specification(chart)["data"], packed([chart])["charts"][0]["data"]
    for trace, held in zip(plain, small, strict=True):
        x, y = held["x"], np.frombuffer(base64.b64decode(held["y"]["bdata"]), dtype="<f4")
        assert np.array_equal(x["from"] + x["unit"] * np.cumsum(x["steps"]), trace["x"])
        assert y == pytest.approx(trace["y"], rel=1e-6, nan_ok=True)


def test_panels_share_the_height() -> None:
    """From the top down, with gaps, from 1 to 0."""
    assert domains(1) == [(0.0, 1.0)]
    found = domains(3)
    assert found[0][1] == 1.0
    assert found[-1][0] == pytest.approx(0.0, abs=1e-3)
    assert all(low < high for low, high in found)
    assert all(above[0] > below[1] for above, below in pairwise(found))


def test_larger_fills_have_larger_marks() -> None:
    """Area follows value."""
    chart = drawn(MADE)["trades"]
    for trace in chart.traces:
        if trace.sizes is not None:
            sizes = mark_pixels(trace)
            assert isinstance(sizes, np.ndarray)
            worth = [one.usd for one in MADE.fills if one.time_ns in trace.x.tolist()]
            assert np.argsort(sizes, kind="stable").tolist() == np.argsort(worth).tolist()


def test_nothing_to_draw_draws_what_there_is() -> None:
    """Without futures the books and the price remain."""
    assert list(drawn(EMPTY)) == [
        "wealth_usd",
        "wealth_coin",
        "drawdown",
        "rolling_volatility",
        "rolling_sharpe",
        "attribution",
        "costs",
        "trades",
    ]
