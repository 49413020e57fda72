"""What a venue takes as one order, and what `act` makes of a change that it does not take."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.one_step import venue_of
from tests.factories import account, decided, fixed, inverse, linear, trades, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.catalog import load_catalog
from volsculpt.contracts.orders import (
    OVER_POSITION,
    OVER_SIZE,
    TAKEN,
    UNDER_SIZE,
    UNDER_VALUE,
    judge_order,
)
from volsculpt.contracts.spec import Contract, Orders
from volsculpt.decide.limits import Limits
from volsculpt.decide.rules import CAPPED
from volsculpt.decide.step import Decision
from volsculpt.decide.words import reasons, residual_usd

CATALOG = load_catalog()
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0, "USDC": 1.0}


def hedged(
    contract: Contract,
    coins: float,
    held: float = 0.0,
    ratio: float = 1.0,
    prices: Mapping[str, float] = PRICES,
    **limits: float,
) -> Decision:
    """One decision on `coins` owned in all, with a well-filled margin account."""
    price = prices[contract.base]
    positions = (Position(contract, held, price),) if held else ()
    cash = 1e9 / prices[contract.settle]
    own = coins - cash if contract.settle == contract.base else coins
    margin = account("futures", {contract.settle: cash}, positions, venue=contract.venue)
    hedge = fixed(contract.base, ratio, base="coins", coins=coins)
    book = Book((vault(**{contract.base: own}), margin))
    legs = (("futures", contract, False),)
    return decided(book, (hedge,), (legs,), prices, limits=Limits(**limits))  # type: ignore[arg-type]


def judged(contract: Contract, held: float, size: float, price: float) -> int:
    """What the venue says to an order as decided ones are sent."""
    legs = hedged(contract, 1.0).flat.layout.legs
    return judge_order(legs, 0, held, size, price, legs.order_most[0])


def test_a_venue_takes_no_order_under_its_least_value() -> None:
    """Binance USD-M: 100 USDT on BTC, 20 on ETH; Bybit 5 USDT; Binance COIN-M knows none."""
    btc, eth = CATALOG.get("binance", "BTC/USDT:USDT"), CATALOG.get("binance", "ETH/USDT:USDT")
    small = hedged(btc, 0.0012)
    assert trades(small) == {}
    words = "binance takes no order under 100 USDT of BTC/USDT:USDT, so nothing is sent on futures"
    assert words in reasons(small, 0)
    assert trades(hedged(btc, 0.0021)) == {btc.key: -0.002}
    assert trades(hedged(eth, 0.006)) == {}
    assert "20 USDT of ETH/USDT:USDT" in " ".join(reasons(hedged(eth, 0.006), 0))
    assert trades(hedged(eth, 0.0071)) == {eth.key: -0.007}
    assert trades(hedged(CATALOG.get("bybit", "BTC/USDT:USDT"), 0.0012))
    assert trades(hedged(CATALOG.get("binance", "BTC/USD:BTC"), 0.0021))


def test_what_a_slice_leaves_is_long_where_too_little_is_sold() -> None:
    """1 BTC at 60,000 and slices of 12,000 USD: 48,000 stay unhedged; of 2 BTC short 48,000 more.

    The same with a linear contract and an inverse one.
    """
    usdt, usd = CATALOG.get("bybit", "BTC/USDT:USDT"), CATALOG.get("bybit", "BTC/USD:BTC")
    for contract, short in ((usdt, -2.0), (usd, -120_000.0)):
        sold = hedged(contract, 1.0, max_order_usd=12_000.0)
        assert residual_usd(sold, 0) == pytest.approx(48_000.0)
        bought = hedged(contract, 1.0, held=short, max_order_usd=12_000.0)
        assert residual_usd(bought, 0) == pytest.approx(-48_000.0)


def test_what_only_reduces_may_be_worth_less_where_the_venue_says_so() -> None:
    """A close of any size is allowed, a part of one only where reduce-only orders are exempt."""
    btc = CATALOG.get("binance", "BTC/USDT:USDT")
    assert trades(hedged(btc, 0.001, held=-0.001, ratio=0.0)) == {btc.key: 0.001}
    assert trades(hedged(btc, 0.004, held=-0.005)) == {btc.key: 0.001}
    strict = linear(orders=Orders(least_value=100.0, reduce_only_exempt=False))
    assert trades(hedged(strict, 0.004, held=-0.005)) == {}
    assert trades(hedged(strict, 0.001, held=-0.001, ratio=0.0)) == {strict.key: 0.001}


def test_an_order_larger_than_the_venue_takes_is_cut_and_the_rest_follows() -> None:
    """Where a venue states no larger order with a price than 60,000; 120 BTC are 72,000."""
    coinm = CATALOG.get("binance", "BTC/USD:BTC")
    coinm = replace(coinm, orders=replace(coinm.orders, limit_most=None))
    first = hedged(coinm, 120.0)
    assert trades(first) == {coinm.key: -60_000.0}
    assert (
        "BTC/USD:BTC on futures: binance takes 60,000 contracts at most in one order; the rest "
        "comes next" in reasons(first, 0)
    )
    assert trades(hedged(coinm, 120.0, held=-60_000.0)) == {coinm.key: -12_000.0}
    closing = hedged(coinm, 120.0, held=-72_000.0, ratio=0.0)
    assert trades(closing) == {coinm.key: 60_000.0}
    assert trades(hedged(coinm, 120.0, held=-12_000.0, ratio=0.0)) == {coinm.key: 12_000.0}


def test_an_order_is_bound_by_what_a_venue_takes_with_a_price() -> None:
    """Orders are sent with a price: Binance's dated linear takes 1 BTC at market, 500 so."""
    for contract, coins in (
        (CATALOG.get("binance", "BTC/USD:BTC"), 120.0),
        (CATALOG.get("binance", "BTC/USDT:USDT-241227"), 30.0),
        (CATALOG.get("bybit", "BTC/USDT:USDT"), 130.0),
    ):
        decision = hedged(contract, coins)
        whole = coins * (600.0 if contract.payoff == "inverse" else 1.0)
        assert contract.orders.market_most is not None
        assert trades(decision) == {contract.key: -whole}
        assert whole > contract.orders.market_most
    large = hedged(CATALOG.get("binance", "BTC/USDT:USDT-241227"), 700.0)
    assert list(trades(large).values()) == [-500.0]
    assert "binance takes 500 contracts at most in one order" in " ".join(reasons(large, 0))


