"""docs/ratio.md: its tables are the figures that are kept, and its conclusions follow from them."""

import re
from itertools import pairwise

import numpy as np
import pytest

from scripts.ratio_studies import liquidation, pairs, regime
from scripts.ratio_studies.__main__ import STUDIES, main, page_tables
from scripts.ratio_studies.kept import PAGE, TABLE, read, with_tables
from tests.structure.source_tree import ROOT
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.report.pages.regime import EVIDENCE

TEXT = PAGE.read_text(encoding="utf-8")
LIQUIDATION = "liquidation-aware"
NO_SKILL = "no evidence of timing skill"


def test_tables_are_the_figures_that_are_kept() -> None:
    """Every table of every study, none changed by hand, none empty."""
    tables = page_tables()
    assert {found[2] for found in TABLE.finditer(TEXT)} == set(tables)
    assert with_tables(TEXT, tables) == TEXT
    assert set(read()) == set(STUDIES)
    assert all(table.count("\n") > 1 for table in tables.values())


def test_pictures_are_there() -> None:
    """Small, and each in the page."""
    named = re.findall(r"\]\((pictures/[a-z-]+\.png)\)", TEXT)
    kept = sorted((ROOT / "docs" / "pictures").glob("ratio-*.png"))
    assert sorted(named) == [f"pictures/{one.name}" for one in kept]
    assert all(5_000 < one.stat().st_size < 80_000 for one in kept)


def test_what_is_not_shown_is_said() -> None:
    """Without bad days milder beyond luck in every later window, all pages say so."""
    assert not regime.has_skill(read()["regime"])
    pages = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/ratio.md")]
    for said in (*pages, RegimePolicy.DOCS, EVIDENCE):
        assert NO_SKILL in " ".join(said.replace("**", "").lower().split())


def test_the_other_model_is_told_as_it_came_out() -> None:
    """The sentences under its table: no gain beyond luck, two losses, what it trades and costs."""
    windows = read()["hidden"]["windows"]
    gains = [one["gains"][name] for one in windows for name in regime.GAINS]
    assert not any(one["low"] > 0.0 for one in gains)
    worse = [one for one in windows if one["gains"]["cvar"]["high"] < 0.0]
    assert [(one["coin"], one["ends"]) for one in worse] == [
        ("BTC", "2023-04-01"),
        ("ETH", "2022-01-01"),
    ]
    evidence = read()["regime"]["windows"]
    assert [one["begins"] for one in evidence] == [one["begins"] for one in windows]
    more = [one["turnover"] / own["turnover"] for one, own in zip(windows, evidence, strict=True)]
    costs = [-100.0 * one["cost"] for one in windows]
    told = " ".join(TEXT.split())
    assert f"it trades {min(more):.1f} to {max(more):.0f} times what the evidence trades" in told
    assert f"for {min(costs):.1f} to {max(costs):.1f} % of wealth a year" in told


def test_skill_asks_for_every_later_window() -> None:
    """A window in sample counts for nothing; one later one at or below zero is enough against."""

    def windows(*lows: float) -> dict[str, object]:
        rows = [
            {"in_sample": n == 0, "gains": {"cvar": {"low": low}}} for n, low in enumerate(lows)
        ]
        return {"windows": rows}

    assert regime.has_skill(windows(-1.0, 0.1, 0.2))
    assert not regime.has_skill(windows(1.0, 0.1, 0.0))


def test_shuffled_days_are_the_same_days() -> None:
    """Blocks of a month in another order, by the seed alone."""
    days = regime.shuffled_days(100, 3)
    assert sorted(days) == list(range(100))
    assert days == regime.shuffled_days(100, 3) != regime.shuffled_days(100, 4)
    steps = sum(two - one == 1 for one, two in pairwise(days))
    assert steps >= 100 - 1 - 3


def test_an_interval_of_a_share() -> None:
    """Clopper and Pearson by hand: (1 - p)^10 = 5 %; all hit is the mirror image."""
    low, high = liquidation.clopper_pearson(0, 10)
    assert (low, high) == (0.0, pytest.approx(1.0 - 0.05**0.1))
    assert liquidation.clopper_pearson(10, 10) == (pytest.approx(1.0 - high), 1.0)


