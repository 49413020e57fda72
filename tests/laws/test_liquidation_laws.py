"""Laws of liquidation: where it is, by brute force; what C, N and E say about it."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.factories import account, delta_of, flat_at, inverse, one_leg, quanto
from tests.laws.strategies import Case, cases, logarithmic
from volsculpt.book.flatten import Flat
from volsculpt.book.group import group_equity, group_maintenance
from volsculpt.book.holdings import Book, Position
from volsculpt.book.liquidation import (
    BREACHED,
    DOWN,
    FOUND,
    NEVER,
    UP,
    excess_at,
    liquidation_factor,
    nearest_factor,
)
from volsculpt.book.state import Quote
from volsculpt.contracts.spec import Margin, Tier
from volsculpt.simulate.scenario import shocked, wipe_out

directions = st.sampled_from([UP, DOWN])
rates = st.floats(0.001, 0.99)
WAY = [1.0 + 0.037 * step for step in range(60)] + [4.0 * 1.7**step for step in range(35)]


def excess(case_flat: Flat, quote: Quote, group: int, factor: float) -> float:
    """Equity less maintenance of a group with all coins at `factor`."""
    return excess_at(case_flat.layout, case_flat.state, quote, group, factor, -1, 1)


def scale_of(flat: Flat, quote: Quote, group: int, factor: float) -> float:
    """How large the numbers are that cancel in a group's excess."""
    layout, state = flat.layout, flat.state
    home = layout.group_currency[group]
    total = 0.0
    for wallet, currency in enumerate(layout.wallet_currency):
        if layout.wallet_group[wallet] == group:
            usd = 1.0 if home >= 0 else quote.index_usd[currency]
            total += abs(state.wallet[wallet]) * usd
    for leg, own in enumerate(layout.legs.group):
        if own == group:
            usd = 1.0 if home >= 0 else quote.index_usd[layout.legs.settle[leg]]
            total += (abs(state.cost[leg]) + abs(held_value(flat, quote, leg))) * usd
    return total * max(1.0, factor * factor)


def held_value(flat: Flat, quote: Quote, leg: int) -> float:
    """Value of a leg at its mark."""
    legs = flat.layout.legs
    size = flat.state.contracts[leg] * legs.multiplier[leg]
    return size / quote.mark[leg] if legs.payoff[leg] == 0 else size * quote.mark[leg]


@given(cases(working=False), directions)
def test_the_liquidation_factor_is_the_first_breach(case: Case, direction: int) -> None:
    """Law 4: solvent all the way to the factor, insolvent just beyond it; never means never."""
    decision = case.decide()
    flat, quote = decision.flat, decision.quoted.quote
    for group in range(len(flat.groups)):
        found, factor = liquidation_factor(flat.layout, flat.state, quote, group, direction, -1, 1)
        now = excess(flat, quote, group, 1.0)
        assert (found == BREACHED) == (now < 0.0)
        if found == BREACHED:
            continue
        way = [step if direction == UP else 1.0 / step for step in WAY]
        if found == FOUND:
            assert (factor - 1.0) * direction >= 0.0
            beyond = factor * (1.0 + 1e-7 * direction)
            assert excess(flat, quote, group, beyond) <= 1e-9 * scale_of(flat, quote, group, beyond)
            way = [step for step in way if (factor - step) * direction > 0.0]
        for step in way:
            assert excess(flat, quote, group, step) >= -1e-9 * scale_of(flat, quote, group, step)


@given(cases(working=False))
def test_the_polynomial_is_a_revaluation(case: Case) -> None:
    """Equity and maintenance at a factor are those of the book at prices moved by it."""
    decision = case.decide()
    for factor in (0.2, 0.5, 0.8, 1.3, 2.0, 5.0):
        check_revaluation(decision.flat, decision.quoted.quote, factor)


def check_revaluation(flat: Flat, quote: Quote, factor: float) -> None:
    """The excess of every group at a factor, against the groups at shocked prices."""
    there = shocked(flat, quote, factor - 1.0)
    for group, home in enumerate(flat.layout.group_currency[: len(flat.groups)]):
        moved = factor if home >= 0 and flat.layout.moves[home] else 1.0
        law = moved * (
            group_equity(flat.layout, flat.state, there, group)
            - group_maintenance(flat.layout, flat.state, there, group)
        )
        slack = 1e-9 * scale_of(flat, quote, group, factor) * max(1.0, 1.0 / factor)
        assert excess(flat, quote, group, factor) == pytest.approx(law, abs=slack)


