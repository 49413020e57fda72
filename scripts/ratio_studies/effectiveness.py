"""How much variance does each estimator's ratio take away, out of sample?"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scripts.ratio_studies.kept import SEED, Figures, grid, ns, percent, span
from scripts.ratio_studies.pairs import pairs_table, real_pairs
from volsculpt.contracts.catalog import load_catalog
from volsculpt.contracts.spec import Contract
from volsculpt.errors import ContractError, EstimateError
from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.every import ESTIMATORS
from volsculpt.hedge.estimators.inverse import InverseClosedForm
from volsculpt.hedge.estimators.liquidation import LiquidationAware
from volsculpt.hedge.estimators.naive import Naive
from volsculpt.hedge.estimators.ols import Ols
from volsculpt.hedge.estimators.walk import walk_forward
from volsculpt.market.asof import TimeGrid
from volsculpt.market.gate import Floats
from volsculpt.market.opening import open_history
from volsculpt.market.paired import paired_prices, shared_clock
from volsculpt.report.ratio import moves_of
from volsculpt.report.ratio_pairs import bare_contract
from volsculpt.report.stats.bootstrap import Statistic, resample
from volsculpt.report.stats.effectiveness import variance_reduction
from volsculpt.units import DAY_NS, DAYS_PER_YEAR, iso

VENUES = ("bybit:BTC/USD:BTC", "binance:BTC/USD:BTC", "okx:BTC/USD:BTC")
BTC, ETH = "binance:BTC/USDT:USDT", "binance:ETH/USDT:USDT"
OWN = {
    "SOL": "okx:SOL/USDT:USDT",
    "ADA": "binance:ADA/USDT:USDT",
    "LINK": "binance:LINK/USDT:USDT",
    "DOGE": "binance:DOGE/USDT:USDT",
    "LTC": "binance:LTC/USDT:USDT",
    "XRP": "binance:XRP/USDT:USDT",
}
BASKET = "basket"
WORKERS = 4
LATER = ns("2022-01-01")  # what comes from here on no fit of the first part has seen
STEPS = {"daily": 1, "weekly": 7}
REFIT_DAYS = 182
FEWEST = 30  # rows out of sample


class Sides(NamedTuple):
    """What is held and what hedges it, a row a step. stamp_ns: of the end of each."""

    stamp_ns: np.ndarray
    held: Floats
    moved: Floats
    paid: Floats
    payoff: str
    premium: float | None


def study(store: Path, out: Path) -> Figures:
    """Every estimator of every hedge, daily and weekly; several hedges at a time."""
    hedges = [("BTC", key) for key in VENUES]
    hedges += [(coin, by) for coin in (*OWN, BASKET) for by in hedges_of(coin)]
    asked = [(coin, by, rhythm) for rhythm in STEPS for coin, by in hedges]
    fresh = get_context("spawn")  # forked beside threads they would wait for ever
    with ProcessPoolExecutor(WORKERS, fresh) as pool:
        found = list(pool.map(partial(hedge_rows, store), asked))
    return {"rows": [row for rows in found for row in rows]}


def hedge_rows(store: Path, named: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Every estimator of one hedge. named: coin, by what, how often."""
    coin, by, rhythm = named
    days = STEPS[rhythm]
    if coin == BASKET:
        sides = [sides_of(store, one, hedges_of(one)[by], days) for one in OWN]
        return rows_of(named, basket(sides, own=by == "own"), days)
    keys = (by,) if coin == "BTC" else hedges_of(coin)[by]
    return rows_of(named, sides_of(store, coin, keys, days), days)


def hedges_of(coin: str) -> dict[str, tuple[str, ...]]:
    """By which contracts a coin is hedged."""
    return {"BTC": (BTC,), "ETH": (ETH,), "BTC and ETH": (BTC, ETH), "own": (OWN.get(coin, ""),)}


