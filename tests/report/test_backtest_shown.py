"""A backtest as text, page and picture: never too wide, nothing loaded, every peak drawn."""

import dataclasses
import json
import re
import subprocess
import sys
from html import unescape
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.report import backtests
from tests.report.test_html import LARGEST_PAGE, read
from volsculpt.ledger.events import Acknowledged, Intended
from volsculpt.report.backtest import BacktestReport
from volsculpt.report.charts.books import MOST_MARKS, backtest_charts, largest_of_each
from volsculpt.report.charts.chart import MOST_PANELS, MOST_POINTS, MOST_TRACES, downsample
from volsculpt.report.document import tied
from volsculpt.report.pages.backtest_tables import POINTS, in_unit, range_text
from volsculpt.report.rows.backtest import DifferenceRow
from volsculpt.report.stats.returns import Floats, floats
from volsculpt.text import counted, days_words, minute_below

PNG = b"\x89PNG\r\n\x1a\n"
WICKED = '</script><script>alert(1)</script><img src="http://x">'
REPORT = backtests.report_of(backtests.inputs())
PAGE = REPORT.to_html()


def many() -> BacktestReport:
    """Hedges, groups and fills beyond what can be told apart, with names that mean harm."""
    made = backtests.inputs(days=60, step_hours=1)
    one = made.fills[0]
    step = int(made.stamps_ns[1] - made.stamps_ns[0])
    orders = [
        dataclasses.replace(one, time_ns=int(made.stamps_ns[0]) + n * step, usd=float(n))
        for n in range(1_000)
    ]
    groups = tuple(dataclasses.replace(made.groups[0], account=f"{WICKED}{n}") for n in range(9))
    hedges = tuple(dataclasses.replace(made.hedges[0], underlying=f"C{n}") for n in range(9))
    changed = dataclasses.replace(
        made, name=WICKED, groups=groups, hedges=hedges, warnings=(WICKED,)
    )
    return backtests.report_of(backtests.with_fills(changed, orders))


CROWDED = many()
PLAIN = backtests.report_of(
    backtests.inputs(days=3, hedges=(), legs=(), groups=(), events=(), static_usd=None)
)


# --- text -----------------------------------------------------------------------------


