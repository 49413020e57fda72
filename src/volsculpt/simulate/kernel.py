"""The loop over time and lanes: the only compiled code of the project.

Time outside, lanes inside. Each lane is one account set under one set of rules; a backtest is
one lane. A step is `exchange.advance`, then `decide.act` on the ratios of the step, then
`exchange.place`. A run can halt before `act`, where policies are asked with the book as it will
find it, and go on from there. The same function runs plain, on the same records, for the tests.
"""

import math
from collections.abc import Sequence

from volsculpt.book.exposure import wealth_usd
from volsculpt.book.state import Layout, State
from volsculpt.decide.act import act
from volsculpt.decide.rules import Answer, Problem, Rules, Work, wants_change
from volsculpt.decide.trigger_book import find_rows
from volsculpt.decide.triggers import Triggers
from volsculpt.exchange.events import DECIDED, EventPage, add_coded
from volsculpt.exchange.place import place
from volsculpt.exchange.rows import Bar, Exchange, Pending, Step, Terms
from volsculpt.exchange.step import advance
from volsculpt.simulate.horizon import Horizon
from volsculpt.simulate.lanes import Array, ArrayRow
from volsculpt.simulate.log import LOG_PARTS, Log, is_full, keep
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.read_step import READ_PARTS, read_step
from volsculpt.simulate.scan import INLINED as SCAN_INLINED
from volsculpt.simulate.scan import SCAN_PARTS, is_clear, rest

RUNNING = 0
NOT_FINITE = 1
FULL = 2  # the log has no room for another step: it is made larger, and the lane goes on

WHOLE = 0  # what of a step is done: all of it,
ADVANCE = 1  # what the exchange does,
DECIDE = 2  # or the decision at its end

PATIENCE = 4  # steps until rows are looked for again where there were none


def add_decisions(rules: Rules, answer: Answer, targets: Sequence[float], page: EventPage) -> None:
    """What each hedge held and wanted, and why, at a decision that changes anything.

    Args: targets: ratio per hedge; page: written.
    """
    if not wants_change(answer):
        return
    for hedge in range(rules.hedges):
        code = answer.hedge_code[hedge]
        add_coded(page, DECIDED, hedge, code, answer.held[hedge], targets[hedge])


def run_lane(
    layout: Layout,
    rules: Rules,
    terms: Terms,
    state: State,
    pending: Pending,
    answer: Answer,
    work: Work,
    page: EventPage,
    bar: Bar,
    prices: Step,
    targets: Sequence[float],
    step: int,
    lane: int,
    log: Log,
    noted: int,
    part: int,
    paid: int,
) -> int:
    """A step of one lane, or a part of it: advance, act, place. RUNNING or NOT_FINITE.

    Args: state, pending, answer, work, page: the lane's own, written; targets: ratio per hedge;
    step, lane: their numbers; log: written; noted: 0 writes wealth alone; part: WHOLE, ADVANCE or
    DECIDE; paid: 1 when the funding of the step is booked already.
    """
    at = Exchange(layout, state, pending, terms, page)
    page.used[0] = 0
    if part != DECIDE:
        advance(at, bar, prices, step, paid)
        if noted == 1:
            keep(layout, state, page, log, lane, 2 * step)
    if part == ADVANCE:
        return RUNNING
    quote = prices.closed
    act(Problem(layout, state, quote, rules, work, answer), targets)
    wealth = wealth_usd(layout, quote, work.held)
    log.wealth[lane, step] = wealth
    if not math.isfinite(wealth):
        return NOT_FINITE
    if noted == 1:
        add_decisions(rules, answer, targets, page)
    place(at, quote, rules, answer, step)
    if noted == 1:
        keep(layout, state, page, log, lane, 2 * step + 1)
    return RUNNING


def part_of(step: int, from_step: int, to_step: int, resumed: int, halts: int) -> int:
    """What of a step is done in a run that goes on before a decision, or halts before one.

    Args: step: its number; from_step, to_step: the run, [from, to); resumed: 1 begins with the
    decision of the first; halts: 1 ends before that of the last.
    """
    if resumed == 1 and step == from_step:
        return DECIDE
    return ADVANCE if halts == 1 and step == to_step - 1 else WHOLE


def run(
    layouts: Sequence[Layout],
    rules: Sequence[Rules],
    terms: Sequence[Terms],
    states: Sequence[State],
    pendings: Sequence[Pending],
    answers: Sequence[Answer],
    works: Sequence[Work],
    pages: Sequence[EventPage],
    bars: Sequence[Bar],
    prices: Sequence[Step],
    market: Market,
    ratio: Array,
    from_step: int,
    to_step: int,
    log: Log,
    status: Array,
    horizon: Horizon,
    triggers: Sequence[Triggers],
    noted: int,
    resumed: int,
    halts: int,
) -> None:
    """Advance every lane from `from_step` to `to_step`.

    A lane goes on from where `log.at` says, which is `from_step` when a piece begins. One that is
    NOT_FINITE stands still from then on; a FULL one goes on once its log is larger. Steps at which
    no row of a lane speaks are passed over.

    Args: layouts, triggers: one record each; bars, prices: one a path; rules, terms, states,
    pendings, answers, works, pages: one a lane; ratio: (step, hedge, lane) targets; from_step,
    to_step: [from, to); log, status: written; noted: 0 for wealth alone; resumed: 1 begins at the
    decision of the first step; halts: 1 ends before that of the last.
    """
    layout, rows, paths = layouts[0], triggers[0], len(bars)
    for lane in range(len(status)):
        path = lane if paths > 1 else 0
        own = (layout, rules[lane], terms[lane], states[lane], pendings[lane], answers[lane])
        bar, price, page, work = bars[path], prices[path], pages[lane], works[lane]
        step, paid, wait = log.at[lane, 0], log.at[lane, 1], from_step
        while step < to_step and status[lane] == RUNNING:
            if noted == 1 and is_full(log, page, lane) == 1:
                status[lane] = FULL
                break
            part = part_of(step, from_step, to_step, resumed, halts)
            read_step(market, step, path, layout, bar, price)
            targets: ArrayRow = ratio[step, :, lane]
            now = (*own, work, page, bar, price, targets, step, lane, log, noted, part, paid)
            status[lane] = run_lane(*now)
            step, paid = step + 1, 0
            if part == ADVANCE or step < wait or is_clear(layout, pendings[lane]) == 0:
                continue
            book = (layout, states[lane], price.closed, rules[lane], work, answers[lane])
            find_rows(Problem(*book), targets, rows)
            if rows.used[0] < 0:
                wait = step + PATIENCE
                continue
            held = (layout, states[lane], rules[lane], rows, market, horizon, bar, price, page)
            step, paid = rest(*held, log, noted, path, lane, step, to_step - halts)
        log.at[lane, 0], log.at[lane, 1] = step, paid


KERNEL_PARTS = (
    add_decisions,
    part_of,
    run_lane,
    *READ_PARTS,
    *LOG_PARTS,
    *SCAN_PARTS,
)
INLINED = SCAN_INLINED
