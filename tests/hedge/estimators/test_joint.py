"""Ratios and betas proposed together: no feasible hedge of a book is better, and limits hold."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.joint import (
    JointBook,
    JointHedge,
    JointLeg,
    JointPreferences,
    JointProposal,
    JointRow,
    JointSource,
    Regression,
    covariance_of,
    exposure_left,
    joint_objective,
    regression_of,
)
from volsculpt.hedge.estimators.joint_model import AROUND, JointModel
from volsculpt.market.gate import Floats

ASKED = JointPreferences(3.0, 90.0)
VARIANCE = 0.36
POINTS = 200
CLOSE = 1e-4  # of the objective: ties are drawn to regression by no more


def own(name: str, coin: int, base: float = 1.0, most: float = 1.0) -> JointHedge:
    """A hedge by the coin's own contracts."""
    return JointHedge(name, coin, (coin,), base, 0.0, 0.0, most)


def proposed(
    book: JointBook, covariance: Floats, preferences: JointPreferences = ASKED
) -> JointProposal:
    """What is proposed."""
    return JointModel(book, preferences).solve(covariance)


def two(room: float | None = None, **changed: Any) -> JointBook:  # noqa: ANN401
    """1 of BTC, and 1 of a coin that moves half as much, by BTC."""
    rows = () if room is None else (JointRow("max_leverage", "coinm", (1.0,), room),)
    hedges = (own("BTC", 0), JointHedge("X", 1, (0,), 1.0, 0.0, 0.0, 1.0))
    book = JointBook(("BTC", "X"), (1.0, 1.0), hedges, (JointLeg("coinm", 0, 0.0, 0.0),), rows)
    return replace(book, **changed)


def like(beta: float) -> Floats:
    """Covariance of a coin and of one that moves beta times as much."""
    return VARIANCE * np.array([[1.0, beta], [beta, beta * beta]])


def test_the_worked_number() -> None:
    """1 and 0.5 are sold; with room for 1.2 that much, and one more is worth γ·Var·0.3."""
    free = proposed(two(), like(0.5))
    assert free.sold == pytest.approx([1.5], abs=1e-4)
    assert free.ratio == pytest.approx([1.0, 1.0], abs=1e-4)
    assert free.betas[1] == pytest.approx([0.5], abs=1e-4)
    assert free.binding == ()
    tight = proposed(two(1.2), like(0.5))
    assert tight.sold == pytest.approx([1.2])
    assert tight.ratio == pytest.approx([0.8, 0.8], abs=1e-3), "each gives up the same share"
    (binding,) = tight.binding
    assert (binding.limit, binding.of) == ("max_leverage", "coinm")
    assert binding.worth == pytest.approx(3.0 * VARIANCE * 0.3, rel=1e-3)


def test_what_a_limit_is_worth_is_what_more_of_it_brings() -> None:
    """The dual beside a difference of objectives."""
    one, more = (proposed(two(room), like(0.5)).objective for room in (1.2, 1.2001))
    (binding,) = proposed(two(1.2), like(0.5)).binding
    assert binding.worth == pytest.approx((one - more) / 0.0001, rel=0.01)


def test_a_coin_that_moves_the_other_way_has_a_negative_beta() -> None:
    """It takes some of the short off."""
    found = proposed(two(), like(-0.4))
    assert found.sold == pytest.approx([0.6], abs=1e-4)
    assert found.betas[1] == pytest.approx([-0.4], abs=1e-4)


def test_the_whole_book_is_hedged_not_each_coin() -> None:
    """A coin that nothing hedges makes a hedge of BTC larger, up to its most."""
    hedges = (own("BTC", 0, base=1.0, most=2.0),)
    found = proposed(two(hedges=hedges), like(0.5))
    assert found.sold == pytest.approx([1.5], abs=1e-4)
    capped = proposed(two(hedges=(own("BTC", 0, most=1.2),)), like(0.5))
    assert capped.sold == pytest.approx([1.2])
    assert [one.limit for one in capped.binding] == ["max_ratio"]


def test_coins_that_move_alike_are_split_as_regression_would() -> None:
    """Their covariance has no inverse: half of each, not a long and a short of thousands."""
    covariance = VARIANCE * np.ones((3, 3))
    hedge = JointHedge("X", 2, (0, 1), 1.0, 0.0, 0.0, 1.0)
    legs = (JointLeg("one", 0, 0.0, 0.0), JointLeg("other", 1, 0.0, 0.0))
    for allow_long in (False, True):
        book = JointBook(("A", "B", "X"), (0.0, 0.0, 1.0), (hedge,), legs, allow_long=allow_long)
        found = proposed(book, covariance)
        assert found.sold == pytest.approx([0.5, 0.5], abs=1e-3)
        assert found.betas[0] == pytest.approx([0.5, 0.5], abs=1e-3)
        assert found.objective == pytest.approx(0.0, abs=1e-6)


