"""A hedge of dated contracts: the dollars at their delivery, against those worked by hand."""

import pytest

from tests.report.hedges import BYBIT, QUARTER, hedged, text_of
from volsculpt.errors import PriceError


def test_a_lock_tells_the_dollars_at_delivery_whatever_happens() -> None:
    """12,120 dollars of face, less 6.60 of fees now and 6.06 then, for coins worth 12,000."""
    prices, how = {QUARTER: 60_600.0}, {"lock": "quarter"}
    found = hedged("0.2 BTC", how, prices=prices, funding={BYBIT: 0.0001})
    lock, days = found.rows.lock, 39.0 + 8.0 / 24.0  # to 28 June, 08:00
    assert lock is not None
    assert found.rows.days == pytest.approx(days)
    assert [one.contracts for one in found.rows.steps if one.action == "sell"] == [12_120.0]
    assert lock.spot_usd == pytest.approx(12_000.0)
    assert lock.locked_usd == pytest.approx(12_120.0 - 6.6 - 6.06)
    assert lock.yield_annual == pytest.approx((107.34 / 12_000.0) * 365.0 / days)
    assert lock.perpetual_annual == pytest.approx(0.1095 - 13.2 / 12_000.0 * 365.0 / days)
    assert (found.rows.fees_in_usd, found.rows.fees_out_usd) == pytest.approx((6.6, 6.06))
    assert found.rows.funding == []
    assert found.rows.steps[-1].action == "deliver"
    assert found.rows.steps[-1].at == "2024-06-28T08:00:00Z"
    text = text_of(found)
    assert "Locked: 12,107 USD on 2024-06-28 whatever the price" in text
    assert "unused" not in text  # the funding is of the perpetual beside it


@pytest.mark.parametrize("price", [30_000.0, 60_000.0, 120_000.0])
def test_what_is_locked_is_what_is_there_at_any_price(price: float) -> None:
    """Coins of 0.2 less fees, and 12,120 dollars sold at 60,600, delivered at any price."""
    lock = hedged("0.2 BTC", {"lock": "quarter"}, prices={QUARTER: 60_600.0}).rows.lock
    assert lock is not None
    profit = 12_120.0 * (1.0 / price - 1.0 / 60_600.0)
    fees = 0.00011 + 12_120.0 / price * 0.0005
    in_dollars = (0.2 + profit - fees) * price
    slack = abs(0.00011 * (price - 60_000.0))  # the fee of now is paid in coins
    assert abs(in_dollars - lock.locked_usd) <= slack + 1e-6


def test_a_lock_without_funding_compares_with_nothing() -> None:
    """The yield of the perpetual is not known, and not 0."""
    found = hedged("0.2 BTC", {"lock": "quarter"}, prices={QUARTER: 60_600.0})
    assert found.rows.lock is not None
    assert found.rows.lock.perpetual_annual is None
    assert "that of the perpetual is not known" in text_of(found)


def test_coins_that_both_lack_are_counted_as_there() -> None:
    """At OKX the dated contract stands on dollars, the perpetual beside it on USDT."""
    prices = {"okx:BTC/USD:USD-240628": 60_500.0}
    funding = {"okx:BTC/USDT:USDT": 0.0001}
    found = hedged("1 BTC", {"venue": "okx", "lock": "quarter"}, prices, funding).rows
    assert found.lock is not None
    assert found.lock.locked_usd == pytest.approx(60_500.0 - 60_500.0 * 0.0005)  # delivery unknown
    assert found.lock.delivery_fee_usd is None
    fees = 2.0 * 0.0005 * 365.0 / found.days
    assert found.lock.perpetual_annual == pytest.approx(0.1095 - fees)
    assert found.owned_usd == pytest.approx(60_000.0)


def test_a_name_that_nothing_has_is_still_told_beside_a_lock() -> None:
    """Of what neither the dated contract nor the perpetual uses."""
    prices = {QUARTER: 60_600.0, "DOGE": 1.0}
    found = hedged("0.2 BTC", {"lock": "quarter"}, prices=prices, funding={BYBIT: 0.0001})
    assert [one.partition(";")[0] for one in found.rows.warnings] == [
        "unused_price: nothing here is called DOGE"
    ]


def test_a_lock_needs_its_own_price() -> None:
    """An assumed one would lock in the price of now."""
    with pytest.raises(PriceError, match=f"no price for {QUARTER}.*--price {QUARTER}=PRICE"):
        hedged("0.2 BTC", {"lock": "quarter"})
