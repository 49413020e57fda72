"""The policy drawdown-floor: the floor never falls, and holds for every fall it says it does."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hedge.a_market import a_mandate
from volsculpt.errors import MandateError
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policies.drawdown_floor import (
    DrawdownFloorPolicy,
    fall_to_floor,
    floor_ratio,
)
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.mandate.load import parse_mandate
from volsculpt.units import HOUR_NS

MULTIPLIERS = st.floats(0.5, 10.0)
FLOORS = st.floats(0.1, 0.95)


def look(policy: DrawdownFloorPolicy, memory: object, hour: int, wealth: float) -> tuple[Aim, dict]:  # type: ignore[type-arg]
    """What it tells of a wealth at an hour, and what it remembers."""
    book = HedgeSummary("BTC", 100.0, 1.0, 1.0, wealth / 100.0, 0.0, wealth)
    answer, after = policy.step(memory, PolicyInput(hour * HOUR_NS, Features(0), book))
    assert json.loads(json.dumps(after)) == after
    return answer, after


def lived(policy: DrawdownFloorPolicy, moves: list[float], most: float = 1e9) -> list[list[float]]:
    """(wealth, highest so far) after each move of the price, exposed as it says, up to `most`."""
    wealth, memory, rows = 100.0, None, []
    for hour, moved in enumerate(moves):
        answer, memory = look(policy, memory, hour, wealth)
        assert answer.ratio is not None
        rows.append([wealth, memory["high_usd"]])
        wealth *= 1.0 + min(1.0 - answer.ratio, most) * moved
    return [*rows, [wealth, max(wealth, rows[-1][1])]]


def test_worked_numbers() -> None:
    """Those of the docstrings and of the page."""
    assert floor_ratio(100.0, 80.0, 3.0) == pytest.approx(0.4)
    assert floor_ratio(90.0, 80.0, 3.0) == pytest.approx(2.0 / 3.0)
    assert floor_ratio(80.0, 80.0, 3.0) == floor_ratio(70.0, 80.0, 3.0) == 1.0
    assert fall_to_floor(100.0, 80.0, 3.0) == pytest.approx(1.0 / 3.0)
    assert fall_to_floor(100.0, 80.0, 10.0) == pytest.approx(0.2)
    policy, memory = DrawdownFloorPolicy(0.8), None
    exposed = []
    for hour, wealth in enumerate((100_000.0, 90_000.0, 150_000.0)):
        answer, memory = look(policy, memory, hour, wealth)
        assert answer.ratio is not None
        exposed.append((1.0 - answer.ratio) * wealth)
    assert exposed == pytest.approx([60_000.0, 30_000.0, 90_000.0])


@given(FLOORS, MULTIPLIERS, st.data())
def test_the_floor_holds_for_every_fall_it_says(
    floor: float, multiplier: float, data: st.DataObject
) -> None:
    """No path of moves above -1/multiplier, and no exposure above all, takes wealth below it."""
    least = max(-1.0 / multiplier, -0.99)
    moves = data.draw(st.lists(st.floats(least, 1.0), min_size=1, max_size=40))
    policy = DrawdownFloorPolicy(floor, multiplier)
    for most in (1e9, 1.0):
        rows = lived(policy, moves, most)
        for (_, before), (wealth, high) in pairwise(rows):
            assert high >= before  # the floor never falls
            assert wealth >= floor * before * (1.0 - 1e-9)


@given(FLOORS, st.floats(1.5, 10.0), st.floats(0.01, 0.3))
def test_a_larger_fall_breaks_it(floor: float, multiplier: float, beyond: float) -> None:
    """The gap that is told is the gap there is: a fall beyond it ends below the floor."""
    policy = DrawdownFloorPolicy(floor, multiplier)
    fall = fall_to_floor(100.0, floor * 100.0, multiplier)
    if fall + beyond >= 1.0:
        return
    rows = lived(policy, [-fall - beyond], 1.0)
    assert rows[-1][0] < floor * 100.0
    answer, _ = look(policy, look(policy, None, 0, 100.0)[1], 5, rows[-1][0])
    assert answer.ratio == 1.0
    assert "at it or below" in answer.reasons[1]
    owed, _ = look(policy, look(policy, None, 0, 100.0)[1], 5, -1.0)
    assert "there is none to keep above it" in owed.reasons[1]


@given(FLOORS, MULTIPLIERS, st.floats(10.0, 100.0), st.floats(10.0, 100.0))
def test_less_wealth_is_more_hedge(
    floor: float, multiplier: float, one: float, other: float
) -> None:
    """Under one high the ratio falls with wealth, and doubling all money changes nothing."""
    ratios = [floor_ratio(wealth, floor * 100.0, multiplier) for wealth in sorted((one, other))]
    assert ratios[0] >= ratios[1]
    twice = floor_ratio(2.0 * one, 2.0 * floor * 100.0, multiplier)
    assert twice == pytest.approx(floor_ratio(one, floor * 100.0, multiplier))


def test_it_looks_at_the_hour_and_holds_between() -> None:
    """A new high inside the hour is seen at the next look."""
    policy = DrawdownFloorPolicy(0.8, every_ns=4 * HOUR_NS)
    answer, memory = look(policy, None, 5, 100.0)
    assert policy.held(memory) == (answer, 8 * HOUR_NS)
    assert look(policy, memory, 7, 500.0) == (answer, memory)
    assert look(policy, memory, 8, 500.0)[1]["high_usd"] == 500.0


def test_a_high_of_before_is_counted_from() -> None:
    """With 120 before, a wealth of 100 is 4 above the floor of 96."""
    answer, memory = look(DrawdownFloorPolicy(0.8, 3.0, 120.0), None, 0, 100.0)
    assert answer.ratio == pytest.approx(1.0 - 3.0 * 4.0 / 100.0)
    assert memory["high_usd"] == 120.0
    assert answer.reasons[0] == "the floor is 96 USD, 80 % of the highest wealth so far"


def test_a_mandate_says_what_breaks_it() -> None:
    """Wealth is its base; the gap is noted; limits that leave something exposed are doubted."""
    found = parse_mandate(a_mandate('policy = "drawdown-floor"\nfloor = 0.8\nmultiplier = 4'))
    assert found.hedges[0].policy == DrawdownFloorPolicy(0.8, 4.0)
    assert found.hedges[0].base == "wealth"
    assert any("more than 25 % between two looks can break" in line for line in found.notes)
    text = a_mandate('policy = "drawdown-floor"\nfloor = 0.8') + "[limits]\nmax_ratio = 0.9\n"
    assert any("10 % exposed at the floor" in line for line in parse_mandate(text).warnings)
    both = {"BTC": DrawdownFloorPolicy(0.8), "ETH": DrawdownFloorPolicy(0.8, 1.0)}
    (line,) = DrawdownFloorPolicy.together(both)
    assert "a fall of 25 % breaks it" in line


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("", 'floor is missing: policy = "drawdown-floor" needs it; for example floor = 0.8'),
        ("floor = 80", "floor = 80: must be 0.99 or less: it is a fraction"),
        ("floor = 0.8\nmultiplier = 50", "multiplier = 50: must be 20 or less"),
        ('floor = 0.8\nbase = "equity"', 'must be "wealth" with policy = "drawdown-floor"'),
    ],
)
def test_wrong_keys_are_told(keys: str, message: str) -> None:
    """Each names the key, what is allowed and the fix."""
    with pytest.raises(MandateError) as caught:
        parse_mandate(a_mandate(f'policy = "drawdown-floor"\n{keys}'))
    assert any(message in line for line in caught.value.problems), caught.value.problems
