"""A framework: market conditions, what speaks for each, and how much to hedge in each.

    ramp r(x) = (x - from)/(to - from), held to [0, 1];  with `about`, of |x - about|
    raw membership m = Σ w·r / Σ w over the evidence that is known
    membership M = m / max(1, Σ m);  rest = 1 - Σ M
    conviction c as m, over the condition's second list
    ratio = Σ M·(low + c·(high - low)) + rest·rest_ratio

All is continuous in every figure, and the ratio never leaves the span of bands and rest ratio.
Two conditions at 1 that contradict each other give the mean of their bands. What is missing has
no weight; with less than half of the weight of any list known the regime is unknown.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from volsculpt.hedge.feature import Feature

ENOUGH = 0.5  # share of a list's weight that must be known
REST = "no regime"

FigureValues = Mapping[
    str, float | None
]  # by the framework's name for it; None where it is not known


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A figure that terms are of. name: the framework's for it; what: it is, in words.

    feature: for the coin that the framework was read for.
    """

    name: str
    what: str
    feature: Feature

    @property
    def words(self) -> str:
        """What it is, and of what mean. Worked: "the fear and greed index (7-day mean)"."""
        mean = self.feature.mean_words()
        return f"{self.what} ({mean})" if mean else self.what

    def figure_words(self, value: float | None) -> str:
        """In words. Worked: the drawdown 0.31 -> "31 %"; None -> "not known"."""
        return "not known" if value is None else self.feature.figure_words(value)


@dataclass(frozen=True, slots=True)
class Term:
    """One piece of evidence: a ramp of a figure, from 0 at `start` to 1 at `end`, with a weight.

    about: the ramp is of the distance from it; None: of the figure itself.
    """

    of: str
    start: float
    end: float
    weight: float
    about: float | None = None

    def ramp(self, figure: float) -> float:
        """How far it speaks, 0 to 1. Worked: from 0.2 to 0.5, 0.31 -> 0.3667."""
        place = figure if self.about is None else abs(figure - self.about)
        return min(1.0, max(0.0, (place - self.start) / (self.end - self.start)))


@dataclass(frozen=True, slots=True)
class Condition:
    """A market condition, its band of hedge ratios, what speaks for it, and how strongly."""

    name: str
    title: str
    why: str
    low: float
    high: float
    evidence: tuple[Term, ...]
    conviction: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Framework:
    """Conditions and figures in the order of the file, and what keeps the answer steady."""

    conditions: tuple[Condition, ...]
    figures: tuple[FigureKind, ...]
    rest_ratio: float
    hysteresis: float
    lead: float
    min_dwell_ns: int

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the highest ratio that it can say."""
        lows = [self.rest_ratio, *(one.low for one in self.conditions)]
        highs = [self.rest_ratio, *(one.high for one in self.conditions)]
        return min(lows), max(highs)

    def figure(self, name: str) -> FigureKind:
        """A figure by its name."""
        return next(one for one in self.figures if one.name == name)


@dataclass(frozen=True, slots=True)
class TermAssessment:
    """A term with its figure: its ramp, and its share of the list's known weight; None: unknown."""

    term: Term
    figure: float | None
    ramp: float | None
    share: float | None

    @property
    def adds(self) -> float:
        """What it adds to its list's mean."""
        return 0.0 if self.ramp is None or self.share is None else self.ramp * self.share


@dataclass(frozen=True, slots=True)
class EvidenceAssessment:
    """A list of terms with their figures. mean: Σ w·r / Σ w of those known; None: too few are."""

    terms: tuple[TermAssessment, ...]
    available_share: float
    mean: float | None


@dataclass(frozen=True, slots=True)
class ConditionAssessment:
    """A condition as it is seen: raw membership in `evidence`, its share, place in the band."""

    condition: Condition
    evidence: EvidenceAssessment
    conviction: EvidenceAssessment
    membership: float | None

    @property
    def unmarked(self) -> tuple[TermAssessment, ...]:
        """Terms of the greatest weight of its evidence that are known and add nothing.

        What a title says rests on them. Worked: a recovery's fall of 5 %, from 30 % on: that term.
        """
        most = max((one.term.weight for one in self.evidence.terms), default=0.0)
        heavy = (one for one in self.evidence.terms if one.term.weight == most)
        return tuple(one for one in heavy if one.ramp is not None and one.adds == 0.0)

    @property
    def ratio(self) -> float | None:
        """What it would say alone. Worked: 0.6 to 1.0 at a conviction of 0.25 -> 0.7."""
        if self.conviction.mean is None:
            return None
        band = self.condition.high - self.condition.low
        return self.condition.low + self.conviction.mean * band


