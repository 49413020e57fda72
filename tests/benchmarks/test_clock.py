"""The clock of the benchmarks: what it computes and how it asks, never how long anything takes."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import ours
from benchmarks.clock import Spread, Worker, in_turn, ratios, spread, verdict, whole


def test_a_spread_is_median_and_quartiles() -> None:
    """1 to 5: 2, 3, 4."""
    assert spread([5.0, 1.0, 3.0, 2.0, 4.0]) == Spread(2.0, 3.0, 4.0)


def test_ratios_are_taken_pair_by_pair() -> None:
    """A machine twice as slow in one round changes no ratio."""
    assert ratios([1.0, 2.0, 4.0], [3.0, 6.0, 12.0]) == Spread(3.0, 3.0, 3.0)


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (Spread(1.05, 1.14, 1.2), "no difference"),
        (Spread(0.8, 0.88, 0.9), "no difference"),
        (Spread(0.9, 1.3, 1.6), "no difference"),
        (Spread(1.9, 2.0, 2.2), "2x (1.9 to 2.2)"),
        (Spread(0.4, 0.5, 0.6), "0.5x (0.4 to 0.6), faster than ours"),
    ],
)
def test_a_small_difference_is_not_called_one(ratio: Spread, said: str) -> None:
    """Within 15 % of 1, or quartiles on both sides of it: no difference. Else it is told."""
    assert verdict(ratio) == said


def test_pairs_go_in_turn() -> None:
    """Ours, peer, ours, peer; the first two rounds are not counted."""
    calls: list[str] = []
    rounds = in_turn(lambda: calls.append("a"), lambda: calls.append("b"), 3)
    assert "".join(calls) == "ab" * 5
    assert len(rounds) == 3


def test_a_worker_answers(tmp_path: Path) -> None:
    """A program in its own process, asked by line, gives the wealth of the whole run."""
    spec = ours.asked_of(ours.made_up(72))
    np.savez(tmp_path / "given.npz", allow_pickle=False, **ours.market_of(spec))
    worker = Worker(sys.executable, "plain_python", tmp_path / "given.npz")
    first, second = worker.ask("simulate"), worker.ask("simulate")
    assert first["wealth"] == second["wealth"] > 0.0
    assert first["peak_bytes"] > 1e6
    assert "numpy" in worker.ask("versions")
    worker.close()
    assert worker.process.returncode == 0


def test_a_whole_process_is_accounted_for() -> None:
    """Its peak memory is its own, and a failure is not a time."""
    small = whole([sys.executable, "-c", "pass"])
    large = whole([sys.executable, "-c", "x = bytearray(200_000_000)"])
    assert small.peak_bytes < 50e6
    assert large.peak_bytes > 200e6
    with pytest.raises(RuntimeError, match="exit code 3"):
        whole([sys.executable, "-c", "raise SystemExit(3)"])
