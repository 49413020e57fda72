"""A real process on real files, killed with SIGKILL at random moments and started again.

    python -m tests.trade.kills --kills 200

After each kill the ledger is verified; in the end books and venue must agree, lot by lot.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.structure.source_tree import PACKAGE
from volsculpt.ledger.events import Filled
from volsculpt.ledger.ledger import open_ledger
from volsculpt.ledger.verify import verify
from volsculpt.mandate.load import load_mandate
from volsculpt.market.synthetic import synthetic
from volsculpt.trade.clock import PacedClock
from volsculpt.trade.paper.opening import connect, paper_market
from volsculpt.trade.paper.running import last_ns
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.trade.paper.venue import PaperVenue

ENV = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
SEED = 7
SPEED = 18_000.0  # five simulated hours a second
MANDATE = """
version = 1
name = "killed"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.6 }
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.6
band = { trigger = 0.001, settle = 0.0 }
use = [{ account = "coinm", contract = "BTC/USD:BTC" }]
[[collateral]]
source = ["vault"]
leverage_band = [0.5, 1.0, 1.4, 1.6]
transfer_hours = 1
cost = 0.0002
[guard]
max_orders_per_hour = 100
"""


def command(folder: Path, *more: str) -> list[str]:
    """The desk on paper in a folder."""
    asked = ["paper", "m.toml", "--ledger", "a.ledger", "--synthetic", str(SEED)]
    speed = [] if more else ["--speed", str(SPEED)]
    return [sys.executable, "-m", "volsculpt", *asked, "--json", *speed, *more]


def kill_once(folder: Path, wait_s: float) -> None:
    """Start the desk, wait until it works, a little longer, and kill it; its ledger is whole."""
    before = events(folder)
    running = subprocess.Popen(
        command(folder), cwd=folder, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    patience = time.monotonic() + 60.0
    while events(folder) <= before and running.poll() is None and time.monotonic() < patience:
        time.sleep(0.02)
    time.sleep(wait_s)
    running.send_signal(signal.SIGKILL)
    _, told = running.communicate(timeout=60)
    assert running.returncode == -signal.SIGKILL, told.decode()
    with open_ledger(folder / "a.ledger", write=False) as ledger:
        found = verify(ledger)
        assert found.is_whole, found.problems


def events(folder: Path) -> int:
    """How many events the ledger has now; 0 while there is none."""
    path = folder / "a.ledger"
    if not path.exists():
        return 0
    try:
        with open_ledger(path, write=False) as ledger:
            return ledger.store.last_seq()
    except Exception:
        return 0


def check_end(folder: Path) -> tuple[int, int]:
    """Run on for a day without kills, then hold books against the venue; (fills, orders)."""
    asked = command(folder, "--steps", "24")
    done = subprocess.run(asked, cwd=folder, env=ENV, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    mandate = load_mandate(folder / "m.toml")
    market = paper_market(mandate, synthetic(SEED).history, None, (None, None, None))
    with open_ledger(folder / "a.ledger", write=False) as ledger:
        found = verify(ledger)
        assert found.is_whole, found.problems
        end = last_ns(ledger)
        clock = PacedClock(end, 1e-9)
        journal = folder / "a.ledger.venue"
        venue = connect(mandate, market, PaperTerms(), clock, journal).venues["bybit"]
        assert isinstance(venue, PaperVenue)
        venue.world.pass_time(end)
        holdings, books = venue.world.holdings, ledger.books
        true = {key: held for key, (held, _) in holdings.positions("coinm").items()}
        here = {key: one.contracts for (_, key), one in books.positions.items() if one.contracts}
        assert true == here, (true, here)
        for account in ("coinm", "vault"):
            coins = holdings.balances(account)["BTC"]
            assert abs(coins - books.balances[account, "BTC"]) < 1e-8, account
        lots = [one.event.lot_id for one in ledger.entries(kinds=("fill",)) if _is_fill(one.event)]
        rows = [row for row in holdings.rows["coinm"].rows if isinstance(row, Filled)]
        assert len(lots) == len(set(lots))
        assert {row.lot_id for row in rows} <= set(lots)
        assert set(venue.world.orders) <= set(books.orders)
        return len(lots), len(books.orders)


def _is_fill(event: object) -> bool:
    return isinstance(event, Filled)


def run(kills: int, seed: int, folder: Path) -> tuple[int, int]:
    """Kill so many times, then check; (fills, orders) of the whole life."""
    random = np.random.default_rng(seed)
    (folder / "m.toml").write_text(MANDATE, encoding="utf-8")
    for _ in range(kills):
        kill_once(folder, float(random.uniform(0.0, 0.8)))
    return check_end(folder)


def main() -> int:
    """Kill, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        fills, orders = run(asked.kills, asked.seed, Path(place))
    took = time.perf_counter() - begun
    print(f"{asked.kills} kills, {orders} orders, {fills} fills, nothing lost, {took:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
