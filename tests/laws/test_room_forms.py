"""What a row of room is a sum of: a leg with so much more, told once more plainly."""

import random
from collections.abc import Iterator

import pytest

from tests.laws.forms import (
    FACTORS,
    There,
    elsewhere,
    empty_rows,
    ends_with_signs,
    new_form,
    problem_of,
    ranges_from,
    read,
)
from tests.laws.test_group_rows import gross_usd, needed
from tests.laws.test_row_forms import equity_usd, scaled, weight_now
from volsculpt.book.exposure import (
    coins_per_contract,
    fair_mark,
    venue_contracts,
    venue_cost,
    venue_value,
)
from volsculpt.contracts.margin import SLOPE, initial_rate, maintenance_rate, opening_rate
from volsculpt.contracts.payoff import INVERSE, LINEAR, power, value
from volsculpt.decide.allocate import grown_leverage
from volsculpt.decide.rules import Problem
from volsculpt.decide.trigger_forms import add_wealth
from volsculpt.decide.trigger_margin import growth_rate
from volsculpt.decide.trigger_room import (
    BASIS,
    SMALLER,
    added_value,
    by_free,
    by_leverage,
    by_margin,
    least_rate,
    room_row,
)
from volsculpt.decide.triggers import AT_CLOSE, RANGE, ROOM, Triggers, row_now

BOOKS = 60


def legs(isolated: bool = False) -> Iterator[tuple[int, Problem, int, There]]:
    """(seed, problem, leg, other prices and coins) of legs of random books."""
    for seed in range(BOOKS):
        problem, dice = problem_of(seed), random.Random(seed)
        for leg in range(problem.layout.legs.rows):
            if isolated == (problem.layout.legs.free_wallet[leg] >= 0):
                yield seed, problem, leg, elsewhere(problem, dice, 0.1)


def a_size(problem: Problem, rows: Triggers) -> int:
    """A form of something: a hundredth of wealth."""
    row = new_form(problem, rows)
    add_wealth(problem.layout, problem.state, rows, row, 0.01)
    return row


def is_there(problem: Problem, rows: Triggers, there: There) -> bool:
    """Whether every range that rows were made for still holds."""
    return all(read(problem, rows, row, there) > 0.0 for row in ranges_from(rows, 1))


def test_coins_are_worth_the_least_that_a_basis_may_be() -> None:
    """Of a linear contract 0.97 times what its mark is beside its index now; a row says so."""
    for seed, problem, leg, there in legs():
        layout, rows = problem.layout, empty_rows(problem)
        size = a_size(problem, rows)
        first = rows.used[0]
        added = added_value(problem, rows, leg, size)
        assert added == first
        basis = 1.0
        ends = ranges_from(rows, first)
        assert len(ends) == (layout.legs.payoff[leg] == LINEAR)
        for row in ends:
            basis = 0.97 * problem.quote.mark[leg] / fair_mark(layout, problem.quote, leg)
            one = layout.legs.multiplier[leg] * there.quote.mark[leg]
            usd = one * there.quote.index_usd[layout.legs.settle[leg]]
            coins = coins_per_contract(layout, there.quote, leg)
            fair = coins * there.quote.index_usd[layout.legs.base[leg]]
            assert read(problem, rows, row, there) == pytest.approx(usd - basis * fair), seed
            assert rows.subject[row] == leg
        of_size = basis * read(problem, rows, size, there)
        assert read(problem, rows, added, there) == pytest.approx(of_size)
    assert BASIS == 0.97


