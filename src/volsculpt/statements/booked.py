"""Rows of a statement as events of a ledger, each with the venue's id: none counts twice."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from volsculpt.contracts.catalog import Catalog
from volsculpt.contracts.spec import Contract
from volsculpt.errors import HistoryError
from volsculpt.ledger.events import (
    CashBooked,
    CashReason,
    Converted,
    Event,
    Filled,
    FillReason,
    FlowBooked,
    TransferNoted,
)
from volsculpt.statements.contracts import (
    by_contract,
    contract_of,
    contracts_in,
    fills_with_position,
    lacks_opening_position,
    signed_size,
)
from volsculpt.statements.forms import Meaning, StatementForm
from volsculpt.statements.rows import StatementRow
from volsculpt.units import iso_day

LONGEST_ID = 60
REASONS: Mapping[Meaning, CashReason] = {
    "profit": "profit",
    "funding": "funding",
    "fee": "fee",
    "interest": "interest",
    "insurance": "insurance",
}
FILL_REASONS: Mapping[str, FillReason] = {
    "liquidation": "liquidation",
    "adl": "adl",
    "delivery": "delivery",
    "delivered": "delivery",
}


@dataclass(frozen=True, slots=True)
class SourcedEvent:
    """An event, and the row it is of: the first of several."""

    event: Event
    row: StatementRow


@dataclass(slots=True)
class BookedRows:
    """Events of an account's rows, what of them is not known, and what was taken how.

    posted: coins that rows moved into the margin of isolated positions, which are in no balance.
    """

    events: list[SourcedEvent] = field(default_factory=list)
    unknown: list[StatementRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    posted: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BookingPlace:
    """Where rows are booked.

    held: contracts that the books have, by contract's key. outside: transfers inside the venue are
    from and to accounts that no file tells of, so their coins come and go as from outside.
    """

    account: str
    form: StatementForm
    catalog: Catalog
    held: Mapping[str, float] = field(default_factory=dict)
    outside: bool = False

    @property
    def clearing(self) -> str:
        """The account that transfers inside the venue pass through.

        Nothing stays there once both sides are booked.
        """
        return f"{self.form.venue} transfers"


def booked(rows: Sequence[StatementRow], place: BookingPlace) -> BookedRows:
    """The events of an account's rows, by time.

    HistoryError: a row that contradicts itself.
    """
    found = BookedRows()
    fills = [one for one in rows if one.meaning in ("fill", "position")]
    found.events += _fills(fills, place, found.notes)
    halves: dict[tuple[str, int], list[StatementRow]] = {}
    for one in rows:
        if one.meaning is None:
            found.unknown.append(one)
        elif one.meaning == "convert":
            key = (one.group or one.contract, one.time_ns)
            halves.setdefault(key, []).append(one)
        elif one.meaning not in ("fill", "position", "nothing"):
            found.events += [SourcedEvent(event, one) for event in _HOW[one.meaning](one, place)]
    found.posted = _posted(rows, place.form)
    for both in halves.values():
        _convert(both, place, found)
    found.events.sort(key=lambda one: one.row.time_ns)
    return found


def _posted(rows: Sequence[StatementRow], form: StatementForm) -> dict[str, Decimal]:
    """Coins of each currency that trades took out of the balance and neither lost nor paid.

    Of forms that tell profit and fee beside a balance without isolated positions.
    """
    found: dict[str, Decimal] = {}
    if form.counts != "contracts":
        return found
    for one in rows:
        if one.meaning in ("fill", "funding") and one.balance is not None:
            earned = one.profit - one.fee if one.meaning == "fill" else one.change or one.profit
            found[one.coin] = found.get(one.coin, Decimal(0)) + earned - one.change
    return {coin: coins for coin, coins in found.items() if coins}


def classified_trade(one: StatementRow) -> StatementRow:
    """A trade as one of coins or of contracts. HistoryError: the file does not tell which."""
    if one.meaning != "spot or fill":
        return one
    if one.is_spot is None:
        raise HistoryError(
            f"{one.where}: whether {one.contract} was traded as coins or as a contract is not "
            f"told; export a file with the column Action or category"
        )
    return replace(one, meaning="convert" if one.is_spot else "fill")


# --- cash -----------------------------------------------------------------------------


def _named(one: StatementRow, place: BookingPlace) -> str | None:
    """The key of the contract a row is of; the venue's own name where it is not known."""
    if not one.contract:
        return None
    found = contract_of(one.contract, place.form, one.coin, place.catalog)
    return f"{place.form.venue}:{one.contract}" if found is None else found.key


