"""Policies are asked in a run as a plan at each stamp asks them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import account, vault
from tests.hedge.betas import hedge as estimated
from tests.simulate.histories import PERPETUAL, asked, funded, wandering
from tests.simulate.plain import plain_run
from volsculpt.book.holdings import Book, Position
from volsculpt.book.state import Quote, copy_state
from volsculpt.decide.step import summaries_of
from volsculpt.exchange.events import FUNDED
from volsculpt.hedge.aim import Overlays, aim
from volsculpt.hedge.answer import Aim, Band
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policies.series import SeriesPolicy
from volsculpt.hedge.policies.vol_target import VolTargetPolicy
from volsculpt.hedge.policy import HedgeSummary
from volsculpt.hedge.spec import EventOverlay, Hedge, Override, Tilt
from volsculpt.simulate import answers as answers_of
from volsculpt.simulate.answers import AT_ONCE, Answers
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.run_start import RunSpec
from volsculpt.simulate.targets import BlindTargets
from volsculpt.units import HOUR_NS

HOURS = 40
HISTORY = funded(wandering(HOURS, 21), 21)
MADE = asked(HISTORY)
FIRST_NS = int(MADE.aligned.stamp_ns[0])
BAND = Band(0.02, 0.0, 0.02, 0.0)
times = st.integers(0, 4 * HOURS).map(lambda quarter: FIRST_NS + quarter * HOUR_NS // 4)
spans = st.tuples(times, times).map(sorted)
ratios = st.floats(-0.2, 1.2).map(lambda ratio: round(ratio, 3))


@st.composite
def overlays(draw: st.DrawFn, coins: Sequence[str | None] = (None,)) -> Overlays:
    """Some tilts, events and overrides, edges between the stamps too. coins: whose they are."""
    whose, modes = st.sampled_from(coins), st.sampled_from(["at_least", "at_most", "set"])
    tilts = [
        Tilt(draw(ratios), *draw(spans), underlying=draw(whose))
        for _ in range(draw(st.integers(0, 2)))
    ]
    events = [
        EventOverlay(draw(modes), *draw(spans), draw(ratios), underlying=draw(whose))
        for _ in range(draw(st.integers(0, 2)))
    ]
    overrides = [
        Override(draw(ratios), draw(times), underlying=draw(whose))
        for _ in range(draw(st.integers(0, 1)))
    ]
    return Overlays(tuple(tilts), tuple(events), tuple(overrides))


@st.composite
def policies(draw: st.DrawFn) -> Any:  # noqa: ANN401
    """A function of every kind of answer, a series, or a volatility target that is not warm."""
    kind = draw(st.sampled_from(["callable", "callable", "series", "target"]))
    if kind == "target":
        return VolTargetPolicy(0.5, draw(st.sampled_from([8, 100])) * HOUR_NS)
    if kind == "series":
        return SeriesPolicy((0, draw(times) + 1), (draw(ratios), draw(ratios)), "a file")
    numbers = draw(st.lists(ratios, min_size=3, max_size=3))
    old = draw(st.none() | st.integers(1, 40))
    answers = st.sampled_from(["ratio", "held", "delta", "nothing"])
    kinds = draw(st.lists(answers, min_size=1, max_size=3))

    def mine(time_ns: int, features: object, book: Any, memory: Any) -> tuple[Any, Any]:  # noqa: ANN401
        """Answers in turn, by the book, good for some hours."""
        count = memory or 0
        kind, number = kinds[count % len(kinds)], numbers[count % 3]
        until = None if old is None else time_ns + old * HOUR_NS // 2
        if kind == "nothing":
            return Aim(None, valid_until_ns=until), count + 1
        if kind == "delta":
            return Aim(target_delta_coin=2.0 * number, valid_until_ns=until), count + 1
        more = 0.1 * (book.held_ratio or 0.0) if kind == "held" else 0.0
        return Aim(number + more, valid_until_ns=until, cap=0.9), count + 1

    every = draw(st.none() | st.integers(1, 60).map(lambda half: half * HOUR_NS // 2))
    return CallablePolicy(mine, every, "mine")


def told(made: RunSpec, ran: Ran) -> list[Aim]:
    """What `aim` says at every stamp, called there with the book the run had then.

    Not at the last: what falls due there is settled after the decision, and noted with the book.
    """
    flat, kept, market = ran.lanes.flat, ran.held, ran.market
    hedges, memory = made.setup.hedges, [None]
    answer = []
    for stamp in range(len(ran.stamp_ns) - 1):
        state = copy_state(flat.state)
        index, marks = market.open_index[:, 0, 0], market.open_mark[:, 0, 0]
        if stamp:
            state.wallet[:] = kept.wallet[stamp].tolist()
            state.contracts[:] = kept.contracts[stamp].tolist()
            state.cost[:] = kept.cost[stamp].tolist()
            index, marks = market.close_index[:, 0, stamp - 1], market.close_mark[:, 0, stamp - 1]
        quote = Quote(index.tolist(), marks.tolist())
        known = summaries_of(flat, state, quote, ran.lanes.rules, hedges)
        features = made.features[stamp] if made.features is not None else None
        time_ns = int(ran.stamp_ns[stamp])
        over = (made.setup.overlays, (made.setup.limits.min_ratio, made.setup.limits.max_ratio))
        aims, memory = aim(hedges, memory, features, known, time_ns, *over)
        answer += aims
    return answer


def check_told(made: RunSpec, run: Callable[..., None]) -> None:
    """The run used at each stamp what `aim` says there, a pause where it says nothing."""
    ran = run_history(made, run)
    target = ran.targets[:, 0]
    for stamp, answer in enumerate(told(made, ran)):
        if stamp:
            assert ran.paused[stamp - 1, 0] == (answer.ratio is None), stamp
        if answer.ratio is not None:
            assert target[stamp] == answer.ratio, stamp


COINS = ("BTC", "ETH", "SOL")


def seen(stamp: int) -> list[HedgeSummary]:
    """A book of three coins, another at each stamp."""
    held = [0.01 * stamp, None, 0.9 - 0.02 * stamp]
    return [
        HedgeSummary(coin, 100.0, 2.0 + stamp, 2.0, 1.0, ratio, 200.0)
        for coin, ratio in zip(COINS, held, strict=True)
    ]


def said_none(answers: Answers) -> list[list[bool]]:
    """Which hedges have no answer in force at each stamp, asked from one change to the next."""
    stamp, found = 0, list[list[bool]]()
    while stamp <= answers.steps:
        answers.at(stamp, lambda now=stamp: seen(now))
        stamp = answers.following(stamp)
        found += [[one.ratio is None for one in answers.aims]] * (stamp - len(found))
    return found


@pytest.mark.parametrize("seed", range(60))
def test_a_ratio_known_ahead_pauses_where_it_is_unknown(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From stamp to stamp, each hedge by itself; the book is asked only where an overlay must."""
    dice, steps = np.random.default_rng(seed), HOURS - 1
    lacks = np.repeat(dice.random((steps, 3)) < dice.choice([0.0, 0.3, 1.0]), 4, axis=0)[:steps]
    asks = ([0.0] * 3, [1.0] * 3, dice.choice([0.0, 0.1, 1.0], 3))[seed % 3]
    on_book = lacks & (dice.random((steps, 3)) < asks)
    known = BlindTargets(np.where(lacks, np.nan, 0.3), on_book)
    monkeypatch.setattr(answers_of, "targets", lambda *_: known)
    setup = replace(MADE.setup, hedges=tuple(Hedge(coin, FixedPolicy(0.5)) for coin in COINS))
    answers = Answers(setup, MADE.aligned.stamp_ns, None, 1, None, opens=False)
    pauses, once = lacks & ~on_book, on_book.any(axis=1)
    assert said_none(answers) == [[False] * 3, *pauses.tolist()]
    assert answers.paused.tolist() == pauses.tolist()
    changes = [(pauses[row] != pauses[row - 1]).any() for row in range(1, steps)]
    wanted = [
        row + 1 for row in range(1, steps) if changes[row - 1] or once[row - 1 : row + 1].any()
    ]
    visited = [answers.following(stamp) for stamp in range(steps + 1)]
    assert sorted({*visited} - {steps + 1}) == ([1] * bool(lacks.any()) + wanted)
    ratios = np.where(on_book, 0.5, np.where(lacks, 1.0, 0.3))
    assert answers.ratios[:, :, 0].tolist() == ratios.tolist()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(says=st.tuples(policies(), policies(), policies()), over=overlays((None, *COINS)))
