"""What policies may know of the market while a desk runs: observations fed as time goes on."""

from collections.abc import Callable, Mapping, Sequence

from volsculpt.hedge.feature import Needs
from volsculpt.hedge.known import CoinFeatures, Features, coin_step

FeaturesAt = Callable[[int], Features | None]


def no_features(time_ns: int) -> Features | None:
    """Nothing is known but what the venues say now."""
    return None


class MarketFeatures:
    """Features of a market whose observations are at hand, asked at times that never fall.

    observed: coin -> (when known, index in USD), in order. Nothing later than a time is read
    for it. Without needs no policy asks, and the answer is None, as in a backtest.
    """

    def __init__(self, needs: Needs, observed: Mapping[str, Sequence[tuple[int, float]]]) -> None:
        self._needs, self._observed = needs, observed
        self._place = dict.fromkeys(observed, 0)
        self._coins: dict[str, CoinFeatures] = {}

    def __call__(self, time_ns: int) -> Features | None:
        """What is known at a time."""
        if not self._needs:
            return None
        for coin, observations in self._observed.items():
            row = self._place[coin]
            while row < len(observations) and observations[row][0] <= time_ns:
                known = self._coins.get(coin)
                step = coin_step(known, *observations[row], self._needs[coin])
                self._coins = {**self._coins, coin: step}
                row += 1
            self._place[coin] = row
        return Features(time_ns, self._coins)
