"""Rounds at constant prices: orders fill at the mark with their fee, coins move, decide again.

What a fill makes of an account is the shared exchange function; which source gives how much is
the desk's. Only this file knows where both live.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module

from tests.laws.drawn import Drawn
from volsculpt.book.holdings import Account, Book, Position, Transfer
from volsculpt.book.state import State, copy_state
from volsculpt.contracts.payoff import PAYOFF_CODE, average_entry
from volsculpt.decide.step import Decision, Setup
from volsculpt.ledger.books import Books
from volsculpt.trade.execute.collateral import PlannedTransfer, moves_of

NOTHING_BOOKED = Books()
LATE_ROUNDS = 2


def shared_fill() -> Callable[..., None]:
    """The one function that books a fill, wherever it lives."""
    for place in ("volsculpt.book.fill", "volsculpt.exchange.fill"):
        try:
            return import_module(place).fill
        except ModuleNotFoundError:
            continue
    raise AssertionError("the function that books a fill is gone")


FILL = shared_fill()


@dataclass
class Trace:
    """What happened over the rounds of one book."""

    rounds: int = 0
    rested: bool = False
    decisions: list[Decision] = field(default_factory=list)
    books: list[Book] = field(default_factory=list)  # before each decision
    moves: list[list[PlannedTransfer]] = field(default_factory=list)


def posted_by(moves: list[PlannedTransfer]) -> dict[tuple[str, str], float]:
    """(account, symbol) -> coins that its isolated margin gains by moves inside the account."""
    found: dict[tuple[str, str], float] = {}
    for move in moves:
        for end, sign in ((move.target, 1.0), (move.source, -1.0)):
            account, bar, symbol = end.partition("|")
            if bar and move.is_inside:
                found[account, symbol] = found.get((account, symbol), 0.0) + sign * move.coins
    return found


def moves_asked(decision: Decision) -> list[PlannedTransfer]:
    """Coins that a decision wants moved, by source and target."""
    return moves_of(decision, NOTHING_BOOKED)


def filled(decision: Decision, moves: list[PlannedTransfer]) -> State:
    """The state once margin is posted inside accounts and all orders fill at the mark."""
    flat, quote = decision.flat, decision.quoted.quote
    state, legs = copy_state(flat.state), decision.flat.layout.legs
    inside = posted_by(moves)
    for leg, (account, contract) in enumerate(flat.legs):
        if legs.posted_wallet[leg] >= 0:
            coins = inside.get((account, contract.symbol), 0.0)
            state.wallet[legs.posted_wallet[leg]] += coins
            state.wallet[legs.free_wallet[leg]] -= coins
    for leg, traded in enumerate(decision.answer.trade):
        if traded != 0.0:
            FILL(flat.layout, state, leg, traded, quote.mark[leg], legs.taker[leg])
    return state


def book_of(decision: Decision, state: State, transfers: tuple[Transfer, ...]) -> Book:
    """The named book of a flat state; accounts keep their leverage and weights."""
    flat, before = decision.flat, decision.setup.book
    balances: dict[str, dict[str, float]] = {one.name: {} for one in before.accounts}
    for row, label in enumerate(flat.wallets):
        if not label.in_transit:
            held = balances[label.account]
            held[label.asset] = held.get(label.asset, 0.0) + state.wallet[row]
    lines: dict[str, list[Position]] = {one.name: [] for one in before.accounts}
    for leg, (account, _) in enumerate(flat.legs):
        if state.contracts[leg] != 0.0:
            lines[account].append(line_of(decision, state, leg))
    accounts = tuple(
        replace(one, balances=balances[one.name], positions=tuple(lines[one.name]))
        for one in before.accounts
    )
    return replace(before, accounts=accounts, transfers=transfers)


def line_of(decision: Decision, state: State, leg: int) -> Position:
    """The position of a leg, with what is posted for it."""
    account, contract = decision.flat.legs[leg]
    legs = decision.flat.layout.legs
    code, size = PAYOFF_CODE[contract.payoff], state.contracts[leg]
    entry = average_entry(code, size, contract.multiplier, state.cost[leg])
    posted = legs.posted_wallet[leg]
    owner = decision.setup.book.account(account)
    assert owner is not None
    said = [one.leverage for one in owner.positions if one.contract.key == contract.key]
    margin = state.wallet[posted] if posted >= 0 else None
    return Position(contract, size, entry, margin, said[0] if said else None)


def leave(book: Book, moves: list[PlannedTransfer]) -> Book:
    """The book once coins that leave an account are on their way."""
    accounts = {one.name: one for one in book.accounts}
    on_way = list(book.transfers)
    for move in moves:
        if move.is_inside:
            continue
        accounts[move.source] = paid(accounts[move.source], move, -(move.coins + move.cost))
        on_way.append(Transfer(move.currency, move.coins, move.target, move.source))
    return replace(book, accounts=tuple(accounts.values()), transfers=tuple(on_way))


def paid(account: Account, move: PlannedTransfer, coins: float) -> Account:
    """An account with coins added."""
    held = account.balances.get(move.currency, 0.0) + coins
    return replace(account, balances=account.balances | {move.currency: held})


def arrived(book: Book, count: int) -> Book:
    """The book once its first `count` transfers are there."""
    accounts = {one.name: one for one in book.accounts}
    for one in book.transfers[:count]:
        target = accounts[one.target]
        held = target.balances.get(one.currency, 0.0) + one.amount
        balances = target.balances | {one.currency: held}
        accounts[one.target] = replace(target, balances=balances)
    return replace(book, accounts=tuple(accounts.values()), transfers=book.transfers[count:])


def is_silent(decision: Decision, moves: list[PlannedTransfer]) -> bool:
    """Whether a decision trades, cancels and moves nothing."""
    answer = decision.answer
    return not (any(answer.trade) or any(answer.cancel) or moves)


def book_after(decision: Decision, moves: list[PlannedTransfer]) -> Book:
    """The book after the orders, transfers on their way not arrived."""
    state = filled(decision, moves)
    return leave(book_of(decision, state, decision.setup.book.transfers), moves)


def is_overdrawn(book: Book) -> bool:
    """Whether isolated positions post more than their account holds: no book goes on from there."""
    for one in book.accounts:
        if one.margin_mode == "isolated":
            left = dict(one.balances)
            for line in one.positions:
                left[line.contract.settle] -= line.margin or 0.0
            if any(coins < -1e-12 for coins in left.values()):
                return True
    return False


def run(drawn: Drawn, most: int, late: bool = False, setup: Setup | None = None) -> Trace:
    """Decide, fill, move, again until nothing more is asked, at most `most` rounds.

    late: transfers arrive LATE_ROUNDS rounds after they are asked for, else before the next
    round. An empty round with nothing on its way is rest: a decision is a pure function, so the
    same book gives the same answer for ever.
    """
    trace, now = Trace(), setup if setup is not None else drawn.setup
    due: list[tuple[int, int]] = []
    for step in range(most):
        arrivals = sum(count for when, count in due if when <= step)
        due = [(when, count) for when, count in due if when > step]
        now = replace(now, book=arrived(now.book, arrivals))
        decision = drawn.decided(now)
        moves = moves_asked(decision)
        trace.decisions.append(decision)
        trace.books.append(now.book)
        trace.moves.append(moves)
        trace.rounds = step
        if is_silent(decision, moves) and not now.book.transfers:
            trace.rested = True
            return trace
        after = book_after(decision, moves)
        if is_overdrawn(after):
            return trace
        sent = sum(1 for move in moves if not move.is_inside)
        due += [(step + 1 + (LATE_ROUNDS if late else 0), sent)] if sent else []
        now = replace(now, book=after)
    trace.books.append(now.book)
    return trace
