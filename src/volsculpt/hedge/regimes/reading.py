"""A framework out of its file: every key checked, every message with the place and the fix."""

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, cast

from volsculpt.errors import PolicyError
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.regimes.framework import REST, Condition, FigureKind, Framework, Term
from volsculpt.hedge.words import ratio_problem
from volsculpt.units import duration_ns

OWN = Path(__file__).with_name("framework.toml")
STEADY = ("rest_ratio", "hysteresis", "lead", "min_dwell")
SOME_COIN = "BTC"  # a framework is checked with it, whatever coin it will be read for


def framework_text(path: Path = OWN) -> str:
    """What a framework's file says, checked, as one line: comments and order of keys are gone.

    Raises PolicyError: no such file, no TOML, or not a framework.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PolicyError(f"{path}: there is no such file; it is relative to the mandate") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(f"{path}: cannot be read as TOML: {error}") from None
    framework_of(table, SOME_COIN, str(path))
    return json.dumps(table, sort_keys=True, separators=(",", ":"))


@cache
def framework_in(text: str, coin: str) -> Framework:
    """The framework of a text that `framework_text` made, its figures for a coin."""
    return framework_of(json.loads(text), coin, "framework")


def framework_of(table: Mapping[str, Any], coin: str, where: str) -> Framework:
    """A framework of the tables of its file, its figures for a coin.

    Raises PolicyError naming key, what is wrong, and the fix.

    Args: table: as TOML gives it; coin: its name; where: begins every message.
    """
    _keys(table, where, needed=(*STEADY, "figure", "condition"))
    figures = tuple(
        _figure(name, one, coin, f"{where}: figure.{name}")
        for name, one in _table(table["figure"], f"{where}: figure").items()
    )
    told, conditions = table["condition"], []
    if not isinstance(told, list) or not told:
        raise PolicyError(f"{where}: condition: must be tables; write [[condition]]")
    for row, one in enumerate(told, 1):
        conditions.append(_condition(one, [kind.name for kind in figures], where, row))
    names = [one.name for one in conditions]
    for name in names:
        if names.count(name) > 1 or name == REST:
            raise PolicyError(f"{where}: condition {name!r}: the name is taken; choose another")
    steady = [_number(table[key], f"{where}: {key}", 0.0) for key in STEADY[1:3]]
    rest = _ratio(table["rest_ratio"], f"{where}: rest_ratio")
    dwell = _duration(table["min_dwell"], f"{where}: min_dwell")
    return Framework(tuple(conditions), figures, rest, steady[0], steady[1], dwell)


def _condition(table: object, figures: Sequence[str], where: str, row: int) -> Condition:
    """One condition. row: its place in the file, from 1."""
    held = _table(table, f"{where}: condition {row}")
    words = ("name", "title", "why")
    name = held.get("name")
    where = f"{where}: condition {name!r}" if name else f"{where}: condition {row}"
    _keys(held, where, needed=(*words, "low", "high", "evidence", "conviction"))
    for key in words:
        if not isinstance(held[key], str) or not held[key]:
            raise PolicyError(f"{where}: {key} = {held[key]!r}: must be words, in quotes")
    low, high = (_ratio(held[key], f"{where}: {key}") for key in ("low", "high"))
    if low > high:
        raise PolicyError(f"{where}: low = {low:g} is above high = {high:g}; exchange the two")
    lists = [_terms(held[key], figures, f"{where}: {key}") for key in ("evidence", "conviction")]
    return Condition(held["name"], held["title"], held["why"], low, high, lists[0], lists[1])


def _terms(told: object, figures: Sequence[str], where: str) -> tuple[Term, ...]:
    """A list of terms: each figure once, weights that are something."""
    if not isinstance(told, list) or not told:
        raise PolicyError(f"{where}: must be a list with one term or more")
    terms = tuple(_term(one, figures, f"{where}, term {row}") for row, one in enumerate(told, 1))
    names = [one.of for one in terms]
    for name in names:
        if names.count(name) > 1:
            raise PolicyError(
                f"{where}: {name!r} stands in it {names.count(name)} times; keep one, with the "
                f"weight of all"
            )
    if math.fsum(one.weight for one in terms) == 0.0:
        raise PolicyError(f"{where}: every weight is 0; give one term or more a weight above 0")
    return terms


def _term(told: object, figures: Sequence[str], where: str) -> Term:
    """One term."""
    held = _table(told, where)
    _keys(held, where, needed=("of", "from", "to", "weight"), others=("about",))
    if held["of"] not in figures:
        raise PolicyError(
            f"{where}: of = {held['of']!r}: {_instead(held['of'], figures, 'figure')}"
        )
    start, end = (_number(held[key], f"{where}: {key}") for key in ("from", "to"))
    if start == end:
        raise PolicyError(
            f"{where}: from and to are both {start:g}, so it would jump; set them apart"
        )
    about = _number(held["about"], f"{where}: about") if "about" in held else None
    weight = _number(held["weight"], f"{where}: weight", 0.0)
    return Term(held["of"], start, end, weight, about)


def _figure(name: str, told: object, coin: str, where: str) -> FigureKind:
    """One figure: a feature by its name, and the feature's own parameters."""
    held = dict(_table(told, where))
    what = held.pop("what", None)
    if not isinstance(what, str) or not what:
        raise PolicyError(f"{where}: what is missing: say what it is, as it stands in a sentence")
    return FigureKind(name, what, feature_made(held, coin, where))


