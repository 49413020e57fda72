"""What a margin group needs: one function of a book and the limits it is to stand within.

Top-up, release, cut and capacity are all read off `lacking`, so none of them can undo another.
"""

import math
from typing import NamedTuple

from volsculpt.book.exposure import venue_contracts, venue_value
from volsculpt.book.group import at as value_at
from volsculpt.book.group import (
    excess_terms,
    group_equity,
    group_gross,
    group_maintenance,
    unit_usd,
)
from volsculpt.book.liquidation import is_smooth
from volsculpt.book.state import Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.contracts.margin import NEAR_ZERO, SLOPE, initial_rate
from volsculpt.contracts.payoff import INVERSE, QUANTO, power
from volsculpt.decide.rules import Problem, Rules

UNLIMITED = 1e100
PARTS = 8  # sizes of a fall or rise at which the excess of quanto is looked at
GOLDEN = 0.6180339887498949
TURNS = 16


class Within(NamedTuple):
    """Limits that a group's book is to stand within; 0.0 is no limit."""

    leverage: float  # gross <= leverage * equity
    distance: float  # no liquidation nearer than this move
    opening: int  # 1: a venue would let it be opened (initial margin, maintenance now)


@compilable
def grown_leverage(rules: Rules, group: int) -> float:
    """The leverage a group grows to with the coins that are there; 0.0 is no limit.

    Without a max_leverage, a group whose coins may move grows only to the last leverage of its
    band until they are there.
    """
    if rules.planned[group] == 1 and rules.max_leverage <= 0.0:
        return rules.band_last[group]
    return rules.max_leverage


@compilable
def initial_need(layout: Layout, book: State, quote: Quote, group: int) -> float:
    """Initial margin of a group's book, in its unit; 0 for what the catalog does not know.

    Worked: 59.7 BTC in a tier of 10x: 5.97 BTC.

    Args: group: its row.
    """
    legs, total = layout.legs, 0.0
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if legs.group[leg] == group and venue_contracts(book, leg) != 0.0:
            size = abs(venue_value(layout, book, quote, leg))
            rate = initial_rate(legs, leg, size, abs(venue_contracts(book, leg)))
            total += size * rate * unit_usd(layout, quote, group, leg)
    return total


@compilable
def opening_short(layout: Layout, book: State, quote: Quote, group: int) -> float:
    """Units a group's book lacks for a venue to let it be opened: initial and maintenance margin.

    Worked: 1 BTC of equity for 9 BTC in a tier of 10x: -0.1, it has 0.1 to spare.

    Args: group: its row.
    """
    equity = group_equity(layout, book, quote, group)
    needed = initial_need(layout, book, quote, group)
    return max(needed, group_maintenance(layout, book, quote, group)) - equity


@compilable
def short_at(problem: Problem, book: State, group: int, factor: float) -> float:
    """Units lacking now to meet maintenance when all coins stand at a factor times their price.

    Coins of the currency that moves are worth `factor` times as much there, dollars are not.

    Args: group: its row; factor: > 0, 1.0 = now.
    """
    layout, quote, rules = problem.layout, problem.quote, problem.rules
    there = value_at(excess_terms(layout, book, quote, group, factor, -1, 1), factor)
    return -there / power(factor, layout.moves[rules.move_currency[group]])


@compilable
def short_of_distance(problem: Problem, book: State, group: int, distance: float) -> float:
    """Units lacking to survive a move of all coins by `distance` either way, and no move.

    Args: group: its row; distance: a fraction of the price, 0.2 = 20 %; of 1 or more a fall to
    nothing is survived.
    """
    short = short_at(problem, book, group, 1.0)
    short = max(short, short_toward(problem, book, group, 1.0 + distance))
    below = max(NEAR_ZERO, 1.0 - distance)
    return max(short, short_toward(problem, book, group, below))


