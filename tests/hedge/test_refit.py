"""Features that are fitted on a schedule: the same fit in every mode, and honest without one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import EstimateError
from volsculpt.hedge.feature import EVER_NS
from volsculpt.hedge.market_features import Features, features_at
from volsculpt.hedge.refit import FitMemory, Numbers, Refitted
from volsculpt.hedge.window import WindowMemory
from volsculpt.market.streams import Stream
from volsculpt.units import DAY_NS, iso_day

INDEX = Stream("index", "BTC", DAY_NS)
Rows = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Mean(Refitted):
    """The mean of the window; refuses one whose figures are all the same."""

    NAME: ClassVar[str] = "mean"
    MEANING: ClassVar[str] = "mean of the window"

    window_ns: int = 20 * DAY_NS
    every_ns: int = DAY_NS
    refit_ns: int = 7 * DAY_NS
    keep_ns: int = 10 * DAY_NS

    def stream(self, coin: str) -> Stream:
        """Days of the index."""
        return Stream("index", coin, self.every_ns)

    def fitted(self, window: WindowMemory) -> Numbers:
        """The mean, and how many."""
        figures: tuple[float, ...] = window.figures
        if len(set(figures)) == 1:
            raise EstimateError("the price does not move")
        return sum(figures) / len(figures), float(len(figures))


@dataclass(frozen=True, slots=True)
class Counting(Mean):
    """Its second number counts the steps since the fit."""

    NAME: ClassVar[str] = "counting"

    def fitted(self, window: WindowMemory) -> Numbers:
        """The mean, and none yet."""
        return super(Counting, self).fitted(window)[0], 0.0

    def followed(self, fit: Numbers, before: Any, seen: Any, steps: int) -> Numbers:  # noqa: ANN401
        """As many more."""
        return fit[0], fit[1] + steps


@dataclass(frozen=True, slots=True)
class Following(Mean):
    """Its figure moves with each price."""

    NAME: ClassVar[str] = "following"
    IS_FOLLOWED: ClassVar[bool] = True


def days(figures: Sequence[float], first: int = 100) -> Rows:
    """A figure a day."""
    return [((first + day) * DAY_NS, figure) for day, figure in enumerate(figures)]


def at(rows: Rows, day: int, feature: Refitted | None = None, back: bool = False) -> Features:
    """What is known on a day. back: fed only as far back as the feature looks."""
    one = feature or Mean()
    start = day * DAY_NS - one.look_back_ns if back else 0
    fed = {INDEX: [row for row in rows if row[0] >= start]}
    return features_at(fed, {"BTC": (one,)}, [day * DAY_NS])[0]


def memory(rows: Rows, day: int) -> FitMemory:
    """What is remembered on a day."""
    found: FitMemory = at(rows, day).memory("BTC", Mean())
    return found


def test_it_is_fitted_on_multiples_since_1970() -> None:
    """Full on day 120, the next multiple of seven is 126: on the 21 figures of days 106 to 126."""
    rows = days(range(100, 200))
    for day in (119, 120, 125):
        assert at(rows, day).value("BTC", Mean()) is None
    for day in (126, 132):
        assert at(rows, day).value("BTC", Mean()) == sum(range(106, 127)) / 21
    assert at(rows, 133).value("BTC", Mean()) == sum(range(113, 134)) / 21


def test_between_fits_it_may_follow() -> None:
    """Numbers go on with every observation, over missing days by as many steps."""
    rows = [row for row in days(range(100, 200)) if row[0] // DAY_NS not in (128, 129)]
    counted = [at(rows, day, Counting()).memory("BTC", Counting()).fit for day in (126, 127, 130)]
    assert [one[1] for one in counted] == [0.0, 1.0, 4.0]


GAPS = st.lists(st.integers(1, 25), min_size=5, max_size=60)
FIGURES = st.lists(st.floats(1.0, 2.0), min_size=60, max_size=60)


@given(GAPS, FIGURES, st.sampled_from([Mean(), Counting()]))
def test_a_plan_finds_what_a_run_finds(
    gaps: list[int], figures: list[float], feature: Refitted
) -> None:
    """Fed as far back as it looks, or from the beginning: the same numbers to the bit, or none."""
    rows, day = [], 100
    for gap, figure in zip(gaps, figures, strict=False):
        day += gap if gap > 18 else 1 + gap // 12  # mostly days, now and then a hole
        rows.append((day * DAY_NS, figure))
    for now in range(day - 30, day + 40, 3):
        whole, short = at(rows, now, feature), at(rows, now, feature, back=True)
        found = [
            feature.in_force(one.memory("BTC", feature), now * DAY_NS) for one in (whole, short)
        ]
        assert found[0] == found[1]


@given(st.integers(121, 190), st.floats(0.1, 9.0))
def test_the_future_is_not_fitted(day: int, factor: float) -> None:
    """Figures of later days change nothing that is remembered."""
    rows = days([100.0 + (7 * one) % 13 for one in range(100)])
    other = [(when, figure * (factor if when > day * DAY_NS else 1.0)) for when, figure in rows]
    assert memory(rows, day) == memory(other, day)


def test_what_cannot_be_fitted_keeps_the_last_fit_and_says_so() -> None:
    """Prices that stop moving: the fit of day 140 holds for ten days beyond its turn, then none."""
    rows = days([*range(100, 127), *[50.0] * 70])
    day = next(one for one in range(127, 190) if memory(rows, one).failed)
    held = memory(rows, day)
    assert held.fit is not None
    assert held.failed == "on 1970-05-28 none could be made: the price does not move"
    last = held.fitted_ns // DAY_NS
    assert day == last + 7
    for age, there in ((7, True), (17, True), (18, False)):
        found = at(rows, last + age)
        assert (found.value("BTC", Mean()) is not None) is there
    assert "the last fit is 18 days old, more than 17" in found.lacking("BTC", Mean())
    assert "the price does not move" in found.lacking("BTC", Mean())
    said = Mean().kept_words(held, day * DAY_NS)
    assert said == f"the last fit, 7 days old, holds: {held.failed}"


def test_a_gap_in_the_window_is_no_fit() -> None:
    """Eleven days without a price: the window begins anew, and what is missing is told."""
    rows = [row for row in days(range(100, 200)) if not 128 <= row[0] // DAY_NS < 139]
    held = memory(rows, 140)
    assert held.fitted_ns == 126 * DAY_NS
    assert "1 day without a gap longer than 10 days are known, 20 days are needed" in held.failed
    assert at(rows, 150).value("BTC", Mean()) is None
    assert at(rows, 161).value("BTC", Mean()) is not None


def test_a_memory_that_begins_has_no_fit() -> None:
    """One observation: nothing fitted, at no time, and nothing failed."""
    assert memory(days([5.0]), 100) == FitMemory((100 * DAY_NS,), (5.0,), None, 0, "")
    assert Mean().look_back_ns == (20 + 7 + 10 + 2 * 10) * DAY_NS
    assert Mean().holds_ns == EVER_NS
    assert Mean().newest_ns(memory(days([5.0, 6.0]), 101)) == 101 * DAY_NS


def test_what_follows_each_price_is_not_known_without_new_ones() -> None:
    """A gap after the last the figure is none, though the fit would hold; at the gap it is one."""
    follows = Following()
    rows = days(range(100, 127))
    for age, there in ((10, True), (11, False)):
        found = at(rows, 126 + age, follows)
        assert (found.value("BTC", follows) is not None) is there
    assert "the newest of 1d prices of BTC is 11 days old, more than 10" in found.lacking(
        "BTC", follows
    )
    assert follows.holds_ns == 10 * DAY_NS


def test_silence_is_told_too() -> None:
    """No price since the fit: it holds as long as any other, and it is said why."""
    rows = days(range(100, 127))
    found = at(rows, 140)
    held = found.memory("BTC", Mean())
    assert found.value("BTC", Mean()) is not None
    assert "nothing was known since" in Mean().kept_words(held, 140 * DAY_NS)
    assert Mean().kept_words(held, 130 * DAY_NS) == ""


@dataclass(frozen=True, slots=True)
class Owned(Mean):
    """An owner gives its window."""

    NAME: ClassVar[str] = "owned"
    WINDOW_IS_KEY: ClassVar[bool] = True

    least: int = 0

    def least_window_ns(self) -> int:
        """As it is told."""
        return self.least * DAY_NS


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        (Owned(), "from before 1970-04-11, or fit a window of 7 days or less"),
        (Owned(least=5), "or fit a window of 7 days or less, 5 days at least"),
        (Owned(least=9), "before 1970-04-11: the shortest window that can be fitted is 9 days"),
        (Owned(window_ns=5 * DAY_NS, least=9), "it takes a window of 9 days or more"),
        (Mean(), "import 1d prices of BTC from before 1970-04-11"),
    ],
)
def test_advice_is_what_helps(feature: Refitted, said: str) -> None:
    """A shorter window where one can be fitted and is the owner's to give; else more prices."""
    moving = range(8) if feature.window_ns > 7 * DAY_NS else [5.0] * 8
    told = at(days(moving), 110, feature).lacking("BTC", feature)
    assert told.endswith(said), told


