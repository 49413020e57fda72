"""Where a margin group wants coins added, on the way on which it would be liquidated.

Both count the same move: of all coins together. The book stays as it is on the way: coins that its
plan would give back before are not taken from it, so the two prices are of one book.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from volsculpt.book.state import State, copy_state
from volsculpt.decide.collateral import coins_lacking
from volsculpt.decide.rules import new_problem
from volsculpt.decide.step import Decision
from volsculpt.watch.breach import Breach
from volsculpt.watch.next_change import PAST, is_too_large, moved_quote

LOOKS = 40  # on the way to the end; from where coins are wanted on they are to the end


@dataclass(frozen=True, slots=True)
class MarginCall:
    """Coins to add to a group, and where: a price as that of its liquidation, move of all coins."""

    price: float
    move: float
    coins: float
    currency: str


def margin_call(
    decision: Decision, book: State, group: int, breach: Breach | None
) -> MarginCall | None:
    """The first coins a group wants on the way to its end; None where its plan asks for none.

    Args: decision: whose limits and plans hold; book: what is held; group: its row; breach: where
    it is liquidated, None: nowhere.
    """
    flat, rules = decision.flat, decision.rules
    if breach is None or breach.move <= -1.0 or not rules.planned[group]:
        return None
    if is_too_large(flat.layout, rules.hedges):
        return None
    problem = new_problem(flat.layout, book, decision.quoted.quote, rules)
    problem = problem._replace(work=problem.work._replace(goal=copy_state(book)))
    coins = tuple(row for row, moves in enumerate(flat.layout.moves) if moves)

    def wanted(factor: float) -> float:
        moved = moved_quote(flat.layout, decision.quoted.quote, coins, factor)
        brought, posts, _ = coins_lacking(problem._replace(quote=moved), group)
        return brought + posts

    factor = _first(wanted, 1.0 + breach.move)
    if factor is None:
        return None
    now, currency = breach.price / (1.0 + breach.move), rules.move_currency[group]
    return MarginCall(now * factor, factor - 1.0, wanted(factor), flat.currencies[currency])


def _first(wanted: Callable[[float], float], end: float) -> float | None:
    """The first factor up to the end at which coins are wanted; None: at none that is looked at."""
    silent = 1.0
    if wanted(silent) > 0.0:
        return silent
    for look in range(1, LOOKS + 1):
        asks = math.pow(end, look / LOOKS)
        if wanted(asks) > 0.0:
            break
        silent = asks
    else:
        return None
    while abs(asks - silent) > PAST * silent:
        middle = 0.5 * (silent + asks)
        silent, asks = (silent, middle) if wanted(middle) > 0.0 else (middle, asks)
    return asks
