"""A table of rows: what is written to one, read from it, and where it is full."""

import random

import pytest

from tests.laws.forms import elsewhere, empty_rows, new_form, problem_of, read
from volsculpt.book.exposure import leg_pnl, venue_value
from volsculpt.contracts.payoff import value
from volsculpt.decide.rules import Problem
from volsculpt.decide.triggers import (
    AT_CLOSE,
    BAND,
    BASE,
    DISTANCE,
    FORM,
    INSIDE,
    LEVERAGE,
    LOT,
    NO_ROWS,
    RANGE,
    RELEASE,
    ROOM,
    SURVIVAL,
    TOP_UP,
    Triggers,
    add_contracts,
    add_index,
    add_pnl,
    add_row,
    add_wallet,
    drop_last,
    new_row,
    new_triggers,
    numbers_of,
    row_at,
    row_now,
    rows_for,
    size_of,
    write_numbers,
)

BOOKS = 20


def random_row(problem: Problem, rows: Triggers, dice: random.Random) -> int:
    """A row with something of every number, wallet and hedge in it."""
    layout, hedges = problem.layout, problem.rules.hedges
    row = new_form(problem, rows)
    rows.constant[row] = dice.gauss(0, 1)
    for column, width in (
        (rows.coef, numbers_of(layout)),
        (rows.gain, layout.wallets),
        (rows.turn, hedges),
    ):
        for place in range(row * width, (row + 1) * width):
            column[place] = dice.gauss(0, 1)
    return row


def parts(problem: Problem, rows: Triggers, row: int) -> list[float]:
    """All that is in a row."""
    layout, hedges = problem.layout, problem.rules.hedges
    found = [rows.constant[row]]
    for column, width in (
        (rows.coef, numbers_of(layout)),
        (rows.gain, layout.wallets),
        (rows.turn, hedges),
    ):
        found += column[row * width : (row + 1) * width]
    return found


def test_numbers_are_indexes_and_single_contracts_in_dollars() -> None:
    """Each currency, then each leg."""
    for seed in range(BOOKS):
        problem = problem_of(seed)
        layout, quote = problem.layout, problem.quote
        numbers = [0.0] * numbers_of(layout)
        write_numbers(layout, quote, numbers)
        legs, rows = layout.legs, range(layout.legs.rows)
        ones = [value(legs.payoff[n], 1.0, legs.multiplier[n], quote.mark[n]) for n in rows]
        usd = [one * quote.index_usd[legs.settle[n]] for n, one in enumerate(ones)]
        assert numbers == [*quote.index_usd, *usd]


def test_a_new_row_is_empty_and_says_what_it_is_of() -> None:
    """Whatever stood there; its neighbours stay."""
    for seed in range(BOOKS):
        problem, dice = problem_of(seed), random.Random(seed)
        rows, hedges = empty_rows(problem), problem.rules.hedges
        before = random_row(problem, rows, dice)
        kept = parts(problem, rows, before)
        row = new_row(problem.layout, hedges, rows, BAND, 3, INSIDE)
        assert row == before + 1 == rows.used[0] - 1
        assert (rows.kind[row], rows.subject[row], rows.where[row]) == (BAND, 3, INSIDE)
        assert rows.factor[row] == 1.0
        assert set(parts(problem, rows, row)) == {0.0}
        assert parts(problem, rows, before) == kept
        assert rows.full[0] == 0


def test_a_full_table_says_so_and_gives_its_last_row_again() -> None:
    """One leg, group and hedge have 24 + 30 + 12 rows; as many legs and groups have more."""
    assert [rows_for(1, 0, 0), rows_for(0, 1, 0), rows_for(0, 0, 1)] == [24, 30, 12]
    assert rows_for(2, 3, 4) == 2 * 24 + 3 * 30 + 4 * 12
    problem = problem_of(1)
    layout, hedges = problem.layout, problem.rules.hedges
    most = rows_for(layout.legs.rows, layout.groups, hedges)
    rows = empty_rows(problem)
    assert len(rows.kind) == most
    assert [new_row(layout, hedges, rows, FORM, 0, AT_CLOSE) for _ in range(most)] == [*range(most)]
    assert rows.full[0] == 0
    for _ in range(2):
        assert new_row(layout, hedges, rows, FORM, 0, AT_CLOSE) == most - 1
        assert (rows.full[0], rows.used[0]) == (1, most)


