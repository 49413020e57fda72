"""What a plan says its contracts earn a day, against what they pay in the end."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories as make
from tests.report.plans import treasury
from volsculpt import verbs
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.payoff import PAYOFF_CODE, delivery_pnl, value
from volsculpt.contracts.spec import Contract
from volsculpt.decide.step import Setup, decide
from volsculpt.mandate.init import MandateAnswers, render_mandate
from volsculpt.mandate.load import parse_mandate
from volsculpt.market.quotes import Quotes
from volsculpt.report.document import Grid, Line
from volsculpt.report.pages.plan_carry import carry
from volsculpt.report.plan import Plan
from volsculpt.report.rows.plan import CarryRow
from volsculpt.report.rows.plan_book import carry_rows
from volsculpt.text import signed_usd
from volsculpt.units import DAY_NS

DAYS = 90
AT = make.CHRISTMAS_2024_NS - DAYS * DAY_NS


def dated_linear(settle: str = "USDT", base: str = "BTC") -> Contract:
    """A linear future that expires on 2024-12-27."""
    symbol = f"{base}/{settle}:{settle}-241227"
    expiry_ns = make.CHRISTMAS_2024_NS
    return make.linear(base, settle=settle, symbol=symbol, expiry_ns=expiry_ns, funding=None)


def dated_quanto() -> Contract:
    """A future on ETH in dollars that pays in bitcoin."""
    symbol = "ETH/USD:BTC-241227"
    return make.quanto("ETH", symbol=symbol, expiry_ns=make.CHRISTMAS_2024_NS, funding=None)


def carried(contract: Contract, contracts: float, quotes: Quotes) -> CarryRow:
    """The carry row of a position with plenty of coins behind it."""
    held = Position(contract, contracts, 60_000.0)
    book = Book((make.account("coinm", {contract.settle: 1e9}, (held,)),))
    decision = decide(Setup(book, (), ()), quotes, AT)
    (row,) = carry_rows(decision, quotes, decision.flat.state)
    return row


@pytest.mark.parametrize(
    ("contract", "contracts", "index", "mark", "a_day"),
    [
        (make.dated(), -72_000.0, {"BTC": 60_000.0}, 72_000.0, 12_000.0 / 90),
        (dated_linear(), -1.0, {"BTC": 60_000.0, "USDT": 1.0}, 72_000.0, 12_000.0 / 90),
        (make.dated(), -120_000.0, {"BTC": 60_000.0}, 66_000.0, 10_909.0909090909 / 90),
        (make.dated(), 72_000.0, {"BTC": 60_000.0}, 72_000.0, -12_000.0 / 90),
        (make.dated(), -54_000.0, {"BTC": 60_000.0}, 54_000.0, -6_000.0 / 90),
        (dated_linear(), -1.0, {"BTC": 60_000.0, "USDT": 0.96}, 72_000.0, 9_120.0 / 90),
        (dated_quanto(), -1e6, {"ETH": 3_000.0, "BTC": 60_000.0}, 3_100.0, 6e6 / 90),
        (
            dated_linear("BTC", "ETH"),
            -10.0,
            {"ETH": 3_000.0, "BTC": 60_000.0},
            0.051,
            600.0 / 90,
        ),
    ],
)
def test_a_dated_contract_earns_what_converges(
    contract: Contract, contracts: float, index: dict[str, float], mark: float, a_day: float
) -> None:
    """Its price becomes the coin's: shorts earn a premium, longs a discount, by payoff."""
    row = carried(contract, contracts, Quotes(AT, index, {contract.key: mark}))
    assert row.hold_usd_per_day == pytest.approx(a_day, rel=1e-12)


