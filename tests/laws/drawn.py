"""Random books by seed, each on the contracts and the rules that venues have.

A book has one or two hedged coins, one to three margin accounts of any mode, old profit and loss,
limits, bands and collateral plans. The same seed gives the same book on every machine.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from volsculpt.book.holdings import Account, Book, Position
from volsculpt.contracts.catalog import load_catalog
from volsculpt.contracts.spec import Contract, Fees, Funding, Margin, Tier
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision, Setup, decide
from volsculpt.hedge.answer import Band
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.spec import Hedge, Proxy
from volsculpt.market.quotes import Quotes

NOW_NS = 1_767_571_200_000_000_000  # 2026-01-05
TYPICAL_USD = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0}
# What every seed means stands on these names and their order; a venue that is added is tried by
# itself (test_every_venue.py).
VENUES = ("binance", "bybit", "okx", "deribit", "kraken", "own")
MODES = ("cross", "cross", "isolated", "isolated", "unified")
BANDS = (
    Band(0.0, 0.0, 0.0, 0.0),
    Band(),
    Band(0.05, 0.02, 0.05, 0.02),
    Band(0.05, 0.02, 0.03, 0.0),
    Band(0.2, 0.1, 0.2, 0.1),
    Band(0.1, 0.1, 0.1, 0.1),
    Band(0.9, 0.0, 0.9, 0.0),
)
LEVERAGE_BANDS = (
    (2.0, 3.0, 3.0, 4.0),
    (2.0, 3.0, 3.0, 4.0),
    (1.0, 1.5, 1.5, 2.0),
    (4.0, 5.0, 6.0, 8.0),
    (2.0, 2.0, 4.0, 4.0),
    (3.0, 3.0, 3.0, 3.0),
)


@dataclass(frozen=True)
class Drawn:
    """A random book with what is decided on it, and what was drawn on purpose."""

    seed: int
    setup: Setup
    quotes: Quotes
    sliced: bool = False  # whether the venues' largest orders hold

    def decided(self, setup: Setup | None = None) -> Decision:
        """The decision on this book, or on another at the same prices."""
        return decide(setup if setup is not None else self.setup, self.quotes, NOW_NS)


# --- contracts -------------------------------------------------------------------------------


@cache
def listed(venue: str, coin: str) -> tuple[Contract, ...]:
    """The contracts of a coin that a venue of the catalog lists with a known margin rule."""
    catalog = load_catalog()
    found = [one for one in catalog.contracts(venue) if one.base == coin]
    for family in catalog.families(venue):
        if family.symbol.startswith(f"{coin}/"):
            found.append(catalog.resolve(venue, f"{family.symbol}@quarter", NOW_NS, 7.0))
    if venue == "okx":
        found = [replace(one, margin=okx_margin(one)) for one in found]
    known = [one for one in found if one.margin is not None and one.fees.taker is not None]
    return tuple(known)


def okx_margin(contract: Contract) -> Margin:
    """Tiers by contracts that set one rate for the whole position, as OKX has them."""
    step = 2_000.0 if contract.payoff == "inverse" else 1_000.0
    rows = ((0.0, 0.004, 100.0), (1.0, 0.005, 75.0), (3.0, 0.01, 50.0), (10.0, 0.03, 16.0))
    tiers = tuple(Tier(floor * step, rate, most) for floor, rate, most in rows)
    return Margin(unit="contracts", tiers=tiers, closing_fee_rate=0.0005)


def own_margin(rng: random.Random) -> Margin:
    """A margin rule that an owner states: any kind, rates rising with size."""
    base = rng.choice(("mark", "mark", "entry"))
    added = rng.choice((0.0, 0.0005))
    if rng.random() < 0.3:
        slope = rng.choice((0.0, 1e-5, 1e-3))
        rate = rng.uniform(0.004, 0.05)
        return Margin(
            "slope",
            base=base,
            rate_base=rate,
            rate_slope=slope,
            initial_rate=2.0 * rate,
            initial_slope=slope,
            closing_fee_rate=added,
        )
    unit = rng.choice(("value", "contracts"))
    floors = [0.0, *sorted(math.exp(rng.uniform(0.0, 14.0)) for _ in range(rng.randrange(4)))]
    rates = sorted(rng.uniform(0.004, 0.2) for _ in floors)
    tiers = tuple(Tier(f, r, 0.5 / r) for f, r in zip(floors, rates, strict=True))
    return Margin("tiers", unit=unit, base=base, tiers=tiers, closing_fee_rate=added)


def own_contract(rng: random.Random, coin: str, payoff: str | None = None) -> Contract:
    """A contract of the owner's own file, of any payoff."""
    payoff = payoff or rng.choice(("inverse", "linear", "quanto"))
    stable = rng.choice(("USDT", "USDC", "USD"))
    settle = {"inverse": coin, "linear": stable}.get(payoff, "BTC" if coin != "BTC" else "ETH")
    quote = stable if payoff == "linear" else "USD"
    multiplier = {"inverse": (1.0, 10.0, 100.0), "linear": (1.0, 0.1, 0.001)}.get(
        payoff, (1e-6, 1e-5)
    )
    lot = rng.choice((1.0, 0.1, 0.001)) if payoff == "linear" else rng.choice((1.0, 1.0, 5.0))
    return Contract(
        venue="own",
        symbol=f"{coin}/{quote}:{settle}",
        base=coin,
        quote=quote,
        settle=settle,
        payoff=payoff,  # type: ignore[arg-type]
        multiplier=rng.choice(multiplier),
        tick=0.1,
        lot=lot,
        minimum=rng.choice((None, lot, 3.0 * lot)),
        fees=Fees(taker=rng.choice((0.0, 0.0005, 0.001))),
        funding=Funding(),
        margin=own_margin(rng),
    )


