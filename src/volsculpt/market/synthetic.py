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
from volsculpt.market.gate import Floats
from volsculpt.market.history import History, history_of
from volsculpt.market.path_series import (
    FUNDING_CAP,
    PricePath,
    bars_along,
    carry_after,
    mean_before,
    paid_hours,
    premium_after,
    wobbling_dollar,
)
from volsculpt.market.paths import REGIMES, Codes, bridge_extremes, log_returns, regime_path
from volsculpt.market.series import Bars, FundingRates, Label, Role, Series
from volsculpt.units import DAY_NS, HOUR_NS, YEAR_NS

DEMO_SEED = 4  # BTC rises more than threefold, falls back, and ends where it began
START_NS = 1_577_836_800 * 10**9  # 2020-01-01
VENUE = "bybit"  # its contracts are in the catalog
CLIP = 0.0005  # of the funding formula
INTEREST = 0.0001
MEAN_PREMIUM = 0.0001  # of perpetuals over their index
MEAN_CARRY = 0.06  # yearly basis of dated contracts
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
    premium = premium_after(random, moved, MEAN_PREMIUM)
    usd = wobbling_dollar(random, world.hours)
    carry = carry_after(moved, MEAN_CARRY)
    dollar = PricePath(usd, usd[1:], usd[1:])
    series: list[Series] = [_bars(world, (world.stablecoin, "index", "USD"), dollar)]
    for column, coin in enumerate(world.coins):
        spot = PricePath(*(np.exp(one[:, column]) for one in (logs, *ends)))
        series.append(_bars(world, (coin.name, "index", "USD"), spot))
        series += _perpetuals(random, world, coin.name, spot, usd, premium[:, column])
        if coin.name in world.dated:
            series += _dated(world, coin.name, spot, carry[:, column])
    return Synthetic(history_of(series, (f"made up: {world.source}",)), codes)


def _bars(
    world: SyntheticSpec, named: tuple[str, Role, str], prices: PricePath, first: int = 0
) -> Bars:
    """Hourly bars along a path of prices at the hours."""
    symbol, role, quote = named
    rows = np.arange(first, first + len(prices.high), dtype=np.int64)
    label = Label(world.venue, symbol, role, quote, world.source)
    return bars_along(label, rows * HOUR_NS + world.start_ns, prices)


def _perpetuals(
    random: np.random.Generator,
    world: SyntheticSpec,
    coin: str,
    spot: PricePath,
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
        mark = spot.times((1.0 + premium) / rate)
        last = mark.path * (1.0 + 0.00005 * random.standard_normal(len(mark.path)))
        yield _bars(world, (symbol, "mark", quote), mark)
        yield _bars(world, (symbol, "last", quote), mark._replace(path=last))
        yield _funding(world, symbol, quote, premium)


def _funding(world: SyntheticSpec, symbol: str, quote: str, premium: Floats) -> FundingRates:
    """Every 8 hours: mean premium P of the 8 hours before + clip(interest - P), capped."""
    rows, stamps = paid_hours(world.start_ns, world.hours, 8)
    mean = mean_before(premium, rows, 8)
    rate = np.clip(mean + np.clip(INTEREST - mean, -CLIP, CLIP), -FUNDING_CAP, FUNDING_CAP)
    label = Label(world.venue, symbol, "funding", quote, world.source)
    return FundingRates(label, stamps, rate, np.full(len(rows), 8.0))


def _dated(world: SyntheticSpec, coin: str, spot: PricePath, carry: Floats) -> Iterator[Series]:
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
        symbol = f"{coin}/USD:{coin}-{yymmdd(expiry_day)}"
        for role in ("mark", "last"):
            yield _bars(world, (symbol, role, "USD"), spot.between(first, last).times(over), first)
