"""Features from a stored history: for one moment of a plan, for every stamp of a backtest.

Apart from `features.py` because histories are tables, which a plan with prices given never loads.
"""

from collections.abc import Sequence

from volsculpt.hedge.features import Features, features_at, half_lives_of, look_back_ns
from volsculpt.hedge.spec import Hedge
from volsculpt.market.history import History
from volsculpt.market.observed import observed_index


def features_of(
    history: History, hedges: Sequence[Hedge], stamps_ns: Sequence[int]
) -> list[Features] | None:
    """What hedges' policies may know at each of some rising times; None when none of them asks.

    From the last ten half-lives before the first time on, as far as there is history.
    """
    half_lives = half_lives_of(hedges)
    if not half_lives:
        return None
    start = stamps_ns[0] - look_back_ns(half_lives)
    observed = {coin: observed_index(history, coin, start, stamps_ns[-1]) for coin in half_lives}
    return features_at(observed, half_lives, stamps_ns)
