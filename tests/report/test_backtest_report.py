"""A whole backtest: its rows add up, its JSON is as published, its ends are told."""

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.report import backtests
from volsculpt.app.cli.published import published
from volsculpt.errors import ReportError
from volsculpt.report.backtest import BacktestReport
from volsculpt.report.rows import backtest as rows
from volsculpt.report.rows import backtest_build
from volsculpt.report.rows import backtest_events as happened
from volsculpt.report.stats.effectiveness import hedge_cost
from volsculpt.simulate.record import (
    BacktestRecord,
    arrays_of,
    checked,
)

SCHEMA = published("backtest")
ROWS = {
    "book": rows.BookRow,
    "summary": rows.SummaryRow,
    "difference": rows.DifferenceRow,
    "month": rows.MonthRow,
    "year": rows.YearRow,
    "fall": rows.FallRow,
    "attribution": rows.AttributionRow,
    "effectiveness": rows.EffectivenessRow,
    "order": happened.FillRow,
    "refusal": happened.RefusalRow,
    "liquidation": happened.LiquidationRow,
    "transfer": happened.SentRow,
    "flow": happened.FlowRow,
    "decided": happened.HedgeDecidedRow,
    "roll": happened.RollRow,
    "cash": happened.CashRow,
    "cash_total": happened.CashTotalRow,
    "events": happened.Events,
    "bootstrap": rows.Bootstrap,
}
REPORT = backtests.report_of(backtests.inputs())


def figures(report: BacktestReport, currency: str = "USD") -> dict[str, float | None]:
    """Values by "book.metric"."""
    found = [one for one in report.summary if one.currency == currency]
    return {f"{one.book}.{one.metric}": one.value for one in found}


def check(report: BacktestReport, series: bool = True) -> dict[str, Any]:
    """The printed object; raises where it is not what the schema says."""
    printed: dict[str, Any] = json.loads(report.to_json(series))
    Draft202012Validator(SCHEMA).validate(printed)
    return printed


def ruined(book: str) -> BacktestRecord:
    """A backtest in which a book loses everything half way; tallies follow the hedged one."""
    made = backtests.inputs()
    half = made.stamps_ns.size // 2 - 5
    wealth = made.books[book].copy()
    lost = np.where(np.arange(wealth.size) >= half, -wealth, 0.0)
    changed: dict[str, object] = {f"{book}_usd": wealth + lost}
    if book == "hedged":
        liquidation = made.tallies.liquidation + lost
        changed["tallies"] = dataclasses.replace(made.tallies, liquidation=liquidation)
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


# --- what is published ----------------------------------------------------------------


