"""A ratio that thinks of liquidation against one that thinks of variance alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scripts.ratio_studies.kept import Figures, grid, ns, number, percent
from volsculpt.contracts.spec import Payoff
from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.extra import models
from volsculpt.hedge.estimators.liquidation import LiquidationAware, liquidation_rise
from volsculpt.hedge.estimators.moves import own_moves
from volsculpt.hedge.estimators.ols import Ols
from volsculpt.market.asof import TimeGrid
from volsculpt.market.opening import open_history
from volsculpt.market.paired import paired_prices
from volsculpt.market.series import Bars
from volsculpt.units import DAY_NS

CONTRACTS: Mapping[str, tuple[Payoff, str]] = {
    "bybit:BTC/USD:BTC": ("inverse", "2018-11-16"),
    "binance:BTC/USDT:USDT": ("linear", "2019-12-25"),
}
LATER, END = "2022-01-01", "2024-07-01"
HORIZONS = (1, 7, 30)
MARGINS = (0.1, 0.2)
MAINTENANCE = 0.005
LEVEL = 0.90


class Prices(NamedTuple):
    """Midnights, both prices there, and the highest price of the contract in each day."""

    spot: np.ndarray
    mark: np.ndarray
    high: np.ndarray


def study(store: Path, out: Path) -> Figures:
    """Both ratios for each contract, margin and horizon, in the sample and out of it."""
    rows = []
    for key, (payoff, first) in CONTRACTS.items():
        before, after = prices_of(store, key, first, LATER), prices_of(store, key, LATER, END)
        for margin in MARGINS:
            for horizon in HORIZONS:
                head = {"contract": key, "payoff": payoff, "margin": margin, "horizon": horizon}
                rows += compared(head, before, after)
    return {"rows": rows}


def prices_of(store: Path, key: str, begin: str, end: str) -> Prices:
    """Of every day; a midnight without both prices takes the last ones seen."""
    history = open_history(store, (key,), ("BTC",), ns(begin) - 2 * DAY_NS, ns(end))
    found = paired_prices(history, "BTC", key, TimeGrid(ns(begin), ns(end), DAY_NS))
    there = np.maximum.accumulate(np.where(found.fresh, np.arange(len(found.spot)), 0))
    series = history.last[key]
    assert isinstance(series, Bars)
    day = (series.open_ns - ns(begin)) // DAY_NS
    high = np.zeros(len(found.spot) - 1)
    inside = (day >= 0) & (day < len(high))
    np.maximum.at(high, day[inside], series.high[inside])
    mark = found.mark[there]
    return Prices(found.spot[there], mark, np.maximum(high, np.maximum(mark[:-1], mark[1:])))


def compared(head: dict[str, Any], before: Prices, after: Prices) -> list[dict[str, Any]]:
    """Plain and aware, fitted on the first part; both tested in disjoint windows of each part."""
    payoff, margin, horizon = head["payoff"], head["margin"], head["horizon"]
    moves = own_moves(before.spot, before.mark, payoff)
    X, y = moves.moved[:, None], moves.held
    aware = LiquidationAware(margin=margin, maintenance=MAINTENANCE, horizon=horizon, payoff=payoff)
    rows = []
    for name, one in (("least squares", Ols()), ("liquidation-aware", aware)):
        try:
            ratio = float(one.fit(X, y).ratio_[0])
        except EstimateError as error:
            rows.append({**head, "ratio_by": name, "note": str(error)})
            continue
        rows.append(
            {
                **head,
                "ratio_by": name,
                "ratio": ratio,
                "ratio_std": float(one.ratio_std_[0]),
                "leverage": ratio / margin,
                "rise": min(liquidation_rise(ratio, margin, MAINTENANCE, payoff), 99.0),
                "before": tested(before, head, ratio),
                "after": tested(after, head, ratio),
            }
        )
    return rows


def tested(prices: Prices, head: Mapping[str, Any], ratio: float) -> dict[str, Any]:
    """Windows one after the other: how many were liquidated, and the variance that was left.

    A window begins with its margin topped up. One that is liquidated loses the margin, and the
    coins go on unhedged: the worst that the venue may do.
    """
    payoff, margin, days = head["payoff"], head["margin"], head["horizon"]
    starts = np.arange(0, len(prices.spot) - days, days)
    spot, mark = prices.spot, prices.mark
    held = spot[starts + days] / spot[starts] - 1.0
    growth = mark[starts + days] / mark[starts]
    paid = (
        spot[starts + days] / spot[starts] * (1.0 - 1.0 / growth)
        if payoff == "inverse"
        else (mark[starts + days] - mark[starts]) / spot[starts]
    )
    tops = np.array([prices.high[one : one + days].max() for one in starts]) / mark[starts] - 1.0
    closed = tops >= liquidation_rise(ratio, margin, MAINTENANCE, payoff)
    lost = margin * (1.0 + held) if payoff == "inverse" else np.full(len(held), margin)
    left = held - np.where(closed, lost, ratio * paid)
    low, high = clopper_pearson(int(closed.sum()), len(closed))
    return {
        "windows": len(closed),
        "liquidated": int(closed.sum()),
        "low": low,
        "high": high,
        "variance_left": float(np.var(left) / np.var(held)),
    }


def clopper_pearson(hits: int, tries: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a probability from hits of tries, by the beta law, never too short.

    Source: Clopper and Pearson, Biometrika 26(4), 1934, 404-413. Worked: 0 of 10 -> 0 to 0.2589.
    """
    with models():
        from scipy.stats import beta
    side = (1.0 - level) / 2.0
    low = 0.0 if hits == 0 else float(beta.ppf(side, hits, tries - hits + 1))
    high = 1.0 if hits == tries else float(beta.ppf(1.0 - side, hits + 1, tries - hits))
    return low, high


def tables(figures: Figures) -> dict[str, str]:
    """The table of the page."""
    rows = []
    for one in figures["rows"]:
        head = (
            one["contract"].partition(":")[0] + f", {one['payoff']}",
            percent(one["margin"], 0),
            f"{one['horizon']} d",
            one["ratio_by"],
        )
        if "note" in one:
            rows.append((*head, "too few horizons", *["-"] * 5))
            continue
        later = one["after"]
        rows.append(
            (
                *head,
                f"{number(one['ratio'], 3)} ± {number(one['ratio_std'], 3)}",
                f"{number(one['leverage'], 1)}x",
                chance(one["before"]),
                chance(later),
                percent(one["before"]["variance_left"]),
                percent(later["variance_left"]),
            )
        )
    return {
        "liquidation": grid(
            (
                "contract",
                "margin",
                "topped up every",
                "ratio by",
                "ratio",
                "leverage",
                "liquidated, to 2021",
                "liquidated, from 2022",
                "variance left, to 2021",
                "variance left, from 2022",
            ),
            rows,
        )
    }


def chance(row: Mapping[str, Any]) -> str:
    """Liquidations of windows. Worked: "3 of 130: 0.6 to 5.9 %"."""
    return (
        f"{row['liquidated']} of {row['windows']}: {100 * row['low']:.1f} to "
        f"{100 * row['high']:.1f} %"
    )