def _cash(
    one: StatementRow, place: BookingPlace, coins: Decimal, reason: CashReason, part: str = ""
) -> list[Event]:
    """Coins for one reason; none of nothing.

    Args: one: the row; place: where it is booked; coins: + received; reason: why; part: of the row,
    where it has several.
    """
    if coins == 0:
        return []
    cash_id = f"{one.entry_id}:{part}" if part else one.entry_id
    contract = _named(one, place)
    return [
        CashBooked(cash_id, place.account, one.coin, float(coins), reason, one.time_ns, contract)
    ]


def _plain(one: StatementRow, place: BookingPlace) -> list[Event]:
    """A row that is of one reason alone."""
    assert one.meaning is not None
    return _cash(one, place, one.change or one.profit, REASONS[one.meaning])


def _parts(one: StatementRow, place: BookingPlace) -> list[Event]:
    """A row's profit, fee and funding. HistoryError: they are not its change."""
    if one.profit == one.fee == one.funding == 0:
        return _cash(one, place, one.change, "profit", "profit")
    off = one.change - one.profit - one.funding + one.fee
    if place.form.fee == "paid" and abs(off) > Decimal("1e-4") * max(abs(one.change), Decimal(1)):
        raise HistoryError(
            f"{one.where}: a change of {one.change} is not its profit {one.profit}, funding "
            f"{one.funding} and fee {one.fee}; the file was changed, or is of another form: export "
            f"it again"
        )
    return [
        *_cash(one, place, one.profit, "profit", "profit"),
        *_cash(one, place, one.funding, "funding", "funding"),
        *_cash(one, place, -one.fee, "fee", "fee"),
    ]


def _fee(one: StatementRow, place: BookingPlace) -> list[Event]:
    """What a row paid besides, in its own coin. HistoryError: it is paid in another."""
    if one.fee and one.fee_coin != one.coin:
        raise HistoryError(
            f"{one.where}: pays its fee in {one.fee_coin}, and changes the balance of {one.coin} "
            f"alone; export a file that has a row for each coin"
        )
    return _cash(one, place, -one.fee, "fee", "fee")


# --- coins that come and go -----------------------------------------------------------


def _flow(one: StatementRow, place: BookingPlace) -> list[Event]:
    """From outside, or to it."""
    coins, fee = float(one.change + one.fee), _fee(one, place)
    if coins == 0.0:
        return fee
    flow_id = f"{place.account}:{one.entry_id}"
    flow = FlowBooked(flow_id, place.account, one.coin, coins, one.kind, one.time_ns)
    return [flow, *fee]


def _transfer(one: StatementRow, place: BookingPlace) -> list[Event]:
    """From another account at the venue, or to it."""
    if place.outside:
        return _flow(one, place)
    coins, fee = float(one.change + one.fee), _fee(one, place)
    if coins == 0.0:
        return fee
    ends = (place.clearing, place.account) if coins > 0.0 else (place.account, place.clearing)
    name = f"{place.account}:{one.entry_id}"
    moved = TransferNoted(name, *ends, one.coin, abs(coins), 0.0, "arrived", one.kind, one.time_ns)
    return [moved, *fee]


