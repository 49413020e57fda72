"""Random books, markets and mandates for the laws: odd, tiny, huge, but never impossible."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from volsculpt.book.holdings import (
    Account,
    Book,
    OwnFees,
    Position,
    Transfer,
    WorkingOrder,
    Wrapped,
)
from volsculpt.contracts.spec import Contract, Fees, Margin, Tier
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision, Setup, decide
from volsculpt.hedge.answer import Band
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.spec import Hedge, Proxy
from volsculpt.market.quotes import Quotes

COINS = ("BTC", "ETH", "SOL")
TYPICAL_USD = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0, "USDT": 1.0, "USDC": 1.0, "USD": 1.0}
VENUES = ("alpha", "beta")
ORDER_STATES = ("intended", "sent", "acked", "partial", "unknown", "cancelling")

Draw = Callable[[st.SearchStrategy[Any]], Any]


def logarithmic(lowest: float, highest: float) -> st.SearchStrategy[float]:
    """Positive numbers over many orders of magnitude, each order as likely."""
    return st.floats(math.log(lowest), math.log(highest)).map(math.exp)


ratios = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0.0, 1.0))
sign = st.sampled_from([-1.0, -1.0, -1.0, 1.0])


@st.composite
def margins(draw: Draw, initial: bool = False) -> Margin:
    """A margin rule of any kind; rates rise with size and stay below one.

    initial: it also has an initial margin, of twice the maintenance at most sizes.
    """
    base = draw(st.sampled_from(["mark", "mark", "entry"]))
    added = draw(st.sampled_from([0.0, 0.0006]))
    if draw(st.integers(0, 3)) == 0:
        rate = draw(st.floats(0.001, 0.1))
        slope = draw(st.one_of(st.just(0.0), logarithmic(1e-6, 1e-2)))
        more = {"initial_rate": 2.0 * rate, "initial_slope": slope} if initial else {}
        return Margin(
            "slope", base=base, rate_base=rate, rate_slope=slope, closing_fee_rate=added, **more
        )
    unit = draw(st.sampled_from(["value", "value", "contracts"]))
    steps = draw(st.lists(logarithmic(1e-2, 1e6), min_size=0, max_size=4, unique=True))
    rates = sorted(
        draw(
            st.lists(
                st.floats(0.001, 0.5), min_size=len(steps) + 1, max_size=len(steps) + 1, unique=True
            )
        )
    )
    tiers = tuple(map(Tier, [0.0, *sorted(steps)], rates))
    if initial:
        tiers = tuple(replace(tier, max_leverage=0.5 / tier.maintenance_rate) for tier in tiers)
    return Margin("tiers", unit=unit, base=base, tiers=tiers, closing_fee_rate=added)


def currencies_of(payoff: str, base: str, stable: str) -> tuple[str, str]:
    """(quote, settle) that a payoff on a coin has."""
    if payoff == "inverse":
        return "USD", base
    if payoff == "linear":
        return stable, stable
    return "USD", "BTC" if base != "BTC" else "ETH"


@st.composite
def contracts(draw: Draw, payoffs: tuple[str, ...] = ("inverse", "linear", "quanto")) -> Contract:
    """One contract on one of the coins: perpetual or dated, of any payoff."""
    payoff = draw(st.sampled_from(payoffs))
    base = draw(st.sampled_from(COINS))
    quote, settle = currencies_of(payoff, base, draw(st.sampled_from(["USDT", "USDC", "USD"])))
    dated = draw(st.booleans())
    multiplier = {
        "inverse": st.sampled_from([1.0, 10.0, 100.0]),
        "linear": st.sampled_from([1.0, 0.1, 0.001]),
        "quanto": st.sampled_from([1e-6, 1e-4]),
    }[payoff]
    lot = draw(st.sampled_from([1.0, 1.0, 0.001, 0.1, 5.0]))
    return Contract(
        venue=draw(st.sampled_from(VENUES)),
        symbol=f"{base}/{quote}:{settle}" + ("-301227" if dated else ""),
        base=base,
        quote=quote,
        settle=settle,
        payoff=payoff,
        multiplier=draw(multiplier),
        tick=0.1,
        lot=lot,
        minimum=draw(st.sampled_from([None, lot, lot * 3])),
        expiry_ns=10**18 if dated else None,
        fees=Fees(taker=0.0005),
        margin=draw(margins()),
    )


@st.composite
def universes(draw: Draw, payoffs: tuple[str, ...]) -> list[Contract]:
    """A handful of contracts, no key twice."""
    found = draw(st.lists(contracts(payoffs), min_size=1, max_size=5))
    return list({contract.key: contract for contract in found}.values())


@st.composite
def markets(draw: Draw, universe: list[Contract], fair: bool) -> Quotes:
    """Index prices of every currency, and marks; fair = each mark is its index."""
    index = {coin: TYPICAL_USD[coin] * draw(logarithmic(0.05, 20.0)) for coin in COINS}
    for stable in ("USDT", "USDC"):
        if draw(st.booleans()):
            index[stable] = draw(st.floats(0.8, 1.1))
    marks = {}
    for contract in universe:
        level = index[contract.base] / index.get(contract.quote, 1.0)
        if not fair and draw(st.booleans()):
            marks[contract.key] = level * draw(st.floats(0.9, 1.1))
    return Quotes(0, index, marks)


def typical_face(contract: Contract) -> float:
    """US dollars of one contract at everyday prices."""
    price = TYPICAL_USD[contract.base]
    if contract.payoff == "inverse":
        return contract.multiplier
    if contract.payoff == "linear":
        return contract.multiplier * price
    return contract.multiplier * price * TYPICAL_USD[contract.settle]


@st.composite
def sizes(draw: Draw, contract: Contract) -> float:
    """Signed contracts in whole lots, worth from a few dollars to a hundred million."""
    usd = draw(logarithmic(10.0, 1e8))
    lots = max(1, round(usd / typical_face(contract) / contract.lot))
    return draw(sign) * lots * contract.lot


def typical_value(contract: Contract, size: float) -> float:
    """|value| of a position at everyday prices, in its settle currency."""
    return abs(size) * typical_face(contract) / TYPICAL_USD[contract.settle]


@st.composite
def positions(draw: Draw, contract: Contract, quotes: Quotes, isolated: bool) -> Position:
    """A position, opened at a price up to threefold away."""
    level = quotes.index[contract.base] / quotes.index.get(contract.quote, 1.0)
    size = draw(sizes(contract))
    entry = level * draw(st.one_of(st.just(1.0), logarithmic(0.33, 3.0)))
    if not isolated:
        return Position(contract, size, entry)
    leverage = draw(st.floats(1.0, 10.0))
    if contract.payoff == "inverse":
        cost = abs(size) * contract.multiplier / entry
    else:
        cost = abs(size) * contract.multiplier * entry
    return Position(contract, size, entry, margin=cost / leverage, leverage=leverage)


@st.composite
def orders(draw: Draw, contract: Contract) -> tuple[WorkingOrder, ...]:
    """Mostly none, else one order in any state."""
    if draw(st.integers(0, 3)) > 0:
        return ()
    return (
        WorkingOrder("a1", contract, draw(sizes(contract)), draw(st.sampled_from(ORDER_STATES))),
    )


@st.composite
def margin_accounts(
    draw: Draw, name: str, universe: list[Contract], quotes: Quotes, working: bool
) -> Account:
    """A margin account of any mode, holding some of its venue's contracts."""
    mode = draw(st.sampled_from(["cross", "cross", "unified", "isolated"]))
    venue = draw(st.sampled_from(sorted({contract.venue for contract in universe})))
    here = [contract for contract in universe if contract.venue == venue]
    held = [contract for contract in here if draw(st.booleans())]
    lines = tuple(draw(positions(contract, quotes, mode == "isolated")) for contract in held)
    balances: dict[str, float] = {}
    for contract in here:
        coins = draw(logarithmic(1.0, 1e6)) / TYPICAL_USD[contract.settle]
        balances[contract.settle] = balances.get(contract.settle, 0.0) + coins
    for line in lines:
        coins = line.margin
        if coins is None:
            coins = typical_value(line.contract, line.contracts) / draw(logarithmic(0.3, 30.0))
        balances[line.contract.settle] += coins
    weights = {}
    if mode == "unified":
        weights = {coin: draw(st.sampled_from([1.0, 0.95, 0.7])) for coin in ("BTC", "ETH", "USDT")}
        balances["BTC"] = balances.get("BTC", 0.0) + draw(st.sampled_from([0.0, 0.3, -0.05]))
    working_orders = draw(orders(here[0])) if working else ()
    return Account(
        name,
        "margin",
        venue,
        mode,
        balances,
        lines,
        working_orders,
        weights,
        leverage=2.0 if mode == "isolated" else None,
    )


