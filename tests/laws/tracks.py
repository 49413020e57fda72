"""A plan's orders and a backtest's first ones from the same book."""

from collections.abc import Iterator
from dataclasses import replace

from tests.laws.drawn import Drawn
from tests.laws.judge import Broken
from volsculpt.decide.act import act
from volsculpt.decide.rules import new_problem
from volsculpt.simulate.backtest import with_transit


def same_first_orders(drawn: Drawn) -> Iterator[Broken]:
    """`act` on the flat book as a backtest lays it out trades and moves what the plan does."""
    plain = drawn.decided()
    book = with_transit(drawn.setup.book, plain.flat, plain.rules)
    laid = drawn.decided(replace(drawn.setup, book=book))
    problem = new_problem(laid.flat.layout, laid.flat.state, laid.quoted.quote, laid.rules)
    act(problem, laid.ratios)
    answer = problem.answer
    if list(answer.trade) != list(plain.answer.trade):
        words = f"{list(answer.trade)} for {list(plain.answer.trade)}"
        yield Broken("backtest trades as the plan", words)
    if list(answer.top_up) != list(plain.answer.top_up):
        words = f"{list(answer.top_up)} for {list(plain.answer.top_up)}"
        yield Broken("backtest moves as the plan", words)
