"""The data check finds what was planted, and nothing in clean data."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.market.made import BTC, LAST, START_NS, at, bars, floats, funding
from volsculpt.market.quality import check_series, divergence, local_sigma, runs
from volsculpt.market.series import Bars
from volsculpt.units import HOUR_NS

CALM = 100.0 * np.exp(np.cumsum(0.001 * np.random.default_rng(1).standard_normal(1000)))


def with_volume(series: Bars, volume: list[float]) -> Bars:
    """The bars with a volume."""
    return replace(series, volume=floats(volume))


def test_clean_bars_have_no_findings() -> None:
    """A random walk is no finding."""
    assert check_series(bars(BTC, list(CALM))).findings == ()


@given(st.sets(st.integers(1, 98), max_size=30))
def test_every_missing_bar_is_counted(missing: set[int]) -> None:
    """Gaps together hold exactly the bars that were taken out."""
    hours = [float(k) for k in range(100) if k not in missing]
    checked = check_series(bars(BTC, list(CALM[: len(hours)]), hours))
    assert checked.count("gap") == len(missing)


def test_a_gap_has_its_ends() -> None:
    """From the end of the bar before to the open of the bar after."""
    (found,) = check_series(bars(BTC, [1.0, 1.1, 1.2], [0, 1, 5])).findings
    assert (found.from_ns, found.to_ns) == (START_NS + 2 * HOUR_NS, START_NS + 5 * HOUR_NS)
    assert (found.check, found.count, found.text) == ("gap", 3, "3 bar(s) of 1h missing")


def test_a_spike_and_a_jump_are_told_apart() -> None:
    """One comes back at once, one stays."""
    values = CALM.copy()
    values[300] *= 1.5
    values[600:] *= 0.6
    found = {one.check: one for one in check_series(bars(BTC, list(values))).findings}
    assert set(found) == {"spike", "jump"}
    assert found["spike"].from_ns == START_NS + 300 * HOUR_NS
    assert found["jump"].from_ns == START_NS + 600 * HOUR_NS
    assert "moved -40" in found["jump"].text


def test_what_is_wild_depends_on_the_neighbourhood() -> None:
    """The same move is a finding in a calm month and none in a wild one."""
    wild = 100.0 * np.exp(np.cumsum(0.02 * np.random.default_rng(2).standard_normal(1000)))
    both = np.concatenate([CALM, CALM[-1] * wild / wild[0]])
    both[500:] *= 1.05
    both[1500:] *= 1.05
    found = check_series(bars(BTC, list(both))).findings
    assert [one.from_ns for one in found] == [START_NS + 500 * HOUR_NS]


def test_a_price_that_never_moves_has_no_outliers() -> None:
    """No division by zero, no finding but that it is stale."""
    checked = check_series(bars(BTC, [5.0] * 50))
    assert [one.check for one in checked.findings] == ["stale"]
    assert checked.count("stale") == 50
    assert np.isinf(local_sigma(np.zeros(10))).all()


def test_bars_without_volume_are_told() -> None:
    """Runs of them, as one finding each."""
    series = with_volume(bars(LAST, list(CALM[:6])), [1.0, 0.0, 0.0, 2.0, 0.0, 1.0])
    found = [one for one in check_series(series).findings if one.check == "no_volume"]
    assert [one.count for one in found] == [2, 1]


def test_funding_that_changes_its_rhythm() -> None:
    """A change is told once; a missing stamp is counted; percent are suspected."""
    rates = funding([0.01] * 6, [0, 8, 24, 26, 28, 36], [8.0, 8.0, 8.0, 2.0, 2.0, 8.0])
    checked = check_series(rates)
    assert [one.check for one in checked.findings] == ["percent", "missing", "interval", "interval"]
    assert checked.findings[1].from_ns == at([16])[0]
    assert checked.findings[1].count == 1


def test_a_mark_far_from_its_index_is_told() -> None:
    """Where both were seen at the same instant, with the worst of the run."""
    mark = CALM[:50].copy()
    mark[20:23] *= [1.03, 1.05, 1.03]
    (found,) = divergence(bars(LAST, list(mark)), bars(BTC, list(CALM[:50])))
    assert (found.count, found.check) == (3, "divergence")
    assert abs(found.worst - 0.05) < 1e-12


@given(st.lists(st.booleans(), max_size=40))
def test_runs_cover_what_is_true(flags: list[bool]) -> None:
    """Every true row in exactly one run, runs apart by at least one false row."""
    found = runs(np.array(flags, dtype=np.bool_))
    rows = [row for first, last in found for row in range(first, last + 1)]
    assert rows == [row for row, flag in enumerate(flags) if flag]
    assert all(one[1] + 1 < two[0] for one, two in pairwise(found))
