import pytest

from tests.factories import (
    account,
    decided,
    delta_of,
    filled,
    fixed,
    flat_at,
    inverse,
    linear,
    liquidation_price,
    one_leg,
    quanto,
    sums_of,
    trades,
    vault,
    wealth_of,
)
from volsculpt.book.exposure import coins_per_contract, leg_pnl, leg_value
from volsculpt.book.fill import fill
from volsculpt.book.group import group_equity, group_gross
from volsculpt.book.holdings import Book, Position
from volsculpt.book.liquidation import nearest_factor
from volsculpt.contracts.funding import cash_flow
from volsculpt.contracts.payoff import INVERSE, average_entry
from volsculpt.contracts.spec import Contract
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision
from volsculpt.hedge.answer import Band
from volsculpt.hedge.spec import Proxy
from volsculpt.simulate.scenario import shocked

INVERSE_1 = inverse()
LINEAR_1 = linear()
SHORT_OF_ONE_COIN = {"inverse": (INVERSE_1, -50_000.0), "linear": (LINEAR_1, -1.0)}
B1 = [  # index = mark, wealth, owned, held ratio by equity
    (30_000.0, 80_000.0, 8.0 / 3.0, 0.625),
    (40_000.0, 90_000.0, 2.25, 5.0 / 9.0),
    (50_000.0, 100_000.0, 2.0, 0.5),
    (60_000.0, 110_000.0, 11.0 / 6.0, 5.0 / 11.0),
    (100_000.0, 150_000.0, 1.5, 1.0 / 3.0),
]


def near(figure: float) -> object:
    """The figure within 1e-9 of itself."""
    return pytest.approx(figure, rel=1e-9, abs=1e-9)


def roughly(figure: float) -> object:
    """The figure within 0.5 %."""
    return pytest.approx(figure, rel=0.005)


def two_coins(payoff: str) -> tuple[Book, Contract]:
    """2 BTC and a short of 1 BTC opened at 50,000."""
    contract, held = SHORT_OF_ONE_COIN[payoff]
    short = account("futures", positions=(Position(contract, held, 50_000.0),))
    return Book((vault(BTC=2.0), short)), contract


@pytest.mark.parametrize("payoff", ["inverse", "linear"])
@pytest.mark.parametrize(("price", "wealth", "owned", "ratio"), B1)
def test_b1_ratio_and_base(
    payoff: str, price: float, wealth: float, owned: float, ratio: float
) -> None:
    """Both payoffs give the same wealth, delta, owned coins and held ratio at every price."""
    book, contract = two_coins(payoff)
    legs = [[("futures", contract, False)]]
    prices = {"BTC": price, "USDT": 1.0}
    by_equity = decided(book, [fixed(ratio=0.5)], legs, prices)
    by_coins = decided(book, [fixed(ratio=0.5, base="coins", coins=2.0)], legs, prices)
    flat, quote = by_equity.flat, by_equity.quoted.quote
    assert wealth_of(flat, flat.state, quote) == near(wealth)
    assert delta_of(flat, flat.state, quote, "BTC") == near(1.0)
    assert by_equity.answer.base[0] == near(owned)
    assert by_equity.answer.held[0] == near(ratio)
    assert by_coins.answer.held[0] == near(0.5)
    assert trades(by_coins) == {}


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_b2_signs(side: float) -> None:
    """A short is long dollars and is paid by a positive rate; a long the other way round."""
    flat, quote = flat_at(one_leg(INVERSE_1, side * 100_000.0, 50_000.0, 2.0), {"BTC": 50_000.0})
    sums = sums_of(flat, flat.state, quote)
    value = leg_value(flat.layout, flat.state, quote, 0)
    assert value == near(side * 2.0)
    assert sums.futures[flat.currency("BTC")] == near(side * 2.0)
    assert sums.futures[flat.currency("USD")] == near(-side * 100_000.0)
    assert cash_flow(value, 0.0001) == near(-side * 0.0002)
    assert cash_flow(value, -0.0001) == near(side * 0.0002)


def test_b2_a_partial_close() -> None:
    """Buying back 4,000 of 10,000 books its profit and leaves the average entry."""
    flat, _ = flat_at(one_leg(INVERSE_1, 0.0, 50_000.0, 0.0), {"BTC": 40_000.0})
    fill(flat.layout, flat.state, 0, -10_000.0, 50_000.0, 0.0)
    fill(flat.layout, flat.state, 0, 4_000.0, 40_000.0, 0.0)
    held, cost = flat.state.contracts[0], flat.state.cost[0]
    assert flat.state.wallet[0] == near(0.02)
    assert cost == near(-0.12)
    assert average_entry(INVERSE, held, 1.0, cost) == near(50_000.0)


