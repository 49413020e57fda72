"""What verbs of a ledger print: its events, a verification, a replay of its decisions."""

import json
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from volsculpt.ledger.codec import encode
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import (
    Acknowledged,
    AlertAcknowledged,
    Alerted,
    CashBooked,
    Converted,
    Decided,
    Event,
    Filled,
    FlowBooked,
    Intended,
    Operated,
    QuoteObserved,
    Refused,
    Stated,
    Submitted,
    TransferNoted,
)
from volsculpt.ledger.verify import Found, Verified
from volsculpt.report.document import (
    Cells,
    Column,
    Grid,
    Line,
    LineKind,
    Page,
    Section,
    capped,
    grid_of,
)
from volsculpt.text import (
    NONE,
    amount,
    clock_of,
    coins,
    contracts,
    day,
    duration,
    given,
    minute_below,
    moment,
    percent,
    price,
    signed,
)
from volsculpt.trade.control.replay import Again, Replayed, Sizes
from volsculpt.units import iso, iso_exact

MOST_LINES = 20  # problems, notes or decisions that are printed; --json has all


# --- show -----------------------------------------------------------------------------


def show_page(name: str, entries: Sequence[Entry], last_seq: int) -> Page:
    """Events, a section a day; times in UTC."""
    lead = f"{len(entries)} of {last_seq} events; times in UTC"
    days = groupby(entries, key=lambda one: day(one.time_ns))
    sections = [
        Section(date, [Line(_event_line(one), "bullet") for one in found]) for date, found in days
    ]
    return Page(f"Ledger {name}", lead, sections)


def _event_line(entry: Entry) -> str:
    return f"{entry.seq}  {clock_of(entry.time_ns)}  {entry.event.KIND}: {event_words(entry.event)}"


def show_dict(name: str, entries: Sequence[Entry], last_seq: int) -> dict[str, Any]:
    """What `ledger show --json` prints."""
    return {
        "schema": 1,
        "ledger": name,
        "last_seq": last_seq,
        "events": [
            {
                "seq": one.seq,
                "time": iso_exact(one.time_ns),
                "time_ns": one.time_ns,
                "kind": one.event.KIND,
                "version": one.event.VERSION,
                "hash": one.hash,
                "event": json.loads(encode(one.event)),
            }
            for one in entries
        ],
    }


# --- verify ---------------------------------------------------------------------------


def verify_page(found: Verified, last_ns: int | None) -> Page:
    """Whether a ledger is whole, what was checked, and everything that is wrong."""
    count = len(found.problems)
    wrong = f"{count} {'problem' if count == 1 else 'problems'}"
    columns = (Column("checked", left=True), Column("found"))
    rows = [
        ("events, chained", f"{found.events:,}"),
        ("last event", moment(last_ns) if last_ns is not None else "none"),
        ("postings, balanced", f"{found.postings:,}"),
        ("documents", f"{found.documents:,}"),
        ("decisions", f"{found.decisions:,}"),
        ("same answer again", f"{found.reacted:,}"),
        ("by other sources", f"{found.other_sources:,}"),
    ]
    head = Line(f"hash of the last event: {found.head}")
    sections = [
        Section("Checked", [Grid(columns, rows), head]),
        Section("Problems", _lines(found.problems, "warning", "problems")),
        Section("Notes", _lines(found.notes, "bullet", "notes")),
    ]
    lead = "whole" if found.is_whole else wrong
    return Page(f"Ledger {found.name}", lead, [one for one in sections if one.items])


def _lines(found: Sequence[Found], kind: LineKind, what: str) -> list[Line | Grid]:
    return capped(found, lambda one: [Line(_found_words(one), kind)], what, MOST_LINES)


def _found_words(one: Found) -> str:
    return one.text if one.seq is None else f"event {one.seq}: {one.text}"