@given(cases(working=False))
def test_breached_is_equity_below_maintenance(case: Case) -> None:
    """The excess now is equity less maintenance."""
    decision = case.decide()
    flat, quote = decision.flat, decision.quoted.quote
    for group in range(len(flat.groups)):
        equity = group_equity(flat.layout, flat.state, quote, group)
        needed = group_maintenance(flat.layout, flat.state, quote, group)
        assert excess(flat, quote, group, 1.0) == pytest.approx(
            equity - needed, abs=1e-9 * scale_of(flat, quote, group, 1.0)
        )
        assert needed >= 0.0


@given(cases(working=False), directions)
def test_the_venue_figure_of_a_lone_leg_is_the_groups(case: Case, direction: int) -> None:
    """Where a group has one leg, moving that leg alone is moving the group."""
    decision = case.decide()
    flat, quote = decision.flat, decision.quoted.quote
    legs = flat.layout.legs
    for leg, group in enumerate(legs.group):
        if list(legs.group).count(group) == 1:
            alone = liquidation_factor(flat.layout, flat.state, quote, group, direction, leg, 1)
            whole = liquidation_factor(flat.layout, flat.state, quote, group, direction, -1, 1)
            assert alone == whole


@given(cases(working=False), directions)
def test_bankruptcy_lies_beyond_liquidation(case: Case, direction: int) -> None:
    """Equity is gone no nearer than it falls under maintenance."""
    decision = case.decide()
    flat, quote = decision.flat, decision.quoted.quote
    for group in range(len(flat.groups)):
        near = liquidation_factor(flat.layout, flat.state, quote, group, direction, -1, 1)
        far = liquidation_factor(flat.layout, flat.state, quote, group, direction, -1, 0)
        if far[0] == BREACHED:
            assert near[0] == BREACHED
        if far[0] == FOUND:
            assert near[0] != NEVER
            assert (far[1] - near[1]) * direction >= -1e-9 * far[1]


@given(logarithmic(10.0, 1e8), logarithmic(10.0, 1e6), st.floats(1.0, 5.0), rates)
def test_a_short_with_its_coins_posted_is_never_liquidated(
    face: float, entry: float, times: float, rate: float
) -> None:
    """Law 4: with C >= N/E posted and maintenance below 100 % a short has no liquidation."""
    contract = inverse(margin=Margin(tiers=(Tier(0.0, rate),)))
    book = one_leg(contract, -face, entry, times * face / entry)
    for price in (entry * 0.5, entry, entry * 2.0):
        flat, quote = flat_at(book, {"BTC": price})
        for direction in (UP, DOWN):
            found, _ = liquidation_factor(flat.layout, flat.state, quote, 0, direction, -1, 1)
            assert found == NEVER


@given(logarithmic(10.0, 1e8), logarithmic(10.0, 1e6), st.floats(0.1, 0.99), rates)
def test_a_short_with_less_posted_is_liquidated_above(
    face: float, entry: float, times: float, rate: float
) -> None:
    """Law 4: solvent with C < N/E, a short is liquidated above the market, the owner then long.

    E(1 + r) is where C + N/P(1 - r) - ... crosses: N(1 - r)/(N/E - C), checked as a formula.
    """
    coins = times * face / entry
    contract = inverse(margin=Margin(tiers=(Tier(0.0, rate),)))
    flat, quote = flat_at(one_leg(contract, -face, entry, coins), {"BTC": entry})
    found, factor = liquidation_factor(flat.layout, flat.state, quote, 0, UP, -1, 1)
    if coins < face / entry * rate * (1.0 - 1e-12):
        assert found == BREACHED
    if found == FOUND:
        law = face * (1.0 - rate) / (face / entry - coins)
        assert factor * entry == pytest.approx(law, rel=1e-9)
        assert factor >= 1.0
        down, _ = liquidation_factor(flat.layout, flat.state, quote, 0, DOWN, -1, 1)
        assert down == NEVER