@settings(max_examples=30)
@given(
    width=st.integers(20, 200),
    color=st.booleans(),
    report=st.sampled_from([REPORT, CROWDED, PLAIN]),
)
def test_no_line_is_wider_than_asked(width: int, color: bool, report: BacktestReport) -> None:
    """At any width, with any names."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", report.table(width, color))
    assert max(cell_len(line) for line in text.split("\n")) <= width


def test_the_answer_comes_first() -> None:
    """When, then what each book made, then how it was."""
    lines = REPORT.table(100).split("\n")
    assert lines[0].startswith("treasury, backtest from 2021-01-01 00:00 UTC to 2022-02-05")
    assert lines[2] == "WHAT HAPPENED"
    assert lines[3].startswith("Hedged: 300,000 -> ")
    assert lines.index("NOTES") > lines.index("GROWTH AND RISK IN USD")


@pytest.mark.parametrize("width", [44, 60, 72, 80, 81, 90, 120, 200])
def test_no_figure_is_left_out(width: int) -> None:
    """Every book, metric, range, time and reason is told at every width."""
    told = " ".join(REPORT.table(width).split())
    for row in [*REPORT.summary, *REPORT.differences]:
        signed = isinstance(row, DifferenceRow)
        unit = POINTS if signed and row.unit == "ratio" else row.unit
        assert in_unit(row.value, unit, signed) in told
        if row.low is not None:
            span = range_text(row.low, row.high, unit, row.is_indicative)
            assert " ".join(span.split()) in told
    for one in REPORT.effectiveness:
        assert in_unit(one.value, one.unit) in told
        assert one.at is None or minute_below(one.at) in told
    for fill in REPORT.events.orders[:3]:
        assert fill.contract in told
        assert f"{fill.reason}" in told


def test_at_80_columns_ranges_stand_below_figures() -> None:
    """One table of figures, one of ranges, both under the names of all books."""
    text = REPORT.table(80)
    part = text[text.index("GROWTH AND RISK") : text.index("WHAT THE HEDGE CHANGED")]
    heads = [line.split("  ") for line in part.split("\n") if line.endswith("static hedge")]
    found = [[head.strip() for head in line if head.strip()] for line in heads]
    assert found == [
        ["figure", "hedged", "unhedged", "static hedge"],
        ["range", "hedged", "unhedged", "static hedge"],
    ]


def test_where_there_is_room_ranges_stand_beside_figures() -> None:
    """One table then."""
    text = REPORT.table(130)
    part = text[text.index("GROWTH AND RISK") : text.index("WHAT THE HEDGE CHANGED")]
    assert part.split("\n")[1].split() == (
        "figure hedged range unhedged range static hedge range".split()
    )


@pytest.mark.parametrize("width", range(40, 121, 5))
def test_a_figure_stays_with_its_unit(width: int) -> None:
    """No line begins with a unit whose figure stands at the end of the line before."""
    lines = REPORT.table(width).split("\n")
    for above, below in pairwise(lines):
        assert not (above[-1:].isdigit() and re.match(r" *(%|USD|days?\b|hours?\b)", below))


def test_wrapped_sentences_hang() -> None:
    """What belongs to the line above is indented; a new sentence is not."""
    text = REPORT.table(60)
    part = text[text.index("WHAT HAPPENED\n") : text.index("GROWTH AND RISK")]
    firsts = [line for line in part.split("\n")[1:] if line and not line.startswith("  ")]
    assert [line.split(":")[0] for line in firsts] == ["Hedged", "Unhedged", "Static hedge"]


def test_colour_changes_no_letter() -> None:
    """With colour the same letters stand on the same lines."""
    for width in (44, 80, 120):
        bare = re.sub(r"\x1b\[[0-9;]*m", "", REPORT.table(width, color=True))
        assert [line.rstrip() for line in bare.split("\n")] == REPORT.table(width).split("\n")


def test_two_falls_have_two_names() -> None:
    """The deepest fall is of every step, the fall of daily closes is called so and explained."""
    text = REPORT.table(100)
    top, rest = text.split("GROWTH AND RISK IN USD")
    assert top.count("Deepest fall at any step") == 3
    assert "deepest fall  " not in rest
    assert "fall, daily closes: wealth at midnight (UTC)" in rest


def test_what_can_never_be_liquidated_says_never() -> None:
    """Not a dash, which could be a figure that is missing."""
    made = backtests.inputs(days=40)
    far = np.full(made.stamps_ns.size, np.nan)
    group = dataclasses.replace(made.groups[0], liquidation_distance=far)
    text = backtests.report_of(dataclasses.replace(made, groups=(group,))).table(80)
    assert re.search(r"^coinm +never ", text, flags=re.MULTILINE)


def test_refused_orders_are_counted_and_listed() -> None:
    """How many there were, each with its reason; none is not worth a word."""
    made = backtests.inputs(days=120)
    shown = backtests.report_of(made).table(200)
    assert "1 refused order," in shown
    assert "sell 50" in shown
    assert "under 100 USD" in shown
    assert "refused" not in backtests.report_of(backtests.without(made, Acknowledged)).table(200)


def test_without_reasons_there_is_no_column_for_them() -> None:
    """An empty column is none."""
    made = backtests.inputs(days=120)
    events = tuple(
        dataclasses.replace(one, event=dataclasses.replace(one.event, cause=""))
        if isinstance(one.event, Intended)
        else one
        for one in made.events
    )
    shown = backtests.without(dataclasses.replace(made, events=events), Acknowledged)
    assert "why" not in backtests.report_of(shown).table(100)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "ratio", "-"),
        (0.5, "ratio", "50 %"),
        (-1e-16, "ratio", "0 %"),
        (4.48614, "ratio", "448.6 %"),
        (1.234, "number", "1.23"),
        (17.549, "x", "17.55x"),
    ],
)
def test_a_figure_in_its_unit(value: float | None, unit: str, expected: str) -> None:
    """Percent, number or times; rounding noise is zero."""
    assert in_unit(value, unit) == expected


def test_a_range_in_words() -> None:
    """One percent sign for both ends; a mark where it is a hint; nothing where there is none."""
    assert range_text(-0.1, 0.2, "ratio") == "-10 to 20 %"
    assert range_text(-0.59853, 10.792, "ratio") == "-59.9 to 1,080 %"
    assert range_text(-0.1, 0.2, "number", indicative=True) == "~ -0.1 to 0.2"
    assert range_text(None, 0.2, "ratio") == "-"


def test_counts_and_days_in_words() -> None:
    """One, none, many; hours below two days."""
    assert [counted(n, "fill") for n in (0, 1, 1_200)] == ["no fills", "1 fill", "1,200 fills"]
    assert [days_words(days) for days in (0.5, 1_249.2)] == ["12 hours", "1,249 days"]


# --- page -----------------------------------------------------------------------------


@pytest.mark.parametrize("report", [REPORT, CROWDED, PLAIN], ids=["usual", "crowded", "plain"])
def test_the_page_is_one_file(report: BacktestReport) -> None:
    """Nothing is loaded, tags are closed, the script that draws is inside once."""
    text = report.to_html()
    reader = read(text)
    assert (reader.loads, reader.wrong, reader.open) == ([], [], [])
    assert len(text.encode()) < LARGEST_PAGE
    assert reader.tags.count("script") == 4
    assert text.count("plotly.js (basic - minified) v") == 1
    assert WICKED not in text
    styles = "".join(re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL))
    assert "url(" not in styles
    assert "@import" not in styles


def test_the_fullest_page_stays_small() -> None:
    """All panels in use, gaps in every line, more fills than are marked: still under 1.5 MB."""
    made = backtests.inputs(days=120, step_hours=1)
    random, size = np.random.default_rng(3), made.stamps_ns.size
    gaps = np.where(random.random(size) < 0.1, np.nan, random.random(size))
    hedge = dataclasses.replace(made.hedges[0], held_ratio=gaps, target_ratio=gaps[::-1])
    group = dataclasses.replace(made.groups[0], leverage=gaps, liquidation_distance=gaps)
    names = [f"C{n}" for n in range(MOST_PANELS)]
    one = made.fills[0]
    fills = [
        dataclasses.replace(
            one,
            event=dataclasses.replace(
                one.event, contract=f"bybit:{name}/USD:{name}", contracts=1.0 - 2.0 * (n % 2)
            ),
            time_ns=int(made.stamps_ns[n]),
            usd=float(n),
        )
        for name in names
        for n in range(size)
    ]
    full = dataclasses.replace(
        made,
        hedges=tuple(
            dataclasses.replace(hedge, underlying=name, price_usd=made.price_usd) for name in names
        ),
        groups=tuple(dataclasses.replace(group, account=name) for name in names),
        events=tuple(fills),
    )
    assert len(backtests.report_of(full).to_html().encode()) < LARGEST_PAGE


def test_the_page_fits_phones_and_the_dark() -> None:
    """It tells phones its width, and follows the reader's light or dark."""
    assert 'name="viewport" content="width=device-width' in PAGE
    assert "prefers-color-scheme: dark" in PAGE
    assert "max-width: 640px" in PAGE


