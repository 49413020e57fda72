"""What a policy may know of the market at a moment, the same in every mode.

Observations of a coin's index are fed one at a time; at any moment the features are what those
stamped at or before it left behind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from volsculpt.errors import PolicyError
from volsculpt.hedge.spec import HALF_LIFE_NS, CallablePolicy, Hedge, VolTargetPolicy
from volsculpt.hedge.volatility import (
    DAY_NS,
    FEWEST_RETURNS,
    NOTHING_SEEN,
    VolatilityMemory,
    is_warm,
    volatility_forecast,
    volatility_step,
)

LOOK_BACK = 10  # half-lives: what is older weighs a thousandth
HalfLives = Mapping[str, tuple[int, ...]]  # coin -> half-lives (ns) that forecasts are asked for


@dataclass(frozen=True, slots=True)
class CoinFeatures:
    """One coin: its newest index price, when that was known, and a memory for each half-life."""

    index_usd: float
    index_ns: int
    memories: Mapping[int, VolatilityMemory]


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of the market at `time_ns`. A coin without history is not in `coins`."""

    time_ns: int
    coins: Mapping[str, CoinFeatures] = field(default_factory=dict)

    def index_usd(self, coin: str) -> float | None:
        """The newest index price of a coin, in US dollars; None where none is known."""
        known = self.coins.get(coin)
        return None if known is None else known.index_usd

    def sigma_forecast(self, coin: str, half_life_ns: int = HALF_LIFE_NS) -> float | None:
        """Forecast volatility of a coin, a ratio a year of 365 days; None where there is none.

        Of half-lives that hedges of the mandate name, and 30 days for a policy of the owner's
        own; PolicyError for another.
        """
        memory = self._memory(coin, half_life_ns)
        if memory is None or is_warm(memory, self.time_ns, half_life_ns) == 0:
            return None
        return volatility_forecast(memory)

    def lacking(self, coin: str, half_life_ns: int = HALF_LIFE_NS) -> str:
        """Why there is no forecast, in words, with the fix."""
        memory = self._memory(coin, half_life_ns)
        if memory is None:
            return (
                f"no earlier prices of {coin} are known; plan with --at TIME and --data FOLDER, "
                f"from stored history"
            )
        need = f"{half_life_ns / DAY_NS:.3g} days"
        if self.time_ns - memory.last_ns > half_life_ns:
            age = (self.time_ns - memory.last_ns) / DAY_NS
            return f"the newest price of {coin} is {age:.3g} days old, more than {need}"
        spanned = (memory.last_ns - memory.first_ns) / DAY_NS
        if spanned * DAY_NS < half_life_ns or memory.returns < FEWEST_RETURNS:
            return (
                f"{spanned:.3g} days with {memory.returns} returns of {coin} are known; {need} "
                f"(a half-life) and {FEWEST_RETURNS} returns without a longer gap are needed"
            )
        return f"the price of {coin} never moved"

    def _memory(self, coin: str, half_life_ns: int) -> VolatilityMemory | None:
        """What was kept of a coin for a half-life; None for a coin without history."""
        known = self.coins.get(coin)
        if known is None:
            return None
        if half_life_ns not in known.memories:
            kept = ", ".join(f"{one / DAY_NS:g} days" for one in known.memories)
            raise PolicyError(
                f"no forecast of {coin} is kept with a half-life of {half_life_ns / DAY_NS:g} "
                f"days, only {kept}; ask for one of these"
            )
        return known.memories[half_life_ns]


def coin_step(
    known: CoinFeatures | None, time_ns: int, index_usd: float, half_lives: Sequence[int]
) -> CoinFeatures:
    """Feed one observation of a coin's index; they come in order of time."""
    before = known.memories if known is not None else {}
    after = {
        half_life: volatility_step(
            before.get(half_life, NOTHING_SEEN), time_ns, index_usd, half_life
        )
        for half_life in half_lives
    }
    return CoinFeatures(index_usd, time_ns, after)


def half_lives_of(hedges: Sequence[Hedge]) -> dict[str, tuple[int, ...]]:
    """Which forecasts policies ask for. One of the owner's own may ask for any hedged coin."""
    found: dict[str, set[int]] = {}
    for hedge in hedges:
        if isinstance(hedge.policy, VolTargetPolicy):
            found.setdefault(hedge.underlying, set()).add(hedge.policy.half_life_ns)
    if any(isinstance(hedge.policy, CallablePolicy) for hedge in hedges):
        for hedge in hedges:
            found.setdefault(hedge.underlying, set()).add(HALF_LIFE_NS)
    return {coin: tuple(sorted(lives)) for coin, lives in found.items()}


def look_back_ns(half_lives: HalfLives) -> int:
    """How much history before a moment forecasts are made from; 0 where none are asked for."""
    return LOOK_BACK * max((max(lives) for lives in half_lives.values()), default=0)


def features_at(
    observed: Mapping[str, Sequence[tuple[int, float]]],
    half_lives: HalfLives,
    stamps_ns: Sequence[int],
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
                known = coin_step(known, *seen[row], half_lives[coin])
                row += 1
            assert known is not None
            place[coin], coins = row, {**coins, coin: known}
        found.append(Features(stamp, coins))
    return found
