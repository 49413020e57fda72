"""What is stored and what is imported, made one.

Prices and rates that contradict each other are refused: one of them is wrong. Values are
revised by those who publish them, and the past knew the first one: it is kept, and the
others are told.
"""

import numpy as np

from volsculpt.errors import HistoryError
from volsculpt.market.frames import columns_of, series_of
from volsculpt.market.gate import Flags, Stamps, first
from volsculpt.market.series import Bars, Series, Values
from volsculpt.units import iso

Merged = tuple[Series, int, int, tuple[str, ...]]  # (both, rows added, rows replaced, notes)


def merged_with(old: Series, new: Series, overwrite: bool) -> Merged:
    """The stored series with the new one in it: (both, rows added, rows replaced, notes).

    Raises HistoryError when rows contradict each other, unless `overwrite`, when the quote or unit
    differs, when one of the two is made up, or when values would be known in another order than
    they are of.
    """
    if old.label.quote != new.label.quote:
        raise HistoryError(f"{new.name}: stored in {old.label.quote}, given in {new.label.quote}")
    made_up = [one.label.source.startswith("synthetic") for one in (old, new)]
    if made_up[0] != made_up[1]:
        raise HistoryError(f"{new.name}: synthetic and real prices do not go into one series")
    if isinstance(old, Values) and isinstance(new, Values):
        return _values(old, new, overwrite)
    return _rows(old, new, overwrite)


def _rows(old: Series, new: Series, overwrite: bool) -> Merged:
    """Prices or rates; rows that contradict what is stored are refused, or replace it."""
    before, after = columns_of(old), columns_of(new)
    shared = [name for name in after if name in before]
    notes = [f"{n} is not in both and left out" for n in sorted(before.keys() ^ after.keys())]
    _both, at_old, at_new = np.intersect1d(
        old.stamps, new.stamps, assume_unique=True, return_indices=True
    )
    differs = np.zeros(len(at_old), dtype=np.bool_)
    for name in shared:
        differs |= before[name][at_old] != after[name][at_new]
    if differs.any() and not overwrite:
        row = int(np.argmax(differs))
        name = next(n for n in shared if before[n][at_old[row]] != after[n][at_new[row]])
        raise HistoryError(
            f"{new.name}: {int(differs.sum())} of {len(at_old)} rows contradict what is stored; "
            f"the first at {iso(int(old.stamps[at_old[row]]))}: {name} "
            f"{before[name][at_old[row]]:.10g} stored, {after[name][at_new[row]]:.10g} given; "
            f"if the new file is right, import it with overwrite (--overwrite)"
        )
    kept = np.ones(len(old.stamps), dtype=np.bool_)
    kept[at_old] = False
    stamps = np.concatenate([old.stamps[kept], new.stamps])
    order = np.argsort(stamps)
    columns = {n: np.concatenate([before[n][kept], after[n]])[order] for n in shared}
    interval_ns = new.interval_ns if isinstance(new, Bars) else None
    both = series_of(new.kind, new.label, interval_ns, stamps[order], columns)
    return both, len(new.stamps) - len(at_old), int(differs.sum()), tuple(notes)


def _values(old: Values, new: Values, overwrite: bool) -> Merged:
    """Values, of each stamp the one known first; with `overwrite` the new ones.

    Worked: 4.2 stored as known on the 4th, 4.3 given as known on the 20th: 4.2 stays. Given as
    known on the 3rd, 4.3 takes its place. Both known on the 4th: 4.2 stays, for it was there.
    """
    _both, at_old, at_new = np.intersect1d(
        old.stamps, new.stamps, assume_unique=True, return_indices=True
    )
    differs = old.value[at_old] != new.value[at_new]
    earlier = new.available_ns[at_new] < old.available_ns[at_old]
    moved = new.available_ns[at_new] != old.available_ns[at_old]
    taken = (differs | moved) if overwrite else earlier
    notes = _words(old, new, (at_old, at_new), differs & ~taken)
    later = int((moved & ~differs & ~taken).sum())
    if later:
        notes.append(f"{later} are stored as known earlier than given, and stay (--overwrite)")
    if earlier.any() and not overwrite:
        notes.append(f"{int(earlier.sum())} were known earlier than stored: known from then on")
    kept = np.ones(len(old.stamps), dtype=np.bool_)
    kept[at_old[taken]] = False
    fresh = np.ones(len(new.stamps), dtype=np.bool_)
    fresh[at_new[~taken]] = False
    stamps = np.concatenate([old.stamps[kept], new.stamps[fresh]])
    order = np.argsort(stamps)
    available_ns = np.concatenate([old.available_ns[kept], new.available_ns[fresh]])[order]
    value = np.concatenate([old.value[kept], new.value[fresh]])[order]
    _refuse_out_of_order(new.name, stamps[order], available_ns)
    both = Values(new.label, stamps[order], available_ns, value)
    return both, len(new.stamps) - len(at_old), int(taken.sum()), tuple(notes)


def _words(old: Values, new: Values, rows: tuple[Stamps, Stamps], refused: Flags) -> list[str]:
    """What is told of values that say something else than is stored, and are not taken."""
    if not refused.any():
        return []
    at_old, at_new = rows
    row = int(np.argmax(refused))
    words = (
        f"{int(refused.sum())} of {len(at_old)} values are others than stored, the first at "
        f"{iso(int(old.stamps[at_old[row]]))}: {old.value[at_old[row]]:.10g} stored, "
        f"{new.value[at_new[row]]:.10g} given; kept as first known (--overwrite replaces)"
    )
    return [words]


def _refuse_out_of_order(name: str, stamps: Stamps, available: Stamps) -> None:
    """HistoryError where a value would be known before one of a time before it."""
    row = first(np.diff(available) < 0)
    if row is not None:
        raise HistoryError(
            f"{name}: the value of {iso(int(stamps[row + 1]))} would be known at "
            f"{iso(int(available[row + 1]))}, before that of {iso(int(stamps[row]))}, at "
            f"{iso(int(available[row]))}: they were imported with different lags; give the one "
            f"they are stored with (--lag), or import a file of all of them with --overwrite"
        )
