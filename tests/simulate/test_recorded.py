"""Rows of a record: flows, balances, contracts and the same coins unhedged, against the market."""

from copy import copy
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.factories import fixed, flat_at, inverse, one_leg
from tests.simulate.plain import plain_run
from tests.simulate.test_told_by_the_kernel import ran_in
from tests.simulate.worlds import SETUP, mixed_world, random_ratios
from volsculpt.exchange.events import CLOSED, DELIVERED, FILLED, TAKEN
from volsculpt.ledger.events import CashBooked, Filled, FlowBooked
from volsculpt.report.rows.backtest_events import flow_rows
from volsculpt.simulate.event_list import valued_events
from volsculpt.simulate.happened import EventColumns
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.record import Valued
from volsculpt.simulate.recorded import (
    bare_path,
    emptied,
    group_paths,
    hedge_paths,
    index_path,
    leg_paths,
    wallet_paths,
)
from volsculpt.simulate.run import paused_words
from volsculpt.simulate.scenario import close_all
from volsculpt.simulate.static_hedge import mean_held
from volsculpt.units import DAY_NS, HOUR_NS, iso

STEPS = 30
FLOWS = {(0, 0): 0.5, (1, 7): 3.0, (2, 7): -20.0, (0, STEPS - 1): -0.25}  # (wallet, step): coins


@pytest.fixture(scope="module")
def ran() -> Ran:
    """A run with flows at its first step, at its last, and two at once."""
    world = mixed_world(STEPS, 8, 0.03)
    world.market.flow[:] = 0.0
    for (wallet, step), coins in FLOWS.items():
        world.market.flow[wallet, 0, step] = coins
    return ran_in(world, random_ratios(STEPS, 2, 1, 8), plain_run)


def prices(ran: Ran) -> list[list[float]]:
    """By currency the index at each stamp: the first open, then every close."""
    market = ran.market
    return [
        [market.open_index[row, 0, 0], *market.close_index[row, 0].tolist()]
        for row in range(len(ran.lanes.flat.currencies))
    ]


def test_flows_are_told_one_by_one_at_the_stamp_they_come(ran: Ran) -> None:
    """What came where, and its worth at the open of its step, in order of time."""
    flat, rows = ran.lanes.flat, flow_rows(valued_events(ran))
    wanted = sorted(FLOWS.items(), key=lambda one: (one[0][1], one[0][0]))
    assert len(rows) == len(wanted)
    for one, ((wallet, step), coins) in zip(rows, wanted, strict=True):
        label = flat.wallets[wallet]
        index = ran.market.open_index[flat.currency(label.asset), 0, step]
        assert (one.account, one.currency) == (label.account, label.asset)
        assert one.time_ns == ran.stamp_ns[step]
        assert (one.amount_coin, one.amount_usd) == (coins, pytest.approx(coins * index))


def test_flows_that_cancel_out_are_told_one_by_one(ran: Ran) -> None:
    """Each with an id of its own, at its stamp, though the book is what it was before."""
    more = {(3, 0): [1.0, -1.0], (5, 0): [2.0, -2.0]}
    made = replace(ran, dated={**ran.dated, **more})
    flows = [one for one in valued_events(made) if isinstance(one.event, FlowBooked)]
    assert len(flows) == len(FLOWS) + 4
    assert len({one.event.flow_id for one in flows}) == len(flows)
    stamps = [one.time_ns for one in flows]
    assert stamps == sorted(stamps)
    own = {int(ran.stamp_ns[step]) for step, _ in more}
    assert [one.event.coins for one in flows if one.time_ns in own] == [1.0, -1.0, 2.0, -2.0]
    assert flow_rows(valued_events(made)) == flow_rows(
        valued_events(ran)
    )  # published net, as they are booked


def test_the_same_coins_unhedged_get_the_same_flows(ran: Ran) -> None:
    """What was owned once all was closed at the start, and what came since, at each index."""
    flat, index = ran.lanes.flat, prices(ran)
    market = ran.market
    quote: Any = SimpleNamespace(
        index_usd=market.open_index[:, 0, 0].tolist(), mark=market.open_mark[:, 0, 0].tolist()
    )
    bare, path = close_all(flat, flat.state, quote), bare_path(ran)
    for stamp in range(STEPS + 1):
        coins = list(bare.wallet)
        for (wallet, step), came in FLOWS.items():
            coins[wallet] += came if step < stamp else 0.0
        usd = [
            one * index[flat.layout.wallet_currency[row]][stamp] for row, one in enumerate(coins)
        ]
        assert path[stamp] == pytest.approx(sum(usd), rel=1e-12)
    for row, figures in enumerate(index):
        assert index_path(ran, row).tolist() == figures


