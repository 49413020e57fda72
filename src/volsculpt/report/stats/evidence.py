"""What is evidence, and what may be luck: a rule that knows how many variants were tried.

A figure is evidence when the share of resampled histories in which it came out at or below zero,
times the variants tried, is at most one in twenty (Bonferroni: whoever looks at twenty variants
finds one by luck). For a single variant that is the same as the lower end of the 90 % interval
standing above zero. A gain of Sharpe must stand up to the deflated Sharpe ratio as well. The same
rule on the other side of zero makes a loss evidence against. What lies between is not the same for
both: a gain that spans zero may be luck, a loss that does is no evidence either way.
"""

from typing import Literal

Standing = Literal["evidence", "evidence against", "may be luck", "no evidence"]


FALSE_ALARMS = 0.05  # how often luck alone may pass for evidence
SURE = 1.0 - FALSE_ALARMS  # what a deflated Sharpe ratio must reach


def is_evidence(share: float | None, variants: int) -> bool:
    """Whether a figure is more than luck, of one variant among so many that were tried.

    share: of resampled histories on the wrong side of zero, None without any. Worked: 0.02 is
    evidence of 1 or 2 variants, and not of 3.
    """
    return share is not None and share * variants <= FALSE_ALARMS


def is_real_gain(share: float | None, deflated: float | None) -> bool:
    """Whether a gain of Sharpe is more than luck: by resampling, and deflated at 0.95 or more.

    Resampling knows that days hang together; the deflated ratio takes them for independent, and
    knows how many variants were tried. share: as `is_evidence` takes it; deflated: the deflated
    Sharpe ratio of the gain, None where there is none. Worked: 0.01 and 0.9 -> False.
    """
    return is_evidence(share, 1) and deflated is not None and deflated >= SURE


def standing_of(
    value: float | None, not_below: float | None, variants: int, *, holds: bool
) -> Standing | None:
    """What a figure that should be above zero says of its claim; None where it is not known.

    Worked, one variant: -0.2 with 0.03 of the histories at or above zero is evidence against it,
    with 0.3 no evidence, 0.2 that does not hold may be luck.

    Args: value: the figure itself; not_below: share of resampled histories at or above zero;
    variants: tried; holds: whether it is evidence.
    """
    if value is None or not_below is None:
        return None
    if holds:
        return "evidence"
    if is_evidence(not_below, variants):
        return "evidence against"
    return "may be luck" if value > 0.0 else "no evidence"
