"""An evaluation: folds linked, figures against brute force, order and names, the one sentence."""

import dataclasses
import json
from collections.abc import Sequence

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from tests.report import evaluations
from tests.report.evaluations import DAYS, priced, record, walk
from volsculpt.app.cli.published import published
from volsculpt.report.evaluation import EvaluationReport
from volsculpt.report.rows.backtest_build import backtest_report, histories
from volsculpt.report.rows.evaluation import Claim, EvidenceRow
from volsculpt.report.rows.evaluation_build import evaluation_report, linked, linked_path, over_time
from volsculpt.report.rows.evaluation_parts import fold_of
from volsculpt.report.rows.evaluation_words import listed, verdict
from volsculpt.report.stats.evidence import Standing
from volsculpt.report.stats.returns import Growth
from volsculpt.simulate.conditions import ConditionPath
from volsculpt.simulate.walk_forward import WalkForward
from volsculpt.units import DAY_NS

CALM, FIXED = priced(walk("calm", 7, sigma=0.7)), priced(walk("fixed", 7, sigma=0.9))
OTHER = walk("other", 30, coins=("ETH",), volatility=None)
REPORT = evaluation_report([CALM, FIXED, OTHER], 4, 150)


def figure(report: EvaluationReport, name: str, book: str, metric: str) -> float:
    """A figure of a mandate's book."""
    keys = (name, book, metric)
    (value,) = [r.value for r in report.figures if (r.mandate, r.book, r.metric) == keys]
    assert value is not None
    return value


def test_it_is_as_published() -> None:
    """The object that --json prints, whole."""
    found = json.loads(REPORT.to_json())
    Draft202012Validator(published("evaluate")).validate(found)
    for name in REPORT.tables():
        assert REPORT.to_polars(name).to_dicts() == found[name], name


def test_the_order_of_mandates_changes_nothing() -> None:
    """Not one figure, to the bit."""
    assert evaluation_report([OTHER, FIXED, CALM], 4, 150).to_json() == REPORT.to_json()


def test_company_changes_no_own_figure() -> None:
    """Figures and ranges of a mandate are the same alone; only luck is counted anew."""
    alone = evaluation_report([CALM], 0, 150)
    for name in ("figures", "gains", "work", "parts"):
        own = [one for one in getattr(REPORT, name) if one.mandate == "calm"]
        assert getattr(alone, name) == own, name


def test_one_fold_is_a_backtest() -> None:
    """The same figures, ranges and differences, from the same arrays."""
    report = evaluation_report([walk(folds=1)], 0, 100)
    plain = backtest_report(record(0, name="calm"), 100)
    told = [(r.book, r.metric, r.value, r.low, r.high) for r in report.figures]
    assert told == [
        (r.book, r.metric, r.value, r.low, r.high) for r in plain.summary if r.currency == "USD"
    ]
    less = [(r.against, r.metric, r.value, r.low, r.high) for r in report.gains]
    assert less == [(r.against, r.metric, r.value, r.low, r.high) for r in plain.differences]
    figures = {row.figure: row.value for row in plain.effectiveness}
    for row in report.work:
        if row.figure in figures:
            assert row.value == figures[row.figure], row.figure


def test_folds_are_linked_by_brute_force() -> None:
    """Days of all folds in one row: growth, deviation and variance taken away by hand."""
    days = {
        book: np.concatenate([histories(one, False).days[book].returns for one in CALM.records])
        for book in ("hedged", "unhedged")
    }
    assert days["hedged"].size == 3 * DAYS
    grown = figure(REPORT, "calm", "hedged", "total_growth")
    assert grown == pytest.approx(np.prod(1.0 + days["hedged"]) - 1.0)
    risk = figure(REPORT, "calm", "hedged", "volatility")
    assert risk == pytest.approx(days["hedged"].std(ddof=1) * np.sqrt(365))
    away = 1.0 - days["hedged"].var() / days["unhedged"].var()
    work = {row.figure: row.value for row in REPORT.work if row.mandate == "calm"}
    assert work["variance_reduction"] == pytest.approx(away)
    assert work["volatility_over_asked"] == pytest.approx(risk / 0.4)


