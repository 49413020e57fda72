"""From an aligned history to the arrays the kernel walks through."""

from dataclasses import fields

import numpy as np

from volsculpt.book.flatten import Flat
from volsculpt.market.align import Aligned
from volsculpt.market.walk import walk
from volsculpt.simulate.lanes import Array
from volsculpt.simulate.market_arrays import Market


def market_arrays(aligned: Aligned, flat: Flat, flows: Array) -> Market:
    """The market of one path, in the row order of a flat book.

    flows: (step, wallet) coins dated at the start of each step. Raises HistoryError naming
    what is not known at some step.
    """
    rows = walk(aligned, [contract for _, contract in flat.legs], flat.currencies)
    arrays = {one.name: getattr(rows, one.name) for one in fields(rows)} | {"flow": flows}
    return Market(
        **{name: np.ascontiguousarray(array.T[:, None]) for name, array in arrays.items()}
    )