def test_every_wallet_and_leg_has_its_own_row(ran: Ran) -> None:
    """In the order of the book; coins on their way stand last, under where they will arrive."""
    flat, balances, held = ran.lanes.flat, wallet_paths(ran), leg_paths(ran)
    ways = [f"{label.account} (on its way)" for label in flat.groups]
    assert [one.account for one in balances[-len(ways) :]] == ways
    rest = [(one.account, one.currency) for one in balances[: -len(ways)]]
    assert rest == [(one.account, one.asset) for one in flat.wallets[: -len(ways)]]
    for row, one in enumerate(balances):
        assert np.array_equal(one.balance_coin, ran.held.wallet[:, row])
    assert [(one.account, one.contract) for one in held] == [
        (account, contract.key) for account, contract in flat.legs
    ]
    for leg, path in enumerate(held):
        assert np.array_equal(path.contracts, ran.held.contracts[:, leg])


def test_margin_posted_to_one_contract_is_told_with_it() -> None:
    """Beside what is free in the same account."""
    flat, _ = flat_at(one_leg(inverse(), -100.0, 50_000.0, 0.3, "isolated"), {"BTC": 50_000.0})
    held = SimpleNamespace(wallet=np.zeros((1, len(flat.wallets))))
    made: Any = SimpleNamespace(lanes=SimpleNamespace(flat=flat), held=held)
    names = [one.currency for one in wallet_paths(made)]
    assert sorted(names) == ["BTC", f"BTC at {inverse().symbol}"]


def test_a_group_has_a_leverage_while_it_has_equity(ran: Ran) -> None:
    """Gross over equity, each group by itself; no distance where no price ends it."""
    equity = np.array([[2.0, 0.5], [0.0, -1.0], [0.25, 4.0]])
    gross, away = np.array([[3.0, 2.0]] * 3), np.array([[0.5, -1.0], [-1.0, 0.1], [0.0, 2.0]])
    series = SimpleNamespace(equity=equity, gross=gross, maintenance=gross / 8.0, distance=away)
    made: Any = SimpleNamespace(lanes=ran.lanes, series=series)
    told = group_paths(made)
    assert [(one.account, one.group) for one in told] == [
        (label.account, label.group) for label in ran.lanes.flat.groups
    ]
    nan = np.nan
    leverages, distances = ([1.5, nan, 12.0], [4.0, nan, 0.5]), ([0.5, nan, 0.0], [nan, 0.1, 2.0])
    for row, one in enumerate(told):
        assert np.array_equal(one.leverage, leverages[row], equal_nan=True)
        assert np.array_equal(one.liquidation_distance, distances[row], equal_nan=True)
        assert np.array_equal(one.equity_coin, equity[:, row])
        assert np.array_equal(one.maintenance_coin, gross[:, row] / 8.0)


@pytest.mark.parametrize("left", [(0.0, 0.5), (1.0, 0.0), (0.0, 0.0), (1.0, 1.0)])
def test_a_group_that_holds_nothing_since_its_liquidation_is_warned_of(
    ran: Ran, left: tuple[float, float]
) -> None:
    """Of each the last one; whoever has coins again at the end is not."""
    equity = np.array([[0.0, 0.0], [0.0, 3.0], [1.0, 0.0], left])
    made: Any = SimpleNamespace(lanes=ran.lanes, series=SimpleNamespace(equity=equity))
    one, other = ((label.account, label.group) for label in ran.lanes.flat.groups)
    lost = [
        Valued(CashBooked("", where, "BTC", -1.0, "insurance", 0), hour * HOUR_NS, group=group)
        for hour, (where, group) in ((1, one), (2, other), (3, one), (4, other))
    ]
    words = "no_margin: {} has held nothing since its liquidation at {}; orders there are refused"
    wanted = [
        words.format(account, iso(hour * HOUR_NS))
        for (account, _), hour, coins in ((one, 3, left[0]), (other, 4, left[1]))
        if coins == 0.0
    ]
    assert [line.removesuffix(" until coins arrive") for line in emptied(made, lost)] == wanted
    assert emptied(made, []) == []


