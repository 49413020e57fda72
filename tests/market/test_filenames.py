"""What the names of files are read as: a table, and nothing that a name does not say."""

from pathlib import Path

import pytest

from tests.market.foreign import rows, written
from volsculpt.errors import HistoryError
from volsculpt.market.data import data_examine
from volsculpt.market.filenames import named
from volsculpt.market.importer import ImportOptions

NAMES = """
kraken_BTC_index_1h.csv            kraken    BTC   -     index    -
kraken_BTC_index_USD_1h.csv        kraken    BTC   USD   index    -
kraken_BTCUSD_index_1h.csv         kraken    BTC   USD   index    -
kraken_index_BTCUSD_1h.csv         kraken    BTC   USD   index    -
kraken_XBT_index.csv               kraken    BTC   -     index    -
kraken_BTC_spot_USD_1h.csv         kraken    BTC   USD   index    BTC
BTC-INDEX-USD.csv                  -         BTC   USD   index    -
BTC_index_2020-2024.csv            -         BTC   -     index    -
bitcoin_index_USD.csv              -         BTC   USD   index    -
ETHEREUM-USD.csv                   -         ETH   USD   -        -
BTC_daily_USD.csv                  -         BTC   USD   -        -
binance_BTC_close_usd.csv          binance   BTC   USD   -        -
bitstamp_eth_eur_1d.csv            bitstamp  ETH   EUR   index    ETH
coinbase-BTC-USD-1h.csv            coinbase  BTC   USD   index    BTC
binance_um_PEPEUSDT_mark_1h.csv    binance   PEPE  USDT  mark     PEPE/USDT:USDT
binance_um_WORDYUSDT_1h.csv        binance   WORDY USDT  last     WORDY/USDT:USDT
kraken_UNI_USD_1h.csv              kraken    UNI   USD   -        -
okx_BTC-USDT-SWAP_mark_1h.csv      okx       BTC   USDT  mark     BTC/USDT:USDT
funding_BTC_USDT_USDT.csv          -         BTC   USDT  funding  BTC/USDT:USDT
deribit_BTC-PERPETUAL_1h.csv       deribit   BTC   USD   last     BTC/USD:BTC
backup_BTC_index_240927.csv        -         -     -     index    -
kraken_BTC_ETH_index.csv           kraken    -     -     index    -
bybit_BTC_mark_1h.csv              bybit     -     -     mark     -
kraken_index_1h.csv                kraken    -     -     index    -
binance_um_MARK_USDT_1h.csv        binance   -     -     mark     -
INDEX-PERPETUAL.csv                -         -     -     index    -
FUNDING-PERP.csv                   -         -     -     funding  -
indexusd.csv                       -         -     -     -        -
INDEX_USD_1h.csv                   -         -     -     index    -
fear_greed_usd.csv                 -         -     -     -        -
my_prices_usd.csv                  -         -     -     -        -
mine_usd.csv                       -         -     -     -        -
data_2023_usd.csv                  -         -     -     -        -
close_usdt.csv                     -         -     -     -        -
"""


@pytest.mark.parametrize("row", NAMES.split("\n")[1:-1], ids=lambda row: row.split()[0])
def test_a_name_is_read(row: str) -> None:
    """Venue, coin, currency, role and symbol; "-" is what it does not say."""
    name, *told = row.split()
    found = named(Path(name))
    base = None if found.instrument is None else found.instrument.base
    said = (found.venue, base, found.quote, found.role, found.symbol)
    assert [one or "-" for one in said] == told


def test_what_a_name_does_not_say_is_asked_for(tmp_path: Path) -> None:
    """The coin of a spot price is told, its currency asked for; a word is no coin."""
    text = rows("time,open,high,low,close", "{t},{o},{h},{l},{c}")
    path = written(tmp_path, "kraken_BTC_index_1h.csv", text)
    with pytest.raises(HistoryError, match="its quote cannot be told from its name"):
        data_examine([path])
    ((_, series),) = data_examine([path], ImportOptions(quote="USD")).found
    assert (series.label.key, series.label.quote, series.label.role) == ("BTC", "USD", "index")
    for name in ("INDEX_USD_1h.csv", "kraken_index_USD_1h.csv"):
        with pytest.raises(HistoryError, match=r"symbol.* cannot be told"):
            data_examine([written(tmp_path, name, text)])
    wrong = written(tmp_path, "kraken_ETH_index_1h.csv", text)
    with pytest.raises(HistoryError, match="its name says ETH, but BTC is asked for"):
        data_examine([wrong], ImportOptions(symbol="BTC", quote="USD"))
