"""The part that each of several hedges has of a pool, as a bound on its band."""

import math

from volsculpt.book.state import Layout
from volsculpt.compilable import compilable
from volsculpt.decide.rules import NO_LONG, ZERO_TARGET, Answer, Problem, Rules
from volsculpt.decide.sizing import is_closed
from volsculpt.decide.trigger_forms import add_base
from volsculpt.decide.triggers import (
    AT_CLOSE,
    FORM,
    NO_ROWS,
    RANGE,
    Triggers,
    add_row,
    drop_last,
    new_row,
    numbers_of,
    row_now,
)

WIDEST = 2.0  # base over part is bounded by so much less than it is, at most
EQUAL = 1e-12  # of its size: what rounding leaves where two forms are one


@compilable
def coins_per_unit(rules: Rules, link: int) -> float:
    """Dollars of a pool that hedge a dollar of a hedge: beta, 1 for its own coin."""
    return 1.0 if rules.hedge_own[rules.link_hedge[link]] == 1 else rules.link_beta[link]


@compilable
def may_net(rules: Rules, pool: int) -> int:
    """1 when a hedge of a pool has a beta below 0: its hedges may net, and over may mean under."""
    for link in range(rules.links):
        if rules.link_pool[link] == pool and rules.link_beta[link] < 0.0:
            return 1
    return 0


@compilable
def is_beside(rules: Rules, answer: Answer, link: int) -> int:
    """1 when a pool carries another hedge too that is not closed."""
    for other in range(rules.links):
        same = rules.link_pool[other] == rules.link_pool[link]
        if same and other != link and is_closed(rules, answer, other) == 0:
            return 1
    return 0


@compilable
def is_left_out(problem: Problem, link: int) -> int:
    """1 when a hedge has no part in what its pool carries: it is closed, or would buy.

    One that would buy is held at nothing beside others (`least_need`). Alone in its pool it is
    not left out: the pool then stays flat, which its own rows say.
    """
    rules, answer = problem.rules, problem.answer
    if is_closed(rules, answer, link) == 1:
        return 1
    if answer.hedge_code[rules.link_hedge[link]] & NO_LONG == 0 or problem.work.term[link] != 0.0:
        return 0
    return is_beside(rules, answer, link)


@compilable
def band_dollars(rules: Rules, pool: int, link: int, sign: float) -> float:
    """Dollars of a pool, per dollar of a hedge's base, by which it may be off on a side.

    Of a pool that may net the narrower trigger counts on both.

    Args: pool, link: their rows; sign: 1.0 for the side under the target ratio, -1.0 over it.
    """
    hedge = rules.link_hedge[link]
    trigger = rules.under_trigger[hedge] if sign > 0.0 else rules.over_trigger[hedge]
    if may_net(rules, pool) == 1:
        trigger = min(rules.under_trigger[hedge], rules.over_trigger[hedge])
    return abs(coins_per_unit(rules, link)) * trigger


@compilable
def side_row(layout: Layout, hedges: int, out: Triggers, form: int, subject: int) -> None:
    """A row for how long a form keeps the sign it has now; a form of 0 keeps none.

    Args: hedges: their number; form: row of the form; subject: what the new row is of, a row of the
    layout or the rules.
    """
    row = new_row(layout, hedges, out, RANGE, subject, AT_CLOSE)
    add_row(layout, hedges, out, row, form, math.copysign(1.0, row_now(layout, out, form)))


@compilable
def leeway(problem: Problem, out: Triggers, link: int, whole: float, gap: int) -> float:
    """By how much base over part may fall before rows are made anew, from 1 to `WIDEST`.

    A quarter of the way, in ratio, to where its part of the gap reaches the band. A wider bound
    lets the band speak too early, a narrower one ends before it must; gaps move faster than that.
    Where the band is left already it bounds nothing. Worked: a gap of 1,000, a
    trigger of 0.1 of a base of 9,000 whose part is 0.4: (0.1 * 22,500 / 1,000) ** 0.25 = 1.22.

    Args: link: its row; whole: base over part times the whole, US dollars; gap: row of the gap.
    """
    off = row_now(problem.layout, out, gap)
    pool = problem.rules.link_pool[link]
    band = band_dollars(problem.rules, pool, link, 1.0 if off < 0.0 else -1.0) * whole
    if band <= abs(off) or band >= WIDEST**4 * abs(off):
        return WIDEST
    return math.sqrt(math.sqrt(band / abs(off)))


