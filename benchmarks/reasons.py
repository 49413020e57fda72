"""What a ratio with a reason takes: features of eight coins, and a regime beside a fixed ratio.

`python -m benchmarks.reasons FOLDER [TIMES]` prints a table, and a line of JSON at its end. FOLDER
gets the made-up stores. Run it on a machine that does nothing else.
"""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks import ours
from benchmarks.clock import ROOT, Spread, in_turn, ratios, spread, whole
from volsculpt.hedge.market_features import Watch
from volsculpt.hedge.needs import look_back_ns
from volsculpt.hedge.stored import observed_for
from volsculpt.hedge.survey import usual_features
from volsculpt.market.opening import StoreNames, history_before
from volsculpt.market.series import Label, Values
from volsculpt.market.store import save
from volsculpt.market.streams import Stream
from volsculpt.market.synthetic import Coin, SyntheticSpec, make
from volsculpt.units import DAY_NS, iso

COINS = 8
DAYS = 500
TIMES = 9
DAY = f"features of {COINS} coins, one day folded, memory warm: ms"
READ = f"features of {COINS} coins, one day read from a store and folded, memory warm: ms"
REGIME = "regime, five years hourly, from the shell to a page: s"
FIXED = "fixed ratio, the same: s"
OVER = "regime over fixed ratio"
PLAN = "plan of a fixed ratio from a cold shell, prices given: ms"


def eight_coins(folder: Path) -> tuple[Path, int]:
    """A store of hourly prices, and its last midnight."""
    root = folder / "eight"
    coins = tuple(Coin(f"C{n}", 100.0) for n in range(COINS))
    history = make(SyntheticSpec(1, 24 * DAYS, coins=coins, dated=())).history
    for coin in coins:
        save(root, history.index[coin.name], 0, overwrite=True)
    ends = [int(one.open_ns[-1]) for one in history.index.values()]
    return root, min(ends) // DAY_NS * DAY_NS


def features_ms(folder: Path, times: int) -> dict[str, list[float]]:
    """Milliseconds to take up a day: of what is at hand, and of what must be read first."""
    root, end = eight_coins(folder)
    names = tuple(f"C{n}" for n in range(COINS))
    needs = {
        name: tuple(usual_features([Stream("index", name), Stream("bars", name, DAY_NS)]))
        for name in names
    }
    wanted = StoreNames(names, (), (), None)
    back = look_back_ns(needs)
    whole_time = observed_for(history_before(root, end, wanted, back), needs, [end])
    found: dict[str, list[float]] = {DAY: [], READ: []}
    for _ in range(times + 1):
        watch = Watch(whole_time, needs)
        watch(end - DAY_NS)
        start = time.perf_counter_ns()
        known = watch(end)
        for name in names:
            for one in needs[name]:
                known.value(name, one)
        found[DAY].append((time.perf_counter_ns() - start) / 1e6)
        start = time.perf_counter_ns()
        observed_for(history_before(root, end, wanted, 0), needs, [end])
        found[READ].append((time.perf_counter_ns() - start) / 1e6 + found[DAY][-1])
    return {name: figures[1:] for name, figures in found.items()}


def regime_store(folder: Path) -> tuple[Path, list[str]]:
    """The market of the others with a mood and a dominance a day; the words of its span."""
    root, history = folder / "reasons", ours.made_up()
    for series in history.series:
        save(root, series, 0, overwrite=True)
    stamps = history.index["BTC"].open_ns
    days = np.arange(int(stamps[0]) // DAY_NS + 1, int(stamps[-1]) // DAY_NS) * DAY_NS
    dice = np.random.default_rng(1)
    for name, middle in (("fear_greed", 50.0), ("btc_dominance", 50.0)):
        figures = middle + 20.0 * np.sin(np.arange(len(days)) / 40.0) + dice.normal(0, 5, len(days))
        save(root, Values(Label("made", name, "value", "index", "seed 1"), days, days, figures),
             0, overwrite=True)  # fmt: skip
    return root, ["--from", iso(int(days[1])), "--to", iso(int(days[-1])), "--step", "1h"]


def whole_runs(folder: Path, times: int) -> dict[str, list[float]]:
    """Seconds of a backtest by regime and by a fixed ratio in turn, from shell to page."""
    root, span = regime_store(folder)

    def run(mandate: str) -> float:
        """One of the two."""
        words = ["backtest", str(ROOT / "benchmarks" / mandate), "--data", str(root), *span]
        page = str(folder / f"{mandate}.html")
        return whole([sys.executable, "-m", "volsculpt", *words, "--report", page]).seconds

    rounds = in_turn(lambda: run("reasons.toml"), lambda: run("w1.toml"), times)
    plan = [str(ROOT / "benchmarks" / "w1.toml"), "--price", "BTC=60000"]
    command = [sys.executable, "-m", "volsculpt", "plan", *plan]
    cold = [1e3 * whole(command).seconds for _ in range(times + 1)][1:]
    return {REGIME: [a for a, _ in rounds], FIXED: [b for _, b in rounds], PLAN: cold}


def main(folder: Path, times: int) -> None:
    """All of it."""
    folder.mkdir(parents=True, exist_ok=True)
    runs = {**features_ms(folder, times), **whole_runs(folder, times)}
    found: dict[str, Spread] = {name: spread(figures) for name, figures in runs.items()}
    found[OVER] = ratios(runs[FIXED], runs[REGIME])
    for name, one in found.items():
        print(f"{name}  {one.median:.4g} ({one.low:.4g} to {one.high:.4g})")
    print(json.dumps({name: asdict(one) for name, one in found.items()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else TIMES)
