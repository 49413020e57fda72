"""The benchmark's plain loop: right by itself, and the very wealth of our run."""

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import ours
from benchmarks.plain_loop import Terms, decide, hedge, tiers_of
from benchmarks.programs import plain_python
from volsculpt.simulate.compiled import compiled_run

TERMS = Terms(10.0, 0.5, 0.02, 0.005, 0.00055, 0.0001, tiers_of(((0.0, 0.005), (150.0, 0.01))))
FREE = replace(TERMS, ratio=1.0, settle=0.0, taker=0.0, half_spread=0.0)


def flat(prices: list[float], funding: float = 0.0) -> dict[str, list[float]]:
    """Bars that open and close at the same price, a rate at every one."""
    names = ("open_mark", "trade", "high_mark", "close_mark", "close_index")
    return dict.fromkeys(names, prices) | {"funding": [funding] * len(prices)}


@pytest.mark.parametrize("noted", [True, False])
@pytest.mark.parametrize("seed", [4, 11])
def test_our_run_has_the_wealth_of_the_plain_loop(seed: int, noted: bool) -> None:
    """Bar by bar to 1e-9, over weeks with funding, fees and many trades."""
    spec = ours.asked_of(ours.made_up(2_000, seed))
    ran = ours.run(spec, kernel=compiled_run(), noted=noted)
    plain = {name: column.tolist() for name, column in ours.market_of(spec).items()}
    theirs = hedge(plain, ours.terms_of(spec))
    assert ran.lanes.states[0]["contracts"][0] < 0.0
    np.testing.assert_allclose(ours.wealth_usd(ran), theirs, rtol=1e-9)


def test_the_peer_is_given_the_same_terms() -> None:
    """What the program without volsculpt has typed in is what the mandate says."""
    assert ours.terms_of(ours.asked_of(ours.made_up(48))) == plain_python.TERMS


def test_a_full_hedge_keeps_its_dollars() -> None:
    """Short all at 50,000 without costs: wealth stays 500,000 whatever the price."""
    found = hedge(flat([50_000.0, 50_000.0, 20_000.0, 90_000.0]), FREE)
    np.testing.assert_allclose(found, [500_000.0] * 4)


def test_a_positive_rate_pays_the_short() -> None:
    """0.1 % on 500,000 dollars at 50,000 is 0.01 coins a stamp."""
    found = hedge(flat([50_000.0] * 3, 0.001), FREE)
    np.testing.assert_allclose(found, [500_000.0, 500_500.0, 501_000.0])


def test_a_short_beyond_the_coins_is_liquidated() -> None:
    """Three times the coins sold: a rise by half takes them all."""
    with pytest.raises(ValueError, match="liquidated"):
        hedge(flat([50_000.0, 50_000.0, 75_000.0]), replace(FREE, ratio=3.0))


@pytest.mark.parametrize(
    ("held", "after"), [(0.49, 0.49), (0.51, 0.51), (0.4, 0.495), (0.6, 0.505), (0.0, 0.495)]
)
def test_the_band_is_kept(held: float, after: float) -> None:
    """Inside nothing trades; outside it goes to the inner edge, to the whole contract."""
    contracts = -held * 500_000.0
    order = decide(10.0, 50_000.0, contracts, TERMS)
    assert (contracts + order) / -500_000.0 == pytest.approx(after, abs=1e-5)
    assert order == math.floor(order)


def test_tiers_join() -> None:
    """At each floor both rates ask for the same: 150 coins at 0.5 % and at 1 % less 0.75."""
    assert tiers_of(((0.0, 0.005), (150.0, 0.01))) == [(0.0, 0.005, 0.0), (150.0, 0.01, 0.75)]
