"""The book under construction: what fills at the mark would leave, whatever was asked before."""

import random
from collections.abc import Iterator

import pytest

from tests.decide.undecided import undecided_of
from tests.laws.test_same_answer import spoil
from volsculpt.book.fill import book_trade
from volsculpt.book.state import (
    SLOT_BUSY,
    SLOT_FREE,
    SLOT_MISSING,
    SLOT_UNKNOWN,
    State,
    copy_state,
)
from volsculpt.decide.goal import (
    free_now,
    is_blocked,
    is_growth,
    post_more,
    set_cut,
    set_goal,
    start_goal,
)
from volsculpt.decide.rules import Problem

SEEDS = range(24)
COLUMNS = ("wallet", "contracts", "cost", "others", "others_cost", "bonus", "others_coins")


def begun() -> Iterator[tuple[random.Random, Problem]]:
    """Random books with orders at work, and coins and contracts that are not own; none is sized."""
    for seed in SEEDS:
        dice, problem = random.Random(seed), undecided_of(seed)
        state, legs = problem.state, problem.layout.legs
        for column in (state.bonus, state.others_coins, state.others, state.others_cost):
            column[:] = [dice.choice((0.0, dice.uniform(-1.0, 1.0))) for _ in column]
        for leg in range(legs.rows):
            lots = dice.choice((0.0, dice.randrange(-50, 50)))
            held = state.contracts[leg]
            state.working[leg] = dice.choice((lots * legs.lot[leg], -0.5 * held, -2.0 * held))
        spoil(problem.work)
        start_goal(problem)
        yield dice, problem


def traded(problem: Problem, goals: list[float]) -> State:
    """What is held once each leg posts what it is to post, and is traded to its goal."""
    layout, work, state = problem.layout, problem.work, copy_state(problem.state)
    legs = layout.legs
    for leg, goal in enumerate(goals):
        if legs.posted_wallet[leg] >= 0:
            state.wallet[legs.posted_wallet[leg]] += work.posting[leg]
            state.wallet[legs.cash_wallet[leg]] -= work.posting[leg]
        more, mark = goal - state.contracts[leg], problem.quote.mark[leg]
        book_trade(layout, state, leg, more, mark, legs.taker[leg])
    return state


def check_goals(problem: Problem, goals: list[float]) -> None:
    """The goal book is what trades to these goals leave."""
    after, goal = traded(problem, goals), problem.work.goal
    for name in COLUMNS:
        near = pytest.approx(getattr(after, name), rel=1e-9, abs=1e-9)
        assert list(getattr(goal, name)) == near, name
    assert list(goal.contracts) == goals


def test_it_begins_with_what_is_held_or_the_worse_of_what_works() -> None:
    """Counted on is all that works; the goal has it where the position grows by it."""
    works = 0
    for _, problem in begun():
        state, work, goals = problem.state, problem.work, []
        for held, working in zip(state.contracts, state.working, strict=True):
            goals.append(held + working if abs(held + working) > abs(held) else held)
        works += goals != list(state.contracts)
        check_goals(problem, goals)
        sums = zip(state.contracts, state.working, strict=True)
        assert list(work.hold) == [held + working for held, working in sums]
        assert not any(work.posting)
    assert works > 2


def test_a_goal_replaces_the_one_before_and_leaves_those_of_other_legs() -> None:
    """In any order, twice over, with coins to post."""
    posts = 0
    for dice, problem in begun():
        work, layout = problem.work, problem.layout
        goals = list(work.goal.contracts)
        for leg in dice.choices(range(layout.legs.rows), k=3 * layout.legs.rows):
            held = problem.state.contracts[leg]
            lots = dice.randrange(-90, 90) * layout.legs.lot[leg]
            aims = (0.0, held, held * dice.random(), held + lots, -held)
            if layout.legs.posted_wallet[leg] >= 0:
                before, coins = work.posting[leg], dice.choice((0.0, 0.1, -0.02))
                post_more(problem, leg, coins)
                assert work.posting[leg] == before + coins
                check_goals(problem, goals)
                posts += 1
            goals[leg] = dice.choice(aims)
            set_goal(problem, leg, goals[leg])
            check_goals(problem, goals)
    assert posts > len(SEEDS)


def test_what_is_free_now_is_what_no_reduction_has_yet_to_free() -> None:
    """Coins there, less what is posted at once and what trades of the same account take."""
    for dice, problem in begun():
        layout, state, work = problem.layout, problem.state, problem.work
        taken = [dice.uniform(-1.0, 1.0) for _ in work.booked]
        work.posting[:] = [dice.uniform(0.0, 1.0) for _ in work.posting]
        rows = zip(taken, work.posting, strict=True)
        work.booked[:] = [coins - posted for coins, posted in rows]
        for wallet in range(layout.wallets):
            mine = [leg for leg, cash in enumerate(layout.legs.cash_wallet) if cash == wallet]
            coins = state.wallet[wallet] - sum(work.posting[leg] for leg in mine)
            coins -= sum(max(0.0, -taken[leg]) for leg in mine)
            assert free_now(layout, state, work, wallet) == pytest.approx(coins)


@pytest.mark.parametrize(("whole", "left"), [(0, 8.5), (1, 8.0)])
def test_what_is_cut_is_whole_where_it_counts(whole: int, left: float) -> None:
    """Ten lots less one and a half: in whole lots two are gone; a cut of nothing leaves it."""
    for _, problem in begun():
        for leg, lot in enumerate(problem.layout.legs.lot):
            for side in (1.0, -1.0):
                for held, cut in ((1e-7, 0.0), (10.0, 0.0), (10.0, -1.0)):
                    set_goal(problem, leg, side * held * lot)
                    set_cut(problem, leg, cut * lot, whole)
                    assert problem.work.goal.contracts[leg] == side * held * lot
                set_cut(problem, leg, 1.5 * lot, whole)
                assert problem.work.goal.contracts[leg] == pytest.approx(side * left * lot)
                set_cut(problem, leg, left * lot, whole)
                assert problem.work.goal.contracts[leg] == 0.0


def test_what_adds_to_a_position_grows() -> None:
    """More of the same side, or any of the other; the same again, less and nothing do not."""
    for side in (1.0, -1.0):
        for goal, grows in ((2.1, 1), (2.0, 0), (1.9, 0), (0.0, 0), (-0.1, 1), (-3.0, 1)):
            assert is_growth(side * goal, side * 2.0) == grows
        assert is_growth(side, 0.0) == 1
    assert is_growth(0.0, 0.0) == 0


def test_nothing_is_sent_where_something_is_not_known() -> None:
    """Of an order, or of the data; an order that works blocks nothing."""
    problem = undecided_of(1)
    blocked = {SLOT_FREE: 0, SLOT_BUSY: 0, SLOT_UNKNOWN: 1, SLOT_MISSING: 1}
    for leg in range(problem.layout.legs.rows):
        for slot, said in blocked.items():
            problem.state.slot[leg] = slot
            assert is_blocked(problem.state, leg) == said
        problem.state.slot[leg] = SLOT_FREE
