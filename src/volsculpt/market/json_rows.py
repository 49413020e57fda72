"""JSON answers of exchanges and programs as tables.

An answer is unwrapped until rows are found: lists of figures, lists of records, or a record of
lists. What stands beside the rows and says what they are of (symbol, category) becomes a column.
"""

import re
from typing import Any

import polars as pl

from volsculpt.market.layouts import laid_out
from volsculpt.market.unclear import Unclear
from volsculpt.parsing import TOO_DEEP, json_of

# Where rows lie, in the order in which the keys are tried.
WRAPPERS = (
    "result data history rates list rows candles prices ohlcv Data klines records fundingRates "
    "fundingRateHistory items"
).split()
FACTS = "symbol category instrument_name instId instType exchange interval coin".split()
# A record whose key says what its pairs are.
PAIRS = {"prices": ["time", "price"]}
PLAIN_WORDS = "values value points series bars entries content payload".split()
NUMBERED = re.compile(r"^\d+[a-z]?\. ")  # Alpha Vantage: "1. open"
_NESTED = "info"  # CCXT: the exchange's own record, said again


def table_of_json(text: str, place: str) -> pl.DataFrame:
    """The rows in a JSON text. Raises Unclear when there are none."""
    try:
        content = json_of(text)
    except ValueError:
        content = _lines(text, place)
    try:
        frames = _tables(content, {}, "", place)
    except RecursionError:
        raise Unclear(f"{place}: holds no rows of figures: {TOO_DEEP}") from None
    if not frames:
        raise Unclear(f"{place}: holds no rows of figures")
    return pl.concat(frames, how="diagonal_relaxed")


def _lines(text: str, place: str) -> list[Any]:
    """A record a line."""
    try:
        return [json_of(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        raise Unclear(f"{place}: is no JSON") from None


def _tables(content: object, facts: dict[str, str], key: str, place: str) -> list[pl.DataFrame]:
    """Every table in a value, with what stands beside it."""
    if isinstance(content, dict):
        beside = facts | {k: str(v) for k, v in content.items() if k in FACTS and _is_plain(v)}
        if _is_columns(content):
            there = {k: v for k, v in content.items() if isinstance(v, list) and v}
            rows = zip(*there.values(), strict=True)
            return [_with(_records([dict(zip(there, row, strict=True)) for row in rows]), beside)]
        for name in WRAPPERS:
            if isinstance(content.get(name), list | dict) and content[name]:
                return _tables(content[name], beside, name, place)
        dated = next((v for v in (content, *content.values()) if _is_dated(v)), None)
        if dated is not None:
            return [_with(_records([{"time": k} | v for k, v in dated.items()]), beside)]
        pairs = [(k, v) for k, v in content.items() if isinstance(v, list) and v]
        return [t for k, v in pairs for t in _tables(v, _of(k) | beside, k, place)]
    if not isinstance(content, list) or not content:
        return []
    if all(isinstance(row, dict) for row in content):
        if any(isinstance(row.get(name), list) for row in content for name in WRAPPERS):
            return [table for row in content for table in _tables(row, facts, key, place)]
        return [_with(_records(content), facts)]
    if all(isinstance(row, list) for row in content):
        return [_with(_rows(content, key, place), facts)]
    return []


def _of(key: str) -> dict[str, str]:
    """What a key over rows says they are of; words, like historicalFunding, say nothing."""
    is_symbol = key == key.lower() or re.fullmatch(r"[a-z]{0,2}[A-Z0-9/_:.-]+", key)
    return {"symbol": key} if is_symbol and key.lower() not in PLAIN_WORDS else {}


def _is_dated(value: object) -> bool:
    """Whether a value is a record of records, each under its day or time."""
    return (
        isinstance(value, dict)
        and len(value) > 0
        and all(isinstance(row, dict) for row in value.values())
        and all(re.match(r"\d{4}-\d\d-\d\d|\d{9,}$", name) for name in value)
    )


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _is_columns(content: dict[str, Any]) -> bool:
    """Whether a record holds columns: several lists of figures of one length."""
    lists = [v for v in content.values() if isinstance(v, list) and v]
    flat = [one for one in lists if not isinstance(one[0], list | dict)]
    return len(flat) > 1 and len({len(one) for one in flat}) == 1


def _records(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Records as a table of texts; records inside are spread, CCXT's `info` left out."""
    flat = [_spread(row) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    columns = {name: [_text(row.get(name)) for row in flat] for name in names}
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


def _spread(row: dict[str, Any]) -> dict[str, Any]:
    """A record without records in it."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        name = NUMBERED.sub("", name)
        if isinstance(value, dict):
            flat |= {} if name == _NESTED else value
        else:
            flat[name] = value
    return flat


def _rows(rows: list[list[Any]], key: str, place: str) -> pl.DataFrame:
    """Lists of figures as a table of texts."""
    width = len(rows[0])
    wrong = next((k for k, row in enumerate(rows) if len(row) != width), None)
    if wrong is not None:
        raise Unclear(f"{place}: row {wrong + 1} has {len(rows[wrong])} figures, not {width}")
    names = [f"{k + 1}" for k in range(width)]
    columns = {name: [_text(row[k]) for row in rows] for k, name in enumerate(names)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
    if key in PAIRS and width == len(PAIRS[key]):
        return frame.rename(dict(zip(names, PAIRS[key], strict=True)))
    return laid_out(frame, place)


def _with(frame: pl.DataFrame, facts: dict[str, str]) -> pl.DataFrame:
    """The table with what stands beside it as columns, where it has none of that name."""
    return frame.with_columns(
        pl.lit(value).alias(name) for name, value in facts.items() if name not in frame.columns
    )


def _text(value: object) -> str | None:
    """A figure as it was written; Python prints floats so that they read back the same."""
    return None if value is None or isinstance(value, list) else str(value)