@st.composite
def coin_accounts(draw: Draw) -> tuple[Account, ...]:
    """A vault, and perhaps a spot account with a loan and coins lent out for a time."""
    held = {
        coin: draw(logarithmic(1e-3, 1e7)) / TYPICAL_USD[coin]
        for coin in COINS
        if coin == "BTC" or draw(st.booleans())
    }
    held["USDT"] = draw(st.sampled_from([0.0, 1e3, 1e6]))
    found = [Account("vault", "cold", balances=held)]
    if draw(st.booleans()):
        loan = {"USDT": -draw(logarithmic(1.0, 1e5)), "stETH": draw(st.floats(0.0, 50.0))}
        found.append(Account("spot", "spot", balances=loan))
    if draw(st.booleans()):
        locked = draw(st.sampled_from([None, 10]))
        found.append(Account("earn", "earn", balances={"ETH": 3.0}, locked_until_ns=locked))
    return tuple(found)


@st.composite
def books(draw: Draw, universe: list[Contract], quotes: Quotes, working: bool) -> Book:
    """A whole book: coins here and there, one to three margin accounts, coins on their way."""
    names = draw(st.sampled_from([("one",), ("one", "two"), ("one", "two", "three")]))
    margin = tuple(draw(margin_accounts(name, universe, quotes, working)) for name in names)
    moving: tuple[Transfer, ...] = ()
    if working and draw(st.integers(0, 3)) == 0:
        moving = (Transfer("BTC", draw(st.floats(0.01, 2.0)), "one", "vault"),)
    accounts = (*draw(coin_accounts()), *margin)
    return Book(accounts, wrapped={"stETH": Wrapped("ETH", 1.1)}, transfers=moving)


