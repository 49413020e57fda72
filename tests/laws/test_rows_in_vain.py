"""Rows that speak early cost a decision in vain: on a walk of the price there is hardly any.

All coins are moved together. Linear books have one tier and marks at their index: their rows
speak where `act` does, but for what limits hold back. Others have ranges, renewed at their ends.
"""

import math
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tests.factories import MAINTENANCE
from tests.laws.drawn import Drawn, draw
from tests.laws.moved import AtRest, Moved, at_rest, decided, made_of, numbers_at, rested
from tests.simulate.test_rest_of_random_books import random_setup
from volsculpt.book.holdings import Account
from volsculpt.book.state import Quote
from volsculpt.contracts.spec import Contract, Margin, Tier
from volsculpt.decide.rules import wants_change
from volsculpt.decide.step import Setup
from volsculpt.decide.triggers import (
    AT_CLOSE,
    BAND,
    DISTANCE,
    FORM,
    LEVERAGE,
    RANGE,
    RELEASE,
    ROOM,
    numbers_of,
)
from volsculpt.market.quotes import Quotes

STEPS, STEP = 200, 0.004
TIMES = {"quick": 1, "daily": 1, "long": 8}.get(os.environ.get("VOLSCULPT_HYPOTHESIS", ""), 2)
LINEAR, ANY, CRAMPED = 60 * TIMES, 40 * TIMES, 40 * TIMES  # books
TENTH = 0.1
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}


@dataclass
class Walk:
    """What happened on the way until `act` spoke, or to the end."""

    seed: int
    vain: list[set[int]]  # kinds of the rows that spoke while `act` did not
    acted: bool = False
    without: int = 0  # times rows made anew were none
    late: bool = False


def linear_at_rest(seed: int) -> AtRest | None:
    """A random book of linear conditions after its rounds."""
    setup = random_setup(np.random.default_rng([7, seed]))
    if seed % 3 == 0:
        setup = with_initial_margin(setup, 2.0)
    elif seed % 3 == 1:
        accounts = [with_bonus(one, 0.5) for one in setup.book.accounts]
        setup = replace(setup, book=replace(setup.book, accounts=tuple(accounts)))
    return rested(Drawn(seed, setup, Quotes(0, PRICES, {})))


def with_initial_margin(setup: Setup, most: float) -> Setup:
    """The same contracts at a venue that lets no position pass this leverage."""

    def strict(one: Contract) -> Contract:
        return replace(one, margin=Margin(tiers=(Tier(0.0, MAINTENANCE, most),)))

    accounts = []
    for one in setup.book.accounts:
        held = tuple(replace(leg, contract=strict(leg.contract)) for leg in one.positions)
        accounts.append(replace(one, positions=held))
    legs = tuple(
        tuple((name, strict(one), last) for name, one, last in used) for used in setup.legs
    )
    return replace(setup, book=replace(setup.book, accounts=tuple(accounts)), legs=legs)


def with_bonus(one: Account, share: float) -> Account:
    """The account of a venue that lends it a share of its coins; an isolated one takes none."""
    if one.margin_mode not in ("cross", "unified"):
        return one
    return replace(
        one, bonus={key: share * coins for key, coins in one.balances.items() if coins > 0.0}
    )


def cramped(seed: int) -> Drawn:
    """A random book that begins without positions, with a tenth of its margin and no plan."""
    drawn = draw(seed)
    accounts = [with_less(one, TENTH) for one in drawn.setup.book.accounts]
    if seed % 2 == 0:
        accounts = [with_bonus(one, 0.3) for one in accounts]
    book = replace(drawn.setup.book, accounts=tuple(accounts))
    return replace(drawn, setup=replace(drawn.setup, book=book, collateral=()))


def with_less(one: Account, share: float) -> Account:
    """A margin account without positions and with a share of its coins."""
    if one.margin_mode is None:
        return one
    balances = {key: share * coins for key, coins in one.balances.items()}
    return replace(one, positions=(), balances=balances)


def along(book: AtRest, side: int) -> list[Moved]:
    """All coins dearer (1) or cheaper (-1), a little more at each step."""
    layout, quote = book.decision.flat.layout, book.decision.quoted.quote
    legs, found = layout.legs, []
    for step in range(STEPS):
        by = [math.exp(side * STEP * step) if moves else 1.0 for moves in layout.moves]
        index = [price * by[row] for row, price in enumerate(quote.index_usd)]
        marks = [
            mark * by[legs.base[leg]] / by[legs.quote[leg]] for leg, mark in enumerate(quote.mark)
        ]
        found.append(Moved(Quote(index, marks), book.state, book.ratios))
    return found


