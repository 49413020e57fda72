"""What a backtest, a paper venue and a desk's ledger say happened: lists of the same events.

Two lists are equal but for what each side names itself (ids of orders, lots, payments, transfers)
and for what has no counterpart in a run, said here once:

- how an order is sent (`Intended.way` and its limit) is the desk's; a run has orders at the market;
- what is only a handshake (`Submitted`, an order that is open, a transfer that is asked for) stands
  in a ledger so that a restart knows where it was; a run is never interrupted;
- a decision that changes nothing is kept by a desk, to be looked up, and not by a run;
- no venue states a loan: interest is in the lists of a backtest and a ledger;
- flows and transfers in a ledger are of coins as its venue counts them, so they agree to a
  billionth; fills and funding agree to the bit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import pytest

from volsculpt.ledger.events import (
    Acknowledged,
    CashBooked,
    Decided,
    Event,
    Filled,
    FlowBooked,
    Intended,
    TransferNoted,
    stamp_of,
)
from volsculpt.ledger.hedges import HedgeDecided, changes_anything, hedges_decided
from volsculpt.ledger.ledger import Ledger
from volsculpt.simulate.event_list import valued_events
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.record import Happened
from volsculpt.trade.paper.world import PaperExchange

FINAL = ("filled", "cancelled", "rejected", "expired", "absent")
DONE = ("sent", "arrived", "failed")
VENUE = ("fill", "funding", "insurance")  # what a venue states


@dataclass(frozen=True, slots=True, order=True)
class Compared:
    """An event without names: when, what, where, and its figures. coins: agree to a billionth."""

    stamp_ns: int
    kind: str
    where: tuple[str, ...]
    exact: tuple[str, ...] = ()
    coins: tuple[float, ...] = ()


def told_by_kernel(ran: Ran) -> list[Compared]:
    """All that a backtest says."""
    return unnamed((one.time_ns, one.event) for one in valued_events(ran))


def told_by_venue(world: PaperExchange) -> list[Compared]:
    """What a paper venue reports: fills and cash."""
    rows = [row for log in world.holdings.rows.values() for row in log.rows]
    return unnamed((row.stamp_ns, row) for row in rows)


def told_by_ledger(ledger: Ledger) -> list[Compared]:
    """All that a desk's ledger keeps."""
    return unnamed(
        (stamp_of(entry.event, entry.time_ns), one)
        for entry in ledger.entries()
        for one in seen(entry.event)
    )


def of_venue(events: Iterable[Compared]) -> list[Compared]:
    """Those that a venue reports."""
    return [one for one in events if one.kind in VENUE]


def until(events: Iterable[Compared], end_ns: int) -> list[Compared]:
    """Those before a time."""
    return [one for one in events if one.stamp_ns < end_ns]


def check_same(one: Sequence[Compared], other: Sequence[Compared]) -> None:
    """The same events at the same times and places, with the same figures."""
    bare = [[(e.stamp_ns, e.kind, e.where, e.exact) for e in events] for events in (one, other)]
    assert bare[0] == bare[1]
    for mine, theirs in zip(one, other, strict=True):
        assert mine.coins == pytest.approx(theirs.coins, rel=1e-9, abs=1e-9), (mine, theirs)


def seen(event: Event) -> list[Event | HedgeDecided]:
    """What a desk's event tells that a run tells too."""
    if isinstance(event, Decided):
        return [*hedges_decided(event)] if changes_anything(event) else []
    return [event]


def unnamed(events: Iterable[tuple[int, Event | Happened]]) -> list[Compared]:
    """Events without the names they were given, by time, kind and place."""
    slots: dict[str, tuple[str, str]] = {}
    found = []
    for time_ns, event in events:
        if isinstance(event, Intended):
            slots[event.client_id] = (event.account, event.contract)
        compared = _compared(time_ns, event, slots)
        found += [] if compared is None else [compared]
    return sorted(found)


def _compared(
    time_ns: int, event: Event | Happened, slots: dict[str, tuple[str, str]]
) -> Compared | None:
    """An event as it is compared; None: it has no counterpart."""
    match event:
        case HedgeDecided(name, held, target, in_band):
            return Compared(time_ns, "decided", (name,), (str(in_band),), (held, target))
        case Intended():
            where = (event.account, event.contract)
            figures = (event.contracts, event.reduce_only, event.reference_price, event.cause)
            return Compared(time_ns, "intended", where, tuple(map(repr, figures)))
        case Acknowledged() if event.outcome in FINAL:
            said = (event.outcome, repr(event.filled_contracts), event.why)
            return Compared(time_ns, "acknowledged", slots[event.client_id], said)
        case Filled():
            _, _, account, contract, *rest = astuple(event)
            return Compared(time_ns, "fill", (account, contract), tuple(map(repr, rest)))
        case CashBooked(reason="funding"):
            where = (event.account, event.contract or "")
            return Compared(time_ns, "funding", where, (event.currency, repr(event.coins)))
        case CashBooked():
            where = (event.account, event.currency)
            return Compared(time_ns, event.reason, where, (), (event.coins,))
        case TransferNoted() if event.state in DONE:
            where = (event.source, event.target, event.currency)
            return Compared(time_ns, event.state, where, (), (event.coins, event.cost))
        case FlowBooked():
            where = (event.account, event.currency)
            return Compared(time_ns, "flow", where, (event.note,), (event.coins,))
    return None
