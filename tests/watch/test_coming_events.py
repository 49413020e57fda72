"""An event to come: when its hedge begins, what it is then, and what must be there by then."""

from dataclasses import asdict

import pytest
from jsonschema import Draft202012Validator

import volsculpt as vs
from volsculpt.app.cli.published import published
from volsculpt.mandate.init import answers_from, render_mandate
from volsculpt.mandate.load import parse_mandate
from volsculpt.market.quotes import time_ns_of
from volsculpt.watch.empty_margin import empty_margin

NOW = time_ns_of("2024-05-20", "now")
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0}
EVENT = "2024-06-10/7d"


def mandate(more: str = "", **texts: str) -> str:
    """Insurance of 1.3 ETH and 0.2 BTC while an event lasts. more: tables added to it."""
    usual = {"cold": "vault: 1.3 ETH, 0.2 BTC", "worry": "date", "event": EVENT}
    return render_mandate(answers_from(usual | texts, NOW)) + more


def planned(text: str, time_ns: int = NOW) -> vs.Plan:
    """Its plan."""
    return vs.plan(text, prices=PRICES, time_ns=time_ns)


def said(found: vs.Plan) -> str:
    """What is printed, on one line."""
    return " ".join(found.table().split())


def test_a_plan_says_when_the_hedge_begins_and_what_it_needs() -> None:
    """A third of the coins and the fee by then, the dollars as contracts."""
    found = planned(mandate())
    (row,) = found.events
    assert (row.begins, row.ends) == ("2024-06-10T00:00:00Z", "2024-06-17T00:00:00Z")
    assert [(one.underlying, one.ratio_before, one.ratio) for one in row.hedges] == [
        ("ETH", 0.0, 1.0),
        ("BTC", 0.0, 1.0),
    ]
    assert {one.contract: one.contracts for one in row.orders} == {
        "ETH/USD:ETH": -3_900.0,
        "BTC/USD:BTC": -12_000.0,
    }
    third = 1.0 / 3.0 + 0.00055
    needs = {one.currency: one.coins for one in row.coins}
    assert needs == pytest.approx({"ETH": 1.3 * third, "BTC": 0.2 * third}, rel=1e-3)
    assert all(one.available and not one.lacking and not one.planned for one in row.coins)
    text = said(found)
    assert "Nothing to trade now: what begins on 2024-06-10 00:00 UTC is told below" in text
    assert "ETH 0 % -> 100 %, BTC 0 % -> 100 % hedged" in text
    assert "before it MOVE 0.06678 BTC TO futures (vault has 0.2 BTC)" in text
    assert "then sell 12,000 contracts of BTC/USD:BTC on futures" in text
    assert text.count("[event_margin]") == 2
    Draft202012Validator(published("plan")).validate(found.as_dict())


def test_the_hedge_that_begins_is_the_one_that_was_told() -> None:
    """With the coins there a plan at that moment sells what was told."""
    told = planned(mandate(margin="0.5 ETH, 0.1 BTC")).events[0]
    assert told.coins == []
    then = planned(mandate(margin="0.5 ETH, 0.1 BTC"), time_ns_of("2024-06-10", "then"))
    sold = {one.contract: one.contracts for one in then.orders}
    assert {one.contract: -(one.contracts or 0.0) for one in told.orders} == sold
    assert then.events == []
    assert "an event holds until 2024-06-17 00:00 UTC" in said(then)


def test_coins_that_a_plan_moves_are_no_warning() -> None:
    """A [[collateral]] plan moves them when it begins."""
    found = planned(mandate(movable="all"))
    assert all(one.planned for one in found.events[0].coins)
    text = said(found)
    assert "when it begins MOVE 0.06677667 BTC from vault to futures" in text
    assert "[event_margin]" not in text


def test_coins_that_nobody_has_are_told_as_lacking() -> None:
    """At OKX the hedge stands on USDT, which nobody holds."""
    found = planned(mandate(venue="okx"))
    coins = found.events[0].coins
    assert {one.currency for one in coins} == {"USDT"}
    assert sum(one.lacking for one in coins) == pytest.approx(5_300.0, rel=2e-3)
    assert "before it BRING" in said(found)


OTHER = """
[[overlay]]
kind = "event"
underlying = "BTC"
from = 2024-06-01T00:00:00Z
to = 2024-06-02T00:00:00Z
ratio = 0.5
"""


def test_each_event_is_told_and_the_next_comes_first() -> None:
    """One of BTC alone before the one of all."""
    found = planned(mandate(OTHER))
    assert [row.begins[:10] for row in found.events] == ["2024-06-01", "2024-06-10"]
    assert [one.underlying for one in found.events[0].hedges] == ["BTC"]


def test_a_tilt_begins_later_too() -> None:
    """What is added from a date on is told as an event is."""
    tilt = OTHER.replace('kind = "event"', 'kind = "tilt"').replace("ratio = 0.5", "add = 0.25")
    (first, _) = planned(mandate(tilt)).events
    assert [asdict(one) for one in first.hedges] == [
        {"underlying": "BTC", "ratio_before": 0.0, "ratio": 0.25}
    ]


def test_what_changes_nothing_or_is_over_is_not_told() -> None:
    """An event at the ratio that is hedged anyway; one that is over."""
    assert planned(mandate().replace("ratio = 0", "ratio = 1")).events == []
    assert planned(mandate(), time_ns_of("2024-07-01", "after")).events == []


def test_an_empty_account_is_warned_of_before_the_event_begins() -> None:
    """`init` and `check` size the hedge of the event, and say from when."""
    texts = empty_margin(parse_mandate(mandate()), NOW)
    assert len(texts) == 2
    assert "holds no ETH for 1.3 ETH sold forward from 2024-06-10 00:00 UTC on" in texts[0]
    assert "MOVE about 0.06678 BTC TO futures" in texts[1]
    assert empty_margin(parse_mandate(mandate()), time_ns_of("2024-07-01", "after")) == []


def test_an_event_that_asks_for_less_changes_no_size() -> None:
    """What is needed today is the most."""
    less = mandate(ratio="0.25").replace("ratio = 0.25", "ratio = .25")
    less = less.replace("ratio = 0", "ratio = 1").replace("ratio = .25", "ratio = 0.25")
    texts = empty_margin(parse_mandate(less), NOW)
    assert texts
    assert all("sold forward, so" in text for text in texts)