def first_spoken(book: AtRest, numbers: np.ndarray, start: int) -> tuple[int, set[int]]:
    """The first step from `start` on at which rows speak, STEPS for none; and their kinds."""
    rows, width = book.rows, numbers_of(book.decision.flat.layout)
    tested = [
        row for row in range(rows.used[0]) if rows.kind[row] != FORM and rows.where[row] == AT_CLOSE
    ]
    coef = np.array(rows.coef).reshape(-1, width)[tested]
    value = np.array(rows.constant)[tested] + numbers[start:] @ coef.T
    spoken = value <= np.array(rows.least)[tested]
    if not spoken.any():
        return STEPS, set()
    step = int(np.argmax(spoken.any(axis=1)))
    return start + step, {rows.kind[tested[row]] for row in np.flatnonzero(spoken[step])}


def walked(book: AtRest, side: int, seed: int) -> Walk:
    """The price on its way, rows made anew wherever they spoke in vain."""
    walk, way = Walk(seed, []), along(book, side)
    numbers = np.array([numbers_at(book, there.quote) for there in way])
    step, now = 0, book
    while step < STEPS:
        step, kinds = first_spoken(now, numbers, step)
        before = decided(book, way[step - 1])
        walk.late |= bool(wants_change(before))
        if step == STEPS or wants_change(decided(book, way[step])):
            walk.acted = step < STEPS
            return walk
        walk.vain.append(kinds)
        now = replace(book, rows=made_of(book, way[step]))
        if now.rows.used[0] < 0:
            walk.without += 1
            return walk
        step += 1
    return walk


def walks(books: Iterator[tuple[int, AtRest]]) -> list[Walk]:
    """Both ways of each book."""
    return [walked(book, side, seed) for seed, book in books for side in (1, -1)]


def in_vain(found: list[Walk]) -> Counter[int]:
    """How often rows of each kind spoke alone in vain."""
    return Counter(min(kinds) for walk in found for kinds in walk.vain if len(kinds) == 1)


def test_linear_rows_speak_where_act_does() -> None:
    """Every book at rest has rows; of six walks one at most has a decision in vain."""
    books = ((seed, linear_at_rest(seed)) for seed in range(LINEAR))
    at_rest = [(seed, book) for seed, book in books if book is not None]
    assert [seed for seed, book in at_rest if book.rows.used[0] <= 0] == []
    found = walks(iter(at_rest))
    assert [walk.seed for walk in found if walk.late] == []
    assert [walk.seed for walk in found if len(walk.vain) > 2] == []
    kinds = in_vain(found)
    assert set(kinds) <= {BAND, LEVERAGE, DISTANCE, RELEASE, ROOM}
    assert sum(kinds.values()) <= len(found) / 6
    assert sum(walk.without for walk in found) <= len(found) / 40
    assert sum(walk.acted for walk in found) >= len(found) / 2


def test_rows_of_any_book_are_seldom_in_vain() -> None:
    """Of random books with rows: half speak never in vain, and an end of a range is renewed."""
    books = ((seed, at_rest(seed)) for seed in range(ANY))
    found = walks(
        (seed, book) for seed, book in books if book is not None and book.rows.used[0] > 0
    )
    assert len(found) > ANY
    assert [walk.seed for walk in found if walk.late] == []
    assert sum(walk.vain == [] for walk in found) >= 0.6 * len(found)
    kinds = in_vain(found)
    assert kinds[RANGE] <= 0.45 * len(found)
    assert sum(kinds.values()) - kinds[RANGE] <= 0.3 * len(found)
    assert sum(walk.without for walk in found) <= len(found) / 7


def test_rows_of_room_speak_before_act_does() -> None:
    """Of books that want more than their margin carries; some are renewed, nearly all in time."""
    books = ((seed, rested(cramped(seed))) for seed in range(CRAMPED))
    at_rest = [(seed, book) for seed, book in books if book is not None]
    full = [(seed, book) for seed, book in at_rest if has_room_rows(book)]
    found = walks(iter(full))
    assert len(full) >= len(at_rest) / 4
    assert [walk.seed for walk in found if walk.late] == []
    assert sum(walk.vain == [] for walk in found) >= 0.4 * len(found)
    assert in_vain(found)[ROOM] <= 0.2 * len(found)
    assert sum(walk.acted for walk in found) >= len(found) / 4


def has_room_rows(book: AtRest) -> bool:
    """Whether a row waits for room to grow."""
    return ROOM in list(book.rows.kind)[: max(0, book.rows.used[0])]
