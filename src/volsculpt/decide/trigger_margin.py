"""Forms of margin: lines above it where it is taken off equity, below it where equity is short.

Tiers are lines, each over a range of sizes. A rate that slopes with size is bounded by a line: the
chord above it over a range of sizes, renewed when it is left, or the tangent below it at any size.
"""

from volsculpt.book.exposure import venue_contracts, venue_cost, venue_value
from volsculpt.book.group import value_power
from volsculpt.compilable import compilable
from volsculpt.contracts.legs import Legs
from volsculpt.contracts.margin import (
    SLOPE,
    TIERS_VALUE,
    initial_rate,
    maintenance_rate,
    tier_at,
)
from volsculpt.contracts.payoff import LINEAR, power
from volsculpt.decide.rules import Problem
from volsculpt.decide.triggers import (
    RANGE,
    Triggers,
    add_contracts,
    add_index,
    new_row,
)

CHORD = 1.25  # a rate that slopes with size is bounded over sizes this much larger and smaller


@compilable
def slope_margin(legs: Legs, leg: int, size: float, contracts: float, initial: int) -> float:
    """Margin of a size where the rate depends on it, in the unit of value.

    Args: leg: its row; size: |value|, in the unit of value; contracts: their number, unsigned;
    initial: 1 initial margin, 0 maintenance.
    """
    if initial == 1:
        return size * initial_rate(legs, leg, size, contracts)
    rate, cum = maintenance_rate(legs, leg, size, contracts)
    return size * rate - cum


@compilable
def growth_rate(legs: Legs, leg: int, size: float, contracts: float, initial: int) -> float:
    """The least by which a margin that slopes with size grows with a dollar more of it.

    Margin is base * size + slope * size ** 2, so base + 2 * slope * size; just base where that
    would pass 100 %, for no rate does. Worked: 1 % + 0.005 % a coin at 100 coins: 2 %.

    Args: leg: its row; size: |value|, in the unit of value; contracts: their number, unsigned;
    initial: 1 initial margin, 0 maintenance.
    """
    base, slope, added = legs.rate_base[leg], legs.rate_slope[leg], legs.rate_added[leg]
    if initial == 1:
        base, slope, added = legs.initial_base[leg], legs.initial_slope[leg], 0.0
        if base <= 0.0:
            return 0.0
    coins = contracts * legs.multiplier[leg] if legs.payoff[leg] == LINEAR else size
    grown = base + 2.0 * slope * coins
    return (grown if grown < 1.0 else base) + added


@compilable
def keep_chord(
    problem: Problem, out: Triggers, leg: int, size: float, where: int, initial: int
) -> tuple[float, float]:
    """(rate, amount) of the line above the margin of sizes around this one, and how long it is.

    Args: leg: its row; size: |value|, in the unit of value; where: as `new_row` takes it;
    initial: 1 initial margin, 0 maintenance.
    """
    legs, contracts = problem.layout.legs, abs(venue_contracts(problem.state, leg))
    held = abs(venue_value(problem.layout, problem.state, problem.quote, leg))
    low, high = size / CHORD, size * CHORD
    below = slope_margin(legs, leg, low, contracts, initial)
    rate = (slope_margin(legs, leg, high, contracts, initial) - below) / (high - low)
    if has_range(out, leg, 1.0, where) == 0:
        keep_size(problem, out, leg, 1.0, where, held / CHORD, held * CHORD)
    return rate, rate * low - below


@compilable
def has_range(out: Triggers, leg: int, factor: float, where: int) -> int:
    """1 when the rows for a leg's size at a factor are there.

    Args: leg: its row; factor: of the price of all coins; where: as `new_row` takes it.
    """
    for row in range(out.used[0]):
        if out.kind[row] == RANGE and out.subject[row] == leg and out.where[row] == where:
            if out.factor[row] == factor:
                return 1
    return 0


@compilable
def keep_size(
    problem: Problem, out: Triggers, leg: int, factor: float, where: int, low: float, high: float
) -> None:
    """Rows for how long a leg's |value| at `factor` stays in a range.

    Args: leg: its row; factor: of the price of all coins, > 0; where: as `new_row` takes it; low,
    high: ends of the range, in the unit of value, 0.0 = no end.
    """
    layout, state = problem.layout, problem.state
    legs = layout.legs
    of_value = power(factor, value_power(layout, leg))
    of_cost = power(factor, legs.settle_power[leg])
    held = abs(venue_contracts(state, leg))
    for side in range(2):
        end = low if side == 0 else high
        if end > 0.0:
            sign = 1.0 if side == 0 else -1.0
            row = new_row(layout, problem.rules.hedges, out, RANGE, leg, where)
            out.factor[row] = factor
            add_contracts(layout, out, row, leg, sign * held * of_value)
            add_index(layout, out, row, legs.settle[leg], -sign * end * of_cost)


@compilable
def add_margin(
    problem: Problem,
    out: Triggers,
    row: int,
    leg: int,
    factor: float,
    where: int,
    initial: int,
    by: float,
) -> None:
    """Maintenance or initial margin of a leg, all coins at `factor` times a price.

    In the tier that holds there; where the rate slopes with size the chord above it, or the tangent
    below it where `by` is above 0: what is lacking is never told too large.

    Args: row: of `out`; leg: its row; factor: > 0, 1.0 = now; where: as `new_row` takes it;
    initial: 1 initial margin, 0 maintenance; by: times this.
    """
    layout, state, quote = problem.layout, problem.state, problem.quote
    legs, contracts = layout.legs, abs(venue_contracts(state, leg))
    of_value = power(factor, value_power(layout, leg))
    of_cost = power(factor, legs.settle_power[leg])
    held = abs(venue_value(layout, state, quote, leg))
    settle, size = legs.settle[leg], held * of_value / of_cost
    if legs.margin_on_entry[leg] == 1 and initial == 0:
        size = abs(venue_cost(state, leg))
        needed = slope_margin(legs, leg, size, contracts, 0)
        add_index(layout, out, row, settle, by * needed * of_cost)
        return
    rate, cum = maintenance_rate(legs, leg, size, contracts)
    if initial == 1:
        rate, cum = initial_rate(legs, leg, size, contracts), 0.0
    if legs.margin_kind[leg] == TIERS_VALUE and has_range(out, leg, factor, where) == 0:
        tier = tier_at(legs, leg, size)
        high = legs.tier_floor[tier + 1] if tier + 1 < legs.tier_to[leg] else 0.0
        keep_size(problem, out, leg, factor, where, legs.tier_floor[tier], high)
    if legs.margin_kind[leg] == SLOPE and legs.payoff[leg] != LINEAR:
        if by < 0.0:
            rate, cum = keep_chord(problem, out, leg, size, where, initial)
        else:
            rate = growth_rate(legs, leg, size, contracts, initial)
            cum = max(0.0, rate * size - slope_margin(legs, leg, size, contracts, initial))
    add_contracts(layout, out, row, leg, by * rate * contracts * of_value)
    add_index(layout, out, row, settle, -by * cum * of_cost)


@compilable
def add_margins(
    problem: Problem,
    out: Triggers,
    row: int,
    group: int,
    factor: float,
    where: int,
    initial: int,
    by: float,
) -> None:
    """Maintenance or initial margin of all legs of a group.

    Args: row: of `out`; group: its row; factor: of the price of all coins, > 0; where: as `new_row`
    takes it; initial: 1 initial margin, 0 maintenance; by: times this.
    """
    layout, state = problem.layout, problem.state
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if layout.legs.group[leg] == group and venue_contracts(state, leg) != 0.0:
            add_margin(problem, out, row, leg, factor, where, initial, by)