def test_parts_are_their_days() -> None:
    """A fold has its 130 days and the figures of a backtest of them; years share out all days."""
    parts = [row for row in REPORT.parts if row.mandate == "calm"]
    folds = [row for row in parts if row.kind == "fold"]
    assert [(row.part, row.days) for row in folds] == [(1, DAYS), (2, DAYS), (3, DAYS)]
    assert sum(row.days for row in parts if row.kind == "year") == 3 * DAYS
    for row, made in zip(folds, CALM.records, strict=True):
        plain = backtest_report(made, 0)
        found = {(r.book, r.metric): r.value for r in plain.summary if r.currency == "USD"}
        assert row.sharpe == pytest.approx(found["hedged", "sharpe"], rel=1e-9)
        assert row.cvar == pytest.approx(found["hedged", "cvar"], rel=1e-9)
        hedged, static = found["hedged", "sharpe"], found["static", "sharpe"]
        assert hedged is not None
        assert static is not None
        assert row.sharpe_gain == pytest.approx(hedged - static, rel=1e-9)


def test_wealth_of_any_size_gives_the_same_ratios() -> None:
    """A book a thousand times as large."""
    large = [dataclasses.replace(fold, record=scaled(fold.record)) for fold in CALM.folds]
    found = evaluation_report([dataclasses.replace(CALM, folds=tuple(large))], 0, 60)
    plain = evaluation_report([CALM], 0, 60)
    for one, two in zip(plain.figures, found.figures, strict=True):
        assert two.value == pytest.approx(one.value, rel=1e-8), one.metric
    assert [row.is_evidence for row in found.evidence] == [r.is_evidence for r in plain.evidence]


def scaled(made: evaluations.BacktestRecord) -> evaluations.BacktestRecord:
    """The same record with all that is in US dollars a thousand times as large."""
    tallies = dataclasses.asdict(made.tallies)
    assert made.static_usd is not None
    return dataclasses.replace(
        made,
        hedged_usd=1e3 * made.hedged_usd,
        unhedged_usd=1e3 * made.unhedged_usd,
        static_usd=1e3 * made.static_usd,
        tallies=type(made.tallies)(**{name: 1e3 * one for name, one in tallies.items()}),
    )


def test_the_same_policy_under_two_names() -> None:
    """No difference, no evidence, forecasts that cannot be told apart."""
    twin = dataclasses.replace(CALM, name="twin")
    report = evaluation_report([CALM, twin], 0, 60)
    assert {(row.value, row.low, row.high) for row in report.pairs} == {(0.0, 0.0, 0.0)}
    assert not any(row.is_evidence for row in report.pairs)
    (row,) = report.forecasts
    assert (row.statistic, row.p_value) == (None, None)
    assert row.first_qlike == row.second_qlike


def test_forecasts_are_compared_where_both_have_one() -> None:
    """70 % against 90 % for a coin that moves 70 %: the first loses less, and not by luck."""
    (row,) = REPORT.forecasts
    assert (row.coin, row.first, row.second, row.days) == ("BTC", "calm", "fixed", 3 * DAYS)
    assert row.first_qlike < row.second_qlike
    assert row.p_value is not None
    assert row.p_value < 0.01


def test_forecasts_stand_against_yardsticks() -> None:
    """A plain forecast that is far too low loses to a mandate's own, and is named as such."""
    folds = tuple(
        dataclasses.replace(
            fold,
            yardsticks={
                "EWMA 0.94": tuple(
                    dataclasses.replace(one, sigma=one.sigma / 3.0) for one in fold.forecasts
                )
            },
        )
        for fold in CALM.folds
    )
    report = evaluation_report([dataclasses.replace(CALM, folds=folds)], 0, 0)
    (row,) = report.forecasts
    assert (row.first, row.second, row.days) == ("calm", "EWMA 0.94", 3 * DAYS)
    assert row.first_qlike < row.second_qlike
    assert row.p_value is not None
    assert row.p_value < 0.01