def test_a_hole_is_what_lacks_when_the_last_fit_is_too_old() -> None:
    """Not newer prices, which are there: those from before the first after the hole."""
    rows = [row for row in days(range(100, 200)) if not 128 <= row[0] // DAY_NS < 139]
    said = at(rows, 150).lacking("BTC", Mean())
    assert said.startswith("the last fit is 24 days old, more than 17 days (on ")
    assert said.endswith(f"; import 1d prices of BTC from before {iso_day(139 * DAY_NS)}")
    assert "newer" not in said


def test_what_is_missing_inside_a_window_is_asked_for() -> None:
    """Where the window is full, and prices in it are not; of a whole one the reason is enough."""
    still = days([5.0] * 40)
    whole = at(still, 140).lacking("BTC", Mean())
    assert whole.endswith("the price does not move")
    holes = at([row for at_, row in enumerate(still) if at_ % 4 != 1], 140)
    assert holes.lacking("BTC", Mean()).endswith("; import what is missing of 1d prices of BTC")


@pytest.mark.parametrize(
    ("figures", "day", "said"),
    [
        ([], 110, "nothing of 1d prices of BTC is known"),
        ([1.0], 110, "no fit was due since 1d prices of BTC are known"),
        (
            range(8),
            110,
            "without a gap longer than 10 days are known, 20 days are needed; import",
        ),
    ],
)
def test_too_little_is_told(figures: Sequence[float], day: int, said: str) -> None:
    """No point, one, and a few."""
    assert said in at(days(figures), day).lacking("BTC", Mean())
