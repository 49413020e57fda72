"""Figures at every stamp are those of the kept book at its prices, under the rules in force."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.simulate.plain import plain_follow, plain_run
from tests.simulate.worlds import SETUP, compiled_lanes, mixed_world, ran_of, random_ratios
from volsculpt.book.group import group_equity, group_gross, group_maintenance
from volsculpt.book.liquidation import NEVER, nearest_factor
from volsculpt.book.state import Quote, State, copy_state
from volsculpt.decide.act import measure
from volsculpt.decide.rules import Rules, new_problem
from volsculpt.exchange.reprice import reprice
from volsculpt.exchange.rows import new_bar
from volsculpt.simulate.backtest import flat_setup
from volsculpt.simulate.late import settle_late
from volsculpt.simulate.log import take_state
from volsculpt.simulate.ran import Ran, series_of
from volsculpt.simulate.series import StampSeries

STEPS, TURNS = 24, (0, 1, 9, 23)  # the stamps from which other rules are in force
GAPS = (3, 10, 23)  # steps that do not open where the one before closed


def rules_of(coins: float) -> Rules:
    """The rules of the mixed book where so many coins are hedged."""
    used = [leg for legs in SETUP.legs for leg in legs]
    hedges = tuple(replace(one, base="coins", coins=coins) for one in SETUP.hedges)
    return flat_setup(replace(SETUP, hedges=hedges), used, 0)[1]


@cache
def ran(late: bool) -> Ran:
    """A run under other rules now and then, at whose end coins may come."""
    world, ratios = mixed_world(STEPS, 8, 0.05), random_ratios(STEPS, 2, 1, 8)
    coin = world.flat.currency("BTC")
    legs = [leg for leg, base in enumerate(world.flat.layout.legs.base) if base == coin]
    for step in GAPS:
        world.market.open_index[coin, :, step] *= 1.01
        world.market.open_mark[legs, :, step] *= 1.02
    made = compiled_lanes(world, ratios, plain_run)
    bar = new_bar(world.flat.layout)
    bar.flow[0] = 2.0
    if late:
        settle_late(made, world.market, bar)
    in_force = tuple((stamp, rules_of(2.0 + stamp)) for stamp in TURNS)
    return replace(ran_of(world, made, ratios), in_force=in_force, late=bar if late else None)


@cache
def told(late: bool) -> StampSeries:
    """Its figures."""
    return series_of(ran(late), plain_follow)


def book_at(one: Ran, moment: int) -> State:
    """What was held after a moment."""
    log, flat = one.lanes.log, one.lanes.flat
    moments = log.moment[0, : log.used[0, 1]].tolist()
    row = max(place for place, at in enumerate(moments) if at <= moment)
    state = copy_state(flat.state)
    take_state(flat.layout, log.state[0, row], state)
    return state


def found_at(one: Ran, stamp: int) -> tuple[State, Quote]:
    """What was held as the decision of a stamp found it, and the prices then."""
    market = one.market
    index, marks = market.open_index[:, 0, 0], market.open_mark[:, 0, 0]
    if stamp:
        index, marks = market.close_index[:, 0, stamp - 1], market.close_mark[:, 0, stamp - 1]
    return book_at(one, int(one.decision_moments[stamp])), Quote(index.tolist(), marks.tolist())


@pytest.mark.parametrize("late", [False, True])
def test_hedges_hold_what_the_rules_of_each_stamp_measure(late: bool) -> None:
    """Held ratio and coins that move, every hedge; what comes at the very end is told there."""
    one, series = ran(late), told(late)
    layout, deltas = one.lanes.flat.layout, set()
    for stamp in range(STEPS + 1):
        state, quote = found_at(one, stamp)
        rules = next(rules for first, rules in reversed(one.in_force) if first <= stamp)
        problem = new_problem(layout, state, quote, rules)
        measure(problem, one.targets[stamp].tolist())
        sums = problem.work.held
        for hedge, coin in enumerate(rules.hedge_currency):
            delta = sums.balance[coin] + sums.pnl[coin] + sums.futures[coin]
            assert series.held[stamp, hedge] == problem.answer.held[hedge]
            assert series.delta[stamp, hedge] == delta
            deltas.add(delta)
    assert len(deltas) > STEPS


@pytest.mark.parametrize("late", [False, True])
def test_groups_are_told_with_margin_and_distance(late: bool) -> None:
    """Every group at every stamp; -1 where no price ends it."""
    one, series = ran(late), told(late)
    layout = one.lanes.flat.layout
    for stamp in range(STEPS + 1):
        state, quote = found_at(one, stamp)
        for group in range(layout.groups):
            at = (layout, state, quote, group)
            found, factor = nearest_factor(*at, -1, 1)
            assert series.equity[stamp, group] == group_equity(*at)
            assert series.maintenance[stamp, group] == group_maintenance(*at)
            assert series.gross[stamp, group] == group_gross(*at)
            away = -1.0 if found == NEVER else abs(factor - 1.0)
            assert series.distance[stamp, group] == away
    assert np.unique(series.equity).size > STEPS


def at_open(one: Ran, step: int) -> Quote:
    """The first prices of a step."""
    index, marks = one.market.open_index[:, 0, step], one.market.open_mark[:, 0, step]
    return Quote(index.tolist(), marks.tolist())


@pytest.mark.parametrize("late", [False, True])
def test_prices_move_what_is_held_from_close_to_open_and_on_to_the_close(late: bool) -> None:
    """Over night what was decided before, then what the open made of it; nothing at first."""
    one, series = ran(late), told(late)
    layout = one.lanes.flat.layout
    assert not series.moved[0].any()
    for stamp in range(1, STEPS + 1):
        step = stamp - 1
        (_, before), (_, closed) = found_at(one, stamp - 1), found_at(one, stamp)
        opened = at_open(one, step)
        night = reprice(layout, book_at(one, 2 * step - 1), before, opened)
        day = reprice(layout, book_at(one, 2 * step), opened, closed)
        assert series.moved[stamp].tolist() == [sum(two) for two in zip(night, day, strict=True)]
        assert any(night) == (step in GAPS)
