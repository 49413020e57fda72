"""The macro overlay: what figures of the economy add to a ratio, each with its sign and reason.

    tilt = Σ add·ramp(figure), held to [-most, most];  ramp as of a framework's term

Figures are those of the last midnight UTC, so that every mode tilts alike whatever its step. What
is not known adds nothing, and is said.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.change import Change
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.regimes.framework import Term
from volsculpt.text import decimals, duration, percent, signed_percent
from volsculpt.units import DAY_NS


@dataclass(frozen=True, slots=True)
class MacroFigure:
    """A figure that tilts are of. name: its file's for it; what, unit: it is told with.

    feature: it is of, for the coin that was read for; None: it is the difference of two others,
    the first less the second.
    """

    name: str
    what: str
    unit: str
    feature: Feature | None
    between: tuple[str, str] | None = None

    def figure_words(self, value: float) -> str:
        """In words. Worked: 0.8, a change -> "2-year yield up 0.8 points in 60 days"."""
        if isinstance(self.feature, Change):
            way = "down" if value < 0.0 else "up"
            size = self.feature.figure_words(abs(value)).removeprefix("+")
            days = f"{duration(self.feature.window_ns)}"
            return f"{self.what} {way} {self._with_unit(size)} in {days}"
        words = decimals(value, 2) if self.feature is None else self.feature.figure_words(value)
        return f"{self.what} at {self._with_unit(words)}"

    def _with_unit(self, words: str) -> str:
        """A number with its unit, where it has one."""
        return f"{words} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class MacroTilt:
    """One tilt: what is added to a ratio where the ramp of its figure is 1, and why."""

    term: Term
    add: float
    why: str


@dataclass(frozen=True, slots=True)
class MacroRules:
    """An overlay as its file has it. most: the sum of its tilts is held to, up and down."""

    figures: tuple[MacroFigure, ...]
    tilts: tuple[MacroTilt, ...]
    most: float

    @property
    def features(self) -> tuple[Feature, ...]:
        """What it wants to know, each once."""
        found = (one.feature for one in self.figures)
        return tuple(dict.fromkeys(one for one in found if one is not None))

    def figure(self, name: str) -> MacroFigure:
        """A figure by its name."""
        return next(one for one in self.figures if one.name == name)


@dataclass(frozen=True, slots=True)
class TiltAssessment:
    """A tilt with its figure, and what it adds; None for both: the figure is not known."""

    tilt: MacroTilt
    figure: float | None
    adds: float | None


@dataclass(frozen=True, slots=True)
class MacroAssessment:
    """What an overlay says at a moment. unclamped: the sum of its tilts; adds: as it is held."""

    rules: MacroRules
    tilts: tuple[TiltAssessment, ...]
    unclamped: float
    adds: float

    @property
    def missing(self) -> tuple[str, ...]:
        """Figures that tilts are of and that are not known, each once."""
        lacking = (one.tilt.term.of for one in self.tilts if one.figure is None)
        return tuple(dict.fromkeys(lacking))


def macro_assessment(rules: MacroRules, figures: Mapping[str, float | None]) -> MacroAssessment:
    """The overlay on figures by name; None where one is not known.

    Worked: tilts of 0.10 at a ramp of 1 and of 0.10 at a ramp of 0.8, most 0.15: asked 0.18, adds
    0.15.
    """
    assessments = tuple(_tilt_assessment(one, figures[one.term.of]) for one in rules.tilts)
    tilt = math.fsum(one.adds or 0.0 for one in assessments)
    return MacroAssessment(rules, assessments, tilt, min(rules.most, max(-rules.most, tilt)))


def _tilt_assessment(tilt: MacroTilt, figure: float | None) -> TiltAssessment:
    """One tilt."""
    if figure is None:
        return TiltAssessment(tilt, None, None)
    return TiltAssessment(tilt, figure, tilt.add * tilt.term.ramp(figure))


def macro_figures(rules: MacroRules, features: Features, coin: str) -> dict[str, float | None]:
    """The figures of an overlay at the last midnight UTC, by name; None where one is not known."""
    midnight = replace(features, time_ns=features.time_ns // DAY_NS * DAY_NS)
    found: dict[str, float | None] = {}
    for one in rules.figures:
        if one.feature is not None:
            found[one.name] = midnight.value(coin, one.feature)
    for one in rules.figures:
        if one.between is not None:
            first, second = (found[name] for name in one.between)
            found[one.name] = None if first is None or second is None else first - second
    return found


def macro_words(assessment: MacroAssessment) -> list[str]:
    """What it adds and why, a sentence a tilt that speaks, and what is not known.

    Worked: "macro: 2-year yield up 0.8 points in 60 days: +10 % hedge (dearer money is
    expected)".
    """
    lines = [
        f"macro: {assessment.rules.figure(one.tilt.term.of).figure_words(one.figure)}: "
        f"{signed_percent(one.adds)} hedge ({one.tilt.why})"
        for one in assessment.tilts
        if one.figure is not None and one.adds
    ]
    if assessment.adds != assessment.unclamped:
        end = percent(assessment.rules.most)
        lines.append(
            f"macro: {signed_percent(assessment.unclamped)} in all is held to {end}, its most"
        )
    if assessment.missing:
        names = ", ".join(dict.fromkeys(_named(assessment.rules, assessment.missing)))
        lines.append(f"macro: not known, so it adds nothing: {names}")
    return lines


def _named(rules: MacroRules, names: Sequence[str]) -> list[str]:
    """Figures in words."""
    return [rules.figure(name).what for name in names]
