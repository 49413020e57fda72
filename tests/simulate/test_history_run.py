"""What a run refuses, what it warns of, and funding on clocks of any step."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.factories import account, fixed, linear, vault
from tests.market.made import BTC, LINEAR, MARK, START_NS, USDT, at, floats, funding
from tests.simulate.histories import LINEAR as LINEAR_PERPETUAL
from tests.simulate.histories import (
    PERPETUAL,
    asked,
    bars_of,
    funded,
    ran,
    three,
    wandering,
    without_funding,
)
from volsculpt.book.flatten import WalletLabel
from volsculpt.book.holdings import Book, Flow, Position, Sweep, Wrapped
from volsculpt.contracts.spec import Funding
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.errors import HistoryError
from volsculpt.exchange.events import FLOWED, FUNDED, LIQUIDATED, SWEPT
from volsculpt.hedge.answer import Band
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.spec import Hedge
from volsculpt.market.history import History, history_of
from volsculpt.market.series import Bars, FundingRates, Label
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.run_start import dated_coins, flow_rows
from volsculpt.units import HOUR_NS

ABSOLUTE = linear(funding=Funding(rate_unit="absolute"))
FLOW = ("vault", "BTC", 0.5)
NEVER_TRADES = Hedge("BTC", FixedPolicy(1.0), band=Band(9.0, 0.0, 9.0, 0.0))


def at_sixty(days: int, step_hours: int) -> History:
    """A linear BTC perpetual that stands at 60,000 and pays 0.01 % every eight hours."""
    closes = np.full(days * 24 // step_hours, 60_000.0)
    made = [
        bars_of(BTC, closes, step_hours),
        bars_of(LINEAR, closes, step_hours),
        bars_of(USDT, np.ones(len(closes)), step_hours),
    ]
    hours = list(range(0, (days + 1) * 24 + 1, 8))
    label = Label("bybit", "BTC/USDT:USDT", "funding", "USDT", "made by hand")
    rates = FundingRates(
        label, at(hours), floats([0.0001] * len(hours)), floats([8.0] * len(hours))
    )
    return history_of([*made, rates])


@pytest.mark.parametrize("step_hours", [24, 8, 1])
def test_daily_bars_pay_three_stamps(step_hours: int, kernel: Callable[..., None]) -> None:
    """60,000 x 0.0001 x 3 x 4 days = 72; finer bars do not multiply it, nor loses the last day."""
    short = Position(LINEAR_PERPETUAL, -1.0, 60_000.0)
    book = Book((vault(BTC=1.0), account("coinm", {"USDT": 20_000.0}, (short,))))
    made = asked(
        at_sixty(5, step_hours),
        NEVER_TRADES,
        LINEAR_PERPETUAL,
        first_hour=24,
        step_hours=step_hours,
        book=book,
    )
    told = run_history(made, kernel)
    own = told.lanes.flat.wallets.index(WalletLabel("coinm", "USDT"))
    paid = told.held.wallet[-1, own] - told.held.wallet[0, own]
    assert paid == pytest.approx(72.0, abs=1e-9)
    quick = run_history(made, kernel, noted=False).lanes
    assert quick.states[0].tobytes() == told.lanes.states[0].tobytes()
    assert quick.log.wealth.tobytes() == told.lanes.log.wealth.tobytes()


def test_missing_funding_stops_a_run(kernel: Callable[..., None]) -> None:
    """T20: without funding, or with a hole in it, a run is refused and the contract named."""
    history = funded(wandering(48, 1), 1)
    with pytest.raises(HistoryError, match="bybit:BTC/USD:BTC lacks 48 funding stamps"):
        ran(without_funding(history), kernel)
    hole = three(wandering(48, 1), [0.0001] * 5, [0, 8, 16, 40, 48])
    with pytest.raises(HistoryError, match="bybit:BTC/USD:BTC lacks 2 funding stamps"):
        ran(hole, kernel)


def test_missing_funding_is_counted_when_allowed(kernel: Callable[..., None]) -> None:
    """T20: allowed, it is told, and what is there is still paid."""
    hole = three(wandering(48, 1), [0.001] * 5, [0, 8, 16, 40, 48])
    told = ran(hole, kernel, allow_missing_funding=True)
    assert told.warnings == (
        "missing_funding: bybit:BTC/USD:BTC lacks 2 funding stamps, counted as none",
    )
    assert told.events.of(FUNDED).usd.sum() > 0.0
    whole = ran(funded(wandering(48, 1), 1), kernel)
    assert whole.warnings == ()


@pytest.mark.parametrize("wrong", [np.nan, 0.0, -1.0, np.inf])
@pytest.mark.parametrize("column", ["open", "high", "low", "close"])
def test_a_price_that_is_none_is_refused(column: str, wrong: float) -> None:
    """T24: the series, the row and the figure are named before any kernel sees it."""
    closes = wandering(5, 2)
    columns = {name: closes.copy() for name in ("open", "high", "low", "close")}
    columns[column][3] = wrong
    with pytest.raises(HistoryError, match=f"bybit:BTC/USD:BTC mark 1h: row 4 .*{column}"):
        Bars(MARK, 3_600_000_000_000, at(range(5)), **columns)


def test_a_mark_not_known_yet_is_refused(kernel: Callable[..., None]) -> None:
    """A contract that begins later than the run stops it; nothing is filled in."""
    history = funded(wandering(24, 3), 3)
    late = {
        role: {
            key: one.between(START_NS + 6 * 3_600_000_000_000, 2**62) for key, one in table.items()
        }
        for role, table in (("mark", history.mark), ("last", history.last))
    }
    cut = History(history.index, late["mark"], late["last"], history.funding)
    with pytest.raises(HistoryError, match=r"mark.*not known at"):
        ran(cut, kernel)


def test_a_coin_without_prices_is_refused(kernel: Callable[..., None]) -> None:
    """Ether in the vault and no price of it: the error names it."""
    book = Book((vault(BTC=2.0, ETH=1.0), account("coinm", {"BTC": 0.5})))
    with pytest.raises(HistoryError, match="no prices for ETH"):
        ran(funded(wandering(24, 4), 4), kernel, book=book)


def test_funding_of_any_size_is_refused() -> None:
    """A rate in per cent instead of a fraction is caught by the gate."""
    with pytest.raises(HistoryError, match="impossible"):
        funding([0.5], [0])


def test_a_flow_of_a_wrapped_asset_counts_at_its_rate(kernel: Callable[..., None]) -> None:
    """Two of what stands for 1.5 coins each: three coins, in a vault that held none of it."""
    book = replace(
        Book((vault(BTC=2.0), account("coinm", {"BTC": 0.5}))),
        wrapped={"WBTC": Wrapped("BTC", 1.5)},
        flows=(Flow("vault", "WBTC", 2.0, START_NS),),
    )
    once = [("vault", "WBTC", 2.0)]
    come = START_NS + 10 * 3_600_000_000_000
    told = ran(
        funded(wandering(24, 3), 3),
        kernel,
        book=book,
        flows=lambda before, now: once if before < come <= now else [],
    )
    flat = told.lanes.flat
    row = [(label.account, label.asset) for label in flat.wallets].index(("vault", "WBTC"))
    assert told.held.wallet[[1, -1], row].tolist() == [0.0, 3.0]
    index = told.market.open_index[flat.currency("BTC"), 0, 9]
    flows = told.events.of(FLOWED).usd.sum()
    assert flows == pytest.approx(3.0 * index, rel=1e-12)


@pytest.mark.parametrize("step", [0, 1, 22])
def test_a_flow_comes_at_the_first_stamp_from_its_date_on(step: int) -> None:
    """One dated at the very first stamp comes there; half an hour early comes at the hour."""
    made = asked(funded(wandering(24, 3), 3))
    stamps = made.aligned.stamp_ns[: step + 2]
    for dated in {int(stamps[step]), int(stamps[step]) - (HOUR_NS // 2 if step else 0)}:
        sent = replace(
            made, flows=lambda early, late, at=dated: [FLOW] if early < at <= late else []
        )
        coins = dated_coins(sent, [("coinm", "BTC"), ("vault", "BTC")], made.aligned.stamp_ns)
        assert coins == {(step, 1): [0.5]}
        rows = flow_rows(coins | {(step, 0): [1.0, -0.25]}, (24, 2))
        assert np.argwhere(rows).tolist() == [[step, 0], [step, 1]]
        assert rows[step].tolist() == [0.75, 0.5]


def test_a_flow_at_the_last_stamp_belongs_to_the_time_after() -> None:
    """A run that begins there books it, so it is booked once in all."""
    made = asked(funded(wandering(24, 3), 3))
    dates = [int(stamp) for stamp in made.aligned.stamp_ns[[5, -1]]]
    sent = replace(made, flows=lambda early, late: [FLOW for at in dates if early < at <= late])
    coins = dated_coins(sent, [("vault", "BTC")], made.aligned.stamp_ns)
    assert coins == {(5, 0): [0.5]}


def test_a_book_that_sweeps_is_the_same_when_only_its_wealth_is_noted(
    kernel: Callable[..., None],
) -> None:
    """Such a lane never rests: funding that goes elsewhere moves its wealth otherwise."""
    book = Book(
        (vault(BTC=2.0), account("coinm", {"BTC": 0.5})), sweeps=(Sweep("vault", "USD", cost=0.1),)
    )
    history = three(wandering(240, 5) ** 0.1 * 20_000.0, [0.003] * 31, list(range(0, 241, 8)))
    made = [run_history(asked(history, book=book), kernel, noted=noted) for noted in (True, False)]
    whole, bare = (one.lanes.log.wealth[0] for one in made)
    assert made[0].events.of(SWEPT).usd.sum() < -50.0
    assert bare == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("step_hours", [24, 8, 1])
def test_an_absolute_rate_is_paid_on_coins_whatever_the_price(
    step_hours: int, kernel: Callable[..., None]
) -> None:
    """Quote units for each coin: 1 coin short x 0.0001 x 12 stamps at any mark, not a fraction."""
    short = Position(ABSOLUTE, -1.0, 60_000.0)
    book = Book((vault(BTC=1.0), account("coinm", {"USDT": 20_000.0}, (short,))))
    made = asked(
        at_sixty(5, step_hours),
        NEVER_TRADES,
        ABSOLUTE,
        first_hour=24,
        step_hours=step_hours,
        book=book,
    )
    told = run_history(made, kernel)
    wallet = told.held.wallet[1:, told.lanes.flat.wallets.index(WalletLabel("coinm", "USDT"))]
    assert wallet[-1] - 20_000.0 == pytest.approx(0.0012, rel=1e-6)


@pytest.mark.parametrize("step_hours", [1, 2, 8])
@pytest.mark.parametrize("hours", [0.0, 0.5, 1.0, 3.0, 8.0])
def test_a_transfer_is_never_there_early(
    hours: float, step_hours: int, kernel: Callable[..., None]
) -> None:
    """Sent at the first stamp: margin from the first stamp at or after its hours have passed."""
    plan = CollateralPlan(("vault",), (1.0, 2.0, 2.0, 3.0), transfer_hours=hours)
    book = Book((vault(BTC=2.0), account("coinm", {"BTC": 0.1})))
    closes = np.full(48, 60_000.0)
    history = three(closes, [0.0] * 7, list(range(0, 49, 8)))
    made = asked(history, fixed("BTC", 0.5), step_hours=step_hours, book=book)
    told = run_history(replace(made, setup=replace(made.setup, collateral=(plan,))), kernel)
    margin = told.held.wallet[1:, 1]
    there = int(np.flatnonzero(margin > 0.2)[0]) + 1
    assert (there - 1) * step_hours < max(hours, 0.1) <= there * step_hours


def test_coins_on_their_way_save_nobody(kernel: Callable[..., None]) -> None:
    """A rise of 9 % while coins travel an hour closes a short at 12x; at once they save it."""
    short = Position(PERPETUAL, -60_000.0, 60_000.0)
    book = Book((vault(BTC=2.0), account("coinm", {"BTC": 0.08}, (short,))))
    history = three(np.array([60_000.0] * 3 + [65_400.0] * 9), [0.0] * 2, [0, 8])
    made, lost = asked(history, NEVER_TRADES, first_hour=3, book=book), []
    for hours in (0.0, 1.0):
        plan = CollateralPlan(("vault",), (1.0, 2.0, 2.0, 3.0), transfer_hours=hours)
        setup = replace(made.setup, collateral=(plan,), limits=Limits())
        planned = replace(made, setup=setup)
        lost.append(len(run_history(planned, kernel).events.of(LIQUIDATED)))
    assert lost == [0.0, 1.0]
