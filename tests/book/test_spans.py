"""Spans: between which rows lies what belongs together, in whatever order a book has it."""

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.drawn import NOW_NS, draw
from tests.laws.forms import problem_of
from volsculpt.book.spans import span_of
from volsculpt.book.state import Layout
from volsculpt.decide.step import flat_of
from volsculpt.simulate.backtest import flat_setup

OWNERS = st.lists(st.integers(-1, 5), max_size=30)


@given(OWNERS)
def test_a_span_is_the_shortest_that_holds_all_rows_of_its_owner(owners: list[int]) -> None:
    """Its first and its last row are the owner's, and none lies outside; without rows it is 0."""
    first, past = span_of(owners, 6)
    for owner in range(6):
        rows = [row for row, one in enumerate(owners) if one == owner]
        ends = (rows[0], rows[-1] + 1) if rows else (0, 0)
        assert (first[owner], past[owner]) == ends


def test_the_spans_of_a_layout_hold_all_rows_of_groups_and_cash_wallets() -> None:
    """Of random books, as they are built and with their wallets in another order."""
    for seed in range(20):
        drawn = draw(seed)
        legs = [leg for used in drawn.setup.legs for leg in used]
        check(flat_of(drawn.setup).layout)
        check(flat_setup(drawn.setup, legs, NOW_NS)[0].layout)
        check(problem_of(seed).layout)


def check(layout: Layout) -> None:
    """Each row lies in the span of what it belongs to."""
    for leg in range(layout.legs.rows):
        group, cash = layout.legs.group[leg], layout.legs.cash_wallet[leg]
        assert layout.group_leg_from[group] <= leg < layout.group_leg_to[group]
        assert layout.cash_leg_from[cash] <= leg < layout.cash_leg_to[cash]
    for wallet, group in enumerate(layout.wallet_group):
        if group >= 0:
            assert layout.group_wallet_from[group] <= wallet < layout.group_wallet_to[group]


def test_rows_of_a_group_are_found_by_its_span() -> None:
    """Looking through all rows finds the same legs and wallets."""
    for seed in range(20):
        flat = flat_of(draw(seed).setup)
        for group in range(len(flat.groups)):
            legs = [leg for leg, own in enumerate(flat.layout.legs.group) if own == group]
            wallets = [row for row, own in enumerate(flat.layout.wallet_group) if own == group]
            assert (flat.legs_of(group), flat.wallets_of(group)) == (legs, wallets)
