"""The arrays a run reads."""

from typing import NamedTuple

from volsculpt.simulate.lanes import Array


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
