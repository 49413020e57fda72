"""Fees that an account states, and discounts that end, in everything that counts with fees."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import inverse
from tests.mandate.samples import BOOK
from volsculpt import plan
from volsculpt.book.fees import fee_changes, fees_at
from volsculpt.book.holdings import OwnFees
from volsculpt.contracts.spec import Fees
from volsculpt.mandate.load import parse_mandate
from volsculpt.report.plan import Plan
from volsculpt.units import datetime_ns

HEDGE = '[[hedge]]\nunderlying = "BTC"\nratio = 0.5\n'
END = datetime_ns(datetime.fromisoformat("2024-06-01T00:00:00Z"))
HALF = "fee_discount = { share = 0.5, until = 2024-06-01T00:00:00Z }\n"
LISTED = 0.00055  # bybit's taker fee

known = st.floats(0.0, 0.009)
rates = st.none() | known
rebates = st.none() | st.floats(-0.009, 0.009)
shares = st.floats(0.0, 1.0)


def planned(said: str, at_ns: int = END - 1) -> Plan:
    """The plan of half of 3 BTC at 60,000, with this said of the margin account."""
    prices = {"BTC": 60_000.0, "ETH": 3_000.0}
    return plan(parse_mandate(BOOK + said + HEDGE), time_ns=at_ns, prices=prices)


@given(maker=rebates, taker=rates, share=shares, listed=known, off=st.integers(-5, 5))
def test_a_discount_lowers_what_is_paid_until_it_ends(
    maker: float | None, taker: float | None, share: float, listed: float, off: int
) -> None:
    """Its share off every fee above 0, before its end and never at it; a rebate stays."""
    contract = inverse(fees=Fees(maker=-0.0001, taker=listed, delivery=0.0003))
    whole = fees_at(OwnFees(maker, taker), contract)
    own = OwnFees(maker, taker, discount=share, until_ns=END)
    found = fees_at(own, contract, END + off)
    assert whole.taker == (listed if taker is None else taker)
    assert whole.maker == (-0.0001 if maker is None else maker)
    assert (found.delivery, whole.maker is None, whole.taker is None) == (0.0003, False, False)
    for less, fee in ((found.maker, whole.maker), (found.taker, whole.taker)):
        assert less == (fee * (1.0 - share) if off < 0 and fee > 0.0 else fee)


def test_a_symbols_own_fee_goes_before_the_accounts() -> None:
    """Its taker is taken, its maker, which is not said, is the account's, then the catalog's."""
    one, other = inverse(), inverse("ETH")
    own = OwnFees(maker=0.0001, by_symbol={one.symbol: Fees(taker=0.0)})
    assert (fees_at(own, one).maker, fees_at(own, one).taker) == (0.0001, 0.0)
    assert (fees_at(own, other).maker, fees_at(own, other).taker) == (0.0001, 0.0005)
    assert fees_at(OwnFees(), inverse(fees=Fees())) == Fees()


@pytest.mark.parametrize(
    ("said", "fee"),
    [
        ("", LISTED),
        ("fees = { taker = 0.0002 }\n", 0.0002),
        ("fees = { maker = 0.0001 }\n", LISTED),
        ('fees = { taker = 0.0009, "BTC/USD:BTC" = { taker = 0.0001 } }\n', 0.0001),
        ('fees = { taker = 0.0009, "ETH/USD:ETH" = { taker = 0.0001 } }\n', 0.0009),
        ("fee_discount = { share = 0.1 }\n", LISTED * 0.9),
        ("fees = { taker = 0.0004 }\n" + HALF, 0.0002),
        ("fee_discount = { share = 1 }\n", 0.0),
    ],
)
def test_a_plan_counts_the_fee_of_the_account(said: str, fee: float) -> None:
    """1.5 BTC are sold; the fee is that share of them, of a position that is held too."""
    (order,) = planned(said).orders
    assert order.fee == pytest.approx(1.5 * fee, abs=1e-12)
    held = '[[account.position]]\ncontract = "BTC/USD:BTC"\ncontracts = -30_000\nentry = 60_000\n'
    (order,) = planned(said + held).orders
    assert order.fee == pytest.approx(1.0 * fee, abs=1e-12)


def test_a_discount_that_is_over_is_said_and_not_counted() -> None:
    """A nanosecond before its end half the fee is paid, at its end all of it."""
    before, after = planned(HALF), planned(HALF, END)
    assert [p.orders[0].fee for p in (before, after)] == pytest.approx(
        [0.75 * LISTED, 1.5 * LISTED], abs=1e-12
    )
    assert "coinm: fees are 50 % less until 2024-06-01T00:00:00Z" in before.notes
    told = "coinm: fees are 50 % less until 2024-06-01T00:00:00Z, which is over: fees are whole"
    assert told in after.notes


def test_a_lower_fee_leaves_room_for_a_larger_isolated_position() -> None:
    """V / leverage + V x fee <= coins: 0.5 BTC at 2x carry 59,934 USD at 0.055 %, else 60,000."""
    iso = 'margin_mode = "isolated"\nleverage = 2\n'
    listed, free = planned(iso), planned(iso + "fees = { taker = 0 }\n")
    assert [p.orders[0].contracts for p in (listed, free)] == [59_934.0, 60_000.0]


def test_the_ends_of_discounts_are_told_in_order() -> None:
    """Each once, after a time and up to another; what has no end or no share has no place."""
    book = parse_mandate(BOOK + HALF).book
    vault, coinm = book.accounts
    other = replace(coinm, fees=replace(coinm.fees, until_ns=END - 5))
    none = replace(coinm, fees=OwnFees(until_ns=END - 7))
    book = replace(book, accounts=(vault, coinm, coinm, other, none))
    assert fee_changes(book, END - 10, END) == [END - 5, END]
    assert fee_changes(book, END - 5, END - 1) == []


def test_a_bonus_is_read_and_told() -> None:
    """It is in the equity of its group, and in nothing that is owned; the plan says what it is."""
    bare, more = planned(""), planned("bonus = { BTC = 0.25 }\n")
    assert (more.exposure, more.wealth_usd, more.orders) == (
        bare.exposure,
        bare.wealth_usd,
        bare.orders,
    )
    equity = [row.equity_coin for row in more.margin]
    assert equity == pytest.approx([row.equity_coin + 0.25 for row in bare.margin])
    assert (
        "coinm: a bonus of 0.25 BTC counts as margin, not as owned; it is lost when coins leave "
        "the account"
    ) in more.notes
