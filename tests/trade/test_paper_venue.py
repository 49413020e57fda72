"""What a paper venue does with orders and time, and what it refuses."""

from dataclasses import replace

import pytest

from tests.factories import account, inverse, vault
from tests.trade.papers import (
    BOOK,
    ENDLESS,
    KEY,
    PERPETUAL,
    hours_on,
    of_account,
    order,
    stage,
    talk,
)
from volsculpt.book.holdings import Book
from volsculpt.contracts.orders import OVER_SIZE, UNDER_VALUE
from volsculpt.contracts.refusals import refusal
from volsculpt.contracts.spec import Orders
from volsculpt.ledger.events import Filled
from volsculpt.trade.clock import VirtualClock
from volsculpt.trade.paper.terms import DepthLevel, PaperTerms
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.paper.world import Stage
from volsculpt.trade.venue import NotDone, OrderRequest, VenueActivity
from volsculpt.units import HOUR_NS, SECOND_NS


def test_a_request_twice_is_one_order() -> None:
    """The same again is the order of before; another one with its id is refused."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await hours_on(clock, 1)
        first = await venue.send(order("a", -1000.0))
        assert first == await venue.send(order("a", -1000.0))
        with pytest.raises(NotDone, match="another order has the id a"):
            await venue.send(order("a", -7000.0))
        assert (await venue.statement("coinm")).positions[KEY][0] == -1000.0
        resting = await venue.send(order("b", -1000.0, 99_999.0))
        assert resting == await venue.send(order("b", -1000.0, 99_999.0))
        assert len(await venue.open_orders("coinm")) == 1
        moved = await venue.transfer("t", "vault", "coinm", "BTC", 0.5)
        assert moved == await venue.transfer("t", "vault", "coinm", "BTC", 0.5)
        assert (await venue.statement("vault")).balances == {"BTC": 1.5}

    talk(go, ENDLESS)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (order("a", -10.5), "lots of 1"),
        (order("a", -0.2), "lots of 1"),
        (order("a", -10.0, 7000.05), "steps of 0.1"),
        (order("a", -10.0, -1.0), "above 0"),
        (order("a", -10.0, post_only=True), "post-only"),
        (replace(order("a", -10.0), contract="bybit:DOGE/USD:DOGE"), "cannot trade"),
        (replace(order("a", -10.0), account="vault"), "cannot trade"),
    ],
)
def test_what_can_never_be_accepted_is_not_done(request_: OrderRequest, words: str) -> None:
    """NotDone says why, and there is no such order afterwards."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await hours_on(clock, 1)
        with pytest.raises(NotDone, match=words):
            await venue.send(request_)
        assert await venue.find_order("coinm", "a") is None

    talk(go, ENDLESS)


def test_what_the_book_rejects() -> None:
    """Post-only that would trade, reduce-only without a position, more than margin allows."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await hours_on(clock, 1)
        for asked, words in (
            (order("a", -10.0, 1.0, post_only=True), "post-only"),
            (order("b", 10.0, 99_999.0, post_only=True), "post-only"),
            (order("c", 10.0, reduce_only=True), "reduce-only"),
            (order("d", -10_000_000.0), "insufficient margin"),
        ):
            told = await venue.send(asked)
            assert (told.outcome, told.filled_contracts) == ("rejected", 0.0)
            assert words in told.why
        assert of_account(venue) == []

    talk(go, PaperTerms(depth=()))


def test_the_book_takes_what_the_venue_takes() -> None:
    """Least value, size, position, price off the mark; a reduction may be worth less."""
    orders = Orders(1000.0, True, 20.0, 5000.0, 6000.0, price_up=0.05, price_down=0.05)
    contract = inverse(fees=PERPETUAL.fees, orders=orders, position_most=7000.0)

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await hours_on(clock, 1)
        for asked, words in (
            (order("a", -999.0), refusal(contract, UNDER_VALUE, -999.0, 0.0)),
            (order("b", -5001.0), refusal(contract, OVER_SIZE, -5001.0, 0.0, 5000.0)),
            (order("c", -6001.0, 1.0), refusal(contract, OVER_SIZE, -6001.0, 1.0, 6000.0)),
        ):
            told = await venue.send(asked)
            assert (told.outcome, told.filled_contracts, told.why) == ("rejected", 0.0, words)
        assert words == "6001 contracts: one order of BTC/USD:BTC has 6000 at most"
        assert (await venue.send(order("d", -5001.0, 7_000.0))).outcome != "rejected"
        assert "larger than the venue allows" in (await venue.send(order("e", -2000.0))).why
        assert (await venue.send(order("f", 30.0, reduce_only=True))).outcome == "filled"
        assert "trades from 20" in (await venue.send(order("g", 19.0, reduce_only=True))).why
        assert (await venue.send(order("h", 4971.0, reduce_only=True))).outcome == "filled"
        assert "a sell down to 5 % below its mark" in (await venue.send(order("i", -2e3, 1.0))).why
        assert "a buy up to 5 % above its mark" in (await venue.send(order("j", 2e3, 9e5))).why

    talk(go, ENDLESS, stage(contracts=(contract,)))


def test_reduce_only_never_turns_a_position() -> None:
    """A purchase of 5,000 against a short of 1,000 buys 1,000; the rest is cancelled."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await hours_on(clock, 1)
        await venue.send(order("a", -1000.0))
        told = await venue.send(order("b", 5000.0, reduce_only=True))
        assert (told.outcome, told.filled_contracts) == ("cancelled", 1000.0)
        assert (await venue.statement("coinm")).positions == {}

    talk(go, ENDLESS)


