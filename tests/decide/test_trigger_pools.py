"""Which rows a pool needs: of bases, bands, lots and room, on both sides of what it may want."""

import math
import random
from collections.abc import Iterator

import pytest

from tests.factories import account, decided, fixed, inverse, vault
from tests.laws.forms import empty_rows, new_form, problem_of
from volsculpt.book.holdings import Book, Position
from volsculpt.decide import trigger_pools
from volsculpt.decide.rules import (
    BASE_COINS,
    BASE_GONE,
    BASE_WEALTH,
    OWES,
    WEALTH_GONE,
    ZERO_TARGET,
    Problem,
)
from volsculpt.decide.trigger_forms import add_settled
from volsculpt.decide.trigger_pools import (
    base_row,
    base_rows,
    gap_rows,
    has_unmanaged,
    is_in_pool,
    is_one_sided,
    keep_debts,
    sides,
    trigger_form,
)
from volsculpt.decide.trigger_room import room_rows
from volsculpt.decide.triggers import (
    BAND,
    BASE,
    FORM,
    LOT,
    NO_ROWS,
    RANGE,
    ROOM,
    Triggers,
    row_now,
)
from volsculpt.hedge.answer import Band

BOOKS = 60
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0}
LOT_USD = 2_000.0
WIDE, NARROW = Band(0.02, 0.01, 0.02, 0.01), Band(0.01, 0.01, 0.03, 0.01)


def pools() -> Iterator[tuple[int, Problem, int]]:
    """(seed, problem, pool) of every pool of random books, each leg long, short or flat."""
    for seed in range(BOOKS):
        problem, dice = problem_of(seed), random.Random(seed)
        for pool in range(problem.rules.pools):
            held = [dice.choice((-0.001, 0.0, 1.0)) for _ in problem.state.contracts]
            yield seed, problem._replace(state=problem.state._replace(contracts=held)), pool


def legs_of(problem: Problem, pool: int) -> list[int]:
    """The legs that a pool uses."""
    return list(problem.rules.use_leg[problem.rules.pool_from[pool] : problem.rules.pool_to[pool]])


def test_a_pool_is_one_sided_while_its_legs_do_not_offset_each_other() -> None:
    """Of those that it uses alone, however small they are; all flat is one side."""
    told = {0: 0, 1: 0}
    for seed, problem, pool in pools():
        mine = legs_of(problem, pool)
        held = {
            math.copysign(1.0, problem.state.contracts[leg])
            for leg in mine
            if problem.state.contracts[leg] != 0.0
        }
        found = is_one_sided(problem.state, problem.rules, pool)
        assert found == (len(held) < 2), seed
        told[found] += 1
        for leg in range(problem.layout.legs.rows):
            assert is_in_pool(problem.rules, pool, leg) == (leg in mine)
    assert min(told.values()) > 2


def test_what_no_pool_uses_counts_where_it_is_on_its_coin_or_quoted_in_it() -> None:
    """Any contracts, first leg to last."""
    told = {0: 0, 1: 0}
    for seed, problem, pool in pools():
        legs, coin = problem.layout.legs, problem.rules.pool_currency[pool]
        for currency in (coin, *range(problem.layout.currencies)):
            of = [currency] * problem.rules.pools
            said = problem._replace(rules=problem.rules._replace(pool_currency=of))
            others = any(
                problem.state.contracts[leg] != 0.0
                and currency in (legs.base[leg], legs.quote[leg])
                and leg not in legs_of(problem, pool)
                for leg in range(legs.rows)
            )
            assert has_unmanaged(said, pool) == others, seed
            told[others] += 1
    assert min(told.values()) > BOOKS / 10


@pytest.mark.parametrize("level", [BASE_COINS, BASE_WEALTH])
@pytest.mark.parametrize("code", [0, OWES, WEALTH_GONE, ZERO_TARGET, BASE_GONE])
def test_rows_of_a_base_are_of_what_closes_its_hedge(code: int, level: int) -> None:
    """While it is more than the least, or no more; a debt beside a target of 0 of wealth.

    What is kept without wealth, or sold against a debt, has no form.
    """
    of_wealth = level == BASE_WEALTH
    for seed in range(12):
        own = problem_of(seed)
        hedges = own.rules.hedges
        columns = {"hedge_base": [level] * hedges, "hedge_coins": [1.5] * hedges}
        problem = own._replace(rules=own.rules._replace(**columns))  # type: ignore[arg-type]
        for hedge in range(hedges):
            rows = empty_rows(problem)
            first = new_form(problem, rows) + 1
            problem.answer.hedge_code[hedge], before = code, problem.answer.hedge_code[hedge]
            base_rows(problem, rows, hedge)
            problem.answer.hedge_code[hedge] = before
            no_form = code in (OWES, WEALTH_GONE) or (of_wealth and code == BASE_GONE)
            assert rows.full[0] == no_form
            found = [row_now(problem.layout, rows, row) for row in range(first, rows.used[0])]
            base_row(problem, rows, hedge, 1.0)
            more = row_now(problem.layout, rows, rows.used[0] - 1)
            if code == ZERO_TARGET:
                assert len(found) == of_wealth
            else:
                assert found == [pytest.approx(-more if code == BASE_GONE else more)]
            kinds = {rows.kind[row] for row in range(first, rows.used[0])}
            assert kinds == {BASE}


