"""What a coin is worth that no contract of a mandate is on: the same in plan, backtest and desk.

A venue's price, else what is stored, else of a stablecoin its peg, which is told.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import inverse
from tests.market.made import BTC, FUNDING, MARK, START_NS, USDT, bars, funding
from tests.trade.desks import Bench, new_desk, run, small
from tests.trade.test_desk_parity import COSTS, in_backtest, on_the_desk
from volsculpt import verbs
from volsculpt.errors import PriceError
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import QuoteObserved
from volsculpt.ledger.ledger import Ledger
from volsculpt.mandate.history import open_market
from volsculpt.mandate.objects import Mandate
from volsculpt.market.store import save
from volsculpt.trade.connections import Contracts
from volsculpt.trade.control.replay import replayed
from volsculpt.trade.observe.assemble import Assembled, LastPrices, assemble, newest
from volsculpt.trade.observe.features import MarketKnowledge, StoredPrices
from volsculpt.trade.observe.observed import Observation
from volsculpt.trade.observe.recall import face_usd
from volsculpt.trade.paper.opening import paper_market
from volsculpt.trade.venue import VenuePrice
from volsculpt.units import DAY_NS, HOUR_NS, SECOND_NS

KEY = "bybit:BTC/USD:BTC"
HOURS = 72
WORTH = 0.9
TEXT = """
version = 1
name = "treasury"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0, USDT = 100_000, ETH = 30 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 1.0 }
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.9
base = "wealth"
use = [{ account = "coinm", contract = "BTC/USD:BTC" }]
[send]
slippage = 0.2
"""
STABLE = TEXT.replace(", ETH = 30", "")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which a stablecoin is worth 0.90 and BTC does not move."""
    folder = tmp_path_factory.mktemp("store")
    eth = replace(BTC, symbol="ETH")
    for label, price in ((BTC, 60_000.0), (MARK, 60_000.0), (USDT, WORTH), (eth, 3_000.0)):
        save(folder, bars(label, [price] * HOURS), START_NS)
    save(folder, funding([0.0001] * 8, [8.0 * k for k in range(1, 9)]), START_NS)
    assert FUNDING.key == MARK.key
    return folder


def first_trades(root: Path, mandate: Mandate) -> tuple[float, float, float, Ledger]:
    """What plan, backtest and desk trade at one moment of a store, and the desk's ledger."""
    begin = START_NS + DAY_NS
    span = (begin, begin + DAY_NS, None)
    (order,) = verbs.plan(mandate, at=begin, data=root).orders
    aligned, history, _ = open_market(mandate, None, root, span)
    ran = in_backtest(mandate, aligned, history, COSTS)
    held, _, ledger = on_the_desk(mandate, paper_market(mandate, None, root, span), COSTS)
    return -order.contracts, ran.held.contracts[1, 0], held[1, 0], ledger


@pytest.mark.parametrize(("text", "sold"), [(TEXT, 144_000.0), (STABLE, 153_000.0)])
def test_every_mode_takes_what_is_stored(root: Path, text: str, sold: float) -> None:
    """Not one contract apart: 180,000 of BTC less a tenth of the wealth, USDT counted at 0.90."""
    *found, ledger = first_trades(root, small(text))
    assert found == [-sold, -sold, -sold]
    told = [one.event for one in ledger.entries(kinds=("quote",))]
    assert all(isinstance(one, QuoteObserved) and one.index_usd["USDT"] == WORTH for one in told)
    assert not [one for one in ledger.books.alerts if one.startswith(("peg:", "data:"))]
    again = replayed(ledger, small(text))
    assert again.same == len(again.decisions) > 0


def told_pegs(bench: Bench) -> dict[str, str]:
    """The words of each stablecoin that is taken at its peg now."""
    books = bench.ledger.books
    return {key: one.text for key, one in books.alerts.items() if key.startswith("peg:")}


def knowing(bench: Bench, prices: Mapping[str, float]) -> None:
    """A desk to which a history tells these prices."""
    bench.desk = new_desk(bench.mandate, bench.ledger, bench.venue, bench.clock)
    bench.desk.knowledge = MarketKnowledge(prices=lambda time_ns: StoredPrices(prices, time_ns))


