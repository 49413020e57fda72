"""A book at rest with its rows, and other prices, coins and targets to try them at."""

import math
import random
from dataclasses import dataclass

from tests.laws.drawn import Drawn, draw
from tests.laws.rounds import run
from volsculpt.book.state import Quote, State, copy_state
from volsculpt.decide.act import act
from volsculpt.decide.rules import (
    Answer,
    Problem,
    Work,
    new_problem,
    wants_change,
)
from volsculpt.decide.step import Decision
from volsculpt.decide.trigger_book import find_rows
from volsculpt.decide.triggers import (
    AT_CLOSE,
    FORM,
    Triggers,
    new_triggers,
    numbers_of,
    row_at,
    write_numbers,
)

ROUNDS = 40
MOVES = (0.0005, 0.003, 0.01, 0.03, 0.1, 0.4)


@dataclass(frozen=True)
class AtRest:
    """A decision that changed nothing, and the rows made of it."""

    decision: Decision
    ratios: list[float]
    rows: Triggers
    answer: Answer
    work: Work

    @property
    def state(self) -> State:
        """What is held."""
        return self.decision.flat.state


@dataclass(frozen=True)
class Moved:
    """Prices, coins and targets after a while."""

    quote: Quote
    state: State
    ratios: list[float]


def rested(drawn: Drawn) -> AtRest | None:
    """A book after its rounds, with rows; None where it has not come to rest."""
    decision = run(drawn, ROUNDS).decisions[-1]
    flat, rules, quote = decision.flat, decision.rules, decision.quoted.quote
    ratios = [aim.ratio or 0.0 for aim in decision.aims]
    problem = new_problem(flat.layout, flat.state, quote, rules)
    act(problem, ratios)
    if wants_change(problem.answer):
        return None
    rows = new_triggers(flat.layout, rules.hedges)
    find_rows(problem, ratios, rows)
    return AtRest(decision, ratios, rows, problem.answer, problem.work)


def at_rest(seed: int) -> AtRest | None:
    """A random book after its rounds, with rows; None where it has not come to rest."""
    return rested(draw(seed))


def moved_quote(book: AtRest, dice: random.Random, size: float) -> Quote:
    """Coins moved by a size, stablecoins a little, each basis a tenth."""
    layout, quote = book.decision.flat.layout, book.decision.quoted.quote
    wide = [1.0 if moves else 0.03 * dice.choice([0, 1]) for moves in layout.moves]
    index = [
        price * math.exp(size * by * dice.gauss(0, 1))
        for price, by in zip(quote.index_usd, wide, strict=True)
    ]
    marks = []
    for leg, mark in enumerate(quote.mark):
        base, own = layout.legs.base[leg], layout.legs.quote[leg]
        before = quote.index_usd[base] / quote.index_usd[own]
        basis = math.exp(0.1 * size * dice.gauss(0, 1))
        marks.append(mark / before * index[base] / index[own] * basis)
    return Quote(index, marks)


def pay(book: AtRest, state: State, quote: Quote, dice: random.Random, size: float) -> None:
    """Coins as funding changes them; what free coins do not cover comes out of what is posted."""
    legs = book.decision.flat.layout.legs
    for leg, held in enumerate(state.contracts):
        price = quote.mark[leg]
        value = abs(held) * legs.multiplier[leg] * (1.0 / price if legs.payoff[leg] == 0 else price)
        cash, posted = legs.cash_wallet[leg], legs.posted_wallet[leg]
        state.wallet[cash] += value * 1e-3 * size * dice.gauss(0, 1)
        if posted >= 0 and held != 0.0 and state.wallet[cash] < 0.0:
            state.wallet[posted] += state.wallet[cash]
            state.wallet[cash] = 0.0


def moved(book: AtRest, dice: random.Random) -> Moved:
    """Other prices; half the time other coins, and other targets, a target of 0 staying one."""
    size = dice.choice(MOVES)
    quote, state = moved_quote(book, dice, size), copy_state(book.state)
    if dice.random() < 0.5:
        pay(book, state, quote, dice, size)
    drift = [0.3 * size * dice.gauss(0, 1) * dice.choice([0, 1]) for _ in book.ratios]
    ratios = [
        one if one == 0.0 or one + by == 0.0 else one + by
        for one, by in zip(book.ratios, drift, strict=True)
    ]
    return Moved(quote, state, ratios)


def linear(book: AtRest, row: int, there: Moved, numbers: list[float]) -> float:
    """A row at other numbers and coins, targets as they were."""
    layout, rows = book.decision.flat.layout, book.rows
    wallets, total = layout.wallets, row_at(layout, rows, row, numbers)
    for wallet in range(wallets):
        coins = there.state.wallet[wallet] - book.state.wallet[wallet]
        total += rows.gain[row * wallets + wallet] * coins * numbers[layout.wallet_currency[wallet]]
    return total


def value_at(book: AtRest, row: int, there: Moved, numbers: list[float]) -> float:
    """A row at other numbers, coins and targets, in US dollars."""
    hedges = book.decision.rules.hedges
    total = linear(book, row, there, numbers)
    for hedge in range(hedges):
        turned = there.ratios[hedge] - book.rows.ratio[hedge]
        total += book.rows.turn[row * hedges + hedge] * turned * linear(book, hedge, there, numbers)
    return total


def numbers_at(book: AtRest, quote: Quote) -> list[float]:
    """The numbers that rows are sums of, at a quote."""
    layout = book.decision.flat.layout
    numbers = [0.0] * numbers_of(layout)
    write_numbers(layout, quote, numbers)
    return numbers


def speaking(book: AtRest, there: Moved) -> set[int]:
    """The kinds of the rows that are tested at the end of a bar and speak there."""
    rows, numbers = book.rows, numbers_at(book, there.quote)
    return {
        rows.kind[row]
        for row in range(rows.used[0])
        if rows.kind[row] != FORM
        and rows.where[row] == AT_CLOSE
        and value_at(book, row, there, numbers) <= rows.least[row]
    }


def decided(book: AtRest, there: Moved) -> Answer:
    """What `act` says there."""
    own = (book.decision.flat.layout, there.state, there.quote, book.decision.rules)
    act(Problem(*own, book.work, book.answer), there.ratios)
    return book.answer


def made_of(book: AtRest, there: Moved) -> Triggers:
    """Rows made anew there, after `act` was silent."""
    layout, rules = book.decision.flat.layout, book.decision.rules
    decided(book, there)
    rows = new_triggers(layout, rules.hedges)
    own = (layout, there.state, there.quote, rules)
    find_rows(Problem(*own, book.work, book.answer), there.ratios, rows)
    return rows
