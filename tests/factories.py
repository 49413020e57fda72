"""Small makers of contracts, accounts, books and decisions, shared by all tests.

Every contract has a flat 0.5 % maintenance and a 0.05 % taker fee unless told otherwise.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import cast

from volsculpt.book.exposure import exposure, wealth_usd
from volsculpt.book.fill import fill
from volsculpt.book.flatten import Flat, flatten
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.book.liquidation import BREACHED, NEVER, liquidation_factor, nearest_factor
from volsculpt.book.state import Exposure, Quote, State, copy_state, new_exposure
from volsculpt.contracts.spec import Contract, Fees, Funding, Margin, Tier
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.quoting import flat_quote
from volsculpt.decide.step import Decision, Setup, decide
from volsculpt.hedge.aim import NO_OVERLAYS, Overlays
from volsculpt.hedge.answer import Band
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.spec import Hedge
from volsculpt.market.quotes import Quotes

MAINTENANCE = 0.005
TAKER = 0.0005
CHRISTMAS_2024_NS = 1_735_286_400_000_000_000  # 2024-12-27 08:00 UTC, a quarterly expiry

NO_LIMITS = Limits()

UseLeg = tuple[str, Contract, bool]


def flat_margin(rate: float = MAINTENANCE, **other: object) -> Margin:
    """One tier: the same maintenance rate at every size."""
    return Margin(tiers=(Tier(0.0, rate),), **other)  # type: ignore[arg-type]


def tiered(rows: Sequence[tuple[float, float]], **other: object) -> Margin:
    """Tiers from (floor, rate) rows."""
    return Margin(tiers=tuple(Tier(floor, rate) for floor, rate in rows), **other)  # type: ignore[arg-type]


def inverse(
    base: str = "BTC", multiplier: float = 1.0, venue: str = "bybit", **changed: object
) -> Contract:
    """An inverse perpetual of `multiplier` dollars a contract, settled in its coin."""
    figures: dict[str, object] = {
        "venue": venue,
        "symbol": f"{base}/USD:{base}",
        "base": base,
        "quote": "USD",
        "settle": base,
        "payoff": "inverse",
        "multiplier": multiplier,
        "tick": 0.1,
        "fees": Fees(taker=TAKER),
        "funding": Funding(),
        "margin": flat_margin(),
    }
    return Contract(**(figures | changed))  # type: ignore[arg-type]


def linear(
    base: str = "BTC",
    multiplier: float = 1.0,
    venue: str = "bybit",
    settle: str = "USDT",
    **changed: object,
) -> Contract:
    """A linear perpetual of `multiplier` coins a contract, in lots of 0.001 contracts."""
    figures: dict[str, object] = {
        "symbol": f"{base}/{settle}:{settle}",
        "quote": settle,
        "settle": settle,
        "payoff": "linear",
        "lot": 0.001,
    }
    return inverse(base, multiplier, venue, **(figures | changed))


def quanto(
    base: str = "ETH",
    settle: str = "BTC",
    multiplier: float = 1e-6,
    venue: str = "bitmex",
    **changed: object,
) -> Contract:
    """A quanto perpetual: `multiplier` settle coins a contract and dollar of price."""
    figures: dict[str, object] = {
        "symbol": f"{base}/USD:{settle}",
        "settle": settle,
        "payoff": "quanto",
    }
    return inverse(base, multiplier, venue, **(figures | changed))


def dated(
    base: str = "BTC",
    multiplier: float = 1.0,
    venue: str = "bybit",
    expiry_ns: int = CHRISTMAS_2024_NS,
    **changed: object,
) -> Contract:
    """An inverse future that expires on 2024-12-27 unless told otherwise."""
    figures: dict[str, object] = {
        "symbol": f"{base}/USD:{base}-241227",
        "expiry_ns": expiry_ns,
        "funding": None,
    }
    return inverse(base, multiplier, venue, **(figures | changed))


def account(
    name: str = "coinm",
    balances: Mapping[str, float] | None = None,
    positions: Sequence[Position] = (),
    kind: str = "margin",
    mode: str | None = "cross",
    venue: str | None = "bybit",
    **other: object,
) -> Account:
    """An account; a margin account is a cross one at bybit unless told otherwise."""
    margin = kind == "margin"
    return Account(
        name=name,
        kind=kind,  # type: ignore[arg-type]
        venue=venue if margin else None,
        margin_mode=mode if margin else None,  # type: ignore[arg-type]
        balances=dict(balances or {}),
        positions=tuple(positions),
        **other,  # type: ignore[arg-type]
    )


def vault(name: str = "vault", **balances: float) -> Account:
    """A cold account with these coins."""
    return account(name, balances, kind="cold")


def one_leg(
    contract: Contract, contracts: float, entry: float, coins: float, mode: str = "cross"
) -> Book:
    """A book of one margin account with `coins` of the settle currency and one position."""
    held = Position(contract, contracts, entry, margin=coins if mode == "isolated" else None)
    return Book((account("coinm", {contract.settle: coins}, (held,), mode=mode),))


def fixed(underlying: str = "BTC", ratio: float = 1.0, **changed: object) -> Hedge:
    """A hedge of a fixed ratio that trades back to target at once: no band."""
    band = cast(Band, changed.pop("band", Band(0.0, 0.0, 0.0, 0.0)))
    return Hedge(underlying, FixedPolicy(ratio), band=band, **changed)  # type: ignore[arg-type]


def decided(
    book: Book,
    hedges: Sequence[Hedge],
    legs: Sequence[Sequence[UseLeg]],
    prices: Mapping[str, float],
    limits: Limits = NO_LIMITS,
    plans: Sequence[CollateralPlan] = (),
    contract_prices: Mapping[str, float] | None = None,
    time_ns: int = 0,
    overlays: Overlays = NO_OVERLAYS,
) -> Decision:
    """One whole decision; `contract_prices` are by contract key, absent = index."""
    setup = Setup(
        book,
        tuple(hedges),
        tuple(tuple(used) for used in legs),
        overlays=overlays,
        limits=limits,
        collateral=tuple(plans),
    )
    quotes = Quotes(time_ns, dict(prices), dict(contract_prices or {}))
    return decide(setup, quotes, time_ns)


def trades(decision: Decision) -> dict[str, float]:
    """Contract key -> signed contracts to trade, those that trade nothing left out."""
    return {
        contract.key: traded
        for (_, contract), traded in zip(decision.flat.legs, decision.answer.trade, strict=True)
        if traded != 0.0
    }


def flat_at(
    book: Book,
    prices: Mapping[str, float],
    contract_prices: Mapping[str, float] | None = None,
    extra: Sequence[tuple[str, Contract]] = (),
) -> tuple[Flat, Quote]:
    """A flattened book and the quote it is looked at with."""
    flat = flatten(book, extra)
    quotes = Quotes(0, dict(prices), dict(contract_prices or {}))
    return flat, flat_quote(flat, quotes).quote


def sums_of(flat: Flat, state: State, quote: Quote) -> Exposure:
    """Balances, PnL and futures per currency of a state at a quote."""
    sums = new_exposure(flat.layout)
    exposure(flat.layout, state, quote, 0, sums)
    return sums


def delta_of(flat: Flat, state: State, quote: Quote, currency: str) -> float:
    """Exposure to one currency, in units of it."""
    sums, row = sums_of(flat, state, quote), flat.currency(currency)
    return sums.balance[row] + sums.pnl[row] + sums.futures[row]


def wealth_of(flat: Flat, state: State, quote: Quote) -> float:
    """Net wealth in US dollars."""
    return wealth_usd(flat.layout, quote, sums_of(flat, state, quote))


def liquidation_price(
    book: Book,
    prices: Mapping[str, float],
    contract_prices: Mapping[str, float] | None = None,
    group: int = 0,
    only_leg: int = -1,
    with_maintenance: int = 1,
    direction: int = 0,
) -> float | None:
    """Price of the group's first leg where it breaches, None for never.

    direction 0 = the nearer side. with_maintenance = 0: the bankruptcy price.
    """
    flat, quote = flat_at(book, prices, contract_prices)
    rest = (group, only_leg, with_maintenance)
    if direction == 0:
        found, factor = nearest_factor(flat.layout, flat.state, quote, *rest)
    else:
        found, factor = liquidation_factor(
            flat.layout, flat.state, quote, group, direction, only_leg, with_maintenance
        )
    assert found != BREACHED, "already under maintenance at the price given"
    leg = only_leg if only_leg >= 0 else list(flat.layout.legs.group).index(group)
    return None if found == NEVER else float(factor * quote.mark[leg])


def filled(decision: Decision) -> State:
    """The state after the decision's orders fill at the mark, without fee."""
    flat, quote = decision.flat, decision.quoted.quote
    state = copy_state(flat.state)
    for leg, traded in enumerate(decision.answer.trade):
        if traded != 0.0:
            fill(flat.layout, state, leg, traded, quote.mark[leg], 0.0)
    return state


