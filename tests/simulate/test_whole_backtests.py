"""Mandates from their file through a store to their report, on prices made by hand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import volsculpt as vs
from tests.market.made import BTC, FUNDING, START_NS
from tests.simulate.histories import bars_of, wandering
from tests.simulate.stores import (
    FIRST_DAY,
    FULL,
    HEDGE,
    MARGIN,
    SHORT,
    STILL,
    VAULT,
    funded,
    parts,
    perpetual,
    price_at,
    rising,
    run,
    stored,
    written,
)
from volsculpt.market.series import Label, Series
from volsculpt.units import DAY_NS, HOUR_NS, iso

pytestmark = pytest.mark.usefixtures("kernel")
Kernel = Callable[..., None]
POSTED = MARGIN.format("BTC = 10.0")
PLAN = '[[collateral]]\nsource = ["vault"]\ntransfer_hours = 1\ncost = 0.0002\n'


def test_coins_all_posted_are_dollars_but_for_funding(tmp_path: Path) -> None:
    """Ten coins, all posted, at ratio 1: at the contract's price they earn funding alone."""
    closes, hours = wandering(20 * 24, 8), FIRST_DAY * 24
    basis = 1.0 + 0.004 * np.sin(np.arange(len(closes)))
    store = perpetual(tmp_path, closes, 0.0002, basis)
    first = price_at(closes * basis, hours)
    text = POSTED + SHORT.format(-10.0 * first, first) + FULL
    begin = START_NS + FIRST_DAY * DAY_NS
    history = vs.open_history(store, ("bybit:BTC/USD:BTC",), ("BTC",))
    at_mark = vs.backtest(
        written(store, text),
        history.at_contract("bybit:BTC/USD:BTC"),
        from_ns=begin,
        to_ns=begin + 17 * DAY_NS,
        draws=0,
        costs=vs.Costs(half_spread=0.0),
    )
    at_spot = run(store, text, 17)
    price = at_mark.inputs.price_usd
    assert price.max() / price.min() > 1.25
    tally, wealth = at_mark.inputs.tallies, at_mark.inputs.hedged_usd
    told = wealth[0] + tally.funding + tally.fees + tally.slippage
    assert wealth == pytest.approx(told, rel=1e-4)
    assert tally.funding[-1] == pytest.approx(wealth[0] * 0.0002 * 3 * 17, rel=0.02)
    assert abs(tally.basis[-1]) < 1e-6
    both = min(len(price), len(at_spot.inputs.price_usd))
    coins = at_spot.inputs.hedged_usd[:both] / at_spot.inputs.price_usd[:both]
    assert coins == pytest.approx(wealth[:both] / price[:both], rel=1e-4)
    spread = at_spot.inputs.hedged_usd[:both] / wealth[:both]
    assert spread.max() - spread.min() > 0.006


def test_what_funding_is_swept_is_in_the_books(tmp_path: Path) -> None:
    """As dollars in the bank, less the cost; the parts still are the change of wealth."""
    store = perpetual(tmp_path, wandering(20 * 24, 8), 0.0002)
    bank = '[[account]]\nname = "bank"\nkind = "spot"\n'
    sweep = '[[sweep]]\nto = "bank"\ninto = "USD"\ncost = 0.01\n'
    kept = run(store, POSTED + bank + FULL, 17)
    swept = run(store, POSTED + bank + FULL + sweep, 17)
    wallets = {(one.account, one.currency): one.balance_coin for one in swept.inputs.wallets}
    told = parts(swept)
    assert wallets["bank", "USD"][-1] == pytest.approx(told["funding"] * 0.99, rel=1e-9)
    assert told["transfers"] == pytest.approx(-0.01 * told["funding"], rel=1e-9)
    assert 0.0 < told["funding"] < parts(kept)["funding"]
    change = swept.inputs.hedged_usd[-1] - swept.inputs.hedged_usd[0]
    assert sum(told.values()) == pytest.approx(change, rel=1e-9)
    assert any("sold into USD and moved to 'bank'" in note for note in swept.notes)