def test_a_base_that_nothing_moves_has_no_row() -> None:
    """No coins of it declared: it is gone, and stays so."""
    problem = problem_of(0)
    columns = {"hedge_base": [BASE_COINS], "hedge_coins": [0.0]}
    said = problem._replace(rules=problem.rules._replace(**columns))  # type: ignore[arg-type]
    rows = empty_rows(said)
    first = new_form(said, rows) + 1
    base_row(said, rows, 0, -1.0)
    assert rows.used[0] == first


def two_legs(first: float, second: float = 0.0, **changed: object) -> Problem:
    """1 BTC of equity hedged by two contracts in lots of 2,000 USD; dollars held in each.

    Off by 1,200 USD is its trigger.
    """
    one, two = inverse(lot=LOT_USD), inverse(lot=LOT_USD, venue="okx")
    lines = [
        (Position(contract, held, 60_000.0),) if held else ()
        for contract, held in ((one, first), (two, second))
    ]
    book = Book(
        (
            vault(BTC=0.9),
            account("one", {"BTC": 0.05}, lines[0]),
            account("two", {"BTC": 0.05}, lines[1], venue="okx"),
        )
    )
    legs = [[("one", one, False), ("two", two, False)]]
    band = changed.pop("band", WIDE)
    problem = decided(book, [fixed(band=band)], legs, PRICES).problem
    return problem._replace(rules=problem.rules._replace(**changed))  # type: ignore[arg-type]


def form_of(problem: Problem, rows: Triggers, usd: float) -> int:
    """A form that is so many US dollars."""
    row = new_form(problem, rows)
    rows.constant[row] = usd
    return row


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(
    ("gap", "held", "kinds", "full"),
    [
        (1_100.0, -30_000.0, {BAND}, 0),
        (1_300.0, -30_000.0, {LOT}, 0),
        (1_900.0, -30_000.0, {LOT}, 0),
        (2_100.0, -30_000.0, {ROOM}, 0),
        (-9_000.0, -30_000.0, {BAND}, 0),
        (1_100.0, 4_000.0, {BAND}, 0),
        (1_300.0, 4_000.0, {LOT}, 1),
        (2_100.0, 4_000.0, set(), 1),
    ],
)
def test_a_gap_is_within_its_band_or_less_than_a_lot_or_has_no_room(
    sign: float, gap: float, held: float, kinds: set[int], full: int
) -> None:
    """1,200 USD of band, then 2,000 USD of a lot; legs that offset each other have no rows then."""
    problem = two_legs(sign * held, -sign * 30_000.0 if held > 0.0 else sign * held)
    rows = empty_rows(problem)
    needs = form_of(problem, rows, 1.0)
    total, off = form_of(problem, rows, 1.0), form_of(problem, rows, -sign * gap)
    first = rows.used[0]
    gap_rows(problem, rows, 0, needs, total, NO_ROWS, off, sign)
    found = {rows.kind[row] for row in range(first, rows.used[0])}
    assert rows.full[0] == full
    assert found - {FORM, RANGE} == kinds


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_room_is_asked_for_by_the_band_of_a_hedge_alone_in_its_pool(
    sign: float, several: bool
) -> None:
    """Of several hedges a lot is what it is asked for; the pool grows on the side of the gap."""
    problem = two_legs(-sign * 30_000.0, band=NARROW, use_retire=[0, 1])
    tables = []
    for asked in (True, False):
        rows = empty_rows(problem)
        needs = form_of(problem, rows, 1e6)
        rows.constant[0] = 1e6
        if several:
            form_of(problem, rows, 1e6)
        total, off = form_of(problem, rows, 1e6), form_of(problem, rows, -sign * 9e4)
        if asked:
            gap_rows(problem, rows, 0, needs, total, NO_ROWS, off, sign)
        else:
            band = -1 if several else trigger_form(problem, rows, 0, sign)
            room_rows(problem, rows, 0, band, -sign)
        tables.append(rows)
    width = tables[0].used[0] * (problem.layout.currencies + problem.layout.legs.rows)
    assert tables[0].used == tables[1].used
    assert str(tables[0].coef[:width]) == str(tables[1].coef[:width])


