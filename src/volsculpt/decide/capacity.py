"""How large a position a margin group can carry within the limits.

The post-trade group must keep leverage at or below max_leverage, and be solvent now and when
all its coins move by min_liquidation_distance either way. Maintenance being the largest of
linear tiers, each tier gives one bound and the smallest holds: exact, no search.
"""

import math

from volsculpt.book.exposure import leg_value
from volsculpt.book.group import at as value_at
from volsculpt.book.group import (
    excess_terms,
    group_equity,
    group_gross,
    power,
    unit_usd,
    value_power,
)
from volsculpt.book.state import Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.contracts.margin import SLOPE, TIERS_CONTRACTS
from volsculpt.contracts.payoff import INVERSE, LINEAR, value
from volsculpt.decide.goal import set_goal
from volsculpt.decide.rules import Rules, Work

UNLIMITED = 1e100


@compilable
def leverage_room(
    layout: Layout, state: State, quote: Quote, work: Work, leg: int, most: float, extra: float
) -> float:
    """Largest |value| of a leg at leverage `most`, in its settle unit; `extra` coins counted.

    Worked: equity 0.448718, 4x, nothing else in the group: 1.794872 coins.
    """
    legs = layout.legs
    group = legs.group[leg]
    equity = group_equity(layout, work.goal, quote, group) + extra
    unit = unit_usd(layout, quote, group, leg)
    others = group_gross(layout, work.goal, quote, group)
    others -= abs(leg_value(layout, work.goal, quote, leg)) * unit
    room = (most * equity - others) / unit
    if legs.posted_wallet[leg] >= 0 and legs.leverage[leg] <= most:
        held = abs(leg_value(layout, state, quote, leg))
        if held <= room:
            return UNLIMITED
    return max(0.0, room)


@compilable
def profit_per_value(layout: Layout, leg: int, side: float, factor: float) -> float:
    """PnL at `factor` of one unit of value opened at the mark, times the settle move."""
    legs = layout.legs
    steady = power(factor, legs.settle_power[leg])
    moved = power(factor, value_power(layout, leg))
    if legs.payoff[leg] == INVERSE:
        return side * (steady - moved)
    return side * (moved - steady)


@compilable
def tier_room(
    layout: Layout, quote: Quote, leg: int, spare: float, profit: float, factor: float
) -> float:
    """Largest |value| whose maintenance at `factor` is met by `spare` and its own profit.

    spare < 0: the group fails without this leg; a leg that profits there is not held back.
    """
    legs = layout.legs
    steady = power(factor, legs.settle_power[leg])
    grown = steady
    if legs.margin_on_entry[leg] == 0:
        grown = power(factor, value_power(layout, leg))
    if legs.margin_kind[leg] == SLOPE:
        coins = 1.0 / quote.mark[leg] if legs.payoff[leg] == LINEAR else grown / steady
        curve = legs.rate_slope[leg] * grown * coins
        line = (legs.rate_base[leg] + legs.rate_added[leg]) * grown - profit
        if curve <= 0.0:
            return UNLIMITED if line <= 0.0 else max(0.0, spare / line)
        root = math.sqrt(max(0.0, line * line + 4.0 * curve * spare))
        return max(0.0, (root - line) / (2.0 * curve))
    one = abs(value(legs.payoff[leg], 1.0, legs.multiplier[leg], quote.mark[leg]))
    whole = legs.margin_kind[leg] == TIERS_CONTRACTS
    room = 0.0 if whole else UNLIMITED
    for row in range(legs.tier_from[leg], legs.tier_to[leg]):
        line = (legs.tier_rate[row] + legs.rate_added[leg]) * grown - profit
        if whole:
            fits = UNLIMITED if line <= 0.0 else spare / line
            if fits >= legs.tier_floor[row] * one:
                if row + 1 < legs.tier_to[leg]:
                    fits = min(fits, legs.tier_floor[row + 1] * one * (1.0 - 1e-12))
                room = max(room, fits)
        elif line > 0.0:
            room = min(room, (spare + legs.tier_cum[row] * steady) / line)
    return max(0.0, room)


@compilable
def distance_room(
    layout: Layout,
    state: State,
    quote: Quote,
    work: Work,
    leg: int,
    side: float,
    factor: float,
    extra: float,
) -> float:
    """Largest |value| of a leg that leaves its group solvent at `factor`; its goal must be 0."""
    legs = layout.legs
    group = legs.group[leg]
    unit = unit_usd(layout, quote, group, leg)
    steady = power(factor, legs.settle_power[leg])
    terms = excess_terms(layout, work.goal, quote, group, factor, -1, 1)
    spare = value_at(terms, factor) / unit + extra / unit * steady
    profit = profit_per_value(layout, leg, side, factor)
    if legs.posted_wallet[leg] >= 0:
        held = abs(leg_value(layout, state, quote, leg))
        spare -= held / legs.leverage[leg] * steady
        profit += steady / legs.leverage[leg]
    return tier_room(layout, quote, leg, spare, profit, factor)


@compilable
def free_coin_room(
    layout: Layout, state: State, quote: Quote, work: Work, leg: int, extra: float
) -> float:
    """Largest |value| of an isolated leg that the account's free coins, and extra, can post for."""
    legs = layout.legs
    posted, free = legs.posted_wallet[leg], legs.free_wallet[leg]
    if posted < 0:
        return UNLIMITED
    held = abs(leg_value(layout, state, quote, leg))
    spent = work.goal.wallet[posted] - state.wallet[posted]
    return held + max(0.0, work.goal.wallet[free] + spent + extra) * legs.leverage[leg]


@compilable
def leg_room(
    layout: Layout,
    state: State,
    quote: Quote,
    rules: Rules,
    work: Work,
    leg: int,
    side: float,
    most_leverage: float,
    extra: float,
) -> float:
    """Most contracts (> 0) a leg can hold on `side`, the rest of its group at its goal.

    most_leverage 0 = no limit; `extra` coins (the group's unit) are counted as arrived.
    """
    legs = layout.legs
    kept = work.goal.contracts[leg]
    room = free_coin_room(layout, state, quote, work, leg, extra)
    if most_leverage > 0.0:
        held = leverage_room(layout, state, quote, work, leg, most_leverage, extra)
        room = min(room, held)
    if rules.min_distance > 0.0:
        if legs.posted_wallet[leg] >= 0:
            now = excess_terms(layout, work.goal, quote, legs.group[leg], 1.0, -1, 1)
            if value_at(now, 1.0) + extra < 0.0:
                room = 0.0
        set_goal(layout, state, quote, work, leg, 0.0)
        room = min(room, distance_room(layout, state, quote, work, leg, side, 1.0, extra))
        above = 1.0 + rules.min_distance
        room = min(room, distance_room(layout, state, quote, work, leg, side, above, extra))
        below = 1.0 - rules.min_distance
        if below > 0.0:
            room = min(room, distance_room(layout, state, quote, work, leg, side, below, extra))
        set_goal(layout, state, quote, work, leg, kept)
    return room / abs(value(legs.payoff[leg], 1.0, legs.multiplier[leg], quote.mark[leg]))
