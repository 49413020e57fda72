"""The loop over time and lanes: the only compiled code of the project.

Time outside, lanes inside. Each lane is one account set under one set of knobs; a backtest is
one lane. A step is `exchange.advance`, then `decide.act` on the ratios of the step, then
`exchange.place`. The same function runs plain, on arrays, for the tests.
"""

import math

from volsculpt.book.exposure import wealth_usd
from volsculpt.book.state import Layout, Quote, State
from volsculpt.decide.act import act
from volsculpt.decide.rules import Answer, Rules, Work
from volsculpt.exchange.place import place
from volsculpt.exchange.rows import Pending, Scratch, Tally, Terms
from volsculpt.exchange.step import advance
from volsculpt.simulate.lanes import (
    Array,
    Knobs,
    Market,
    Track,
    answer_lane,
    bar_lane,
    close_lane,
    pending_lane,
    rules_lane,
    scratch_lane,
    state_lane,
    tally_lane,
    terms_lane,
    work_lane,
)

RUNNING = 0
NOT_FINITE = 1


def note(
    track: Track,
    step: int,
    lane: int,
    state: State,
    answer: Answer,
    ratio: Array,
    tally: Tally,
    wealth: float,
) -> None:
    """Write what a lane looks like at the end of a step."""
    track.wealth[step, lane] = wealth
    for row in range(len(state.wallet)):
        track.wallet[step, row, lane] = state.wallet[row]
    for row in range(len(state.contracts)):
        track.contracts[step, row, lane] = state.contracts[row]
        track.cost[step, row, lane] = state.cost[row]
    for row in range(len(answer.held)):
        track.held[step, row, lane] = answer.held[row]
        track.target[step, row, lane] = ratio[row]
    causes = (
        tally.spot,
        tally.futures,
        tally.basis,
        tally.funding,
        tally.fees,
        tally.slippage,
        tally.liquidation,
        tally.transfers,
        tally.flows,
        tally.traded,
    )
    for row in range(len(causes)):
        track.tally[step, row, lane] = causes[row][0]


def run(
    layout: Layout,
    rules: Rules,
    terms: Terms,
    knobs: Knobs,
    market: Market,
    state: State,
    pending: Pending,
    answer: Answer,
    work: Work,
    tally: Tally,
    scratch: Scratch,
    ratio: Array,
    start_index: Array,
    start_mark: Array,
    from_step: int,
    to_step: int,
    track: Track,
    status: Array,
) -> None:
    """Advance every lane from `from_step` to `to_step`.

    ratio: (step, hedge, lane) targets of the segment. start_index, start_mark: prices the
    books were last valued at, (row, path). status per lane: RUNNING or NOT_FINITE, then the
    lane stands still and its caller must say so.
    """
    lanes = len(status)
    paths = market.close_index.shape[2]
    for step in range(from_step, to_step):
        for lane in range(lanes):
            if status[lane] != RUNNING:
                continue
            path = lane if paths > 1 else 0
            own_state = state_lane(state, lane)
            own_pending = pending_lane(pending, lane)
            own_tally = tally_lane(tally, lane)
            own_terms = terms_lane(terms, knobs, lane)
            own_rules = rules_lane(rules, knobs, lane)
            own_answer = answer_lane(answer, lane)
            own_work = work_lane(work, lane)
            if step == from_step:
                before = Quote(start_index[:, path], start_mark[:, path])
            else:
                before = close_lane(market, step - 1, path)
            advance(
                layout,
                own_state,
                own_pending,
                own_terms,
                bar_lane(market, step, path),
                before,
                step,
                own_tally,
                scratch_lane(scratch, lane),
            )
            quote = close_lane(market, step, path)
            targets = ratio[step, :, lane]
            act(layout, own_state, quote, own_rules, targets, own_work, own_answer)
            wealth = wealth_usd(layout, quote, own_work.held)
            if not math.isfinite(wealth):
                status[lane] = NOT_FINITE
            note(track, step, lane, own_state, own_answer, targets, own_tally, wealth)
            place(
                layout,
                own_state,
                quote,
                own_rules,
                own_answer,
                own_pending,
                own_terms,
                step,
                own_tally,
            )
