"""Features from a stored history: for one moment of a plan, for every stamp of a backtest.

Apart from `known.py` because histories are tables, which a plan with prices given never loads.
"""

from collections.abc import Sequence

from volsculpt.hedge.known import Features, features_at
from volsculpt.hedge.needs import look_back_ns, needs_of
from volsculpt.hedge.spec import Hedge
from volsculpt.market.history import History
from volsculpt.market.observed import observed_index


def features_of(
    history: History, hedges: Sequence[Hedge], stamps_ns: Sequence[int]
) -> list[Features] | None:
    """What hedges' policies may know at each of some rising times; None when none of them asks.

    From as far before the first time on as features look back and there is history.
    """
    needs = needs_of(hedges)
    if not needs:
        return None
    start = stamps_ns[0] - look_back_ns(needs)
    observed = {coin: observed_index(history, coin, start, stamps_ns[-1]) for coin in needs}
    return features_at(observed, needs, stamps_ns)
