"""The market condition of coins in words, and as one object."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from volsculpt.hedge.regimes.framework import (
    ConditionAssessment,
    EvidenceAssessment,
    TermAssessment,
)
from volsculpt.hedge.regimes.survey import RegimeSurvey
from volsculpt.hedge.regimes.telling import market_words, turn_words
from volsculpt.report.document import Cells, Column, Grid, Line, Page, Section, grid_of
from volsculpt.report.rows.plan import OrderRow
from volsculpt.text import NONE, contracts, day, given, moment, percent, whole_percent
from volsculpt.units import iso

OWN_FRAMEWORK = (
    "no evidence of timing skill: nothing was tested of this framework or model; `volsculpt "
    "evaluate` sets a mandate beside a steady hedge of the same mean ratio"
)
EVIDENCE = (
    "no evidence of timing skill: after its thresholds were chosen, bad days were milder beyond "
    "luck than under a steady hedge of the same mean ratio in one of four tests (docs/ratio.md)"
)
TESTED = ("BTC", "ETH")  # the coins of those tests


class BookImpact(NamedTuple):
    """What a ratio means in a mandate's book.

    orders: of the coin. target: the ratio in force, limits and overlays counted. above: what makes
    it another one than the policy's. waits: what comes before all of it is sold.
    """

    orders: Sequence[OrderRow]
    target: float
    above: Sequence[str]
    waits: Sequence[str]


OptionalImpact = BookImpact | None  # None: of no mandate


def regime_page(found: RegimeSurvey, root: str, orders: OptionalImpact) -> Page:
    """The condition in a sentence, its evidence, what would change it, ratio and orders.

    Args: root: folder of the store, as shown; orders: what the ratio would mean.
    """
    lead = f"{found.coin} at {moment(found.last.time_ns)}, from {root}"
    sections = [
        Section("What to hedge", [Line(headline(found), "head")]),
        Section("Condition", _shares(found)),
        Section("Ratio", [Line(line, "bullet") for line in found.last.aim.reasons[1:]]),
        *(_evidence(found, one) for one in found.assessment.conditions),
        Section("What would change it", [Line(line, "bullet") for line in turns_of(found)]),
        Section("Named before", [Line(line, "bullet") for line in named_words(found)]),
        Section("Not known", [Line(line, "bullet") for line in found.lacking]),
        Section("Orders", [Line(line, "action") for line in order_words(orders)]),
        Section("Notes", [Line(text, "bullet") for text in found.history.notes]),
        Section("Evidence", [Line(timing_words(found), "warning")]),
    ]
    answer = headline(found).partition(":")[0]
    return Page("Regime", lead, [one for one in sections if one.items], answer)


def headline(found: RegimeSurvey) -> str:
    """The ratio told and the condition, in one sentence; what is done instead where there is none.

    Worked: "HEDGE 71 % of BTC: a bearish market (62 % bearish), since 2022-05-09".
    """
    ratio, after = found.last.aim.ratio, found.last.followed
    action = f"KEEP what is held of {found.coin}"
    if ratio is not None:
        action = f"HEDGE {percent(ratio)} of {found.coin}"
    if found.assessment.ratio is None or after is None:
        return f"{action}: {found.last.aim.reasons[0].removeprefix(f'{found.coin}: ')}"
    return f"{action}: {market_words(found.framework, found.assessment, after)}"


def _shares(found: RegimeSurvey) -> list[Any]:
    """Each condition with its band, its share and what it would say alone."""
    cells: Cells[ConditionAssessment] = (
        (Column("condition", left=True), lambda one: one.condition.name),
        (Column("seen"), lambda one: given(one.membership, whole_percent, NONE)),
        (
            Column("band"),
            lambda one: f"{whole_percent(one.condition.low)} - {whole_percent(one.condition.high)}",
        ),
        (
            Column("conviction", "0 % is the low end of the band, 100 % its high end"),
            lambda one: given(one.conviction.mean, whole_percent, NONE),
        ),
        (
            Column("alone", "what it would ask alone"),
            lambda one: given(one.ratio, whole_percent, NONE),
        ),
    )
    return [grid_of(found.assessment.conditions, cells)]


def _evidence(found: RegimeSurvey, assessment: ConditionAssessment) -> Section:
    """Each piece of evidence of a condition and of its conviction, with its number and its part."""
    lists = (
        ("evidence", "of the weight that is known, to what is seen", assessment.evidence),
        ("conviction", "to the place in the band", assessment.conviction),
    )
    grids = [_terms(found, *one) for one in lists if one[2].terms]
    return Section(f"For {assessment.condition.name}", grids)


def _terms(found: RegimeSurvey, head: str, adds: str, listed: EvidenceAssessment) -> Grid:
    """A list of terms as a table. head: what they are; adds: to what each adds."""
    figure = found.framework.figure
    cells: Cells[TermAssessment] = (
        (Column(head, left=True), lambda one: figure(one.term.of).words),
        (Column("is"), lambda one: figure(one.term.of).figure_words(one.figure)),
        (Column("from"), lambda one: _end(found, one, one.term.start)),
        (Column("to"), lambda one: _end(found, one, one.term.end)),
        (Column("adds", adds), lambda one: NONE if one.ramp is None else whole_percent(one.adds)),
    )
    return grid_of(listed.terms, cells)


def _end(found: RegimeSurvey, one: TermAssessment, end: float) -> str:
    """An end of a ramp. Worked: 25 about 50 -> "50 ± 25"; 1.5 about 0 -> "± 1.5"."""
    kind, about = found.framework.figure(one.term.of), one.term.about
    if about is None:
        return kind.figure_words(end)
    middle = f"{kind.figure_words(about)} " if about else ""
    return f"{middle}\N{PLUS-MINUS SIGN} {kind.figure_words(end).removeprefix('+')}"


def turns_of(found: RegimeSurvey) -> list[str]:
    """What would change it, in words."""
    return [turn_words(found.framework, one) for one in found.turns]


def named_words(found: RegimeSurvey) -> list[str]:
    """Worked: "2022-05-09: bearish"."""
    return [f"{day(time_ns)}: {name}" for time_ns, name in found.named]


def changes_section(found: RegimeSurvey) -> Section:
    """Every change of the ratio told, and why it was: what was seen."""
    lines = [
        f"{day(time_ns)}: {given(ratio, percent, 'keeps what is held')}; {'; '.join(why[:2])}"
        for time_ns, ratio, why in found.changes
    ]
    return Section("Every change of the ratio", [Line(line, "bullet") for line in lines])


def timing_words(found: RegimeSurvey) -> str:
    """What is shown of skill in timing, of the framework that was tested alone."""
    if not found.is_tested:
        return OWN_FRAMEWORK
    if found.coin in TESTED:
        return EVIDENCE
    return f"{EVIDENCE}; they are of {' and '.join(TESTED)}, and nothing was tested of {found.coin}"


def order_words(orders: OptionalImpact) -> list[str]:
    """What the ratio would mean in the mandate's book, and what stands above or before it."""
    if orders is None:
        return []
    sent = [
        f"{one.action} {one.side} {contracts(one.contracts)} of {one.contract} in {one.account}"
        for one in orders.orders
    ]
    if not sent:
        sent = ["no order yet" if orders.waits else "nothing to trade: what is held is in its band"]
    above = [f"in force is {percent(orders.target)}: {'; '.join(orders.above)}"]
    return [*(above if orders.above else []), *sent, *orders.waits]


