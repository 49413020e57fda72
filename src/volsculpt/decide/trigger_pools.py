"""The rows of pools: what must hold so that no hedge leaves its band by more than lots can mend."""

import math
from collections.abc import Sequence

from volsculpt.book.exposure import OWED_NOISE
from volsculpt.book.state import Layout, State
from volsculpt.compilable import compilable
from volsculpt.contracts.lots import WHOLE
from volsculpt.decide.rules import (
    BASE_GONE,
    BASE_WEALTH,
    OWES,
    WEALTH_GONE,
    ZERO_TARGET,
    Problem,
    Rules,
)
from volsculpt.decide.sizing import is_closed, is_closing, is_flat, lacks_answer, longest
from volsculpt.decide.trigger_forms import (
    add_base,
    add_coins,
    add_futures,
    add_settled,
    add_spot,
)
from volsculpt.decide.trigger_groups import lowest_from
from volsculpt.decide.trigger_room import room_rows
from volsculpt.decide.trigger_shares import (
    band_dollars,
    coins_per_unit,
    is_beside,
    is_left_out,
    share_rows,
    side_row,
)
from volsculpt.decide.triggers import (
    AT_CLOSE,
    BAND,
    BASE,
    FORM,
    LOT,
    NO_ROWS,
    NOISE,
    Triggers,
    add_row,
    drop_last,
    is_idle,
    new_row,
    row_now,
)


@compilable
def debt_row(problem: Problem, out: Triggers, hedge: int) -> None:
    """A row for how long nothing is owed against coins (`is_owing`)."""
    layout, rules = problem.layout, problem.rules
    row = new_row(layout, rules.hedges, out, BASE, hedge, AT_CLOSE)
    add_spot(problem, out, row, hedge, OWED_NOISE - 1.0)
    add_base(problem, out, row, hedge, 1.0)


@compilable
def base_row(problem: Problem, out: Triggers, hedge: int, sign: float) -> None:
    """A row for how long a base is more than the least that is hedged, or no more than it.

    Args: hedge: its row; sign: 1.0 while it is more, -1.0 while it is not.
    """
    layout, rules = problem.layout, problem.rules
    row = new_row(layout, rules.hedges, out, BASE, hedge, AT_CLOSE)
    add_base(problem, out, row, hedge, sign)
    out.constant[row] -= sign * rules.min_base_usd
    if is_idle(layout, out, row) == 1:
        drop_last(out, row)


@compilable
def base_rows(problem: Problem, out: Triggers, hedge: int) -> None:
    """Rows for how long what `closing_code` says of a hedge stays so."""
    rules, answer = problem.rules, problem.answer
    code, of_wealth = answer.hedge_code[hedge], rules.hedge_base[hedge] == BASE_WEALTH
    if code & (WEALTH_GONE | OWES) != 0 or (of_wealth and code & BASE_GONE != 0):
        out.full[0] = 1  # what is cut then has no form
    if code & ZERO_TARGET == 0:
        base_row(problem, out, hedge, -1.0 if code & BASE_GONE != 0 else 1.0)
    if of_wealth and code & ZERO_TARGET != 0:
        debt_row(problem, out, hedge)


@compilable
def answer_rows(problem: Problem, out: Triggers, pool: int) -> None:
    """Rows for how long hedges without an answer still have something to hedge (`holds`).

    Args: pool: its row.
    """
    rules = problem.rules
    for link in range(rules.links):
        hedge = rules.link_hedge[link]
        if rules.link_pool[link] == pool and lacks_answer(rules, problem.answer, hedge) == 1:
            base_row(problem, out, hedge, 1.0)


@compilable
def is_in_pool(rules: Rules, pool: int, leg: int) -> int:
    """1 when a pool uses a leg."""
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        if rules.use_leg[use] == leg:
            return 1
    return 0


@compilable
def has_unmanaged(problem: Problem, pool: int) -> int:
    """1 when contracts that a pool does not use add to the futures of its coin."""
    layout, state, rules = problem.layout, problem.state, problem.rules
    legs, currency = layout.legs, rules.pool_currency[pool]
    for leg in range(legs.rows):
        on_it = legs.base[leg] == currency or legs.quote[leg] == currency
        if on_it and state.contracts[leg] != 0.0 and is_in_pool(rules, pool, leg) == 0:
            return 1
    return 0


@compilable
def is_one_sided(state: State, rules: Rules, pool: int) -> int:
    """1 when no two legs of a pool offset each other."""
    up, down = 0, 0
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        held = state.contracts[rules.use_leg[use]]
        if held > 0.0:
            up = 1
        if held < 0.0:
            down = 1
    return 1 if up == 0 or down == 0 else 0