def sides_of(store: Path, coin: str, keys: Sequence[str], days: int) -> Sides:
    """The coin and some contracts at the same moments, all on one clock."""
    history = open_history(store, tuple(keys), (coin,), None, ns("2024-07-01"))
    clocks = [shared_clock(history, coin, key, days * DAY_NS) for key in keys]
    clock = TimeGrid(max(c.from_ns for c in clocks), min(c.to_ns for c in clocks), days * DAY_NS)
    prices = [paired_prices(history, coin, key, clock) for key in keys]
    there = np.logical_and.reduce([one.steps for one in prices])
    contracts = [contract_of(key) for key in keys]
    own = contracts[0].base == coin
    moves = [moves_of(p, there, c, own) for p, c in zip(prices, contracts, strict=True)]
    return Sides(
        clock.stamps[1:][there],
        moves[0].held,
        np.column_stack([one.moved for one in moves]),
        np.column_stack([one.paid for one in moves]),
        contracts[0].payoff,
        moves[0].premium if own and contracts[0].payoff == "inverse" else None,
    )


def contract_of(key: str) -> Contract:
    """From the catalog, else what its symbol says."""
    venue, _, symbol = key.partition(":")
    try:
        return load_catalog(None).get(venue, symbol)
    except ContractError:
        return bare_contract(venue, symbol)


def basket(sides: Sequence[Sides], own: bool) -> Sides:
    """As much of each coin at the start of every step. own: a column for each one's contract."""
    stamps = sides[0].stamp_ns
    for one in sides[1:]:
        stamps = np.intersect1d(stamps, one.stamp_ns)
    rows = [np.isin(one.stamp_ns, stamps) for one in sides]
    held = np.mean([one.held[r] for one, r in zip(sides, rows, strict=True)], axis=0)
    moved = [one.moved[r] for one, r in zip(sides, rows, strict=True)]
    columns = np.hstack(moved) / len(sides) if own else moved[0]
    return Sides(stamps, held, columns, columns, "linear", None)


# --- fits -----------------------------------------------------------------------------


def estimators(sides: Sides) -> list[Estimator]:
    """All that suit what hedges: naive is a ratio of 1, and of several contracts none is that."""
    made: list[Estimator] = []
    for kind in ESTIMATORS:
        if kind is Naive and sides.moved.shape[1] > 1:
            continue
        if kind is InverseClosedForm:
            made += [InverseClosedForm(premium=sides.premium)] if sides.premium is not None else []
        elif kind is LiquidationAware:
            made.append(LiquidationAware(horizon=7, payoff=sides.payoff))
        else:
            made.append(kind())
    return made


