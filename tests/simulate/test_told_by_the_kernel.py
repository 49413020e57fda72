"""A report tells what the kernel wrote down, to the cent: fills, losses, exposure, transfers."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from tests.factories import account, fixed, inverse, linear, quanto, vault
from tests.simulate.worlds import (
    COSTS,
    ETHER,
    World,
    compiled_lanes,
    mixed_world,
    prepare,
    ran_of,
    random_market,
    random_ratios,
    rest_of,
    steady,
)
from volsculpt.book.exposure import exposure
from volsculpt.book.holdings import Book, Position
from volsculpt.book.state import Quote, copy_state, new_exposure
from volsculpt.contracts.spec import Contract, Fees, Orders
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Setup
from volsculpt.exchange.events import CLOSED, FILLED, ORDERED, add_coded, new_page
from volsculpt.hedge.answer import Band
from volsculpt.ledger.events import Filled
from volsculpt.report.rows.backtest_events import events_of
from volsculpt.simulate.backtest import Costs, flat_setup, run_span
from volsculpt.simulate.event_list import valued_events
from volsculpt.simulate.lanes import Array
from volsculpt.simulate.log import keep_events
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.never_hedged import never_hedged
from volsculpt.simulate.one_lane import StepSpan
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.recorded import (
    group_paths,
    hedge_paths,
    tallies,
)
from volsculpt.units import HOUR_NS

Kernel = Callable[..., None]
NEVER = Band(9.0, 0.0, 9.0, 0.0)
FREE = inverse(fees=Fees(taker=0.0))


def ran_in(world: World, ratios: Array, kernel: Kernel) -> Ran:
    """A run of a world, from the book as it stands."""
    return ran_of(world, compiled_lanes(world, ratios, kernel), ratios)


def still(setup: Setup, prices: dict[str, float], steps: int = 6) -> World:
    """A setup in a market that stands still, its contracts at the price of their coin."""
    flat, rules, _ = flat_setup(setup, [leg for used in setup.legs for leg in used], 0)
    market = random_market(flat, steps, 1, 1e-9)
    arrays = {name: array.copy() for name, array in market._asdict().items()}
    arrays["flow"][:], arrays["funding"][:] = 0.0, 0.0
    for row, name in enumerate(flat.currencies):
        for table in ("open_index", "close_index"):
            arrays[table][row] = prices.get(name, 1.0)
    for leg, (_, contract) in enumerate(flat.legs):
        for table in ("open_mark", "close_mark", "trade", "high_mark", "low_mark"):
            arrays[table][leg] = prices[contract.base]
    return World(flat, rules, Market(**arrays), Costs(0.0, 0.0))


def short(name: str, coins: float, size: float, contract: Contract = FREE) -> Any:  # noqa: ANN401
    """A margin account that is short."""
    return account(name, {contract.settle: coins}, (Position(contract, size, 60_000.0),))


def test_two_groups_that_fall_in_one_bar_each_tell_their_own_loss(kernel: Kernel) -> None:
    """0.2 and 0.1 coins short of their face at 60,000, a bar to 80,000: -300 and -150, not -450."""
    book = Book((vault(BTC=5.0), short("one", 0.2, -60_000.0), short("two", 0.1, -30_000.0)))
    legs = ((("one", FREE, False), ("two", FREE, False)),)
    world = still(Setup(book, (fixed("BTC", 0.5, band=NEVER),), legs), {"BTC": 60_000.0})
    world.market.high_mark[:, :, 3] = 80_000.0
    ran = ran_in(world, steady(6, (0.5,)), kernel)
    found = events_of(valued_events(ran))
    closed = found.liquidations
    assert found.orders == []
    assert [(one.account, one.time_ns) for one in closed] == [
        ("one", 4 * HOUR_NS),
        ("two", 4 * HOUR_NS),
    ]
    assert [one.lost_usd for one in closed] == pytest.approx([-300.0, -150.0], rel=1e-9)
    total = tallies(ran).liquidation[-1]
    assert sum(one.lost_usd for one in closed) == pytest.approx(total, rel=1e-12)


def test_an_emptied_group_and_a_closed_leg_of_another_are_told_apart(kernel: Kernel) -> None:
    """In the bar of a liquidation a reduction of another account to nothing is still a fill."""
    book = Book((vault(BTC=5.0), short("one", 0.2, -60_000.0), short("two", 2.0, -30_000.0)))
    legs = ((("one", FREE, False), ("two", FREE, False)),)
    world = still(Setup(book, (fixed("BTC", 0.5, band=NEVER),), legs), {"BTC": 60_000.0})
    world.market.high_mark[:, :, 3] = 80_000.0
    made = prepare(world.flat, world.rules, world.costs, world.first, world.steps, 1)
    pending = made.arguments[4][0]
    two = next(row for row, (name, _) in enumerate(world.flat.legs) if name == "two")
    pending["order"][two], pending["order_due"][two] = 30_000.0, 3
    ratios = steady(6, (0.5,))
    run_span(
        made,
        world.market,
        kernel,
        ratios,
        StepSpan(0, 6, 0, 0),
        rest_of(made, world.market, ratios),
    )
    found = events_of(valued_events(ran_of(world, made, ratios)))
    orders, closed = found.orders, found.liquidations
    assert [(one.account, one.contracts, one.price) for one in orders] == [
        ("two", 30_000.0, 60_000.0)
    ]
    assert [one.account for one in closed] == ["one"]


def ordered(setup: Setup, kernel: Kernel, orders: Mapping[int, float]) -> Ran:
    """A run of still prices in which the first leg is ordered so many contracts at some steps."""
    world = still(setup, {"BTC": 60_000.0})
    made = prepare(world.flat, world.rules, world.costs, world.first, world.steps, 1)
    ratios, pending = steady(6, (0.5,)), made.arguments[4][0]
    rest = rest_of(made, world.market, ratios)
    for step, size in orders.items():
        pending["order"][0], pending["order_due"][0] = size, step
        page = new_page(1, 0, 0, 0, 0)
        add_coded(page, ORDERED, 0, 0, size, 0.0)
        keep_events(page, made.log, 0, 2 * step - 1)
        run_span(made, world.market, kernel, ratios, StepSpan(step, step + 1, 0, 0), rest)
    return ran_of(world, made, ratios)


def test_an_order_that_its_venue_does_not_take_is_told(kernel: Kernel) -> None:
    """Orders of 50 and 9,000 USD, due at steps 2 and 3: the least is 100, the most 8,000; then 500.

    What is refused is no fill and costs nothing.
    """
    contract = inverse(fees=Fees(taker=0.0), orders=Orders(least_value=100.0, limit_most=8_000.0))
    book = Book((vault(BTC=5.0), account("one", {"BTC": 1.0})))
    legs = ((("one", contract, False),),)
    setup = Setup(book, (fixed("BTC", 0.5, band=NEVER),), legs)
    ran = ordered(setup, kernel, {2: -50.0, 3: -9_000.0, 4: -500.0})
    found = events_of(valued_events(ran))
    refused = [(one.time_ns, one.account, one.contracts, one.reason) for one in found.refusals]
    assert refused == [
        (2 * HOUR_NS, "one", -50.0, "under 100 USD: no order of BTC/USD:BTC is less"),
        (3 * HOUR_NS, "one", -9e3, "9000 contracts: one order of BTC/USD:BTC has 8000 at most"),
    ]
    (order,) = found.orders
    assert (order.contracts, order.reason) == (-500.0, "roll, limit or margin")  # no hedge did


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (-50.0, "the venue took no order: under 100 USD: no order of BTC/USD:BTC is less"),
        (-9e9, "the margin in 'one' carried no order; put about 0.8334 BTC there"),
    ],
)
def test_a_hedge_of_which_no_order_was_taken_is_told_why(
    kernel: Kernel, size: float, told: str
) -> None:
    """Half of 5 BTC is wanted, and the only order is too small, or more than the coin carries."""
    contract = inverse(fees=Fees(taker=0.0), orders=Orders(least_value=100.0))
    book = Book((vault(BTC=4.0), account("one", {"BTC": 1.0})))
    legs = ((("one", contract, False),),)
    setup = Setup(book, (fixed("BTC", 0.5, band=NEVER),), legs)
    (line,) = never_hedged(ordered(setup, kernel, {2: size}), setup)
    assert line.startswith("never_hedged: BTC was never hedged, though up to 50 % was wanted")
    assert told in line


def test_the_price_told_is_of_the_contract_that_was_worth_most(kernel: Kernel) -> None:
    """10 ETH at 3,000 outweigh 3,000 USD of face, whatever the numbers of contracts are."""
    ether, coin = linear("ETH", fees=Fees(taker=0.0)), linear("BTC", fees=Fees(taker=0.0))
    held = (Position(ether, -10.0, 3_000.0), Position(coin, -0.1, 60_000.0))
    book = Book((vault(BTC=5.0, ETH=50.0), account("both", {"USDT": 5_000.0}, held)))
    hedges = (fixed("BTC", 0.5, band=NEVER), fixed("ETH", 0.5, band=NEVER))
    legs = ((("both", coin, False),), (("both", ether, False),))
    world = still(Setup(book, hedges, legs), {"BTC": 60_000.0, "ETH": 3_000.0})
    row = next(leg for leg, (_, one) in enumerate(world.flat.legs) if one == ether)
    world.market.high_mark[row, :, 3] = 4_000.0
    closed = events_of(valued_events(ran_in(world, steady(6, (0.5, 0.5)), kernel))).liquidations
    assert [one.price for one in closed] == pytest.approx([3_478.2], rel=1e-3)


def test_each_group_tells_the_price_of_its_own_largest_contract(kernel: Kernel) -> None:
    """One falls with BTC, later two with ETH: its 30,000 USD of ETH, not the other's 60,000."""
    coin, ether = linear("BTC", fees=Fees(taker=0.0)), linear("ETH", fees=Fees(taker=0.0))
    one = (Position(coin, -1.1, 60_000.0), Position(ether, -20.0, 3_000.0))
    two = (Position(coin, -0.01, 60_000.0), Position(ether, -10.0, 3_000.0))
    accounts = (account("one", {"USDT": 15_000.0}, one), account("two", {"USDT": 5_000.0}, two))
    book = Book((vault(BTC=5.0, ETH=50.0), *accounts))
    hedges = (fixed("BTC", 0.5, band=NEVER), fixed("ETH", 0.5, band=NEVER))
    legs = tuple((("one", one, False), ("two", one, False)) for one in (coin, ether))
    world = still(Setup(book, hedges, legs), {"BTC": 60_000.0, "ETH": 3_000.0})
    for contract, step, high in ((coin, 1, 80_000.0), (ether, 3, 4_000.0)):
        for leg, (_, held) in enumerate(world.flat.legs):
            if held == contract:
                world.market.high_mark[leg, :, step] = high
    closed = events_of(valued_events(ran_in(world, steady(6, (0.5, 0.5)), kernel))).liquidations
    assert [(one.account, one.time_ns) for one in closed] == [
        ("one", 2 * HOUR_NS),
        ("two", 4 * HOUR_NS),
    ]
    assert 60_000.0 < closed[0].price < 80_000.0
    assert 3_000.0 < closed[1].price < 4_000.0