@compilable
def is_constant(layout: Layout, out: Triggers, row: int, size: float, hedges: int) -> int:
    """1 when nothing moves a form that is zero: not a price, not a coin, not a target that turns.

    Args: row: of `out`; size: of what it is the difference of, US dollars; hedges: their number.
    """
    numbers, wallets = numbers_of(layout), layout.wallets
    for number in range(numbers):
        if abs(out.coef[row * numbers + number]) * out.now[number] > EQUAL * size:
            return 0
    for wallet in range(wallets):
        if abs(out.gain[row * wallets + wallet]) > EQUAL:
            return 0
    for hedge in range(hedges):
        if out.turn[row * hedges + hedge] != 0.0 and out.turns[hedge] == 1:
            return 0
    return 1


@compilable
def least_over(
    problem: Problem, out: Triggers, link: int, part: int, whole: int, gap: int
) -> float:
    """The least that a hedge's base is of its part of a pool, and a row for how long it is.

    Most parts are the base times a number, whatever prices do: then it is that number and no row
    is needed. Else it is taken `leeway` less than it is.

    Args: link: its row; part, whole: rows of the forms of its part and of all; gap: of the gap.
    """
    layout, rules = problem.layout, problem.rules
    hedge, hedges = rules.link_hedge[link], rules.hedges
    row = new_row(layout, hedges, out, RANGE, rules.link_pool[link], AT_CLOSE)
    add_base(problem, out, row, hedge, 1.0)
    base = row_now(layout, out, row)
    over = base / row_now(layout, out, part)
    add_row(layout, hedges, out, row, part, -over)
    if is_constant(layout, out, row, base, hedges) == 1:
        drop_last(out, row)
        return over
    least = over / leeway(problem, out, link, over * row_now(layout, out, whole), gap)
    add_row(layout, hedges, out, row, part, over - least)
    return least


@compilable
def share_rows(problem: Problem, out: Triggers, pool: int, needs: int, total: int, gap: int) -> int:
    """Bound what of a whole each of several hedges has of its pool; the row of the whole.

    A hedge is in its band while gap * part / whole is less than band * base: base over part, times
    the whole, is more than gap over band. The least of base over part is written to `least`. Parts
    are what hedges ask for while all ask for something, else the dollars of their bases. NO_ROWS
    where each is judged by its base alone.

    Args: pool: its row; needs: the first row of the forms of its hedges' needs; total: that of
    their sum, the row after the last of them; gap: row of the gap.
    """
    layout, rules = problem.layout, problem.rules
    keep_sides(problem, out, pool, needs, total)
    if total - needs < 2 or may_net(rules, pool) == 1:
        return NO_ROWS  # `futures_per_ratio` takes no share for more
    mixed = 0
    for place in range(needs, total):
        need = row_now(layout, out, place)
        if need == 0.0:
            out.full[0] = 1  # it has no part of the pool
        if need < 0.0:
            mixed = 1
    part, whole = needs, total
    if mixed == 1:
        part, whole = usd_forms(problem, out, pool)
    if out.full[0] == 1:
        return NO_ROWS
    place = needs
    for link in range(rules.links):
        if rules.link_pool[link] == pool and is_left_out(problem, link) == 0:
            out.least[place] = least_over(problem, out, link, part, whole, gap)
            place, part = place + 1, part + 1
    return whole


@compilable
def keep_sides(problem: Problem, out: Triggers, pool: int, needs: int, total: int) -> None:
    """Rows for how long what hedges ask for keeps its sign, where parts or the sum hang on it.

    Args: pool: its row; needs, total: as `share_rows` takes them.
    """
    layout, rules, answer = problem.layout, problem.rules, problem.answer
    by_parts = total - needs > 1 and may_net(rules, pool) == 0
    place = needs
    for link in range(rules.links):
        if rules.link_pool[link] == pool and is_left_out(problem, link) == 0:
            if by_parts or (rules.allow_long == 0 and is_beside(rules, answer, link) == 1):
                side_row(layout, rules.hedges, out, place, pool)
            place += 1


@compilable
def usd_forms(problem: Problem, out: Triggers, pool: int) -> tuple[int, int]:
    """Forms of the dollars of each hedge's base times its beta, and the one of their sum."""
    layout, rules, answer = problem.layout, problem.rules, problem.answer
    first, hedges = out.used[0], rules.hedges
    for link in range(rules.links):
        if rules.link_pool[link] == pool and is_left_out(problem, link) == 0:
            hedge = rules.link_hedge[link]
            row = new_row(layout, hedges, out, FORM, hedge, AT_CLOSE)
            add_base(problem, out, row, hedge, rules.link_beta[link])
    whole = new_row(layout, hedges, out, FORM, pool, AT_CLOSE)
    for row in range(first, whole):
        add_row(layout, hedges, out, whole, row, 1.0)
    for link in range(rules.links):
        hedge = rules.link_hedge[link]
        gone = answer.hedge_code[hedge] & ZERO_TARGET != 0
        if rules.link_pool[link] == pool and gone:
            add_base(problem, out, whole, hedge, rules.link_beta[link])
    return first, whole
