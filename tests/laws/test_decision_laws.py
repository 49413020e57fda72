"""Laws of one decision: whole lots, never across the target, never beyond a limit."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.factories import sums_of
from tests.laws.after import (
    a_lot_each,
    act_again,
    coins_after,
    filled,
    held_and_working,
    largest_lot,
    leaves_isolated,
    leg_codes,
    lone_groups,
    pool_codes,
    pool_legs,
    pools,
    sent_legs,
)
from tests.laws.strategies import Case, cases
from tests.laws.tight import tight_cases
from volsculpt.book.exposure import held_ratio
from volsculpt.book.group import group_equity, group_gross
from volsculpt.book.liquidation import excess_at
from volsculpt.book.state import SLOT_BUSY, SLOT_FREE, SLOT_MISSING, SLOT_UNKNOWN, copy_state
from volsculpt.decide.limits import Limits
from volsculpt.decide.rules import (
    BUSY,
    CAPPED,
    FULL,
    MAX_ORDER,
    MIN_ORDER,
    NO_LONG,
    OVER_LIMIT,
    RETIRED,
    WEALTH_GONE,
    ZERO_TARGET,
    pool_hedges,
)
from volsculpt.decide.sizing import is_closing
from volsculpt.decide.step import Decision


def is_whole(count: float) -> bool:
    """Within a millionth of a whole number, or of its size where floats are coarser."""
    return abs(count - round(count)) <= 1e-6 + 1e-12 * abs(count)


@given(cases())
def test_every_order_is_whole_lots(case: Case) -> None:
    """Law 8: a trade is whole lots, and not below the smallest order unless it closes all."""
    decision = case.decide()
    legs = decision.flat.layout.legs
    for leg in sent_legs(decision):
        trade = decision.answer.trade[leg]
        closes = held_and_working(decision, leg) + trade == 0.0
        assert closes or is_whole(trade / legs.lot[leg])
        assert closes or abs(trade) >= legs.minimum[leg] * (1.0 - 1e-9)


@given(st.one_of(cases(), tight_cases()))
def test_held_never_crosses_the_target(case: Case) -> None:
    """Law 8: after the trades a pool stands between where it was and its target."""
    decision = case.decide()
    answer = decision.answer
    for pool in pools(decision):
        after = coins_after(decision, pool)
        if is_closing(decision.rules, answer, pool) == 1:
            continue
        slack = largest_lot(decision, pool) * 1e-5 + 1e-9 * abs(answer.want[pool])
        if case.setup.limits != Limits() or leg_codes(decision, pool) & RETIRED:
            slack += a_lot_each(decision, pool)  # a limit or a roll may cost each leg its last
        codes = leg_codes(decision, pool)
        waits = codes & (RETIRED | OVER_LIMIT) and codes & (BUSY | FULL | MAX_ORDER)
        ends = sorted([answer.before[pool], answer.want[pool], answer.can[pool]])
        # what must go goes at once, though what is to replace it has to wait or comes in parts
        assert waits or ends[0] - slack <= after <= ends[-1] + slack
        assert after == pytest.approx(answer.after[pool], rel=1e-9, abs=1e-12)


@given(cases(working=False, bounded=False))
def test_an_order_never_passes_the_target(case: Case) -> None:
    """Law 8: where no limit binds, what is left to trade keeps its sign."""
    decision = case.decide()
    answer = decision.answer
    for pool in pools(decision):
        if leg_codes(decision, pool) & (OVER_LIMIT | RETIRED):
            continue
        left = answer.want[pool] - answer.after[pool]
        was = answer.want[pool] - answer.before[pool]
        slack = largest_lot(decision, pool) * 1e-5 + 1e-9 * abs(answer.want[pool])
        assert left * was >= 0.0 or abs(left) <= slack


@given(cases(working=False, bounded=False))
def test_the_held_ratio_ends_in_its_band(case: Case) -> None:
    """A coin hedged by itself ends no farther than its band's return, or a lot, from target."""
    decision = case.decide()
    rules, answer = decision.rules, decision.answer
    sums = sums_of(decision.flat, filled(decision), decision.quoted.quote)
    for pool in pools(decision):
        rows = pool_hedges(rules, pool)
        legs = pool_legs(decision, pool)
        coin = rules.pool_currency[pool]
        strangers = [
            leg
            for leg, base in enumerate(decision.flat.layout.legs.base)
            if base == coin and leg not in legs and sums.leg_coin[leg] != 0.0
        ]
        if len(rows) > 1 or strangers or any(rules.use_retire) or answer.base[rows[0]] <= 0.0:
            continue
        if leg_codes(decision, pool) & MIN_ORDER or is_closing(rules, answer, pool) == 1:
            continue
        if answer.hedge_code[rows[0]] & (CAPPED | NO_LONG):
            continue  # its margin or the owner holds it back, and it says so
        hedge, base = case.setup.hedges[rows[0]], answer.base[rows[0]]
        delta = sums.balance[coin] + sums.pnl[coin] + sums.futures[coin]
        off = held_ratio(delta, base) - decision.aims[rows[0]].ratio
        traded = any(answer.trade[leg] != 0.0 for leg in legs)
        under, over = hedge.band.under_trigger, hedge.band.over_trigger
        if traded:
            under, over = hedge.band.under_settle, hedge.band.over_settle
        lot = largest_lot(decision, pool) * (1.0 + 1e-5) / base
        scale = 1e-9 * (1.0 + abs(answer.want[pool]) / base)
        assert -under - lot - scale <= off <= over + lot + scale
        if traded and len(legs) > 1:
            bound = -under if off < 0.0 else over
            assert abs(off - bound) <= lot + scale or abs(off) <= lot + scale


