"""Laws of a coin that contracts on several other coins hedge together."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.factories import account, decided, inverse, linear, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import Limits
from volsculpt.decide.ratio_words import ratio_after
from volsculpt.decide.step import Decision
from volsculpt.decide.words import reasons
from volsculpt.errors import PolicyError
from volsculpt.hedge.answer import Aim, Band
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.spec import Hedge, Proxy

BTC, ETH = inverse("BTC"), inverse("ETH")
PRICES = {"BTC": 50_000.0, "ETH": 3_000.0, "SOL": 3_000.0}
USED = (("one", BTC, False), ("one", ETH, False))
BOTH = (Proxy("BTC", 0.6), Proxy("ETH", 0.5))
FREE = Limits(allow_long=True)

betas = st.floats(-2.0, 2.0).filter(lambda beta: abs(beta) > 0.02)
held_usd = st.floats(-60_000.0, 60_000.0)


def sold(contract: object, usd: float) -> tuple[Position, ...]:
    """A position of so many US dollars at its own price; none for 0."""
    price = PRICES[contract.base]  # type: ignore[attr-defined]
    return (Position(contract, usd, price),) if usd else ()  # type: ignore[arg-type]


def book_of(btc_usd: float = 0.0, eth_usd: float = 0.0, coins: float = 10.0) -> Book:
    """Ten SOL in a vault, and futures of these US dollars, - is short."""
    held = (*sold(BTC, btc_usd), *sold(ETH, eth_usd))
    return Book((vault(SOL=coins), account("one", {"BTC": 5.0, "ETH": 50.0}, held)))


def decide_on(
    book: Book,
    proxies: tuple[Proxy, ...] = BOTH,
    ratio: float = 1.0,
    limits: Limits = FREE,
    band: Band | None = None,
) -> Decision:
    """The decision of one hedge on SOL by these proxies."""
    hedge = Hedge("SOL", FixedPolicy(ratio), "coins", 10.0, proxies)
    hedge = replace(hedge, band=band) if band is not None else hedge
    return decided(book, [hedge], [list(USED)], PRICES, limits)


def traded(decision: Decision) -> dict[str, float]:
    """What is traded of contracts on each coin."""
    coins = [contract.base for _, contract in decision.flat.legs]
    return dict(zip(coins, decision.answer.trade, strict=True))


def held_by_formula(book: Book, proxies: tuple[Proxy, ...]) -> float:
    """Held ratio of the one hedge of ten SOL, written from its formula."""
    usd = {one.contract.base: one.contracts for one in book.accounts[1].positions}
    parts = [
        abs(beta) * usd.get(coin, 0.0) / (beta * PRICES["SOL"]) for coin, beta in proxies if beta
    ]
    return 1.0 - (10.0 + sum(parts) / sum(abs(beta) for _, beta in proxies)) / 10.0


def test_ten_coins_are_hedged_by_two_others() -> None:
    """Short 18,000 USD of BTC and 15,000 of ETH; then all is hedged and nothing more is traded."""
    decision = decide_on(book_of())
    assert decision.answer.trade == [-18_000.0, -15_000.0]
    assert decision.answer.held == [0.0]
    assert ratio_after(decision, 0) == pytest.approx(1.0, abs=1e-12)
    after = decide_on(book_of(-18_000.0, -15_000.0))
    assert after.answer.held == pytest.approx([1.0], abs=1e-12)
    assert after.answer.trade == [0.0, 0.0]


def test_its_reasons_name_what_each_proxy_is_to_do() -> None:
    """18,000 USD are 0.36 BTC; one whose beta is below 0 is bought."""
    said = "\n".join(reasons(decide_on(book_of(), (Proxy("ETH", -0.5), Proxy("BTC", 0.6))), 0))
    assert "through BTC with beta 0.6: it asks for 0.36 BTC sold forward" in said
    assert "through ETH with beta -0.5: it asks for 5 ETH bought forward" in said
    said = "\n".join(reasons(decide_on(book_of(), (Proxy("ETH", -0.5),), ratio=0.0), 0))
    assert "through ETH with beta -0.5: it asks for 0 ETH sold forward" in said


@given(held_usd, held_usd, betas, betas)
def test_what_is_held_is_the_weighted_mean_over_proxies(
    bitcoin: float, ether: float, first: float, second: float
) -> None:
    """1 - (spot + Σ w·part·P_k/(B·P_u))/base, whatever is held and however betas are signed."""
    book, proxies = (
        book_of(round(bitcoin), round(ether)),
        (Proxy("BTC", first), Proxy("ETH", second)),
    )
    decision = decide_on(book, proxies)
    assert decision.answer.held[0] == pytest.approx(held_by_formula(book, proxies), abs=1e-9)


@given(held_usd, held_usd, betas, betas, st.floats(0.1, 1.0))
def test_a_plan_applied_to_itself_is_empty(
    bitcoin: float, ether: float, first: float, second: float, ratio: float
) -> None:
    """Once its orders are filled the target is held to a lot, and nothing more is traded."""
    proxies = (Proxy("BTC", first), Proxy("ETH", second))
    band = Band(0.0, 0.0, 0.0, 0.0)
    decision = decide_on(book_of(round(bitcoin), round(ether)), proxies, ratio, band=band)
    trades = traded(decision)
    book = book_of(round(bitcoin) + trades["BTC"], round(ether) + trades["ETH"])
    after = decide_on(book, proxies, ratio, band=band)
    lots = sum(1.0 / abs(beta) for _, beta in proxies)
    assert after.answer.held[0] == pytest.approx(ratio, abs=lots / 30_000.0 + 1e-9)
    assert not any(after.answer.trade)


@given(held_usd, held_usd, betas, betas, st.floats(-1.0, 1.0))
def test_the_order_of_proxies_changes_nothing(
    bitcoin: float, ether: float, first: float, second: float, ratio: float
) -> None:
    """To the bit, with limits that the two compete for."""
    proxies = (Proxy("BTC", first), Proxy("ETH", second))
    book, limits = book_of(round(bitcoin), round(ether)), Limits(max_leverage=0.05, min_ratio=-1.0)
    one, other = (decide_on(book, given, ratio, limits) for given in (proxies, proxies[::-1]))
    assert one.answer == other.answer
    assert reasons(one, 0) == reasons(other, 0)


@given(held_usd, st.floats(0.05, 2.0), st.floats(0.0, 1.0))
def test_a_proxy_of_beta_0_is_as_good_as_none(bitcoin: float, beta: float, ratio: float) -> None:
    """One proxy decides to the same bits whether or not another of beta 0 stands beside it."""
    book = book_of(round(bitcoin), -20_000.0)
    alone = decide_on(book, (Proxy("BTC", beta),), ratio)
    beside = decide_on(book, (Proxy("BTC", beta), Proxy("ETH", 0.0)), ratio)
    assert beside.answer.held == alone.answer.held
    assert traded(beside)["BTC"] == traded(alone)["BTC"]
    assert traded(beside)["ETH"] == 20_000.0  # what carries nothing is closed


@given(held_usd, held_usd, st.sampled_from([0.0, 0.02, 0.2]))
def test_a_hedge_outside_its_band_has_a_pool_that_trades(
    bitcoin: float, ether: float, trigger: float
) -> None:
    """Held is the mean of what each pool tells: out of the band, one of them is."""
    band = Band(trigger, 0.0, trigger, 0.0)
    decision = decide_on(book_of(round(bitcoin), round(ether)), band=band)
    off = abs(decision.answer.held[0] - 1.0)
    assume(abs(off - trigger) > 1e-6 and off > 2.0 / 15_000.0)
    if off > trigger:
        assert any(decision.answer.trade)


def test_too_much_of_one_and_too_little_of_another_do_not_hide_each_other() -> None:
    """Held says 100 %, but it is 20 % too much of one proxy and 24 % too little of another."""
    decision = decide_on(book_of(-21_600.0, -11_400.0))
    assert decision.answer.held == pytest.approx([1.0], abs=1e-9)
    assert decision.answer.trade == [3_600.0, -3_600.0]


def test_hedges_of_betas_with_other_signs_net_in_their_pool() -> None:
    """30,000 USD of SOL at 1 and 15,000 of ADA at -0.5: 22,500 sold hold both targets."""
    hedges = [
        Hedge("SOL", FixedPolicy(1.0), "coins", 10.0, (Proxy("BTC", 1.0),)),
        Hedge("ADA", FixedPolicy(0.5), "coins", 15_000.0, (Proxy("BTC", -0.5),)),
    ]
    legs = [[USED[0]], [USED[0]]]
    prices = PRICES | {"ADA": 1.0}
    for usd, trades, held in ((0.0, -26_250.0, [0.0, 0.0]), (-26_250.0, 0.0, [1.0, 0.5])):
        held_now = account("one", {"BTC": 5.0}, sold(BTC, usd))
        book = Book((vault(SOL=10.0, ADA=15_000.0), held_now))
        decision = decided(book, hedges, legs, prices)
        assert decision.answer.trade == [trades]
        assert decision.answer.held == pytest.approx(held, abs=1e-9)


def test_a_beta_below_0_alone_buys_where_a_long_is_allowed() -> None:
    """10 SOL that move against BTC at half its pace: 15,000 USD bought; else futures stay flat."""
    proxies = (Proxy("BTC", -0.5),)
    assert decide_on(book_of(), proxies).answer.trade == [15_000.0, 0.0]
    assert decide_on(book_of(15_000.0), proxies).answer.held == pytest.approx([1.0])
    closed = decide_on(book_of(), proxies, limits=Limits())
    assert closed.answer.trade == [0.0, 0.0]
    assert any("asks for a long" in line for line in reasons(closed, 0))


@pytest.mark.parametrize("missing", ["BTC", "ETH"])
def test_a_proxy_whose_data_is_missing_leaves_the_others_to_trade(missing: str) -> None:
    """Nothing is sent where a price is unknown, and the reasons say so."""
    from volsculpt.decide.step import Missing, Setup, decide
    from volsculpt.market.quotes import Quotes

    hedge = Hedge("SOL", FixedPolicy(1.0), "coins", 10.0, BOTH)
    gone = Missing(currencies=frozenset({missing}))
    setup = Setup(book_of(), (hedge,), (USED,), limits=FREE, missing=gone)
    decision = decide(setup, Quotes(0, PRICES), 0)
    wanted = {"BTC": [0.0, -15_000.0], "ETH": [-18_000.0, 0.0]}
    assert decision.answer.trade == wanted[missing]
    assert any("of one of its proxies is unknown" in line for line in reasons(decision, 0))


def answering(beta: object) -> Hedge:
    """A hedge whose policy answers these betas."""
    policy = CallablePolicy(lambda *_: (Aim(1.0, beta=beta), None), None, "mine")  # type: ignore[arg-type]
    return Hedge("SOL", policy, "coins", 10.0, BOTH)


def test_a_policy_may_answer_a_beta_for_each_proxy() -> None:
    """By name, in place of the hedge's own."""
    hedge = answering({"ETH": 0.2, "BTC": 0.8})
    decision = decided(book_of(), [hedge], [list(USED)], PRICES)
    assert decision.answer.trade == [-24_000.0, -6_000.0]


