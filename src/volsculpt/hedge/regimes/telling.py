"""What a framework saw, in sentences that a beginner reads."""

from collections.abc import Mapping

from volsculpt.hedge.regimes.framework import (
    REST,
    ConditionAssessment,
    EvidenceAssessment,
    FigureKind,
    Framework,
    RegimeAssessment,
    TermAssessment,
)
from volsculpt.hedge.regimes.steady import RegimeMemory, leader
from volsculpt.hedge.regimes.turning import Turn
from volsculpt.text import duration, percent, whole_percent
from volsculpt.units import iso_day

NOTHING_LACKS: Mapping[str, str] = {}
SHOWN = 3  # pieces of evidence in the reasons of a ratio


def condition_words(
    framework: Framework, assessment: RegimeAssessment, memory: RegimeMemory, coin: str
) -> str:
    """The condition in one sentence, of a coin. Worked: "BTC: a bearish market (62 % bearish) ...".

    Args: assessment: a regime that is known; memory: after it; coin: its name.
    """
    return f"{coin}: {market_words(framework, assessment, memory)}"


def market_words(framework: Framework, assessment: RegimeAssessment, memory: RegimeMemory) -> str:
    """The condition in one sentence.

    A title is not given to a condition that lacks what marks it most. Where another than the named
    one is seen most both are told, and when the name changes. A first look, of a plan say,
    remembers no other. Worked: "a bearish market (62 % bearish), since 2022-05-09"; "most like
    recovery (54 %), since 2023-10-24, but not a recovery after a crash: the fall from the high of a
    year is 4.69 %, which adds nothing"; "named bearish since 2022-05-09 (2 %), but the evidence now
    leans to range (45 %): the name changes when that leads by 10 % (now 1 %)".

    Args: assessment: a regime that is known; memory: after it.
    """
    name, by = leader(assessment.shares)
    share = whole_percent(assessment.shares[name])
    is_new = memory.since_ns == memory.known_ns
    if name != memory.named:
        when = "at this look" if is_new else f"since {iso_day(memory.since_ns)}"
        lacking = _lacking(framework, assessment.of(name))
        leans = f"{name} ({share}; {lacking})" if lacking else f"{name} ({share})"
        return (
            f"named {memory.named} {when} ({whole_percent(assessment.shares[memory.named])}), but "
            f"the evidence now leans to {leans}: {_until_named(framework, memory, by)}"
        )
    since = "named at this look" if is_new else f"since {iso_day(memory.since_ns)}"
    found = assessment.of(name)
    if found is None:
        return f"none of the conditions stands out ({share} {name}), {since}"
    title, lacking = found.condition.title, _lacking(framework, found)
    if not lacking:
        return f"{title} ({share} {name}), {since}"
    return f"most like {name} ({share}), {since}, but not {title}: {lacking}"


def _lacking(framework: Framework, found: ConditionAssessment | None) -> str:
    """What marks a condition most and is not seen; empty where nothing lacks.

    Worked: "the fall from the high of a year is 4.69 %, which adds nothing".
    """
    unmarked = [] if found is None else found.unmarked
    if not unmarked:
        return ""
    figures = " and ".join(term_words(framework.figure(one.term.of), one) for one in unmarked)
    return f"{figures}, which {'adds' if len(unmarked) == 1 else 'add'} nothing"


def _until_named(framework: Framework, memory: RegimeMemory, by: float) -> str:
    """What must be so before the one that leads is named. by: its lead now.

    Worked: "the name changes when that leads by 10 % (now 1 %)", "the name changes when that leads
    by 10 % (now 12 %) and 7 days are over (on 2022-05-16)".
    """
    end_ns = memory.since_ns + framework.min_dwell_ns
    lead = (
        f"the name changes when that leads by {whole_percent(framework.lead)} "
        f"(now {whole_percent(by)})"
    )
    if memory.known_ns >= end_ns:
        return lead
    days = f"{duration(framework.min_dwell_ns)}"
    return f"{lead} and {days} are over (on {iso_day(end_ns)})"


def _ordered(assessment: RegimeAssessment) -> list[tuple[str, float]]:
    """Memberships, the greatest first."""
    return sorted(assessment.shares.items(), key=lambda one: -one[1])


def shares_words(assessment: RegimeAssessment) -> str:
    """Memberships. Worked: "assessment: 62 % bearish, 20 % recovery, 18 % no regime"."""
    return "seen: " + ", ".join(
        f"{whole_percent(share)} {name}" for name, share in _ordered(assessment)
    )


def term_words(kind: FigureKind, one: TermAssessment) -> str:
    """One piece of evidence. Worked: "the fall from the high of a year is 31 %"."""
    return f"{kind.words} is {kind.figure_words(one.figure)}"


