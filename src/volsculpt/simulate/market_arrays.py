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


class Ahead(NamedTuple):
    """The market as resting lanes look ahead in it: contiguous in time, (row, path, step)."""

    close_index: Array  # at the end of each step
    close_mark: Array
    basis: Array  # mark over index, in the contract's quote
    low_mark: Array
    high_mark: Array
    ratio: Array  # (hedge, lane, step) targets
    busy: Array  # (path, step): 1 when contracts are delivered or coins flow
    event: Array  # (path, step): the next step, this one counted, with funding, a flow, a delivery
    due: Array  # per lane: the next step at which it must be looked at
    read: Array  # per path: the step whose prices are in its records


class Track(NamedTuple):
    """Each lane at the end of each step: (step, row, lane) arrays; wealth is (lane, step)."""

    wealth: Array
    wallet: Array
    contracts: Array
    cost: Array
    held: Array
    target: Array
    equity: Array  # per group, in its unit
    maintenance: Array
    gross: Array
    distance: Array  # |liquidation price/mark - 1|; -1.0 never
    top_up: Array  # coins sent to (+) or taken from (-) a group at the end of the step
    tally: Array  # rows as TALLY_ROWS, summed from the start


TALLY_ROWS = (
    "spot futures basis funding fees slippage liquidation transfers flows traded orders "
    "liquidations"
).split()


def new_track(steps: int, needed: Room, lanes: int, noted: bool = True) -> Track:
    """Empty arrays for a run; wealth alone where the bars are not noted."""
    wealth = np.zeros((lanes, steps))
    steps = steps if noted else 0
    return Track(
        wealth=wealth,
        wallet=np.zeros((steps, needed.wallet, lanes)),
        contracts=np.zeros((steps, needed.leg, lanes)),
        cost=np.zeros((steps, needed.leg, lanes)),
        held=np.zeros((steps, needed.hedge, lanes)),
        target=np.zeros((steps, needed.hedge, lanes)),
        equity=np.zeros((steps, needed.group, lanes)),
        maintenance=np.zeros((steps, needed.group, lanes)),
        gross=np.zeros((steps, needed.group, lanes)),
        distance=np.zeros((steps, needed.group, lanes)),
        top_up=np.zeros((steps, needed.group, lanes)),
        tally=np.zeros((steps, len(TALLY_ROWS), lanes)),
    )