@pytest.mark.parametrize("initial", [0, 1])
def test_the_least_rate_of_more_is_that_of_the_size_there_is(initial: int) -> None:
    """At a factor; at the cost of entry where a venue takes it so; where it slopes its growth."""
    for seed, problem, leg, _ in legs():
        own, held = problem.layout.legs, abs(venue_contracts(problem.state, leg))
        for factor in FACTORS:
            by = power(factor, own.mark_power[leg])
            now = abs(venue_value(problem.layout, problem.state, problem.quote, leg))
            size = now / by if own.payoff[leg] == INVERSE else now * by
            if own.margin_on_entry[leg] == 1 and initial == 0:
                size = abs(venue_cost(problem.state, leg))
            rate = maintenance_rate(own, leg, size, held)[0]
            rate = initial_rate(own, leg, size, held) if initial else rate
            if own.margin_kind[leg] == SLOPE:
                rate = growth_rate(own, leg, size, held, initial)
            found = least_rate(problem, leg, factor, initial)
            assert found == pytest.approx(rate, rel=1e-9), (seed, leg)


def test_room_by_leverage_counts_what_is_added_and_its_fee() -> None:
    """(gross + added) / leverage and the fee, less equity; a fee in owned coins at their weight."""
    for seed, problem, leg, there in legs():
        group, rows = problem.layout.legs.group[leg], empty_rows(problem)
        added = a_size(problem, rows)
        first = rows.used[0]
        assert by_leverage(problem, rows, leg, added, 2.5) == first
        assert (rows.kind[first], rows.subject[first]) == (ROOM, leg)
        assert ends_with_signs(problem, rows, group, 1.0)
        more = read(problem, rows, added, there)
        fee = problem.layout.legs.taker[leg] * weight_now(
            problem, group, problem.layout.legs.settle[leg], 1.0
        )
        usd = (gross_usd(problem, group, there) + more) / 2.5 + fee * more
        usd -= equity_usd(problem, group, there, 1.0, 1)
        assert read(problem, rows, first, there) == pytest.approx(usd, rel=1e-6, abs=1e-5), seed


def paid(problem: Problem, leg: int, factor: float, up: float) -> float:
    """What a dollar more of a leg costs its group at a factor: its loss and its fee."""
    own = problem.layout.legs
    by, settle = power(factor, own.mark_power[leg]), power(factor, own.settle_power[leg])
    lost = (1.0 / by - 1.0) if own.payoff[leg] == INVERSE else (1.0 - by)
    weight = weight_now(problem, own.group[leg], own.settle[leg], factor)
    return weight * settle * (up * lost + own.taker[leg])


@pytest.mark.parametrize("up", [1.0, -1.0])
@pytest.mark.parametrize("initial", [0, 1])
def test_room_by_margin_counts_what_is_added_its_loss_and_its_fee(initial: int, up: float) -> None:
    """Margin of what is there and of more at its least rate, less equity, at every factor."""
    compared = 0
    for seed, problem, leg, there in legs():
        own, rules = problem.layout.legs, problem.rules
        group = own.group[leg]
        curved = any(own.group[o] == group and own.margin_kind[o] == SLOPE for o in range(own.rows))
        for factor in FACTORS:
            rows = empty_rows(problem)
            added = a_size(problem, rows)
            first = rows.used[0]
            assert by_margin(problem, rows, leg, added, factor, initial, up) == first
            assert (rows.kind[first], rows.subject[first]) == (ROOM, leg)
            assert ends_with_signs(problem, rows, group, factor)
            if curved or not is_there(problem, rows, there):
                continue
            more = read(problem, rows, added, there)
            rate = least_rate(problem, leg, factor, initial) * power(factor, own.settle_power[leg])
            if not (own.margin_on_entry[leg] == 1 and initial == 0):
                by = power(factor, own.mark_power[leg])
                rate *= 1.0 / by if own.payoff[leg] == INVERSE else by
            usd = more * (rate + paid(problem, leg, factor, up))
            usd += needed(problem, group, there, factor, initial)
            usd -= equity_usd(problem, group, there, factor, 1)
            found = read(problem, rows, first, there)
            assert found == pytest.approx(usd, rel=1e-6, abs=1e-5), (seed, leg, rules.hedges)
            compared += 1
    assert compared > BOOKS


