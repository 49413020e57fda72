"""Which rows a margin group needs: where coins come from, what may leave, who manages it."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.factories import account, decided, fixed, inverse, linear, one_leg, vault
from tests.laws.forms import empty_rows, new_form, problem_of
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import CollateralPlan
from volsculpt.decide.rules import Problem
from volsculpt.decide.trigger_groups import (
    better,
    is_fixed,
    is_kept,
    is_managed,
    lowest_from,
    may_ask,
)
from volsculpt.decide.triggers import (
    AT_CLOSE,
    DISTANCE,
    FORM,
    LEVERAGE,
    Triggers,
    add_index,
    new_row,
    row_now,
)

PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}
PLAN = CollateralPlan(("vault", "chest"), (1.0, 2.0, 3.0, 4.0), cost=0.001)


def planned(mode: str = "cross", coins: tuple[float, float] = (1.0, 1.0)) -> Problem:
    """A short of 0.5 BTC on 1 BTC, beside a short of ETH; coins left in the vault and the chest."""
    short = Position(inverse(), -30_000.0, 60_000.0, margin=0.5 if mode == "isolated" else None)
    ether = Position(inverse("ETH"), -3_000.0, 3_000.0)
    accounts = (
        vault("vault", BTC=1.0),
        vault("chest", BTC=1.0),
        account("one", {"BTC": 1.0}, (short,), mode=mode),
        account("two", {"ETH": 2.0}, (ether,)),
    )
    hedges, legs = [fixed(), fixed("ETH")], [[("one", inverse(), False)]]
    legs.append([("two", inverse("ETH"), False)])
    problem = decided(Book(accounts), hedges, legs, PRICES, plans=(PLAN,)).problem
    for source, left in zip(sources_of(problem), coins, strict=True):
        problem.work.goal.wallet[source] = left
    return problem


def sources_of(problem: Problem) -> Sequence[int]:
    """The wallets that coins for the first group come from."""
    rules = problem.rules
    return rules.source_wallet[rules.source_from[0] : rules.source_to[0]]


def with_rules(problem: Problem, **columns: object) -> Problem:
    """The problem with some columns of its rules replaced."""
    return problem._replace(rules=problem.rules._replace(**columns))  # type: ignore[arg-type]


@pytest.mark.parametrize("column", ["cash_wallet", "funding_wallet"])
def test_sources_that_no_funding_reaches_stay_as_they_are(column: str) -> None:
    """Of both sources, and funding of every leg of the book."""
    problem = planned()
    layout, rules = problem.layout, problem.rules
    assert is_fixed(layout, rules, 0) == 1
    for source in sources_of(problem):
        for leg in range(layout.legs.rows):
            paid = list(getattr(layout.legs, column))
            paid[leg] = source
            columns: dict[str, Any] = {column: paid}
            legs = layout.legs._replace(**columns)
            assert is_fixed(layout._replace(legs=legs), rules, 0) == 0


@pytest.mark.parametrize(
    ("mode", "coins", "asks"),
    [
        ("cross", (0.0, 0.0), 0),
        ("cross", (0.002, 0.0), 0),
        ("cross", (0.00201, 0.0), 1),
        ("cross", (0.0, 0.00201), 1),
        ("isolated", (0.0, 0.0), 1),
    ],
)
def test_a_group_may_ask_while_more_is_there_than_a_move_costs(
    mode: str, coins: tuple[float, float], asks: int
) -> None:
    """0.001 to move, and as much to gain by it; an isolated position has its account too."""
    problem = planned(mode, coins)
    count = problem.layout.groups
    costs = {"transfer_cost": [0.001] * count, "min_transfer": [0.0] * count}
    assert may_ask(with_rules(problem, **costs), 0) == asks
    least = with_rules(problem, transfer_cost=[0.001] * count, min_transfer=[0.5] * count)
    assert may_ask(least, 0) == (mode == "isolated")


def test_a_group_may_ask_where_funding_fills_its_sources() -> None:
    """Though they are empty now."""
    problem = planned(coins=(0.0, 0.0))
    legs = problem.layout.legs
    source = sources_of(problem)[0]
    swept = problem._replace(
        layout=problem.layout._replace(legs=legs._replace(funding_wallet=[source] * legs.rows))
    )
    assert may_ask(swept, 0) == 1


def test_nothing_leaves_a_group_without_a_position_and_without_coins() -> None:
    """Less than a move costs, or than a speck of its sources, cannot leave; what is held may."""
    problem = planned()
    count, wallet = problem.layout.groups, problem.layout.legs.cash_wallet[0]
    flat = problem.state._replace(contracts=[0.0, -3_000.0])
    free = with_rules(problem, transfer_cost=[0.0] * count, min_transfer=[0.0] * count)
    for coins, cost, least, kept in (
        (0.01, 0.0, 0.0, 0),
        (0.0, 0.0, 0.0, 1),
        (0.01, 0.01, 0.0, 1),
        (0.01, 0.0, 0.01, 1),
        (0.011, 0.01, 0.01, 0),
        (0.9e-9, 0.0, 0.0, 1),
        (1.1e-9, 0.0, 0.0, 0),
    ):
        flat.wallet[wallet] = coins
        costs = with_rules(free, transfer_cost=[cost] * count, min_transfer=[least] * count)
        assert is_kept(costs._replace(state=flat), 0) == kept, (coins, cost, least)
        assert is_kept(costs, 0) == 0


def test_a_group_is_managed_by_whatever_leg_a_pool_uses() -> None:
    """One that holds contracts, in that group, first or last; isolated always."""
    problem = planned()
    groups = [problem.layout.legs.group[leg] for leg in problem.rules.use_leg]
    assert groups == [0, 1]
    for held, managed in (((1.0, 0.0), (1, 0)), ((0.0, -1.0), (0, 1)), ((0.0, 0.0), (0, 0))):
        state = problem.state._replace(contracts=list(held))
        said = problem._replace(state=state)
        assert tuple(is_managed(said, group) for group in range(2)) == managed
    alone = one_leg(linear(), -1.0, 60_000.0, 30_000.0, "isolated")
    isolated = decided(alone, [fixed()], [[("coinm", linear(), False)]], PRICES).problem
    assert is_managed(isolated._replace(state=isolated.state._replace(contracts=[0.0])), 0) == 1


def rows_with(figures: list[tuple[int, float, float]]) -> tuple[Problem, Triggers, int]:
    """(a book, its rows of a kind, a value in a currency and one against it, the first of them)."""
    problem = problem_of(0)
    rows = empty_rows(problem)
    first = new_form(problem, rows) + 1
    for kind, plus, minus in figures:
        row = new_row(problem.layout, problem.rules.hedges, rows, kind, 0, AT_CLOSE)
        for currency, usd in ((0, plus), (1, -minus)):
            add_index(problem.layout, rows, row, currency, usd / rows.now[currency])
    return problem, rows, first


@pytest.mark.parametrize(
    ("figures", "least"),
    [
        ([], 1.0),
        ([(LEVERAGE, 3.0, 1.0)], 0.5),
        ([(LEVERAGE, 3.0, 1.0), (DISTANCE, 1.0, 3.0)], -0.5),
        ([(DISTANCE, 1.0, 3.0), (LEVERAGE, 3.0, 1.0)], -0.5),
        ([(FORM, 1.0, 3.0), (LEVERAGE, 3.0, 1.0)], 0.5),
        ([(LEVERAGE, 0.0, 0.0)], 0.0),
        ([(LEVERAGE, 0.2, 0.05)], 0.6),
    ],
)
def test_the_lowest_row_is_told_as_a_part_of_its_size(
    figures: list[tuple[int, float, float]], least: float
) -> None:
    """3 less 1 is half of 4; forms are left aside, and a row of nothing is at 0."""
    problem, rows, first = rows_with(figures)
    assert lowest_from(problem.layout, rows, first) == pytest.approx(least)


def test_of_two_rows_the_one_with_more_to_spare_is_kept() -> None:
    """Whichever stands first; of equal ones the first. The other is a form."""
    for one, other in ((2.0, 1.0), (1.0, 2.0), (-1.0, -2.0), (1.0, 1.0)):
        problem, rows, first = rows_with([(LEVERAGE, one, 0.0), (LEVERAGE, other, 0.0)])
        kept = better(problem.layout, rows, first, first + 1)
        assert kept == (first if one >= other else first + 1)
        assert row_now(problem.layout, rows, kept) == pytest.approx(max(one, other))
        kinds = [rows.kind[first], rows.kind[first + 1]]
        assert kinds == ([LEVERAGE, FORM] if one >= other else [FORM, LEVERAGE])
