"""Loan-to-value and the prices at which its levels lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.book.loans import LoanSides

COIN_PLEDGED = LoanSides(owed_still=30_000.0, pledged_moving=60_000.0)
COIN_OWED = LoanSides(owed_moving=30_000.0, pledged_still=60_000.0)


def test_worked_levels() -> None:
    """30,000 owed on 60,000 of coins: half; 0.8 after a fall of 37.5 %, or a rise of 60 %."""
    assert COIN_PLEDGED.ltv == 0.5
    assert COIN_PLEDGED.passes_at(0.8) == pytest.approx(0.625)
    assert COIN_OWED.passes_at(0.8) == pytest.approx(1.6)


def test_coins_owed_against_the_same_coin_have_no_price() -> None:
    """1 BTC owed against 2 BTC is half at every price."""
    same = LoanSides(owed_moving=1.0, pledged_moving=2.0)
    assert same.passes_at(0.5) is None
    assert same.passes_at(0.8) is None


def test_nothing_pledged_is_no_ratio() -> None:
    """A debt alone has no loan-to-value, and has passed every level."""
    bare = LoanSides(owed_still=1_000.0)
    assert bare.ltv is None
    assert bare.has_passed(0.9)
    assert not LoanSides(pledged_still=5.0).has_passed(0.9)


@given(
    st.tuples(*[st.floats(0.0, 1e6)] * 4).map(lambda four: LoanSides(*four)),
    st.floats(0.1, 1.0),
)
def test_at_its_price_a_level_is_met(sides: LoanSides, level: float) -> None:
    """Moved by the factor it names, what is owed is the level's share of what is pledged."""
    factor = sides.passes_at(level)
    if factor is not None and factor < 1e6:
        there = sides.at(factor)
        size = max(there.owed_usd, there.pledged_usd, 1.0)
        assert there.owed_usd == pytest.approx(level * there.pledged_usd, abs=1e-6 * size)


@given(st.floats(0.0, 1e6), st.floats(1.0, 1e6), st.floats(0.2, 0.95), st.floats(0.5, 1.5))
def test_what_is_lacking_brings_the_level(
    owed: float, pledged: float, level: float, factor: float
) -> None:
    """With so much more pledged, at that price, no more than the level is owed."""
    sides = LoanSides(owed_still=owed, pledged_moving=pledged)
    more = sides.lacks(level, factor)
    there = sides.at(factor)
    assert there.owed_usd <= level * (there.pledged_usd + more) * (1.0 + 1e-9)
    assert more == 0.0 or there.owed_usd == pytest.approx(level * (there.pledged_usd + more))