@given(cases(working=False, bounded=False))
def test_the_residual_is_less_than_a_lot(case: Case) -> None:
    """Law 8: out of a band without width, nothing else binding, less than a lot is left."""
    decision = case.decide()
    for pool in pools(decision):
        band = max(
            hedge.band.under_trigger + hedge.band.over_trigger
            for hedge in (case.setup.hedges[row] for row in pool_hedges(decision.rules, pool))
        )
        if band > 0.0 or leg_codes(decision, pool) & MIN_ORDER:
            continue
        left = abs(decision.answer.can[pool] - decision.answer.after[pool])
        wide = 2e-9 * sum(abs(base) for base in decision.answer.base) * 50.0
        assert left <= largest_lot(decision, pool) * (1.0 + 1e-5) + wide


@given(cases(working=False))
def test_a_target_of_zero_closes_all(case: Case) -> None:
    """Law 8: ratio 0 everywhere in a pool leaves none of its legs, but for a maximum order.

    Without wealth a ratio of it is a fraction of nothing: what is short then may stand.
    """
    decision = case.decide()
    for pool in pools(decision):
        rows = pool_hedges(decision.rules, pool)
        if not all(decision.aims[row].ratio == 0.0 for row in rows):
            continue
        if pool_codes(decision, pool) & WEALTH_GONE:
            continue
        assert pool_codes(decision, pool) & ZERO_TARGET or decision.answer.base[rows[0]] <= 5e3
        for leg in pool_legs(decision, pool):
            after = held_and_working(decision, leg) + decision.answer.trade[leg]
            assert after == 0.0 or decision.answer.leg_code[leg] & MAX_ORDER


@given(cases(working=False))
def test_what_closes_never_flips(case: Case) -> None:
    """A trade out of a hedge that is to be closed, or a retired leg, stops at flat."""
    decision = case.decide()
    rules, answer = decision.rules, decision.answer
    for pool in pools(decision):
        closing = answer.want[pool] == 0.0
        for slot in range(rules.pool_from[pool], rules.pool_to[pool]):
            leg = rules.use_leg[slot]
            if closing or rules.use_retire[slot]:
                held = held_and_working(decision, leg)
                assert held * (held + answer.trade[leg]) >= 0.0
                assert abs(held + answer.trade[leg]) <= abs(held)


@given(st.one_of(cases(), tight_cases()))
def test_orders_of_a_pool_go_one_way(case: Case) -> None:
    """A pool never buys and sells at once, but to close, or to leave a leg that must be left."""
    decision = case.decide()
    for pool in pools(decision):
        if leg_codes(decision, pool) & (OVER_LIMIT | RETIRED):
            continue
        if is_closing(decision.rules, decision.answer, pool) == 1:
            continue
        trades = [decision.answer.trade[leg] for leg in pool_legs(decision, pool)]
        assert not (min(trades) < 0.0 < max(trades))