def test_orders_walk_the_book() -> None:
    """3,000 dollars of room at the best price and 5,000 a per mille behind it; then no more."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await hours_on(clock, 1)
        (seen,) = await venue.prices([KEY])
        middle = (seen.bid or 0.0) / (1.0 - 0.0002)
        told = await venue.send(order("a", -9_999.0))
        assert told.outcome == "cancelled"
        one, two = (row for row in of_account(venue) if isinstance(row, Filled))
        assert one.price == pytest.approx(middle * (1.0 - 0.0002), rel=1e-12)
        assert two.price == pytest.approx(middle * (1.0 - 0.0012), rel=1e-12)
        assert -one.contracts == pytest.approx(3_000.0, rel=0.002)
        assert -two.contracts == pytest.approx(5_000.0, rel=0.002)
        assert told.filled_contracts == one.contracts + two.contracts
        again = await venue.send(order("b", -10.0))
        assert again.filled_contracts == 0.0
        await clock.sleep_until(clock.now_ns() + 60 * SECOND_NS)
        assert (await venue.send(order("c", -10.0))).filled_contracts == -10.0

    depth = (DepthLevel(0.0, 3_000.0), DepthLevel(0.001, 5_000.0))
    talk(go, PaperTerms(half_spread=0.0002, depth=depth))


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_a_resting_order_fills_when_it_is_reached(side: float) -> None:
    """Over twelve days: never before the bars reach its price, then as maker at that price."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> tuple[float, float, Filled | None]:
        await hours_on(clock, 1)
        (seen,) = await venue.prices([KEY])
        limit = round(seen.mark * (1.0 - side * 0.02), 1)
        await venue.send(order("a", side * 100.0, limit))
        feed = venue.world.feed
        for step in range(1, feed.steps):
            await clock.sleep_until(feed.stamps[step + 1])
            told = await venue.find_order("coinm", "a")
            assert told is not None
            reached = feed.high[step][0] >= limit if side < 0 else feed.low[step][0] <= limit
            if told.outcome == "filled":
                fills = [row for row in of_account(venue) if isinstance(row, Filled)]
                assert reached
                return limit, side, fills[0]
        return limit, side, None

    limit, _, row = talk(go, PaperTerms(depth=(), half_spread=0.0001))
    assert row is not None
    assert row.price == limit
    assert row.fee == pytest.approx(100.0 / limit * 0.0001)


def test_a_high_before_the_order_does_not_kill_it() -> None:
    """A position opened after its bar's high is tested on what comes after, not on that high."""
    feed = stage().feed
    found = [
        step
        for step in range(2, feed.steps)
        for late in [feed.marks(step, 0.9)[0]]
        if feed.high[step][0] / late > 1.012 and feed.reach(step, 0, 0.9, 1.0)[0] / late < 1.003
    ]
    start, end = feed.stamps[found[0]], feed.stamps[found[0] + 1]
    coins = 100.0 / feed.marks(found[0], 0.9)[0] * 0.012
    tight = Book((vault(BTC=1.0), account("coinm", {"BTC": coins})))

    def survives(opened_ns: int) -> bool:
        async def go(venue: PaperVenue, clock: VirtualClock) -> bool:
            await clock.sleep_until(opened_ns)
            await venue.send(order("a", -100.0))
            await clock.sleep_until(end)
            return KEY in (await venue.statement("coinm")).positions

        return talk(go, replace(ENDLESS, checks_margin=False), stage(tight))

    assert survives(start + round(0.9 * HOUR_NS))


def test_funding_of_a_short_has_the_sign_of_the_rate() -> None:
    """Law 5: a positive rate pays the short, at each stamp."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await hours_on(clock, 1)
        await venue.send(order("a", -1000.0))
        await hours_on(clock, 200)
        paid = (await venue.activity("coinm", None)).cash
        feed, total = venue.world.feed, 0
        for row in paid:
            step = feed.stamps.index(row.stamp_ns)
            assert row.reason == "funding"
            assert row.coins == pytest.approx(
                1000.0 / feed.marks(step, 0.0)[0] * feed.funding[step][0]
            )
            total += 1
        assert total > 20

    talk(go, ENDLESS)


def test_a_large_profit_may_be_cut() -> None:
    """After a step against which others could not pay, half of what gained is closed at mark."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await hours_on(clock, 1)
        await venue.send(order("a", -1000.0))
        await hours_on(clock, 300)
        await venue.time_ns()
        cuts = [row for row in of_account(venue) if getattr(row, "reason", "") == "adl"]
        assert cuts
        assert (cuts[0].contracts, cuts[0].fee, cuts[0].client_id) == (500.0, 0.0, None)  # type: ignore[union-attr]

    talk(go, replace(ENDLESS, adl_move=0.01))


