"""Figures that a page works by hand are those of its screens, and all of those."""

from pathlib import Path

import pytest

from tests.structure.files_of_project import markdown_files
from tests.structure.worked import (
    MARKED,
    WorkedRow,
    WorkedScreen,
    not_worked,
    off,
    result,
    screens,
    stands_in,
    unknown_in_prose,
)

HALF = 0.5 + 1e-6  # of the last digit: what rounding takes, and what it costs to compute it

PAGES = [p for p in markdown_files() if f"\n{MARKED}\n" in p.read_text(encoding="utf-8")]
SCREENS = [screen for page in PAGES for screen in screens(page) if screen.rows]
ROWS = [(screen, row) for screen in SCREENS for row in screen.rows]


@pytest.mark.parametrize(("screen", "row"), ROWS, ids=[row.where for _, row in ROWS])
def test_the_arithmetic_gives_what_the_screen_shows(screen: WorkedScreen, row: WorkedRow) -> None:
    """Each figure is worked from what stands beside it, to its last digit, or says why not."""
    assert row.how
    assert [
        (made, figure, result(made)) for made, figure in row.pairs if off(made, figure) > HALF
    ] == []
    figures = [part.strip() for part in row.shown.split(";") if part.strip()]
    assert figures or "=" in row.arithmetic
    assert [one for one in figures if not stands_in(one, screen.printed)] == []


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.block.where)
def test_every_figure_of_a_screen_is_worked(screen: WorkedScreen) -> None:
    """No figure is shown that is not typed, worked, or told to be given."""
    assert sorted(not_worked(screen)) == [], "give each a row in the table below the screen"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_prose_tells_no_other_figure(page: Path) -> None:
    """What the prose says in numbers stands in a screen, a file or a row of the page."""
    assert sorted(unknown_in_prose(page, screens(page))) == []


def test_a_page_with_worked_figures_is_found() -> None:
    """The tutorial is one, each of its screens has rows, and most rows are worked."""
    assert "tutorial.md" in [page.name for page in PAGES]
    assert len(ROWS) > 40
    assert len([row for _, row in ROWS if row.pairs]) > 0.6 * len(ROWS)


def test_arithmetic_is_a_calculators() -> None:
    """Thousands, percents, powers, roots; words are refused."""
    assert result("12,000 \u00d7 0.055 % / 60,000") == pytest.approx(0.00011)
    assert result("root(1 - 84 %) + 2^3") == pytest.approx(8.4)
    with pytest.raises(ValueError, match="no arithmetic"):
        result("wealth / 2")


def test_drift_is_seen(tmp_path: Path) -> None:
    """Another figure, a figure without a row, one of the prose alone, another sign."""
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- run -->\n```console\n$ x --price BTC=60000\n"
        "1. SELL 12,000 of BTC-240628 on 2024-06-28 at 60,000 (-8.3 %), fee 6.60\n```\n"
        f"It costs 6.60, not 77 `88` [as](a.md#b 99).\n\n{MARKED}\n"
        "| what | how | by hand | screen |\n|---|---|---|---|\n"
        "| sold | coins \u00d7 price | 0.2 \u00d7 60,000 | 12,000 |\n"
        "| yield | fee | given | -8.3 % |\n"
    )
    (screen,) = screens(page)
    assert not_worked(screen) == {6.60}
    assert unknown_in_prose(page, [screen]) == {77}
    assert [row.pairs for row in screen.rows] == [[("0.2 \u00d7 60,000", "12,000")], []]
    assert off("0.2 \u00d7 60,000", "12,000") < HALF < off("0.2 \u00d7 60,000", "12,001")
    assert off("0.0833", "8.3 %") < HALF < off("0.0836", "8.3 %")
    assert stands_in("-8.3 %", screen.printed)
    assert not stands_in("+8.3 %", screen.printed)
    assert not stands_in("2,000", screen.printed)