def test_each_order_tells_what_its_own_coin_stood_at(kernel: Kernel) -> None:
    """Two coins leave their bands in one decision: each order names its own."""
    coin, ether = linear("BTC", fees=Fees(taker=0.0)), linear("ETH", fees=Fees(taker=0.0))
    book = Book((vault(BTC=5.0, ETH=50.0), account("both", {"USDT": 900_000.0})))
    narrow = Band(0.01, 0.0, 0.01, 0.0)
    hedges = (fixed("BTC", 0.5, band=narrow), fixed("ETH", 0.5, band=narrow))
    legs = ((("both", coin, False),), (("both", ether, False),))
    world = still(Setup(book, hedges, legs), {"BTC": 60_000.0, "ETH": 3_000.0})
    ratios = steady(6, (0.5, 0.25))
    ratios[3:, 0], ratios[3:, 1] = 0.75, 0.5
    orders = events_of(valued_events(ran_in(world, ratios, kernel))).orders
    later = {one.contract: one.reason for one in orders if one.reason != "first decision"}
    assert sorted(reason[:3] for reason in later.values()) == ["BTC", "ETH"]
    assert {key.split("/")[0].split(":")[-1]: why[:3] for key, why in later.items()} == {
        "BTC": "BTC",
        "ETH": "ETH",
    }


