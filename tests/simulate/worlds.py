"""A mixed book in a small made-up market, run plain or compiled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.factories import account, dated, fixed, inverse, linear, vault
from volsculpt.book.flatten import Flat
from volsculpt.book.holdings import Book, Position, Sweep
from volsculpt.book.state import Layout, Quote, State
from volsculpt.contracts.spec import Fees
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.rules import Answer, Rules, Work
from volsculpt.decide.step import Setup
from volsculpt.decide.triggers import new_triggers
from volsculpt.exchange.events import EventPage
from volsculpt.exchange.rows import Bar, Pending, Step, Terms
from volsculpt.simulate import kernel
from volsculpt.simulate.backtest import (
    Costs,
    Lanes,
    flat_setup,
    lanes_of,
    look_through,
    rest_arguments,
    run_span,
    tables_of,
)
from volsculpt.simulate.happened import events_of
from volsculpt.simulate.horizon import Horizon, new_horizon, with_targets
from volsculpt.simulate.lanes import Array, needed_room, plain_of
from volsculpt.simulate.log import Log
from volsculpt.simulate.look_ahead import look_ahead
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.one_lane import StepSpan
from volsculpt.simulate.ran import Ran
from volsculpt.units import HOUR_NS

PERPETUAL = inverse(fees=Fees(taker=0.0006))
DATED = dated(fees=Fees(taker=0.0005, delivery=0.00015))
ETHER = linear("ETH", venue="binance")
MIXED = Book(
    (
        vault(BTC=2.5, ETH=40.0, USD=-15_000.0),
        account(
            "coinm",
            {"BTC": 0.5},
            (Position(PERPETUAL, -20_000.0, 52_000.0), Position(DATED, -10_000.0, 61_000.0)),
        ),
        account("usdm", {"USDT": 30_000.0}, (Position(ETHER, -10.0, 3_100.0),), venue="binance"),
    )
)
START = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}
BASIS = {PERPETUAL.key: 1.0, DATED.key: 1.01, ETHER.key: 1.0}
SETUP = Setup(
    MIXED,
    (fixed("BTC", 0.6), fixed("ETH", 0.5)),
    ((("coinm", PERPETUAL, False),), (("usdm", ETHER, False),)),
    limits=Limits(max_leverage=4.0),
    collateral=(CollateralPlan(("vault",), (1.0, 2.0, 2.0, 3.0), account="coinm", cost=0.0002),),
)
KINDS = (Layout, Rules, Terms, State, Pending, Answer, Work, EventPage, Bar, Step)
COSTS = Costs(half_spread=0.0002, slippage=0.0001, transfer_steps=2)


@dataclass(frozen=True)
class World:
    """A setup in a market: everything a run needs."""

    flat: Flat
    rules: Rules
    market: Market
    costs: Costs

    @property
    def steps(self) -> int:
        """Steps of the market."""
        return int(self.market.trade.shape[2])

    @property
    def first(self) -> Quote:
        """What the book is valued at before the first step."""
        market = self.market
        return Quote(market.open_index[:, 0, 0].tolist(), market.open_mark[:, 0, 0].tolist())


def random_market(
    flat: Flat,
    steps: int,
    seed: int,
    move: float = 0.02,
    start: Mapping[str, float] = START,
    basis: Mapping[str, float] = BASIS,
) -> Market:
    """Prices that wander, bases that wobble, funding every eighth step, rare flows.

    Args: flat: the book; steps, seed: how many, and which; move: of a coin in a step, standard
    deviation; start: US dollars of each currency at first; basis: mark over index by contract.
    """
    dice = np.random.default_rng(seed)
    coins = [1.0 if flag else 0.03 for flag in flat.layout.moves]
    path = np.cumsum(move * dice.standard_normal((steps + 1, len(coins))) * coins, axis=0)
    path -= path[:1]
    index = np.array([start.get(name, 1.0) for name in flat.currencies]) * np.exp(path)
    index[:, flat.currency("USD")] = 1.0
    legs = flat.layout.legs
    own = index[:, list(legs.base)] / index[:, list(legs.quote)]
    wobble = np.exp(0.001 * dice.standard_normal(own.shape))
    mark = own * wobble * [basis.get(leg.key, 1.0) for _, leg in flat.legs]
    reach = 1.0 + 0.4 * move * np.abs(dice.standard_normal((2, *mark[1:].shape)))
    perpetual = np.array([leg.expiry_ns is None for _, leg in flat.legs])
    stamps = (np.arange(steps) % 8 == 0)[:, None] & perpetual
    flow = np.zeros((steps, len(flat.wallets)))
    flow[5::40, 0], flow[25::40, 0] = 0.05, -0.04
    arrays = Market(
        open_mark=mark[:-1],
        trade=mark[:-1] * np.exp(0.0003 * dice.standard_normal(mark[1:].shape)),
        high_mark=np.maximum(mark[:-1], mark[1:]) * reach[0],
        low_mark=np.minimum(mark[:-1], mark[1:]) / reach[1],
        close_mark=mark[1:],
        open_index=index[:-1],
        close_index=index[1:],
        funding=np.where(stamps, 0.0003 * dice.standard_normal(mark[1:].shape), 0.0),
        delivery=np.zeros((steps, len(flat.legs))),
        flow=flow,
    )
    return Market(*[np.ascontiguousarray(array.T[:, None]) for array in arrays])


def mixed_world(
    steps: int,
    seed: int,
    move: float = 0.02,
    costs: Costs = COSTS,
    sweeps: tuple[Sweep, ...] = (),
) -> World:
    """The mixed book, its dated leg delivered half way at the index."""
    used = [leg for legs in SETUP.legs for leg in legs]
    setup = replace(SETUP, book=replace(MIXED, sweeps=sweeps))
    flat, rules, _ = flat_setup(setup, used, 0)
    market = random_market(flat, steps, seed, move)
    dated_leg, half = flat.leg("coinm", DATED), steps // 2
    market.delivery[dated_leg, 0, half] = market.open_index[flat.currency("BTC"), 0, half]
    return World(flat, rules, market, costs)


def random_ratios(steps: int, hedges: int, lanes: int, seed: int) -> Array:
    """(step, hedge, lane) targets that jump now and then."""
    dice = np.random.default_rng(seed)
    levels = dice.choice([0.0, 0.2, 0.6, 1.0], (steps // 10 + 1, hedges, lanes))
    return np.ascontiguousarray(np.repeat(levels, 10, axis=0)[:steps])


def prepare(
    flat: Flat,
    rules: Rules,
    costs: Costs,
    first: Quote,
    steps: int,
    lanes: int,
    noted: bool = True,
) -> Lanes:
    """Copies of one book, a lane each.

    Args: first: prices at the first stamp; steps, lanes: how many; noted: what happens is kept.
    """
    return lanes_of(tables_of(flat, rules, costs, first), steps, lanes, noted)


def rest_of(made: Lanes, market: Market, ratios: Array) -> tuple[Horizon, Array]:
    """What lies ahead of lanes, and room for rows."""
    ahead = look_through(made.flat, made.arguments[0], market)
    return rest_arguments(made, ahead, ratios)


class Plain:
    """One lane as named tuples of lists, to be walked step by step."""

    def __init__(self, world: World, noted: bool = True) -> None:
        made = prepare(
            world.flat, world.rules, world.costs, world.first, world.steps, 1, noted=noted
        )
        room = needed_room(world.flat, world.rules)
        self.world, self.made, self.log, self.noted = world, made, made.log, noted
        self.records = made.arguments
        self.status = made.status
        self.rows: list[Any] = [
            [plain_of(kind, records[0], room)]
            for kind, records in zip(KINDS, made.arguments, strict=True)
        ]
        self.state: State = self.rows[3][0]
        self.answer: Answer = self.rows[5][0]

    def walk(self, ratios: Array, from_step: int = 0, to_step: int | None = None) -> Log:
        """Run the kernel as it is written; what it left behind so far."""
        world = self.world
        end = world.steps if to_step is None else to_step
        hedges = world.rules.hedges
        horizon = new_horizon(world.flat, world.market)
        look_ahead([world.flat.layout], world.market, horizon)
        horizon = with_targets(horizon, ratios)
        self.triggers = new_triggers(world.flat.layout, hedges)
        rest: Any = (horizon, [self.triggers])
        self.made.arguments = self.rows
        run_span(self.made, world.market, kernel.run, ratios, StepSpan(from_step, end, 0, 0), rest)
        self.made.arguments, self.log = self.records, self.made.log
        return self.log


def ran_of(world: World, made: Lanes, ratios: Array) -> Ran:
    """A finished run of a world, under the same rules all the way."""
    stamps = np.arange(world.steps + 1, dtype=np.int64) * HOUR_NS
    targets = np.concatenate([ratios[:1, :, 0], ratios[:, :, 0]])
    paused = np.zeros((world.steps, world.rules.hedges), bool)
    flow = world.market.flow[:, 0]
    dated = {
        (int(step), int(wallet)): [float(flow[wallet, step])]
        for wallet, step in zip(*np.nonzero(flow), strict=True)
    }
    return Ran(made, world.market, stamps, targets, paused, ((0, world.rules),), dated=dated)


def count(log: Log, kind: int) -> int:
    """How often something happened to the first lane."""
    return len(events_of(log).of(kind))


def compiled_walk(
    world: World, ratios: Array, run: Callable[..., None], noted: bool = True
) -> tuple[Lanes, Array]:
    """All lanes of `ratios` through the compiled kernel; what became of them, and the last rows."""
    lanes = ratios.shape[2]
    made = prepare(
        world.flat, world.rules, world.costs, world.first, world.steps, lanes, noted=noted
    )
    rest = rest_of(made, world.market, ratios)
    run_span(made, world.market, run, ratios, StepSpan(0, world.steps, 0, 0), rest)
    return made, rest[1]


def deciding(world: World, ratios: Array, run: Callable[..., None]) -> Lanes:
    """One lane that decides at every bar: the kernel is called for each step alone."""
    made = prepare(world.flat, world.rules, world.costs, world.first, world.steps, 1)
    rest = rest_of(made, world.market, ratios)
    for step in range(world.steps):
        run_span(made, world.market, run, ratios, StepSpan(step, step + 1, 0, 0), rest)
    return made


def compiled_lanes(
    world: World, ratios: Array, run: Callable[..., None], noted: bool = True
) -> Lanes:
    """All lanes of `ratios` through the compiled kernel."""
    return compiled_walk(world, ratios, run, noted)[0]


def kept(log: Log, steps: int | None, lane: int = 0) -> dict[str, bytes]:
    """What a lane left behind of its first steps, to the bit."""
    steps = log.wealth.shape[1] if steps is None else steps
    events, states = log.used[lane]
    happened = log.event[lane, :events, 3] < 2 * steps
    changed = log.moment[lane, :states] < 2 * steps
    return {
        "wealth": log.wealth[lane, :steps].tobytes(),
        "event": log.event[lane, :events][happened].tobytes(),
        "figure": log.figure[lane, :events][happened].tobytes(),
        "moment": log.moment[lane, :states][changed].tobytes(),
        "state": log.state[lane, :states][changed].tobytes(),
    }


def same_bits(left: Log, right: Log, steps: int | None = None, lane: int = 0) -> list[str]:
    """Names of what differs in any bit over the first steps. lane: of the left one."""
    one, other = kept(left, steps, lane), kept(right, steps)
    return [name for name in one if one[name] != other[name]]


def steady(steps: int, levels: Sequence[float]) -> Array:
    """The same ratio of each hedge at every step."""
    return np.ascontiguousarray(np.repeat(np.array([levels])[:, :, None], steps, axis=0))
