"""A week through the paper venue and the same week through the simulator: the same fills."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from typing import Any, get_type_hints

import numpy as np
import pytest

from tests.factories import account, dated, fixed, inverse, linear, vault
from tests.simulate.plain import plain_run
from tests.trade.papers import market
from tests.trade.plain_terms import plain_terms
from tests.trade.told import told_by_kernel, told_by_venue
from volsculpt.book.flatten import WalletLabel
from volsculpt.book.holdings import (
    Account,
    Book,
    NotOwn,
    OwnFees,
    Position,
    Transfer,
    WorkingOrder,
)
from volsculpt.contracts.orders import NO_MARGIN
from volsculpt.contracts.payoff import INVERSE as INVERSE_CODE
from volsculpt.contracts.payoff import value
from volsculpt.contracts.spec import Contract, Margin, Tier
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision, Setup, decide
from volsculpt.exchange.events import FILLED, LIQUIDATED, REFUSED
from volsculpt.hedge.answer import Band
from volsculpt.market.align import Aligned, align
from volsculpt.market.asof import TimeGrid
from volsculpt.market.quotes import Quotes
from volsculpt.market.synthetic import synthetic
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.run_start import RunSpec
from volsculpt.trade.clock import VirtualClock, run_virtual
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.paper.world import PaperExchange, Stage, no_flows, stage_of
from volsculpt.trade.venue import OrderRequest
from volsculpt.units import HOUR_NS

WEEK = 24 * 7
INVERSE, LINEAR = inverse(), linear(symbol="BTC/USDT:USDT")
PLAN = CollateralPlan(("vault",), (0.895, 0.9, 0.9, 0.905), account="coinm", cost=0.0002)
NARROW, NEVER = Band(0.004, 0.0, 0.004, 0.0), Band(9.0, 0.0, 9.0, 0.0)
COSTS = Costs(half_spread=0.0002, slippage=0.0001)


def setup(
    book: Book,
    contracts: list[Contract],
    ratio: float = 0.6,
    band: Band = NARROW,
    **other: object,
) -> Setup:
    """A hedge of BTC with these contracts in the one margin account."""
    hedge = fixed("BTC", ratio, band=band)
    legs = (tuple(("coinm", contract, False) for contract in contracts),)
    return Setup(book, (hedge,), legs, **other)  # type: ignore[arg-type]


def as_lists(kind: Any, record: Any) -> Any:  # noqa: ANN401
    """A record of the kernel as the named tuple of lists it came from."""
    found = []
    for name, hint in get_type_hints(kind).items():
        if hasattr(hint, "_fields"):
            found.append(as_lists(hint, record[name]))
        else:
            found.append(record[name].tolist())
    return kind(*found)


class MiniDesk:
    """Decides at every stamp on what the venue says, and sends what was decided."""

    def __init__(self, asked: Setup, venue: PaperVenue) -> None:
        self.asked, self.venue = asked, venue
        self.contracts = {one.key: one for used in asked.legs for _, one, _ in used}
        self.ids, self.transfers = count(), dict[str, Transfer]()

    async def step(self, time_ns: int) -> None:
        """One decision."""
        prices = await self.venue.prices([*self.contracts])
        index = {self.contracts[one.contract].base: one.index_usd for one in prices}
        index |= {self.contracts[one.contract].settle: one.settle_usd for one in prices}
        quotes = Quotes(time_ns, index, {one.contract: one.mark for one in prices})
        book = Book(tuple([await self.observed(one) for one in self.asked.book.accounts]))
        book = replace(book, transfers=tuple([one async for one in self.under_way()]))
        await self.send(decide(replace(self.asked, book=book), quotes, time_ns))

    async def under_way(self) -> AsyncIterator[Transfer]:
        """Transfers that have not arrived."""
        for transfer_id, one in self.transfers.items():
            if (await self.venue.find_transfer(transfer_id)).state == "sent":
                yield one

    async def observed(self, one: Account) -> Account:
        """An account as the venue states it."""
        said, open_ = await self.venue.statement(one.name), await self.venue.open_orders(one.name)
        return replace(
            one,
            balances=said.balances,
            positions=tuple(
                Position(self.contracts[key], contracts, entry)
                for key, (contracts, entry) in said.positions.items()
            ),
            orders=tuple(
                WorkingOrder(
                    order.client_id, self.contracts[order.contract], order.contracts, "acked"
                )
                for order in open_
            ),
        )

    async def send(self, made: Decision) -> None:
        """Cancels, orders, then transfers, as decided."""
        for leg, (where, contract) in enumerate(made.flat.legs):
            if made.answer.cancel[leg]:
                for order in await self.venue.open_orders(where):
                    if order.contract == contract.key:
                        await self.venue.cancel(where, order.client_id)
            size = made.answer.trade[leg]
            if size != 0.0:
                name = f"o{next(self.ids)}"
                request = OrderRequest(name, where, contract.key, size, None, False, False, False)
                assert (await self.venue.send(request)).outcome in ("filled", "open", "rejected")
        for group, label in enumerate(made.flat.groups):
            coins = made.answer.top_up[group]
            if coins != 0.0:
                ends = ("vault", label.account) if coins > 0.0 else (label.account, "vault")
                sent = coins + PLAN.cost if coins > 0.0 else -coins
                name = f"t{next(self.ids)}"
                await self.venue.transfer(name, *ends, label.currency, sent)
                self.transfers[name] = Transfer(label.currency, sent - PLAN.cost, ends[1], ends[0])


def walked(
    asked: Setup, stage: Stage, terms: PaperTerms
) -> tuple[np.ndarray, np.ndarray, PaperExchange]:
    """(contracts, wallets) at each stamp before its orders leave, on the paper venue."""
    contracts, wallets, worlds = [], [], []

    async def main(clock: VirtualClock) -> None:
        world = PaperExchange(stage, terms)
        desk = MiniDesk(asked, PaperVenue(world, clock))
        worlds.append(world)
        await desk.step(stage.feed.stamps[0])
        for stamp in stage.feed.stamps[1:]:
            await clock.sleep_until(stamp)
            world.pass_time(stamp)
            contracts.append(list(world.holdings.state.contracts))
            wallets.append(list(world.holdings.state.wallet))
            if stamp != stage.feed.stamps[-1]:
                await desk.step(stamp)

    run_virtual(stage.feed.stamps[0], main)
    return np.array(contracts), np.array(wallets), worlds[0]


def both(
    asked: Setup, aligned: Aligned, costs: Costs = COSTS, delay_ns: int = 0
) -> tuple[Ran, np.ndarray, np.ndarray, PaperExchange]:
    """The same weeks through the kernel and through the paper venue."""
    features = [None] * aligned.clock.steps
    run = RunSpec(asked, lambda _: asked.legs, aligned, costs, features, no_flows, True)
    ran = run_history(run, plain_run)
    legs = [(where, contract) for used in asked.legs for where, contract, _ in used]
    terms = plain_terms(
        costs.half_spread,
        costs.slippage,
        costs.order_delay_steps * HOUR_NS,
        delay_ns,
        PLAN.cost,
    )
    return ran, *walked(asked, stage_of(asked.book, legs, aligned), terms)


def check_same(ran: Ran, contracts: np.ndarray, wallets: np.ndarray) -> None:
    """Positions to the contract, wallets to the last digits, at every stamp."""
    assert np.array_equal(ran.held.contracts[1:, : contracts.shape[1]], contracts)
    same = np.abs(ran.held.wallet[1:, : wallets.shape[1]] - wallets)
    assert same.max() < 1e-12


BOOK = Book((vault(BTC=2.0), account("coinm", {"BTC": 2.5})))


def test_an_inverse_hedge_fills_the_same() -> None:
    """Every position and wallet of a week, funding, fees and all, is the kernel's."""
    ran, contracts, wallets, world = both(setup(BOOK, [INVERSE]), market(WEEK))
    assert len(ran.events.of(FILLED)) > 5
    check_same(ran, contracts, wallets)
    assert told_by_kernel(ran) == told_by_venue(world)