@pytest.mark.parametrize("beta", [0.7, {"BTC": 0.7}, {"BTC": 0.7, "ETH": 0.1, "XRP": 0.1}])
def test_betas_for_other_proxies_are_refused(beta: object) -> None:
    """One each, by name."""
    with pytest.raises(PolicyError, match="the hedge goes by BTC, ETH; give one each"):
        decided(book_of(), [answering(beta)], [list(USED)], PRICES)


def test_own_contracts_count_beside_those_of_proxies() -> None:
    """4 of 10 SOL sold by its own contract: the proxies carry the other 6."""
    own = linear("SOL")
    held = Position(own, -4.0, 3_000.0)
    book = Book(
        (vault(SOL=10.0), account("one", {"BTC": 5.0, "ETH": 50.0, "USDT": 50_000.0}, (held,)))
    )
    hedge = Hedge("SOL", FixedPolicy(1.0), "coins", 10.0, BOTH)
    decision = decided(book, [hedge], [list(USED)], PRICES | {"USDT": 1.0})
    assert decision.answer.held == pytest.approx([0.4])
    assert sorted(decision.answer.trade) == [-10_800.0, -9_000.0, 0.0]


def test_pools_are_the_same_whichever_hedge_names_them_first() -> None:
    """SOL by both beside a hedge on BTC: the own contract serves all of the pool."""
    sol = Hedge("SOL", FixedPolicy(1.0), "coins", 10.0, BOTH)
    btc = Hedge("BTC", FixedPolicy(1.0), "coins", 1.0)
    found = []
    for order in itertools.permutations([(sol, list(USED)), (btc, [USED[0]])]):
        hedges, legs = zip(*order, strict=True)
        book = Book((vault(SOL=10.0), account("one", {"BTC": 1.0, "ETH": 50.0})))
        found.append(traded(decided(book, list(hedges), list(legs), PRICES)))
    assert found[0] == found[1] == {"BTC": -68_000.0, "ETH": -15_000.0}