def contracts_at(rng: random.Random, venue: str, coins: tuple[str, ...]) -> list[Contract]:
    """Contracts of one account: one or two a coin."""
    found: list[Contract] = []
    for coin in coins:
        here = list(listed(venue, coin)) if venue != "own" else []
        if venue == "own" or coin == "SOL":
            continue
        rng.shuffle(here)
        found += here[: rng.choice((1, 1, 2))]
    if venue == "own":
        found += [own_contract(rng, coin) for coin in coins]
        if rng.random() < 0.3:
            found.append(own_contract(rng, coins[0]))
    return list({one.key: one for one in found}.values())


# --- prices ----------------------------------------------------------------------------------


def draw_prices(rng: random.Random, contracts: list[Contract]) -> Quotes:
    """Index prices over a wide range; marks near them, dated ones farther away."""
    index = {coin: usd * math.exp(rng.gauss(0.0, 0.5)) for coin, usd in TYPICAL_USD.items()}
    for stable in ("USDT", "USDC"):
        index[stable] = rng.choice((1.0, 1.0, rng.uniform(0.97, 1.01)))
    marks = {}
    for one in contracts:
        fair = index[one.base] / index.get(one.quote, 1.0)
        if one.expiry_ns is not None:
            marks[one.key] = fair * rng.uniform(0.97, 1.06)
        elif rng.random() < 0.5:
            marks[one.key] = fair * (1.0 + rng.gauss(0.0, 0.001))
    return Quotes(NOW_NS, index, marks)


def mark_of(contract: Contract, quotes: Quotes) -> float:
    """The mark of a contract; without its own price the index."""
    fair = quotes.index[contract.base] / quotes.index.get(contract.quote, 1.0)
    return quotes.contract.get(contract.key, fair)


def usd_each(contract: Contract, quotes: Quotes) -> float:
    """US dollars of one contract."""
    if contract.payoff == "inverse":
        return contract.multiplier
    face = contract.multiplier * mark_of(contract, quotes)
    unit = contract.settle if contract.payoff == "quanto" else contract.quote
    return face * quotes.index.get(unit, 1.0)


# --- accounts --------------------------------------------------------------------------------


def draw_position(
    rng: random.Random, contract: Contract, quotes: Quotes, usd: float, leverage: float | None
) -> Position | None:
    """A position of a part of `usd`, mostly short, opened at the mark or far from it."""
    lots = round(usd * rng.uniform(0.05, 1.3) / usd_each(contract, quotes) / contract.lot)
    if lots == 0:
        return None
    size = lots * contract.lot * (1.0 if rng.random() < 0.1 else -1.0)
    mark = mark_of(contract, quotes)
    entry = mark * rng.choice((1.0, math.exp(rng.gauss(0.0, 0.05)), math.exp(rng.gauss(0.0, 0.35))))
    if leverage is None:
        return Position(contract, size, entry)
    cost = cost_of(contract, size, entry)
    posted = cost / leverage * rng.choice((1.0, 1.0, rng.uniform(0.7, 2.0)))
    posted += max(0.0, -profit_of(contract, size, entry, mark))
    return Position(contract, size, entry, margin=posted, leverage=rng.choice((None, leverage)))


def cost_of(contract: Contract, size: float, price: float) -> float:
    """|value| of a position at a price, in what it settles in."""
    if contract.payoff == "inverse":
        return abs(size) * contract.multiplier / price
    return abs(size) * contract.multiplier * price


