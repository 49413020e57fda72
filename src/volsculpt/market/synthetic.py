"""A made-up market that behaves like a real one where hedges care. Always labelled so.

    history = synthetic(seed=7).history

Several coins with regimes, jumps and heavy tails (see `paths`); a stablecoin that wobbles;
per coin an inverse and a linear perpetual whose premium and funding follow momentum; dated
inverse contracts whose basis goes to zero at expiry. Hourly bars without gaps. The same seed
gives the same bits. The source of every series is "synthetic, seed N".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from volsculpt.contracts.expiries import days_from, expiry_ns, yymmdd
from volsculpt.errors import HistoryError
from volsculpt.market.gate import Floats, Stamps
from volsculpt.market.history import History, history_of
from volsculpt.market.paths import (
    HOURS_PER_YEAR,
    REGIMES,
    Codes,
    bridge_extremes,
    log_returns,
    pulled_back,
    regime_path,
    smooth,
)
from volsculpt.market.series import Bars, FundingRates, Label, Role, Series
from volsculpt.units import DAY_NS, HOUR_NS, YEAR_NS

DEMO_SEED = 4  # BTC rises more than threefold, falls back, and ends where it began
START_NS = 1_577_836_800 * 10**9  # 2020-01-01
VENUE = "bybit"  # its contracts are in the catalog
CLIP = 0.0005  # of the funding formula
INTEREST = 0.0001
CAP = 0.00375
LISTED_DAYS = 190  # a quarterly contract before its expiry


@dataclass(frozen=True, slots=True)
class Coin:
    """A coin: its first price in US dollars and how strongly it moves against the first."""

    name: str
    price: float
    beta: float = 1.0


DEFAULT_COINS = (Coin("BTC", 7_200.0), Coin("ETH", 130.0, 1.25))


@dataclass(frozen=True, slots=True)
class SyntheticSpec:
    """What to make up. correlation: of hourly returns inside a regime."""

    seed: int
    hours: int = 43_800
    start_ns: int = START_NS
    coins: tuple[Coin, ...] = DEFAULT_COINS
    correlation: float = 0.7
    dated: tuple[str, ...] = ("BTC", "ETH")
    venue: str = VENUE
    stablecoin: str = "USDT"

    @property
    def source(self) -> str:
        """What every series says of itself."""
        return f"synthetic, seed {self.seed}"


@dataclass(frozen=True, slots=True, eq=False)
class Synthetic:
    """The history, and what was behind it: the regime of each hour by name in `regimes`."""

    history: History
    regime: Codes
    regimes: tuple[str, ...] = field(default=tuple(one.name for one in REGIMES))


def demo_market() -> Synthetic:
    """The market of the demo: BTC and ETH over five years that go up, down and nowhere."""
    return synthetic(DEMO_SEED)


def synthetic(seed: int, hours: int = 43_800, coins: tuple[Coin, ...] = DEFAULT_COINS) -> Synthetic:
    """A market of these coins over so many hours from 2020 on."""
    return make(
        SyntheticSpec(seed, hours, coins=coins, dated=tuple(coin.name for coin in coins[:2]))
    )


def make(world: SyntheticSpec) -> Synthetic:
    """The market of a world; HistoryError when it is too short to hold one funding stamp."""
    if world.hours < 24 or not 0.0 <= world.correlation < 1.0 or not world.coins:
        raise HistoryError("a synthetic market needs 24 hours, a coin, and a correlation in [0, 1)")
    random = np.random.default_rng(world.seed)
    codes = regime_path(random, world.hours)
    betas = np.array([coin.beta for coin in world.coins])
    moved, sigma = log_returns(random, codes, betas, world.correlation)
    first = np.log([[coin.price for coin in world.coins]])
    logs = np.concatenate([first, first + np.cumsum(moved, axis=0)])
    ends = bridge_extremes(random, logs[:-1], logs[1:], sigma)
    premium = _premium(random, moved)
    usd = _stablecoin(random, world.hours)
    carry = _carry(moved)
    series: list[Series] = [_bars(world, (world.stablecoin, "index", "USD"), usd, usd[1:], usd[1:])]
    for column, coin in enumerate(world.coins):
        spot = np.exp(logs[:, column])
        high, low = np.exp(ends[0][:, column]), np.exp(ends[1][:, column])
        series.append(_bars(world, (coin.name, "index", "USD"), spot, high, low))
        series += _perpetuals(random, world, coin.name, (spot, high, low), usd, premium[:, column])
        if coin.name in world.dated:
            series += _dated(world, coin.name, (spot, high, low), carry[:, column])
    return Synthetic(history_of(series, (f"made up: {world.source}",)), codes)


def _stamps(world: SyntheticSpec) -> Stamps:
    """The opens of all hours."""
    return np.arange(world.hours, dtype=np.int64) * HOUR_NS + world.start_ns


def _bars(
    world: SyntheticSpec,
    named: tuple[str, Role, str],
    path: Floats,
    high: Floats,
    low: Floats,
    first: int = 0,
) -> Bars:
    """Hourly bars along a path of prices at the hours; highs and lows reach both ends."""
    symbol, role, quote = named
    opens, closes = path[:-1], path[1:]
    return Bars(
        Label(world.venue, symbol, role, quote, world.source),
        HOUR_NS,
        _stamps(world)[first : first + len(opens)],
        opens,
        np.maximum(high, np.maximum(opens, closes)),
        np.minimum(low, np.minimum(opens, closes)),
        closes,
    )


def _premium(random: np.random.Generator, moved: Floats) -> Floats:
    """Perpetual over index at every hour: momentum of three days, and noise that returns to 0."""
    momentum = smooth(np.concatenate([moved[:1] * 0.0, moved]), 1.0 / 72.0)
    noise = pulled_back(0.00008 * random.standard_normal(momentum.shape), 0.9)
    premium: Floats = np.clip(0.0001 + 0.6 * momentum + noise, -0.02, 0.02)
    return premium


def _carry(moved: Floats) -> Floats:
    """Yearly basis of dated contracts at every hour: 6 %, and momentum of a month."""
    momentum = smooth(np.concatenate([moved[:1] * 0.0, moved]), 1.0 / 720.0)
    carry: Floats = np.clip(0.06 + 0.10 * HOURS_PER_YEAR / 8.0 * momentum, -0.15, 0.45)
    return carry


def _stablecoin(random: np.random.Generator, hours: int) -> Floats:
    """A dollar that wobbles by a few basis points and is now and then shaken for a day."""
    shocks = 0.0001 * random.standard_normal(hours + 1)
    shaken = random.random(hours + 1) < 4.0 / HOURS_PER_YEAR
    shocks -= np.where(shaken, random.uniform(0.003, 0.02, hours + 1), 0.0)
    wobble = pulled_back(shocks, 0.95)
    return np.clip(1.0 + wobble, 0.9, 1.02)


def _perpetuals(
    random: np.random.Generator,
    world: SyntheticSpec,
    coin: str,
    spot: tuple[Floats, Floats, Floats],
    usd: Floats,
    premium: Floats,
) -> Iterator[Series]:
    """Mark, last and funding of the inverse and of the linear perpetual of a coin."""
    stable = world.stablecoin
    contracts = (
        (f"{coin}/USD:{coin}", "USD", np.ones_like(usd)),
        (f"{coin}/{stable}:{stable}", stable, usd),
    )
    for symbol, quote, rate in contracts:
        over = (1.0 + premium) / rate
        widest = np.maximum(over[:-1], over[1:]), np.minimum(over[:-1], over[1:])
        high, low = spot[1] * widest[0], spot[2] * widest[1]
        mark = spot[0] * over
        last = mark * (1.0 + 0.00005 * random.standard_normal(len(mark)))
        yield _bars(world, (symbol, "mark", quote), mark, high, low)
        yield _bars(world, (symbol, "last", quote), last, high, low)
        yield _funding(world, symbol, quote, premium)


def _funding(world: SyntheticSpec, symbol: str, quote: str, premium: Floats) -> FundingRates:
    """Every 8 hours: mean premium P of the 8 hours before + clip(interest - P), capped."""
    hours = world.start_ns // HOUR_NS + np.arange(world.hours + 1)
    rows = np.flatnonzero(hours % 8 == 0)
    rows = rows[rows >= 8]
    sums = np.concatenate([[0.0], np.cumsum(premium)])
    mean = (sums[rows] - sums[rows - 8]) / 8.0
    rate = np.clip(mean + np.clip(INTEREST - mean, -CLIP, CLIP), -CAP, CAP)
    label = Label(world.venue, symbol, "funding", quote, world.source)
    return FundingRates(label, rows * HOUR_NS + world.start_ns, rate, np.full(len(rows), 8.0))


def _dated(
    world: SyntheticSpec, coin: str, spot: tuple[Floats, Floats, Floats], carry: Floats
) -> Iterator[Series]:
    """Inverse quarterly contracts: spot·(1 + carry·years left), so spot itself at expiry."""
    end_ns = world.start_ns + world.hours * HOUR_NS
    day = datetime.fromtimestamp(world.start_ns // 10**9, UTC).date() + timedelta(days=1)
    for expiry_day in days_from("quarter", day):
        expiry = expiry_ns(expiry_day, "08:00", UTC)
        listed = max(world.start_ns, expiry - LISTED_DAYS * DAY_NS)
        if listed >= end_ns:
            return
        first = -((world.start_ns - listed) // HOUR_NS)
        last = (min(expiry, end_ns) - world.start_ns) // HOUR_NS
        times = world.start_ns + np.arange(first, last + 1) * HOUR_NS
        over = 1.0 + carry[first : last + 1] * ((expiry - times) / YEAR_NS)
        path = spot[0][first : last + 1] * over
        high = spot[1][first:last] * np.maximum(over[:-1], over[1:])
        low = spot[2][first:last] * np.minimum(over[:-1], over[1:])
        symbol = f"{coin}/USD:{coin}-{yymmdd(expiry_day)}"
        for role in ("mark", "last"):
            yield _bars(world, (symbol, role, "USD"), path, high, low, first)