def test_a_position_grows_to_what_the_venue_lets_one_account_hold() -> None:
    """By contracts, or by value at the mark; a larger one may still be cut, never grow."""
    capped = linear(position_most=2.0)
    full = hedged(capped, 5.0)
    assert trades(full) == {capped.key: -2.0}
    assert "lets an account hold 2 contracts of it at most" in " ".join(reasons(full, 0))
    by_value = linear(position_most_value=90_030.0)
    assert trades(hedged(by_value, 5.0)) == {by_value.key: -1.5}
    assert trades(hedged(capped, 5.0, held=-2.0)) == {}
    assert trades(hedged(capped, 5.0, held=-3.0)) == {}
    assert trades(hedged(capped, 2.5, held=-3.0)) == {capped.key: 0.5}
    coin = inverse(position_most_value=1.0)
    assert trades(hedged(coin, 5.0)) == {coin.key: -60_000.0}


def test_an_owner_s_largest_order_goes_before_the_venue_s_least() -> None:
    """Slices of 60 US dollars where 100 USDT is the least: nothing is sent, for that reason."""
    btc = CATALOG.get("binance", "BTC/USDT:USDT")
    sliced = hedged(btc, 1.0, max_order_usd=61.0)
    assert trades(sliced) == {}
    assert any("no order under 100 USDT" in line for line in reasons(sliced, 0))


@pytest.mark.parametrize(
    ("held", "size", "price", "said"),
    [
        (0.0, -0.001, 60_000.0, UNDER_VALUE),
        (0.0, -0.002, 60_000.0, TAKEN),
        (0.0, -0.002, 50_000.0, TAKEN),
        (0.0, -0.002, 49_999.0, UNDER_VALUE),
        (-0.005, 0.001, 60_000.0, TAKEN),
        (-0.005, -0.001, 60_000.0, UNDER_VALUE),
        (-0.0005, 0.0005, 60_000.0, TAKEN),
        (-0.005, 0.0005, 60_000.0, UNDER_SIZE),
        (-0.0005, 0.0015, 60_000.0, UNDER_VALUE),
        (0.0, -1_000.0, 60_000.0, TAKEN),
        (0.0, 1_001.0, 60_000.0, OVER_SIZE),
        (-500.0, 1_001.0, 60_000.0, OVER_SIZE),
        (-29_990.0, -11.0, 60_000.0, OVER_POSITION),
        (-29_990.0, -10.0, 60_000.0, TAKEN),
        (-31_000.0, 100.0, 60_000.0, TAKEN),
    ],
)
def test_how_binance_judges_an_order(held: float, size: float, price: float, said: int) -> None:
    """BTC/USDT:USDT: 0.001 to 1,000, 100 USDT unless it only reduces, 1.8 bn USDT held."""
    assert judged(CATALOG.get("binance", "BTC/USDT:USDT"), held, size, price) == said


figures = st.one_of(st.none(), st.floats(0.01, 500.0))