def test_an_order_tells_tenths_of_a_per_cent(kernel: Kernel) -> None:
    """A third is held and two are wanted."""
    coin = linear("BTC", fees=Fees(taker=0.0))
    book = Book((vault(BTC=3.0), account("one", {"USDT": 900_000.0})))
    setup = Setup(
        book, (fixed("BTC", 1 / 3, band=Band(0.01, 0.0, 0.01, 0.0)),), ((("one", coin, False),),)
    )
    ratios = steady(6, (1 / 3,))
    ratios[3:] = 2 / 3
    ran = ran_in(still(setup, {"BTC": 60_000.0}), ratios, kernel)
    orders = events_of(valued_events(ran)).orders
    assert orders[-1].reason == "BTC held 33.3 % of 66.7 %"


def test_exposure_in_charts_is_that_of_the_book(kernel: Kernel) -> None:
    """1,000 quanto contracts of 1e-6 BTC a dollar at 60,000: 60 of 100 ETH are taken away."""
    contract = quanto(multiplier=1e-6, fees=Fees(taker=0.0))
    held = (Position(contract, -1_000.0, 3_000.0),)
    book = Book((vault(ETH=100.0), account("mex", {"BTC": 1.0}, held, venue="bitmex")))
    setup = Setup(book, (fixed("ETH", 0.5, band=NEVER),), ((("mex", contract, False),),))
    world = still(setup, {"BTC": 60_000.0, "ETH": 3_000.0})
    ran = ran_in(world, steady(6, (0.5,)), kernel)
    (path,) = hedge_paths(ran, setup)
    assert path.delta_usd == pytest.approx(np.full(7, 40.0 * 3_000.0), rel=1e-9)


