"""The features of a coin in words, and as one object."""

from typing import Any

from volsculpt.hedge.feature import parameters
from volsculpt.hedge.survey import FeatureFigure, Survey
from volsculpt.report.document import Cells, Column, Line, Page, Section, grid_of
from volsculpt.text import NONE, duration, given, moment, whole_percent
from volsculpt.units import HOUR_NS, iso


def features_page(found: Survey, root: str) -> Page:
    """Figures with their age, source and rank; then those that there are not, and why."""
    available = [one for one in found.figures if one.figure is not None]
    missing = [one for one in found.figures if one.figure is None]
    cells: Cells[FeatureFigure] = (
        (Column("feature", left=True), lambda one: one.name),
        (Column("figure"), lambda one: given(one.figure, one.feature.figure_words)),
        (
            Column(
                "rank", "share of the days of a year with a lower figure, equal ones count half"
            ),
            lambda one: given(one.rank, whole_percent, NONE),
        ),
        (
            Column("age", "since the time that its newest observation is of"),
            lambda one: span_words(found.time_ns, one.observed_ns),
        ),
        (
            Column("lag", "how much of the age passed until it was published"),
            lag_words,
        ),
        (Column("source", left=True, spare=1), source_words),
    )
    meanings = dict.fromkeys(f"{one.feature.NAME}: {one.feature.MEANING}" for one in found.figures)
    reasons = dict.fromkeys(f"{one.name}: {one.why}" for one in missing)
    sections = [
        Section("Known", [grid_of(available, cells)] if available else []),
        Section("Unknown", [Line(text, "bullet") for text in reasons]),
        Section("Notes", [Line(text, "bullet") for text in found.history.notes]),
        Section("What they are", [Line(text, "bullet") for text in meanings]),
    ]
    lead = f"{found.coin} at {moment(found.time_ns)}, from {root}"
    return Page("Features", lead, [one for one in sections if one.items])


def span_words(to_ns: int, from_ns: int | None) -> str:
    """Worked: 90,000 s -> "1.04 days"; of this moment "now"; none without an observation."""
    if from_ns is None:
        return NONE
    return duration(to_ns - from_ns) if to_ns > from_ns else "now"


def lag_words(one: FeatureFigure) -> str:
    """Worked: a yield that is published two days after its day -> "2 days"; else none."""
    if one.available_ns is None or one.available_ns == one.observed_ns:
        return NONE
    return span_words(one.available_ns, one.observed_ns)


def source_words(one: FeatureFigure) -> str:
    """Who lists or publishes what it was made from, and in what."""
    return NONE if one.label is None else f"{one.label.venue}, {one.label.quote}"


def features_dict(found: Survey, root: str) -> dict[str, Any]:
    """What `features --json` prints."""
    return {
        "schema": 1,
        "coin": found.coin,
        "as_of": iso(found.time_ns),
        "root": root,
        "features": [_one_dict(one, found) for one in found.figures],
        "notes": list(found.history.notes),
    }


def _one_dict(one: FeatureFigure, found: Survey) -> dict[str, Any]:
    """One feature."""
    stream, age, observed, lag = one.feature.stream(found.coin), None, None, None
    if one.available_ns is not None and one.observed_ns is not None:
        age = (found.time_ns - one.available_ns) / HOUR_NS
        observed = (found.time_ns - one.observed_ns) / HOUR_NS
        lag = (one.available_ns - one.observed_ns) / HOUR_NS
    return {
        "name": one.feature.NAME,
        "parameters": parameters(one.feature),
        "meaning": one.feature.MEANING,
        "figure": one.figure,
        "is_ratio": one.feature.is_ratio,
        "rank_ratio": one.rank,
        "age_hours": age,
        "observed_age_hours": observed,
        "lag_hours": lag,
        "stream": stream.text,
        "source": None if one.label is None else one.label.text,
        "files": None if one.label is None else one.label.source,
        "why": one.why or None,
    }
