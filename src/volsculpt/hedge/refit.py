"""Features whose parameters are fitted: by a library, on a window of the past, on a schedule.

A fit is due with the first observation known at or after each multiple of `refit_ns` since 1970,
on the observations of the window before it: the same in a plan, a backtest and on a desk. What is
kept of it are plain numbers, so a ledger acts on them again without fitting. A fit that cannot be
made (too short, a gap in the middle, constant, a search that does not end) leaves the last one in
force, and why it failed is kept in words; after `keep_ns` beyond its turn the last one is too old.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from volsculpt.errors import EstimateError
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.window import GAP, WindowMemory, fed_words, is_full, window_fold
from volsculpt.text import duration
from volsculpt.units import iso_day

Numbers = tuple[float, ...]


class FitMemory(NamedTuple):
    """The window, and what was fitted last.

    known_ns, figures: the observations. fit: the numbers of the last fit, None before one.
    fitted_ns: when. failed: why the newest attempt after it failed, empty where none did.
    """

    known_ns: tuple[int, ...]
    figures: tuple[Any, ...]
    fit: Numbers | None
    fitted_ns: int
    failed: str


NOTHING_FITTED = FitMemory((), (), None, 0, "")


def is_too_old(fitted_ns: int, refit_ns: int, keep_ns: int, now_ns: int) -> bool:
    """Whether a fit holds no longer: its successor has been due for longer than `keep_ns`.

    Args: fitted_ns: its turn, ns UTC; refit_ns: between fits; keep_ns: how long it holds beyond
    its turn; now_ns: ns UTC.
    """
    return now_ns - fitted_ns > refit_ns + keep_ns


class Refitted(Feature):
    """A feature with fitted parameters. Its figure is the first number of its fit.

    Parameters: window_ns, that is fitted; every_ns, between observations; refit_ns, between fits;
    keep_ns, how long a fit holds when the next one cannot be made.
    """

    MEMORY: ClassVar[type] = FitMemory
    IS_FOLLOWED: ClassVar[bool] = False  # True: the figure moves with each observation, so with
    # none that is new it is not known

    WINDOW_IS_KEY: ClassVar[bool] = False  # True: the owner gives the window, and may give another

    window_ns: int
    every_ns: int
    refit_ns: int
    keep_ns: int

    def fitted(self, window: WindowMemory) -> Numbers:
        """The numbers of a fit of a full window. Raises EstimateError where there is none."""
        raise AssertionError(f"{self.NAME} fits nothing")

    def followed(self, fit: Numbers, before: Any, observed: Any, steps: int) -> Numbers:  # noqa: ANN401
        """The numbers after one more observation; by default they stay until the next fit.

        Args: fit: before it; before, observed: the last and the new observation; steps: of every_ns
        between them.
        """
        return fit

    @property
    def gap_ns(self) -> int:
        """The distance of observations that is too much."""
        return GAP * self.every_ns

    @property
    def holds_ns(self) -> int:
        """A gap, where the figure moves with each observation."""
        return self.gap_ns if self.IS_FOLLOWED else super().holds_ns

    def newest_ns(self, memory: FitMemory) -> int:
        """That of the last observation in the window."""
        return memory.known_ns[-1]

    @property
    def look_back_ns(self) -> int:
        """All that the oldest fit which may hold was made from."""
        return self.window_ns + self.refit_ns + self.keep_ns + 2 * self.gap_ns

    def step(self, memory: FitMemory | None, time_ns: int, observed: Any) -> FitMemory:  # noqa: ANN401
        """Fold one observation; fit when it is due."""
        held = memory or NOTHING_FITTED
        window = WindowMemory(held.known_ns, held.figures)
        kept = window_fold(window, [(time_ns, observed)], self.window_ns, self.gap_ns)
        if memory is None:
            return FitMemory(*kept, None, 0, "")
        last_ns, fit = memory.known_ns[-1], memory.fit
        if fit is not None:
            steps = max(1, round((time_ns - last_ns) / self.every_ns))
            fit = self.followed(fit, memory.figures[-1], observed, steps)
        going_on = FitMemory(*kept, fit, memory.fitted_ns, memory.failed)
        is_due = last_ns // self.refit_ns < time_ns // self.refit_ns
        return self._refitted(going_on, kept, time_ns) if is_due else going_on

    def _refitted(self, held: FitMemory, window: WindowMemory, now_ns: int) -> FitMemory:
        """After an attempt to fit."""
        try:
            if not is_full(window, now_ns, self.window_ns, self.gap_ns):
                raise EstimateError(self._short(window))
            fit = self.fitted(window)
        except EstimateError as error:
            return held._replace(failed=f"on {iso_day(now_ns)} none could be made: {error}")
        return held._replace(fit=fit, fitted_ns=now_ns, failed="")

    def _short(self, window: WindowMemory) -> str:
        """That a window is not full, in words."""
        spanned = duration(window.known_ns[-1] - window.known_ns[0])
        return (
            f"{spanned} without a gap longer than {duration(self.gap_ns)} are known, "
            f"{duration(self.window_ns)} are needed"
        )

    def least_window_ns(self) -> int:
        """The shortest window that can hold enough for a fit; 0 where nobody says."""
        return 0

    def _remedy(self, memory: FitMemory, what: str) -> str:
        """What makes a fit possible; empty where why it failed says that itself.

        Args: memory: after a fit that failed; what: it is fed, in words.
        """
        spanned, least = memory.known_ns[-1] - memory.known_ns[0], self.least_window_ns()
        if self.window_ns < least and self.WINDOW_IS_KEY:
            return f"it takes a window of {duration(least)} or more"
        if spanned >= self.window_ns:
            whole = len(memory.known_ns) > self.window_ns // self.every_ns
            return "" if whole else f"import what is missing of {what}"
        more = f"import {what} from before {iso_day(memory.known_ns[0])}"
        if not self.WINDOW_IS_KEY:
            return more
        if spanned < least:
            return f"{more}: the shortest window that can be fitted is {duration(least)}"
        shortest = f", {duration(least)} at least" if least else ""
        return f"{more}, or fit a window of {duration(spanned)} or less{shortest}"

    def in_force(self, memory: FitMemory | None, now_ns: int) -> Numbers | None:
        """The numbers of the last fit; None before one, and when it is too old."""
        if memory is None or memory.fit is None or self._is_behind(memory, now_ns):
            return None
        is_old = is_too_old(memory.fitted_ns, self.refit_ns, self.keep_ns, now_ns)
        return None if is_old else memory.fit

    def _is_behind(self, memory: FitMemory, now_ns: int) -> bool:
        """Whether the newest observation is too old for a figure that moves with each."""
        return self.IS_FOLLOWED and now_ns - memory.known_ns[-1] > self.gap_ns

    def value(self, memory: FitMemory, now_ns: int) -> float | None:
        """The first number of the fit in force."""
        fit = self.in_force(memory, now_ns)
        return None if fit is None else fit[0]

    def kept_words(self, memory: FitMemory, now_ns: int) -> str:
        """Why a fit still holds though another is due; empty where it is not due."""
        if now_ns - memory.fitted_ns <= self.refit_ns and not memory.failed:
            return ""
        age = duration(now_ns - memory.fitted_ns)
        if memory.failed:
            return f"the last fit, {age} old, holds: {memory.failed}"
        return f"the last fit, {age} old, holds: nothing was known since with which to make another"

    def lacking(self, coin: str, memory: FitMemory | None, now_ns: int) -> str:
        """Why there is no fit in force, in words, with the fix."""
        what = self.stream(coin).words
        if memory is None:
            return fed_words(what, None, 0, 0, 0)
        if self._is_behind(memory, now_ns):
            return fed_words(what, now_ns - memory.known_ns[-1], self.gap_ns, 0, 0)
        if memory.fit is not None:
            age, most = now_ns - memory.fitted_ns, self.refit_ns + self.keep_ns
            old = f"the last fit is {duration(age)} old, more than {duration(most)}"
            if not memory.failed:
                return f"{old}; import newer {what}"
            fix = self._remedy(memory, what)
            return "; ".join(part for part in (f"{old} ({memory.failed})", fix) if part)
        if memory.failed:
            return "; ".join(part for part in (memory.failed, self._remedy(memory, what)) if part)
        every = duration(self.refit_ns)
        return f"no fit was due since {what} are known; one is every {every} since 1970"

    def fit_words(self) -> str:
        """What is fitted, and when. Worked: "365 days, fitted every 30 days"."""
        return f"{duration(self.window_ns)}, fitted every {duration(self.refit_ns)}"

    def plain(self, memory: FitMemory) -> dict[str, Any]:
        """By name; observations and numbers in lists."""
        return {
            **memory._asdict(),
            "known_ns": list(memory.known_ns),
            "figures": [list(one) if isinstance(one, tuple) else one for one in memory.figures],
            "fit": None if memory.fit is None else list(memory.fit),
        }

    def memory_of(self, stored: Mapping[str, Any]) -> FitMemory:
        """A memory again."""
        figures = tuple(self.figure_of(one) for one in stored["figures"])
        fit = None if stored["fit"] is None else tuple(stored["fit"])
        rest = stored["fitted_ns"], stored["failed"]
        return FitMemory(tuple(stored["known_ns"]), figures, fit, *rest)

    def figure_of(self, stored: Any) -> Any:  # noqa: ANN401
        """An observation out of its plain value."""
        return stored
