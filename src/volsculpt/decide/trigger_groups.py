"""The rows of margin groups: what must hold so that none is cut, topped up, released or lost.

Of conditions of which one is enough the one with most to spare is kept; when it ends the rows are
made anew, which is early, never late.
"""

import math

from volsculpt.book.group import has_position
from volsculpt.book.liquidation import is_smooth
from volsculpt.book.posting import isolated_leg
from volsculpt.book.state import Layout
from volsculpt.compilable import compilable
from volsculpt.contracts.margin import NEAR_ZERO
from volsculpt.contracts.payoff import power
from volsculpt.decide.collateral import DUST, GIVE_BACK, SOURCE_NOISE, source_coins, wallet_coins
from volsculpt.decide.margin_need import PARTS, has_quanto
from volsculpt.decide.rules import Problem, Rules, use_rows
from volsculpt.decide.trigger_forms import add_equity, add_gross, keep_signs
from volsculpt.decide.trigger_margin import add_margins
from volsculpt.decide.triggers import (
    AT_CLOSE,
    DISTANCE,
    FORM,
    INSIDE,
    LEVERAGE,
    NOISE,
    RELEASE,
    SURVIVAL,
    TOP_UP,
    Triggers,
    add_index,
    add_wallet,
    new_row,
    row_now,
    size_of,
)


@compilable
def equity_less(
    problem: Problem, out: Triggers, kind: int, group: int, factor: float, where: int, lent: int
) -> int:
    """A new row that begins with a group's equity at a factor; what it needs is to be taken off.

    Args: kind, where: as `new_row` takes them; group: its row; factor: of the price of all coins, >
    0; lent: 0 leaves out bonus and coins that are not own. Returns the new row.
    """
    layout, rules = problem.layout, problem.rules
    row = new_row(layout, rules.hedges, out, kind, group, where)
    out.factor[row] = factor
    add_equity(problem, out, row, group, factor, lent, 1.0)
    return row


@compilable
def excess_row(
    problem: Problem, out: Triggers, kind: int, group: int, factor: float, where: int, initial: int
) -> int:
    """Equity less maintenance (or initial margin) of a group, all coins at a factor.

    Args: kind, where: as `new_row` takes them; group: its row; factor: > 0, 1.0 = now; initial: 1
    initial margin, 0 maintenance. Returns the new row.
    """
    row = equity_less(problem, out, kind, group, factor, where, 1)
    add_margins(problem, out, row, group, factor, where, initial, -1.0)
    keep_signs(problem, out, group, factor, where)
    return row


@compilable
def leverage_row(problem: Problem, out: Triggers, kind: int, group: int, most: float) -> int:
    """Equity less gross / most.

    Args: kind: as `new_row` takes it; group: its row; most: leverage, gross over equity, > 0.
    Returns the new row.
    """
    layout, state = problem.layout, problem.state
    row = equity_less(problem, out, kind, group, 1.0, AT_CLOSE, 1)
    add_gross(layout, state, out, row, group, -1.0 / most)
    keep_signs(problem, out, group, 1.0, AT_CLOSE)
    return row


@compilable
def limit_rows(
    problem: Problem, out: Triggers, group: int, leverage: float, distance: float, kind: int
) -> None:
    """What `lacking` is the largest of, each as a row.

    Args: group: its row; leverage: gross over equity, distance: a fraction of the price, 0.0 = no
    limit of either; kind: of every row, FORM names each for what it is.
    """
    layout = problem.layout
    if leverage > 0.0:
        of = kind if kind != FORM else LEVERAGE
        leverage_row(problem, out, of, group, leverage)
    if distance <= 0.0:
        return
    of = kind if kind != FORM else DISTANCE
    if has_quanto(layout, group) == 1:
        out.full[0] = 1
    excess_row(problem, out, of, group, 1.0, AT_CLOSE, 0)
    for far in (1.0 + distance, max(NEAR_ZERO, 1.0 - distance)):
        excess_row(problem, out, of, group, far, AT_CLOSE, 0)
        if is_smooth(layout, group) == 1:
            continue
        step, factor = math.sqrt(math.sqrt(math.sqrt(far))), 1.0
        for _ in range(PARTS - 1):
            factor = factor * step
            excess_row(problem, out, of, group, factor, AT_CLOSE, 0)


