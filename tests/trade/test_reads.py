"""What a venue says of prices is looked at before anything is decided on it."""

import asyncio
import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.factories import inverse
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import CashBooked, Filled
from volsculpt.mandate.desk import GuardRules
from volsculpt.trade.observe import reads
from volsculpt.trade.venue import Statement, VenueActivity, VenuePrice
from volsculpt.units import HOUR_NS

GOOD = VenuePrice("bybit:BTC/USD:BTC", 60_000.0, 60_010.0, None, None, 0, -0.0001, 1.0, 60_010.0)

STRICT = GuardRules(max_price_age_ns=1)


def observed(
    price: VenuePrice, guard: GuardRules = STRICT, time_ns: int = 0
) -> tuple[dict[str, VenuePrice], list[str]]:
    """The prices that count of one that a venue gave, and what was wrong. time_ns: the venue's."""

    async def prices(_: object) -> list[VenuePrice]:
        return [price]

    venue = SimpleNamespace(prices=prices)
    scope = SimpleNamespace(contracts={"v": [price.contract]}, venues={"v": venue}, guard=guard)
    kept = reads._Reads(10**9, [])
    return asyncio.run(reads._prices(cast(Any, scope), "v", time_ns, kept))[0], kept.problems


def test_a_price_is_kept() -> None:
    """With a negative funding rate too; what is not known of it may be absent."""
    bare = replace(GOOD, funding_rate=None, quote_usd=None, settle_usd=None)
    for price in (GOOD, bare):
        assert observed(price) == ({price.contract: price}, [])


def test_an_old_price_says_how_old_it_is_and_may_be() -> None:
    """The contract, its age, the limit and the key that sets it; out of bars it may be as old."""
    at, key = 3 * HOUR_NS, GOOD.contract
    found, (problem,) = observed(GOOD, GuardRules(), at)
    assert found == {}
    assert problem == (
        f"{key}: its price is 3 hours old, 2 minutes are allowed: look at the venue, or raise "
        f"max_price_age in [guard]"
    )
    assert observed(GOOD, GuardRules(bar_ns={key: at}), at) == ({key: GOOD}, [])
    assert observed(GOOD, GuardRules(bar_ns={key: at - 1}), at)[0] == {}
    assert observed(GOOD, GuardRules(bar_ns={"other": at}), at)[0] == {}


@pytest.mark.parametrize("field", ["mark", "index_usd", "quote_usd", "settle_usd"])
@pytest.mark.parametrize("wrong", [0.0, -1.0, math.inf, -math.inf, math.nan])
def test_what_is_no_price_is_left_out_and_said(field: str, wrong: float) -> None:
    """Not finite, zero or below: nothing is decided on it, and the contract is named."""
    found, problems = observed(replace(GOOD, **{field: wrong}))
    assert found == {}
    assert problems[0].startswith(f"{GOOD.contract}: its ")
    assert repr(wrong) in problems[0]


@pytest.mark.parametrize("side", ["bid", "ask"])
@pytest.mark.parametrize("wrong", [0.0, -1.0, math.inf, math.nan, 1e300, 1e-300])
def test_a_side_that_is_no_price_is_nobody_there(side: str, wrong: float) -> None:
    """The mark is decided on; an empty side is no mistake, any other is told."""
    found, problems = observed(replace(GOOD, **{side: wrong}))
    assert found == {GOOD.contract: replace(GOOD, **{side: None})}
    assert [repr(wrong) in text and side in text for text in problems] == [True] * (wrong != 0.0)


@pytest.mark.parametrize("wrong", [math.inf, math.nan])
def test_a_funding_rate_must_be_a_number(wrong: float) -> None:
    """A rate that is no number makes the whole report doubtful."""
    assert observed(replace(GOOD, funding_rate=wrong))[0] == {}


@pytest.mark.parametrize("wrong", [math.inf, math.nan])
def test_a_figure_that_is_no_number_makes_an_answer_none(wrong: float) -> None:
    """Wherever it stands: in a balance, a position's entry, a fill."""
    answers = [
        Statement("one", {"BTC": wrong}, {}, 0),
        Statement("one", {"BTC": 1.0}, {GOOD.contract: (-10.0, wrong)}, 0),
        [Statement("one", {"BTC": 1.0}, {}, 0), Statement("one", {"ETH": wrong}, {}, 0)],
    ]
    for answer in answers:
        kept = reads._Reads(10**9, [])
        assert asyncio.run(kept.read("statement", given(answer))) is None
        assert f"{wrong!r}, no number" in kept.problems[0]


def test_an_answer_of_numbers_is_taken() -> None:
    """With what is absent, and with words."""
    kept, answer = reads._Reads(10**9, []), Statement("one", {"BTC": -1.0}, {}, 0)
    assert asyncio.run(kept.read("statement", given(answer))) == answer
    assert kept.problems == []


async def given(answer: object) -> object:
    """What a venue answers."""
    return answer


FILL = Filled.of(("coinm", inverse()), -10.0, 60_000.0, 1e-7, 0, ("l1", "o1"))
CASH = CashBooked("c1", "coinm", "BTC", 0.001, "funding", 0, FILL.contract)


@pytest.mark.parametrize(
    ("fill", "cash", "words"),
    [
        ({}, {}, None),
        ({"account": "other"}, {}, "l1 is of other"),
        ({}, {"account": "other"}, "c1 is of other"),
        ({"multiplier": 100.0}, {}, "told as ('inverse', 100.0, 'BTC'), and known as"),
        ({"payoff": "linear", "settle": "USD"}, {}, "told as ('linear', 1.0, 'USD')"),
        ({"contract": "bybit:XRP/USD:XRP", "multiplier": 100.0}, {}, None),  # that nobody knows
    ],
)
def test_activity_that_is_not_the_accounts_is_none(
    fill: dict[str, object], cash: dict[str, object], words: str | None
) -> None:
    """A row of another account, or of another kind of contract than the catalog's, is said."""
    told = VenueActivity((replace(FILL, **fill),), (replace(CASH, **cash),), "2", 0)  # type: ignore[arg-type]
    found = reads.not_of(told, "coinm", {FILL.contract: inverse()}.get)
    assert found is None if words is None else words in (found or "")


@pytest.mark.parametrize(("account", "is_read"), [("coinm", True), ("other", False)])
def test_an_account_whose_activity_is_not_its_own_is_not_read(account: str, is_read: bool) -> None:
    """Nothing of that answer is booked, and the alert says what was wrong with it."""
    told = VenueActivity((), (replace(CASH, account=account),), "1", 0)
    venue = SimpleNamespace(
        statement=lambda _: given(Statement("coinm", {"BTC": 1.0}, {}, 0)),
        open_orders=lambda _: given([]),
        activity=lambda *_: given(told),
    )
    guard = SimpleNamespace(max_statement_age_ns=1)
    desk = SimpleNamespace(read_timeout_ns=10**9)
    scope = SimpleNamespace(venues={"v": venue}, guard=guard, desk=desk, contract_of=lambda _: None)
    found = asyncio.run(reads._account(cast(Any, scope), "v", "coinm", Books(), 0))
    assert found.activity == (told if is_read else None)
    assert found.problems == (() if is_read else ("what happened: c1 is of other",))
