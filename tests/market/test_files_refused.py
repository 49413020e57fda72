"""Files that cannot be right, or do not tell what they are: refused, with the reason."""

import gzip
import zipfile
from pathlib import Path

import pytest

from tests.market.foreign import DAY, DAYS, HOUR, MS, UTC, rows, written
from volsculpt.errors import HistoryError
from volsculpt.market.importer import ImportOptions, examine_all

SPOT = ImportOptions(venue="coinbase", symbol="BTC", role="index", quote="USD", zone="UTC")
PAID = ImportOptions(venue="bybit", symbol="BTC/USD:BTC", role="funding")
BARS = "time,open,high,low,close"
RATES = "timestamp,fundingRate"
HOURLY = "".join(f"{MS + k * HOUR},0.0001\n" for k in range(20))
REFUSED: dict[str, tuple[str, str, ImportOptions | None, str]] = {
    "two rows of one time that differ": (
        "t.csv",
        rows(BARS, "{t},{o},{h},{l},{c}\n{t},{o},{h},{l},{o}"),
        SPOT,
        r"row 2 .*: the stamp is there twice; keep one of the rows",
    ),
    "a sum below the rows": (
        "t.csv",
        rows(BARS, "{t},{o},{h},{l},{c}") + "Total,,,,\n",
        SPOT,
        r"row 4: 'Total' is no time",
    ),
    "a zone that several have": (
        "t.csv",
        rows(BARS, "2024-01-01 0{k}:00:00 EST,{o},{h},{l},{c}"),
        SPOT,
        r"its zone as an offset: EST is a name of many",
    ),
    "days of a spreadsheet": (
        "t.csv",
        "Date,Close\n45292,42000\n45293,42001\n45294,42002\n",
        SPOT,
        r"day number of a spreadsheet is not read: write it like 2024-05-20",
    ),
    "another coin": (
        "t.csv",
        rows("time,symbol,open,high,low,close", "{t},ETHUSDT,{o},{h},{l},{c}"),
        SPOT,
        r"column 'symbol' says ETHUSDT, but BTC in USD is asked for",
    ),
    "another quote": (
        "t.csv",
        rows("time,symbol,open,high,low,close", "{t},BTCUSDT,{o},{h},{l},{c}"),
        SPOT,
        r"says BTCUSDT, but BTC in USD is asked for",
    ),
    "another coin than its name": (
        "binance_spot_BTCUSDT_1h.csv",
        rows("time,symbol,open,high,low,close", "{t},ETHUSDT,{o},{h},{l},{c}"),
        None,
        r"says ETHUSDT, but its name says BTC",
    ),
    "another venue": (
        "binance_spot_BTCUSDT_1h.csv",
        rows("time,exchange,open,high,low,close", "{t},okx,{o},{h},{l},{c}"),
        None,
        r"column 'exchange' says okx, but binance",
    ),
    "another market": (
        "bybit_inverse_BTCUSD_1h.csv",
        rows("time,category,open,high,low,close", "{t},linear,{o},{h},{l},{c}"),
        None,
        r"column 'category' says linear, but inverse",
    ),
    "another length": (
        "bitstamp_BTCUSD_1h.csv",
        rows("time,interval,open,high,low,close", "{t},4h,{o},{h},{l},{c}"),
        None,
        r"column 'interval' says bars of another length",
    ),
    "a dated contract for the perpetual": (
        "t.csv",
        rows("time,symbol,open,high,low,close", "{t},BTCUSDT_240329,{o},{h},{l},{c}"),
        ImportOptions(venue="binance", symbol="BTC/USDT:USDT", role="last"),
        r"says BTCUSDT_240329, but BTC/USDT:USDT",
    ),
    "one contract after another": (
        "binance_um_BTCUSDT_CURRENT_QUARTER_1h.csv",
        rows(BARS, "{t},{o},{h},{l},{c}"),
        None,
        r"one dated contract after another",
    ),
    "after its delivery": (
        "binance_um_BTCUSDT_231229_1h.csv",
        rows(BARS, "{t},{o},{h},{l},{c}"),
        None,
        r"has rows after 2023-12-29, the day on which it was delivered",
    ),
    "rates that run": ("r.csv", f"{RATES}\n{HOURLY}", PAID, r"row 2: .* charges every 8 hours"),
    "hours that nobody knows": (
        "r.csv",
        f"{RATES}\n{HOURLY}",
        ImportOptions(venue="somebody", symbol="BTC/USD:BTC", role="funding"),
        r"does not tell how many hours",
    ),
    "predicted rates": (
        "r.csv",
        f"timestamp,predictedFundingRate\n{HOURLY}",
        PAID,
        r"rates that were expected \(predictedFundingRate\)",
    ),
    "rates a year": (
        "r.csv",
        f"timestamp,annualized funding rate\n{HOURLY}",
        ImportOptions(
            venue="bybit",
            symbol="BTC/USD:BTC",
            role="funding",
            columns={"rate": "annualized funding rate"},
        ),
        r"holds rates a year",
    ),
    "an amount a contract": (
        "kraken_PF_XBTUSD_funding.csv",
        f"{RATES}\n{HOURLY}",
        None,
        r"is an amount a contract, not a fraction",
    ),
    "prices and rates": (
        "bybit_BTCUSD.csv",
        rows("time,open,high,low,close,fundingRate", "{t},{o},{h},{l},{c},0.0001"),
        None,
        r"holds prices and funding; say which",
    ),
    "another price": (
        "bybit_inverse_BTCUSD_mark.csv",
        rows("time,indexPrice,lastPrice", "{t},{o},{c}"),
        None,
        r"has no mark price; it has indexPrice, lastPrice",
    ),
    "day or month": (
        "bitstamp_BTCUSD_1d.csv",
        rows(BARS, "0{k}/02/2024,{o},{h},{l},{c}"),
        UTC,
        r"whether the day or the month comes first in '01/02/2024'",
    ),
    "a point that may part thousands": (
        "bitstamp_BTCUSD_1d.csv",
        "Date;Open;High;Low;Close\n01.03.2024;61.179;63.267;60.788;62.437\n",
        UTC,
        r"the point in Open may part thousands or begin the fraction",
    ),
    "another zone in the name of the column": (
        "bitstamp_BTCUSD_1h.csv",
        rows("Date (UTC+8),open,high,low,close", "2024-01-01 0{k}:00:00,{o},{h},{l},{c}"),
        ImportOptions(zone="UTC", columns={"time": "Date (UTC+8)"}),
        r"the times of its column 'Date \(UTC\+8\)' are not in UTC",
    ),
    "a rate or an interest as a candle": (
        "answer.json",
        '[{"symbol": "BTCUSD.A", "history": [{"t": 1704067200, "o": 1, "h": 1, "l": 1, "c": 1}]}]',
        ImportOptions(venue="binance", symbol="BTC/USD:BTC"),
        r"its role cannot be told",
    ),
    "a name of another coin": (
        "ETHUSDT_1h.csv",
        rows(BARS, "{t},{o},{h},{l},{c}"),
        ImportOptions(venue="binance", symbol="BTC", role="index", quote="USDT"),
        r"its name says ETH/USDT, but BTC is asked for",
    ),
    "a name of another coin, in small letters": (
        "ethereum-usd-daily.csv",
        rows(BARS, "{t},{o},{h},{l},{c}"),
        ImportOptions(venue="bybit", symbol="BTC/USD:BTC", role="mark"),
        r"its name says ETH/USD, but BTC/USD:BTC is asked for",
    ),
    "a name of a coin that no catalog knows": (
        "kraken_LTCEUR_1h.csv",
        rows(BARS, "{t},{o},{h},{l},{c}"),
        ImportOptions(symbol="BTC", role="index", quote="EUR"),
        r"its name says LTC/EUR, but BTC is asked for",
    ),
    "a name of a dated contract for the perpetual": (
        "BTC-27DEC24.csv",
        rows(BARS, "{t},{o},{h},{l},{c}"),
        ImportOptions(venue="deribit", symbol="BTC/USD:BTC", role="mark"),
        r"its name says BTC/USD-241227, but BTC/USD:BTC is asked for",
    ),
    "a name of another delivery": (
        "BTCUSDT_210326-1h.csv",
        rows(BARS, "{t},{o},{h},{l},{c}"),
        ImportOptions(venue="binance", symbol="BTC/USDT:USDT-210625", role="last"),
        r"its name says BTC/USDT-210326, but BTC/USDT:USDT-210625 is asked for",
    ),
    "a name of a dated contract for the coin": (
        "XBTZ18_1h.csv",
        rows(BARS, "{t},{o},{h},{l},{c}"),
        ImportOptions(venue="bitmex", symbol="BTC", role="index", quote="USD"),
        r"its name says BTC/USD-181228, but BTC is asked for",
    ),
    "times that contradict": (
        "bitstamp_BTCUSD_1h.csv",
        rows("unix,date,open,high,low,close", "{t},2021-01-01T00:00:00Z,{o},{h},{l},{c}"),
        None,
        r"its times contradict each other: date and unix",
    ),
    "closes of bars, stamped unknown": (
        "export.csv",
        rows("time,close", "{t},{c}"),
        ImportOptions(venue="somebody", symbol="BTC", role="index", quote="USD"),
        r"say --stamp open or --stamp close",
    ),
    "thousands or a fraction": (
        "bitstamp_BTCUSD_1d.csv",
        'time,price\n2024-01-01,"1,234"\n2024-01-02,"1,235"\n',
        UTC,
        r"the comma in price may part thousands",
    ),
    "no figure": (
        "BTC-USD.csv",
        rows("Date,Open,High,Low,Close,Adj Close", DAYS + ",1")
        + "2024-01-04,null,null,null,null,null\n",
        UTC,
        r"row 4: holds no figure \(1 row without any\); .*--skip-empty",
    ),
    "more cells than columns": (
        "bitstamp_BTCUSD_1h.csv",
        rows(BARS, "{t},{o},{h},{l},{c}") + f"{MS + 3 * HOUR},13,15,12,14,9\n",
        None,
        r"row 4 has 6 cells, the first line names 5 columns",
    ),
    "two lengths": (
        "bitstamp_BTCUSD.csv",
        BARS
        + "".join(f"\n{MS + k * DAY},1,1,1,1" for k in range(20))
        + "".join(f"\n{MS + 20 * DAY + k * HOUR},1,1,1,1" for k in range(90)),
        None,
        r"bars are 1d apart from here, elsewhere 1h",
    ),
    "an unusual length": (
        "bitstamp_BTCUSD.csv",
        rows(BARS, "{t},{o},{h},{l},{c}", 5 * HOUR),
        None,
        r"bars are 5h apart, which is no usual length",
    ),
    "an order book": (
        "coinbase_BTCUSD.csv",
        rows("time,side,price,size", "{t},bid,{o},5"),
        None,
        r"by its columns it holds single trades or an order book",
    ),
    "flat bars without names": (
        "coinbase_BTCUSD.csv",
        f"{MS},1,1,1,1,5\n{MS + HOUR},1,1,1,1,5\n",
        None,
        r"which is open, high, low or close cannot be told",
    ),
    "text without columns": ("notes.txt", "hello\nthere\n", None, r"has no columns parted by"),
    "no JSON": ("x.json", "{", None, r"is no JSON"),
    "JSON too deep to read": ("x.json", "[" * 50_000, None, r"is no JSON"),
    "JSON too deep to go through": (
        "x.json",
        '{"data":' * 900 + "[]" + "}" * 900,
        None,
        r"holds no rows of figures",
    ),
    "no table": ("x.feather", "nothing", None, r"it is no feather file"),
    "a symbol that nobody knows": (
        "bybit.csv",
        rows("time,symbol,open,high,low,close", "{t},BTC1!,{o},{h},{l},{c}"),
        None,
        r"its symbol 'BTC1!' is not understood",
    ),
}


