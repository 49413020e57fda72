"""Reading what a run kept: its events as columns, and its book at any moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from volsculpt.book.state import Layout
from volsculpt.exchange.events import CAUSES
from volsculpt.market.gate import Floats
from volsculpt.simulate.lanes import Array
from volsculpt.simulate.log import EVENT, FIGURE, Log


@dataclass(frozen=True, slots=True, eq=False)
class EventColumns:
    """Columns of equal length, in the order things happened; see `exchange.events`."""

    kind: Array
    row: Array
    code: Array
    moment: Array
    size: Floats
    price: Floats
    usd: Floats
    fee: Floats
    moved: Floats
    charge: Floats

    def __len__(self) -> int:
        """How many there are."""
        return len(self.kind)

    @property
    def stamp(self) -> Array:
        """The stamp of each: its number among the stamps of the run."""
        return (self.moment + 1) // 2

    def where(self, chosen: Any) -> "EventColumns":  # noqa: ANN401
        """Some of them, by a mask or by their places."""
        return EventColumns(*[getattr(self, name)[chosen] for name in self.__dataclass_fields__])

    def of(self, *wanted: int) -> "EventColumns":
        """Those of some kinds."""
        return self.where(np.isin(self.kind, wanted))


def events_of(log: Log, lane: int = 0) -> EventColumns:
    """What happened to a lane."""
    used = int(log.used[lane, 0])
    whole = zip(EVENT, log.event[lane, :used].T, strict=True)
    return EventColumns(**dict(whole), **dict(zip(FIGURE, log.figure[lane, :used].T, strict=True)))


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What was held at some moments: (moment, row)."""

    wallet: Floats
    contracts: Floats
    cost: Floats


def held_at(log: Log, layout: Layout, moments: Sequence[int] | Array, lane: int = 0) -> Held:
    """What a lane held after some moments.

    Args: moments: in order or not, as the log numbers them; lane: its number.
    """
    used = int(log.used[lane, 1])
    rows = np.searchsorted(log.moment[lane, :used], moments, side="right") - 1
    table, legs = log.state[lane, rows], layout.legs.rows
    wallet, contracts, cost = np.split(table, np.cumsum([layout.wallets, legs, legs]), axis=1)[:3]
    return Held(wallet, contracts, cost)


def stamp_moments(stamps: int, late: bool) -> Array:
    """The last moment before the decision of each stamp; late: after what the end of a run books.

    Worked: three stamps: -2, 0, 2; booked late, the last is 4.
    """
    found = 2 * np.arange(stamps) - 2
    if late:
        found[-1] += 2
    return found


def cash_by_cause(events: EventColumns, cause: str) -> tuple[Array, Floats]:
    """(moment, US dollars) of each event that a cause of `CAUSES` adds up."""
    found = [(events.of(kind), name) for kind, name in CAUSES[cause]]
    moments = np.concatenate([some.moment for some, _ in found])
    return moments, np.concatenate([getattr(some, name) for some, name in found])


def summed(moments: Array, usd: Floats, decided: Array) -> Floats:
    """What had been added up before each stamp. decided: the last moment each knows of."""
    slots = np.searchsorted(decided, moments)
    inside = slots < len(decided)
    return np.cumsum(np.bincount(slots[inside], usd[inside], len(decided)))
