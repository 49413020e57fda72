"""What a row of a margin group is a sum of: equity, gross and margin, told once more plainly."""

import math
import random
from collections.abc import Iterator

import pytest

from tests.laws.forms import (
    FACTORS,
    There,
    at_factor,
    elsewhere,
    empty_rows,
    new_form,
    problem_of,
    ranges_from,
    read,
)
from volsculpt.book.exposure import leg_pnl, others_pnl, venue_contracts, venue_cost, venue_value
from volsculpt.book.state import Quote, State
from volsculpt.contracts.margin import SLOPE, TIERS_VALUE, initial_rate, maintenance, tier_at
from volsculpt.contracts.payoff import INVERSE, LINEAR
from volsculpt.decide.rules import Problem
from volsculpt.decide.trigger_forms import add_equity, add_gross, group_weight, keep_signs
from volsculpt.decide.trigger_margin import CHORD, add_margin, add_margins
from volsculpt.decide.triggers import AT_CLOSE, INSIDE, Triggers

BOOKS, QUOTES = 60, 3
SMALL = 1e-9  # of the size of a row


def groups(start: int = 0) -> Iterator[tuple[int, Problem, int]]:
    """(seed, problem, group) of every group of random books."""
    for seed in range(start, BOOKS):
        problem = problem_of(seed)
        for group in range(problem.layout.groups):
            yield seed, problem, group


def own_coins(
    problem: Problem, group: int, currency: int, state: State, quote: Quote
) -> tuple[float, float]:
    """(coins and profit of a group in a currency, what of it is a bonus or somebody's coins)."""
    layout = problem.layout
    place = group * layout.currencies + currency
    lent = state.bonus[place] + state.others_coins[place]
    total = lent
    for wallet in range(layout.wallets):
        mine = layout.wallet_group[wallet] == group and layout.wallet_wrapped[wallet] == 0
        if mine and layout.wallet_currency[wallet] == currency:
            total += state.wallet[wallet]
    for leg in range(layout.legs.rows):
        if layout.legs.group[leg] == group and layout.legs.settle[leg] == currency:
            total += leg_pnl(layout, state, quote, leg)
            total += others_pnl(layout, state, leg, quote.mark[leg])
    return total, lent


def weight_now(problem: Problem, group: int, currency: int, factor: float) -> float:
    """What a dollar of a currency counts in a group, as it stands now."""
    layout = problem.layout
    if layout.group_currency[group] >= 0:
        return 1.0 if layout.group_currency[group] == currency else 0.0
    quote = at_factor(layout, problem.quote, factor)
    total, _ = own_coins(problem, group, currency, problem.state, quote)
    return layout.group_weight[group * layout.currencies + currency] if total > 0.0 else 1.0


def equity_usd(problem: Problem, group: int, there: There, factor: float, lent: int) -> float:
    """Equity in US dollars at a factor, haircuts as they are now; without what is lent for 0."""
    layout, quote = problem.layout, at_factor(problem.layout, there.quote, factor)
    found = 0.0
    for currency in range(layout.currencies):
        total, not_own = own_coins(problem, group, currency, there.state, quote)
        by = weight_now(problem, group, currency, factor) * quote.index_usd[currency]
        found += by * (total if lent else total - not_own)
    for wallet in range(layout.wallets if layout.group_currency[group] < 0 else 0):
        if layout.wallet_group[wallet] == group and layout.wallet_wrapped[wallet] == 1:
            weight = layout.wallet_weight[wallet] if problem.state.wallet[wallet] > 0.0 else 1.0
            coins = there.state.wallet[wallet]
            found += weight * coins * quote.index_usd[layout.wallet_currency[wallet]]
    return found


def test_a_dollar_counts_less_while_its_currency_is_owned() -> None:
    """In a unified group, judged at the prices of a factor; whole where nothing is owned."""
    owed = 0
    for seed, problem, group in groups():
        layout = problem.layout
        for currency in range(layout.currencies):
            if layout.group_currency[group] not in (-1, currency):
                continue
            for factor in (1.0, 0.2, 0.5, 0.8, 1.2, 2.0, 5.0):
                fixed = (layout, problem.state, problem.quote, group, currency, factor)
                weight = weight_now(problem, group, currency, factor)
                assert group_weight(*fixed) == weight, (seed, group, currency)
                owed += weight == 1.0
    assert owed > 0


@pytest.mark.parametrize("lent", [0, 1])
def test_a_form_of_equity_is_equity(lent: int) -> None:
    """Of every group and at any prices and coins: with all that backs it, or with what is own."""
    unified = 0
    for seed, problem, group in groups():
        dice = random.Random(seed)
        for factor in FACTORS:
            rows = empty_rows(problem)
            row = new_form(problem, rows)
            add_equity(problem, rows, row, group, factor, lent, -0.5)
            for _ in range(QUOTES):
                there = elsewhere(problem, dice, 0.2)
                usd = equity_usd(problem, group, there, factor, lent)
                found = read(problem, rows, row, there)
                assert found == pytest.approx(-0.5 * usd, rel=1e-7, abs=1e-6), (seed, group)
        unified += problem.layout.group_currency[group] < 0
    assert unified > BOOKS / 10


