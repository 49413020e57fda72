"""One line of the ledger: an event, when it was written, its place and its hash."""

from typing import NamedTuple

from volsculpt.ledger.events import Event


class Entry(NamedTuple):
    """An event as it stands in the ledger. seq counts from 1 without holes."""

    seq: int
    time_ns: int
    event: Event
    hash: str


class Row(NamedTuple):
    """An event as it is stored: its kind, its version, and its fields as canonical JSON."""

    seq: int
    time_ns: int
    kind: str
    version: int
    body: str
    hash: str


class PostingRow(NamedTuple):
    """One line of double entry, as it is stored: of which event, and which line of it."""

    seq: int
    line: int
    account: str
    commodity: str
    amount: float
