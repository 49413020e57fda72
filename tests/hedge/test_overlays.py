"""Opinions over a policy: what each does to an answer, and to none."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from volsculpt.hedge.aim import Overlays, overlaid, overlay_times, settled, speaks
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policy import HedgeSummary
from volsculpt.hedge.spec import BetaRule, EventMode, EventOverlay, Hedge, Override, Tilt

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


SPANS = st.tuples(st.integers(0, 9), st.integers(1, 9)).map(lambda one: (one[0], one[0] + one[1]))
COINS = st.sampled_from([None, "BTC", "ETH"])
EVENTS = st.builds(
    lambda span, coin: EventOverlay("set", *span, 0.7, underlying=coin), SPANS, COINS
)
OVERRIDES = st.builds(
    lambda until, coin: Override(0.6, until, underlying=coin), st.integers(0, 18), COINS
)
TILTS = st.builds(lambda span, coin: Tilt(0.1, *span, underlying=coin), SPANS, COINS)


@given(
    st.lists(EVENTS, max_size=3),
    st.lists(OVERRIDES, max_size=2),
    st.lists(TILTS, max_size=2),
    st.integers(0, 20),
)
def test_what_speaks_is_what_binds(
    events: list[EventOverlay], overrides: list[Override], tilts: list[Tilt], now_ns: int
) -> None:
    """Whichever coins and spans: an overlay speaks where it would set a ratio, a tilt never."""
    overlays = Overlays(tuple(tilts), tuple(events), tuple(overrides))
    ratio, reasons = overlaid(HEDGE, 0.4, now_ns, overlays)
    assert speaks(HEDGE, now_ns, overlays) is (ratio != 0.4) is bool(reasons)


@given(st.lists(EVENTS, max_size=3), st.lists(OVERRIDES, max_size=2), st.lists(TILTS, max_size=2))
def test_between_two_times_of_overlays_nothing_changes(
    events: list[EventOverlay], overrides: list[Override], tilts: list[Tilt]
) -> None:
    """Every change of an answer falls on one of them."""
    overlays = Overlays(tuple(tilts), tuple(events), tuple(overrides))
    edges = set(overlay_times(HEDGE, overlays))
    found = [
        settled(HEDGE, Aim(0.4), book(0.0), now_ns, overlays, (0.0, 1.0)) for now_ns in range(21)
    ]
    changed = {now_ns for now_ns in range(1, 21) if found[now_ns] != found[now_ns - 1]}
    assert changed <= edges
    own = [one for one in (*events, *tilts) if one.underlying in (None, "BTC")]
    until = [one.until_ns for one in overrides if one.underlying in (None, "BTC")]
    assert edges == {*until, *(edge for one in own for edge in (one.from_ns, one.to_ns))}


@given(st.integers(0, 20), st.none() | st.integers(0, 20), st.floats(-1.0, 2.0))
def test_an_answer_is_too_old_by_its_own_word(
    now_ns: int, until_ns: int | None, held: float
) -> None:
    """From its last moment on what is held is kept, and that is said."""
    answer = Aim(0.4, valid_until_ns=until_ns)
    found = settled(HEDGE, answer, book(held), now_ns, Overlays(), (0.0, 1.0))
    if until_ns is not None and until_ns <= now_ns:
        assert found.ratio is None
        assert "too old by its own word" in found.reasons[0]
    else:
        assert found == answer


@given(RATIOS, RATIOS, RATIOS, st.none() | RATIOS, st.sampled_from([10.0, 0.0]))
def test_limits_and_the_policys_own_cap(
    ratio: float, one: float, other: float, cap: float | None, base: float
) -> None:
    """The lower of both tops holds, and which side it was is said; coins left are a ratio too."""
    lowest, highest = sorted((one, other))
    cap = None if cap is None else max(cap, lowest)
    summary = replace(book(0.0), base_coin=base)
    found = settled(HEDGE, Aim(ratio, cap=cap), summary, NOW_NS, Overlays(), (lowest, highest))
    top = highest if cap is None else min(highest, cap)
    wanted = min(top, max(lowest, ratio))
    assert found.ratio == wanted
    words = [line for line in found.reasons if line.startswith("limited to ")]
    assert len(words) == (wanted != ratio)
    if words:
        side = "highest" if wanted < ratio else "lowest"
        assert words[0].endswith(f"the {side} that is allowed")
    left = Aim(None, target_delta_coin=10.0 * (1.0 - ratio), cap=cap)
    as_coins = settled(HEDGE, left, summary, NOW_NS, Overlays(), (lowest, highest))
    if base > 0.0:
        assert as_coins.ratio is not None
        assert abs(as_coins.ratio - wanted) < 1e-9
    else:
        assert as_coins.ratio is None


@given(st.text(max_size=5), st.booleans())
def test_a_note_stands_behind_its_sentence(note: str, speaks_out: bool) -> None:
    """Of an event, a tilt and an override; without a note there are no brackets."""
    overlays = Overlays(
        (Tilt(0.1, 0, END_NS, note),),
        (EventOverlay("set", 0, END_NS, 0.8, note),),
        (Override(0.25, END_NS, note),),
    )
    answer = Aim(0.4) if speaks_out else SILENT
    found = settled(HEDGE, answer, book(0.2), NOW_NS, overlays, (0.0, 1.0))
    tilt = "a tilt adds 10 %" if speaks_out else "a tilt of 10 % waits for a ratio to add to"
    sentences = [tilt, "an event asks set 80 %", "overridden by hand to 25 %"]
    wanted = [f"{one} ({note})" if note else one for one in sentences]
    assert list(found.reasons[len(answer.reasons) :]) == wanted


def test_where_nothing_tells_what_is_held_it_counts_as_nothing() -> None:
    """A coin without a base has no held ratio: an event starts from 0."""
    event = EventOverlay("at_least", 0, END_NS, 0.3)
    for mode, ratio in (("at_least", 0.3), ("at_most", None), ("set", 0.3)):
        over = Overlays(events=(replace(event, mode=mode),))
        bare = replace(book(0.0), held_ratio=None)
        assert settled(HEDGE, SILENT, bare, NOW_NS, over, (0.0, 1.0)).ratio == ratio


def test_without_betas_only_a_ratio_of_nothing_is_carried_out() -> None:
    """0 closes all, whatever betas are; of wealth it does so where nothing is owed."""
    for base in ("equity", "wealth"):
        for ratio in (0.0, 0.5):
            for delta, owes in ((10.0, False), (5.0, False), (15.0, base == "wealth")):
                own = Hedge("BTC", FixedPolicy(ratio), base=base, betas=BetaRule())
                summary = replace(book(0.0), delta_coin=delta)
                found = settled(own, Aim(ratio), summary, NOW_NS, Overlays(), (0.0, 1.0))
                waits = ratio != 0.0 or owes
                assert (found.ratio is None) is waits
                assert any("waits for betas" in line for line in found.reasons) is waits
    stated = Hedge("BTC", FixedPolicy(0.5), betas=BetaRule(is_given=True))
    assert settled(stated, Aim(0.5), book(0.0), NOW_NS, Overlays(), (0.0, 1.0)).ratio == 0.5
