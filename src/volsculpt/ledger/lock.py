"""One writer of a ledger file: a lock that the system frees when its holder dies."""

import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path

from volsculpt.errors import LedgerError


class FileLock:
    """The lock of a ledger file, held until `free` or the end of the process, however it ends.

    It is an advisory lock on a file beside the ledger, which says who holds it. That file stays
    behind; without a holder it means nothing.
    """

    def __init__(self, ledger: Path) -> None:
        self.path = ledger.with_name(ledger.name + ".lock")
        self._handle = _opened(self.path, ledger)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = holder_words(self.path)
            os.close(self._handle)
            raise LedgerError(
                f"{ledger}: is being written by {holder}; one process at a time may write a "
                f"ledger: stop that one first, or only read"
            ) from None
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def free(self) -> None:
        """Let another process write."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _opened(path: Path, ledger: Path) -> int:
    """The lock file, made if need be."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise LedgerError(
            f"{ledger}: cannot be written, since {path} cannot be made ({error.strerror}); make "
            f"the folder, or allow writing to it, or only read"
        ) from None


def holder_words(path: Path) -> str:
    """Who holds a lock and since when, as far as its file tells."""
    try:
        pid = path.read_text(encoding="ascii").strip()
        since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, ValueError):
        return "another process"
    return f"process {pid or 'unknown'} since {since:%Y-%m-%d %H:%M:%S} UTC"
