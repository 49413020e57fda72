"""Two policies that make one ratio: the higher of theirs, or their sum."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from volsculpt.hedge.answer import Aim
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import Policy
from volsculpt.text import percent

HIGHER, SUM = "higher", "sum"
NEVER_NS = 2**62  # a stamp beyond every history


def combined(own: tuple[str, Aim], other: tuple[str, Aim], how: str) -> Aim:
    """The answer of both; where either has none what is held is kept.

    Worked: 1 and 0.3: the higher is 1, the sum 1.3. Bands, betas and caps are those of the other.

    Args: own, other: name and answer of each policy, what is sold by first is of the own; how:
    `HIGHER` or `SUM`.
    """
    (name, mine), (other_name, theirs) = own, other
    reasons = (*mine.reasons, *(f"{other_name}: {line}" for line in theirs.reasons))
    if mine.ratio is None or theirs.ratio is None:
        lacks = name if mine.ratio is None else other_name
        why = f"{lacks} has no answer: what is held is kept"
        return replace(theirs, ratio=None, target_delta_coin=None, reasons=(*reasons, why))
    both = mine.ratio + theirs.ratio if how == SUM else max(mine.ratio, theirs.ratio)
    rule = "the sum" if how == SUM else "the higher"
    reason = f"{rule} of {percent(mine.ratio)} and {percent(theirs.ratio)}: {percent(both)}"
    return replace(theirs, ratio=both, reasons=(*reasons, reason), prefer=mine.prefer)


def highest_of(own: float, other: float | None, how: str | None) -> float | None:
    """The highest ratio of both; None: whatever the limits allow."""
    if other is None:
        return None
    return own + other if how == SUM else max(own, other)


def holds_until(policy: Policy, memory: Mapping[str, Any]) -> int | None:
    """Until when the last answer of a policy holds, ns UTC; None: it may change at any time.

    memory: its own under "memory", and when it was asked under "asked_ns".
    """
    if policy.ASKS_BOOK:
        held = policy.held(memory["memory"])
        return None if held is None else held[1]
    times = policy.change_times_ns()
    if times is None:
        return None
    return min((one for one in times if one > memory["asked_ns"]), default=NEVER_NS)


def followed(
    policy: Policy, coin: str, history: Sequence[Features]
) -> tuple[dict[str, Any] | None, bool]:
    """What is kept of a policy after looks at a market, and whether that hides where they began.

    Nothing of one that does not look at the market alone, or on no schedule. history: rising.
    """
    every_ns = policy.looks_every_ns()
    if every_ns is None:
        return None, True
    memory, is_sure = policy.follow(coin, [one for one in history if one.time_ns % every_ns == 0])
    return {"memory": memory}, is_sure
