"""aim: how much to hedge and why, one answer a hedged coin.

Order: policy -> tilts (summed, those of the economy last) -> events in file order -> unexpired
override -> clamp to [min_ratio, max_ratio]. Every step that changes the ratio leaves a sentence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from volsculpt.book.exposure import held_ratio, is_owing
from volsculpt.hedge.answer import Aim, plain
from volsculpt.hedge.betas import lacks_betas, with_betas
from volsculpt.hedge.bounds import MODE_CODE, bounded, clamped, in_force
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.hedge.spec import EventOverlay, Hedge, MacroOverlay, Override, Tilt
from volsculpt.text import percent


@dataclass(frozen=True, slots=True)
class Overlays:
    """Opinions over the policies, in file order: dated, or by figures of the economy."""

    tilts: tuple[Tilt, ...] = ()
    events: tuple[EventOverlay, ...] = ()
    overrides: tuple[Override, ...] = ()
    macro: tuple[MacroOverlay, ...] = ()


NO_OVERLAYS = Overlays()


def policy_aim(
    hedge: Hedge,
    time_ns: int,
    features: Features | None,
    summary: HedgeSummary,
    memory: object,
    ratio_of: Callable[[Aim], float | None] = lambda answer: answer.ratio,
) -> tuple[Aim, object]:
    """What a hedge's policy alone says, with betas where they are estimated, and its memory.

    Args: time_ns: ns UTC; features: None is nothing known; memory: as the policy left it, None =
    nothing yet; ratio_of: what becomes of an answer, after overlays and limits: by it newer betas
    are judged.
    """
    given = PolicyInput(time_ns, features or Features(time_ns), summary)
    if hedge.betas is None:
        return hedge.policy.step(memory, given)
    before: Any = memory or with_policy_memory(hedge, None)
    answer, own = hedge.policy.step(before["policy"], given)
    answer, betas = with_betas(hedge, hedge.betas, answer, before["betas"], given, ratio_of(answer))
    return answer, {"policy": own, "betas": betas, "said": plain(answer)}


def with_policy_memory(hedge: Hedge, own: object) -> object:
    """A hedge's memory of which only its policy's own is known: betas are looked at anew."""
    return own if hedge.betas is None else {"policy": own, "betas": None}


def _applies(underlying: str | None, hedge: Hedge) -> bool:
    """True when an overlay speaks of this hedge, or of every hedge."""
    return underlying is None or underlying == hedge.underlying


def _noted(sentence: str, note: str) -> str:
    """A sentence with the owner's own note behind it."""
    return f"{sentence} ({note})" if note else sentence


def tilted(
    hedge: Hedge, ratio: float | None, time_ns: int, overlays: Overlays, features: Features
) -> tuple[float | None, list[str]]:
    """An answer after the tilts, with a sentence for each; None where there is no answer.

    A tilt adds to an answer. What is held is none: a tilt of it would be added again at every look.

    Args: ratio: 1.0 = fully hedged; time_ns: ns UTC; features: what is known of the market.
    """
    dated = [
        one
        for one in overlays.tilts
        if _applies(one.underlying, hedge) and in_force(time_ns, one.from_ns, one.to_ns)
    ]
    if ratio is None:
        waiting = [f"a tilt of {percent(one.add)} waits for a ratio to add to" for one in dated]
        return None, [_noted(words, one.note) for words, one in zip(waiting, dated, strict=True)]
    for one in dated:
        ratio += one.add
    reasons = [_noted(f"a tilt adds {percent(one.add)}", one.note) for one in dated]
    ratio, more = macro_tilted(hedge, ratio, features, overlays)
    return ratio, reasons + more


def overlaid(
    hedge: Hedge, ratio: float, time_ns: int, overlays: Overlays
) -> tuple[float, list[str]]:
    """The ratio after events and overrides, with a sentence for each that binds.

    Args: ratio: 1.0 = fully hedged; time_ns: ns UTC.
    """
    reasons: list[str] = []
    for event in overlays.events:
        if _applies(event.underlying, hedge) and in_force(time_ns, event.from_ns, event.to_ns):
            after = bounded(ratio, MODE_CODE[event.mode], event.ratio)
            if after != ratio:
                words = event.mode.replace("_", " ")
                reasons.append(_noted(f"an event asks {words} {percent(event.ratio)}", event.note))
            ratio = after
    binding = [
        one
        for one in overlays.overrides
        if _applies(one.underlying, hedge) and time_ns < one.until_ns
    ]
    if binding:  # the last one given holds, and is told alone
        ratio = binding[-1].ratio
        reasons.append(_noted(f"overridden by hand to {percent(ratio)}", binding[-1].note))
    return ratio, reasons


def macro_overlays(hedge: Hedge, overlays: Overlays) -> list[MacroOverlay]:
    """The macro overlays of a hedge."""
    return [one for one in overlays.macro if _applies(one.underlying, hedge)]


def macro_tilted(
    hedge: Hedge, ratio: float, features: Features, overlays: Overlays
) -> tuple[float, list[str]]:
    """The ratio after what figures of the economy add, with the sentences that say why.

    Args: ratio: 1.0 = fully hedged; features: what is known of the market.
    """
    reasons: list[str] = []
    for one in macro_overlays(hedge, overlays):
        from volsculpt.hedge.regimes.macro import macro_assessment, macro_figures, macro_words
        from volsculpt.hedge.regimes.macro_reading import macro_in

        rules = macro_in(one.text, hedge.underlying)
        assessment = macro_assessment(rules, macro_figures(rules, features, hedge.underlying))
        ratio += assessment.adds
        reasons += macro_words(assessment)
    return ratio, reasons


