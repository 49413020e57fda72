"""Figures in the sentences that give reasons."""


def percent(ratio: float) -> str:
    """A ratio for people: 0.5 -> "50 %", 0.125 -> "12.5 %"."""
    return f"{round(ratio * 100, 2):g} %"


MOST_RATIO = 3.0  # three times all there is; beyond it a percentage was written


def ratio_problem(ratio: float) -> str | None:
    """What is wrong with a ratio that nobody means; None where it can be meant.

    Worked: 50 -> "must be between -3 and 3, where 1 hedges all; did you mean 0.5?".
    """
    if abs(ratio) <= MOST_RATIO:
        return None
    meant = ratio / 100.0
    hint = f"; did you mean {meant:g}?" if abs(meant) <= MOST_RATIO else ""
    return f"must be between -{MOST_RATIO:g} and {MOST_RATIO:g}, where 1 hedges all{hint}"
