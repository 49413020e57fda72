"""Alerts that a person knows of: one number for each trouble, and when it is told again."""

import pytest

from tests.trade.desks import Bench, run
from volsculpt.errors import LedgerError
from volsculpt.ledger.booking import book
from volsculpt.ledger.books import Books
from volsculpt.ledger.checks import check_event
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import AlertAcknowledged, Alerted, AlertLevel, Event
from volsculpt.ledger.ledger import open_ledger
from volsculpt.mandate.desk import DeskRules
from volsculpt.report.pages.desk import status, status_page
from volsculpt.report.render.terminal import rendered
from volsculpt.trade.control.acknowledge import acknowledgements
from volsculpt.trade.control.alerts import Notices, to_tell
from volsculpt.trade.control.operate import operate
from volsculpt.trade.observe.observed import Alert
from volsculpt.units import HOUR_NS

ACK = "ack"
Step = AlertLevel | None


def booked(books: Books, event: Event, time_ns: int = 0) -> None:
    """One more event in the books, checked as a ledger does."""
    check_event(books, event)
    book(books, Entry(1, time_ns, event, ""))


def told_at(steps: list[Step | str]) -> list[int]:
    """The steps at which a trouble is told: its level at each, None where it is not there.

    "ack": as grave as before, and a person acknowledges it after the step.
    """
    books, notices, found = Books(), Notices(DeskRules()), list[int]()
    level: Step = None
    for step, now in enumerate(steps):
        level = level if now == ACK else now  # type: ignore[assignment]
        alerts = [Alert("danger:a|BTC", level, "near its end")] if level is not None else []
        events = notices.alerts(books, alerts, step * HOUR_NS)
        for event in events:
            booked(books, event, step)
        found += [step] * len(to_tell(books, events))
        if now == ACK:
            for known in acknowledgements(books, {}, "me")[0]:
                booked(books, known, step)
    return found


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["warning", "warning", "critical", "warning", "critical", None], [0, 2, 5]),
        (["warning", ACK, "warning", "warning"], [0]),
        (["warning", ACK, "critical"], [0, 2]),
        (["critical", ACK, "warning", "critical", "info", "warning"], [0]),
        (["warning", ACK, "critical", "warning", "critical"], [0, 2]),
        (["warning", ACK, "critical", ACK, "warning", "critical"], [0, 2]),
        (["warning", ACK, None, "critical", "critical"], [0, 2, 3]),
    ],
)
def test_it_is_told_again_when_it_is_graver_or_comes_back(
    steps: list[Step | str], expected: list[int]
) -> None:
    """Known as critical is known as a warning, not the other way; its end is told once."""
    assert told_at(steps) == expected


def two() -> Books:
    """Alerts 2 and 3 are open, 1 is over, and one more waits to be told."""
    books = Books()
    for event in (
        Alerted("read:x", "warning", "no answer", waits=True),
        Alerted("kill", "critical", "the kill switch is set"),
        Alerted("kill", "critical", "the kill switch is set", over=True),
        Alerted("paused", "info", "paused by hand"),
        Alerted("kill", "critical", "the kill switch is set"),
    ):
        booked(books, event)
    return books


def test_a_trouble_has_its_own_number_from_when_it_is_told() -> None:
    """What only waits has none; one that comes back is another; none is given twice."""
    books = two()
    assert {key: one.number for key, one in books.alerts.items()} == {
        "read:x": None,
        "paused": 2,
        "kill": 3,
    }
    booked(books, Alerted("read:x", "warning", "no answer (for 2 hours)"))
    booked(books, Alerted("kill", "warning", "another level"))
    assert [one.number for one in books.alerts.values()] == [4, 2, 3]


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        ([9], "there is no alert 9; open are 2, 3: `volsculpt status LEDGER` shows them"),
        ([2, 1], "alert 1 is over; open are 2, 3"),
        ([0], "there is no alert 0"),
        ([-1], "there is no alert -1"),
        (["x"], "there is no alert x"),
    ],
)
def test_a_number_that_no_open_alert_has_is_told(numbers: list[object], problem: str) -> None:
    """With those there are; nothing is acknowledged, the right ones neither."""
    books = two()
    with pytest.raises(LedgerError) as refused:
        acknowledgements(books, {"numbers": numbers}, "me")
    assert problem in str(refused.value)


def test_all_are_acknowledged_at_once_and_once() -> None:
    """Those that are open and told; a second time says so and writes nothing."""
    books = two()
    made, words = acknowledgements(books, {"note": "seen"}, "me")
    assert made == [
        AlertAcknowledged("paused", 2, "info", "seen", "me"),
        AlertAcknowledged("kill", 3, "critical", "seen", "me"),
    ]
    assert words.startswith("acknowledged: 2 (info, paused), 3 (critical, kill); told again when")
    for event in made:
        booked(books, event)
    assert acknowledgements(books, {}, "me") == ([], "acknowledged already: 2, 3")
    assert acknowledgements(books, {"numbers": [3, 3]}, "me")[1] == "acknowledged already: 3"


def test_without_alerts_there_is_nothing_to_acknowledge() -> None:
    """A number is refused in words, --all has nothing to do."""
    nothing = "no alert is open, so there is nothing to acknowledge"
    assert acknowledgements(Books(), {}, "me") == ([], nothing)
    with pytest.raises(LedgerError, match=f"there is no alert 1; {nothing}"):
        acknowledgements(Books(), {"numbers": [1]}, "me")


def test_what_is_not_open_cannot_be_booked_as_acknowledged() -> None:
    """A number that another trouble of the same key has, or a key that is over."""
    for wrong in (AlertAcknowledged("kill", 1, "critical"), AlertAcknowledged("x", 2, "info")):
        with pytest.raises(LedgerError, match="is not open"):
            booked(two(), wrong)


def listen(bench: Bench, emitted: list[str]) -> None:
    """Take down the keys of what the desk tells people."""
    bench.desk.emit = lambda alerts, _: emitted.extend(one.key for one in alerts)


def test_a_running_desk_is_told_and_keeps_it_over_a_restart() -> None:
    """In its ledger as an event, in `status` behind the alert, and not told again after a kill."""

    async def work(bench: Bench) -> None:
        emitted = list[str]()
        listen(bench, emitted)
        await bench.desk.start()
        await operate(bench.desk, "pause", {}, "me")
        await bench.hours(2)
        number = bench.ledger.books.alerts["paused"].number
        arguments = {"numbers": [number], "note": "the bank is closed"}
        said = await operate(bench.desk, "ack", arguments, "ann")
        assert said.startswith(f"acknowledged: {number} (info, paused)")
        (event,) = [one.event for one in bench.ledger.entries(kinds=(AlertAcknowledged.KIND,))]
        assert event == AlertAcknowledged("paused", number, "info", "the bank is closed", "ann")
        bench.restart()
        listen(bench, emitted)
        await bench.desk.start()
        await bench.hours(2)
        assert emitted == ["paused"]
        found = status(bench.ledger, is_running=True)
        (row,) = [one for one in found["alerts"] if one["key"] == "paused"]
        assert (row["number"], row["acknowledged_by"]) == (number, "ann")
        assert row["acknowledged"] > row["since"]
        shown = rendered(status_page(found), 400)
        assert f"(alert {number}, since " in shown
        assert "; acknowledged by ann: the bank is closed)" in shown
        again = open_ledger(bench.store, write=False)
        assert again.books.alerts == bench.ledger.books.alerts

    run(work)