@st.composite
def bands(draw: Draw) -> Band:
    """A no-trade band, each side's return no farther than its trigger."""
    under, over = draw(st.sampled_from([0.0, 0.02, 0.1])), draw(st.sampled_from([0.0, 0.02, 0.1]))
    return Band(under, under * draw(ratios), over, over * draw(ratios))


@st.composite
def limits(draw: Draw) -> Limits:
    """Limits, each absent half of the time."""

    def maybe(some: st.SearchStrategy[float]) -> float | None:
        return draw(st.one_of(st.none(), some))

    return Limits(
        max_leverage=maybe(st.floats(0.5, 10.0)),
        min_liquidation_distance=maybe(st.one_of(st.floats(0.05, 0.9), st.just(1.5))),
        max_order_usd=maybe(logarithmic(100.0, 1e7)),
        min_base_usd=draw(st.sampled_from([0.0, 0.0, 5_000.0])),
    )


@st.composite
def collateral(draw: Draw, book: Book) -> tuple[CollateralPlan, ...]:
    """Perhaps a plan for every margin account, from the vault and others."""
    if draw(st.booleans()):
        return ()
    free = [account.name for account in book.accounts if account.kind != "margin"]
    edges = sorted(draw(st.lists(st.floats(0.5, 8.0), min_size=4, max_size=4)))
    cost = draw(st.sampled_from([0.0, 0.0002]))
    return (CollateralPlan(tuple(free), tuple(edges), cost=cost),)


