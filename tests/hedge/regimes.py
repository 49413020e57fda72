"""Frameworks, drawn: small ones with figures whose features do not matter."""

from hypothesis import strategies as st

from volsculpt.hedge.features.momentum import Momentum
from volsculpt.hedge.regimes.framework import Condition, FigureKind, Framework, Term
from volsculpt.units import DAY_NS

NAMES = ("a", "b", "c", "d")
FIGURES = tuple(FigureKind(name, f"the {name}", Momentum()) for name in NAMES)
NUMBERS = st.floats(-2.0, 2.0)


def term(of: str, start: float = 0.0, end: float = 1.0, weight: float = 1.0) -> Term:
    """A term, by default the figure itself between 0 and 1."""
    return Term(of, start, end, weight)


def condition(name: str, low: float, high: float, evidence: str, conviction: str) -> Condition:
    """A condition whose lists are figures of one letter each, alike in weight."""
    lists = [tuple(term(one) for one in names) for names in (evidence, conviction)]
    return Condition(name, f"a {name}", "why", low, high, lists[0], lists[1])


def framework(*conditions: Condition, rest: float = 0.1, hysteresis: float = 0.05) -> Framework:
    """A framework with a week to dwell."""
    return Framework(conditions, FIGURES, rest, hysteresis, 0.1, 7 * DAY_NS)


@st.composite
def terms(draw: st.DrawFn) -> tuple[Term, ...]:
    """One to four terms, each of another figure, ramps at least a tenth long."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    found = []
    for name in names:
        start, length = draw(NUMBERS), draw(st.floats(0.1, 2.0))
        end = start + length * draw(st.sampled_from((-1.0, 1.0)))
        about = draw(st.none() | NUMBERS)
        found.append(Term(name, start, end, draw(st.floats(0.1, 5.0)), about))
    return tuple(found)


@st.composite
def frameworks(draw: st.DrawFn) -> Framework:
    """One to four conditions with bands anywhere in [0, 1]."""
    found = []
    for row in range(draw(st.integers(1, 4))):
        low, high = sorted((draw(st.floats(0.0, 1.0)), draw(st.floats(0.0, 1.0))))
        lists = draw(terms()), draw(terms())
        found.append(Condition(f"number {row}", f"a {row}", "why", low, high, *lists))
    return framework(*found, rest=draw(st.floats(0.0, 1.0)))


FIGURES_DRAWN = st.fixed_dictionaries(dict.fromkeys(NAMES, NUMBERS))
SOME_DRAWN = st.fixed_dictionaries(dict.fromkeys(NAMES, st.none() | NUMBERS))
