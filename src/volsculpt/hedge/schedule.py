"""When the answer of a policy that looks at the book may change next."""

from typing import Any

from volsculpt.hedge.aim import Overlays, macro_overlays, overlay_times
from volsculpt.hedge.answer import Aim, aim_of
from volsculpt.hedge.betas import next_turn_ns
from volsculpt.hedge.spec import Hedge
from volsculpt.units import DAY_NS


def changes_ns(hedge: Hedge, memory: Any, overlays: Overlays, now_ns: int) -> int | None:  # noqa: ANN401
    """When what a hedge is told may change next; None: whenever the book does.

    That is when the policy is due to be asked, an overlay begins or ends, one of the economy looks
    (at midnight UTC), or the answer is too old by its own word. An overlay over none, or over one
    that is too old, starts from what is held, as the book has it.

    Args: memory: as its policy left it at `now_ns`; now_ns: ns UTC.
    """
    held = _held(hedge, memory, now_ns)
    if held is None:
        return None
    answer, bounds_ns = held[0], overlay_times(hedge, overlays)
    by_book = answer.ratio is None and answer.target_delta_coin is not None
    is_old = answer.valid_until_ns is not None and answer.valid_until_ns <= now_ns
    if by_book or (bounds_ns and (answer.ratio is None or is_old)):
        return None
    times: list[int] = [held[1], *bounds_ns]
    times += [(now_ns // DAY_NS + 1) * DAY_NS] if macro_overlays(hedge, overlays) else []
    times += [answer.valid_until_ns] if answer.valid_until_ns is not None else []
    return min(time_ns for time_ns in times if time_ns > now_ns)


def _held(hedge: Hedge, memory: Any, now_ns: int) -> tuple[Aim, int] | None:  # noqa: ANN401
    """What a hedge was told last and until when it holds; None: until the book changes."""
    if hedge.betas is None:
        return hedge.policy.held(memory)
    until = next_turn_ns(hedge.betas, now_ns)
    if hedge.policy.ASKS_BOOK:
        own = hedge.policy.held(memory["policy"])
        return None if own is None else (aim_of(memory["said"]), min(own[1], until))
    times = hedge.policy.change_times_ns()
    if times is None:
        return aim_of(memory["said"]), now_ns + 1
    return aim_of(memory["said"]), min([until, *(one for one in times if one > now_ns)])
