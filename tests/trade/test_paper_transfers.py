"""Coins between accounts of a paper venue: how long they take, what they cost, what it refuses."""

import pytest

from tests.trade.papers import (
    hours_on,
    order,
    talk,
)
from volsculpt.trade.clock import VirtualClock
from volsculpt.trade.paper.terms import PaperTerms, TransferRoute
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.venue import NotDone
from volsculpt.units import HOUR_NS


def test_transfers_take_time_cost_and_may_fail() -> None:
    """Coins leave at once, arrive less their cost after the delay, or come back whole."""

    def moved(fails: float) -> tuple[str, float, dict[str, float], dict[str, float]]:
        async def go(
            venue: PaperVenue, clock: VirtualClock
        ) -> tuple[str, float, dict[str, float], dict[str, float]]:
            await hours_on(clock, 0.3)
            told = await venue.transfer("t", "vault", "coinm", "BTC", 0.5)
            assert (told.state, told.arrived_coins) == ("sent", 0.0)
            assert (await venue.statement("vault")).balances["BTC"] == 1.5
            await hours_on(clock, 1.9)
            assert (await venue.statement("coinm")).balances["BTC"] == 1.0
            await hours_on(clock, 0.2)
            last = await venue.find_transfer("t")
            assert last is not None
            ends = [(await venue.statement(name)).balances for name in ("vault", "coinm")]
            return last.state, last.arrived_coins, *ends

        terms = PaperTerms(
            transfer_delay_ns=2 * HOUR_NS, transfer_cost=0.0002, transfer_fail_rate=fails
        )
        return talk(go, terms)

    assert moved(0.0) == ("arrived", 0.4998, {"BTC": 1.5}, {"BTC": 1.4998})
    assert moved(1.0) == ("failed", 0.0, {"BTC": 2.0}, {"BTC": 1.0})


def test_transfers_that_cannot_be() -> None:
    """More than there is, to nowhere, less than the cost, or margin of a position: not done."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await hours_on(clock, 1)
        await venue.send(order("a", -6000.0))
        for ends, coins, words in (
            (("vault", "coinm"), 2.1, "has 2 BTC"),
            (("vault", "nowhere"), 1.0, "no account"),
            (("vault", "coinm"), 0.0001, "cost"),
            (("coinm", "vault"), 0.998, "margin of its positions"),
        ):
            with pytest.raises(NotDone, match=words):
                await venue.transfer("t", *ends, "BTC", coins)
        assert await venue.find_transfer("t") is None

    talk(go, PaperTerms(depth=(), transfer_cost=0.0002))


def test_a_transfer_takes_the_time_and_cost_of_its_route() -> None:
    """The first that fits account and currency; another currency's is none of it."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> list[float]:
        await hours_on(clock, 1)
        await venue.transfer("t", "vault", "coinm", "BTC", 0.5)
        found = []
        for hours in (2.9, 0.2):
            await hours_on(clock, hours)
            one = await venue.find_transfer("t")
            assert one is not None
            found.append(one.arrived_coins)
        return found

    dear = TransferRoute("coinm", "USDT", HOUR_NS, 2.0)
    routes = (dear, TransferRoute("coinm", None, 3 * HOUR_NS, 0.001))
    assert talk(go, PaperTerms(routes=routes)) == [0.0, 0.499]
    assert talk(go, PaperTerms(routes=(dear,), transfer_cost=0.25)) == [0.25, 0.25]
