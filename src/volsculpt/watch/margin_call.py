"""Where a margin group wants coins added, on the way on which it would be liquidated.

Both count the same move: of all coins together. The book stays as it is on the way: coins that its
plan would give back before are not taken from it, so the two prices are of one book.
"""

from dataclasses import dataclass

from volsculpt.book.state import State
from volsculpt.decide.act import act
from volsculpt.decide.rules import Problem, new_problem
from volsculpt.decide.step import Decision
from volsculpt.watch.at_once import names_of
from volsculpt.watch.breach import Breach
from volsculpt.watch.next_change import SPEAKS, Search, is_too_large


@dataclass(frozen=True, slots=True)
class MarginCall:
    """Coins to add to a group, and where: a price as that of its liquidation, move of all coins."""

    price: float
    move: float
    coins: float
    currency: str


class _CallSearch(Search):
    """The way of all coins to one side, up to where a group wants coins."""

    group: int

    def _speaks(self, factor: float) -> bool:
        """Whether the group wants coins at a factor; leaves the answer there."""
        act(self.problem._replace(quote=self.quote(factor)), self.ratios)
        return wanted_coins(self.problem, self.group) > 0.0


def wanted_coins(problem: Problem, group: int) -> float:
    """Coins that an answer wants in a group, with those that no source of its plan has."""
    answer = problem.answer
    return max(0.0, answer.top_up[group]) + max(0.0, answer.post[group]) + answer.lacking[group]


def margin_call(
    decision: Decision, book: State, group: int, breach: Breach | None
) -> MarginCall | None:
    """The first coins a group wants on the way to its end; None where its plan asks for none.

    Args: decision: whose targets hold meanwhile; book: what is held; group: its row; breach: where
    it is liquidated, None: nowhere.
    """
    flat, rules = decision.flat, decision.rules
    if breach is None or breach.move <= -1.0 or not rules.planned[group]:
        return None
    if is_too_large(flat.layout, rules.hedges):
        return None
    problem = new_problem(flat.layout, book, decision.quoted.quote, rules)
    coins = tuple(row for row, moves in enumerate(flat.layout.moves) if moves)
    search = _CallSearch(problem, decision.ratios, names_of(flat), coins, 1.0 + breach.move)
    search.group = group
    factor, found = search.way()
    if found != SPEAKS:
        return None
    now, currency = breach.price / (1.0 + breach.move), rules.move_currency[group]
    wanted = wanted_coins(problem, group)
    return MarginCall(now * factor, factor - 1.0, wanted, flat.currencies[currency])
