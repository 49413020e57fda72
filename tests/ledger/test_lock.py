"""The writer's lock of a ledger file, apart from ledgers."""

import subprocess
import sys
from pathlib import Path

import pytest

from volsculpt.errors import LedgerError
from volsculpt.ledger.lock import WriterLock


def test_a_lock_is_held_once_and_taken_again(tmp_path: Path) -> None:
    """A second holder in the same process is refused by name; a freed lock is free for all."""
    ledger = tmp_path / "desk.ledger"
    first = WriterLock(ledger)
    with pytest.raises(LedgerError, match=r"desk\.ledger: is being written by process \d+ since"):
        WriterLock(ledger)
    first.free()
    first.free()
    WriterLock(ledger).free()


def test_what_a_file_of_another_says_is_no_lock(tmp_path: Path) -> None:
    """A file left behind locks nothing, and its words are replaced by those of the new holder."""
    left = tmp_path / "desk.ledger.lock"
    left.write_text("99999999 and more that somebody wrote\n", encoding="ascii")
    held = WriterLock(tmp_path / "desk.ledger")
    assert left.read_text(encoding="ascii").strip().isdigit()
    held.free()


@pytest.mark.parametrize("place", ["nowhere/desk.ledger", "folder/desk.ledger"])
def test_a_lock_that_cannot_be_made_names_the_file(tmp_path: Path, place: str) -> None:
    """No folder, or a folder where the file should be: said with the path and what to do."""
    (tmp_path / "folder" / "desk.ledger.lock").mkdir(parents=True)
    with pytest.raises(LedgerError, match=rf"{place}\.lock cannot be made .*make the folder"):
        WriterLock(tmp_path / place)


def test_a_forked_process_does_not_keep_the_lock(tmp_path: Path) -> None:
    """When the holder ends, a process that it forked, still alive, holds nothing."""
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from volsculpt.ledger.lock import WriterLock\n"
        "lock = WriterLock(Path(sys.argv[1]))\n"
        "if os.fork() == 0:\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.read()\n"
        "    os._exit(0)\n"
        "sys.stdin.readline()\n"
        "os._exit(0)\n"
    )
    ledger = tmp_path / "desk.ledger"
    command = [sys.executable, "-c", code, str(ledger)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        with pytest.raises(LedgerError, match=f"process {holder.pid} since"):
            WriterLock(ledger)
        holder.kill()
        holder.wait(20)
        WriterLock(ledger).free()
        holder.stdin.close()
