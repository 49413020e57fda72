"""Feather, zips, several symbols, rows without figures, encodings: what a file may be."""

import zipfile
from pathlib import Path

import polars as pl
import pytest

from tests.market.foreign import HOUR, MS, OHLC, rows, told, written
from tests.market.made import at, floats
from volsculpt.market.importer import ImportOptions, examine_all
from volsculpt.market.series import FundingRates

BARS = "time,open,high,low,close"


def test_feather_and_a_rate_in_a_candle(tmp_path: Path) -> None:
    """freqtrade keeps a rate as the open of a candle, in the folder of its venue."""
    folder = tmp_path / "binance" / "futures"
    folder.mkdir(parents=True)
    times = pl.Series("date", at([0, 8])).cast(pl.Datetime("ns", "UTC"))
    zeros = {name: [0.0, 0.0] for name in ("high", "low", "close", "volume")}
    rate = pl.DataFrame([times, pl.Series("open", [0.0001, 0.0002])]).with_columns(
        pl.Series(name, values) for name, values in zeros.items()
    )
    rate.write_ipc(folder / "BTC_USDT_USDT-1h-funding_rate.feather")
    ((_, series),) = examine_all(folder / "BTC_USDT_USDT-1h-funding_rate.feather")
    assert told(series) == "binance BTC/USDT:USDT funding USDT 8h 2024-01-01T00:00 0.0002"
    names = ("open", "high", "low", "close")
    mark = pl.DataFrame(
        [times, *(pl.Series(n, [float(b[k]) for b in OHLC[:2]]) for k, n in enumerate(names))]
    )
    mark.write_ipc(folder / "BTC_USDT_USDT-8h-mark.feather")
    ((_, series),) = examine_all(folder / "BTC_USDT_USDT-8h-mark.feather")
    assert told(series) == "binance BTC/USDT:USDT mark USDT 8h 2024-01-01T00:00 12"


def test_several_symbols_are_parts_of_their_own(tmp_path: Path) -> None:
    """Each becomes a series; one is chosen by its unified or its own name."""
    text = "time,symbol,open,high,low,close\n" + "".join(
        f"{MS + k * HOUR},{symbol},1,1,1,{1}\n"
        for k in range(3)
        for symbol in ("BTCUSDT_240329", "BTCUSDT_240628")
    )
    path = written(tmp_path, "binance_um_quarterlies.csv", text)
    keys = [series.label.key for _, series in examine_all(path)]
    assert keys == ["binance:BTC/USDT:USDT-240329", "binance:BTC/USDT:USDT-240628"]
    for name in ("BTC/USDT:USDT-240628", "BTCUSDT_240628"):
        ((_, series),) = examine_all(path, ImportOptions(symbol=name))
        assert (series.label.key, len(series.stamps)) == (keys[1], 3)


def test_a_zip_of_a_folder(tmp_path: Path) -> None:
    """Every table in it is a file of its own; what is not understood is left out."""
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("XBTUSD_60.csv", "ETHEUR_60.csv"):
            archive.writestr(f"all/{name}", rows("", "{t},{o},{h},{l},{c},5.5,7", per=1000))
        archive.writestr("all/readme.csv", "a,b\n1,2\n")
        archive.writestr("__MACOSX/all/XBTUSD_60.csv", "no")
    labels = [series.label for _, series in examine_all(path)]
    assert [(one.symbol, one.quote) for one in labels] == [("ETH", "EUR"), ("BTC", "USD")]


def test_a_byte_mark_and_utf_16_are_read(tmp_path: Path) -> None:
    """As spreadsheets write them."""
    text = rows(BARS, "{t},{o},{h},{l},{c}")
    for encoding in ("utf-8-sig", "utf-16"):
        path = tmp_path / "bitstamp_BTCUSD_1h.csv"
        path.write_bytes(text.encode(encoding))
        ((_, series),) = examine_all(path)
        assert told(series) == "bitstamp BTC index USD 1h 2024-01-01T00:00 13"


def test_rows_without_figures_are_gaps_on_request(tmp_path: Path) -> None:
    """The bars around them keep their length, and it is told."""
    text = "Date,Open,High,Low,Close,Adj Close\n2024-01-01,1,1,1,1,1\n2024-01-02,,null,NaN,,\n"
    path = written(tmp_path, "BTC-USD.csv", text + "2024-01-03,1,2,1,2,2\n")
    ((guess, series),) = examine_all(path, ImportOptions(zone="UTC", skip_empty=True))
    assert told(series) == "yahoo BTC index USD 1d 2024-01-01T00:00 2"
    assert len(series.stamps) == 2
    assert guess.notes == ("1 row without any figure left out: gaps",)


def test_rates_are_percent_by_word(tmp_path: Path) -> None:
    """The user says so, and it is told."""
    path = written(tmp_path, "r.csv", f"time,rate\n{MS},0.01\n{MS + 8 * HOUR},-0.02\n")
    ((guess, series),) = examine_all(
        path, ImportOptions(venue="bybit", symbol="BTC/USD:BTC", role="funding", percent=True)
    )
    assert isinstance(series, FundingRates)
    assert series.rate == pytest.approx(floats([0.0001, -0.0002]))
    assert "rates are multiplied by 0.01 to be fractions" in guess.notes
