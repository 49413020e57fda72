"""A whole history as tables: prices, funding and values, a row a stamp and series."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from volsculpt.errors import NO_PANDAS, HistoryError, MissingExtra
from volsculpt.market.frames import AVAILABLE, UTC_NS, frame_of
from volsculpt.market.series import FundingRates, Series, Values

if TYPE_CHECKING:
    import pandas

SHAPES: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    "prices": {
        "time": UTC_NS,
        "name": pl.String,
        "role": pl.String,
        "quote": pl.String,
        "open": pl.Float64,
        "high": pl.Float64,
        "low": pl.Float64,
        "close": pl.Float64,
        "volume": pl.Float64,
        "source": pl.String,
    },
    "funding": {
        "time": UTC_NS,
        "name": pl.String,
        "rate": pl.Float64,
        "interval_hours": pl.Float64,
        "source": pl.String,
    },
    "values": {
        "time": UTC_NS,
        AVAILABLE: UTC_NS,
        "name": pl.String,
        "value": pl.Float64,
        "quote": pl.String,
        "source": pl.String,
    },
}


def polars_frame(every: Sequence[Series], table: str) -> pl.DataFrame:
    """One of the tables of SHAPES, by name and time; HistoryError names those there are."""
    if table not in SHAPES:
        raise HistoryError(f"table = {table!r}: a history has {', '.join(SHAPES)}")
    shape = SHAPES[table]
    frames = [_shaped(one, shape) for one in every if _table_of(one) == table]
    return pl.concat([pl.DataFrame(schema=shape), *frames])


def pandas_frame(frame: pl.DataFrame) -> "pandas.DataFrame":
    """The same for pandas; MissingExtra where it is not installed."""
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtra(NO_PANDAS) from None
    return pd.DataFrame(
        {
            name: pd.to_datetime(frame[name].to_physical().to_numpy(), unit="ns", utc=True)
            if frame[name].dtype == UTC_NS
            else frame[name].to_numpy()
            for name in frame.columns
        }
    )


def _table_of(one: Series) -> str:
    """The table that a series stands in."""
    if isinstance(one, FundingRates):
        return "funding"
    return "values" if isinstance(one, Values) else "prices"


def _shaped(one: Series, shape: dict[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """A series in the columns of its table; a plain price is a close, what it lacks is null."""
    label = one.label
    frame = frame_of(one).rename({"price": "close"}, strict=False)
    frame = frame.with_columns(
        name=pl.lit(label.key),
        role=pl.lit(label.role),
        quote=pl.lit(label.quote),
        source=pl.lit(label.source),
    )
    lacking = [pl.lit(None).alias(name) for name in shape if name not in frame.columns]
    return frame.with_columns(lacking).select(
        pl.col(name).cast(kind) for name, kind in shape.items()
    )
