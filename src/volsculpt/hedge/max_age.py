"""How old the newest price may be that a ratio stands on: the owner's word, a feature's own."""

from typing import Any

from volsculpt.errors import PolicyError
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import Parameter
from volsculpt.text import duration


def max_age_parameter(what: str) -> Parameter:
    """The key of policies whose feature holds for a while by itself. what: how long, in words."""
    return Parameter(
        "aim_max_age",
        "duration",
        f"how old the newest price may be for a ratio to stand on it; absent: {what}.",
        "3d",
        optional=True,
        least="1h",
        why=", for no stored history is fresher",
    )


def checked_max_age(max_age_ns: int | None, feature: Feature, what: str) -> None:
    """Refuse an age that a feature's own limit cuts short, or that it has each day: PolicyError.

    What is told of whole days alone is up to a day old before the next is: a shorter age would find
    it too old each day.

    Args: max_age_ns: as the owner gave it; feature: that the ratio stands on; what: it is, in
    words.
    """
    if max_age_ns is not None and max_age_ns > feature.holds_ns:
        raise PolicyError(
            f"aim_max_age = {duration(max_age_ns)} is longer than {what} holds by itself, "
            f"{duration(feature.holds_ns)}; give less, or leave it out"
        )
    every_ns = feature.stream("").every_ns
    if max_age_ns is not None and max_age_ns < 2 * every_ns:
        raise PolicyError(
            f"aim_max_age = {duration(max_age_ns)} is less than two of the {duration(every_ns)} of "
            f"prices that {what} is told by: it would be too old in between; give "
            f"{duration(2 * every_ns)} or more"
        )


def too_old(features: Features, coin: str, feature: Feature, max_age_ns: int | None) -> str:
    """That the newest price is older than the owner allows, in words; empty where it is not.

    Worked: a price of three days ago, aim_max_age 2 days: "the newest price of BTC is 3 days old,
    more than your aim_max_age of 2 days".

    Args: features: what is known; coin; feature: that the ratio stands on; max_age_ns: None allows
    what the feature does.
    """
    memory: Any = features.memory(coin, feature)
    if memory is None or max_age_ns is None:
        return ""
    age_ns = features.time_ns - feature.newest_ns(memory)
    if age_ns <= max_age_ns:
        return ""
    return (
        f"the newest price of {coin} is {duration(age_ns)} old, more than your aim_max_age of "
        f"{duration(max_age_ns)}"
    )
