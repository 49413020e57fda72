"""What goes wrong in a database, in words: which ledger, what happened, what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from volsculpt.errors import LedgerError

# what the driver says, in small letters -> what that means and what to do
DRIVER_ERRORS = (
    (
        ("disk is full", "no space left", "could not extend file"),
        "the disk is full; free some space, then start again",
    ),
    (
        ("readonly database", "read-only", "permission denied"),
        "it cannot be written; allow writing to the file and its folder, or only read it",
    ),
    (
        ("malformed", "not a database", "invalid page", "checksum"),
        "its file is damaged; keep it, restore a copy, and run `volsculpt ledger verify` on both",
    ),
    (
        ("unable to open",),
        "it cannot be opened; check the path, and that its folder may be written",
    ),
    (
        ("database is locked",),
        "another program holds it; close that program, then start again",
    ),
    (
        ("i/o error",),
        "the disk failed; check it, copy the ledger elsewhere, then verify the copy",
    ),
    (
        ("connection", "server", "terminat", "password", "could not translate"),
        "the database server does not answer as it should; check that it runs and the address",
    ),
)
OTHER = "the database refused; start again, and verify the ledger if this comes back"


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn what a driver raises into a LedgerError that names the ledger and the fix."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        text = str(getattr(error, "orig", None) or error).strip().splitlines()
        raise LedgerError(f"{name}: {meaning(text[0])} ({text[0]})") from error


def meaning(text: str) -> str:
    """What a driver's message means, and what to do."""
    small = text.lower()
    found = (words for signs, words in DRIVER_ERRORS if any(sign in small for sign in signs))
    return next(found, OTHER)
