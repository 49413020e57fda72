"""From an aligned history to the arrays the kernel walks through."""

from collections.abc import Sequence

import numpy as np

from volsculpt.book.flatten import Flat
from volsculpt.contracts.expiries import shown
from volsculpt.contracts.spec import Contract
from volsculpt.errors import HistoryError
from volsculpt.market.align import Aligned
from volsculpt.simulate.lanes import Array
from volsculpt.simulate.market_arrays import Market


def _columns(table: Array, names: Sequence[str], wanted: Sequence[str]) -> Array:
    """Columns of a table in the order wanted; a currency that nothing moves is 1.0."""
    found = np.ones((table.shape[0], len(wanted)))
    for column, name in enumerate(wanted):
        if name in names:
            found[:, column] = table[:, names.index(name)]
        elif name != "USD":
            raise HistoryError(f"no prices for {name} in this history; import some")
    return found


def _settlements(
    aligned: Aligned, contracts: Sequence[Contract], index: Array, flat: Flat
) -> Array:
    """Settlement price per step and leg: the index at the first stamp at or after expiry."""
    steps = len(aligned.stamp_ns) - 1
    found = np.zeros((steps, len(contracts)))
    legs = flat.layout.legs
    for leg, contract in enumerate(contracts):
        if contract.expiry_ns is None:
            continue
        row = int(np.searchsorted(aligned.stamp_ns, contract.expiry_ns))
        if row < steps:
            found[row, leg] = index[row, legs.base[leg]] / index[row, legs.quote[leg]]
    return found


def market_arrays(aligned: Aligned, flat: Flat, flows: Array) -> Market:
    """The market of one path, in the row order of a flat book.

    flows: (step, wallet) coins dated at the start of each step. Raises HistoryError naming
    what is not known at some step.
    """
    contracts = [contract for _, contract in flat.legs]
    keys = [contract.key for contract in contracts]
    index = _columns(aligned.index.value, aligned.currencies, flat.currencies)
    mark = _columns(aligned.mark.value, aligned.contracts, keys)
    inside = aligned.inside
    arrays = Market(
        open_mark=mark[:-1],
        trade=_columns(inside.open, aligned.contracts, keys),
        high_mark=_columns(inside.high, aligned.contracts, keys),
        low_mark=_columns(inside.low, aligned.contracts, keys),
        close_mark=mark[1:],
        open_index=index[:-1],
        close_index=index[1:],
        funding=_columns(aligned.funding.paid, aligned.contracts, keys)[:-1],
        delivery=_settlements(aligned, contracts, index, flat),
        flow=flows,
    )
    _check_known(aligned, arrays, keys, flat.currencies)
    return Market(*[np.ascontiguousarray(array[:, :, None]) for array in arrays])


def _check_known(
    aligned: Aligned, arrays: Market, keys: Sequence[str], currencies: Sequence[str]
) -> None:
    """Every price the kernel will divide by is finite and positive."""
    for name, array in zip(arrays._fields, arrays, strict=True):
        if name in ("funding", "delivery", "flow"):
            continue
        wrong = ~(np.isfinite(array) & (array > 0.0))
        if wrong.any():
            which = currencies if "index" in name else keys
            step, column = (int(place[0]) for place in np.nonzero(wrong))
            raise HistoryError(
                f"{name} of {which[column]} is not known at {shown(int(aligned.stamp_ns[step]))}; "
                f"start later or import more history"
            )