def _convert(both: Sequence[StatementRow], place: BookingPlace, found: BookedRows) -> None:
    """Both halves of a trade of coins as one event; a half alone is not known."""
    sums: dict[str, Decimal] = {}
    for one in both:
        sums[one.coin] = sums.get(one.coin, Decimal(0)) + one.change + one.fee
    sold = [coin for coin, coins in sums.items() if coins < 0]
    bought = [coin for coin, coins in sums.items() if coins > 0]
    if len(sold) != 1 or len(bought) != 1:
        found.unknown += both
        return
    first = min(both, key=lambda one: one.row)
    name = _joined(sorted(one.entry_id for one in both))
    made = Converted(
        conversion_id=name,
        account=place.account,
        sold=sold[0],
        sold_coins=float(-sums[sold[0]]),
        bought=bought[0],
        bought_coins=float(sums[bought[0]]),
        stamp_ns=first.time_ns,
    )
    found.events.append(SourcedEvent(made, first))
    found.events += [SourcedEvent(event, one) for one in both for event in _fee(one, place)]


def _joined(ids: Sequence[str]) -> str:
    """One id of several, the same whatever their order in the file."""
    whole = "+".join(ids)
    return whole if len(whole) <= LONGEST_ID else hashlib.sha256(whole.encode()).hexdigest()[:20]


# --- trades of contracts --------------------------------------------------------------


def _fills(
    rows: Sequence[StatementRow], place: BookingPlace, notes: list[str]
) -> Iterable[SourcedEvent]:
    """Fills of every contract; as cash where the position before is not known, and told."""
    found: list[SourcedEvent] = []
    for name, fills in by_contract(rows).items():
        coin = "" if fills[0].meaning == "position" else fills[0].coin
        contract = contract_of(name, place.form, coin, place.catalog)
        numbers, held = set[int](), 0.0
        if contract is not None:
            held = place.held.get(contract.key, 0.0)
            numbers = fills_with_position(fills, contract, place.form, held)
        for n, one in enumerate(fills):
            if contract is not None and n in numbers and one.price:
                events: list[Event] = [_fill(one, place, contract)]
                events += _cash(one, place, one.funding, "funding", "funding")
                found += [SourcedEvent(event, one) for event in events]
            elif one.meaning == "fill":
                found += [SourcedEvent(event, one) for event in _parts(one, place)]
        _note(notes, name, len(fills) - len(numbers), contract)
        if numbers and contract is not None and lacks_opening_position(fills, held):
            notes.append(
                f"{name}: the file tells no position before its trades, so it is taken to begin "
                f"with none, on {iso_day(fills[0].time_ns)}; if you held some, import the older "
                f"files first"
            )
    return found


def _note(notes: list[str], name: str, lost: int, contract: Contract | None) -> None:
    """Tell which fills are no fills."""
    if lost and contract is None:
        notes.append(
            f"{name} is no contract of the catalog: its {lost} trades are booked as profit and "
            f"fees, without a position"
        )
    elif lost:
        notes.append(
            f"{lost} trades of {name} are booked as profit and fees, without a position: what was "
            f"held before them, or at which price, is not in the file, or they close more than was "
            f"opened; import the older files first"
        )


def _fill(one: StatementRow, place: BookingPlace, contract: Contract) -> Filled:
    """One fill, its profit as the venue states it."""
    size = signed_size(one)
    assert size is not None, "a fill whose position is known has a size"
    is_leg = one.meaning == "position"
    words = one.kind.lower().split()
    return Filled(
        lot_id=one.entry_id,
        client_id=None,
        account=place.account,
        contract=contract.key,
        contracts=contracts_in(size, contract, place.form),
        price=float(one.price or 0),
        fee=0.0 if is_leg else float(one.fee),
        fee_currency=contract.settle,
        stamp_ns=one.time_ns,
        payoff=contract.payoff,
        multiplier=contract.multiplier,
        settle=contract.settle,
        reason=next((FILL_REASONS[word] for word in words if word in FILL_REASONS), "trade"),
        realised=0.0 if is_leg else float(one.profit),
    )


_HOW: dict[str, Callable[[StatementRow, BookingPlace], list[Event]]] = {
    **dict.fromkeys(REASONS, _plain),
    "cash": _parts,
    "flow": _flow,
    "transfer": _transfer,
}
