"""Laws of the paper venue: accounts are their rows folded, and looking changes nothing."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import account, inverse, linear, vault
from tests.simulate.ledger import Contract as PlainContract
from tests.simulate.ledger import exact
from tests.trade.papers import (
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
from volsculpt.contracts.spec import Contract, Fees
from volsculpt.ledger.events import CashBooked, Filled
from volsculpt.trade.clock import VirtualClock
from volsculpt.trade.paper.terms import DepthLevel, PaperTerms
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.venue import NotDone, OrderRequest
from volsculpt.units import HOUR_NS, SECOND_NS

MIXED = (
    PERPETUAL,
    linear(fees=Fees(maker=-0.0001, taker=0.0005)),
    inverse("ETH", fees=Fees(maker=0.0001, taker=0.0005)),
)
RICH = Book((vault(BTC=5.0), account("coinm", {"BTC": 1.0, "USDT": 9_000.0, "ETH": 20.0})))


def refolded(
    book: Book, contracts: tuple[Contract, ...], rows: list[Filled | CashBooked]
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """(balances, positions) of the margin account, by the formulas of the golden sheet alone."""
    by_key = {one.key: one for one in contracts}
    start = book.account("coinm")
    assert start is not None
    coins = {name: exact(amount) for name, amount in start.balances.items()}
    held: dict[str, PlainContract] = {}
    for row in rows:
        if isinstance(row, CashBooked):
            coins[row.currency] = coins.get(row.currency, Decimal(0)) + exact(row.coins)
            continue
        one = by_key[row.contract]
        plain = held.setdefault(
            one.key, PlainContract("coinm", one.settle, one.payoff == "inverse")
        )
        size = exact(row.contracts) * exact(one.multiplier)
        before = coins.get(one.settle, Decimal(0))
        coins[one.settle] = before + plain.fill(size, exact(row.price)) - exact(row.fee)
    return coins, {key: plain.size for key, plain in held.items()}


def check_refold(venue: PaperVenue, book: Book, contracts: tuple[Contract, ...]) -> None:
    """Statement and rows tell the same story."""
    coins, sizes = refolded(book, contracts, of_account(venue))
    for name, amount in venue.world.holdings.balances("coinm").items():
        assert amount == pytest.approx(float(coins.get(name, Decimal(0))), rel=1e-9, abs=1e-9)
    held = venue.world.holdings.positions("coinm")
    for key, size in sizes.items():
        assert held.get(key, (0.0, 0.0))[0] == pytest.approx(float(size), abs=1e-9)


@st.composite
def requests(draw: st.DrawFn) -> tuple[int, int, OrderRequest]:
    """(minutes to wait, which look, an order) by chance, at or around the market."""
    contract = draw(st.sampled_from(MIXED))
    lots = draw(st.integers(-3000, 3000).filter(bool))
    distance = draw(st.sampled_from([None, -0.01, -0.001, 0.0, 0.001, 0.01]))
    size = lots * contract.lot * (0.3 if contract.base == "BTC" else 1.0)
    size = round(size / contract.lot) * contract.lot
    flags = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
    request = OrderRequest("", "coinm", contract.key, size or contract.lot, distance, *flags)
    return draw(st.integers(0, 400)), draw(st.integers(0, 3)), request


async def follow(
    venue: PaperVenue, clock: VirtualClock, asked: list[tuple[int, int, OrderRequest]], looks: bool
) -> None:
    """Send orders by chance; `looks` reads the venue in between as well."""
    for row, (minutes, look, request) in enumerate(asked):
        if looks:
            for part in range(look):
                await hours_on(clock, minutes * part / 600.0)
                await venue.statement("coinm")
            gone = sum(round(minutes * part / 600.0 * HOUR_NS) for part in range(look))
        else:
            gone = sum(round(minutes * part / 600.0 * HOUR_NS) for part in range(look))
            await clock.sleep_until(clock.now_ns() + gone)
        await hours_on(clock, minutes / 60.0)
        (seen,) = await venue.prices([request.contract])
        limit = request.limit_price
        if limit is not None:
            limit = round(round(seen.mark * (1.0 + limit) / 0.1) * 0.1, 1)
        sent = replace(request, client_id=f"o{row}", limit_price=limit)
        try:
            await venue.send(sent)
        except NotDone:
            assert sent.post_only
            assert limit is None or sent.immediate
    await hours_on(clock, 5.5)
    await venue.time_ns()


WILD = PaperTerms(
    half_spread=0.0003,
    slippage=0.0001,
    depth=(DepthLevel(0.0, 500.0), DepthLevel(0.001, 2_000.0)),
    order_latency_ns=3 * SECOND_NS,
    adl_move=0.02,
    checks_margin=False,
)


@settings(max_examples=25, deadline=None)
@given(asked=st.lists(requests(), min_size=3, max_size=25))
def test_an_account_is_its_rows_folded(asked: list[tuple[int, int, OrderRequest]]) -> None:
    """Orders of all kinds, funding, deleveraging, liquidation: balances follow from the rows."""

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await follow(venue, clock, asked, looks=True)
        check_refold(venue, RICH, MIXED)
        for known in venue.world.orders.values():
            done = sum(
                row.contracts
                for row in of_account(venue)
                if isinstance(row, Filled) and row.client_id == known.request.client_id
            )
            assert known.filled == pytest.approx(done, abs=1e-9)
            assert abs(known.filled) <= abs(known.request.contracts) + 1e-9

    talk(go, WILD, stage(RICH, MIXED))


@settings(max_examples=15, deadline=None)
@given(asked=st.lists(requests(), min_size=3, max_size=20))
def test_looking_changes_nothing(asked: list[tuple[int, int, OrderRequest]]) -> None:
    """The same orders at the same times leave the same rows, however often somebody looks."""

    def rows_of(looks: bool) -> list[Filled | CashBooked]:
        async def go(venue: PaperVenue, clock: VirtualClock) -> list[Filled | CashBooked]:
            await follow(venue, clock, asked, looks)
            return list(of_account(venue))

        return talk(go, WILD, stage(RICH, MIXED))

    assert rows_of(True) == rows_of(False)


@pytest.mark.parametrize("mode", ["cross", "isolated", "unified"])
def test_a_liquidation_is_told_by_its_rows(mode: str) -> None:
    """Closed where it breached, and what the group lost beyond that: the rows end at nothing."""
    weights = {"BTC": 1.0} if mode == "unified" else {}
    thin = account("coinm", {"BTC": 0.004}, mode=mode, leverage=40.0, collateral_weights=weights)
    book = Book((vault(BTC=1.0), thin))

    async def go(venue: PaperVenue, clock: VirtualClock) -> None:
        await hours_on(clock, 1)
        await venue.send(order("a", -1000.0))
        await venue.send(order("b", -10.0, 9_999.0))
        before = venue.world.holdings.margins("coinm")
        await hours_on(clock, 24 * 12)
        said = await venue.statement("coinm")
        assert said.positions == {}
        assert await venue.open_orders("coinm") == []
        reasons = [row.reason for row in of_account(venue)]
        assert reasons[-2:] == ["liquidation", "insurance"]
        assert (mode == "isolated") == (said.balances["BTC"] > 1e-5)
        assert (mode == "isolated") == (KEY in before)
        check_refold(venue, book, (PERPETUAL,))

    talk(go, replace(ENDLESS, checks_margin=False), stage(book))
