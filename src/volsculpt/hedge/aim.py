"""aim: how much to hedge and why, one answer a hedged coin.

Order: policy -> tilts (summed) -> events in file order -> unexpired override -> clamp to
[min_ratio, max_ratio]. Every step that changes the ratio leaves a sentence.
"""

import math
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from typing import Any, cast

from volsculpt.errors import PolicyError
from volsculpt.hedge.bounds import MODE_CODE, bounded, clamped, in_force
from volsculpt.hedge.features import Features
from volsculpt.hedge.policies import fixed_ratio, series_ratio, vol_target
from volsculpt.hedge.spec import (
    Band,
    CallablePolicy,
    Event,
    FixedPolicy,
    Hedge,
    Override,
    SeriesPolicy,
    Tilt,
    VolTargetPolicy,
)
from volsculpt.hedge.words import percent, ratio_problem

LARGEST = 1e19  # beyond any ratio, number of coins or stamp in nanoseconds


@dataclass(frozen=True, slots=True)
class Aim:
    """How much of one coin to hedge, and why.

    ratio: fraction of the base to hedge; None keeps what is held. target_delta_coin: the
    same said as coins left exposed (a policy may give either). valid_until_ns: when the
    answer is too old to act on; None = until the next. band, beta: in place of the hedge's
    own; cap: the highest ratio this policy allows, whatever overlays say.
    """

    ratio: float | None = None
    target_delta_coin: float | None = None
    valid_until_ns: int | None = None
    reasons: tuple[str, ...] = ()
    band: Band | None = None
    beta: float | None = None
    cap: float | None = None


@dataclass(frozen=True, slots=True)
class HedgeSummary:
    """What a policy may know of the book, for one hedged coin (coins and USD)."""

    underlying: str
    index_usd: float
    owned_coin: float
    delta_coin: float
    base_coin: float
    held_ratio: float | None
    wealth_usd: float


@dataclass(frozen=True, slots=True)
class Overlays:
    """Dated opinions over the policies, in file order."""

    tilts: tuple[Tilt, ...] = ()
    events: tuple[Event, ...] = ()
    overrides: tuple[Override, ...] = ()


def checked_answer(answer: object, where: str) -> Aim:
    """What a user's policy answered, as an Aim; PolicyError when it is neither Aim nor ratio."""
    if isinstance(answer, Aim):
        return _checked_aim(answer, where)
    ratio = _checked_number(answer, "ratio", where)
    return Aim(ratio=ratio, reasons=(f"your policy says {percent(ratio)}",))


def _checked_number(said: object, name: str, where: str) -> float:
    """A finite number of a sensible size, or a PolicyError that shows what came instead."""
    try:
        number = float(said) if not isinstance(said, bool | str) else math.nan  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise PolicyError(
            f"{where}: answered {name} = {said!r}; it must return (ratio or Aim, memory) with "
            f"finite numbers, for example return 0.5, memory"
        )
    problem = ratio_problem(number) if name == "ratio" else None
    if problem is not None:
        raise PolicyError(f"{where}: answered ratio = {number:g}; it {problem}")
    return number


def _checked_aim(answer: Aim, where: str) -> Aim:
    """An Aim whose every figure is a finite number, its reasons a tuple of sentences."""
    names = ("ratio", "target_delta_coin", "beta", "cap", "valid_until_ns")
    figures = {
        name: _checked_number(getattr(answer, name), name, where)
        for name in names
        if getattr(answer, name) is not None
    }
    if answer.band is not None and not isinstance(answer.band, Band):
        raise PolicyError(f"{where}: answered band = {answer.band!r}; it must be a Band")
    told = cast(object, answer.reasons)  # a user may have given one sentence, or a list
    reasons = (told,) if isinstance(told, str) else tuple(answer.reasons)
    stamp = answer.valid_until_ns
    return Aim(
        ratio=figures.get("ratio"),
        target_delta_coin=figures.get("target_delta_coin"),
        valid_until_ns=int(stamp) if stamp is not None else None,
        reasons=tuple(str(line) for line in reasons),
        band=answer.band,
        beta=figures.get("beta"),
        cap=figures.get("cap"),
    )


def _called(
    policy: CallablePolicy, time_ns: int, features: Features, summary: HedgeSummary, memory: object
) -> tuple[Aim, object]:
    """Ask the user's function; whatever it raises becomes a PolicyError that names it."""
    try:
        with redirect_stdout(sys.stderr):  # what a policy prints must not mix with a plan's JSON
            answered = policy.function(time_ns, features, summary, memory)
        answer, memory = answered
    except PolicyError:
        raise
    except (Exception, SystemExit) as error:
        raise PolicyError(
            f"policy {policy.source}: {type(error).__name__}: {error}; it must take "
            f"(time_ns, features, book, memory) and return (ratio or Aim, memory)"
        ) from error
    return checked_answer(answer, f"policy {policy.source}"), memory