@given(logarithmic(0.01, 1e4), st.floats(0.05, 0.9), st.floats(0.001, 0.03))
def test_after_a_liquidation_the_owner_is_long(cold: float, posted: float, rate: float) -> None:
    """Law 4: a full hedge on few posted coins ends long, with fewer coins, after a rise."""
    contract = inverse(margin=Margin(tiers=(Tier(0.0, rate),)))
    coins = cold * posted
    face = (cold + coins) * 50_000.0
    book = one_leg(contract, -face, 50_000.0, coins)
    flat, quote = flat_at(book, {"BTC": 50_000.0})
    found, factor = nearest_factor(flat.layout, flat.state, quote, 0, -1, 1)
    if found != BREACHED:
        assert found == FOUND
        assert factor > 1.0
    before = cold + delta_of(flat, flat.state, quote, "BTC")
    there = shocked(flat, quote, factor - 1.0)
    after = cold + delta_of(flat, wipe_out(flat, flat.state, 0), there, "BTC")
    assert before == pytest.approx(0.0, abs=1e-9 * cold)
    assert 0.0 < after == cold < cold + coins


@given(st.floats(0.02, 0.24), st.floats(0.001, 0.01), st.integers(1, 10**6))
def test_a_dip_that_mends_is_still_a_liquidation(part: float, rate: float, size: int) -> None:
    """A long quanto on dollars fails on the way down, though farther down it would be solvent.

    Coins of k: V*k*k - V*k + u - r*V*k*k; its upper root is where the venue closes it.
    """
    contract = quanto(margin=Margin(tiers=(Tier(0.0, rate),)))
    face = size * contract.multiplier * 3_000.0 * 60_000.0
    held = (Position(contract, float(size), 3_000.0),)
    book = Book((account("uni", {"USDT": part * face}, held, mode="unified", venue="bitmex"),))
    flat, quote = flat_at(book, {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0})
    found, factor = liquidation_factor(flat.layout, flat.state, quote, 0, DOWN, -1, 1)
    law = (1.0 + math.sqrt(1.0 - 4.0 * (1.0 - rate) * part)) / (2.0 * (1.0 - rate))
    assert found == FOUND
    assert factor == pytest.approx(law, rel=1e-9)


dips = st.one_of(
    st.tuples(logarithmic(1.001, 3.9), st.floats(1.012, 1.25)),
    st.tuples(logarithmic(4.1, 1e3), st.floats(1.26, 2.0)),
)


@example(dip=(1.04, 1.1), direction=UP, rate=0.005)
@example(dip=(3.8, 1.02), direction=DOWN, rate=0.005)
@given(dips, directions, rates)
def test_a_dip_wider_than_a_step_is_found(
    dip: tuple[float, float], direction: int, rate: float
) -> None:
    """Steps of 1 %, of 25 % beyond fourfold: what is wider and mends again is still a breach.

    A long quanto on dollars: V(1 - r)(k - a)(k - b), bought at (a + b)(1 - r) times the price.
    """
    near, width = dip
    first, last = (near**direction, (near * width) ** direction)
    contract = quanto(margin=Margin(tiers=(Tier(0.0, rate),)))
    face = 1_000.0 * contract.multiplier * 3_000.0 * 60_000.0 * (1.0 - rate)
    held = (Position(contract, 1_000.0, 3_000.0 * (first + last) * (1.0 - rate)),)
    coins = {"USDT": face * first * last}
    book = Book((account("uni", coins, held, mode="unified", venue="bitmex"),))
    flat, quote = flat_at(book, {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0})
    found, factor = liquidation_factor(flat.layout, flat.state, quote, 0, direction, -1, 1)
    assert (found, factor) == (FOUND, pytest.approx(first, rel=1e-9))


@given(cases(working=False), st.floats(1.01, 10.0))
def test_more_margin_never_brings_liquidation_nearer(case: Case, times: float) -> None:
    """Law 7: coins added to a group move its liquidation away, or leave it."""
    decision = case.decide()
    flat, quote = decision.flat, decision.quoted.quote
    for group in range(len(flat.groups)):
        rows = [
            row
            for row, own in enumerate(flat.layout.wallet_group)
            if own == group and flat.state.wallet[row] > 0.0
        ]
        for direction in (UP, DOWN):
            before = liquidation_factor(flat.layout, flat.state, quote, group, direction, -1, 1)
            for row in rows:
                kept = flat.state.wallet[row]
                flat.state.wallet[row] = kept * times
                after = liquidation_factor(flat.layout, flat.state, quote, group, direction, -1, 1)
                flat.state.wallet[row] = kept
                if before[0] == NEVER:
                    assert after[0] == NEVER
                if before[0] == FOUND and after[0] == FOUND:
                    assert math.log(after[1] / before[1]) * direction >= -1e-9