def test_where_one_coin_has_no_room_the_other_carries_more() -> None:
    """Two proxies that move nearly alike, one of them full."""
    covariance = VARIANCE * np.array([[1.0, 0.95, 0.9], [0.95, 1.0, 0.9], [0.9, 0.9, 1.0]])
    hedge = JointHedge("X", 2, (0, 1), 1.0, 0.0, 0.0, 1.0)
    legs = (JointLeg("one", 0, 0.0, 0.0), JointLeg("other", 1, 0.0, 0.0, most=0.1))
    found = proposed(JointBook(("A", "B", "X"), (0.0, 0.0, 1.0), (hedge,), legs), covariance)
    beta = regression_of(hedge, ("A", "B", "X"), covariance).beta
    assert found.sold[1] == pytest.approx(0.1)
    assert found.sold[0] > beta[0]
    assert found.ratio[0] <= 1.0
    assert sum(found.betas[0]) * found.ratio[0] == pytest.approx(sum(found.sold), abs=1e-6)


def test_trades_that_cost_more_than_they_mend_are_not_made() -> None:
    """A wide cost: what is held stays; a carry that pays sells more, up to the most."""
    dear = two(legs=(JointLeg("coinm", 0, 1.45, 0.5),))
    assert proposed(dear, like(0.5)).sold == pytest.approx([1.45], abs=1e-4)
    paid = two(legs=(JointLeg("coinm", 0, 0.0, 0.0, carry=5.0),), hedges=(own("BTC", 0),))
    assert proposed(paid, like(0.5)).sold == pytest.approx([1.0])


def test_coins_that_may_be_brought_in_make_room() -> None:
    """Of one source for two groups: where they are worth more, and no more than there are."""
    legs = (JointLeg("a", 0, 0.0, 0.0), JointLeg("b", 1, 0.0, 0.0))
    rows = (
        JointRow("margin", "a", (0.5, 0.0), 0.0),
        JointRow("margin", "b", (0.0, 0.5), 0.0),
    )
    book = JointBook(
        ("A", "B"), (1.0, 1.0), (own("A", 0), own("B", 1)), legs, rows,
        (JointSource("vault", ("a", "b"), 0.5),),
    )  # fmt: skip
    found = proposed(book, np.diag([0.36, 0.09]))
    assert sum(found.sold) == pytest.approx(1.0, abs=1e-4)
    assert found.sold[0] == pytest.approx(0.8, abs=1e-3), "risk left is even: 0.36·0.2 = 0.09·0.8"
    assert ("coins to bring in", "vault") in {(one.limit, one.of) for one in found.binding}


def test_limits_that_contradict_each_other_are_named() -> None:
    """A least ratio of 0.9 on a margin for 0.5."""
    hedges = (own("BTC", 0)._replace(least=0.9),)
    with pytest.raises(EstimateError, match=r"min_ratio asks for more than max_leverage leave"):
        proposed(two(0.5, hedges=hedges), like(0.5))


def test_a_least_ratio_holds_though_it_costs() -> None:
    """What nobody would sell by itself, and what that costs."""
    hedges = (own("BTC", 0)._replace(least=0.5),)
    book = two(hedges=hedges, legs=(JointLeg("coinm", 0, 0.0, 9.0),))
    found = proposed(book, like(0.5))
    assert found.ratio == pytest.approx([0.5])
    assert [one.limit for one in found.binding] == ["min_ratio"]


def test_what_cannot_be_fitted_says_why() -> None:
    """Too few days; a coin that does not move with its proxy."""
    with pytest.raises(
        EstimateError, match="63 days of returns are too few for 2 coins: it needs 66"
    ):
        covariance_of(np.zeros((63, 2)))
    hedge = JointHedge("X", 1, (0,), 1.0, 0.0, 0.0, 1.0)
    with pytest.raises(EstimateError, match="X does not move with BTC"):
        regression_of(hedge, ("BTC", "X"), np.array([[0.36, 0.0], [0.0, 0.36]]))


class Drawn(NamedTuple):
    """A book, its covariance, and dice."""

    book: JointBook
    covariance: Floats
    dice: np.random.Generator


@st.composite
def books(draw: st.DrawFn) -> Drawn:
    """Up to ten coins, some alike, some the other way round; own contracts, proxies, limits."""
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    coins = draw(st.integers(1, 10))
    pools = draw(st.integers(1, min(coins, 4)))
    factors = dice.normal(0.5, 0.3, (coins, 2))
    if coins > 1 and draw(st.booleans()):
        factors[1] = factors[0]
    own_risk = np.where(dice.random(coins) < 0.3, 0.0, 0.3) * dice.random(coins)
    covariance = factors @ factors.T + np.diag(own_risk**2)
    held = dice.dirichlet(np.ones(coins))
    most = float(draw(st.sampled_from([0.6, 1.0, 1.5])))
    hedges = [own(f"c{row}", row, float(held[row]), most) for row in range(pools)]
    for row in range(pools, coins):
        carriers = sorted(dice.choice(pools, size=dice.integers(1, pools + 1), replace=False))
        hedges.append(
            JointHedge(f"c{row}", row, tuple(map(int, carriers)), float(held[row]), 0.0, 0.0, most)
        )
    legs = tuple(
        JointLeg(f"leg {row}", row, float(0.2 * dice.random()), 0.0007, float(dice.normal(0, 0.05)))
        for row in range(pools)
    )
    rows = tuple(
        JointRow("margin", f"g{row}", tuple(np.eye(pools)[row]), float(0.1 + dice.random()))
        for row in range(pools)
        if draw(st.booleans())
    )
    names = tuple(f"c{row}" for row in range(coins))
    return Drawn(JointBook(names, tuple(held), tuple(hedges), legs, rows), covariance, dice)


