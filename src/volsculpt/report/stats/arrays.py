"""Names for the arrays of a report, and the length of a year."""

from typing import Any

import numpy as np
import numpy.typing as npt

from volsculpt.units import YEAR_NS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

YEAR_DAYS = 365.0  # coins trade every day; a leap day is a day more


def floats(values: Any) -> Floats:  # noqa: ANN401
    """Anything like a sequence of numbers, as an array; None in it becomes NaN."""
    return np.asarray(values, dtype=np.float64)


def finite(number: float) -> float | None:
    """A figure for reading: None where it is not finite. Worked: nan -> None, 0.5 -> 0.5."""
    return float(number) if np.isfinite(number) else None


def years_between(first_ns: int, last_ns: int) -> float:
    """Years of 365 days. Worked: 730 days -> 2.0."""
    return (int(last_ns) - int(first_ns)) / YEAR_NS
