"""The legs that a run uses over time are those found by looking at every step, one by one."""

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.factories import fixed, inverse
from tests.market.made import START_NS
from tests.simulate.histories import asked, funded, wandering
from volsculpt.contracts.spec import Contract
from volsculpt.decide.build import UseLeg
from volsculpt.simulate.lanes import Array
from volsculpt.simulate.run_start import legs_over_time
from volsculpt.units import DAY_NS, HOUR_NS

DAYS = 14
Used = tuple[tuple[UseLeg, ...], ...]
Schedule = Sequence[tuple[int, Used]]  # from when on, what is asked for


def contracts(dice: random.Random, dated: bool) -> list[Contract]:
    """Two perpetuals, and some that end on the way, on the hour and off it."""
    ends = [
        START_NS
        + dice.randrange(1, DAYS * 3) * 8 * HOUR_NS
        + dice.choice([0, 0, 1, HOUR_NS // 2, 5 * HOUR_NS])
        for _ in range(4 if dated else 0)
    ]
    futures = [
        inverse(symbol=f"BTC/USD:BTC-{number}", expiry_ns=end) for number, end in enumerate(ends)
    ]
    return [inverse(), inverse(symbol="BTC/USD:OTHER"), *futures]


def schedule(dice: random.Random, hedges: int, dated: bool) -> Schedule:
    """Other legs from some hour on, at most once a day: some new, some known, some given up."""
    found, known = list[tuple[int, Used]](), contracts(dice, dated)
    for day in range(DAYS):
        if day == 0 or dice.random() < 0.5:
            at = day * DAY_NS + (dice.choice([0, 0, 3, 8, 16, 23]) * HOUR_NS if day else 0)
            picked = [dice.sample(known, dice.choice([1, 2])) for _ in range(hedges)]
            legs = [tuple((dice.choice("ab"), one, False) for one in some) for some in picked]
            found.append((START_NS + at, tuple(legs)))
    return found


def asked_for(said: Schedule, time_ns: int) -> Used:
    """What a schedule says at a time; the very same as long as it says the same."""
    return [used for start, used in said if start <= time_ns][-1]


def one_by_one(said: Schedule, stamps: Array) -> tuple[list[UseLeg], dict[int, Used]]:
    """Look at each step: what is asked for, then all that was, to be closed, until it ends."""
    seen: list[dict[tuple[str, str], UseLeg]] = [{} for _ in said[0][1]]
    changes, last = dict[int, Used](), ()
    for step, now in enumerate(stamps[:-1].tolist()):
        rows = []
        for hedge, legs in enumerate(asked_for(said, now)):
            fresh = {(account, one.key): (account, one) for account, one, _ in legs}
            closing = [
                (account, one, True)
                for key, (account, one, _) in seen[hedge].items()
                if key not in fresh and (one.expiry_ns is None or one.expiry_ns > now)
            ]
            seen[hedge].update({key: (*leg, False) for key, leg in fresh.items()})
            rows.append((*legs, *closing))
        if tuple(rows) != last:
            last = changes[step] = tuple(rows)
    ever = {key: leg for legs in seen for key, leg in legs.items()}
    return list(ever.values()), changes


@pytest.mark.parametrize("hours", [1, 6, 24, 48])
@pytest.mark.parametrize("dated", [False, True])
@pytest.mark.parametrize("seed", range(24))
def test_no_change_of_legs_is_missed(hours: int, dated: bool, seed: int) -> None:
    """Whatever rolls, comes back, moves to another account or ends, once a day or never."""
    dice = random.Random(seed)
    said = schedule(dice, 1 + seed % 2, dated)
    said = said[:1] if seed > 21 else said
    stamps = np.arange(START_NS, START_NS + DAYS * DAY_NS + 1, hours * HOUR_NS)
    made = asked(funded(wandering(30, 0), 0))
    setup = replace(made.setup, hedges=(fixed("BTC", 0.6),) * len(said[0][1]))
    made = replace(made, setup=setup, legs_at=lambda time_ns: asked_for(said, time_ns))
    assert legs_over_time(made, stamps) == one_by_one(said, stamps)
