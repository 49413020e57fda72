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
from volsculpt.book.state import SLOT_FREE, SLOT_UNKNOWN
from volsculpt.contracts.lots import WHOLE
from volsculpt.contracts.margin import SLOPE, initial_rate, maintenance_rate, opening_rate
from volsculpt.contracts.payoff import INVERSE, LINEAR, power, value
from volsculpt.decide import trigger_room
from volsculpt.decide.margin_need import grown_leverage
from volsculpt.decide.rules import Problem
from volsculpt.decide.trigger_forms import add_wealth
from volsculpt.decide.trigger_groups import may_ask
from volsculpt.decide.trigger_margin import growth_rate
from volsculpt.decide.trigger_room import (
    BASIS,
    SMALLER,
    added_value,
    by_free,
    by_leverage,
    by_margin,
    growing_legs,
    least_rate,
    pool_may_ask,
    room_row,
    room_rows,
)
from volsculpt.decide.triggers import AT_CLOSE, FORM, RANGE, ROOM, Triggers, new_row, row_now

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
            forms = [rows.kind[row] for row in range(size + 1, rows.used[0])].count(FORM)
            assert forms == len(parts), seed


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


def pools() -> Iterator[tuple[int, Problem, int, list[int]]]:
    """(seed, problem, pool, its uses) of random books, legs short, flat, blocked or given up."""
    for seed in range(BOOKS):
        own, dice = problem_of(seed), random.Random(seed)
        held = [dice.choice((-0.001, -0.002, 0.0)) for _ in own.state.contracts]
        slots = [dice.choice((SLOT_FREE, SLOT_FREE, SLOT_UNKNOWN)) for _ in held]
        retire = [dice.choice((0, 0, 1)) for _ in own.rules.use_leg]
        problem = own._replace(
            state=own.state._replace(contracts=held, slot=slots),
            rules=own.rules._replace(use_retire=retire),
        )
        for pool in range(own.rules.pools):
            mine = range(own.rules.pool_from[pool], own.rules.pool_to[pool])
            yield seed, problem, pool, list(mine)


def free_legs(problem: Problem, uses: list[int]) -> list[int]:
    """Those legs of a pool that may grow: neither blocked nor given up."""
    rules, slots = problem.rules, problem.state.slot
    return [
        rules.use_leg[use]
        for use in uses
        if rules.use_retire[use] == 0 and slots[rules.use_leg[use]] == SLOT_FREE
    ]


def test_legs_that_may_grow_are_free_and_on_one_side() -> None:
    """Of the pool alone; one on the other side would be closed first, and there is no count."""
    told = set()
    for seed, problem, pool, uses in pools():
        held = [problem.state.contracts[problem.rules.use_leg[use]] for use in uses]
        count = len(free_legs(problem, uses))
        assert growing_legs(problem.state, problem.rules, pool, -1.0) == count, seed
        other = -1 if min(held) < 0.0 else count
        assert growing_legs(problem.state, problem.rules, pool, 1.0) == other
        told |= {count, other}
    assert told >= {-1, 0, 1, 2}


def test_a_pool_may_ask_where_a_group_of_its_legs_may() -> None:
    """And has a plan; first leg or last."""
    told = {0: 0, 1: 0}
    for seed, problem, pool, uses in pools():
        for plan in (0, 1):
            for group in range(problem.layout.groups):
                planned = [plan * int(one == group) for one in range(problem.layout.groups)]
                said = problem._replace(rules=problem.rules._replace(planned=planned))
                mine = {problem.layout.legs.group[problem.rules.use_leg[use]] for use in uses}
                asks = plan == 1 and group in mine and may_ask(said, group) == 1
                assert pool_may_ask(said, pool) == asks, seed
                told[asks] += 1
    assert min(told.values()) > 3


@pytest.mark.parametrize("usd", [-1.0, 0.0, 1e12])
def test_each_leg_that_may_grow_has_a_row_of_its_lot_or_its_band(
    monkeypatch: pytest.MonkeyPatch, usd: float
) -> None:
    """The band where it is wider than the lot, of a leg alone; else a lot."""
    asked: list[tuple[int, float, float]] = []

    def noted(problem: Problem, rows: Triggers, leg: int, size: int, up: float) -> None:
        asked.append((leg, row_now(problem.layout, rows, size), up))

    monkeypatch.setattr(trigger_room, "room_row", noted)
    for seed, own, pool, uses in pools():
        count = own.layout.groups
        problem = own._replace(rules=own.rules._replace(planned=[0] * count))
        for given in (False, True):
            rows = empty_rows(problem)
            band = new_row(problem.layout, problem.rules.hedges, rows, FORM, 0, AT_CLOSE)
            rows.constant[band] = usd
            asked.clear()
            room_rows(problem, rows, pool, band if given else -1, -1.0)
            free = free_legs(problem, uses)
            assert [one[0] for one in asked] == free, seed
            assert rows.full[0] == 0
            for leg, size, up in asked:
                layout, quote = problem.layout, problem.quote
                lots = layout.legs.lot[leg] * (1.0 - 2.0 * WHOLE)
                coins = lots * coins_per_contract(layout, quote, leg)
                lot = coins * quote.index_usd[layout.legs.base[leg]]
                wide = given and len(free) == 1 and usd > lot
                assert size == pytest.approx(usd if wide else lot, rel=1e-9)
                assert up == -1.0


def test_a_pool_that_turns_or_may_ask_has_no_rows_of_room() -> None:
    """A leg on the other side, or coins that could come."""
    turned = 0
    for _, problem, pool, uses in pools():
        rows = empty_rows(problem)
        new_form(problem, rows)
        first, short = rows.used[0], growing_legs(problem.state, problem.rules, pool, 1.0) < 0
        planned = [1] * problem.layout.groups
        said = problem._replace(rules=problem.rules._replace(planned=planned))
        for book in [problem] * short + [said] * pool_may_ask(said, pool):
            rows.full[0] = 0
            room_rows(book, rows, pool, -1, 1.0)
            assert (rows.full[0], rows.used[0]) == (1, first)
            turned += len(uses) > 0
    assert turned > 5
