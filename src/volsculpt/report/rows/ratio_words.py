"""What a comparison of hedge ratios comes to, in plain words."""

from volsculpt.hedge.estimators.naive import Naive
from volsculpt.report.rows.ratio import RatioRow, RatioTable
from volsculpt.text import day, percent, trimmed

MUCH = 0.1  # of the variance left is said to be so
HARDLY = 0.01  # of the variance: with less the choice of an estimator is said to matter hardly


def sentence_of(table: RatioTable) -> str:
    """What the naive ratio left, what did better or worse, and at last what to take."""
    naive = next(one for one in table.estimators if one.estimator == Naive.NAME)
    tested = f"{trimmed(table.tested_rows, 0)} steps from {day(table.tested_from)} on"
    left = naive.variance_left_out or 0.0
    better, worse = (named(table.estimators, verdict) for verdict in ("less", "more"))
    parts = [f"Out of sample ({tested}) a ratio of 1 left {share(left)} of the variance."]
    if better:
        parts.append(f"Measurably less was left by {better}.")
    else:
        parts.append("No estimate left measurably less.")
    parts += [f"Measurably more was left by {worse}."] if worse else []
    return " ".join([*parts, answer(table, left)])


def answer(table: RatioTable, left: float) -> str:
    """Which ratio to take, and whether the estimator matters.

    Args: table: with its verdicts; left: share of the variance that a ratio of 1 left.
    """
    found = [one for one in table.estimators if one.verdict == "less"]
    if not found and left >= 1.0:
        return (
            f"So take none: a ratio of 1 took no risk away, and this contract is no hedge of "
            f"{table.underlying}."
        )
    if not found:
        stays = "" if left < MUCH else "; what stays no ratio of this contract takes away"
        return f"So to hedge all take 1, and no estimator{stays}; to hedge half, half of that."
    best = min(found, key=lambda one: one.variance_left_out or 0.0)
    ratio, gain = trimmed(best.ratio or 0.0, 3), left - (best.variance_left_out or 0.0)
    beyond = f"{best.estimator} takes {share(gain)} of the variance more, beyond luck"
    if gain < HARDLY:
        return (
            f"So to hedge all take 1, or the {ratio} of {best.estimator}: the estimator hardly "
            f"matters, {beyond} but little; to hedge half, half of that."
        )
    return (
        f"So to hedge all take {ratio}: the estimator matters, {beyond}; to hedge half, "
        f"half of that."
    )


def named(rows: list[RatioRow], verdict: str) -> str:
    """The estimators with a verdict. Worked: "ewma, garch and dcc"."""
    names = [one.estimator for one in rows if one.verdict == verdict]
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


GROWTH_ASSUMES = (
    "the coins to own, not the part of them to hedge: mean over variance of the coin's returns "
    "(Kelly). It assumes that both go on as they were, that borrowing costs nothing and trading "
    "nothing, and that only growth counts, whatever falls come first. Nothing above rests on it."
)


def growth_words(table: RatioTable) -> str:
    """Kelly's exposure, and whether its error leaves anything of it."""
    exposure, std = table.growth_exposure, table.growth_exposure_std
    said = (
        f"{table.underlying}, {day(table.from_)} to {day(table.to)}: the fastest growth would have "
        f"asked for {trimmed(exposure, 2)} of wealth in it, give or take {trimmed(std, 2)}"
    )
    if abs(exposure) < 2.0 * std:
        return f"{said}: too little is known of its mean to size anything by that"
    return f"{said}, had its mean been known before"


def share(left: float) -> str:
    """A share of the variance, small ones too. Worked: 0.00042 -> "0.042 %", 0.31 -> "31 %"."""
    digits = 1 if left >= 0.1 else 3
    return percent(left) if left == 0.0 else f"{trimmed(100.0 * left, digits)} %"
