"""A function of the owner's with a schedule of its own: between two calls its answer holds.

What it said last is kept in its memory, in plain values, so that a restart goes on with it.
"""

from collections.abc import Sequence
from dataclasses import astuple, replace
from typing import Any

from volsculpt.hedge.aim import Aim, Overlays, checked_answer, overlay_times
from volsculpt.hedge.spec import Band, CallablePolicy, Hedge


def on_schedule(hedges: Sequence[Hedge]) -> tuple[Hedge, ...]:
    """The hedges, each function among their policies asked only as often as it wants."""
    return tuple(_scheduled(one) for one in hedges)


def _scheduled(hedge: Hedge) -> Hedge:
    policy = hedge.policy
    if not isinstance(policy, CallablePolicy) or policy.every_ns is None:
        return hedge
    every_ns, ask, where = policy.every_ns, policy.function, f"policy {policy.source}"

    def held(time_ns: int, features: Any, book: Any, memory: Any) -> tuple[Aim, Any]:  # noqa: ANN401
        """The answer of the last call until the next is due."""
        if memory is not None and time_ns < memory["asked_ns"] + every_ns:
            return aim_of(memory["said"]), memory
        answer, own = ask(time_ns, features, book, memory["own"] if memory is not None else None)
        said = checked_answer(answer, where)
        return said, {"asked_ns": time_ns, "said": plain(said), "own": own}

    return replace(hedge, policy=replace(policy, function=held))


def changes_ns(hedge: Hedge, memory: Any, overlays: Overlays, now_ns: int) -> int | None:  # noqa: ANN401
    """When what a function's hedge is told may change next; None: whenever the book does.

    hedge, memory: as the owner wrote it, and as `on_schedule` left it at `now_ns`. That is when the
    next call is due, an overlay begins or ends, or the answer is too old by its own word. An
    overlay over none, or over one that is too old, starts from what is held, as the book has it.
    """
    policy = hedge.policy
    if not isinstance(policy, CallablePolicy) or policy.every_ns is None:
        return None
    said, edges = aim_of(memory["said"]), overlay_times(hedge, overlays)
    by_book = said.ratio is None and said.target_delta_coin is not None
    is_old = said.valid_until_ns is not None and said.valid_until_ns <= now_ns
    if by_book or (edges and (said.ratio is None or is_old)):
        return None
    times: list[int] = [memory["asked_ns"] + policy.every_ns, *edges]
    times += [said.valid_until_ns] if said.valid_until_ns is not None else []
    return min(time_ns for time_ns in times if time_ns > now_ns)


def plain(said: Aim) -> dict[str, Any]:
    """An Aim as plain values."""
    return {
        "ratio": said.ratio,
        "target_delta_coin": said.target_delta_coin,
        "valid_until_ns": said.valid_until_ns,
        "reasons": list(said.reasons),
        "band": list(astuple(said.band)) if said.band is not None else None,
        "beta": said.beta,
        "cap": said.cap,
    }


def aim_of(said: dict[str, Any]) -> Aim:
    """An Aim again, out of its plain values."""
    band = Band(*said["band"]) if said["band"] is not None else None
    return Aim(**(said | {"band": band, "reasons": tuple(said["reasons"])}))
