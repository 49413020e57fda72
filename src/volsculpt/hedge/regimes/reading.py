"""A framework out of its file: every key checked, every message with the place and the fix."""

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import ContractError, PolicyError
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.regimes.checks import (
    duration_at,
    instead,
    need_keys,
    number_at,
    ratio_at,
    share_at,
    table_at,
)
from volsculpt.hedge.regimes.framework import REST, Condition, FigureKind, Framework, Term
from volsculpt.market.streams import OF_CONTRACT
from volsculpt.parsing import toml_of
from volsculpt.text import duration
from volsculpt.units import DAY_NS

OWN = Path(__file__).with_name("framework.toml")
STEADY = ("rest_ratio", "hysteresis", "lead", "min_dwell")
RAMP = ("of", "from", "to")  # keys that every ramp has; `about` it may have
OVERLAY = "overlay"  # its table for a macro overlay, where it has one
HEAVIEST = 1e6  # of a weight: they only count against each other
SOME_COIN = "BTC"  # a framework is checked with it, whatever coin it will be read for


def toml_at(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises PolicyError: there is none, or it cannot be read."""
    try:
        return toml_of(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise PolicyError(f"{path}: there is no such file; it is relative to the mandate") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(f"{path}: cannot be read as TOML: {error}") from None


def framework_text(path: Path = OWN) -> str:
    """What a framework's file says, checked, as one line: comments and order of keys are gone.

    A macro overlay that stands in it is left out: `macro_text` reads it.
    Raises PolicyError: no such file, no TOML, or not a framework.
    """
    table = toml_at(path)
    framework_of(table, SOME_COIN, str(path))
    table.pop(OVERLAY, None)
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
    need_keys(table, where, needed=(*STEADY, "figure", "condition"), others=(OVERLAY,))
    figures = tuple(
        _figure(name, one, coin, f"{where}: figure.{name}")
        for name, one in table_at(table["figure"], f"{where}: figure").items()
    )
    condition_tables, conditions = table["condition"], []
    if not isinstance(condition_tables, list) or not condition_tables:
        raise PolicyError(f"{where}: condition: must be tables; write [[condition]]")
    for row, one in enumerate(condition_tables, 1):
        conditions.append(_condition(one, [kind.name for kind in figures], where, row))
    names = [one.name for one in conditions]
    for name in names:
        if names.count(name) > 1 or name == REST:
            raise PolicyError(f"{where}: condition {name!r}: the name is taken; choose another")
    steady = [share_at(table[key], f"{where}: {key}") for key in STEADY[1:3]]
    rest = ratio_at(table["rest_ratio"], f"{where}: rest_ratio")
    dwell = duration_at(table["min_dwell"], f"{where}: min_dwell")
    return Framework(tuple(conditions), figures, rest, steady[0], steady[1], dwell)


def _condition(table: object, figures: Sequence[str], where: str, row: int) -> Condition:
    """One condition. row: its place in the file, from 1."""
    held = table_at(table, f"{where}: condition {row}")
    words = ("name", "title", "why")
    name = held.get("name")
    where = f"{where}: condition {name!r}" if name else f"{where}: condition {row}"
    need_keys(held, where, needed=(*words, "low", "high", "evidence", "conviction"))
    for key in words:
        if not isinstance(held[key], str) or not held[key]:
            raise PolicyError(f"{where}: {key} = {held[key]!r}: must be words, in quotes")
    low, high = (ratio_at(held[key], f"{where}: {key}") for key in ("low", "high"))
    if low > high:
        raise PolicyError(f"{where}: low = {low:g} is above high = {high:g}; exchange the two")
    lists = [_terms(held[key], figures, f"{where}: {key}") for key in ("evidence", "conviction")]
    return Condition(held["name"], held["title"], held["why"], low, high, lists[0], lists[1])


def _terms(value: object, figures: Sequence[str], where: str) -> tuple[Term, ...]:
    """A list of terms: each figure once, weights that are something."""
    if not isinstance(value, list) or not value:
        raise PolicyError(f"{where}: must be a list with one term or more")
    terms = tuple(_term(one, figures, f"{where}, term {row}") for row, one in enumerate(value, 1))
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


def _term(value: object, figures: Sequence[str], where: str) -> Term:
    """One term."""
    held = table_at(value, where)
    need_keys(held, where, needed=(*RAMP, "weight"), others=("about",))
    ramp = ramp_of(held, figures, where)
    weight = number_at(held["weight"], f"{where}: weight", 0.0)
    if weight > HEAVIEST:
        raise PolicyError(f"{where}: weight = {weight:g}: must be {HEAVIEST:g} or less")
    return replace(ramp, weight=weight)


def ramp_of(held: Mapping[str, Any], figures: Sequence[str], where: str) -> Term:
    """The ramp of a table that has the keys of `RAMP`, with the weight 1. Raises PolicyError.

    Args: held: the table; figures: names that it may be of; where: begins every message.
    """
    if held["of"] not in figures:
        raise PolicyError(f"{where}: of = {held['of']!r}: {instead(held['of'], figures, 'figure')}")
    start, end = (number_at(held[key], f"{where}: {key}") for key in ("from", "to"))
    if start == end:
        raise PolicyError(
            f"{where}: from and to are both {start:g}, so it would jump; set them apart"
        )
    about = number_at(held["about"], f"{where}: about") if "about" in held else None
    if about is not None and min(start, end) < 0.0:
        raise PolicyError(
            f"{where}: from and to are distances from about = {about:g}, and "
            f"{min(start, end):g} is below 0, where no figure is; give 0 or more"
        )
    return Term(held["of"], start, end, 1.0, about)


def _figure(name: str, value: object, coin: str, where: str) -> FigureKind:
    """One figure: a feature by its name, and the feature's own parameters."""
    held = dict(table_at(value, where))
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
        hint = instead(name, sorted(feature_classes()), "feature")
        raise PolicyError(f"{where}: feature = {name!r}: {hint}")
    parameters = [one.name for one in fields(cast(Any, kind))]
    keys = {one.removesuffix("_ns"): one for one in parameters}
    need_keys({key: 0 for key in table if key != "feature"}, where, others=tuple(keys))
    made = {
        keys[key]: _parameter(value, keys[key].endswith("_ns"), coin, f"{where}: {key}")
        for key, value in table.items()
        if key != "feature"
    }
    try:
        found = kind(**made)
        found.look_back_ns, found.words()
        checked_fed(found, coin)
    except (PolicyError, ContractError) as error:
        raise PolicyError(f"{where}: {error}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise PolicyError(
            f"{where}: {name} cannot be made of {', '.join(table)}: {error}; its parameters are "
            f"{', '.join(keys) or 'none'}"
        ) from None
    return found


def checked_fed(feature: Feature, coin: str) -> None:
    """Refuse a stream of no contract, and a length in which there is no second observation.

    Of a stream whose observations come when they come, a day is the least. Raises ContractError and
    PolicyError.

    Args: feature: as made; coin: its name.
    """
    stream = feature.stream(coin)
    if stream.kind in OF_CONTRACT:
        parse_symbol(stream.of.partition(":")[2])
    least_ns = stream.every_ns or DAY_NS
    for name in ("window", "half_life"):
        length_ns = getattr(feature, f"{name}_ns", 0)
        if 0 < length_ns < least_ns:
            raise PolicyError(
                f"{name} = {duration(length_ns)} is too short for {feature.NAME}: it would hold "
                f"one figure, or none; give {duration(least_ns)} or more"
            )


def _parameter(value: Any, is_time: bool, coin: str, where: str) -> Any:  # noqa: ANN401
    """A parameter as its feature takes it."""
    if is_time:
        return duration_at(value, where)
    if isinstance(value, Mapping):
        return feature_made(value, coin, where)
    if isinstance(value, list):
        return tuple(value)
    return value.replace("{coin}", coin) if isinstance(value, str) else value
