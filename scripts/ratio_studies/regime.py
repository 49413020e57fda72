"""Does the market condition say when to hedge? The policy `regime` against its static twin."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

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
    points,
    signed,
    span,
)
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.needs import contracts_of, look_back_ns, needs_of, series_of
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.hedge.regimes.survey import RegimeLook, looks_over
from volsculpt.hedge.spec import Hedge
from volsculpt.hedge.stored import features_of
from volsculpt.market.opening import StoreNames, history_before
from volsculpt.report.rows.evaluation import EvaluationRows
from volsculpt.units import DAY_NS, HOUR_NS, YEAR_NS, iso

COINS = {"BTC": ("regime-btc.toml", "2018-11-16"), "ETH": ("regime-eth.toml", "2019-11-28")}
WINDOWS = (("2018-11-16", "2022-01-01"), ("2022-01-01", "2023-04-01"), ("2023-04-01", "2024-07-01"))
NAMED = (
    ("2021-02-01", "2021-04-15", "bull run"),
    ("2022-05-05", "2022-07-01", "bearish"),
    ("2023-01-10", "2023-04-01", "recovery"),
    ("2023-08-01", "2023-10-01", "range"),
)
BLOCK_DAYS = 30  # of looks that stay together when time is shuffled
SHUFFLES = 20
GAINS = ("sharpe", "cvar")
STEP_NS = 8 * HOUR_NS
POLICY = RegimePolicy(framework_text(), fallback_ratio=0.3)
NOTHING = HedgeSummary("", 0.0, 0.0, 0.0, 0.0, None, 0.0)


class Followed(NamedTuple):
    """A coin's market at each midnight, and what the policy told then."""

    known: list[Features]
    told: tuple[RegimeLook, ...]


def study(store: Path, out: Path) -> Figures:
    """All figures: gains by window, days by condition, changes, and time shuffled."""
    rows, followed = [], {}
    for coin, (file, first) in COINS.items():
        followed[coin] = follow(store, coin, first)
        for window, (begin, end) in enumerate(WINDOWS):
            span_ns = (ns(max(begin, first)), ns(end))
            rows.append(window_row(coin, file, span_ns, store, window))
            shuffled = shuffled_gains(coin, file, span_ns, store, out, followed[coin])
            rows[-1]["shuffled"] = shuffled_row(rows[-1], shuffled)
            print(f"regime {coin} from {begin}: done", flush=True)
    return {
        "windows": rows,
        "named": [days_row(coin, *one, followed[coin].told) for one in NAMED for coin in COINS],
        "changes": [changes_row(coin, one.told) for coin, one in followed.items()],
        "history": history_of("BTC", followed["BTC"]),
    }


def follow(store: Path, coin: str, first: str) -> Followed:
    """Every look of the policy, begun without memory a year before the first day."""
    stamps = range(ns(first), ns("2024-07-01"), DAY_NS)
    hedge = Hedge(coin, POLICY)
    needs = needs_of((hedge,))
    wanted = StoreNames((coin,), contracts_of(needs), series_of(needs), None)
    back = look_back_ns(needs) + stamps[-1] - stamps[0]
    known = features_of(history_before(store, stamps[-1], wanted, back), (hedge,), stamps) or []
    return Followed(known, looks_over(POLICY, coin, known))


def evaluated(mandate: Path, span_ns: tuple[int, int], store: Path, draws: int) -> EvaluationRows:
    """One window of a mandate, costs on."""
    request = vs.RunRequest((*span_ns, STEP_NS))
    return vs.evaluate([mandate], data=store, request=request, draws=draws)


def gains_of(rows: EvaluationRows) -> dict[str, Any]:
    """What the hedged book is more than the static one, with intervals."""
    against = {one.metric: one for one in rows.gains if one.against == "static"}
    return {
        name: {"value": against[name].value, "low": against[name].low, "high": against[name].high}
        for name in GAINS
    }


