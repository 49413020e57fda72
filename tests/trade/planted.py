"""Mistakes of one line, each planted in a copy of the sources for the storm to catch."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.structure.source_tree import PACKAGE, ROOT


@dataclass(frozen=True)
class Planted:
    """One line of one file of the package, and what it becomes. days: how many the storm gets."""

    name: str
    file: str
    line: str
    wrong: str
    days: int = 60


SEND = 'report = await self._request(venue.send(request), intent.client_id, refused="rejected")'
NEW_ID = "__import__('dataclasses').replace(request, client_id=request.client_id + 'b')"
AGAIN = f"await self._request(venue.send({NEW_ID}), intent.client_id, refused='rejected')"

BUGS = (
    Planted(
        "resend on unknown",
        "trade/execute/orders.py",
        SEND,
        f"{SEND}; report = {AGAIN} if getattr(report, 'outcome', '') == 'unknown' else report",
    ),
    Planted(
        "fill missed after restart",
        "trade/observe/snapshot.py",
        "if new.events:",
        "if new.events and self.shapes:",
    ),
    Planted(
        "slot taken twice",
        "ledger/booking.py",
        "books.slots[event.account, event.contract] = event.client_id",
        "books.slots[event.account, event.client_id] = event.client_id",
    ),
    Planted(
        "funding sign",
        "ledger/booking.py",
        "Move(event.account, event.currency, event.coins, against)",
        "Move(event.account, event.currency, -event.coins, against)",
    ),
    Planted(
        "stale mark accepted",
        "trade/observe/reads.py",
        "if age > scope.guard.oldest_price_ns(price.contract):",
        "if age < 0:",
    ),
)


def plant(bug: Planted, folder: Path) -> Path:
    """A copy of the package with the mistake in it; the folder to import it from."""
    copied = folder / PACKAGE.name
    shutil.copytree(PACKAGE, copied, ignore=shutil.ignore_patterns("__pycache__"))
    path = copied / bug.file
    text = path.read_text(encoding="utf-8")
    assert text.count(bug.line) == 1, f"{bug.file} has no single line {bug.line!r}"
    path.write_text(text.replace(bug.line, bug.wrong), encoding="utf-8")
    return folder


def storm_over(bug: Planted, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the storm on the copy until something breaks."""
    where = os.pathsep.join([str(plant(bug, folder)), str(ROOT)])
    command = [sys.executable, "-m", "tests.trade.storm", "--to", str(bug.days), "--stop"]
    env = {**os.environ, "PYTHONPATH": where}
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=300)
