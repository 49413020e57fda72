"""What one contract earns: worked figures, and what is not known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hedge.test_funding_model import rates_of, walk
from volsculpt.contracts.catalog import load_catalog
from volsculpt.contracts.payoff import INVERSE, unrealised_pnl, value
from volsculpt.contracts.spec import Contract
from volsculpt.hedge.carry.contract_carry import (
    ContractCarry,
    carry_of,
    share_below,
    span_of,
)
from volsculpt.hedge.carry.margin import CarryPrices, initial_margin
from volsculpt.hedge.carry.terms import (
    CarryTerms,
    annual,
    days_to_pay,
    is_wild,
    premium_earned,
)
from volsculpt.units import moment_ns

NOW_NS = moment_ns("2024-05-20T08:00:00Z")
TERMS = CarryTerms(days=90.0, half_spread=0.0001)


def dated(symbol: str = "BTC/USD:BTC-240628") -> Contract:
    """Binance's quarter: 0.05 % taker, 0.015 % at delivery, 39 days left."""
    return load_catalog().get("binance", symbol, NOW_NS)


def perpetual() -> Contract:
    """Bybit's: 0.055 % taker."""
    return load_catalog().get("bybit", "BTC/USD:BTC")


def prices(mark: float, spot: float = 60_000.0) -> CarryPrices:
    """Of an inverse contract."""
    return CarryPrices(mark, spot, spot, spot)


def found(
    contract: Contract, mark: float, terms: CarryTerms = TERMS, rate: np.ndarray | None = None
) -> ContractCarry:
    """What it earns. rate: of its funding, None: none is stored."""
    rates = None if rate is None else rates_of(rate)
    now_ns = NOW_NS if rates is None else rates.end_ns
    return carry_of(contract, terms, prices(mark), now_ns, rates)


def test_a_dated_contract_earns_its_premium_less_what_it_costs_to_get_there() -> None:
    """1 % over 39 days, 0.06 % to enter, 0.015 % at delivery: 0.925 %, 8.66 % a year."""
    one = found(dated(), 60_600.0)
    assert (one.days_left, one.days, one.is_delivered) == (39.0, 39.0, True)
    assert one.premium == pytest.approx(0.01)
    assert one.premium_annual == pytest.approx(0.01 * 365 / 39)
    assert one.premium_continuous == pytest.approx(np.log(1.01) * 365 / 39)
    assert one.costs is not None
    assert (one.costs.enter, one.costs.leave) == pytest.approx((0.0006, 0.00015))
    assert one.net == pytest.approx(0.00925)
    assert one.net_annual == pytest.approx(0.00925 * 365 / 39)
    assert one.pay_days == pytest.approx(0.00075 / (0.01 / 39))
    assert (one.below_zero, one.error, one.why) == (0.0, 0.0, ())
    assert found(dated(), 60_030.0).below_zero == 1.0


def test_what_is_left_before_delivery_has_earned_its_part_and_is_not_certain() -> None:
    """13 of 39 days: a third of the premium, and the trade back costs as much as the first."""
    one = found(dated(), 60_600.0, replace(TERMS, days=13.0))
    assert one.expected == pytest.approx(0.01 / 3)
    assert one.net == pytest.approx(0.01 / 3 - 0.0012)
    assert (one.is_delivered, one.below_zero, one.error) == (False, None, None)
    assert one.why == ("what its premium is when it is left early is not known",)


def test_a_horizon_that_ends_with_the_contract_is_its_delivery() -> None:
    """39 days of 39: the fee at delivery and no second trade; a day less is left early."""
    whole, early = (found(dated(), 60_600.0, replace(TERMS, days=days)) for days in (39.0, 38.0))
    assert (whole.is_delivered, early.is_delivered) == (True, False)
    assert whole.costs is not None
    assert whole.costs.leave == pytest.approx(0.00015)


@given(st.floats(10_000.0, 200_000.0), st.floats(1.0, 300_000.0), st.floats(0.98, 1.05))
def test_coins_sold_forward_are_worth_the_premium_whatever_the_price(
    spot: float, end: float, over: float
) -> None:
    """Law: a coin and a short of its worth at F, delivered at any price, are F/S - 1 more."""
    future = over * spot
    contracts = -future  # one dollar each: all of one coin is sold at F
    cost = value(INVERSE, contracts, 1.0, future)
    coins = 1.0 + unrealised_pnl(INVERSE, cost, value(INVERSE, contracts, 1.0, end))
    earned = premium_earned(over - 1.0, 39.0, 90.0)
    assert coins * end / spot - 1.0 == pytest.approx(earned, rel=1e-9, abs=1e-9)