def test_every_chart_has_a_place_and_data() -> None:
    """The data inside the page is JSON, a chart for each place."""
    held = re.search(r'<script id="volsculpt-charts" type="application/json">(.*?)</script>', PAGE)
    assert held
    drawn = [one["key"] for one in json.loads(held[1])["charts"]]
    assert drawn == [one.key for one in backtest_charts(REPORT)]
    assert sorted(
        re.findall(r'<div id="chart-(\w+)" class="plot" style="--panels: \d" role="img"', PAGE)
    ) == sorted(drawn)
    assert len(drawn) == 13


def test_the_page_is_written_where_asked(tmp_path: Path) -> None:
    """The text returned and the file are the same."""
    text = REPORT.to_html(tmp_path / "backtest.html")
    assert (tmp_path / "backtest.html").read_text(encoding="utf-8") == text


def test_cells_on_a_phone_know_what_they_are_of() -> None:
    """Below each other, a range says whose it is."""
    for book in ("hedged", "unhedged", "static hedge"):
        assert f'data-head="{book} range"' in PAGE
    assert 'data-head="range"' in PAGE  # of figures of the whole book alone
    assert 'class="right spare"' not in PAGE


def test_how_to_read_a_chart_stands_above_it() -> None:
    """A sentence for each."""
    page = unescape(PAGE)
    told = [tied(chart.reading) in page for chart in backtest_charts(REPORT)]
    assert told == [True] * 13