def quarterly(folder: Path, second_from: int = 0) -> Path:
    """A store of BTC in 8-hour bars and two dated contracts that converge to it.

    The second is first known so many days after the start.
    """
    closes = wandering(3 * 110, 3)
    years = (np.arange(len(closes)) + 1) * 8 / 8766
    series: list[Series] = [bars_of(BTC, closes, 8.0)]
    for day, until in ((240329, 88), (240628, 179)):
        left = until * 24 / 8766 + 8 / 8766 - years
        label = Label("bybit", f"BTC/USD:BTC-{day}", "mark", "USD", "made by hand")
        mark = bars_of(label, closes * (1.0 + 0.12 * np.maximum(left, 0.0)), 8.0)
        begin = START_NS + (second_from * DAY_NS if day == 240628 else 0)
        series.append(mark.between(begin, START_NS + until * DAY_NS + 8 * HOUR_NS))
    return stored(folder, series)


@pytest.mark.parametrize(
    ("roll_days", "roll_slice", "ends"),
    [
        (7, 1.0, "2024-03-22T08:00"),
        (
            7,
            0.1,
            "2024-03-25T16:00",
        ),  # eleven parts, one each eight hours: a little over the target
        (2, 0.1, "2024-03-27T08:00"),  # all of it in the last two days
        (0, 0.1, "2024-03-29T08:00"),
    ],
)
def test_a_dated_hedge_rolls(tmp_path: Path, roll_days: int, roll_slice: float, ends: str) -> None:
    """Bought back a week before, at once or by parts, or delivered; the next one is sold."""
    use = 'use = [{{ account = "bybit", contract = "BTC/USD:BTC@quarter", roll_days = {} }}]\n'
    store = quarterly(tmp_path)
    rolls = f"{use.format(roll_days)}roll_slice = {roll_slice}\n"
    report = run(store, POSTED + FULL + rolls, 100, 8)
    old = [one for one in report.events.orders if one.contract.endswith("240329")]
    new = [one for one in report.events.orders if one.contract.endswith("240628")]
    assert old[0].contracts < 0.0 < old[-1].contracts
    assert old[-1].time.startswith(ends)
    assert (old[-1].reason == "delivered") == (roll_days == 0)
    assert sum(one.contracts for one in old) == 0.0
    assert new[0].time >= old[1].time[:10]
    parts_of = [one.contracts for one in new if one.time <= old[-1].time]
    is_parted = (roll_days, roll_slice) == (7, 0.1)
    assert roll_days == 0 or sum(parts_of) == pytest.approx(old[0].contracts, rel=0.3)
    assert roll_days == 0 or len(parts_of) == (11 if is_parted else 1)
    assert not any("missed_roll" in line for line in report.warnings)
    held = report.inputs.hedges[0].held_ratio
    assert (np.abs(held[2:] - 1.0) < 0.02).mean() > 0.99
    told = parts(report)
    assert told["basis"] / report.inputs.hedged_usd[0] == pytest.approx(0.12 * 100 / 365, rel=0.1)
    assert told["funding"] == 0.0
    wealth = report.inputs.hedged_usd
    assert sum(told.values()) == pytest.approx(wealth[-1] - wealth[0], rel=1e-9)


RISE = rising(20, 20_000.0, 50_000.0)
FIFTH = VAULT.format("BTC = 0.8") + MARGIN.format("BTC = 0.2") + SHORT.format(-20_000, 20_000)


def test_a_rise_closes_a_short_that_is_a_fifth_posted(tmp_path: Path) -> None:
    """B8 from a file: 20,000 x 0.995 / 0.8 = 24,875; the owner is left with 0.8 coins, long."""
    report = run(perpetual(tmp_path, RISE), FIFTH + STILL, 20)
    (closed,) = report.events.liquidations
    assert closed.price == pytest.approx(24_875.0, rel=1e-9)
    first = np.flatnonzero(RISE * 1.005 >= 24_875.0)[0]
    hour = int(first) + 1 - FIRST_DAY * 24
    day, rest = divmod(hour, 24)
    assert closed.time.startswith(f"2024-01-{3 + day:02d}T{rest:02d}:00")  # the end of its bar
    assert report.inputs.hedged_usd[-1] == pytest.approx(0.8 * RISE[-1])
    assert report.inputs.hedges[0].held_ratio[-1] == pytest.approx(0.0, abs=1e-12)


