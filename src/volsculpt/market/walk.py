"""An aligned history as the rows that are walked through, step by step.

The simulator and the paper venue read the same rows, so both see the same market.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from volsculpt.contracts.payoff import fair_price
from volsculpt.contracts.spec import Contract
from volsculpt.errors import HistoryError
from volsculpt.market.align import Aligned
from volsculpt.market.gate import Floats
from volsculpt.market.rates import fraction_paid
from volsculpt.units import iso


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """A row per step [t, t + step), a column per contract or currency asked for.

    open_mark, close_mark, open_index, close_index: known at the start and at the end. trade:
    what orders fill at, at the start. funding: rate of the stamp at the start, a fraction of
    value, 0.0 when there is none. delivery: settlement price at the start, 0.0 when not
    delivered then.
    """

    open_mark: Floats
    trade: Floats
    high_mark: Floats
    low_mark: Floats
    close_mark: Floats
    open_index: Floats
    close_index: Floats
    funding: Floats
    delivery: Floats


def walk(aligned: Aligned, contracts: Sequence[Contract], currencies: Sequence[str]) -> Walk:
    """The rows of a history in the order wanted; a contract may stand in several columns.

    Raises HistoryError naming what is not known at some step.
    """
    keys = [contract.key for contract in contracts]
    index = columns_of(aligned.index.value, aligned.currencies, currencies)
    mark = columns_of(aligned.mark.value, aligned.contracts, keys)
    inside = aligned.inside
    rows = Walk(
        open_mark=mark[:-1],
        trade=columns_of(inside.open, aligned.contracts, keys),
        high_mark=columns_of(inside.high, aligned.contracts, keys),
        low_mark=columns_of(inside.low, aligned.contracts, keys),
        close_mark=mark[1:],
        open_index=index[:-1],
        close_index=index[1:],
        funding=funding_at(aligned, contracts, mark)[:-1],
        delivery=_settlements(aligned, contracts, index, currencies),
    )
    _check_finite(aligned, rows, keys, currencies)
    return rows


def funding_at(aligned: Aligned, contracts: Sequence[Contract], marks: Floats) -> Floats:
    """Rates paid at each stamp as fractions of value; marks are those at which they are paid."""
    paid = columns_of(aligned.funding.paid, aligned.contracts, [one.key for one in contracts])
    for column, contract in enumerate(contracts):
        paid[:, column] = fraction_paid(contract, paid[:, column], marks[:, column])
    return paid


def settled_late(
    aligned: Aligned, contracts: Sequence[Contract], currencies: Sequence[str]
) -> tuple[Floats, Floats]:
    """(funding, delivery) per contract that fall due inside the last step, at the end of the clock.

    Funding as a fraction of value at the last mark; the settlement price, 0.0 where none is due.
    """
    keys = [one.key for one in contracts]
    marks = columns_of(aligned.mark.value[-1:], aligned.contracts, keys)[0]
    index = columns_of(aligned.index.value[-1:], aligned.currencies, currencies)[0]
    rates = columns_of(aligned.funding.inside_last[None, :], aligned.contracts, keys)[0]
    delivery = np.zeros(len(contracts))
    before, end = int(aligned.stamp_ns[-2]), int(aligned.stamp_ns[-1])
    for leg, contract in enumerate(contracts):
        rates[leg] = fraction_paid(contract, rates[leg], marks[leg])
        if contract.expiry_ns is not None and before < contract.expiry_ns < end:
            base, quote = currencies.index(contract.base), currencies.index(contract.quote)
            delivery[leg] = fair_price(index[base], index[quote], contract.base_count)
    return rates, delivery


def missing_funding(aligned: Aligned, keys: Sequence[str], allowed: bool) -> list[str]:
    """Warnings for funding stamps of these perpetuals that are not stored.

    Raises HistoryError unless they may be counted as none: missing is not zero.
    """
    missing = aligned.funding.missing.sum(axis=0)
    found = []
    for column, key in enumerate(aligned.contracts):
        stored = aligned.funding.stored[column]
        if key in keys and (missing[column] or not stored):
            count = int(missing[column]) if stored else len(aligned.stamp_ns)
            found.append(f"missing_funding: {key} lacks {count} funding stamps")
    if found and not allowed:
        raise HistoryError(
            f"{found[0]}; import them, or count them as none with --allow-missing-funding"
        )
    return [f"{line}, counted as none" for line in found]


def columns_of(table: Floats, names: Sequence[str], wanted: Sequence[str]) -> Floats:
    """Columns of a table in the order wanted; the dollar is 1.0, anything else must be there.

    Each column is contiguous, as whoever walks through time wants it.
    """
    found = np.ones((len(wanted), table.shape[0])).T
    for column, name in enumerate(wanted):
        if name in names:
            found[:, column] = table[:, names.index(name)]
        elif name != "USD":
            raise HistoryError(f"no prices for {name} in this history; import some")
    return found


def _settlements(
    aligned: Aligned, contracts: Sequence[Contract], index: Floats, currencies: Sequence[str]
) -> Floats:
    """Settlement price per step and leg: the index at the first stamp at or after expiry."""
    steps = len(aligned.stamp_ns) - 1
    found = np.zeros((steps, len(contracts)))
    for leg, contract in enumerate(contracts):
        if contract.expiry_ns is None:
            continue
        row = int(np.searchsorted(aligned.stamp_ns, contract.expiry_ns))
        if row < steps:
            base, quote = currencies.index(contract.base), currencies.index(contract.quote)
            now = index[row]
            found[row, leg] = fair_price(now[base], now[quote], contract.base_count)
    return found


def _check_finite(
    aligned: Aligned, rows: Walk, keys: Sequence[str], currencies: Sequence[str]
) -> None:
    """Every price that is divided by is finite and positive."""
    for name in (one.name for one in fields(rows)):
        if name in ("funding", "delivery"):
            continue
        array = getattr(rows, name)
        if array.size == 0:
            continue  # a book that no contract is in
        if not (array.min() > 0.0 and array.max() < np.inf):  # NaN is the least where there is one
            wrong = ~(np.isfinite(array) & (array > 0.0))
            which = currencies if "index" in name else keys
            step, column = (int(place[0]) for place in np.nonzero(wrong))
            raise HistoryError(
                f"{name} of {which[column]} is not known at {iso(int(aligned.stamp_ns[step]))}; "
                f"start later or import more history"
            )
