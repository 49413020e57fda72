"""Figures of random markets: what happened in them, kind by kind, and what is left."""

from collections.abc import Iterator
from dataclasses import asdict

import numpy as np

from tests.laws.drawn import NOW_NS, draw, mark_of
from tests.simulate.plain import plain_follow, plain_run, plainly
from tests.simulate.test_events_add_up import WORLDS as FEW
from tests.simulate.test_events_add_up import finished, random_world
from tests.simulate.worlds import COSTS, World, random_market
from tests.snapshots.books import Figures, lent, shared_with
from volsculpt.simulate.backtest import flat_setup
from volsculpt.simulate.ran import Ran, series_of


def drawn_world(seed: int) -> World:
    """A random book of any kind in a wild market; dated contracts are delivered half way."""
    drawn = {2: lent, 3: shared_with}.get(seed % 4, lambda book: book)(draw(seed))
    setup, index = drawn.setup, drawn.quotes.index
    flat, rules, _ = flat_setup(setup, [leg for used in setup.legs for leg in used], NOW_NS)
    basis = {
        leg.key: mark_of(leg, drawn.quotes) * index.get(leg.quote, 1.0) / index[leg.base]
        for _, leg in flat.legs
    }
    move = (0.02, 0.06, 0.15)[seed % 3]
    market = random_market(flat, STEPS, seed, move, index, basis)
    for leg, (_, contract) in enumerate(flat.legs):
        if contract.expiry_ns is not None:
            market.delivery[leg, 0, STEPS // 2] = market.open_mark[leg, 0, STEPS // 2]
    return World(flat, rules, market, COSTS)


WORLDS = (
    FEW
    | {f"random-{seed}": lambda seed=seed: random_world(seed) for seed in range(8, 60)}
    | {f"drawn-{seed}": lambda seed=seed: drawn_world(seed) for seed in range(60)}
)
STEPS = 16  # of books of any kind, which decide at nearly each
COLUMNS = ("moment", "row", "code", "size", "price", "usd", "fee", "moved", "charge")


def happened(ran: Ran) -> Figures:
    """Of each kind of event how many there were, and each figure added up by its place."""
    events = ran.events
    found: Figures = {}
    for kind in sorted(set(events.kind.tolist())):
        own = events.where(events.kind == kind)
        weights = np.arange(1, len(own.kind) + 1)
        sums = [float(np.sum(weights * getattr(own, name))) for name in COLUMNS]
        found[str(kind)] = [float(len(own.kind)), *sums]
    return found


def series(ran: Ran) -> Figures:
    """Each figure of every stamp, and what was held then, added up by its place."""
    told = series_of(ran, plain_follow)._asdict() | asdict(ran.held)
    stamps = np.arange(1, len(ran.stamp_ns) + 1)
    return {name: np.ravel(stamps @ column).tolist() for name, column in told.items()}


def figures(name: str) -> Iterator[tuple[str, Figures]]:
    """(what, its figures) of one world."""
    with plainly():
        ran = finished(WORLDS[name](), plain_run)
    yield "happened", happened(ran)
    yield "stamps", series(ran)
    state = ran.lanes.states[0]
    yield "left", {name: np.ravel(state[name]).tolist() for name in state.dtype.names or ()}


NAMES = list(WORLDS)
