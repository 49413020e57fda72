"""What a band costs as its study counts, and what the page says of the figures kept."""

from itertools import groupby
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from scripts.ratio_studies import band
from scripts.ratio_studies.kept import PAGE, read
from volsculpt.mandate.load import load_mandate
from volsculpt.units import HOUR_NS

TOLD = " ".join(PAGE.read_text(encoding="utf-8").split())
USUAL = list(band.USUAL)


def test_costs_of_two_days() -> None:
    """A trade of 7 of 1,000 on the first; off by 2 % on the second, of variance 0.01 a step."""
    steps = np.arange(9)
    moves = np.where(steps % 2, 0.1, -0.1)
    record = SimpleNamespace(
        stamps_ns=steps * 8 * HOUR_NS,
        hedged_usd=np.full(9, 1_000.0),
        price_usd=np.exp(np.cumsum(moves)),
        fills=[SimpleNamespace(time_ns=8 * HOUR_NS, fee_usd=-6.0, slippage_usd=-1.0)],
        hedges=[
            SimpleNamespace(
                held_ratio=np.where(steps >= 3, 0.48, 0.5), target_ratio=np.full(9, 0.5)
            )
        ],
    )
    traded, off = band.costs_a_day(record)
    assert traded == pytest.approx([0.007, 0.0])
    assert off == pytest.approx([0.0, 3 * 1.5 * 0.01 * 0.02**2])


def test_a_difference_to_itself_has_no_interval() -> None:
    """The rule's own row; a band that costs a little more each day has one above 0."""
    rule = np.abs(np.random.default_rng(1).normal(1e-6, 1e-6, 200))
    assert band.dearer(rule, rule) == {"value": 0.0, "low": None, "high": None}
    more = band.dearer(rule * 2.0, rule)
    assert more["low"] is not None
    assert 0.0 < more["low"] < more["value"] < (more["high"] or 0.0)


@pytest.mark.parametrize("book", band.BOOKS)
def test_mandates_have_the_band_that_is_asked(tmp_path: Path, book: str) -> None:
    """The rule's and a fixed one, all else as it is."""
    fixed = load_mandate(band.mandate_of(book, (0.05, 0.01), tmp_path)).hedges[0]
    assert (fixed.band.under_trigger, fixed.band.over_settle) == (0.05, 0.01)
    rule = load_mandate(band.mandate_of(book, band.RULE, tmp_path)).hedges[0]
    assert rule.band.under_trigger == pytest.approx(0.0273, abs=1e-4)
    assert rule.band.under_trigger - rule.band.under_settle == pytest.approx(0.00055)  # the fee
    assert rule.policy == fixed.policy


def test_the_page_says_what_is_kept() -> None:
    """The sentences under the table, by the figures: in hundredths of a percent."""
    rows = read()["band"]["rows"]
    both = {id(one): 1e4 * (one["traded"] + one["off"]) for one in rows}
    cases = [list(some) for _, some in groupby(rows, lambda one: (one["book"], one["begins"]))]
    assert len(cases) == 4
    for case in cases:
        rule = next(one for one in case if one["band"] == band.RULE)
        assert both[id(rule)] <= min(both[id(one)] for one in case) + 0.6

    def less(width: object) -> list[float]:
        """What a band costs more than the rule, in each case."""
        return sorted(1e4 * one["less"]["value"] for one in rows if one["band"] == width)

    assert all(one["less"]["low"] > 0.0 for one in rows if one["band"] == USUAL)
    for said, width, digits in (
        ("costs {} to {} more than the rule", USUAL, 1),
        ("5 % costs {} to {} more", [0.05, 0.05], 1),
        ("10 % {} to {}", [0.1, 0.1], 0),
        ("half a percent {} to {}", [0.005, 0.005], 1),
    ):
        found = less(width)
        ends = (f"{found[end]:.{digits}f}" for end in (0, -1))
        assert said.format(*ends) in TOLD
