"""What a comparison of hedge ratios comes to, in plain words."""

from volsculpt.decide.quoting import listed
from volsculpt.hedge.estimators.naive import Naive
from volsculpt.report.rows.ratio import RatioRow, RatioTable
from volsculpt.text import day, given, percent, trimmed

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
    fixed, moving = (least_left(found, moves) for moves in (False, True))
    parts = [fixed_words(fixed, left)]
    if moving is not None:
        stood = left if fixed is None else fixed.variance_left_out or 0.0
        parts.append(moving_words(moving, left, stood))
    return " ".join(parts)


def least_left(rows: list[RatioRow], moves: bool) -> RatioRow | None:
    """Of the fixed ratios, or of those that move, the one that left the least; None of none."""
    own = [one for one in rows if one.moves == moves]
    return min(own, key=lambda one: one.variance_left_out or 0.0) if own else None


def fixed_words(best: RatioRow | None, left: float) -> str:
    """Which fixed ratio to take. best: measurably better than 1; left: share that 1 left."""
    if best is None:
        return (
            "So to hedge all with a fixed ratio take 1: no other fixed one left measurably less; "
            "to hedge half, half of that."
        )
    ratio, gain = trimmed(best.ratio or 0.0, 3), left - (best.variance_left_out or 0.0)
    beyond = f"{best.estimator} takes {share(gain)} of the variance more than 1, beyond luck"
    if gain < HARDLY:
        return (
            f"So to hedge all with a fixed ratio take 1, or the {ratio} of {best.estimator}: it "
            f"hardly matters, {beyond} but little; to hedge half, half of that."
        )
    return (
        f"So to hedge all with a fixed ratio take {ratio}: it matters, {beyond}; to hedge half, "
        f"half of that."
    )


def moving_words(best: RatioRow, left: float, stood: float) -> str:
    """What a ratio that moves takes away, and that its newest figure is none to keep.

    Args: best: of those that move; left: share that a ratio of 1 left; stood: that the best fixed
    one left.
    """
    now = best.variance_left_out or 0.0
    beside = "more" if now < stood else "less"
    than = f"{share(abs(stood - now))} {beside} than" if now != stood else "as much as"
    traded = given(best.turnover_annual, lambda one: f", {trimmed(one, 1)} traded a year", "")
    return (
        f"A ratio that moves, {best.estimator} (now {trimmed(best.ratio or 0.0, 3)}{traded}), "
        f"takes {share(left - now)} of the variance more than 1, beyond luck, and {than} that "
        f"fixed one: as long as it is followed; its figure of now, kept, is a fixed ratio like any."
    )


def named(rows: list[RatioRow], verdict: str) -> str:
    """The estimators with a verdict, those that move apart.

    Worked: "ols, and by ratios that move: ewma and garch"; "ratios that move: ewma and garch".
    """
    there = [one for one in rows if one.verdict == verdict]
    fixed = listed([one.estimator for one in there if not one.moves])
    moving = listed([one.estimator for one in there if one.moves])
    apart = f"ratios that move: {moving}" if moving else ""
    return f"{fixed}, and by {apart}" if fixed and moving else fixed or apart


GROWTH_ASSUMES = (
    "the coins to own, not the part of them to hedge: mean over variance of the coin's returns "
    "(Kelly). It assumes that both go on as they were, that borrowing costs nothing and trading "
    "nothing, and that only growth counts, whatever falls come first. Nothing above rests on it."
)


def growth_words(table: RatioTable) -> str:
    """Kelly's exposure, and whether its error leaves anything of it."""
    exposure, std = table.growth_exposure, table.growth_exposure_std
    text = (
        f"{table.underlying}, {day(table.from_)} to {day(table.to)}: the fastest growth would have "
        f"asked for {trimmed(exposure, 2)} of wealth in it, give or take {trimmed(std, 2)}"
    )
    if abs(exposure) < 2.0 * std:
        return f"{text}: too little is known of its mean to size anything by that"
    return f"{text}, had its mean been known before"


def share(left: float) -> str:
    """A share of the variance, small ones too. Worked: 0.00042 -> "0.042 %", 0.31 -> "31 %"."""
    digits = 1 if left >= 0.1 else 3
    return percent(left) if left == 0.0 else f"{trimmed(100.0 * left, digits)} %"
