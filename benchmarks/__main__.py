"""`make bench`: time the same hedge in volsculpt and in what people use today.

    python -m benchmarks [--times N] [--whole N] [--only NAME,...]

Each peer runs in its own environment (see requirements*.txt), in turn with volsculpt. Prints tables
and writes results/DATE.json.
"""

import argparse
import json
import platform
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import ours
from benchmarks.clock import ROOT, Worker, in_turn, ratios, spread, verdict, whole
from benchmarks.plain_loop import hedge
from volsculpt.market.history import History
from volsculpt.market.store import save

BUILD = ROOT / "build" / "bench"
RESULTS = ROOT / "benchmarks" / "results"
MAIN = Path(sys.executable)
VENV = ROOT / "build" / "bench-venv" / "bin" / "python"
OTHER_VENV = ROOT / "build" / "bench-venv-hftbacktest" / "bin" / "python"
# Each peer, where it runs, and what it can be asked for alone.
PEERS: dict[str, tuple[Path, tuple[str, ...]]] = {
    "plain_python": (MAIN, ("simulate",)),
    "vectorbt_orders": (VENV, ("simulate", "report")),
    "vectorbt_function": (VENV, ("simulate", "report")),
    "backtesting_strategy": (VENV, ("report",)),
    "hftbacktest_bars": (OTHER_VENV, ("simulate", "report")),
}
AGREE = 1e-9


def written_input() -> tuple[Path, History]:
    """The market as plain arrays for every program, and as a store for the command line."""
    BUILD.mkdir(parents=True, exist_ok=True)
    history = ours.made_up()
    given = BUILD / "w1.npz"
    np.savez(given, allow_pickle=False, **ours.market_of(ours.asked_of(history)))
    for series in history.series:
        save(BUILD / "store", series, 0, overwrite=True)
    return given, history


def check_agreement(history: History) -> float:
    """The largest relative difference of wealth between our run and the plain loop's."""
    spec = ours.asked_of(history)
    plain = {name: column.tolist() for name, column in ours.market_of(spec).items()}
    theirs = np.array(hedge(plain, ours.terms_of(spec)))
    worst = float(np.max(np.abs(theirs / ours.wealth_usd(ours.run(spec)) - 1.0)))
    if worst > AGREE:
        raise RuntimeError(f"our run and the plain loop differ by {worst:g} of wealth; no figures")
    return worst


def pair(given: Path, name: str, times: int) -> list[dict[str, Any]]:
    """volsculpt and one peer in turn, for each thing the peer can be asked for."""
    python, words = PEERS[name]
    mine, theirs = Worker(MAIN, "volsculpt_hedge", given), Worker(python, name, given)
    rows = []
    for word in words:
        rounds = in_turn(
            lambda word=word: mine.ask(word), lambda word=word: theirs.ask(word), times
        )
        a, b = [one["ms"] for one, _ in rounds], [one["ms"] for _, one in rounds]
        last = rounds[-1]
        rows.append(
            {
                "peer": name,
                "work": word,
                "ours_ms": asdict(spread(a)),
                "peer_ms": asdict(spread(b)),
                "ratio": asdict(ratios(a, b)),
                "verdict": verdict(ratios(a, b)),
                "wealth_usd": [one["wealth"] for one in last],
                "peak_bytes": [one["peak_bytes"] for one in last],
            }
        )
    mine.close()
    theirs.close()
    return rows


def our_command(page: str) -> list[str]:
    """The whole program as a user types it."""
    span = ["--from", "2020-01-02", "--to", "2024-12-31"]
    store = ["--data", str(BUILD / "store")]
    backtest = ["backtest", str(ours.MANDATE), *store, *span, "--report", page]
    return [str(MAIN), "-m", "volsculpt", *backtest]


def whole_pair(given: Path, name: str, times: int) -> dict[str, Any]:
    """Both whole programs in turn, from a shell prompt to a written page."""
    python, _ = PEERS[name]
    page = str(BUILD / f"{name}.html")
    theirs = [str(python), "-m", "benchmarks.worker", name, str(given), "--page", page]
    mine = our_command(str(BUILD / "volsculpt.html"))
    rounds = [(whole(mine), whole(theirs)) for _ in range(times + 1)][1:]
    a, b = [one.seconds for one, _ in rounds], [one.seconds for _, one in rounds]
    return {
        "peer": name,
        "ours_s": asdict(spread(a)),
        "peer_s": asdict(spread(b)),
        "ratio": asdict(ratios(a, b)),
        "verdict": verdict(ratios(a, b)),
        "peak_bytes": [max(pair[k].peak_bytes for pair in rounds) for k in (0, 1)],
    }


