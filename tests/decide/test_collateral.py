"""Coins that a group has, can get and may give: sums over wallets, legs, sources and groups."""

import random
from collections.abc import Iterator

import pytest

from tests.decide.undecided import undecided_of
from volsculpt.book.exposure import leg_pnl, others_pnl
from volsculpt.book.group import group_equity, group_gross
from volsculpt.book.state import SLOT_BUSY, SLOT_FREE
from volsculpt.decide.collateral import (
    coin_equity,
    coins_for,
    coins_lacking,
    coins_to_send,
    is_cut,
    least_move,
    limit_short,
    movable,
    note_spare,
    reserve,
    share_sources,
    source_coins,
    unit_of_coin,
    wallet_coins,
)
from volsculpt.decide.margin_need import UNLIMITED, Within, lacking
from volsculpt.decide.posts import is_pending, is_turned
from volsculpt.decide.rules import FULL, OVER_LIMIT, Problem

SEEDS = range(40)


def groups_of_books() -> Iterator[tuple[random.Random, Problem, int]]:
    """Every group of random books, with coins that are not own, on their way, and reserved."""
    for seed in SEEDS:
        dice, problem = random.Random(seed), undecided_of(seed)
        state, goal, work = problem.state, problem.work.goal, problem.work
        for column in (goal.bonus, goal.others_coins):
            column[:] = [dice.choice((0.0, 0.0, dice.uniform(0.0, 0.1))) for _ in column]
        state.incoming[:] = [dice.choice((0.0, dice.uniform(-1.0, 1.0))) for _ in state.incoming]
        work.reserved[:] = [dice.choice((0.0, dice.uniform(0.0, 0.2))) for _ in work.reserved]
        for group in range(problem.layout.groups):
            yield dice, problem, group


def sources_of(problem: Problem, group: int) -> list[int]:
    """The wallets that a group's coins come from."""
    rules = problem.rules
    return list(rules.source_wallet[rules.source_from[group] : rules.source_to[group]])


def wallets_of(problem: Problem, group: int) -> list[int]:
    """A group's wallets of the currency that moves."""
    layout, coin = problem.layout, problem.rules.move_currency[group]
    return [
        row
        for row in range(layout.wallets)
        if (layout.wallet_group[row], layout.wallet_currency[row]) == (group, coin)
        and not layout.wallet_wrapped[row]
    ]


def unit_of(problem: Problem, group: int) -> float:
    """What one moved coin adds to a group: itself, or weighed US dollars."""
    layout, coin = problem.layout, problem.rules.move_currency[group]
    if layout.group_currency[group] >= 0:
        return 1.0
    weight = layout.group_weight[group * layout.currencies + coin]
    return problem.quote.index_usd[coin] * weight


def sendable(problem: Problem, group: int) -> tuple[float, float]:
    """Coins in a group's sources, each less a transfer's cost; and what others leave of them."""
    rules, work = problem.rules, problem.work
    mine = sources_of(problem, group)
    whole = sum(max(0.0, work.goal.wallet[row] - rules.transfer_cost[group]) for row in mine)
    taken = sum(
        work.reserved[other] + rules.transfer_cost[other]
        for other in range(rules.groups)
        if other != group
        and work.reserved[other] > 0.0
        and set(mine) & {*sources_of(problem, other)}
    )
    return whole, max(0.0, whole - taken)


def test_coins_that_can_still_reach_a_group() -> None:
    """Those in its sources that others left alone, and those on their way, in its unit."""
    shared = 0
    for _, problem, group in groups_of_books():
        rules, work = problem.rules, problem.work
        whole, left = sendable(problem, group)
        assert source_coins(rules, work, group) == pytest.approx(whole)
        assert coins_to_send(rules, work, group) == pytest.approx(left, abs=1e-9)
        for other in range(rules.groups):
            both = set(sources_of(problem, group)) & {*sources_of(problem, other)}
            assert share_sources(rules, group, other) == bool(both)
            shared += bool(both) and other != group
        unit = unit_of(problem, group)
        assert unit_of_coin(problem.layout, problem.quote, rules, group) == pytest.approx(unit)
        coins = left + max(0.0, problem.state.incoming[group])
        assert movable(problem, group) == pytest.approx(coins * unit, rel=1e-9, abs=1e-6)
    assert shared > 5


def equity_of(problem: Problem, group: int) -> float:
    """Coins of the currency that moves in a group's wallets, and the profit settled in it."""
    layout, quote, goal = problem.layout, problem.quote, problem.work.goal
    total = sum(goal.wallet[row] for row in wallets_of(problem, group))
    for leg in range(layout.legs.rows):
        coin = problem.rules.move_currency[group]
        if (layout.legs.group[leg], layout.legs.settle[leg]) == (group, coin):
            total += leg_pnl(layout, goal, quote, leg)
            total += others_pnl(layout, goal, leg, quote.mark[leg])
    return total


