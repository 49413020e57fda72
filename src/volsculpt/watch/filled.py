"""The book that a decision leads to: its orders filled, its coins posted or arrived."""

from volsculpt.book.fill import fill
from volsculpt.book.posting import group_wallet, lose_bonus
from volsculpt.book.state import Layout, Quote, State, copy_state
from volsculpt.decide.rules import Answer, Problem
from volsculpt.decide.step import Decision
from volsculpt.exchange.place import post_own


def filled(decision: Decision) -> State:
    """The held state once the orders to place fill at their marks, taker fees paid.

    What isolated positions post of their account's own coins is posted: that takes no transfer.
    """
    flat = decision.flat
    return filled_by(flat.layout, flat.state, decision.quoted.quote, decision.answer)


def filled_by(layout: Layout, state: State, quote: Quote, answer: Answer) -> State:
    """A state once an answer's orders fill at their marks, what it posts posted."""
    after, legs = copy_state(state), layout.legs
    for group in range(layout.groups):
        post_own(layout, after, answer, group)
    for leg in range(legs.rows):
        if answer.trade[leg] != 0.0:
            fill(layout, after, leg, answer.trade[leg], quote.mark[leg], legs.taker[leg])
    return after


def shares(decision: Decision, group: int, wallets: list[float]) -> list[tuple[int, float]]:
    """(row of its wallet, coins) that each source gives of a top-up, in order.

    wallets: what they hold. Worked: 0.5 of sources with 0.3 and 1: 0.3, then 0.2.
    """
    return _shares(decision.problem, group, wallets)


def _shares(problem: Problem, group: int, wallets: list[float]) -> list[tuple[int, float]]:
    rules, found = problem.rules, list[tuple[int, float]]()
    left = problem.answer.top_up[group]
    for source in range(rules.source_from[group], rules.source_to[group]):
        wallet = rules.source_wallet[source]
        free = max(0.0, wallets[wallet] - rules.transfer_cost[group])
        if left > 1e-12 and free > 1e-12:
            found.append((wallet, min(left, free)))
            left -= free
    return found


def arrived(decision: Decision, after: State) -> State:
    """A state once the coins that a decision moves are where they go, their cost paid."""
    return arrived_by(decision.problem, after)


def arrived_by(problem: Problem, after: State) -> State:
    """The same, of what `act` has answered. after: the state once its orders fill."""
    layout, rules, book = problem.layout, problem.rules, copy_state(after)
    for group in range(layout.groups):
        target, source_from = (
            group_wallet(layout, group, rules.move_currency[group]),
            rules.source_from,
        )
        released = max(0.0, -problem.answer.top_up[group])
        if released > 0.0 and rules.source_to[group] > source_from[group]:
            book.wallet[target] -= released
            book.wallet[rules.source_wallet[source_from[group]]] += (
                released - rules.transfer_cost[group]
            )
            lose_bonus(layout, book, group)
        given = _shares(problem, group, list(book.wallet)) if target >= 0 else []
        for wallet, coins in given:
            book.wallet[wallet] -= coins + rules.transfer_cost[group]
            book.wallet[target] += coins
    return book


def landed(decision: Decision, book: State) -> State:
    """A state once the coins under way have reached the groups that may count on them."""
    flat, there = decision.flat, copy_state(book)
    groups = dict[tuple[str, int], int]()
    for group, one in enumerate(flat.groups):
        groups.setdefault((one.account, decision.rules.move_currency[group]), group)
    for row, label in enumerate(flat.wallets):
        currency = flat.layout.wallet_currency[row]
        group = groups.get((label.account, currency), -1)
        if group < 0 or not label.in_transit or not label.is_sent:
            continue
        target = group_wallet(flat.layout, group, currency)
        if target >= 0:
            there.wallet[target] += there.wallet[row]
            there.wallet[row] = there.incoming[group] = 0.0
    return there
