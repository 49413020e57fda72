"""Figures that are no prices, in files as people have them: what each is taken for."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.market.foreign import DAY, HOUR, MS, UTC, written
from tests.market.made import START_NS
from volsculpt.errors import HistoryError
from volsculpt.market.data import data_examine, data_import, data_list
from volsculpt.market.importer import ImportOptions, examine, examine_all
from volsculpt.market.series import Series, Values
from volsculpt.market.store import load
from volsculpt.units import DAY_NS, HOUR_NS, iso

NOW_NS = START_NS + 365 * DAY_NS
CANDLES = "{head}\n" + "".join(f"{{t{k}}},{k + 4},{k + 6},{k + 3},{k + 5}\n" for k in range(3))


def told(series: Series) -> str:
    """A series in one line: who, what, unit, the first stamp, when it is known, the last figure."""
    assert isinstance(series, Values)
    label = series.label
    first, known = (
        iso(int(one[0])).removesuffix(":00Z") for one in (series.stamps, series.available_ns)
    )
    return f"{label.venue} {label.symbol} {label.quote} {first} {known} {series.value[-1]:g}"


def candles(head: str, step: int, per: int = 1) -> str:
    """Three candles from 2024-01-01 on; their closes are 5, 6, 7."""
    return CANDLES.format(head=head, **{f"t{k}": (MS + k * step) // per for k in range(3)})


DAYS_OF_CANDLES = "{head}\n2024-01-01,4,6,3,5,5,0\n2024-01-02,5,7,4,6,6,0\n2024-01-03,6,8,5,7,7,0\n"
YAHOO = DAYS_OF_CANDLES.format(head="Date,Open,High,Low,Close,Adj Close,Volume")
FEAR_GREED = json.dumps(
    {
        "name": "Fear and Greed Index",
        "data": [
            {"value": "40", "value_classification": "Fear", "timestamp": "1704153600"},
            {"value": "65", "value_classification": "Greed", "timestamp": "1704067200"},
        ],
        "metadata": {"error": None},
    }
)
DVOL = json.dumps({"result": {"data": [[MS, 4, 6, 3, 5], [MS + HOUR, 5, 7, 4, 6]]}})
OPEN_INTEREST = [
    {"t": (MS + k * DAY) // 1000, "o": 4 + k, "h": 6 + k, "l": 3 + k, "c": 5 + k} for k in range(2)
]
COINALYZE = json.dumps([{"symbol": "BTCUSDT_PERP.A", "history": OPEN_INTEREST}])
NEWEST_FIRST = [{"openInterest": "461", "timestamp": f"{MS + HOUR}"}]
NEWEST_FIRST += [{"openInterest": "460", "timestamp": f"{MS}"}]
BYBIT = json.dumps(
    {"result": {"symbol": "BTCUSD", "category": "inverse", "list": NEWEST_FIRST}, "retCode": 0}
)
FRED_ROWS = [
    {"realtime_start": "2024-07-01", "realtime_end": "9999-12-31", "date": day, "value": value}
    for day, value in (("2024-01-02", "3.95"), ("2024-01-03", "3.91"))
]
FRED = json.dumps({"units": "lin", "count": 2, "observations": FRED_ROWS})
METRICS = """create_time,symbol,sum_open_interest,sum_open_interest_value
2024-01-01 00:05:00Z,BTCUSDT,7,300000
2024-01-01 00:10:00Z,BTCUSDT,8,340000
"""
INVESTING = """"Date","Price","Open","High","Low","Vol.","Change %"
"Jan 03, 2024","7","6","8","5","","0.5%"
"Jan 02, 2024","6","5","7","4","","0.5%"
"""
COIN = "binance:BTC/USDT:USDT"
FORMS = [
    (
        "DGS10.csv",
        "DATE,DGS10\n2024-01-01,.\n2024-01-02,3.95\n2024-01-03,3.91\n",
        "fred yield_10y percent 2024-01-02T00:00 2024-01-04T00:00 3.91",
    ),
    (
        "fredgraph.csv",
        "observation_date,DFF\n2024-01-05,5.33\n2024-01-06,5.33\n2024-01-07,5.34\n",
        "fred policy_rate percent 2024-01-05T00:00 2024-01-09T00:00 5.34",
    ),
    (
        "fred_DTWEXBGS_1d.csv",
        "date,value\n2024-01-02 00:00:00,119.5\n2024-01-03 00:00:00,119.8\n",
        "fred dollar_broad index 2024-01-02T00:00 2024-01-10T00:00 119.8",
    ),
    (
        "answer.json",
        FEAR_GREED,
        "alternative fear_greed index 2024-01-01T00:00 2024-01-01T00:00 40",
    ),
    (
        "export.csv",
        "fng_value,fng_classification,date\n40,Fear,31-01-2024\n65,Greed,30-01-2024\n",
        "alternative fear_greed index 2024-01-30T00:00 2024-01-30T00:00 40",
    ),
    (
        "CRYPTOCAP_BTC.D, 1D.csv",
        candles("time,open,high,low,close", DAY, 1000),
        "tradingview btc_dominance percent 2024-01-01T00:00 2024-01-02T00:00 7",
    ),
    (
        "deribit_dvol_ETH.json",
        DVOL,
        "deribit ETH:dvol percent 2024-01-01T00:00 2024-01-01T01:00 6",
    ),
    (
        "binance_open_interest_1d.json",
        COINALYZE,
        f"binance {COIN}:open_interest unit unknown 2024-01-01T00:00 2024-01-02T00:00 6",
    ),
    (
        "bybit_open_interest.json",
        BYBIT,
        "bybit bybit:BTC/USD:BTC:open_interest USD 2024-01-01T00:00 2024-01-01T01:00 461",
    ),
    (
        "bybit_linear_ETHUSDT_open_interest_1h.csv",
        f"timestamp,open_interest_base\n{MS},7\n{MS + HOUR},8\n",
        "bybit bybit:ETH/USDT:USDT:open_interest coins 2024-01-01T00:00 2024-01-01T01:00 8",
    ),
    (
        "futures/um/daily/metrics/BTCUSDT/BTCUSDT-metrics-2024-01-01.csv",
        METRICS,
        "binance binance:BTC/USDT:USDT:open_interest coins 2024-01-01T00:05 2024-01-01T00:10 8",
    ),
    (
        "aggregate_BTC_futures_open_interest_1d.csv",
        f"timestamp,open_interest_usd\n{MS},1e9\n{MS + DAY},2e9\n",
        "aggregate BTC:open_interest USD 2024-01-01T00:00 2024-01-02T00:00 2e+09",
    ),
    (
        "prices.csv",
        "Date,Close,Symbol\n2024-01-02,6,DX-Y.NYB\n2024-01-03,7,DX-Y.NYB\n",
        "ice dollar_index index 2024-01-02T00:00 2024-01-03T00:00 7",
    ),
    (
        "DGS10.json",
        FRED,
        "fred yield_10y percent 2024-01-02T00:00 2024-01-04T00:00 3.91",
    ),
    (
        "DGS10_vintages.json",
        FRED.replace("2024-07-01", "2024-01-05", 1),
        "fred yield_10y percent 2024-01-02T00:00 2024-01-06T00:00 3.91",
    ),
    ("^VIX.csv", YAHOO, "cboe equity_volatility percent 2024-01-01T00:00 2024-01-02T00:00 7"),
    ("DX-Y.NYB.csv", YAHOO, "ice dollar_index index 2024-01-01T00:00 2024-01-02T00:00 7"),
    (
        "US Dollar Index Historical Data.csv",
        INVESTING,
        "ice dollar_index index 2024-01-02T00:00 2024-01-03T00:00 7",
    ),
]


@pytest.mark.parametrize(("name", "text", "line"), FORMS, ids=[one[0] for one in FORMS])
def test_files_as_people_have_them(tmp_path: Path, name: str, text: str, line: str) -> None:
    """Each is taken for what it is, known when it was, and comes back out of the store."""
    path = written(tmp_path / "in", name, text)
    _, series = examine(path)
    assert told(series) == line
    (done,) = data_import([path], tmp_path / "root", NOW_NS)
    assert done.guess.kind == "values"
    assert told(load(data_list(tmp_path / "root")[0])) == line


def test_one_file_of_several_figures(tmp_path: Path) -> None:
    """A column each; days without a figure are left out and told."""
    text = "observation_date,DGS2,DGS10,DGS20\n2024-01-01,,,\n2024-01-02,4.33,3.95,4.2\n"
    found = examine_all(written(tmp_path, "fredgraph.csv", text))
    assert [told(series) for _, series in found] == [
        "fred yield_2y percent 2024-01-02T00:00 2024-01-04T00:00 4.33",
        "fred yield_10y percent 2024-01-02T00:00 2024-01-04T00:00 3.95",
    ]
    assert found[0][0].notes == (
        "1 row without a figure left out",
        "in percent; known after 2 business days",
    )
    assert found[0][0].columns == {"time": "observation_date", "value": "DGS2"}


def test_your_own_figure(tmp_path: Path) -> None:
    """Named by you, with its unit; without a lag it is known ten days later, and that is told."""
    path = written(tmp_path, "mine.csv", "day,ehs,pools\n2024-01-01,500,3\n2024-01-02,505,3\n")
    own = ImportOptions(name="hash_rate", unit="EH/s", columns={"value": "ehs"})
    guess, series = examine(path, own)
    assert told(series) == "own hash_rate EH/s 2024-01-01T00:00 2024-01-11T00:00 505"
    (note,) = guess.notes
    assert note == (
        "in EH/s; hash_rate stands in no table of lags: taken to be known 10 days after the time "
        "it is of; --lag says otherwise"
    )
    soon = ImportOptions(
        name="BTC:flow", unit="coins", columns={"value": "ehs"}, lag="36h", venue="glassnode"
    )
    assert told(examine(path, soon)[1]) == (
        "glassnode BTC:flow coins 2024-01-01T00:00 2024-01-02T12:00 505"
    )


def test_revisions_in_one_file(tmp_path: Path) -> None:
    """A column says when each row was published: the first of each day is kept."""
    text = (
        "date,value,published\n2024-01-01,1.0,2024-01-05\n2024-01-01,1.5,2024-02-05\n"
        "2024-01-02,2.5,2024-02-05\n2024-01-02,2.0,2024-01-06\n"
    )
    own = ImportOptions(name="growth", unit="percent")
    guess, series = examine(written(tmp_path, "growth.csv", text), own)
    assert isinstance(series, Values)
    assert list(series.value) == [1.0, 2.0]
    assert [iso(int(one))[:10] for one in series.available_ns] == ["2024-01-06", "2024-01-07"]
    assert guess.notes == (
        "when each was known is read from the file; 2 rows revised later left out",
    )


def test_what_is_not_known_yet_waits(tmp_path: Path) -> None:
    """A running candle, and a yield that is not out, come with a later import."""
    path = written(tmp_path, "DGS10.csv", "DATE,DGS10\n2024-01-02,3.95\n2024-01-03,3.91\n")
    now_ns, root = START_NS + 3 * DAY_NS, tmp_path / "root"
    (done,) = data_import([path], root, now_ns)
    assert done.guess.rows == 1
    assert "1 value not known yet left out; a later import adds them" in done.guess.notes
    (done,) = data_import([path], root, now_ns + DAY_NS)
    assert done.saved is not None
    assert (done.saved.added, done.saved.replaced) == (1, 0)
    with pytest.raises(HistoryError, match="none of its values is known at the time of import"):
        data_import([path], root, now_ns - DAY_NS)


def test_one_row_a_day(tmp_path: Path) -> None:
    """Of values known at the end of their bar: the store tells how long it is."""
    name, root = "deribit_dvol_BTC.csv", tmp_path / "root"
    text = f"time,value\n{MS},5\n{MS + DAY},6\n"
    data_import([written(tmp_path, name, text)], root, NOW_NS)
    path = written(tmp_path, name, f"time,value\n{MS + 2 * DAY},7\n")
    with pytest.raises(HistoryError, match="give it, for example --interval"):
        examine(path)
    (done,) = data_import([path], root, NOW_NS)
    assert done.saved is not None
    assert done.saved.added == 1
    series = load(data_list(root)[0])
    assert isinstance(series, Values)
    assert (series.available_ns - series.stamp_ns == DAY_NS).all()


def test_options_of_values_are_not_ignored(tmp_path: Path) -> None:
    """Given for prices they are refused."""
    path = written(tmp_path, "bitstamp_BTCUSD_1h.csv", candles("time,open,high,low,close", HOUR))
    for one in (ImportOptions(unit="USD"), ImportOptions(lag="none")):
        with pytest.raises(HistoryError, match="--unit and --lag are of figures that are no"):
            data_import([path], tmp_path / "root", NOW_NS, one)


def test_a_revised_file_keeps_what_the_past_knew(tmp_path: Path) -> None:
    """It is told; `overwrite` replaces."""
    root, name = tmp_path / "root", "DGS10.csv"
    text = "DATE,DGS10\n2024-01-02,3.95\n2024-01-03,3.91\n"
    data_import([written(tmp_path, name, text)], root, NOW_NS)
    path = written(tmp_path, name, text.replace("3.91", "3.92"))
    (done,) = data_import([path], root, NOW_NS)
    assert done.saved is not None
    (note,) = done.saved.notes
    assert note == (
        "1 of 2 values are others than stored, the first at 2024-01-03T00:00:00Z: 3.91 stored, "
        "3.92 given; kept as first known (--overwrite replaces)"
    )
    assert told(load(data_list(root)[0])).endswith(" 3.91")
    (done,) = data_import([path], root, NOW_NS, overwrite=True)
    assert done.saved is not None
    assert done.saved.replaced == 1
    assert told(load(data_list(root)[0])).endswith(" 3.92")


BARS_WITH_VOLUME = "time,open,high,low,close,volume\n2024-01-01T00:00Z,4,6,3,5,9\n"
OI = "bybit_linear_BTCUSDT_open_interest_1h.csv"
REFUSED = [
    (OI, candles("time,open,high,low,close", HOUR), {"role": "last"}, "holds open interest, not"),
    (OI, BARS_WITH_VOLUME, {}, "bars with a volume, as prices have"),
    ("open_interest.csv", "time,oi\n1704067200,5\n", {}, "of which contract it is cannot be told"),
    ("BTCUSDT_oi.csv", "time,oi\n1704067200,5\n", {}, "by whom BTC/USDT:USDT is listed"),
    ("dvol.csv", "time,value\n1704067200,5\n", {}, "of which coin it is cannot be told"),
    ("mine.csv", "time,value\n1704067200,5\n", {}, "neither bars .* --name hash_rate --unit"),
    ("mine.csv", "time,value\n1704067200,5\n", {"name": "a"}, "the unit of a cannot be told"),
    ("mine.csv", "time,value\n1704067200,5\n", {"role": "value"}, "what its values are called"),
    ("mine.csv", "time,a,b\n1704067200,5,6\n", {"name": "a", "unit": "x"}, "which of its columns"),
    ("DGS10.csv", "DATE,DGS10\n2024-01-02,abc\n", {}, "row 1: DGS10 is 'abc', which is no number"),
    ("DGS10.csv", "DATE,DGS10\n2024-01-02,.\n", {}, "none of its rows holds a figure"),
    ("DGS10.csv", "DATE,DGS10\n2024-01-02,1\n2024-01-02,2\n", {}, "the stamp is there twice"),
    ("DGS10.csv", "DATE,DGS10\n2024-01-02,1\n", {"lag": "soon"}, "'soon' is no lag"),
    ("DGS10.csv", "DATE,DGS10\n2024-01-02,1\n", {"columns": {"value": "x"}}, "no column 'x'"),
    ("fear_greed.csv", "time,value\n2024-01-02 05:00,1\n", {}, "has no zone"),
    ("deribit_dvol_BTC.csv", "time,value\n1704067200,5\n", {}, "give it, for example --interval"),
]


@pytest.mark.parametrize(("name", "text", "given", "message"), REFUSED)
def test_what_is_refused(
    tmp_path: Path, name: str, text: str, given: dict[str, str], message: str
) -> None:
    """With the file and what to give."""
    path = written(tmp_path, name, text)
    with pytest.raises(HistoryError, match=message) as error:
        examine(path, ImportOptions(**given))  # type: ignore[arg-type]
    assert str(error.value).startswith(name)


def test_open_interest_never_becomes_a_price(tmp_path: Path) -> None:
    """By its name, its folder or its column; beside prices in one table the prices are taken."""
    text = candles("time,open,high,low,close", HOUR)
    for name in (OI, "open_interest/bybit_linear_BTCUSDT_1h.csv", "bybit_BTCUSDT_oi_1h.csv"):
        (guess, _), *rest = examine_all(written(tmp_path, name, text))
        assert (guess.kind, rest) == ("values", [])
    both = "time,open,high,low,close,volume,open_interest\n2024-01-01T00:00Z,4,6,3,5,9,77\n"
    path = written(tmp_path, "bybit_linear_BTCUSDT_1h.csv", both)
    assert examine(path)[0].label.role == "last"
    path = written(tmp_path, "bybit_linear_BTCUSDT_with_open_interest_1h.csv", both)
    _, series = examine(path, ImportOptions(interval="1h"))
    assert told(series).endswith(" 77")


def test_a_mixed_folder(tmp_path: Path) -> None:
    """Prices, rates and values are stored in one import; the rest is listed."""
    folder = tmp_path / "in"
    for name, text, _ in FORMS[:8]:
        written(folder, name, text)
    written(folder, "bitstamp_BTCUSD_1h.csv", candles("timestamp,open,high,low,close", HOUR))
    written(folder, "bookticker.csv", "time,bid,ask\n1,2,3\n")
    written(folder, "margins.csv", "symbol,initial,maintenance\nBTC,2,3\n")
    read = data_examine([folder], now_ns=NOW_NS)
    assert sorted({guess.kind for guess, _ in read.found}) == ["bars", "values"]
    assert [one.path.name for one in read.left_out] == ["bookticker.csv", "margins.csv"]
    assert read.wrong == ()
    assert len(data_import([folder], tmp_path / "root", NOW_NS)) == 9


FIGURES = st.dictionaries(
    st.integers(8000, 19000), st.floats(-1e6, 1e6, allow_nan=False), min_size=2, max_size=30
)


@given(FIGURES, st.sampled_from(["yield_2y", "dollar_broad", "fear_greed", "hash_rate"]))
def test_what_is_stored_is_what_was_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, figures: dict[int, float], name: str
) -> None:
    """Every figure, of its day, bit for bit, and none known before its lag."""
    folder = tmp_path_factory.mktemp("values")
    days = sorted(figures)
    frame = pl.DataFrame(
        {
            "timestamp": pl.Series(days, dtype=pl.Int32).cast(pl.Date),
            "figure": [figures[day] for day in days],
        }
    )
    path = folder / "any.parquet"
    frame.write_parquet(path)
    data_import([path], folder / "root", NOW_NS, ImportOptions(name=name, unit="x"))
    series = load(data_list(folder / "root")[0])
    assert isinstance(series, Values)
    assert series.stamp_ns.tolist() == [day * DAY_NS for day in days]
    assert series.value.tolist() == [figures[day] for day in days]
    least = {"yield_2y": 2, "dollar_broad": 8, "fear_greed": 0, "hash_rate": 10}[name]
    assert (series.available_ns >= series.stamp_ns + least * DAY_NS).all()
    assert np.all(series.available_ns % HOUR_NS == 0)


def test_utc_is_asked_where_it_matters(tmp_path: Path) -> None:
    """A time of day without a zone; a day needs none."""
    path = written(tmp_path, "fear_greed.csv", "time,value\n2024-01-02 05:00,1\n")
    assert told(examine(path, UTC)[1]).startswith("alternative fear_greed index 2024-01-02T05:00")
