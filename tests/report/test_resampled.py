"""Resampled days, counted, say what the days themselves say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volsculpt.report.stats.bootstrap import Days, block_days, resampled_days
from volsculpt.report.stats.metrics import METRICS, Sample


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10_000),
    days=st.integers(30, 300),
    length=st.floats(1.0, 40.0),
    shape=st.sampled_from(["wild", "two", "still"]),
)
def test_every_metric_of_resampled_days(seed: int, days: int, length: float, shape: str) -> None:
    """Each figure of each history is that of a sample of its days, to rounding."""
    random = np.random.default_rng(seed)
    returns = {
        "wild": random.normal(0.001, 0.05, days).clip(-0.9),
        "two": random.choice([-0.02, 0.03], days),
        "still": np.zeros(days),
    }[shape]
    taken = block_days(length, days, 20, random)
    counted = resampled_days({"one": Days(Sample(returns, days / 365.0))}, taken)["one"]
    plain = Sample(returns[taken], days / 365.0)
    for metric in METRICS:
        assert metric.over(counted) == pytest.approx(
            metric.over(plain), rel=1e-9, abs=1e-11, nan_ok=True
        ), metric.name


def test_a_tail_beyond_the_first_worst_days() -> None:
    """A history that holds hardly any bad day takes its tail from the good ones."""
    returns = np.linspace(-0.1, 0.1, 200)
    taken = np.arange(150, 200).repeat(4)[None, :]
    counted = resampled_days({"one": Days(Sample(returns, 1.0))}, taken)["one"]
    assert counted.worst[0] == pytest.approx(np.sort(returns[taken[0]])[:10].mean(), rel=1e-12)
