"""Opinions over a policy: what each does to an answer, and to none."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from volsculpt.hedge.aim import Overlays, settled
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policy import HedgeSummary
from volsculpt.hedge.spec import EventMode, EventOverlay, Hedge, Override, Tilt

HEDGE = Hedge("BTC", FixedPolicy(0.4))
NOW_NS, END_NS = 5, 100
RATIOS = st.floats(-0.5, 1.5)
SILENT = Aim(None, reasons=("no figure yet: keeps what is held",))


def book(held: float) -> HedgeSummary:
    """Ten coins, some of them hedged."""
    return HedgeSummary("BTC", 60_000.0, 10.0, 10.0 * (1.0 - held), 10.0, held, 600_000.0)


@given(st.lists(st.floats(-0.4, 0.4), min_size=1, max_size=3), RATIOS)
def test_a_tilt_of_no_answer_comes_to_rest(adds: list[float], held: float) -> None:
    """Thirty decisions, each carried out: what is held stays, or it would grow at every look."""
    overlays = Overlays(tuple(Tilt(add, 0, END_NS) for add in adds))
    for _ in range(30):
        found = settled(HEDGE, SILENT, book(held), NOW_NS, overlays, (-1.0, 2.0))
        assert found.ratio is None
        held = held if found.ratio is None else found.ratio
    waits = [one for one in found.reasons if "waits for a ratio to add to" in one]
    assert len(waits) == len(adds)
    assert found.reasons[0] == SILENT.reasons[0]


@given(RATIOS, st.lists(st.floats(-0.4, 0.4), max_size=3))
def test_tilts_add_up(ratio: float, adds: list[float]) -> None:
    """To an answer, in the order of the file; outside their time and for other coins nothing."""
    tilts = [Tilt(add, 0, END_NS) for add in adds]
    beside = [Tilt(0.3, END_NS, 2 * END_NS), Tilt(0.3, 0, END_NS, underlying="ETH")]
    found = settled(HEDGE, Aim(ratio), book(0.0), NOW_NS, Overlays((*tilts, *beside)), (-9.0, 9.0))
    wanted = ratio
    for add in adds:
        wanted += add
    assert found.ratio == wanted
    assert len(found.reasons) == len(adds)


@given(RATIOS, st.floats(0.0, 1.0), st.sampled_from(["at_least", "at_most", "set"]))
def test_events_and_overrides_answer_where_a_policy_does_not(
    held: float, ratio: float, mode: EventMode
) -> None:
    """An event bounds what is held; an override is the ratio; a tilt beside them still waits."""
    event = EventOverlay(mode, 0, END_NS, ratio)
    over = Overlays((Tilt(0.1, 0, END_NS),), events=(event,))
    said = settled(HEDGE, SILENT, book(held), NOW_NS, over, (-9.0, 9.0)).ratio
    bounds = {"at_least": max(held, ratio), "at_most": min(held, ratio), "set": ratio}
    assert (held if said is None else said) == bounds[mode]
    over = replace(over, overrides=(Override(0.25, END_NS),))
    assert settled(HEDGE, SILENT, book(held), NOW_NS, over, (-9.0, 9.0)).ratio == 0.25
