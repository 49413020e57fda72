"""What a row of a hedge or a pool is a sum of: bases, needs, bands and lots, told once more."""

import random
from collections.abc import Iterator

import pytest

from tests.laws.forms import There, elsewhere, empty_rows, new_form, problem_of, ratios_of, read
from volsculpt.book.exposure import OWED_NOISE, coins_per_contract, exposure, wealth_usd
from volsculpt.book.state import Exposure, new_exposure
from volsculpt.contracts.lots import WHOLE
from volsculpt.decide import trigger_pools
from volsculpt.decide.pool import base_coins, pool_coins_per_coin, settled_coins, spot_delta
from volsculpt.decide.rules import (
    BASE_COINS,
    BASE_EQUITY,
    BASE_GONE,
    BASE_WEALTH,
    ZERO_TARGET,
    Problem,
    Rules,
)
from volsculpt.decide.trigger_forms import (
    add_base,
    add_coins,
    add_futures,
    add_settled,
    add_spot,
    add_wealth,
)
from volsculpt.decide.trigger_pools import (
    answer_rows,
    band_rows,
    base_row,
    debt_row,
    lot_rows,
    need_row,
    pool_rows,
    trigger_form,
)
from volsculpt.decide.trigger_shares import band_dollars, is_beside, is_left_out
from volsculpt.decide.triggers import BAND, BASE, LOT, NO_ROWS, RANGE, Triggers, row_now

BOOKS = 50
LEVELS = (BASE_EQUITY, BASE_COINS, BASE_WEALTH)


def books() -> Iterator[tuple[int, Problem, There, Exposure]]:
    """(seed, problem, other prices and coins, what is exposed there)."""
    for seed in range(BOOKS):
        problem = problem_of(seed)
        there, sums = elsewhere(problem, random.Random(seed), 0.2), new_exposure(problem.layout)
        exposure(problem.layout, there.state, there.quote, 0, sums)
        yield seed, problem, there, sums


def with_rules(problem: Problem, **columns: object) -> Problem:
    """The problem with some columns of its rules replaced."""
    return problem._replace(rules=problem.rules._replace(**columns))  # type: ignore[arg-type]


def base_usd(problem: Problem, there: There, sums: Exposure, hedge: int) -> float:
    """The base of a hedge in US dollars."""
    wealth = wealth_usd(problem.layout, there.quote, sums)
    coins = base_coins(problem.rules, there.quote, sums, wealth, hedge)
    return coins * there.quote.index_usd[problem.rules.hedge_currency[hedge]]


def test_forms_of_a_currency_are_what_is_settled_and_exposed_in_it() -> None:
    """Of every currency: its coins were all closed, and futures on it or quoted in it."""
    for seed, problem, there, sums in books():
        layout = problem.layout
        for currency in range(layout.currencies):
            price, rows = there.quote.index_usd[currency], empty_rows(problem)
            row = new_form(problem, rows)
            add_settled(layout, problem.state, rows, row, currency, 0.5)
            usd = 0.5 * settled_coins(sums, currency) * price
            size = abs(wealth_usd(layout, there.quote, sums)) + abs(usd)
            assert read(problem, rows, row, there) == pytest.approx(usd, abs=1e-9 * size), seed
            row = new_form(problem, rows)
            add_futures(layout, problem.state, rows, row, currency, 0.5)
            usd = 0.5 * sums.futures[currency] * price
            assert read(problem, rows, row, there) == pytest.approx(usd, abs=1e-9 * size), seed


def test_forms_of_wealth_base_and_spot_are_these() -> None:
    """Of every hedge on each kind of base, carried by its own contracts or by others."""
    for seed, problem, there, sums in books():
        hedges = problem.rules.hedges
        for level in LEVELS:
            for own in (0, 1):
                mine = [own] * hedges
                coins = [2.5 + hedge for hedge in range(hedges)]
                said = with_rules(
                    problem, hedge_base=[level] * hedges, hedge_own=mine, hedge_coins=coins
                )
                for hedge in range(hedges):
                    rows = empty_rows(said)
                    row = new_form(said, rows)
                    add_base(said, rows, row, hedge, 0.5)
                    add_spot(said, rows, row, hedge, -0.25)
                    add_wealth(said.layout, said.state, rows, row, 0.125)
                    price = there.quote.index_usd[said.rules.hedge_currency[hedge]]
                    usd = 0.5 * base_usd(said, there, sums, hedge)
                    usd -= 0.25 * spot_delta(said.rules, sums, hedge) * price
                    usd += 0.125 * wealth_usd(said.layout, there.quote, sums)
                    assert read(said, rows, row, there) == pytest.approx(usd, rel=1e-6), seed


