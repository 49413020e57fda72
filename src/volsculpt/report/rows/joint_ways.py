"""Ways to hedge a book, side by side: what each leaves, costs and passes."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from volsculpt.hedge.estimators.joint import (
    JointPreferences,
    covariance_of,
    exposure_left,
    joint_objective,
    regression_of,
)
from volsculpt.hedge.estimators.joint_model import JointModel
from volsculpt.market.gate import Floats
from volsculpt.report.rows.joint import JointWayRow
from volsculpt.report.rows.joint_book import MET, JointTask
from volsculpt.report.stats.bootstrap import NO_INTERVAL, Interval, Samples, Statistic, resample
from volsculpt.report.stats.effectiveness import variance_reduction
from volsculpt.text import usd
from volsculpt.units import DAYS_PER_YEAR

SEED = 20_240_102
NONE, HELD, MANDATE = "no hedge", "as held now", "the mandate today"
NAIVE, SINGLE, JOINT = "all at ratio 1, beta 1", "each coin by itself", "proposed"
WORTH_USD = 1.0  # a year: less is not told
FREE = (NAIVE, SINGLE)  # these look at no limit
ORDER = (NONE, HELD, MANDATE, NAIVE, SINGLE, JOINT)


class Compared(NamedTuple):
    """The ways, and what of the proposal is more than luck.

    left: variance of the proposal over that of no hedge; ahead: volatility of the mandate less
    that of the proposal, of days it was not fitted to.
    """

    rows: list[JointWayRow]
    left: float
    left_range: Interval
    ahead: float
    ahead_range: Interval


def ways_of(task: JointTask, sold: Sequence[float]) -> dict[str, tuple[float, ...]]:
    """What each leg is short by each way that is not fitted, and as proposed.

    The mandate is what it asks for, or what margin carries of that now.

    Args: task; sold: the proposal. All are shares of wealth; a coin's contracts beyond the first
    are left out but for what is held and proposed.
    """
    book, answer = task.book, task.decision.answer
    mandate = first_legs(task, sold_of(task, answer.want))
    if broken(task, mandate):
        mandate = first_legs(task, sold_of(task, answer.can))
    ones = [np.ones(len(one.pools)) / len(one.pools) for one in book.hedges]
    return {
        NONE: tuple(0.0 for _ in book.legs),
        HELD: tuple(leg.held for leg in book.legs),
        MANDATE: mandate,
        NAIVE: first_legs(task, pooled(task, ones)),
        JOINT: tuple(sold),
    }


def sold_of(task: JointTask, coins: Sequence[float]) -> dict[int, float]:
    """Futures coins of each pool as shares of wealth sold, by row of the coin."""
    decision, found = task.decision, {}
    for row, one in zip(decision.rules.pool_currency, coins, strict=True):
        coin = task.book.coins.index(decision.flat.currencies[row])
        found[coin] = -one * task.problem.quote.index_usd[row] / task.wealth_usd
    return found


def single(task: JointTask, covariance: Floats) -> tuple[float, ...]:
    """What is sold where each coin is hedged whole, by its own regression."""
    book = task.book
    betas = [regression_of(one, book.coins, covariance).beta for one in book.hedges]
    return first_legs(task, pooled(task, betas))


def pooled(task: JointTask, betas: Sequence[Floats]) -> dict[int, float]:
    """What is sold of each coin at ratio 1 and these betas, one array a hedge.

    Worked: a coin that is half of wealth at beta 0.6 to BTC: BTC 0.3.
    """
    sold: dict[int, float] = {}
    for hedge, own in zip(task.book.hedges, betas, strict=True):
        for coin, beta in zip(hedge.pools, own, strict=True):
            sold[coin] = sold.get(coin, 0.0) + float(beta) * (hedge.offset + hedge.base)
    return sold


def first_legs(task: JointTask, sold: Mapping[int, float]) -> tuple[float, ...]:
    """Sales by coin as sales by leg: all in the one that each coin prefers.

    Args: task; sold: by row of the coin, shares of wealth.
    """
    left = dict(sold)
    return tuple(left.pop(leg.coin, 0.0) for leg in task.book.legs)


def compare(
    task: JointTask,
    model: JointModel,
    returns: Floats,
    ways: Mapping[str, tuple[float, ...]],
    preferences: JointPreferences,
) -> Compared:
    """Each way over all days, and over the second half with what is fitted fitted to the first.

    Raises EstimateError where half of the days are too few.

    Args: task, model: of the book; returns: (n, coins); ways: shares of wealth a leg; asked.
    """
    half = len(returns) // 2
    whole, early = covariance_of(returns), covariance_of(returns[:half])
    now = {**ways, SINGLE: single(task, whole)}
    before = {**ways, SINGLE: single(task, early), JOINT: model.solve(early).sold}
    books = {name: gained(task, returns, now[name]) for name in ORDER}
    later = {name: gained(task, returns[half:], before[name]) for name in ORDER}
    rows = [way_row(task, name, now[name], whole, later[name], preferences) for name in ORDER]
    pair = {"unhedged": books[NONE], "hedged": books[JOINT]}
    years = len(returns) / DAYS_PER_YEAR
    left = interval(pair, years, variance_reduction)
    two = {"mandate": later[MANDATE], "proposed": later[JOINT]}
    found = interval(two, years / 2.0, ahead_of)
    return Compared(
        rows,
        float(np.var(books[JOINT]) / np.var(books[NONE])),
        Interval(rest(left.high), rest(left.low)),
        rows[2].volatility_out - rows[5].volatility_out,
        found,
    )


def interval(books: Mapping[str, Floats], years: float, statistic: Statistic) -> Interval:
    """The interval of a statistic; none where a book loses more than all on a day.

    Args: books: daily returns by name; years: that they span; statistic: of drawn histories.
    """
    if any(np.any(one <= -1.0) for one in books.values()):
        return NO_INTERVAL
    return resample(books, years, {"it": statistic}, SEED).intervals["it"]


def rest(share: float | None) -> float | None:
    """What a reduction leaves. Worked: 0.9 -> 0.1."""
    return None if share is None else 1.0 - share


def ahead_of(samples: Samples) -> Floats:
    """Volatility of the mandate less that of the proposal, a year, of drawn histories."""
    root = np.sqrt(DAYS_PER_YEAR)
    mandate, joint = (samples[name].deviation for name in ("mandate", "proposed"))
    return np.asarray((mandate - joint) * root)


def gained(task: JointTask, returns: Floats, sold: Sequence[float]) -> Floats:
    """What the book of today would have gained each day, a fraction of its wealth.

    Args: task; returns: (n, coins); sold: shares of wealth a leg.
    """
    return np.asarray(returns @ exposure_left(task.book, sold))


def way_row(
    task: JointTask,
    name: str,
    sold: tuple[float, ...],
    covariance: Floats,
    later: Floats,
    preferences: JointPreferences,
) -> JointWayRow:
    """One way.

    Args: task; name: its own; sold: shares of wealth a leg; covariance: (coins, coins) a year;
    later: what it gained on days it was not fitted to; preferences: what risk and trades weigh.
    """
    left = exposure_left(task.book, sold)
    risk = float(np.sqrt(max(0.0, float(left @ covariance @ left))))
    traded, carry = costs_of(task, sold)
    counts = joint_objective(task.book, covariance, preferences, sold)
    return JointWayRow(
        way=name,
        volatility=risk,
        volatility_out=float(np.std(later, ddof=1) * np.sqrt(DAYS_PER_YEAR)),
        trade_cost_usd=traded * task.wealth_usd,
        carry_usd_annual=carry * task.wealth_usd,
        counts_usd_annual=counts * task.wealth_usd,
        breaks=[*too_much(task, name), *(broken(task, sold) if name in FREE else [])],
    )


def costs_of(task: JointTask, sold: Sequence[float]) -> tuple[float, float]:
    """(what the trades cost, what funding earns a year), shares of wealth.

    Args: task; sold: shares of wealth a leg.
    """
    legs = task.book.legs
    traded = sum(leg.cost * abs(one - leg.held) for leg, one in zip(legs, sold, strict=True))
    return traded, sum(leg.carry * one for leg, one in zip(legs, sold, strict=True))


def order_words(
    task: JointTask, best: Sequence[float], carried: Sequence[float], keep_days: float
) -> list[str]:
    """That the order of `use` costs more than the same ratios might, where it does.

    Args: task; best: shares of wealth a leg, by what they cost and earn; carried: in that order;
    keep_days: over how many days trades are spread.
    """
    (least, most), (trades, earns) = (costs_of(task, one) for one in (best, carried))
    lost = most - earns + (trades - least) * DAYS_PER_YEAR / keep_days
    if lost * task.wealth_usd <= WORTH_USD:
        return []
    words = (
        f"order: contracts are filled in the order of `use`; with the best of them first the same "
        f"ratios would cost {usd(lost * task.wealth_usd)} USD less a year"
    )
    return [words]


def too_much(task: JointTask, name: str) -> list[str]:
    """Bounds of ratios that a way passes. Worked: most 0.9, all at ratio 1: max_ratio."""
    if name not in FREE:
        return []
    return [f"max_ratio of {one.name}" for one in task.book.hedges if one.most < 1.0]


def broken(task: JointTask, sold: tuple[float, ...]) -> list[str]:
    """Limits of margin groups that a way passes, coins that may be moved in counted.

    Worked: 60 % of wealth sold on a margin of 10 % of it, at most 4x: max_leverage.
    """
    brought: dict[str, float] = {}
    for source in task.book.sources:
        for group in source.groups:
            brought[group] = brought.get(group, 0.0) + source.most
    found = []
    for limit in task.limits:
        name = task.group_name(limit.group)
        if task.lacks(limit, sold) > brought.get(name, 0.0) + 10.0 * MET:
            found.append(f"{limit.limit} of {name}")
    return found
