import pytest

from tests.factories import (
    account,
    decided,
    delta_of,
    filled,
    fixed,
    flat_at,
    flat_margin,
    inverse,
    linear,
    liquidation_price,
    one_leg,
    sums_of,
    tiered,
    trades,
    vault,
    wealth_of,
)
from volsculpt.book.exposure import leg_pnl, leg_value
from volsculpt.book.fill import fill
from volsculpt.book.group import group_equity, group_maintenance
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.funding import annual, cash_flow
from volsculpt.contracts.margin import cumulative_amounts
from volsculpt.contracts.payoff import INVERSE, average_entry
from volsculpt.contracts.spec import Contract
from volsculpt.decide.step import Decision
from volsculpt.simulate.scenario import outcome, wipe_out

TABLE = [(0, 0.004), (10, 0.005), (20, 0.01), (30, 0.025), (50, 0.05), (100, 0.1), (200, 0.125)]


def near(figure: float) -> object:
    """The figure to eight decimals, as the peers print it."""
    return pytest.approx(figure, rel=1e-9, abs=5e-9)


@pytest.mark.parametrize(
    ("base", "face", "entry", "mark", "pnl"),
    [
        ("BTC", -100_000.0, 10_000.0, 11_000.0, -0.90909091),
        ("BTC", 100_000.0, 10_000.0, 10_500.0, 0.47619048),
        ("ETH", -100_000.0, 375.95, 370.0, 4.27745208),
    ],
)
def test_t01_pnl_in_coin(base: str, face: float, entry: float, mark: float, pnl: float) -> None:
    """Profit of an inverse position, short and long, in its coin."""
    flat, quote = flat_at(one_leg(inverse(base), face, entry, 20.0), {base: mark})
    assert leg_pnl(flat.layout, flat.state, quote, 0) == near(pnl)


def test_t02_average_entry_is_harmonic() -> None:
    """Two equal fills at 10,000 and 20,000 average 13,333.33, so 15,000 is a loss for a short."""
    flat, quote = flat_at(one_leg(inverse(), 0.0, 1.0, 1.0), {"BTC": 15_000.0})
    fill(flat.layout, flat.state, 0, -10_000.0, 10_000.0, 0.0)
    fill(flat.layout, flat.state, 0, -10_000.0, 20_000.0, 0.0)
    held, cost = flat.state.contracts[0], flat.state.cost[0]
    assert average_entry(INVERSE, held, 1.0, cost) == pytest.approx(13_333.3333, abs=5e-5)
    assert leg_pnl(flat.layout, flat.state, quote, 0) == near(-0.16666667)


def test_t03_a_close_has_the_sign_of_the_profit() -> None:
    """Closing a long after a rise adds coins, though its value in coins has fallen."""
    contract = inverse(multiplier=100.0)
    flat, _ = flat_at(one_leg(contract, 1.0, 10_000.0, 0.0), {"BTC": 11_000.0})
    fill(flat.layout, flat.state, 0, -1.0, 11_000.0, 0.0)
    assert flat.state.wallet[0] == near(0.00090909)


@pytest.mark.parametrize("leverage", [1.0, 10.0, 100.0])
def test_t05_maintenance_knows_no_leverage(leverage: float) -> None:
    """10 BTC at 0.35 % need 0.035, whatever was posted to open them."""
    held = Position(inverse(margin=flat_margin(0.0035)), -100_000.0, 10_000.0, leverage=leverage)
    book = Book((account("coinm", {"BTC": 20.0}, (held,), mode="isolated"),))
    flat, quote = flat_at(book, {"BTC": 10_000.0})
    assert group_maintenance(flat.layout, flat.state, quote, 0) == near(0.035)


@pytest.mark.parametrize("collateral", [4.0, 40.0, 400.0])
def test_t08_tiers_are_by_size(collateral: float) -> None:
    """60 BTC need 1.19 on the table of 2021, however many coins stand behind them."""
    book = one_leg(inverse(margin=tiered(TABLE)), -600_000.0, 10_000.0, collateral)
    flat, quote = flat_at(book, {"BTC": 10_000.0})
    floors, rates = zip(*TABLE, strict=True)
    assert cumulative_amounts(floors, rates)[4] == near(1.81)
    assert group_maintenance(flat.layout, flat.state, quote, 0) == near(1.19)


def held_in_full(price: float) -> Decision:
    """1 BTC, all of it margin, short 50,000 from 50,000, to be hedged in full."""
    contract = inverse()
    book = one_leg(contract, -50_000.0, 50_000.0, 1.0)
    return decided(book, [fixed()], [[("coinm", contract, False)]], {"BTC": price})


