"""What comes next: how far a coin may move until something is traded or moved again.

The rows of the book say where `act` may speak, and `act` itself says whether it does, and what:
where a row spoke early, new rows are made there and the search goes on. Where there are no rows,
`act` is asked at one price after another, and between the last two of them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple, Self

from volsculpt.book.state import Layout, Quote, State
from volsculpt.decide.act import act
from volsculpt.decide.finish import contract_usd
from volsculpt.decide.rules import Problem, new_problem, wants_change
from volsculpt.decide.step import Decision
from volsculpt.decide.trigger_book import find_rows
from volsculpt.decide.triggers import (
    AT_CLOSE,
    FORM,
    Triggers,
    new_triggers,
    numbers_of,
    row_at,
    rows_for,
    write_numbers,
)
from volsculpt.watch.at_once import NextNowRow, RowNames, come_to_rest, names_of
from volsculpt.watch.nextstep import book_then

HIGHEST, LOWEST = 4.0, 0.1  # of the price: as far as is looked
PAST = 1e-7  # a row is passed by this part of the price: bands favour their edge by a little
STEP = 0.005  # of the price: two values of a row so far apart tell its slope
LOOKS = 20  # at the ends of rows; then as where there are none
APART, WIDER = 0.01, 1.12  # of the price: how far `act` is asked on where no rows tell, at first
MOST_COINS = 4  # of more hedged coins all are moved together
MOST_FIGURES = 4_000_000  # in the rows of a book: some 150 contracts; of a larger nothing is told


@dataclass(frozen=True, slots=True)
class NextOrder:
    """One order that would be sent; contracts is signed, + buys."""

    account: str
    contract: str
    contracts: float


@dataclass(frozen=True, slots=True)
class NextChangeRow:
    """The first change on one side of a coin's price, all else as it is.

    coin: None when all coins move together, and price is then their factor. side: where the
    price goes. contracts is signed, of the largest order; coins are what would be moved, + in.
    orders: all that would be sent there, the largest first.
    """

    coin: str | None
    side: Literal["above", "below"]
    price: float
    move: float
    account: str
    contract: str | None = None
    contracts: float | None = None
    coins: float | None = None
    currency: str | None = None
    orders: tuple[NextOrder, ...] = ()

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """A row again, out of its plain values."""
        orders = tuple(NextOrder(**one) for one in plain["orders"])
        return cls(**{**plain, "orders": orders})


@dataclass(frozen=True, slots=True)
class UnprovenRow:
    """A side on which no change was found, though it is not proven that there is none.

    coin, side: as in `NextChangeRow`. price, move: how far was looked, 1 % on, then ever
    further apart.
    """

    coin: str | None
    side: Literal["above", "below"]
    price: float
    move: float


class Ahead(NamedTuple):
    """What comes next on the sides of coins; of a side in neither list, nothing does.

    now: what is done before any price moves; the rest is of the book after it. unknown: hedged
    coins of which nothing is told, as their price or what is held of them is not known.
    """

    changes: list[NextChangeRow]
    unproven: list[UnprovenRow]
    now: list[NextNowRow]
    unknown: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Under the names that are published."""
        return {
            "next_changes": [asdict(row) for row in self.changes],
            "next_unseen": [asdict(row) for row in self.unproven],
            "next_now": [asdict(row) for row in self.now],
            "next_unknown": self.unknown,
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """Out of its published values."""
        return cls(
            [NextChangeRow.of(one) for one in plain["next_changes"]],
            [UnprovenRow(**one) for one in plain["next_unseen"]],
            [NextNowRow(**one) for one in plain["next_now"]],
            plain["next_unknown"],
        )


def changes_ahead(decision: Decision, after: State) -> Ahead:
    """What comes next once a plan is carried out. after: the book once its orders fill."""
    then = book_then(decision, after)
    return next_changes(decision, after if then is None else then)


def next_changes(decision: Decision, book: State) -> Ahead:
    """What comes next after a decision.

    book: what is held once this plan's orders fill and its coins have moved.
    """
    flat = decision.flat
    problem = new_problem(flat.layout, book, decision.quoted.quote, decision.rules)
    return changes_from(problem, decision.ratios, names_of(flat))


def is_too_large(layout: Layout, hedges: int) -> bool:
    """Whether the rows of a book are too many to look at: they grow with its square."""
    wide = numbers_of(layout) + layout.wallets + hedges
    return rows_for(layout.legs.rows, layout.groups, hedges) * wide > MOST_FIGURES


def too_large_note(decision: Decision) -> list[str]:
    """That nothing is told of what comes next, where a book is too large for it."""
    layout = decision.flat.layout
    if not is_too_large(layout, decision.rules.hedges):
        return []
    size = f"{layout.legs.rows:,} contracts in {layout.groups:,} margin groups"
    return [f"what comes next is not told of so large a book: {size}"]


def changes_from(problem: Problem, ratios: Sequence[float], names: RowNames) -> Ahead:
    """What is wanted now, then a row a hedged coin and side at which anything changes.

    A book that comes to no rest has no such row, nor has one that is too large, nor a coin without
    a known price. ratios: the target of each hedge, as it stays meanwhile.
    """
    layout, rules = problem.layout, problem.rules
    found = Ahead([], [], [], [])
    if is_too_large(layout, rules.hedges):
        return found
    hedged = sorted({rules.hedge_currency[row] for row in range(rules.hedges)})
    available = [row for row in hedged if problem.state.known[row] == 1]
    found.unknown.extend(names.currencies[row] for row in hedged if row not in available)
    first, book = come_to_rest(problem, ratios, names)
    found.now.extend(first)
    if book is None:
        return found
    coins: list[tuple[int, ...]] = [(one,) for one in available]
    if len(available) > MOST_COINS:
        coins = [tuple(row for row, moves in enumerate(layout.moves) if moves)]
    for rows in coins:
        for side in (1.0, -1.0):
            row = Search(problem._replace(state=book), ratios, names, rows, side).first()
            if isinstance(row, NextChangeRow):
                found.changes.append(row)
            elif row is not None:
                found.unproven.append(row)
    return found


def moved_quote(layout: Layout, quote: Quote, coins: tuple[int, ...], factor: float) -> Quote:
    """The prices with some coins at `factor` times theirs, each basis as it is.

    Args: coins: rows of the currencies that move; factor: of their prices.
    """
    legs, index = layout.legs, list(quote.index_usd)
    for row in coins:
        index[row] *= factor
    marks = []
    for leg, mark in enumerate(quote.mark):
        base = factor if legs.base[leg] in coins else 1.0
        own = factor if legs.quote[leg] in coins else 1.0
        marks.append(mark * base / own)
    return Quote(index, marks)


class Search:
    """The way of some coins to one side."""

    def __init__(
        self,
        problem: Problem,
        ratios: Sequence[float],
        names: RowNames,
        coins: tuple[int, ...],
        side: float,
    ) -> None:
        """coins: rows of the currencies that move; side: 1.0 up, -1.0 down."""
        self.problem, self.ratios, self.names = problem, ratios, names
        self.coins, self.side = coins, side
        self.rows: Triggers = new_triggers(problem.layout, problem.rules.hedges)
        self.rows.turns[:] = [0] * problem.rules.hedges

    def first(self) -> NextChangeRow | UnprovenRow | None:
        """The nearest factor at which `act` wants a change, as near as it can be told.

        None where there is none up to the last that is looked at, or where `act` wants one now.
        """
        factor, proven, looks, lookups = 1.0, True, 0, 0
        if self._speaks(factor):
            return None
        while factor not in (HIGHEST, LOWEST):
            silent, far = factor, factor
            if self.rows.used[0] >= 0 and looks < LOOKS:
                looks, far = looks + 1, self._next(silent)
            by_rows = (far - silent) * self.side > 0.0
            factor = self._within(far if by_rows else self._apart(silent, lookups))
            proven, lookups = proven and by_rows, lookups + (not by_rows)
            if self._speaks(factor):
                return self._row(factor if factor == far else self._between(silent, factor))
        return None if proven else UnprovenRow(*self._named(factor))

    def _within(self, factor: float) -> float:
        """A factor, or the last that is looked at."""
        return min(HIGHEST, max(LOWEST, factor))

    def _apart(self, factor: float, times: int) -> float:
        """The next factor to ask at where no rows tell one. times: how often that was so."""
        return factor * math.exp(self.side * APART * math.pow(WIDER, times))

    def _between(self, silent: float, speaks: float) -> float:
        """The factor between the two at which `act` begins to want a change; leaves its answer."""
        while abs(speaks - silent) > PAST * silent:
            middle = 0.5 * (silent + speaks)
            if self._speaks(middle):
                speaks = middle
            else:
                silent = middle
        self._speaks(speaks)
        return speaks

    def quote(self, factor: float) -> Quote:
        """The prices with the coins at `factor` times theirs, each basis as it is."""
        return moved_quote(self.problem.layout, self.problem.quote, self.coins, factor)

    def _speaks(self, factor: float) -> bool:
        """Whether `act` wants a change at a factor; leaves its answer and new rows."""
        problem = self.problem._replace(quote=self.quote(factor))
        act(problem, self.ratios)
        if wants_change(problem.answer):
            return True
        find_rows(problem, self.ratios, self.rows)
        return False

    def _next(self, factor: float) -> float:
        """The nearest factor beyond this one at which a row speaks.

        Between two factors a row is a straight line, quanto contracts and contracts quoted in a
        coin apart, where all coins move: there it is looked at again on the way.
        """
        step = self.side * STEP * factor
        near, far = self._values(factor), self._values(factor + step)
        found = 2.0 * HIGHEST if self.side > 0.0 else 0.0
        for here, there in zip(near, far, strict=True):
            slope = (there - here) / step
            if slope * self.side < 0.0:
                crossing = factor - here / slope
                found = min(found, crossing) if self.side > 0.0 else max(found, crossing)
        return found * (1.0 + self.side * PAST)

    def _values(self, factor: float) -> list[float]:
        """What each row that is tested has above its least, at a factor."""
        layout, rows = self.problem.layout, self.rows
        numbers = [0.0] * numbers_of(layout)
        write_numbers(layout, self.quote(factor), numbers)
        return [
            row_at(layout, rows, row, numbers) - rows.least[row]
            for row in range(rows.used[0])
            if rows.kind[row] != FORM and rows.where[row] == AT_CLOSE
        ]

    def _named(self, factor: float) -> tuple[str | None, Literal["above", "below"], float, float]:
        """The coin, the side, its price at a factor (the factor, of all coins) and its move."""
        alone = len(self.coins) == 1
        coin = self.names.currencies[self.coins[0]] if alone else None
        price = self.quote(factor).index_usd[self.coins[0]] if alone else factor
        return coin, "above" if self.side > 0.0 else "below", price, factor - 1.0

    def _row(self, factor: float) -> NextChangeRow:
        """What `act` wants at a factor: its orders, the largest first, else its coins."""
        layout, names, quote = self.problem.layout, self.names, self.quote(factor)
        answer, place = self.problem.answer, self._named(factor)
        usd = [
            abs(trade) * contract_usd(layout, quote, leg) for leg, trade in enumerate(answer.trade)
        ]
        if any(usd):
            legs = sorted((leg for leg, size in enumerate(usd) if size), key=lambda leg: -usd[leg])
            orders = tuple(NextOrder(*names.legs[leg], answer.trade[leg]) for leg in legs)
            largest = (orders[0].account, orders[0].contract, orders[0].contracts)
            return NextChangeRow(*place, *largest, orders=orders)
        moved = [top or post for top, post in zip(answer.top_up, answer.post, strict=True)]
        group = max(range(len(moved)), key=lambda row: abs(moved[row]))
        currency = names.currencies[self.problem.rules.move_currency[group]]
        return NextChangeRow(*place, names.groups[group], coins=moved[group], currency=currency)
