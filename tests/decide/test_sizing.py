"""What a pool is sized by: who closes, who waits, who owes, how long it may be, and its bands."""

import math

import pytest

from tests.decide.four_hedges import code_of, drawn, four_hedges, links_of, open_links
from volsculpt.book.state import SLOT_FREE, SLOT_MISSING, SLOT_UNKNOWN
from volsculpt.decide.band import OVER, UNDER, WITHIN, band_side, inner_bound
from volsculpt.decide.pool import futures_per_ratio, pool_coins_per_coin, settled_coins
from volsculpt.decide.rules import (
    BASE_GONE,
    CAPPED,
    IN_BAND,
    NO_LONG,
    OWES,
    ROUNDED_AWAY,
    TRADED,
    WEALTH_GONE,
    Problem,
)
from volsculpt.decide.sizing import (
    held_by_pool,
    holds,
    inner_target,
    is_closed,
    is_closing,
    is_flat,
    is_past,
    longest,
    may_trade_in_band,
    note_codes,
    owes_alone,
    pool_target,
    retires,
)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_futures_are_past_what_is_asked_for(side: float) -> None:
    """On the other side, any where none is asked for, or more than it by a dead zone of 5 %."""
    told = [(held, is_past(held * side, 2.0 * side, 0.05)) for held in (-0.1, 0.0, 2.0, 2.09, 2.11)]
    assert told == [(-0.1, 1), (0.0, 0), (2.0, 0), (2.09, 0), (2.11, 1)]
    assert (is_past(0.1 * side, 0.0, 0.05), is_past(0.0, 0.0, 0.05)) == (1, 0)
    assert (is_past(2.0 * side, 2.0 * side, 0.0), is_past(2.01 * side, 2.0 * side, 0.0)) == (0, 1)


def test_a_pool_closes_waits_and_owes_by_its_own_hedges() -> None:
    """Closing where all close, waiting where one lacks its answer, owing where all that is open."""
    for _, problem in drawn():
        rules, answer = problem.rules, problem.answer
        for pool in range(rules.pools):
            links, left = links_of(problem, pool), open_links(problem, pool)
            assert [link for link in links if is_closed(rules, answer, link) != 1] == left
            assert is_closing(rules, answer, pool) == (not left)
            lacking = [
                rules.hedge_hold[rules.link_hedge[link]] and not code_of(problem, link) & BASE_GONE
                for link in links
            ]
            assert holds(rules, answer, pool) == any(lacking)
            codes = {code_of(problem, link) & (OWES | WEALTH_GONE) for link in left}
            assert owes_alone(rules, answer, pool) == (0 if 0 in codes else sum(codes))


def test_a_pool_may_be_as_long_as_its_hedges_owe() -> None:
    """What each open hedge owes of its coin in coins of the pool; without end if so allowed."""
    for _, problem in drawn():
        rules, work = problem.rules, problem.work
        for pool in range(rules.pools):
            most = 0.0
            for link in open_links(problem, pool):
                coin = rules.hedge_currency[rules.link_hedge[link]]
                owed = -min(0.0, settled_coins(work.held, coin))
                most += owed * max(0.0, pool_coins_per_coin(problem.quote, rules, link))
            assert longest(problem, pool) == pytest.approx(most)
            free = problem._replace(rules=rules._replace(allow_long=1))
            assert longest(free, pool) == math.inf


def test_a_pool_aims_at_what_its_hedges_ask_less_what_others_hold() -> None:
    """None where all close, ask for nothing, or the rest holds more; no longer than is owed."""
    for dice, problem in drawn():
        for pool in range(problem.rules.pools):
            asked = -sum(problem.work.term[link] for link in links_of(problem, pool))
            others = dice.choice((0.0, dice.uniform(-5.0, 5.0)))
            aim = min(asked - others, longest(problem, pool))
            if not open_links(problem, pool) or (asked - others) * asked <= 0.0:
                aim = 0.0
            assert pool_target(problem, pool, others) == pytest.approx(aim)


def test_legs_of_a_pool_are_those_it_uses() -> None:
    """What they hold in coins, whether none holds anything, and whether one that retires does."""
    for _, problem in drawn():
        rules, work = problem.rules, problem.work
        for pool in range(rules.pools):
            uses = range(rules.pool_from[pool], rules.pool_to[pool])
            coins = {use: work.hold[rules.use_leg[use]] for use in uses}
            price = problem.quote.index_usd[rules.pool_currency[pool]]
            assert held_by_pool(problem, pool) == pytest.approx(sum(coins.values()) / price)
            assert is_flat(rules, work, pool) == (not any(coins.values()))
            assert retires(rules, work, pool) == any(rules.use_retire[u] and coins[u] for u in uses)


def test_what_may_move_a_pool_inside_its_band() -> None:
    """A limit of any kind, a leg of it that retires, or one that nothing may be sent on."""
    problem = four_hedges()
    rules, state = problem.rules, problem.state
    for one in (rules._replace(max_leverage=0.5), rules._replace(min_distance=0.5)):
        assert may_trade_in_band(problem._replace(rules=one), 0) == 1
    for use, leg in enumerate(rules.use_leg):
        pools = [int(rules.pool_from[pool] <= use < rules.pool_to[pool]) for pool in (0, 1)]
        for column, row, turned in (
            (rules.use_retire, use, 1),
            (state.slot, leg, SLOT_UNKNOWN),
            (state.slot, leg, SLOT_MISSING),
        ):
            column[row] = turned
            assert [may_trade_in_band(problem, pool) for pool in (0, 1)] == pools
            column[row] = SLOT_FREE
    assert [may_trade_in_band(problem, pool) for pool in (0, 1)] == [0, 0]


