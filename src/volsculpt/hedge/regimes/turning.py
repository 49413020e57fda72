"""What would change what is seen: how far one figure must go, all others as they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from volsculpt.hedge.regimes.framework import FigureValues, Framework, Term, regime_assessment

HALVINGS = 60  # of a stretch: its end is found to the last bit


@dataclass(frozen=True, slots=True)
class Turn:
    """A condition's membership passes `share` when a figure passes `at`. rises: the membership.

    reach: how far the figure is from there, in lengths of its shortest ramp.
    """

    condition: str
    figure: str
    now: float
    at: float
    share: float
    rises: bool
    reach: float


def nearest_turns(framework: Framework, figures: FigureValues, share: float = 0.5) -> list[Turn]:
    """For each condition the one figure that would bring it past a membership soonest.

    A condition that no single figure would bring there is left out; all are where the regime is
    unknown. Found by solving for one figure, the others as they are.

    Args: figures: by name; share: the membership.
    """
    if regime_assessment(framework, figures).ratio is None:
        return []
    found = []
    for one in framework.conditions:
        turns = [
            turn
            for kind in framework.figures
            for turn in turns_by(framework, figures, one.name, kind.name, share)
        ]
        found += sorted(turns, key=lambda turn: turn.reach)[:1]
    return found


def turns_by(
    framework: Framework, figures: FigureValues, condition: str, figure: str, share: float
) -> list[Turn]:
    """Where one figure, moved up or down alone, first brings a condition past a membership.

    Args: figures: by name; condition, figure: their names; share: the membership.
    """
    now = figures[figure]
    terms = [one for each in framework.conditions for one in each.evidence if one.of == figure]
    if now is None or not terms:
        return []

    def above(place: float) -> bool:
        assessment = regime_assessment(framework, {**figures, figure: place})
        return assessment.shares[condition] > share

    shortest = min(abs(one.end - one.start) for one in terms)
    knees = sorted({knee for one in terms for knee in knees_of(one)})
    up = [now, *(one for one in knees if one > now)]
    down = [now, *(one for one in reversed(knees) if one < now)]
    found = []
    for path in (up, down):
        at = _crossing(path, above)
        if at is not None:
            reach = abs(at - now) / shortest
            found.append(Turn(condition, figure, now, at, share, not above(now), reach))
    return found


def knees_of(term: Term) -> Sequence[float]:
    """The figures at which a ramp begins, ends or turns."""
    if term.about is None:
        return (term.start, term.end)
    ends = (term.start, term.end)
    return (*(term.about + one for one in ends), *(term.about - one for one in ends), term.about)


def _crossing(path: Sequence[float], above: Callable[[float], bool]) -> float | None:
    """Where `above` is first another than at the path's beginning; None where it never is."""
    before = above(path[0])
    for near, far in pairwise(path):
        if above(far) is before:
            continue
        start, end = near, far
        for _ in range(HALVINGS):
            middle = 0.5 * (start + end)
            start, end = (middle, end) if above(middle) is before else (start, middle)
        return end
    return None
