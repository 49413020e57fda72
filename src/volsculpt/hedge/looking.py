"""Policies that look every so often: when they look next, and the keys that say how often."""

from typing import Any

from volsculpt.hedge.answer import Aim, aim_of
from volsculpt.hedge.policy import Parameter


def next_look_ns(looked_ns: int, every_ns: int) -> int:
    """When a policy looks next: at the multiple since 1970 after its last look, ns UTC.

    Worked: looked at 05:00, every day: midnight.
    """
    return (looked_ns // every_ns + 1) * every_ns


def last_answer(memory: Any, every_ns: int) -> tuple[Aim, int] | None:  # noqa: ANN401
    """What a policy said last, and when it looks next, by its memory; None: nothing yet."""
    if memory is None:
        return None
    return aim_of(memory["said"]), next_look_ns(memory["asked_ns"], every_ns)


def every_parameter(default: str, when: str = "") -> Parameter:
    """The key of how often. default: as a mandate writes it; when: that is, in words."""
    meaning = f'how often it looks, on multiples since 1970; absent: "{default}"{when}.'
    return Parameter("every", "duration", meaning, default, default=default)


DAILY = every_parameter("1d", ", at midnight UTC")


def holding_parameters(while_: str) -> tuple[Parameter, Parameter]:
    """The keys of what holds while there is no answer. while_: when that is, in words."""
    return (
        Parameter(
            "aim_max_age",
            "duration",
            f"how long the last ratio holds while {while_}.",
            "7d",
            default="7d",
        ),
        Parameter(
            "fallback_ratio",
            "ratio",
            "the ratio after that; absent: what is held is kept.",
            0.3,
            unit="of the base",
            optional=True,
        ),
    )
