"""Does it pay to hold the hedge only while funding pays who is short?"""

from pathlib import Path
from typing import Any

import numpy as np

import volsculpt as vs
from scripts.ratio_studies.kept import (
    MANDATES,
    SEED,
    Figures,
    grid,
    ns,
    number,
    percent,
    signed,
    span,
)
from volsculpt.market.opening import open_history
from volsculpt.report.stats.bootstrap import Statistic, resample
from volsculpt.units import DAY_NS, DAYS_PER_YEAR, HOUR_NS, iso

KEY = "bybit:BTC/USD:BTC"
SPANS = (("2018-11-16", "2022-01-01"), ("2022-01-01", "2024-07-01"))
SIDE_COST = 0.00055 + 0.0001  # taker fee of the catalog and half a spread
COSTS = {"ours": 2.0 * SIDE_COST, "21 bp an exit": 0.0021}  # of a change there and back
FIGURES = ("cagr", "volatility", "cvar", "sharpe")


def study(store: Path, out: Path) -> Figures:
    """The carry alone, by arithmetic, and two mandates side by side, costs on."""
    history = open_history(store, (KEY,), ("BTC",), None, ns("2024-07-01"))
    funding = history.funding[KEY]
    carry, books = [], []
    for dates in SPANS:
        begin, end = (ns(one) for one in dates)
        inside = (funding.stamp_ns >= begin) & (funding.stamp_ns < end)
        stamps, rates = funding.stamp_ns[inside], funding.rate[inside]
        carry += [carry_row(dates, stamps, rates, name) for name in COSTS]
        books += book_rows(dates, stamps, rates, store, out)
        print(f"gating from {dates[0]}: done", flush=True)
    return {"carry": carry, "books": books}


def kept_by_sign(rates: np.ndarray) -> np.ndarray:
    """Whether the hedge is on over each stamp: by the rate paid at the one before, at first on."""
    return np.concatenate([[True], rates[:-1] >= 0.0])


def carry_row(
    dates: tuple[str, str], stamps: np.ndarray, rates: np.ndarray, name: str
) -> dict[str, Any]:
    """Funding a year of holding, and of holding by sign less what the changes cost."""
    on = kept_by_sign(rates)
    changes = np.concatenate([[False], on[1:] != on[:-1]])
    gated = rates * on - changes * COSTS[name] / 2.0
    days = np.unique((stamps - 1) // DAY_NS, return_index=True)[1]
    daily = {"hold": np.add.reduceat(rates, days), "gate": np.add.reduceat(gated, days)}
    years = len(days) / DAYS_PER_YEAR
    found = resample(daily, years, {"less": less}, SEED).intervals["less"]
    return {
        "begins": dates[0],
        "ends": dates[1],
        "costs": name,
        "changes_a_year": float(changes.sum() / years),
        "hold": float(rates.sum() / years),
        "gate": float(gated.sum() / years),
        "gain": {
            "value": float((gated.sum() - rates.sum()) / years),
            "low": found.low,
            "high": found.high,
        },
    }


def _less() -> Statistic:
    """Mean a year of the gated days less that of the held ones."""
    return lambda samples: (samples["gate"].mean - samples["hold"].mean) * DAYS_PER_YEAR


less = _less()


def book_rows(
    dates: tuple[str, str], stamps: np.ndarray, rates: np.ndarray, store: Path, out: Path
) -> list[dict[str, Any]]:
    """Two mandates side by side: hedged always, and while the newest rate is not negative."""
    text = (MANDATES / "gating.toml").read_text(encoding="utf-8")
    lines = [
        f"{iso(int(when))},{1 if rate >= 0.0 else 0}"
        for when, rate in zip(stamps, rates, strict=True)
    ]
    first = [f"{iso(ns(dates[0]) - DAY_NS)},1"]
    (out / "gate.csv").write_text("time,ratio\n" + "\n".join([*first, *lines]) + "\n")
    gate = text.replace('policy = "fixed"\nratio = 1.0', 'policy = "series"\nfile = "gate.csv"')
    (out / "gate.toml").write_text(gate.replace('name = "hold"', 'name = "gate"'))
    (out / "hold.toml").write_text(text)
    request = vs.RunRequest((ns(dates[0]), ns(dates[1]), 8 * HOUR_NS))
    rows = vs.evaluate([out / "gate.toml", out / "hold.toml"], data=store, request=request)
    figures = {(r.mandate, r.metric): r.value for r in rows.figures if r.book == "hedged"}
    pairs = {one.metric: one for one in rows.pairs}
    taken = {(one.mandate, one.figure): one.value for one in rows.work}
    return [
        {
            "begins": dates[0],
            "ends": dates[1],
            "figure": name,
            "gate": figures["gate", name],
            "hold": figures["hold", name],
            "gain": {"value": pairs[name].value, "low": pairs[name].low, "high": pairs[name].high},
            "gate_turnover": taken["gate", "turnover"],
            "gate_cost": taken["gate", "cost"],
            "hold_cost": taken["hold", "cost"],
        }
        for name in FIGURES
    ]


def tables(figures: Figures) -> dict[str, str]:
    """The tables of the page by name."""
    carry = [
        (
            f"{one['begins']} to {one['ends']}",
            one["costs"],
            number(one["changes_a_year"], 0),
            percent(one["hold"]),
            percent(one["gate"]),
            span(one["gain"], lambda x: "-" if x is None else f"{100 * x:+.1f}"),
        )
        for one in figures["carry"]
    ]
    names = {
        "cagr": "growth a year",
        "volatility": "volatility a year",
        "cvar": "worst 5 % of days",
        "sharpe": "Sharpe",
    }
    books = []
    for one in figures["books"]:
        is_share = one["figure"] != "sharpe"
        form = percent if is_share else number
        books.append(
            (
                f"{one['begins']} to {one['ends']}",
                names[one["figure"]],
                form(one["hold"]),
                form(one["gate"]),
                span(
                    one["gain"],
                    (lambda x: "-" if x is None else f"{100 * x:+.1f}") if is_share else signed,
                ),
            )
        )
    return {
        "gating-carry": grid(
            (
                "span",
                "costs",
                "changes a year",
                "hold, a year",
                "gate, a year",
                "gain, points a year",
            ),
            carry,
        ),
        "gating-books": grid(("span", "figure", "hold", "gate", "gate less hold"), books),
    }