def test_the_schema_is_one() -> None:
    """The published file is a valid JSON Schema 2020-12."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("series", [True, False])
def test_a_report_is_as_published(series: bool) -> None:
    """With its series and without."""
    printed = check(REPORT, series)
    assert (printed["series"] is None) is not series


@pytest.mark.parametrize(
    "made",
    [
        backtests.inputs(days=10),
        backtests.inputs(static_usd=None),
        backtests.inputs(hedges=(), wallets=(), legs=(), groups=(), events=()),
        ruined("hedged"),
        ruined("unhedged"),
    ],
    ids=["short", "no static", "no hedges", "hedged lost", "unhedged lost"],
)
def test_other_backtests_are_as_published(made: BacktestRecord) -> None:
    """Short ones, without a static hedge, without hedges, with a book that is lost."""
    check(backtests.report_of(made))


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_row_has_the_published_names(name: str) -> None:
    """Every field of a row is in the schema, in the same order, and required."""
    fields = [field.name.removesuffix("_ns") for field in dataclasses.fields(ROWS[name])]
    published = SCHEMA["$defs"][name]
    assert list(published["properties"]) == published["required"] == fields
    assert published["additionalProperties"] is False


def test_an_order_has_the_published_names() -> None:
    """The first nine as ever, then the fee in coins; of the fill, or its worth."""
    (order, row) = (REPORT.events.orders[0], REPORT.as_dict()["events"]["orders"][0])
    assert list(row) == list(SCHEMA["$defs"]["order"]["properties"])
    fill = REPORT.inputs.fills[0].event
    assert [row["time"], *list(row.values())[1:5]] == [
        order.time,
        fill.account,
        fill.contract,
        fill.contracts,
        fill.price,
    ]
    assert (row["fee_coin"], row["fee_currency"]) == (-fill.fee, "BTC")
    assert row["fee_coin"] * fill.price == pytest.approx(row["fee_usd"], rel=1e-12)


def test_the_report_has_the_published_names() -> None:
    """Top-level names are those of the rows, with schema first and series last."""
    printed = REPORT.as_dict(series=False)
    assert list(printed) == list(SCHEMA["properties"]) == SCHEMA["required"]


def test_everything_is_described() -> None:
    """Each key of each object says what it is."""
    tables = [SCHEMA, *SCHEMA["$defs"].values()]
    keys = [(key, one) for table in tables for key, one in table["properties"].items()]
    assert [key for key, one in keys if not one.get("description")] == []


def test_series_are_whole() -> None:
    """Every stamp is there: what is thinned for drawing is not thinned here."""
    series = REPORT.as_dict()["series"]
    size = REPORT.inputs.stamps_ns.size
    assert len(series["time_ms"]) == size
    assert {len(column) for column in series["columns"].values()} == {size}
    assert series["columns"]["hedged_usd"] == REPORT.inputs.hedged_usd.tolist()


# --- what adds up ---------------------------------------------------------------------


def test_parts_are_the_change_of_wealth() -> None:
    """To a billionth, and their shares are 1."""
    change = REPORT.books[0].end_usd - REPORT.books[0].start_usd
    assert sum(one.usd for one in REPORT.attribution) == pytest.approx(change, rel=1e-9)
    assert sum(one.share or 0.0 for one in REPORT.attribution) == pytest.approx(1.0, rel=1e-9)


@settings(max_examples=20)
@given(missing=st.floats(1e-6, 1e3), part=st.sampled_from(["funding", "fees", "flows"]))
def test_parts_that_do_not_add_up_are_refused(missing: float, part: str) -> None:
    """A change of wealth that no part explains is a mistake, however small."""
    made = backtests.inputs(days=40)
    tally = getattr(made.tallies, part).copy()
    tally[-1] += missing * abs(made.tallies.spot[-1])
    tallies = dataclasses.replace(made.tallies, **{part: tally})
    with pytest.raises(ReportError, match="tallies add up to"):
        backtests.report_of(dataclasses.replace(made, tallies=tallies))


@given(change=st.floats(-1e-6, 1e-6), noise=st.sampled_from([0.0, 2e-11, -2e-11]))
def test_a_change_that_is_hardly_one_adds_up(change: float, noise: float) -> None:
    """A millionth of a dollar on 60,000: what binary fractions of the wealth leave is no part."""
    made = backtests.inputs(days=40)
    flat = np.zeros_like(made.hedged_usd)
    tallies = dict.fromkeys(backtest_build.PARTS, flat) | {"funding": flat.copy()}
    tallies["funding"][-1] = change
    wealth = flat + 60_000.0
    wealth[-1] += change + noise
    still = dataclasses.replace(
        made, hedged_usd=wealth, tallies=dataclasses.replace(made.tallies, **tallies)
    )
    rows = backtest_build.attribution(still)
    assert sum(row.usd for row in rows) == pytest.approx(change)


def test_coins_kept_are_kept() -> None:
    """Counted in coins the unhedged book neither grows nor falls; what was paid in is no growth."""
    coins = figures(REPORT, "BTC")
    for metric in ("total_growth", "volatility", "max_drawdown"):
        assert coins[f"unhedged.{metric}"] == pytest.approx(0.0, abs=1e-9)
    assert REPORT.books[1].end_coin == pytest.approx(10.5)


def test_a_difference_is_one() -> None:
    """Hedged less another, and its interval holds it."""
    found = figures(REPORT)
    for row in REPORT.differences:
        hedged, other = found[f"hedged.{row.metric}"], found[f"{row.against}.{row.metric}"]
        assert row.value == pytest.approx((hedged or 0.0) - (other or 0.0))
    less = next(one for one in REPORT.differences if one.metric == "volatility")
    assert (less.low or 0.0) < (less.value or 0.0) < (less.high or 0.0) < 0.0


def test_figures_are_those_of_the_functions() -> None:
    """Rows repeat what the functions say; half a hedge takes most of the variance."""
    found = {one.figure: one for one in REPORT.effectiveness}
    assert found["cost"].value == hedge_cost(REPORT.inputs)
    assert (found["variance_reduction"].low or 0.0) > 0.5
    assert found["nearest_liquidation"].at is not None


def test_same_inputs_same_report() -> None:
    """Same seed, same bits."""
    assert backtests.report_of(backtests.inputs()).to_json() == REPORT.to_json()


# --- what is told or refused ----------------------------------------------------------


@pytest.mark.parametrize("book", ["hedged", "unhedged", "static"])
def test_a_lost_book_is_told(book: str) -> None:
    """Growth of -1, no ratios, no ranges, a warning; the other books keep theirs."""
    report = backtests.report_of(ruined(book))
    found = figures(report)
    assert [found[f"{book}.{one}"] for one in ("total_growth", "cagr", "max_drawdown")] == [
        -1.0
    ] * 3
    assert found[f"{book}.sharpe"] is None
    assert any(text.startswith(f"path_ended: the {book} book lost") for text in report.warnings)
    rest = [one for one in report.summary if one.book != book and one.currency == "USD"]
    assert all(one.low is not None for one in rest)


def test_a_short_backtest_has_no_ranges() -> None:
    """Ten days claim nothing, and say so."""
    report = backtests.report_of(backtests.inputs(days=10))
    assert all(one.low is None for one in report.summary)
    assert any(text.startswith("too_short:") for text in report.warnings)


def test_every_problem_is_told_at_once() -> None:
    """Lengths, NaN where none may be, prices; of figures that are too few only how many."""
    made = backtests.inputs(days=40)
    short = dataclasses.replace(made.groups[0], equity_coin=np.full(3, math.nan))
    holes = made.hedged_usd.copy()
    holes[7] = math.nan
    with pytest.raises(ReportError) as found:
        backtests.report_of(dataclasses.replace(made, groups=(short,), hedged_usd=holes))
    assert str(found.value).split("\n") == [
        "hedged_usd is not a number at 2021-01-03T08:00:00Z",
        "groups[coinm BTC].equity_coin has 3 figures for 121 stamps",
    ]


MAY_LACK = ("held_ratio", "target_ratio", "leverage", "liquidation_distance")


def test_every_figure_is_looked_at() -> None:
    """Infinity nowhere; NaN only where a figure may be lacking: no base, no equity, no end."""
    made = backtests.inputs(days=40)
    priced = dataclasses.replace(made.hedges[0], price_usd=made.price_usd.copy())
    made = dataclasses.replace(made, hedges=(priced,))
    places = list(arrays_of(made))
    assert len(places) > 16
    for place, array, _ in places:
        before = array[7]
        for wrong in (math.inf, math.nan):
            array[7] = wrong
            if math.isnan(wrong) and place.endswith(MAY_LACK):
                assert checked(made) is made
            else:
                with pytest.raises(ReportError, match="is not a number at") as found:
                    checked(made)
                assert str(found.value).startswith(place)
        array[7] = before


def test_prices_and_stamps_are_checked() -> None:
    """A price of zero, stamps that stand still or are not whole nanoseconds."""
    made = backtests.inputs(days=40)
    with pytest.raises(ReportError, match="price_usd must be above zero"):
        backtests.report_of(dataclasses.replace(made, price_usd=made.price_usd * 0.0))
    twice = made.stamps_ns.copy()
    twice[8] = twice[7]
    for wrong in (made.stamps_ns * 0, twice):
        with pytest.raises(ReportError, match="stamps_ns must increase"):
            backtests.report_of(dataclasses.replace(made, stamps_ns=wrong))
    with pytest.raises(ReportError, match="two int64 nanoseconds"):
        backtests.report_of(dataclasses.replace(made, stamps_ns=made.stamps_ns.astype(np.float64)))


def test_flows_are_what_came_in_since_the_stamp_before() -> None:
    """A quarter at the second stamp, half a coin halfway; what stood at the first is no flow."""
    made = backtests.inputs(days=40)
    flows = made.tallies.flows + np.where(np.arange(made.stamps_ns.size) > 0, 0.25, 0.0) + 3.0
    moved = dataclasses.replace(made, tallies=dataclasses.replace(made.tallies, flows=flows))
    first, second, *rest = moved.flows_usd.tolist()
    assert (first, second) == pytest.approx((0.0, 0.25))
    assert sum(rest) == pytest.approx(made.tallies.flows[-1])


def test_an_order_is_dated_by_its_fill() -> None:
    """To the nanosecond: a day is looked up by it."""
    made = backtests.inputs(days=400)
    orders = backtests.report_of(made, draws=0).events.orders
    assert orders != []
    assert [one.time_ns for one in orders] == [one.event.stamp_ns for one in made.fills]


def test_a_volatility_target_is_told_beside_what_came_of_it() -> None:
    """Wanted and realised volatility, its range, days at limits; other hedges have no such rows."""
    made = backtests.inputs()
    path = dataclasses.replace(made.hedges[0], volatility=0.4, limits=(0.4, 0.6))
    report = backtests.report_of(dataclasses.replace(made, hedges=(path,)))
    found = {one.figure: one for one in report.effectiveness}
    new = [name for name in found if name not in {one.figure for one in REPORT.effectiveness}]
    assert new == [
        "volatility_realised",
        "volatility_wanted",
        "days_at_min_ratio",
        "days_at_max_ratio",
        "days_without_target",
    ]
    summary = next(o for o in report.summary if (o.book, o.metric) == ("hedged", "volatility"))
    realised = found["volatility_realised"]
    assert (realised.value, realised.low, realised.high) == (
        summary.value,
        summary.low,
        summary.high,
    )
    assert found["volatility_wanted"].value == 0.4
    limits = [found[name].value or 0.0 for name in ("days_at_min_ratio", "days_at_max_ratio")]
    assert sum(limits) == pytest.approx(report.days, abs=1.0)
    check(report)
    assert "volatility of wealth a year" in report.table(100)
    assert "days lowest" in report.to_html()


def test_a_target_that_is_not_there_yet_is_shown_as_a_gap() -> None:
    """NaN in a target is null in the series, and every back-end draws around it."""
    made = backtests.inputs()
    target = made.hedges[0].target_ratio.copy()
    target[:40] = np.nan
    path = dataclasses.replace(made.hedges[0], target_ratio=target)
    report = backtests.report_of(dataclasses.replace(made, hedges=(path,)))
    series = check(report)["series"]["columns"]["hedges[BTC].target_ratio"]
    assert series[:41] == [None] * 40 + [target[40]]
    assert "<html" in report.to_html()
