"""The compiled kernel is the plain one, and a lane alone is the lane among many."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.simulate.worlds import (
    Plain,
    compiled_lanes,
    count,
    kept,
    mixed_world,
    prepare,
    random_ratios,
    rest_of,
    same_bits,
)
from volsculpt.decide.rules import new_answer
from volsculpt.exchange.events import DECIDED, FILLED, LIQUIDATED, SENT, new_page
from volsculpt.simulate.backtest import run_span
from volsculpt.simulate.kernel import (
    ADVANCE,
    DECIDE,
    FULL,
    RUNNING,
    WHOLE,
    add_decisions,
    part_of,
)
from volsculpt.simulate.lanes import needed_room
from volsculpt.simulate.one_lane import StepSpan

STEPS = 200


@pytest.mark.parametrize(
    ("resumed", "halts", "parts"),
    [
        (0, 0, [WHOLE] * 3),
        (1, 0, [DECIDE, WHOLE, WHOLE]),
        (0, 1, [WHOLE, WHOLE, ADVANCE]),
        (1, 1, [DECIDE, WHOLE, ADVANCE]),
    ],
)
def test_a_run_that_halts_before_a_decision_goes_on_with_it(
    resumed: int, halts: int, parts: list[int]
) -> None:
    """Of its last step what the exchange does, of its first what is decided, whole ones between."""
    assert [part_of(step, StepSpan(7, 10, resumed, halts)) for step in range(7, 10)] == parts


@pytest.mark.parametrize("changed", ["trade", "cancel", "top_up", "post", None])
def test_every_hedge_tells_why_where_anything_changes(changed: str | None) -> None:
    """What it held, what it wanted and its code, in their order; nothing where nothing changes."""
    world = mixed_world(3, 3)
    room = needed_room(world.flat, world.rules)
    page = new_page(room.leg, room.wallet, room.group, room.source, room.hedge)
    answer = new_answer(world.flat.layout, world.rules)
    answer.hedge_code[:], answer.held[:] = [4, 9], [0.25, 0.75]
    for name in ("trade", "top_up", "post", "cancel"):
        getattr(answer, name)[:] = [0] * len(getattr(answer, name))
    if changed is not None:
        getattr(answer, changed)[-1] = 1
    add_decisions(world.rules, answer, [0.5, 1.0], page)
    count = 0 if changed is None else 2
    assert page.used[0] == count
    told = (page.event_kind, page.event_row, page.event_code, page.event_size, page.event_price)
    rows = list(zip(*(one[:count] for one in told), strict=True))
    assert rows == [(DECIDED, 0, 4, 0.25, 0.5), (DECIDED, 1, 9, 0.75, 1.0)][:count]


@pytest.mark.parametrize(("seed", "move"), [(1, 0.01), (2, 0.05)])
def test_compiled_is_plain(kernel: Callable[..., None], seed: int, move: float) -> None:
    """Every event, and every book that came of it, of 200 steps agrees bit for bit."""
    world = mixed_world(STEPS, seed, move)
    ratios = random_ratios(STEPS, 2, 1, seed)
    plain = Plain(world).walk(ratios)
    fast = compiled_lanes(world, ratios, kernel).log
    assert same_bits(plain, fast) == []
    assert count(plain, FILLED) > 30
    assert count(plain, SENT) > 0


def test_liquidations_are_the_same_compiled(kernel: Callable[..., None]) -> None:
    """A wild market closes groups; compiled closes them at the same bit of the same bar."""
    world = mixed_world(STEPS, 3, 0.12)
    ratios = random_ratios(STEPS, 2, 1, 3)
    plain = Plain(world).walk(ratios)
    assert count(plain, LIQUIDATED) >= 1
    assert same_bits(plain, compiled_lanes(world, ratios, kernel).log) == []


@pytest.mark.compiled
def test_a_lane_alone_is_the_lane_among_many(kernel: Callable[..., None]) -> None:
    """Lane k of 67 equals the same ratios run by themselves, bit for bit."""
    world = mixed_world(STEPS, 4, 0.04)
    ratios = random_ratios(STEPS, 2, 67, 4)
    many = compiled_lanes(world, ratios, kernel).log
    for lane in (0, 41, 66):
        own = np.ascontiguousarray(ratios[:, :, lane : lane + 1])
        assert same_bits(many, compiled_lanes(world, own, kernel).log, lane=lane) == []
    assert len({many.wealth[lane, -1] for lane in range(67)}) > 60


def test_cutting_a_run_in_pieces_changes_nothing(kernel: Callable[..., None]) -> None:
    """Pieces are a matter of asking policies: the books of 200 steps are those of 200 pieces.

    Who is called for each step decides at each, so its wealth is added up in another order.
    """
    world = mixed_world(STEPS, 5, 0.03)
    ratios = random_ratios(STEPS, 2, 1, 5)
    whole = compiled_lanes(world, ratios, kernel).log
    cut = Plain(world)
    for step in range(STEPS):
        cut.walk(ratios, step, step + 1)
    assert set(same_bits(whole, cut.log)) <= {"wealth"}
    assert cut.log.wealth == pytest.approx(whole.wealth, rel=1e-12)


def test_a_lane_that_is_not_finite_stops_alone(kernel: Callable[..., None]) -> None:
    """Its status says so and it stands still; its neighbours go on."""
    world = mixed_world(40, 6)
    ratios = random_ratios(40, 2, 3, 6)
    sound = compiled_lanes(world, ratios, kernel)
    assert sound.status.tolist() == [0, 0, 0]
    made = prepare(world.flat, world.rules, world.costs, world.first, 40, 3)
    made.states[1]["wallet"][0] = np.nan
    run_span(
        made,
        world.market,
        kernel,
        ratios,
        StepSpan(0, 40, 0, 0),
        rest_of(made, world.market, ratios),
    )
    assert made.status.tolist() == [0, 1, 0]
    assert not made.log.wealth[1, 1:].any()
    for lane in (0, 2):
        assert kept(made.log, None, lane) == kept(sound.log, None, lane)


def test_a_lane_that_waits_for_room_goes_on_beside_others() -> None:
    """The kernel is asked again as long as any lane waits, each time with a larger log."""
    world = mixed_world(8, 6)
    ratios = random_ratios(8, 2, 3, 6)
    made = prepare(world.flat, world.rules, world.costs, world.first, 8, 3)
    rooms = []

    def waits(books: object, *through: object) -> None:
        """The second lane waits twice, the others are done."""
        rooms.append(made.log.event.shape[1])
        made.status[1] = FULL if len(rooms) < 3 else RUNNING

    run_span(
        made, world.market, waits, ratios, StepSpan(0, 8, 0, 0), rest_of(made, world.market, ratios)
    )
    assert len(rooms) == 3
    assert rooms == sorted(set(rooms))
