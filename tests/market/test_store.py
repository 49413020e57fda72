"""The store: what goes in comes out, merges honestly, and is never half written."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.market.made import (
    BTC,
    FUNDING,
    LAST,
    MARK,
    START_NS,
    USDT,
    bars,
    floats,
    funding,
    prices,
    same,
)
from volsculpt.errors import HistoryError
from volsculpt.market.data import checked_series, data_import, data_list
from volsculpt.market.frames import columns_of, frame_of, series_from
from volsculpt.market.importer import ImportOptions
from volsculpt.market.opening import open_history, quotes_at
from volsculpt.market.series import Bars, Label, Series
from volsculpt.market.store import load, load_all, save, series_path, stored
from volsculpt.units import HOUR_NS

NOW_NS = START_NS + 10**15
USDT_SPOT = Label("binance", "BTC", "index", "USDT", "b.csv")


def check_same(one: Series, other: Series) -> None:
    """Two series hold the same."""
    assert one.name == other.name
    assert same(one.stamps, other.stamps)
    theirs = columns_of(other)
    assert columns_of(one).keys() == theirs.keys()
    assert all(same(values, theirs[name]) for name, values in columns_of(one).items())


@pytest.mark.parametrize(
    "series",
    [bars(MARK, [1.0, 2.0]), prices(BTC, [1.0], [0]), funding([1e-4, 2e-4], [0, 8])],
    ids=lambda one: one.kind,
)
def test_what_goes_in_comes_out(tmp_path: Path, series: Series) -> None:
    """Bit for bit, with the label, read-only."""
    saved = save(tmp_path, series, NOW_NS)
    (manifest,) = stored(tmp_path)
    assert manifest == saved.manifest
    check_same(load(manifest), series)
    assert not load(manifest).stamps.flags.writeable


@given(
    st.lists(st.floats(1e-8, 1e9), min_size=1, max_size=50),
    st.lists(st.integers(1, 10**6), min_size=50, max_size=50),
)
def test_a_table_is_a_series_is_a_table(values: list[float], steps: list[int]) -> None:
    """For every series."""
    hours = np.cumsum(steps[: len(values)]) / 3600.0
    series = prices(BTC, values, list(hours))
    check_same(series_from(frame_of(series), "prices", BTC, None), series)


def test_each_series_has_its_place(tmp_path: Path) -> None:
    """A folder per venue and contract; spot by coin."""
    places = {
        "bybit/BTC-USD_BTC/mark_8h.parquet": (MARK, "bars", 8 * HOUR_NS),
        "bybit/BTC-USD_BTC/last_prices.parquet": (LAST, "prices", None),
        "bybit/BTC-USD_BTC/funding.parquet": (FUNDING, "funding", None),
        "index/BTC/binance-USDT_1h.parquet": (USDT_SPOT, "bars", HOUR_NS),
    }
    for place, (label, kind, interval_ns) in places.items():
        found = series_path(tmp_path, label, kind, interval_ns)  # type: ignore[arg-type]
        assert found == tmp_path / place
    dated = replace(MARK, symbol="BTC/USD:BTC-241227")
    assert "BTC-USD_BTC-241227" in str(series_path(tmp_path, dated, "bars", HOUR_NS))


@pytest.mark.parametrize("name", ["../up", "", "a/b", "index", ".hidden"])
def test_a_name_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    """Names from files become folders only when they are plain."""
    with pytest.raises(HistoryError, match="cannot name a folder"):
        series_path(tmp_path, replace(MARK, venue=name), "bars", HOUR_NS)
    with pytest.raises(HistoryError, match="not in unified notation"):
        series_path(tmp_path, replace(MARK, symbol="../../BTC"), "bars", HOUR_NS)


def test_the_manifest_tells_a_person(tmp_path: Path) -> None:
    """Source, times, rows, quote and checks, as JSON beside the table."""
    save(tmp_path, bars(MARK, [1.0, 2.0], hours=[0, 5]), NOW_NS)
    text = (tmp_path / "bybit" / "BTC-USD_BTC" / "mark_1h.json").read_text()
    content = json.loads(text)
    assert content["sources"] == ["made by hand"]
    assert (content["from"], content["to"]) == ("2024-01-01T00:00:00Z", "2024-01-01T06:00:00Z")
    assert content["checks"] == {"gate": "passed", "gaps": 1, "missing": 4}
    assert (content["rows"], content["quote"], content["interval"]) == (2, "USD", "1h")


def test_importing_again_merges(tmp_path: Path) -> None:
    """Overlaps that agree add nothing; new rows are added before and after; sources are kept."""
    whole = bars(MARK, [100.0, 110.0, 120.0, 130.0, 140.0])
    cut = START_NS + 2 * HOUR_NS
    later = whole.between(cut - HOUR_NS, START_NS + 9 * HOUR_NS)
    save(tmp_path, replace(later, label=replace(MARK, source="later")), NOW_NS)
    saved = save(tmp_path, whole.between(START_NS, cut), NOW_NS)
    assert (saved.added, saved.replaced) == (1, 0)
    merged = load(stored(tmp_path)[0])
    check_same(merged, whole)
    assert merged.label.source == "later; made by hand"


def test_contradictions_are_refused_unless_told(tmp_path: Path) -> None:
    """The first is shown with both figures; nothing is changed; replace replaces."""
    old, new = bars(MARK, [100.0, 110.0, 120.0]), bars(MARK, [100.0, 111.0, 120.0])
    save(tmp_path, old, NOW_NS)
    message = r"2 of 3 rows contradict .*01:00:00Z: high 111.1 stored, 112.11 given; .* overwrite"
    with pytest.raises(HistoryError, match=message):
        save(tmp_path, new, NOW_NS)
    check_same(load(stored(tmp_path)[0]), old)
    assert save(tmp_path, new, NOW_NS, overwrite=True).replaced == 2
    check_same(load(stored(tmp_path)[0]), new)


def test_the_made_up_does_not_mix_with_the_real(tmp_path: Path) -> None:
    """Nor one quote with another."""
    save(tmp_path, bars(MARK, [1.0]), NOW_NS)
    made_up = replace(MARK, source="synthetic, seed 1")
    with pytest.raises(HistoryError, match="synthetic and real prices do not go into one"):
        save(tmp_path, bars(made_up, [1.0]), NOW_NS)
    with pytest.raises(HistoryError, match="stored in USD, given in USDC"):
        save(tmp_path, bars(replace(MARK, quote="USDC"), [1.0]), NOW_NS)


def test_nothing_is_left_beside(tmp_path: Path) -> None:
    """Files are written beside their place and moved; no half file stays."""
    save(tmp_path, bars(MARK, [1.0]), NOW_NS)
    names = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert names == ["mark_1h.json", "mark_1h.parquet"]


def test_a_cut_short_import_is_noticed(tmp_path: Path) -> None:
    """Table and manifest disagree: said, and healed by importing again."""
    save(tmp_path, bars(MARK, [1.0]), NOW_NS)
    before = stored(tmp_path)[0]
    save(tmp_path, bars(MARK, [1.0, 2.0]), NOW_NS)
    before.json_path.write_text(before.to_json())
    with pytest.raises(
        HistoryError, match=r"2 rows, its manifest says 1; .* import the same files"
    ):
        load(stored(tmp_path)[0])
    save(tmp_path, bars(MARK, [1.0, 2.0]), NOW_NS)
    assert len(load(stored(tmp_path)[0]).stamps) == 2


def test_broken_files_are_named(tmp_path: Path) -> None:
    """A manifest or a table that is no such thing, or gone."""
    manifest = save(tmp_path, bars(MARK, [1.0]), NOW_NS).manifest
    manifest.path.write_bytes(b"no table")
    with pytest.raises(HistoryError, match=r"mark_1h\.parquet: not a readable Parquet file"):
        load(manifest)
    manifest.path.unlink()
    with pytest.raises(HistoryError, match="the table is gone"):
        load(manifest)
    manifest.json_path.write_text("{}")
    with pytest.raises(HistoryError, match=r"mark_1h\.json: not a readable manifest"):
        stored(tmp_path)


def test_a_part_is_read(tmp_path: Path) -> None:
    """[from, to) of the stamps."""
    manifest = save(tmp_path, bars(MARK, [1.0, 2.0, 3.0]), NOW_NS).manifest
    part = load(manifest, START_NS + HOUR_NS, START_NS + 2 * HOUR_NS)
    assert isinstance(part, Bars)
    assert list(part.close) == [2.0]
    with pytest.raises(HistoryError, match="nothing is stored from 2024-01-02"):
        load(manifest, START_NS + 24 * HOUR_NS)


def files(folder: Path) -> list[Path]:
    """Three small archives: spot, a mark, its funding."""
    rows = [f"{START_NS // 10**6 + k * 3_600_000},100,102,99,{100 + k}" for k in range(3)]
    table = "\n".join(["open_time,open,high,low,close", *rows]) + "\n"
    rates = f"time,rate\n{START_NS // 10**6},0.0001\n{START_NS // 10**6 + 28_800_000},0.0002\n"
    texts = {
        "binance_spot_BTCUSDT_1h.csv": table,
        "bybit_inverse_BTCUSD_mark_1h.csv": table,
        "bybit_inverse_BTCUSD_funding.csv": rates,
    }
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text)
    return sorted(folder.iterdir())


def test_many_are_read_as_one_by_one(tmp_path: Path) -> None:
    """All at once gives what each gives alone; a part leaves out those without a row in it."""
    for one in (bars(MARK, [1.0] * 80), prices(BTC, [1.0, 2.0], [0, 100]), bars(USDT, [1.0])):
        save(tmp_path, one, NOW_NS)
    every = stored(tmp_path)
    for one, manifest in zip(load_all(every), every, strict=True):
        check_same(one, load(manifest))
    later = (START_NS + 50 * HOUR_NS, START_NS + 90 * HOUR_NS)
    (only,) = load_all(every, *later)
    assert only.label == MARK
    every[1].path.write_bytes(b"no table")
    with pytest.raises(HistoryError, match=f"{every[1].path.name}: not a readable Parquet file"):
        load_all(every)


def test_import_list_and_check(tmp_path: Path) -> None:
    """What the command line does, on three files in a folder."""
    count, root, seen = len(files(tmp_path / "in")), tmp_path / "root", []
    done = data_import(
        [tmp_path / "in"], root, NOW_NS, progress=lambda k, n, path: seen.append((k, n))
    )
    assert [one.saved is not None for one in done] == [True] * count
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert [one.label.key for one in data_list(root)] == ["bybit:BTC/USD:BTC"] * 2 + ["BTC"]
    assert [one.findings for one, _ in checked_series(root)] == [()] * 3
    assert [one.rows for one, _ in checked_series(root, "BTC")] == [3]
    with pytest.raises(HistoryError, match="nothing stored of DOGE; nearest of"):
        next(checked_series(root, "DOGE"))


def test_looking_stores_nothing(tmp_path: Path) -> None:
    """A dry run shows the guesses; one bad file among good ones stores nothing either."""
    paths = files(tmp_path / "in")
    root = tmp_path / "root"
    shown = data_import(paths, root, NOW_NS, dry_run=True)
    assert [one.saved for one in shown] == [None] * 3
    paths[-1].write_text("time,rate\n")
    with pytest.raises(HistoryError, match="holds no rows"):
        data_import(paths, root, NOW_NS, ImportOptions(zone="UTC"))
    assert data_list(root) == []


def test_a_series_that_covers_the_span_goes_first(tmp_path: Path) -> None:
    """A finer index that ends before a run does is not taken; of an open span it knows enough."""
    daily, hourly = (
        bars(BTC, [100.0] * 5, every=24.0),
        bars(replace(BTC, quote="USDT"), [100.0] * 70),
    )
    save(tmp_path, daily, NOW_NS)
    save(tmp_path, hourly, NOW_NS)
    end = START_NS + 5 * 24 * HOUR_NS
    first = open_history(tmp_path, (), ("BTC",)).index["BTC"]
    later = open_history(tmp_path, (), ("BTC",), START_NS, to_ns=end).index["BTC"]
    assert (first.label.quote, later.label.quote) == ("USDT", "USD")


def test_a_series_that_is_mostly_hole_covers_nothing(tmp_path: Path) -> None:
    """Two stretches imported into one series do not stand for the years between them."""
    far = replace(bars(BTC, [100.0] * 2), open_ns=np.array([START_NS, START_NS + 95 * HOUR_NS]))
    save(tmp_path, far, NOW_NS)
    save(tmp_path, bars(replace(BTC, quote="USDT"), [100.0] * 4, every=24.0), NOW_NS)
    end = START_NS + 4 * 24 * HOUR_NS
    index = open_history(tmp_path, (), ("BTC",), from_ns=START_NS, to_ns=end).index["BTC"]
    assert index.label.quote == "USDT"


def test_a_run_opens_what_it_needs(tmp_path: Path) -> None:
    """Mark, funding and index of a contract; the note says what was taken of two indexes."""
    data_import(files(tmp_path / "in"), tmp_path / "root", NOW_NS)
    save(tmp_path / "root", bars(BTC, [100.0], every=24.0), NOW_NS)
    history = open_history(tmp_path / "root", ("bybit:BTC/USD:BTC",))
    assert history.index["BTC"].label.quote == "USDT"
    assert "binance-USDT_1h.parquet was taken, not binance-USD_1d" in history.notes[0]
    assert list(history.funding) == ["bybit:BTC/USD:BTC"]
    with pytest.raises(HistoryError, match=r"of okx:BTC/USD:BTC; nearest of the 2 there"):
        open_history(tmp_path / "root", ("okx:BTC/USD:BTC",))


def test_quotes_of_a_past_moment(tmp_path: Path) -> None:
    """What was known then, and nothing that was not; what is too old is left out."""
    data_import(files(tmp_path / "in"), tmp_path / "root", NOW_NS)
    contracts = ("bybit:BTC/USD:BTC", "okx:BTC/USD:BTC")
    got, said = quotes_at(tmp_path / "root", START_NS + 2 * HOUR_NS, contracts)
    assert got.index == {"BTC": 101.0}
    assert got.contract == {"bybit:BTC/USD:BTC": 101.0}
    assert got.funding == {"bybit:BTC/USD:BTC": 0.0001}
    assert got.interval_hours == {"bybit:BTC/USD:BTC": 8.0}
    assert [line.split(":")[0] for line in said] == ["assumed_peg", "mark_for_last"]
    assert quotes_at(tmp_path / "root", START_NS + 48 * HOUR_NS, contracts)[0].index == {}
    assert quotes_at(tmp_path / "none", START_NS, contracts)[0].contract == {}


def test_floats_survive(tmp_path: Path) -> None:
    """No rounding anywhere on the way to disk."""
    value = 0.1 + 0.2
    manifest = save(tmp_path, prices(BTC, [value], [0]), NOW_NS).manifest
    assert columns_of(load(manifest))["price"][0] == floats([value])[0]
