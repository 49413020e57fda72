"""Figures in the sentences that give reasons."""

from volsculpt.units import percent_meant

MOST_RATIO = 3.0  # three times all there is; beyond it a percentage was written


def ratio_problem(ratio: float) -> str | None:
    """What is wrong with a ratio that nobody means; None where it can be meant.

    Worked: 50 -> "must be between -3 and 3, where 1 hedges all; did you mean 0.5?".
    """
    if abs(ratio) <= MOST_RATIO:
        return None
    hint = percent_meant(ratio, MOST_RATIO)
    return f"must be between -{MOST_RATIO:g} and {MOST_RATIO:g}, where 1 hedges all{hint}"


def held_words(ratio: float, lowest: float, highest: float) -> str | None:
    """That the limits will hold a ratio to one of them; None where it is within.

    Worked: 1.5 in [0, 1] -> "ratio 1.5 will be held to 1, the max_ratio of [limits]".
    """
    kept = min(max(ratio, lowest), highest)
    if kept == ratio:
        return None
    hint = "; a ratio of 0.5 is 50 %" if abs(ratio) > 2 else ""
    side = "max_ratio" if ratio > kept else "min_ratio"
    return f"ratio {ratio:g} will be held to {kept:g}, the {side} of [limits]{hint}"
