"""What a policy may know of the market at a moment, the same in every mode.

Observations of streams (a coin's index, bars of it, funding, any stored series) are fed in order;
at any moment the features are what those known at or before it left behind.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from volsculpt.errors import PolicyError
from volsculpt.hedge.fading import HALF_LIFE_NS
from volsculpt.hedge.feature import Feature, Needs, Rows
from volsculpt.hedge.features.volatility import Volatility
from volsculpt.market.streams import Stream

Observed = Mapping[Stream, Rows]
_available_ns = itemgetter(0)


@dataclass(frozen=True, slots=True)
class CoinFeatures:
    """One coin: its newest index price, when that was known, and what each feature remembers.

    None: there was no price yet, or nothing yet of what a feature is fed.
    """

    index_usd: float | None
    index_ns: int | None
    memories: Mapping[Feature, Any]


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of the market at `time_ns`. A coin without history is not in `coins`."""

    time_ns: int
    coins: Mapping[str, CoinFeatures] = field(default_factory=dict)

    def index_usd(self, coin: str) -> float | None:
        """The newest index price of a coin, in US dollars; None where none is known."""
        own = self.coins.get(coin)
        return None if own is None else own.index_usd

    def value(self, coin: str, feature: Feature) -> float | None:
        """A figure of a coin; None where there is none. PolicyError: nobody asked for it."""
        memory = self.memory(coin, feature)
        return None if memory is None else feature.value(memory, self.time_ns)

    def lacking(self, coin: str, feature: Feature) -> str:
        """Why there is no such figure, in words, with the fix."""
        return feature.lacking(coin, self.memory(coin, feature), self.time_ns)

    def sigma_forecast(self, coin: str, half_life_ns: int = HALF_LIFE_NS) -> float | None:
        """Forecast volatility of a coin, a ratio a year of 365 days; None where there is none.

        Of half-lives that hedges of the mandate name, and 30 days for a policy of the owner's
        own; PolicyError for another.
        """
        return self.value(coin, Volatility(half_life_ns))

    def memory(self, coin: str, feature: Feature) -> Any:  # noqa: ANN401
        """What a feature remembers of a coin; None without history. PolicyError: as `value`."""
        own = self.coins.get(coin)
        if own is None:
            return None
        if feature not in own.memories:
            kept = ", ".join(one.words() for one in own.memories if one.NAME == feature.NAME)
            raise PolicyError(
                f"no {feature.NAME} of {coin} is kept with a {feature.words()}, only "
                f"{kept or 'other features'}; ask for one of these"
            )
        return own.memories[feature]


def streams_of(coin: str, needs: Sequence[Feature]) -> list[Stream]:
    """What is fed for a coin, each once: its index, and the streams of its features."""
    return list(dict.fromkeys([Stream("index", coin), *(one.stream(coin) for one in needs)]))


def is_index(stream: Stream) -> bool:
    """Whether it is a coin's index, every observation of it."""
    return stream.kind == "index" and stream.every_ns == 0


class Watch:
    """Features of a market whose observations are at hand, asked at times that never fall.

    The one way observations become features, in a plan, a backtest and on a desk. Nothing that
    became known after a time is read for it.
    """

    def __init__(self, observed: Observed, needs: Needs) -> None:
        self._feeds = [
            _Feed(coin, stream, observed[stream], needs[coin])
            for coin in needs
            for stream in streams_of(coin, needs[coin])
            if observed.get(stream)
        ]
        self._coins: dict[str, CoinFeatures] = {}

    def __call__(self, time_ns: int) -> Features:
        """What is known at a time."""
        fresh: dict[str, CoinFeatures] = {}
        for feed in self._feeds:
            rows = feed.due(time_ns)
            if rows:
                features = fresh.get(feed.coin, self._coins.get(feed.coin))
                fresh[feed.coin] = feed.fed(features, rows, time_ns)
        if fresh:
            self._coins = {**self._coins, **fresh}
        return Features(time_ns, self._coins)


class _Feed:
    """One stream of a coin, and how far it has been fed."""

    def __init__(self, coin: str, stream: Stream, rows: Rows, needs: Sequence[Feature]) -> None:
        self.coin, self._needs = coin, needs
        self._features = [one for one in needs if one.stream(coin) == stream]
        self._is_index = is_index(stream)
        self._rows, self._place = rows, 0

    def due(self, time_ns: int) -> Rows:
        """The observations that became known since the last time it was asked."""
        start, rows = self._place, self._rows
        if start == len(rows) or rows[start][0] > time_ns:
            return ()
        self._place = bisect_right(rows, time_ns, lo=start, key=_available_ns)
        return rows[start : self._place]

    def fed(self, before: CoinFeatures | None, rows: Rows, time_ns: int) -> CoinFeatures:
        """What is known of the coin at a time, after these rows. before: None at first."""
        memories = dict(before.memories) if before is not None else dict.fromkeys(self._needs)
        for one in self._features:
            held = memories[one]
            observed = rows if held is not None else self._looked_back(one, rows, time_ns)
            memories[one] = one.fold(held, observed) if observed else held
        if self._is_index:
            return CoinFeatures(rows[-1][1], rows[-1][0], memories)
        index = (before.index_usd, before.index_ns) if before is not None else (None, None)
        return CoinFeatures(*index, memories)

    def _looked_back(self, feature: Feature, rows: Rows, time_ns: int) -> Rows:
        """The first rows of a feature: as far back as it looks; of an index as far as any does."""
        if self._is_index:
            return rows
        return rows[bisect_left(rows, time_ns - feature.look_back_ns, key=_available_ns) :]


def features_at(observed: Observed, needs: Needs, stamps_ns: Sequence[int]) -> list[Features]:
    """The features at each of some rising times; `Watch` at them.

    observed: stream -> (when known, figure), in order of time.
    """
    watch = Watch(observed, needs)
    return [watch(stamp) for stamp in stamps_ns]
