"""Arrays of (row, lane) and the views of one lane that compilable code sees."""

from typing import Any, NamedTuple

import numpy as np

from volsculpt.book.state import Exposure, Layout, Quote, State
from volsculpt.decide.rules import Answer, Rules, Work
from volsculpt.exchange.rows import Bar, Pending, Scratch, Tally, Terms

Array = np.ndarray[Any, Any]


class Knobs(NamedTuple):
    """What may differ between lanes: (hedge, lane), (leg, lane) or (lane,) arrays."""

    under_trigger: Array
    under_settle: Array
    over_trigger: Array
    over_settle: Array
    max_leverage: Array
    min_distance: Array
    max_order_usd: Array
    taker: Array


class Market(NamedTuple):
    """The market of a run: (step, row, path) arrays; one path serves all lanes, or one each."""

    open_mark: Array
    high_mark: Array
    low_mark: Array
    close_mark: Array
    open_index: Array
    close_index: Array
    funding: Array
    delivery: Array
    flow: Array


class Track(NamedTuple):
    """What each lane looked like at the end of each step: (step, row, lane) or (step, lane)."""

    wealth: Array
    wallet: Array
    contracts: Array
    cost: Array
    held: Array
    target: Array
    tally: Array  # rows as TALLY_ROWS


TALLY_ROWS = (
    "spot futures basis funding fees slippage liquidation transfers flows traded"
).split()


def state_lane(state: State, lane: int) -> State:
    """One lane of a state."""
    return State(
        state.wallet[:, lane],
        state.contracts[:, lane],
        state.cost[:, lane],
        state.working[:, lane],
        state.slot[:, lane],
        state.incoming[:, lane],
        state.known[:, lane],
    )


def exposure_lane(sums: Exposure, lane: int) -> Exposure:
    """One lane of exposure sums."""
    return Exposure(
        sums.balance[:, lane],
        sums.pnl[:, lane],
        sums.pnl_on[:, lane],
        sums.futures[:, lane],
        sums.leg_coin[:, lane],
    )


def work_lane(work: Work, lane: int) -> Work:
    """One lane of scratch."""
    return Work(
        exposure_lane(work.held, lane),
        exposure_lane(work.sized, lane),
        state_lane(work.goal, lane),
        work.hold[:, lane],
        work.term[:, lane],
        work.share[:, lane],
        work.reserved[:, lane],
        work.target_gross[:, lane],
    )


def answer_lane(answer: Answer, lane: int) -> Answer:
    """One lane of an answer."""
    return Answer(
        answer.trade[:, lane],
        answer.cancel[:, lane],
        answer.top_up[:, lane],
        answer.base[:, lane],
        answer.held[:, lane],
        answer.hedge_code[:, lane],
        answer.want[:, lane],
        answer.can[:, lane],
        answer.before[:, lane],
        answer.after[:, lane],
        answer.leg_code[:, lane],
        answer.group_code[:, lane],
        answer.lacking[:, lane],
    )


def pending_lane(pending: Pending, lane: int) -> Pending:
    """One lane of what is on its way."""
    return Pending(
        pending.order[:, lane],
        pending.order_due[:, lane],
        pending.transfer[:, lane],
        pending.transfer_due[:, lane],
        pending.transfer_wallet[:, lane],
    )


def tally_lane(tally: Tally, lane: int) -> Tally:
    """One lane of the tally; each field a one-element view."""
    return Tally(
        tally.spot[:, lane],
        tally.futures[:, lane],
        tally.basis[:, lane],
        tally.funding[:, lane],
        tally.fees[:, lane],
        tally.slippage[:, lane],
        tally.liquidation[:, lane],
        tally.transfers[:, lane],
        tally.flows[:, lane],
        tally.traded[:, lane],
        tally.orders[:, lane],
        tally.liquidations[:, lane],
    )


def scratch_lane(scratch: Scratch, lane: int) -> Scratch:
    """One lane of scratch prices."""
    return Scratch(scratch.index_usd[:, lane], scratch.mark[:, lane])


def bar_lane(market: Market, step: int, path: int) -> Bar:
    """One step of one path."""
    return Bar(
        market.open_mark[step, :, path],
        market.high_mark[step, :, path],
        market.low_mark[step, :, path],
        market.close_mark[step, :, path],
        market.open_index[step, :, path],
        market.close_index[step, :, path],
        market.funding[step, :, path],
        market.delivery[step, :, path],
        market.flow[step, :, path],
    )


def close_lane(market: Market, step: int, path: int) -> Quote:
    """Prices at the end of a step."""
    return Quote(market.close_index[step, :, path], market.close_mark[step, :, path])


def terms_lane(terms: Terms, knobs: Knobs, lane: int) -> Terms:
    """The terms of one lane."""
    return Terms(
        knobs.taker[:, lane],
        terms.half_spread,
        terms.slippage,
        terms.liquidation_fee,
        terms.delivery_fee,
        terms.order_delay,
        terms.transfer_delay,
        terms.transfer_cost,
        terms.transit_wallet,
        terms.move_currency,
    )


def rules_lane(rules: Rules, knobs: Knobs, lane: int) -> Rules:
    """The rules of one lane: bands and limits from its knobs, the rest shared."""
    return Rules(
        rules.hedge_currency,
        rules.hedge_pool,
        rules.hedge_beta,
        rules.hedge_base,
        rules.hedge_coins,
        knobs.under_trigger[:, lane],
        knobs.under_settle[:, lane],
        knobs.over_trigger[:, lane],
        knobs.over_settle[:, lane],
        rules.pool_currency,
        rules.pool_from,
        rules.pool_to,
        rules.use_leg,
        rules.use_retire,
        knobs.max_leverage[lane],
        knobs.min_distance[lane],
        knobs.max_order_usd[lane],
        rules.min_base_usd,
        rules.planned,
        rules.band_first,
        rules.band_second,
        rules.band_third,
        rules.band_last,
        rules.transfer_cost,
        rules.move_currency,
        rules.source_from,
        rules.source_to,
        rules.source_wallet,
    )


LANE_VIEWS = (
    state_lane,
    exposure_lane,
    work_lane,
    answer_lane,
    pending_lane,
    tally_lane,
    scratch_lane,
    bar_lane,
    close_lane,
    terms_lane,
    rules_lane,
)

__all__ = ["Layout", *[view.__name__ for view in LANE_VIEWS]]
