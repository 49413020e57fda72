"""What a venue closed or cut: told until a person knows of it, or for a week, and each time."""

import pytest

from tests.ledger.samples import PERPETUAL, START_NS, filled, stated
from tests.trade.desks import Bench, run
from volsculpt.ledger.booking import book
from volsculpt.ledger.books import Books
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import CashBooked, Event, QuoteObserved
from volsculpt.mandate.desk import DeskRules
from volsculpt.report.pages.desk import status, status_page
from volsculpt.report.pages.desk_verdict import verdict
from volsculpt.report.render.terminal import rendered
from volsculpt.trade.control.acknowledge import acknowledgements
from volsculpt.trade.control.alerts import LOSS_STAYS_NS, Notices, standing_losses, to_tell
from volsculpt.trade.control.operate import operate
from volsculpt.units import HOUR_NS

SHORT = (stated({"BTC": 0.5}), QuoteObserved({"BTC": 50_000.0}, {}, {}), filled("s", -20_000.0))


def closed(lot: str, contracts: float, price: float, hour: int) -> Event:
    """A part of the short that the venue bought back."""
    at = START_NS + hour * HOUR_NS
    return filled(lot, contracts, price=price, stamp_ns=at, reason="liquidation")


def fund(name: str, coins: float) -> CashBooked:
    """What an insurance fund took or paid."""
    return CashBooked(name, "coinm", "BTC", coins, "insurance", START_NS)


def booked(*events: Event) -> Books:
    """What these add up to."""
    books = Books()
    for n, event in enumerate(events, 1):
        book(books, Entry(n, START_NS, event, ""))
    return books


def told(books: Books, hour: int = 0) -> list[str]:
    """What is told of losses at an hour."""
    now = START_NS + hour * HOUR_NS
    return [one.text for one in standing_losses(books, now, lambda _: False)]


def test_a_loss_says_when_at_what_price_and_what_was_lost() -> None:
    """20,000 from 50,000 at 62,500: -0.08 coins, 0.0001 of fee, 0.1 to the fund; at 50,000 USD."""
    books = booked(*SHORT, closed("a", 20_000.0, 62_500.0, 1), fund("f", -0.1))
    (text,) = told(books)
    assert text.startswith(
        "coinm LIQUIDATED at 62,500, 2024-05-20 01:00 UTC: +20,000 of BTC/USD:BTC, none left; lost "
        "0.1801 BTC (9,005 USD); "
    )
    assert "`volsculpt ack` this" in text


def test_several_parts_are_one_loss_at_their_average_price() -> None:
    """Half at 50,000, half at 100,000: a dollar a contract, so 66,666.67; what is left is told."""
    books = booked(*SHORT, closed("a", 5_000.0, 50_000.0, 1), closed("b", 5_000.0, 100_000.0, 2))
    (text,) = told(books)
    assert (
        "at 66,666.667, 2024-05-20 02:00 UTC: +10,000 of BTC/USD:BTC, 10,000 contracts left" in text
    )


def test_what_is_somebody_elses_is_not_told() -> None:
    """A contract that the mandate says is not own."""
    books = booked(*SHORT, closed("a", 20_000.0, 62_500.0, 1))
    mine = standing_losses(books, START_NS, lambda place: place == ("coinm", PERPETUAL))
    assert list(mine) == []


def test_a_price_that_is_not_known_leaves_dollars_out() -> None:
    """Never 0: the coins are told alone."""
    books = booked(stated({"BTC": 0.5}), closed("a", 20_000.0, 62_500.0, 1), fund("f", 0.2))
    assert "; earned 0.1999 BTC; " in told(books)[0]


@pytest.mark.parametrize("acks", [None, 3])
def test_it_is_told_until_it_is_acknowledged_or_a_week_old(acks: int | None) -> None:
    """Once at its beginning, once at its end: the step after a person knows, or after a week."""
    books, news = booked(*SHORT, closed("a", 20_000.0, 62_500.0, 0)), list[tuple[int, bool]]()
    rule = Notices(DeskRules())
    for hour in range(8 * 24):
        now = START_NS + hour * HOUR_NS
        found = rule.alerts(books, list(standing_losses(books, now, lambda _: False)), now)
        for one in found:
            book(books, Entry(1, now, one, ""))
        news += [(hour, one.over) for one in to_tell(books, found)]
        if hour == acks:
            for known in acknowledgements(books, {}, "ann")[0]:
                book(books, Entry(1, now, known, ""))
    assert news == [(0, False), (LOSS_STAYS_NS // HOUR_NS if acks is None else acks + 1, True)]


@pytest.mark.parametrize("acks", [True, False])
def test_another_loss_is_news_known_or_not(acks: bool) -> None:
    """The one before is over where a person knew of it; else it is one alert, told again."""
    books = booked(*SHORT, closed("a", 5_000.0, 62_500.0, 0))
    rule, numbers = Notices(DeskRules()), list[list[tuple[bool, bool]]]()
    for hour in range(2):
        now = START_NS + hour * HOUR_NS
        if hour:
            book(books, Entry(9, now, closed("b", 5_000.0, 70_000.0, 1), ""))
        found = rule.alerts(books, list(standing_losses(books, now, lambda _: False)), now)
        for one in found:
            book(books, Entry(1, now, one, ""))
        numbers.append([(one.over, "+10,000" in one.text) for one in to_tell(books, found)])
        if acks:
            for known in acknowledgements(books, {}, "ann")[0]:
                book(books, Entry(1, now, known, ""))
    again = [(True, False), (False, False)] if acks else [(False, True)]
    assert numbers == [[(False, False)], again]


def test_in_the_morning_status_says_it_first() -> None:
    """Hedged again at night, and still the first thing on a screen of 80 columns; then a line."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(5)
        await bench.venue.upset("coinm", PERPETUAL, 1.0, "liquidation")
        await bench.hours(8)
        bench.restart()
        await bench.desk.start()
        await bench.hours(1)
        facts = status(bench.ledger, is_running=True)
        lines = rendered(verdict(facts), 80, color=False).splitlines()
        at = facts["last_liquidation"]
        assert facts["positions"]
        assert "critical" in lines[2]
        assert "coinm LIQUIDATED at" in " ".join(lines[2:6])
        assert facts["alerts"][0]["key"] == f"lost:coinm|{PERPETUAL}|liquidation"
        assert any(one.startswith("! LIQUIDATED ") for one in lines)
        assert at["lost_usd"] is not None
        assert max(map(len, lines)) <= 80
        number = facts["alerts"][0]["number"]
        await operate(bench.desk, "ack", {"numbers": [number], "note": ""}, "ann")
        assert status(bench.ledger, is_running=True)["alerts"] == []
        await bench.hours(1)
        after = rendered(status_page(status(bench.ledger, is_running=True)), 80, color=False)
        assert "LIQUIDATED at" not in after

    run(work)
