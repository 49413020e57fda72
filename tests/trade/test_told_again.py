"""What comes again is no news unless it is worse, and one trouble is told once."""

from pathlib import Path

import pytest

from tests.trade.desks import TEXT, Bench, run, small
from tests.trade.test_losses import SHORT, booked, closed
from volsculpt.errors import LedgerError
from volsculpt.ledger.booking import book
from volsculpt.ledger.books import Books
from volsculpt.ledger.entry import Entry
from volsculpt.mandate.desk import DeskRules
from volsculpt.report.rows.desk import liquidation_row
from volsculpt.trade.control.alerts import Notices
from volsculpt.trade.control.operate import operate
from volsculpt.trade.observe.observed import Alert
from volsculpt.units import HOUR_NS


def told_at(key: str, lefts: list[float | None]) -> list[int]:
    """The hours at which a warning is told with so much left before the worst; None: not there."""
    books, notices, found = Books(), Notices(DeskRules()), list[int]()
    for hour, left in enumerate(lefts):
        alerts = [Alert(key, "warning", "near its end", left)] if left is not None else []
        for event in notices.alerts(books, alerts, hour * HOUR_NS):
            book(books, Entry(hour, hour * HOUR_NS, event, ""))
            found += [] if event.waits or event.over else [hour]
    return found


@pytest.mark.parametrize(
    ("lefts", "hours"),
    [
        ([0.4, None, 0.39, 0.38, 0.31, 0.31], [0]),  # it comes again, and is about as it was
        ([0.4, None, 0.39, 0.3, 0.29], [0, 3]),  # a quarter nearer than when it was told
        ([0.4, None, 0.3, None, 0.29, 0.22], [0, 2, 5]),  # and a quarter nearer than then
        ([0.4, 0.3, 0.2], [0]),  # one that stays is told again where it is critical
    ],
)
def test_a_warning_that_comes_again_is_told_where_it_is_worse(
    lefts: list[float | None], hours: list[int]
) -> None:
    """For a day after its end it is noted only, but what grows worse by a quarter is told."""
    assert told_at("danger:coinm|BTC", lefts) == hours


def test_what_the_guard_refuses_is_told_with_its_hedge_alone() -> None:
    """The alert of the hedge says why and what would do; the rule has no alert of its own."""

    async def refused(bench: Bench) -> dict[str, str]:
        await bench.desk.start()
        await bench.hours(4)
        return {key: one.text for key, one in bench.ledger.books.alerts.items()}

    text = TEXT.replace("max_order_usd = 5_000", "max_order_usd = 500_000")
    alerts = run(refused, small(text + "[guard]\nmax_leverage = 0.2\n"))
    hedge = [one for key, one in alerts.items() if key.partition(":")[0] in ("unmet", "unhedged")]
    assert "the guard refuses its order" in " ".join(hedge)
    assert not [key for key in alerts if key.startswith("guard:")]


def test_flatten_under_the_kill_switch_says_why_nothing_is_closed(tmp_path: Path) -> None:
    """It names the file that is in its way, and what was done all the same."""

    async def flattened(bench: Bench) -> str:
        bench.desk.kill_file = tmp_path / "a.ledger.kill"
        await bench.desk.start()
        await bench.hours(1)
        bench.desk.kill_file.touch()
        with pytest.raises(LedgerError) as refused:
            await operate(bench.desk, "flatten", {"confirmed": True}, "me")
        assert bench.ledger.books.paused
        return str(refused.value)

    said = run(flattened)
    assert said.startswith("nothing is closed: the kill switch lets no order leave while")
    assert str(tmp_path / "a.ledger.kill") in said


def test_a_loss_has_one_price_wherever_it_is_told() -> None:
    """Half at 50,000, half at 100,000: the alert and the status say the average of both."""
    books = booked(*SHORT, closed("a", 5_000.0, 50_000.0, 1), closed("b", 5_000.0, 100_000.0, 2))
    row = liquidation_row(books)
    assert row is not None
    assert row["average_price"] == pytest.approx(66_666.667)
    assert (row["closed_contracts"], row["contracts"], row["price"]) == (10_000.0, 5_000.0, 1e5)