def rows_of(named: tuple[str, str, str], sides: Sides, days: int) -> list[dict[str, Any]]:
    """Every estimator, fitted before 2022, or on the first half of what began too late for that.

    Args: named: coin, by what, how often; sides; days: of a step.
    """
    first = int(np.searchsorted(sides.stamp_ns, LATER + days * DAY_NS))
    if first < len(sides.held) // 3 or first > len(sides.held) - FEWEST:
        first = len(sides.held) // 2
    head = {"coin": named[0], "by": named[1], "rhythm": named[2]}
    if len(sides.held) - first < FEWEST:
        return [{**head, "rows": len(sides.held), "note": "too few steps"}]
    told = {
        "rows": len(sides.held),
        "tested": len(sides.held) - first,
        "tested_from": iso(int(sides.stamp_ns[first]))[:10],
    }
    books: dict[str, Floats] = {"unhedged": sides.held[first:]}
    found: dict[str, dict[str, Any]] = {}
    for one in estimators(sides):
        try:
            ratios = walk_forward(one, sides.moved, sides.held, first, max(REFIT_DAYS // days, 1))
            one.fit_ratio(sides.moved[:first], sides.held[:first])
            path = one.path(sides.moved[:first], sides.held[:first])[:-1]
        except EstimateError as error:
            found[one.NAME] = {"note": str(error)}
            continue
        book = sides.held[first:] - (sides.paid[first:] * ratios).sum(axis=1)
        if book.min() <= -1.0:
            found[one.NAME] = {"note": "lost all that was held in one step"}
            continue
        books[one.NAME] = book
        found[one.NAME] = {"ratio": one.ratio_.tolist(), "in": taken(sides, path, first)}
    spans = intervals(books, days)
    real = real_pairs({name: books[name] for name in books if name != "unhedged"}, days)
    print(f"effectiveness {' '.join(named)}: done", flush=True)
    return [
        {**head, **told, "estimator": name, **row, **spans.get(name, {}), **real.get(name, {})}
        for name, row in found.items()
    ]


def taken(sides: Sides, path: Floats, first: int) -> float:
    """Variance taken away in the sample, where there is a ratio."""
    there = np.isfinite(path).all(axis=1)
    held, paid = sides.held[:first][there], sides.paid[:first][there]
    return float(1.0 - np.var(held - (paid * path[there]).sum(axis=1)) / np.var(held))


def intervals(books: Mapping[str, Floats], days: int) -> dict[str, dict[str, Any]]:
    """Variance taken away out of sample, with the interval, by a bootstrap of the same steps."""
    names = [name for name in books if name != "unhedged"]

    def away(name: str) -> Statistic:
        return lambda samples: variance_reduction(
            {"unhedged": samples["unhedged"], "hedged": samples[name]}
        )

    years = len(books["unhedged"]) * days / DAYS_PER_YEAR
    found = resample(books, years, {name: away(name) for name in names}, SEED).intervals
    alone = np.var(books["unhedged"])
    return {
        name: {
            "value": float(1.0 - np.var(books[name]) / alone),
            "low": found[name].low,
            "high": found[name].high,
        }
        for name in names
    }


# --- tables ---------------------------------------------------------------------------


def tables(figures: Figures) -> dict[str, str]:
    """The tables of the page by name."""
    rows = [one for one in figures["rows"] if "value" in one]
    return {
        "own-inverse": own_table(rows),
        "altcoins": other_table(rows),
        "real-pairs": pairs_table(rows),
    }


def own_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """BTC by its own inverse contracts: a row an estimator, a column a venue and rhythm."""
    mine = [one for one in rows if one["coin"] == "BTC"]
    columns = list(dict.fromkeys((one["by"], one["rhythm"]) for one in mine))
    names = list(dict.fromkeys(one["estimator"] for one in mine))
    by = {(one["by"], one["rhythm"], one["estimator"]): one for one in mine}
    head = ("estimator", *(f"{key.partition(':')[0]}, {rhythm}" for key, rhythm in columns))
    found = []
    for name in names:
        cells = (by.get((*column, name)) for column in columns)
        found.append((name, *("-" if one is None else away_span(one, 2) for one in cells)))
    return grid(head, found)


def away_span(row: Mapping[str, Any], digits: int = 1) -> str:
    """Variance taken away with its interval, in percent. Worked: "99.1 (98.9 to 99.3)"."""
    return span(row, lambda one: "-" if one is None else f"{100.0 * one:.{digits}f}")


def other_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Other coins: least squares, and the best and worst of all estimators."""
    others = [one for one in rows if one["coin"] != "BTC"]
    found = []
    for key in dict.fromkeys((one["coin"], one["by"], one["rhythm"]) for one in others):
        these = [o for o in others if (o["coin"], o["by"], o["rhythm"]) == key]
        real = [o for o in these if o["estimator"] != Naive.NAME]
        ols = next(o for o in these if o["estimator"] == Ols.NAME)
        best, worst = (pick(real, key=lambda o: o["value"]) for pick in (max, min))
        ratio = ", ".join(f"{one:.2f}" for one in ols["ratio"]) if len(ols["ratio"]) < 3 else "-"
        found.append(
            (
                f"{key[0]} by {key[1]}, {key[2]}",
                f"{ols['tested']} from {ols['tested_from']}",
                ratio,
                away_span(ols),
                f"{best['estimator']} {percent(best['value'])}",
                f"{worst['estimator']} {percent(worst['value'])}",
            )
        )
    return grid(
        (
            "hedge",
            "steps out of sample",
            "ratio",
            "least squares: variance away, %",
            "best",
            "worst",
        ),
        found,
    )
