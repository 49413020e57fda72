"""The ways that the made-up market can go, by name, and the moves of all coins that each makes.

What every coin shares is one market: `market_moves`. Its trend is stated, not drawn: over the whole
time a path grows by its `growth` a year and no more, so that no seed flatters a hedge.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from volsculpt.errors import HistoryError
from volsculpt.market.gate import Floats
from volsculpt.market.paths import (
    REGIMES,
    Regime,
    hourly_figures,
    jumps_of,
    regime_path,
    wildness,
)
from volsculpt.units import DAY_NS, HOUR_NS, HOURS_PER_YEAR

DAY_HOURS = DAY_NS // HOUR_NS


class Episode(NamedTuple):
    """A move that comes again: log of it, hours it takes, days to give half of it back.

    first_day: of the first one, from the market's beginning; every_days: from one to the next.
    """

    move: float
    hours: int
    half_life_days: float
    first_day: int
    every_days: int


@dataclass(frozen=True, slots=True)
class MarketPath:
    """One way for the market to go.

    words: what it is, a sentence. growth: log of the market over the whole time, a year. funding:
    mean rate of perpetuals a year, as a fraction; positive is paid to shorts.
    """

    name: str
    words: str
    regimes: tuple[Regime, ...]
    growth: float = 0.0
    funding: float = 0.0
    episode: Episode | None = None


def _alone(volatility: float, jumps: float = 0.0) -> tuple[Regime, ...]:
    """One regime that never ends: yearly volatility, jumps a year of 3 % up or down."""
    return (Regime("alone", 0.0, volatility, 1000.0, jumps, (0.0, 0.03), (1.0,)),)


_MADE_UP = "synthetic: this market is made up"
_PROVES = "; it proves nothing about real ones"
MIXED = "mixed"
PATHS = {
    one.name: one
    for one in (
        MarketPath(
            MIXED,
            "rises, falls, ranges and crashes by turns and ends where it began; funding is 0 on "
            "average",
            REGIMES,
        ),
        MarketPath(
            "calm",
            "moves by 30 % a year without jumps and ends where it began; funding is 0 on average",
            _alone(0.3),
        ),
        MarketPath(
            "bull",
            "doubles each year, by 60 % volatility; funding pays shorts 5 % a year",
            _alone(0.6, 6.0),
            growth=float(np.log(2.0)),
            funding=0.05,
        ),
        MarketPath(
            "crash",
            "loses more than half in three days, a month after it began and each year again, and "
            "takes most of a year to come back; shorts pay 2 % funding a year",
            _alone(0.5, 6.0),
            funding=-0.02,
            episode=Episode(-0.85, 72, 90.0, 30, 365),
        ),
        MarketPath(
            "squeeze",
            "rises by two thirds within a day about once a month and falls back within two weeks; "
            "shorts pay 10 % funding a year",
            _alone(0.45, 4.0),
            funding=-0.10,
            episode=Episode(0.51, 24, 4.0, 10, 30),
        ),
    )
}


def market_path(name: str) -> MarketPath:
    """The path of a name; HistoryError naming those that there are."""
    if name not in PATHS:
        raise HistoryError(f"there is no made-up market {name!r}; choose one of {', '.join(PATHS)}")
    return PATHS[name]


def synthetic_warning(sources: Iterable[str]) -> str:
    """What is said before all of a run through made-up prices, with the path that they go.

    Args: sources: of the series; the demo's name no path.
    """
    paths = {source.rpartition(", ")[2] for source in sources} & set(PATHS)
    words = "".join(f" ({name}: {PATHS[name].words})" for name in sorted(paths))
    return f"{_MADE_UP}{words}{_PROVES}"


def which_market(warnings: Iterable[str]) -> str:
    """The path that `synthetic_warning` says in a run's warnings, in brackets; none: ""."""
    markets = [line for line in warnings if line.startswith(_MADE_UP)]
    return markets[0].removeprefix(_MADE_UP).removesuffix(_PROVES) if markets else ""


class MarketMoves(NamedTuple):
    """What all coins share, an hour a row.

    moved: log return of the market. sigma: its volatility in that hour. spread: deviation of its
    returns with all jumps. wild: the factor by which moves of all coins are larger in that hour.
    """

    moved: Floats
    sigma: Floats
    spread: Floats
    wild: Floats


def market_moves(path: MarketPath, seed: int, hours: int) -> MarketMoves:
    """The market's moves; the same path, seed and hours give the same bits."""
    random = np.random.default_rng([seed, *b"market", *path.name.encode()])
    now = hourly_figures(regime_path(random, hours, path.regimes), path.regimes)
    wild = wildness(random, hours)[:, 0]
    moved = now.sigma * random.standard_normal(hours) * wild + now.drift + jumps_of(random, now)
    if path.episode is not None:
        moved += np.diff(episodes(path.episode, hours + 1))
    moved += path.growth / HOURS_PER_YEAR - moved.mean()
    spread = np.sqrt(now.sigma**2 + now.chance * (now.mean**2 + now.spread**2))
    return MarketMoves(moved, now.sigma, spread, wild)


def episodes(one: Episode, rows: int) -> Floats:
    """The log of the price above what it would be without them, at each hour.

    Worked: a move of 0.5 in 24 hours stands at 0.25 after 12, at 0.5 after 24, and half a half-life
    of 4 days after that at 0.35.
    """
    since = np.arange(rows) - one.first_day * DAY_HOURS
    inside = np.where(since >= 0, since % (one.every_days * DAY_HOURS), 0)
    rising = np.minimum(inside / one.hours, 1.0)
    after = np.maximum(inside - one.hours, 0) / (one.half_life_days * DAY_HOURS)
    # what is left when the next begins is given back in its first hour, so that none adds up
    level: Floats = one.move * rising * 0.5**after
    return level
