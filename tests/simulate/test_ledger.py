"""The backtest against a second book-keeping in decimals: every balance at every bar."""

from decimal import Decimal

import numpy as np
import pytest

from tests.simulate.ledger import ZERO, Contract, Ledger, exact
from tests.simulate.worlds import DATED, ETHER, PERPETUAL, Plain, World, mixed_world, random_ratios
from volsculpt.book.holdings import Sweep
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.market_arrays import Market

STEPS = 120
NAMES = {PERPETUAL.key: "BTC perp", DATED.key: "BTC dated", ETHER.key: "ETH linear"}
COSTS = Costs(half_spread=0.0002, slippage=0.0001, transfer_steps=0)
WORSE = exact(0.0002 + 0.0001)
TAKER = {"BTC perp": exact(0.0006), "BTC dated": exact(0.0005), "ETH linear": exact(0.0005)}
SENT = exact(0.0002)
SWEEPS = (Sweep("vault", "USD", "coinm", 0.001), Sweep("vault", None, None, 0.0005))
SWEPT = {
    "coinm": (("vault", "USD"), exact(0.001)),
    "usdm": (("vault", "USDT"), exact(0.0005)),
}
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
        opened = {
            name: exact(market.open_index[row, 0, step]) for row, name in enumerate(flat.currencies)
        }
        for leg, name in enumerate(self.names):
            if market.delivery[leg, 0, step]:
                ledger.deliver(step, name, exact(market.delivery[leg, 0, step]), exact(0.00015))
        for leg, name in enumerate(self.names):
            mark, rate = market.open_mark[leg, 0, step], market.funding[leg, 0, step]
            ledger.fund(step, name, exact(mark), exact(rate), opened)
        for row, label in enumerate(flat.wallets):
            if market.flow[row, 0, step]:
                amount = exact(market.flow[row, 0, step])
                ledger.flow(step, label.account, label.asset, amount)
        ledger.arrive(step)
        for leg, name in enumerate(self.names):
            if self.orders.get(name):
                opened = exact(market.trade[leg, 0, step])
                change = exact(self.orders[name])
                ledger.trade(step, name, change, opened, WORSE, TAKER[name])
        self.plain.walk(self.ratios, step, step + 1)
        self.orders = dict(zip(self.names, self.plain.answer.trade, strict=True))
        self.moved(step, self.plain.answer.top_up[0])

    def moved(self, step: int, coins: float) -> None:
        """The transfers decided at the end of a step that arrive at the next."""
        amount, due = exact(coins), step + 1
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
        name: exact(market.close_index[row, 0, step]) for row, name in enumerate(flat.currencies)
    }
    marks = {name: exact(market.close_mark[leg, 0, step]) for leg, name in enumerate(replay.names)}
    return replay.ledger.wealth(index, marks)


@pytest.mark.parametrize(("seed", "sweeps"), [(11, ()), (12, ()), (13, SWEEPS)])
def test_every_balance_is_the_ledgers(seed: int, sweeps: tuple[Sweep, ...]) -> None:
    """Three accounts, three contracts, a loan, a stablecoin: equal to 1e-9 at every bar."""
    replay = Replay(mixed_world(STEPS, seed, 0.015, COSTS, sweeps), seed)
    replay.ledger.sweep = SWEPT if sweeps else {}
    world, worst = replay.world, 0.0
    for step in range(STEPS):
        replay.step(step)
        held, state = replay.ledger.contract, replay.plain.state
        for leg, name in enumerate(replay.names):
            worst = max(worst, off(state.contracts[leg], held[name].size))
        for row, label in enumerate(world.flat.wallets):
            place = (label.account, label.asset)
            if not label.in_transit:
                there = replay.ledger.balance.get(place, ZERO)
                worst = max(worst, off(state.wallet[row], there))
        way = sum((one.amount for one in replay.ledger.way), ZERO)
        transit = [row for row, label in enumerate(world.flat.wallets) if label.in_transit]
        worst = max(worst, off(sum(state.wallet[row] for row in transit), way))
    events = {line.split()[1] for line in replay.ledger.journal}
    assert worst < 1e-9
    assert ("sweep" in events) == bool(sweeps)
    assert events >= {"deliver", "funding", "flow", "arrive", "buy", "sell", "send"}


@pytest.mark.parametrize("sweeps", [(), SWEEPS])
def test_wealth_is_the_ledgers(sweeps: tuple[Sweep, ...]) -> None:
    """Wealth at the end of every bar, to 1e-12 of it, before the transfers that leave then."""
    replay = Replay(mixed_world(STEPS, 14, 0.015, COSTS, sweeps), 14)
    replay.ledger.sweep = SWEPT if sweeps else {}
    btc = replay.world.flat.currency("BTC")
    for step in range(STEPS):
        before = sent_so_far(replay.ledger)
        replay.step(step)
        price = exact(replay.world.market.close_index[btc, 0, step])
        lost = SENT * price if sent_so_far(replay.ledger) > before else ZERO
        there = wealth_there(replay, replay.world.market, step) + lost
        assert off(replay.plain.log.wealth[0, step], there) < 1e-12


