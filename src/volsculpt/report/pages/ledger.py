"""What the ledger's verbs print: events, a verification, what was written where."""

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from volsculpt.ledger.codec import encode
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.export import time_words
from volsculpt.ledger.verify import Found, Verified
from volsculpt.report.document import Column, Grid, Line, Page, Section
from volsculpt.report.pages.ledger_words import event_words
from volsculpt.text import day_and_time

MOST_TOLD = 20  # problems, or notes, that are printed; --json has all
DAY = len("2024-05-20")
CLOCK = slice(DAY + 1, len("2024-05-20T08:00:00"))


# --- show -----------------------------------------------------------------------------


def show_page(name: str, entries: Sequence[Entry], last_seq: int) -> Page:
    """Events, a section a day; times in UTC."""
    lead = f"{len(entries)} of {last_seq} events; times in UTC"
    days = groupby(entries, key=lambda one: time_words(one.time_ns)[:DAY])
    sections = [Section(day, [Line(_told(one), "bullet") for one in found]) for day, found in days]
    return Page(f"Ledger {name}", lead, sections)


def _told(entry: Entry) -> str:
    clock = time_words(entry.time_ns)[CLOCK]
    return f"{entry.seq}  {clock}  {entry.event.KIND}: {event_words(entry.event)}"


def show_dict(name: str, entries: Sequence[Entry], last_seq: int) -> dict[str, Any]:
    """What `ledger show --json` prints."""
    return {
        "schema": 1,
        "ledger": name,
        "last_seq": last_seq,
        "events": [
            {
                "seq": one.seq,
                "time": time_words(one.time_ns),
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
        ("last event", day_and_time(last_ns) if last_ns is not None else "none"),
        ("postings, balanced", f"{found.postings:,}"),
        ("documents", f"{found.documents:,}"),
        ("decisions", f"{found.decisions:,}"),
        ("same answer again", f"{found.reacted:,}"),
        ("by other sources", f"{found.other_sources:,}"),
    ]
    head = Line(f"hash of the last event: {found.head}")
    sections = [
        Section("Checked", [Grid(columns, rows), head]),
        Section("Problems", _lines(found.problems, "warning")),
        Section("Notes", _lines(found.notes, "bullet")),
    ]
    lead = "whole" if found.is_whole else wrong
    return Page(f"Ledger {found.name}", lead, [one for one in sections if one.items])


def _lines(found: Sequence[Found], kind: Any) -> list[Line | Grid]:  # noqa: ANN401 - a Kind
    told: list[Line | Grid] = [Line(_found_words(one), kind) for one in found[:MOST_TOLD]]
    if len(found) > MOST_TOLD:
        told.append(Line(f"and {len(found) - MOST_TOLD} more; --json prints all", "plain"))
    return told


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