def bounds_of(problem: Problem, pool: int, held: float, can: float, want: float) -> list[float]:
    """Futures coins to which hedges that are out of their band would go back."""
    rules, base, found = problem.rules, problem.answer.base, []
    for link in links_of(problem, pool):
        hedge = rules.link_hedge[link]
        if code_of(problem, link) & WEALTH_GONE or base[hedge] <= 0.0:
            continue
        share = problem.work.share[link]
        per = futures_per_ratio(rules, problem.quote, base[hedge], share, link)
        off = (can - held) / per if per else 0.0  # of the ratio: below 0 too little is hedged
        if off < -rules.under_trigger[hedge]:
            bound = want + rules.under_settle[hedge] * per
        elif off > rules.over_trigger[hedge]:
            bound = want - rules.over_settle[hedge] * per
        else:
            continue
        is_between = min(held, can) <= bound <= max(held, can) and bound != held
        found.append(bound if is_between else can)
    return found


def test_a_pool_goes_back_to_the_bound_nearest_its_target() -> None:
    """Of the hedges that are out of their bands; inside them all it holds what it holds.

    Where all that it carries owes, what is past the target by a dead zone goes back to it, and what
    adds to coins whose wealth is gone is closed.
    """
    traded = 0
    for dice, problem in drawn():
        for pool in range(problem.rules.pools):
            held, want = dice.choice((0.0, dice.uniform(-3.0, 3.0))), dice.uniform(-3.0, 3.0)
            can = dice.choice((0.0, want, want, want * dice.random()))
            found = bounds_of(problem, pool, held, can, want)
            owed = owes_alone(problem.rules, problem.answer, pool)
            if owed and is_past(held, can, problem.rules.dead_zone):
                is_added = owed & WEALTH_GONE and held * can <= 0.0
                found.insert(0, 0.0 if is_added else can)
            nearest = min(found, key=lambda bound: abs(bound - can), default=held)
            trades, inner = inner_target(problem, pool, held, can, want)
            assert (trades, inner) == (bool(found), pytest.approx(nearest))
            traded += trades
    assert 50 < traded < 250


def test_a_hedge_tells_what_became_of_its_pools() -> None:
    """Inside its band only where all its pools are; a long that is not allowed is said."""
    problem = four_hedges()
    rules, work, answer = problem.rules, problem.work, problem.answer
    for one, other, both in (
        (IN_BAND, IN_BAND, IN_BAND),
        (IN_BAND, TRADED, TRADED),
        (TRADED + CAPPED, IN_BAND, TRADED + CAPPED),
        (ROUNDED_AWAY, IN_BAND, ROUNDED_AWAY),
        (ROUNDED_AWAY, TRADED, ROUNDED_AWAY + TRADED),
    ):
        answer.hedge_code[:] = [0] * rules.hedges
        work.term[:] = [1.0] * rules.links
        note_codes(problem, 0, one)
        note_codes(problem, 1, other)
        assert answer.hedge_code == [one, other, both, other]


def test_a_pool_that_asks_for_a_long_says_so() -> None:
    """All its hedges do, whichever of them asks; up to what is owed, and its noise, none does."""
    problem = four_hedges()
    rules, work, answer = problem.rules, problem.work, problem.answer
    for asking in range(rules.links):
        for pool in range(rules.pools):
            answer.hedge_code[:] = [0] * rules.hedges
            work.term[:] = [0.0] * rules.links
            work.term[asking] = -0.3
            note_codes(problem, pool, CAPPED)
            said = CAPPED + (NO_LONG if rules.link_pool[asking] == pool else 0)
            own = {rules.link_hedge[link] for link in links_of(problem, pool)}
            assert answer.hedge_code == [said * (hedge in own) for hedge in range(rules.hedges)]
    work.held.balance[rules.hedge_currency[0]] = -0.3 - work.held.pnl[rules.hedge_currency[0]]
    for asked, said in ((0.2, 0), (0.3 + 1e-10, 0), (0.3 + 1e-9, NO_LONG)):
        work.term[:] = [-asked, *[0.0] * (rules.links - 1)]
        answer.hedge_code[:] = [0] * rules.hedges
        note_codes(problem, 0, 0)
        assert answer.hedge_code[0] == said


def test_a_band_has_two_sides() -> None:
    """A target of 1, 0.05 below and 0.1 above: its edges do not trade, what is beyond them does."""
    told = [(held, band_side(held, 1.0, 0.05, 0.1)) for held in (0.94, 0.95, 1.0, 1.1, 1.11)]
    assert told == [(0.94, UNDER), (0.95, WITHIN), (1.0, WITHIN), (1.1, WITHIN), (1.11, OVER)]
    bounds = [inner_bound(side, 1.0, 0.02, 0.03) for side in (UNDER, OVER)]
    assert bounds == pytest.approx([0.98, 1.03])


def test_a_bound_where_the_pool_stands_is_none() -> None:
    """Short 1 of 2 wanted and 1.5 allowed, settling 1 from its target: it goes to what is allowed.

    A settling at 0.8 goes to 1.2.
    """
    problem = four_hedges()
    rules, work, answer = problem.rules, problem.work, problem.answer
    answer.base[0], work.share[0], rules.under_trigger[0] = 1.0, 1.0, 0.25
    work.share[1:] = [0.0] * (rules.links - 1)
    for settle, inner in ((1.0, -1.5), (0.8, -1.2), (0.4, -1.5)):
        rules.under_settle[0] = settle
        assert inner_target(problem, 0, -1.0, -1.5, -2.0) == (1, pytest.approx(inner))