@pytest.mark.parametrize("close", ["61.17", "0.612", "1706.400"])
def test_one_figure_shows_that_the_point_begins_the_fraction(tmp_path: Path, close: str) -> None:
    """A figure that is no group of three digits behind one to three."""
    text = f"Date;Close\n2024-03-01T00:00:00Z;61.179\n2024-03-02T00:00:00Z;{close}\n"
    ((_, series),) = examine_all(written(tmp_path, "bitstamp_BTCUSD_1d.csv", text))
    assert [float(one) for one in series.price] == [61.179, float(close)]


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_right_is_refused(
    tmp_path: Path, case: tuple[str, str, ImportOptions | None, str]
) -> None:
    """The message begins with the file and says what is wrong, or what to give."""
    name, text, given, message = case
    with pytest.raises(HistoryError, match=rf"^{name}: .*{message}"):
        examine_all(written(tmp_path, name, text), given)


def test_a_packed_file_that_ends_too_soon_is_told(tmp_path: Path) -> None:
    """In our words, with what to do; nothing of the library that unpacks."""
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(rows(BARS, "{t},{o},{h},{l},{c}").encode())[:30])
    with pytest.raises(HistoryError, match=r"^t.csv.gz: cannot be unpacked: it ends too soon"):
        examine_all(path, SPOT)


def test_what_is_no_table_in_an_archive_is_passed_over(tmp_path: Path) -> None:
    """A page of words beside the data does not stop it."""
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("README.txt", "hello")
        archive.writestr("t.csv", rows(BARS, "{t},{o},{h},{l},{c}"))
    ((_, series),) = examine_all(tmp_path / "t.zip", SPOT)
    assert len(series.stamps) == 3
