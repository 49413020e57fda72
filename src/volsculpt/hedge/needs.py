"""What the policies of some hedges want to know of the market, and how much history that takes."""

from collections.abc import Sequence
from typing import Any

from volsculpt.hedge.aim import NO_OVERLAYS, Overlays, macro_overlays
from volsculpt.hedge.betas import beta_needs
from volsculpt.hedge.feature import EVER_NS, Feature, Needs, parameters
from volsculpt.hedge.market_features import is_index, streams_of
from volsculpt.hedge.spec import Hedge
from volsculpt.market.streams import OF_CONTRACT, Stream, forward_of, pair_of
from volsculpt.units import DAY_NS

NEWEST_NS = 7 * DAY_NS  # how far back the newest figure of a stream is looked for, at least


def needs_of(
    hedges: Sequence[Hedge], overlays: Overlays = NO_OVERLAYS
) -> dict[str, tuple[Feature, ...]]:
    """The features that policies and macro overlays ask for, by coin, each once; empty: none."""
    hedged = [hedge.underlying for hedge in hedges]
    found: dict[str, set[Feature]] = {}
    for hedge in hedges:
        needed = [hedge.policy.needs(hedge.underlying, hedged)]
        needed += [beta_needs(hedge, hedge.betas)] if hedge.betas is not None else []
        for needs in needed:
            for coin, features in needs.items():
                found.setdefault(coin, set()).update(features)
        for one in macro_overlays(hedge, overlays):
            from volsculpt.hedge.regimes.macro_reading import macro_in

            rules = macro_in(one.text, hedge.underlying)
            found.setdefault(hedge.underlying, set()).update(rules.features)
    return {coin: tuple(sorted(needed, key=_name)) for coin, needed in found.items()}


def _name(feature: Feature) -> tuple[str, list[tuple[str, Any]]]:
    """What features are sorted by: name, then parameters."""
    return feature.NAME, sorted((name, _sortable(one)) for name, one in parameters(feature).items())


def _sortable(value: Any) -> Any:  # noqa: ANN401
    """A parameter as sorts beside others of its name: a number as it is, all else as its text."""
    return (0, value, "") if isinstance(value, int | float) else (1, 0, repr(value))


def look_back_ns(needs: Needs) -> int:
    """How much history before a moment features are made from; 0 where none are asked for."""
    return max(looked_back(needs).values(), default=0)


def read_back_ns(hedges: Sequence[Hedge], overlays: Overlays = NO_OVERLAYS) -> int:
    """How much history before a moment is read; all there is where a policy is followed to it."""
    if any(one.policy.looks_every_ns() is not None for one in hedges):
        return EVER_NS
    return look_back_ns(needs_of(hedges, overlays))


def looked_back(needs: Needs) -> dict[Stream, int]:
    """How much history before a moment is read of each stream that features are fed, ns.

    The index of each coin is read too, if only for its newest price. All indexes are read equally
    far, so that a feature of one coin does not depend on which features another has.
    """
    found: dict[Stream, int] = {}
    for coin, of_coin in needs.items():
        for stream in streams_of(coin, of_coin):
            fed = (one.look_back_ns for one in of_coin if one.stream(coin) == stream)
            found[stream] = max([found.get(stream, NEWEST_NS), *fed])
    indexes = [stream for stream in found if is_index(stream)]
    farthest = max((found[one] for one in indexes), default=0)
    return found | dict.fromkeys(indexes, farthest)


def contracts_of(needs: Needs) -> tuple[str, ...]:
    """The contracts whose funding, basis or prices features are fed, sorted; rules as they are."""
    fed = looked_back(needs)
    found = {one.of for one in fed if one.kind in OF_CONTRACT}
    found |= {pair_of(one.of)[1] for one in fed if one.kind == "pair"}
    return tuple(sorted(found | {forward_of(one.of)[0] for one in fed if one.kind == "forward"}))


def series_of(needs: Needs) -> tuple[str, ...]:
    """The stored series that features are fed, by name, sorted."""
    return tuple(sorted({one.of for one in looked_back(needs) if one.kind == "series"}))
