"""Figures in the sentences that give reasons."""


def percent(ratio: float) -> str:
    """A ratio for people: 0.5 -> "50 %", 0.125 -> "12.5 %"."""
    return f"{round(ratio * 100, 2):g} %"
