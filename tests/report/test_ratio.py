"""Which differences between hedge ratios are called real, and the words for it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from volsculpt.contracts.catalog import load_catalog
from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.every import ESTIMATORS, estimator_class
from volsculpt.hedge.estimators.ewma import Ewma
from volsculpt.hedge.estimators.moves import Moves
from volsculpt.hedge.estimators.naive import Naive
from volsculpt.hedge.estimators.ols import Ols
from volsculpt.report.document import Line
from volsculpt.report.pages.ratio import ratio_page
from volsculpt.report.rows import ratio as rows
from volsculpt.report.rows.ratio import RatioRow, RatioTable, Trial, rows_of, verdict_of
from volsculpt.report.rows.ratio_words import GROWTH_ASSUMES, growth_words, sentence_of, share
from volsculpt.report.stats.bootstrap import NO_INTERVAL, Interval, middle
from volsculpt.units import DAY_NS

CONTRACT = load_catalog().get("bybit", "BTC/USDT:USDT")


def quiet(done: int, total: int, path: Path) -> None:
    """No progress is shown."""


def trial(seed: int, ratio: float, rows_: int = 240) -> Trial:
    """Returns of which a contract explains a ratio."""
    random = np.random.default_rng(seed)
    moved = random.normal(0.0, 0.03, rows_)
    held = ratio * moved + random.normal(0.0, 0.01, rows_)
    return Trial(CONTRACT, True, Moves(held, moved, moved, 1.0), rows_ // 2, 60, 365.0)


@pytest.mark.parametrize(("ratio", "verdict"), [(0.5, "less"), (1.0, "no difference")])
def test_a_difference_is_real_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, ratio: float, verdict: str
) -> None:
    """Least squares against 1: where the ratio is 0.5 it is better, where it is 1 nobody knows."""
    monkeypatch.setattr(rows, "ESTIMATORS", (Naive, Ols))
    naive, ols = rows_of(trial(1, ratio), quiet)
    assert (naive.verdict, ols.verdict) == ("reference", verdict)


def test_luck_is_seldom_called_real(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 40 markets where the ratio is 1, in at most four estimating is called better than 1."""
    monkeypatch.setattr(rows, "ESTIMATORS", (Naive, Ols))
    found = [rows_of(trial(100 + seed, 1.0, 160), quiet)[1].verdict for seed in range(40)]
    assert found.count("less") <= 4


