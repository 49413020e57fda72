"""The chart of a data check: lines break at gaps, spans can be seen, points stand on the line."""

import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.market.quality import Checked, Finding, check_series
from volsculpt.market.series import Label, Values
from volsculpt.report.charts.chart import BLUE, Across, Chart, Panel, Rule, Trace, names_of
from volsculpt.report.charts.history import (
    FINDINGS,
    at_points,
    broken,
    history_chart,
    panel_of,
    spans,
)
from volsculpt.report.charts.plotly_charts import specification
from volsculpt.report.render.html import packed
from volsculpt.report.stats.returns import floats
from volsculpt.units import HOUR_NS


def checked(*findings: Finding) -> Checked:
    """A series of a hundred hours with findings."""
    return Checked("BTC index", 100, 0, 100 * HOUR_NS, findings)


def finding(check: str, start: int, end: int) -> Finding:
    """A finding from one hour to another."""
    return Finding(check, "BTC", start * HOUR_NS, end * HOUR_NS, 1, 0.0, "")  # type: ignore[arg-type]


@given(
    steps=st.lists(st.integers(1, 5), min_size=1, max_size=30),
    breaks=st.lists(st.integers(0, 200), max_size=5, unique=True),
)
def test_a_line_breaks_where_each_gap_begins(steps: list[int], breaks: list[int]) -> None:
    """The figures and their times stay; an empty point stands at each gap, in order of time."""
    stamps = np.cumsum(np.array(steps, dtype=np.int64))
    values = floats(stamps) * 2.0
    times, line = broken(stamps, values, breaks)
    there = ~np.isnan(line)
    assert (times[there].tolist(), line[there].tolist()) == (stamps.tolist(), values.tolist())
    assert sorted(times[~there].tolist()) == sorted(breaks)
    assert np.all(np.diff(times) >= 0)


def test_spans_are_wide_enough_and_joined() -> None:
    """What overlaps is one; a short one is widened; other checks are left out."""
    found = checked(finding("gap", 1, 2), finding("gap", 2, 9), finding("stale", 4, 5))
    assert spans(found, "gap", 3 * HOUR_NS) == ((HOUR_NS, 9 * HOUR_NS),)
    assert spans(found, "stale", 3 * HOUR_NS) == ((4 * HOUR_NS, 7 * HOUR_NS),)


def test_points_stand_on_the_line() -> None:
    """A spike is marked at the figure known at its end."""
    stamps = np.arange(10, dtype=np.int64) * HOUR_NS
    times, figures = at_points(checked(finding("spike", 3, 4)), "spike", stamps, floats(range(10)))
    assert (times.tolist(), figures.tolist()) == ([4 * HOUR_NS], [4.0])


def test_every_finding_has_a_look() -> None:
    """No two findings that are drawn alike share a name."""
    assert len({words for words, _ in FINDINGS.values()}) == len(FINDINGS)


def test_series_of_other_spans_have_axes_of_their_own() -> None:
    """Panels of a data check do not move together; those of a backtest do."""
    line = Trace("a", "line", BLUE, np.arange(3, dtype=np.int64), floats([1, 2, 3]))
    panel = Panel("one", "price", "price, USD", [line], log=True)
    made = specification(history_chart([panel, panel]))["layout"]
    assert "matches" not in made["xaxis2"]
    assert made["xaxis"]["showticklabels"]
    assert made["yaxis"]["type"] == "log"
    together = specification(Chart("x", "X", "", [panel, panel]))["layout"]
    assert together["xaxis2"]["matches"] == "x"


def test_a_chart_in_words_names_all_that_is_on_it() -> None:
    """Lines, bars and rules, each once."""
    line = Trace("wealth", "line", BLUE, floats([0.0, 1.0]), floats([1.0, 2.0]))
    panel = Panel("", "USD", "USD", [line, line], rules=(Rule(3.0, "closed", 1.0),))
    chart = Chart("x", "X", "", [panel], Across("move", (0.0, 9.0), "BTC", 50.0))
    assert names_of(chart) == ["wealth", "closed"]
    assert specification(chart)["layout"]["xaxis2"]["range"] == pytest.approx([50.0, 54.5])


@given(
    stamps=st.lists(st.integers(0, 4 * 10**12), min_size=1, max_size=40, unique=True).map(sorted),
    figures=st.data(),
)
def test_what_is_packed_comes_back(stamps: list[int], figures: st.DataObject) -> None:
    """Any times to the millisecond, any figures to seven digits, gaps too; the JSON is plain."""
    values = figures.draw(
        st.lists(
            st.one_of(st.floats(-1e12, 1e12), st.just(float("nan"))),
            min_size=len(stamps),
            max_size=len(stamps),
        )
    )
    line = Trace("a", "line", BLUE, np.array(stamps, dtype=np.int64) * 10**6, floats(values))
    made = packed([Chart("x", "X", "", [Panel("", "USD", "USD", [line])])])
    (trace,) = json.loads(json.dumps(made, allow_nan=False))["charts"][0]["data"]
    x, y = trace["x"], np.frombuffer(base64.b64decode(trace["y"]["bdata"]), dtype="<f4")
    assert (x["from"] + x["unit"] * np.cumsum(x["steps"])).tolist() == stamps
    assert y.tolist() == pytest.approx(values, rel=1e-6, abs=1e-30, nan_ok=True)


@pytest.mark.parametrize(
    ("unit", "figures", "log"),
    [("percent", [1.0, 90.0], False), ("USD", [1.0, 90.0], True), ("USD", [-1.0, 90.0], False)],
)
def test_values_have_their_unit_on_the_axis(unit: str, figures: list[float], log: bool) -> None:
    """Drawn at the times they are of; logarithmic where they are sizes, and above 0."""
    label = Label("fred", "any", "value", unit, "made by hand")
    stamps = np.array([0, 1], dtype=np.int64) * HOUR_NS + 10**18
    series = Values(label, stamps, stamps + HOUR_NS, floats(figures))
    panel = panel_of(check_series(series), series)
    assert (panel.axis, panel.log, panel.title) == (unit, log, f"any of fred, {unit}")
    (trace,) = panel.traces
    assert (trace.x.tolist(), trace.y.tolist()) == (stamps.tolist(), figures)