def test_coins_that_add_units_to_a_group() -> None:
    """What pays off a debt counts in full, the rest at its weight; no coin does where that is 0."""
    owing = useless = 0
    for dice, problem, group in groups_of_books():
        layout, goal = problem.layout, problem.work.goal
        coin, unit = problem.rules.move_currency[group], unit_of(problem, group)
        for row in wallets_of(problem, group):
            goal.wallet[row] -= dice.choice((0.0, 1.0)) * equity_of(problem, group) * 1.5
        for leg in range(layout.legs.rows):
            goal.others[leg], goal.others_cost[leg] = dice.choice(((0.0, 0.0), (1.0, 9.0)))
        assert coin_equity(problem, goal, group) == pytest.approx(equity_of(problem, group))
        row, price = group * layout.currencies + coin, problem.quote.index_usd[coin]
        backing = equity_of(problem, group) + goal.bonus[row] + goal.others_coins[row]
        owed = max(0.0, -backing)
        for units in (0.3 * owed * price + 1e-9, owed * price + 7.0):
            if layout.group_currency[group] >= 0:
                coins = units
            elif units <= owed * price:
                coins = units / price
            else:
                coins = owed + (units - owed * price) / unit if unit else UNLIMITED
                useless += not unit
            assert coins_for(problem, goal, group, units) == pytest.approx(coins, rel=1e-6)
        owing += owed > 0.0 and layout.group_currency[group] < 0
    assert min(owing, useless) > 0


def test_the_least_move_and_the_most_that_can_leave() -> None:
    """The owner's least, dust beside a group, noise of all such coins; coins that are booked."""
    for dice, problem, group in groups_of_books():
        rules, state, goal = problem.rules, problem.state, problem.work.goal
        rules.min_transfer[group] = dice.choice((0.0, 0.1))
        gross = group_gross(problem.layout, goal, problem.quote, group)
        equity = abs(group_equity(problem.layout, goal, problem.quote, group))
        unit = unit_of(problem, group)
        dust = max(1e-3 * gross, 1e-4 * equity) / unit if unit else 0.0
        owned = abs(problem.work.held.balance[rules.move_currency[group]])
        noise = 1e-9 * max(owned, sendable(problem, group)[0])
        least = max(rules.min_transfer[group], dust, noise)
        assert least_move(problem, group) == pytest.approx(least)
        coins = sum(state.wallet[row] for row in wallets_of(problem, group))
        assert wallet_coins(problem, group) == pytest.approx(max(0.0, coins))


def test_coins_that_a_goal_will_draw_are_noted() -> None:
    """As many as it lacks, and no more than its sources have; where no coins may move, none."""
    noted = 0
    for _, problem, group in groups_of_books():
        rules, work = problem.rules, problem.work
        within = Within(rules.max_leverage, rules.min_distance, 1)
        lacks = lacking(problem, work.goal, group, within)
        assert limit_short(problem, group) == lacks
        work.reserved[group] = -7.0
        reserve(problem, group)
        coins = min(coins_lacking(problem, group)[0], source_coins(rules, work, group))
        assert work.reserved[group] == (coins if rules.planned[group] else -7.0)
        noted += work.reserved[group] > 0.0
    assert noted > 3


def test_what_is_under_way_in_a_group() -> None:
    """Coins to come, to move or to post; an order at work or about to be sent, on any leg of it."""
    for _, problem, group in groups_of_books():
        layout, state, answer = problem.layout, problem.state, problem.answer
        state.incoming[:] = [0.0 for _ in state.incoming]
        for column, value in ((state.incoming, 0.1), (answer.top_up, -0.1), (answer.post, 0.1)):
            for row in range(layout.groups):
                column[row] = value
                assert is_pending(layout, state, answer, group) == (row == group)
                column[row] = 0.0
        for leg in range(layout.legs.rows):
            mine = layout.legs.group[leg] == group
            state.slot[leg] = SLOT_BUSY
            assert is_pending(layout, state, answer, group) == mine
            state.slot[leg], answer.trade[leg] = SLOT_FREE, -1.0
            assert is_pending(layout, state, answer, group) == mine
            for code, cut in ((FULL, False), (FULL + OVER_LIMIT, mine)):
                answer.leg_code[leg] = code
                assert is_cut(problem, group) == cut
            answer.trade[leg] = 0.0
            assert is_cut(problem, group) == 0
            answer.leg_code[leg] = 0
        assert is_pending(layout, state, answer, group) == 0


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_an_order_closes_a_position_or_turns_it(side: float) -> None:
    """Of two held: two sold close, three turn; one sold, or any added, does not; nor from none."""
    problem = undecided_of(1)
    state, answer = problem.state, problem.answer
    for leg in range(problem.layout.legs.rows):
        for held, trade, turned in (
            (2.0, -2.0, 1),
            (2.0, -3.0, 1),
            (1.0, -1.0, 1),
            (2.0, -1.0, 0),
            (0.2, -0.1, 0),
            (2.0, 1.0, 0),
            (2.0, 0.0, 0),
            (0.0, -1.0, 0),
        ):
            state.contracts[leg], answer.trade[leg] = side * held, side * trade
            assert is_turned(state, answer, leg) == turned


def test_no_more_than_the_least_move_is_left_over() -> None:
    """What is spare is given back where it is more than the owner's least amount."""
    judged = 0
    for _, problem, group in groups_of_books():
        rules, spare = problem.rules, problem.work.spare
        spare[group], rules.min_transfer[group] = 0.0, 0.0
        note_spare(problem, group)
        coins = spare[group]
        if coins == 0.0:
            continue
        judged += 1
        for least, left in ((coins, 0.0), (0.999 * coins, coins)):
            spare[group], rules.min_transfer[group] = 0.0, least
            note_spare(problem, group)
            assert spare[group] == left
    assert judged > 3
