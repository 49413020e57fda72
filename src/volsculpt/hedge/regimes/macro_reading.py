"""A macro overlay out of its file: every key checked, every message with the place and the fix."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from volsculpt.errors import PolicyError
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.regimes.checks import (
    instead,
    need_keys,
    ratio_at,
    table_at,
)
from volsculpt.hedge.regimes.macro import MacroFigure, MacroRules, MacroTilt
from volsculpt.hedge.regimes.reading import (
    OVERLAY,
    RAMP,
    SOME_COIN,
    feature_made,
    framework_of,
    ramp_of,
    toml_at,
)
from volsculpt.units import DAY_NS

OWN = Path(__file__).with_name("overlay.toml")


def macro_text(path: Path = OWN) -> str:
    """What an overlay's file says, checked, as one line: comments and order of keys are gone.

    Of a framework's file its table [overlay]. Raises PolicyError: no such file, no TOML, no
    overlay in it, or a wrong one.
    """
    table: Mapping[str, Any] = toml_at(path)
    where = str(path)
    if is_framework(table):
        framework_of(table, SOME_COIN, where)
        if OVERLAY not in table:
            raise PolicyError(
                f"{where}: is a framework without an [overlay]; write one into it, or leave `file` "
                f"out for the overlay of the package"
            )
        table, where = table_at(table[OVERLAY], where), f"{where}: {OVERLAY}"
    macro_of(table, SOME_COIN, where)
    return json.dumps(table, sort_keys=True, separators=(",", ":"))


def is_framework(table: Mapping[str, Any]) -> bool:
    """Whether the tables of a file are a framework's, not an overlay's."""
    return "condition" in table


@cache
def macro_in(text: str, coin: str) -> MacroRules:
    """The overlay of a text that `macro_text` made, its figures for a coin."""
    return macro_of(json.loads(text), coin, OVERLAY)


def macro_of(table: Mapping[str, Any], coin: str, where: str) -> MacroRules:
    """An overlay of the tables of its file, its figures for a coin.

    Raises PolicyError naming key, what is wrong, and the fix.

    Args: table: as TOML gives it; coin: its name; where: begins every message.
    """
    need_keys(table, where, needed=("most", "figure", "tilt"))
    figure_tables = table_at(table["figure"], f"{where}: figure")
    figures = tuple(_figure(name, figure_tables, coin, where) for name in figure_tables)
    tilts = table["tilt"]
    if not isinstance(tilts, list) or not tilts:
        raise PolicyError(f"{where}: tilt: must be tables; write [[tilt]]")
    made = tuple(
        _tilt(one, tuple(figure_tables), f"{where}: tilt {row}") for row, one in enumerate(tilts, 1)
    )
    most = ratio_at(table["most"], f"{where}: most")
    if most <= 0.0:
        raise PolicyError(
            f"{where}: most = {most:g}: must be above 0; to be without the overlay take the "
            f'[[overlay]] kind = "macro" out of the mandate'
        )
    return MacroRules(figures, made, most)


def _figure(name: str, every: Mapping[str, Any], coin: str, where: str) -> MacroFigure:
    """One figure: a feature with its parameters, or one of them less another."""
    where = f"{where}: figure.{name}"
    held = dict(table_at(every[name], where))
    what, unit = held.pop("what", None), held.pop("unit", "")
    if not isinstance(what, str) or not what:
        raise PolicyError(f"{where}: what is missing: say what it is, as it stands in a sentence")
    if not isinstance(unit, str):
        raise PolicyError(f"{where}: unit = {unit!r}: must be words, in quotes")
    if "less" not in held:
        return MacroFigure(name, what, unit, _daily(feature_made(held, coin, where), coin, where))
    need_keys(held, where, needed=("of", "less"))
    simple = [one for one, table in every.items() if "less" not in table_at(table, where)]
    for key in ("of", "less"):
        if held[key] not in simple:
            raise PolicyError(
                f"{where}: {key} = {held[key]!r}: {instead(held[key], simple, 'figure')}"
            )
    return MacroFigure(name, what, unit, None, (held["of"], held["less"]))


def _daily(feature: Feature, coin: str, where: str) -> Feature:
    """A feature that changes at midnight UTC alone."""
    every_ns = feature.stream(coin).every_ns
    if every_ns <= 0 or every_ns % DAY_NS:
        raise PolicyError(
            f"{where}: it changes within a day, and an overlay looks at midnight UTC; write "
            f'every = "1d"'
        )
    return feature


def _tilt(value: object, figures: Sequence[str], where: str) -> MacroTilt:
    """One tilt."""
    held = table_at(value, where)
    need_keys(held, where, needed=(*RAMP, "add", "why"), others=("about",))
    ramp = ramp_of(held, figures, where)
    add = ratio_at(held["add"], f"{where}: add")
    if add == 0.0:
        raise PolicyError(f"{where}: add = 0: adds nothing; give it a size, or take it out")
    if not isinstance(held["why"], str) or not held["why"]:
        raise PolicyError(f"{where}: why = {held['why']!r}: must be words, in quotes")
    return MacroTilt(ramp, add, held["why"])


def read_twice(one: Sequence[Feature], other: Sequence[Feature], coin: str) -> list[str]:
    """What two lists of features are both made from, in words, sorted.

    The same series, whatever is made of it; of prices and funding the same feature. Worked: the
    level and the change of series:yield_2y -> ["yield_2y"].
    """
    return sorted({_source(each, coin) for each in one} & {_source(each, coin) for each in other})


def _source(feature: Feature, coin: str) -> str:
    """What a feature says, as far as two may say the same."""
    stream = feature.stream(coin)
    return stream.of if stream.kind == "series" else f"{feature.NAME} ({feature.words()})"