@given(
    payoff=st.sampled_from(["inverse", "linear"]),
    contracts=st.floats(-1e5, 1e5),
    mark=st.floats(20_000, 200_000),
    spot=st.floats(20_000, 200_000),
    fair=st.floats(0.9, 1.1),
)
def test_carry_is_what_delivery_pays(
    payoff: str, contracts: float, mark: float, spot: float, fair: float
) -> None:
    """All days together are the profit, from the mark, of a delivery at today's index.

    To what rounding leaves of a difference of two values.
    """
    contract = make.dated() if payoff == "inverse" else dated_linear()
    quotes = Quotes(AT, {"BTC": spot * fair, "USDT": fair, "USD": 1.0}, {contract.key: mark})
    settled = spot * fair if payoff == "inverse" else spot
    code = PAYOFF_CODE[payoff]
    cost = value(code, contracts, contract.multiplier, mark)
    paid = delivery_pnl(code, contracts, contract.multiplier, cost, settled, 0.0)
    usd = paid * quotes.index[contract.settle]
    found = carried(contract, contracts, quotes).hold_usd_per_day
    assert found is not None
    noise = 1e-14 * abs(cost) * quotes.index[contract.settle]
    assert found * DAYS == pytest.approx(usd, rel=1e-9, abs=1e-6 + noise)


def test_no_price_of_its_own_is_no_carry() -> None:
    """A dated contract taken at the index has no premium that is known."""
    row = carried(make.dated(), -100.0, Quotes(AT, {"BTC": 60_000.0}))
    assert (row.basis_annual, row.hold_usd_per_day, row.days_to_expiry) == (None, None, DAYS)


def test_an_expired_contract_has_no_carry() -> None:
    """What is past its expiry neither converges nor counts days."""
    gone = make.dated(expiry_ns=AT - 1)
    row = carried(gone, -100.0, Quotes(AT, {"BTC": 60_000.0}, {gone.key: 66_000.0}))
    assert (row.basis_annual, row.hold_usd_per_day, row.days_to_expiry) == (None, None, 0.0)


@pytest.mark.parametrize(
    ("contract", "contracts", "index", "rate", "a_day"),
    [
        (make.inverse(), -66_000.0, {"BTC": 60_000.0}, 1e-4, 18.0),
        (make.linear(), -1.0, {"BTC": 60_000.0, "USDT": 0.96}, 1e-4, 19.008),
        (make.quanto(), -1e6, {"ETH": 60_000.0, "BTC": 60_000.0}, 1e-4, 1.188e6),
        (make.inverse(), 66_000.0, {"BTC": 60_000.0}, 1e-4, -18.0),
    ],
)
def test_funding_is_paid_on_value_at_the_mark(
    contract: Contract, contracts: float, index: dict[str, float], rate: float, a_day: float
) -> None:
    """Three stamps a day, in the settle currency, told in US dollars at the index."""
    quotes = Quotes(AT, index, {contract.key: 66_000.0}, {contract.key: rate})
    row = carried(contract, contracts, quotes)
    assert row.hold_usd_per_day == pytest.approx(a_day, rel=1e-9)


def test_accounts_are_summed() -> None:
    """One row a contract, whatever accounts hold it."""
    contract = make.dated()
    accounts = [
        make.account(name, {"BTC": 5.0}, (Position(contract, size, 60_000.0),))
        for name, size in (("a", -72_000.0), ("b", -36_000.0))
    ]
    quotes = Quotes(AT, {"BTC": 60_000.0}, {contract.key: 72_000.0})
    setup = Setup(Book(tuple(accounts)), (), ())
    decision = decide(setup, quotes, AT)
    (row,) = carry_rows(decision, quotes, decision.flat.state)
    assert row.hold_usd_per_day == pytest.approx(18_000.0 / DAYS)


def test_the_value_of_what_is_held_stands_beside_what_it_earns() -> None:
    """12,000 US dollars short are so at any index: 0.2 coins of it; + is long."""
    quotes = Quotes(AT, {"BTC": 60_000.0}, {"bybit:BTC/USD:BTC": 60_000.0}, {})
    assert carried(make.inverse(), -12_000.0, quotes).held_usd == pytest.approx(-12_000.0)
    assert carried(make.inverse(), 12_000.0, quotes).held_usd == pytest.approx(12_000.0)


def test_carry_is_told_of_what_coins_to_move_will_carry() -> None:
    """Nothing is sold before coins are there: then 12,000 at 0.01 % in 8 hours, 3.60 a day."""
    answers = MandateAnswers(cold={"vault": {"BTC": 0.2}}, ratio=1.0, safe_leverage=3.0)
    plan = verbs.plan(
        parse_mandate(render_mandate(answers)),
        prices={"BTC": 60_000.0},
        funding={"bybit:BTC/USD:BTC": 0.0001},
        time_ns=AT,
        shocks=(-0.25, 0.0),
    )
    assert plan.carry[0].hold_usd_per_day == 0.0
    assert plan.then is not None
    (row,) = plan.then.carry
    assert row.held_usd == pytest.approx(-12_000.0)
    assert row.hold_usd_per_day == pytest.approx(3.6)
    assert (row.held_contracts, row.face_usd) == (-12_000.0, -12_000.0)
    assert [one.shock_ratio for one in plan.then.scenarios] == [-0.25, 0.0]
    assert [one.shock_ratio for one in plan.scenarios] == [-0.25, 0.0]


