"""docs/studies.md: its tables are the figures that are kept, and its conclusions follow."""

import importlib

import pytest

from scripts import study_tables
from scripts.ratio_studies.kept import TABLE, with_tables
from scripts.study_tables import PAGE, liquidated, moved, page_tables, percents, read, usd

TEXT = PAGE.read_text(encoding="utf-8")
TOLD = " ".join(TEXT.replace("**", "").split())
RUNS = read()


def test_tables_are_the_figures_that_are_kept() -> None:
    """Every table, none changed by hand; every run of every study is kept."""
    tables = page_tables(RUNS)
    assert [found[2] for found in TABLE.finditer(TEXT)] == list(tables)
    assert with_tables(TEXT, tables) == TEXT
    studies = importlib.import_module("scripts.studies")
    runs = [run for made in studies.STUDIES.values() for run in made()]
    assert {f"{one.study}/{one.name}" for one in runs} == set(RUNS)


def test_a_figure_that_moves_is_seen_in_the_page() -> None:
    """Each run stands in a table: with another wealth, growth or volatility the page is another."""
    for name in RUNS:
        other = {**RUNS[name], "growth": [9.0, 8.0, 9.5]}
        changed = page_tables({**RUNS, name: other}) != page_tables(RUNS)
        assert changed or name == "treasury/plan-0-coins", name


def test_what_is_concluded_is_what_came_out() -> None:
    """Who was liquidated: without a plan all that rose; with one only the short sold at the low."""
    gone = {name for name, run in RUNS.items() if run["liquidated"]}
    low = "rises/after-the-crash-usdm-plan"
    assert {name for name in gone if "no-plan" not in name} == {low, "mixed/no-income"}
    assert all(name in gone for name in RUNS if "treasury/no-plan" in name)
    assert "A plan does not save it" in TOLD
    assert f"({usd(RUNS[low]['wealth'][1])} USD)" in TOLD
    swept, kept = (
        RUNS[f"posted/spot-daily-{one}-band-0"]["growth"][0] for one in ("swept", "kept")
    )
    assert round(100.0 * (kept - swept)) == 5
    assert "Sweeping costs 5 points a year here" in TOLD
    whole = RUNS["treasury/plan-1-equity"]
    assert f"{usd(whole['funding'])} USD received" in TOLD


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (usd(-0.3), "0"),
        (usd(1234.5), "1,234"),
        (percents([0.1234, 0.1, 0.2], 2), "12.34 (10.0 to 20.0)"),
        (percents([0.1234, None, None]), "12.3"),
        (percents([None, None, None]), "-"),
        (moved({"transfers": 5, "moving": -9.2}), "5, -9 USD"),
        (moved({"transfers": 0, "moving": 0.0}), "none"),
        (liquidated({"liquidated": [["2020-03-13T03:00", 5289.4]]}), "2020-03-13, 03:00 at 5,289"),
        (liquidated({"liquidated": []}), "no"),
        (study_tables.shortened({"a": [2379792.6273852, 1]}), {"a": [2379792.63, 1]}),
    ],
)
def test_cells(got: object, expected: object) -> None:
    """As the page writes them."""
    assert got == expected
