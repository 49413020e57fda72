"""Growth without flows, by step and by day."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import ReportError
from volsculpt.report.stats.returns import Floats, Ints, daily, deepest_falls, falls, floats, growth
from volsculpt.units import DAY_NS, HOUR_NS

factors = st.lists(st.floats(0.5, 2.0), min_size=2, max_size=200)


def path(steps: list[float], flows: list[float] | None = None) -> tuple[Ints, Floats, Floats]:
    """Stamps every 7 hours, wealth from 100 that grows by the steps, and the flows in it."""
    came = flows or [0.0] * len(steps)
    wealth = [100.0]
    for step, flow in zip(steps, came, strict=True):
        wealth.append((wealth[-1] + flow) * step)
    stamps = np.arange(len(wealth), dtype=np.int64) * 7 * HOUR_NS
    return stamps, floats(wealth), floats([0.0, *came])


def test_worked() -> None:
    """To 100 come 50, which grow to 165 together and shrink to 148.5."""
    found = growth(np.arange(3) * DAY_NS, floats([100, 165, 148.5]), floats([0, 50, 0]))
    assert found.factors == pytest.approx([1.1, 0.9])
    assert found.total == pytest.approx(-0.01)
    assert found.index == pytest.approx([1.0, 1.1, 0.99])
    assert found.years == pytest.approx(2 / 365)


@given(steps=factors, data=st.data())
def test_flows_change_nothing(steps: list[float], data: st.DataObject) -> None:
    """Whatever is paid in and when, growth is that of the steps."""
    flows = data.draw(st.lists(st.floats(0, 500), min_size=len(steps), max_size=len(steps)))
    found = growth(*path(steps, flows))
    assert found.factors == pytest.approx(steps, rel=1e-9)


@given(steps=factors)
def test_days_multiply_to_the_whole(steps: list[float]) -> None:
    """Daily returns, part days included, link to the growth of the path."""
    found = growth(*path(steps))
    assert np.prod(1.0 + daily(found).returns) == pytest.approx(1.0 + found.total, rel=1e-9)


@given(steps=factors, unit=st.floats(1e-6, 1e6))
def test_the_unit_does_not_matter(steps: list[float], unit: float) -> None:
    """Cents or dollars give the same growth."""
    stamps, wealth, flows = path(steps)
    there = growth(stamps, wealth * unit, flows * unit).factors
    assert there == pytest.approx(growth(stamps, wealth, flows).factors, rel=1e-9)


def test_midnight_ends_the_day_before() -> None:
    """Eight-hourly stamps: three steps a day, the third at midnight."""
    stamps = np.arange(7, dtype=np.int64) * 8 * HOUR_NS
    found = daily(growth(stamps, 100.0 * 1.01 ** np.arange(7.0), np.zeros(7)))
    assert found.returns == pytest.approx([1.01**3 - 1, 1.01**3 - 1])
    assert found.end_ns.tolist() == [DAY_NS, 2 * DAY_NS]


def test_a_day_without_a_stamp_is_counted() -> None:
    """Its return is in the next day, and the report says so."""
    stamps = np.delete(np.arange(40, dtype=np.int64), [20]) * DAY_NS
    found = daily(growth(stamps, 100.0 * 1.01 ** np.arange(39.0), np.zeros(39)))
    assert (found.missing, found.returns.size) == (1, 38)


def test_weekly_steps_are_refused() -> None:
    """A year would not have 365 returns."""
    stamps = np.arange(10, dtype=np.int64) * 7 * DAY_NS
    with pytest.raises(ReportError, match="a step of a day or less"):
        daily(growth(stamps, np.full(10, 100.0), np.zeros(10)))


@pytest.mark.parametrize(
    ("wealth", "flows", "said"),
    [
        ([100, np.nan, 90], [0, 0, 0], "wealth is not a number at 1970-01-02"),
        ([100, np.inf, 90], [0, 0, 0], "wealth is not a number"),
        ([100, 90, 90], [0, np.nan, 0], "flows is not a number"),
        ([0, 90, 90], [0, 0, 0], "wealth at the start is 0"),
        ([-5, 90, 90], [0, 0, 0], "wealth at the start is -5"),
        ([100, 90], [0, 0], "as many figures as stamps"),
    ],
)
def test_what_has_no_returns_is_refused(wealth: list[float], flows: list[float], said: str) -> None:
    """The message says what is wrong and where."""
    with pytest.raises(ReportError, match=said):
        growth(np.arange(3) * DAY_NS, floats(wealth), floats(flows))


def test_unordered_stamps_are_refused() -> None:
    """A stamp twice is no step."""
    with pytest.raises(ReportError, match="must increase"):
        growth(np.array([0, 0, DAY_NS]), np.ones(3), np.zeros(3))


@pytest.mark.parametrize(
    ("wealth", "flows", "end", "expected"),
    [
        ([100, 50, 0, 0], [0, 0, 0, 0], "ruined", [0.5, 0.0]),
        ([100, 50, -3, 80], [0, 0, 0, 0], "ruined", [0.5, 0.0]),
        ([100, 50, 0, 0], [0, 0, 60, 0], "ruined", [0.5, 0.0]),
        ([100, 50, 40, 40], [0, 0, 30, 0], "complete", [0.5, 0.5, 1.0]),
        ([100, 50, 0, 0], [0, 0, -50, 0], "emptied", [0.5, 1.0]),
        ([100, 50, -12, 0], [0, 0, -60, 0], "emptied", [0.5, 1.0]),
    ],
)
def test_a_path_ends_where_nothing_is_left(
    wealth: list[float], flows: list[float], end: str, expected: list[float]
) -> None:
    """Lost, or taken out: two different ends, and never NaN."""
    found = growth(np.arange(4) * DAY_NS, floats(wealth), floats(flows))
    assert (found.end, found.factors.tolist()) == (end, expected)


@given(steps=factors)
def test_the_deepest_fall_is_the_deepest(steps: list[float]) -> None:
    """It is the smallest of all falls, and lies between its high and its recovery."""
    found = growth(*path(steps))
    fallen = deepest_falls(found, 1)
    if not fallen:
        assert falls(found.index).min() == 0.0
    for fall in fallen:
        assert fall.depth == falls(found.index).min()
        assert fall.high_ns < fall.low_ns <= (fall.recovered_ns or found.stamps_ns[-1])


@given(steps=st.lists(st.sampled_from([0.5, 1.0, 2.0]), min_size=2, max_size=30))
def test_a_fall_begins_at_the_last_time_at_the_top(steps: list[float]) -> None:
    """However often the level stood there before, and made good at the first time after."""
    found = growth(*path(steps))
    fallen = deepest_falls(found, 1)
    if not fallen:
        return
    fall = fallen[0]
    index, stamps = found.index.tolist(), found.stamps_ns.tolist()
    low = min(row for row, one in enumerate(falls(found.index)) if one == fall.depth)
    top = max(index[: low + 1])
    high = max(row for row in range(low) if index[row] == top)
    back = [row for row in range(low, len(index)) if index[row] >= top]
    assert (fall.high_ns, fall.low_ns) == (stamps[high], stamps[low])
    assert fall.recovered_ns == (stamps[back[0]] if back else None)
    end = stamps[back[0]] if back else stamps[-1]
    assert fall.days == (end - stamps[high]) / DAY_NS


def test_a_fall_has_dates() -> None:
    """High on day 1, low on day 2, made good on day 4: three days."""
    found = growth(np.arange(6) * DAY_NS, floats([100, 120, 60, 90, 130, 125]), np.zeros(6))
    (fall,) = deepest_falls(found, 1)
    assert (fall.depth, fall.days) == (pytest.approx(-0.5), 3.0)
    assert (fall.high_ns, fall.low_ns, fall.recovered_ns) == (DAY_NS, 2 * DAY_NS, 4 * DAY_NS)


def test_a_fall_not_made_good() -> None:
    """It lasts to the end of the path."""
    found = growth(np.arange(3) * DAY_NS, floats([100, 120, 60]), np.zeros(3))
    (fall,) = deepest_falls(found, 5)
    assert (fall.recovered_ns, fall.days) == (None, 1.0)
