"""Rows of hedges whose targets stay: what each has of a pool it shares is then most often exact."""

import math
import os
import random
from collections import Counter
from dataclasses import replace

import pytest

from tests.factories import account, fixed, inverse
from tests.factories import decided as decided_book
from tests.laws.moved import AtRest, Moved, at_rest, decided, moved, speaking
from volsculpt.book.holdings import Book, Position
from volsculpt.book.state import Quote
from volsculpt.decide.rules import CAPPED, new_problem, wants_change
from volsculpt.decide.trigger_book import find_rows, find_silence
from volsculpt.decide.triggers import new_triggers
from volsculpt.hedge.answer import Band
from volsculpt.hedge.spec import Proxy

PARTS, QUOTES = 2, 40
BOOKS = {"quick": 24, "daily": 80, "long": 800}.get(os.environ.get("VOLSCULPT_HYPOTHESIS", ""), 200)


def steady(seed: int) -> AtRest | None:
    """A random book at rest, with rows for as long as its targets stay."""
    book = at_rest(seed)
    if book is None:
        return None
    flat, rules = book.decision.flat, book.decision.rules
    rows = new_triggers(flat.layout, rules.hedges)
    rows.turns[:] = [0] * rules.hedges
    problem = new_problem(flat.layout, flat.state, book.decision.quoted.quote, rules)
    find_silence(problem, book.ratios, rows)
    return replace(book, rows=rows) if rows.used[0] >= 0 else None


def tried(part: int) -> list[tuple[int, AtRest, Moved]]:
    """(seed, book, other prices and coins) of each book, many times."""
    found = []
    for seed in range(part, BOOKS, PARTS):
        book, dice = steady(seed), random.Random(seed)
        if book is not None:
            there = (moved(book, dice) for _ in range(QUOTES))
            found += [(seed, book, replace(one, ratios=book.ratios)) for one in there]
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_silent_rows_are_a_silent_act_while_targets_stay(part: int) -> None:
    """At other prices and coins `act` changes nothing while no row speaks."""
    silent = 0
    for seed, book, there in tried(part):
        if not speaking(book, there):
            assert not wants_change(decided(book, there)), (seed, there)
            silent += 1
    assert silent > QUOTES * BOOKS / PARTS / 10


@pytest.mark.parametrize("ratio", [0.3, 0.9])
def test_a_band_of_a_shared_pool_speaks_where_act_does(ratio: float) -> None:
    """Three coins by one contract, each price on a walk of its own: neither early nor late.

    But where the margin there is carries no more of what the band asks for.
    """
    told: Counter[bool] = Counter()
    for seed in range(BOOKS // 2):
        book, dice = shared(ratio), random.Random(seed)
        layout = book.decision.flat.layout
        quote, size = book.decision.quoted.quote, dice.choice([0.03, 0.1, 0.3])
        for _ in range(QUOTES):
            by = [math.exp(size * one * dice.gauss(0.0, 1.0)) for one in layout.moves]
            marks = [mark * by[layout.legs.base[leg]] for leg, mark in enumerate(quote.mark)]
            index = [price * one for price, one in zip(quote.index_usd, by, strict=True)]
            there = Moved(Quote(index, marks), book.state, book.ratios)
            spoken, answer = bool(speaking(book, there)), decided(book, there)
            capped = all(code & CAPPED for code in answer.hedge_code)
            assert spoken == (wants_change(answer) or capped), (seed, index)
            told[spoken] += 1
    assert min(told[True], told[False]) > BOOKS


def shared(ratio: float) -> AtRest:
    """BTC, SOL and ADA hedged by one contract on BTC, at their target."""
    owned = {"BTC": 1.0, "SOL": 200.0, "ADA": 20_000.0}
    usd = ratio * (60_000.0 + 0.5 * 30_000.0 + 2.0 * 10_000.0)
    held = (Position(inverse(), -round(usd), 60_000.0),)
    book = Book(
        (account("vault", owned | {"BTC": 0.5}, kind="cold"), account("one", {"BTC": 0.5}, held))
    )
    hedges = [
        fixed(name, ratio=ratio, band=Band(), proxies=(Proxy("BTC", beta),) if beta else ())
        for name, beta in (("BTC", 0.0), ("SOL", 0.5), ("ADA", 2.0))
    ]
    prices = {"BTC": 60_000.0, "SOL": 150.0, "ADA": 0.5}
    decision = decided_book(book, hedges, [[("one", inverse(), False)]] * 3, prices)
    rows = new_triggers(decision.flat.layout, 3)
    rows.turns[:] = [0, 0, 0]
    problem = decision.problem
    find_rows(problem, [ratio] * 3, rows)
    return AtRest(decision, [ratio] * 3, rows, problem.answer, problem.work)
