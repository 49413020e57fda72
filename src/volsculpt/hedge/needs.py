"""What the policies of some hedges want to know of the market, and how much history that takes."""

from collections.abc import Sequence

from volsculpt.hedge.feature import Feature, Needs, parameters
from volsculpt.hedge.spec import Hedge


def needs_of(hedges: Sequence[Hedge]) -> dict[str, tuple[Feature, ...]]:
    """The features that policies ask for, by coin, each once; empty when none asks."""
    hedged = [hedge.underlying for hedge in hedges]
    found: dict[str, set[Feature]] = {}
    for hedge in hedges:
        for coin, features in hedge.policy.needs(hedge.underlying, hedged).items():
            found.setdefault(coin, set()).update(features)
    return {coin: tuple(sorted(asked, key=_name)) for coin, asked in found.items()}


def _name(feature: Feature) -> tuple[str, list[tuple[str, object]]]:
    """What features are sorted by: name, then parameters."""
    return feature.NAME, sorted(parameters(feature).items())


def look_back_ns(needs: Needs) -> int:
    """How much history before a moment features are made from; 0 where none are asked for."""
    return max((one.look_back_ns for asked in needs.values() for one in asked), default=0)