@compilable
def lowest_from(layout: Layout, out: Triggers, first: int) -> float:
    """The least of the rows from `first` on that are tested, each as a part of its size."""
    least = 1.0
    for row in range(first, out.used[0]):
        if out.kind[row] != FORM:
            size = size_of(layout, out, row)
            least = min(least, row_now(layout, out, row) / size if size > 0.0 else 0.0)
    return least


@compilable
def bounded_rows(problem: Problem, out: Triggers, group: int) -> None:
    """Rows for the owner's limits on a group, or for the end of their dead zone if it is in it."""
    layout, rules = problem.layout, problem.rules
    leverage, distance = rules.max_leverage, rules.min_distance
    first = out.used[0]
    limit_rows(problem, out, group, leverage, distance, FORM)
    if lowest_from(layout, out, first) > NOISE:
        return
    out.used[0] = first
    loose, near = leverage * (1.0 + rules.dead_zone), distance * (1.0 - rules.dead_zone)
    limit_rows(problem, out, group, loose, near, FORM)


@compilable
def is_fixed(layout: Layout, rules: Rules, group: int) -> int:
    """1 when no funding reaches the sources of a group."""
    legs = layout.legs
    for source in range(rules.source_from[group], rules.source_to[group]):
        wallet = rules.source_wallet[source]
        for leg in range(legs.rows):
            if legs.cash_wallet[leg] == wallet or legs.funding_wallet[leg] == wallet:
                return 0
    return 1


@compilable
def may_ask(problem: Problem, group: int) -> int:
    """1 when coins could still be moved to a planned group, or posted within its account."""
    layout, rules, work = problem.layout, problem.rules, problem.work
    least = max(rules.min_transfer[group], rules.transfer_cost[group])
    there = source_coins(rules, work, group) > least
    if there or is_fixed(layout, rules, group) == 0 or isolated_leg(layout, group) >= 0:
        return 1
    return 0


@compilable
def top_up_rows(problem: Problem, out: Triggers, group: int) -> None:
    """Rows that hold while a planned group asks for no coins (`coins_lacking`)."""
    layout, state, rules = problem.layout, problem.state, problem.rules
    last, leverage, distance = rules.band_last[group], rules.max_leverage, rules.min_distance
    by_band = leverage_row(problem, out, TOP_UP, group, last)
    if last == rules.band_third[group]:
        add_gross(layout, state, out, by_band, group, DUST)
    limit_rows(problem, out, group, leverage, distance, TOP_UP)
    excess_row(problem, out, TOP_UP, group, 1.0, AT_CLOSE, 1)
    excess_row(problem, out, TOP_UP, group, 1.0, AT_CLOSE, 0)


@compilable
def better(layout: Layout, out: Triggers, one: int, other: int) -> int:
    """Of two rows the one with more to spare, the other made a mere form.

    Args: one, other: rows of `out`. Returns the row kept.
    """
    kept, left = one, other
    if row_now(layout, out, other) > row_now(layout, out, one):
        kept, left = other, one
    out.kind[left] = FORM
    return kept


@compilable
def short_row(problem: Problem, out: Triggers, group: int, factor: float, initial: int) -> int:
    """What a group lacks of a limit, plus what it must have to spare before coins leave.

    Without its bonus and coins that are not own.

    Args: group: its row; factor: of the price of all coins, > 0; initial: 1 initial margin, 0
    maintenance. Returns the new row.
    """
    layout, state, rules = problem.layout, problem.state, problem.rules
    hedges = rules.hedges
    row = new_row(layout, hedges, out, RELEASE, group, AT_CLOSE)
    by = 1.0 / power(factor, layout.moves[rules.move_currency[group]])
    add_equity(problem, out, row, group, factor, 0, -by)
    add_margins(problem, out, row, group, factor, AT_CLOSE, initial, by)
    add_gross(layout, state, out, row, group, GIVE_BACK)
    keep_signs(problem, out, group, factor, AT_CLOSE)
    return row


