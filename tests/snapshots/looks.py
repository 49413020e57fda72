"""What a run looks at, and when: decisions, rows that are looked for, how long lanes rest.

Decisions are the same however rarely a lane rests, so that figures alone do not notice a lane that
is looked at too often, nor bounds that are wider than they need be.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from tests.simulate.plain import plain_run, plainly
from tests.simulate.test_events_add_up import finished
from tests.simulate.worlds import mixed_world
from tests.snapshots.books import Figures
from tests.snapshots.histories import market
from tests.snapshots.mandates import mandate_of
from tests.snapshots.markets import WORLDS
from volsculpt.simulate import kernel, look_ahead, scan
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.horizon import Horizon
from volsculpt.simulate.run import RunRequest, run_mandate

Trace = list[tuple[int, ...]]
LOOKED = {  # where it is called, its name, the place of the step among what it takes
    "rested": (kernel, "rest_until", 4),
    "decided": (kernel, "decide_lane", 3),
    "silent": (kernel, "is_silent", 3),
    "rows": (kernel, "find_rows", None),
    "full": (kernel, "is_full", None),
    "room": (scan, "has_room", None),
    "summed": (scan, "silent_until", 3),
}
AHEAD = ("close", "least", "most", "paid", "swing", "halt", "due", "due_rate", "due_mark")
LONG = {  # several blocks of steps
    "calm": lambda: mixed_world(400, 2, 0.002),
    "mixed": lambda: mixed_world(150, 1, 0.03),
}
MANDATES = ("two coins", "flows", "rolls", "isolated", "swept", "trend")
NAMES = [*LONG, *[name for name in WORLDS if name.startswith("random-")][:12], *MANDATES]


def noted(function: Any, place: int | None, trace: Trace) -> Any:  # noqa: ANN401
    """The same function, which writes down at which step it was called and what it found."""

    def called(*arguments: Any) -> Any:  # noqa: ANN401
        answer = function(*arguments)
        step = -1 if place is None else int(arguments[place])
        told = answer if isinstance(answer, tuple) else () if answer is None else (answer,)
        trace.append((step, *map(int, told)))
        return answer

    return called


@contextmanager
def watched() -> Iterator[tuple[dict[str, Trace], list[Horizon]]]:
    """Inside it runs are plain, and what they look at is written down."""
    traces: dict[str, Trace] = {name: [] for name in LOOKED}
    horizons = list[Horizon]()
    look = look_ahead.look_ahead

    def looked(layouts: Any, ahead: Any, horizon: Horizon) -> None:  # noqa: ANN401
        look(layouts, ahead, horizon)
        horizons.append(horizon)

    with plainly(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(look_ahead, "look_ahead", looked)
        for name, (module, function, place) in LOOKED.items():
            patch.setattr(module, function, noted(getattr(module, function), place, traces[name]))
        yield traces, horizons


def added_up(trace: Trace) -> Iterator[float]:
    """How many there are, and the numbers of each added up by its place."""
    yield float(len(trace))
    sums = [sum(place * one for place, one in enumerate(row, 1)) for row in trace]
    yield float(sum(place * one for place, one in enumerate(sums, 1)))


def written(horizon: Horizon) -> Figures:
    """Each array that lies ahead, as far as it is written, added up by its place."""
    steps = horizon.paid.shape[2] - 1
    ends = {"halt": horizon.halts, "due": horizon.dues}
    found = {}
    for name in AHEAD:
        array = getattr(horizon, name)
        until = steps if name == "close" else array.shape[-1]
        if name.startswith(("due", "halt")):
            until = int(ends[name.split("_")[0]].max()) + (name in ends)
        found[name] = np.ravel(array[..., :until] @ np.arange(1, until + 1)).tolist()
    return found


def run(name: str) -> None:
    """A run of that name."""
    if name in MANDATES:
        request = RunRequest((None, None, None), Costs(0.0002, 0.0001), allow_missing_funding=False)
        run_mandate(mandate_of(name), market(), None, request)
    else:
        finished((LONG | WORLDS)[name](), plain_run)


def figures(name: str) -> Iterator[tuple[str, Figures]]:
    """(what, its figures) of one run."""
    with watched() as (traces, horizons):
        run(name)
    yield "looks", {what: list(added_up(trace)) for what, trace in traces.items()}
    yield (
        "ahead",
        {
            f"{n} {what}": row
            for n, one in enumerate(horizons)
            for what, row in written(one).items()
        },
    )