@pytest.mark.parametrize("steps", [1, 2])
def test_a_late_order_fills_the_same(steps: int) -> None:
    """An order under way is seen, cancelled or filled as in a backtest with that delay."""
    late = replace(COSTS, order_delay_steps=steps)
    ran, contracts, wallets, world = both(setup(BOOK, [INVERSE]), market(WEEK), late)
    assert len(ran.events.of(FILLED)) > 3
    check_same(ran, contracts, wallets)
    assert told_by_kernel(ran) == told_by_venue(world)


def test_two_legs_and_a_limit_fill_the_same() -> None:
    """Orders cut to size over many steps, on two contracts of two settle currencies."""
    book = Book((vault(BTC=2.0), account("coinm", {"BTC": 0.5, "USDT": 20_000.0})))
    limits = Limits(max_leverage=1.5, max_order_usd=900.0)
    asked = setup(book, [INVERSE, LINEAR], 0.9, limits=limits)
    ran, contracts, wallets, world = both(asked, market(WEEK))
    assert np.all(np.abs(contracts[-1]) > 0.0)
    check_same(ran, contracts, wallets)
    assert told_by_kernel(ran) == told_by_venue(world)


@pytest.mark.parametrize("steps", [1, 2])
def test_what_margin_does_not_open_is_refused_the_same(steps: int) -> None:
    """Sized to all that 10x opens, orders that find another price at the open are refused."""
    contract = inverse(margin=Margin(tiers=(Tier(0.0, 0.005, max_leverage=10.0),)))
    book = Book((vault(BTC=2.0), account("coinm", {"BTC": 0.1})))
    asked = setup(book, [contract], 0.9)
    late = replace(COSTS, order_delay_steps=steps)
    ran, contracts, wallets, world = both(asked, market(WEEK), late)
    assert (ran.events.of(REFUSED).code == NO_MARGIN).any()
    check_same(ran, contracts, wallets)
    assert told_by_kernel(ran) == told_by_venue(world)


