"""Figures that a run went without: of a macro overlay, and of a framework of market conditions.

Both go on without them by rule, and a plan says so each time; of a run it is said once, with from
when to when.
"""

from collections.abc import Iterator, Mapping, Sequence

from volsculpt.hedge.aim import Overlays, macro_overlays
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policies.regime import FRAMEWORK, RegimePolicy
from volsculpt.hedge.spec import Hedge
from volsculpt.units import DAY_NS, iso_day

PRICES = ("index", "bars")  # without them there is no run
MACRO = "macro_unknown: {}: figures of the economy that were not known added nothing to the ratio"
EVIDENCE = "evidence_unknown: {}: what was not known left more weight to the rest of the evidence"
WAY_OUT = "`volsculpt data import` stores series and funding, `volsculpt data list` shows them"
FigureDays = Mapping[str, Sequence[int]]  # what it is -> midnights at which it was not known


def unknown_figures(
    hedges: Sequence[Hedge], overlays: Overlays, history: Sequence[Features] | None
) -> list[str]:
    """A warning for each hedge and use of figures of which some were not known on some day.

    Args: history: the market at each stamp, None where nobody asks; looked at at midnights UTC.
    """
    days = [one for one in history or () if one.time_ns % DAY_NS == 0]
    found = []
    for hedge in hedges if days else ():
        coin = hedge.underlying
        for head, missing in (
            (MACRO, _macro(hedge, overlays, days)),
            (EVIDENCE, _own(hedge, days)),
        ):
            spans = "; ".join(_spans(missing, len(days)))
            found += [f"{head.format(coin)}: {spans}; {WAY_OUT}"] if spans else []
    return found


def _macro(hedge: Hedge, overlays: Overlays, days: Sequence[Features]) -> FigureDays:
    """What the tilts of a hedge's macro overlays went without."""
    from volsculpt.hedge.regimes.macro import macro_figures
    from volsculpt.hedge.regimes.macro_reading import macro_in

    found: dict[str, list[int]] = {}
    for one in macro_overlays(hedge, overlays):
        rules = macro_in(one.text, hedge.underlying)
        used = {tilt.term.of for tilt in rules.tilts}
        for day in days:
            figures = macro_figures(rules, day, hedge.underlying)
            lacking = {rules.figure(name).what for name in used if figures[name] is None}
            for what in lacking:
                found.setdefault(what, []).append(day.time_ns)
    return found


def _own(hedge: Hedge, days: Sequence[Features]) -> FigureDays:
    """What the framework of a hedge went without, its prices apart."""
    policy, coin = hedge.policy, hedge.underlying
    if not isinstance(policy, RegimePolicy):
        return {}
    framework, found = policy.of(coin), dict[str, list[int]]()
    lists = [one.conviction for one in framework.conditions]
    lists += [one.evidence for one in framework.conditions if policy.model == FRAMEWORK]
    used = {term.of for terms in lists for term in terms}
    for kind in framework.figures:
        if kind.name in used and kind.feature.stream(coin).kind not in PRICES:
            lacking = [day.time_ns for day in days if day.value(coin, kind.feature) is None]
            found |= {kind.words: lacking} if lacking else {}
    return found


def _spans(missing: FigureDays, days: int) -> Iterator[str]:
    """Figures with the same days together. days: midnights of the run.

    Worked: "2-year yield, policy rate (2021-01-01 to 2021-01-31, 31 of 31 days)".
    """
    together: dict[tuple[int, ...], list[str]] = {}
    for what, stamps in sorted(missing.items()):
        together.setdefault(tuple(stamps), []).append(what)
    for stamps, names in together.items():
        span = f"{iso_day(stamps[0])} to {iso_day(stamps[-1])}"
        yield f"{', '.join(names)} ({span}, {len(stamps)} of {days} days)"
