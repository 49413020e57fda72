"""The share that each of several hedges has of a pool, bounded from above."""

import math

from volsculpt.book.state import Layout
from volsculpt.compilable import compilable
from volsculpt.decide.rules import ZERO_TARGET, Problem, Rules
from volsculpt.decide.sizing import is_closed
from volsculpt.decide.trigger_forms import add_base
from volsculpt.decide.triggers import (
    AT_CLOSE,
    FORM,
    RANGE,
    Triggers,
    add_row,
    new_row,
    row_now,
)

SHARE = 1.05  # a hedge's share of its pool is bounded by this much more than it is, at least,
WIDEST = 2.0  # and at most: where a gap is far inside its band a wide bound is renewed less often


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
def share_now(layout: Layout, out: Triggers, form: int, total: int) -> float:
    """A hedge's share of its pool, at most 1, which it is where nothing is asked for together.

    Args: form, total: rows of the forms of a hedge's need and of all.
    """
    whole = row_now(layout, out, total)
    return min(1.0, row_now(layout, out, form) / whole) if whole > 0.0 else 1.0


@compilable
def leeway(problem: Problem, out: Triggers, link: int, gap: int, share: float) -> float:
    """By how much a share may grow before rows are made anew, from `SHARE` to `WIDEST`.

    A quarter of the way, in ratio, to where its part of the gap reaches the band. A wider bound
    lets the band speak too early, a narrower one ends before it must; gaps move faster than shares.
    Worked: 400 of a gap of 1,000, a band of 900: (900 / 400) ** 0.25 = 1.22.

    Args: link: its row; gap: row of the gap; share: as it is.
    """
    rules, off = problem.rules, row_now(problem.layout, out, gap)
    hedge, pool = rules.link_hedge[link], rules.link_pool[link]
    base = problem.answer.base[hedge] * problem.quote.index_usd[rules.hedge_currency[hedge]]
    band = band_dollars(rules, pool, link, 1.0 if off < 0.0 else -1.0) * base
    part = share * abs(off)
    if part <= 0.0:
        return WIDEST
    return min(WIDEST, max(SHARE, math.sqrt(math.sqrt(max(0.0, band / part)))))


@compilable
def share_rows(
    problem: Problem, out: Triggers, pool: int, needs: int, total: int, gap: int
) -> None:
    """Bound the share that each of several hedges has of its pool; writes it to `least`.

    By what they ask for while all ask for something, else by the dollars of their bases.

    Args: pool: its row; needs: the first row of the forms of its hedges' needs; total: that of
    their sum, the row after the last of them; gap: row of the gap.
    """
    layout, rules = problem.layout, problem.rules
    if may_net(rules, pool) == 1:
        for place in range(needs, total):
            out.least[place] = 1.0  # `futures_per_ratio` takes no share for more
        return
    mixed = 0
    for place in range(needs, total):
        need = row_now(layout, out, place)
        if need == 0.0:
            out.full[0] = 1  # a band is divided by a share, and it has none
        if need < 0.0:
            mixed = 1
        side_row(layout, rules.hedges, out, place, pool)
    first, whole = needs, total
    if mixed == 1:
        first, whole = usd_forms(problem, out, pool)
    place, part = needs, first
    for link in range(rules.links):
        if rules.link_pool[link] != pool or is_closed(rules, problem.answer, link) == 1:
            continue
        share = share_now(layout, out, part, whole)
        most = min(1.0, share * leeway(problem, out, link, gap, share))
        out.least[place] = most
        if most < 1.0:
            row = new_row(layout, rules.hedges, out, RANGE, pool, AT_CLOSE)
            add_row(layout, rules.hedges, out, row, whole, most)
            add_row(layout, rules.hedges, out, row, part, -1.0)
        place, part = place + 1, part + 1


@compilable
def usd_forms(problem: Problem, out: Triggers, pool: int) -> tuple[int, int]:
    """Forms of the dollars of each hedge's base times its beta, and the one of their sum."""
    layout, rules, answer = problem.layout, problem.rules, problem.answer
    first, hedges = out.used[0], rules.hedges
    for link in range(rules.links):
        if rules.link_pool[link] == pool and is_closed(rules, answer, link) == 0:
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
