"""The demonstration book in many lanes, plain and as records, and the compiled drivers."""

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numba
import numpy as np
from numba.extending import register_jitable

from tests.factories import (
    THE_BOOK,
    THE_HEDGES,
    THE_LEGS,
    THE_MARKS,
    THE_PRICES,
    linear,
)
from volsculpt.book.exposure import fair_mark
from volsculpt.book.fill import fill
from volsculpt.book.flatten import Flat, flatten
from volsculpt.book.group import group_equity, group_gross, group_maintenance
from volsculpt.book.liquidation import DOWN, UP, liquidation_factor, nearest_factor
from volsculpt.book.state import Layout, Quote, State
from volsculpt.compilable import compilable_functions
from volsculpt.contracts.margin import initial_rate, maintenance
from volsculpt.contracts.spec import Margin, Orders, Tier
from volsculpt.decide.act import act
from volsculpt.decide.build import build_rules
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.quoting import flat_quote
from volsculpt.decide.rules import Answer, Problem, Rules, Work, new_answer, new_work
from volsculpt.decide.trigger_book import find_rows
from volsculpt.decide.triggers import new_triggers
from volsculpt.market.quotes import Quotes
from volsculpt.simulate.lanes import fitting_room, needed_room, records
from volsculpt.simulate.parts import PART, WHOLE

STEPS = (Tier(0.0, 0.004, 125.0), Tier(30.0, 0.01, 50.0), Tier(900.0, 0.05, 10.0))
ORDERS = Orders(least_value=20_000.0, reduce_only_exempt=True, market_most=1.5)
FOURTH = linear(
    "BTC", venue="binance", margin=Margin(tiers=STEPS), orders=ORDERS, position_most=2.0
)
LEGS = ((*THE_LEGS[0], ("usdm", FOURTH, False)), THE_LEGS[1])
PLAN = CollateralPlan(("vault",), (2.0, 3.0, 3.0, 4.0), cost=0.0002)
FIGURES = 12  # of a group, written by `measure_lanes`

Rows = Any  # a list of named tuples or an array of records


class Lane(NamedTuple):
    """Inputs of one lane."""

    state: State
    quote: Quote
    rules: Rules
    ratio: list[float]


@dataclass(frozen=True)
class Book:
    """The flat book and rules that every lane starts from."""

    flat: Flat
    quote: Quote
    rules: Rules


def the_book() -> Book:
    """Three accounts, four legs, two coins; a loan, a stablecoin, an isolated account."""
    extra = [(account, contract) for used in LEGS for account, contract, _ in used]
    flat = flatten(THE_BOOK, extra, ("BTC", "ETH"), lambda *_: (4.0, 0.3))
    quote = flat_quote(flat, Quotes(0, dict(THE_PRICES), dict(THE_MARKS))).quote
    limits = Limits(max_leverage=4.0, min_liquidation_distance=0.25, max_order_usd=90_000.0)
    rules = build_rules(flat, THE_BOOK, THE_HEDGES, LEGS, limits, (PLAN,), 0)
    return Book(flat, quote, rules)


def lanes_of(book: Book, count: int, seed: int) -> list[Lane]:
    """Random prices, positions, ratios, bands and limits, the same at every run."""
    dice = random.Random(seed)
    return [lane_of(book, dice) for _ in range(count)]


def lane_of(book: Book, dice: random.Random) -> Lane:
    """One random lane."""
    state, quote, rules = (
        copy.deepcopy(book.flat.state),
        copy.deepcopy(book.quote),
        copy.deepcopy(book.rules),
    )
    move = dice.uniform(0.5, 1.8)
    for row, coin in enumerate(book.flat.layout.moves):
        quote.index_usd[row] *= move if coin else dice.uniform(0.98, 1.01)
    for leg in range(book.flat.layout.legs.rows):
        quote.mark[leg] *= move * dice.uniform(0.99, 1.01)
        part = dice.choice((0.0, 0.5, 1.0, 3.0))
        state.contracts[leg] *= part
        state.cost[leg] *= part
        state.slot[leg] = dice.choice((0, 0, 0, 1, 2))
        state.working[leg] = dice.choice((0.0, -7.0, 11.0)) if state.slot[leg] == 1 else 0.0
    bands = [dice.uniform(0.0, 0.1) for _ in rules.under_trigger]
    rules = rules._replace(
        under_trigger=bands,
        over_trigger=list(reversed(bands)),
        max_leverage=dice.choice((0.0, 2.0, 5.0)),
        min_distance=dice.choice((0.0, 0.15, 0.4)),
        max_order_usd=dice.choice((0.0, 40_000.0)),
    )
    ratio = [dice.choice((0.0, 0.3, 1.0, dice.uniform(0.0, 1.2))) for _ in rules.hedge_currency]
    return Lane(state, quote, rules, ratio)