def profit_of(contract: Contract, size: float, entry: float, mark: float) -> float:
    """Unrealised profit, in what the contract settles in."""
    moved = cost_of(contract, 1.0, mark) - cost_of(contract, 1.0, entry)
    return -size * moved if contract.payoff == "inverse" else size * moved


def draw_account(
    rng: random.Random, name: str, venue: str, here: list[Contract], quotes: Quotes, usd: float
) -> Account:
    """A margin account with positions and coins, able to carry them more or less."""
    mode = rng.choice(MODES)
    leverage = rng.choice((1.0, 2.0, 3.0, 5.0, 10.0, 20.0)) if mode == "isolated" else None
    positions = []
    for one in here:
        if rng.random() < 0.6:
            held = draw_position(rng, one, quotes, usd / len(here), leverage)
            positions += [held] if held is not None else []
    balances: dict[str, float] = {}
    for one in here:
        price = quotes.index.get(one.settle, 1.0)
        coins = usd / len(here) * math.exp(rng.uniform(-4.0, 1.0)) / price
        balances[one.settle] = balances.get(one.settle, 0.0) + coins * rng.choice((0.0, 1.0, 1.0))
    for line in positions:
        balances[line.contract.settle] += backing(rng, line, quotes, mode)
    weights: dict[str, float] = {}
    if mode == "unified":
        weights = {coin: rng.choice((1.0, 0.95, 0.7, 0.0)) for coin in ("BTC", "ETH", "SOL")}
        weights["USDT"] = rng.choice((1.0, 1.0, 0.95))
        weights["USDC"] = weights["USD"] = 1.0  # stated, as a mandate must
        extra = usd * rng.uniform(-0.05, 0.3) / quotes.index["BTC"]
        balances["BTC"] = balances.get("BTC", 0.0) + rng.choice((0.0, extra))
    return Account(
        name,
        "margin",
        venue,
        mode,  # type: ignore[arg-type]
        balances,
        tuple(positions),
        collateral_weights=weights,
        leverage=leverage,
    )


def backing(rng: random.Random, line: Position, quotes: Quotes, mode: str) -> float:
    """Coins for a position: what an isolated one posts, else some margin and its old loss."""
    if mode == "isolated":
        return line.margin or 0.0
    mark = mark_of(line.contract, quotes)
    loss = max(0.0, -profit_of(line.contract, line.contracts, line.entry, mark))
    value = cost_of(line.contract, line.contracts, mark)
    return loss + value / rng.choice((0.8, 1.5, 3.0, 5.0, 8.0, 15.0))


# --- rules -----------------------------------------------------------------------------------


def draw_limits(rng: random.Random, usd: float, is_short: bool) -> Limits:
    """Limits, each there about half of the time."""
    distance = rng.choice((0.05, 0.1, 0.25, 0.25, 0.5, 0.5, 0.9, 0.95, 0.99, 1.0))
    return Limits(
        min_ratio=-1.5 if is_short else 0.0,
        max_ratio=rng.choice((1.0, 1.0, 1.0, rng.uniform(0.3, 1.0))),
        max_leverage=rng.choice((None, rng.choice((1.0, 2.0, 3.0, 4.0, 5.0, 10.0)))),
        min_liquidation_distance=rng.choice((None, distance)),
        max_order_usd=rng.choice((None, None, usd * rng.uniform(0.15, 1.0))),
        min_base_usd=rng.choice((0.0, 0.0, 0.0, 100.0)),
    )


def draw_plans(
    rng: random.Random, accounts: list[Account], quotes: Quotes
) -> tuple[CollateralPlan, ...]:
    """No plan, one for every account, or one each, at a cost a transfer or none."""
    kind = rng.choice(("none", "all", "each"))
    if kind == "none":
        return ()
    hours = rng.choice((0.0, 1.0, 24.0))
    if kind == "all":
        cost = rng.choice((0.0, 0.0002))
        return (CollateralPlan(("vault",), rng.choice(LEVERAGE_BANDS), None, None, hours, cost),)
    plans = []
    for one in accounts:
        for currency in dict.fromkeys(
            [p.contract.settle for p in one.positions] + list(one.balances)
        ):
            cost = rng.choice((0.0, 10.0)) / quotes.index.get(currency, 1.0)
            band = rng.choice(LEVERAGE_BANDS)
            plans.append(CollateralPlan(("vault",), band, one.name, currency, hours, cost))
    return tuple(plans)


