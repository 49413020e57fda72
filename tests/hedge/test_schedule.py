"""When what a hedge is told may change next: never later than it does, and at a moment to come."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hedge.betas import BEGIN_NS, NOW_NS, asked, hedge
from volsculpt.hedge.aim import Overlays
from volsculpt.hedge.answer import Aim, plain
from volsculpt.hedge.betas import next_turn_ns
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.policies.drawdown_floor import DrawdownFloorPolicy
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policies.series import SeriesPolicy
from volsculpt.hedge.policies.trend import TrendPolicy
from volsculpt.hedge.schedule import changes_ns
from volsculpt.hedge.spec import EventOverlay, Hedge, MacroOverlay, Override, Tilt
from volsculpt.units import DAY_NS, HOUR_NS

EVERY_NS = 100
SAID_NS = 1_000
DUE_NS = SAID_NS + EVERY_NS
MINE = CallablePolicy(lambda *_: (0.5, None), EVERY_NS, "mine.py:f")
HEDGE = Hedge("BTC", MINE)


def remembered(answer: Aim) -> dict[str, Any]:
    """What a policy of one's own left at its last call."""
    return {"asked_ns": SAID_NS, "said": plain(answer), "own": None}


EDGES = st.integers(SAID_NS - 50, DUE_NS + 50)
SPANS = st.tuples(EDGES, st.integers(1, 80)).map(lambda one: (one[0], one[0] + one[1]))
OVERLAYS = st.builds(
    Overlays,
    tilts=st.lists(st.builds(lambda span: Tilt(0.1, *span), SPANS), max_size=2).map(tuple),
    events=st.lists(st.builds(lambda span: EventOverlay("set", *span, 0.3), SPANS), max_size=2).map(
        tuple
    ),
    overrides=st.lists(st.builds(lambda until: Override(0.2, until), EDGES), max_size=2).map(tuple),
)


@given(OVERLAYS, st.integers(SAID_NS, DUE_NS - 1), st.none() | EDGES)
def test_the_next_change_is_the_first_of_all(
    overlays: Overlays, now_ns: int, until_ns: int | None
) -> None:
    """The next call, an edge of an overlay, the answer's own end: whichever is still to come."""
    answer = Aim(0.4, valid_until_ns=until_ns)
    dated = [*overlays.tilts, *overlays.events]
    edges = [edge for one in dated for edge in (one.from_ns, one.to_ns)]
    edges += [one.until_ns for one in overlays.overrides]
    found = changes_ns(HEDGE, remembered(answer), overlays, now_ns)
    is_old = until_ns is not None and until_ns <= now_ns
    if is_old and edges:
        assert found is None
    else:
        times = [DUE_NS, *edges, *([] if until_ns is None else [until_ns])]
        assert found == min(one for one in times if one > now_ns)


def test_what_starts_from_the_book_changes_with_it() -> None:
    """Coins left exposed, or an overlay over no answer; no answer alone waits for the next call."""
    event = Overlays(events=(EventOverlay("at_least", 0, 10**6, 0.3),))
    for answer, overlays, found in (
        (Aim(None, target_delta_coin=1.0), Overlays(), None),
        (Aim(0.4, target_delta_coin=1.0), Overlays(), DUE_NS),
        (Aim(None), Overlays(), DUE_NS),
        (Aim(None), event, None),
        (Aim(0.4), event, DUE_NS),
    ):
        assert changes_ns(HEDGE, remembered(answer), overlays, SAID_NS) == found
    free = Hedge("BTC", replace(MINE, every_ns=None))
    assert changes_ns(free, None, Overlays(), SAID_NS) is None


def test_what_looks_at_the_economy_looks_at_midnight() -> None:
    """At the next one, though the policy is asked later; one of another coin is not waited for."""
    slow = Hedge("BTC", replace(MINE, every_ns=9 * DAY_NS))
    for coin, found in ((None, DAY_NS), ("BTC", DAY_NS), ("ETH", SAID_NS + 9 * DAY_NS)):
        macro = Overlays(macro=(MacroOverlay("", coin),))
        assert changes_ns(slow, remembered(Aim(0.4)), macro, SAID_NS) == found
        assert changes_ns(slow, remembered(Aim(0.4)), macro, DAY_NS) in (2 * DAY_NS, found)


# --- with betas that are estimated ----------------------------------------------------


def due(own: Hedge, at_ns: int) -> int | None:
    """When a hedge with betas may change next, after what it was told at a time."""
    _, memory = asked(at_ns, own=own)
    return changes_ns(own, memory, Overlays(), at_ns)


@pytest.mark.parametrize("days", [330, 333])
def test_betas_change_at_their_turns(days: int) -> None:
    """And with the policy: a fixed ratio adds no time, a file its stamps, a market any moment."""
    at_ns = BEGIN_NS + days * DAY_NS
    own = hedge()
    assert own.betas is not None
    turn = next_turn_ns(own.betas, at_ns)
    assert turn == BEGIN_NS + 360 * DAY_NS
    assert due(own, at_ns) == turn
    for stamps, found in (
        ((at_ns - DAY_NS, at_ns), turn),
        ((at_ns, at_ns + DAY_NS, at_ns + 2 * DAY_NS), at_ns + DAY_NS),
        ((at_ns, turn + DAY_NS), turn),
    ):
        file = SeriesPolicy(stamps, tuple(0.5 for _ in stamps), "ratio.csv")
        assert due(replace(own, policy=file), at_ns) == found
    free = replace(own, policy=TrendPolicy(0.5, 0.3), betas=own.betas)
    memory = {"policy": None, "betas": asked(at_ns)[1]["betas"], "said": plain(Aim(0.5))}
    assert changes_ns(free, memory, Overlays(), at_ns) == at_ns + 1


def test_betas_of_a_policy_that_looks_at_the_book() -> None:
    """Its next look or the next turn, the earlier; any time where the book alone decides."""
    floor = replace(hedge(), policy=DrawdownFloorPolicy(0.5))
    assert due(floor, NOW_NS + 5) == NOW_NS + HOUR_NS
    rare = replace(hedge(), policy=DrawdownFloorPolicy(0.5, every_ns=500 * DAY_NS))
    assert due(rare, NOW_NS + 5) == NOW_NS + 30 * DAY_NS
    free = replace(hedge(), policy=replace(MINE, every_ns=None))
    assert due(free, NOW_NS) is None
    fixed = replace(hedge(), policy=FixedPolicy(0.5))
    assert due(fixed, NOW_NS) == NOW_NS + 30 * DAY_NS