def test_every_noted_figure_is_what_the_book_functions_say(kernel: Kernel) -> None:
    """Exposure at each bar of a mixed run equals `exposure` of the noted state at its prices."""
    world = mixed_world(60, 8, 0.03)
    ran = ran_in(world, random_ratios(60, 2, 1, 8), kernel)
    flat, rules = world.flat, ran.lanes.rules
    for step in range(60):
        state, sums = copy_state(flat.state), new_exposure(flat.layout)
        for name in ("wallet", "contracts", "cost"):
            getattr(state, name)[:] = getattr(ran.held, name)[step + 1].tolist()
        marks, index = world.market.close_mark[:, 0, step], world.market.close_index[:, 0, step]
        exposure(flat.layout, state, Quote(index.tolist(), marks.tolist()), 0, sums)
        for hedge in range(rules.hedges):
            row = rules.hedge_currency[hedge]
            whole = sums.balance[row] + sums.pnl[row] + sums.futures[row]
            assert ran.series.delta[step + 1, hedge] == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize(("seed", "move"), [(1, 0.02), (3, 0.12), (5, 0.06)])
def test_what_is_listed_adds_up_to_the_tallies(kernel: Kernel, seed: int, move: float) -> None:
    """Fees, slippage, transfers and liquidations of the lists are those of the attribution."""
    ran = ran_in(mixed_world(200, seed, move), random_ratios(200, 2, 1, seed), kernel)
    found, tally = events_of(valued_events(ran)), tallies(ran)
    orders, closed, sent = found.orders, found.liquidations, found.transfers
    assert sum(one.fee_usd for one in orders) == pytest.approx(tally.fees[-1], rel=1e-9)
    assert sum(one.slippage_usd for one in orders) == pytest.approx(tally.slippage[-1], rel=1e-6)
    assert sum(one.lost_usd for one in closed) == pytest.approx(tally.liquidation[-1], abs=1e-6)
    assert sum(one.cost_usd for one in sent) == pytest.approx(tally.transfers[-1], abs=1e-6)
    assert len(orders) > 20
    held = ran.held.contracts[-1] - ran.lanes.flat.state.contracts
    gone = ran.events.of(CLOSED)
    for leg, (name, contract) in enumerate(ran.lanes.flat.legs):
        own = [
            one.contracts for one in orders if (one.account, one.contract) == (name, contract.key)
        ]
        assert sum(own) + gone.size[gone.row == leg].sum() == pytest.approx(held[leg], abs=1e-6)


def filled(ran: Ran) -> list[Filled]:
    """What was filled, delivered or liquidated."""
    return [one.event for one in valued_events(ran) if isinstance(one.event, Filled)]


