"""The loop over time and lanes: the only compiled code of the project.

Time outside, lanes inside. Each lane is one account set under one set of rules; a backtest is
one lane. A step is `exchange.advance`, then `decide.act` on the ratios of the step, then
`exchange.place`. A run can halt before `act`, where policies are asked with the book as it will
find it, and go on from there. The same function runs plain, on the same records, for the tests.
"""

import math
from collections.abc import Sequence

from volsculpt.book.exposure import wealth_usd
from volsculpt.decide.act import act
from volsculpt.decide.rules import Answer, Problem, Rules, wants_change
from volsculpt.decide.trigger_book import find_rows, find_silence
from volsculpt.exchange.events import DECIDED, EventPage, add_coded
from volsculpt.exchange.place import place
from volsculpt.exchange.rows import Exchange
from volsculpt.exchange.step import advance
from volsculpt.simulate.horizon import Horizon
from volsculpt.simulate.lanes import Array, ArrayRow
from volsculpt.simulate.log import LOG_PARTS, Log, is_full, keep
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.one_lane import Lane, LaneBooks, StepSpan
from volsculpt.simulate.read_step import READ_PARTS, read_closed, read_step
from volsculpt.simulate.scan import ADVANCED, NOTHING, SCAN_PARTS, is_clear, rest_until
from volsculpt.simulate.scan import INLINED as SCAN_INLINED

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


def decide(
    at: Exchange, problem: Problem, targets: Sequence[float], step: int, noted: int
) -> float:
    """Act on the close of a step, and send what is decided; wealth in US dollars.

    Nothing is sent where wealth is no finite number.

    Args: targets: ratio per hedge; step: its number; noted: 1 where events are kept.
    """
    act(problem, targets)
    wealth = wealth_usd(problem.layout, problem.quote, problem.work.held)
    if math.isfinite(wealth):
        if noted == 1:
            add_decisions(problem.rules, problem.answer, targets, at.page)
        place(at, problem.quote, problem.rules, problem.answer, step)
    return wealth


def part_of(step: int, span: StepSpan) -> int:
    """What of a step is done in a run that goes on before a decision, or halts before one."""
    if span.resumed == 1 and step == span.from_step:
        return DECIDE
    return ADVANCE if span.halts == 1 and step == span.to_step - 1 else WHOLE


def advance_lane(one: Lane, log: Log, step: int, done: int) -> None:
    """What the exchange does in a step of a lane.

    Args: log: written; step: its number; done: PAID when the funding of it is booked already.
    """
    one.page.used[0] = 0
    at = Exchange(one.layout, one.state, one.pending, one.terms, one.page)
    advance(at, one.bar, one.prices, step, done)
    if one.noted == 1:
        keep(one.layout, one.state, one.page, log, one.lane, 2 * step)


def decide_lane(one: Lane, log: Log, targets: Sequence[float], step: int) -> int:
    """The decision at the end of a step of a lane. RUNNING or NOT_FINITE.

    Args: log: written; targets: ratio per hedge; step: its number.
    """
    one.page.used[0] = 0
    layout, state, quote, rules = one.layout, one.state, one.prices.closed, one.rules
    at = Exchange(layout, state, one.pending, one.terms, one.page)
    problem = Problem(layout, state, quote, rules, one.work, one.answer)
    wealth = decide(at, problem, targets, step, one.noted)
    log.wealth[one.lane, step] = wealth
    if not math.isfinite(wealth):
        return NOT_FINITE
    if one.noted == 1:
        keep(one.layout, one.state, one.page, log, one.lane, 2 * step + 1)
    return RUNNING


def is_silent(one: Lane, log: Log, targets: Sequence[float], step: int) -> int:
    """1 when rows tell that `act` has nothing to say at the end of a step; wealth is written.

    Args: log: written; targets: ratio per hedge; step: its number.
    """
    layout, quote, work = one.layout, one.prices.closed, one.work
    find_silence(Problem(layout, one.state, quote, one.rules, work, one.answer), targets, one.rows)
    if one.rows.used[0] < 0:
        return 0
    wealth = wealth_usd(layout, quote, work.held)
    log.wealth[one.lane, step] = wealth
    return 1 if math.isfinite(wealth) else 0


