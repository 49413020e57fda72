"""What coins bought or sold make of a target: they are owned then, or no longer."""

from collections.abc import Callable, Mapping

from volsculpt.book.state import copy_state
from volsculpt.decide.act import act
from volsculpt.decide.rules import new_problem
from volsculpt.decide.step import Decision

TURNS = 20
STRAIGHT = 0.01  # of what is found: nearer than that the line was one
STEEP = 0.98  # of a coin: where each coin bought asks for so much of another, no number is enough


def wanted(decision: Decision, pool: int, change: Mapping[int, float]) -> float:
    """Coins that a pool is to be short or long of with coins added to wallets or taken.

    Of the very function that decides. Args: pool: its row; change: coins by row of a wallet.
    """
    book = copy_state(decision.flat.state)
    for wallet, coins in change.items():
        book.wallet[wallet] += coins
    problem = new_problem(decision.flat.layout, book, decision.quoted.quote, decision.rules)
    act(problem, decision.ratios)
    return problem.answer.want[pool]


def settled(lacking: Callable[[float], float]) -> float | None:
    """The coins x that are lacking where x of them come; None: there are no such.

    What is lacking is a straight line of what comes, but for whole lots; where it is none, as
    where a target turns round, what comes is halved in on. Worked: 0.3 lacking, a third of each
    coin more: 0.45.
    """
    first = lacking(0.0)
    if first <= 0.0:
        return None
    slope = (lacking(first) - first) / first
    if slope > STEEP:
        return None
    coins = first / (1.0 - slope)
    if abs(lacking(coins) - coins) <= STRAIGHT * coins or slope > 0.0:
        return coins
    low, high = 0.0, first
    for _ in range(TURNS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if lacking(middle) > middle else (low, middle)
    return high