def verify_dict(found: Verified) -> dict[str, Any]:
    """What `ledger verify --json` prints."""
    return {
        "schema": 1,
        "ledger": found.name,
        "whole": found.is_whole,
        "events": found.events,
        "head": found.head,
        "postings": found.postings,
        "documents": found.documents,
        "decisions": found.decisions,
        "reacted": found.reacted,
        "other_sources": found.other_sources,
        "sources": found.sources,
        "problems": [{"seq": one.seq, "text": one.text} for one in found.problems],
        "notes": [{"seq": one.seq, "text": one.text} for one in found.notes],
    }


# --- replay ---------------------------------------------------------------------------


def replay_dict(found: Replayed) -> dict[str, Any]:
    """What `replay --json` prints."""
    return {
        "schema": 1,
        "ledger": found.name,
        "mandate": found.mandate,
        "decisions": len(found.decisions),
        "same": found.same,
        "different": [_different(one) for one in found.decisions if not one.is_same],
    }


def _different(one: Again) -> dict[str, Any]:
    """One decision that came out otherwise."""
    return {
        "seq": one.seq,
        "time": iso(one.time_ns),
        "targets_before": one.targets_before,
        "targets_now": one.targets_now,
        "trades_before": _trades(one.before),
        "trades_now": _trades(one.now),
        "differs": list(one.differs),
    }


def _trades(legs: Sizes) -> list[dict[str, Any]]:
    return [
        {"account": account, "contract": key, "contracts": size}
        for (account, key), size in legs.items()
    ]


AGAIN: Cells[Again] = (
    (Column("time, UTC", left=True), lambda one: minute_below(one.time_ns)),
    (Column("target then"), lambda one: _ratios(one.targets_before)),
    (Column("target now"), lambda one: _ratios(one.targets_now)),
    (Column("trades then"), lambda one: _sizes(one.before)),
    (Column("trades now"), lambda one: "; ".join(one.differs) or _sizes(one.now)),
)


def replay_page(found: Replayed) -> Page:
    """A recorded time again: what came out the same, and what would have been else."""
    count, changed = len(found.decisions), [one for one in found.decisions if not one.is_same]
    how = "as it was" if found.mandate is None else f"as '{found.mandate}' would have decided"
    page = Page("Replay", how)
    first, last = found.decisions[0].time_ns, found.decisions[-1].time_ns
    lines: list[Line | Grid] = [
        Line(f"{count} decisions from {moment(first)} to {moment(last)}"),
        Line(f"{found.same} came out the same", "good" if not changed else "plain"),
    ]
    if changed:
        lines.append(Line(f"{len(changed)} would have been different", "warning"))
    page.sections.append(Section("Decisions", lines))
    if changed:
        page.sections.append(Section("Different", [grid_of(changed[:MOST_LINES], AGAIN)]))
    return page


def _ratios(targets: dict[str, float | None]) -> str:
    return " ".join(f"{coin} {given(one, percent, NONE)}" for coin, one in targets.items())


def _sizes(legs: Sizes) -> str:
    return " ".join(signed(size) for size in legs.values()) or "none"


# --- events in words -----------------------------------------------------------------


FILL_WORDS = {
    "trade": "",
    "liquidation": "liquidated: ",
    "adl": "deleveraged by the venue: ",
    "delivery": "delivered: ",
}


def event_words(event: Event) -> str:
    """What an event says. Worked: "sold 4,000 contracts of bybit:BTC/USD:BTC at 50,000 …"."""
    return _WORDS[type(event)](event)


def _traded(count: float) -> str:
    """Worked: -4000 is "sold 4,000 contracts"."""
    return f"{'sold' if count < 0.0 else 'bought'} {contracts(abs(count))}"


def _quote(event: QuoteObserved) -> str:
    index = [f"{coin} {price(usd)}" for coin, usd in sorted(event.index_usd.items())]
    mark = [f"{key} {price(one)}" for key, one in sorted(event.mark.items())]
    return "; ".join([*index, *mark]) or "no prices"


