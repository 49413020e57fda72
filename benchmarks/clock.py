"""Honest timing: pairs in turn, medians with quartiles, whole processes by the system's account."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LEAST = 1.15  # a ratio nearer to 1 than this is not called a difference
WARM_UPS = 2


@dataclass(frozen=True)
class Spread:
    """Median and quartiles of some figures."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Whole:
    """One process from start to end."""

    seconds: float
    peak_bytes: int


def spread(figures: Sequence[float]) -> Spread:
    """Quartiles of two figures or more. Worked: 1 2 3 4 5 -> 2, 3, 4."""
    low, middle, high = statistics.quantiles(figures, n=4, method="inclusive")
    return Spread(low, middle, high)


def ratios(ours: Sequence[float], peer: Sequence[float]) -> Spread:
    """Peer over ours, pair by pair, so that a machine that slows down slows both."""
    return spread([b / a for a, b in zip(ours, peer, strict=True)])


def verdict(ratio: Spread) -> str:
    """A ratio in words; none where it is within 15 % of 1, or its quartiles lie on both sides."""
    if 1.0 / LEAST < ratio.median < LEAST or ratio.low < 1.0 < ratio.high:
        return "no difference"
    text = f"{ratio.median:.3g}x ({ratio.low:.3g} to {ratio.high:.3g})"
    return text if ratio.median > 1.0 else f"{text}, faster than ours"


class Worker:
    """A program in a process of its own that answers when asked."""

    def __init__(self, python: Path | str, name: str, given: Path) -> None:
        """Start it; RuntimeError when it does not get ready."""
        command = [str(python), "-m", "benchmarks.worker", name, str(given)]
        pipe = subprocess.PIPE
        quiet = {**os.environ, "TQDM_DISABLE": "1"}  # no progress bars in anybody's time
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, env=quiet
        )
        self._answer(name)

    def ask(self, word: str) -> dict[str, Any]:
        """The answer to one word; RuntimeError when the program died."""
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self._answer(word)

    def _answer(self, word: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args}: died at {word!r}; see what it printed above")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def in_turn(first: Callable[[], Any], second: Callable[[], Any], times: int) -> list[Any]:
    """[(first, second), ...] after two rounds that are not counted."""
    rounds = [(first(), second()) for _ in range(WARM_UPS + times)]
    return rounds[WARM_UPS:]


def whole(command: Sequence[str]) -> Whole:
    """Run a command to its end: wall time and peak memory; RuntimeError when it fails."""
    launch = [sys.executable, "-I", "-S", str(ROOT / "benchmarks" / "launch.py"), *command]
    done = subprocess.run(launch, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    seconds, peak_bytes, code = json.loads(done.stdout)
    if code:
        raise RuntimeError(f"{' '.join(command)}: exit code {code}")
    return Whole(seconds, peak_bytes)