def asked_sides(
    monkeypatch: pytest.MonkeyPatch, problem: Problem, usd: tuple[float, float, float]
) -> tuple[list[tuple[str, float]], Triggers]:
    """(which form is looked at on which side, the rows) for a total, a gap and the way back."""
    rows, asked = empty_rows(problem), list[tuple[str, float]]()
    needs = form_of(problem, rows, usd[0])
    total, gap, back = (form_of(problem, rows, one) for one in usd)
    names = {gap: "gap", back: "back"}

    def noted(*where: object) -> None:
        assert where[2:6] == (0, needs, total, -1)
        asked.append((names[where[6]], where[7]))  # type: ignore[index, arg-type]

    monkeypatch.setattr(trigger_pools, "gap_rows", noted)
    sides(problem, rows, 0, needs, total, NO_ROWS, gap, back)
    return asked, rows


@pytest.mark.parametrize("unused", [0.0, -6_000.0])
@pytest.mark.parametrize("owned", [1.0, -1.0])
@pytest.mark.parametrize("allow_long", [0, 1])
@pytest.mark.parametrize("total", [9.0, 0.01, 0.0, -9.0])
def test_both_sides_of_what_a_pool_may_want_are_looked_at(
    monkeypatch: pytest.MonkeyPatch, unused: float, owned: float, allow_long: int, total: float
) -> None:
    """Its target, and nothing: where futures may not be long, or others do more than is wanted.

    With what is owed there is a long that has no form.
    """
    for gap in (5.0, -5.0, 1.0):
        for back in (1.0, -1.0, 20.0, 0.0, 0.5):
            problem = two_legs(-30_000.0, unused, allow_long=allow_long, pool_to=[1])
            problem.work.held.balance[problem.rules.hedge_currency[0]] = owned
            problem.work.held.pnl[problem.rules.hedge_currency[0]] = 0.0
            asked, rows = asked_sides(monkeypatch, problem, (total, gap, back))
            if unused and (gap - back) * total > 0.0:
                assert asked == [("back", 1.0), ("back", -1.0)]
                assert rows.full[0] == 0
                continue
            short = allow_long == 0 and owned > 0.0
            upper = "back" if short and back < gap else "gap"
            middle = [("back", 1.0)] if short else []
            assert asked == [("gap", 1.0), *middle, (upper, -1.0)]
            assert rows.full[0] == (allow_long == 0 and owned < 0.0 and back < 0.0)
            ranges = [row for row in range(rows.used[0]) if rows.kind[row] == RANGE]
            told = [row_now(problem.layout, rows, row) for row in ranges]
            signs = [abs(gap - back), abs(total)] if unused else []
            assert told[: len(signs)] == pytest.approx(signs)
            assert len(told) == len(signs) + (allow_long == 0)


def test_a_hedged_coin_is_watched_for_a_debt_where_funding_is_paid_in_it() -> None:
    """Of each hedge of the pool; coins that no contract settles in change by no funding."""
    watched = 0
    for seed, problem, pool in pools():
        rows, rules = empty_rows(problem), problem.rules
        first = new_form(problem, rows) + 1
        keep_debts(problem, rows, pool)
        mine = [
            rules.link_hedge[link] for link in range(rules.links) if rules.link_pool[link] == pool
        ]
        settles = [rules.hedge_currency[one] in problem.layout.legs.settle for one in mine]
        kept = [row for row in range(first, rows.used[0]) if rows.kind[row] == RANGE]
        assert rows.used[0] - first == len(mine) + sum(settles), seed
        assert [rows.subject[row] for row in kept] == [
            one for one, settled in zip(mine, settles, strict=True) if settled
        ]
        for row in kept:
            coin = rules.hedge_currency[rows.subject[row]]
            alone = empty_rows(problem)
            add_settled(problem.layout, problem.state, alone, new_form(problem, alone), coin, 1.0)
            usd = abs(row_now(problem.layout, alone, alone.used[0] - 1))
            assert row_now(problem.layout, rows, row) == pytest.approx(usd)
        watched += len(kept)
    assert watched > BOOKS / 4