def evidence_words(framework: Framework, found: ConditionAssessment) -> list[str]:
    """What speaks most for a condition, and how much of it.

    Worked: "for it: the fall from the high of a year is 40 %, which adds 11 % of 62 %".
    """
    strongest = sorted(found.evidence.terms, key=lambda one: -one.adds)[:SHOWN]
    return [
        f"{term_words(framework.figure(one.term.of), one)}: adds {whole_percent(one.adds)} to "
        f"{found.condition.name}"
        for one in strongest
        if one.adds > 0.0
    ]


def missing_words(
    framework: Framework, assessment: RegimeAssessment, lacks: Mapping[str, str] = NOTHING_LACKS
) -> str | None:
    """What is not known and why, and what was made of it; None where all is.

    Of several each is told without its fix. Worked: "not known, so the rest of the evidence counts
    for more: fear and greed (nothing of fear_greed is known)".

    Args: assessment: of the framework; lacks: why a figure is not known, by its name.
    """
    if not assessment.missing:
        return None
    lines = []
    for name in assessment.missing:
        why = lacks.get(name, "")
        why = why if len(assessment.missing) == 1 else why.partition(";")[0]
        lines.append(framework.figure(name).words + (f" ({why})" if why else ""))
    return f"not known, so the rest of the evidence counts for more: {', '.join(lines)}"


def unknown_words(framework: Framework, assessment: RegimeAssessment) -> str:
    """Why the regime is unknown."""
    condition, is_evidence, least = _shortest(assessment)
    whose = f"speaks of {condition!r}" if is_evidence else f"tells how far {condition!r} has gone"
    names = ", ".join(framework.figure(one).words for one in assessment.missing)
    return (
        f"the regime is unknown: of what {whose} only "
        f"{whole_percent(least.available_share)} is known, half is needed; not known: {names}"
    )


def most_missed(assessment: RegimeAssessment) -> str:
    """The figure whose lack weighs most in the list that is too short; of states the first.

    assessment: a regime that is unknown, with figures that are not known.
    """
    lacking = [one.term for one in _shortest(assessment)[2].terms if one.figure is None]
    return max(lacking, key=lambda term: term.weight).of if lacking else assessment.missing[0]


def _shortest(assessment: RegimeAssessment) -> tuple[str, bool, EvidenceAssessment]:
    """Of the lists of which too little is known that with the fewest terms.

    After its condition, and whether it is the evidence of that, or else the conviction.
    """
    short = [
        (each.condition.name, one is each.evidence, one)
        for each in assessment.conditions
        for one in (each.evidence, each.conviction)
        if one.mean is None
    ]
    return min(short, key=lambda one: (len(one[2].terms), one[2].available_share, one[0]))


def ratio_words(
    framework: Framework, assessment: RegimeAssessment, memory: RegimeMemory
) -> list[str]:
    """How the ratio follows, and why it may stay where it was."""
    parts = [
        f"{whole_percent(one.membership or 0.0)} of {whole_percent(one.ratio or 0.0)} "
        f"({one.condition.name})"
        for one in assessment.conditions
        if one.membership and round(one.membership, 2) > 0.0
    ]
    rest = assessment.shares[REST]
    parts += (
        [f"{whole_percent(rest)} of {whole_percent(framework.rest_ratio)} ({REST})"]
        if rest > 0.005
        else []
    )
    lines = [f"so hedge {percent(assessment.ratio or 0.0)}: {' + '.join(parts)}"]
    if assessment.ratio is not None and memory.ratio != assessment.ratio:
        lines.append(
            f"it stays at {percent(memory.ratio)}, told before: a change of "
            f"{percent(framework.hysteresis)} or less is not passed on"
        )
    return lines


def reasons(
    framework: Framework,
    assessment: RegimeAssessment,
    memory: RegimeMemory,
    coin: str,
    lacks: Mapping[str, str] = NOTHING_LACKS,
) -> tuple[str, ...]:
    """Why this ratio, in eight lines at most.

    Args: assessment: a regime that is known; memory: after it; coin: its name; lacks: why a figure
    is not known, by its name.
    """
    most = assessment.of(leader(assessment.shares)[0])
    missing = missing_words(framework, assessment, lacks)
    return (
        condition_words(framework, assessment, memory, coin),
        shares_words(assessment),
        *(evidence_words(framework, most) if most is not None else ()),
        *((missing,) if missing is not None else ()),
        *ratio_words(framework, assessment, memory),
    )


def turn_words(framework: Framework, one: Turn) -> str:
    """What would change it.

    Worked: "bearish above 50 % when the fall from the high of a year passes 31 % (now 24 %)".
    """
    kind = framework.figure(one.figure)
    side = "above" if one.rises else "below"
    way = "rises past" if one.at > one.now else "falls past"
    return (
        f"{one.condition} {side} {whole_percent(one.share)} when {kind.words} {way} "
        f"{kind.figure_words(one.at)} (now {kind.figure_words(one.now)})"
    )