def test_an_emptied_account_cannot_sell_again(tmp_path: Path) -> None:
    """After the liquidation every order is refused: no fill, no fee, no free bet."""
    report = run(perpetual(tmp_path, RISE), FIFTH + FULL, 20)
    assert len(report.events.liquidations) == 1
    closed = report.events.liquidations[0].time
    assert [one for one in report.events.orders if one.time >= closed] == []
    after = report.inputs.stamps_ns > report.events.liquidations[0].time_ns
    assert np.ptp(report.inputs.tallies.fees[after]) == 0.0
    assert report.inputs.tallies.liquidation[-1] > -1_000.0
    assert any(line.startswith("no_margin: bybit has held nothing") for line in report.warnings)


def test_a_collateral_plan_saves_it_at_the_price_of_its_transfers(tmp_path: Path) -> None:
    """The same rise with the vault behind it: no liquidation, 20,000 USD to the end."""
    report = run(perpetual(tmp_path, RISE), FIFTH + STILL + PLAN, 20)
    assert report.events.liquidations == []
    sent = report.events.transfers
    assert len(sent) >= 2
    assert {(one.source, one.target) for one in sent} == {("vault", "bybit")}
    told = parts(report)
    assert told["transfers"] == pytest.approx(sum(one.cost_usd for one in sent), rel=1e-9)
    lost = 0.0002 * len(sent) * RISE[-1]
    assert report.inputs.hedged_usd[-1] == pytest.approx(20_000.0 - lost, rel=1e-9)
    assert report.inputs.groups[0].leverage.max() < 6.0


def test_a_loan_is_owed_and_nothing_else(tmp_path: Path) -> None:
    """5,000 USD borrowed: the same trades, 5,000 less at every stamp; no interest is made up."""
    store = perpetual(tmp_path, wandering(20 * 24, 4), 0.0001)
    free = run(store, VAULT.format("BTC = 8.0") + MARGIN.format("BTC = 2.0") + FULL, 17)
    owing = VAULT.format("BTC = 8.0, USD = -5_000.0") + MARGIN.format("BTC = 2.0") + FULL
    owed = run(store, owing, 17)
    assert owed.events.orders == free.events.orders
    assert owed.inputs.hedged_usd + 5_000.0 == pytest.approx(free.inputs.hedged_usd, rel=1e-12)
    assert owed.inputs.unhedged_usd + 5_000.0 == pytest.approx(free.inputs.unhedged_usd, rel=1e-12)


def test_an_income_comes_to_an_account_that_held_none(tmp_path: Path) -> None:
    """A first time need not be said: it comes after one period, and is no growth."""
    store = perpetual(tmp_path, np.full(40 * 24, 60_000.0))
    bank = '[[account]]\nname = "bank"\nkind = "spot"\n'
    flow = '[[flow]]\naccount = "bank"\ncurrency = "USD"\namount = 1_000.0\nevery = "10d"\n'
    report = run(store, POSTED + bank + FULL + flow, 35)
    days = [one.time[:13] for one in report.events.flows]
    assert days == ["2024-01-13T00", "2024-01-23T00", "2024-02-02T00"]
    assert parts(report)["flows"] == pytest.approx(3_000.0)
    hedged = {(row.book, row.currency, row.metric): row.value for row in report.summary}
    costs = parts(report)["fees"] / report.inputs.hedged_usd[0]
    assert hedged["hedged", "USD", "total_growth"] == pytest.approx(costs, rel=1e-3)


