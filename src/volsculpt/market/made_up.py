"""The made-up market of any coins and contracts, by the table of coins and one path of the market.

    history = made_up(MadeUpWorld(market_path("mixed"), seed=4), contracts, ("BTC", "EUR"))

A coin moves by its beta times the market, and by moves of its own, of a size that gives its
correlation with BTC; its own moves fade, so that it neither vanishes nor runs away. What is drawn
for a coin depends on the seed and its name alone: another coin beside it changes no price. Hourly
bars without gaps; the source of every series is "synthetic, seed N, PATH".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from volsculpt.contracts.currencies import Pegs, is_fiat, peg_of
from volsculpt.contracts.payoff import fair_price
from volsculpt.contracts.spec import Contract, Funding
from volsculpt.errors import HistoryError
from volsculpt.market.coin_table import fiat_price, made_up_coin
from volsculpt.market.gate import MAX_RATE, Floats
from volsculpt.market.history import History, history_of
from volsculpt.market.market_paths import MarketMoves, MarketPath, market_moves
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
from volsculpt.market.paths import bridge_extremes, pulled_back
from volsculpt.market.series import FundingRates, Label, Role, Series
from volsculpt.market.synthetic import DEMO_SEED, START_NS
from volsculpt.units import HOUR_NS, HOURS_PER_YEAR, YEAR_NS

FIVE_YEARS = 5 * YEAR_NS // HOUR_NS  # hours
VENUE = "made-up"  # of indexes, which no venue lists
UNKNOWN_PRICE = 1.0  # of a coin of which nothing tells how much it costs
OWN_KEPT = 0.5 ** (1.0 / (180 * 24))  # of a coin's own moves after an hour: half after 180 days
FIAT_VOLATILITY = 0.08  # a year, of government money in US dollars
FIAT_KEPT = 0.5 ** (1.0 / HOURS_PER_YEAR)
NOISE_OF_LAST = 0.00005  # of the last price around the mark
LEAST_BASIS, MOST_BASIS = -0.5, 1.0  # of dated contracts, however far their day is


@dataclass(frozen=True, slots=True)
class MadeUpWorld:
    """What to make up.

    prices: US dollars for one unit at `priced_ns`, where the owner said it. usual: at the
    beginning, for coins that the table does not know. pegs: what the owner tells of stablecoins.
    """

    path: MarketPath
    seed: int = DEMO_SEED
    start_ns: int = START_NS
    hours: int = FIVE_YEARS
    prices: Mapping[str, float] = field(default_factory=dict)
    priced_ns: int = START_NS
    usual: Mapping[str, float] = field(default_factory=dict)
    pegs: Pegs = field(default_factory=dict)

    @property
    def source(self) -> str:
        """What every series says of itself."""
        return f"synthetic, seed {self.seed}, {self.path.name}"

    def random(self, *words: str) -> np.random.Generator:
        """Chance for one thing alone, by its name."""
        return np.random.default_rng([self.seed, *" ".join(words).encode()])

    def row(self, time_ns: int) -> int:
        """The hour that a time is in, or the nearest there is."""
        return min(max((time_ns - self.start_ns) // HOUR_NS, 0), self.hours)


class PricedContract(NamedTuple):
    """A contract to be priced, and from when on (ns UTC)."""

    contract: Contract
    from_ns: int


def made_up(
    world: MadeUpWorld, contracts: Iterable[PricedContract], currencies: Iterable[str]
) -> History:
    """The history of a world, with prices of these contracts and of all that they name.

    Raises HistoryError for what no price can be made up of.
    """
    if world.hours < 24:
        raise HistoryError(f"a made-up market lasts 24 hours or more, not {world.hours}")
    wanted = list(contracts)
    named = {name for one in wanted for name in (one.contract.base, one.contract.quote)}
    named |= {one.contract.settle for one in wanted} | set(currencies)
    prices = _Prices(world)
    series = [prices.index(name) for name in sorted(named - {"USD"})]
    for one in wanted:
        series += prices.contract(one)
    warning = f"made up: {world.source}: the market {world.path.words}"
    return history_of(series, (warning, *prices.begins(sorted(named))))


class _Prices:
    """The paths of a world, each made once."""

    def __init__(self, world: MadeUpWorld) -> None:
        self.world = world
        self._paths: dict[str, PricePath] = {
            "USD": PricePath(*(np.ones(world.hours + n) for n in (1, 0, 0)))
        }
        self._premiums: dict[str, Floats] = {}

    @cached_property
    def _market(self) -> MarketMoves:
        return market_moves(self.world.path, self.world.seed, self.world.hours)

    def usd(self, name: str) -> PricePath:
        """US dollars for one unit of a currency at each hour."""
        if name not in self._paths:
            peg = peg_of(name, self.world.pegs)
            made = self._stable(name, peg) if peg else self._fiat(name) if is_fiat(name) else None
            self._paths[name] = self._at_price(name, made or self._coin(name))
        return self._paths[name]

    def index(self, name: str) -> Series:
        """The index of a currency."""
        return self._bars(VENUE, (name, "index", "USD"), self.usd(name))

    def contract(self, priced: PricedContract) -> Iterator[Series]:
        """Mark, last, and the funding of a perpetual."""
        one, world = priced.contract, self.world
        first, last = world.row(priced.from_ns), world.hours
        if one.expiry_ns is not None:
            last = world.row(one.expiry_ns)
        if first >= last:
            return  # it has ended before: what needs it says so
        over = one.base_count / self.usd(one.quote).path
        over = over * (1.0 + (self.premium(one) if one.expiry_ns is None else self._basis(one)))
        mark = self.usd(one.base).times(over).between(first, last)
        noise = world.random("last", one.key).standard_normal(world.hours + 1)[first : last + 1]
        traded = mark._replace(path=mark.path * (1.0 + NOISE_OF_LAST * noise))
        yield self._bars(one.venue, (one.symbol, "mark", one.quote), mark, first)
        yield self._bars(one.venue, (one.symbol, "last", one.quote), traded, first)
        if one.expiry_ns is None:
            yield self._funding(one)

    def premium(self, one: Contract) -> Floats:
        """What perpetuals on a coin cost over its index: 0 on average, and alike everywhere."""
        if one.base not in self._premiums:
            moved = np.diff(np.log(self.usd(one.base).path))
            found = premium_after(self.world.random("premium", one.base), moved, 0.0)
            self._premiums[one.base] = found - found.mean()
        return self._premiums[one.base]

    def begins(self, names: Iterable[str]) -> Iterator[str]:
        """What each coin is and begins at, for the notes of a report."""
        row = self.world.row(self.world.priced_ns)
        for name in names:
            if is_fiat(name) or peg_of(name, self.world.pegs):
                continue
            coin = made_up_coin(name)
            yield (
                f"{name} is made up: {coin.what}, {self.usd(name).path[row]:,.6g} USD at the "
                f"beginning, beta {coin.beta:g} and correlation {coin.correlation:g} with BTC"
            )

    def _coin(self, name: str) -> PricePath:
        """A coin that moves with the market and by itself, beginning at 1."""
        coin, market, world = made_up_coin(name), self._market, self.world
        own = coin.beta * np.sqrt(1.0 / coin.correlation**2 - 1.0) * market.spread
        normals = world.random("coin", coin.moves_as).standard_normal(world.hours)
        itself = pulled_back(own * market.wild * normals, OWN_KEPT)
        logs = np.concatenate([[0.0], coin.beta * np.cumsum(market.moved) + itself])
        sigma = np.hypot(coin.beta * market.sigma, own)
        ends = bridge_extremes(world.random("bridge", coin.moves_as), logs[:-1], logs[1:], sigma)
        return PricePath(np.exp(logs), *(np.exp(one) for one in ends))

    def _fiat(self, name: str) -> PricePath:
        """Government money in US dollars, which returns to its price; beginning at 1."""
        size = FIAT_VOLATILITY / np.sqrt(HOURS_PER_YEAR)
        normals = self.world.random("fiat", name).standard_normal(self.world.hours)
        path = np.exp(np.concatenate([[0.0], pulled_back(size * normals, FIAT_KEPT)]))
        return PricePath(path, path[1:], path[1:])

    def _stable(self, name: str, peg: str) -> PricePath:
        """A coin that wobbles around the money that it is meant to be worth one of."""
        wobble = wobbling_dollar(self.world.random("stable", name), self.world.hours)
        return self.usd(peg).times(wobble)

    def _at_price(self, name: str, made: PricePath) -> PricePath:
        """The same at the price that was said, else at the one it begins at by the table."""
        stated = self.world.prices.get(name)
        if stated is not None:
            return made.times(np.full(len(made.path), stated / made.path[self._priced_row]))
        if peg_of(name, self.world.pegs) is not None:
            return made
        typical = fiat_price(name) if is_fiat(name) else made_up_coin(name).price
        if typical is None:
            typical = self.world.usual.get(name, UNKNOWN_PRICE)
        return made.times(np.full(len(made.path), typical))

    @property
    def _priced_row(self) -> int:
        return self.world.row(self.world.priced_ns)

    def _basis(self, one: Contract) -> Floats:
        """What a dated contract costs over its index: carry of 0 on average, nothing at its end."""
        moved = np.diff(np.log(self.usd(one.base).path))
        carry = carry_after(moved, 0.0)
        assert one.expiry_ns is not None
        left_ns = one.expiry_ns - self.world.start_ns - np.arange(len(carry)) * HOUR_NS
        left = np.maximum(left_ns, 0) / YEAR_NS
        basis: Floats = np.clip((carry - carry.mean()) * left, LEAST_BASIS, MOST_BASIS)
        return basis

    def _funding(self, one: Contract) -> FundingRates:
        """Rates at the venue's hours: the premium before, with the mean that the path states."""
        terms, world = one.funding or Funding(), self.world
        every = 1 if terms.kind == "continuous" else max(1, round(terms.interval_hours))
        rows, stamps = paid_hours(world.start_ns, world.hours, every)
        premium = self.premium(one)
        rate = np.clip(mean_before(premium, rows, every), -FUNDING_CAP, FUNDING_CAP) * every / 8.0
        rate += world.path.funding * every / HOURS_PER_YEAR - rate.mean()
        if terms.rate_unit == "absolute":
            base, quote = self.usd(one.base).path[rows], self.usd(one.quote).path[rows]
            rate = rate * fair_price(base, quote, one.base_count) * (1.0 + premium[rows])
            _check_absolute(one, rate)
        label = Label(one.venue, one.symbol, "funding", one.quote, world.source)
        return FundingRates(label, stamps, rate, np.full(len(rows), float(every)))

    def _bars(
        self, venue: str, named: tuple[str, Role, str], made: PricePath, first: int = 0
    ) -> Series:
        """Hourly bars along a path of prices at the hours."""
        symbol, role, quote = named
        rows = np.arange(first, first + len(made.high), dtype=np.int64)
        label = Label(venue, symbol, role, quote, self.world.source)
        return bars_along(label, rows * HOUR_NS + self.world.start_ns, made)


def _check_absolute(contract: Contract, rate: Floats) -> None:
    """Refuse absolute rates that no history holds: its gate takes rates for fractions."""
    most = float(np.abs(rate).max())
    if most > MAX_RATE:
        raise HistoryError(
            f"{contract.key}: absolute funding rates are made up to {MAX_RATE:g} a stamp, and at "
            f'its price they reach {most:.3g}; write rate_unit = "fraction" for it in your '
            f"contracts file to try it"
        )