def test_which_differences_are_real_is_counted() -> None:
    """The sentence under the table, by the figures that are kept."""
    rows = [one for one in read()["effectiveness"]["rows"] if "beat" in one]
    won = [(one, other) for one in rows for other in one["beat"]]
    aware = [one for one in won if LIQUIDATION in (one[0]["estimator"], one[1])]
    rest = [one for one in won if one not in aware]
    others = [one for one in rest if not pairs.is_own(one[0])]
    bitcoin = [one for one in rest if one[0]["coin"] == "BTC"]
    value = {(*pairs.hedge_of(one), one["estimator"]): one["value"] for one in rows}
    most = max(one["value"] - value[*pairs.hedge_of(one), other] for one, other in bitcoin)
    doge = sum(one["coin"] == "DOGE" for one, _ in others)
    told = " ".join(TEXT.split())
    for said in (
        f"Of {sum(one['compared'] for one in rows) // 2} pairs {len(won)} differ really",
        f"in {len(aware)} of these one is `liquidation-aware`",
        f"Of the other {len(rest)}, {len(bitcoin)} are of BTC by its own",
        f"at most {100.0 * most:.2f} points",
        f"contract {len(others)} differ, {doge} of them on DOGE",
        f"loser of {sum(other == 'kalman' for _, other in others)}",
    ):
        assert said in told
    assert all(
        one["estimator"] in row["beaten_by"]
        for one, other in won
        for row in rows
        if row["estimator"] == other and pairs.hedge_of(row) == pairs.hedge_of(one)
    )


def test_what_differs_really() -> None:
    """Holm by hand; a noisy hedge is beaten, two that hardly differ are not told apart."""
    assert pairs.holm([(0.01, "a", "b"), (0.04, "c", "d")]) == [("a", "b"), ("c", "d")]
    assert pairs.holm([(0.03, "a", "b"), (0.04, "c", "d")]) == []
    dice = np.random.default_rng(1)
    left, more = 0.1 * dice.standard_normal(900), 0.2 * dice.standard_normal(900)
    books = {"one": left, "same": left + 1e-4 * dice.standard_normal(900), "noisy": left + more}
    found = pairs.real_pairs(books, 1)
    assert found["one"] == {"compared": 2, "beat": ["noisy"], "beaten_by": []}
    assert set(found["noisy"]["beaten_by"]) == {"one", "same"}


def test_a_study_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the names of those that there are."""
    assert main(["store", "out", "luck"]) == 2
    assert "regime | volatility" in capsys.readouterr().err


def test_selling_forward_is_told_as_it_came_out() -> None:
    """In nearly always, no better than always beyond luck, few changes; by sign most is lost."""
    rows = {one["name"]: one for one in read()["carry"]["alone"]}
    carry, gate, hold = rows["carry"], rows["gate"], rows["hold"]
    assert carry["invested"] > 0.95
    assert carry["gain"]["low"] < 0.0 < carry["gain"]["high"]
    assert carry["changes_a_year"] < 1.0 < gate["changes_a_year"]
    assert gate["gain"]["high"] < 0.0
    assert -gate["fees"] - gate["spread"] > 0.9 * gate["funding"]
    years = {one["year"]: one for one in read()["carry"]["years"]}
    assert abs(years[2022]["funding"]) < 0.01
    assert 0.8 < years[2022]["invested"] < 1.0
    assert years[2021]["funding"] > 0.5 * sum(one["funding"] for one in years.values())
    assert all(one["invested"] == 1.0 for year, one in years.items() if year != 2022)
    parts = ("funding", "premium", "fees", "spread")
    for one in (carry, gate, hold):
        assert sum(one[name] for name in parts) == pytest.approx(one["yield"]["value"], abs=1e-5)


def test_forecasts_of_funding_are_off_by_what_is_told() -> None:
    """The ends that docs/cli.md names; more than they say, less than the newest rate."""
    rows = read()["carry"]["forecasts"]
    told = " ".join((ROOT / "docs" / "cli.md").read_text(encoding="utf-8").split())
    ends = [
        [f"{100.0 * end([one[name] for one in rows]):.0f}" for end in (min, max)]
        for name in ("off", "said", "newest_off")
    ]
    off, said, newest = (f"{low} to {high}" for low, high in ends)
    assert f"off by {off} points a year (root of the mean square; they said {said})" in told
    assert f"the newest rate times the payments of a year by {newest} " in told
    assert all(one["said"] < one["off"] < one["newest_off"] for one in rows)