def test_a_stand_in_carries_what_it_stands_for(tmp_path: Path) -> None:
    """Ether that moves 1.2 times as much as bitcoin, hedged in bitcoin: one short for both."""
    closes = wandering(30 * 24, 6)
    ether = 3_000.0 * (closes / closes[0]) ** 1.2
    label = Label("binance", "ETH", "index", "USD", "made by hand")
    store = stored(perpetual(tmp_path, closes), [bars_of(label, ether)])
    text = VAULT.format("ETH = 100.0") + MARGIN.format("BTC = 10.0") + FULL
    proxy = HEDGE.format("ETH", 1.0) + 'proxy = "BTC"\nbeta = 1.2\n'
    report = run(store, text + proxy, 27)
    path = report.inputs
    sold = -path.legs[0].contracts[2]
    worth = 10.0 * path.price_usd[2] + 1.2 * 100.0 * ether[FIRST_DAY * 24 + 1]
    assert sold == pytest.approx(worth, rel=0.03)
    taken = next(row.value for row in report.effectiveness if row.figure == "variance_reduction")
    assert taken is not None
    assert taken > 0.99


def test_a_stablecoin_without_prices_is_taken_at_one(tmp_path: Path) -> None:
    """A linear contract from a store that knows no price of USDT: told, and run from its start."""
    closes = wandering(20 * 24, 7)
    linear = Label("bybit", "BTC/USDT:USDT", "last", "USDT", "made by hand")
    rates = Label("bybit", "BTC/USDT:USDT", "funding", "USDT", "made by hand")
    series: list[Series] = [bars_of(BTC, closes), bars_of(linear, closes)]
    store = stored(tmp_path, [*series, funded(rates, len(closes), 0.0001)])
    use = 'use = [{ account = "bybit", contract = "BTC/USDT:USDT" }]\n'
    text = VAULT.format("BTC = 1.0") + MARGIN.format("USDT = 50_000.0") + FULL + use
    report = run(store, text, 17)
    assert any(line.startswith("assumed_peg") for line in report.warnings)
    assert report.begins == "2024-01-03T00:00:00Z"
    assert parts(report)["funding"] > 0.0


def test_a_coin_that_is_only_on_its_way_needs_its_price(tmp_path: Path) -> None:
    """Ether held nowhere but in a transfer: it is there from the start, at its own price."""
    closes = wandering(20 * 24, 12)
    ether = closes / 20.0
    label = Label("binance", "ETH", "index", "USD", "made by hand")
    store = stored(perpetual(tmp_path, closes), [bars_of(label, ether)])
    sent = '[[transfer]]\ncurrency = "ETH"\namount = 10.0\nto = "vault"\n'
    text = VAULT.format("BTC = 1.0") + MARGIN.format("BTC = 1.0") + STILL
    without, report = run(store, text, 10), run(store, text + sent, 10)
    more = report.inputs.hedged_usd - without.inputs.hedged_usd
    hours = FIRST_DAY * 24 + np.arange(len(more))
    assert more == pytest.approx(10.0 * ether[hours - 1], rel=1e-9)


def test_a_coin_is_valued_at_a_perpetual_only(tmp_path: Path) -> None:
    """A contract that is not there, or is delivered one day, is refused by name."""
    history = vs.open_history(quarterly(tmp_path), ("bybit:BTC/USD:BTC-240628",), ("BTC",))
    with pytest.raises(vs.VolsculptError, match="no prices of bybit:BTC/USD:BTC; there is"):
        history.at_contract("bybit:BTC/USD:BTC")
    with pytest.raises(vs.VolsculptError, match="240628: it is delivered one day"):
        history.at_contract("bybit:BTC/USD:BTC-240628")
    assert FUNDING.key not in history.funding


def test_the_first_decision_is_the_plan_of_that_moment(tmp_path: Path) -> None:
    """What a plan says at the start fills at the first open; coins it moves leave then."""
    store = perpetual(tmp_path, wandering(20 * 24, 9), 0.0001)
    text = VAULT.format("BTC = 8.0") + MARGIN.format("BTC = 2.0") + FULL + PLAN
    begin = START_NS + FIRST_DAY * DAY_NS
    told = vs.plan(written(store, text), at=begin, data=store)
    (order,) = told.orders
    late = next(row for row in told.margin if row.stage == "after")
    report = run(store, text, 5)
    fill, sent = report.events.orders[0], report.events.transfers[0]
    assert (fill.time, fill.contracts) == ("2024-01-03T00:00:00Z", -order.contracts)
    assert (sent.time, sent.target) == ("2024-01-03T00:00:00Z", "bybit")
    assert sent.amount_coin == pytest.approx(late.top_up_coin, rel=1e-12)
    cost = 0.0002 * report.inputs.price_usd[0]
    assert report.inputs.tallies.transfers[1] == pytest.approx(-cost, rel=1e-9)