def test_transfers_arrive_the_same() -> None:
    """Top-ups and releases by the collateral plan leave, cost and arrive as in the kernel."""
    book = Book((vault(BTC=2.0), account("coinm", {"BTC": 0.4})))
    asked = setup(book, [INVERSE], 0.5, collateral=(PLAN,))
    ran, contracts, wallets, world = both(asked, market(WEEK))
    assert len(world.transfers.by_id) > 1
    check_same(ran, contracts, wallets)
    assert told_by_kernel(ran) == told_by_venue(world)


def test_a_liquidation_is_the_same() -> None:
    """A group that does not survive a bar is gone at the same stamp, with all its coins."""
    book = Book((vault(BTC=2.0), account("coinm", {"BTC": 0.04})))
    ran, contracts, wallets, world = both(setup(book, [INVERSE]), market(WEEK))
    assert len(ran.events.of(LIQUIDATED)) > 0
    check_same(ran, contracts, wallets)
    assert told_by_kernel(ran) == told_by_venue(world)
    rows = world.holdings.rows["coinm"].rows
    assert {getattr(row, "reason", "") for row in rows} >= {"liquidation", "insurance"}


def test_a_delivery_is_the_same() -> None:
    """A dated contract is settled at the index of its expiry, at the same stamp."""
    history = synthetic(3, 24 * 120).history
    key = next(key for key in history.contracts if key.startswith("bybit:BTC/USD:BTC-"))
    first = history.mark[key].stamps[0]
    expiry = int(history.mark[key].end_ns)
    leg = dated(symbol=key.partition(":")[2], expiry_ns=expiry)
    aligned = align(
        history.only([key]),
        TimeGrid(max(first + HOUR_NS, expiry - 100 * HOUR_NS), expiry + 9 * HOUR_NS, HOUR_NS),
    )
    held = account("coinm", {"BTC": 2.5}, (Position(leg, -10_000.0, 7_000.0),))
    ran, contracts, wallets, world = both(
        setup(Book((vault(BTC=2.0), held)), [leg], band=NEVER), aligned
    )
    check_same(ran, contracts, wallets)
    assert told_by_kernel(ran) == told_by_venue(world)
    assert contracts[-1][0] == 0.0
    reasons = [getattr(row, "reason", "") for row in world.holdings.rows["coinm"].rows]
    assert "delivery" in reasons


