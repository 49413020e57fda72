"""Reading one contracts file: TOML to entries whose figures have the right type and range.

An entry is what a file says about one contract, complete or not; `catalog_build` merges
entries and makes contracts of them. Every message names file, contract, key and the fix.
"""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from volsculpt.contracts.expiries import CALENDARS, dated_name, instant_ns, parse_symbol
from volsculpt.errors import ContractError
from volsculpt.parsing import toml_of

Figures = dict[str, object]
FigureCheck = Callable[[object], object]


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """What one file says about one contract, or about a family of dated contracts.

    figures: keys as in the file, times as ns UTC. sources: figure -> where it was read.
    """

    venue: str
    symbol: str
    is_family: bool
    figures: Figures
    sources: dict[str, str]
    file: str

    @property
    def where(self) -> str:
        """File and contract, the start of every message about this entry."""
        dated = " (dated)" if self.is_family else ""
        return f"{self.file}: {self.venue}:{self.symbol}{dated}"


class _Wrong(Exception):
    """A figure that cannot be used: its key, and what is the matter."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(problem)
        self.key = key
        self.problem = problem


# --- checks of one figure: they return it, normalised, or raise ValueError -------------


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a number")
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is not finite; leave the key out when it is unknown")
    return float(value)


def _positive(value: object) -> float:
    number = _number(value)
    if number <= 0:
        raise ValueError(f"{value!r} must be above 0")
    return number


def _not_negative(value: object) -> float:
    number = _number(value)
    if number < 0:
        raise ValueError(f"{value!r} must not be negative")
    return number


def _rate(value: object) -> float:
    number = _not_negative(value)
    if number > 1:
        raise ValueError(f"{value!r} is a fraction of the value, at most 1: write 1 % as 0.01")
    return number


def _maker(value: object) -> float:
    number = _number(value)
    if abs(number) >= 0.1:
        raise ValueError(f"{value!r} is a fraction of the value: write 0.05 % as 0.0005")
    return number


def _fee(value: object) -> float:
    return _maker(_not_negative(value))


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is not a text")
    return value


def _symbol(value: object) -> str:
    parse_symbol(_text(value))
    return _text(value)


def _one_of(*allowed: str) -> FigureCheck:
    def check(value: object) -> str:
        if value not in allowed:
            raise ValueError(f"{value!r} is not allowed; allowed: {', '.join(allowed)}")
        return str(value)

    return check


def _instant(value: object) -> int:
    if not isinstance(value, datetime):
        raise ValueError(f"{value!r} is not a time; write 2024-12-27T08:00:00Z, without quotes")
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no offset; add Z for UTC")
    return instant_ns(value)


def _calendars(value: object) -> tuple[str, ...]:
    named = [value] if isinstance(value, str) else value
    if not isinstance(named, list) or not named or not set(named) <= set(CALENDARS):
        raise ValueError(f"{value!r} is not a list out of {', '.join(CALENDARS)}")
    return tuple(named)


def _clock(value: object) -> str:
    hour, _, minute = str(value).partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
        raise ValueError(f'{value!r} is not a clock time such as "08:00"')
    return str(value)


def _zone(value: object) -> str:
    name = _text(value)  # whether this machine knows it shows when it is used
    if name != "UTC" and "/" not in name:
        raise ValueError(f'{value!r} is neither "UTC" nor a name such as "Europe/London"')
    return name


def _table(keys: Mapping[str, FigureCheck]) -> FigureCheck:
    def check(value: object) -> Figures:
        if not isinstance(value, dict):
            raise ValueError(f"{value!r} is not a table with the keys {', '.join(keys)}")
        return _checked(value, keys)

    return check


def _tiers(value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise ValueError("is not a list of tiers { floor = ..., rate = ..., max_leverage = ... }")
    tiers: list[object] = []
    for number, tier in enumerate(value, 1):
        try:
            tiers.append(_table(_TIER)(tier))
        except _Wrong as wrong:
            raise _Wrong(f"{number}.{wrong.key}", wrong.problem) from None
        if not {"floor", "rate"} <= set(tier):
            raise _Wrong(str(number), "needs both floor and rate")
    return tiers


_TIER: dict[str, FigureCheck] = {
    "floor": _not_negative,
    "rate": _rate,
    "max_leverage": _positive,
    "initial_rate": _rate,
}
_ORDERS: dict[str, FigureCheck] = {
    "least_value": _positive,
    "reduce_only_exempt": _yes_or_no,
    "market_least": _positive,
    "market_most": _positive,
    "limit_most": _positive,
    "price_up": _positive,
    "price_down": _rate,
}
_FEES: dict[str, FigureCheck] = {
    "maker": _maker,
    "taker": _fee,
    "delivery": _fee,
    "liquidation": _fee,
}
_FUNDING: dict[str, FigureCheck] = {
    "kind": _one_of("stamp", "continuous"),
    "rate_unit": _one_of("fraction", "absolute"),
    "interval_hours": _positive,
}
_MARGIN: dict[str, FigureCheck] = {
    "kind": _one_of("tiers", "slope"),
    "unit": _one_of("value", "contracts"),
    "base": _one_of("mark", "entry"),
    "tiers": _tiers,
    "rate_base": _rate,
    "rate_slope": _rate,
    "initial_rate": _rate,
    "initial_slope": _rate,
    "closing_fee_rate": _fee,
    "known_to": _positive,
}
_BOTH: dict[str, FigureCheck] = {
    "symbol": _symbol,
    "venue": _text,
    "native_symbol": _text,
    "payoff": _one_of("inverse", "linear", "quanto"),
    "multiplier": _positive,
    "tick": _positive,
    "lot": _positive,
    "minimum": _positive,
    "orders": _table(_ORDERS),
    "position_most": _positive,
    "position_most_value": _positive,
    "valid_from": _instant,
    "valid_to": _instant,
    "fees": _table(_FEES),
    "margin": _table(_MARGIN),
    "sources": lambda value: value,  # read apart, by _sources
}
_CONTRACT = _BOTH | {"funding": _table(_FUNDING), "expiry": _instant}
_FAMILY = _BOTH | {"calendars": _calendars, "expiry_time": _clock, "expiry_zone": _zone}
_HINTS = {
    **dict.fromkeys(("base", "quote", "settle"), "it is read from the symbol BASE/QUOTE:SETTLE"),
    **dict.fromkeys(("cum", "deduction"), "it is computed from floors and rates"),
    "calendar": "write calendars = [...], in a [[family]]",
    "expiry_ns": "write expiry = 2024-12-27T08:00:00Z",
}
NOT_SOURCED = frozenset({"symbol", "venue", "native_symbol", "payoff", "sources"})


def _checked(raw: Mapping[str, object], keys: Mapping[str, FigureCheck]) -> Figures:
    """The table with every figure checked; raises _Wrong at the first that is not usable."""
    done: Figures = {}
    for key, value in raw.items():
        if key not in keys:
            raise _Wrong(key, f"is not a known key; {_nearest_key(key, keys)}")
        try:
            done[key] = keys[key](value)
        except _Wrong as wrong:
            raise _Wrong(f"{key}.{wrong.key}", wrong.problem) from None
        except (ValueError, ContractError) as problem:
            raise _Wrong(key, str(problem)) from None
    return done


def _nearest_key(key: str, keys: Mapping[str, FigureCheck]) -> str:
    if key in _HINTS and key not in keys:
        return _HINTS[key]
    near = get_close_matches(key, keys, 1)
    return f'did you mean "{near[0]}"?' if near else f"allowed: {', '.join(keys)}"


# --- a whole file ---------------------------------------------------------------------


def parse_file(text: str, file: str, unsourced: str | None) -> list[CatalogEntry]:
    """The entries of a contracts file, in its order.

    `file` is what messages call it. `unsourced` is the source of figures that the file
    gives no source for; None refuses them. Raises ContractError.
    """
    try:
        raw = toml_of(text)
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"{file}: is not valid TOML: {error}") from None
    return entries_of(raw, file, unsourced)


def entries_of(raw: Figures, file: str, unsourced: str | None) -> list[CatalogEntry]:
    """The entries of a file that is read already, as `parse_file` gives them."""
    allowed = ("venue", "source", "contract", "family")
    for key in raw:
        if key not in allowed:
            near = _nearest_key(key, dict.fromkeys(allowed, _text))
            raise ContractError(f"{file}: [{key}] is not known here; {near}")
    entries = [
        _entry(table, kind == "family", raw, file, unsourced)
        for kind in ("contract", "family")
        for table in _list_of_tables(raw, kind, file)
    ]
    _refuse_twice(entries)
    return entries


def _list_of_tables(raw: Figures, kind: str, file: str) -> list[Figures]:
    tables = raw.get(kind, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ContractError(f"{file}: write [[{kind}]] with two brackets, once a contract")
    return tables


def _refuse_twice(entries: list[CatalogEntry]) -> None:
    entered: set[tuple[str, str, bool]] = set()
    for entry in entries:
        key = (entry.venue, entry.symbol, entry.is_family)
        if key in entered:
            raise ContractError(f"{entry.where}: stands twice in this file; keep one")
        entered.add(key)


def _entry(
    table: Figures, is_family: bool, raw: Figures, file: str, unsourced: str | None
) -> CatalogEntry:
    kind = "family" if is_family else "contract"
    venue, symbol = table.get("venue", raw.get("venue")), table.get("symbol")
    where = f"{file}: [[{kind}]] {symbol or 'without a symbol'}"
    if not isinstance(venue, str) or not venue:
        raise ContractError(f'{where}: give venue = "..." in it, or once at the top of the file')
    if symbol is None:
        raise ContractError(f'{where}: give symbol = "BASE/QUOTE:SETTLE"')
    where = f"{file}: {venue}:{symbol}"
    try:
        figures = _checked(table, _FAMILY if is_family else _CONTRACT)
        sources = _sources(figures, raw.get("source", {}), unsourced)
        _check_name(figures, is_family)
    except _Wrong as wrong:
        raise ContractError(f"{where}: {wrong.key}: {wrong.problem}") from None
    if is_family and parse_symbol(str(symbol)).day is not None:
        raise ContractError(f"{where}: a family has no date in its symbol; drop -YYMMDD")
    figures = {key: value for key, value in figures.items() if key not in ("venue", "sources")}
    return CatalogEntry(venue, str(symbol), is_family, figures, sources, file)


def _check_name(figures: Figures, is_family: bool) -> None:
    pattern = figures.get("native_symbol")
    if is_family and pattern is not None:
        try:
            dated_name(str(pattern), date(2024, 12, 27))
        except (KeyError, ValueError, IndexError):
            allowed = "{yymmdd}, {d}, {MON}, {yy}, {code}"
            raise _Wrong("native_symbol", f"{pattern!r} may hold only {allowed}") from None


def figure_names(figures: Mapping[str, object]) -> list[str]:
    """The figures that need a source; fees and order limits one by one, rules as a whole."""
    names: list[str] = []
    for key, value in figures.items():
        if key in ("fees", "orders") and isinstance(value, dict):
            names += [f"{key}.{figure}" for figure in value]
        elif key in ("calendars", "expiry_time", "expiry_zone", "expiry"):
            names += [] if "expiry" in names else ["expiry"]
        elif key not in NOT_SOURCED:
            names.append(key)
    return names


def _sources(figures: Figures, named: object, unsourced: str | None) -> dict[str, str]:
    """Figure -> text, from `sources` (figure, group or default -> name or text)."""
    given = figures.get("sources", {})
    if not isinstance(given, dict) or not isinstance(named, dict):
        raise _Wrong("sources", 'is not a table such as { default = "exchange info, 2026-09-26" }')
    given = _flat(given)
    names = figure_names(figures)
    groups = {name.partition(".")[0] for name in names}
    for key in given:
        if key not in {"default", *names, *groups}:
            raise _Wrong("sources", f"{key} is not a figure of this contract: {', '.join(names)}")
    texts = {name: _source_of(name, given, named) or unsourced for name in names}
    for name, text in texts.items():
        if text is None:
            raise _Wrong("sources", f"{name} has no source; add one, or a default")
    return {name: text for name, text in texts.items() if text is not None}


def _flat(given: Mapping[str, object]) -> dict[str, object]:
    """``fees.taker = ...`` in TOML is a table in a table; here it is one dotted key."""
    flat: dict[str, object] = {}
    for key, value in given.items():
        inner = value if isinstance(value, dict) else {None: value}
        flat |= {key if part is None else f"{key}.{part}": text for part, text in inner.items()}
    return flat


def _source_of(name: str, given: Mapping[str, object], named: Mapping[str, object]) -> str | None:
    for key in (name, name.partition(".")[0], "default"):
        if key in given:
            text = str(given[key])
            if text in named:
                return str(named[text])
            if " " not in text:
                near = get_close_matches(text, [str(one) for one in named], 1)
                fix = f'did you mean "{near[0]}"?' if near else "add it, or write the source out"
                raise _Wrong("sources", f"{key}: [source] has no {text!r}; {fix}")
            return text
    return None
