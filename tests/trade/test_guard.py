"""The guard: each check refuses what it is there for, and never what makes the book safer."""

from dataclasses import replace

import pytest

from tests.factories import account, fixed, inverse, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Decision, Setup, decide
from volsculpt.mandate.desk import GuardRules
from volsculpt.market.quotes import Quotes
from volsculpt.trade.execute.guard import Facts, judged
from volsculpt.units import HOUR_NS

CONTRACT = inverse()
RULES = GuardRules()
NOW = 10 * HOUR_NS
LEVERED = Limits(max_leverage=50.0)


def made(
    ratio: float = 0.5, held: float = 0.0, coins: float = 1.0, mark: float = 60_000.0
) -> Decision:
    """A decision on one inverse perpetual: 2 BTC in a vault, 1 at the venue."""
    positions = (Position(CONTRACT, held, 60_000.0),) if held else ()
    book = Book((vault(BTC=2.0), account("coinm", {"BTC": 1.0}, positions)))
    legs = ((("coinm", CONTRACT, False),),)
    setup = Setup(book, (fixed("BTC", ratio),), legs, limits=LEVERED)
    return decide(setup, Quotes(NOW, {"BTC": 60_000.0}, {CONTRACT.key: mark}), NOW)


def facts(**other: object) -> Facts:
    """Everything fresh and nothing sent yet."""
    found = Facts(NOW, False, {}, {CONTRACT.key: 0}, {"coinm": 0}, [])
    for name, value in other.items():
        setattr(found, name, value)
    return found


def rule(decision: Decision, rules: GuardRules = RULES, told: Facts | None = None) -> str | None:
    """The rule that refuses the one order of a decision; None when it may leave."""
    passed, refused = judged(decision, rules, told or facts())
    assert len(passed) + len(refused) == 1
    return refused[0][1].rule if refused else None


def test_an_ordinary_order_passes() -> None:
    """90,000 USD sold on one coin: nothing speaks against it."""
    assert rule(made()) is None


@pytest.mark.parametrize(
    ("name", "rules", "told"),
    [
        ("kill", RULES, {"killed": True}),
        ("stale", RULES, {"price_ages_ns": {CONTRACT.key: 121 * 10**9}}),
        ("stale", RULES, {"price_ages_ns": {}}),
        ("stale", RULES, {"statement_ages_ns": {}}),
        ("latch", RULES, {"latches": {"drawdown": "far below"}}),
        ("size", replace(RULES, max_order_usd=89_000.0), {}),
        ("rate", replace(RULES, max_orders_per_hour=2), {"recent": [(NOW - 1, 1.0)] * 2}),
        ("daily", RULES, {"recent": [(NOW - 2 * HOUR_NS, 9_950_000.0)]}),
        ("leverage", replace(RULES, max_leverage=1.4), {}),
        ("distance", replace(RULES, min_liquidation_distance=3.0), {}),
    ],
)
def test_each_check_refuses(name: str, rules: GuardRules, told: dict[str, object]) -> None:
    """One limit at a time, with its name."""
    assert rule(made(), rules, facts(**told)) == name


def test_a_price_far_from_its_index_is_refused() -> None:
    """A contract at half its index is a mistake of somebody."""
    assert rule(made(mark=40_000.0)) == "price"


def test_what_is_old_no_longer_counts() -> None:
    """Orders of more than an hour and more than a day ago."""
    told = facts(recent=[(NOW - HOUR_NS, 1.0)] * 99 + [(NOW - 25 * HOUR_NS, 1e9)])
    assert rule(made(), RULES, told) is None


@pytest.mark.parametrize(
    "name", ["latch", "size", "rate", "daily", "leverage", "distance", "price"]
)
def test_what_makes_the_book_safer_passes(name: str) -> None:
    """A short cut back toward its target is let through by every check of this kind."""
    decision = made(ratio=0.2, held=-120_000.0, mark=40_000.0 if name == "price" else 60_000.0)
    rules = replace(
        RULES,
        max_order_usd=1.0,
        max_orders_per_hour=1,
        max_daily_usd=1.0,
        max_leverage=0.01,
        min_liquidation_distance=9.0,
    )
    told = facts(latches={"drawdown": "far below"}, recent=[(NOW, 1e9)] * 9)
    assert decision.answer.trade[0] > 0.0
    assert rule(decision, rules, told) is None


def test_safer_or_not_stale_data_and_the_kill_switch_stop_it() -> None:
    """Nothing is sent on old data, nor while the switch is set."""
    decision = made(ratio=0.2, held=-120_000.0)
    assert rule(decision, RULES, facts(killed=True)) == "kill"
    assert rule(decision, RULES, facts(price_ages_ns={})) == "stale"


def test_the_second_order_sees_the_first() -> None:
    """Orders let pass count toward the limits of the next."""
    told = facts()
    judged(made(), RULES, told)
    assert told.recent == [(NOW, 90_000.0)]
