"""Rows of coefficients and `act`: silent rows are a silent `act`, and a row has what it says."""

import os
import random
from collections import Counter

import pytest

from tests.laws.moved import AtRest, at_rest, decided, moved, numbers_at, speaking, value_at
from volsculpt.book.exposure import wealth_usd
from volsculpt.book.group import at as terms_at
from volsculpt.book.group import excess_terms
from volsculpt.decide.rules import CAPPED, NO_LONG, ROUNDED_AWAY, new_problem, wants_change
from volsculpt.decide.trigger_book import find_silence
from volsculpt.decide.triggers import BAND, SURVIVAL, new_triggers, row_now

PARTS, QUOTES = 4, 40
BOOKS = {"quick": 24, "daily": 60, "long": 600}.get(os.environ.get("VOLSCULPT_HYPOTHESIS", ""), 160)


def books(part: int) -> list[tuple[int, AtRest]]:
    """Random books at rest, with their seeds."""
    found = [(seed, at_rest(seed)) for seed in range(part, BOOKS, PARTS)]
    return [(seed, book) for seed, book in found if book is not None]


@pytest.mark.parametrize("part", range(PARTS))
def test_silent_rows_are_a_silent_act(part: int) -> None:
    """At other prices, coins and targets `act` changes nothing while no row speaks.

    Most books have rows, and most moves that leave them silent are found so.
    """
    seen: Counter[str] = Counter()
    for seed, book in books(part):
        seen["books"] += 1
        if book.rows.used[0] < 0:
            continue
        seen["with rows"] += 1
        dice = random.Random(seed)
        for _ in range(QUOTES):
            there = moved(book, dice)
            spoken = speaking(book, there)
            changed = wants_change(decided(book, there))
            seen["silent" if not changed else "speaks"] += 1
            seen["early"] += bool(spoken) and not changed
            assert spoken or not changed, (seed, there)
    print(dict(seen))  # shown by pytest -s
    assert seen["with rows"] >= 0.5 * seen["books"]
    assert seen["early"] <= 0.5 * seen["silent"]


@pytest.mark.parametrize("part", range(PARTS))
def test_rows_found_before_a_decision_are_a_silent_one(part: int) -> None:
    """Of a book that `act` was not asked about: it changes nothing."""
    silent = 0
    for seed, book in books(part):
        layout, rules, dice = book.decision.flat.layout, book.decision.rules, random.Random(seed)
        for _ in range(QUOTES // 4):
            there = moved(book, dice)
            problem = new_problem(layout, there.state, there.quote, rules)
            rows = new_triggers(layout, rules.hedges)
            find_silence(problem, there.ratios, rows)
            if rows.used[0] >= 0:
                silent += 1
                assert not wants_change(decided(book, there)), (seed, there)
    assert silent > len(books(part))


def test_a_band_that_speaks_is_a_trade_that_is_wanted() -> None:
    """Of a hedge with a pool to itself: else lots, limits or the owner hold it back, and say so."""
    told = 0
    for seed, book in books(0):
        pools = list(book.decision.rules.link_pool)
        own = len(set(pools)) == len(pools)
        if book.rows.used[0] < 0 or not own:
            continue
        dice = random.Random(seed)
        for _ in range(QUOTES):
            there = moved(book, dice)
            if speaking(book, there) == {BAND}:
                answer = decided(book, there)
                held_back = any(
                    code & (ROUNDED_AWAY | CAPPED | NO_LONG) for code in answer.hedge_code
                )
                assert wants_change(answer) or held_back, seed
                told += 1
    assert told > 0


def test_the_form_of_wealth_is_wealth() -> None:
    """To a part in a million millions of its parts, at other prices and coins."""
    for seed, book in books(1):
        if book.rows.used[0] < 0:
            continue
        layout, there = book.decision.flat.layout, moved(book, random.Random(seed))
        row = book.decision.rules.hedges
        decided(book, there)
        form = value_at(book, row, there, numbers_at(book, there.quote))
        wealth = wealth_usd(layout, there.quote, book.work.held)
        size = book.rows.least[row] / 1e-11
        assert form == pytest.approx(wealth, abs=1e-11 * size), seed


def test_a_row_of_survival_is_below_what_a_group_has_to_spare() -> None:
    """Equity less maintenance in US dollars, no more than it is while its ranges hold."""
    compared = 0
    for seed, book in books(2):
        flat, rows = book.decision.flat, book.rows
        for row in range(max(0, rows.used[0])):
            if rows.kind[row] != SURVIVAL:
                continue
            group, quote = rows.subject[row], book.decision.quoted.quote
            terms = excess_terms(flat.layout, book.state, quote, group, 1.0, -1, 1)
            home = flat.layout.group_currency[group]
            usd = terms_at(terms, 1.0) * (quote.index_usd[home] if home >= 0 else 1.0)
            now = row_now(flat.layout, rows, row)
            assert now <= usd + 1e-9 * abs(usd), seed
            compared += 1
    assert compared > 0
