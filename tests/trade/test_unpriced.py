"""A coin that nobody has priced: what is counted with it is not told, all else goes on."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from tests.trade.desks import Bench, new_desk, run, small
from volsculpt.ledger.events import QuoteObserved
from volsculpt.report.pages.desk import status, status_page
from volsculpt.report.pages.desk_verdict import margin_words, wealth_words
from volsculpt.report.render.terminal import rendered
from volsculpt.trade.control.metrics import metrics
from volsculpt.trade.observe.features import MarketKnowledge, StoredPrices
from volsculpt.units import DAY_NS
from volsculpt.watch.standing import standings, unpriced_groups, with_fills

TEXT = """
version = 1
name = "unpriced"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0, SHIB = 2_000_000_000 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 1.0 }
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.6
use = [{ account = "coinm", contract = "BTC/USD:BTC" }]
[guard]
max_drawdown = 0.3
[send]
slippage = 0.2
"""
WEALTH = TEXT.replace("ratio = 0.6", 'ratio = 0.6\nbase = "wealth"')
FLOOR = TEXT.replace('"fixed"\nratio = 0.6', '"drawdown-floor"\nfloor = 0.8')
WEIGHT = TEXT.replace('"fixed"\nratio = 0.6', '"weight"\nweight = 0.4')


Answer = TypeVar("Answer")


def on_desk(text: str, work: Callable[[Bench], Awaitable[Answer]]) -> Answer:
    """Something on a desk that owns SHIB, in a world that has no price of it."""

    async def with_shib(bench: Bench) -> Answer:
        bench.mandate = small(text)
        bench.desk = new_desk(bench.mandate, bench.ledger, bench.venue, bench.clock)
        return await work(bench)

    return run(with_shib, mandate=small(text.replace(", SHIB = 2_000_000_000", "")))


def telling(bench: Bench, **prices: float) -> None:
    """From now on a history tells these prices."""
    bench.desk.knowledge = MarketKnowledge(prices=lambda time_ns: StoredPrices(prices, time_ns))


def last_row(bench: Bench) -> dict[str, object]:
    """The one hedge, as `status` tells it."""
    (row,) = status(bench.ledger, True)["hedges"]
    found: dict[str, object] = row
    return found


async def walked(bench: Bench) -> tuple[Bench, dict[str, object], str, list[str]]:
    """Three hours without a price of SHIB: status, metrics and words of the third."""
    await bench.desk.start()
    await bench.hours(3)
    facts = status(bench.ledger, True)
    return bench, facts, metrics(bench.desk), wealth_words(facts)


def test_no_wealth_while_a_price_is_missing() -> None:
    """Not in status, books, metrics or words; the coin that is hedged by itself is hedged."""
    bench, facts, told, words = on_desk(TEXT, walked)
    assert facts["wealth_usd"] is None
    assert facts["unpriced"] == ["SHIB"]
    assert bench.ledger.books.peak_wealth_usd is None
    assert "volsculpt_wealth_usd" not in told
    assert "volsculpt_held_ratio" in told
    assert words[0].startswith("Wealth not known: no price of SHIB")
    page = rendered(status_page(facts))
    assert "wealth: not known: no price of SHIB" in page
    held = last_row(bench)["held_ratio"]
    assert isinstance(held, float)
    assert held == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize("text", [WEALTH, FLOOR, WEIGHT], ids=["wealth", "floor", "weight"])
def test_no_share_of_wealth_while_a_price_is_missing(text: str) -> None:
    """Nothing is traded on it and no ratio is told."""
    bench, facts, told, _ = on_desk(text, walked)
    assert last_row(bench)["held_ratio"] is None
    assert "volsculpt_held_ratio{" not in told
    assert not bench.ledger.books.orders
    assert not [one for one in bench.ledger.books.alerts if one.startswith(("unhedged", "wealth"))]
    assert facts["latches"] == {}


@pytest.mark.parametrize("text", [TEXT, WEALTH, FLOOR])
def test_the_first_price_is_no_fall(text: str) -> None:
    """Wealth begins with it: the guard latches nothing, and the peak is of real prices."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(2)
        telling(bench, SHIB=0.000_02)
        await bench.hours(2)
        facts = status(bench.ledger, True)
        assert facts["latches"] == {}
        assert facts["unpriced"] == []
        assert facts["wealth_usd"] < 100_000.0
        assert bench.ledger.books.peak_wealth_usd < 100_000.0
        assert last_row(bench)["held_ratio"] is not None

    on_desk(text, work)


def test_a_price_of_days_ago_tells_no_wealth() -> None:
    """It holds for a day, as that of a stablecoin does."""

    async def work(bench: Bench) -> None:
        telling(bench, SHIB=0.000_02)
        await bench.desk.start()
        await bench.hours(2)
        telling(bench)
        await bench.hours(2)
        assert status(bench.ledger, True)["wealth_usd"] is not None
        await bench.hours(DAY_NS // 3_600_000_000_000)
        assert status(bench.ledger, True)["wealth_usd"] is None

    on_desk(TEXT, work)


def test_the_quote_that_is_kept_has_no_invented_price() -> None:
    """The ledger is told only what was seen."""
    bench, *_ = on_desk(TEXT, walked)
    for entry in bench.ledger.entries(kinds=("quote",)):
        assert isinstance(entry.event, QuoteObserved)
        assert "SHIB" not in entry.event.index_usd


def test_no_margin_is_told_that_needs_a_missing_price() -> None:
    """How a group stands is left out, and the page says why; other groups are told."""
    bench, facts, *_ = on_desk(TEXT, walked)
    made = bench.desk.last.decision if bench.desk.last is not None else None
    assert made is not None
    flat = with_fills(made.flat, made.quoted.quote, made.answer, bench.ledger.books)
    assert unpriced_groups(flat, {"BTC"}) == {0}
    assert unpriced_groups(flat, {"SHIB"}) == set()
    assert len(standings(flat, made.quoted.quote, {"SHIB"})) == 1
    assert standings(flat, made.quoted.quote, {"BTC"}) == []
    said = margin_words({**facts, "margin": [], "unpriced": ["BTC"]})
    assert said == "Where contracts are liquidated is not known: no price of BTC."