def policy_aim(
    hedge: Hedge, time_ns: int, features: Features | None, summary: HedgeSummary, memory: object
) -> tuple[Aim, object]:
    """What a hedge's policy alone says, and its memory for the next step."""
    policy, known = hedge.policy, features or Features(time_ns)
    if isinstance(policy, FixedPolicy):
        asked = fixed_ratio(policy.ratio)
        return Aim(asked, reasons=(f"you asked for {percent(asked)}",)), memory
    if isinstance(policy, SeriesPolicy):
        found = series_ratio(policy, time_ns)
        if found is None:
            why = f"{policy.source} has no ratio yet at this time: keeps what is held"
            return Aim(None, reasons=(why,)), memory
        return Aim(found, reasons=(f"{policy.source} says {percent(found)}",)), memory
    if isinstance(policy, VolTargetPolicy):
        ratio, why = vol_target(policy, hedge.underlying, known)
        return Aim(ratio, reasons=(why,)), memory
    return _called(policy, time_ns, known, summary, memory)


def _applies(underlying: str | None, hedge: Hedge) -> bool:
    """True when an overlay speaks of this hedge, or of every hedge."""
    return underlying is None or underlying == hedge.underlying


def _noted(sentence: str, note: str) -> str:
    """A sentence with the owner's own note behind it."""
    return f"{sentence} ({note})" if note else sentence


def overlaid(
    hedge: Hedge, ratio: float, time_ns: int, overlays: Overlays
) -> tuple[float, list[str]]:
    """The ratio after tilts, events and overrides, with a sentence for each that binds."""
    reasons: list[str] = []
    for tilt in overlays.tilts:
        if _applies(tilt.underlying, hedge) and in_force(time_ns, tilt.from_ns, tilt.to_ns):
            ratio += tilt.add
            reasons.append(_noted(f"a tilt adds {percent(tilt.add)}", tilt.note))
    for event in overlays.events:
        if _applies(event.underlying, hedge) and in_force(time_ns, event.from_ns, event.to_ns):
            after = bounded(ratio, MODE_CODE[event.mode], event.ratio)
            if after != ratio:
                words = event.mode.replace("_", " ")
                reasons.append(_noted(f"an event asks {words} {percent(event.ratio)}", event.note))
            ratio = after
    for override in overlays.overrides:
        if _applies(override.underlying, hedge) and time_ns < override.until_ns:
            ratio = override.ratio
            reasons.append(_noted(f"overridden by hand to {percent(ratio)}", override.note))
    return ratio, reasons


def speaks(hedge: Hedge, time_ns: int, overlays: Overlays) -> bool:
    """Whether any overlay of a hedge is in force at a time."""
    dated: list[Tilt | Event] = [*overlays.tilts, *overlays.events]
    spans = [(one.underlying, one.from_ns, one.to_ns) for one in dated]
    spans += [(one.underlying, time_ns, one.until_ns) for one in overlays.overrides]
    return any(_applies(coin, hedge) and in_force(time_ns, *span) for coin, *span in spans)


def overlay_times(hedge: Hedge, overlays: Overlays) -> list[int]:
    """The times at which overlays of a hedge begin or end."""
    dated: list[Tilt | Event] = [*overlays.tilts, *overlays.events]
    spans = [(one.from_ns, one.to_ns) for one in dated if _applies(one.underlying, hedge)]
    ends = [one.until_ns for one in overlays.overrides if _applies(one.underlying, hedge)]
    return [time_ns for span in spans for time_ns in span] + ends


def settled(
    hedge: Hedge,
    said: Aim,
    summary: HedgeSummary,
    time_ns: int,
    overlays: Overlays,
    bounds: tuple[float, float],
) -> Aim:
    """What a policy said, once its age, overlays and limits have had their say."""
    if said.valid_until_ns is not None and said.valid_until_ns <= time_ns:
        why = "your policy's answer is too old by its own word: keeps what is held"
        said = Aim(None, reasons=(why,))
    ratio = said.ratio
    if ratio is None and said.target_delta_coin is not None and summary.base_coin > 0.0:
        ratio = 1.0 - said.target_delta_coin / summary.base_coin
    start = ratio if ratio is not None else (summary.held_ratio or 0.0)
    asked, reasons = overlaid(hedge, start, time_ns, overlays)
    if ratio is None and not reasons:
        return replace(said, ratio=None)
    highest = min(bounds[1], said.cap) if said.cap is not None else bounds[1]
    kept = clamped(asked, bounds[0], highest)
    if kept != asked:
        side = "highest" if kept < asked else "lowest"
        reasons.append(f"limited to {percent(kept)}, the {side} that is allowed")
    return replace(said, ratio=kept, reasons=(*said.reasons, *reasons))


def aim_one(
    hedge: Hedge,
    memory: object,
    features: Features | None,
    summary: HedgeSummary,
    time_ns: int,
    overlays: Overlays,
    bounds: tuple[float, float],
) -> tuple[Aim, object]:
    """The aim of one hedge; `bounds` are (min_ratio, max_ratio)."""
    said, memory = policy_aim(hedge, time_ns, features, summary, memory)
    return settled(hedge, said, summary, time_ns, overlays, bounds), memory


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

    features: what is known of the market; None is nothing. Pure: time is an argument, and
    nothing but the arguments is read. Worked: policy 0.5, an
    event at_least 1.0 in force, limits [0, 1]: ratio 1.0 and two sentences.
    """
    aims: list[Aim] = []
    after: list[Any] = []
    for hedge, own, summary in zip(hedges, memory, summaries, strict=True):
        answer, kept = aim_one(hedge, own, features, summary, time_ns, overlays, bounds)
        aims.append(answer)
        after.append(kept)
    return aims, after