@compilable
def need_row(problem: Problem, ratio: float, out: Triggers, link: int) -> int:
    """What a hedge asks a pool to sell forward (`hedge_term`), as a form.

    Args: ratio: of the hedge, 1.0 = fully hedged; link: its row. Returns the new row.
    """
    layout, rules = problem.layout, problem.rules
    hedges, by, hedge = rules.hedges, coins_per_unit(rules, link), rules.link_hedge[link]
    row = new_row(layout, hedges, out, FORM, hedge, AT_CLOSE)
    add_spot(problem, out, row, hedge, by)
    add_base(problem, out, row, hedge, -by * (1.0 - ratio))
    out.turn[row * hedges + hedge] += by
    return row


@compilable
def band_rows(
    problem: Problem, out: Triggers, pool: int, needs: int, whole: int, gap: int, sign: float
) -> None:
    """Rows that hold while no hedge of a pool is past its trigger on one side of a gap.

    Args: pool: its row; needs: the first row of the forms of what its hedges ask for; whole: as
    `share_rows` returns it; gap: row of the gap; sign: 1.0 or -1.0, the gap's side.
    """
    layout, rules = problem.layout, problem.rules
    place = needs
    for link in range(rules.links):
        if rules.link_pool[link] != pool or is_left_out(problem, link) == 1:
            continue
        hedge = rules.link_hedge[link]
        row = new_row(layout, rules.hedges, out, BAND, hedge, AT_CLOSE)
        by = band_dollars(rules, pool, link, sign)
        if whole == NO_ROWS:
            add_base(problem, out, row, hedge, by)
        else:
            add_row(layout, rules.hedges, out, row, whole, by * out.least[place])
        add_row(layout, rules.hedges, out, row, gap, sign)
        place += 1


@compilable
def lot_rows(layout: Layout, rules: Rules, out: Triggers, pool: int, gap: int, sign: float) -> None:
    """Rows that hold while a gap is less than a lot of each leg of a pool.

    Args: pool: its row; gap: row of the gap; sign: 1.0 or -1.0, the gap's side.
    """
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        row = new_row(layout, rules.hedges, out, LOT, leg, AT_CLOSE)
        add_coins(layout, out, row, leg, layout.legs.lot[leg] * (1.0 - 2.0 * WHOLE))
        add_row(layout, rules.hedges, out, row, gap, sign)


@compilable
def gap_rows(
    problem: Problem,
    out: Triggers,
    pool: int,
    needs: int,
    total: int,
    whole: int,
    gap: int,
    sign: float,
) -> None:
    """Rows for one side of a gap: its bands, or where they are left its lots, or its room.

    Args: pool: its row; needs, whole, gap: as `band_rows` takes them; total: row of the sum of
    needs, the one after the last of them; sign: 1.0 for the side on which the pool would be
    shorter, else -1.0.
    """
    layout, state, rules = problem.layout, problem.state, problem.rules
    first = out.used[0]
    band_rows(problem, out, pool, needs, whole, gap, sign)
    if lowest_from(layout, out, first) > NOISE:
        return
    out.used[0] = first
    lot_rows(layout, rules, out, pool, gap, sign)
    if lowest_from(layout, out, first) > NOISE:
        if is_one_sided(state, rules, pool) == 0:
            out.full[0] = 1
        return
    out.used[0] = first
    band = -1
    if total - needs == 1:
        band = trigger_form(problem, out, pool, sign)
    room_rows(problem, out, pool, band, -sign)


@compilable
def trigger_form(problem: Problem, out: Triggers, pool: int, sign: float) -> int:
    """What the one hedge of a pool lets its futures be off by on a side, as a form.

    Args: pool: its row; sign: 1.0 for the side under its target ratio, -1.0 over it. Returns the
    new row.
    """
    layout, rules = problem.layout, problem.rules
    row = new_row(layout, rules.hedges, out, FORM, pool, AT_CLOSE)
    for link in range(rules.links):
        if rules.link_pool[link] == pool and is_left_out(problem, link) == 0:
            by = band_dollars(rules, pool, link, sign)
            add_base(problem, out, row, rules.link_hedge[link], by)
    return row


