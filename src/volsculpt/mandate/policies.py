"""The policy of a hedge, out of its table: files and functions of the owner's are read here."""

import csv
import importlib.util
import inspect
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import ContractError, PolicyError
from volsculpt.hedge.policy import Parameter, Policy
from volsculpt.hedge.words import ratio_problem
from volsculpt.mandate.locations import Loc
from volsculpt.mandate.policy_keys import PolicyKeys, policy_of, values_of
from volsculpt.mandate.reading import Reading
from volsculpt.units import datetime_ns, duration_ns

COLUMNS = ["time", "ratio"]
NO_FILE = "a mandate that is not a file cannot name another; save it and load that"


def read_policy(reading: Reading, loc: Loc, table: PolicyKeys) -> Policy:
    """The policy of one hedge. Problems are added; a wrong Python file raises PolicyError.

    Figures that do not go together are a problem of the hedge, after which nothing can be read on:
    MandateError.
    """
    kind = policy_of(table)
    values = values_of(table)
    read = {
        one.name: _read(reading, (*loc, one.name), one, values[one.name]) for one in kind.PARAMETERS
    }
    try:
        return kind.made(read)
    except PolicyError as error:
        reading.add(loc, str(error))
        reading.problems.stop_if_any()
        raise


def _read(reading: Reading, loc: Loc, parameter: Parameter, value: Any) -> Any:  # noqa: ANN401
    """A value of the file as the policy takes it."""
    if parameter.kind == "ratios":
        return _ratios(reading, loc, value or "")
    if parameter.kind == "function":
        return _function(reading, loc, value or "")
    if parameter.kind == "framework":
        return _framework(reading, loc, value)
    if parameter.kind == "contract":
        return _contract(reading, loc, value or "")
    if parameter.kind == "policy":
        return None if value is None else read_policy(reading, loc, value)
    if parameter.kind == "duration":
        return None if value is None else duration_ns(value)
    return 0.0 if value is None and parameter.is_required else value


# --- contract -------------------------------------------------------------------------


def _contract(reading: Reading, loc: Loc, written: str) -> str:
    """VENUE:SYMBOL, where {coin} may stand for the coin."""
    venue, _, symbol = written.replace("{coin}", "BTC").partition(":")
    if not venue or not symbol:
        reading.add(loc, 'must be VENUE:SYMBOL, for example "bybit:{coin}/USD:{coin}"')
        return written
    try:
        parse_symbol(symbol)
    except ContractError as error:
        reading.add(loc, str(error))
    return written


# --- framework ------------------------------------------------------------------------


def _framework(reading: Reading, loc: Loc, file: str | None) -> str:
    """What a file of market conditions says; that of the package where none is named."""
    from volsculpt.hedge.regimes.reading import framework_text

    if file is not None and reading.path is None:
        reading.add(loc, NO_FILE)
    elif file is not None and reading.path is not None:
        try:
            return framework_text(reading.path.parent / file)
        except PolicyError as error:
            reading.add(loc, str(error))
    return framework_text()


# --- series ---------------------------------------------------------------------------


class _BadLine(Exception):
    """A line of a ratio file that cannot be used, in words."""