def test_a_notebook_gets_a_fragment() -> None:
    """Tables and style, without scripts; charts one by one."""
    told = REPORT._repr_html_()
    assert "<script" not in told
    assert "What happened" in told
    figure = REPORT.figure("ratio")
    assert {trace.name for trace in figure.data} == {"band", "held", "target"}
    with pytest.raises(ValueError, match="this backtest has wealth_usd"):
        REPORT.figure("nonsense")


@pytest.mark.parametrize("report", [REPORT, CROWDED, PLAIN], ids=["usual", "crowded", "plain"])
def test_a_picture_is_written(report: BacktestReport, tmp_path: Path) -> None:
    """The PNG is one."""
    report.to_png(tmp_path / "backtest.png")
    assert (tmp_path / "backtest.png").read_bytes().startswith(PNG)


# --- series ---------------------------------------------------------------------------


@given(
    figures=st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), max_size=400),
    most=st.integers(4, 100),
)
def test_thinning_keeps_peaks_ends_and_gaps(figures: list[float], most: int) -> None:
    """Highest, lowest, first, last, and a gap where there was one; never many more than asked."""
    given_ = floats(figures)
    kept = downsample(given_, most)
    assert np.all(np.diff(kept) > 0)
    assert kept.size <= max(1.5 * most + 4, min(given_.size, most))
    if given_.size:
        assert {0, given_.size - 1} <= set(kept.tolist())
        assert np.isnan(given_[kept]).any() == np.isnan(given_).any()
    if np.isfinite(given_).any():
        assert np.nanmax(given_[kept]) == np.nanmax(given_)
        assert np.nanmin(given_[kept]) == np.nanmin(given_)


def test_a_long_line_is_thinned_for_drawing_only() -> None:
    """Half a million hours draw a thousand points, with the one spike."""
    figures: Floats = np.zeros(500_000)
    figures[123_456] = 1.0
    kept = downsample(figures)
    assert kept.size <= MOST_POINTS + 2
    assert 123_456 in kept


def test_a_crowd_is_drawn_in_part_and_told() -> None:
    """So many hedges, groups and fills are drawn; the note says that there are more."""
    drawn = {one.key: one for one in backtest_charts(CROWDED)}
    assert len(drawn["leverage"].traces) == MOST_TRACES
    assert "3 more groups are not drawn" in drawn["leverage"].reading
    assert len(drawn["ratio"].panels) == len(drawn["margin"].panels) == MOST_PANELS
    assert "3 more hedges are not drawn" in drawn["ratio"].reading
    assert all(one.x.size <= MOST_MARKS for one in drawn["trades"].traces if one.kind == "down")
    assert "the largest are marked" in drawn["trades"].reading


def test_of_each_stretch_the_largest_is_marked() -> None:
    """Two fills in one stretch: the larger stays."""
    times = np.array([0, 1, 1_000_000], dtype=np.int64)
    assert largest_of_each(times, floats([1.0, 2.0, 0.5])).tolist() == [False, True, True]


def test_a_page_needs_the_script_of_plotly_not_its_library() -> None:
    """Importing that takes longer than drawing."""
    code = (
        "import sys; from tests.report import backtests;"
        "page = backtests.report_of(backtests.inputs(days=40)).to_html();"
        "print('(basic - minified) v' in page, 'plotly' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_a_report_is_light_until_it_is_made() -> None:
    """A plan needs none of this; rows alone need no plotting."""
    code = (
        "import sys; import volsculpt.report.plan; print('numpy' in sys.modules);"
        "import volsculpt.report.rows.backtest_build;"
        "print({'rich', 'plotly', 'matplotlib', 'pandas', 'scipy'} & set(sys.modules) or 'light')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "light"]