def speaks(hedge: Hedge, time_ns: int, overlays: Overlays) -> bool:
    """Whether any overlay of a hedge that needs no answer of its policy is in force at a time."""
    spans = [(one.underlying, one.from_ns, one.to_ns) for one in overlays.events]
    spans += [(one.underlying, time_ns, one.until_ns) for one in overlays.overrides]
    return any(_applies(coin, hedge) and in_force(time_ns, *span) for coin, *span in spans)


def overlay_times(hedge: Hedge, overlays: Overlays) -> list[int]:
    """The times at which dated overlays of a hedge begin or end."""
    dated: list[Tilt | EventOverlay] = [*overlays.tilts, *overlays.events]
    spans = [(one.from_ns, one.to_ns) for one in dated if _applies(one.underlying, hedge)]
    ends = [one.until_ns for one in overlays.overrides if _applies(one.underlying, hedge)]
    return [time_ns for span in spans for time_ns in span] + ends


class Overlaid(NamedTuple):
    """What overlays and limits make of an answer.

    aim: the answer, unless it is too old. ratio: 1.0 = fully hedged, None keeps what is held.
    reasons: a sentence for each that changed it.
    """

    aim: Aim
    ratio: float | None
    reasons: tuple[str, ...]


def after_overlays(
    hedge: Hedge,
    answer: Aim,
    summary: HedgeSummary,
    time_ns: int,
    overlays: Overlays,
    bounds: tuple[float, float],
    features: Features | None = None,
) -> Overlaid:
    """What a policy said, once its age, overlays and limits have had their say.

    Where a policy has no answer events and overrides may still have one; else what is held is kept.

    Args: time_ns: ns UTC; bounds: (min_ratio, max_ratio); features: what is known of the market,
    None is nothing.
    """
    if answer.valid_until_ns is not None and answer.valid_until_ns <= time_ns:
        why = "your policy's answer is too old by its own word: keeps what is held"
        answer = Aim(None, reasons=(why,))
    ratio = answer.ratio
    base = summary.base_coin or 0.0  # of a base that is not known a ratio is none
    if ratio is None and answer.target_delta_coin is not None and base > 0.0:
        ratio = held_ratio(answer.target_delta_coin, base)
    ratio, tilts = tilted(hedge, ratio, time_ns, overlays, features or Features(time_ns))
    start = ratio if ratio is not None else (summary.held_ratio or 0.0)
    target, reasons = overlaid(hedge, start, time_ns, overlays)
    if ratio is None and not reasons:
        return Overlaid(answer, None, tuple(tilts))
    highest = min(bounds[1], answer.cap) if answer.cap is not None else bounds[1]
    kept = clamped(target, bounds[0], highest)
    if kept != target:
        side = "highest" if kept < target else "lowest"
        reasons.append(f"limited to {percent(kept)}, the {side} that is allowed")
    return Overlaid(answer, kept, (*tilts, *reasons))


def settled(
    hedge: Hedge,
    answer: Aim,
    summary: HedgeSummary,
    time_ns: int,
    overlays: Overlays,
    bounds: tuple[float, float],
    features: Features | None = None,
) -> Aim:
    """What a policy said after overlays and limits, if its betas are known.

    Without betas what is held is kept, unless all is to be closed: a ratio is then of no known
    size, and of wealth 0 is one as well where something is owed.

    Args: time_ns: ns UTC; bounds: (min_ratio, max_ratio); features: what is known of the market,
    None is nothing.
    """
    target = after_overlays(hedge, answer, summary, time_ns, overlays, bounds, features)
    answer, kept, reasons = target.aim, target.ratio, (*target.aim.reasons, *target.reasons)
    base = summary.base_coin if hedge.base == "wealth" else None
    owes = base is not None and is_owing(base, summary.delta_coin) == 1
    if kept is not None and lacks_betas(hedge, answer) and (kept != 0.0 or owes):
        why = f"{percent(kept)} waits for betas; what is held is kept"
        return replace(answer, ratio=None, reasons=(*reasons, why))
    return replace(answer, ratio=kept, reasons=reasons)


def aim_one(
    hedge: Hedge,
    memory: object,
    features: Features | None,
    summary: HedgeSummary,
    time_ns: int,
    overlays: Overlays,
    bounds: tuple[float, float],
) -> tuple[Aim, object]:
    """The aim of one hedge.

    Args: memory: as its policy left it, None = nothing yet; features: None is nothing known;
    time_ns: ns UTC; bounds: (min_ratio, max_ratio).
    """
    own = (summary, time_ns, overlays, bounds, features)
    answer, memory = policy_aim(
        hedge,
        time_ns,
        features,
        summary,
        memory,
        lambda one: after_overlays(hedge, one, *own).ratio,
    )
    return settled(hedge, answer, *own), memory


def aim(
    hedges: Sequence[Hedge],
    memory: Sequence[Any],
    features: Features | None,
    summaries: Sequence[HedgeSummary],
    time_ns: int,
    overlays: Overlays,
    bounds: tuple[float, float],
) -> tuple[list[Aim], list[Any]]:
    """One Aim a hedge, and each policy's memory for the next step.

    Pure: time is an argument, and nothing but the arguments is read. Worked: policy 0.5, an event
    at_least 1.0 in force, limits [0, 1]: ratio 1.0 and two sentences.

    Args: hedges, memory, summaries: one each a hedge, in one order; features: what is known of the
    market, None is nothing; time_ns: ns UTC; bounds: (min_ratio, max_ratio).
    """
    aims: list[Aim] = []
    after: list[Any] = []
    for hedge, own, summary in zip(hedges, memory, summaries, strict=True):
        answer, kept = aim_one(hedge, own, features, summary, time_ns, overlays, bounds)
        aims.append(answer)
        after.append(kept)
    return aims, after
