"""Import: what a file is taken for, and bad files with what is said of each."""

import gzip
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.market.made import START_NS, at
from volsculpt.errors import HistoryError
from volsculpt.market.filenames import named
from volsculpt.market.importer import ImportOptions, examine, funding_hours
from volsculpt.market.series import Bars, FundingRates, Prices
from volsculpt.market.times import interval_text
from volsculpt.market.unclear import Unclear
from volsculpt.units import HOUR_NS

HEAD = "timestamp,open,high,low,close,volume"
ROWS = ("1704067200000,100,102,99,101,5", "1704070800000,101,103,100,102,6")
GOOD = "\n".join([HEAD, *ROWS, "1704074400000,102,104,101,103,7"]) + "\n"
NAME = "bybit_inverse_BTCUSD_mark_1h.csv"


def written(folder: Path, text: str, name: str = NAME) -> Path:
    """A file of that name and text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


BAD_FILES = [
    ("no_number", GOOD.replace(",103,100,", ",n/a,100,"), r"row 2: high is 'n/a', .* no number"),
    ("hole", GOOD.replace(",103,100,", ",,100,"), r"row 2 \(2024-01-01T01.*: high is missing"),
    ("negative", GOOD.replace(",99,", ",-99,"), r"row 1 .*: low is -99; it must be positive"),
    ("high_low", GOOD.replace(",103,100,102", ",90,100,95"), r"row 2 .*: high 90 is below low 100"),
    ("close", GOOD.replace("100,102,6", "100,109,6"), r"row 2 .*: close 109 is not between"),
    (
        "twice",
        GOOD.replace("1704070800000", "1704067200000"),
        r"row 2 .*: the stamp is there twice",
    ),
    ("back", GOOD.replace("1704067200000", "1704072600000"), r"row 2 .*: the time goes back"),
    ("naive", GOOD.replace("1704070800000", "2024-01-01 01:00"), r"no zone; .*say --zone UTC"),
    ("no_time", GOOD.replace("1704070800000", "yesterday+00:00 T Z"), r"row 2: .* is no time"),
    ("columns", GOOD.replace("low,close", "lowest,latest"), r"\(timestamp, open, .*neither bars"),
    ("no_head", "\n".join(ROWS).replace("102", "98"), r"first line holds no names of columns"),
    ("empty", HEAD + "\n", r"holds no rows"),
    ("unit", GOOD.replace("17040", "170400"), r"row 1 .*: the time is not between 1990 and 2100"),
    ("silent", GOOD.replace(",6\n", ",-6\n"), r"row 2 .*: volume is -6; it must be zero or more"),
    (
        "infinite",
        GOOD.replace(",103,100,", ",inf,100,"),
        r"row 2 .*: high is missing or not finite \(inf\)",
    ),
]


@pytest.mark.parametrize(("kind", "text", "message"), BAD_FILES, ids=[one[0] for one in BAD_FILES])
def test_a_bad_file_is_refused_by_name(tmp_path: Path, kind: str, text: str, message: str) -> None:
    """The message begins with the file, then the row and its time, then what is wrong."""
    if kind in {"naive", "no_time"}:  # every time as text, one of them wrong
        text = text.replace("1704067200000", "2024-01-01T00:00:00Z")
        text = text.replace("1704074400000", "2024-01-01T02:00:00Z")
    with pytest.raises(HistoryError, match=rf"^{NAME}: .*{message}|^{NAME}: {message}"):
        examine(written(tmp_path, text))


def test_bad_funding_is_refused(tmp_path: Path) -> None:
    """Percent in place of fractions, and hours that are paid for twice."""
    head, name = "fundingTime,fundingRate,interval_hours\n", "okx_BTC-USD-SWAP_funding.csv"
    percent = head + "1704067200000,0.25,8\n1704096000000,0.25,8\n"
    with pytest.raises(HistoryError, match=rf"^{name}: .*row 1.*impossible; rates are fractions"):
        examine(written(tmp_path, percent, name))
    twice = head + "1704067200000,0.0001,8\n1704070800000,0.0001,8\n"
    with pytest.raises(HistoryError, match=rf"^{name}: .*row 2.*pays for 8 hours but comes 1h"):
        examine(written(tmp_path, twice, name))


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """No file, no table, no known ending, an archive of two."""
    with pytest.raises(HistoryError, match="no such file"):
        examine(tmp_path / NAME)
    with pytest.raises(HistoryError, match=r"BTC\.parquet: cannot be read"):
        examine(written(tmp_path, "no table", "BTC.parquet"))
    with pytest.raises(HistoryError, match=r"give a \.csv"):
        examine(written(tmp_path, GOOD, "BTC.xlsx"))
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", GOOD)
        archive.writestr("b.csv", GOOD)
    with pytest.raises(
        HistoryError, match=r"none of its 2 files is understood: a\.csv: its venue, symbol"
    ):
        examine(tmp_path / "two.zip")


def test_what_holds_no_prices_is_not_taken_for_prices(tmp_path: Path) -> None:
    """Open interest has open, high, low and close too."""
    path = written(tmp_path, GOOD, "binance_cm_BTCUSD_PERP_open_interest_1d.csv")
    with pytest.raises(
        HistoryError, match="by its name it holds open interest, but it has bars with"
    ):
        examine(path)


def test_a_name_that_says_nothing_asks(tmp_path: Path) -> None:
    """Everything that must be given is named at once, with an example."""
    path = written(tmp_path, GOOD, "export.csv")
    with pytest.raises(
        HistoryError, match=r"its venue, symbol, role, quote cannot be told .* give"
    ):
        examine(path)
    guess, _ = examine(path, ImportOptions(venue="bybit", symbol="BTC/USD:BTC", role="mark"))
    assert guess.label.text == "bybit:BTC/USD:BTC mark"
    guess, _ = examine(
        path, ImportOptions(venue="coinbase", symbol="BTC", role="index", quote="USD")
    )
    assert guess.label.key == "BTC"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("binance_um_BTCUSDT_mark_1h.parquet", "binance BTC/USDT:USDT mark USDT 1h"),
        ("binance_um_ADAUSDT_perp_1h.csv", "binance ADA/USDT:USDT last USDT 1h"),
        ("binance_cm_BTCUSD_PERP_1h.parquet", "binance BTC/USD:BTC last USD 1h"),
        ("binance_cm_ETHUSD_PERP_funding.parquet", "binance ETH/USD:ETH funding USD -"),
        ("binance_spot_BTCUSDT_1h.csv", "binance BTC index USDT 1h"),
        ("coinbase_spot_ETHUSD_1d.csv", "coinbase ETH index USD 1d"),
        ("bybit_inverse_BTCUSD_8h.parquet", "bybit BTC/USD:BTC last USD 8h"),
        ("bybit_linear_ETHUSDT_funding.parquet", "bybit ETH/USDT:USDT funding USDT -"),
        ("bitmex_XBTUSD_funding.parquet", "bitmex BTC/USD:BTC funding USD -"),
        ("bitmex_XBTUSD_trade_at_funding_8h.parquet", "bitmex BTC/USD:BTC last USD 8h"),
        ("okx_BTC-USD-SWAP_8h.parquet", "okx BTC/USD:BTC last USD 8h"),
        ("okx_SOL-USDT-SWAP_perp_1h.parquet", "okx SOL/USDT:USDT last USDT 1h"),
        ("okx_BTC-USD-241227_mark_1h.csv", "okx BTC/USD:BTC-241227 mark USD 1h"),
        ("deribit_BTC-PERPETUAL_funding_1h.parquet", "deribit BTC/USD:BTC funding USD 1h"),
        ("deribit_BTC-27DEC24_mark_1h.csv", "deribit BTC/USD:BTC-241227 mark USD 1h"),
        ("kraken_PI_XBTUSD_mark_1h.csv", "kraken BTC/USD:BTC mark USD 1h"),
        ("kraken_PF_SOLUSD_1h.csv", "kraken SOL/USD:USD last USD 1h"),
        ("ftx_BTC-PERP_1m_2022-01.parquet", "ftx BTC/USD:USD last USD 1m"),
        ("binance_cm_BTCUSD_241227_mark_1h.csv", "binance BTC/USD:BTC-241227 mark USD 1h"),
        (
            "data/futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip",
            "binance BTC/USDT:USDT last USDT 1h",
        ),
        (
            "data/futures/cm/monthly/markPriceKlines/BTCUSD_PERP/1h/BTCUSD_PERP-1h-2024-01.zip",
            "binance BTC/USD:BTC mark USD 1h",
        ),
        (
            "data/futures/um/monthly/indexPriceKlines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip",
            "binance BTC/USDT:USDT index USDT 1h",
        ),
        ("data/spot/monthly/klines/ETHUSDT/1h/ETHUSDT-1h-2024-01.zip", "binance ETH index USDT 1h"),
        (
            "data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2024-03.zip",
            "binance BTC/USDT:USDT funding USDT -",
        ),
        ("binance_spot_BTCBUSD_1h.csv", "binance BTC index BUSD 1h"),
        ("binance_um_ETHBUSD_1h.csv", "binance ETH/BUSD:BUSD last BUSD 1h"),
        ("binance_spot_BTCFDUSD_1h.csv", "binance BTC index FDUSD 1h"),
        ("gemini_BTCGUSD_1h.csv", "gemini BTC index GUSD 1h"),
        ("bitstamp_ARBUSD_1h.csv", "bitstamp ARB index USD 1h"),
        ("XXBTZUSD_1440.csv", "kraken BTC index USD 1d"),
        ("bybit_linear_BTCUSDT-29MAR24_1h.csv", "bybit BTC/USDT:USDT-240329 last USDT 1h"),
        ("deribit_BTC-29MAR24-60000-C_1h.csv", "deribit - - - 1h"),
        ("deribit_XRP_USDC-29MAR24-0d5-P_1h.csv", "deribit - - USDC 1h"),
        ("coinbase_BTC-PERP-INTX_1h.csv", "coinbase - index - 1h"),
        ("upbit_KRW-BTC_1h.csv", "upbit - index - 1h"),
        ("BTCUSDT-1h-2024-01.csv", "- - - USDT 1h"),
        ("export.csv", "- - - - -"),
    ],
)
def test_names_of_usual_archives_are_read(name: str, text: str) -> None:
    """Venue, symbol, role, quote, interval; what a name does not say stays open."""
    hints = named(Path(name))
    interval = None if hints.interval_ns is None else interval_text(hints.interval_ns)
    parts = (hints.venue, hints.symbol, hints.role, hints.quote, interval)
    assert " ".join(part or "-" for part in parts) == text


@pytest.mark.parametrize(
    "name",
    [
        "data/futures/um/monthly/premiumIndexKlines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip",
        "deribit_BTC-DVOL_1h.csv",
    ],
)
def test_names_of_what_is_no_price_are_refused(name: str) -> None:
    """Premiums and volatilities have the columns of a candle."""
    with pytest.raises(Unclear, match="by its name it holds"):
        named(Path(name))
    assert named(Path("bitstamp_BTCUSDVOLUME_1h.csv")).venue == "bitstamp"


TIMES = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=k) for k in range(3)]


@pytest.mark.parametrize(
    "column",
    [
        [int(t.timestamp()) for t in TIMES],
        [int(t.timestamp()) * 10**3 for t in TIMES],
        [int(t.timestamp()) * 10**6 for t in TIMES],
        [int(t.timestamp()) * 10**9 for t in TIMES],
        [t.timestamp() for t in TIMES],
        [str(int(t.timestamp()) * 10**3) for t in TIMES],
        [t.strftime("%Y-%m-%dT%H:%M:%SZ") for t in TIMES],
        [t.strftime("%Y-%m-%d %H:%M:%S+00:00") for t in TIMES],
        [t.strftime("%Y-%m-%d %H:%M UTC") for t in TIMES],
        [t.strftime("%Y-%m-%dT%H:%M:%S.000000Z") for t in TIMES],
        [(t + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S+02:00") for t in TIMES],
        TIMES,
    ],
    ids=["s", "ms", "us", "ns", "float", "digits", "z", "offset", "utc", "micro", "+02", "typed"],
)
def test_times_are_understood_however_they_are_written(
    tmp_path: Path, column: list[object]
) -> None:
    """Seconds to nanoseconds by size, ISO with an offset, and typed columns, to ns UTC."""
    path = tmp_path / NAME.replace(".csv", ".parquet")
    pl.DataFrame({"Date": column, "Price": [1.0, 2.0, 3.0]}).write_parquet(path)
    guess, series = examine(path)
    assert guess.kind == "prices"
    assert list(series.stamps) == list(at([0, 1, 2]))


def test_times_without_a_zone_need_a_word(tmp_path: Path) -> None:
    """Refused as they are, read as UTC when the user says so, days too."""
    text = "date,price\n2024-01-01,1\n2024-01-02,2\n"
    path = written(tmp_path, text, "coinbase_spot_BTCUSD_1d.csv")
    with pytest.raises(HistoryError, match=r"row 1: the time 2024-01-01 has no zone"):
        examine(path)
    with pytest.raises(HistoryError, match="zone 'Europe/Berlin' is not supported"):
        examine(path, ImportOptions(zone="Europe/Berlin"))
    guess, series = examine(path, ImportOptions(zone="UTC"))
    assert list(series.stamps) == list(at([24, 48]))  # a day's price is known when it is over
    assert "known, and stored, at its end" in guess.notes[0]
    _, series = examine(path, ImportOptions(zone="UTC", stamp="close"))
    assert list(series.stamps) == list(at([0, 24]))
    typed = tmp_path / "coinbase_spot_BTCUSD_1d.parquet"
    naive = pl.read_csv(path, try_parse_dates=True)
    naive.write_parquet(typed)
    with pytest.raises(HistoryError, match="has no zone"):
        examine(typed)
    _, series = examine(typed, ImportOptions(zone="UTC"))
    assert list(series.stamps) == list(at([24, 48]))


def test_a_good_file_is_shown_before_it_is_stored(tmp_path: Path) -> None:
    """Kind, label, interval, columns, the meaning of its times and its rows."""
    guess, series = examine(written(tmp_path, GOOD))
    assert isinstance(series, Bars)
    assert (guess.kind, guess.label.text, guess.rows) == ("bars", "bybit:BTC/USD:BTC mark", 3)
    assert (guess.interval_ns, guess.times) == (HOUR_NS, "number of ms")
    assert guess.columns["close"] == "close"
    assert series.volume is not None
    assert guess.label.source == NAME


def test_columns_can_be_named(tmp_path: Path) -> None:
    """A mapping goes before any guess; a column that is not there is refused."""
    text = GOOD.replace("close,volume", "settle,close")
    path = written(tmp_path, text)
    _, series = examine(path, ImportOptions(columns={"close": "settle"}))
    assert isinstance(series, Bars)
    assert list(series.close) == [101.0, 102.0, 103.0]
    with pytest.raises(HistoryError, match="no column 'nope'; its columns are timestamp, open"):
        examine(path, ImportOptions(columns={"close": "nope"}))


def test_newest_first_is_turned_round(tmp_path: Path) -> None:
    """Nothing is lost by it, and it is said."""
    head, *rows = GOOD.strip().split("\n")
    guess, series = examine(written(tmp_path, "\n".join([head, *reversed(rows)])))
    assert list(series.stamps) == list(at([0, 1, 2]))
    assert guess.notes == ("the newest row came first; turned round",)


def test_binance_klines_without_a_head(tmp_path: Path) -> None:
    """The archive's twelve columns are known, zipped or not."""
    row = "{},100,102,99,101,5,{},500,9,2,200,0\n"
    text = "".join(row.format(START_NS // 10**6 + k * 3_600_000, 1) for k in range(3))
    folder = tmp_path / "futures" / "um" / "klines"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "BTCUSDT-1h-2024-01.zip", "w") as archive:
        archive.writestr("BTCUSDT-1h-2024-01.csv", text)
    guess, series = examine(folder / "BTCUSDT-1h-2024-01.zip")
    assert guess.label.text == "binance:BTC/USDT:USDT last"
    assert list(series.stamps) == list(at([0, 1, 2]))


def test_a_gzip_is_read(tmp_path: Path) -> None:
    """Compressed CSV needs no unpacking."""
    path = tmp_path / f"{NAME}.gz"
    path.write_bytes(gzip.compress(GOOD.encode()))
    assert len(examine(path)[1].stamps) == 3


def test_the_interval_of_the_name_must_fit(tmp_path: Path) -> None:
    """A file of hours that calls itself 8h is not believed."""
    with pytest.raises(HistoryError, match="should be 8h long by name, but they are 1h apart"):
        examine(written(tmp_path, GOOD, "bybit_inverse_BTCUSD_8h.csv"))


def test_binance_funding_is_read_and_put_on_the_minute(tmp_path: Path) -> None:
    """Its stamps come some milliseconds late; its hours are in the file."""
    text = "calc_time,funding_interval_hours,last_funding_rate\n"
    text += "1704067200003,8,0.0001\n1704096000000,8,-0.0002\n"
    guess, series = examine(written(tmp_path, text, "binance_um_BTCUSDT_funding.csv"))
    assert isinstance(series, FundingRates)
    assert list(series.stamp_ns) == list(at([0, 8]))
    assert list(series.rate) == [0.0001, -0.0002]
    assert guess.notes == ("1 stamps up to 3 ms late put right",)


def test_plain_prices_are_read(tmp_path: Path) -> None:
    """A table with one price is a series of prices."""
    path = written(
        tmp_path, "time,price\n1704067200,1.5\n1704067260,1.6\n", "binance_spot_USDTUSD.csv"
    )
    guess, series = examine(path, ImportOptions(symbol="USDT", role="index", quote="USD"))
    assert isinstance(series, Prices)
    assert guess.label.text == "USDT index of binance in USD"


@pytest.mark.parametrize(
    ("stamps", "hours"),
    [
        ([0, 8, 16, 24], [8, 8, 8, 8]),
        ([0, 8, 24, 32], [8, 8, 8, 8]),  # one is missing
        ([0, 8, 16, 18, 20, 22], [8, 8, 8, 2, 2, 2]),
        ([0, 2, 4, 12, 20], [2, 2, 2, 8, 8]),
        ([0, 1, 2, 5, 6], [1, 1, 1, 1, 1]),
    ],
)
def test_hours_of_funding_follow_from_its_stamps(stamps: list[float], hours: list[float]) -> None:
    """A gap is not an interval; a change of interval is."""
    assert list(funding_hours(at(stamps), None)) == hours
