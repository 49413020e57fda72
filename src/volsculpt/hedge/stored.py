"""Features from a stored history: for one moment of a plan, for every stamp of a backtest.

Apart from `market_features.py` because histories are tables, which a plan with prices given never
loads.
"""

from collections.abc import Sequence

from volsculpt.hedge.aim import NO_OVERLAYS, Overlays
from volsculpt.hedge.feature import Needs
from volsculpt.hedge.market_features import Features, Observed, features_at
from volsculpt.hedge.needs import looked_back, needs_of
from volsculpt.hedge.spec import Hedge
from volsculpt.market.history import History
from volsculpt.market.observed import observed


def features_of(
    history: History,
    hedges: Sequence[Hedge],
    stamps_ns: Sequence[int],
    overlays: Overlays = NO_OVERLAYS,
) -> list[Features] | None:
    """What policies and macro overlays may know at each of some rising times; None: none asks.

    From as far before the first time on as features look back and there is history.

    Args: hedges: their policies are asked; stamps_ns: ns UTC.
    """
    needs = needs_of(hedges, overlays)
    if not needs:
        return None
    return features_at(observed_for(history, needs, stamps_ns), needs, stamps_ns)


def observed_for(history: History, needs: Needs, stamps_ns: Sequence[int]) -> Observed:
    """What features are fed from a history, up to the last of some rising times.

    Of each stream from as far before the first time on as its features look back.
    """
    return {
        stream: observed(history, stream, stamps_ns[0] - back_ns, stamps_ns[-1])
        for stream, back_ns in looked_back(needs).items()
    }