def test_coins_of_contracts_are_those_of_their_delta() -> None:
    """Of every leg at any price, also one whose mark is of 1,000 coins."""
    for _, problem, there, _ in books():
        layout = problem.layout
        for leg in range(layout.legs.rows):
            rows = empty_rows(problem)
            row = new_form(problem, rows)
            add_coins(layout, rows, row, leg, -3.0)
            coins = -3.0 * coins_per_contract(layout, there.quote, leg)
            usd = coins * there.quote.index_usd[layout.legs.base[leg]]
            assert read(problem, rows, row, there) == pytest.approx(usd)


def test_a_need_is_what_a_hedge_asks_its_pool_for() -> None:
    """Beta times spot less what its target leaves open, as its target moves too."""
    for seed, problem, there, sums in books():
        rules = problem.rules
        for link in range(rules.links):
            hedge, pool = rules.link_hedge[link], rules.link_pool[link]
            ratio, rows = ratios_of(seed)[hedge], empty_rows(problem)
            assert new_form(problem, rows) + 1 == need_row(problem, ratio, rows, link)
            row = rows.used[0] - 1
            of_base = base_usd(problem, there, sums, hedge)
            price = there.quote.index_usd[rules.hedge_currency[hedge]]
            for turned in (ratio, ratio + 0.3):
                need = spot_delta(rules, sums, hedge) * price - (1.0 - turned) * of_base
                need *= pool_coins_per_coin(there.quote, rules, link) / price
                usd = need * there.quote.index_usd[rules.pool_currency[pool]]
                found = read(problem, rows, row, there)
                found += rows.turn[row * rules.hedges + hedge] * (turned - ratio) * of_base
                assert found == pytest.approx(usd, rel=1e-6, abs=1e-6), (seed, link)
            turns = rows.turn[row * rules.hedges : (row + 1) * rules.hedges]
            assert [one for one in range(rules.hedges) if turns[one] != 0.0] == [hedge]


def open_links(problem: Problem, pool: int) -> list[int]:
    """The links of a pool whose hedges are not to be closed."""
    rules, answer = problem.rules, problem.answer
    return [
        link
        for link in range(rules.links)
        if rules.link_pool[link] == pool
        and answer.hedge_code[rules.link_hedge[link]] & (ZERO_TARGET | BASE_GONE) == 0
        and rules.link_beta[link] != 0.0
        and is_left_out(problem, link) == 0
    ]


