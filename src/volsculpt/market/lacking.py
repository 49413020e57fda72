"""What to say where a store lacks what is asked: all of it, its time, or its name."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from volsculpt.errors import HistoryError
from volsculpt.market.manifest import Manifest
from volsculpt.market.nearest import few, instead_of
from volsculpt.market.series import Role
from volsculpt.units import DAY_NS, iso, iso_day

PRICED: tuple[Role, ...] = ("index", "mark", "last")


def not_stored(
    root: Path,
    lacking: Sequence[str],
    every: Sequence[Manifest],
    sought: str = "",
    roles: Sequence[Role] = PRICED,
    index_venue: str | None = None,
) -> HistoryError:
    """What a store lacks and what to do: nothing is there, another time of it is, or other names.

    Worked: "data: stored is BTC from 2018-11-15 to 2024-07-01, none of it from 2030-01-01 to
    2030-02-01; choose a time inside, or import more with `volsculpt data import`".

    Args: root: folder of the store; lacking: coins, "venue:symbol" or values; every: all that is
    stored of what may be meant; sought: the time that was, in words, empty where names alone count;
    roles: that would do; index_venue: the venue that indexes must be of, None: any.
    """
    if not every:
        return nothing_stored(root)
    what = "values" if "value" in roles else "prices"
    usual = [one for one in every if one.role in roles]
    fits = [one for one in usual if one.role != "index" or index_venue in (None, one.venue)]
    of_venue = "" if index_venue is None else f" (indexes of {index_venue}, the index_venue)"
    spans = {name: span for name in lacking if (span := span_of(name, fits)) is not None}
    unknown = [name for name in lacking if name not in spans] or ([] if sought else list(lacking))
    others = sorted({one.venue for one in usual if one.label.key in unknown})
    if unknown:
        hint = instead_of(unknown, (one.label.key for one in fits))
        if index_venue is not None and others:
            hint = f"{few(unknown)}{of_venue}; there are those of {few(others)}"
        return HistoryError(
            f"{root}: no {what} stored of {hint}; `volsculpt data list --data {root}` shows all, "
            f"`volsculpt data import` stores more"
        )
    there = few([f"{name} {_from_to(span)}" for name, span in spans.items()])
    first = max(begin for begin, _ in spans.values())
    last = min(end for _, end in spans.values())
    shared = f" ({_from_to((first, last))})" if len(spans) > 1 and first < last else ""
    return HistoryError(
        f"{root}: stored is {there}{of_venue}, none of it {sought}; choose a time inside{shared}, "
        f"or import more with `volsculpt data import`"
    )


def nothing_stored(root: Path) -> HistoryError:
    """Where a store is empty, or not there. Worked: "data: nothing is stored here; ..."."""
    lacks = "nothing is stored here" if root.is_dir() else "there is no such folder"
    return HistoryError(
        f"{root}: {lacks}; `volsculpt data import FOLDER --data {root}` stores a folder of price "
        f"files, and --data or the variable VOLSCULPT_DATA name another store"
    )


def no_price_at(
    root: Path, lacking: Sequence[str], time_ns: int, index_venue: str | None, flags: str
) -> str:
    """Which coins have no stored price at a time, when those around it are, and what to do.

    Worked: "data: no price at 2020-07-25: BTC as stored ends at 2020-07-19 and goes on at
    2020-08-18; choose another time or import more with `volsculpt data import`".

    Args: root: folder of the store; lacking: coins; time_ns: ns UTC; index_venue: that indexes must
    be of, None: any; flags: options that give the prices, empty where there are none.
    """
    from volsculpt.market.store import stored

    fits = [one for one in stored(root) if one.role == "index" and index_venue in (None, one.venue)]
    near = few([f"{name} {_around(name, fits, time_ns)}" for name in lacking])
    ways = ["choose another time", "import more with `volsculpt data import`"]
    ways += [f"add {flags}"] if flags else []
    return (
        f"{root}: no price at {moment_words(time_ns)}: {near}; {', '.join(ways[:-1])} or {ways[-1]}"
    )


def _around(name: str, fits: Sequence[Manifest], time_ns: int) -> str:
    """When prices of a coin are stored before and after a time without any, in words."""
    from volsculpt.market.store import stamps_of

    ends: list[int] = []
    goes_on: list[int] = []
    for one in fits:
        if one.label.key == name:
            available_ns = stamps_of(one, one.from_ns, one.to_ns + 1) + (one.interval_ns or 0)
            ends += available_ns[available_ns <= time_ns][-1:].tolist()
            goes_on += available_ns[available_ns > time_ns][:1].tolist()
    before = f"ends at {moment_words(max(ends))}" if ends else ""
    after = f"{'goes on' if ends else 'begins'} at {moment_words(min(goes_on))}" if goes_on else ""
    there = " and ".join(part for part in (before, after) if part)
    return f"as stored {there}" if there else "is not stored"


def span_of(name: str, every: Iterable[Manifest]) -> tuple[int, int] | None:
    """From when to when anything of a name is stored, ns UTC; None where nothing is."""
    own = [(one.from_ns, one.to_ns) for one in every if one.label.key == name]
    if not own:
        return None
    return min(begin for begin, _ in own), max(end for _, end in own)


def is_inside(time_ns: int, name: str, every: Iterable[Manifest]) -> bool:
    """Whether a time is between the first and the last of what is stored of a name."""
    span = span_of(name, every)
    return span is not None and span[0] <= time_ns <= span[1]


def span_words(from_ns: int | None, to_ns: int | None) -> str:
    """A span that was asked for; empty where it has no end. Worked: "from 2030-01-01 on"."""
    if from_ns is not None and to_ns is not None:
        return f"from {moment_words(from_ns)} to {moment_words(to_ns)}"
    if from_ns is not None:
        return f"from {moment_words(from_ns)} on"
    return "" if to_ns is None else f"before {moment_words(to_ns)}"


def moment_words(time_ns: int) -> str:
    """A day where it is a midnight. Worked: 0 -> "1970-01-01"; an hour later, with its time."""
    return iso_day(time_ns) if time_ns % DAY_NS == 0 else iso(time_ns)


def _from_to(span: tuple[int, int]) -> str:
    return f"from {iso_day(span[0])} to {iso_day(span[1])}"