@st.composite
def picky(draw: st.DrawFn) -> Contract:
    """A contract of a venue with any limits of orders and positions."""
    orders = Orders(
        least_value=draw(st.one_of(st.none(), st.floats(1.0, 100_000.0))),
        reduce_only_exempt=draw(st.sampled_from([None, True, False])),
        market_least=draw(st.one_of(st.none(), st.floats(0.001, 1.0))),
        market_most=draw(figures),
        limit_most=draw(figures),
    )
    most, worth = draw(figures), draw(st.one_of(st.none(), st.floats(100.0, 1e7)))
    make, unit = draw(st.sampled_from([(linear, 1.0), (linear, 0.01), (inverse, 100.0)]))
    if make is inverse and worth is not None:
        worth /= 60_000.0
    lot = draw(st.sampled_from([0.001, 0.1, 1.0]))
    held = {"position_most": most, "position_most_value": worth}
    return make("BTC", unit, orders=orders, lot=lot, minimum=lot, **held)


@given(
    picky(),
    st.floats(0.0, 20.0),
    st.floats(-20.0, 20.0),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.floats(20_000.0, 90_000.0),
)
def test_what_act_sends_the_exchange_takes(
    contract: Contract, coins: float, held_coins: float, ratio: float, price: float
) -> None:
    """Law: an order of `act` fills whole when the exchange judges it on the same book."""
    per = contract.multiplier / price if contract.payoff == "inverse" else contract.multiplier
    held = round(held_coins / per / contract.lot) * contract.lot
    prices = PRICES | {"BTC": price}
    decision = hedged(contract, coins, held, ratio, prices)
    sent = decision.answer.trade[0]
    legs = [("futures", contract)]
    venue = venue_of(decision.setup.book, prices, decision.quoted.quote.mark, legs)
    venue.order(0, sent)
    venue.step()
    assert venue.state.contracts[0] == decision.flat.state.contracts[0] + sent


@given(picky(), st.floats(0.0, 20.0), st.floats(-20.0, 20.0), st.sampled_from([0.0, 0.5, 1.0]))
def test_what_is_left_follows_until_nothing_more_is_sent(
    contract: Contract, coins: float, held_coins: float, ratio: float
) -> None:
    """Law: cut orders follow one another toward the target and come to rest, never past it."""
    per = contract.multiplier / 60_000.0 if contract.payoff == "inverse" else contract.multiplier
    lot = contract.lot
    held = round(held_coins / per / lot) * lot
    goal = -coins * ratio / per
    most = contract.orders.most
    rounds = 3 + (0 if most is None else int((abs(held) + abs(goal)) / max(lot, most - lot)) + 1)
    for _ in range(min(rounds, 60)):
        sent = hedged(contract, coins, held, ratio).answer.trade[0]
        after = held + sent
        assert abs(after - goal) <= abs(held - goal) + 2e-6 * lot
        assert (after - goal) * (held - goal) >= -2e-6 * lot * abs(held - goal) - 1e-9
        held = round(after / lot) * lot if after else 0.0
        if sent == 0.0:
            return
    assert rounds > 60


@given(st.floats(0.1, 1.4), st.floats(1_000.0, 50_000.0), st.sampled_from(["cross", "isolated"]))
def test_what_limits_allow_is_said_the_same_when_the_order_is_cut(
    coins: float, most: float, mode: str
) -> None:
    """Leverage 2 carries up to twice the coins posted, whatever part of it is sent at once."""

    def said(**limits: float) -> float:
        contract = inverse()
        own = {"leverage": 3.0} if mode == "isolated" else {}
        margin = account("futures", {"BTC": coins}, (), mode=mode, **own)
        book = Book((vault(BTC=3.0 - coins), margin))
        hedge = fixed("BTC", 1.0, base="coins", coins=3.0)
        legs = (("futures", contract, False),)
        bounds = Limits(max_leverage=2.0, **limits)  # type: ignore[arg-type]
        lines = reasons(decided(book, (hedge,), (legs,), PRICES, limits=bounds), 0)
        found = (re.search(r" allows? ([\d.-]+)", line) for line in lines)
        return next(float(one[1]) for one in found if one is not None)

    whole = said()
    assert whole == pytest.approx(said(max_order_usd=most), abs=0.011)
    assert whole == pytest.approx(100.0 * 2.0 * coins / 3.0, rel=0.003, abs=0.011)


@pytest.mark.parametrize(("coins", "unit"), [(2e-10, 1e-10), (5_000_000_002.0, 1.0), (3.0, 1e-3)])
def test_what_limits_leave_out_is_said_of_any_amounts(coins: float, unit: float) -> None:
    """A lot or two short of 2e-10 coins and of thousands of millions; nothing short of noise."""
    short = round(coins / unit) - (1 if coins < 1.0 else 2)
    capped = linear(multiplier=unit, lot=1.0, minimum=1.0, position_most=float(short))
    free = linear(multiplier=unit, lot=1.0, minimum=1.0)
    cheap = PRICES | {"BTC": 1e-4}
    assert hedged(capped, coins, prices=cheap).answer.hedge_code[0] & CAPPED
    decision = hedged(free, coins * (1.0 + 3e-16), prices=cheap, max_leverage=1e9)
    assert not decision.answer.hedge_code[0] & CAPPED