@compilable
def release_rows(problem: Problem, out: Triggers, group: int) -> None:
    """The row with most to spare of those that each keep a planned group from giving back.

    Without its bonus and coins that are not own, as what it can spare is judged.
    """
    layout, state, rules = problem.layout, problem.state, problem.rules
    hedges, first = rules.hedges, rules.band_first[group]
    if is_kept(problem, group) == 1:
        return
    kept = new_row(layout, hedges, out, RELEASE, group, AT_CLOSE)
    add_gross(layout, state, out, kept, group, 1.0)
    add_equity(problem, out, kept, group, 1.0, 0, -first)
    keep_signs(problem, out, group, 1.0, AT_CLOSE)
    few = new_row(layout, hedges, out, RELEASE, group, AT_CLOSE)
    coins = max(rules.min_transfer[group], rules.transfer_cost[group])
    add_index(layout, out, few, rules.move_currency[group], coins)
    for wallet in range(layout.group_wallet_from[group], layout.group_wallet_to[group]):
        if layout.wallet_group[wallet] == group and layout.wallet_wrapped[wallet] == 0:
            if layout.wallet_currency[wallet] == rules.move_currency[group]:
                add_wallet(layout, state, out, few, wallet, -1.0)
    kept = better(layout, out, kept, few)
    small = new_row(layout, hedges, out, RELEASE, group, AT_CLOSE)
    add_gross(layout, state, out, small, group, 1.0 / rules.band_second[group] + DUST)
    add_equity(problem, out, small, group, 1.0, 0, -1.0)
    kept = better(layout, out, kept, small)
    if row_now(layout, out, kept) > NOISE * size_of(layout, out, kept):
        return
    if rules.max_leverage > 0.0:
        row = new_row(layout, hedges, out, RELEASE, group, AT_CLOSE)
        add_equity(problem, out, row, group, 1.0, 0, -1.0)
        add_gross(layout, state, out, row, group, 1.0 / rules.max_leverage + GIVE_BACK)
        kept = better(layout, out, kept, row)
    kept = better(layout, out, kept, short_row(problem, out, group, 1.0, 1))
    if rules.min_distance > 0.0:
        distance = rules.min_distance
        for far in (1.0 + distance, max(NEAR_ZERO, 1.0 - distance)):
            row = short_row(problem, out, group, far, 0)
            kept = better(layout, out, kept, row)


@compilable
def is_kept(problem: Problem, group: int) -> int:
    """1 when a group without a position has no coins that could leave; nothing changes that."""
    layout, state, rules = problem.layout, problem.state, problem.rules
    if has_position(layout, state, group) == 1:
        return 0
    least = max(rules.min_transfer[group], rules.transfer_cost[group])
    speck = 0.5 * SOURCE_NOISE * source_coins(rules, problem.work, group)
    return 1 if wallet_coins(problem, group) <= max(least, speck) else 0


@compilable
def is_managed(problem: Problem, group: int) -> int:
    """1 when a pool uses a leg of a group that holds contracts, or the group is isolated."""
    layout, state, rules = problem.layout, problem.state, problem.rules
    for use in range(use_rows(rules)):
        leg = rules.use_leg[use]
        if layout.legs.group[leg] == group and state.contracts[leg] != 0.0:
            return 1
    return 1 if isolated_leg(layout, group) >= 0 else 0


@compilable
def group_rows(problem: Problem, out: Triggers, group: int) -> None:
    """All rows of a margin group."""
    layout, state, rules = problem.layout, problem.state, problem.rules
    if has_position(layout, state, group) == 1:
        excess_row(problem, out, SURVIVAL, group, 1.0, INSIDE, 0)
        free = rules.assumed[group] == 1 and isolated_leg(layout, group) < 0
        if not free and is_managed(problem, group) == 1:
            bounded_rows(problem, out, group)
        if rules.planned[group] == 1 and may_ask(problem, group) == 1:
            top_up_rows(problem, out, group)
    if rules.planned[group] == 1:
        release_rows(problem, out, group)