def regime_dict(found: RegimeSurvey, orders: OptionalImpact) -> dict[str, Any]:
    """One coin of what `regime --json` prints."""
    after = found.last.followed
    return {
        "coin": found.coin,
        "as_of": iso(found.time_ns),
        "looked_at": iso(found.last.time_ns),
        "headline": headline(found),
        "condition": None if after is None else after.named,
        "since": None if after is None else iso(after.since_ns),
        "seen_ratio": found.assessment.ratio,
        "ratio": found.last.aim.ratio,
        "rest_membership": found.assessment.rest,
        "conditions": [_condition_dict(found, one) for one in found.assessment.conditions],
        "missing": list(found.assessment.missing),
        "reasons": list(found.last.aim.reasons),
        "turns": [
            {
                "condition": one.condition,
                "figure": one.figure,
                "now": one.now,
                "at": one.at,
                "membership": one.share,
                "rises": one.rises,
                "words": words,
            }
            for one, words in zip(found.turns, turns_of(found), strict=True)
        ],
        "named": [{"since": iso(time_ns), "condition": name} for time_ns, name in found.named],
        "orders": None if orders is None else order_words(orders),
        "timing_evidence": timing_words(found),
        "notes": list(found.history.notes),
    }


def _condition_dict(found: RegimeSurvey, one: ConditionAssessment) -> dict[str, Any]:
    """One condition."""
    return {
        "name": one.condition.name,
        "low_ratio": one.condition.low,
        "high_ratio": one.condition.high,
        "membership": one.membership,
        "raw_membership": one.evidence.mean,
        "conviction": one.conviction.mean,
        "evidence": _terms_dict(found, one.evidence),
        "conviction_evidence": _terms_dict(found, one.conviction),
    }


def _terms_dict(found: RegimeSurvey, terms: EvidenceAssessment) -> list[dict[str, Any]]:
    """A list of terms."""
    return [
        {
            "name": one.term.of,
            "what": found.framework.figure(one.term.of).words,
            "figure": one.figure,
            "ramp": one.ramp,
            "adds": None if one.ramp is None else one.adds,
        }
        for one in terms.terms
    ]
