"""The parts of a joint proposal, each against its formula or at its edge."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hedge.estimators.test_joint import like, own, proposed, two
from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.joint import (
    JointBook,
    JointHedge,
    JointLeg,
    JointPreferences,
    JointRow,
    covariance_of,
    exposure_left,
    joint_objective,
    ratio_of,
    regression_of,
    root_of,
)
from volsculpt.hedge.estimators.joint_model import JointModel, no_ratios, preferred_count

SEEDS = st.integers(0, 10**6)
NAMES = ("A", "B", "X")


def risky(seed: int, coins: int = 3) -> np.ndarray:
    """A covariance of full rank."""
    half = np.random.default_rng(seed).normal(0.0, 0.5, (coins, coins))
    return np.asarray(half @ half.T + 0.05 * np.eye(coins))


@given(SEEDS, st.integers(1, 3))
def test_covariance_is_of_a_year_of_days(seed: int, coins: int) -> None:
    """Over n - 1, 365 times; with one day fewer than are needed it is refused."""
    days = 60 + 3 * coins
    returns = np.random.default_rng(seed).normal(0.001, 0.03, (days, coins))
    off = returns - returns.mean(axis=0)
    assert covariance_of(returns) == pytest.approx(365.0 * off.T @ off / (days - 1))
    with pytest.raises(EstimateError, match=f"{days - 1} days of returns are too few for {coins}"):
        covariance_of(returns[1:])


@given(SEEDS)
def test_a_root_gives_the_covariance_back(seed: int) -> None:
    """Of coins that move alike too, whose least values may come out below 0."""
    for covariance in (risky(seed), np.ones((3, 3)), np.zeros((2, 2))):
        root = root_of(covariance)
        assert root.T @ root == pytest.approx(covariance, abs=1e-9)


@given(SEEDS)
def test_a_regression_is_of_covariances(seed: int) -> None:
    """Betas of all pools at once; need is what regression would take: taken · beta is 1."""
    covariance = risky(seed)
    hedge = JointHedge("X", 2, (0, 1), 1.0, 0.0, 0.0, 1.0)
    found = regression_of(hedge, NAMES, covariance)
    beta = np.linalg.solve(covariance[:2, :2], covariance[:2, 2])
    assert found.beta == pytest.approx(beta, rel=1e-6, abs=1e-9)
    assert float(found.taken @ found.beta) == pytest.approx(1.0)
    assert found.taken == pytest.approx(covariance[:2, 2] / (beta @ covariance[:2, 2]))
    alone = regression_of(own("A", 0), NAMES, covariance)
    assert (alone.beta.tolist(), alone.taken.tolist()) == ([1.0], [1.0])
    (one,) = regression_of(hedge._replace(pools=(1,)), NAMES, covariance).beta
    assert one == pytest.approx(covariance[1, 2] / covariance[1, 1])


def test_a_coin_that_hardly_moves_with_its_proxy_has_no_beta() -> None:
    """A ten-thousand-millionth of its variance is rounding; a little more is not."""
    hedge = JointHedge("X", 1, (0,), 1.0, 0.0, 0.0, 1.0)
    for along, there in ((1e-6, False), (1e-4, True)):
        covariance = np.array([[1.0, along], [along, 1.0]])
        if there:
            assert regression_of(hedge, ("A", "X"), covariance).beta == pytest.approx([along])
        else:
            with pytest.raises(EstimateError, match="X does not move with A in these days"):
                regression_of(hedge, ("A", "X"), covariance)
    with pytest.raises(EstimateError, match="X does not move with A"):
        regression_of(hedge, ("A", "X"), np.array([[1.0, 0.0], [0.0, 0.0]]))


@given(SEEDS, st.floats(0.1, 10.0), st.floats(1.0, 400.0))
def test_an_objective_is_risk_and_cost_less_carry(
    seed: int, aversion: float, keep_days: float
) -> None:
    """Each by its formula; trades are paid off over the days that the position is kept."""
    dice = np.random.default_rng(seed)
    legs = tuple(
        JointLeg(f"leg {row}", row % 2, *dice.normal(0.0, 0.3, 3).tolist()) for row in range(3)
    )
    book = JointBook(("A", "B"), (0.7, 0.4), (), legs)
    sold, covariance = dice.normal(0.0, 0.5, 3), risky(seed, 2)
    left = np.array([0.7 - sold[0] - sold[2], 0.4 - sold[1]])
    assert exposure_left(book, sold.tolist()) == pytest.approx(left)
    paid = sum(one.cost * abs(s - one.held) for one, s in zip(legs, sold, strict=True))
    earned = sum(one.carry * s for one, s in zip(legs, sold, strict=True))
    wanted = 0.5 * aversion * left @ covariance @ left + paid * 365.0 / keep_days - earned
    found = joint_objective(book, covariance, JointPreferences(aversion, keep_days), sold.tolist())
    assert found == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("need", "ratio"), [(0.2, 0.4), (-1.0, 0.1), (9.0, 0.8), (0.05, 0.1), (0.4, 0.8)]
)
def test_a_ratio_is_within_its_bounds(need: float, ratio: float) -> None:
    """Of a base of 0.5; what is owed beside it is taken off first."""
    hedge = JointHedge("A", 0, (0,), 0.5, 0.0, 0.1, 0.8)
    assert ratio_of(hedge, need) == pytest.approx(ratio)
    assert ratio_of(hedge._replace(offset=0.3), need + 0.3) == pytest.approx(ratio)


def test_legs_of_one_coin_are_taken_in_their_order() -> None:
    """Those that cost the same: the first as far as it goes, then the next."""
    legs = tuple(JointLeg(name, coin, 0.0, 0.0) for name, coin in (("a", 0), ("b", 1), ("c", 0)))
    assert [preferred_count(legs, row) for row in range(3)] == [0, 0, 1]
    pair = (JointLeg("a", 0, 0.0, 0.0, most=0.7), JointLeg("b", 0, 0.0, 0.0))
    found = proposed(two(legs=pair), like(0.5))
    assert found.sold == pytest.approx([0.7, 0.8], abs=1e-3)
    assert "size the venue allows" not in {one.limit for one in found.binding}


def test_the_same_is_sold_in_order_whatever_it_costs() -> None:
    """After a proposal that took the cheaper leg: the sum of each coin stays."""
    pair = (JointLeg("a", 0, 0.0, 0.01, most=1.2), JointLeg("b", 0, 0.0, 0.0))
    model = JointModel(two(legs=pair), JointPreferences())
    sold = model.solve(like(0.5)).sold
    assert sold[1] > 1.4
    assert model.in_order(sold) == pytest.approx([1.2, sum(sold) - 1.2], abs=1e-5)
    single = JointModel(two(), JointPreferences())
    alone = single.solve(like(0.5)).sold
    assert single.in_order(alone) == alone


def test_what_others_hold_of_a_coin_counts_towards_its_hedge() -> None:
    """A long that no hedge trades is sold against by the legs, beside what hedges ask for."""
    book = two(hedges=(own("BTC", 0),), unmanaged=(0.2, 0.0), held=(1.2, 0.0))
    found = proposed(book, like(0.5))
    assert found.sold == pytest.approx([1.2], abs=1e-3)
    assert found.ratio == pytest.approx([1.0], abs=1e-3)


@pytest.mark.parametrize("allow_long", [False, True])
def test_longs_only_where_they_are_allowed(allow_long: bool) -> None:
    """A coin that moves the other way asks for one; without leave nothing is sold."""
    short = JointHedge("X", 1, (0,), 1.0, 0.0, 0.0, 1.0)
    book = two(hedges=(short,), held=(0.0, 1.0), allow_long=allow_long)
    found = proposed(book, like(-0.5))
    assert found.sold == pytest.approx([-0.5 if allow_long else 0.0], abs=1e-4)
    assert any(one.limit == "no net long" for one in found.binding) is not allow_long
    unsaid = JointBook(book.coins, book.held, book.hedges, book.legs)
    assert proposed(unsaid, like(-0.5)).sold == pytest.approx([0.0], abs=1e-4)


def test_what_a_venue_allows_is_a_limit() -> None:
    """A size without an end is none; limits that bind come the dearest first, each with its own."""
    capped = two(0.9, legs=(JointLeg("coinm", 0, 0.0, 0.0, most=1.0),))
    (one,) = proposed(capped, like(0.5)).binding
    assert (one.limit, one.of) == ("max_leverage", "coinm")
    (one,) = proposed(replace(capped, rows=()), like(0.5)).binding
    assert (one.limit, one.of) == ("size the venue allows", "coinm")
    legs = (JointLeg("a", 0, 0.0, 0.0, most=0.5), JointLeg("b", 1, 0.0, 0.0, most=0.9))
    book = JointBook(("A", "B"), (1.0, 1.0), (own("A", 0), own("B", 1)), legs)
    dear = proposed(book, np.diag([0.36, 0.36])).binding
    assert [one.of for one in dear] == ["a", "b"]
    assert [one.worth for one in dear] == pytest.approx(
        [3.0 * 0.36 * 0.5, 3.0 * 0.36 * 0.1], rel=0.01
    )


@pytest.mark.parametrize(
    ("least", "offset", "rows", "said"),
    [
        (0.5, 0.0, True, "min_ratio asks for more than max_leverage leave room for; lower min_r"),
        (0.5, 0.0, False, "min_ratio asks for more than the size venues allow leave room for"),
        (0.0, 0.3, True, "BTC asks for more than max_leverage leave room for at its lowest ratio"),
        (0.0, 0.0, True, "what is held asks for more than max_leverage leave room for"),
    ],
)
def test_why_no_ratios_obey_all_limits(least: float, offset: float, rows: bool, said: str) -> None:
    """Which of both asks for too much, and of what there is too little."""
    hedge = own("BTC", 0)._replace(least=least, offset=offset)
    limits = (JointRow("max_leverage", "coinm", (1.0,), 0.1),) if rows else ()
    assert f"joint: no ratios obey all limits: {said}" in no_ratios(
        two(hedges=(hedge,), rows=limits)
    )
