"""Is a volatility that is asked for kept? The policy `vol-target` by each of its forecasts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import volsculpt as vs
from scripts.ratio_studies.kept import MANDATES, SEED, Figures, grid, ns, number, percent, span
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.garch_volatility import GarchVolatility
from volsculpt.hedge.features.har import HarVolatility
from volsculpt.hedge.features.volatility import Volatility
from volsculpt.hedge.market_features import Features, features_at
from volsculpt.hedge.stored import observed_for
from volsculpt.market.history import History
from volsculpt.market.observed import observed_index
from volsculpt.market.opening import StoreNames, history_before
from volsculpt.report.rows.evaluation_build import linked
from volsculpt.report.rows.evaluation_target import spanned
from volsculpt.report.stats.forecasts import Forecasts, compared, daily_forecasts
from volsculpt.report.stats.target import free_days
from volsculpt.simulate.walk_forward import YARDSTICKS, walk_forward
from volsculpt.units import DAY_NS, HOUR_NS

FILE = "vol_target.toml"
SPANS = (("2018-11-16", "2022-01-01"), ("2022-01-01", "2024-07-01"))
TARGETS = (0.3, 0.4)
COIN = "BTC"


FORECASTS: Mapping[str, Feature] = {
    "EWMA, 30 days": Volatility(),
    "HAR": HarVolatility(),
    "GARCH": GarchVolatility(),
}


def study(store: Path, out: Path) -> Figures:
    """Volatility reached over asked, and forecasts against yardsticks, in both spans."""
    coins = {coin: market(store, coin) for coin in ("BTC", "ETH")}
    kept = [
        kept_row(name, asked, one, store, out)
        for one in SPANS
        for asked in TARGETS
        for name in FORECASTS
    ]
    losses = [row for one in SPANS for coin in coins for row in loss_rows(coin, one, coins[coin])]
    return {"kept": kept, "losses": losses}


def market(store: Path, coin: str) -> History:
    """All stored prices of a coin."""
    return history_before(
        store, ns("2024-07-01"), StoreNames((coin,), (), (), None), 7 * 365 * DAY_NS
    )


def said_at(history: History, coin: str, stamps: Sequence[int]) -> list[Features]:
    """What every forecast is made of, at each of some rising times."""
    needs = {coin: (*FORECASTS.values(), *YARDSTICKS.values())}
    return features_at(observed_for(history, needs, stamps), needs, stamps)


# --- volatility reached ---------------------------------------------------------------


def mandate_of(name: str, asked: float, out: Path) -> Path:
    """The mandate of the study with another target, and another forecast."""
    forecast = name.split(",")[0].lower()
    text = (MANDATES / FILE).read_text(encoding="utf-8")
    text = text.replace("volatility = 0.40 ", f"volatility = {asked} ")
    if forecast != "ewma":
        text = text.replace('half_life = "30d"', f'forecast = "{forecast}"')
    path = out / f"vol-target-{forecast}-{asked:g}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def kept_row(
    name: str, asked: float, dates: tuple[str, str], store: Path, out: Path
) -> dict[str, Any]:
    """One target by one forecast in one span: reached over asked, on all days and the free ones."""
    mandate = vs.load(mandate_of(name, asked, out))
    request = vs.RunRequest((ns(dates[0]), ns(dates[1]), 8 * HOUR_NS))
    walk = walk_forward(mandate, None, store, request, 1)
    (record,) = walk.records
    days = linked(walk.records).days["hedged"]
    (hedge,) = record.hedges
    free = free_days(record.stamps_ns, hedge.target_ratio, hedge.limits, days.end_ns)
    print(f"vol-target {name} {asked:g} from {dates[0]}: done", flush=True)
    return {
        "forecast": name,
        "asked": asked,
        "begins": dates[0],
        "ends": dates[1],
        "days": days.returns.size,
        "free_days": int(free.sum()),
        "reached": ratio_of(days.returns, asked),
        "free": ratio_of(days.returns[free], asked),
    }


def ratio_of(returns: np.ndarray, asked: float) -> dict[str, float | None]:
    """Volatility of some days over the one asked for, with its interval."""
    return dict(zip(("value", "low", "high"), spanned(returns, asked, 2_000, SEED), strict=True))


# --- forecasts ------------------------------------------------------------------------


def loss_rows(coin: str, dates: tuple[str, str], history: History) -> list[dict[str, Any]]:
    """Each forecast against each yardstick: QLIKE of days, their variance from hourly returns."""
    begin, end = (ns(one) for one in dates)
    prices = observed_index(history, coin, begin, end)
    hours = [one for one in prices if one[0] % HOUR_NS == 0]
    stamps = np.array([one[0] for one in hours], dtype=np.int64)
    price = np.array([one[1] for one in hours])
    starts = np.concatenate([[0], np.flatnonzero(np.diff((stamps[1:] - 1) // DAY_NS)) + 1])
    said = said_at(history, coin, stamps[starts].tolist())
    made: dict[str, Forecasts] = {}
    for name, feature in {**FORECASTS, **YARDSTICKS}.items():
        sigma = np.full(stamps.size, np.nan)
        sigma[starts] = [
            np.nan if one is None else one for one in (each.value(coin, feature) for each in said)
        ]
        made[name] = daily_forecasts(stamps, sigma, price)
    rows = []
    for name in FORECASTS:
        for other in YARDSTICKS:
            found = compared(made[name], made[other])
            assert found is not None
            rows.append(
                {
                    "coin": coin,
                    "begins": dates[0],
                    "ends": dates[1],
                    "forecast": name,
                    "against": other,
                    **found._asdict(),
                }
            )
    return rows


# --- tables ---------------------------------------------------------------------------


def tables(figures: Figures) -> dict[str, str]:
    """The tables of the page by name."""
    kept = [
        (
            f"{one['begins']} to {one['ends']}",
            percent(one["asked"], 0),
            one["forecast"],
            span(one["reached"]),
            f"{one['free_days']} of {one['days']}",
            span(one["free"]),
        )
        for one in figures["kept"]
    ]
    losses = [
        (
            f"{one['coin']}, {one['begins']} to {one['ends']}",
            one["forecast"],
            number(one["first_loss"], 4),
            one["against"],
            number(one["second_loss"], 4),
            number(one["statistic"]),
            percent(one["p_value"]),
            verdict(one),
        )
        for one in figures["losses"]
    ]
    return {
        "vol-kept": grid(
            (
                "span",
                "asked",
                "forecast",
                "reached / asked",
                "free days",
                "deviation of return / target on free days",
            ),
            kept,
        ),
        "vol-losses": grid(
            ("days", "forecast", "QLIKE", "against", "QLIKE", "statistic", "p", "is"), losses
        ),
    }


def verdict(row: Mapping[str, Any]) -> str:
    """What a comparison says at 5 %. Worked: statistic 3, p 0.003 -> "worse"."""
    if row["p_value"] is None or row["p_value"] > 0.05:
        return "no difference"
    return "worse" if row["statistic"] > 0.0 else "better"
