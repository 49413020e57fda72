"""What is done before any price moves: orders and coins that a book wants at the prices of now.

Coins that came with an order may be too many for it: they go back at the next look. The looks are
carried out one after another until the book is at rest, and prices are moved from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from volsculpt.book.flatten import Flat
from volsculpt.book.state import SLOT_BUSY, SLOT_FREE, State
from volsculpt.decide.act import act
from volsculpt.decide.rules import Answer, Problem, new_problem, wants_change
from volsculpt.watch.filled import arrived_by, filled_by

MOST_LOOKS = 40  # a book that is not at rest after so many is told as on its way


@dataclass(frozen=True, slots=True)
class NextNowRow:
    """Something done at the prices of now; contracts is signed, + buys; coins are moved, + in."""

    account: str
    contract: str | None = None
    contracts: float | None = None
    coins: float | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class RowNames:
    """What the rows of a layout are called."""

    currencies: Sequence[str]
    legs: Sequence[tuple[str, str]]  # account and symbol
    groups: Sequence[str]  # account


def names_of(flat: Flat) -> RowNames:
    """The names of a flat book."""
    legs = [(account, contract.symbol) for account, contract in flat.legs]
    return RowNames(flat.currencies, legs, [one.account for one in flat.groups])


class Rest(NamedTuple):
    """What is done first, and the book after it; None: it came to no rest."""

    first: list[NextNowRow]
    book: State | None


def come_to_rest(problem: Problem, ratios: Sequence[float], names: RowNames) -> Rest:
    """Carry out what a book wants now, its orders filled at their marks, until it wants nothing."""
    layout, quote, rules = problem.layout, problem.quote, problem.rules
    traded, moved, book = dict[int, float](), dict[int, float](), problem.state
    for _ in range(MOST_LOOKS):
        look = new_problem(layout, book, quote, rules)
        act(look, ratios)
        if not wants_change(look.answer):
            return Rest(_rows(traded, moved, look, names), book)
        _add(traded, look.answer.trade)
        _add(moved, look.answer.top_up)
        _add(moved, look.answer.post)
        filled = filled_by(layout, book, quote, look.answer)
        book = arrived_by(look, _without_cancelled(filled, look.answer))
    return Rest(_rows(traded, moved, problem, names), None)


def _add(sums: dict[int, float], column: Sequence[float]) -> None:
    for row, number in enumerate(column):
        if number != 0.0:
            sums[row] = sums.get(row, 0.0) + number


def _without_cancelled(book: State, answer: Answer) -> State:
    """A book without the orders that an answer cancels."""
    for leg, cancelled in enumerate(answer.cancel):
        if cancelled != 0 and book.slot[leg] == SLOT_BUSY:
            book.slot[leg], book.working[leg] = SLOT_FREE, 0.0
    return book


def _rows(
    traded: dict[int, float], moved: dict[int, float], problem: Problem, names: RowNames
) -> list[NextNowRow]:
    """One row a contract, then one a margin group.

    Args: traded: contracts by leg; moved: coins by group; problem: of the book; names: its own.
    """
    rows = [
        NextNowRow(names.legs[leg][0], names.legs[leg][1], contracts)
        for leg, contracts in sorted(traded.items())
        if contracts != 0.0
    ]
    for group, coins in sorted(moved.items()):
        currency = names.currencies[problem.rules.move_currency[group]]
        if coins != 0.0:
            rows.append(NextNowRow(names.groups[group], coins=coins, currency=currency))
    return rows
