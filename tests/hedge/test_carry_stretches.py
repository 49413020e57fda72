"""What selling forward was expected to earn, and earned, in the notes of a run."""

import numpy as np
import pytest

from tests.hedge.test_carry_policy import BOUNDS, DATED, EXPIRY_NS, PERPETUAL
from tests.hedge.test_funding_model import BEGIN_NS, rates_of
from volsculpt.hedge.carry.standing import CarryStanding, after_look
from volsculpt.hedge.carry.stretches import (
    MOST_LISTED,
    CarryStretch,
    earned,
    stretch_words,
    stretches_of,
)
from volsculpt.hedge.carry.traded import CarryOutlook
from volsculpt.units import DAY_NS


def stretches(*days: list[CarryOutlook], begin_ns: int = 0) -> list[CarryStretch]:
    """Of a look a day."""
    looks, standing = list[tuple[int, CarryStanding | None, list[CarryOutlook]]](), None
    for day, every in enumerate(days):
        now_ns = begin_ns + day * DAY_NS
        standing = after_look(standing, every, now_ns, BOUNDS)
        looks.append((now_ns, standing, every))
    return stretches_of(looks)


def perpetual(enter: float | None) -> list[CarryOutlook]:
    """A perpetual that is expected to earn so much."""
    why = "" if enter is not None else "not known"
    return [CarryOutlook(PERPETUAL.rule, PERPETUAL.rule, enter, enter, why=why)]


def test_a_perpetual_earned_what_was_paid_less_two_trades() -> None:
    """In on the second day, out on the eleventh: nine days of 0.03 %, less 0.13 %."""
    days = [perpetual(0.01), *[perpetual(0.08)] * 9, perpetual(0.0), perpetual(0.0)]
    (one,) = stretches(*days, begin_ns=BEGIN_NS)
    assert (one.from_ns, one.to_ns) == (BEGIN_NS + DAY_NS, BEGIN_NS + 10 * DAY_NS)
    assert (one.expected, one.days, one.is_delivered) == (0.08, 9.0, False)
    funding = {PERPETUAL.rule: rates_of(np.full(90, 0.0001))}
    assert earned(one, PERPETUAL, funding) == pytest.approx(9 * 0.0003 - 2 * 0.00065)
    assert earned(one, PERPETUAL, {}) is None
    said = stretch_words("BTC", [one], lambda each: earned(each, PERPETUAL, funding))
    assert len(said) == 1
    assert said[0] == (
        f"BTC sold forward by {PERPETUAL.rule} from 2024-10-05 to 2024-10-14: expected 8 % a year "
        f"after costs, earned 5.7 %"
    )


def test_a_lock_earned_what_was_locked() -> None:
    """1 % held to delivery, whatever the premium did between: less 0.06 % and 0.015 %."""
    begin_ns = EXPIRY_NS - 30 * DAY_NS
    looks = [
        [CarryOutlook(DATED.rule, DATED.rule, 0.1, 0.1, True, "", premium, EXPIRY_NS)]
        for premium in (0.01, 0.05, 0.003)
    ]
    gone = [CarryOutlook(DATED.rule, DATED.rule, None, None, why="delivered")]
    (one,) = stretches(*looks, *[gone] * 28, begin_ns=begin_ns)
    assert one.is_delivered
    assert one.days == 30.0
    brought = earned(one, DATED, {})
    assert brought == pytest.approx(0.01 - 0.0006 - 0.00015)
    (said,) = stretch_words("BTC", [one], lambda _: brought)
    assert said.endswith("locked 10 % a year after costs, earned 11.3 %")


def test_one_that_is_left_early_gives_up_what_is_left_of_its_premium() -> None:
    """In at 2 %, the newest premium 1.5 %: half a percent, less two trades."""
    looks = [
        [CarryOutlook(DATED.rule, DATED.rule, 0.1, 0.1, False, "", premium, EXPIRY_NS)]
        for premium in (0.02, 0.015)
    ]
    (one,) = stretches(*looks, begin_ns=EXPIRY_NS - 60 * DAY_NS)
    assert earned(one, DATED, {}) == pytest.approx(0.005 - 2 * 0.0006)
    (said,) = stretch_words("BTC", [one], lambda each: earned(each, DATED, {}))
    assert said.endswith("expected 10 % a year after costs, earned 0.38 % in 24 hours")


def test_another_contract_under_the_rule_is_another_stretch() -> None:
    """A roll ends one and begins one; many are counted."""
    first, second = (CarryOutlook("R", key, 0.08, 0.08) for key in ("R-1", "R-2"))
    found = stretches([first], [first], [second], [second])
    assert [(one.key, one.from_ns // DAY_NS, one.to_ns // DAY_NS) for one in found] == [
        ("R-1", 0, 2),
        ("R-2", 2, 3),
    ]
    said = stretch_words("BTC", found * 5, lambda _: None)
    assert said[0] == "BTC: 4 earlier times sold forward are not told"
    assert len(said) == MOST_LISTED + 1
    assert said[1].endswith("what it earned is not known")


def test_one_that_went_on_before_the_run_is_told_from_its_beginning() -> None:
    """What was expected then is what counts, not what the rule entered at years before."""
    before = CarryStanding(True, "R", "R", 0.3, False, -9 * DAY_NS, -9 * DAY_NS, 0)
    looks = [(DAY_NS, before, [CarryOutlook("R", "R", 0.06, 0.07)])]
    (one,) = stretches_of(looks)
    assert one.expected == 0.06
