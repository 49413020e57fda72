"""Which prices a run needs, from when, and whether a history has them.

A contract needs a price from its first use on, until it expires or is used no more: one by rule
(`BTC/USD:BTC@quarter`) from the moment the rule picks it. Coins need one throughout.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from volsculpt.contracts.currencies import is_stable
from volsculpt.contracts.payoff import fair_price
from volsculpt.contracts.spec import Contract
from volsculpt.decide.build import LegsAt
from volsculpt.errors import HistoryError
from volsculpt.market.align import Aligned, AlignedValues
from volsculpt.market.gate import Flags, Floats, frozen
from volsculpt.market.history import History
from volsculpt.units import DAY_NS, SECOND_NS, iso

SLACK_NS = DAY_NS  # a series may end so long before a run does


@dataclass(frozen=True, slots=True)
class PriceNeed:
    """From when to when a run needs prices of a contract, [from_ns, to_ns)."""

    contract: Contract
    from_ns: int
    to_ns: int


def uses_of(
    held: Sequence[Contract], legs_at: LegsAt, from_ns: int, to_ns: int
) -> dict[str, PriceNeed]:
    """When each contract is held or may be traded in a run.

    Looked up once a day; the moment of a first use is then found to the second.

    Args: held: at the start; legs_at: per hedge the legs in use at a time, ns UTC; from_ns, to_ns:
    the run, ns UTC.
    """
    found = {one.key: PriceNeed(one, from_ns, _end(one, to_ns)) for one in held}
    before = from_ns
    for now in [*range(from_ns, to_ns, DAY_NS), to_ns - 1]:
        picked = {one.key: one for used in legs_at(now) for _, one, _ in used}
        for key, one in picked.items():
            if key not in found:
                first = _first_use(legs_at, key, before, now)
                found[key] = PriceNeed(one, first, first)
            until = max(found[key].to_ns, _end(one, min(now + DAY_NS, to_ns)))
            found[key] = replace(found[key], to_ns=until)
        before = now
    return found


def _end(contract: Contract, time_ns: int) -> int:
    """A time, or the contract's expiry where that is sooner."""
    return time_ns if contract.expiry_ns is None else min(time_ns, contract.expiry_ns)


def _first_use(legs_at: LegsAt, key: str, early_ns: int, late_ns: int) -> int:
    """When a contract that is in use at the later time, not at the earlier, first is."""
    while late_ns - early_ns > SECOND_NS:
        middle = (early_ns + late_ns) // 2
        if any(one.key == key for used in legs_at(middle) for _, one, _ in used):
            late_ns = middle
        else:
            early_ns = middle
    return late_ns


def needed(aligned: Aligned, uses: Mapping[str, PriceNeed]) -> Flags:
    """(stamp, contract) booleans: where a price is needed."""
    stamps = aligned.stamp_ns
    columns = [
        (stamps >= uses[key].from_ns) & (stamps < uses[key].to_ns)
        if key in uses
        else np.zeros(len(stamps), dtype=np.bool_)
        for key in aligned.contracts
    ]
    return np.column_stack(columns) if columns else np.zeros((len(stamps), 0), dtype=np.bool_)


def lacking_until(aligned: Aligned, uses: Mapping[str, PriceNeed]) -> tuple[int, list[str]]:
    """(the first stamp from which every price that is needed is known, what is lacking before).

    Raises HistoryError naming what is never known.
    """
    bad = np.hstack([~aligned.index.available, needed(aligned, uses) & ~aligned.mark.available])
    names = (*aligned.currencies, *aligned.contracts)
    lacking = [column for column in range(len(names)) if bad[:, column].any()]
    if not lacking:
        return 0, []
    last = [int(np.flatnonzero(bad[:, column])[-1]) for column in lacking]
    never = [
        names[column] for column, row in zip(lacking, last, strict=True) if row >= _end_row(bad)
    ]
    if never:
        stamps = aligned.stamp_ns
        raise HistoryError(
            f"never known from {iso(int(stamps[0]))} to {iso(int(stamps[-1]))}: "
            f"{', '.join(never)}; import more history or ask for less"
        )
    late = max(last)
    latest = [names[column] for column, row in zip(lacking, last, strict=True) if row == late]
    return late + 1, latest


def _end_row(bad: Flags) -> int:
    """The last row after which a run still has a step."""
    return len(bad) - 2


def check_ends(history: History, uses: Mapping[str, PriceNeed], from_ns: int, to_ns: int) -> None:
    """Refuse a run that reaches beyond what is known: prices would stand still in it.

    Each coin must be known to the end, each contract until it is needed no more; a day is allowed.
    A stablecoin has its peg beyond its prices.

    Args: history: of the run; uses: what each contract is needed for; from_ns, to_ns: its ends, ns
    UTC.
    """
    coins = [one for name, one in history.index.items() if not is_stable(name, history.pegs)]
    ends = [(one, to_ns) for one in coins]
    for key, use in uses.items():
        own = history.mark.get(key) or history.last.get(key)
        if own is not None:
            ends.append((own, use.to_ns))
    for one, until in ends:
        if one.end_ns < until - SLACK_NS:
            earlier = f"end earlier (--to {iso(one.end_ns)})"
            way = earlier if one.end_ns > from_ns else "begin at another time (--from)"
            raise HistoryError(
                f"{one.name} ends at {iso(one.end_ns)}, before {iso(until)}, until when it is "
                f"needed; {way} or import more history"
            )


def with_unneeded(aligned: Aligned, contracts: Mapping[str, Contract]) -> Aligned:
    """The same, contracts at their index where no price of them is known: nothing reads it.

    A run has a place for every contract it ever uses, and places hold numbers.
    """
    available = aligned.mark.available
    if available.all():
        return aligned
    index = {name: aligned.index.value[:, row] for row, name in enumerate(aligned.currencies)}
    ones = np.ones(len(aligned.stamp_ns))
    fair = np.column_stack(
        [
            fair_price(index.get(one.base, ones), index.get(one.quote, ones), one.base_count)
            for one in (contracts[key] for key in aligned.contracts)
        ]
    )
    mark = _filled(aligned.mark.value, fair)
    inside = replace(
        aligned.inside,
        open=_filled(aligned.inside.open, mark[:-1]),
        high=_filled(aligned.inside.high, np.fmax(mark[:-1], mark[1:])),
        low=_filled(aligned.inside.low, np.fmin(mark[:-1], mark[1:])),
    )
    kept = aligned.mark
    return replace(
        aligned, mark=AlignedValues(mark, kept.age_ns, kept.available, kept.source), inside=inside
    )


def _filled(table: Floats, other: Floats) -> Floats:
    """A table, another's figures where it has none; read-only."""
    made: Any = frozen(np.where(np.isfinite(table), table, other))
    found: Floats = made
    return found
