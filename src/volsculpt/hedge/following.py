"""What policies remember at a moment that no run led up to: followed through the history before it.

So a plan, the first step of a backtest and a fresh desk go on with what a longer run would have
come to.
"""

from collections.abc import Sequence
from typing import Any

from volsculpt.hedge.aim import with_policy_memory
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
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
    remembers, which goes on with the looks since, None = nothing; time_ns: ns UTC.
    """
    pairs = zip(hedges, memory, strict=True)
    return [
        _followed(history, one, time_ns) if own is None else _gone_on(history, one, own, time_ns)
        for one, own in pairs
    ]


def caught_up(hedge: Hedge, memory: Any, looks: Sequence[Features], time_ns: int) -> Any:  # noqa: ANN401
    """The memory of a hedge after the looks that fell due before a time, whoever stepped when.

    So what is looked at is the market at the multiple of `every` itself, not at the first step
    after it. Worked: steps at 05:00, 13:00 and 21:00: that of 05:00 tells what was seen at 00:00.

    Args: memory: as its policy left it, None stays; looks: the market at times that rise; time_ns:
    ns UTC.
    """
    if memory is None or hedge.policy.looks_every_ns() is None:
        return memory
    own = memory if hedge.betas is None else memory["policy"]
    summary = HedgeSummary(hedge.underlying, None, 0.0, 0.0, None, None, None)
    for one in looks:
        held = hedge.policy.held(own)
        if one.time_ns < time_ns and (held is None or held[1] <= one.time_ns):
            _, own = hedge.policy.step(own, PolicyInput(one.time_ns, one, summary))
    return own if hedge.betas is None else memory | {"policy": own}


def looks_between(
    history: History, hedges: Sequence[Hedge], stamps_ns: Sequence[int]
) -> list[list[Features]]:
    """The market of each hedge whose policy looks every so often, at looks between a run's stamps.

    Args: history: reaching back as far as features do; hedges: whose; stamps_ns: ns UTC, rising.
    """
    own = set(stamps_ns)
    found = []
    for hedge in hedges:
        every_ns = hedge.policy.looks_every_ns()
        times = () if every_ns is None else _multiples(every_ns, stamps_ns[0] + 1, stamps_ns[-1])
        between = [time_ns for time_ns in times if time_ns not in own]
        found.append((features_of(history, (hedge,), between) or []) if between else [])
    return found


def _multiples(every_ns: int, from_ns: int, to_ns: int) -> range:
    """The multiples of a length of time in [from, to), ns UTC since 1970."""
    return range(-(-from_ns // every_ns) * every_ns, to_ns, every_ns)


def _gone_on(history: History, hedge: Hedge, memory: Any, time_ns: int) -> Any:  # noqa: ANN401
    """A memory after the looks that were missed before a time, as of a desk that was down."""
    every_ns, index = hedge.policy.looks_every_ns(), history.index.get(hedge.underlying)
    held = None
    if every_ns is not None and index is not None:
        held = hedge.policy.held(memory if hedge.betas is None else memory["policy"])
    if held is None or every_ns is None:
        return memory
    times = _multiples(every_ns, held[1], time_ns)
    looks = features_of(history, (hedge,), times) if times else None
    return caught_up(hedge, memory, looks or (), time_ns)


def _followed(history: History, hedge: Hedge, time_ns: int) -> Any:  # noqa: ANN401
    """One hedge's memory, of its policy's own; betas are looked at anew."""
    every_ns, index = hedge.policy.looks_every_ns(), history.index.get(hedge.underlying)
    if every_ns is None or index is None:
        return None
    last_ns = (time_ns - 1) // every_ns * every_ns
    back_ns = FOLLOWED_NS
    while True:
        begin_ns = (last_ns - back_ns) // every_ns * every_ns
        features = features_of(history, (hedge,), range(begin_ns, last_ns + 1, every_ns)) or []
        memory, is_certain = hedge.policy.follow(hedge.underlying, features)
        if is_certain or begin_ns <= int(index.stamps[0]):
            return with_policy_memory(hedge, memory)
        back_ns *= 2
