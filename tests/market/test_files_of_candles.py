"""Candles as venues and data sellers write them, a small file of each, read right."""

from pathlib import Path

import pytest

from tests.market.foreign import DAY, DAYS, HOUR, ISO, MS, UTC, rows, told, written
from volsculpt.market.importer import ImportOptions, examine_all

READ: dict[str, tuple[str, str, ImportOptions | None, str]] = {
    # --- candles of venues ---
    "binance klines": (
        "data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.csv",
        rows("", "{t},{o},{h},{l},{c},5,{t}9,500,9,2,200,0"),
        None,
        "binance BTC index USDT 1h 2024-01-01T00:00 13",
    ),
    "kraken archive": (
        "XBTUSD_60.csv",
        rows("", "{t},{o},{h},{l},{c},5.5,7", per=1000),
        None,
        "kraken BTC index USD 1h 2024-01-01T00:00 13",
    ),
    "coinbase order of columns": (
        "coinbase_BTC-USD_1h.csv",
        rows("", "{t},{l},{h},{o},{c},5", per=1000),
        None,
        "coinbase BTC index USD 1h 2024-01-01T00:00 13",
    ),
    "bitfinex order of columns": (
        "bitfinex_BTCUSD_1h.csv",
        rows("", "{t},{o},{c},{h},{l},5"),
        None,
        "bitfinex BTC index USD 1h 2024-01-01T00:00 13",
    ),
    "bitfinex pairs begin with t": (
        "bitfinex_tBTCUSD_1h.csv",
        rows("", "{t},{o},{c},{h},{l},5"),
        None,
        "bitfinex BTC index USD 1h 2024-01-01T00:00 13",
    ),
    "words in a name are no coins": (
        "prices_usd_daily.csv",
        rows("time,open,high,low,close", "{t},{o},{h},{l},{c}"),
        ImportOptions(venue="bitstamp", symbol="BTC", role="index", quote="USD"),
        "bitstamp BTC index USD 1h 2024-01-01T00:00 13",
    ),
    "bitmex buckets close": (
        "trades_XBTUSD.csv",
        rows(
            "timestamp,symbol,open,high,low,close,trades,volume,homeNotional,foreignNotional",
            "{t},XBTUSD,{o},{h},{l},{c},5,5,1,1",
        ),
        ImportOptions(role="last"),
        "bitmex BTC/USD:BTC last USD 1h 2023-12-31T23:00 13",
    ),
    "bybit dated": (
        "bybit_BTCUSDZ24_mark_1h.csv",
        rows("start_at,open,high,low,close", "{t},{o},{h},{l},{c}"),
        None,
        "bybit BTC/USD:BTC-241227 mark USD 1h 2024-01-01T00:00 13",
    ),
    "okx confirmed": (
        "okx_BTC-USDT-SWAP_1h.csv",
        rows("ts,o,h,l,c,vol,confirm", "{t},{o},{h},{l},{c},5,1")
        .replace("5,1\n", "5,0\n")
        .replace("5,0\n", "5,1\n", 2),
        None,
        "okx BTC/USDT:USDT last USDT 1h 2024-01-01T00:00 12",
    ),
    # --- candles of others ---
    "bitfinex's own names": (
        "bitfinex.csv",
        rows("MTS,OPEN,CLOSE,HIGH,LOW,VOLUME", "{t},{o},{c},{h},{l},5"),
        ImportOptions(venue="bitfinex", symbol="BTC", role="index", quote="USD"),
        "bitfinex BTC index USD 1h 2024-01-01T00:00 13",
    ),
    "a row there twice": (
        "twice.csv",
        rows("time,open,high,low,close", "{t},{o},{h},{l},{c}\n{t},{o},{h},{l},{c}"),
        ImportOptions(venue="coinbase", symbol="BTC", role="index", quote="USD"),
        "coinbase BTC index USD 1h 2024-01-01T00:00 13",
    ),
    "a value beside a time is known at its end": (
        "price.csv",
        rows("t,v", "{t},{c}", step=DAY),
        ImportOptions(venue="coingecko", symbol="BTC", role="index", quote="USD"),
        "coingecko BTC index USD - 2024-01-02T00:00 13",
    ),
    "yahoo": (
        "BTC-USD.csv",
        rows("Date,Open,High,Low,Close,Adj Close,Volume", DAYS + ",1,5"),
        UTC,
        "yahoo BTC index USD 1d 2024-01-01T00:00 13",
    ),
    "head of two levels": (
        "btc.csv",
        rows(
            "Price,Close,High,Low,Open,Volume\nTicker,BTC-USD,BTC-USD,BTC-USD,BTC-USD,BTC-USD\n"
            "Date,,,,,",
            "2024-01-0{k},{c},{h},{l},{o},5",
        ),
        ImportOptions(zone="UTC", venue="yahoo", role="index"),
        "yahoo BTC index USD 1d 2024-01-01T00:00 13",
    ),
    "a line above, twelve hours": (
        "Coinbase_BTCUSD_1h.csv",
        (
            "Data by somebody, with a comma\nDate,Symbol,Open,High,Low,Close,Volume BTC\n"
            "2024-01-01 01-PM,BTCUSD,11,13,10,12,5\n2024-01-01 12-PM,BTCUSD,10,12,9,11,5\n"
        ),
        UTC,
        "coinbase BTC index USD 1h 2024-01-01T12:00 12",
    ),
    "a sure time beside an unsure one": (
        "Bitstamp_BTCUSD_d.csv",
        rows("unix,date,symbol,open,high,low,close", "{t},x,BTC/USD,{o},{h},{l},{c}", DAY, 1000)
        .replace(",x,", ",2024-01-01 00:00:00,", 1)
        .replace(",x,", ",2024-01-02 00:00:00,", 1)
        .replace(",x,", ",2024-01-03 00:00:00,", 1),
        None,
        "bitstamp BTC index USD 1d 2024-01-01T00:00 13",
    ),
    "coinmarketcap with semicolons": (
        "Bitcoin_2024.csv",
        rows(
            "timeOpen;timeClose;name;open;high;low;close;volume;marketCap;timestamp",
            f'"{ISO}T00:00:00.000Z";"{ISO}T23:59:59.999Z";"2781";{{o}};{{h}};{{l}};{{c}};5;1;'
            f'"{ISO}T23:59:59.999Z"',
        ),
        ImportOptions(symbol="BTC", quote="USD"),
        "coinmarketcap BTC index USD 1d 2024-01-01T00:00 13",
    ),
    "end of the day": (
        "coin_Bitcoin.csv",
        rows(
            "Name,Symbol,Date,High,Low,Open,Close",
            f"Bitcoin,BTC,{ISO} 23:59:59,{{h}},{{l}},{{o}},{{c}}",
        ),
        ImportOptions(venue="coinmarketcap", role="index", quote="USD", zone="UTC"),
        "coinmarketcap BTC index USD 1d 2024-01-01T00:00 13",
    ),
    "investing": (
        "Bitcoin Historical Data - BTC USD.csv",
        (
            '"Date","Price","Open","High","Low","Vol.","Change %"\n'
            '"Jan 02, 2024","44,946.9","44,182.4","45,885.4","44,166.0","85.42K","1.73%"\n'
            '"Jan 01, 2024","44,183.4","42,272.5","44,187.0","42,196.7","45.35K","4.52%"\n'
        ),
        ImportOptions(zone="UTC", symbol="BTC", quote="USD"),
        "investing BTC index USD 1d 2024-01-01T00:00 44946.9",
    ),
    "decimal commas": (
        "kraken_spot_BTCEUR_1d.csv",
        rows(
            "Zeit;time;open;high;low;close",
            "x;2024-01-0{k}T00:00Z;1.0{o},5;1.0{h},5;1.0{l},5;1.0{c}",
        ).replace("1.09,5", "1.009,5"),
        None,
        "kraken BTC index EUR 1d 2024-01-01T00:00 1013",
    ),
    "tabs, day and clock apart": (
        "bitstamp_BTCUSD.txt",
        (
            "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\n"
            "2024.01.01\t00:00\t10\t12\t9\t11\n2024.01.01\t04:00\t11\t13\t10\t12\n"
        ),
        UTC,
        "bitstamp BTC index USD 4h 2024-01-01T00:00 12",
    ),
    "zone in the name of the column": (
        "bitstamp_BTCUSD_1d.csv",
        rows("Gmt time,Open,High,Low,Close", "0{k}.01.2024 00:00:00.000,{o},{h},{l},{c}"),
        None,
        "bitstamp BTC index USD 1d 2024-01-01T00:00 13",
    ),
    "days as one number": (
        "bitstamp_BTCUSD_1d.csv",
        rows("date,open,high,low,close", "2024010{k},{o},{h},{l},{c}"),
        UTC,
        "bitstamp BTC index USD 1d 2024-01-01T00:00 13",
    ),
    "closes alone, of days": (
        "coinbase_spot_BTCUSD_1d.csv",
        "date,close\n2024-01-01,1\n2024-01-02,2\n",
        UTC,
        "coinbase BTC index USD - 2024-01-02T00:00 2",
    ),
    "coingecko": (
        "btc-usd-max.csv",
        (
            "snapped_at,price,market_cap,total_volume\n2024-01-01 00:00:00 UTC,42000.5,1,1\n"
            "2024-01-02 00:00:00 UTC,43000.5,1,1\n"
        ),
        None,
        "coingecko BTC index USD - 2024-01-01T00:00 43000.5",
    ),
    "closes in a column": (
        "bitstamp_BTCUSD_1h.csv",
        rows("close_time,open,high,low,close", "{t},{o},{h},{l},{c}"),
        None,
        "bitstamp BTC index USD 1h 2023-12-31T23:00 13",
    ),
    "units change half way": (
        "bitstamp_BTCUSD_1h.csv",
        f"unix,open,high,low,close\n{MS // 1000},10,12,9,11\n{MS + HOUR},11,13,10,12\n",
        None,
        "bitstamp BTC index USD 1h 2024-01-01T00:00 12",
    ),
}


@pytest.mark.parametrize("case", READ.values(), ids=READ.keys())
def test_candles_of_many_makers_are_read(
    tmp_path: Path, case: tuple[str, str, ImportOptions | None, str]
) -> None:
    """What it is of, how long a bar is, when the first begins, and the last figure."""
    name, text, given, expected = case
    ((_, series),) = examine_all(written(tmp_path, name, text), given)
    assert told(series) == expected