INCOME = """version = 1
[[account]]
name = "vault"
kind = "cold"
balances = { ETH = 1.3, BTC = 0.2 }
[[account]]
name = "futures"
kind = "margin"
venue = "binance"
[[hedge]]
underlying = "ETH"
ratio = 1
use = "ETH/USD:ETH@quarter"
[[hedge]]
underlying = "BTC"
ratio = 1
use = "BTC/USD:BTC@quarter"
"""
SEPTEMBER_2024_NS = 1_727_419_200_000_000_000  # a quarter before 2024-12-27


def income(premium: float | None) -> Plan:
    """A plan for income whose margin account is empty. premium: of both contracts over the coin."""
    prices, time_ns = {"ETH": 3_000.0, "BTC": 60_000.0}, SEPTEMBER_2024_NS + DAY_NS
    if premium is not None:
        for coin in ("ETH", "BTC"):
            key = f"binance:{coin}/USD:{coin}-241227"
            prices[key] = prices[coin] * (1.0 + premium)
    return verbs.plan(parse_mandate(INCOME), prices=prices, time_ns=time_ns)


@pytest.mark.parametrize("premium", [-0.016, 0.016])
def test_what_is_earned_once_coins_have_moved_stands_beside_what_is_earned_now(
    premium: float,
) -> None:
    """An empty account sells nothing before its coins: 0 a day was all that was told."""
    plan = income(premium)
    assert [row.hold_usd_per_day for row in plan.carry] == [0.0, 0.0]
    assert plan.then is not None
    earned = [row.hold_usd_per_day or 0.0 for row in plan.then.carry]
    assert all(one * premium > 0.0 for one in earned)
    grid = next(one for one in carry(plan).items if isinstance(one, Grid))
    assert [column.head for column in grid.columns[-2:]] == ["USD a day", "then"]
    assert [row[-1] for row in grid.rows] == [signed_usd(one) for one in earned]


def test_income_below_nothing_is_warned_of() -> None:
    """Of each contract that is sold below its coin, and of none above or at it."""
    told = [one for one in income(-0.016).warnings if one.startswith("negative_carry: ")]
    assert len(told) == 2
    assert "ETH/USD:ETH-241227 is below the coin's price, -6.4" in told[0]
    assert " contracts held short cost " in told[0]
    for premium in (0.016, 0.0, None):
        assert not any("negative_carry" in one for one in income(premium).warnings)


def test_a_dated_contract_without_a_price_asks_for_the_venues_own() -> None:
    """The index pasted shows a premium of nil; a perpetual may be taken at it."""
    told = [one for one in income(None).warnings if one.startswith("assumed_mark: ")]
    assert len(told) == 2
    assert all("the venue's price of that contract, --price binance:" in one for one in told)
    assert all("=PRICE: at the index it earns nothing" in one for one in told)
    assert not any("=3000" in one or "=60000" in one for one in told)


@pytest.mark.parametrize(("coins", "others"), [(1, ""), (2, " and likewise for the others")])
def test_funding_that_is_not_given_names_how_it_is_given(coins: int, others: str) -> None:
    """The option, with the first contract that lacks it."""
    lacking = [CarryRow(f"bybit:{n}/USD:{n}", None, None, None, None) for n in "AB"[:coins]]
    plan = replace(treasury(), carry=lacking, then=None)
    lines = [one.text for one in carry(plan).items if isinstance(one, Line)]
    assert lines == [
        f"funding is counted with `plan --funding bybit:A/USD:A=RATE`, that of a stamp{others}"
    ]
    known = replace(plan, carry=[CarryRow("bybit:A/USD:A", 0.1, None, None, 1.0)])
    assert not any(isinstance(one, Line) for one in carry(known).items)
