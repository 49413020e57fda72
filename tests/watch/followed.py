"""Random books short of margin, and what becomes of them where their next steps are followed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.laws.drawn import Drawn, draw
from tests.laws.rounds import FILL, arrived, book_after, book_of, moves_asked
from volsculpt.book.holdings import Account, Book
from volsculpt.book.state import copy_state
from volsculpt.decide.step import Decision, Setup
from volsculpt.errors import VolsculptError
from volsculpt.watch.filled import filled
from volsculpt.watch.nextstep import NextStepRow, next_steps


@dataclass(frozen=True)
class Told:
    """A random book, what was decided on it, and the steps told with that."""

    seed: int
    drawn: Drawn
    decision: Decision
    steps: list[NextStepRow]


def told_to(seeds: range | list[int]) -> Iterator[Told]:
    """Books of these seeds that steps are told to."""
    for seed in seeds:
        drawn, rng = draw(seed), random.Random(seed)
        setup = starved(drawn.setup, rng)
        if rng.random() < 0.5:
            setup = replace(setup, limits=replace(setup.limits, max_order_usd=None))
        try:
            decision = drawn.decided(setup)
        except VolsculptError:
            continue
        steps = next_steps(decision, filled(decision))
        if steps:
            yield Told(seed, drawn, decision, steps)


def starved(setup: Setup, rng: random.Random) -> Setup:
    """A set-up whose margin accounts have lost most of what they held."""
    accounts = tuple(
        _starved(one, rng) if one.kind == "margin" else one for one in setup.book.accounts
    )
    return replace(setup, book=replace(setup.book, accounts=accounts))


def _starved(one: Account, rng: random.Random) -> Account:
    """What isolated positions post stays, the rest is taken; others mostly lose all they hold."""
    if one.margin_mode == "isolated":
        kept, posted = rng.choice((0.0, 0.02, 0.3, 1.0)), dict[str, float]()
        for line in one.positions:
            settle = line.contract.settle
            posted[settle] = posted.get(settle, 0.0) + (line.margin or 0.0)
        left = {
            coin: posted.get(coin, 0.0) + (held - posted.get(coin, 0.0)) * kept
            for coin, held in one.balances.items()
        }
        return replace(one, balances=left)
    if rng.random() >= 0.7:
        return one
    left = {
        coin: max(0.0, held) * rng.choice((0, 0.02, 0.2)) for coin, held in one.balances.items()
    }
    return replace(one, positions=(), balances=left)


def given(book: Book, account: str, currency: str, coins: float) -> Book:
    """A book with coins added to an account, or taken where they are below 0."""
    return replace(
        book,
        accounts=tuple(
            replace(
                one, balances={**one.balances, currency: one.balances.get(currency, 0.0) + coins}
            )
            if one.name == account
            else one
            for one in book.accounts
        ),
    )


def carried_out(told: Told) -> Book:
    """The book once the orders of a plan are filled and its coins, and those under way, arrived."""
    book = book_after(told.decision, moves_asked(told.decision))
    return arrived(book, len(book.transfers))


def stepped(told: Told, book: Book, row: NextStepRow) -> Book:
    """A book with one step taken: coins from where they are told to be, then its order."""
    if not row.planned:
        left = row.coins
        for account, held in row.available.items():
            book = given(book, account, row.currency, -min(left, held))
            left -= min(left, held)
        book = given(book, row.account, row.currency, row.coins)
    return traded(told, book, row)


def traded(told: Told, book: Book, row: NextStepRow) -> Book:
    """A book once the order of a step fills."""
    setup = replace(told.decision.setup, book=book)
    decision = told.drawn.decided(setup)
    state, legs = copy_state(decision.flat.state), decision.flat.layout.legs
    names = [(account, contract.symbol) for account, contract in decision.flat.legs]
    leg = names.index((row.account, row.contract))
    size = row.contracts if row.side == "buy" else -row.contracts
    FILL(decision.flat.layout, state, leg, size, decision.quoted.quote.mark[leg], legs.taker[leg])
    return book_of(decision, state, book.transfers)