def _ratios(
    reading: Reading, loc: Loc, file: str
) -> tuple[tuple[int, ...], tuple[float, ...], str]:
    """Times, ratios and path of a CSV file; problems name the line."""
    if reading.path is None:
        reading.add(loc, NO_FILE)
        return (), (), file
    path = reading.path.parent / file
    rows: list[tuple[int, float]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(_rows(lines))
    except FileNotFoundError:
        reading.add(loc, "there is no such file; it is relative to the mandate")
    except (OSError, ValueError, csv.Error) as error:
        reading.add(loc, f"cannot be read as CSV: {error}")
    except _BadLine as error:
        reading.add(loc, str(error))
    return tuple(t for t, _ in rows), tuple(r for _, r in rows), str(path)


def _rows(text: Iterable[str]) -> Iterator[tuple[int, float]]:
    """(time, ratio) of each line, times rising; raises _BadLine."""
    lines = csv.reader(text)
    head = [name.strip() for name in next(lines, [])]
    if head != COLUMNS:
        raise _BadLine(f'line 1: must be the columns "time,ratio", not "{",".join(head)}"')
    last: int | None = None
    for cells in lines:
        where = f"line {lines.line_num}"
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(COLUMNS):
            raise _BadLine(f"{where}: must have 2 cells, a time and a ratio, not {len(cells)}")
        moment, ratio = _cell_time(where, cells[0]), _cell_ratio(where, cells[1])
        if last is not None and moment <= last:
            raise _BadLine(f"{where}: its time must be later than that of the line before")
        last = moment
        yield moment, ratio
    if last is None:
        raise _BadLine("holds no ratio; write one line or more below the columns")


def _cell_time(where: str, cell: str) -> int:
    """Nanoseconds of a time with an offset."""
    try:
        moment = datetime.fromisoformat(cell.strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _BadLine(
            f'{where}: "{cell}" must be a time with an offset, like 2024-05-20T00:00:00Z'
        )
    return datetime_ns(moment)


def _cell_ratio(where: str, cell: str) -> float:
    """A finite number that can be meant as a ratio."""
    try:
        ratio = float(cell)
    except ValueError:
        ratio = math.nan
    if not math.isfinite(ratio):
        raise _BadLine(f'{where}: "{cell}" must be a number, like 0.5')
    problem = ratio_problem(ratio)
    if problem is not None:
        raise _BadLine(f"{where}: ratio {ratio:g} {problem}")
    return ratio


# --- functions ------------------------------------------------------------------------


def _function(
    reading: Reading, loc: Loc, written: str
) -> tuple[Callable[[int, Any, Any, Any], Any], str]:
    """The owner's function, loaded from a file beside the mandate, and where it stands."""
    file, _, name = written.rpartition(":")
    if not file.endswith(".py") or not name.isidentifier():
        reading.add(loc, 'must be a Python file and a function, for example "my_file.py:my_policy"')
    elif reading.path is None:
        reading.add(loc, NO_FILE)
    else:
        place = f"{reading.problems.file}: {reading.problems.place(loc)}"
        path = reading.path.parent / file
        return load_function(path, name, place), f"{path}:{name}"
    return _never, written


def _never(time: int, features: object, book: object, memory: object) -> tuple[Any, Any]:
    """Stands in for a function that could not be loaded; its mandate is refused."""
    raise PolicyError("this policy was never loaded")


def load_function(path: Path, name: str, place: str) -> Callable[[int, Any, Any, Any], Any]:
    """A function of four arguments from a Python file. `place` begins every message.

    Raises PolicyError when there is no such file or function, or when it fails to load.
    """
    if not path.is_file():
        raise PolicyError(f"{place}: there is no file {path}; the path is relative to the mandate")
    module_name = f"volsculpt_policy_{path.stem}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise PolicyError(f"{place}: {path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[module_name]
        raise PolicyError(
            f"{place}: {path} fails when it is loaded: {type(error).__name__}: {error}"
        ) from error
    return _checked_function(getattr(module, name, None), path, name, place)


def _checked_function(
    found: object, path: Path, name: str, place: str
) -> Callable[[int, Any, Any, Any], Any]:
    """The function, if it can be called as a policy is."""
    wanted = f"def {name}(time_ns, features, book, memory)"
    if not callable(found):
        raise PolicyError(f"{place}: {path} has no function {name}; write {wanted} in it")
    try:
        inspect.signature(found).bind(0, None, None, None)
    except TypeError:
        raise PolicyError(f"{place}: {name} must take four arguments: {wanted}") from None
    except ValueError:
        pass  # a built-in that does not tell its arguments
    return found