def sent_so_far(ledger: Ledger) -> int:
    """Transfers in the journal."""
    return sum(line.split()[1] == "send" for line in ledger.journal)


SNAPSHOT = """
step  event     what                 held      price           cash
   0  funding   BTC perp       -20000.000   59886.40    -0.00001542
   0  funding   ETH linear        -10.000    2999.59    -2.56421582
   1  sell      BTC perp       -25504.000   60031.99    -0.00005501
   1  sell      ETH linear        -40.000    2968.33   -44.52494717
   2  buy       BTC perp       -25394.000   59787.76    -0.00021557
   3  buy       BTC perp       -24983.000   58980.76    -0.00071144
   4  sell      BTC perp       -25577.000   60146.83    -0.00000593
   5  flow      vault BTC                               +0.05000000
   5  sell      BTC perp       -25748.000   60494.28    -0.00000170
   6  sell      BTC perp       -26278.000   60335.43    -0.00000527
   7  buy       BTC perp       -26054.000   59929.42    -0.00042483
   7  buy       ETH linear        -37.587    3037.10   -90.17867457
   8  funding   BTC perp       -26054.000   59329.89    +0.00022568
   8  funding   ETH linear        -37.587    3068.64   +36.67849609
   8  buy       BTC perp       -25773.000   59349.80    -0.00048716
   8  buy       ETH linear        -35.620    3071.70  -141.60696859
   9  sell      BTC perp       -25864.000   59534.37    -0.00000092
   9  sell      ETH linear        -37.225    3040.63    -2.44010493
  10  sell      BTC perp       -25884.000   59522.30    -0.00000020
  10  buy       ETH linear        -35.344    3074.10  -136.73705322
  11  buy       BTC perp       -25605.000   58989.56    -0.00045288
  11  buy       ETH linear        -24.290    3067.38  -729.16939928
  12  deliver   BTC dated           0.000   59030.34    +0.00544458
  12  buy       BTC perp       -25587.000   58954.34    -0.00002904
  12  buy       ETH linear        -24.194    3065.77    -6.17830638
  13  sell      BTC perp       -35975.000   59867.07    -0.00010411
  13  buy       ETH linear        -24.076    3027.71    -3.10049013
  14  buy       BTC perp       -35767.000   59430.37    -0.00025196
  14  buy       ETH linear        -24.057    3022.60    -0.40207901
  15  buy       BTC perp       -35595.000   59063.93    -0.00019041
  15  buy       ETH linear        -24.051    3020.72    -0.11571899
  16  funding   BTC perp       -35595.000   59344.56    -0.00005360
  16  funding   ETH linear        -24.051    3052.93    -8.40338693
  16  sell      BTC perp       -35735.000   59333.04    -0.00000142
  16  sell      ETH linear        -24.157    3051.13    -0.16170983
  17  sell      BTC perp       -35752.000   59319.58    -0.00000017
  17  buy       ETH linear        -24.111    3039.06    -1.72152181
  18  sell      BTC perp       -35975.000   59832.01    -0.00000224
  18  sell      ETH linear        -24.117    3038.94    -0.00911681
  19  sell      BTC perp       -36061.000   60037.98    -0.00000086
  19  sell      ETH linear        -24.247    3081.77    -0.20031473
  20  sell      BTC perp       -36170.000   60226.42    -0.00000109
  20  buy       ETH linear        -24.155    3054.47    -4.82170576
  21  sell      BTC perp       -36335.000   60590.81    -0.00000163
  21  buy       ETH linear        -24.147    3050.92    -0.39089646
  22  sell      BTC perp       -36481.000   60864.43    -0.00000144
  22  buy       ETH linear        -24.109    3039.05    -1.40537856
  23  buy       BTC perp       -36398.000   60731.41    -0.00012763
  23  buy       ETH linear        -24.025    3013.39    -0.95017563
"""


def test_a_day_reads_as_a_ledger() -> None:
    """Every event of twenty-four bars, one line each, as the ledger books it."""
    world = mixed_world(24, 21, 0.01, COSTS)
    replay = Replay(world, 21)
    for step in range(24):
        replay.step(step)
    told = "\n".join([HEAD, *replay.ledger.journal])
    assert told == SNAPSHOT.strip("\n")
    assert np.isfinite(replay.plain.log.wealth).all()