def test_what_is_filled_is_listed_however_little(ran: Ran) -> None:
    """One contract is as good as many; a liquidation is known when its bar ends."""
    legs = ran.lanes.flat.layout.legs
    wallet = legs.cash_wallet[2]
    kinds = np.array([FILLED, DELIVERED, TAKEN, CLOSED, CLOSED, TAKEN, CLOSED])
    sizes = np.array([1.0, -1.0, -9.0, 1.0, -0.0, -9.0, 2.0])
    rows = np.array([0, 1, wallet, 2, 2, wallet, 2])
    moments = np.array([0, 2, 4, 4, 4, 2 * STEPS - 2, 2 * STEPS - 2])
    price, fee = np.arange(7) + 100.0, np.arange(7) + 0.5
    events = EventColumns(kinds, rows, 0 * rows, moments, sizes, price, *[fee] * 4)
    made = copy(ran)
    made.__dict__["events"] = events
    found = [one.event for one in valued_events(made) if isinstance(one.event, Filled)]
    assert [(int(one.lot_id), one.reason) for one in found] == [
        (0, "trade"),
        (1, "delivery"),
        (3, "liquidation"),
        (6, "liquidation"),
    ]
    for one, stamp in zip(found, [0, 1, 3, STEPS], strict=True):
        place = int(one.lot_id)
        account, contract = ran.lanes.flat.legs[rows[place]]
        paid = 0.0 if one.reason == "liquidation" else fee[place]
        assert (one.account, one.contract) == (account, contract.key)
        assert (one.contracts, one.price, one.fee) == (sizes[place], price[place], paid)
        assert one.stamp_ns == ran.stamp_ns[stamp]


def test_a_hedge_has_no_target_where_it_was_paused(ran: Ran) -> None:
    """Before the first step as in it; its figures are of its own coin."""
    told, index = hedge_paths(ran, SETUP), prices(ran)
    for row, one in enumerate(told):
        assert np.array_equal(one.target_ratio, ran.targets[:, row])
    paused = ran.paused.copy()
    paused[[0, 5], 0], paused[9, 1] = True, True
    made = Ran(ran.lanes, ran.market, ran.stamp_ns, ran.targets, paused, ran.in_force)
    for row, one in enumerate(hedge_paths(made, SETUP)):
        lacks = np.flatnonzero(np.isnan(one.target_ratio)).tolist()
        assert lacks == ([0, 1, 6] if row == 0 else [10])
        coin = index[ran.lanes.flat.currency(one.underlying)]
        assert one.price_usd is not None
        assert one.price_usd.tolist() == coin
        assert one.delta_usd == pytest.approx(ran.series.delta[:, row] * coin)


@pytest.mark.parametrize("hours", [1, 8, 24])
def test_a_policy_without_an_answer_is_told_with_its_days(hours: int) -> None:
    """Each hedge by itself: for how long, and the end of the last step of them."""
    stamps = np.arange(10, dtype=np.int64) * hours * HOUR_NS + 5 * DAY_NS
    paused = np.zeros((9, 3), bool)
    paused[[1, 2, 3, 6], 0], paused[8, 2] = True, True
    hedges = (fixed("BTC"), fixed("ETH"), fixed("SOL"))
    asked: Any = SimpleNamespace(setup=SimpleNamespace(hedges=hedges))
    made: Any = SimpleNamespace(stamp_ns=stamps, paused=paused)
    first, last = paused_words(asked, made)
    days = {1: ("0.17", "0.04"), 8: ("1.33", "0.33"), 24: ("4", "1")}[hours]
    told = "no_target: {}'s policy had no answer on {} days, last at {}; what was held was kept"
    assert first == told.format("BTC", days[0], iso(stamps[7]))
    assert last == told.format("SOL", days[1], iso(stamps[9]))


def test_the_mean_is_of_what_was_held_where_something_was_to_hedge() -> None:
    """Over all runs and their steps, the first stamp apart; 0 where there never was anything."""
    nan = np.nan
    one = np.array([[9.0, 9.0, 9.0], [0.2, nan, nan], [0.4, 0.5, nan]])
    two = np.array([[9.0, 9.0, 9.0], [nan, 0.1, nan]])
    runs: list[Any] = [SimpleNamespace(series=SimpleNamespace(held=held)) for held in (one, two)]
    assert mean_held(runs).tolist() == pytest.approx([0.3, 0.3, 0.0])
    assert mean_held(runs[:1]).tolist() == pytest.approx([0.3, 0.5, 0.0])
