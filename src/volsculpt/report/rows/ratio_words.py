"""What a comparison of hedge ratios comes to, in plain words."""

from volsculpt.hedge.estimators.naive import Naive
from volsculpt.report.rows.ratio import RatioRow, RatioTable
from volsculpt.text import percent, trimmed

MUCH = 0.1  # of the variance left is said to be so


def sentence_of(table: RatioTable) -> str:
    """What the naive ratio left, what did better or worse, and what to make of it."""
    naive = next(one for one in table.estimators if one.estimator == Naive.NAME)
    tested = f"{trimmed(table.tested_rows, 0)} steps from {table.tested_from[:10]} on"
    left = naive.variance_left_out or 0.0
    said = f"Out of sample ({tested}) a ratio of 1 left {share(left)} of the variance. "
    return said + conclusion(table, left) + growth_words(table)


def conclusion(table: RatioTable, left: float) -> str:
    """Which differences are real, and what follows."""
    better = named(table.estimators, "less")
    worse = named(table.estimators, "more")
    others = f" Measurably more was left by {worse}." if worse else ""
    if better:
        best = min(
            (one for one in table.estimators if one.verdict == "less"),
            key=lambda one: one.variance_left_out or 0.0,
        )
        least = best.variance_left_out or 0.0
        return (
            f"Measurably less was left by {better}: with {best.estimator} {share(left - least)} of "
            f"the variance less, so its ratio of {trimmed(best.ratio or 0.0, 3)} is evidence, not "
            f"luck, for what that much is worth.{others}"
        )
    if left < 1.0:
        stays = "" if left < MUCH else "; what stays no ratio of this contract takes away"
        return (
            f"No estimate left measurably less: to hedge all, take 1, and estimate nothing{stays}."
            f"{others}"
        )
    return (
        f"No estimate left measurably less, and 1 took no risk away: this contract is no hedge of "
        f"{table.underlying}.{others}"
    )


def named(rows: list[RatioRow], verdict: str) -> str:
    """The estimators with a verdict. Worked: "ewma, garch and dcc"."""
    names = [one.estimator for one in rows if one.verdict == verdict]
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def growth_words(table: RatioTable) -> str:
    """Kelly's exposure, and whether its error leaves anything of it."""
    exposure, std = table.growth_exposure, table.growth_exposure_std
    said = (
        f" The fastest growth would have asked for {trimmed(exposure, 2)} of wealth in "
        f"{table.underlying}, give or take {trimmed(std, 2)}"
    )
    if abs(exposure) < 2.0 * std:
        return f"{said}: too little is known of its mean to size anything by that."
    return f"{said}, had its mean been known before."


def share(left: float) -> str:
    """A share of the variance, small ones too. Worked: 0.00042 -> "0.042 %", 0.31 -> "31 %"."""
    digits = 1 if left >= 0.1 else 3
    return percent(left) if left == 0.0 else f"{trimmed(100.0 * left, digits)} %"
