"""What was earned since the first decision: its parts are worked figures, and add up to wealth."""

from collections.abc import Callable
from dataclasses import astuple

import pytest

from tests.ledger.samples import PERPETUAL, START_NS, TERMS, filled, funding, stated, transfer
from tests.trade.desks import TEXT, Bench, run, small
from volsculpt.ledger.booking import book
from volsculpt.ledger.books import Books
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import CashBooked, Converted, Decided, Event, FlowBooked, QuoteObserved
from volsculpt.ledger.gains import Gains, gains_of
from volsculpt.ledger.ledger import Ledger

HELD = {PERPETUAL: {"contracts": -20_000.0, "entry": 40_000.0, **TERMS}}


def quote(usd: float, mark: float | None = None) -> QuoteObserved:
    """The coin's price and its contract's, the same where none is given."""
    return QuoteObserved({"BTC": usd}, {PERPETUAL: usd if mark is None else mark}, {})


def earned(*events: Event) -> Gains | None:
    """What these events add up to."""
    books = Books()
    for n, event in enumerate(events):
        book(books, Entry(n + 1, START_NS + n, event, ""))
    return gains_of(books)


def figures(*events: Event) -> dict[str, float | None]:
    """The same by name, to the cent."""
    found = earned(*events)
    assert found is not None
    names = (
        "coins",
        "futures",
        "funding",
        "fees",
        "interest",
        "liquidation",
        "flows",
        "differences",
    )
    return {
        name: None if usd is None else round(usd, 2)
        for name, usd in zip(names, astuple(found)[1:], strict=True)
        if usd is None or round(usd, 2)
    }


def test_nothing_is_earned_before_the_first_prices() -> None:
    """What is there when the ledger begins is no gain."""
    assert earned(stated({"BTC": 2.0}), FlowBooked("a", "vault", "BTC", 1.0)) is None
    assert figures(stated({"BTC": 2.0}, HELD), quote(50_000.0)) == {}


def test_coins_lose_what_their_price_falls_and_the_short_earns_it() -> None:
    """2 coins, 20,000 sold at 50,000, now 40,000: -20,000 and 0.1 coins, +4,000; fee 5 then."""
    found = figures(stated({"BTC": 2.0}), quote(50_000.0), filled("a", -20_000.0), quote(40_000.0))
    assert found == {"coins": -19_999.0, "futures": 4_000.0, "fees": -5.0}


def test_what_was_earned_before_the_ledger_began_is_not_counted() -> None:
    """A short that gained 25 % of its face before: from 50,000 to 40,000 it earns 0.1 coins."""
    found = figures(stated({"BTC": 0.0}, HELD), quote(50_000.0), quote(40_000.0))
    # 20,000/40,000 - 20,000/40,000 = 0 coins now; -0.1 coins at 50,000 then.
    assert found == {"futures": 5_000.0}


def test_cash_counts_at_the_price_of_its_time() -> None:
    """Funding of 0.00002 at 50,000 is a dollar; a deposit is a flow, and its rise is coins'."""
    found = figures(
        stated({"BTC": 0.0}),
        quote(50_000.0),
        funding(),
        FlowBooked("a", "vault", "BTC", 1.0),
        quote(60_000.0),
    )
    assert found == {"funding": 1.0, "flows": 50_000.0, "coins": 10_000.2}


def test_what_a_liquidation_takes_is_no_interest() -> None:
    """0.1 coins of margin at 50,000 are taken, 0.01 are earned by lending them."""
    found = figures(
        stated({"BTC": 1.0}),
        quote(50_000.0),
        CashBooked("i", "coinm", "BTC", -0.1, "insurance", START_NS),
        CashBooked("e", "coinm", "BTC", 0.01, "interest", START_NS),
    )
    assert found == {"liquidation": -5_000.0, "interest": 500.0}


def test_coins_converted_gain_what_they_were_sold_for_above_their_price() -> None:
    """Half a coin at 50,000 for 25,100 dollars: 100 earned; the other half rises by 5,000."""
    sold = Converted("x", "coinm", "BTC", 0.5, "USD", 25_100.0, START_NS)
    found = figures(stated({"BTC": 1.0}), quote(50_000.0), sold, quote(60_000.0))
    assert found == {"coins": 5_100.0}


def test_coins_on_their_way_are_owned() -> None:
    """A transfer earns nothing and costs 0.0002 coins; what moves meanwhile is counted."""
    sent = (stated({"BTC": 1.0}), quote(50_000.0), transfer("sent"))
    assert figures(*sent) == {}
    assert figures(*sent, quote(60_000.0)) == {"coins": 10_000.0}
    assert figures(*sent, transfer("arrived")) == {"fees": -10.0}


def test_a_difference_that_was_accepted_is_no_gain_of_futures() -> None:
    """A venue that says 0.9 coins for 1, and another entry of the same contracts."""
    begun = (stated({"BTC": 1.0}, HELD), quote(50_000.0))
    again = {PERPETUAL: {"contracts": -20_000.0, "entry": 45_000.0, **TERMS}}
    found = figures(*begun, stated({"BTC": 0.9}, again), quote(50_000.0))
    assert found == {"differences": -5_000.0}


@pytest.mark.parametrize(
    ("events", "unknown"),
    [
        ([stated({"BTC": 1.0, "ETH": 1.0}), quote(1.0), quote(2.0)], ["coins"]),
        ([stated({"BTC": 1.0}, HELD), QuoteObserved({"BTC": 1.0}, {}, {})], ["futures"]),
        ([stated({}), quote(1.0), FlowBooked("a", "vault", "ETH", 1.0)], ["flows"]),
    ],
)
def test_without_a_price_it_is_not_known(events: list[Event], unknown: list[str]) -> None:
    """Never 0: a coin that no price tells, a position whose contract has none."""
    assert [name for name, usd in figures(*events).items() if usd is None] == unknown


def test_a_stablecoin_without_a_price_is_taken_at_its_peg() -> None:
    """As the desk takes it: 100 USDT are 100 dollars that earn nothing."""
    deposit = FlowBooked("a", "vault", "USDT", 100.0)
    found = figures(stated({"USDT": 50.0}), quote(1.0), deposit, quote(2.0))
    assert found == {"flows": 100.0}


def wealth_and_gains(ledger: Ledger) -> tuple[list[float], list[float]]:
    """Wealth as each decision saw it, and what the parts add up to then."""
    books, wealth, sums = Books(), list[float](), list[float]()
    for entry in ledger.entries():
        book(books, entry)
        if isinstance(entry.event, Decided):
            found = gains_of(books)
            assert found is not None
            wealth.append(entry.event.aim_input["wealth_usd"])
            sums.append(sum(astuple(found)[1:]))
    return wealth, sums


FLOW = '\n[[flow]]\naccount = "vault"\ncurrency = "BTC"\namount = 0.1\nat = 2020-01-01T20:00:00Z\n'


@pytest.mark.parametrize("change", [str, lambda text: text + FLOW], ids=["plain", "flow"])
def test_the_parts_add_up_to_the_change_of_wealth(change: Callable[[str], str]) -> None:
    """Through trades, transfers, funding and fees of two days on paper, at every decision."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(48)
        wealth, sums = wealth_and_gains(bench.ledger)
        assert len(wealth) > 40
        assert wealth[-1] != wealth[0]
        for now, gained in zip(wealth, sums, strict=True):
            assert now - wealth[0] == pytest.approx(gained, abs=1e-6)

    run(work, mandate=small(change(TEXT)))
