"""Coins of accounts that no venue states: dated flows and interest of loans, over restarts."""

from dataclasses import replace

import pytest

from tests.trade.desks import TEXT, Bench, new_desk, run, small
from volsculpt.book.holdings import Flow
from volsculpt.ledger.events import CashBooked, FlowBooked
from volsculpt.report.pages.desk import status
from volsculpt.report.pages.ledger import event_words
from volsculpt.trade.control.metrics import metrics
from volsculpt.units import DAY_NS, HOUR_NS

DAY = 24
LOAN = """
[[account]]
name = "bank"
kind = "loan"
balances = { BTC = 1.0, USDT = -36_500 }
interest = { USDT = 0.1 }
"""
OWED = ("bank", "USDT")


def flow(amount: float, at_ns: int | None, account: str = "vault", coin: str = "BTC") -> Flow:
    """A flow of a moment."""
    return Flow(account, coin, amount, at_ns)


def booked(bench: Bench, reason: str = "interest") -> list[CashBooked]:
    """Cash of a kind in the ledger."""
    events = [one.event for one in bench.ledger.entries(kinds=("cash",))]
    return [one for one in events if isinstance(one, CashBooked) and one.reason == reason]


def flowed(bench: Bench) -> list[float]:
    """Coins that flowed, as the ledger has them."""
    events = [one.event for one in bench.ledger.entries(kinds=("flow",))]
    return [one.coins for one in events if isinstance(one, FlowBooked)]


def with_flows(bench: Bench, *flows: Flow) -> None:
    """Give a mandate flows, and the desk anew."""
    book = replace(bench.mandate.book, flows=flows)
    bench.mandate = replace(bench.mandate, book=book)
    bench.desk = new_desk(bench.mandate, bench.ledger, bench.venue, bench.clock)


def test_a_day_bears_interest_once() -> None:
    """36,500 at 10 % a year: ten a day, at midnight, and interest on it; the first has 23 hours."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(2 * DAY - 1)
        assert len(booked(bench)) == 1
        await bench.hours(1)
        one, other = booked(bench)
        assert one.coins == pytest.approx(-10.0 * 23 / 24)
        assert one.stamp_ns % DAY_NS == 0
        assert other.coins == pytest.approx(-10.0 * (1.0 + 0.1 / 365.0 * 23 / 24))
        assert other.stamp_ns == one.stamp_ns + DAY_NS
        assert bench.ledger.books.balances[OWED] == pytest.approx(-36_519.586, abs=0.001)
        status_, page = status(bench.ledger, True), metrics(bench.desk)
        assert status_["since_start"]["interest_usd"] == pytest.approx(-19.6, abs=0.1)
        assert 'volsculpt_gained_usd{source="interest"} -' in page
        assert 'volsculpt_loan_to_value{account="bank"}' in page
        assert event_words(one).startswith("interest: 9.58")
        assert "by the desk at the mandate's rate" in event_words(one)

    run(work, small(TEXT + LOAN))


def test_a_desk_that_was_away_books_each_day_and_none_twice() -> None:
    """Killed each day for a while, off for three days: the same interest as one that ran."""

    async def steady(bench: Bench) -> list[CashBooked]:
        await bench.desk.start()
        await bench.hours(8 * DAY + 1)
        return booked(bench)

    async def killed(bench: Bench) -> list[CashBooked]:
        await bench.desk.start()
        for hours, away in ((23, 0), (1, 0), (1, 1), (20, 3 * DAY), (1, 0)):
            await bench.hours(hours)
            await bench.clock.sleep_until(bench.clock.now_ns() + away * HOUR_NS)
            await bench.restart().start()
        end = bench.world.feed.stamps[0] + (8 * DAY + 1) * HOUR_NS
        await bench.hours((end - bench.clock.now_ns()) // HOUR_NS)
        return booked(bench)

    repaid = (
        '[[flow]]\naccount = "bank"\ncurrency = "USDT"\namount = 900\n'
        'every = "36h"\nfrom = 2020-01-02T12:00:00Z\n'
    )
    mandate = small(TEXT + LOAN + repaid)
    first, second = run(steady, mandate), run(killed, mandate)
    assert len(first) == 8
    assert first == second


def test_no_interest_where_nothing_is_owed_or_no_rate_is_known() -> None:
    """Repaid and more: none from then on. Without a rate: none, which the mandate warns of."""

    async def work(bench: Bench) -> int:
        await bench.desk.start()
        await bench.hours(3 * DAY + 1)
        return len(booked(bench))

    repaid = '[[flow]]\naccount = "bank"\ncurrency = "USDT"\namount = 40_000\n'
    over = f"{repaid}at = 2020-01-01T12:00:00Z\n"
    assert run(work, small(TEXT + LOAN + over)) == 0
    assert run(work, small(TEXT + LOAN.replace("interest = { USDT = 0.1 }", ""))) == 0
    assert run(work, small(TEXT + LOAN)) == 3


def test_flows_of_one_moment_are_each_booked() -> None:
    """Two withdrawals of one coin from one account on one day are two."""

    async def work(bench: Bench) -> None:
        at_ns = bench.clock.now_ns() + HOUR_NS // 2
        with_flows(bench, flow(-0.1, at_ns), flow(-0.2, at_ns), flow(0.05, at_ns, "other"))
        await bench.desk.start()
        await bench.hours(3)
        assert flowed(bench) == [-0.1, -0.2]
        await bench.restart().start()
        await bench.hours(1)
        assert flowed(bench) == [-0.1, -0.2]

    run(work)


def test_what_fell_due_before_the_first_decision_is_booked() -> None:
    """A desk that could decide nothing for a day books the flow of that day all the same."""

    async def work(bench: Bench) -> None:
        with_flows(bench, flow(-0.1, bench.clock.now_ns() + 5 * HOUR_NS))
        await bench.desk.start()
        await bench.clock.sleep_until(bench.clock.now_ns() + DAY_NS)
        await bench.desk.step()
        assert flowed(bench) == [-0.1]

    run(work)


def test_what_fell_due_before_an_account_was_named_is_not_booked() -> None:
    """Its coins are stated as they are when it comes into the mandate, flows of before in them."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(2)
        at_ns = bench.clock.now_ns() + HOUR_NS
        await bench.clock.sleep_until(at_ns + 2 * HOUR_NS)
        text = TEXT + '[[account]]\nname = "late"\nkind = "cold"\nbalances = { BTC = 1.0 }\n'
        bench.mandate = small(text)
        with_flows(bench, flow(-0.1, at_ns, "late"), flow(-0.3, at_ns + 3 * HOUR_NS, "late"))
        await bench.desk.start()
        await bench.hours(4)
        assert flowed(bench) == [-0.3]

    run(work)


