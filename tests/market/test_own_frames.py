"""Frames of a program's own as a history: read as files are, refused by the same gate."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import volsculpt as vs
from tests.structure.source_tree import ROOT
from volsculpt.units import HOUR_NS, datetime_ns

KEY = "bybit:BTC/USD:BTC"
ROWS = 60
TIMES = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=8 * row) for row in range(ROWS)]
STAMPS = [datetime_ns(one) for one in TIMES]
PRICE = np.linspace(60_000.0, 61_000.0, ROWS)
BARS = {"open": PRICE, "high": PRICE + 10.0, "low": PRICE - 10.0, "close": PRICE + 5.0}
PLAIN: dict[str, Any] = {"time": TIMES, "price": PRICE}


def one_of(frame: Any, name: str = "BTC", **named: Any) -> Any:  # noqa: ANN401
    """The only series of a history of one frame."""
    (found,) = vs.history_from(vs.OwnSeries(frame, name, **named)).series
    return found


def changed(column: str, row: int, cell: object) -> dict[str, Any]:
    """Plain prices with one cell changed."""
    cells = list(PLAIN[column])
    cells[row] = cell
    return {**PLAIN, column: cells}


@pytest.mark.parametrize(
    "frame",
    [
        PLAIN,
        {"time": STAMPS, "price": PRICE.tolist()},
        {"time": np.array(STAMPS), "price": PRICE},
        {"timestamp": [stamp // 10**6 for stamp in STAMPS], "price": PRICE},
        {"date": [one.isoformat() for one in TIMES], "price": PRICE},
        pl.DataFrame(PLAIN),
        pl.DataFrame(PLAIN).lazy(),
        pd.DataFrame(PLAIN),
        pd.DataFrame({"price": PRICE}, index=pd.DatetimeIndex(TIMES)),
        pd.DataFrame({"price": PRICE}, index=pd.DatetimeIndex(TIMES).tz_convert("Asia/Tokyo")),
        pd.DataFrame({"time": [one.isoformat() for one in TIMES], "price": PRICE}),
    ],
)
def test_times_and_prices_in_every_form_are_one_series(frame: Any) -> None:  # noqa: ANN401
    """Datetimes with a zone, numbers since 1970, text; polars, pandas, a dict."""
    found = one_of(frame)
    assert found.stamps.tolist() == STAMPS
    assert found.price.tolist() == PRICE.tolist()
    assert (found.label.role, found.label.quote) == ("index", "USD")


def test_bars_rates_and_labels() -> None:
    """A frame with bars and funding is both; what it is of is told, or taken from its name."""
    rates = [1e-4 if row % 2 == 0 else None for row in range(ROWS)]
    both = pl.DataFrame({"time": TIMES, **BARS, "funding_rate": rates})
    found = vs.history_from(vs.OwnSeries(both, KEY), vs.OwnSeries(PLAIN, "BTC", quote="USDT"))
    assert found.mark[KEY].kind == "bars"
    assert found.mark[KEY].label.quote == "USD"
    assert found.funding[KEY].stamps.tolist() == STAMPS[::2]
    assert found.funding[KEY].interval_hours.tolist() == [16.0] * (ROWS // 2)
    assert found.index["BTC"].label.quote == "USDT"
    assert any("30 rows without any figure left out" in note for note in found.notes)
    last = one_of(BARS | {"time": TIMES}, KEY, role="last", interval="8h", stamp="close")
    assert (last.label.role, last.stamps[0]) == ("last", STAMPS[0] - 8 * HOUR_NS)
    assert (
        one_of({"when": TIMES, "px": PRICE}, columns={"time": "when", "price": "px"}).price[0] > 0
    )


def test_a_run_goes_through_own_frames() -> None:
    """As through a history that was opened."""
    rates = {"time": TIMES, "rate": [1e-4] * ROWS}
    history = vs.history_from(
        vs.OwnSeries({"time": TIMES, **BARS}, "BTC"),
        vs.OwnSeries({"time": TIMES, **BARS}, KEY),
        vs.OwnSeries(rates, KEY),
    )
    text = (
        'version = 1\n[[account]]\nname = "m"\nkind = "margin"\nvenue = "bybit"\n'
        'balances = { BTC = 1.0 }\n[[hedge]]\nunderlying = "BTC"\nratio = 0.5\n'
    )
    desk = vs.paper(text, history, steps=2)
    assert desk.to_polars("positions")["contract"].to_list() == [KEY]


@pytest.mark.parametrize(
    ("frame", "named", "message"),
    [
        (changed("price", 3, float("nan")), {}, "row 4: holds no figure"),
        (changed("price", 3, -1.0), {}, "row 4 (2024-01-02T00:00:00Z): price is -1; it must be"),
        (changed("time", 3, None), {}, "row 4: the time is missing"),
        (changed("time", 3, TIMES[2]), {}, "row 4 (2024-01-01T16:00:00Z): the stamp is there tw"),
        ({**PLAIN, "price": [*map(str, PRICE[:-1]), "x"]}, {}, "row 60: price is 'x', which is no"),
        ({**PLAIN, "time": TIMES[:-1]}, {}, "columns are not of one length: time 59, price 60"),
        ({"when": TIMES, "px": PRICE}, {}, 'for example columns={"time": "when", "price": "px"}'),
        ({"time": TIMES, "close": PRICE}, {}, 'say stamp="open" or stamp="close"'),
        ({**PLAIN, "time": [t.replace(tzinfo=None) for t in TIMES]}, {}, "if it is in UTC, say zo"),
        ({"time": TIMES, **BARS, "high": PRICE - 1.0}, {}, "row 1 (2024-01-01T00:00:00Z): open"),
        ({"time": TIMES, "rate": PRICE}, {"name": KEY}, "rates are fractions, not percent"),
        (PLAIN, {"role": "mark"}, "mark is of a contract, and 'BTC' is a coin; name the contract"),
        (PLAIN, {"name": KEY, "role": "index"}, "an index is of a coin, not of bybit:BTC/USD:BTC"),
        (PLAIN, {"name": "bybit:BTC"}, "write BASE/QUOTE:SETTLE for a perpetual"),
        (PLAIN, {"role": "x"}, "role: 'x' is unknown; allowed: index, mark, last, funding"),
        (PLAIN, {"role": [1]}, "role: [1] is unknown"),
        (PLAIN, {"quote": 5}, "quote: 5 is no text"),
        (PLAIN, {"columns": 5}, "columns: 5 is no dict of our names"),
        (PLAIN, {"columns": {"price": 5}}, "is no dict of our names to those of the frame"),
        (PLAIN, {"percent": "no"}, "percent: 'no' is neither True nor False"),
        (PLAIN, {"stamp": "x"}, "stamp: 'x' is unknown; allowed: open, close"),
        (PLAIN, {"interval": "x"}, "interval: 'x' is no length of time"),
        (PLAIN, {"name": 5}, "name: 5 is neither a coin nor a contract; write vs.OwnSeries"),
        (5, {}, "int is no frame; give one of polars or pandas, or a dict of columns"),
        ({}, {}, "frame of BTC: "),
        (pl.DataFrame({"time": [], "price": []}), {}, "holds no rows"),
        ({"time": 5, "price": 5}, {}, "column time cannot be read"),
        ({"time": TIMES, "price": [object()] * ROWS}, {}, "price holds no numbers"),
        ({"time": TIMES, "price": [*PRICE[:-1].tolist(), "x"]}, {}, "column price cannot be read"),
    ],
)
def test_what_is_wrong_names_row_column_and_fix(
    frame: Any,  # noqa: ANN401
    named: dict[str, Any],
    message: str,
) -> None:
    """The first row is 1, and the way out is told in Python's words."""
    with pytest.raises(vs.VolsculptError) as error:
        one_of(frame, **named)
    assert message in str(error.value)
    assert "--" not in str(error.value)


def test_what_is_no_series_of_a_name_says_what_to_write() -> None:
    """A bare frame, none at all, and one thing twice."""
    wanted = 'write vs.OwnSeries(frame, "bybit:BTC/USD:BTC")'
    for given in ([], [pl.DataFrame(PLAIN)]):
        with pytest.raises(vs.HistoryError) as error:
            vs.history_from(*given)
        assert wanted in str(error.value)
    with pytest.raises(vs.HistoryError, match="two series for one thing"):
        vs.history_from(vs.OwnSeries(PLAIN, "BTC"), vs.OwnSeries(PLAIN, "BTC"))


@pytest.mark.parametrize("frame", [PLAIN, pl.DataFrame(PLAIN), pd.DataFrame(PLAIN)])
@pytest.mark.parametrize("call", [vs.backtest, vs.evaluate, vs.paper, vs.ratio])
def test_a_frame_where_a_history_is_wanted_is_told_the_way(call: Any, frame: Any) -> None:  # noqa: ANN401
    """In every call that takes a history."""
    with pytest.raises(vs.HistoryError, match=r"make one of it: vs\.history_from\(vs\.OwnSeries\("):
        call(ROOT / "examples" / "history.toml", frame)
