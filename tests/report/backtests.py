"""Backtests made by hand, so that what reports one is tested alone."""

import dataclasses
from collections.abc import Iterable

import numpy as np

from tests.factories import inverse
from volsculpt.ledger.events import (
    Acknowledged,
    CashBooked,
    Filled,
    FlowBooked,
    Intended,
    TransferNoted,
)
from volsculpt.ledger.hedges import HedgeDecided
from volsculpt.report.backtest import BacktestReport
from volsculpt.report.rows.backtest_build import backtest_report
from volsculpt.report.stats.returns import Floats, Ints
from volsculpt.simulate.record import (
    BacktestRecord,
    GroupPath,
    Happened,
    HedgePath,
    LegPath,
    Tallies,
    Valued,
    WalletPath,
)
from volsculpt.units import HOUR_NS

START_NS = 1_609_459_200 * 1_000_000_000  # 2021-01-01
COINS = 10.0


def inputs(
    days: int = 400, step_hours: int = 8, seed: int = 7, **changed: object
) -> BacktestRecord:
    """Ten coins, half hedged with a coin-margined short, over a random price; it all adds up."""
    stamps = START_NS + np.arange(days * 24 // step_hours + 1) * step_hours * HOUR_NS
    random = np.random.default_rng(seed)
    price = a_price(random, stamps.size, step_hours)
    moved = np.append(0.0, np.diff(price))
    ratio = np.clip(0.5 + np.cumsum(random.normal(0.0, 0.01, stamps.size)), 0.2, 0.9)
    day = np.arange(stamps.size) * step_hours / 24.0
    target = np.where(day % 60 < 30, 0.4, 0.6)
    held = target + 0.06 * np.sin(day / 3.0) * ratio
    came = np.where(np.arange(stamps.size) == stamps.size // 2, 0.5, 0.0)
    paid_in = came * np.append(price[:1], price[:-1])  # worth what it is as its step begins
    owned = COINS + np.cumsum(came)
    parts = the_parts(owned, held, price, moved, random) | {"flows": np.cumsum(paid_in)}
    short = -held * owned * price
    trades = np.flatnonzero(np.abs(np.diff(target, prepend=target[0])) > 0.1)
    start = COINS * price[0]
    made = BacktestRecord(
        name="treasury",
        coin="BTC",
        stamps_ns=stamps,
        price_usd=price,
        hedged_usd=start + np.sum(list(parts.values()), axis=0),
        unhedged_usd=start + parts["spot"] + parts["flows"],
        static_usd=start + 0.6 * parts["spot"] + parts["flows"],
        tallies=Tallies(**parts, traded=np.cumsum(np.abs(np.diff(short, prepend=0.0)))),
        hedges=(HedgePath("BTC", held, target, (1.0 - held) * owned * price, 0.05, 0.03),),
        wallets=(WalletPath("vault", "BTC", 0.8 * owned), WalletPath("coinm", "BTC", 0.2 * owned)),
        legs=(LegPath("coinm", "BTC/USD:BTC", np.round(short)),),
        groups=(a_group(owned, held),),
        events=(
            *(one for place in trades for one in an_order(stamps, price, place, target)),
            *a_refusal(int(stamps[4])),
            *a_liquidation(int(stamps[4])),
            *a_transfer(int(stamps[5])),
            *a_flow(int(stamps[stamps.size // 2]), float(paid_in.max())),
            *a_funding(int(stamps[6])),
        ),
        static_words="40 % at the start, never traded again",
    )
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


def report_of(made: BacktestRecord, draws: int = 250) -> BacktestReport:
    """The report of a record, with fewer resampled histories than usual."""
    return backtest_report(made, draws)


def a_price(random: np.random.Generator, size: int, step_hours: int) -> Floats:
    """A geometric random walk from 30,000 with 70 % volatility."""
    moves = random.normal(0.0, 0.7 * np.sqrt(step_hours / 8_760.0), size)
    return 30_000.0 * np.exp(np.cumsum(moves) - moves[0])


def the_parts(
    owned: Floats, held: Floats, price: Floats, moved: Floats, random: np.random.Generator
) -> dict[str, Floats]:
    """What changes wealth, part by part, summed up from 0."""
    futures = -np.append(0.0, (held * owned)[:-1]) * moved
    short_usd = held * owned * price
    steps = {
        "spot": owned * moved,
        "futures": futures,
        "basis": random.normal(0.0, 20.0, price.size),
        "funding": 1e-5 * short_usd * random.normal(0.5, 2.0, price.size),
        "fees": -0.0005 * np.abs(np.diff(short_usd, prepend=short_usd[0])),
        "slippage": -0.0001 * np.abs(np.diff(short_usd, prepend=short_usd[0])),
        "liquidation": np.where(np.arange(price.size) == 4, -120.0, 0.0),
        "transfers": np.where(np.arange(price.size) == 5, -6.0, 0.0),
        "interest": np.zeros(price.size),
    }
    return {name: np.cumsum(np.append(0.0, step[1:])) for name, step in steps.items()}


def a_group(owned: Floats, held: Floats) -> GroupPath:
    """A margin account with a fifth of the coins: near to liquidation only when much is held."""
    equity = 0.2 * owned
    leverage = held * owned / equity
    distance = np.where(leverage > 1.0, 1.0 / np.maximum(leverage, 1.01) - 0.02, np.nan)
    return GroupPath("coinm", "BTC", "BTC", equity, 0.01 * held * owned, leverage, distance)


def an_order(
    stamps: Ints, price: Floats, place: int, target: Floats
) -> tuple[Valued[Happened], ...]:
    """A fill where the target changed, and what was decided before it."""
    side = -1.0 if target[place] > target[place - 1] else 1.0
    worth = 0.2 * COINS * float(price[place])
    size = side * round(worth)
    at = float(price[place])
    leg, fee = ("coinm", inverse()), 0.0005 * worth
    time_ns, name = int(stamps[place]), f"o{place}"
    said = HedgeDecided("BTC", float(target[place - 1]), float(target[place]), False)
    sent = intended(name, size, "band")
    fill = Filled.of(leg, size, at, fee / at, time_ns, (f"l{place}", name))
    return (
        Valued(said, time_ns),
        Valued(sent, time_ns),
        Valued(fill, time_ns, worth, -fee, -5.0),
        Valued(Acknowledged(name, "filled", size), time_ns),
    )


def intended(name: str, size: float, cause: str = "") -> Intended:
    """An order of the one contract, of another decision than the first."""
    where = ("coinm", inverse().key, size, False, "market", None, 50_000.0, 7)
    return Intended(name, *where, cause=cause)


def a_refusal(time_ns: int) -> tuple[Valued[Happened], ...]:
    """An order that its venue did not take."""
    final = Acknowledged("r1", "rejected", 0.0, None, "under 100 USD")
    return (
        Valued(intended("r1", -50.0, "roll"), time_ns),
        Valued(final, time_ns, price=50_000.0),
    )


def a_liquidation(time_ns: int) -> tuple[Valued[Happened], ...]:
    """A short that is closed, and the coins that go with it."""
    ids = ("l1", None)
    fill = Filled.of(("coinm", inverse()), 900.0, 51_000.0, 0.0, time_ns, ids, "liquidation")
    cash = CashBooked("c1", "coinm", "BTC", -120.0 / 51_000.0, "insurance", time_ns)
    return (
        Valued(fill, time_ns, 900.0, group="BTC"),
        Valued(cash, time_ns, -120.0, price=51_000.0, group="BTC"),
    )


def a_transfer(time_ns: int) -> tuple[Valued[Happened], ...]:
    """Half a coin, to the margin account."""
    noted = TransferNoted("t1", "vault", "coinm", "BTC", 0.5, 0.0002, "sent", "", time_ns)
    there = noted.then("arrived")
    return Valued(noted, time_ns, -6.0), Valued(there, time_ns)


def a_flow(time_ns: int, usd: float) -> tuple[Valued[Happened], ...]:
    """Half a coin that comes in."""
    return (Valued(FlowBooked("f1", "vault", "BTC", 0.5, "", time_ns), time_ns, usd),)


def a_funding(time_ns: int) -> tuple[Valued[Happened], ...]:
    """Funding that is received."""
    cash = CashBooked("c2", "coinm", "BTC", 1e-4, "funding", time_ns, inverse().key)
    return (Valued(cash, time_ns, 5.0, price=50_000.0),)


def without(made: BacktestRecord, *kinds: type) -> BacktestRecord:
    """The record without what happened of some kinds."""
    left = tuple(one for one in made.events if not isinstance(one.event, kinds))
    return dataclasses.replace(made, events=left)


def with_fills(made: BacktestRecord, fills: Iterable[Valued[Filled]]) -> BacktestRecord:
    """The record with other fills."""
    left = [one for one in made.events if one not in made.fills]
    return dataclasses.replace(made, events=(*left, *fills))
