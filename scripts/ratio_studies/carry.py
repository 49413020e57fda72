"""Does it pay to sell forward only while that clears a hurdle? And how far off is the forecast?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import volsculpt as vs
from scripts.ratio_studies.gating import kept_by_sign
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
from volsculpt.contracts.costs import HALF_SPREAD
from volsculpt.hedge.carry.contract_carry import funding_model
from volsculpt.hedge.carry.funding_model import FundingModel
from volsculpt.hedge.following import followed_before
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.hedge.stored import features_of
from volsculpt.mandate.load import load_mandate
from volsculpt.market.gate import Floats, Stamps
from volsculpt.market.history import History
from volsculpt.market.observed import observed
from volsculpt.market.opening import StoreNames, history_before
from volsculpt.market.series import FundingRates
from volsculpt.market.streams import Stream
from volsculpt.report.stats.bootstrap import Statistic, resample
from volsculpt.units import DAY_NS, DAYS_PER_YEAR, HOUR_NS, HOURS_PER_YEAR

KEY, TAKER = "bybit:BTC/USD:BTC", 0.00055  # and its fee, as the catalog has it
SPAN = ("2021-01-01", "2024-07-01")
PERPETUALS = (KEY, "bybit:ETH/USD:ETH", "binance:BTC/USDT:USDT", "binance:ETH/USDT:USDT")
AHEAD, EVERY = 90, 5  # days
NAMES = {
    "carry": "carry, hurdle 5 %",
    "hold": "always short",
    "gate": "short by the sign of funding",
}
NOTHING = HedgeSummary("BTC", 0.0, 0.0, 0.0, 0.0, None, 0.0)


def study(store: Path, out: Path) -> Figures:
    """The carry alone, by arithmetic; whole books, costs on; forecasts beside what came."""
    begin, end = (ns(one) for one in SPAN)
    carry_file = MANDATES / "carry.toml"
    mandate = load_mandate(carry_file)
    history = history_before(store, end, StoreNames(("BTC",), (KEY,)), end)
    market = funding_and_premium(history, begin, end)
    held = {
        "carry": sold_by(mandate.hedges, history, market.stamps),
        "hold": np.ones(len(market.stamps)),
        "gate": kept_by_sign(market.rates).astype(float),
    }
    rows = alone_rows(market, held)
    print("carry alone: done", flush=True)
    books = book_rows(carry_file, MANDATES / "gating.toml", store)
    years = year_rows(market, held["carry"])
    return {"alone": rows, "years": years, "books": books, "forecasts": [*forecast_rows(store)]}


@dataclass(frozen=True)
class PaidMarket:
    """Stamps of funding, ns UTC, the rates paid at them, and the premium of the contract then."""

    stamps: Stamps
    rates: Floats
    premium: Floats


def funding_and_premium(history: History, begin_ns: int, end_ns: int) -> PaidMarket:
    """What a short earned of in a span; a premium that is not known is that before."""
    paid = history.funding[KEY]
    inside = (paid.stamp_ns >= begin_ns) & (paid.stamp_ns < end_ns)
    stamps = paid.stamp_ns[inside]
    rows = observed(history, Stream("basis", KEY), begin_ns - DAY_NS, end_ns)
    known = np.array([time_ns for time_ns, _ in rows], dtype=np.int64)
    ratios = np.array([ratio for _, ratio in rows])
    place = np.searchsorted(known, stamps, side="right") - 1
    return PaidMarket(stamps, paid.rate[inside], ratios[place])


def sold_by(hedges: Sequence[Any], history: History, stamps: Stamps) -> Floats:
    """The ratio held over the time that each stamp ends: decided at the stamp before.

    Args: hedges: of the mandate; history: from its beginning; stamps: ns UTC.
    """
    first = int(stamps[0]) // DAY_NS * DAY_NS
    asked = [first, *stamps.tolist()]
    known = features_of(history, hedges, asked) or []
    (memory,) = followed_before(history, hedges, [None], first)
    found = []
    for features in known:
        given = PolicyInput(features.time_ns, features, NOTHING)
        said, memory = hedges[0].policy.step(memory, given)
        found.append(0.0 if said.ratio is None else said.ratio)
    return np.array(found[:-1])


def alone_rows(market: PaidMarket, held: dict[str, Floats]) -> list[dict[str, Any]]:
    """What a dollar that may be sold earned a year: simple, by way of holding.

    The price of the coin is left out: only funding, the premium's change and costs are counted.
    """
    firsts = np.unique((market.stamps - 1) // DAY_NS, return_index=True)[1]
    years = len(firsts) / DAYS_PER_YEAR
    melt = -np.diff(market.premium, prepend=market.premium[:1])
    parts = {}
    for name, on in held.items():
        trades = np.abs(np.diff(on, prepend=0.0))
        parts[name] = {
            "funding": on * market.rates,
            "premium": on * melt,
            "fees": -trades * TAKER,
            "spread": -trades * HALF_SPREAD,
        }
    daily = {
        name: np.add.reduceat(np.sum(list(own.values()), axis=0), firsts)
        for name, own in parts.items()
    }
    wanted: dict[str, Statistic] = {name: mean_of(name) for name in held}
    wanted |= {f"{name} less hold": less(name) for name in held if name != "hold"}
    intervals = resample(daily, years, wanted, SEED).intervals
    rows = []
    for name, own in parts.items():
        total = float(daily[name].sum())
        wealth = np.cumsum(daily[name])
        row: dict[str, Any] = {
            "name": name,
            **{part: float(x.sum() / years) for part, x in own.items()},
        }
        row["yield"] = {
            "value": total / years,
            "low": intervals[name].low,
            "high": intervals[name].high,
        }
        row["invested"] = float(held[name].mean())
        row["changes_a_year"] = float(np.count_nonzero(np.diff(held[name])) / years)
        row["worst_fall"] = float((np.maximum.accumulate(np.maximum(wealth, 0.0)) - wealth).max())
        if name != "hold":
            gain = intervals[f"{name} less hold"]
            value = (total - float(daily["hold"].sum())) / years
            row["gain"] = {"value": value, "low": gain.low, "high": gain.high}
        rows.append(row)
    return rows


def year_rows(market: PaidMarket, on: Floats) -> list[dict[str, Any]]:
    """Funding that was paid in each year, and how much of it the policy was in. on: its ratio."""
    year = market.stamps.astype("datetime64[ns]").astype("datetime64[Y]").astype(int) + 1970
    return [
        {
            "year": int(one),
            "funding": float(market.rates[year == one].sum()),
            "invested": float(on[year == one].mean()),
        }
        for one in np.unique(year)
    ]


def mean_of(name: str) -> Statistic:
    """The mean a year of one way of holding."""
    return lambda samples: samples[name].mean * DAYS_PER_YEAR


def less(name: str) -> Statistic:
    """The same less that of holding always."""
    return lambda samples: (samples[name].mean - samples["hold"].mean) * DAYS_PER_YEAR


BOOK_WORDS = {
    "cagr": "growth a year",
    "volatility": "volatility a year",
    "cvar": "worst 5 % of days",
    "sharpe": "Sharpe",
}
FIGURES = tuple(BOOK_WORDS)


def book_rows(carry: Path, hold: Path, store: Path) -> list[dict[str, Any]]:
    """Two mandates side by side: sold while it pays, and hedged always."""
    request = vs.RunRequest((ns(SPAN[0]), ns(SPAN[1]), 8 * HOUR_NS))
    rows = vs.evaluate([carry, hold], data=store, request=request)
    figures = {(r.mandate, r.metric): r.value for r in rows.figures if r.book == "hedged"}
    pairs = {one.metric: one for one in rows.pairs}
    return [
        {
            "figure": name,
            "carry": figures["carry", name],
            "hold": figures["hold", name],
            "gain": {"value": pairs[name].value, "low": pairs[name].low, "high": pairs[name].high},
        }
        for name in FIGURES
        if name in pairs
    ]


# --- forecasts ------------------------------------------------------------------------


def forecast_rows(store: Path) -> list[dict[str, Any]]:
    """How far forecasts of 90 days were off, every five days, beside the last rate for a year."""
    names = StoreNames(contracts=PERPETUALS)
    history = history_before(store, ns(SPAN[1]), names, ns(SPAN[1]))
    return [
        {"contract": key, **off_by(history.funding[key])}
        for key in PERPETUALS
        if key in history.funding
    ]


def off_by(rates: FundingRates) -> dict[str, Any]:
    """Root mean squares of what forecasts of a perpetual were off by, simple yearly rates."""
    stamps, hours = rates.stamp_ns, np.cumsum(rates.interval_hours)
    paid = np.cumsum(rates.rate)
    found = []
    for now in range(
        int(stamps[0]) // DAY_NS * DAY_NS, int(stamps[-1]) - AHEAD * DAY_NS, EVERY * DAY_NS
    ):
        model = funding_model(rates, AHEAD, now) if now > stamps[0] else ""
        if not isinstance(model, FundingModel):
            continue
        first, last = np.searchsorted(stamps, [now, now + AHEAD * DAY_NS], side="right") - 1
        came = HOURS_PER_YEAR * (paid[last] - paid[first]) / (hours[last] - hours[first])
        newest = HOURS_PER_YEAR * rates.rate[first] / rates.interval_hours[first]
        found.append((model.expected - came, model.error, newest - came))
    root = np.sqrt((np.array(found) ** 2).mean(axis=0)).tolist() if found else [None] * 3
    return {"forecasts": len(found), "off": root[0], "said": root[1], "newest_off": root[2]}


# --- tables ---------------------------------------------------------------------------


def _points(value: float | None) -> str:
    """Points with their sign."""
    return "-" if value is None else f"{100 * value:+.1f}"


def alone_table(rows: Sequence[dict[str, Any]]) -> str:
    """What each way of holding earned, and what it cost of the funding that was paid."""
    share: Callable[[float | None], str] = percent
    alone = [
        (
            NAMES[one["name"]],
            span(one["yield"], share),
            percent(one["invested"], 0),
            number(one["changes_a_year"], 1),
            percent(one["funding"]),
            percent(one["premium"]),
            percent(-one["fees"] / one["funding"]),
            percent(-one["spread"] / one["funding"]),
            percent(one["worst_fall"]),
            span(one["gain"], _points) if "gain" in one else "-",
        )
        for one in rows
    ]
    heads = (
        "way",
        "net a year",
        "of the time",
        "changes a year",
        "funding",
        "premium",
        "of it fees",
        "half spread",
        "worst fall",
        "than always",
    )
    return grid(heads, alone)


def tables(figures: Figures) -> dict[str, str]:
    """The tables of the page by name."""
    years = [
        (str(one["year"]), percent(one["funding"]), percent(one["invested"], 0))
        for one in figures["years"]
    ]
    books = [
        (
            BOOK_WORDS[one["figure"]],
            *(
                (number if one["figure"] == "sharpe" else percent)(one[name])
                for name in ("carry", "hold")
            ),
            span(one["gain"], signed if one["figure"] == "sharpe" else _points),
        )
        for one in figures["books"]
    ]
    forecasts = [
        (
            one["contract"],
            str(one["forecasts"]),
            percent(one["off"]),
            percent(one["said"]),
            percent(one["newest_off"]),
        )
        for one in figures["forecasts"]
    ]
    return {
        "carry-alone": alone_table(figures["alone"]),
        "carry-years": grid(("year", "funding paid in it", "carry was in"), years),
        "carry-books": grid(("figure", "carry", "always short", "carry less always"), books),
        "carry-forecasts": grid(
            ("perpetual", "forecasts", "off by", "said to be off by", "newest rate off by"),
            forecasts,
        ),
    }