def test_a_short_that_does_not_survive_its_first_bar_is_told(tmp_path: Path) -> None:
    """Opened at 20,000 with a fifth posted, in an hour that reaches 30,000: never seen held."""
    closes = np.full(5 * 24, 20_000.0)
    closes[FIRST_DAY * 24] = 30_000.0
    text = VAULT.format("BTC = 0.8") + MARGIN.format("BTC = 0.2") + FULL
    report = run(perpetual(tmp_path, closes), text, 3)
    (closed,) = report.events.liquidations
    assert (closed.time, closed.group) == ("2024-01-03T01:00:00Z", "BTC")
    assert not report.inputs.legs[0].contracts.any()
    assert report.inputs.hedged_usd[-1] == pytest.approx(16_000.0)


@pytest.mark.parametrize(
    ("end", "over"), [("2024-01-03T00:00:00Z", True), ("2024-01-03T00:00:01Z", False)]
)
def test_a_run_tells_the_fees_of_its_first_moment(tmp_path: Path, end: str, over: bool) -> None:
    """A discount that ends a moment later is in force at first, and said so."""
    less = f"fee_discount = {{ share = 0.5, until = {end} }}\n"
    report = run(perpetual(tmp_path, np.full(4 * 24, 60_000.0)), POSTED + less + FULL, 1)
    said = f"bybit: fees are 50 % less until {end}"
    assert (said in report.notes) == (not over)
    assert (f"{said}, which is over: fees are whole" in report.notes) == over


@pytest.mark.parametrize("step_hours", [1, 24])
def test_coins_that_arrive_as_prices_move_are_no_growth(tmp_path: Path, step_hours: int) -> None:
    """Five coins to one, before a day on which prices double: growth is that of the price.

    In coins there is none. What came is worth as much as when it came, and grows from then on.
    """
    prices = np.repeat([50_000.0, 50_000.0, 50_000.0, 100_000.0, 100_000.0, 100_000.0], 24)
    ramp = np.interp(np.arange(144), np.arange(0, 144, 24) + 23, prices[::24])
    store = perpetual(tmp_path, ramp)
    flow = '[[flow]]\naccount = "vault"\ncurrency = "BTC"\namount = 5.0\nat = {}\n'
    text = VAULT.format("BTC = 1.0") + POSTED + HEDGE.format("BTC", 0.0)
    report = run(store, text + flow.format(iso(START_NS + 3 * DAY_NS)), 3, step_hours)
    found = {(row.book, row.currency, row.metric): row.value for row in report.summary}
    price = report.inputs.price_usd
    assert report.events.flows
    assert found["unhedged", "USD", "total_growth"] == pytest.approx(price[-1] / price[0] - 1.0)
    assert found["unhedged", "BTC", "total_growth"] == pytest.approx(0.0, abs=1e-9)


def test_a_roll_that_an_expiry_overtakes_is_warned_of(tmp_path: Path) -> None:
    """Decisions once a day, and a roll that begins two hours before: none falls into them."""
    use = 'use = [{ account = "bybit", contract = "BTC/USD:BTC@quarter", roll_days = 0.1 }]\n'
    store = quarterly(tmp_path)
    late = run(store, POSTED + FULL + use, 100, 24)
    delivered = [one for one in late.events.orders if one.reason == "delivered"]
    assert len(delivered) == 1
    warned = [line for line in late.warnings if line.startswith("missed_roll")]
    assert len(warned) == 1
    assert "BTC/USD:BTC-240329" in warned[0]
    planned = use.replace("0.1", "0")
    kept = run(store, POSTED + FULL + planned, 100, 24)
    assert not any(line.startswith("missed_roll") for line in kept.warnings)