@given(cases())
def test_a_leg_in_use_takes_no_second_order(case: Case) -> None:
    """A busy slot only yields a cancel; an unknown or missing one yields nothing."""
    decision = case.decide()
    for leg, slot in enumerate(decision.flat.state.slot):
        trade, cancel = decision.answer.trade[leg], decision.answer.cancel[leg]
        assert slot == SLOT_FREE or trade == 0.0
        assert cancel == 0 or slot == SLOT_BUSY
        assert slot not in (SLOT_UNKNOWN, SLOT_MISSING) or cancel == 0
        assert not decision.answer.leg_code[leg] & BUSY or slot == SLOT_BUSY


@given(cases(working=False))
def test_missing_data_blocks_every_order(case: Case) -> None:
    """Law 6: a leg with missing data, or a coin whose balance is unknown, is left alone."""
    decision = case.decide()
    state = copy_state(decision.flat.state)
    state.slot[0] = SLOT_MISSING
    assert act_again(decision, state).trade[0] == 0.0
    coin = decision.rules.pool_currency[0]
    state = copy_state(decision.flat.state)
    state.known[coin] = 0
    answer = act_again(decision, state)
    assert all(answer.trade[leg] == 0.0 for leg in pool_legs(decision, 0))


@given(st.one_of(cases(), tight_cases()))
def test_an_increase_stays_within_the_limits(case: Case) -> None:
    """A group that is added to ends within max_leverage and min_liquidation_distance.

    Where it already failed at that distance, the added contracts do not make it worse.
    """
    decision = case.decide()
    layout, quote, state = decision.flat.layout, decision.quoted.quote, filled(decision)
    before = decision.flat.state.contracts
    limits = case.setup.limits
    grown = {
        layout.legs.group[leg]
        for leg in sent_legs(decision)
        if abs(state.contracts[leg]) > abs(before[leg])
    }
    assume(not leaves_isolated(decision))
    for group in grown & set(lone_groups(decision)):
        equity = group_equity(layout, state, quote, group)
        gross = group_gross(layout, state, quote, group)
        slack = 1e-7 * (gross + abs(equity))
        if limits.max_leverage is not None:
            assert gross <= limits.max_leverage * equity + slack
        if limits.min_liquidation_distance is not None:
            distance = limits.min_liquidation_distance
            for factor in (1.0 - distance, 1.0, 1.0 + distance):
                if factor > 0.0:
                    was = excess_at(layout, decision.flat.state, quote, group, factor, -1, 1)
                    left = excess_at(layout, state, quote, group, factor, -1, 1)
                    assert left >= min(0.0, was if factor != 1.0 else 0.0) - slack


@given(cases(working=False, payoffs=("inverse",)))
def test_a_filled_decision_is_at_rest(case: Case) -> None:
    """Filled at the mark where no fees are paid, the next decision trades nothing more."""
    check_rest(case.without_fees().decide())


@given(cases(working=False, bases=("coins",)))
def test_a_filled_decision_is_at_rest_when_its_base_is_fixed(case: Case) -> None:
    """The same for every payoff, where booking a profit leaves the base as it is."""
    check_rest(case.without_fees().decide())


def check_rest(decision: Decision) -> None:
    """A second decision on the filled book sends nothing that was not cut short before.

    Left out: groups that several pools trade in, and isolated positions that give margin back.
    """
    assume(not leaves_isolated(decision))
    again = act_again(decision, filled(decision))
    for pool in pools(decision):
        cut_short = leg_codes(decision, pool) & (MAX_ORDER | OVER_LIMIT)
        if cut_short or pool_codes(decision, pool) & CAPPED:
            continue
        groups = {decision.flat.layout.legs.group[leg] for leg in pool_legs(decision, pool)}
        if not groups <= set(lone_groups(decision)):
            continue
        for leg in pool_legs(decision, pool):
            assert again.trade[leg] == 0.0, (decision.answer, again)