def test_a_liquidation_is_reported_at_the_end_of_its_bar(kernel: Kernel) -> None:
    """It is known then; a fill at the open of the same bar is of the open."""
    book = Book((vault(BTC=5.0), short("one", 0.2, -60_000.0)))
    legs = ((("one", FREE, False),),)
    setup = Setup(book, (fixed("BTC", 0.5, band=NEVER),), legs)
    for step in (1, 3, 5):
        world = still(setup, {"BTC": 60_000.0})
        world.market.high_mark[:, :, step] = 80_000.0
        ran = ran_in(world, steady(6, (0.5,)), kernel)
        assert [one.stamp_ns for one in filled(ran)] == [(step + 1) * HOUR_NS]
    assert [one.stamp_ns for one in filled(ordered(setup, kernel, {2: -60.0}))] == [2 * HOUR_NS]


def test_distance_is_told_where_there_is_an_end(kernel: Kernel) -> None:
    """Short of five times its coins an account ends above; posted in full it never does."""
    ends, never = short("one", 0.2, -60_000.0), short("two", 2.0, -60_000.0)
    legs = ((("one", FREE, False), ("two", FREE, False)),)
    setup = Setup(Book((ends, never)), (fixed("BTC", 0.5, band=NEVER),), legs)
    one, two = group_paths(ran_in(still(setup, {"BTC": 60_000.0}), steady(6, (0.5,)), kernel))
    assert np.all(one.liquidation_distance > 0.0)
    assert np.all(np.isnan(two.liquidation_distance))


def test_what_is_traded_when_a_contract_ends_is_listed_before_its_delivery(kernel: Kernel) -> None:
    """In order of time; of one moment what was chosen, then what had to be; deliveries slip not."""
    world = mixed_world(60, 1)
    made = prepare(world.flat, world.rules, world.costs, world.first, world.steps, 1)
    ratios, pending = steady(60, (0.6, 0.5)), made.arguments[4][0]
    rest = rest_of(made, world.market, ratios)
    run_span(made, world.market, kernel, ratios, StepSpan(0, 30, 0, 0), rest)
    ether = world.flat.leg("usdm", ETHER)
    pending["order"][ether], pending["order_due"][ether] = -0.5, 30
    run_span(made, world.market, kernel, ratios, StepSpan(30, 60, 0, 0), rest)
    orders = events_of(valued_events(ran_of(world, made, ratios))).orders
    assert [one.time_ns for one in orders] == sorted(one.time_ns for one in orders)
    then = [one for one in orders if one.time_ns == 30 * HOUR_NS]
    assert [one.reason == "delivered" for one in then] == [False] * (len(then) - 1) + [True]
    assert len(then) > 1
    assert [one.slippage_usd != 0.0 for one in then] == [one.reason != "delivered" for one in then]


def test_what_is_traded_is_counted_at_the_mark(kernel: Kernel) -> None:
    """Inverse: face over mark in coins, at the index; linear: coins at the mark, in USDT."""
    ran = ran_in(mixed_world(120, 1), random_ratios(120, 2, 1, 1), kernel)
    market, fills, usd = ran.market, ran.events.of(FILLED), 0.0
    for leg, size, step in zip(fills.row, fills.size, fills.stamp, strict=True):
        contract = ran.lanes.flat.legs[leg][1]
        mark = market.open_mark[leg, 0, step]
        worth = abs(size) / mark if contract.payoff == "inverse" else abs(size) * mark
        settle = ran.lanes.flat.currency(contract.settle)
        usd += contract.multiplier * worth * market.open_index[settle, 0, step]
    assert len(fills) > 10
    assert tallies(ran).traded[-1] == pytest.approx(usd, rel=1e-12)


def test_only_coins_that_were_sent_are_listed(kernel: Kernel) -> None:
    """Two sources, the first with too little: each its own line, what it gave, at its own cost."""
    book = Book((vault("near", BTC=0.1), vault("far", BTC=9.0), account("coinm", {"BTC": 0.2})))
    plan = CollateralPlan(("near", "far"), (1.0, 2.0, 2.0, 3.0), account="coinm", cost=0.0002)
    legs = ((("coinm", FREE, False),),)
    setup = Setup(book, (fixed("BTC", 0.5),), legs, limits=Limits(), collateral=(plan,))
    world = still(setup, {"BTC": 60_000.0})
    ran = ran_in(World(world.flat, world.rules, world.market, COSTS), steady(6, (0.5,)), kernel)
    sent = events_of(valued_events(ran)).transfers
    near, far = sent[:2]
    assert (near.source, near.target, far.source) == ("near", "coinm", "far")
    assert near.amount_coin == pytest.approx(0.1 - 0.0002)
    assert [near.cost_usd, far.cost_usd] == pytest.approx([-12.0, -12.0])