def draw_hedges(
    rng: random.Random,
    coins: tuple[str, ...],
    pairs: list[tuple[str, Contract]],
    owned: dict[str, float],
    quotes: Quotes,
    is_short: bool,
) -> tuple[tuple[Hedge, ...], tuple[tuple[tuple[str, Contract, bool], ...], ...]]:
    """A hedge a coin with one to three legs; a coin without a contract goes by proxy."""
    hedges: list[Hedge] = []
    legs: list[tuple[tuple[str, Contract, bool], ...]] = []
    for coin in coins:
        mine = [pair for pair in pairs if pair[1].base == coin]
        rng.shuffle(mine)
        base = rng.choice(("equity", "equity", "coins", "wealth"))
        ratio = rng.choice((0.0, 0.25, 0.5, 1.0, 1.0, rng.random()))
        if is_short:
            ratio = -rng.random()
        declared = owned[coin] / quotes.index[coin] * rng.uniform(0.5, 1.2)
        band, coins_of = rng.choice(BANDS), declared if base == "coins" else None
        policy = FixedPolicy(ratio)
        if mine and not (hedges and rng.random() < 0.2):
            count = rng.choice((1, 1, 2, 2, 3))
            used = tuple((a, c, rng.random() < 0.03) for a, c in mine[:count])
            hedges.append(Hedge(coin, policy, base, coins_of, band=band))  # type: ignore[arg-type]
            legs.append(used)
        elif hedges:
            by = (Proxy(hedges[0].carriers[0].coin, rng.uniform(0.5, 1.5)),)
            hedges.append(Hedge(coin, policy, base, coins_of, by, band))  # type: ignore[arg-type]
            legs.append(legs[0])
    return tuple(hedges), tuple(legs)


# --- the book --------------------------------------------------------------------------------


def draw(seed: int, venues: Sequence[str] = VENUES) -> Drawn:
    """The random book of a seed, at some venues; one at least has contracts of BTC or ETH."""
    rng = random.Random(seed)
    while True:
        found = attempt(rng, seed, venues)
        if found is not None:
            return found


def attempt(rng: random.Random, seed: int, venues: Sequence[str]) -> Drawn | None:
    """One book, or None when no hedge has a contract."""
    coins = rng.choice((("BTC",), ("BTC",), ("ETH",), ("BTC", "ETH"), ("BTC", "SOL")))
    names = ("one", "two", "three")[: rng.choice((1, 1, 2, 2, 3))]
    places = {name: rng.choice(venues) for name in names}
    lists = {name: contracts_at(rng, places[name], coins) for name in names}
    sliced = rng.random() < 0.1
    lists = one_spec_a_key(lists, sliced)
    pairs = [(name, one) for name in names for one in lists[name]]
    if not any(one.base == coins[0] for _, one in pairs):
        return None
    quotes = draw_prices(rng, [one for _, one in pairs])
    usd = math.exp(rng.uniform(math.log(2e3), math.log(2e7))) * rng.choice((1.0, 1.0, 30.0))
    owned = {coin: usd * rng.uniform(0.2, 1.0) for coin in coins}
    accounts = [
        draw_account(rng, name, places[name], lists[name], quotes, usd * rng.uniform(0.1, 1.0))
        for name in names
        if lists[name]
    ]
    cold = {coin: owned[coin] / quotes.index[coin] for coin in coins}
    cold |= {name: usd * rng.choice((0.0, 0.1, 1.0)) for name in ("USDT", "USDC", "USD")}
    if rng.random() < 0.05:
        cold["USD"] = -0.2 * usd
    is_short = rng.random() < 0.04
    hedges, legs = draw_hedges(rng, coins, pairs, owned, quotes, is_short)
    book = Book((Account("vault", "cold", balances=cold), *accounts))
    setup = Setup(
        book,
        hedges,
        legs,
        limits=draw_limits(rng, usd, is_short),
        collateral=draw_plans(rng, accounts, quotes) if rng.random() < 0.7 else (),
        currencies=("BTC", "ETH", "SOL", "USDT", "USDC", "USD"),
    )
    return Drawn(seed, setup, quotes, sliced)


def one_spec_a_key(lists: dict[str, list[Contract]], sliced: bool) -> dict[str, list[Contract]]:
    """Two accounts at one venue see the same contract; most books know no largest order."""
    first: dict[str, Contract] = {}
    for name, here in lists.items():
        lists[name] = [first.setdefault(one.key, one if sliced else in_one(one)) for one in here]
    return lists


def in_one(contract: Contract) -> Contract:
    """A contract without a largest order, whose slices take many rounds."""
    orders = replace(contract.orders, market_most=None, limit_most=None)
    return replace(contract, orders=orders)
