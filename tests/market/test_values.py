"""Values: what passes the gate, and what was known of them at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.market.made import BTC, START_NS, at, floats, prices
from volsculpt.errors import HistoryError
from volsculpt.market.history import common_span, history_of
from volsculpt.market.observed import observed_values
from volsculpt.market.series import Label, Values
from volsculpt.units import DAY_NS, HOUR_NS

YIELD = Label("fred", "yield_10y", "value", "percent", "made by hand")


def values(hours: list[float], known: list[float], figures: list[float]) -> Values:
    """A series, its times in hours after the start."""
    return Values(YIELD, at(hours), at(known), floats(figures))


def test_a_value_says_what_it_is_of() -> None:
    """Its key is its name; messages tell the publisher and the unit."""
    series = values([0, 24], [48, 72], [4.2, -0.1])
    assert (series.label.key, series.name) == ("yield_10y", "yield_10y of fred, percent")
    assert (series.kind, series.end_ns) == ("values", START_NS + DAY_NS)
    assert list(series.between(START_NS + 1, START_NS + 2 * DAY_NS).value) == [-0.1]
    with pytest.raises(HistoryError, match="nothing from"):
        series.between(START_NS + 2 * DAY_NS, START_NS + 3 * DAY_NS)


@pytest.mark.parametrize(
    ("hours", "known", "figures", "message"),
    [
        ([0, 24], [0, 23], [1, 2], r"row 2 .*known at 2024-01-01T23:00:00Z, before the time"),
        ([0, 24], [50, 49], [1, 2], r"row 2 .*before the value ahead of it"),
        ([0, 24], [0], [1, 2], r"must be 2 int64 nanoseconds"),
        ([0, 24], [0, 24], [1, float("nan")], r"row 2 .*not finite"),
        ([0, 24], [0, 24], [1, float("inf")], r"row 2 .*not finite"),
        ([24, 0], [24, 24], [1, 2], r"the time goes back"),
        ([0, 0], [0, 0], [1, 2], r"there twice"),
        ([], [], [], r"holds no rows"),
    ],
)
def test_what_the_gate_refuses(
    hours: list[float], known: list[float], figures: list[float], message: str
) -> None:
    """Times and figures that cannot be read later, each with its row."""
    with pytest.raises(HistoryError, match=message):
        values(hours, known, figures)
    with pytest.raises(HistoryError, match=r"int64 nanoseconds.*not float64"):
        Values(YIELD, at([0]), floats([0.0]), floats([1.0]))  # type: ignore[arg-type]


def test_a_history_holds_values_by_name() -> None:
    """Beside prices, kept with fewer contracts, once each, and no step or span of a run."""
    series, index = values([0], [48], [4.0]), prices(BTC, [1.0, 2.0], [0, 24])
    history = history_of([index, series])
    assert history.values == {"yield_10y": series} == history.only(()).values
    assert series in history.series
    assert common_span(history) == (START_NS, START_NS + DAY_NS)
    with pytest.raises(HistoryError, match="two series for one thing: yield_10y of fred"):
        history_of([series, series])


@given(
    st.lists(st.tuples(st.integers(1, 99), st.integers(0, 400)), min_size=1, max_size=20),
    st.integers(-10, 600),
    st.integers(0, 600),
)
def test_nothing_is_known_before_it_is_published(
    steps: list[tuple[int, int]], start: int, length: int
) -> None:
    """A window of knowing holds the values known in it and no other; windows add up."""
    stamps = np.cumsum([step for step, _ in steps])
    known = np.maximum.accumulate(stamps + [lag for _, lag in steps])
    history = history_of(
        [values([float(h) for h in stamps], [float(h) for h in known], [float(h) for h in stamps])]
    )
    from_ns = START_NS + start * HOUR_NS
    to_ns = from_ns + length * HOUR_NS
    seen = observed_values(history, "yield_10y", from_ns, to_ns)
    wanted = [
        (START_NS + int(late) * HOUR_NS, float(of))
        for of, late in zip(stamps, known, strict=True)
        if start <= late <= start + length
    ]
    assert seen == wanted
    middle = (from_ns + to_ns) // 2
    first = observed_values(history, "yield_10y", from_ns, middle)
    assert first + observed_values(history, "yield_10y", middle + 1, to_ns) == seen
    assert observed_values(history, "another", from_ns, to_ns) == []