def test_a_perpetual_earns_what_funding_is_expected_to_be() -> None:
    """0.01 % three times a day for 90 days: 2.7 %, less two trades of 0.065 %."""
    one = found(perpetual(), 60_000.0, rate=np.full(900, 0.0001))
    assert one.expected == pytest.approx(0.027)
    assert one.net == pytest.approx(0.027 - 0.0013)
    assert one.net_annual == pytest.approx((0.027 - 0.0013) * 365 / 90)
    assert one.funding_annual == pytest.approx(0.1095)
    assert one.pay_days == pytest.approx(0.0013 / 0.0003)
    assert [span.days for span in one.past] == [7, 30, 90]
    assert all(span.mean == pytest.approx(0.1095) for span in one.past)
    assert one.below_zero == 0.0


def test_missing_funding_is_not_zero() -> None:
    """Nothing is expected then, and it is said; as where fees or margin are unknown."""
    one = found(perpetual(), 60_000.0)
    assert (one.expected, one.net, one.net_annual) == (None, None, None)
    assert one.why == ("none of its funding is stored",)
    free = replace(perpetual(), fees=replace(perpetual().fees, taker=None))
    assert found(free, 60_000.0, rate=np.full(900, 1e-4)).why == ("its taker fee is unknown",)
    bare = replace(perpetual(), margin=None)
    assert found(bare, 60_000.0, rate=np.full(900, 1e-4)).why == ("its margin is unknown",)
    ends = replace(dated(), fees=replace(dated().fees, delivery=None))
    assert found(ends, 60_600.0).why == ("its fee at delivery is unknown",)


@pytest.mark.parametrize(
    ("premium", "days", "wild"),
    [(0.31, 5.0, True), (-0.31, 300.0, True), (0.2, 36.0, True), (0.03, 5.0, False)],
)
def test_a_premium_that_no_market_pays_is_told_and_not_used(
    premium: float, days: float, wild: bool
) -> None:
    """Above 30 %, or above 200 % a year with more than 30 days left."""
    assert is_wild(premium, days) == wild
    assert is_wild(0.29, 100.0) is False
    one = found(dated(), 60_000.0 * 1.31)
    assert one.premium == pytest.approx(0.31)
    assert (one.net, one.costs) == (None, None)
    assert one.why == ("its premium is none that a market pays: look at its price",)


def test_margin_costs_what_it_would_earn_elsewhere() -> None:
    """At 4 % a year for 90 days: a hundredth of the margin."""
    terms = replace(TERMS, cash_rate=0.04)
    one, rate = found(perpetual(), 60_000.0, terms, np.full(900, 1e-4)), 0.0
    rate = initial_margin(perpetual(), 1.0, prices(60_000.0))
    assert one.costs is not None
    assert one.costs.margin == pytest.approx(rate * 0.04 * 90 / 365)
    assert 0.0 < rate <= 0.1


def test_a_larger_position_needs_more_margin() -> None:
    """By tiers of its venue; a linear contract counts the same coins."""
    linear = load_catalog().get("binance", "BTC/USDT:USDT")
    for contract, of in (
        (dated(), prices(60_000.0)),
        (linear, CarryPrices(60_000.0, 60_000.0, 60_000.0, 1.0)),
    ):
        rates = [initial_margin(contract, coins, of) for coins in (0.1, 10.0, 1_000.0)]
        assert rates == sorted(rates)
        assert rates[0] < rates[-1]


def test_a_week_or_less_is_no_rate_a_year() -> None:
    """Worked figures of the terms."""
    assert annual(0.01, 90.0) == pytest.approx(0.01 * 365 / 90)
    assert annual(0.01, 6.9) is None
    assert days_to_pay(0.0001, 0.0012) == pytest.approx(12.0)
    assert days_to_pay(0.0, 0.0012) is None
    assert days_to_pay(-1.0, 0.0) == 0.0
    assert premium_earned(0.02, 100.0, 50.0) == pytest.approx(0.01)


def test_days_on_which_shorts_paid_are_counted() -> None:
    """Two of the last seven, and none of the days before."""
    rate = np.full(3 * 40, 0.0002)
    rate[-6:] = -0.0001
    rates = rates_of(rate)
    week = span_of(rates, 7)
    assert week is not None
    assert week.negative == pytest.approx(2 / 7)
    assert week.mean == pytest.approx((5 * 0.0006 - 2 * 0.0003) / 7 * 365)
    assert (week.low, week.high) == pytest.approx((-0.0003 * 365, 0.0006 * 365))
    assert span_of(rates, 41) is None
    assert span_of(rates, 40) is not None


def test_stretches_that_ended_below_zero_are_counted() -> None:
    """Each that begins at a payment and is whole: costs above and below what they brought."""
    rates = rates_of(np.full(3 * 200, 0.0001))
    assert share_below(rates, 30.0, 0.0089) == 0.0
    assert share_below(rates, 30.0, 0.0091) == 1.0
    assert share_below(rates_of(np.full(100, 0.0001)), 30.0, 0.0) is None
    mixed = rates_of(walk(3, 300))
    means = [float(mixed.rate[at : at + 90].sum()) for at in range(len(mixed.rate) - 90 + 1)]
    told = share_below(mixed, 30.0, 0.01)
    assert told == pytest.approx(np.mean([one < 0.01 for one in means]), abs=0.01)
