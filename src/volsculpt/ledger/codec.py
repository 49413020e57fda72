"""Events to canonical JSON and back, and the hash chain over them.

Canonical: keys sorted, no blanks, ASCII, every float the shortest text that reads back as the
same bits. NaN and infinity are refused: what is not known is None.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any

from volsculpt.errors import LedgerError
from volsculpt.ledger.earlier import named_decision
from volsculpt.ledger.entry import Entry, Row
from volsculpt.ledger.events import EVENTS, Event, Json
from volsculpt.parsing import json_of

GENESIS = "0" * 64  # what the first event takes for the hash before it

EventMigration = Callable[[Json], Json]
# (kind, version) -> what makes a body of the next version of it.
MIGRATIONS: dict[tuple[str, int], EventMigration] = {("decision", 1): named_decision}

_FIELDS = {kind: sorted(one.name for one in fields(made)) for kind, made in EVENTS.items()}
_FIELD_NAMES = {kind: frozenset(names) for kind, names in _FIELDS.items()}
_VALUES: dict[str, Callable[[Any], Any]] = {
    kind: attrgetter(*names) for kind, names in _FIELDS.items()
}
_ENCODER = json.JSONEncoder(sort_keys=True, allow_nan=False, separators=(",", ":"))


def canonical(value: object, what: str = "a document") -> str:
    """Canonical JSON of plain values; LedgerError names what cannot be kept.

    Worked: {"b": 0.1, "a": [1, None]} is '{"a":[1,null],"b":0.1}'.
    """
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise LedgerError(
            f"{what} cannot be kept in the ledger: {error}; it must be made of plain numbers, "
            f"text, lists and dictionaries, None for what is not known, and no NaN or infinity"
        ) from None


def encode(event: Event) -> str:
    """The body of an event: its fields as canonical JSON."""
    kind = event.KIND
    names, values = _FIELDS[kind], _VALUES[kind](event)
    body = {names[0]: values} if len(names) == 1 else dict(zip(names, values, strict=True))
    return canonical(body, f"an event of kind {kind!r}")


def decode(kind: str, version: int, body: str) -> Event:
    """The event of a stored body, raised to this program's version of its kind.

    Raises LedgerError: a kind or version this program does not know, or a body that is not one.
    """
    made = EVENTS.get(kind)
    if made is None or version > made.VERSION:
        raise LedgerError(
            f"an event of kind {kind!r}, version {version}, is not known here: the ledger was "
            f"written by a newer volsculpt; update it"
        )
    content = raised(kind, version, made.VERSION, parsed(body, kind))
    try:
        return made(**content)
    except TypeError:
        odd = sorted(_FIELD_NAMES[kind] ^ set(content))
        raise LedgerError(
            f"an event of kind {kind!r} is damaged: fields {', '.join(odd)}; restore the ledger "
            f"from a copy"
        ) from None


def parsed(body: str, kind: str) -> Json:
    """The fields of a stored body."""
    try:
        content = json_of(body)
    except ValueError as error:
        raise LedgerError(
            f"an event of kind {kind!r} is no JSON ({error}); restore the ledger from a copy"
        ) from None
    if not isinstance(content, dict):
        raise LedgerError(f"an event of kind {kind!r} has no fields; restore the ledger")
    return content


def raised(
    kind: str,
    version: int,
    wanted: int,
    content: Json,
    migrations: Mapping[tuple[str, int], EventMigration] = MIGRATIONS,
) -> Json:
    """Fields of an older version as those of a newer one, a step at a time.

    Raises LedgerError where nothing makes the next version, or where the body is not what a
    version has.

    Args: kind: of the event; version: that of `content`; wanted: the newer one; content: its
    fields; migrations: (kind, version) -> what makes the next version of it.
    """
    for step in range(version, wanted):
        migration = migrations.get((kind, step))
        if migration is None:
            raise LedgerError(
                f"an event of kind {kind!r}, version {step}, cannot be read here: this volsculpt "
                f"lacks what makes version {step + 1} of it. The ledger is whole; read it with the "
                f"volsculpt that wrote it, or a newer one"
            )
        try:
            content = migration(content)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise LedgerError(
                f"an event of kind {kind!r}, version {step}, is damaged: {error!r}; restore the "
                f"ledger from a copy"
            ) from None
    return content


def digest(text: str) -> str:
    """SHA-256 of text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def chained(before: str, seq: int, time_ns: int, kind: str, version: int, body: str) -> str:
    """Hash of one event: SHA-256 over the hash before it, its place, time, kind and fields.

    Args: before: the hash before it, hex; seq: its number; time_ns: ns UTC; kind, version: of the
    event; body: its fields as canonical JSON.
    """
    return digest(f"{before}\n{seq}\n{time_ns}\n{kind}\n{version}\n{body}")


def row_of(event: Event, seq: int, time_ns: int, before: str) -> Row:
    """An event as it is stored, its hash chained to the one before.

    Args: seq: its number; time_ns: ns UTC; before: the hash of the event before it.
    """
    kind, version, body = event.KIND, event.VERSION, encode(event)
    made = chained(before, seq, time_ns, kind, version, body)
    return Row(seq, time_ns, kind, version, body, made)


def entry_of(row: Row) -> Entry:
    """A stored event as an entry."""
    try:
        event = decode(row.kind, row.version, row.body)
    except LedgerError as error:
        raise LedgerError(f"event {row.seq}: {error}") from None
    return Entry(row.seq, row.time_ns, event, row.hash)


def is_chained(row: Row, before: str) -> bool:
    """Whether a stored event is what it was when its hash was made."""
    _, time_ns, kind, version, body, _ = row
    return row.hash == chained(before, row.seq, time_ns, kind, version, body)