def test_conditions_part_the_days() -> None:
    """Every day that has one is in one; figures are those of these days alone."""
    first = int(CALM.records[0].stamps_ns[0]) // DAY_NS * DAY_NS
    begins = tuple(first + day * DAY_NS for day in range(3 * DAYS))
    named = tuple([None] + ["bearish"] * 99 + ["range"] * (3 * DAYS - 101) + ["bull run"])
    found = dataclasses.replace(CALM, conditions=(ConditionPath("BTC", begins, named),))
    report = evaluation_report([found], 0, 60)
    rows = {row.name: row for row in report.parts if row.kind == "condition"}
    assert {name: row.days for name, row in rows.items()} == {
        "BTC bearish": 99,
        "BTC range": 3 * DAYS - 101,
    }
    days = linked(CALM.records).days["hedged"].returns[1:100]
    assert rows["BTC bearish"].volatility == pytest.approx(days.std(ddof=1) * 365.0**0.5)
    assert "By market condition" in [one.title for one in report.page().sections]


def test_other_coins_are_not_compared() -> None:
    """A note says so; pairs hold the two that share a coin."""
    assert {(row.first, row.second) for row in REPORT.pairs} == {("calm", "fixed")}
    assert any("calm hedges BTC and other ETH" in note for note in REPORT.notes)


def test_more_trials_take_evidence_away() -> None:
    """Deflated ratios never rise, claims never come back; 0 trials and many."""
    few, many = evaluation_report([CALM], 0, 60), evaluation_report([CALM], 10_000, 60)
    assert (many.tried.compared, many.tried.variants) == (1, 10_001)
    for one, two in zip(few.deflated, many.deflated, strict=True):
        assert two.deflated_sharpe <= one.deflated_sharpe
    assert not any(row.is_evidence for row in many.evidence)
    assert any(row.is_evidence for row in few.evidence)


def test_too_little_and_no_draws_are_told() -> None:
    """Twenty days have no ranges, no draws none either: the sentence says that nothing is known."""
    made = evaluations.backtests.inputs(20, name="short")
    short = WalkForward("short", ("BTC",), None, (evaluations.Fold(made, ()),))
    report = evaluation_report([short], 0, 60)
    assert report.verdict == (
        "What is evidence: nothing; too little is known of short to tell (1 variant tried)."
    )
    assert "too_short: short: ranges need 30 days or more" in report.warnings
    assert report.deflated == []
    bare = evaluation_report([CALM], 0, 0)
    assert "too little is known of calm" in bare.verdict
    assert "range" not in bare.table(80).split("NOTES")[0]


def test_a_book_that_ends_early_stops_there() -> None:
    """Lost in the second fold: no ranges, no parts, and it is said of which mandate."""
    folds = list(CALM.folds)
    lost = np.where(np.arange(DAYS * 3 + 1) > 30, -1.0, folds[1].record.hedged_usd)
    made = dataclasses.replace(folds[1].record, hedged_usd=lost, tallies=nothing(lost))
    folds[1] = dataclasses.replace(folds[1], record=made)
    report = evaluation_report([dataclasses.replace(CALM, folds=tuple(folds))], 0, 60)
    assert report.mandates[0].path == "ruined"
    assert report.parts == []
    assert any(one.startswith("path_ended: calm: the hedged book") for one in report.warnings)
    assert "too little is known of calm" in report.verdict
    assert report.table(80)


def nothing(wealth: np.ndarray) -> evaluations.BacktestRecord:
    """Tallies without flows."""
    from volsculpt.simulate.record import PARTS, Tallies

    zero = np.zeros(wealth.size)
    return Tallies(**dict.fromkeys(PARTS, zero), traded=zero)  # type: ignore[return-value]