def test_room_of_an_isolated_leg_is_what_its_free_coins_post() -> None:
    """At the rate of four fifths of the position, the fee paid; a row holds it that large."""
    opened = 0
    for seed, problem, leg, there in legs(isolated=True):
        own, rows = problem.layout.legs, empty_rows(problem)
        added = a_size(problem, rows)
        first, held = rows.used[0], problem.state.contracts[leg]
        assert by_free(problem, rows, leg, added) == first
        ends = ranges_from(rows, first)
        rate = 1.0 / own.leverage[leg]
        assert len(ends) == (held != 0.0)
        settle = there.quote.index_usd[own.settle[leg]]
        for row in ends:
            of_mark = (own.payoff[leg], held, own.multiplier[leg])
            size = abs(value(*of_mark, problem.quote.mark[leg])) / SMALLER
            rate = opening_rate(own, leg, held, size)
            now = abs(value(*of_mark, there.quote.mark[leg])) * settle
            assert read(problem, rows, row, there) == pytest.approx(now - size * settle)
            near = [read(problem, rows, row, scaled(problem, leg, by)) for by in (0.79, 0.81)]
            assert near[0] < 0.0 < near[1]
            opened += 1
        usd = read(problem, rows, added, there) * (rate + own.taker[leg])
        usd -= there.state.wallet[own.free_wallet[leg]] * settle
        assert read(problem, rows, first, there) == pytest.approx(usd, rel=1e-6, abs=1e-5), seed
    assert opened > 3


@pytest.mark.parametrize("up", [1.0, -1.0])
@pytest.mark.parametrize("leverage", [0.0, 0.5, 20.0])
def test_of_all_that_a_leg_may_lack_the_most_is_watched(up: float, leverage: float) -> None:
    """Initial margin, leverage, maintenance now and at both distances: one row is kept."""
    for seed, own, leg, _ in legs():
        if seed % 3:
            continue
        for distance in (0.0, 0.4, 1.3):
            group = own.layout.legs.group[leg]
            rules = own.rules._replace(max_leverage=leverage, min_distance=distance)
            problem = own._replace(rules=rules)
            rows, apart = empty_rows(problem), empty_rows(problem)
            size, again = a_size(problem, rows), a_size(problem, apart)
            room_row(problem, rows, leg, size, up)
            added = added_value(problem, apart, leg, again)
            far = [(1.0, 0)] + (
                [(1.0 + distance, 0), (max(1e-9, 1.0 - distance), 0)] * bool(distance)
            )
            parts = [by_margin(problem, apart, leg, added, f, i, up) for f, i in [(1.0, 1), *far]]
            most = grown_leverage(rules, group)
            parts += [by_leverage(problem, apart, leg, added, most)] if most > 0.0 else []
            if 1 in (rows.full[0], apart.full[0]) or rules.assumed[group] == 1:
                continue
            kept = [row for row in range(rows.used[0]) if rows.kind[row] == ROOM]
            told = [row_now(problem.layout, rows, row) for row in kept]
            most_lacking = max(row_now(problem.layout, apart, row) for row in parts)
            assert told == [pytest.approx(most_lacking, rel=1e-9)], seed
            assert all(rows.where[row] == AT_CLOSE for row in kept)


def test_a_leg_of_an_account_to_come_has_no_row_of_room() -> None:
    """It is taken to hold what it needs; an isolated leg has one of its free coins."""
    for isolated in (False, True):
        for seed, problem, leg, _ in legs(isolated):
            count = problem.layout.groups
            said = problem._replace(rules=problem.rules._replace(assumed=[1] * count))
            rows = empty_rows(said)
            first = a_size(said, rows) + 1
            room_row(said, rows, leg, first - 1, 1.0)
            assert (rows.full[0], rows.used[0]) == (1, first), seed
            if isolated:
                own = problem._replace(rules=problem.rules._replace(assumed=[0] * count))
                room_row(own, rows, leg, first - 1, 1.0)
                kept = [rows.kind[row] for row in range(first, rows.used[0])]
                assert kept.count(ROOM) == 1
                assert set(kept) <= {ROOM, RANGE, 0}
