"""The arrays a run reads."""

from typing import NamedTuple

from volsculpt.simulate.lanes import Array


class Market(NamedTuple):
    """The market of a run: (row, path, step) arrays, each row contiguous in time.

    One path serves all lanes, or there is one for each.
    """

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