def test_a_change_of_the_mandate_comes_after_what_fell_due_before() -> None:
    """10,000 more owed at a restart after two days: no interest on them for those days."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(1)
        await bench.clock.sleep_until(bench.clock.now_ns() + 2 * DAY_NS)
        bench.mandate = small(TEXT + LOAN.replace("-36_500", "-46_500"))
        await bench.restart().start()
        await bench.hours(1)
        assert [one.coins for one in booked(bench)] == pytest.approx([-9.583, -10.0], abs=0.01)
        assert flowed(bench) == [-10_000.0]

    run(work, small(TEXT + LOAN))


def test_a_repeated_flow_is_counted_from_the_start_of_the_desk() -> None:
    """Every two days from the start on: after three days the next is in a day, not in two."""

    async def work(bench: Bench) -> None:
        with_flows(bench, Flow("vault", "BTC", 0.1, None, 2 * DAY_NS))
        bench.mandate = replace(bench.mandate, hedge_flows=True, flow_horizon_ns=DAY_NS)
        bench.desk = new_desk(bench.mandate, bench.ledger, bench.venue, bench.clock)
        await bench.desk.start()
        seen = []
        for _ in range(4):
            await bench.hours(DAY)
            made = bench.desk.last.decision if bench.desk.last is not None else None
            assert made is not None
            seen.append([one.amount for one in made.setup.book.transfers if not one.is_sent])
        assert seen == [[0.1], [0.0], [0.1], [0.0]]

    run(work)


# --- flows of accounts that venues state ----------------------------------------------


def flows_in(bench: Bench, *coins: float) -> None:
    """Coins that come to the margin account at the venue, or leave it."""
    for one in coins:
        bench.world.holdings.move("coinm", "BTC", one)


@pytest.mark.parametrize(
    ("said", "came", "booked_coins", "is_asked"),
    [
        ([0.2], [0.2], [0.2], False),
        ([-0.2], [-0.2], [-0.2], False),
        ([0.2, 0.3], [0.5], [0.2, 0.3], False),
        ([0.2, 0.3], [0.3], [0.3], False),  # the first is late
        ([0.2, -0.1], [0.1], [0.2, -0.1], False),
        ([0.2], [0.19], [], True),
        ([0.2], [], [], False),
        ([], [0.2], [], True),
    ],
)
def test_a_statement_that_shows_a_dated_flow_is_no_question(
    said: list[float], came: list[float], booked_coins: list[float], is_asked: bool
) -> None:
    """What the mandate says has flowed explains a difference, and nothing else does."""

    async def work(bench: Bench) -> None:
        now = bench.clock.now_ns()
        at_ns = [now + (3 + place) * HOUR_NS for place in range(len(said))]
        with_flows(bench, *(flow(n, at, "coinm") for n, at in zip(said, at_ns, strict=True)))
        await bench.desk.start()
        await bench.hours(6)
        flows_in(bench, *came)
        await bench.hours(4)
        assert flowed(bench) == booked_coins
        assert any(key.startswith("balance:") for key in bench.ledger.books.alerts) == is_asked
        await bench.restart().start()
        await bench.hours(1)
        assert flowed(bench) == booked_coins

    run(work)


def test_a_flow_that_comes_before_its_date_is_a_question() -> None:
    """Nobody knows yet that it is that one; at its date it is."""

    async def work(bench: Bench) -> None:
        with_flows(bench, flow(0.2, bench.clock.now_ns() + 9 * HOUR_NS, "coinm"))
        await bench.desk.start()
        await bench.hours(2)
        flows_in(bench, 0.2)
        await bench.hours(4)
        assert flowed(bench) == []
        assert "balance:coinm|BTC" in bench.ledger.books.alerts
        await bench.hours(4)
        assert flowed(bench) == [0.2]
        assert "balance:coinm|BTC" not in bench.ledger.books.alerts

    run(work)