def test_each_hedge_is_told_what_aim_says_of_it(says: Any, over: Overlays) -> None:  # noqa: ANN401
    """Whoever is asked with the book, and whenever, the others have their own answers."""
    hedges = tuple(Hedge(coin, one) for coin, one in zip(COINS, says, strict=True))
    setup, stamps = replace(MADE.setup, hedges=hedges, overlays=over), MADE.aligned.stamp_ns
    bounds = (setup.limits.min_ratio, setup.limits.max_ratio)
    answers, memory = Answers(setup, stamps, None, 2, None, opens=False), [None] * 3
    none = said_none(answers)
    for stamp, time_ns in enumerate(stamps.tolist()):
        aims, memory = aim(hedges, memory, None, seen(stamp), time_ns, over, bounds)
        assert none[stamp] == [one.ratio is None for one in aims]
        ratios = answers.ratios[stamp - 1] if stamp else answers.first
        wanted = [1.0 if one.ratio is None else one.ratio for one in aims]
        assert ratios.T.tolist() == [wanted] * 2, stamp
        if stamp:
            assert answers.paused[stamp - 1].tolist() == none[stamp]
    assert answers.memory == memory


def test_a_policy_asked_at_every_stamp_pays_what_a_fixed_one_pays() -> None:
    """Halts before each decision book nothing twice: funding of the first step on what is held."""
    short = Position(PERPETUAL, -12_000.0, 60_000.0)
    book = Book((vault(BTC=2.0), account("coinm", {"BTC": 1.0}, (short,))))
    says = CallablePolicy(lambda time_ns, features, book, memory: (Aim(0.6), None), None, "mine")
    runs = [
        run_history(
            asked(HISTORY, Hedge("BTC", one, band=BAND), first_hour=8, book=book), plain_run
        )
        for one in (FixedPolicy(0.6), says)
    ]
    fixed, each = (one.lanes.log.wealth[0] for one in runs)
    assert runs[0].market.funding[0, 0, 0] != 0.0
    assert each == pytest.approx(fixed, rel=1e-12)
    paid = [one.events.of(FUNDED).usd.sum() for one in runs]
    assert paid[1] == pytest.approx(paid[0], rel=1e-9)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(policy=policies(), over=overlays(), step_hours=st.sampled_from([1, 2, 5]))
