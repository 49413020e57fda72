"""Numbers as files write them: 1,234.5, 1.234,5, 1.31M, 0.0369 %, $8,076.20, null.

A column is read in one manner. What may mean two things (1,234) is refused, not guessed.
"""

import re

import polars as pl

from volsculpt.errors import HistoryError
from volsculpt.market.unclear import Unclear

NOTHING = ("", "null", "none", "nan", "nat", "<na>")
SIZES = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "%": 1e-2}
# Sure signs of which mark parts thousands and which the fraction.
_POINT = r"^\d{1,3}(,\d{3})+\.\d*$|^\d{1,3}(,\d{3}){2,}$"
_COMMA = r"^\d{1,3}(\.\d{3})+,\d*$|^\d{1,3}(\.\d{3}){2,}$|^\d+,\d{1,2}$|^\d+,\d{4,}$"
_EITHER = r"^\d{1,3},\d{3}$"
_GROUPS = r"^[1-9]\d{0,2}(\.\d{3})+$"  # 61.179: a fraction of three places, or thousands
_WRITTEN = r"^([+-]?)[$€£]?([\d.,]+)(e[+-]?\d+)?\s*([kmbt%]?)$"


def is_nothing(cells: pl.Series) -> pl.Series:
    """Where a column holds no figure: null, NaN, or a word for it."""
    if cells.dtype == pl.String:
        words = cells.str.strip_chars().str.to_lowercase()
        return words.is_null() | words.is_in(NOTHING)
    if cells.dtype.is_float():
        return cells.is_null() | cells.is_nan()
    return cells.is_null()


def begins_with_comma(frame: pl.DataFrame, place: str) -> bool | None:
    """Whether the comma begins the fraction in columns of figures; None where nothing tells.

    Raises HistoryError where it does in one cell and the point in another.
    """
    signs = [_signs(frame[name]) for name in frame.columns if frame[name].dtype == pl.String]
    point, comma = any(one[0] for one in signs), any(one[1] for one in signs)
    if point and comma:
        raise HistoryError(f"{place}: holds numbers like 1,234.5 and like 1.234,5")
    return comma if point or comma else None


def refuse_unsure_points(frame: pl.DataFrame, place: str) -> None:
    """Unclear where 61.179 may be 61,179 in a table of texts parted by semicolons.

    Spreadsheets part so where the comma begins the fraction, and there the point parts thousands.
    One figure that is no group of three digits shows that it begins the fraction.
    """
    figures = [_digits(frame[name].drop_nulls()) for name in frame.columns]
    pointed = [one for one in figures if one.str.contains(r"^\d+\.\d+$").any()]
    sure = any(not one.str.contains(rf"{_GROUPS}|^\d+$|^$").all() for one in pointed)
    if sure or not pointed or any(one.str.contains(r"\d,\d").any() for one in figures):
        return
    raise Unclear(
        f"{place}: the point in {pointed[0].name} may part thousands or begin the fraction; if it "
        f"begins the fraction part the columns by commas, else write numbers without thousands"
    )


def numbers(frame: pl.DataFrame, column: str, place: str, comma: bool | None = None) -> pl.Series:
    """A column as float64, nothing as null; HistoryError names the first cell that is no number.

    Args: frame: the table; column: its name; place: where it is, for errors; comma: whether the
    comma begins the fraction, None = not known.
    """
    cells = frame[column]
    if cells.dtype != pl.String:
        try:
            return cells.cast(pl.Float64).fill_nan(None)
        except pl.exceptions.PolarsError:
            raise HistoryError(f"{place}: {column} holds no numbers but {cells.dtype}") from None
    texts = pl.select(pl.when(is_nothing(cells)).then(None).otherwise(cells)).to_series()
    texts = texts.str.strip_chars()
    read = texts.cast(pl.Float64, strict=False)
    if comma or (read.is_null() & texts.is_not_null()).any():
        if comma is None and _digits(cells).str.contains(_EITHER).any():
            raise Unclear(
                f"{place}: the comma in {column} may part thousands or begin the fraction; "
                f"write its numbers with a point and without thousands"
            )
        read = _written(texts, bool(comma))
    lost = read.is_null() & texts.is_not_null()
    if lost.any():
        row = int(lost.arg_max() or 0)
        what = f"{column} is {cells[row]!r}, which is no number"
        raise HistoryError(f"{place}: row {row + 1}: {what}")
    return read.fill_nan(None)


def _digits(cells: pl.Series) -> pl.Series:
    """Digits and marks of each cell, without sign, currency and size."""
    return cells.str.strip_chars().str.replace_all(r"^[+-]?[$€£]?|\s*[kmbtKMBT%]?$", "")


def _signs(cells: pl.Series) -> tuple[bool, bool]:
    """(1,234.5 is there, 1.234,5 is there)."""
    if not cells.str.contains(",").any():
        return False, False
    digits = _digits(cells)
    return bool(digits.str.contains(_POINT).any()), bool(digits.str.contains(_COMMA).any())


def _written(texts: pl.Series, comma: bool) -> pl.Series:
    """Texts with marks, signs and sizes as numbers; null where they are none."""
    parts = texts.str.to_lowercase().str.extract_groups(_WRITTEN).struct.unnest()
    sign, digits, power, size = (parts.to_series(place) for place in range(4))
    if comma:
        digits = digits.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    else:
        whole = digits.str.contains(r"^\d{1,3}(,\d{3})+(\.\d*)?$") | ~digits.str.contains(",")
        kept = digits.str.replace_all(",", "")
        digits = pl.select(pl.when(whole).then(kept).otherwise(None)).to_series()
    scale = size.replace_strict(SIZES, default=None, return_dtype=pl.Float64)
    return (sign + digits + power.fill_null("")).cast(pl.Float64, strict=False) * scale


def unit_of(name: str) -> float:
    """What a rate in a column of this name is multiplied with: "rate (%)" -> 0.01.

    Raises Unclear for a rate a year.
    """
    words = re.split(r"[^a-z%]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower())
    if {"apr", "apy", "annual", "annualized", "annualised", "yearly"} & set(words):
        raise Unclear(f"column {name!r} holds rates a year, not what was paid at a stamp")
    if {"%", "pct", "percent", "percentage", "perc"} & set(words) or "%" in name:
        return 1e-2
    return 1e-4 if {"bps", "bp", "bips"} & set(words) else 1.0
