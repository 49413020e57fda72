"""A backtest: one lane through history, with the very aim and act of a plan.

Time is cut into segments where the legs in use change (a dated contract rolls) or a scheduled
policy is asked; between them the compiled kernel runs alone.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from volsculpt.book.flatten import Flat, flatten, with_fees
from volsculpt.book.holdings import Book, Transfer, with_arrivals
from volsculpt.book.posting import group_wallet
from volsculpt.book.state import Quote, State
from volsculpt.contracts.costs import HALF_SPREAD
from volsculpt.contracts.legs import Legs
from volsculpt.decide.build import (
    UseLeg,
    build_rules,
    plan_of,
    posting_caps,
    source_assets,
)
from volsculpt.decide.limits import CollateralPlan
from volsculpt.decide.rules import Rules, new_answer, new_work
from volsculpt.decide.step import Setup
from volsculpt.decide.triggers import new_triggers
from volsculpt.errors import HistoryError
from volsculpt.exchange.events import new_page
from volsculpt.exchange.rows import Step, Terms, new_bar, new_pending
from volsculpt.mandate.given import count_of, price_share
from volsculpt.simulate.compiled import compiled_look_ahead
from volsculpt.simulate.horizon import Horizon, look_again, new_horizon, with_targets
from volsculpt.simulate.kernel import FULL, RUNNING
from volsculpt.simulate.lanes import (
    Array,
    Room,
    fitting_room,
    needed_room,
    plain_of,
    records,
    write,
)
from volsculpt.simulate.log import BEGUN, Log, grown, keep_state, new_log
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.one_lane import LaneBooks, StepSpan
from volsculpt.units import HOUR_NS, MOST_STEPS

Kernel = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Costs:
    """What trading costs beyond fees, as fractions of price; delays in steps.

    transfer_steps: in place of the collateral plans' own transfer_hours. Raises MandateError for
    what no market costs, naming it.
    """

    half_spread: float = HALF_SPREAD
    slippage: float = 0.0
    order_delay_steps: int = 0
    transfer_steps: int | None = None

    def __post_init__(self) -> None:
        for name in ("half_spread", "slippage"):
            object.__setattr__(self, name, price_share(getattr(self, name), name))
        for name in ("order_delay_steps", "transfer_steps"):
            given = getattr(self, name)
            if given is not None or name == "order_delay_steps":
                object.__setattr__(self, name, count_of(given, 0, name, MOST_STEPS))


@dataclass(slots=True)
class Lanes:
    """Everything a run changes, as records, and what it leaves behind: a log that grows."""

    flat: Flat
    rules: Rules
    room: Room
    arguments: list[Array]
    log: Log
    status: Array
    noted: bool

    @property
    def states(self) -> Array:
        """One state record a lane."""
        return self.arguments[3]

    def make_room(self) -> None:
        """A larger log, and the lanes that wait for it go on."""
        self.log = grown(self.log, 4 * len(self.arguments[7][0]["event_kind"]))
        self.status[self.status == FULL] = RUNNING


def with_transit(book: Book, flat: Flat, rules: Rules) -> Book:
    """The book with an empty place on the way to each margin group."""
    empty = [
        Transfer(flat.currencies[rules.move_currency[group]], 0.0, label.account)
        for group, label in enumerate(flat.groups)
    ]
    return replace(book, transfers=(*book.transfers, *empty))


def transit_wallets(flat: Flat) -> list[int]:
    """The wallet on the way to each group: the last ones, in the order of the groups."""
    first = len(flat.wallets) - len(flat.groups)
    return [first + group for group in range(len(flat.groups))]


def transfer_steps(
    flat: Flat, plans: Sequence[CollateralPlan], costs: Costs, step_ns: int
) -> list[int]:
    """Steps a transfer to each group takes: its plan's hours in whole steps, rounded up.

    So coins are never there early, and at most a step late. Worked: an hour takes a step of an
    hour, and one of eight hours too; 0 hours are there at the next open.

    Args: plans: looked up for each group; step_ns: ns.
    """
    if costs.transfer_steps is not None:
        return [costs.transfer_steps] * len(flat.groups)
    found = []
    for label in flat.groups:
        plan = plan_of(label, plans)
        hours = plan.transfer_hours if plan is not None else 0.0
        found.append(math.ceil(hours * HOUR_NS / step_ns - 1e-9))
    return found


def terms_of(flat: Flat, rules: Rules, costs: Costs, delays: Sequence[int]) -> Terms:
    """Costs and delays of a run; an unknown delivery fee counts as none.

    Args: delays: steps of a transfer, per group.
    """
    legs = len(flat.legs)
    return Terms(
        taker=list(flat.layout.legs.taker),
        half_spread=[costs.half_spread] * legs,
        slippage=[costs.slippage] * legs,
        delivery_fee=[contract.fees.delivery or 0.0 for _, contract in flat.legs],
        order_delay=costs.order_delay_steps,
        transfer_delay=list(delays),
        transfer_cost=list(rules.transfer_cost),
        transit_wallet=transit_wallets(flat),
        move_currency=list(rules.move_currency),
    )


def empty_step(first: Quote) -> Step:
    """Price places of a run, valued at its first prices."""
    quotes = [Quote(list(first.index_usd), list(first.mark)) for _ in range(4)]
    return Step(*quotes)


@dataclass(frozen=True, slots=True)
class Tables:
    """One record of each kind for a book: what the lanes of its runs are copies of."""

    flat: Flat
    rules: Rules
    terms: Terms
    first: Quote
    room: Room
    records: tuple[Array, ...]


def tables_of(
    flat: Flat,
    rules: Rules,
    costs: Costs,
    first: Quote,
    delays: Sequence[int] = (),
    sources: int = 0,
) -> Tables:
    """Records of a book.

    Args: first: prices at the first stamp; delays: steps of a transfer per group, empty = those of
    `costs`, else 0; sources: most places that coins come from at any time, where the first rules
    have fewer.
    """
    delays = delays or [costs.transfer_steps or 0] * len(flat.groups)
    needed = needed_room(flat, rules)
    needed = needed._replace(source=max(needed.source, sources))
    room, terms = fitting_room(needed), terms_of(flat, rules, costs, delays)
    legs, groups, wallets = len(flat.legs), len(flat.groups), len(flat.wallets)
    plain: list[Any] = [
        flat.layout,
        rules,
        terms,
        flat.state,
        new_pending(flat.layout),
        new_answer(flat.layout, rules),
        new_work(flat.layout, rules),
        new_page(legs, wallets, groups, needed.source, rules.hedges),
        new_bar(flat.layout),
        empty_step(first),
    ]
    return Tables(flat, rules, terms, first, room, tuple(records(one, room, 1) for one in plain))


def lanes_of(tables: Tables, steps: int, lanes: int, noted: bool) -> Lanes:
    """Copies of one book, a lane each; all lanes share layout, bar and prices.

    Args: steps, lanes: how many; noted: what happens is written down, else wealth alone.
    """
    flat, rules = tables.flat, tables.rules
    counts = [1, *[lanes] * 7, 1, 1]
    copies = [np.repeat(one, count) for one, count in zip(tables.records, counts, strict=True)]
    log = new_log(steps, needed_room(flat, rules), lanes, noted)
    for lane in range(lanes if noted else 0):
        keep_state(flat.layout, flat.state, log, lane, BEGUN)
    return Lanes(flat, rules, tables.room, copies, log, np.zeros(lanes, np.int64), noted)


def set_rules(lanes: Lanes, rules: Rules) -> None:
    """Give every lane new rules: other legs in use from here on."""
    for lane in range(len(lanes.status)):
        write(lanes.arguments[1][lane], rules)


def set_fees(lanes: Lanes, time_ns: int) -> None:
    """Put every lane at the fees its accounts pay from a time on."""
    lanes.flat = with_fees(lanes.flat, time_ns)
    count, taker = len(lanes.flat.legs), lanes.flat.layout.legs.taker
    for legs in (lanes.arguments[0]["legs"], lanes.arguments[2]):
        legs["taker"][:, :count] = taker


def set_most(lanes: Lanes, found: Legs) -> None:
    """Give every lane the most contracts that legs may hold, and trade at once, from here on."""
    layout, count = lanes.flat.layout, len(lanes.flat.legs)
    legs = layout.legs._replace(position_most=found.position_most, order_most=found.order_most)
    lanes.flat = replace(lanes.flat, layout=layout._replace(legs=legs))
    for name in ("position_most", "order_most"):
        lanes.arguments[0]["legs"][name][:, :count] = getattr(found, name)


def arrival_assets(flat: Flat, rules: Rules) -> list[tuple[str, str]]:
    """(account, asset) of planned coins that a group has no wallet for yet: they arrive in one."""
    coins = rules.move_currency
    return [
        (label.account, flat.currencies[coins[group]])
        for group, label in enumerate(flat.groups)
        if rules.planned[group] and group_wallet(flat.layout, group, coins[group]) < 0
    ]


def flat_setup(setup: Setup, all_legs: Sequence[UseLeg], first_ns: int) -> tuple[Flat, Rules, Book]:
    """The flat book with a row for every leg a run may use, and its first rules."""
    extra = [(account, contract) for account, contract, _ in all_legs]
    coins = [name for hedge in setup.hedges for name in hedge.coins_named]
    caps = posting_caps(setup.limits, setup.collateral)
    names = (*coins, *setup.currencies)
    arrived = with_arrivals(setup.book)
    wallets = [(flow.account, flow.currency) for flow in setup.book.flows]
    wallets += source_assets(arrived, setup.collateral, extra)
    flat = flatten(arrived, extra, names, caps, wallets)
    rules = rules_of(flat, arrived, setup, setup.legs, first_ns)
    wallets += arrival_assets(flat, rules)
    book = with_transit(arrived, flat, rules)
    flat = with_fees(flatten(book, extra, names, caps, wallets), first_ns)
    return flat, rules_of(flat, book, setup, setup.legs, first_ns), book


def rules_of(
    flat: Flat, book: Book, setup: Setup, legs: Sequence[Sequence[UseLeg]], time_ns: int
) -> Rules:
    """The rules of a setup with these legs in use.

    Args: legs: per hedge its (account, contract, retire) in order of preference; time_ns: ns UTC.
    """
    return build_rules(flat, book, setup.hedges, legs, setup.limits, setup.collateral, time_ns)


def look_through(flat: Flat, layouts: Array, market: Market) -> Horizon:
    """What lies ahead in a market for a book, whatever its targets. layouts: one record."""
    horizon = new_horizon(flat, market)
    compiled_look_ahead()(layouts, market, horizon)
    return horizon


def rest_arguments(lanes: Lanes, ahead: Horizon, ratios: Array) -> tuple[Horizon, Array]:
    """What lies ahead of a run with its targets, and room for rows.

    Args: ahead: of its market; ratios: (step, hedge, lane).
    """
    rows = new_triggers(lanes.flat.layout, lanes.rules.hedges)
    return with_targets(ahead, ratios), records(rows, lanes.room, 1)


def run_span(
    lanes: Lanes,
    market: Market,
    kernel: Kernel,
    ratios: Array,
    span: StepSpan,
    rest: tuple[Horizon, Array],
) -> None:
    """Run every lane through some steps, making room for what happens as it does.

    Args: lanes: written; kernel: `run`, compiled or plain; ratios: (step, hedge, lane); rest:
    `rest_arguments`.
    """
    horizon, rows = rest
    lanes.log.at[:] = (span.from_step, 0)
    tables: list[Any] = [*lanes.arguments, rows]  # arrays of records, which read as sequences
    books, noted = LaneBooks(*tables), int(lanes.noted)
    while True:
        kernel(books, market, ratios, span, lanes.log, lanes.status, horizon, noted)
        if not (lanes.status == FULL).any():
            return
        lanes.make_room()


def run_pieces(
    lanes: Lanes,
    through: tuple[Market, Horizon],
    kernel: Kernel,
    ratios: Array,
    at_stamp: Callable[[int], int],
) -> None:
    """Run the kernel from stamp to stamp at which something changes.

    The decision of the first stamp is its own affair. Raises HistoryError when a lane stops being
    finite.

    Args: lanes: written; through: the market and what lies ahead in it; kernel: `run`, compiled or
    plain; ratios: (step, hedge, lane); at_stamp: called with a stamp, sets rules and ratios that
    are new there, with the book as the decision of that stamp will find it, and tells the next
    such stamp, beyond the end is never.
    """
    stamp, steps = 0, ratios.shape[0]
    market, ahead = through
    after = at_stamp(0)
    rest = rest_arguments(lanes, ahead, ratios)
    while stamp <= steps:
        ends, last = min(after, steps), max(stamp - 1, 0)
        look_again(rest[0], ratios, last, ends)
        span = StepSpan(last, ends, resumed=int(stamp > 0), halts=int(after <= steps))
        run_span(lanes, market, kernel, ratios, span, rest)
        stamp = after
        after = at_stamp(stamp) if stamp <= steps else stamp
    stopped = np.flatnonzero(lanes.status != RUNNING)
    if len(stopped):
        raise HistoryError(f"lane {stopped[0]}: wealth is no longer a finite number; check prices")


def plain_state(lanes: Lanes) -> State:
    """The first lane's state as plain lists: what policies are told of the book is made from it."""
    found: State = plain_of(State, lanes.states[0], needed_room(lanes.flat, lanes.rules))
    return found