def a_gap(problem: Problem, rows: Triggers) -> int:
    """A form of something: a hundredth of wealth."""
    row = new_form(problem, rows)
    add_wealth(problem.layout, problem.state, rows, row, 0.01)
    return row


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_band_is_what_a_base_lets_a_gap_be(sign: float) -> None:
    """The trigger of that side of each hedge, of so much of a whole where its pool has one."""
    several = 0
    for seed, problem, there, sums in books():
        rules = problem.rules
        for pool in range(rules.pools):
            links, rows = open_links(problem, pool), empty_rows(problem)
            gap = a_gap(problem, rows)
            needs = rows.used[0]
            for place in range(len(links)):
                new_form(problem, rows)
                rows.least[needs + place] = 0.5 + 0.1 * place
            form, own = new_form(problem, rows), read(problem, rows, gap, there)
            rows.constant[form] = 3.0 * own
            whole = form if len(links) > 1 else NO_ROWS
            off, first = read(problem, rows, gap, there), rows.used[0]
            band_rows(problem, rows, pool, needs, whole, gap, sign)
            assert rows.used[0] == first + len(links)
            all_of = 0.0
            for place, link in enumerate(links):
                hedge, by = rules.link_hedge[link], band_dollars(rules, pool, link, sign)
                lets = by * base_usd(problem, there, sums, hedge)
                all_of += lets
                if whole != NO_ROWS:
                    lets = by * (0.5 + 0.1 * place) * 3.0 * own
                found = read(problem, rows, first + place, there)
                assert found == pytest.approx(lets + sign * off, rel=1e-6), seed
                assert (rows.kind[first + place], rows.subject[first + place]) == (BAND, hedge)
            form = trigger_form(problem, rows, pool, sign)
            assert read(problem, rows, form, there) == pytest.approx(all_of, rel=1e-6)
            several += len(links) > 1
    assert several > 0


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_lot_is_the_gap_that_each_leg_of_a_pool_lets_be(sign: float) -> None:
    """A lot of it in dollars, of each leg that the pool uses, on both sides."""
    for seed, problem, there, _ in books():
        layout, rules = problem.layout, problem.rules
        for pool in range(rules.pools):
            rows = empty_rows(problem)
            gap = a_gap(problem, rows)
            off, first = read(problem, rows, gap, there), rows.used[0]
            lot_rows(layout, rules, rows, pool, gap, sign)
            used = rules.use_leg[rules.pool_from[pool] : rules.pool_to[pool]]
            assert rows.used[0] == first + len(used)
            for row, leg in enumerate(used, first):
                lot = layout.legs.lot[leg] * (1.0 - 2.0 * WHOLE)
                coins = lot * coins_per_contract(layout, there.quote, leg)
                usd = coins * there.quote.index_usd[layout.legs.base[leg]] + sign * off
                assert read(problem, rows, row, there) == pytest.approx(usd, rel=1e-9), seed
                assert (rows.kind[row], rows.subject[row]) == (LOT, leg)


def test_a_base_row_turns_at_the_least_that_is_hedged() -> None:
    """And a row of debt where wealth is less than the coins it stands in."""
    for seed, problem, there, sums in books():
        said = with_rules(problem, min_base_usd=100.0)
        for hedge in range(said.rules.hedges):
            usd, rows = base_usd(said, there, sums, hedge), empty_rows(said)
            price = there.quote.index_usd[said.rules.hedge_currency[hedge]]
            owned = spot_delta(said.rules, sums, hedge) * price
            first = new_form(said, rows) + 1
            base_row(said, rows, hedge, 1.0)
            base_row(said, rows, hedge, -1.0)
            debt_row(said, rows, hedge)
            wanted = [usd - 100.0, 100.0 - usd, usd - (1.0 - OWED_NOISE) * owned]
            found = [read(said, rows, first + place, there) for place in range(3)]
            assert found == pytest.approx(wanted, rel=1e-6, abs=1e-9 * (abs(usd) + abs(owned)))
            for row in range(first, first + 3):
                assert (rows.kind[row], rows.subject[row]) == (BASE, hedge), seed


def test_a_hedge_without_an_answer_is_watched_in_its_own_pool() -> None:
    """Of the hedges of the pool those alone that have none, and still something to hedge."""
    watched = 0
    for seed, problem, _, _ in books():
        hedges = problem.rules.hedges
        for held in ([1] * hedges, [hedge % 2 for hedge in range(hedges)], [0] * hedges):
            said = with_rules(problem, hedge_hold=held, hedge_base=[BASE_EQUITY] * hedges)
            for pool in range(said.rules.pools):
                rows = empty_rows(said)
                first = new_form(said, rows) + 1
                answer_rows(said, rows, pool)
                mine = waiting(said.rules, said, pool)
                assert [rows.subject[row] for row in range(first, rows.used[0])] == mine, seed
                for row in range(first, rows.used[0]):
                    wanted = row_now(said.layout, rows, row)
                    base_row(said, rows, rows.subject[row], 1.0)
                    assert row_now(said.layout, rows, rows.used[0] - 1) == wanted
                watched += len(mine)
    assert watched > BOOKS