@pytest.mark.parametrize(("peg", "wealth"), [(1.0, 70_000.0), (0.95, 66_500.0)])
def test_b3_euler_and_a_depeg(peg: float, wealth: float) -> None:
    """A linear hedge is long its stablecoin; exposure x price is wealth, peg or no peg."""
    short = account("futures", {"USDT": 20_000.0}, (Position(LINEAR_1, -1.0, 50_000.0),))
    flat, quote = flat_at(Book((vault(BTC=1.0), short)), {"BTC": 50_000.0, "USDT": peg})
    names = {name: delta_of(flat, flat.state, quote, name) for name in flat.currencies}
    total = sum(names[name] * quote.index_usd[flat.currency(name)] for name in names)
    assert names["BTC"] == near(0.0)
    assert names["USDT"] == near(70_000.0)
    assert total == near(wealth)
    assert wealth_of(flat, flat.state, quote) == near(wealth)


def test_b4_a_group_moves_together() -> None:
    """With all its contracts moving a group breaches at 19,500, not at the venue's 11,892.43."""
    quarterly = inverse(symbol="BTC/USD:BTC-241227")
    held = (Position(INVERSE_1, -30_000.0, 10_000.0), Position(quarterly, 20_000.0, 10_000.0))
    book = Book((account("coinm", {"BTC": 0.5}, held),))
    assert liquidation_price(book, {"BTC": 10_000.0}) == near(19_500.0)
    alone = liquidation_price(book, {"BTC": 10_000.0}, only_leg=0)
    assert alone == pytest.approx(11_892.43, abs=0.005)


def mandate(vault_coins: float, coins: float, face: float, entry: float) -> Decision:
    """The BTC part of the sample mandate, decided at 60,000."""
    margin = account("coinm", {"BTC": coins}, (Position(INVERSE_1, face, entry),))
    return decided(
        Book((vault(BTC=vault_coins), margin)),
        [fixed(band=Band(0.05, 0.0, 0.05, 0.0))],
        [[("coinm", INVERSE_1, False)]],
        {"BTC": 60_000.0},
        Limits(max_leverage=4.0, min_liquidation_distance=0.25, max_order_usd=250_000.0),
        [CollateralPlan(("vault",))],
    )


def after_fill(decision: Decision) -> tuple[float, float, float]:
    """Leverage, liquidation price and held ratio once the orders are filled."""
    flat, state, quote = decision.flat, filled(decision), decision.quoted.quote
    gross = group_gross(flat.layout, state, quote, 0)
    equity = group_equity(flat.layout, state, quote, 0)
    _, factor = nearest_factor(flat.layout, state, quote, 0, -1, 1)
    delta = delta_of(flat, state, quote, "BTC")
    return gross / equity, factor * 60_000.0, 1.0 - delta / decision.answer.base[0]


def test_b5_what_the_coins_there_can_carry() -> None:
    """First step: capped by 4x on the coins that have arrived, and coins are called for."""
    decision = mandate(2.5, 0.5, -20_000.0, 52_000.0)
    flat, quote = decision.flat, decision.quoted.quote
    equity = group_equity(flat.layout, flat.state, quote, 0)
    leverage, liquidation, ratio = after_fill(decision)
    assert equity == roughly(0.448718)
    assert decision.answer.base[0] == roughly(2.948718)
    assert decision.answer.want[0] * 60_000.0 == roughly(-176_923.0)
    assert trades(decision)[INVERSE_1.key] == roughly(-87_692.0)
    assert leverage <= 4.0
    assert leverage == roughly(4.0)
    assert ratio == roughly(0.6087)
    assert liquidation == roughly(79_600.0)
    assert liquidation / 60_000.0 - 1.0 == roughly(0.327)
    assert decision.answer.top_up[0] == roughly(0.534188)


def test_b5_no_release_before_the_trade() -> None:
    """The group stands at 0.74x, under the release level, but the book to come needs its coins."""
    decision = mandate(2.5, 0.5, -20_000.0, 52_000.0)
    flat, quote = decision.flat, decision.quoted.quote
    gross = group_gross(flat.layout, flat.state, quote, 0)
    assert gross / group_equity(flat.layout, flat.state, quote, 0) == roughly(0.742857)
    assert decision.answer.top_up[0] > 0.0


def test_b5_the_rest_when_the_coins_are_there() -> None:
    """Second step: the coins have arrived, the rest is sold, the price to fear is farther."""
    first = mandate(2.5, 0.5, -20_000.0, 52_000.0)
    held, cost = filled(first).contracts[0], filled(first).cost[0]
    moved = first.answer.top_up[0]
    entry = average_entry(INVERSE, held, 1.0, cost)
    second = mandate(2.5 - moved, 0.5 + moved, held, entry)
    leverage, liquidation, ratio = after_fill(second)
    assert trades(second)[INVERSE_1.key] == roughly(-69_231.0)
    assert liquidation == roughly(89_550.0)
    assert leverage == roughly(3.0)
    assert ratio == roughly(1.0)
    assert second.answer.top_up[0] == 0.0


def by_proxy(position: tuple[Position, ...], beta: float) -> Decision:
    """1 BTC and 10 ETH, the ETH hedged by BTC, both in full."""
    book = Book((vault(ETH=10.0), account("coinm", {"BTC": 1.0}, position)))
    used = [("coinm", INVERSE_1, False)]
    hedges = [fixed("BTC"), fixed("ETH", proxies=(Proxy("BTC", beta),))]
    return decided(book, hedges, [used, used], {"BTC": 50_000.0, "ETH": 3_000.0})


