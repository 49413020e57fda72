"""The parts of a page: contents that lead somewhere, folds, a verdict, one span, a log scale."""

import dataclasses
import json
import re
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.report import backtests, plans
from tests.report.evaluations import walk
from volsculpt.report.charts.chart import Chart, Panel, Trace
from volsculpt.report.document import Column, Grid, Line, Page, Section
from volsculpt.report.render.html import (
    can_be_log,
    html_page,
    in_words,
    line_in_words,
    parts_of,
    size,
    styles,
)
from volsculpt.report.result import ChartedResult
from volsculpt.report.rows.evaluation_build import evaluation_report
from volsculpt.report.stats.returns import floats

HEADINGS = ("h1", "h2", "h3")
MADE: dict[str, Callable[[], ChartedResult]] = {
    "backtest": lambda: backtests.report_of(backtests.inputs(), draws=0),
    "plan": plans.treasury,
    "many coins": plans.many_coins,
    "evaluation": lambda: evaluation_report([walk()], 0, 0),
}
PAGES = pytest.mark.parametrize("name", sorted(MADE))


@cache
def page_of(name: str) -> str:
    """A page, made once."""
    return MADE[name]().to_html()


class Outline(HTMLParser):
    """Addresses, links, headings and labels of a page, in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.unnamed: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember what the tag is for."""
        given = dict(attrs)
        if given.get("id"):
            self.names.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given["href"]))
        if tag in HEADINGS:
            self.headings.append(tag)
        if given.get("role") == "img" and not given.get("aria-label"):
            self.unnamed.append(tag)


# --- contents, headings, verdict ------------------------------------------------------


@PAGES
def test_the_contents_lead_to_every_part(name: str) -> None:
    """Each title has a link, each link an address, and no address is there twice."""
    text = page_of(name)
    outline = Outline(text)
    assert len(set(outline.names)) == len(outline.names)
    assert {link.removeprefix("#") for link in outline.links} <= set(outline.names)
    assert len(outline.links) == outline.headings.count("h2") > 2


@PAGES
def test_headings_go_down_one_by_one(name: str) -> None:
    """One title, then sections, and within a section no step is left out."""
    levels = [int(one[1]) for one in Outline(page_of(name)).headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


@PAGES
def test_every_picture_is_told_in_words(name: str) -> None:
    """Those who cannot see a chart hear what is drawn."""
    assert Outline(page_of(name)).unnamed == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("backtest", r"Hedged \+?[-0-9.]+ % a year, worst fall -[0-9.]+ %; unhedged .*"),
        ("plan", "BTC 11.3 % -> 100 %; 2 steps to take"),
        ("evaluation", ".* of the variance taken away, fall -[0-9.]+ %, Sharpe .*"),
    ],
)
def test_the_verdict_stays_in_sight(name: str, said: str) -> None:
    """The answer in half a line, in the bar that sticks to the top."""
    found = re.search(r'<div class="bar">\n<p class="verdict">(.*?)</p>', page_of(name))
    assert found
    words = found[1].replace("\xa0", " ").replace("&gt;", ">")
    assert re.fullmatch(said, words), words
    assert re.search(r"\.bar \{\s+position: sticky", page_of(name))


def test_a_plan_with_nothing_to_do_says_so() -> None:
    """A verdict is there whatever it is."""
    assert plans.empty().page().verdict.endswith("nothing to do")


def test_titles_of_a_name_have_addresses_of_their_own() -> None:
    """Two mandates of one name, or a name of strange letters, are still two places."""
    twice = [Section("../<b>", [Line("a")]), Section("../<b>", [Line("b")])]
    outline = Outline(html_page(Page("t", "", twice), [], "test"))
    assert [link.removeprefix("#") for link in outline.links] == ["1-b", "2-b"]
    assert {"1-b", "2-b"} <= set(outline.names)


# --- what a phone folds ---------------------------------------------------------------


def chart(key: str = "c", **changed: Any) -> Chart:  # noqa: ANN401
    """A chart of one line over three days."""
    days = np.arange(3) * 86_400 * 10**9
    line = Trace("hedged", "line", "#000000", days, floats([100.0, 90.0, 150.0]))
    panel = dataclasses.replace(Panel("", "USD", "USD", [line]), **changed)
    return Chart(key, "Wealth", "What it was worth.", [panel])


def test_a_phone_shows_the_answer_and_the_first_picture() -> None:
    """All behind them is folded, but for what is to be done and what is wrong."""
    sections = [
        Section("answer", [Line("a")]),
        Section("figures", [Line("b")]),
        Section("act", [Line("sell", "action")]),
        Section("wrong", [Line("careful", "warning")]),
    ]
    parts = parts_of(Page("t", "", sections), [(1, chart("first")), (2, chart("second"))])
    assert [(one.title, one.is_far) for one in parts] == [
        *(("answer", False), ("Wealth", False), ("figures", True), ("Wealth", True)),
        *(("act", False), ("wrong", False)),
    ]