def _decision(event: Decided) -> str:
    trades = sum(one != 0.0 for one in event.answer.get("trade", []))
    ratios = ", ".join(percent(one) for one in event.ratio)
    what = f"targets {ratios}; {trades} {'order' if trades == 1 else 'orders'}"
    return f"{what}. {' '.join(_sentence(one) for one in event.reasons)}".strip()


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _intent(event: Intended) -> str:
    side = "sell" if event.contracts < 0.0 else "buy"
    limit = "" if event.limit_price is None else f", limit {price(event.limit_price)}"
    closing = ", only to reduce" if event.reduce_only else ""
    return (
        f"to {side} {contracts(abs(event.contracts))} of {event.contract} in {event.account} "
        f"({event.way}{limit}{closing}), order {event.client_id}"
    )


def _submission(event: Submitted) -> str:
    return f"{event.request} {event.client_id} handed to the venue"


def _answer(event: Acknowledged) -> str:
    why = f" ({event.why})" if event.why else ""
    done = coins(event.filled_contracts)
    return f"order {event.client_id}: {event.outcome}, {done} filled{why}"


def _fill(event: Filled) -> str:
    return (
        f"{FILL_WORDS[event.reason]}{_traded(event.contracts)} of {event.contract} in "
        f"{event.account} at {price(event.price)}, fee {amount(event.fee, event.fee_currency)}, "
        f"lot {event.lot_id}"
    )


def _cash(event: CashBooked) -> str:
    way = "received in" if event.coins > 0.0 else "paid from"
    of = f" for {event.contract}" if event.contract else ""
    held = amount(abs(event.coins), event.currency)
    own = ", by the desk at the mandate's rate" if event.cash_id.startswith(event.OWN) else ""
    return f"{event.reason}: {held} {way} {event.account}{of}{own}"


def _transfer(event: TransferNoted) -> str:
    why = f" ({event.why})" if event.why else ""
    moved = f"{amount(event.coins, event.currency)} from {event.source} to {event.target}"
    return f"{event.state}: {moved}, {event.transfer_id}{why}"


def _flow(event: FlowBooked) -> str:
    way = "came to" if event.coins > 0.0 else "left"
    note = f" ({event.note})" if event.note else ""
    return f"{amount(abs(event.coins), event.currency)} {way} {event.account}{note}"


def _converted(event: Converted) -> str:
    sold = amount(event.sold_coins, event.sold)
    return f"{sold} sold for {amount(event.bought_coins, event.bought)} in {event.account}"


def _statement(event: Stated) -> str:
    held = [amount(one, name) for name, one in sorted(event.balances.items())]
    open_ones = [
        f"{coins(one['contracts'])} of {key}" for key, one in sorted(event.positions.items())
    ]
    verb = "taken over from" if event.adopted else "stated by"
    return f"{verb} the venue, {event.account}: {'; '.join([*held, *open_ones]) or 'nothing'}"


def _refusal(event: Refused) -> str:
    of = f" ({event.slot})" if event.slot else ""
    return f"{event.rule}: {event.why}{of}"


def _alert(event: Alerted) -> str:
    return f"{'over: ' if event.over else ''}{event.level}: {event.text}"


def _alert_acknowledged(event: AlertAcknowledged) -> str:
    note = f": {event.note}" if event.note else ""
    by = f", by {event.who}" if event.who else ""
    return f"alert {event.number} ({event.level}, {event.key}){note}{by}"


def _operated(event: Operated) -> str:
    given: dict[str, Any] = {key: one for key, one in event.arguments.items() if one is not None}
    if isinstance(given.get("until_ns"), int):
        given["until"] = moment(given.pop("until_ns"))
    if isinstance(given.get("every_ns"), int):
        given["every"] = duration(given.pop("every_ns"))
    words = ", ".join(f"{key} {value}" for key, value in given.items())
    return (
        f"{event.action}{f': {words}' if words else ''}{f', by {event.who}' if event.who else ''}"
    )


_WORDS: dict[type, Callable[[Any], str]] = {
    Acknowledged: _answer,
    AlertAcknowledged: _alert_acknowledged,
    Alerted: _alert,
    CashBooked: _cash,
    Converted: _converted,
    Decided: _decision,
    Filled: _fill,
    FlowBooked: _flow,
    Intended: _intent,
    Operated: _operated,
    QuoteObserved: _quote,
    Refused: _refusal,
    Stated: _statement,
    Submitted: _submission,
    TransferNoted: _transfer,
}
