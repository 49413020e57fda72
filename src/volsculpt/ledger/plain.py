"""Flat rows and small records to plain JSON and back: named tuples, frozen dataclasses.

A named tuple is a dictionary of its columns, a nested one nested. Numbers keep their kind and
their bits.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, cast, get_type_hints

from volsculpt.errors import LedgerError
from volsculpt.ledger.events import Json

RowType = TypeVar("RowType")


def rows_out(rows: Any) -> Json:  # noqa: ANN401 - any named tuple
    """The columns of a named tuple, by name."""
    return {
        name: rows_out(column) if name in _nested(type(rows)) else _column(column)
        for name, column in zip(rows._fields, rows, strict=True)
    }


def _column(column: Any) -> Any:  # noqa: ANN401
    return column if isinstance(column, int | float) else list(column)


def rows_in(kind: type[RowType], stored: Json) -> RowType:
    """The named tuple of stored columns; LedgerError where columns are missing or unknown.

    Lists are copied, so that what works on the result leaves what is stored alone.
    """
    nested = _nested(kind)
    wanted = cast(Any, kind)._fields
    if set(wanted) != set(stored):
        odd = ", ".join(sorted(set(wanted) ^ set(stored)))
        raise LedgerError(
            f"stored {kind.__name__} has other columns than this program's: {odd}; use the "
            f"version of volsculpt that wrote it to act on it again"
        )
    return kind(
        *(
            rows_in(nested[name], stored[name]) if name in nested else _copied(stored[name])
            for name in wanted
        )
    )


def _copied(column: Any) -> Any:  # noqa: ANN401
    return list(column) if isinstance(column, list) else column


_NESTED: dict[type, dict[str, Any]] = {}  # looked up at each decision


def _nested(kind: type) -> dict[str, Any]:
    """The columns that are named tuples themselves."""
    if kind not in _NESTED:
        hints = get_type_hints(kind)
        _NESTED[kind] = {name: hint for name, hint in hints.items() if hasattr(hint, "_fields")}
    return _NESTED[kind]


def record_out(record: Any) -> Any:  # noqa: ANN401 - a dataclass, or what one holds
    """A dataclass as a dictionary with the name of its class; functions are left out."""
    if is_dataclass(record):
        found: Json = {"is": type(record).__name__}
        for one in fields(record):
            held = getattr(record, one.name)
            if not isinstance(held, Callable):  # type: ignore[arg-type]
                found[one.name] = record_out(held)
        return found
    if isinstance(record, tuple | list):
        return [record_out(one) for one in record]
    return record


def record_in(stored: Any, kinds: dict[str, type]) -> Any:  # noqa: ANN401
    """A dataclass of one of these kinds again; lists become tuples. KeyError: another kind."""
    if isinstance(stored, dict):
        kind = kinds[stored["is"]]
        return kind(**{k: record_in(v, kinds) for k, v in stored.items() if k != "is"})
    if isinstance(stored, list):
        return tuple(record_in(one, kinds) for one in stored)
    return stored