def test_a_haircut_stays_while_a_currency_is_owned_or_owed() -> None:
    """A row for each currency with one: what is owned of it, or owed, in US dollars."""
    kept = 0
    for seed, problem, group in groups():
        dice, layout = random.Random(seed), problem.layout
        for factor, where in zip(FACTORS, (AT_CLOSE, INSIDE, AT_CLOSE), strict=True):
            rows = empty_rows(problem)
            first = new_form(problem, rows) + 1
            keep_signs(problem, rows, group, factor, where)
            there, quote = elsewhere(problem, dice, 0.2), at_factor(layout, problem.quote, factor)
            left = list(range(first, rows.used[0]))
            assert ranges_from(rows, first) == left
            for currency in range(layout.currencies if layout.group_currency[group] < 0 else 0):
                now, _ = own_coins(problem, group, currency, problem.state, quote)
                haircut = layout.group_weight[group * layout.currencies + currency] != 1.0
                if not haircut or not has_coins(problem, group, currency):
                    continue
                row, moved = left.pop(0), at_factor(layout, there.quote, factor)
                then, _ = own_coins(problem, group, currency, there.state, moved)
                usd = math.copysign(then, then * now) * moved.index_usd[currency]
                assert read(problem, rows, row, there) == pytest.approx(usd, rel=1e-7, abs=1e-6)
                told = (rows.subject[row], rows.factor[row], rows.where[row])
                assert told == (group, factor, where)
                kept += 1
            assert left == []
    assert kept > BOOKS / 5


def has_coins(problem: Problem, group: int, currency: int) -> bool:
    """Whether a currency has a wallet or contracts in a group."""
    layout = problem.layout
    wallets = any(
        layout.wallet_group[wallet] == group
        and layout.wallet_wrapped[wallet] == 0
        and layout.wallet_currency[wallet] == currency
        for wallet in range(layout.wallets)
    )
    return wallets or own_coins(problem, group, currency, problem.state, problem.quote)[0] != 0.0


def test_a_form_of_gross_is_the_size_of_all_that_a_venue_holds() -> None:
    """|value| of each leg of the group, own contracts and others' netted, in US dollars."""
    for seed, problem, group in groups():
        layout, there = problem.layout, elsewhere(problem, random.Random(seed), 0.2)
        rows = empty_rows(problem)
        row = new_form(problem, rows)
        add_gross(layout, problem.state, rows, row, group, 0.25)
        usd = 0.0
        for leg in range(layout.legs.rows):
            if layout.legs.group[leg] == group:
                size = abs(venue_value(layout, there.state, there.quote, leg))
                usd += size * there.quote.index_usd[layout.legs.settle[leg]]
        assert read(problem, rows, row, there) == pytest.approx(0.25 * usd)


def margin_usd(problem: Problem, leg: int, there: There, factor: float, initial: int) -> float:
    """Maintenance or initial margin of a leg at a factor, in US dollars."""
    layout, legs = problem.layout, problem.layout.legs
    quote = at_factor(layout, there.quote, factor)
    held = abs(venue_contracts(there.state, leg))
    size = abs(venue_value(layout, there.state, quote, leg))
    if initial == 1:
        return size * initial_rate(legs, leg, size, held) * quote.index_usd[legs.settle[leg]]
    if legs.margin_on_entry[leg] == 1:
        size = abs(venue_cost(there.state, leg))
    return maintenance(legs, leg, size, held) * quote.index_usd[legs.settle[leg]]


def is_curved(problem: Problem, leg: int, initial: int) -> bool:
    """Whether a margin grows faster than the size of a leg, at whatever price."""
    legs = problem.layout.legs
    on_entry = legs.margin_on_entry[leg] == 1 and initial == 0
    return legs.margin_kind[leg] == SLOPE and legs.payoff[leg] != LINEAR and not on_entry


@pytest.mark.parametrize("initial", [0, 1])
@pytest.mark.parametrize("by", [-1.0, 0.5])
def test_a_form_of_margin_is_margin_while_its_ranges_hold(initial: int, by: float) -> None:
    """Of a group without rates that slope with its value: the same, at any prices in its tiers."""
    compared = 0
    for seed, problem, group in groups():
        dice, legs = random.Random(seed), problem.layout.legs
        mine = [
            leg
            for leg in range(legs.rows)
            if legs.group[leg] == group and venue_contracts(problem.state, leg) != 0.0
        ]
        if not mine or any(is_curved(problem, leg, initial) for leg in mine):
            continue
        for factor in FACTORS:
            rows = empty_rows(problem)
            row = new_form(problem, rows)
            add_margins(problem, rows, row, group, factor, AT_CLOSE, initial, by)
            there = elsewhere(problem, dice, 0.15)
            ends = [read(problem, rows, end, there) for end in ranges_from(rows, row)]
            if min(ends, default=1.0) > 0.0:
                usd = sum(margin_usd(problem, leg, there, factor, initial) for leg in mine)
                assert read(problem, rows, row, there) == pytest.approx(by * usd)
                compared += 1
    assert compared > BOOKS