def test_the_ratio_of_each_stamp_is_what_aim_says_there(
    policy: Any,  # noqa: ANN401
    over: Overlays,
    step_hours: int,
) -> None:
    """Any function and schedule, any overlays, whatever the step."""
    made = asked(HISTORY, Hedge("BTC", policy, band=BAND), step_hours=step_hours)
    check_told(replace(made, setup=replace(made.setup, overlays=over)), plain_run)


def halves(time_ns: int, features: object, book: object, memory: object) -> tuple[float, object]:
    """Half, always."""
    return 0.5, memory


@pytest.mark.parametrize("every_hours", [None, 24, 5])
def test_an_event_between_two_calls_acts(
    every_hours: int | None, kernel: Callable[..., None]
) -> None:
    """From its begin to its end, whenever the function is asked."""
    every = None if every_hours is None else every_hours * HOUR_NS
    event = EventOverlay("at_least", FIRST_NS + 8 * HOUR_NS, FIRST_NS + 16 * HOUR_NS, 1.0)
    made = asked(HISTORY, Hedge("BTC", CallablePolicy(halves, every, "halves"), band=BAND))
    made = replace(made, setup=replace(made.setup, overlays=Overlays(events=(event,))))
    target = run_history(made, kernel).targets[1:, 0]
    assert target.tolist() == [0.5] * 7 + [1.0] * 8 + [0.5] * (HOURS - 1 - 15)
    check_told(made, kernel)


def test_overlays_over_an_old_answer(kernel: Callable[..., None]) -> None:
    """A tilt waits for the next answer and what is held is kept; an event bounds what is held."""

    def once(time_ns: int, features: object, book: object, memory: object) -> tuple[Aim, object]:
        """80 % for an hour."""
        return Aim(0.8, valid_until_ns=time_ns + HOUR_NS), memory

    made = asked(HISTORY, Hedge("BTC", CallablePolicy(once, 24 * HOUR_NS, "once"), band=BAND))
    tilt = Tilt(0.1, FIRST_NS, FIRST_NS + 12 * HOUR_NS)
    event = EventOverlay("at_most", FIRST_NS + 6 * HOUR_NS, FIRST_NS + 12 * HOUR_NS, 0.3)
    over = Overlays(tilts=(tilt,), events=(event,))
    made = replace(made, setup=replace(made.setup, overlays=over))
    ran = run_history(made, kernel)
    assert ran.paused[1:5, 0].all()
    assert not ran.paused[5, 0]  # later it holds no more than that, where the price fell
    assert set(ran.targets[6:12, 0][~ran.paused[5:11, 0]].tolist()) == {0.3}
    check_told(made, kernel)


