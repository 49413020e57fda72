"""What a decision said of each hedge: the part of it that a backtest keeps too.

A backtest makes these of its rows; of a desk's ledger they are read here, so that the two can be
held against each other.
"""

from dataclasses import dataclass

from volsculpt.decide.rules import IN_BAND
from volsculpt.ledger.events import Decided


@dataclass(frozen=True, slots=True)
class HedgeDecided:
    """One hedge at one decision: its held ratio, its target, and whether it stood in its band.

    A ledger has it inside `Decided`, with all else that was read; a run of millions of bars keeps
    this alone, of the decisions that change anything.
    """

    underlying: str
    held_ratio: float
    target_ratio: float
    in_band: bool


def hedges_decided(event: Decided) -> list[HedgeDecided]:
    """What a decision of a ledger said of each hedge, in the order of the mandate."""
    names = [one["underlying"] for one in event.aim_input["summaries"]]
    answer = event.answer
    columns = (names, answer["held"], event.ratio, answer["hedge_code"])
    return [
        HedgeDecided(name, held, target, bool(code & IN_BAND))
        for name, held, target, code in zip(*columns, strict=True)
    ]


def changes_anything(event: Decided) -> bool:
    """Whether a decision of a ledger trades, cancels, posts or moves anything."""
    answer = event.answer
    return any(any(answer[name]) for name in ("trade", "cancel", "top_up", "post"))