def window_row(
    coin: str, file: str, span_ns: tuple[int, int], store: Path, window: int
) -> dict[str, Any]:
    """One coin in one window: the policy, its twin, and the differences."""
    rows = evaluated(MANDATES / file, span_ns, store, 2_000)
    figures = {(one.book, one.metric): one.value for one in rows.figures}
    taken = {one.figure: one.value for one in rows.work}
    return {
        "coin": coin,
        "begins": iso(span_ns[0])[:10],
        "ends": iso(span_ns[1])[:10],
        "in_sample": window == 0,
        "static": rows.mandates[0].static.partition(": ")[2].split()[1],
        "sharpe": {book: figures[book, "sharpe"] for book in ("hedged", "static", "unhedged")},
        "cvar": {book: figures[book, "cvar"] for book in ("hedged", "static", "unhedged")},
        "cost": taken["cost"],
        "turnover": taken["turnover"],
        "gains": gains_of(rows),
        "verdict": rows.verdict,
    }


# --- time shuffled --------------------------------------------------------------------


def shuffled_gains(
    coin: str,
    file: str,
    span_ns: tuple[int, int],
    store: Path,
    out: Path,
    followed: Followed,
) -> dict[str, list[float]]:
    """Gains of the same policy fed the market of other days, costs on, one figure a shuffle."""
    inside = [one for one in followed.known if span_ns[0] <= one.time_ns < span_ns[1]]
    found: dict[str, list[float]] = {name: [] for name in GAINS}
    for place in range(SHUFFLES):
        days = shuffled_days(len(inside), SEED + place)
        ratios = ratios_over(coin, inside, days)
        mandate = series_mandate(file, coin, inside, ratios, out)
        gains = gains_of(evaluated(mandate, span_ns, store, 0))
        for name in GAINS:
            found[name].append(gains[name]["value"])
    return found


def shuffled_days(days: int, seed: int) -> list[int]:
    """Which day's market is seen on each day: blocks of a month, in another order."""
    blocks = [list(range(first, min(first + BLOCK_DAYS, days))) for first in range(0, days, 30)]
    order = np.random.default_rng(seed).permutation(len(blocks))
    return [day for block in order for day in blocks[block]]


def ratios_over(coin: str, known: Sequence[Features], days: Sequence[int]) -> list[float | None]:
    """What the policy tells on each day when it is shown the market of another."""
    memory, found = None, []
    for today, shown in zip(known, days, strict=True):
        given = PolicyInput(today.time_ns, known[shown], replace(NOTHING, underlying=coin))
        answer, memory = POLICY.step(memory, given)
        found.append(answer.ratio)
    return found


def series_mandate(
    file: str, coin: str, known: Sequence[Features], ratios: Sequence[float | None], out: Path
) -> Path:
    """The mandate of a study with a ratio a day in place of its policy."""
    lines = [
        f"{iso(one.time_ns)},{0.3 if ratio is None else ratio}"
        for one, ratio in zip(known, ratios, strict=True)
    ]
    (out / f"shuffled-{coin}.csv").write_text("time,ratio\n" + "\n".join(lines) + "\n")
    text = (MANDATES / file).read_text(encoding="utf-8")
    text = text.replace(
        'policy = "regime"\nfallback_ratio = 0.3',
        f'policy = "series"\nfile = "shuffled-{coin}.csv"',
    )
    path = out / f"shuffled-{coin}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def shuffled_row(row: dict[str, Any], gains: dict[str, list[float]]) -> dict[str, Any]:
    """The middle of the shuffles, their ends, and how many did as well as the real order."""
    return {
        name: {
            "value": float(np.mean(gains[name])),
            "low": min(gains[name]),
            "high": max(gains[name]),
            "as_good": sum(one >= row["gains"][name]["value"] for one in gains[name]),
            "shuffles": SHUFFLES,
        }
        for name in GAINS
    }


# --- conditions -----------------------------------------------------------------------


def days_row(
    coin: str, begin: str, end: str, expected: str, told: Sequence[RegimeLook]
) -> dict[str, Any]:
    """How many days of a stretch each condition was named."""
    days = [one.followed for one in told if ns(begin) <= one.time_ns < ns(end)]
    names = ["unknown" if one is None else one.named for one in days]
    shares = {name: names.count(name) / len(names) for name in sorted(set(names))}
    return {
        "coin": coin,
        "begins": begin,
        "ends": end,
        "expected": expected,
        "days": len(names),
        "shares": shares,
    }