def test_a_table_begins_without_rows_and_with_room_for_all() -> None:
    """Each row as wide as there are numbers, wallets and hedges; ahead also contracts."""
    problem = problem_of(2)
    layout, hedges = problem.layout, problem.rules.hedges
    rows = new_triggers(layout, hedges)
    assert rows.used == [NO_ROWS]
    count, numbers = len(rows.kind), layout.currencies + layout.legs.rows
    assert numbers_of(layout) == numbers
    widths = (len(rows.coef), len(rows.gain), len(rows.turn), len(rows.ahead), len(rows.now))
    each = (numbers, layout.wallets, hedges, numbers + layout.legs.rows)
    assert widths == (*(count * one for one in each), numbers)


def test_what_is_added_to_a_row_is_worth_what_it_says() -> None:
    """Coins at an index, contracts, coins of a wallet and profit, at other prices and coins."""
    for seed in range(BOOKS):
        problem, dice = problem_of(seed), random.Random(seed)
        layout, state, there = problem.layout, problem.state, elsewhere(problem, dice, 0.2)
        rows = empty_rows(problem)
        row = new_form(problem, rows)
        usd = 0.0
        for currency in range(layout.currencies):
            add_index(layout, rows, row, currency, 0.5 + currency)
            usd += (0.5 + currency) * there.quote.index_usd[currency]
        for wallet in range(layout.wallets):
            by = 0.25 + wallet
            add_wallet(layout, state, rows, row, wallet, by)
            coins = by * there.state.wallet[wallet]
            usd += coins * there.quote.index_usd[layout.wallet_currency[wallet]]
        for leg in range(layout.legs.rows):
            price = there.quote.index_usd[layout.legs.settle[leg]]
            one = state._replace(contracts=[1.0] * layout.legs.rows, others=[0.0] * len(state.cost))
            add_contracts(layout, rows, row, leg, -3.0)
            usd -= 3.0 * venue_value(layout, one, there.quote, leg) * price
            add_pnl(layout, rows, row, leg, state.contracts[leg], state.cost[leg], 0.75)
            usd += 0.75 * leg_pnl(layout, state, there.quote, leg) * price
        assert read(problem, rows, row, there) == pytest.approx(usd, rel=1e-9)


def test_a_row_added_to_another_adds_all_that_is_in_it() -> None:
    """Numbers, wallets, targets and what is constant, each times the same; the other stays."""
    for seed in range(BOOKS):
        problem, dice = problem_of(seed), random.Random(seed)
        rows = empty_rows(problem)
        one, other = (random_row(problem, rows, dice) for _ in range(2))
        left, right = (parts(problem, rows, row) for row in (one, other))
        add_row(problem.layout, problem.rules.hedges, rows, one, other, -0.5)
        wanted = [own + -0.5 * more for own, more in zip(left, right, strict=True)]
        assert parts(problem, rows, one) == wanted
        assert parts(problem, rows, other) == right


def test_a_row_is_what_is_constant_and_each_number_times_its_part() -> None:
    """At any numbers, and at those it was built at; its size is the sum of sizes."""
    for seed in range(BOOKS):
        problem, dice = problem_of(seed), random.Random(seed)
        rows, layout = empty_rows(problem), problem.layout
        random_row(problem, rows, dice)
        row = random_row(problem, rows, dice)
        width = numbers_of(layout)
        own = rows.coef[row * width : (row + 1) * width]
        numbers = [dice.uniform(1.0, 2.0) for _ in range(width)]
        usd = rows.constant[row] + sum(a * b for a, b in zip(own, numbers, strict=True))
        assert row_at(layout, rows, row, numbers) == pytest.approx(usd)
        terms = [rows.constant[row], *(a * b for a, b in zip(own, rows.now, strict=True))]
        assert row_now(layout, rows, row) == pytest.approx(sum(terms), abs=1e-6)
        assert size_of(layout, rows, row) == pytest.approx(sum(map(abs, terms)))


def test_only_the_last_row_is_taken_back() -> None:
    """One before it stays, and so does the last where it was another's turn."""
    problem = problem_of(3)
    rows = empty_rows(problem)
    first, last = (new_form(problem, rows) for _ in range(2))
    drop_last(rows, first)
    assert rows.used[0] == last + 1
    drop_last(rows, last)
    assert rows.used[0] == last


def test_kinds_of_rows_are_told_apart() -> None:
    """Numbered from none, a form; no rows are fewer than none; two places that prices are of."""
    kinds = [FORM, BAND, LOT, LEVERAGE, DISTANCE, TOP_UP, RELEASE, SURVIVAL, BASE, RANGE, ROOM]
    assert kinds == [*range(len(kinds))]
    assert (AT_CLOSE, INSIDE) == (0, 1)
    assert NO_ROWS < 0