def test_folds_that_end_early_are_linked_no_further() -> None:
    """The factors up to there, and how it ended."""
    stamps = np.arange(3) * DAY_NS
    one = Growth(stamps, np.array([1.1, 0.9]), "complete")
    two = Growth(stamps[:2] + 2 * DAY_NS, np.array([0.0]), "ruined")
    found = linked_path([one, two, one])
    assert found.factors.tolist() == [1.1, 0.9, 0.0]
    assert (found.stamps_ns // DAY_NS).tolist() == [0, 1, 2, 3]
    assert found.end == "ruined"


def test_rates_over_time() -> None:
    """Weighed by years; unknown where one is."""
    assert over_time([(2.0, 0.5), (1.0, 1.5)]) == 1.25
    assert over_time([(2.0, 0.5), (None, 1.5)]) is None


def test_where_days_lie() -> None:
    """By their noon; the fold that begins within a day has it from noon on."""
    midnights = np.array([1, 2, 3, 4]) * DAY_NS
    assert fold_of(midnights, [0, 2 * DAY_NS]).tolist() == [1, 1, 2, 2]
    assert fold_of(midnights, [DAY_NS // 3, 2 * DAY_NS + DAY_NS // 3]).tolist() == [1, 1, 2, 2]


# --- the sentence ---------------------------------------------------------------------


def claims(name: str, *stand: Standing | None) -> Sequence[EvidenceRow]:
    """Claims of a mandate in their order."""
    names: tuple[Claim, ...] = ("variance", "bad_days", "sharpe")
    return [
        EvidenceRow(name, claim, 0.1, 0.01, one == "evidence", one)
        for claim, one in zip(names, stand, strict=True)
    ]


def test_the_sentence() -> None:
    """What is proven first, for and against, then what is not; one sentence."""
    luck: Standing = "may be luck"
    risk_only = [*claims("a", "evidence", luck, luck), *claims("b", "evidence", luck, luck)]
    assert verdict(risk_only, 3) == (
        "What is evidence: a and b took variance away; what may be luck: that a and b had milder "
        "bad days than a static hedge of the same mean ratio, and that a and b earned more for the "
        "risk than a static hedge of the same mean ratio; no evidence of timing skill of a and b "
        "(3 variants tried)."
    )
    everything = claims("a", "evidence", "evidence", "evidence")
    assert verdict(everything, 1) == (
        "What is evidence: a took variance away, and a made bad days milder than a static hedge "
        "of the same mean ratio, and a earned more for the risk than a static hedge of the same "
        "mean ratio (1 variant tried)."
    )
    half = [*claims("a", luck, "evidence", luck), *claims("b", None, None, None)]
    assert verdict(half, 2) == (
        "What is evidence: a made bad days milder than a static hedge of the same mean ratio; "
        "what may be luck: that a varied less than no hedge, and that a earned more for the risk "
        "than a static hedge of the same mean ratio; too little is known of b to tell (2 variants "
        "tried)."
    )


def test_a_loss_is_not_luck() -> None:
    """Beyond luck it is evidence against; within it, no evidence either way."""
    assert verdict(claims("a", "evidence against", "no evidence", "evidence against"), 1) == (
        "What is evidence: nothing; what is evidence against: a added variance, and a earned less "
        "for the risk than a static hedge of the same mean ratio; what is no evidence either way: "
        "a had no milder bad days than a static hedge of the same mean ratio; no evidence of "
        "timing skill of a (1 variant tried)."
    )


def test_names_in_a_sentence() -> None:
    """Commas, and an and."""
    assert listed(["a", "b", "c"]) == "a, b and c"


# --- the page -------------------------------------------------------------------------


def test_the_page_ends_with_the_sentence() -> None:
    """No line is too wide, every mandate has its section, charts are drawn."""
    text = REPORT.table(80)
    assert max(map(len, text.split("\n"))) <= 80
    assert " ".join(text.split()).endswith(REPORT.verdict)
    for title in ("SIDE BY SIDE", "CALM", "BY CALENDAR YEAR", "BY FOLD", "AGAINST EACH OTHER"):
        assert f"\n{title}\n" in text
    assert [one.key for one in REPORT.charts()] == ["growth", "drawdown"]
    page = REPORT.to_html()
    assert REPORT.verdict.split(";")[0] in page