def changes_row(coin: str, told: Sequence[RegimeLook]) -> dict[str, Any]:
    """Changes a year: of the condition that is named, and of the ratio passed on."""
    years = (told[-1].time_ns - told[0].time_ns) / YEAR_NS
    pairs = list(pairwise(one.followed for one in told))
    named = sum(
        one is not None and two is not None and one.named != two.named for one, two in pairs
    )
    moved = sum(
        one is not None and two is not None and one.ratio != two.ratio for one, two in pairs
    )
    return {
        "coin": coin,
        "years": years,
        "named_a_year": named / years,
        "ratio_a_year": moved / years,
    }


def history_of(coin: str, followed: Followed) -> dict[str, Any]:
    """Every fifth look, for a picture: the day, the price, the condition named, the ratio told."""
    looks = [
        (known, one)
        for known, one in zip(followed.known, followed.told, strict=True)
        if known.index_usd(coin) is not None and one.followed is not None
    ][::5]
    return {
        "days": [iso(one.time_ns)[:10] for _, one in looks],
        "price_usd": [known.index_usd(coin) for known, _ in looks],
        "named": [one.followed and one.followed.named for _, one in looks],
        "ratio": [one.aim.ratio for _, one in looks],
    }


def has_skill(figures: Figures) -> bool:
    """Whether bad days were milder beyond luck in every window after the choice was made."""
    lows = [one["gains"]["cvar"]["low"] for one in figures["windows"] if not one["in_sample"]]
    return all(low is not None and low > 0.0 for low in lows)


# --- tables ---------------------------------------------------------------------------


def tables(figures: Figures) -> dict[str, str]:
    """The tables of the page by name."""
    return {
        "regime-gains": gains_table(figures["windows"]),
        "regime-shuffled": shuffled_table(figures["windows"]),
        "regime-named": named_table(figures["named"]),
        "regime-changes": changes_table(figures["changes"]),
    }


def gains_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The policy against its twin."""
    found = [
        (
            f"{one['coin']}, {one['begins']} to {one['ends']}{', in sample' * one['in_sample']}",
            one["static"] + " %",
            f"{number(one['sharpe']['hedged'])}, {number(one['sharpe']['static'])}",
            span(one["gains"]["sharpe"], signed),
            f"{percent(one['cvar']['hedged'])}, {percent(one['cvar']['static'])}",
            span(one["gains"]["cvar"], points),
        )
        for one in rows
    ]
    head = (
        "window",
        "mean ratio held",
        "Sharpe: policy, static",
        "gain",
        "worst 5 % of days: policy, static",
        "milder by, points",
    )
    return grid(head, found)


def shuffled_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Beside what the same policy gains when it sees other days."""
    found = []
    for one in rows:
        other = one["shuffled"]
        found.append(
            (
                f"{one['coin']}, {one['begins']} to {one['ends']}",
                signed(one["gains"]["sharpe"]["value"]),
                span(other["sharpe"], signed),
                f"{other['sharpe']['as_good']} of {other['sharpe']['shuffles']}",
                points(one["gains"]["cvar"]["value"]),
                span(other["cvar"], points),
                f"{other['cvar']['as_good']} of {other['cvar']['shuffles']}",
            )
        )
    head = ("window", "gain of Sharpe", "time shuffled: mean (all)", "as good")
    return grid((*head, "milder by, points", "time shuffled: mean (all)", "as good"), found)


def named_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Days by condition in stretches that are known by name."""
    found = [
        (
            f"{one['coin']}, {one['begins']} to {one['ends']}",
            one["expected"],
            percent(one["shares"].get(one["expected"], 0.0), 0),
            ", ".join(f"{name} {percent(share, 0)}" for name, share in one["shares"].items()),
        )
        for one in rows
    ]
    return grid(("days", "expected", "named", "all"), found)


def changes_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """How often it changes its mind."""
    found = [
        (one["coin"], number(one["named_a_year"], 1), number(one["ratio_a_year"], 1))
        for one in rows
    ]
    return grid(("coin", "changes of the condition a year", "changes of the ratio a year"), found)
