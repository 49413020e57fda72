"""What policies may know of the market while a desk runs: observations fed as time goes on."""

from collections.abc import Callable
from typing import Any

from volsculpt.hedge.feature import Needs
from volsculpt.hedge.known import Features, Observed, Watch

FeaturesAt = Callable[[int], Features | None]
MemoryAt = Callable[[list[Any], int], list[Any]]


def no_features(time_ns: int) -> Features | None:
    """Nothing is known but what the venues say now."""
    return None


def no_memory(memory: list[Any], time_ns: int) -> list[Any]:
    """What is remembered as it is: no history leads up to a time."""
    return memory


def market_features(needs: Needs, observed: Observed) -> FeaturesAt:
    """Features of a market whose observations are at hand, asked at times that never fall.

    Without needs no policy asks, and the answer is None, as in a backtest.
    """
    return Watch(observed, needs) if needs else no_features