def test_without_a_picture_the_first_part_is_shown() -> None:
    """Even where it holds nothing but words."""
    sections = [Section("one", [Line("a")]), Section("two", [Line("b")])]
    assert [one.is_far for one in parts_of(Page("t", "", sections), [])] == [False, True]


@PAGES
def test_without_a_script_all_is_open(name: str) -> None:
    """Folds are closed by the script, on a phone alone: print and notebooks have all of it."""
    folds = re.findall(r'<details class="fold"( open)?', page_of(name))
    assert set(folds) == {" open"}


# --- grids on a phone -----------------------------------------------------------------


def grid(*columns: Column, cells: tuple[str, ...]) -> Grid:
    """A grid of one row."""
    return Grid(columns, [cells])


def test_ranges_stand_below_their_figures_on_a_phone() -> None:
    """A table whose ranges fill it stays a table, each range under its own figure."""
    columns = [Column("figure", left=True)]
    for book in ("hedged", "unhedged", "static hedge"):
        columns += [Column(book), Column("range", of=book)]
    spans = ("-4.13 to -3.28 %", "-8.31 to -6.66 %", "~ -4.1 to -3.2 %")
    row = ("worst 5 % of days", *(one for span in spans for one in ("-3.73 %", span)))
    made = grid(*columns, cells=row)
    assert size(made) == "pairs"
    places = [str(place) for _, place in styles(made)]
    assert places == ["", *(f' style="--at: {n}"' for n in (2, 2, 3, 3, 4, 4))]


def test_a_small_grid_stays_a_table_and_a_wide_one_becomes_a_list() -> None:
    """In a list what is long has a line of its own."""
    small = grid(Column("hedge", left=True), Column("gap"), cells=("BTC", "0.6 %"))
    wide = grid(
        *(Column("part", left=True), Column("USD"), Column("share"), Column("what", left=True)),
        cells=("basis", "+601.18", "0.19 %", "futures prices moving away from the coin's"),
    )
    assert (size(small), size(wide)) == ("few", "many")
    assert ["long" in words for words, _ in styles(wide)] == [False, False, False, True]


def test_a_month_is_coloured_by_what_it_grew() -> None:
    """Blue or orange, stronger for more; a figure without heat has none."""
    made = Grid(
        (Column("year", left=True), Column("Jan"), Column("Feb"), Column("Mar")),
        [("2021", "+20", "-5", "-")],
        heat=[(None, 1.0, -0.5, None)],
    )
    text = html_page(Page("t", "", [Section("Month by month", [made])]), [], "test")
    cells = re.findall(r'<td class="([a-z ]+)" data-head="\w+"(?: style="(.*?)")?>', text)
    assert cells == [
        *(("left", ""), ("right up", "--heat: 1.00"), ("right down", "--heat: 0.50"), ("right", ""))
    ]


# --- charts ---------------------------------------------------------------------------


def drawn(name: str) -> dict[str, dict[str, Any]]:
    """What the script of a page is given, by chart."""
    held = re.search(
        r'<script id="volsculpt-charts" type="application/json">(.*?)</script>', page_of(name)
    )
    assert held
    return {one["key"]: one for one in json.loads(held[1])["charts"]}


def test_charts_of_time_share_their_span() -> None:
    """All of a backtest but its bars; a plan's, over moves of prices, does not."""
    found = drawn("backtest")
    assert [key for key, one in found.items() if not one["timed"]] == ["attribution"]
    assert not any(one["timed"] for one in drawn("plan").values())


def test_what_grows_by_factors_may_be_logarithmic() -> None:
    """Wealth and prices; neither what may be below zero nor shares."""
    found = {key: one["levels"] for key, one in drawn("backtest").items() if one["levels"]}
    assert found == {"wealth_usd": ["yaxis"], "wealth_coin": ["yaxis"], "trades": ["yaxis"]}


def test_a_book_that_lost_all_has_no_log_scale() -> None:
    """Zero has no logarithm: the line would be missing where it matters most."""
    (level,) = chart(is_level=True).panels
    assert can_be_log(level)
    lost = dataclasses.replace(level.traces[0], y=floats([100.0, np.nan, 0.0]))
    assert not can_be_log(dataclasses.replace(level, traces=[lost]))


def test_a_line_is_told_by_its_ends_and_extremes() -> None:
    """In the unit of its axis, to three digits; what is no line is not."""
    (panel,) = chart().panels
    (line,) = panel.traces
    said = "hedged, USD: begins at 100, ends at 150; lowest 90, highest 150"
    assert line_in_words(panel, line) == said
    assert in_words(chart()) == f"Wealth: hedged. What it was worth. {said}."
    assert line_in_words(panel, dataclasses.replace(line, kind="up")) == ""
    assert line_in_words(panel, dataclasses.replace(line, y=floats([np.nan] * 3))) == ""


def test_a_page_without_charts_carries_no_library() -> None:
    """A table is not a megabyte."""
    text = html_page(Page("t", "", [Section("one", [Line("a")])]), [], "test")
    assert "plotly" not in text
    assert len(text) < 30_000
