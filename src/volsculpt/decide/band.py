"""The no-trade band: when a held ratio is far enough from target to act, and how far back."""

from volsculpt.compilable import compilable

EDGE = 1e-9  # comparisons leave this much ratio to the edge's favour

WITHIN = 0
UNDER = -1
OVER = 1


@compilable
def band_side(held: float, target: float, under_trigger: float, over_trigger: float) -> int:
    """UNDER or OVER when held is outside the band; the edges themselves do not trade.

    Worked: target 1, under 0.05: 0.94 is UNDER, 0.95 (the edge) and 0.96 are WITHIN.

    Args: held, target: ratios, 1.0 = fully hedged; under_trigger, over_trigger: how far held may be
    below and above target, in ratio, 0 or more.
    """
    if held < target - under_trigger - EDGE:
        return UNDER
    if held > target + over_trigger + EDGE:
        return OVER
    return WITHIN


@compilable
def inner_bound(side: int, target: float, under_settle: float, over_settle: float) -> float:
    """The held ratio a trade returns to. Worked: UNDER, target 1, settle 0.02: 0.98.

    Args: side: UNDER or OVER; target: ratio, 1.0 = fully hedged; under_settle, over_settle:
    how far from target a trade stops, in ratio, 0 or more.
    """
    return target - under_settle if side == UNDER else target + over_settle
