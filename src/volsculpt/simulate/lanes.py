"""Books as records: what a lane is when compiled.

Plain code reads named tuples of lists. Compiled code reads numpy records with the same names,
passed as one pointer. Their sequences are padded to a size class, so that one compilation
serves every book of the class; the counts in the records say how many rows are real.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, get_args, get_type_hints

import numpy as np

from volsculpt.book.flatten import Flat
from volsculpt.decide.rules import Rules
from volsculpt.decide.triggers import rows_for
from volsculpt.exchange.events import page_rows

Array = np.ndarray[Any, Any]
Rows = Any  # a named tuple of lists, or a numpy record with the same names

DIMENSION = {
    "currency": "moves index_usd balance pnl pnl_on futures known",
    "wallet": (
        "wallet_currency wallet_group wallet_wrapped wallet_weight wallet flow kept anchor drift"
    ),
    "group": (
        "group_currency incoming planned assumed band_first band_second band_third band_last "
        "transfer_cost min_transfer move_currency source_from source_to top_up post group_code "
        "lacking reserved spare transfer transfer_due transfer_wallet transfer_delay "
        "transit_wallet tight"
    ),
    "leg": (
        "payoff multiplier base_count base quote settle group mark_power settle_power lot minimum "
        "taker "
        "order_least_value order_exempt order_most position_most position_most_value "
        "initial_base initial_slope "
        "margin_kind margin_on_entry rate_base rate_slope rate_added tier_from tier_to "
        "cash_wallet funding_wallet sweep_cost free_wallet posted_wallet leverage open_distance "
        "contracts cost others others_cost "
        "working slot mark leg_coin trade cancel leg_code hold half_spread slippage "
        "liquidation_fee delivery_fee order order_due high_mark low_mark funding delivery "
        "booked cut posting"
    ),
    "tier": "tier_floor tier_rate tier_cum tier_initial",
    "weight": "group_weight bonus others_coins",
    "hedge": (
        "hedge_currency hedge_pool hedge_beta hedge_base hedge_coins hedge_hold under_trigger "
        "under_settle over_trigger over_settle held hedge_code term share ratio"
    ),
    "pool": "pool_currency pool_from pool_to want can before after",
    "use": "use_leg use_retire",
    "source": "source_wallet",
    "row": "kind subject where factor least constant",
    "coef": "coef rough",
    "gain": "gain",
    "turn": "turn",
    "number": "now",
    "event": (
        "event_kind event_row event_code event_size event_price event_usd event_fee event_moved"
    ),
}


ONE = ("used", "full")


class Room(NamedTuple):
    """How many rows of each kind a size class has."""

    currency: int
    wallet: int
    group: int
    leg: int
    tier: int
    weight: int
    hedge: int
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
    def coef(self) -> int:
        """Rows of triggers by numbers."""
        return self.row * self.number

    @property
    def gain(self) -> int:
        """Rows of triggers by wallets."""
        return self.row * self.wallet

    @property
    def turn(self) -> int:
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


def rows_of(kind: str, name: str, room: Room) -> int:
    """Padded length of a sequence field; what a lane has one of is 1 long."""
    if name in ONE:
        return 1
    if kind == "Answer" and name == "base":
        return room.hedge
    for dimension, names in DIMENSION.items():
        if name in names.split():
            return int(getattr(room, dimension))
    raise KeyError(f"{kind}.{name} has no dimension; add it to DIMENSION")


@cache
def record_type(kind: type[tuple[Any, ...]], room: Room) -> np.dtype[Any]:
    """The numpy record with the fields of a named tuple, sequences padded to `room`."""
    fields: list[tuple[Any, ...]] = []
    for name, hint in get_type_hints(kind).items():
        inner = get_args(hint)
        if inner:
            whole = np.int64 if inner[0] is int else np.float64
            fields.append((name, whole, (rows_of(kind.__name__, name, room),)))
        elif hasattr(hint, "_fields"):
            fields.append((name, record_type(hint, room)))
        else:
            fields.append((name, np.int64 if hint is int else np.float64))
    return np.dtype(fields)


def write(record: Rows, plain: Rows) -> None:
    """Copy a named tuple of lists into a record; padding stays as it is."""
    for name, said in zip(plain._fields, plain, strict=True):
        if hasattr(said, "_fields"):
            write(record[name], said)
        elif isinstance(said, Sequence):
            record[name][: len(said)] = said
        else:
            record[name] = said


def records(plain: Rows, room: Room, lanes: int) -> Array:
    """One record a lane, all alike."""
    kind: Any = type(plain)
    found = np.zeros(lanes, record_type(kind, room))
    for lane in range(lanes):
        write(found[lane], plain)
    return found


def plain_of(kind: Any, record: Rows, room: Room) -> Rows:  # noqa: ANN401
    """A record as the named tuple of lists it came from, its padding cut off to `room`."""
    found: list[Any] = []
    for name, hint in get_type_hints(kind).items():
        if get_args(hint):
            rows = rows_of(kind.__name__, name, room)
            found.append(record[name][:rows].tolist())
        elif hasattr(hint, "_fields"):
            found.append(plain_of(hint, record[name], room))
        else:
            found.append(record[name].item())
    return kind(*found)