@st.composite
def hedges(
    draw: Draw, book: Book, universe: list[Contract], bases: tuple[str, ...]
) -> tuple[tuple[Hedge, ...], tuple[tuple[tuple[str, Contract, bool], ...], ...]]:
    """Hedges of the coins that have contracts, and of others by proxy, with their legs."""
    found: list[Hedge] = []
    legs: list[tuple[tuple[str, Contract, bool], ...]] = []
    for coin in COINS:
        pairs = [
            (account.name, contract)
            for account in book.accounts
            for contract in universe
            if contract.base == coin and contract.venue == account.venue
        ]
        base = draw(st.sampled_from(bases))
        coins = draw(st.floats(0.1, 50.0)) if base == "coins" else None
        slices = st.sampled_from([0.1, 0.4, 1.0])
        common = {"base": base, "coins": coins, "band": draw(bands()), "roll_slice": draw(slices)}
        policy = FixedPolicy(draw(ratios))
        if pairs:
            chosen = draw(
                st.lists(
                    st.sampled_from(pairs),
                    min_size=1,
                    max_size=3,
                    unique_by=lambda pair: (pair[0], pair[1].key),
                )
            )
            legs.append(tuple((a, c, draw(st.integers(0, 9)) == 9) for a, c in chosen))
            found.append(Hedge(coin, policy, **common))
        elif found and draw(st.booleans()):
            first = found[0].carriers[0].coin
            legs.append(legs[0])
            by = (Proxy(first, draw(st.floats(0.2, 2.0))),)
            found.append(Hedge(coin, policy, proxies=by, **common))
    return tuple(found), tuple(legs)


class Case:
    """What one decision is made of."""

    def __init__(self, setup: Setup, quotes: Quotes) -> None:
        self.setup = setup
        self.quotes = quotes

    def decide(self) -> Decision:
        """The decision at time zero."""
        return decide(self.setup, self.quotes, 0)

    def without_fees(self) -> "Case":
        """The same in accounts that pay none: none is put aside before a trade, none is left."""
        free = OwnFees(maker=0.0, taker=0.0)
        accounts = tuple(replace(one, fees=free) for one in self.setup.book.accounts)
        book = replace(self.setup.book, accounts=accounts)
        return Case(replace(self.setup, book=book), self.quotes)

    def __repr__(self) -> str:
        """The case in a screenful: what a failing law prints."""
        lines = [f"prices {self.quotes.index} {self.quotes.contract}"]
        for held in self.setup.book.accounts:
            lines.append(f"{held.name} {held.margin_mode or held.kind} {held.balances}")
            lines += [f"  {x.contract.key} {x.contracts} @ {x.entry}" for x in held.positions]
            lines += [f"  working {x.contract.key} {x.remaining} {x.state}" for x in held.orders]
        lines += [f"in transit {x.amount} {x.currency}" for x in self.setup.book.transfers]
        for hedge, legs in zip(self.setup.hedges, self.setup.legs, strict=True):
            lines.append(
                f"{hedge.underlying} {hedge.policy} {hedge.base} {hedge.coins} {hedge.band}"
            )
            lines.append(f"  by {hedge.carriers}" if hedge.proxies else "  own")
            lines += [
                f"  use {a} {c.key} x{c.multiplier} lot {c.lot} retire {r} {c.margin}"
                for a, c, r in legs
            ]
        return "\n".join([*lines, str(self.setup.limits), str(self.setup.collateral)])


@st.composite
def cases(
    draw: Draw,
    fair: bool = False,
    working: bool = True,
    bounded: bool = True,
    payoffs: tuple[str, ...] = ("inverse", "linear", "quanto"),
    bases: tuple[str, ...] = ("equity", "equity", "coins", "wealth"),
) -> Case:
    """A random decision.

    fair: mark = index; working: orders and transfers in flight; bounded: with limits and
    collateral plans.
    """
    universe = draw(universes(payoffs))
    quotes = draw(markets(universe, fair))
    book = draw(books(universe, quotes, working))
    found, legs = draw(hedges(book, universe, bases).filter(lambda pair: len(pair[0]) > 0))
    setup = Setup(
        book,
        found,
        legs,
        limits=draw(limits()) if bounded else Limits(),
        collateral=draw(collateral(book)) if bounded else (),
        currencies=("BTC", "ETH", "SOL", "USDT", "USDC"),
    )
    return Case(setup, quotes)
