"""Streams of funding by day and of what a rule for dated contracts means."""

from dataclasses import replace

import numpy as np
import pytest

from tests.hedge.a_market import BEGIN_NS, INDEX, USDT, hourly
from volsculpt.market.history import History, history_of
from volsculpt.market.observed import observed, paid_funding
from volsculpt.market.series import FundingRates, Label
from volsculpt.market.streams import (
    ForwardPrice,
    PaidFunding,
    Stream,
    dated_by,
    forward_of,
    forward_stream,
)
from volsculpt.units import DAY_NS, HOUR_NS, moment_ns

FUNDING = Label("bybit", "BTC/USD:BTC", "funding", "USD", "made by hand")
RULE = "binance:BTC/USD:BTC@quarter"
NEAR, FAR = (f"binance:BTC/USD:BTC-{day}" for day in ("200327", "200626"))
NEAR_NS, FAR_NS = (moment_ns(f"2020-{day}T08:00:00Z") for day in ("03-27", "06-26"))


def a_history() -> History:
    """Hourly: a coin at 10,000, a near contract at 1 % over it, a far one at 3 %."""
    rows = 150 * 24
    flat = np.full(rows, 10_000.0)
    marks = [
        hourly(Label("binance", key.partition(":")[2], "mark", "USD", "made by hand"), flat * over)
        for key, over in ((NEAR, 1.01), (FAR, 1.03))
    ]
    return history_of([hourly(INDEX, flat), hourly(USDT, np.ones(rows)), *marks])


def test_a_rule_means_what_the_catalog_says_at_each_time() -> None:
    """Daily: the near contract until a week before its delivery, then the far one."""
    seen = observed(
        a_history(), forward_stream(RULE, 7.0, DAY_NS), BEGIN_NS, BEGIN_NS + 149 * DAY_NS
    )
    rolled_ns = NEAR_NS - 7 * DAY_NS
    assert [time_ns for time_ns, _ in seen] == [BEGIN_NS + day * DAY_NS for day in range(1, 150)]
    for time_ns, one in seen:
        key, expiry_ns, over = (NEAR, NEAR_NS, 0.01) if time_ns < rolled_ns else (FAR, FAR_NS, 0.03)
        assert one == ForwardPrice(key, expiry_ns, pytest.approx(over))


def test_a_contract_by_name_means_itself_until_it_is_delivered() -> None:
    """No price of it is told from its delivery on, though one is stored."""
    end_ns = BEGIN_NS + 149 * DAY_NS
    seen = observed(a_history(), forward_stream(NEAR, 0.0, DAY_NS), BEGIN_NS, end_ns)
    assert {one.key for _, one in seen} == {NEAR}
    assert seen[-1][0] == NEAR_NS // DAY_NS * DAY_NS


def test_what_has_no_price_is_not_there() -> None:
    """Neither the near contract in place of the far one, nor a rule that no venue has."""
    alone = a_history().only([NEAR])
    seen = observed(alone, forward_stream(RULE, 7.0, DAY_NS), BEGIN_NS, BEGIN_NS + 149 * DAY_NS)
    assert seen[-1][0] < NEAR_NS - 7 * DAY_NS
    for rule in ("binance:BTC/USD:BTC@week", "okx:BTC/USD:BTC@quarter"):
        stream = forward_stream(rule, 7.0, DAY_NS)
        assert observed(a_history(), stream, BEGIN_NS, BEGIN_NS + 149 * DAY_NS) == []


def test_a_rule_keeps_all_that_it_can_mean() -> None:
    """Of a history, and of names; a contract keeps itself."""
    keys = [NEAR, FAR, "binance:BTC/USD:BTC", "binance:BTC/USDT:USDT-200327"]
    assert dated_by(RULE, keys) == [NEAR, FAR]
    assert dated_by(FAR, keys) == [FAR]
    assert set(a_history().only([RULE]).mark) == {NEAR, FAR}
    assert forward_of(forward_stream(RULE, 7.0).of) == (RULE, 7.0)
    assert Stream("forward", RULE, DAY_NS).words == f"1d premium of {RULE}"


def test_payments_are_added_up_by_day() -> None:
    """A payment at midnight is of the day that ends then; a day without one is not there."""
    hours = np.array([8, 16, 24, 32, 80]) * HOUR_NS
    rates = FundingRates(FUNDING, BEGIN_NS + hours, np.arange(1.0, 6.0) * 1e-4, np.full(5, 8.0))
    end_ns = BEGIN_NS + 10 * DAY_NS
    found = paid_funding(rates, DAY_NS, BEGIN_NS, end_ns)
    assert [(time_ns - BEGIN_NS) // DAY_NS for time_ns, _ in found] == [1, 2, 4]
    assert [one for _, one in found] == [
        PaidFunding(pytest.approx(6e-4), 24.0),
        PaidFunding(pytest.approx(4e-4), 8.0),
        PaidFunding(pytest.approx(5e-4), 8.0),
    ]
    assert len(paid_funding(rates, 0, BEGIN_NS, end_ns)) == 5
    early = paid_funding(rates, DAY_NS, BEGIN_NS, BEGIN_NS + DAY_NS - 1)
    assert early == [], "a day is known at its end"
    inside = paid_funding(rates, DAY_NS, BEGIN_NS + 2 * DAY_NS, BEGIN_NS + 3 * DAY_NS)
    assert [one.hours for _, one in inside] == [8.0], "a day that begins before is whole"
    nothing = replace(rates, stamp_ns=rates.stamp_ns + 20 * DAY_NS)
    assert paid_funding(nothing, DAY_NS, BEGIN_NS, end_ns) == []
