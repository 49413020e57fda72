"""Rows of books that stand in the dead zone of a limit: silent where `act` is, on both sides."""

import random
from collections import Counter

import pytest

from tests.factories import account, decided, fixed, inverse, linear, vault
from tests.laws import moved
from tests.laws.moved import AtRest, speaking
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.decide.act import act
from volsculpt.decide.limits import Limits
from volsculpt.decide.rules import new_problem, wants_change
from volsculpt.decide.trigger_book import find_rows
from volsculpt.decide.triggers import NO_ROWS, new_triggers
from volsculpt.hedge.answer import Band

BANDS = (Band(), Band(0.02, 0.01, 0.03, 0.01), Band(0.0, 0.0, 0.0, 0.0))
PRICES = {"BTC": 60_000.0, "USDT": 1.0}
BOOKS, MOVES = 120, 30


def pair(dice: random.Random, name: str, size: float, leverage: float) -> Account:
    """An account short of so many coins, at times with a long beside a larger short.

    Args: dice: draws what it holds; name: its name; size: coins; leverage: gross over equity.
    """
    mode = dice.choice(["cross", "unified", "isolated"])
    long = dice.choice([0.0, 0.0, 0.1]) * size if mode == "unified" else 0.0
    count = float(round((size + long) * 60_000.0, -2))
    coins = (size + 2.0 * long) / leverage
    margin = coins if mode == "isolated" else None
    held = [Position(inverse(lot=100.0), -count, 60_000.0, margin=margin)]
    if long:
        held.append(Position(linear(), round(long, 3), 60_000.0))
    return account(name, {"BTC": coins}, held, mode=mode)


def in_dead_zone(seed: int) -> AtRest | None:
    """A book of one or two accounts near a limit and near its target; None where `act` speaks."""
    dice = random.Random(seed)
    leverage = dice.choice([1.5, 2.0, 4.0])
    limits = Limits(max_leverage=leverage)
    if seed % 3 == 0:  # an inverse short at a leverage is at about so far a rise
        limits = Limits(min_liquidation_distance=1.005 * 0.995 / (1.0 - 1.0 / leverage) - 1.0)
    names = ["one", "two"][: dice.choice([1, 2])]
    part = 1.0 / len(names)
    owns = [pair(dice, name, part, leverage * dice.uniform(0.99, 1.05)) for name in names]
    inside = sum(own.balances["BTC"] for own in owns)
    cold = 1.0 + dice.choice([-1.0, 1.0]) * dice.choice([0.0, 1e-4, 0.001, 0.01, 0.019])
    legs = [(own.name, line.contract, False) for own in owns for line in own.positions]
    hedges = [fixed(band=dice.choice(BANDS))]
    found = decided(Book((vault(BTC=cold - inside), *owns)), hedges, [legs], PRICES, limits)
    flat, rules = found.flat, found.rules
    ratios = [aim.ratio or 0.0 for aim in found.aims]
    problem = new_problem(flat.layout, flat.state, found.quoted.quote, rules)
    act(problem, ratios)
    if wants_change(problem.answer):
        return None
    rows = new_triggers(flat.layout, rules.hedges)
    find_rows(problem, ratios, rows)
    return AtRest(found, ratios, rows, problem.answer, problem.work)


@pytest.mark.parametrize("first", range(0, 480, BOOKS))
def test_rows_in_a_dead_zone_are_never_late_and_speak_on_neither_side_at_once(first: int) -> None:
    """At rest nearly all are silent as they are made; wherever all of them are, `act` is."""
    seen: Counter[str] = Counter()
    for seed in range(first, first + BOOKS):
        book, dice = in_dead_zone(seed), random.Random(seed)
        if book is None or book.rows.used[0] == NO_ROWS:
            seen["acts" if book is None else "no rows"] += 1
            continue
        same = moved.Moved(book.decision.quoted.quote, book.state, book.ratios)
        seen["in vain" if speaking(book, same) else "silent"] += 1
        for _ in range(MOVES):
            there = moved.moved(book, dice)
            if not speaking(book, there):
                assert not wants_change(moved.decided(book, there)), seed
                seen["moved"] += 1
    assert seen["silent"] > BOOKS / 2
    assert seen["no rows"] < BOOKS / 20
    assert seen["in vain"] == 0
    assert seen["moved"] > BOOKS