def test_an_answer_is_used_at_the_stamp_it_is_made_for(kernel: Callable[..., None]) -> None:
    """The hour is in the answer: the decision at each stamp has that stamp's."""

    def hours(time_ns: int, features: object, book: object, memory: Any) -> tuple[float, Any]:  # noqa: ANN401
        return (time_ns - FIRST_NS) / HOUR_NS / 100.0, memory

    made = asked(HISTORY, Hedge("BTC", CallablePolicy(hours, None, "hours"), band=BAND))
    target = run_history(made, kernel).targets[1:, 0]
    assert target == pytest.approx(np.arange(1, HOURS) / 100.0)
    quick, noted = (run_history(made, kernel, noted=noted).lanes for noted in (False, True))
    assert quick.states[0].tobytes() == noted.states[0].tobytes()


def banded(time_ns: int, features: object, book: object, memory: object) -> tuple[Aim, object]:
    """Half, in a band of its own."""
    return Aim(0.5, band=BAND), memory


def test_what_one_was_told_holds_while_another_is_asked() -> None:
    """A band that a policy gives is in force until it is asked again, whoever else is."""
    rare, often = (CallablePolicy(banded, every * HOUR_NS, "banded") for every in (30, 2))
    hedges = (Hedge("BTC", rare), Hedge("ETH", often))
    made = asked(HISTORY)
    setup = replace(made.setup, hedges=hedges)
    answers = Answers(setup, made.aligned.stamp_ns, None, 1, None, opens=False)
    known = HedgeSummary("BTC", 60_000.0, 1.0, 1.0, 1.0, 0.0, 60_000.0)
    stamp = 0
    while stamp <= answers.steps:
        answers.at(stamp, lambda: (known, known))
        assert [one.band for one in answers.aims] == [BAND, BAND], stamp
        stamp = answers.following(stamp)


@pytest.mark.parametrize("opens", [False, True])
def test_of_a_policy_with_given_ratios_its_betas_are_taken(opens: bool) -> None:
    """At once at the first stamp where the run opens, in the hedge's own band later.

    The ratios stay as they are given; who has no betas to estimate is not asked.
    """
    hedges = (Hedge("BTC", CallablePolicy(banded, None, "banded")), estimated())
    setup, stamps = replace(MADE.setup, hedges=hedges), MADE.aligned.stamp_ns
    given = np.random.default_rng(3).random((len(stamps) - 1, 2, 3))
    answers, kept = Answers(setup, stamps, None, 3, given, opens=opens), given.copy()
    assert np.array_equal(answers.first, given[0])
    stamp, looked, visited = 0, list[int](), list[int]()
    while stamp <= answers.steps:
        answers.at(stamp, lambda now=stamp: looked.append(now) or seen(now))
        band = AT_ONCE if opens and stamp == 0 else None
        assert answers.aims == [Aim(ratio=1.0, band=band)] * 2, stamp
        visited.append(stamp)
        stamp = answers.following(stamp)
    assert looked == [0]
    assert visited == ([0, 1] if opens else [0])
    assert np.array_equal(answers.ratios, kept)
    assert not answers.paused.any()


def test_whoever_has_no_answer_at_first_may_have_one_at_the_next_stamp() -> None:
    """One hedge of two: the other's answer does not leave it waiting to the end."""
    since = SeriesPolicy((FIRST_NS + HOUR_NS,), (0.4,), "ratio.csv")
    for hedges in ((since, FixedPolicy(0.5)), (FixedPolicy(0.5), since)):
        own = tuple(Hedge(coin, one) for coin, one in zip(COINS, hedges, strict=False))
        setup, stamps = replace(MADE.setup, hedges=own), MADE.aligned.stamp_ns
        answers = Answers(setup, stamps, None, 1, None, opens=False)
        place = hedges.index(since)
        first, *later = said_none(answers)
        assert first == [one is since for one in hedges]
        assert not np.any(later)
        assert set(answers.ratios[:, place, 0].tolist()) == {0.4}
