"""Folders, and imports that follow each other: what is left out, what comes later, one row."""

from pathlib import Path

import pytest

from tests.market.foreign import HOUR, MS, UTC, rows, written
from tests.market.made import START_NS, at
from volsculpt.errors import HistoryError
from volsculpt.market.data import data_examine, data_import, data_list
from volsculpt.market.importer import ImportOptions
from volsculpt.market.series import Bars
from volsculpt.market.store import load
from volsculpt.units import DAY_NS, HOUR_NS

NOW_NS = START_NS + 365 * DAY_NS
BARS = "time,open,high,low,close"
GOOD = rows(BARS, "{t},{o},{h},{l},{c}")


def test_a_foreign_file_does_not_stop_a_folder(tmp_path: Path) -> None:
    """What is understood is there, the rest listed with reasons; alone it is refused."""
    texts = {
        "binance_spot_BTCUSDT_1h.csv": GOOD,
        "export.csv": GOOD,
        "README.md": "of the data",
        "fred_XYZ.csv": "date,value\n2024-01-01,5.3\n",
        "binance_open_interest.csv": GOOD,
        "naive_bitstamp_BTCUSD_1d.csv": "date,price\n2024-01-01,1\n",
        ".hidden": "",
    }
    for name, text in texts.items():
        written(tmp_path / "in", name, text)
    read = data_examine([tmp_path / "in"])
    assert [series.label.key for _, series in read.found] == ["BTC"]
    reasons = {one.path.name: one.reason for one in read.left_out}
    assert sorted(reasons) == sorted(set(texts) - {"binance_spot_BTCUSDT_1h.csv", ".hidden"})
    assert "is no table by its name" in reasons["README.md"]
    assert "neither bars" in reasons["fred_XYZ.csv"]
    assert "of which contract" in reasons["binance_open_interest.csv"]
    assert "--zone UTC" in reasons["naive_bitstamp_BTCUSD_1d.csv"]
    for name, reason in reasons.items():
        with pytest.raises(HistoryError) as error:
            data_examine([tmp_path / "in" / name])
        assert str(error.value) == reason


def test_from_python_a_folder_without_anything_is_refused(tmp_path: Path) -> None:
    """The look at it lists what was left; the import, which shows nothing, says why."""
    written(tmp_path / "in", "README.md", "of the data")
    read = data_examine([tmp_path / "in"])
    assert (read.found, [one.path.name for one in read.left_out]) == ([], ["README.md"])
    with pytest.raises(HistoryError, match="is no table by its name"):
        data_import([tmp_path / "in"], tmp_path / "root", NOW_NS)


def test_a_wrong_file_of_a_folder_is_told_apart(tmp_path: Path) -> None:
    """It is not foreign: the import from Python refuses it, the others are there to be stored."""
    written(tmp_path / "in", "bitstamp_BTCUSD_1h.csv", GOOD)
    written(tmp_path / "in", "bitstamp_ETHUSD_1h.csv", GOOD.replace(",9,", ",99,"))
    read = data_examine([tmp_path / "in"])
    assert [series.label.key for _, series in read.found] == ["BTC"]
    assert [one.path.name for one in read.wrong] == ["bitstamp_ETHUSD_1h.csv"]
    assert read.left_out == ()
    for paths in ([tmp_path / "in"], sorted((tmp_path / "in").iterdir())):
        with pytest.raises(HistoryError, match=r"bitstamp_ETHUSD_1h\.csv: .*below low 99"):
            data_import(paths, tmp_path / "root", NOW_NS)
    assert data_list(tmp_path / "root") == []


