"""An account's events in a ledger: what is new is written, and what contradicts is refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from volsculpt.contracts.catalog import Catalog
from volsculpt.errors import LedgerError
from volsculpt.ledger.events import (
    CashBooked,
    Converted,
    Event,
    Filled,
    FlowBooked,
    Stated,
    TransferNoted,
)
from volsculpt.ledger.ledger import Ledger
from volsculpt.statements.booked import BookedRows, SourcedEvent, booked
from volsculpt.statements.importing import AccountRead, folded, place_of, sums_by_coin
from volsculpt.text import amount
from volsculpt.units import iso

CLOSE = 1e-7  # of a balance: what venues' figures and sums of ours may differ by
EventKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class AccountBooked:
    """What became of an account's events in a ledger."""

    account: str
    written: int
    duplicates: int


def import_into(ledger: Ledger, one: AccountRead, now_ns: int, catalog: Catalog) -> AccountBooked:
    """Write what is new of an account; importing the same again changes nothing.

    LedgerError: the ledger of a desk, an event that is known and said something else, rows before
    those the ledger began with, or balances that do not add up.

    Args: ledger: open for writing; one: the account; now_ns: when it is written, ns UTC; catalog:
    of contracts.
    """
    _check_no_desk(ledger)
    recorded = {key: event for entry in ledger.entries() if (key := key_of(event := entry.event))}
    held = {
        key: position.contracts
        for (where, key), position in ledger.books.positions.items()
        if where == one.name
    }
    is_new = not any(where == one.name for where, _ in ledger.books.balances)
    place = place_of(one, catalog, {} if is_new else _before(recorded, held, one))
    found = booked(one.rows, place)
    fresh = [row for row in found.events if _is_fresh(row, recorded, ledger)]
    opening = _opening(one) if is_new else []
    _check_begin(ledger, one, fresh)
    _check_end(ledger, one, [*opening, *(row.event for row in fresh)], found)
    ledger.append([*opening, *(row.event for row in fresh)], now_ns)
    return AccountBooked(one.name, len(fresh), len(found.events) - len(fresh))


def _check_no_desk(ledger: Ledger) -> None:
    if ledger.books.last_decision_seq is not None:
        raise LedgerError(
            f"{ledger.name}: is the ledger of a desk, which books its accounts itself; import into "
            f"a ledger of its own: --ledger books.ledger"
        )


def key_of(event: Event) -> EventKey | None:
    """What an event is known by, so that it counts once; None for one that has no id."""
    if isinstance(event, Filled):
        return "fill", event.account, event.lot_id
    if isinstance(event, CashBooked):
        return "cash", event.account, event.cash_id
    if isinstance(event, Converted):
        return "conversion", event.account, event.conversion_id
    if isinstance(event, FlowBooked):
        return "flow", event.account, event.flow_id
    return ("transfer", "", event.transfer_id) if isinstance(event, TransferNoted) else None


def _before(
    recorded: dict[EventKey, Event], held: dict[str, float], one: AccountRead
) -> dict[str, float]:
    """Contracts that the books had before the first row: what they have, less what came since."""
    first = one.rows[0].time_ns if one.rows else 0
    found = dict(held)
    for event in recorded.values():
        if isinstance(event, Filled) and event.account == one.name and event.stamp_ns >= first:
            found[event.contract] = found.get(event.contract, 0.0) - event.contracts
    return found


def _is_fresh(row: SourcedEvent, recorded: dict[EventKey, Event], ledger: Ledger) -> bool:
    """Whether an event is new. LedgerError: it is known and said something else."""
    key = key_of(row.event)
    assert key is not None, "every event of a statement has an id"
    before = recorded.get(key)
    if before is not None and before != row.event:
        raise LedgerError(
            f"{row.row.where}: {key[0]} {key[2]} is in {ledger.name} already and says something "
            f"else there; one of the two files was changed: export it again, or begin a new ledger"
        )
    return before is None


def _opening(one: AccountRead) -> list[Event]:
    """What was there before the first row."""
    coins = {coin: held for coin, held in one.openings.items() if held != 0.0}
    if not coins:
        return []
    return [Stated(one.name, coins, {}, one.rows[0].time_ns, adopted=True)]


def _check_begin(ledger: Ledger, one: AccountRead, fresh: Sequence[SourcedEvent]) -> None:
    """Refuse rows from before the balance that the ledger began with: they are a part of it."""
    stated = ledger.books.statements.get(one.name)
    early = [row.row for row in fresh if stated is not None and row.row.time_ns < stated.stamp_ns]
    if early and stated is not None:
        raise LedgerError(
            f"{early[0].where}: is from before {iso(stated.stamp_ns)}, where {one.name} begins in "
            f"{ledger.name} with the balances of then; begin a new ledger with the oldest file"
        )


def _check_end(
    ledger: Ledger, one: AccountRead, events: Sequence[Event], found: BookedRows
) -> None:
    """Refuse books that do not end with the balances that the files end with.

    Args: ledger: before; one: the account; events: that are to be written; found: all of them, and
    what of the rows is not booked.
    """
    if not one.spans or _is_older(ledger, one):
        return
    books = folded(events, ledger.books)
    left = sums_by_coin((row.coin, row.change) for row in found.unknown)
    for coin, final in one.finals.items():
        ends = books.balances.get((one.name, coin), 0.0) + left.get(coin, 0.0)
        ends -= float(found.posted.get(coin, 0))
        if abs(ends - final) > CLOSE * max(1.0, abs(final)):
            raise LedgerError(
                f"{one.rows[-1].where}: {one.name} ends with {amount(final, coin)}, and all "
                f"that is booked makes {amount(ends, coin)}: rows between the files are missing; "
                f"export the time from the last import on without a gap"
            )


def _is_older(ledger: Ledger, one: AccountRead) -> bool:
    """Whether the books already hold later rows of the account than these files."""
    last = one.rows[-1].time_ns if one.rows else 0
    stamps = (
        getattr(entry.event, "stamp_ns", None)
        for entry in ledger.entries()
        if getattr(entry.event, "account", None) == one.name
    )
    return any(stamp is not None and stamp > last for stamp in stamps)
