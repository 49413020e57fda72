"""Books as records: what a lane is when compiled.

Plain code reads named tuples of lists. Compiled code reads numpy records with the same names,
passed as one pointer. Their sequences are padded to a size class, so that one compilation
serves every book of the class; the counts in the records say how many rows are real.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

import numpy as np

from volsculpt.book.flatten import Flat
from volsculpt.decide.rules import Rules
from volsculpt.decide.triggers import rows_for
from volsculpt.dimensions import RecordField, columns
from volsculpt.exchange.events import page_rows

Array = np.ndarray[Any, Any]
ArrayRow = Any  # a row of an array: a sequence of numbers, which numpy does not declare it to be
Plain = TypeVar("Plain", bound=tuple[Any, ...])  # a named tuple of lists


class Room(NamedTuple):
    """How many rows of each kind a size class has."""

    currency: int
    wallet: int
    group: int
    leg: int
    tier: int
    weight: int
    hedge: int
    link: int
    pool: int
    use: int
    source: int

    @property
    def number(self) -> int:
        """Numbers that a row of triggers is a sum of."""
        return self.currency + self.leg

    @property
    def event(self) -> int:
        """Rows of what happens in a step."""
        return page_rows(self.leg, self.wallet, self.group, self.source, self.hedge)

    @property
    def row(self) -> int:
        """Rows of triggers."""
        return rows_for(self.leg, self.group, self.hedge)

    @property
    def row_number(self) -> int:
        """Rows of triggers by numbers."""
        return self.row * self.number

    @property
    def row_series(self) -> int:
        """Rows of triggers by numbers and the funding of each leg."""
        return self.row * (self.number + self.leg)

    @property
    def row_wallet(self) -> int:
        """Rows of triggers by wallets."""
        return self.row * self.wallet

    @property
    def row_hedge(self) -> int:
        """Rows of triggers by hedges."""
        return self.row * self.hedge


def room_class(step: int) -> Room:
    """The rooms of a size class; each class has four times the rows of the one before."""
    by = 4**step
    groups, currencies = 6 * by, 8 * by
    return Room(
        currency=currencies,
        wallet=20 * by,
        group=groups,
        leg=8 * by,
        tier=200 * by,
        weight=groups * currencies,
        hedge=6 * by,
        link=12 * by,
        pool=6 * by,
        use=12 * by,
        source=16 * by,
    )


def needed_room(flat: Flat, rules: Rules) -> Room:
    """Rows that a book and its rules really have."""
    layout = flat.layout
    return Room(
        currency=layout.currencies,
        wallet=layout.wallets,
        group=layout.groups,
        leg=layout.legs.rows,
        tier=len(layout.legs.tier_floor),
        weight=layout.groups * layout.currencies,
        hedge=rules.hedges,
        link=rules.links,
        pool=rules.pools,
        use=len(rules.use_leg),
        source=len(rules.source_wallet),
    )


def fitting_room(needed: Room) -> Room:
    """The smallest size class that holds a book."""
    step = 0
    while any(have < want for have, want in zip(room_class(step), needed, strict=True)):
        step += 1
    return room_class(step)


def rows_of(column: RecordField, room: Room) -> int:
    """Padded length of a sequence; of what a lane has one of it is 1."""
    return 1 if column.per == "one" else int(getattr(room, str(column.per)))


@cache
def record_type(kind: type[tuple[Any, ...]], room: Room) -> np.dtype[Any]:
    """The numpy record with the fields of a named tuple, sequences padded to `room`."""
    fields: list[tuple[Any, ...]] = []
    for column in columns(kind):
        if hasattr(column.kind, "_fields"):
            inner: Any = column.kind
            fields.append((column.name, record_type(inner, room)))
            continue
        figure = np.int64 if column.kind is int else np.float64
        length = () if column.per is None else ((rows_of(column, room),),)
        fields.append((column.name, figure, *length))
    return np.dtype(fields)


def write(record: Any, plain: NamedTuple) -> None:  # noqa: ANN401
    """Copy a named tuple of lists into a record; padding stays as it is."""
    for name, values in zip(plain._fields, plain, strict=True):
        if hasattr(values, "_fields"):
            write(record[name], values)
        elif isinstance(values, Sequence):
            record[name][: len(values)] = values
        else:
            record[name] = values


def records(plain: NamedTuple, room: Room, lanes: int) -> Array:
    """One record a lane, all alike."""
    found = np.zeros(lanes, record_type(type(plain), room))
    for lane in range(lanes):
        write(found[lane], plain)
    return found


def plain_of(kind: type[Plain], record: Any, room: Room) -> Plain:  # noqa: ANN401
    """A record as the named tuple of lists it came from, its padding cut off to `room`."""
    found: list[Any] = []
    for column in columns(kind):
        if column.per is not None:
            found.append(record[column.name][: rows_of(column, room)].tolist())
        elif hasattr(column.kind, "_fields"):
            found.append(plain_of(column.kind, record[column.name], room))
        else:
            found.append(record[column.name].item())
    return kind(*found)
