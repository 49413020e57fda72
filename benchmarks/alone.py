"""What volsculpt takes by itself: the kernel a bar and a lane, reading a store.

`python -m benchmarks.alone FOLDER` prints one line of JSON.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import ours
from volsculpt.market.store import load_all, save, stored
from volsculpt.market.synthetic import Coin, SyntheticSpec, make
from volsculpt.simulate.compiled import compiled_run
from volsculpt.simulate.run_start import start_of

TIMES = 9
LANES, LANE_BARS = 64, 8_760
SERIES = 20


class Stopwatch:
    """The kernel, with the time it took since it was set to zero."""

    def __init__(self, before: Callable[[tuple[Any, ...]], None] = lambda arguments: None) -> None:
        """before(arguments) may change them; it is not timed."""
        self.kernel = compiled_run()
        self.before = before
        self.ns = 0

    def __call__(self, *arguments: Any) -> None:  # noqa: ANN401
        """Run the kernel and add what it took."""
        self.before(arguments)
        start = time.perf_counter_ns()
        self.kernel(*arguments)
        self.ns += time.perf_counter_ns() - start


def whole_ms(bars: int, is_started: bool) -> list[float]:
    """Milliseconds from prices on a clock to wealth at every bar; or of one more such run.

    Args: is_started: what runs through one market share is there already.
    """
    spec = ours.asked_of(ours.made_up(bars))
    begun, found = start_of(spec) if is_started else spec, []
    for _ in range(TIMES + 1):
        start = time.perf_counter_ns()
        ours.run(begun)
        found.append((time.perf_counter_ns() - start) / 1e6)
    return found[1:]


def spread_bands(arguments: tuple[Any, ...]) -> None:
    """Give every lane another band, 1 % to 5 %."""
    rules = arguments[0].rules
    widths = np.linspace(0.01, 0.05, len(rules))
    for side in ("under_trigger", "over_trigger"):
        rules[side][:, 0] = widths


def kernel_ns(bars: int, lanes: int, watch: Stopwatch, noted: bool = False) -> list[float]:
    """ns a bar and lane of repeated runs, preparation left out."""
    spec = ours.asked_of(ours.made_up(bars))
    found = []
    for _ in range(TIMES + 1):
        watch.ns = 0
        ours.run(spec, lanes, watch, noted)
        found.append(watch.ns / (bars * lanes))
    return found[1:]


def reading_ms(folder: Path) -> list[float]:
    """Milliseconds to read 20 series of 43,800 bars, through the gate."""
    root = folder / "twenty"
    if not root.is_dir():
        coins = tuple(Coin(f"C{n:02d}", 100.0) for n in range(SERIES))
        history = make(SyntheticSpec(1, coins=coins, dated=())).history
        for coin in coins:
            save(root, history.index[coin.name], 0)
    every = stored(root)
    found = []
    for _ in range(TIMES + 1):
        start = time.perf_counter_ns()
        load_all(every)
        found.append((time.perf_counter_ns() - start) / 1e6)
    return found[1:]


def main() -> None:
    """All of it."""
    figures = {
        f"kernel, one lane, {ours.HOURS} bars: ns a bar": kernel_ns(ours.HOURS, 1, Stopwatch()),
        "kernel, one lane, what happens kept for a report: ns a bar": kernel_ns(
            ours.HOURS, 1, Stopwatch(), noted=True
        ),
        f"kernel, {LANES} lanes of other bands: ns a bar and lane": kernel_ns(
            LANE_BARS, LANES, Stopwatch(spread_bands)
        ),
        f"one run, {ours.HOURS} bars on a clock to wealth: ms": whole_ms(ours.HOURS, False),
        "one more run through the same market: ms": whole_ms(ours.HOURS, True),
        f"reading {SERIES} series of {ours.HOURS} bars: ms": reading_ms(Path(sys.argv[1])),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
