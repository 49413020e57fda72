"""The volatility fold is the same plain and compiled."""

import numpy as np

from tests.compiled.folds import compiled_fold, fold_prices
from volsculpt.units import DAY_NS, HOUR_NS


def test_the_fold_is_the_same_compiled() -> None:
    """Over irregular stamps, prices that come too soon and a gap: the same bits."""
    dice = np.random.default_rng(5)
    gaps = dice.integers(HOUR_NS // 2, 9 * HOUR_NS, 2_000)
    gaps[1_200] = 40 * DAY_NS
    times = np.cumsum(gaps)
    prices = 60_000.0 * np.exp(np.cumsum(0.01 * dice.standard_normal(len(times))))
    plain, fast = [0.0] * len(times), np.zeros(len(times))
    fold_prices(times.tolist(), prices.tolist(), 30 * DAY_NS, plain)
    compiled_fold()(times, prices, 30 * DAY_NS, fast)
    assert fast.tolist() == plain
    warm = np.flatnonzero(fast)
    assert 0 < warm[0] < 1_200 < warm[-1]
    assert np.all(fast[1_200:1_250] == 0.0)
