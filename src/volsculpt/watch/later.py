"""What follows a decision: once coins to move are there, and in orders after its first."""

from dataclasses import replace

from volsculpt.book.exposure import coins_per_contract
from volsculpt.book.state import State
from volsculpt.decide.act import act
from volsculpt.decide.finish import whole
from volsculpt.decide.lots import lots_down
from volsculpt.decide.ratio_words import legs_of_pool
from volsculpt.decide.rules import MAX_ORDER, VENUE_MOST, new_problem
from volsculpt.decide.step import Decision
from volsculpt.watch.filled import arrived, filled


def later_contracts(decision: Decision, leg: int) -> float:
    """Contracts of a goal that later orders trade, where this one is cut to a largest order."""
    flat, answer = decision.flat, decision.answer
    if not answer.leg_code[leg] & (MAX_ORDER | VENUE_MOST):
        return 0.0
    pool = next(p for p in range(decision.rules.pools) if leg in legs_of_pool(decision, p))
    per = coins_per_contract(flat.layout, decision.quoted.quote, leg)
    lots = abs((answer.can[pool] - answer.after[pool]) / per) / flat.layout.legs.lot[leg]
    return whole(lots_down(lots) * flat.layout.legs.lot[leg], flat.layout.legs.lot[leg])


def once_arrived(decision: Decision, after: State) -> tuple[Decision, State]:
    """What is decided once the coins to move are there, and the book it leads to.

    The decision itself where none must be brought.
    """
    if not any(coins != 0.0 for coins in decision.answer.top_up):
        return decision, after
    late = on_book(decision, arrived(decision, after))
    return late, filled(late)


def on_book(decision: Decision, book: State) -> Decision:
    """What the same targets lead to on another book of the same layout."""
    flat = replace(decision.flat, state=book)
    problem = new_problem(flat.layout, book, decision.quoted.quote, decision.rules)
    act(problem, decision.ratios)
    return replace(decision, flat=flat, answer=problem.answer, work=problem.work)