@pytest.mark.parametrize("off", [0, -1, HOUR_NS // 2])
def test_a_discount_ends_the_same(off: int) -> None:
    """Half the fee until a moment of the week and all of it from then on, in kernel and paper."""
    aligned = market(WEEK)
    stamps = aligned.stamp_ns
    until = int(stamps[WEEK // 2]) + off
    fees = OwnFees(taker=0.002, discount=0.5, until_ns=until)
    book = Book((vault(BTC=2.0), replace(account("coinm", {"BTC": 2.5}), fees=fees)))
    ran, contracts, wallets, world = both(setup(book, [INVERSE]), aligned)
    check_same(ran, contracts, wallets)
    paid = {
        (row.stamp_ns >= until): row.fee / abs(row.contracts / row.price)
        for row in world.holdings.rows["coinm"].rows
        if hasattr(row, "lot_id")
    }
    assert paid == pytest.approx({False: 0.001, True: 0.002})


def test_a_bonus_carries_the_same() -> None:
    """Under a limit of leverage more is held than without it, alike in kernel and paper."""
    sizes = []
    for bonus in ({}, {"BTC": 0.2}):
        book = Book((vault(BTC=2.0), replace(account("coinm", {"BTC": 0.3}), bonus=bonus)))
        asked = setup(book, [INVERSE], 0.9, limits=Limits(max_leverage=2.0))
        ran, contracts, wallets, _ = both(asked, market(WEEK))
        check_same(ran, contracts, wallets)
        sizes.append(abs(contracts[0, 0]))
    assert sizes[1] == pytest.approx(sizes[0] * 0.5 / 0.3, rel=0.02)


@pytest.mark.parametrize("other", [-3_000.0, 4_000.0])
def test_contracts_that_are_not_own_are_traded_around_alike(other: float) -> None:
    """The kernel keeps two parts, the venue nets them: the same orders, and the same is owned."""
    coins = {"BTC": 0.2}
    held, said = Position(INVERSE, other, 7_000.0), NotOwn(INVERSE, other, 7_000.0)
    mine = account("coinm", {"BTC": 2.7}, (held,), not_own=(said,), not_own_coins=coins)
    book = Book((vault(BTC=2.0), mine))
    ran, contracts, wallets, world = both(setup(book, [INVERSE]), market(WEEK))
    assert len(ran.events.of(FILLED)) > 5
    assert np.array_equal(ran.held.contracts[1:, 0] + other, contracts[:, 0])
    flat, paper = ran.lanes.flat, world.holdings
    mark = world.moment(world.time_ns).quote.mark[0]
    entered, now = (value(INVERSE_CODE, other, 1.0, price) for price in (7_000.0, mark))
    net = paper.state.cost[0] - value(INVERSE_CODE, paper.state.contracts[0], 1.0, mark)
    own = ran.held.cost[-1, 0] - value(INVERSE_CODE, ran.held.contracts[-1, 0], 1.0, mark)
    row = flat.wallets.index(WalletLabel("coinm", "BTC"))
    there = wallets[-1, paper.wallet("coinm", "BTC")] - 0.2 + net - (entered - now)
    assert ran.held.wallet[-1, row] + own == pytest.approx(there, abs=1e-10)


def test_a_transfer_out_of_a_paper_account_takes_its_bonus() -> None:
    """It may leave only if what stays carries its positions without the bonus."""
    short = (Position(INVERSE, -6_000.0, 7_200.0),)
    own = replace(account("coinm", {"BTC": 1.0}, short), bonus={"BTC": 1.0})
    world = PaperExchange(
        stage_of(Book((vault(), own)), [("coinm", INVERSE)], market(WEEK)), PaperTerms()
    )
    quote = world.moment(world.time_ns).quote
    assert not world.holdings.may_leave("coinm", "BTC", 1.0, quote)
    assert sum(world.holdings.state.bonus) == 1.0
    world.holdings.move("coinm", "BTC", 0.1)
    assert sum(world.holdings.state.bonus) == 1.0
    world.holdings.move("coinm", "BTC", -0.1)
    assert sum(world.holdings.state.bonus) == 0.0