def with_balances(held: Account, **balances: float) -> Account:
    """The account with some balances replaced."""
    return dataclasses.replace(held, balances=held.balances | balances)


# The standard demonstration book: two venues, two coins, a cold account with a loan, an
# isolated account with an inverse and a dated short, a cross account with a linear short
# and a stablecoin balance.
THE_PERPETUAL = inverse()
THE_DATED = dated()
THE_LINEAR = linear("ETH", venue="binance")
THE_BOOK = Book(
    (
        vault(BTC=2.5, ETH=40.0, USD=-15_000.0),
        account(
            "coinm",
            {"BTC": 0.5},
            (
                Position(THE_PERPETUAL, -20_000.0, 52_000.0, margin=0.2),
                Position(THE_DATED, -10_000.0, 61_000.0, margin=0.1),
            ),
            mode="isolated",
            leverage=3.0,
        ),
        account(
            "usdm", {"USDT": 30_000.0}, (Position(THE_LINEAR, -10.0, 3_100.0),), venue="binance"
        ),
    )
)
THE_PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}
THE_MARKS = {THE_DATED.key: 61_200.0}
THE_HEDGES = (fixed("BTC", 1.0, band=Band()), fixed("ETH", 0.5, band=Band()))
THE_LEGS: tuple[tuple[UseLeg, ...], ...] = (
    (("coinm", THE_PERPETUAL, False), ("coinm", THE_DATED, False)),
    (("usdm", THE_LINEAR, False),),
)
