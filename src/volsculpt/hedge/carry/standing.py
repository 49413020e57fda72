"""Whether coins are sold forward: a fold over what that would earn, one look after another.

    in   when the best contract is expected to earn `hurdle` or more over cash
    out  when the one that was sold by is expected to earn less than `exit` over cash
    else as it was; and no change before `min_dwell` has passed since the last one

What is not known changes nothing, until it has lasted `max_age`: then the one sold by counts as
gone, where another is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from volsculpt.hedge.carry.traded import CarryOutlook, best_first


@dataclass(frozen=True, slots=True)
class CarryBounds:
    """What yields are held to: rates a year over cash, and lengths of time in ns."""

    hurdle: float
    exit: float
    cash_rate: float
    min_dwell_ns: int
    max_age_ns: int


class CarryStanding(NamedTuple):
    """Whether coins are sold forward, and how it came about. Times are ns UTC.

    rule, key: what is sold by, "" while nothing is. entry: what it was expected to earn a year when
    that contract was first sold by, is_locked: until its delivery. since_ns: of the last change,
    None before one. known_ns: of the last look at which enough was known.
    """

    is_on: bool
    rule: str
    key: str
    entry: float | None
    is_locked: bool
    entered_ns: int | None
    since_ns: int | None
    known_ns: int


def after_look(
    before: CarryStanding | None, every: Sequence[CarryOutlook], now_ns: int, bounds: CarryBounds
) -> CarryStanding | None:
    """The standing after a look; None where nothing was ever known.

    Worked: hurdle 5 %, exit 2.5 %, dwell 7 days: 6 % -> in; 1 % three days later -> in; 1 % on the
    eighth day -> out; 4 % -> out.

    Args: before: None at first; every: what each contract is expected to earn, in order of
    preference; now_ns: ns UTC; bounds: of the owner.
    """
    held = _held(before, every)
    if before is not None and before.is_on:
        return _went_on(before, held, every, now_ns, bounds)
    ranked = best_first(list(every))
    if not ranked:
        return before
    best, free = ranked[0], _may_change(before, now_ns, bounds)
    if free and (best.enter or 0.0) - bounds.cash_rate >= bounds.hurdle:
        return CarryStanding(
            True, best.rule, best.key, best.enter, best.is_locked, now_ns, now_ns, now_ns
        )
    since_ns = None if before is None else before.since_ns
    return CarryStanding(False, "", "", None, False, None, since_ns, now_ns)


def _went_on(
    before: CarryStanding,
    held: CarryOutlook | None,
    every: Sequence[CarryOutlook],
    now_ns: int,
    bounds: CarryBounds,
) -> CarryStanding:
    """The standing of who has sold. Arguments as those of `after_look`; held: what is sold by."""
    free = _may_change(before, now_ns, bounds)
    if held is None or held.stay is None:
        is_gone = now_ns - before.known_ns > bounds.max_age_ns and best_first(list(every))
        return _out(now_ns) if is_gone and free else before
    if free and held.stay - bounds.cash_rate < bounds.exit:
        return _out(now_ns)
    after = before._replace(known_ns=now_ns)
    if held.key == before.key:
        return after
    return after._replace(
        key=held.key, entry=held.enter, is_locked=held.is_locked, entered_ns=now_ns
    )


def _out(now_ns: int) -> CarryStanding:
    """Nothing is sold from a moment on."""
    return CarryStanding(False, "", "", None, False, None, now_ns, now_ns)


def _held(before: CarryStanding | None, every: Sequence[CarryOutlook]) -> CarryOutlook | None:
    """What is known of the contract that is sold by."""
    return next((one for one in every if before is not None and one.rule == before.rule), None)


def _may_change(before: CarryStanding | None, now_ns: int, bounds: CarryBounds) -> bool:
    """Whether the last change is long enough ago."""
    since_ns = None if before is None else before.since_ns
    return since_ns is None or now_ns - since_ns >= bounds.min_dwell_ns


class CarryPast(NamedTuple):
    """What is sure of a standing whose first looks are not known. Times are ns UTC.

    low_ns: since when every look would have made any contract be left. off_ns: from when nothing
    is sold whatever there was before. is_sure: whether nothing before can show any more.
    """

    low_ns: int | None = None
    off_ns: int | None = None
    is_sure: bool = False


def narrowed_past(
    past: CarryPast, every: Sequence[CarryOutlook], now_ns: int, bounds: CarryBounds
) -> CarryPast:
    """What is sure after one more look.

    Who had sold has left when looks of a whole dwell would have made them; when a dwell later one
    makes them come in, all come in together, and stand alike from then on.

    Args: past: before; every: what each contract is expected to earn; now_ns: ns UTC; bounds: of
    the owner.
    """
    best = best_first(list(every))
    if best and (best[0].enter or 0.0) - bounds.cash_rate >= bounds.hurdle:
        off_ns = past.off_ns
        together = off_ns is not None and now_ns - off_ns >= bounds.min_dwell_ns
        return CarryPast(is_sure=past.is_sure or together)
    stays = [one.stay for one in every]
    if not stays or any(one is None or one - bounds.cash_rate >= bounds.exit for one in stays):
        return past._replace(low_ns=None)
    low_ns = now_ns if past.low_ns is None else past.low_ns
    is_off = past.off_ns is None and now_ns - low_ns >= bounds.min_dwell_ns
    return past._replace(low_ns=low_ns, off_ns=now_ns if is_off else past.off_ns)


def standing_of(stored: Mapping[str, Any] | None) -> CarryStanding | None:
    """A standing again, out of plain values."""
    return None if stored is None else CarryStanding(**stored)