def test_unfinished_bars_come_with_a_later_import(tmp_path: Path) -> None:
    """A bar that ends after the import is counted and left out; the next import adds it."""
    path = written(tmp_path, "bitstamp_BTCUSD_1h.csv", GOOD)
    now_ns, root = START_NS + 3 * HOUR_NS - 1, tmp_path / "root"
    (first,) = data_import([path], root, now_ns)
    assert first.saved is not None
    assert (first.saved.added, first.saved.manifest.to_ns) == (2, START_NS + 2 * HOUR_NS)
    assert "1 unfinished row left out; a later import adds what is done" in first.guess.notes
    whole = GOOD.replace("12,14,11,13", "12,15,11,14")
    (second,) = data_import([written(tmp_path, path.name, whole)], root, now_ns + 1)
    assert second.saved is not None
    assert (second.saved.added, second.saved.replaced) == (1, 0)
    series = load(data_list(root)[0])
    assert isinstance(series, Bars)
    assert list(series.close) == [11.0, 12.0, 14.0]
    with pytest.raises(HistoryError, match="none of its rows is finished"):
        data_import([path], root, START_NS + 1)


def test_rates_and_prices_to_come_are_left_out(tmp_path: Path) -> None:
    """Nothing is stored that was not known at the time of import."""
    rates = f"time,rate\n{MS},0.0001\n{MS + 8 * HOUR},0.0002\n"
    prices = f"time,price\n{MS},1\n{MS + 8 * HOUR},2\n"
    for name, text in (("bybit_inverse_BTCUSD_funding.csv", rates), ("gemini_BTCUSD.csv", prices)):
        (done,) = data_import(
            [written(tmp_path, name, text)], tmp_path / "root", START_NS + HOUR_NS
        )
        assert done.saved is not None
        assert done.saved.manifest.rows == 1


def test_one_row_takes_the_rhythm_of_its_series(tmp_path: Path) -> None:
    """From the store, or from another file of the same import; where nobody knows, it asks."""
    one = "\n".join(GOOD.splitlines()[:2]) + "\n"
    single = written(tmp_path / "in", "a_bitstamp_BTCUSD.csv", one)
    with pytest.raises(HistoryError, match="one bar does not tell its interval"):
        data_examine([single], root=tmp_path / "root")
    many = written(tmp_path / "in", "b_bitstamp_BTCUSD.csv", GOOD)
    read = data_examine([tmp_path / "in"], root=tmp_path / "root")
    assert [guess.interval_ns for guess, _ in read.found] == [HOUR_NS, HOUR_NS]
    data_import([many], tmp_path / "root", NOW_NS)
    ((guess, series),) = data_examine([single], root=tmp_path / "root").found
    assert (guess.interval_ns, list(series.stamps)) == (HOUR_NS, list(at([0])))
    hours = f"time,rate,interval_hours\n{MS},0.0001,4\n{MS + 4 * HOUR},0.0001,4\n"
    paid = ImportOptions(venue="somebody", symbol="BTC/USD:BTC", role="funding")
    data_import([written(tmp_path, "rates.csv", hours)], tmp_path / "root", NOW_NS, paid)
    later = written(tmp_path, "later.csv", f"time,rate\n{MS + 8 * HOUR},0.0001\n")
    (done,) = data_import([later], tmp_path / "root", NOW_NS, paid)
    assert done.saved is not None
    assert done.saved.manifest.rows == 3


def test_bars_are_put_on_their_open_however_they_are_stamped(tmp_path: Path) -> None:
    """The same day by its open, its last second, and by the word of the user."""
    line = "2024-01-0{k}{{}},{o},{h},{l},{c}"
    day = rows(BARS, line).replace("{}", "")
    late = rows(BARS, line).replace("{}", " 23:59:59")
    midnight = rows(BARS, "2024-01-0{k} 00:00,{o},{h},{l},{c}")
    stamps = [
        list(
            data_examine([written(tmp_path, "bitstamp_BTCUSD.csv", text)], given).found[0][1].stamps
        )
        for text, given in (
            (day, UTC),
            (late, UTC),
            (midnight, UTC),
            (midnight, ImportOptions(zone="UTC", stamp="close")),
        )
    ]
    assert stamps[0] == list(at([0, 24, 48]))
    assert stamps[:3] == [stamps[0]] * 3
    assert stamps[3] == list(at([-24, 0, 24]))
