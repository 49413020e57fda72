"""What a desk may know of the market beside its venues: features, memory and stored prices."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from volsculpt.hedge.feature import Needs
from volsculpt.hedge.market_features import Features, Observed, Watch

FeaturesAt = Callable[[int], Features | None]
MemoryAt = Callable[[list[Any], int], list[Any]]


class StoredPrices(NamedTuple):
    """US dollars of coins as a history tells them. stamp_ns: when they were so, ns UTC."""

    usd: Mapping[str, float]
    stamp_ns: int


PricesAt = Callable[[int], StoredPrices]


def no_features(time_ns: int) -> Features | None:
    """Nothing is known but what the venues say now."""
    return None


def no_memory(memory: list[Any], time_ns: int) -> list[Any]:
    """What is remembered as it is: no history leads up to a time."""
    return memory


def no_prices(time_ns: int) -> StoredPrices:
    """No history tells what a coin is worth."""
    return StoredPrices({}, time_ns)


class MarketKnowledge(NamedTuple):
    """What is known of the market at a time (ns UTC), beside what venues say.

    features: for policies. memory: of policies, as a history leads up to it. prices: of coins,
    the newest that are stored.
    """

    features: FeaturesAt = no_features
    memory: MemoryAt = no_memory
    prices: PricesAt = no_prices


NO_KNOWLEDGE = MarketKnowledge()


def market_features(needs: Needs, observed: Observed) -> FeaturesAt:
    """Features of a market whose observations are at hand, asked at times that never fall.

    Without needs no policy asks, and the answer is None, as in a backtest.
    """
    return Watch(observed, needs) if needs else no_features
