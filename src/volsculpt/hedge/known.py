"""What a policy may know of the market at a moment, the same in every mode.

Observations of a coin's index are fed one at a time; at any moment the features are what those
stamped at or before it left behind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from volsculpt.errors import PolicyError
from volsculpt.hedge.feature import Feature, Needs
from volsculpt.hedge.features.volatility import HALF_LIFE_NS, Volatility


@dataclass(frozen=True, slots=True)
class CoinFeatures:
    """One coin: its newest index price, when that was known, and what each feature remembers."""

    index_usd: float
    index_ns: int
    memories: Mapping[Feature, Any]


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of the market at `time_ns`. A coin without history is not in `coins`."""

    time_ns: int
    coins: Mapping[str, CoinFeatures] = field(default_factory=dict)

    def index_usd(self, coin: str) -> float | None:
        """The newest index price of a coin, in US dollars; None where none is known."""
        known = self.coins.get(coin)
        return None if known is None else known.index_usd

    def value(self, coin: str, feature: Feature) -> float | None:
        """A figure of a coin; None where there is none. PolicyError: nobody asked for it."""
        memory = self._memory(coin, feature)
        return None if memory is None else feature.value(memory, self.time_ns)

    def lacking(self, coin: str, feature: Feature) -> str:
        """Why there is no such figure, in words, with the fix."""
        return feature.lacking(coin, self._memory(coin, feature), self.time_ns)

    def sigma_forecast(self, coin: str, half_life_ns: int = HALF_LIFE_NS) -> float | None:
        """Forecast volatility of a coin, a ratio a year of 365 days; None where there is none.

        Of half-lives that hedges of the mandate name, and 30 days for a policy of the owner's
        own; PolicyError for another.
        """
        return self.value(coin, Volatility(half_life_ns))

    def _memory(self, coin: str, feature: Feature) -> Any:  # noqa: ANN401
        """What was kept of a coin for a feature; None for a coin without history."""
        known = self.coins.get(coin)
        if known is None:
            return None
        if feature not in known.memories:
            kept = ", ".join(one.words() for one in known.memories if one.NAME == feature.NAME)
            raise PolicyError(
                f"no {feature.NAME} of {coin} is kept with a {feature.words()}, only "
                f"{kept or 'other features'}; ask for one of these"
            )
        return known.memories[feature]


def coin_step(
    known: CoinFeatures | None, time_ns: int, index_usd: float, features: Sequence[Feature]
) -> CoinFeatures:
    """Feed one observation of a coin's index; they come in order of time.

    Args: known: before, None at first; time_ns: ns UTC; index_usd: US dollars, > 0; features: those
    to be folded.
    """
    before = known.memories if known is not None else {}
    after = {one: one.step(before.get(one), time_ns, index_usd) for one in features}
    return CoinFeatures(index_usd, time_ns, after)


def features_at(
    observed: Mapping[str, Sequence[tuple[int, float]]], needs: Needs, stamps_ns: Sequence[int]
) -> list[Features]:
    """The features at each of some rising times.

    observed: coin -> (when known, index in USD), in order of time. Nothing that is stamped
    after a time is read for it.
    """
    found: list[Features] = []
    place = dict.fromkeys(observed, 0)
    coins: dict[str, CoinFeatures] = {}
    for stamp in stamps_ns:
        for coin, seen in observed.items():
            row = place[coin]
            if row >= len(seen) or seen[row][0] > stamp:
                continue
            known = coins.get(coin)
            while row < len(seen) and seen[row][0] <= stamp:
                known = coin_step(known, *seen[row], needs[coin])
                row += 1
            assert known is not None
            place[coin], coins = row, {**coins, coin: known}
        found.append(Features(stamp, coins))
    return found
