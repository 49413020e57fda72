"""The rows of a pool that wants more than its groups carry: what must hold so that none grows.

A leg cannot grow by a size while its group would lack anything with that much more, the fee
paid (`capacity`): of the many things it may lack the one it lacks most is kept as a row.
"""

from volsculpt.book.exposure import fair_mark, venue_contracts, venue_cost, venue_value
from volsculpt.book.group import value_power
from volsculpt.book.state import State
from volsculpt.compilable import compilable
from volsculpt.contracts.lots import WHOLE
from volsculpt.contracts.margin import (
    NEAR_ZERO,
    SLOPE,
    initial_rate,
    maintenance_rate,
    opening_rate,
)
from volsculpt.contracts.payoff import INVERSE, LINEAR, power, value
from volsculpt.decide.goal import is_blocked
from volsculpt.decide.margin_need import grown_leverage
from volsculpt.decide.rules import Problem, Rules
from volsculpt.decide.trigger_forms import (
    add_coins,
    add_equity,
    add_gross,
    group_weight,
    keep_signs,
)
from volsculpt.decide.trigger_groups import better, may_ask
from volsculpt.decide.trigger_margin import add_margins, growth_rate
from volsculpt.decide.triggers import (
    AT_CLOSE,
    FORM,
    RANGE,
    ROOM,
    Triggers,
    add_contracts,
    add_index,
    add_row,
    add_wallet,
    new_row,
    row_now,
)

BASIS = 0.97  # the least that a mark may be of what it is now, beside its index
SMALLER = 1.25  # and a position's size of what it is now


@compilable
def added_value(problem: Problem, out: Triggers, leg: int, size: int) -> int:
    """The least value of contracts of a leg for the coins of a form, as a form.

    Of a linear contract it moves with its basis, which is bounded.

    Args: leg: its row; size: row of the form of coins. Returns the new row.
    """
    layout, quote, rules = problem.layout, problem.quote, problem.rules
    legs, hedges = layout.legs, rules.hedges
    row = new_row(layout, hedges, out, FORM, leg, AT_CLOSE)
    basis = 1.0
    if legs.payoff[leg] == LINEAR:
        basis = BASIS * quote.mark[leg] / fair_mark(layout, quote, leg)
        kept = new_row(layout, hedges, out, RANGE, leg, AT_CLOSE)
        add_contracts(layout, out, kept, leg, 1.0)
        add_coins(layout, out, kept, leg, -basis)
    add_row(layout, hedges, out, row, size, basis)
    return row


@compilable
def least_weight(problem: Problem, leg: int, factor: float) -> float:
    """What a dollar that a trade of a leg costs counts at least in its group.

    A haircut while its coins are owned. Once they are owed it is 1.0, which is more.

    Args: leg: its row; factor: of the price of all coins, > 0, 1.0 = now.
    """
    layout, legs = problem.layout, problem.layout.legs
    group, coin = legs.group[leg], legs.settle[leg]
    return group_weight(layout, problem.state, problem.quote, group, coin, factor)


@compilable
def by_leverage(problem: Problem, out: Triggers, leg: int, added: int, most: float) -> int:
    """What gross / most would be more than equity, with so much added.

    Args: leg: its row; added: row of the form of the value added; most: leverage, gross over
    equity, > 0. Returns the new row.
    """
    layout, state, rules = problem.layout, problem.state, problem.rules
    group, row = layout.legs.group[leg], new_row(layout, rules.hedges, out, ROOM, leg, AT_CLOSE)
    add_equity(problem, out, row, group, 1.0, 1, -1.0)
    add_gross(layout, state, out, row, group, 1.0 / most)
    fee = layout.legs.taker[leg] * least_weight(problem, leg, 1.0)
    add_row(layout, rules.hedges, out, row, added, 1.0 / most + fee)
    keep_signs(problem, out, group, 1.0, AT_CLOSE)
    return row


@compilable
def least_rate(problem: Problem, leg: int, factor: float, initial: int) -> float:
    """The least margin rate of what is added to a leg: of its tier now, or where its slope is.

    Args: leg: its row; factor: of the price of all coins, > 0, 1.0 = now; initial: 1 initial
    margin, 0 maintenance.
    """
    layout, state, quote = problem.layout, problem.state, problem.quote
    legs, held = layout.legs, abs(venue_contracts(state, leg))
    size = abs(venue_value(layout, state, quote, leg))
    size *= power(factor, value_power(layout, leg)) / power(factor, legs.settle_power[leg])
    if legs.margin_on_entry[leg] == 1 and initial == 0:
        size = abs(venue_cost(state, leg))
    if legs.margin_kind[leg] == SLOPE:
        return growth_rate(legs, leg, size, held, initial)
    if initial == 1:
        return initial_rate(legs, leg, size, held)
    rate, _ = maintenance_rate(legs, leg, size, held)
    return rate