@dataclass(frozen=True, slots=True)
class RegimeAssessment:
    """A market as a framework sees it. rest, ratio: None where the regime is unknown.

    missing: names of the figures that are not known and were asked for.
    """

    conditions: tuple[ConditionAssessment, ...]
    rest: float | None
    ratio: float | None
    missing: tuple[str, ...]

    @property
    def shares(self) -> dict[str, float]:
        """Memberships by name, the rest last; empty where the regime is unknown."""
        if self.rest is None:
            return {}
        found = {one.condition.name: one.membership or 0.0 for one in self.conditions}
        return found | {REST: self.rest}

    def of(self, name: str) -> ConditionAssessment | None:
        """A condition by its name; None for the rest."""
        return next((one for one in self.conditions if one.condition.name == name), None)


def evidence_assessment(terms: Sequence[Term], figures: FigureValues) -> EvidenceAssessment:
    """Terms with their figures, and the weighted mean of their ramps.

    Worked: ramps 1 and 0.5 with weights 2 and 1, a third of weight 1 unknown: 0.8333, 0.75 known.
    """
    available = {one for one in terms if figures[one.of] is not None}
    weight = math.fsum(one.weight for one in terms if one in available)
    share = weight / math.fsum(one.weight for one in terms)
    assessments = tuple(_term_assessment(one, figures[one.of], weight) for one in terms)
    mean = math.fsum(
        one.term.weight * (one.ramp or 0.0) for one in assessments if one.term in available
    )
    enough = weight > 0.0 and share >= ENOUGH
    return EvidenceAssessment(assessments, share, min(1.0, mean / weight) if enough else None)


def _term_assessment(term: Term, figure: float | None, weight: float) -> TermAssessment:
    """One term. weight: of all that are known."""
    if figure is None:
        return TermAssessment(term, None, None, None)
    return TermAssessment(term, figure, term.ramp(figure), term.weight / weight if weight else None)


def memberships(raw: Sequence[float]) -> list[float]:
    """Shares of a whole: m / max(1, Σ m). Worked: 0.5, 0.2 as they are; 1, 1 -> 0.5, 0.5."""
    total = max(1.0, math.fsum(raw))
    return [one / total for one in raw]


def regime_assessment(framework: Framework, figures: FigureValues) -> RegimeAssessment:
    """The market as the framework sees it. figures: every one of the framework's, by name."""
    evidence = [evidence_assessment(one.evidence, figures) for one in framework.conditions]
    used = {one.of for each in framework.conditions for one in (*each.evidence, *each.conviction)}
    return _assessment_with(framework, evidence, figures, used)


def assessment_by_states(
    framework: Framework, figures: FigureValues, states: Mapping[str, float | None]
) -> RegimeAssessment:
    """The market by shares of conditions that something else knows; convictions stay the figures'.

    Args: figures: every one of the framework's, by name; states: shares by condition, those that
    are not among them 0; None: not known.
    """
    evidence = [
        EvidenceAssessment((), 1.0, states.get(one.name, 0.0)) for one in framework.conditions
    ]
    used = {one.of for each in framework.conditions for one in each.conviction}
    return _assessment_with(framework, evidence, figures, used)


def _assessment_with(
    framework: Framework,
    evidence: Sequence[EvidenceAssessment],
    figures: FigureValues,
    used: set[str],
) -> RegimeAssessment:
    """The market by the evidence of each condition.

    Args: evidence: of each condition; figures: by name; used: names of those that count.
    """
    raw = [one.mean for one in evidence]
    conviction = [evidence_assessment(one.conviction, figures) for one in framework.conditions]
    available = [one for one in raw if one is not None]
    whole = len(available) == len(raw) and all(one.mean is not None for one in conviction)
    shares: Sequence[float | None] = memberships(available) if whole else [None] * len(raw)
    parts_of = zip(framework.conditions, evidence, conviction, shares, strict=True)
    conditions = tuple(ConditionAssessment(*one) for one in parts_of)
    missing = tuple(
        one.name for one in framework.figures if one.name in used and figures[one.name] is None
    )
    if not whole:
        return RegimeAssessment(conditions, None, None, missing)
    rest = max(0.0, 1.0 - math.fsum(one.membership or 0.0 for one in conditions))
    parts = [(one.membership or 0.0) * (one.ratio or 0.0) for one in conditions]
    low, high = framework.ends
    ratio = math.fsum([*parts, rest * framework.rest_ratio])
    return RegimeAssessment(conditions, rest, min(high, max(low, ratio)), missing)