def waiting(rules: Rules, problem: Problem, pool: int) -> list[int]:
    """The hedges of a pool that have no answer and need one."""
    own = [rules.link_hedge[link] for link in range(rules.links) if rules.link_pool[link] == pool]
    codes = problem.answer.hedge_code
    return [one for one in own if rules.hedge_hold[one] == 1 and codes[one] & BASE_GONE == 0]


def form_usd(problem: Problem, there: There, sums: Exposure, pool: int, seed: int) -> list[float]:
    """What each hedge of a pool asks it for at its target, in US dollars."""
    rules, found = problem.rules, []
    for link in open_links(problem, pool):
        hedge = rules.link_hedge[link]
        price = there.quote.index_usd[rules.hedge_currency[hedge]]
        need = spot_delta(rules, sums, hedge) * price
        need -= (1.0 - ratios_of(seed)[hedge]) * base_usd(problem, there, sums, hedge)
        by = pool_coins_per_coin(there.quote, rules, link) / price
        found.append(need * by * there.quote.index_usd[rules.pool_currency[pool]])
    return found


def test_a_pool_is_built_of_what_its_hedges_ask_for_and_what_it_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their needs, the sum, what its futures lack of that, and what takes its legs to nothing."""
    asked: list[tuple[int, ...]] = []
    monkeypatch.setattr(trigger_pools, "sides", lambda *where: asked.append(where[2:]))
    several = 0
    for seed, problem, there, sums in books():
        rules, layout = problem.rules, problem.layout
        for pool in range(rules.pools):
            rows, links = empty_rows(problem), open_links(problem, pool)
            new_form(problem, rows)
            asked.clear()
            pool_rows(problem, ratios_of(seed), rows, pool)
            price = there.quote.index_usd[rules.pool_currency[pool]]
            if not links or rows.full[0] == 1:
                assert asked == []
                continue
            assert len(asked) == 1
            where, needs, total, whole, gap, back = asked[0]
            assert (where, total, gap, back) == (pool, needs + len(links), total + 1, total + 2)
            found = [read(problem, rows, row, there) for row in range(needs, back + 1)]
            wanted = form_usd(problem, there, sums, pool, seed)
            held = sum(
                there.state.contracts[leg]
                * coins_per_contract(layout, there.quote, leg)
                * there.quote.index_usd[layout.legs.base[leg]]
                for leg in rules.use_leg[rules.pool_from[pool] : rules.pool_to[pool]]
            )
            futures = sums.futures[rules.pool_currency[pool]] * price
            wanted += [sum(wanted), -sum(wanted) - futures, -held]
            size = max(abs(one) for one in wanted)
            assert found == pytest.approx(wanted, rel=1e-6, abs=1e-6 * size), seed
            bounds = [row for row in range(back, rows.used[0]) if rows.kind[row] == RANGE]
            beside = any(is_beside(rules, problem.answer, link) for link in links)
            assert (bounds != []) == beside
            assert whole == NO_ROWS or (whole >= total and len(links) > 1)
            several += len(links) > 1
    assert several > 0


@pytest.mark.parametrize("held", [0.0, 1.0])
def test_a_pool_that_closes_waits_until_it_is_flat(held: float) -> None:
    """Then rows of its bases are all there are; contracts left have no form."""
    for seed, problem, _, _ in books():
        hedges, codes = problem.rules.hedges, problem.answer.hedge_code
        before, goal = list(codes), list(problem.work.hold)
        said = with_rules(problem, hedge_base=[BASE_COINS] * hedges, hedge_coins=[1.0] * hedges)
        for pool in range(problem.rules.pools):
            codes[:] = [BASE_GONE] * hedges
            problem.work.hold[:] = [held] * len(goal)
            rows = empty_rows(said)
            first = new_form(said, rows) + 1
            pool_rows(said, ratios_of(seed), rows, pool)
            codes[:], problem.work.hold[:] = before, goal
            mine = list(problem.rules.link_pool).count(pool)
            kinds = [rows.kind[row] for row in range(first, rows.used[0])]
            assert kinds == [BASE] * mine, seed
            assert rows.full[0] == (held != 0.0)