@compilable
def pool_rows(problem: Problem, ratio: Sequence[float], out: Triggers, pool: int) -> None:
    """All rows of a pool that has an answer.

    Args: ratio: per hedge its target, 1.0 = fully hedged; pool: its row.
    """
    layout, state, rules = problem.layout, problem.state, problem.rules
    work, answer = problem.work, problem.answer
    hedges = rules.hedges
    for link in range(rules.links):
        hedge = rules.link_hedge[link]
        if rules.link_pool[link] == pool:
            base_rows(problem, out, hedge)
    if is_closing(rules, answer, pool) == 1:
        if is_flat(rules, work, pool) == 0:
            out.full[0] = 1
        return
    if left_out_rows(problem, ratio, out, pool) == 1:
        return
    needs = out.used[0]
    for link in range(rules.links):
        if rules.link_pool[link] == pool and is_left_out(problem, link) == 0:
            need_row(problem, ratio[rules.link_hedge[link]], out, link)
    total = new_row(layout, hedges, out, FORM, pool, AT_CLOSE)
    for row in range(needs, total):
        add_row(layout, hedges, out, total, row, 1.0)
    gap = new_row(layout, hedges, out, FORM, pool, AT_CLOSE)
    add_row(layout, hedges, out, gap, total, -1.0)
    add_futures(layout, state, out, gap, rules.pool_currency[pool], -1.0)
    back = new_row(layout, hedges, out, FORM, pool, AT_CLOSE)
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        add_coins(layout, out, back, leg, -state.contracts[leg])
    whole = share_rows(problem, out, pool, needs, total, gap)
    if out.full[0] == 1:
        return
    sides(problem, out, pool, needs, total, whole, gap, back)


@compilable
def left_out_rows(problem: Problem, ratio: Sequence[float], out: Triggers, pool: int) -> int:
    """Rows for how long hedges that would buy go on so, and nothing of them is in their pool.

    Returns 1 where these are all rows of the pool: none of its hedges asks for anything, and it is
    flat. What it still holds then, and coins owed that may be bought, have no form.

    Args: ratio: per hedge its target, 1.0 = fully hedged; pool: its row.
    """
    layout, rules, answer, work = problem.layout, problem.rules, problem.answer, problem.work
    asking, left_out = 0, 0
    for link in range(rules.links):
        if rules.link_pool[link] != pool or is_closed(rules, answer, link) == 1:
            continue
        hedge = rules.link_hedge[link]
        if is_left_out(problem, link) == 0:
            asking = 1
            buys = rules.allow_long == 0 and work.term[link] * rules.link_beta[link] < 0.0
            if buys and is_beside(rules, answer, link) == 1:
                out.full[0] = 1
            continue
        left_out = 1
        row = need_row(problem, ratio[hedge], out, link)
        side_row(layout, rules.hedges, out, row, hedge)
    if left_out == 0 or asking == 1:
        return 0
    if is_flat(rules, work, pool) == 0:
        out.full[0] = 1
    keep_debts(problem, out, pool)
    return 1


@compilable
def keep_debts(problem: Problem, out: Triggers, pool: int) -> None:
    """Rows for how long each hedged coin stays owned, or owed, where funding may change that."""
    layout, state, rules = problem.layout, problem.state, problem.rules
    for link in range(rules.links):
        if rules.link_pool[link] != pool:
            continue
        hedge = rules.link_hedge[link]
        row = new_row(layout, rules.hedges, out, FORM, hedge, AT_CLOSE)
        add_settled(layout, state, out, row, rules.hedge_currency[hedge], 1.0)
        for leg in range(layout.legs.rows):
            if layout.legs.settle[leg] == rules.hedge_currency[hedge]:
                side_row(layout, rules.hedges, out, row, hedge)
                break


@compilable
def sides(
    problem: Problem,
    out: Triggers,
    pool: int,
    needs: int,
    total: int,
    whole: int,
    gap: int,
    back: int,
) -> None:
    """Rows for both sides of what a pool may want: its target, or nothing (`pool_target`).

    A target above zero counts as nothing where futures may not be net long, and in full where
    they may be as long as what is owed: such rows speak early.

    Args: pool: its row; needs, total, whole: as `gap_rows` takes them; gap: row of the target less
    what is held; back: row of nothing less what is held.
    """
    layout, rules = problem.layout, problem.rules
    hedges, fixed = rules.hedges, (problem, out, pool, needs, total, whole)
    clamped = 0
    if has_unmanaged(problem, pool) == 1:
        own = new_row(layout, hedges, out, FORM, pool, AT_CLOSE)
        add_row(layout, hedges, out, own, gap, 1.0)
        add_row(layout, hedges, out, own, back, -1.0)
        side_row(layout, hedges, out, own, pool)
        side_row(layout, hedges, out, total, pool)
        if row_now(layout, out, own) * row_now(layout, out, total) > 0.0:
            clamped = 1
    if clamped == 1:
        gap_rows(*fixed, back, 1.0)
        gap_rows(*fixed, back, -1.0)
        return
    gap_rows(*fixed, gap, 1.0)
    upper = gap
    if rules.allow_long == 0:
        keep_debts(problem, out, pool)
    most = longest(problem, pool)
    if most == 0.0:
        gap_rows(*fixed, back, 1.0)
        if row_now(layout, out, back) < row_now(layout, out, gap):
            upper = back
    elif most < math.inf and row_now(layout, out, back) < 0.0:
        out.full[0] = 1  # a long that is less than what is owed has no form
    gap_rows(*fixed, upper, -1.0)
