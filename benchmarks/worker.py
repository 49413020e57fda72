"""One program in a process of its own, in its own environment; times only what it is asked for.

    python -m benchmarks.worker NAME INPUT            answers each line on standard input
    python -m benchmarks.worker NAME INPUT --page F   runs once, prints metrics, writes a page

A line is `simulate` or `report`; the answer is one line of JSON: milliseconds, wealth, peak memory.
`versions` answers with what is installed. Knows nothing of volsculpt.
"""

import contextlib
import gc
import json
import resource
import sys
import time
from importlib import import_module
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import numpy as np


def peak_bytes() -> int:
    """The most memory this process has held.

    Linux counts what the parent held into a child's ru_maxrss, but not into VmHWM.
    """
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.is_file() else []
    held = [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")]
    return held[0] if held else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def answer(program: Any, ready: Any, asked: str) -> dict[str, Any]:  # noqa: ANN401
    """What one line is answered with."""
    if asked == "versions":
        return {one.metadata["Name"]: one.version for one in distributions()}
    work = getattr(program, asked)
    gc.collect()
    start = time.perf_counter_ns()
    done = work(ready)
    took = time.perf_counter_ns() - start
    wealth = float(program.wealth(done)) if asked == "simulate" else None
    return {"ms": took / 1e6, "wealth": wealth, "peak_bytes": peak_bytes()}


def main(words: list[str]) -> None:
    """Load a program and its input; answer, or write its page."""
    name, given = words[:2]
    told = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        program = import_module(f"benchmarks.programs.{name}")
        ready = program.prepare(dict(np.load(given)))
        if len(words) > 2:
            program.page(ready, Path(words[3]))
            return
        print(json.dumps({"ready": name}), file=told, flush=True)
        for line in sys.stdin:
            print(json.dumps(answer(program, ready, line.strip())), file=told, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
