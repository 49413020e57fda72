"""The backtest against a second book-keeping in decimals: every balance at every bar."""

from decimal import Decimal

import numpy as np
import pytest

from tests.simulate.ledger import ZERO, Contract, Ledger, exact
from tests.simulate.worlds import DATED, ETHER, PERPETUAL, Plain, World, mixed_world, random_ratios
from volsculpt.simulate.market_arrays import Market, Track

STEPS = 120
NAMES = {PERPETUAL.key: "BTC perp", DATED.key: "BTC dated", ETHER.key: "ETH linear"}
WORSE = exact(0.0002 + 0.0001)
TAKER = {"BTC perp": exact(0.0006), "BTC dated": exact(0.0005), "ETH linear": exact(0.0005)}
SENT = exact(0.0002)
HEAD = f"{'step':>4}  {'event':<8}  {'what':<12}  {'held':>11}  {'price':>9}  {'cash':>13}"


def opening() -> Ledger:
    """The mixed book, written down a second time."""
    balance = {
        ("vault", "BTC"): exact(2.5),
        ("vault", "ETH"): exact(40.0),
        ("vault", "USD"): exact(-15_000.0),
        ("coinm", "BTC"): exact(0.5),
        ("usdm", "USDT"): exact(30_000.0),
    }
    contracts = {
        "BTC perp": Contract("coinm", "BTC", True, exact(-20_000.0), exact(52_000.0)),
        "BTC dated": Contract("coinm", "BTC", True, exact(-10_000.0), exact(61_000.0)),
        "ETH linear": Contract("usdm", "USDT", False, exact(-10.0), exact(3_100.0)),
    }
    return Ledger(balance, contracts)


class Replay:
    """A plain run walked step by step, its orders replayed in the ledger."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.ledger, self.plain = world, opening(), Plain(world)
        self.ratios = random_ratios(world.steps, 2, 1, seed)
        self.names = [NAMES[contract.key] for _, contract in world.flat.legs]
        self.orders: dict[str, float] = {}

    def step(self, step: int) -> None:
        """What the venue does at this step, then what was decided at its end."""
        market, ledger, flat = self.world.market, self.ledger, self.world.flat
        for leg, name in enumerate(self.names):
            if market.delivery[step, leg, 0]:
                ledger.deliver(step, name, exact(market.delivery[step, leg, 0]), exact(0.00015))
        for leg, name in enumerate(self.names):
            mark, rate = market.open_mark[step, leg, 0], market.funding[step, leg, 0]
            ledger.fund(step, name, exact(mark), exact(rate))
        for row, label in enumerate(flat.wallets):
            if market.flow[step, row, 0]:
                amount = exact(market.flow[step, row, 0])
                ledger.flow(step, label.account, label.asset, amount)
        ledger.arrive(step)
        for leg, name in enumerate(self.names):
            if self.orders.get(name):
                opened = exact(market.trade[step, leg, 0])
                change = exact(self.orders[name])
                ledger.trade(step, name, change, opened, WORSE, TAKER[name])
        self.plain.walk(self.ratios, step, step + 1)
        self.orders = dict(zip(self.names, self.plain.answer.trade, strict=True))
        self.moved(step, self.plain.answer.top_up[0])

    def moved(self, step: int, coins: float) -> None:
        """The transfers decided at the end of a step; two steps on their way after the next."""
        amount, due = exact(coins), step + 1 + 2
        if coins > 0.0:
            there = self.ledger.balance["vault", "BTC"] - SENT
            taken = min(amount, there)
            if taken > 0:
                self.ledger.send(step, "BTC", ("vault", "coinm"), taken + SENT, SENT, due)
        elif coins < 0.0:
            self.ledger.send(step, "BTC", ("coinm", "vault"), -amount, SENT, due)


def off(kernel: float, ledger: Decimal) -> float:
    """How far two figures are from each other, relative above 1."""
    return float(abs(exact(kernel) - ledger) / max(Decimal(1), abs(ledger)))


def wealth_there(replay: Replay, market: Market, step: int) -> Decimal:
    """The ledger's wealth at the end of a step."""
    flat = replay.world.flat
    index = {
        name: exact(market.close_index[step, row, 0]) for row, name in enumerate(flat.currencies)
    }
    marks = {name: exact(market.close_mark[step, leg, 0]) for leg, name in enumerate(replay.names)}
    return replay.ledger.wealth(index, marks)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_every_balance_is_the_ledgers(seed: int) -> None:
    """Three accounts, three contracts, a loan, a stablecoin: equal to 1e-9 at every bar."""
    replay = Replay(mixed_world(STEPS, seed, 0.015), seed)
    world, worst, events = replay.world, 0.0, set()
    for step in range(STEPS):
        before = {place: coins for place, coins in replay.ledger.balance.items()}
        replay.step(step)
        track: Track = replay.plain.track
        assert track.tally[step, 11, 0] == 0.0
        held = replay.ledger.contract
        for leg, name in enumerate(replay.names):
            worst = max(worst, off(track.contracts[step, leg, 0], held[name].size))
        state = replay.plain.state
        for row, label in enumerate(world.flat.wallets):
            place = (label.account, label.asset)
            if not label.in_transit:
                there = replay.ledger.balance.get(place, ZERO)
                worst = max(worst, off(state.wallet[row], there))
        way = sum((one.amount for one in replay.ledger.way), ZERO)
        transit = [row for row, label in enumerate(world.flat.wallets) if label.in_transit]
        worst = max(worst, off(sum(state.wallet[row] for row in transit), way))
        assert before is not replay.ledger.balance
    events = {line.split()[1] for line in replay.ledger.journal}
    assert worst < 1e-9
    assert events >= {"deliver", "funding", "flow", "arrive", "buy", "sell", "send"}


def test_wealth_is_the_ledgers() -> None:
    """Wealth at the end of every bar, to 1e-12 of it, before the transfers that leave then."""
    replay = Replay(mixed_world(STEPS, 14, 0.015), 14)
    lost = ZERO
    for step in range(STEPS):
        sent = len([line for line in replay.ledger.journal if " send " in line])
        replay.step(step)
        now = len([line for line in replay.ledger.journal if " send " in line])
        btc = replay.world.flat.currency("BTC")
        price = exact(replay.world.market.close_index[step, btc, 0])
        lost = SENT * price if now > sent else ZERO
        there = wealth_there(replay, replay.world.market, step) + lost
        assert off(replay.plain.track.wealth[step, 0], there) < 1e-12


SNAPSHOT = """
"""


def test_a_day_reads_as_a_ledger() -> None:
    """Every event of twenty-four bars, one line each, as the ledger books it."""
    world = mixed_world(24, 21, 0.01)
    replay = Replay(world, 21)
    for step in range(24):
        replay.step(step)
    told = "\n".join([HEAD, *replay.ledger.journal])
    assert told == SNAPSHOT.strip("\n")
    assert np.isfinite(replay.plain.track.wealth).all()