def test_the_level_is_that_of_as_many_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two beside the naive one: each at 95 %, so that both hold at 90 % (Bonferroni)."""
    levels, resample = [], rows.resample

    def noted(*asked: object, **how: float) -> object:
        levels.append(how.get("level", rows.LEVEL))
        return resample(*asked, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(rows, "resample", noted)
    for kinds, level in (((Naive, Ols), 0.9), ((Naive, Ols, Ewma), 0.95)):
        levels.clear()
        monkeypatch.setattr(rows, "ESTIMATORS", kinds)
        rows_of(trial(1, 0.5), quiet)
        assert levels == pytest.approx([0.9, level])


def test_more_comparisons_need_wider_intervals() -> None:
    """A level nearer 1 holds more of the draws."""
    draws = np.arange(1_001.0)
    usual, wide = middle(draws), middle(draws, 0.99)
    assert (usual.low, usual.high) == pytest.approx((50.0, 950.0))
    assert (wide.low, wide.high) == pytest.approx((5.0, 995.0))


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        (Interval(-0.2, -0.1), "less"),
        (Interval(0.1, 0.2), "more"),
        (Interval(-0.1, 0.2), "no difference"),
        (NO_INTERVAL, "not known"),
        (None, "not known"),
    ],
)
def test_an_interval_is_read(interval: Interval | None, verdict: str) -> None:
    """0 outside of it is a difference; no interval is no verdict."""
    assert verdict_of("ols", interval) == verdict
    assert verdict_of("naive", interval) == "reference"


def table(*found: RatioRow) -> RatioTable:
    """A table of rows."""
    return RatioTable(
        underlying="BTC",
        contract="bybit:BTC/USD:BTC",
        payoff="inverse",
        own=True,
        from_="2020-01-01T00:00:00Z",
        to="2021-01-01T00:00:00Z",
        tested_from="2020-07-01T00:00:00Z",
        rows=366,
        tested_rows=183,
        dropped=0,
        refit_rows=60,
        comparisons=1,
        growth_exposure=1.2,
        growth_exposure_std=0.9,
        estimators=list(found),
    )


def test_the_sentence_says_what_follows() -> None:
    """Nothing better: take 1. Something better: which, and its ratio. No hedge at all: that."""
    naive = RatioRow("naive", 1.0, 0.0, variance_left_out=0.02, verdict="reference")
    worse = RatioRow("ewma", 0.9, 0.1, variance_left_out=0.03, verdict="more")
    better = replace(worse, estimator="ols", variance_left_out=0.005, verdict="less")
    assert sentence_of(table(naive, worse)) == (
        "Out of sample (183 steps from 2020-07-01 on) a ratio of 1 left 2 % of the variance. "
        "No estimate left measurably less. Measurably more was left by ewma. So to hedge all take "
        "1, and no estimator; to hedge half, half of that."
    )
    assert sentence_of(table(naive, better)).endswith(
        "Measurably less was left by ols. So to hedge all with a fixed ratio take 0.9: it matters, "
        "ols takes 1.5 % of the variance more than 1, beyond luck; to hedge half, half of that."
    )
    little = replace(better, variance_left_out=0.0199)
    assert sentence_of(table(naive, little, better)).count("matters") == 1
    assert sentence_of(table(naive, little)).endswith(
        "So to hedge all with a fixed ratio take 1, or the 0.9 of ols: it hardly matters, ols "
        "takes 0.01 % of the variance more than 1, beyond luck but little; to hedge half, half of "
        "that."
    )
    assert "no ratio of this contract" in sentence_of(table(replace(naive, variance_left_out=0.5)))
    assert "is no hedge of BTC" in sentence_of(table(replace(naive, variance_left_out=1.1)))


def test_a_moving_ratio_lends_its_gain_to_no_fixed_one() -> None:
    """The fixed ratio to take is a fixed one's; what moves is named, and held against it apart."""
    naive = RatioRow("naive", 1.0, 0.0, variance_left_out=0.2, verdict="reference")
    ols = RatioRow("ols", 0.9, 0.1, variance_left_out=0.15, verdict="less")
    garch = RatioRow("garch", 0.7, variance_left_out=0.11, verdict="less", moves=True)
    traded = replace(garch, turnover_annual=3.21)
    for rows_ in ((naive, traded, ols), (naive, ols, traded)):
        said = sentence_of(table(*rows_))
        assert "Measurably less was left by ols, and by ratios that move: garch." in said
        assert "with a fixed ratio take 0.9: it matters, ols takes 5 % of the variance" in said
        assert said.endswith(
            "A ratio that moves, garch (now 0.7, 3.2 traded a year), takes 9 % of the variance "
            "more than 1, beyond luck, and 4 % more than that fixed one: as long as it is "
            "followed; its figure of now, kept, is a fixed ratio like any."
        )
    alone = sentence_of(table(naive, replace(ols, verdict="no difference"), garch))
    assert "less was left by ratios that move: garch." in alone
    assert "with a fixed ratio take 1: no other fixed one left measurably less" in alone
    assert "garch (now 0.7), takes 9 % of the variance more than 1" in alone
    assert "9 % more than that fixed one" in alone
    worse = sentence_of(table(naive, ols, replace(garch, variance_left_out=0.16)))
    assert "takes 4 % of the variance more than 1, beyond luck, and 1 % less than" in worse


def test_what_moves_says_so() -> None:
    """An estimator moves just where it has a path of its own; rows carry it, fitted or not."""
    for kind in ESTIMATORS:
        assert (kind.path is not Estimator.path) == kind.MOVES, kind
    made = rows_of(trial(1, 0.5, 120), quiet)
    assert [one.moves for one in made] == [estimator_class(one.estimator).MOVES for one in made]
    assert any(one.note for one in made)


def test_growth_is_no_answer() -> None:
    """It stands under a heading of its own, after the answer, with what it assumes."""
    naive = RatioRow("naive", 1.0, 0.0, variance_left_out=0.02, verdict="reference")
    one = replace(table(naive), sentence=sentence_of(table(naive)))
    assert "growth" not in one.sentence
    page = ratio_page([one, one], [], DAY_NS, "data")
    titles = [section.title for section in page.sections]
    assert titles[2] == "Fastest growth, another question and no advice"
    said = [line.text for line in page.sections[2].items if isinstance(line, Line)]
    assert said == [growth_words(one), GROWTH_ASSUMES]
    assert "1.2 of wealth in it, give or take 0.9: too little is known" in said[0]
    for exposure, words in ((1.8, "had its mean"), (-1.0, "too little"), (-3.0, "had its mean")):
        assert words in growth_words(replace(one, growth_exposure=exposure))


def test_small_shares_are_not_rounded_away() -> None:
    """As worked in the docstring."""
    assert (share(0.00042), share(0.31), share(0.0)) == ("0.042 %", "31 %", "0 %")
