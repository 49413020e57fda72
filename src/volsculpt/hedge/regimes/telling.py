"""What a framework saw, in sentences that a beginner reads."""

from collections.abc import Sequence

from volsculpt.hedge.regimes.framework import (
    REST,
    ConditionSeen,
    FigureKind,
    Framework,
    RegimeSeen,
    TermSeen,
)
from volsculpt.hedge.regimes.steady import RegimeMemory, leader
from volsculpt.hedge.regimes.turning import Turn
from volsculpt.text import percent
from volsculpt.units import iso_day

SHOWN = 3  # pieces of evidence in the reasons of a ratio


def whole(ratio: float) -> str:
    """A share in whole percent. Worked: 0.6249 -> "62 %"."""
    return percent(round(ratio, 2))


def condition_words(framework: Framework, seen: RegimeSeen, memory: RegimeMemory, coin: str) -> str:
    """The condition in one sentence; where another leads the one that is named, that none is clear.

    A first look, of a plan say, remembers no other. Worked: "BTC: a bearish market (62 % bearish),
    since 2022-05-09"; 45 % range, 44 % no regime, 2 % bearish: "BTC: no condition is clear (45 %
    range, 44 % no regime, 2 % bearish); bearish is the one named last, since 2022-05-09".

    Args: seen: a regime that is known; memory: after it; coin: its name.
    """
    found, share = seen.of(memory.named), seen.shares[memory.named]
    is_new = memory.since_ns == memory.known_ns
    since = "named at this look" if is_new else f"since {iso_day(memory.since_ns)}"
    if not is_clear(framework, seen, memory):
        parts = ", ".join(f"{whole(one)} {name}" for name, one in _ordered(seen)[:SHOWN])
        named = f"{memory.named} is the one named last, {since}"
        return f"{coin}: no condition is clear ({parts}); {named}"
    title = found.condition.title if found is not None else "none of the conditions stands out"
    return f"{coin}: {title} ({whole(share)} {memory.named}), {since}"


def is_clear(framework: Framework, seen: RegimeSeen, memory: RegimeMemory) -> bool:
    """Whether nothing leads the condition that is named by as much as it takes to name another.

    Worked, a lead of 0.1: 0.38 beside 0.45 is clear, 0.02 beside 0.45 is not.
    """
    return max(seen.shares.values()) - seen.shares[memory.named] < framework.lead


def _ordered(seen: RegimeSeen) -> list[tuple[str, float]]:
    """Memberships, the greatest first."""
    return sorted(seen.shares.items(), key=lambda one: -one[1])


def shares_words(seen: RegimeSeen) -> str:
    """Memberships. Worked: "seen: 62 % bearish, 20 % recovery, 18 % no regime"."""
    return "seen: " + ", ".join(f"{whole(share)} {name}" for name, share in _ordered(seen))


def term_words(kind: FigureKind, one: TermSeen) -> str:
    """One piece of evidence. Worked: "the fall from the high of a year is 31 %"."""
    return f"{kind.what} is {kind.told(one.figure)}"


def evidence_words(framework: Framework, found: ConditionSeen) -> list[str]:
    """What speaks most for a condition, and how much of it.

    Worked: "for it: the fall from the high of a year is 40 %, which adds 11 % of 62 %".
    """
    strongest = sorted(found.evidence.terms, key=lambda one: -one.adds)[:SHOWN]
    return [
        f"{term_words(framework.figure(one.term.of), one)}: adds {whole(one.adds)} to "
        f"{found.condition.name}"
        for one in strongest
        if one.adds > 0.0
    ]


def missing_words(framework: Framework, seen: RegimeSeen) -> str | None:
    """What is not known, and what was made of it; None where all is."""
    if not seen.missing:
        return None
    names = ", ".join(framework.figure(one).what for one in seen.missing)
    return f"not known, so the rest of the evidence counts for more: {names}"


def unknown_words(framework: Framework, seen: RegimeSeen) -> str:
    """Why the regime is unknown."""
    short = [
        (len(one.terms), one.known_share, each.condition.name)
        for each in seen.conditions
        for one in (each.evidence, each.conviction)
        if one.mean is None
    ]
    least = min(short)
    names = ", ".join(framework.figure(one).what for one in seen.missing)
    return (
        f"the regime is unknown: of what speaks of {least[2]!r} only {whole(least[1])} is known, "
        f"half is needed; not known: {names}"
    )


def ratio_words(framework: Framework, seen: RegimeSeen, memory: RegimeMemory) -> list[str]:
    """How the ratio follows, and why it may stay where it was."""
    parts = [
        f"{whole(one.membership or 0.0)} of {whole(one.ratio or 0.0)} ({one.condition.name})"
        for one in seen.conditions
        if one.membership and round(one.membership, 2) > 0.0
    ]
    rest = seen.shares[REST]
    parts += [f"{whole(rest)} of {whole(framework.rest_ratio)} ({REST})"] if rest > 0.005 else []
    said = [f"so hedge {percent(seen.ratio or 0.0)}: {' + '.join(parts)}"]
    if seen.ratio is not None and memory.ratio != seen.ratio:
        said.append(
            f"it stays at {percent(memory.ratio)}, told before: a change of "
            f"{percent(framework.hysteresis)} or less is not passed on"
        )
    return said


def reasons(
    framework: Framework, seen: RegimeSeen, memory: RegimeMemory, coin: str
) -> tuple[str, ...]:
    """Why this ratio, in eight lines at most.

    Args: seen: a regime that is known; memory: after it; coin: its name.
    """
    told = memory.named if is_clear(framework, seen, memory) else leader(seen.shares)[0]
    named = seen.of(told)
    missing = missing_words(framework, seen)
    return (
        condition_words(framework, seen, memory, coin),
        shares_words(seen),
        *(evidence_words(framework, named) if named is not None else ()),
        *((missing,) if missing is not None else ()),
        *ratio_words(framework, seen, memory),
    )


def turn_words(framework: Framework, one: Turn) -> str:
    """What would change it.

    Worked: "bearish above 50 % when the fall from the high of a year passes 31 % (now 24 %)".
    """
    kind = framework.figure(one.figure)
    side = "above" if one.rises else "below"
    way = "rises past" if one.at > one.now else "falls past"
    return (
        f"{one.condition} {side} {whole(one.share)} when {kind.what} {way} {kind.told(one.at)} "
        f"(now {kind.told(one.now)})"
    )


def turns_words(framework: Framework, turns: Sequence[Turn]) -> list[str]:
    """Each turn in words."""
    return [turn_words(framework, one) for one in turns]
