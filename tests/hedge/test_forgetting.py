"""What is remembered before a moment does not depend on where the looks began."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hedge.a_market import BEGIN_NS, DAYS, a_history
from tests.hedge.regimes import condition, framework
from tests.hedge.test_regime import policy
from volsculpt.hedge.answer import Aim, plain
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.momentum import Momentum
from volsculpt.hedge.following import followed_before
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.hedge.regimes.forgetting import Possible, narrowed
from volsculpt.hedge.regimes.framework import RegimeAssessment, regime_assessment
from volsculpt.hedge.regimes.steady import RegimeMemory, followed
from volsculpt.hedge.spec import Hedge
from volsculpt.units import DAY_NS

TWO = framework(condition("x", 0.6, 1.0, "a", "c"), condition("y", 0.0, 0.4, "b", "c"))
FIGURES = st.none() | st.floats(0.0, 1.0) | st.sampled_from((0.0, 0.5, 1.0))
WALKS = st.lists(st.tuples(FIGURES, FIGURES), min_size=1, max_size=60)
BEGUN = st.none() | st.builds(
    RegimeMemory,
    st.floats(0.0, 1.0),
    st.sampled_from(("x", "y", "no regime")),
    st.integers(-30 * DAY_NS, -1),
    st.just(-1),
)


def looks(pairs: list[tuple[float | None, float | None]]) -> list[RegimeAssessment]:
    """A look a day of two figures."""
    return [
        regime_assessment(TWO, {"a": one, "b": other, "c": 0.5, "d": None}) for one, other in pairs
    ]


@given(WALKS, BEGUN)
def test_whatever_was_remembered_before_is_among_what_is_possible(
    pairs: list[tuple[float | None, float | None]], begun: RegimeMemory | None
) -> None:
    """After each look; once one is left, it is the memory."""
    memory, possible = begun, None
    for day, assessment in enumerate(looks(pairs)):
        memory = followed(TWO, memory, assessment, day * DAY_NS)
        possible = narrowed(TWO, possible, assessment, day * DAY_NS)
        if possible is None:
            continue
        assert memory is not None
        first, last = possible.names[memory.named]
        assert first <= memory.since_ns <= last
        assert possible.low <= memory.ratio <= possible.high
        if possible.is_one:
            assert (memory.ratio, memory.since_ns) == (possible.low, first)


def test_it_forgets() -> None:
    """A wide move, and another condition after two weeks of one.

    A week to come to be named, and a week to dwell, whoever was named before.
    """
    walk = [(1.0, 0.0)] * 15 + [(0.0, 1.0)] * 2
    found: list[Possible | None] = [None]
    for day, assessment in enumerate(looks(list(walk))):
        found.append(narrowed(TWO, found[-1], assessment, day * DAY_NS))
    certain = [one is not None and one.is_one for one in found[1:]]
    assert certain == [False] * 15 + [True] * 2
    assert all(later or not one for one, later in pairwise(certain))
    last = found[-1]
    assert last is not None
    assert last.names == {"y": (15 * DAY_NS, 15 * DAY_NS)}


class _Noted(RegimePolicy):
    """Notes how many looks it is followed through; sure after so many."""

    enough, asked = 0, list[int]()

    def needs(self, coin: str, hedged: object) -> dict[str, tuple[Feature, ...]]:
        """Little, so that a look is cheap."""
        return {coin: (Momentum(2 * DAY_NS),)}

    def follow(self, coin: str, known: object) -> tuple[object, bool]:
        """Sure once there are enough."""
        assert isinstance(known, list)
        self.asked.append(len(known))
        return {"looks": len(known)}, len(known) >= self.enough


@pytest.mark.parametrize("enough", [300, 400, 10**9])
def test_it_begins_a_year_before_or_where_prices_begin(enough: int) -> None:
    """The made-up market has not two years: what is not sure after all of it is taken."""
    one = _Noted(policy().framework)
    type(one).enough, type(one).asked = enough, []
    now_ns = BEGIN_NS + 300 * DAY_NS
    found = followed_before(a_history(), (Hedge("BTC", one),), [None], now_ns)
    assert (one.asked, found) == ([366], [{"looks": 366}])
    later = BEGIN_NS + (DAYS - 10) * DAY_NS
    type(one).asked = []
    followed_before(a_history(), (Hedge("BTC", one),), [None], later)
    assert one.asked == ([366] if enough <= 366 else [366, 731])


def test_only_policies_that_remember_the_market_are_followed() -> None:
    """What is remembered already goes on from there; without prices there is nothing to follow."""
    hedges = (Hedge("BTC", FixedPolicy(0.5)), Hedge("ETH", policy()), Hedge("BTC", policy()))
    now_ns = BEGIN_NS + 400 * DAY_NS
    kept = {"asked_ns": now_ns - DAY_NS, "said": plain(Aim(0.3)), "followed": None}
    assert followed_before(a_history(), hedges, [None, None, kept], now_ns) == [None, None, kept]
    *_, late = followed_before(a_history(), hedges, [None, None, kept], now_ns + 3 * DAY_NS)
    assert late["asked_ns"] == now_ns + 2 * DAY_NS
    assert late["followed"]["since_ns"] == now_ns


def test_a_year_and_longer_end_in_one_memory() -> None:
    """From every beginning that is sure of itself; not from one look.

    But for what weights that halve still hold of figures before it.
    """
    from volsculpt.hedge.stored import features_of

    hedge, last_ns = Hedge("BTC", policy()), BEGIN_NS + (DAYS - 5) * DAY_NS
    ends = []
    for back_ns in (120 * DAY_NS, 180 * DAY_NS):
        stamps = range(last_ns - back_ns, last_ns + 1, DAY_NS)
        known: list[Features] = features_of(a_history(), (hedge,), stamps) or []
        memory, is_sure = policy().follow("BTC", known)
        assert is_sure
        ends.append(memory["followed"])
    assert ends[0].pop("ratio") == pytest.approx(ends[1].pop("ratio"), abs=1e-4)
    assert ends[0] == ends[1]
    (single,) = features_of(a_history(), (hedge,), [last_ns]) or []
    assert not policy().follow("BTC", [single])[1]


@given(st.floats(0.0, 1.0), st.floats(0.01, 0.3))
def test_what_may_be_passed_on_is_wider_than_any_rounding(ratio: float, hysteresis: float) -> None:
    """Of any ratio before, those within the hysteresis stay, on both of its edges too."""
    one = framework(condition("x", 0.0, 1.0, "a", "b"), hysteresis=hysteresis)
    seen = regime_assessment(one, {"a": 1.0, "b": ratio, "c": None, "d": None})
    assert seen.ratio is not None
    found = narrowed(one, None, seen, 0)
    assert found is not None
    assert found.low < seen.ratio - hysteresis < seen.ratio + hysteresis < found.high