@pytest.mark.parametrize(
    ("price", "equity", "by_wallet"), [(25_000.0, 2.0, -1.0), (100_000.0, 0.5, 0.5)]
)
def test_t09_sizing_by_equity_leaves_the_hedge(
    price: float, equity: float, by_wallet: float
) -> None:
    """The dollars are locked and nothing trades; counting the wallet alone would trade."""
    decision = held_in_full(price)
    flat, quote = decision.flat, decision.quoted.quote
    sums, row = sums_of(flat, flat.state, quote), flat.currency("BTC")
    assert group_equity(flat.layout, flat.state, quote, 0) == near(equity)
    assert delta_of(flat, flat.state, quote, "BTC") == near(0.0)
    assert wealth_of(flat, flat.state, quote) == near(50_000.0)
    assert decision.answer.held[0] == near(1.0)
    assert trades(decision) == {}
    assert sums.balance[row] + sums.futures[row] == near(by_wallet)


def three_coins() -> Decision:
    """3 BTC at 10,000, half a coin of them margin, to be hedged in full."""
    contract = inverse()
    book = Book((vault(BTC=2.5), account("coinm", {"BTC": 0.5})))
    return decided(book, [fixed()], [[("coinm", contract, False)]], {"BTC": 10_000.0})


def test_t10_how_much_to_short() -> None:
    """All 3 BTC are at risk, so 30,000 are shorted, not 25,000."""
    assert list(trades(three_coins()).values()) == [-30_000.0]


def test_t10_what_a_rise_does() -> None:
    """At 11,940 the margin is lost, and after the way back the owner has 25,000."""
    contract = inverse()
    margin = one_leg(contract, -30_000.0, 10_000.0, 0.5).accounts
    assert liquidation_price(Book(margin), {"BTC": 10_000.0}) == near(11_940.0)
    decision = three_coins()
    flat, state, quote = decision.flat, filled(decision), decision.quoted.quote
    beyond = outcome(flat, state, quote, 0.2001)
    assert beyond.liquidated == [(0, near(1.194))]
    assert beyond.hedged_usd == near(2.5 * 12_001.0)
    assert outcome(flat, state, quote, 0.19).liquidated == []
    after = wipe_out(flat, state, 0)
    assert wealth_of(flat, after, quote) == near(25_000.0)
    assert delta_of(flat, after, quote, "BTC") == near(2.5)


def test_t16_a_linear_short_receives() -> None:
    """Twenty-one payments of +0.01 % on 60,000 bring a short 126 dollars."""
    flat, quote = flat_at(
        one_leg(linear(), -1.0, 60_000.0, 10_000.0), {"BTC": 60_000.0, "USDT": 1.0}
    )
    held = leg_value(flat.layout, flat.state, quote, 0)
    assert sum(cash_flow(held, 0.0001) for _ in range(21)) == near(126.0)


@pytest.mark.parametrize(("mark", "received"), [(50_000.0, 0.0002), (40_000.0, 0.00025)])
def test_t17_funding_is_paid_at_the_mark(mark: float, received: float) -> None:
    """The same face is more coins at a lower mark, and so is its funding."""
    flat, quote = flat_at(one_leg(inverse(), -100_000.0, 50_000.0, 2.0), {"BTC": mark})
    assert cash_flow(leg_value(flat.layout, flat.state, quote, 0), 0.0001) == near(received)


@pytest.mark.parametrize(("hours", "yearly"), [(1.0, 0.876), (8.0, 0.1095)])
def test_t18_a_rate_belongs_to_its_interval(hours: float, yearly: float) -> None:
    """0.01 % an hour is 87.6 % a year; eight hours make it 10.95 %."""
    assert annual(0.0001, hours) == near(yearly)


@pytest.mark.parametrize("contract", [inverse(), linear()])
def test_t30_a_long_future_adds(contract: Contract) -> None:
    """A coin and a long future of a coin are two coins of exposure, not none."""
    held = 50_000.0 if contract.payoff == "inverse" else 1.0
    long = account("futures", positions=(Position(contract, held, 50_000.0),))
    flat, quote = flat_at(Book((vault(BTC=1.0), long)), {"BTC": 50_000.0, "USDT": 1.0})
    assert delta_of(flat, flat.state, quote, "BTC") == near(2.0)


def test_t36_whole_contracts_never_past_the_target() -> None:
    """1.2345 BTC at 60,000 are 740 contracts of 100 dollars; 70 dollars stay long."""
    contract = inverse(multiplier=100.0)
    book = Book((vault(BTC=1.0), account("coinm", {"BTC": 0.2345})))
    decision = decided(book, [fixed()], [[("coinm", contract, False)]], {"BTC": 60_000.0})
    left = delta_of(decision.flat, filled(decision), decision.quoted.quote, "BTC")
    assert trades(decision) == {contract.key: -740.0}
    assert left * 60_000.0 == near(70.0)
