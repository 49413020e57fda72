"""Which estimators really left less variance than which others, over the same steps?"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from scripts.ratio_studies.kept import grid
from volsculpt.hedge.estimators.naive import Naive
from volsculpt.hedge.estimators.ols import Ols
from volsculpt.market.gate import Floats
from volsculpt.report.stats.forecasts import diebold_mariano

ALLOWED = 0.05  # chance of any false difference within a hedge
TOGETHER_DAYS = 5  # daily losses so near may hang together; weekly ones each stand alone
GROUPS = (
    ("own contract, daily", True, "daily"),
    ("another coin's, daily", False, "daily"),
    ("own contract, weekly", True, "weekly"),
    ("another coin's, weekly", False, "weekly"),
)


def real_pairs(books: Mapping[str, Floats], days: int) -> dict[str, dict[str, Any]]:
    """Of each estimator: how many it was compared with, whom it really beat, and who beat it.

    Diebold and Mariano's test of squared hedge errors (off their own mean), every pair; the chance
    of any false difference within a hedge is held to 5 % (Holm, "A Simple Sequentially Rejective
    Multiple Test Procedure", Scandinavian Journal of Statistics 6(2), 1979, 65-70).

    Args: books: hedged returns by estimator, the same steps; days: of a step.
    """
    losses = {name: (book - book.mean()) ** 2 for name, book in books.items()}
    horizon = TOGETHER_DAYS if days == 1 else 1
    tested: list[tuple[float, str, str]] = []
    for one, other in combinations(losses, 2):
        found = diebold_mariano(losses[one], losses[other], horizon)
        if found is None:
            tested.append((1.0, one, other))
        else:
            better, worse = (one, other) if found[0] < 0.0 else (other, one)
            tested.append((found[1], better, worse))
    rows: dict[str, dict[str, Any]] = {
        name: {"compared": len(losses) - 1, "beat": [], "beaten_by": []} for name in losses
    }
    for better, worse in holm(tested):
        rows[better]["beat"].append(worse)
        rows[worse]["beaten_by"].append(better)
    return rows


def holm(tested: Sequence[tuple[float, str, str]]) -> list[tuple[str, str]]:
    """The pairs that are real. Worked: p of 0.01 and 0.04 of two: 0.01 <= 0.025, 0.04 <= 0.05.

    tested: (p-value, better, worse).
    """
    found = []
    for place, (p_value, better, worse) in enumerate(sorted(tested)):
        if p_value > ALLOWED / (len(tested) - place):
            break
        found.append((better, worse))
    return found


def is_own(row: Mapping[str, Any]) -> bool:
    """Whether a hedge is by contracts on what is held."""
    return row["coin"] == "BTC" or row["by"] == "own"


def pairs_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """A row an estimator: how often it was really better and worse, against all and the plainest.

    rows: of the study, those with figures.
    """
    there = [one for one in rows if "beat" in one]
    names = list(dict.fromkeys(one["estimator"] for one in there))
    found = []
    for name in names:
        cells = [name]
        for _, own, rhythm in GROUPS:
            these = [
                one
                for one in there
                if one["estimator"] == name and is_own(one) == own and one["rhythm"] == rhythm
            ]
            cells.append(won_words(these))
        cells += [against(there, name, other) for other in (Naive.NAME, Ols.NAME)]
        found.append(tuple(cells))
    heads = [f"{words}: better, worse" for words, _, _ in GROUPS]
    return grid(("estimator", *heads, "than naive, all", "than ols, all"), found)


def won_words(rows: Sequence[Mapping[str, Any]]) -> str:
    """Worked: "12, 3 of 90": pairs really better and really worse, of all."""
    if not rows:
        return "-"
    beat, lost = (sum(len(one[key]) for one in rows) for key in ("beat", "beaten_by"))
    return f"{beat}, {lost} of {sum(one['compared'] for one in rows)}"


def hedge_of(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Which hedge a row is of."""
    return row["coin"], row["by"], row["rhythm"]


def against(rows: Sequence[Mapping[str, Any]], name: str, other: str) -> str:
    """Hedges in which an estimator really left less, and more, than one other, of those with both.

    Args: rows: of all; name, other: estimators.
    """
    if name == other:
        return "-"
    both = {hedge_of(one) for one in rows if one["estimator"] == other}
    mine = [one for one in rows if one["estimator"] == name and hedge_of(one) in both]
    better = sum(other in one["beat"] for one in mine)
    worse = sum(other in one["beaten_by"] for one in mine)
    return f"{better}, {worse} of {len(mine)}"