def test_an_isolated_position_posts_and_takes_more_margin() -> None:
    """A tenth of its value is posted; coins moved to "account|symbol" are posted at once."""
    book = Book((vault(BTC=2.0), account("coinm", {"BTC": 1.0}, mode="isolated", leverage=10.0)))

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await hours_on(clock, 1)
        await venue.send(order("a", -1000.0))
        said = await venue.statement("coinm")
        assert said.margins[KEY] == pytest.approx(100.0 / said.positions[KEY][1])
        await venue.transfer("t", "coinm", f"coinm|{PERPETUAL.symbol}", "BTC", 0.25)
        after = await venue.statement("coinm")
        assert after.margins[KEY] == pytest.approx(said.margins[KEY] + 0.25)
        assert after.balances["BTC"] == pytest.approx(said.balances["BTC"])

    talk(go, ENDLESS, stage(book))


def test_limits_outages_and_a_clock_that_is_ahead() -> None:
    """Too many calls say when to come back; an outage its end; stamps are the venue's own."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        start = clock.now_ns()
        assert await venue.time_ns() == start + 5 * SECOND_NS
        said = await venue.statement("coinm")
        assert said.stamp_ns == start + 5 * SECOND_NS
        with pytest.raises(NotDone, match="more than 2 calls") as refused:
            await venue.time_ns()
        assert refused.value.retry_ns == start + SECOND_NS
        await clock.sleep_until(start + HOUR_NS)
        with pytest.raises(NotDone, match="does not answer") as refused:
            await venue.statement("coinm")
        assert refused.value.retry_ns == start + 2 * HOUR_NS
        await clock.sleep_until(start + 2 * HOUR_NS)
        assert await venue.time_ns() == start + 2 * HOUR_NS + 5 * SECOND_NS

    start = stage().feed.stamps[0]
    out = ((start + HOUR_NS, start + 2 * HOUR_NS),)
    talk(go, PaperTerms(calls=2, skew_ns=5 * SECOND_NS, outages=out))


def test_history_is_kept_only_so_long() -> None:
    """T32: a fill older than the history is gone; the position in the statement is the truth."""

    async def go(
        venue: PaperVenue, clock: VirtualClock
    ) -> tuple[VenueActivity, VenueActivity, object]:
        await hours_on(clock, 1)
        await venue.send(order("a", -1000.0))
        cursor = (await venue.activity("coinm", None)).cursor
        await hours_on(clock, 50)
        assert await venue.find_order("coinm", "a") is None
        held = (await venue.statement("coinm")).positions
        return await venue.activity("coinm", None), await venue.activity("coinm", cursor), held

    everything, since, held = talk(go, replace(ENDLESS, history_ns=24 * HOUR_NS))
    assert everything.fills == ()
    assert {row.cash_id for row in everything.cash} <= {row.cash_id for row in since.cash}
    assert everything.complete_from_ns == stage().feed.stamps[0] + 27 * HOUR_NS
    assert held[KEY][0] == -1000.0  # type: ignore[index]


def test_the_end_of_the_market_is_said() -> None:
    """Past its last stamp nothing can be sent, and prices keep the stamp of the end."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        end = venue.world.feed.stamps[-1]
        await clock.sleep_until(end + HOUR_NS)
        with pytest.raises(NotDone, match="has ended"):
            await venue.send(order("a", -1000.0))
        (seen,) = await venue.prices([KEY])
        assert seen.stamp_ns == end

    talk(go, ENDLESS)


def test_latency_is_waited_for() -> None:
    """An order on its way is open and fills at the prices it meets; a call takes its time."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await hours_on(clock, 1.5)
        before = clock.now_ns()
        assert (await venue.send(order("a", -1000.0))).outcome == "open"
        assert clock.now_ns() == before + SECOND_NS
        await clock.sleep_until(before + 30 * SECOND_NS)
        told = await venue.find_order("coinm", "a")
        assert told is not None
        assert told.outcome == "filled"
        assert told.stamp_ns == before + 21 * SECOND_NS

    talk(go, replace(ENDLESS, order_latency_ns=20 * SECOND_NS, answer_latency_ns=SECOND_NS))


def test_worlds_share_a_stage() -> None:
    """Worlds made from one stage do not touch each other."""
    shared: Stage = stage(BOOK)

    async def go(venue: PaperVenue, clock: VirtualClock) -> dict[str, float]:
        await hours_on(clock, 1)
        await venue.send(order("a", -1000.0))
        await hours_on(clock, 40)
        return (await venue.statement("coinm")).balances

    assert talk(go, ENDLESS, shared) == talk(go, ENDLESS, shared)
