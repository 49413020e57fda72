"""What the policies of a run say at each of its stamps, asked as a plan at that stamp asks them.

What depends on time and market alone is known ahead. A function of the owner's, and an overlay
that starts from what is held, are asked with the book as it stands at the stamp; between two
calls a function's answer holds, and overlays and its own word on its age act on it all the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from volsculpt.decide.step import Setup
from volsculpt.hedge.aim import aim_one
from volsculpt.hedge.answer import Aim, Band
from volsculpt.hedge.following import caught_up
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import HedgeSummary
from volsculpt.hedge.schedule import changes_ns
from volsculpt.simulate.lanes import Array
from volsculpt.simulate.targets import targets

AskBook = Callable[[], Sequence[HedgeSummary]]
AT_ONCE = Band(0.0, 0.0, 0.0, 0.0)  # of a first decision that no band holds back


class Past(NamedTuple):
    """What policies come to a run with.

    memory: of each before the first stamp, None: nothing. looks: the market of each at those of its
    looks that fall between stamps, None: at none.
    """

    memory: Sequence[Any] | None = None
    looks: Sequence[Sequence[Features]] | None = None


NO_PAST = Past()


class Answers:
    """The answers of a run's policies.

    first: (hedge, lane) ratios decided at the first stamp. ratios: (step, hedge, lane), decided at
    the end of each step, as far as it is known. paused: (step, hedge), where there is no answer,
    so that what is held is kept. aims: what each hedge was told last.
    """

    def __init__(
        self,
        setup: Setup,
        stamps_ns: Array,
        features: Sequence[Features] | None,
        lanes: int,
        given: Array | None,
        opens: bool,
        past: Past = NO_PAST,
    ) -> None:
        """Of a run's hedges.

        Args: setup: hedges, limits and overlays; stamps_ns, features: of the run; lanes: how many;
        given: (step, hedge, lane) ratios in place of the policies; opens: the first decision trades
        to the ratios given, whatever the band; past: of its policies.
        """
        self._setup, self._hedges = setup, setup.hedges
        self._stamps, self._features = stamps_ns, features
        self._looks = [()] * len(setup.hedges) if past.looks is None else past.looks
        self._bounds = (setup.limits.min_ratio, setup.limits.max_ratio)
        self._asks, count = given is None, len(setup.hedges)
        self._memory: list[object] = [None] * count if past.memory is None else list(past.memory)
        self._due = [self.steps + 1] * count
        self._opens = opens
        band = AT_ONCE if opens else None
        self.aims = [Aim(ratio=1.0, band=band) for _ in setup.hedges]
        self._scheduled = [
            one.betas is not None or (self._asks and one.policy.ASKS_BOOK) for one in setup.hedges
        ]
        if given is not None:
            self._on_book = self.paused = np.zeros((self.steps, count), dtype=np.bool_)
            self.ratios, self.first = given, np.array(given[0])
        else:
            overlays = setup.overlays
            ratio, on_book = targets(setup.hedges, overlays, stamps_ns, features, self._bounds)
            lacking = np.isnan(ratio)
            self._on_book, self.paused = on_book, lacking & ~on_book & ~np.array(self._scheduled)
            self.ratios = np.ones((self.steps, count, lanes))
            np.copyto(self.ratios, ratio[:, :, None], where=~lacking[:, :, None])
            self.first = np.ones((count, lanes))
        self._cuts = self._scheduled_cuts()

    @property
    def memory(self) -> list[object]:
        """What each hedge's policy remembers now."""
        return self._memory

    @property
    def steps(self) -> int:
        """Steps of the run; its stamps are one more."""
        return len(self._stamps) - 1

    def _scheduled_cuts(self) -> list[int]:
        """Stamps at which a hedge begins or ends to pause, or the book is asked or just was."""
        if not (self.paused.any() or self._on_book.any()):
            return []
        on_book: Any = self._on_book.any(axis=1)
        changed = self.paused[1:] != self.paused[:-1]
        found = np.append([True], changed.any(axis=1) | on_book[:-1]) | on_book
        return [int(step) + 1 for step in np.flatnonzero(found)]

    def at(self, stamp: int, book: AskBook) -> None:
        """Ask whoever is due at a stamp. book: what policies may know of it then."""
        summaries: Sequence[HedgeSummary] | None = None
        for row in range(len(self._hedges)):
            if self._is_due(stamp, row):
                summaries = book() if summaries is None else summaries
                self._ask(stamp, row, summaries[row])
            elif self._scheduled[row]:
                self.aims[row] = (
                    self.aims[row] if self._asks else replace(self.aims[row], band=None)
                )
            elif stamp > 0:
                self.aims[row] = Aim(ratio=None if self.paused[stamp - 1, row] else 1.0)

    def _is_due(self, stamp: int, row: int) -> bool:
        """Whether a hedge is asked with the book at a stamp; at the first whoever asks is."""
        if stamp == 0:
            return self._asks or self._scheduled[row]
        if self._scheduled[row]:
            return self._due[row] <= stamp
        return bool(self._on_book[stamp - 1, row])

    def _ask(self, stamp: int, row: int, summary: HedgeSummary) -> None:
        """Ask one hedge; its ratio holds until it must be asked again."""
        hedge, now = self._setup.hedges[row], int(self._stamps[stamp])
        features = self._features[stamp] if self._features is not None else None
        memory = caught_up(hedge, self._memory[row], self._looks[row], now)
        inputs = (self._hedges[row], memory, features, summary, now)
        self.aims[row], self._memory[row] = aim_one(*inputs, self._setup.overlays, self._bounds)
        until = stamp + 1
        if self._scheduled[row]:
            next_ns = changes_ns(hedge, self._memory[row], self._setup.overlays, now)
            if next_ns is not None:
                until = int(np.searchsorted(self._stamps, next_ns))
            self._due[row] = until
        if not self._asks:  # the ratio is given: of the answer its betas are taken
            band = AT_ONCE if self._opens and stamp == 0 else None
            self.aims[row] = Aim(ratio=1.0, band=band, beta=self.aims[row].beta)
            return
        ratio = self.aims[row].ratio
        if stamp == 0:
            self.first[row] = 1.0 if ratio is None else ratio
        if stamp > 0 or self._scheduled[row]:
            steps = slice(max(stamp - 1, 0), until - 1)
            self.ratios[steps, row] = 1.0 if ratio is None else ratio
            self.paused[steps, row] = ratio is None

    def following(self, stamp: int) -> int:
        """The next stamp at which anything is asked or begins to pause; beyond the end if none."""
        place = int(np.searchsorted(self._cuts, stamp, side="right"))
        cuts = self._cuts[place : place + 1]
        if stamp == 0 and (self._opens or any(one.ratio is None for one in self.aims)):
            cuts = [1]  # who had no answer may have one; the band is in force again
        return min([*self._due, *cuts, self.steps + 1])
