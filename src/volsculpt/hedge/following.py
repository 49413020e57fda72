"""What policies remember at a moment that no run led up to: followed through the history before it.

So a plan, the first step of a backtest and a fresh desk go on with what a longer run would have
come to.
"""

from collections.abc import Sequence
from typing import Any

from volsculpt.hedge.aim import with_policy_memory
from volsculpt.hedge.spec import Hedge
from volsculpt.hedge.stored import features_of
from volsculpt.market.history import History
from volsculpt.units import DAY_NS

FOLLOWED_NS = 365 * DAY_NS  # at first; doubled as long as the beginning can still be told


def followed_before(
    history: History, hedges: Sequence[Hedge], memory: Sequence[Any], time_ns: int
) -> list[Any]:
    """The memory of each hedge's policy just before a time; None where it has none.

    Of policies that remember the market alone. Looks begin a year before, and earlier where what
    came before them could still show, as far back as there are prices of the coin: a memory does
    not depend on who asks, or when. Worked: a plan at a stamp of a backtest has the backtest's.

    Args: history: reaching back as far as is stored; hedges: whose memories; memory: what each
    remembers, which stays, None = nothing; time_ns: ns UTC.
    """
    pairs = zip(hedges, memory, strict=True)
    return [_followed(history, one, time_ns) if own is None else own for one, own in pairs]


def _followed(history: History, hedge: Hedge, time_ns: int) -> Any:  # noqa: ANN401
    """One hedge's memory, of its policy's own; betas are looked at anew."""
    every_ns, index = hedge.policy.looks_every_ns(), history.index.get(hedge.underlying)
    if every_ns is None or index is None:
        return None
    last_ns = (time_ns - 1) // every_ns * every_ns
    back_ns = FOLLOWED_NS
    while True:
        begin_ns = (last_ns - back_ns) // every_ns * every_ns
        known = features_of(history, (hedge,), range(begin_ns, last_ns + 1, every_ns)) or []
        memory, is_certain = hedge.policy.follow(hedge.underlying, known)
        if is_certain or begin_ns <= int(index.stamps[0]):
            return with_policy_memory(hedge, memory)
        back_ns *= 2