def feature_made(table: Mapping[str, Any], coin: str, where: str) -> Feature:
    """A feature of its name and parameters, as a file writes them; {coin} is the coin.

    Durations are text and lack the `_ns`: window = "90d". A feature of a feature is a table.
    Raises PolicyError for a name or a key that there is not, and for what cannot be made.

    Args: table: feature and its parameters; coin: its name; where: begins every message.
    """
    from volsculpt.hedge.registry import feature_classes

    name = table.get("feature")
    kind = feature_classes().get(name) if isinstance(name, str) else None
    if kind is None:
        told = _instead(name, sorted(feature_classes()), "feature")
        raise PolicyError(f"{where}: feature = {name!r}: {told}")
    known = [one.name for one in fields(cast(Any, kind))]
    keys = {one.removesuffix("_ns"): one for one in known}
    _keys({key: 0 for key in table if key != "feature"}, where, others=tuple(keys))
    made = {
        keys[key]: _parameter(value, keys[key].endswith("_ns"), coin, f"{where}: {key}")
        for key, value in table.items()
        if key != "feature"
    }
    try:
        found = kind(**made)
        found.stream(coin), found.look_back_ns, found.words()
    except PolicyError as error:
        raise PolicyError(f"{where}: {error}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise PolicyError(
            f"{where}: {name} cannot be made of {', '.join(table)}: {error}; its parameters are "
            f"{', '.join(keys) or 'none'}"
        ) from None
    return found


def _parameter(value: Any, is_time: bool, coin: str, where: str) -> Any:  # noqa: ANN401
    """A parameter as its feature takes it."""
    if is_time:
        return _duration(value, where)
    if isinstance(value, Mapping):
        return feature_made(value, coin, where)
    if isinstance(value, list):
        return tuple(value)
    return value.replace("{coin}", coin) if isinstance(value, str) else value


def _keys(
    table: Mapping[str, Any], where: str, needed: Sequence[str] = (), others: Sequence[str] = ()
) -> None:
    """Refuse a table that lacks a key, or has one that it does not know."""
    for key in table:
        if key not in (*needed, *others):
            raise PolicyError(f"{where}: {key}: {_instead(key, (*needed, *others), 'key')}")
    for key in needed:
        if key not in table:
            raise PolicyError(f"{where}: {key} is missing")


def _instead(name: object, there: Sequence[str], kind: str) -> str:
    """That there is no such thing, and what there is, the nearest first."""
    from difflib import get_close_matches

    near = get_close_matches(str(name), there, 1)
    told = f'did you mean "{near[0]}"?' if near else f"there is: {', '.join(there) or 'none'}"
    return f"there is no such {kind}; {told}"


def _table(told: object, where: str) -> Mapping[str, Any]:
    if not isinstance(told, Mapping):
        raise PolicyError(f"{where}: must be a table, not {told!r}")
    return told


def _number(told: object, where: str, least: float = -math.inf) -> float:
    """A finite number, not below `least`."""
    if isinstance(told, bool) or not isinstance(told, int | float) or not math.isfinite(told):
        raise PolicyError(f"{where} = {told!r}: must be a number")
    if told < least:
        raise PolicyError(f"{where} = {told:g}: must be {least:g} or more")
    return float(told)


def _ratio(told: object, where: str) -> float:
    """A ratio that can be meant."""
    ratio = _number(told, where)
    problem = ratio_problem(ratio)
    if problem is not None:
        raise PolicyError(f"{where} = {ratio:g}: {problem}")
    return ratio


def _duration(told: object, where: str) -> int:
    try:
        return duration_ns(told) if isinstance(told, str) else duration_ns("")
    except ValueError:
        raise PolicyError(f'{where} = {told!r}: must be a length of time, like "30d"') from None
