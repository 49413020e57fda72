"""Funding as files hold it, and answers in JSON, a small file of each, read right."""

import json
from pathlib import Path

import pytest

from tests.market.foreign import HOUR, MS, OHLC, told, written
from volsculpt.market.importer import ImportOptions, examine_all

MORE: dict[str, tuple[str, str, ImportOptions | None, str]] = {
    # --- funding ---
    "binance funding": (
        "binance_um_BTCUSDT_funding.csv",
        (
            f"calc_time,funding_interval_hours,last_funding_rate\n{MS + 3},8,0.0001\n"
            f"{MS + 8 * HOUR},8,0.0002\n"
        ),
        None,
        "binance BTC/USDT:USDT funding USDT 8h 2024-01-01T00:00 0.0002",
    ),
    "bitmex funding": (
        "bitmex_XBTUSD_funding.csv",
        (
            "timestamp,symbol,fundingInterval,fundingRate,fundingRateDaily\n"
            "2024-01-01T04:00:00.000Z,XBTUSD,2000-01-01T08:00:00.000Z,0.0001,0.0003\n"
            "2024-01-01T12:00:00.000Z,XBTUSD,2000-01-01T08:00:00.000Z,0.0002,0.0006\n"
        ),
        None,
        "bitmex BTC/USD:BTC funding USD 8h 2024-01-01T04:00 0.0002",
    ),
    "dydx history": (
        "dydx.json",
        json.dumps(
            {
                "historicalFunding": [
                    {
                        "ticker": "BTC-USD",
                        "rate": f"{k + 1}e-5",
                        "effectiveAt": f"2024-01-01T0{k}:00Z",
                    }
                    for k in (1, 0)
                ]
            }
        ),
        ImportOptions(venue="kraken", symbol="BTC/USD:BTC", role="funding"),
        "kraken BTC/USD:BTC funding USD 1h 2024-01-01T00:00 2e-05",
    ),
    "t and r": (
        "gate.csv",
        f"t,r\n{MS // 1000},0.0001\n{(MS + 8 * HOUR) // 1000},0.0002\n",
        ImportOptions(venue="bybit", symbol="BTC/USDT:USDT", role="funding"),
        "bybit BTC/USDT:USDT funding USDT 8h 2024-01-01T00:00 0.0002",
    ),
    "records under their days": (
        "alpha.json",
        json.dumps(
            {
                "Meta Data": {"1. Information": "Daily"},
                "Time Series (Daily)": {
                    f"2024-01-0{k + 1}": {"1. open": o, "2. high": h, "3. low": low, "4. close": c}
                    for k, (o, h, low, c) in enumerate(OHLC)
                },
            }
        ),
        ImportOptions(venue="coinbase", symbol="BTC", role="index", quote="USD", zone="UTC"),
        "coinbase BTC index USD 1d 2024-01-01T00:00 13",
    ),
    "rows under a plain word": (
        "messari.json",
        json.dumps(
            {
                "data": {
                    "parameters": {"columns": ["timestamp"]},
                    "values": [[MS + k * HOUR, *row, 5] for k, row in enumerate(OHLC)],
                }
            }
        ),
        ImportOptions(venue="coinbase", symbol="BTC", role="index", quote="USD"),
        "coinbase BTC index USD 1h 2024-01-01T00:00 13",
    ),
    "realised beside predicted": (
        "okx_BTC-USD-SWAP_funding.csv",
        (
            "instId,fundingRate,realizedRate,fundingTime\n"
            f"BTC-USD-SWAP,0.0005,0.0001,{MS}\nBTC-USD-SWAP,0.0006,0.0002,{MS + 8 * HOUR}\n"
        ),
        None,
        "okx BTC/USD:BTC funding USD 8h 2024-01-01T00:00 0.0002",
    ),
    "percent in the name": (
        "bybit_inverse_BTCUSD_funding.csv",
        f"time,Funding Rate (%)\n{MS},0.01\n{MS + 8 * HOUR},0.02\n",
        None,
        "bybit BTC/USD:BTC funding USD 8h 2024-01-01T00:00 0.0002",
    ),
    "percent in the cells": (
        "bybit_inverse_BTCUSD_funding.csv",
        f"time,fundingRate\n{MS},0.0100%\n{MS + 8 * HOUR},0.0369%\n",
        None,
        "bybit BTC/USD:BTC funding USD 8h 2024-01-01T00:00 0.000369",
    ),
    "deribit by the hour": (
        "deribit_BTC-PERPETUAL_funding.csv",
        f"timestamp,interest_8h,interest_1h\n{MS},0.0008,0.0001\n{MS + HOUR},0.0008,0.0002\n",
        None,
        "deribit BTC/USD:BTC funding USD 1h 2024-01-01T00:00 0.0002",
    ),
    "kraken relative": (
        "kraken_PF_XBTUSD_funding.csv",
        f"timestamp,fundingRate,relativeFundingRate\n{MS},0.05,0.0001\n{MS + HOUR},0.06,0.0002\n",
        None,
        "kraken BTC/USD:USD funding USD 1h 2024-01-01T00:00 0.0002",
    ),
    "ticker with its own payment": (
        "okx_BTC-USD-SWAP_funding.csv",
        "ts,fundingRate,fundingTime,nextFundingTime\n"
        + "".join(
            f"{MS + k * HOUR},{0.0001 * (k + 1):.4f},{MS + (k // 8 + 1) * 8 * HOUR},"
            f"{MS + (k // 8 + 2) * 8 * HOUR}\n"
            for k in range(16)
        ),
        None,
        "okx BTC/USD:BTC funding USD 8h 2024-01-01T08:00 0.0016",
    ),
    # --- JSON ---
    "ccxt candles": (
        "binance_um_BTCUSDT_1h.json",
        json.dumps([[MS + k * HOUR, *one, 5.0] for k, one in enumerate(OHLC)]),
        None,
        "binance BTC/USDT:USDT last USDT 1h 2024-01-01T00:00 13",
    ),
    "ccxt funding": (
        "rates.json",
        json.dumps(
            [
                {
                    "info": {"fundingRate": "0.5"},
                    "symbol": "BTC/USDT:USDT",
                    "fundingRate": 0.0001 * (k + 1),
                    "timestamp": MS + k * 8 * HOUR,
                    "datetime": "2024-01-01T00:00:00.000Z",
                }
                for k in range(2)
            ]
        ),
        ImportOptions(venue="binance"),
        "binance BTC/USDT:USDT funding USDT 8h 2024-01-01T00:00 0.0002",
    ),
    "deribit chart": (
        "deribit_BTC-PERPETUAL_1h.json",
        json.dumps(
            {
                "result": {
                    "ticks": [MS + k * HOUR for k in range(3)],
                    **{
                        name: [one[k] for one in OHLC]
                        for k, name in enumerate("open high low close".split())
                    },
                    "cost": [1, 1, 1],
                    "status": "ok",
                }
            }
        ),
        None,
        "deribit BTC/USD:BTC last USD 1h 2024-01-01T00:00 13",
    ),
    "bybit candles": (
        "answer.json",
        json.dumps(
            {
                "retCode": 0,
                "result": {
                    "category": "linear",
                    "symbol": "BTCUSDT",
                    "list": [
                        [str(MS + k * HOUR), *map(str, one), "5", "60"]
                        for k, one in enumerate(OHLC)
                    ][::-1],
                },
            }
        ),
        ImportOptions(venue="bybit", role="last"),
        "bybit BTC/USDT:USDT last USDT 1h 2024-01-01T00:00 13",
    ),
    "kraken candles": (
        "kraken.json",
        json.dumps(
            {
                "error": [],
                "result": {
                    "XXBTZUSD": [
                        [MS // 1000 + k * 3600, *map(str, one), str(one[0]), "5", 7]
                        for k, one in enumerate(OHLC)
                    ],
                    "last": 1,
                },
            }
        ),
        ImportOptions(role="index"),
        "kraken BTC index USD 1h 2024-01-01T00:00 13",
    ),
    "records a line": (
        "hyperliquid_BTC_candles.jsonl",
        "\n".join(
            json.dumps({"t": MS + k * HOUR, "T": MS + (k + 1) * HOUR - 1, "s": "BTC", "i": "1h"})[
                :-1
            ]
            + f', "o": "{o}", "c": "{c}", "h": "{h}", "l": "{low}", "v": "5", "n": 3}}'
            for k, (o, h, low, c) in enumerate(OHLC)
        ),
        ImportOptions(symbol="BTC/USD:USD", role="last"),
        "hyperliquid BTC/USD:USD last USD 1h 2024-01-01T00:00 13",
    ),
    "coingecko prices": (
        "coingecko_btc-usd.json",
        json.dumps(
            {"prices": [[MS, 1.5], [MS + HOUR, 2.5]], "market_caps": [[MS, 9], [MS + HOUR, 9]]}
        ),
        None,
        "coingecko BTC index USD - 2024-01-01T00:00 2.5",
    ),
}


@pytest.mark.parametrize("case", MORE.values(), ids=MORE.keys())
def test_rates_and_answers_are_read(
    tmp_path: Path, case: tuple[str, str, ImportOptions | None, str]
) -> None:
    """What it is of, how long a bar is, when the first begins, and the last figure."""
    name, text, given, expected = case
    ((_, series),) = examine_all(written(tmp_path, name, text), given)
    assert told(series) == expected


def test_symbols_that_one_contract_of_the_venue_fits_are_split(tmp_path: Path) -> None:
    """BTCUSD and ETHUSD at bybit are its inverse perpetuals: no other contract is quoted so."""
    lines = [
        f"{name},{MS + k * 8 * HOUR},{rate}"
        for k in range(3)
        for name, rate in (("BTCUSD", 0.0001), ("ETHUSD", 0.0002))
    ]
    path = written(tmp_path, "rates.csv", "\n".join(["symbol,fundingTime,fundingRate", *lines]))
    found = examine_all(path, ImportOptions(venue="bybit", role="funding"))
    assert [told(series) for _, series in found] == [
        "bybit BTC/USD:BTC funding USD 8h 2024-01-01T00:00 0.0001",
        "bybit ETH/USD:ETH funding USD 8h 2024-01-01T00:00 0.0002",
    ]
