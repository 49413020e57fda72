"""Spans: between which rows lies what belongs together, in whatever order a book has it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, decided, fixed, inverse, vault
from tests.laws.drawn import NOW_NS, draw
from tests.laws.forms import problem_of
from volsculpt.book.holdings import Book
from volsculpt.book.spans import span_of
from volsculpt.book.state import Layout
from volsculpt.decide.act import act
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.rules import new_problem
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


class Counted(list[int]):
    """A column that counts how often it is read."""

    reads = 0

    def __getitem__(self, row: Any) -> Any:  # noqa: ANN401
        self.reads += 1
        return super().__getitem__(row)


def reads_of(accounts: int) -> int:
    """How often `act` asks which group, or which cash wallet, a row belongs to."""
    held = [account(f"a{n}", {"BTC": 1.0}) for n in range(accounts)]
    used = [(one.name, inverse(), False) for one in held]
    plan = (CollateralPlan(("vault",)),)
    limits = Limits(max_leverage=2.0)
    made = decided(
        Book((vault(BTC=90.0), *held)), [fixed()], [used], {"BTC": 60_000.0}, limits, plan
    )
    layout = made.flat.layout
    columns = Counted(layout.legs.group), Counted(layout.legs.cash_wallet)
    wallets = Counted(layout.wallet_group)
    legs = layout.legs._replace(group=columns[0], cash_wallet=columns[1])
    own = layout._replace(legs=legs, wallet_group=wallets)
    act(new_problem(own, made.flat.state, made.quoted.quote, made.rules), [0.9])
    return sum(one.reads for one in (*columns, wallets))


def test_four_times_the_accounts_are_read_four_times_as_often() -> None:
    """Each group is judged by its own rows; by all rows it would be sixteen times."""
    assert reads_of(40) < 5 * reads_of(10)
