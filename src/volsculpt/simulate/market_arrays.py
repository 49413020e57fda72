"""The arrays a run reads and leaves behind."""

from typing import NamedTuple

import numpy as np

from volsculpt.simulate.lanes import Array, Room


class Market(NamedTuple):
    """The market of a run: (step, row, path) arrays; one path serves all lanes, or one each."""

    open_mark: Array
    trade: Array  # price orders fill at, at the open
    high_mark: Array
    low_mark: Array
    close_mark: Array
    open_index: Array
    close_index: Array
    funding: Array
    delivery: Array
    flow: Array


class Track(NamedTuple):
    """Each lane at the end of each step: (step, row, lane) arrays; wealth is (lane, step).

    From `filled` on: what happened in the step, as the exchange wrote it down (`Happened`).
    """

    wealth: Array
    wallet: Array
    contracts: Array
    cost: Array
    held: Array
    target: Array
    delta: Array  # per hedge: coins that move with its price
    hedge_code: Array  # of the decision at the end of the step
    leg_code: Array
    equity: Array  # per group, in its unit
    maintenance: Array
    gross: Array
    distance: Array  # |liquidation price/mark - 1|; -1.0 never
    top_up: Array  # coins sent to (+) or taken from (-) a group at the end of the step
    tally: Array  # rows as TALLY_ROWS, summed from the start
    filled: Array
    fill_price: Array
    fill_usd: Array
    fee_usd: Array
    slippage_usd: Array
    refused: Array
    delivered: Array
    delivery_price: Array
    closed: Array
    closed_mark: Array
    lost_usd: Array
    fell: Array
    sent: Array  # at the end of the step
    sent_usd: Array


TALLY_ROWS = (
    "spot futures basis funding fees slippage liquidation transfers flows traded orders "
    "liquidations"
).split()


OF_HEDGES = "held target delta hedge_code".split()
OF_GROUPS = "equity maintenance gross distance top_up lost_usd fell".split()
OF_SOURCES = "sent sent_usd".split()


def new_track(steps: int, needed: Room, lanes: int, noted: bool = True) -> Track:
    """Empty arrays for a run; wealth alone where the bars are not noted."""
    rows = dict.fromkeys(OF_HEDGES, needed.hedge) | dict.fromkeys(OF_GROUPS, needed.group)
    rows |= dict.fromkeys(OF_SOURCES, needed.source)
    rows |= {"wallet": needed.wallet, "tally": len(TALLY_ROWS)}
    tall = steps if noted else 0
    whole = {name: np.zeros((tall, rows.get(name, needed.leg), lanes)) for name in Track._fields}
    return Track(**whole | {"wealth": np.zeros((lanes, steps))})