def sold_by(book: JointBook, asked: list[Floats]) -> Floats:
    """What is sold of each coin, by what each hedge asks of its pools."""
    sold = np.zeros(len(book.legs))
    for hedge, own_asked in zip(book.hedges, asked, strict=True):
        np.add.at(sold, list(hedge.pools), own_asked)
    return sold


def least_share(book: JointBook, found_by: list[Regression], asked: list[Floats]) -> float:
    """The largest share of what hedges ask for that stays within every limit; below 0: none."""
    sold = sold_by(book, asked)
    if sold.min() < 0.0:
        return -1.0
    shares = [1.0]
    for row in book.rows:
        used = float(np.dot(row.weight, sold))
        shares.append(row.room / used if used > row.room else 1.0)
    for hedge, fit, own_asked in zip(book.hedges, found_by, asked, strict=True):
        need = float(fit.taken @ own_asked)
        most = hedge.most * hedge.base
        shares.append(-1.0 if need < 0.0 else most / need if need > most else 1.0)
        for one, bound in zip(own_asked, AROUND * fit.beta * most, strict=True):
            shares.append(-1.0 if one * bound < 0.0 else min(1.0, bound / one) if one else 1.0)
    return min(shares)


@given(books())
def test_nothing_allowed_is_better(drawn: Drawn) -> None:
    """Naive, each coin's own regression, what random hedges come to, and nothing at all."""
    book, covariance, dice = drawn
    found = proposed(book, covariance)
    best = joint_objective(book, covariance, ASKED, found.sold)
    assert best == pytest.approx(found.objective)
    found_by = [regression_of(one, book.coins, covariance) for one in book.hedges]
    fits = [one.beta for one in found_by]
    naive = [np.full(len(one.pools), one.base / len(one.pools)) for one in book.hedges]
    single = [beta * one.base for beta, one in zip(fits, book.hedges, strict=True)]
    tried = [naive, single, [np.zeros(len(one.pools)) for one in book.hedges]]
    for _ in range(POINTS):
        spread = [dice.uniform(-0.3, 1.5, len(beta)) for beta in fits]
        tried.append([share * whole for share, whole in zip(spread, single, strict=True)])
    seen = 0
    for asked in tried:
        share = least_share(book, found_by, asked)
        if share >= 0.0:
            seen += 1
            allowed = (share * sold_by(book, asked)).tolist()
            other = joint_objective(book, covariance, ASKED, allowed)
            assert best <= other + CLOSE * max(other, 0.01)
    assert seen >= 1


@given(books())
def test_limits_hold_and_lines_mean_what_is_sold(drawn: Drawn) -> None:
    """No limit is passed; ratio · base · beta, summed by coin, is what the legs sell."""
    book, covariance, _ = drawn
    found = proposed(book, covariance)
    assert min(found.sold) >= -1e-6
    for row in book.rows:
        assert np.dot(row.weight, found.sold) <= row.room + 1e-6
    for hedge, ratio in zip(book.hedges, found.ratio, strict=True):
        assert hedge.least <= ratio <= hedge.most
    asked = [
        np.array(betas) * ratio * hedge.base
        for hedge, ratio, betas in zip(book.hedges, found.ratio, found.betas, strict=True)
    ]
    assert sold_by(book, asked) == pytest.approx(np.array(found.sold), abs=1e-5)
    left = exposure_left(book, found.sold)
    assert left[: len(book.legs)] == pytest.approx(
        np.array(book.held)[: len(book.legs)] - np.array(found.sold)
    )


def test_no_proxy_carries_more_than_about_what_regression_takes() -> None:
    """A and B move nearly alike: none is sold for a small X past what regression takes of it."""
    alike = np.array([[0.36, 0.3564, 0.3], [0.3564, 0.36, 0.3], [0.3, 0.3, 0.5]])
    small = JointHedge("X", 2, (0, 1), 0.01, 0.0, 0.0, 0.3)
    hedges = (own("A", 0)._replace(most=0.3), small)
    legs = (JointLeg("a", 0, 0.0, 0.0), JointLeg("b", 1, 0.0, 0.0))
    book = JointBook(("A", "B", "X"), (1.0, 0.0, 0.01), hedges, legs, allow_long=True)
    found = proposed(book, alike)
    most = 1.5 * 0.3 * 0.01 * regression_of(small, book.coins, alike).beta
    assert abs(found.sold[0] - 0.3) <= most[0] + 1e-6
    assert abs(found.sold[1]) <= most[1] + 1e-6
    assert max(map(abs, found.betas[1])) < 10.0