def alone(times: int) -> dict[str, Any]:
    """What volsculpt takes by itself."""
    asked = [str(MAIN), "-m", "benchmarks.alone", str(BUILD)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    figures: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    examples = ROOT / "examples"
    prices = [str(examples / "treasury.toml"), "--quotes", str(examples / "quotes.toml")]
    at = [str(ours.MANDATE), "--at", "2024-05-20T00:00:00Z", "--data", str(BUILD / "store")]
    for words, name in ((prices, "prices given"), (at, "--at")):
        command = [str(MAIN), "-m", "volsculpt", "plan", *words]
        runs = [whole(command).seconds * 1e3 for _ in range(times + 1)][1:]
        figures[f"plan from a cold shell, {name}: ms"] = runs
    return {name: asdict(spread(found)) for name, found in figures.items()}


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor(),
        "processors": len(models),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def shown(found: dict[str, Any]) -> str:
    """The tables."""
    bars = ours.HOURS
    lines = [
        f"{bars} hourly bars; our run and the plain loop agree to {found['agreement']:.1g}",
        "",
    ]
    lines.append(
        f"{'one backtest, warm':<34}{'ours ms':>10}{'peer ms':>10}{'peer ns/bar':>13}  over ours"
    )
    for row in found["pairs"]:
        a, b = row["ours_ms"]["median"], row["peer_ms"]["median"]
        name = f"{row['peer']}, {row['work']}"
        lines.append(f"{name:<34}{a:>10.3g}{b:>10.3g}{b * 1e6 / bars:>13.4g}  {row['verdict']}")
    lines += ["", f"{'whole program':<34}{'ours s':>10}{'peer s':>10}{'MB':>13}  over ours"]
    for row in found["whole"]:
        a, b = row["ours_s"]["median"], row["peer_s"]["median"]
        memory = "/".join(f"{peak / 1e6:.0f}" for peak in row["peak_bytes"])
        lines.append(f"{row['peer']:<34}{a:>10.3g}{b:>10.3g}{memory:>13}  {row['verdict']}")
    lines += ["", "volsculpt alone: median (quartiles)"]
    for name, one in found["alone"].items():
        lines.append(f"  {name}  {one['median']:.4g} ({one['low']:.4g} to {one['high']:.4g})")
    return "\n".join(lines)


def versions(given: Path, names: list[str]) -> dict[str, dict[str, str]]:
    """What is installed where each program runs."""
    found = {}
    for name in ("volsculpt_hedge", *names):
        python = PEERS[name][0] if name in PEERS else MAIN
        worker = Worker(python, name, given)
        found[name] = worker.ask("versions")
        worker.close()
    return found


def keep(found: dict[str, Any]) -> Path:
    """Write all figures so far: a run that is cut short keeps what it has."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{found['date'][:16].replace(':', '')}.json"
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return path


def measure(found: dict[str, Any], given: Path, names: list[str], said: argparse.Namespace) -> None:
    """Add all figures, one after the other."""
    found["versions"] = versions(given, names)
    for name in names:
        print(f"{name}: in turn with volsculpt", file=sys.stderr)
        found["pairs"] += pair(given, name, said.times)
        keep(found)
    print("volsculpt alone", file=sys.stderr)
    found["alone"] = alone(said.times)
    keep(found)
    for name in [name for name in names if name != "plain_python"]:
        print(f"{name}: whole programs", file=sys.stderr)
        found["whole"].append(whole_pair(given, name, said.whole))
        keep(found)


def main() -> None:
    """Everything, in order."""
    options = argparse.ArgumentParser(prog="python -m benchmarks")
    options.add_argument("--times", type=int, default=9, help="rounds of each pair (9)")
    options.add_argument("--whole", type=int, default=5, help="rounds of each whole program (5)")
    options.add_argument("--only", default=",".join(PEERS), help="peers, separated by commas")
    said = options.parse_args()
    if min(said.times, said.whole) < 2:
        options.error("a spread needs two rounds or more")
    names = [name for name in said.only.split(",") if name]
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        options.error(f"no peer {', '.join(unknown)}; there is: {', '.join(PEERS)}")
    given, history = written_input()
    found: dict[str, Any] = {
        "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "machine": machine(),
        "agreement": check_agreement(history),
        "pairs": [],
        "alone": {},
        "whole": [],
    }
    measure(found, given, names, said)
    print(f"{shown(found)}\n\nkept in {keep(found).relative_to(ROOT)}")


if __name__ == "__main__":
    main()
