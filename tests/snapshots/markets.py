"""Figures of random markets: what happened in them, kind by kind, and what is left."""

from collections.abc import Iterator
from dataclasses import asdict

import numpy as np

from tests.simulate.plain import plain_follow, plain_run, plainly
from tests.simulate.test_events_add_up import WORLDS as FEW
from tests.simulate.test_events_add_up import finished, random_world
from tests.snapshots.books import Figures
from volsculpt.simulate.ran import Ran, series_of

WORLDS = FEW | {f"random-{seed}": lambda seed=seed: random_world(seed) for seed in range(8, 60)}
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