@pytest.mark.parametrize(("beta", "face"), [(1.0, 80_000.0), (1.2, 86_000.0)])
def test_b6_a_proxy_is_not_undone(beta: float, face: float) -> None:
    """The coins sold for another are not seen as too many: the next decision trades nothing."""
    first = by_proxy((), beta)
    assert trades(first) == {INVERSE_1.key: near(-face)}
    second = by_proxy((Position(INVERSE_1, -face, 50_000.0),), beta)
    flat, quote = second.flat, second.quoted.quote
    assert delta_of(flat, flat.state, quote, "BTC") == near(1.0 - face / 50_000.0)
    assert delta_of(flat, flat.state, quote, "ETH") == near(10.0)
    assert second.answer.held == [near(1.0), near(1.0)]
    assert trades(second) == {}


def test_b6_a_linear_hedge_by_equity_buys_back() -> None:
    """After a fall the linear short of one coin is too large for half of what is owned."""
    book, contract = two_coins("linear")
    legs = [[("futures", contract, False)]]
    decision = decided(book, [fixed(ratio=0.5)], legs, {"BTC": 30_000.0, "USDT": 1.0})
    assert decision.answer.want[0] == near(-2.0 / 3.0)
    assert trades(decision)[contract.key] == near(0.333)


BAND = Band(under_trigger=0.05, under_settle=0.02, over_trigger=0.03, over_settle=0.0)
LINES = [(0.96, 0.96), (0.95, 0.95), (0.94, 0.98), (1.03, 1.03), (1.04, 1.00)]


@pytest.mark.parametrize("contract", [INVERSE_1, linear(multiplier=0.0001, lot=1.0)])
@pytest.mark.parametrize(("held", "settled"), LINES)
def test_b7_bands(contract: Contract, held: float, settled: float) -> None:
    """Inside the band and on its edges nothing trades; outside it goes to the inner bound."""
    one_coin = 50_000.0 if contract.payoff == "inverse" else 10_000.0
    margin = {"BTC": 1.0, "USDT": 50_000.0}
    short = account("futures", margin, (Position(contract, -held * one_coin, 50_000.0),))
    book = Book((short,))
    legs = [[("futures", contract, False)]]
    decision = decided(book, [fixed(band=BAND)], legs, {"BTC": 50_000.0, "USDT": 1.0})
    assert decision.answer.held[0] == near(held)
    wanted = (held - settled) * one_coin
    assert trades(decision) == ({contract.key: near(wanted)} if wanted != 0.0 else {})


def test_b7_whole_lots() -> None:
    """Held -745 of a target of -740.7: buy 4, to -741, which does not cross the target."""
    contract = inverse(multiplier=100.0)
    short = account("coinm", positions=(Position(contract, -745.0, 60_000.0),))
    book = Book((vault(BTC=1.2345), short))
    decision = decided(book, [fixed()], [[("coinm", contract, False)]], {"BTC": 60_000.0})
    assert trades(decision) == {contract.key: 4.0}


def test_b7_target_zero_closes_all() -> None:
    """A target of exactly 0 is not held off by the band."""
    short = account("coinm", positions=(Position(INVERSE_1, -2_500.0, 50_000.0),))
    decision = decided(
        Book((vault(BTC=1.0), short)),
        [fixed(ratio=0.0, band=Band(0.05, 0.0, 0.05, 0.0))],
        [[("coinm", INVERSE_1, False)]],
        {"BTC": 50_000.0},
    )
    assert decision.answer.held[0] == near(0.05)
    assert trades(decision) == {INVERSE_1.key: 2_500.0}


def test_b9_quanto() -> None:
    """PnL is in the settle coin, delta in the underlying, and there is no quote leg."""
    book = one_leg(quanto(), -1_000.0, 400.0, 1.0)
    flat, quote = flat_at(book, {"ETH": 400.0, "BTC": 10_000.0})
    per = coins_per_contract(flat.layout, quote, 0)
    assert -1_000.0 * per * 400.0 == near(-4_000.0)
    assert delta_of(flat, flat.state, quote, "ETH") * 400.0 == near(-4_000.0)
    assert delta_of(flat, flat.state, quote, "USD") == near(0.0)
    later, its_quote = flat_at(book, {"ETH": 450.0, "BTC": 10_000.0})
    assert leg_pnl(later.layout, later.state, its_quote, 0) == near(-0.05)


@pytest.mark.parametrize("payoff", ["inverse", "linear"])
def test_b1_wealth_follows_the_shock(payoff: str) -> None:
    """Moving all prices together is the same as quoting the book at the new price."""
    book, _ = two_coins(payoff)
    flat, quote = flat_at(book, {"BTC": 50_000.0, "USDT": 1.0})
    for price, wealth, _, _ in B1:
        there = shocked(flat, quote, price / 50_000.0 - 1.0)
        assert wealth_of(flat, flat.state, there) == near(wealth)