@pytest.mark.parametrize("initial", [0, 1])
def test_the_range_of_a_tier_is_its_floors(initial: int) -> None:
    """Above the floor of the tier that holds and below the next, of |value| at the factor."""
    inside = outside = 0
    for seed, problem, group in groups():
        dice, layout = random.Random(seed), problem.layout
        for leg in range(layout.legs.rows):
            if layout.legs.group[leg] != group or not has_tiers(problem, leg, initial):
                continue
            for factor in FACTORS:
                rows = empty_rows(problem)
                row = new_form(problem, rows)
                add_margins(problem, rows, row, group, factor, INSIDE, initial, -1.0)
                there = elsewhere(problem, dice, 0.8)
                ends = [end for end in ranges_from(rows, row) if rows.subject[end] == leg]
                for end in ends:
                    assert (rows.factor[end], rows.where[end]) == (factor, INSIDE)
                holds = all(read(problem, rows, end, there) > 0.0 for end in ends)
                tiers = [tier_of(problem, leg, at, factor) for at in (there.quote, problem.quote)]
                assert holds == (tiers[0] == tiers[1]), (seed, leg)
                inside, outside = inside + holds, outside + (not holds)
    assert min(inside, outside) > BOOKS / 10


def has_tiers(problem: Problem, leg: int, initial: int) -> bool:
    """Whether a leg holds contracts whose margin is of the tier of their value at the mark."""
    legs = problem.layout.legs
    on_entry = legs.margin_on_entry[leg] == 1 and initial == 0
    held = venue_contracts(problem.state, leg) != 0.0
    return legs.margin_kind[leg] == TIERS_VALUE and held and not on_entry


def tier_of(problem: Problem, leg: int, quote: Quote, factor: float) -> int:
    """The tier of a leg's |value| at a factor."""
    moved = at_factor(problem.layout, quote, factor)
    size = abs(venue_value(problem.layout, problem.state, moved, leg))
    return tier_at(problem.layout.legs, leg, size)


def curved_legs(initial: int) -> Iterator[tuple[Problem, int]]:
    """(problem, leg) of positions whose margin rate slopes with their value."""
    for _, problem, group in groups():
        for leg in range(problem.layout.legs.rows):
            mine = problem.layout.legs.group[leg] == group
            if mine and venue_contracts(problem.state, leg) and is_curved(problem, leg, initial):
                yield problem, leg


def scaled(problem: Problem, leg: int, by: float) -> There:
    """The prices at which the value of a leg is so many times what it is."""
    mark = list(problem.quote.mark)
    mark[leg] *= 1.0 / by if problem.layout.legs.payoff[leg] == INVERSE else by
    return There(Quote(problem.quote.index_usd, mark), problem.state)


def margin_row(
    problem: Problem, leg: int, factor: float, initial: int, by: float
) -> tuple[Triggers, int]:
    """(rows, the form of a leg's margin among them)."""
    rows = empty_rows(problem)
    row = new_form(problem, rows)
    add_margin(problem, rows, row, leg, factor, AT_CLOSE, initial, by)
    return rows, row


@pytest.mark.parametrize("initial", [0, 1])
def test_a_chord_meets_the_margin_at_both_ends_of_its_range(initial: int) -> None:
    """A fifth smaller and a quarter larger, where its range ends too; between it is no less."""
    for problem, leg in curved_legs(initial):
        for factor in FACTORS:
            rows, row = margin_row(problem, leg, factor, initial, -1.0)
            ends = ranges_from(rows, row)
            for size in (1.0 / CHORD, 1.0, CHORD):
                there = scaled(problem, leg, size)
                usd = margin_usd(problem, leg, there, factor, initial)
                found = -read(problem, rows, row, there)
                assert found == pytest.approx(usd) or (size == 1.0 and found > usd)
            for size, inside in ((0.799, False), (0.801, True), (1.249, True), (1.251, False)):
                there = scaled(problem, leg, size)
                assert all(read(problem, rows, end, there) > 0.0 for end in ends) == inside


@pytest.mark.parametrize("initial", [0, 1])
def test_a_tangent_is_below_the_margin_of_any_size(initial: int) -> None:
    """And meets it at the size that is held, unless the rate is at its most."""
    met, seen = 0, 0
    for problem, leg in curved_legs(initial):
        for factor in FACTORS:
            rows, row = margin_row(problem, leg, factor, initial, 0.5)
            assert ranges_from(rows, row) == []
            for size in (0.02, 0.5, 0.9, 1.0, 1.1, 2.0, 50.0):
                there = scaled(problem, leg, size)
                usd = margin_usd(problem, leg, there, factor, initial)
                found = 2.0 * read(problem, rows, row, there)
                assert found <= usd * (1.0 + SMALL)
                met += size == 1.0 and found >= usd * (1.0 - SMALL)
            seen += 1
    assert met > 0.5 * seen > 0
