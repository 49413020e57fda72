"""A finished run: the market it went through, what it kept, and what follows from both."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from volsculpt.decide.rules import Rules
from volsculpt.exchange.rows import Bar
from volsculpt.market.gate import Floats
from volsculpt.simulate.backtest import Lanes
from volsculpt.simulate.compiled import compiled_follow
from volsculpt.simulate.happened import EventColumns, Held, events_of, held_at, stamp_moments
from volsculpt.simulate.lanes import Array, needed_room, records
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.series import StampBooks, StampSeries, StampSpan, new_series

Follow = Callable[..., None]


@dataclass(frozen=True)
class Ran:
    """A finished run and the market it went through.

    targets: (stamp, hedge), decided at each stamp. paused: (step, hedge), where a policy had no
    answer and what was held was kept. in_force: (the first stamp they hold at, rules). late: what
    was settled at the very end, if anything was. interest: (stamp, wallet) coins of loans, which
    are among its flows.
    """

    lanes: Lanes
    market: Market
    stamp_ns: Array
    targets: Array
    paused: Array
    in_force: tuple[tuple[int, Rules], ...]
    warnings: tuple[str, ...] = ()
    late: Bar | None = None
    interest: Array = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def decision_moments(self) -> Array:
        """The last moment before the decision of each stamp."""
        return stamp_moments(len(self.stamp_ns), self.late is not None)

    @cached_property
    def events(self) -> EventColumns:
        """What happened."""
        return events_of(self.lanes.log)

    @cached_property
    def held(self) -> Held:
        """What was held at each stamp, as its decision found it."""
        return held_at(self.lanes.log, self.lanes.flat.layout, self.decision_moments)

    @cached_property
    def series(self) -> StampSeries:
        """What the book was at each stamp, as its decision found it; computed when asked for."""
        return series_of(self, compiled_follow())

    @cached_property
    def wealth_usd(self) -> Floats:
        """Wealth at the end of each step."""
        found: Floats = self.lanes.log.wealth[0]
        return found


def series_of(ran: Ran, follow: Follow) -> StampSeries:
    """Figures at every stamp, piece by piece as rules change."""
    lanes, flat = ran.lanes, ran.lanes.flat
    series = new_series(len(ran.stamp_ns), needed_room(flat, lanes.rules))
    layout, state, answer, work, price = (lanes.arguments[row] for row in (0, 3, 5, 6, 9))
    scratch: list[Any] = [np.copy(one[:1]) for one in (state, work, answer, price)]
    ends = [first for first, _ in ran.in_force[1:]] + [len(ran.stamp_ns)]
    targets = np.ascontiguousarray(ran.targets)
    for (first, rules), end in zip(ran.in_force, ends, strict=True):
        own: list[Any] = [layout, records(rules, lanes.room, 1), *scratch]
        books = StampBooks(*own)
        span = StampSpan(0, 0, first, end, int(ran.late is not None))
        follow(books, ran.market, targets, lanes.log, series, span)
    return series
