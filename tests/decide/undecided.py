"""Random books measured and begun, with nothing decided on them yet."""

from tests.laws.drawn import NOW_NS, Drawn, draw
from volsculpt.book.flatten import with_fees
from volsculpt.decide.act import clear, measure
from volsculpt.decide.build import build_rules, expect_transfers
from volsculpt.decide.goal import start_goal
from volsculpt.decide.quoting import flat_quote
from volsculpt.decide.rules import Problem, new_problem
from volsculpt.decide.step import flat_of


def undecided(drawn: Drawn) -> Problem:
    """A book whose goals are what it holds."""
    setup = drawn.setup
    flat = with_fees(flat_of(setup), NOW_NS)
    quote = flat_quote(flat, drawn.quotes).quote
    asked = (setup.book, setup.hedges, setup.legs, setup.limits, setup.collateral, NOW_NS)
    rules = build_rules(flat, *asked)
    expect_transfers(flat, rules)
    problem = new_problem(flat.layout, flat.state, quote, rules)
    clear(problem)
    measure(problem, [1.0 for _ in setup.hedges])
    start_goal(problem)
    return problem


def undecided_of(seed: int) -> Problem:
    """The random book of a seed."""
    return undecided(draw(seed))