@compilable
def short_toward(problem: Problem, book: State, group: int, far: float) -> float:
    """Most units lacking anywhere from here to a factor.

    Excess is concave between, so the far end tells, but where a rate that slopes with size reaches
    the whole value: it is looked at there too. The profit of quanto bends up, so that is searched.

    Args: group: its row; far: factor of the price of all coins, > 0.
    """
    layout, quote = problem.layout, problem.quote
    worst = short_at(problem, book, group, far)
    if is_smooth(layout, group) == 1:
        return worst
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if layout.legs.group[leg] == group:
            whole = whole_rate_at(layout, book, quote, leg)
            if min(1.0, far) < whole < max(1.0, far):
                worst = max(worst, short_at(problem, book, group, whole))
    if has_quanto(layout, group) == 1:
        worst = max(worst, worst_of_quanto(problem, book, group, far))
    return worst


@compilable
def whole_rate_at(layout: Layout, book: State, quote: Quote, leg: int) -> float:
    """Factor of the price below which a leg's rate that slopes is the whole value; 0.0: none.

    Worked: 4,000,000 contracts of 10 USD at 39,155 are 1,022 BTC; at 1 % and 0.005 % a BTC:
    1,022 * 0.00005 / 0.99 = 0.0516.

    Args: leg: its row.
    """
    legs = layout.legs
    if legs.margin_kind[leg] != SLOPE or legs.payoff[leg] != INVERSE or legs.rate_base[leg] >= 1.0:
        return 0.0
    coins = abs(venue_value(layout, book, quote, leg))
    return coins * legs.rate_slope[leg] / (1.0 - legs.rate_base[leg])


@compilable
def worst_of_quanto(problem: Problem, book: State, group: int, far: float) -> float:
    """Most units lacking from here to a factor, looked at in steps and around the worst of them.

    Args: group: its row; far: factor of the price of all coins, > 0.
    """
    worst, at = short_at(problem, book, group, far), far
    step = math.sqrt(math.sqrt(math.sqrt(far)))
    factor = 1.0
    for _ in range(PARTS - 1):
        factor = factor * step
        short = short_at(problem, book, group, factor)
        if short > worst:
            worst, at = short, factor
    past = at * step if at != far else far
    return max(worst, worst_between(problem, book, group, at / step, past))


@compilable
def worst_between(problem: Problem, book: State, group: int, one: float, other: float) -> float:
    """Most units lacking between two factors with one peak between them: golden section.

    Args: group: its row; one, other: factors of the price of all coins, > 0.
    """
    worst = -UNLIMITED
    for _ in range(TURNS):
        left, right = other - GOLDEN * (other - one), one + GOLDEN * (other - one)
        short_left = short_at(problem, book, group, left)
        short_right = short_at(problem, book, group, right)
        worst = max(worst, max(short_left, short_right))
        if short_left > short_right:
            other = right
        else:
            one = left
    return worst


@compilable
def has_quanto(layout: Layout, group: int) -> int:
    """1 when a group has a quanto leg."""
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if layout.legs.group[leg] == group and layout.legs.payoff[leg] == QUANTO:
            return 1
    return 0


@compilable
def lacking(problem: Problem, book: State, group: int, within: Within) -> float:
    """Units a group's book lacks to stand within limits; below zero it has that much to spare.

    Worked: 2.948718 BTC on 0.448718 BTC at 3x: 0.982906 - 0.448718 = 0.534188.

    Args: group: its row.
    """
    layout, quote = problem.layout, problem.quote
    short = -UNLIMITED
    if within.opening == 1:
        short = opening_short(layout, book, quote, group)
    if within.leverage > 0.0:
        equity = group_equity(layout, book, quote, group)
        short = max(short, group_gross(layout, book, quote, group) / within.leverage - equity)
    if within.distance > 0.0:
        short = max(short, short_of_distance(problem, book, group, within.distance))
    return short


@compilable
def is_lost(problem: Problem, group: int) -> int:
    """1 when a group that holds contracts owes more than it has at their marks: it is closed.

    Worked: a short of 60,000 from 40,000 on 0.1 BTC posted, at 60,000: 0.1 - 0.5.
    """
    layout, state, quote = problem.layout, problem.state, problem.quote
    held = group_gross(layout, state, quote, group) > 0.0
    return 1 if held and group_equity(layout, state, quote, group) < 0.0 else 0
