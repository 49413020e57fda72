"""One writer of a ledger file: a lock that the system frees when its holder dies."""

import os
from pathlib import Path

from volsculpt.errors import LedgerBusyError, LedgerError
from volsculpt.text import moment


class WriterLock:
    """The lock of a ledger file, held until `free` or the end of the process, however it ends.

    It is an advisory lock on a file beside the ledger, which says who holds it. That file stays
    behind; without a holder it means nothing. A process forked from the holder does not hold it.
    Raises LedgerError: another holds it, or the file beside the ledger cannot be made.
    """

    def __init__(self, ledger: Path) -> None:
        from filelock import FileLock, Timeout  # 25 ms, that only a writer pays

        self.path = ledger.with_name(ledger.name + ".lock")
        # No soft fallback: where a file system has no locks, a marker would outlive its process.
        self._lock = FileLock(
            self.path,
            timeout=0,
            thread_local=False,
            fallback_to_soft=False,
            on_acquired=_sign,
        )
        try:
            os.stat(ledger.parent)  # filelock would make a folder that a slip of the pen names
            self._lock.acquire()
        except Timeout:
            raise LedgerBusyError(
                f"{ledger}: is being written by {holder_words(self.path)}; one process at a time "
                f"may write a ledger: stop that one first, or only read"
            ) from None
        except OSError as error:
            raise LedgerError(
                f"{ledger}: cannot be written, since {self.path} cannot be made and locked "
                f"({error.strerror}); make the folder, or allow writing to it, or only read"
            ) from None

    def free(self) -> None:
        """Let another process write."""
        self._lock.release()


def _sign(handle: int) -> None:
    """Write into the locked file who holds it."""
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)


def holder_words(path: Path) -> str:
    """Who holds a lock and since when, as far as its file tells."""
    try:
        pid = path.read_text(encoding="ascii").strip()
        since = moment(path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return "another process"
    return f"process {pid or 'unknown'} since {since}"
