"""Durable events a second, and what one append takes beside the disk's own sync.

python benchmarks/ledger.py [FOLDER] [URL]: FOLDER on the disk that is meant (default: here),
URL of an empty schema of a PostgreSQL to measure too. Prints a table: events a second in batches
of 100; of appends of one intent the whole time and our share of it, which is the processor's;
and how long a restart takes to fold the books.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from volsculpt.ledger.events import Event, Filled, Intended
from volsculpt.ledger.ledger import Ledger, open_ledger

BATCH, BATCHES, SINGLES = 100, 100, 500
KEY = "bybit:BTC/USD:BTC"


def fill(number: int) -> Filled:
    """A fill, as a desk writes them."""
    return Filled(
        lot_id=f"lot-{number}",
        client_id=None,
        account="coinm",
        contract=KEY,
        contracts=-100.0 if number % 2 else 99.0,
        price=50_000.0 + number % 97,
        fee=1e-6,
        fee_currency="BTC",
        stamp_ns=number,
        payoff="inverse",
        multiplier=1.0,
        settle="BTC",
    )


def intent(number: int) -> Intended:
    """An order that may be sent: the commit that stands between a quote and a send."""
    figures = (-100.0, False, "market", None, 50_000.0, None)
    return Intended(f"order-{number}", f"account-{number}", KEY, *figures)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that it takes, and seconds of this process among them."""
    began, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - worked


def quantiles(times: Sequence[float]) -> str:
    """Median and 99th percentile, in milliseconds."""
    found = (sorted(times)[int(part * (len(times) - 1))] for part in (0.5, 0.99))
    return "".join(f"{1e3 * one:>10.3f}" for one in found)


def raw_syncs(folder: Path) -> list[float]:
    """What the disk takes to make 4 kB durable, again and again."""
    handle = os.open(folder / "raw", os.O_CREAT | os.O_WRONLY)

    def written(at: int) -> None:
        os.pwrite(handle, b"x" * 4096, at)
        os.fdatasync(handle)

    try:
        return [timed(partial(written, 4096 * n))[0] for n in range(SINGLES)]
    finally:
        os.close(handle)


def batches(ledger: Ledger) -> float:
    """Durable events a second, in batches."""
    made = [[fill(BATCH * n + k) for k in range(BATCH)] for n in range(BATCHES)]
    return BATCH * BATCHES / sum(timed(partial(ledger.append, part, 0))[0] for part in made)


def singles(ledger: Ledger) -> tuple[list[float], list[float]]:
    """Seconds of appends of one intent each: in all, and ours."""
    events: list[Event] = [intent(n) for n in range(SINGLES)]
    whole, ours = zip(*(timed(partial(ledger.append, [one], 0)) for one in events), strict=True)
    return list(whole), list(ours)


def measure(name: str, url: str) -> None:
    """One line of the table."""
    with open_ledger(url) as ledger:
        rate = batches(ledger)
        whole, ours = singles(ledger)
    line = f"{name:<12}{rate:>10,.0f}{quantiles(whole)}{quantiles(ours)}"
    if url != "memory:":
        with open_ledger(url, write=False) as again:
            line += f"{timed(lambda: again.books)[0]:>10.2f}"
    print(line)


def main(words: Sequence[str]) -> None:
    """Measure the disk, then each kind of store."""
    heads = ("events/s", "p50 ms", "p99 ms", "ours p50", "ours p99", "restart s")
    with tempfile.TemporaryDirectory(dir=words[0] if words else Path.cwd()) as name:
        print(f"{'':<12}" + "".join(f"{head:>10}" for head in heads))
        print(f"{'raw sync':<12}{'':>10}{quantiles(raw_syncs(Path(name)))}")
        measure("memory", "memory:")
        measure("sqlite", str(Path(name) / "desk.ledger"))
        if len(words) > 1:
            measure("postgresql", words[1])


if __name__ == "__main__":
    main(sys.argv[1:])