def run_lane(
    one: Lane, market: Market, ratio: Array, span: StepSpan, log: Log, horizon: Horizon
) -> int:
    """Advance a lane from where its log says. RUNNING, NOT_FINITE or FULL.

    Once nothing is on its way rows are looked for: before a decision, which they may spare, or
    where they have just spoken, after it. The first decision of a span is always made.

    Args: ratio: (step, hedge, lane) targets; log: written.
    """
    last = span.to_step - span.halts
    book = (one.layout, one.state, one.prices.closed, one.rules, one.work, one.answer)
    step, done = log.at[one.lane, 0], log.at[one.lane, 1]
    status, wait, speaks = RUNNING, span.from_step, 1
    while step < span.to_step and status == RUNNING:
        if one.noted == 1 and is_full(log, one.page, one.lane) == 1:
            status = FULL
            break
        part = part_of(step, span) if done != ADVANCED else DECIDE
        if part == DECIDE:
            read_closed(market, step, one.path, one.layout, one.prices.closed)
        else:
            read_step(market, step, one.path, one.layout, one.bar, one.prices)
        targets: ArrayRow = ratio[step, :, one.lane]
        if part != DECIDE:
            advance_lane(one, log, step, done)
        found, looks = 0, 1 if step >= wait else 0
        if part != ADVANCE:
            clear = is_clear(one.layout, one.pending)
            if speaks == 0 and looks == 1 and clear == 1:
                found, looks = is_silent(one, log, targets, step), 0
                wait = step + PATIENCE
            if found == 0:
                status = decide_lane(one, log, targets, step)
                if is_clear(one.layout, one.pending) == 0:
                    wait = step  # what is sent is on its way: rows are looked for once it is there
                elif looks == 1 and status == RUNNING:
                    find_rows(Problem(*book), targets, one.rows)
                    found = 1 if one.rows.used[0] >= 0 else 0
                    wait = step + PATIENCE
        step, done, speaks = step + 1, NOTHING, 0
        if found == 1:
            step, done = rest_until(one, market, horizon, log, step, last)
            wait, speaks = step, 1
    log.at[one.lane, 0], log.at[one.lane, 1] = step, done
    return status


def run(
    books: LaneBooks,
    market: Market,
    ratio: Array,
    span: StepSpan,
    log: Log,
    status: Array,
    horizon: Horizon,
    noted: int,
) -> None:
    """Advance every lane through the steps of a span.

    A lane goes on from where `log.at` says, which is `from_step` when a piece begins. Steps at
    which no row of a lane speaks are passed over.

    Args: ratio: (step, hedge, lane) targets; status: per lane, written: RUNNING or NOT_FINITE, and
    such a lane stands still from then on, or FULL, which goes on once its log is larger; noted: 0
    leaves wealth alone in the log.
    """
    for lane in range(len(status)):
        if status[lane] != RUNNING:
            continue
        path = lane if len(books.bars) > 1 else 0
        one = Lane(
            books.layouts[0],
            books.rules[lane],
            books.terms[lane],
            books.states[lane],
            books.pendings[lane],
            books.answers[lane],
            books.works[lane],
            books.pages[lane],
            books.bars[path],
            books.prices[path],
            books.triggers[0],
            path,
            lane,
            noted,
        )
        for hedge in range(one.rules.hedges):
            one.rows.turns[hedge] = horizon.turns[hedge, lane]
        status[lane] = run_lane(one, market, ratio, span, log, horizon)


KERNEL_PARTS = (
    add_decisions,
    decide,
    part_of,
    advance_lane,
    decide_lane,
    is_silent,
    run_lane,
    *READ_PARTS,
    *LOG_PARTS,
    *SCAN_PARTS,
)
INLINED = SCAN_INLINED
