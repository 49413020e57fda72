"""A backtest in fifteen lines: figures are those of its tables, and nothing urgent is left out."""

import dataclasses

import numpy as np
import pytest

from tests.report import backtests
from volsculpt.ledger.events import Acknowledged, CashBooked
from volsculpt.report.backtest import BacktestReport
from volsculpt.report.pages.backtest_tables import in_unit, range_text
from volsculpt.report.pages.backtest_verdict import MOST_WARNINGS, verdict
from volsculpt.report.render.terminal import rendered
from volsculpt.text import signed_usd, usd

REPORT = backtests.report_of(backtests.inputs())
SAFE = dataclasses.replace(REPORT, events=dataclasses.replace(REPORT.events, liquidations=[]))


def shown(report: BacktestReport, width: int = 400) -> str:
    """The verdict as text, one line a sentence at this width."""
    return rendered(verdict(report), width)


def figure(report: BacktestReport, name: str) -> float:
    """One of how well the hedge worked."""
    value = next(row.value for row in report.effectiveness if row.figure == name)
    assert value is not None
    return value


def test_it_tells_what_became_of_every_book() -> None:
    """Wealth, growth a year, and the worst fall beside that of no hedge."""
    told, books = shown(REPORT), {row.book: row for row in REPORT.books}
    own = books["hedged"]
    assert f"{usd(own.start_usd)} -> {usd(own.end_usd)} USD, " in told
    for book, name in (("hedged", "USD,"), ("unhedged", "unhedged"), ("static", "static")):
        (grown,) = [
            row.value
            for row in REPORT.summary
            if (row.book, row.currency, row.metric) == (book, "USD", "cagr")
        ]
        assert f"{name} {in_unit(grown, 'ratio', True)}" in told
    falls = [in_unit(round(books[book].fall_ratio, 4), "ratio") for book in ("hedged", "unhedged")]
    assert f"Worst fall {falls[0]} (unhedged {falls[1]})" in told


def test_a_run_of_less_than_a_year_tells_its_growth_in_all() -> None:
    """No rate a year is made of a few weeks."""
    short = backtests.report_of(backtests.inputs(days=40))
    (grown,) = [
        row.value
        for row in short.summary
        if (row.book, row.currency, row.metric) == ("hedged", "USD", "total_growth")
    ]
    told = shown(short)
    assert f"USD, {in_unit(grown, 'ratio', True)}; unhedged" in told
    assert "a year" not in told


def test_the_parts_add_up_to_what_it_made() -> None:
    """Costs are fees, slippage and transfers together; the largest stand first."""
    usd_of = {row.part: row.usd for row in REPORT.attribution}
    costs = usd_of["fees"] + usd_of["slippage"] + usd_of["transfers"]
    (line,) = [one for one in shown(REPORT).split("\n") if one.startswith("What made it")]
    assert f"costs {signed_usd(costs)}" in line
    assert f"What made it {signed_usd(sum(usd_of.values()))} USD: " in line
    parts = line.partition(": ")[2].partition(" (")[0].split(", ")
    sizes = [abs(float(part.split(" ")[-1].replace(",", ""))) for part in parts]
    assert sizes == sorted(sizes, reverse=True)
    assert len(parts) == 7  # coins, futures, basis, funding, liquidation, flows, costs


def test_it_tells_what_was_taken_away_and_whether_a_gain_may_be_luck() -> None:
    """In points, with the range that says so."""
    told = shown(REPORT)
    assert f"{in_unit(round(figure(REPORT, 'variance_reduction'), 3), 'ratio')} of the var" in told
    for against in ("unhedged", "static"):
        row = next(
            one for one in REPORT.differences if (one.against, one.metric) == (against, "cagr")
        )
        assert row.low is not None
        assert row.high is not None
        ends = range_text(row.low, row.high, "points").removesuffix(" points")
        luck = "may be luck" if row.low <= 0.0 <= row.high else "hardly luck"
        assert f"{in_unit(row.value, 'points', True)} ({ends}), {luck}." in told


def test_a_range_beyond_zero_is_hardly_luck() -> None:
    """And one that holds it may be."""
    for low, high, luck in ((0.01, 0.2, "hardly"), (-0.2, -0.01, "hardly"), (-0.1, 0.1, "may be")):
        rows = [dataclasses.replace(one, low=low, high=high) for one in REPORT.differences]
        told = shown(dataclasses.replace(REPORT, differences=rows))
        assert told.count(f", {luck} luck.") == 2