def test_a_peg_that_is_assumed_is_told() -> None:
    """While nothing tells a price; it is over once something does."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(2)
        assert list(told_pegs(bench)) == ["peg:USDT"]
        assert "USDT is taken at 1 USD, which is assumed" in told_pegs(bench)["peg:USDT"]
        knowing(bench, {"USDT": WORTH})
        await bench.desk.start()
        await bench.hours(1)
        assert told_pegs(bench) == {}

    run(work, mandate=small(STABLE))


def assembled(
    mandate: Mandate,
    last: LastPrices,
    venue: Mapping[str, VenuePrice] | None = None,
    stored: Mapping[str, float] | None = None,
) -> Assembled:
    """What is decided on at the start, once these were told."""
    observed = Observation(START_NS, dict(venue or {}), stored=stored or {})
    return assemble(mandate, Books(), observed, {}, last, Contracts(mandate))


def seen(ago_ns: int, **prices: float) -> LastPrices:
    """Prices that were seen so long before the start."""
    return newest(LastPrices(), QuoteObserved(dict(prices), {}, {}), START_NS - ago_ns)


BOTH = VenuePrice(KEY, 60_000.0, 60_000.0, None, None, START_NS, 0.0, 1.0, 60_000.0)


def test_a_price_of_before_holds_for_a_day() -> None:
    """Then its peg is the better guess, as in a history; a price for another coin never is."""
    mandate = small(STABLE)
    held = assembled(mandate, seen(DAY_NS, USDT=0.97, BTC=1.0), {KEY: BOTH})
    assert held.quotes.index == {"BTC": 60_000.0, "USDT": 0.97}
    late = assembled(mandate, seen(DAY_NS + 1, USDT=0.97), {KEY: BOTH})
    assert late.quotes.index == {"BTC": 60_000.0}
    assert held.setup.missing == late.setup.missing
    assert not held.setup.missing.currencies


def test_what_was_seen_later_is_newer() -> None:
    """Each coin has the time of its own last price."""
    last = newest(
        seen(2 * DAY_NS, USDT=0.9, ETH=3.0), QuoteObserved({"USDT": 0.8}, {}, {}), START_NS
    )
    assert last.quotes.index == {"USDT": 0.8, "ETH": 3.0}
    assert last.observed_ns == {"USDT": START_NS, "ETH": START_NS - 2 * DAY_NS}
    assert last.holds("USDT", START_NS + HOUR_NS)
    assert not last.holds("ETH", START_NS + HOUR_NS)


def test_a_venue_goes_before_a_history() -> None:
    """A stablecoin that a contract is quoted in is priced by its venue, and else by a history."""
    text = STABLE.replace("BTC/USD:BTC", "BTC/USDT:USDT").replace("BTC = 1.0", "USDT = 50_000.0")
    key = "bybit:BTC/USDT:USDT"
    quoted = replace(BOTH, contract=key, quote_usd=0.95, settle_usd=0.95)
    mandate, stored = small(text), {"USDT": WORTH, "BTC": 1.0}
    assert assembled(mandate, LastPrices(), {key: quoted}, stored).quotes.index["USDT"] == 0.95
    silent = replace(quoted, quote_usd=None, settle_usd=None)
    found = assembled(mandate, LastPrices(), {key: silent}, stored)
    assert found.quotes.index == {"BTC": 60_000.0, "USDT": WORTH}
    assert found.quote.index_usd == found.quotes.index


@pytest.mark.parametrize(("stored_ago_ns", "worth"), [(5 * HOUR_NS, 0.9), (0, WORTH)])
def test_what_a_venue_told_last_goes_before_an_older_history(
    stored_ago_ns: int, worth: float
) -> None:
    """A minute after it fell silent its price is newer than one that was stored hours ago."""
    stored = {"USDT": WORTH}
    observed = Observation(START_NS, {KEY: BOTH}, stored=stored, stored_ns=START_NS - stored_ago_ns)
    mandate = small(STABLE)
    last = seen(60 * SECOND_NS, USDT=0.9)
    found = assemble(mandate, Books(), observed, {}, last, Contracts(mandate))
    assert found.quotes.index["USDT"] == worth
    gone = assemble(mandate, Books(), observed, {}, seen(2 * DAY_NS, USDT=0.9), Contracts(mandate))
    assert gone.quotes.index["USDT"] == WORTH


def test_a_history_never_stands_in_for_a_silent_venue() -> None:
    """A coin that is traded stays missing while its venue tells no price."""
    found = assembled(
        small(TEXT), LastPrices(), None, {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}
    )
    assert "BTC" in found.setup.missing.currencies
    assert "no fresh price of BTC" in found.why
    assert "no fresh price of ETH" not in found.why


def test_a_peg_that_has_no_price_is_missing() -> None:
    """One euro coin is no dollar: without a price of the euro nothing is known of it."""
    mandate = small(STABLE.replace("USDT", "EURC"))
    assert assembled(mandate, LastPrices(), {KEY: BOTH}).setup.missing.currencies == {"BTC", "EURC"}
    found = assembled(mandate, LastPrices(), {KEY: BOTH}, {"EURC": 1.08})
    assert found.quotes.index["EURC"] == 1.08
    assert not found.setup.missing.currencies


def test_the_face_of_an_order_is_in_dollars() -> None:
    """What a stablecoin is the peg of prices it where nobody does."""
    contract = inverse(quote="EURC")
    assert face_usd(contract, -100.0, 1.0, seen(0, EUR=1.08).quotes) == pytest.approx(108.0)
    assert face_usd(contract, -100.0, 1.0, seen(0, EURC=1.1, EUR=1.0).quotes) == 110.00000000000001
    assert face_usd(inverse(), -100.0, 1.0, seen(0).quotes) == 100.0


def test_a_plan_heeds_what_the_owner_says_of_a_stablecoin(tmp_path: Path) -> None:
    """A coin that is said to be like any other is never taken at a dollar once its prices end."""
    for label, price, hours in ((BTC, 60_000.0, HOURS), (MARK, 60_000.0, HOURS), (USDT, 0.9, 20)):
        save(tmp_path, bars(label, [price] * hours), START_NS)
    at = START_NS + 60 * HOUR_NS
    assumed = verbs.plan(small(STABLE), at=at, data=tmp_path)
    assert assumed.index_usd["USDT"] == 1.0
    assert [line for line in assumed.warnings if line.startswith("assumed_peg: prices of USDT")]
    with pytest.raises(PriceError, match="USDT as stored ends at 2024-01-01T20:00:00Z"):
        verbs.plan(small(STABLE + '[assets.USDT]\npeg = "none"\n'), at=at, data=tmp_path)
