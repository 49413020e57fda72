"""What stands at a path that should hold a ledger: nothing, a folder, text, or a database."""

from pathlib import Path

from volsculpt.errors import LedgerError

LOOKED_AT = 4_096  # bytes: enough to tell text from a database
NAME_IT = "name the file that a desk has written"


def check_ledger_file(path: Path) -> None:
    """Raise LedgerError for what is no ledger at all, told apart from one that is damaged.

    A file that may be a database is let through: reading it tells.
    """
    if path.is_dir():
        raise LedgerError(f"{path}: there is no ledger: it is a folder; {NAME_IT}")
    if not path.is_file():
        raise LedgerError(f"{path}: there is no ledger; {NAME_IT}")
    beginning = _beginning(path)
    if not beginning:
        raise LedgerError(f"{path}: holds no ledger: it is empty; {NAME_IT}")
    if not _is_text(beginning):
        return
    if path.suffix == ".toml":
        raise LedgerError(
            f"{path}: holds no ledger: it is a TOML file, as a mandate is; name the ledger of its "
            f"desk, {path.stem}.ledger where `volsculpt paper` was told no other"
        )
    raise LedgerError(f"{path}: holds no ledger: it is text; {NAME_IT}")


def _beginning(path: Path) -> bytes:
    """The first bytes of a file. Raises LedgerError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(LOOKED_AT)
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read: {error.strerror}; allow reading it") from None


def _is_text(beginning: bytes) -> bool:
    """Whether a file that begins so is text in UTF-8, whose last letter may be cut."""
    try:
        beginning.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end < len(beginning) or error.reason != "unexpected end of data":
            return False
    return b"\0" not in beginning