def decide_lanes(
    layouts: Rows,
    states: Rows,
    quotes: Rows,
    rules: Rows,
    ratios: Rows,
    works: Rows,
    answers: Rows,
    triggers: Rows,
) -> None:
    """act on every lane, and the rows of what it finds at rest."""
    for lane in range(len(states)):
        book = (layouts[0], states[lane], quotes[lane], rules[lane])
        problem = Problem(*book, works[lane], answers[lane])
        act(problem, ratios[lane])
        find_rows(problem, ratios[lane], triggers[lane])


def measure_lanes(layouts: Rows, states: Rows, quotes: Rows, figures: Rows) -> None:
    """Margin and liquidation figures of every group of every lane."""
    layout = layouts[0]
    for lane in range(len(states)):
        state, quote = states[lane], quotes[lane]
        for group in range(layout.groups):
            row = figures[lane][group]
            row[0] = group_equity(layout, state, quote, group)
            row[1] = group_gross(layout, state, quote, group)
            row[2] = group_maintenance(layout, state, quote, group)
            found, factor = nearest_factor(layout, state, quote, group, -1, 1)
            row[3], row[4] = float(found), factor
            found, factor = liquidation_factor(layout, state, quote, group, UP, 0, 1)
            row[5], row[6] = float(found), factor
            found, factor = liquidation_factor(layout, state, quote, group, DOWN, -1, 0)
            row[7], row[8] = float(found), factor
            leg = group % layout.legs.rows
            row[9] = maintenance(layout.legs, leg, 37.5, 1_500.0)
            row[10] = initial_rate(layout.legs, leg, 37.5, 1_500.0)
            row[11] = fair_mark(layout, quote, leg)


def fill_lanes(layouts: Rows, states: Rows, quotes: Rows, sizes: Rows) -> None:
    """Fill an order of each size in each leg of each lane."""
    layout = layouts[0]
    for lane in range(len(states)):
        for leg in range(layout.legs.rows):
            mark = quotes[lane].mark[leg]
            fill(layout, states[lane], leg, sizes[lane][leg], mark, layout.legs.taker[leg])


DRIVERS: tuple[Callable[..., None], ...] = (decide_lanes, measure_lanes, fill_lanes)


def compiled_drivers() -> dict[str, Callable[..., None]]:
    """The drivers compiled, with every listed function registered for them to inline."""
    for function in compilable_functions():
        register_jitable(**PART)(function)
    return {driver.__name__: numba.njit(**WHOLE)(driver) for driver in DRIVERS}


@dataclass
class Inputs:
    """Arguments of the drivers for a set of lanes, of one kind."""

    layouts: Rows
    states: Rows
    quotes: Rows
    rules: Rows
    ratios: Rows
    works: Rows
    answers: Rows
    triggers: Rows
    figures: Rows
    sizes: Rows


def plain_inputs(book: Book, lanes: list[Lane]) -> Inputs:
    """Named tuples of lists."""
    layout, rules = book.flat.layout, book.rules
    return Inputs(
        [layout],
        [copy.deepcopy(lane.state) for lane in lanes],
        [lane.quote for lane in lanes],
        [lane.rules for lane in lanes],
        [lane.ratio for lane in lanes],
        [new_work(layout, rules) for _ in lanes],
        [new_answer(layout, rules) for _ in lanes],
        [new_triggers(layout, rules.hedges) for _ in lanes],
        [[[0.0] * FIGURES for _ in range(layout.groups)] for _ in lanes],
        sizes_of(book, lanes),
    )


def sizes_of(book: Book, lanes: list[Lane]) -> list[list[float]]:
    """Orders that open, add to, cut, close and flip positions."""
    parts = (1.0, -0.5, -1.0, -2.5)
    rows = range(book.flat.layout.legs.rows)
    return [
        [lane.state.contracts[leg] * parts[(leg + n) % 4] or 3.0 for leg in rows]
        for n, lane in enumerate(lanes)
    ]


def record_inputs(book: Book, lanes: list[Lane]) -> Inputs:
    """Records padded to a size class."""
    room = fitting_room(needed_room(book.flat, book.rules))
    layout: Layout = book.flat.layout
    works: list[Work] = [new_work(layout, book.rules) for _ in lanes]
    answers: list[Answer] = [new_answer(layout, book.rules) for _ in lanes]

    def column(rows: list[Any]) -> Rows:
        return np.concatenate([records(row, room, 1) for row in rows])

    return Inputs(
        records(layout, room, 1),
        column([lane.state for lane in lanes]),
        column([lane.quote for lane in lanes]),
        column([lane.rules for lane in lanes]),
        np.array([lane.ratio for lane in lanes]),
        column(works),
        column(answers),
        column([new_triggers(layout, book.rules.hedges) for _ in lanes]),
        np.zeros((len(lanes), layout.groups, FIGURES)),
        np.array(sizes_of(book, lanes)),
    )