def test_liquidations_stand_in_danger_with_what_they_took() -> None:
    """How many, the first, and where; without one, how near the nearest came."""
    (lost,) = [-one.lost_usd for one in REPORT.events.liquidations]
    lines = verdict(REPORT).sections[0].items
    (danger,) = [one for one in lines if getattr(one, "kind", "") == "danger"]
    assert getattr(danger, "text", "").startswith("LIQUIDATED 1 time, first ")
    assert f"coinm at 51,000; {usd(lost)} USD lost beyond the price." in shown(REPORT)
    near = in_unit(figure(SAFE, "nearest_liquidation"), "ratio")
    assert f"Never liquidated; nearest {near} away: coinm, " in shown(SAFE)


def test_where_no_move_liquidates_it_is_told() -> None:
    """Missing is not zero: no distance is not a distance of nothing."""
    rows = [
        dataclasses.replace(one, value=None, at=None)
        if one.figure == "nearest_liquidation"
        else one
        for one in SAFE.effectiveness
    ]
    told = shown(dataclasses.replace(SAFE, effectiveness=rows))
    assert "Never liquidated, and no move of the price would have done it." in told


def test_of_a_few_days_no_share_of_risk_is_told() -> None:
    """Two days know no variance; ranges are withheld there too."""
    told = shown(backtests.report_of(backtests.inputs(days=3)))
    assert "What it took away of risk is not told of fewer than 30 days." in told
    assert "of the variance" not in told
    assert "of the variance" in shown(backtests.report_of(backtests.inputs(days=30)))


def test_books_that_never_differed_are_no_luck() -> None:
    """No line tells that nothing may be luck."""
    rows = [dataclasses.replace(one, value=0.0, low=0.0, high=0.0) for one in REPORT.differences]
    told = shown(dataclasses.replace(REPORT, differences=rows))
    assert "luck" not in told
    assert "beside no hedge" not in told


def test_what_it_made_is_the_difference_of_the_figures_shown() -> None:
    """Each rounded as it is shown; of small books to the cent."""
    for start, end, said in ((81_355.4, 152_024.6, "+70,670"), (10.25, 12.75, "+2.50")):
        books = [
            dataclasses.replace(one, start_usd=start, end_usd=end) if one.book == "hedged" else one
            for one in REPORT.books
        ]
        made = end - start
        parts = [
            dataclasses.replace(one, usd=made if one.part == "spot" else 0.0)
            for one in REPORT.attribution
        ]
        told = shown(dataclasses.replace(REPORT, books=books, attribution=parts))
        assert f"What made it {said} USD: " in told


def test_prices_are_real_or_made_up() -> None:
    """What comes first."""
    made_up = dataclasses.replace(REPORT, warnings=["synthetic: this market is made up"])
    assert "! the prices are made up: this proves nothing about real ones" in shown(made_up)
    assert "Real prices, as stored." in shown(REPORT)
    assert "this market is made up" not in shown(made_up)


def test_warnings_that_change_everything_stand_first() -> None:
    """In the headline too; of many others their number."""
    many = [f"code_{n}: something {n}" for n in range(5)]
    told = shown(dataclasses.replace(REPORT, warnings=[*many, "never_hedged: no order was sent"]))
    assert told.startswith("treasury, NEVER HEDGED: backtest from ")
    warned = [one for one in told.split("\n") if one.startswith("! ") and "LIQUID" not in one]
    assert warned[0].startswith("! no order was sent")
    assert len(warned) == MOST_WARNINGS + 1
    assert warned[-1] == f"! {6 - MOST_WARNINGS} more warnings: --full"


def test_without_resampled_histories_it_is_not_sure() -> None:
    """No range is made up."""
    told = shown(backtests.report_of(backtests.inputs(), draws=0))
    assert "How sure: it cannot be told without resampled histories." in told
    assert "luck" not in told


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e4])
@pytest.mark.parametrize("days", [3, 40, 400])
def test_it_fits_a_screen(days: int, scale: float) -> None:
    """Fifteen lines of text at most where nothing is wrong, none wider than 80."""
    quiet = (Acknowledged, CashBooked)
    made = backtests.without(backtests.inputs(days=days), *quiet)
    made = dataclasses.replace(made, events=tuple(one for one in made.events if not one.group))
    parts = dataclasses.asdict(made.tallies)
    tallies = dataclasses.replace(
        made.tallies, **{name: np.asarray(part) * scale for name, part in parts.items()}
    )
    scaled = {
        name: np.asarray(getattr(made, name)) * scale
        for name in ("hedged_usd", "unhedged_usd", "static_usd")
    }
    told = shown(backtests.report_of(dataclasses.replace(made, tallies=tallies, **scaled)), 80)
    lines = told.rstrip("\n").split("\n")
    assert max(len(line) for line in lines) <= 80
    assert len([line for line in lines[1:] if line]) <= 15