@compilable
def by_margin(
    problem: Problem, out: Triggers, leg: int, added: int, factor: float, initial: int, up: float
) -> int:
    """What margin would be more than equity, so much added, all coins at a factor.

    Maintenance on entry is of what is added as it is bought, at no factor.

    Args: leg: its row; added: row of the form of the value added; factor: > 0, 1.0 = now; initial:
    1 initial margin, 0 maintenance; up: 1.0 when what is added is long, -1.0 short. Returns the new
    row.
    """
    layout, rules = problem.layout, problem.rules
    legs, hedges, group = layout.legs, rules.hedges, layout.legs.group[leg]
    row = new_row(layout, hedges, out, ROOM, leg, AT_CLOSE)
    add_equity(problem, out, row, group, factor, 1, -1.0)
    add_margins(problem, out, row, group, factor, AT_CLOSE, initial, 1.0)
    keep_signs(problem, out, group, factor, AT_CLOSE)
    of_value = power(factor, value_power(layout, leg))
    of_cost = power(factor, legs.settle_power[leg])
    rate, of_rate = least_rate(problem, leg, factor, initial), of_value
    if legs.margin_on_entry[leg] == 1 and initial == 0:
        of_rate = of_cost
    lost = of_value - of_cost if legs.payoff[leg] == INVERSE else of_cost - of_value
    paid = least_weight(problem, leg, factor) * (up * lost + legs.taker[leg] * of_cost)
    by = rate * of_rate + paid
    add_row(layout, hedges, out, row, added, by)
    return row


@compilable
def by_free(problem: Problem, out: Triggers, leg: int, added: int) -> int:
    """What an isolated position would post for so much more, less the account's free coins.

    Args: leg: its row; added: row of the form of the value added. Returns the new row.
    """
    layout, state, quote, rules = problem.layout, problem.state, problem.quote, problem.rules
    legs, hedges = layout.legs, rules.hedges
    row = new_row(layout, hedges, out, ROOM, leg, AT_CLOSE)
    rate, held = 1.0 / legs.leverage[leg], state.contracts[leg]
    if held != 0.0:
        size = abs(value(legs.payoff[leg], held, legs.multiplier[leg], quote.mark[leg]))
        rate = opening_rate(legs, leg, held, size / SMALLER)
        kept = new_row(layout, hedges, out, RANGE, leg, AT_CLOSE)
        add_contracts(layout, out, kept, leg, abs(held))
        add_index(layout, out, kept, legs.settle[leg], -size / SMALLER)
    add_row(layout, hedges, out, row, added, rate + legs.taker[leg])
    add_wallet(layout, state, out, row, legs.free_wallet[leg], -1.0)
    return row


@compilable
def room_row(problem: Problem, out: Triggers, leg: int, size: int, up: float) -> None:
    """A row for how long a leg has no room for the coins of a form.

    Args: leg: its row; size: row of the form of coins; up: 1.0 to be longer, -1.0 shorter.
    """
    layout, rules = problem.layout, problem.rules
    group, fixed = layout.legs.group[leg], (problem, out, leg)
    if rules.assumed[group] == 1:
        out.full[0] = 1
        return
    added = added_value(problem, out, leg, size)
    if layout.legs.free_wallet[leg] >= 0:  # what it lacks else its free coins may post
        by_free(*fixed, added)
        return
    kept = by_margin(*fixed, added, 1.0, 1, up)
    most = grown_leverage(rules, group)
    if most > 0.0:
        kept = better(layout, out, kept, by_leverage(*fixed, added, most))
    kept = better(layout, out, kept, by_margin(*fixed, added, 1.0, 0, up))
    if rules.min_distance > 0.0:
        distance = rules.min_distance
        for far in (1.0 + distance, max(NEAR_ZERO, 1.0 - distance)):
            kept = better(layout, out, kept, by_margin(*fixed, added, far, 0, up))


@compilable
def pool_may_ask(problem: Problem, pool: int) -> int:
    """1 when coins could still come to a group of a pool."""
    layout, rules = problem.layout, problem.rules
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        group = layout.legs.group[rules.use_leg[use]]
        if rules.planned[group] == 1 and may_ask(problem, group) == 1:
            return 1
    return 0


@compilable
def growing_legs(state: State, rules: Rules, pool: int, up: float) -> int:
    """How many legs of a pool may grow to a side; -1 when one stands on the other side.

    Args: pool: its row; up: 1.0 to be longer, -1.0 shorter.
    """
    count = 0
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        if state.contracts[leg] * up < 0.0:
            return -1
        if rules.use_retire[use] == 0 and is_blocked(state, leg) == 0:
            count += 1
    return count


@compilable
def room_rows(problem: Problem, out: Triggers, pool: int, band: int, up: float) -> None:
    """Rows that hold while no leg of a pool can grow: by a lot, or alone by a form's band.

    Args: pool: its row; band: row of a form, or -1; up: 1.0 where it wants to be longer, -1.0
    shorter.
    """
    layout, state, rules = problem.layout, problem.state, problem.rules
    count = growing_legs(state, rules, pool, up)
    if count < 0 or pool_may_ask(problem, pool) == 1:
        out.full[0] = 1
        return
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        if rules.use_retire[use] == 1 or is_blocked(state, leg) == 1:
            continue
        size = new_row(layout, rules.hedges, out, FORM, leg, AT_CLOSE)
        lot = layout.legs.lot[leg] * (1.0 - 2.0 * WHOLE)
        add_coins(layout, out, size, leg, lot)
        wide = band >= 0 and count == 1
        if wide and row_now(layout, out, band) > row_now(layout, out, size):
            size = band
        room_row(problem, out, leg, size, up)
