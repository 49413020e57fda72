"""Values on disk: what goes in comes out, and the past keeps what it knew."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.market.made import BTC, START_NS, at, floats, prices, same
from volsculpt.errors import HistoryError
from volsculpt.market.data import checked_series
from volsculpt.market.history import history_of
from volsculpt.market.merging import merged_with
from volsculpt.market.observed import observed_values
from volsculpt.market.opening import open_history, with_values
from volsculpt.market.quality import check_series
from volsculpt.market.series import Label, Values
from volsculpt.market.store import load, save, stored
from volsculpt.units import DAY_NS, HOUR_NS

NOW_NS = START_NS + 1000 * DAY_NS
Row = tuple[int, int, float]  # (hours of the stamp, hours of knowing, value)


def named(name: str, venue: str = "fred", unit: str = "percent") -> Label:
    """A label of values."""
    return Label(venue, name, "value", unit, f"{venue}.csv")


YIELD = named("yield_10y")


def made(rows: list[Row], label: Label = YIELD) -> Values:
    """A series of rows."""
    stamps, known, figures = zip(*rows, strict=True)
    return Values(label, at(list(stamps)), at(list(known)), floats(list(figures)))


def rows_of(series: object) -> list[Row]:
    """The rows of a series."""
    assert isinstance(series, Values)
    hours = [
        ((one - START_NS) // HOUR_NS).tolist() for one in (series.stamp_ns, series.available_ns)
    ]
    return list(zip(*hours, series.value.tolist(), strict=True))


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("yield_10y", "values/yield_10y/fred.parquet"),
        ("BTC:dvol", "values/BTC.dvol/fred.parquet"),
        (
            "bybit:BTC/USDT:USDT:open_interest",
            "values/bybit.BTC-USDT_USDT.open_interest/fred.parquet",
        ),
    ],
)
def test_what_goes_in_comes_out(tmp_path: Path, name: str, place: str) -> None:
    """At its place, with both times, read-only; `data check` reads it too."""
    series = made([(0, 48, 4.2), (24, 72, -4.3)], named(name))
    saved = save(tmp_path, series, NOW_NS)
    (manifest,) = stored(tmp_path)
    assert manifest == saved.manifest
    assert manifest.path == tmp_path / place
    assert (manifest.kind, manifest.label.key) == ("values", name)
    read = load(manifest)
    assert rows_of(read) == rows_of(series)
    assert isinstance(read, Values)
    assert not read.available_ns.flags.writeable
    assert [one.rows for one, _ in checked_series(tmp_path, name)] == [2]


@pytest.mark.parametrize("name", ["Yield", "BTC:", "a b", "../a", "btc:dvol", "BTC/USDT:dvol", ""])
def test_a_name_is_a_name(tmp_path: Path, name: str) -> None:
    """Others are refused with the form."""
    with pytest.raises(HistoryError, match="cannot name values; write small letters"):
        save(tmp_path, made([(0, 0, 1.0)], named(name)), NOW_NS)
    with pytest.raises(HistoryError, match="cannot name a file"):
        save(tmp_path, made([(0, 0, 1.0)], named("a", "x/y")), NOW_NS)


def test_the_first_one_known_is_kept() -> None:
    """A revision is told; one known earlier takes the place; one of the same time does not."""
    old = made([(0, 48, 4.0), (24, 72, 5.0), (48, 96, 6.0), (72, 120, 7.0)])
    new = made([(0, 60, 4.1), (24, 70, 5.1), (48, 96, 6.1), (96, 144, 8.0)])
    both, added, replaced, notes = merged_with(old, new, overwrite=False)
    kept = [(0, 48, 4.0), (24, 70, 5.1), (48, 96, 6.0), (72, 120, 7.0), (96, 144, 8.0)]
    assert rows_of(both) == kept
    assert (added, replaced) == (1, 1)
    assert notes[0].startswith(
        "2 of 3 values are others than stored, the first at 2024-01-01T00:00:00Z: 4 stored, 4.1"
    )
    assert notes[1] == "1 were known earlier than stored: known from then on"
    both, added, replaced, notes = merged_with(old, new, overwrite=True)
    assert rows_of(both) == [*rows_of(new)[:3], (72, 120, 7.0), (96, 144, 8.0)]
    assert (added, replaced, notes) == (1, 3, ())


def test_another_lag_is_told() -> None:
    """A longer one changes nothing; a shorter one never makes a later value known too early."""
    old = made([(0, 240, 4.0), (24, 264, 5.0)])
    assert merged_with(old, old, overwrite=False)[1:] == (0, 0, ())
    longer = made([(0, 480, 4.0), (24, 504, 5.0)])
    both, _, _, notes = merged_with(old, longer, overwrite=False)
    assert rows_of(both) == rows_of(old)
    assert notes == ("2 are stored as known earlier than given, and stay (--overwrite)",)
    for overwrite in (False, True):
        with pytest.raises(HistoryError, match=r"imported with different lags; give the one"):
            merged_with(old, made([(24, 48, 5.0), (48, 72, 6.0)]), overwrite)
    whole = made([(0, 24, 4.0), (24, 48, 5.0)])
    assert rows_of(merged_with(old, whole, overwrite=False)[0]) == rows_of(whole)


def test_a_unit_and_made_up_values_are_not_mixed() -> None:
    """Each is refused, naming the series."""
    old = made([(0, 0, 1.0)])
    with pytest.raises(HistoryError, match="stored in percent, given in USD"):
        merged_with(old, made([(1, 1, 1.0)], named("yield_10y", unit="USD")), overwrite=True)
    invented = Label("fred", "yield_10y", "value", "percent", "synthetic, seed 1")
    with pytest.raises(HistoryError, match="synthetic and real"):
        merged_with(old, made([(1, 1, 1.0)], invented), overwrite=True)


VINTAGE = st.tuples(st.integers(1, 20), st.integers(0, 30))  # days it holds, hours after the last
FILES = st.lists(VINTAGE, min_size=1, max_size=4, unique=True)


@given(FILES, st.permutations(range(4)))
def test_the_order_of_imports_does_not_matter(
    files: list[tuple[int, int]], order: list[int]
) -> None:
    """Vintages of one publisher, each with all days so far and all revised, in any order.

    Of each day the value of its first vintage is kept, known when that was.
    """
    vintages = [
        made([(24 * day, 24 * days + late, float(100 * k + day)) for day in range(days)])
        for k, (days, late) in enumerate(sorted(files, key=lambda one: (24 * one[0] + one[1], one)))
    ]
    known = [int(one.available_ns[0]) for one in vintages]
    vintages = [one for k, one in enumerate(vintages) if known[k] not in known[:k]]
    firsts: dict[int, Row] = {}
    for row in (row for one in vintages for row in rows_of(one)):
        firsts[row[0]] = min(firsts.get(row[0], row), row, key=lambda one: one[1])
    with TemporaryDirectory() as folder:
        for place in order:
            for one in vintages[place : place + 1]:
                save(Path(folder), one, NOW_NS)
        assert rows_of(load(stored(Path(folder))[0])) == [firsts[day] for day in sorted(firsts)]


def test_a_history_opens_values_beside_prices(tmp_path: Path) -> None:
    """By name, whole, of several publishers one that is told; what is not stored is named."""
    index = prices(BTC, [1.0, 2.0, 3.0], [0, 24, 48])
    save(tmp_path, index, NOW_NS)
    save(tmp_path, made([(0, 48, 4.0), (24, 72, 5.0)]), NOW_NS)
    save(tmp_path, made([(0, 48, 4.5)], named("yield_10y", "other")), NOW_NS)
    history = open_history(tmp_path, (), ("BTC",), START_NS + DAY_NS)
    more = with_values(history, tmp_path, ("yield_10y",), START_NS + 3 * DAY_NS)
    assert more.index == history.index
    assert rows_of(more.values["yield_10y"]) == [(0, 48, 4.0), (24, 72, 5.0)]
    assert any("fred.parquet was taken, not other.parquet" in note for note in more.notes)
    assert observed_values(more, "yield_10y", START_NS, START_NS + 2 * DAY_NS) == [
        (START_NS + 2 * DAY_NS, 4.0)
    ]
    with pytest.raises(HistoryError, match=r"no values stored of yield_2y; nearest.*yield_10y"):
        with_values(history, tmp_path, ("yield_2y",))
    assert same(np.array(history_of([index]).index["BTC"].stamps), index.stamps)


@given(st.sets(st.integers(1, 98), max_size=30))
def test_every_missing_value_is_counted(missing: set[int]) -> None:
    """Of a series of all days, as of bars."""
    rows = [(24 * k, 24 * k, 1.0) for k in range(100) if k not in missing]
    assert check_series(made(rows)).count("gap") == len(missing)


def test_weekends_and_holidays_are_no_gaps() -> None:
    """Of a series of weekdays three in a row are; with values of a weekend each day counts."""
    days = [k for k in range(60) if k % 7 < 5]  # 2024-01-01 is a Monday
    for left_out, wanted in (((), 0), ((14, 21, 22), 0), ((15, 16, 17), 3), ((18, 21, 22), 3)):
        rows = [(24 * k, 24 * k, float(k)) for k in days if k not in left_out]
        checked = check_series(made(rows))
        assert checked.count("gap") == wanted, left_out
    (found,) = checked.findings
    assert (found.from_ns, found.to_ns) == (START_NS + 18 * DAY_NS, START_NS + 23 * DAY_NS)
    assert found.text == "3 weekday(s) missing"
    rows = [(24 * k, 24 * k, float(k)) for k in [*days[:5], 5, 6, *days[5:]]]
    assert check_series(made(rows)).count("gap") == 2 * 7
