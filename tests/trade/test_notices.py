"""Alerts that tell at the right time: what passes by itself is noted, what lasts is told once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trade.desks import TEXT, Bench, new_desk, run, small
from volsculpt.app.cli.ticker import changes_of
from volsculpt.ledger.booking import book
from volsculpt.ledger.books import Books
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import Alerted, CashBooked, Intended
from volsculpt.mandate.desk import DeskRules
from volsculpt.text import duration
from volsculpt.trade.control.alerts import PATIENCE, Notices
from volsculpt.trade.control.operate import operate
from volsculpt.trade.desk import Stepped
from volsculpt.trade.observe.observed import Alert
from volsculpt.trade.paper.faults import Faults, FaultyVenue
from volsculpt.trade.venue import VenueActivity
from volsculpt.units import HOUR_NS

WIDE = TEXT.replace("trigger = 0.02", "trigger = 0.3")


def told(pattern: list[bool], key: str = "read:coinm", restarts: bool = False) -> list[Alerted]:
    """What is told of a trouble that is there, or not, at each step of an hour."""
    books, notices, found = Books(), Notices(DeskRules()), list[Alerted]()
    for step, there in enumerate(pattern):
        notices = Notices(DeskRules()) if restarts else notices
        alerts = [Alert(key, "warning", "it burns")] if there else []
        for alert in notices.alerts(books, alerts, step * HOUR_NS):
            book(books, Entry(step, step * HOUR_NS, alert, ""))
            found += [] if alert.waits else [alert]
    return found


def runs(pattern: list[bool]) -> list[int]:
    """Lengths of the unbroken runs of a trouble."""
    return [len(one) for one in "".join("x" if there else " " for there in pattern).split()]


@given(st.lists(st.booleans(), max_size=30))
def test_what_lasts_is_told_once_and_what_passes_never(pattern: list[bool]) -> None:
    """A run of three steps is told at its third; begin and end take turns."""
    found = told(pattern)
    assert [one.over for one in found] == [row % 2 == 1 for row in range(len(found))]
    assert bool(found) == any(length >= 3 for length in runs(pattern))


@given(st.lists(st.booleans(), max_size=30))
def test_what_needs_no_patience_is_told_at_once(pattern: list[bool]) -> None:
    """Every run of a trouble of another kind begins one alert, and its end ends it at once."""
    found = told(pattern, "kill")
    assert sum(not one.over for one in found) == len(runs(pattern))


def test_a_restart_does_not_make_it_wait_anew() -> None:
    """Since when a trouble is there is in the ledger: a desk killed at each step tells it too."""
    assert len(told([True] * 5, restarts=True)) == 1


def test_a_told_alert_says_how_long_and_takes_a_rest() -> None:
    """What comes and goes once it was told is one alert, over an hour after it was last seen."""
    begun, over = told([True, True, True, False, True, False, False, False])
    assert begun.text == "it burns (for 2 hours)"
    assert (over.text, over.over) == ("it burns (lasted 6 hours)", True)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(40, "40 seconds"), (60, "1 minute"), (5400, "1.5 hours"), (86_400 * 3, "3 days")],
)
def test_spans_in_words(seconds: int, words: str) -> None:
    """In the largest unit that fits."""
    assert duration(seconds * 10**9) == words


def levels(pattern: str, key: str = "danger:coinm|BTC") -> str:
    """What is told of a danger: w for warning, c for critical, o for over, each at its hour.

    pattern: a letter an hour, as it stands then.
    """
    books, notices, found = Books(), Notices(DeskRules()), list[str]()
    for step, now in enumerate(pattern):
        level = {"w": "warning", "c": "critical"}.get(now)
        alerts = [Alert(key, level, "near")] if level else []  # type: ignore[arg-type]
        told = "."
        for alert in notices.alerts(books, alerts, step * HOUR_NS):
            book(books, Entry(step, step * HOUR_NS, alert, ""))
            told = told if alert.waits else "o" if alert.over else alert.level[0]
        found.append(told)
    return "".join(found)


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("wwcwcwwc-", "w.c.....o"),  # one that swings is told once at each level
        ("c" + "w" * 168 + "cc", "c" + "." * 168 + "c."),  # again after a week at the lesser one
        ("c" + "w" * 167 + "cc", "c" + "." * 169),
        ("w-w-w-c-c", "wo....coc"),  # a critical one always, a warning once in a day
        ("w-" + "w" * 26, "wo" + "." * 24 + "w."),  # unless it stays for a day
        ("w" + "-" * 26 + "w", "wo" + "." * 25 + "w"),  # or has been over for a day
    ],
)
def test_what_swings_with_the_price_is_told_once(pattern: str, told: str) -> None:
    """A trouble has one line for each level it reaches, however often it crosses the bound."""
    assert levels(pattern) == told


def test_patience_is_the_mandates() -> None:
    """Both keys, or twice the time between two steps; every kind names one of them."""
    asked = small(TEXT + '[desk]\nevery = "10m"\nreads_fail = "5m"\n').desk
    assert (asked.reads_fail_ns, asked.rows_late_ns) == (300 * 10**9, 1200 * 10**9)
    assert set(PATIENCE.values()) == {"reads_fail_ns", "rows_late_ns"}


class LateRows:
    """A venue whose payments are in its balances before their rows are told."""

    def __init__(self, venue: object) -> None:
        self.venue, self.late = venue, True

    def __getattr__(self, name: str) -> object:
        return getattr(self.venue, name)

    async def activity(self, account: str, cursor: str | None) -> VenueActivity:
        """Nothing new while rows are late."""
        said: VenueActivity = await self.venue.activity(account, cursor)  # type: ignore[attr-defined]
        if self.late and cursor is not None:
            return VenueActivity(said.fills, (), cursor, said.complete_from_ns)
        return said


async def paid_late(bench: Bench) -> LateRows:
    """A desk with a hedge, at a step that sees a payment in the coins and not in the rows."""
    venue = LateRows(bench.venue)
    venue.late = False
    bench.desk = new_desk(bench.mandate, bench.ledger, venue, bench.clock)  # type: ignore[arg-type]
    await bench.desk.start()
    await bench.hours(5)
    venue.late = True
    while "balance:coinm|BTC" not in bench.ledger.books.alerts:
        await bench.hours(1)
    return venue


def alerts_of(bench: Bench) -> list[Alerted]:
    """Every alert that was told."""
    found = [one.event for one in bench.ledger.entries(kinds=("alert",))]
    return [one for one in found if isinstance(one, Alerted) and not one.waits]


def payments(bench: Bench) -> int:
    """How many payments are booked."""
    found = [one.event for one in bench.ledger.entries(kinds=("cash",))]
    return sum(isinstance(one, CashBooked) for one in found)


def agrees(bench: Bench) -> bool:
    """Whether the books hold the coins of the venue."""
    there = bench.world.holdings.balances("coinm")["BTC"]
    return abs(bench.ledger.books.balances["coinm", "BTC"] - there) < 1e-12


def test_a_row_that_comes_late_is_no_alert() -> None:
    """A payment whose row comes a step later blocks meanwhile, and is never told."""

    async def work(bench: Bench) -> None:
        venue = await paid_late(bench)
        before = payments(bench)
        venue.late = False
        await bench.hours(2)
        assert payments(bench) == before + 1
        assert agrees(bench)
        assert not alerts_of(bench)
        assert bench.ledger.books.passed == {"balance": 1}

    run(work, mandate=small(WIDE))


def test_a_difference_that_lasts_is_critical_and_says_what_to_do() -> None:
    """Once it has lasted as long as rows may be late, and not before."""

    async def work(bench: Bench) -> None:
        await paid_late(bench)
        await bench.hours(1)
        assert not alerts_of(bench)
        await bench.hours(1)
        (alert,) = alerts_of(bench)
        assert (alert.key, alert.level) == ("balance:coinm|BTC", "critical")
        assert "`volsculpt accept`" in alert.text
        assert "for 2 hours" in alert.text

    run(work, mandate=small(WIDE))


@pytest.mark.parametrize("after_hours", [0.0, 0.4, 3.0])
def test_what_was_accepted_is_not_booked_again(after_hours: float) -> None:
    """The row of a payment that an accepted statement held changes nothing when it comes."""

    async def work(bench: Bench) -> None:
        venue = await paid_late(bench)
        await bench.clock.sleep_until(bench.clock.now_ns() + round(after_hours * HOUR_NS))
        before = payments(bench)
        assert "coinm" in await operate(bench.desk, "accept", {}, "me")
        assert agrees(bench)
        venue.late = False
        await bench.hours(3)
        assert payments(bench) == before
        assert agrees(bench)
        assert not bench.ledger.books.alerts
        await bench.hours(8)
        assert payments(bench) == before + 1
        assert agrees(bench)

    run(work, mandate=small(WIDE))


@pytest.mark.parametrize("seed", range(4))
def test_faulty_days_are_quiet(seed: int) -> None:
    """Single reads that fail, rows that come late and prices that lack are counted, not told."""
    faults = Faults(failed_read=0.02, failed_balance=0.03, late_rows=0.05, missing_mark=0.03)

    async def work(bench: Bench) -> None:
        assert isinstance(bench.venue, FaultyVenue)
        await bench.desk.start()
        await bench.hours(200)
        assert sum(bench.ledger.books.passed.values()) > 15
        assert len(alerts_of(bench)) <= 4
        assert not any(one.level == "critical" for one in alerts_of(bench))

    run(work, faults=faults, seed=seed)


def test_what_is_sent_is_told_at_its_price() -> None:
    """A coin of a tiny price too: "at about 0.08" said nothing of 0.078431."""
    order = Intended(
        client_id="a",
        account="um",
        contract="binance:DOGE/USDT:USDT",
        contracts=-120_000.0,
        reduce_only=False,
        way="market",
        limit_price=None,
        reference_price=0.078431,
        decision=None,
    )
    (line,) = changes_of(Stepped(0, None, sent=[order]))
    assert line == "sell 120,000 DOGE/USDT:USDT on um at about 0.078431"
