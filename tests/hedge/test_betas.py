"""Betas that are estimated: what they find, when they change, and what is said without any."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hedge.a_market import a_mandate
from tests.hedge.betas import BEGIN_NS, BOOK, NOW_NS, RULE, TRUE, asked, hedge, market, prices
from volsculpt.decide.step import Setup, with_memory
from volsculpt.errors import EstimateError
from volsculpt.hedge.aim import Overlays, aim_one, policy_aim, settled, with_policy_memory
from volsculpt.hedge.answer import Aim, Band
from volsculpt.hedge.betas import (
    closes,
    lacks_betas,
    moves_target,
    next_turn_ns,
    shared_returns,
    with_betas,
)
from volsculpt.hedge.estimators.ols import Ols
from volsculpt.hedge.estimators.shrunk import shrunk, shrunk_betas
from volsculpt.hedge.market_features import CoinFeatures, Features
from volsculpt.hedge.memory import hedge_digest, kept, remembered
from volsculpt.hedge.needs import needs_of
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policy import PolicyInput
from volsculpt.hedge.spec import BetaRule, Override
from volsculpt.hedge.window import WindowMemory
from volsculpt.mandate.load import parse_mandate
from volsculpt.units import DAY_NS, iso_day


def test_betas_are_found_within_their_errors() -> None:
    """0.8 and 0.4, each within three of its standard errors, which are said."""
    answer, memory = asked(NOW_NS)
    assert isinstance(answer.beta, dict)
    for name, true in zip(("BTC", "ETH"), TRUE, strict=True):
        assert abs(answer.beta[name] - true) < 3.0 * memory["betas"]["std"][name]
        assert 0.0 < memory["betas"]["std"][name] < 0.3
    assert f"beta {answer.beta['BTC']:.2f} ± " in answer.reasons[1]
    assert answer.ratio == 1.0


def test_what_comes_later_changes_no_beta() -> None:
    """Other prices after the moment: the same betas and the same memory."""
    assert asked(NOW_NS, changed=3.0) == asked(NOW_NS)


@pytest.mark.parametrize("after", [0, 1, 12, 29])
def test_a_fit_is_of_its_turn_whenever_it_is_asked(after: int) -> None:
    """Days after a turn a plan finds what a backtest found at it."""
    turn = BEGIN_NS + 330 * DAY_NS
    at_once, later = asked(turn), asked(turn + after * DAY_NS)
    assert later[0].beta == at_once[0].beta
    assert next_turn_ns(RULE, turn + after * DAY_NS) == turn + 30 * DAY_NS


def test_between_turns_the_memory_alone_answers() -> None:
    """No price is looked at: the betas in force stand."""
    answer, memory = asked(NOW_NS)
    blind = policy_aim(hedge(), NOW_NS + 5 * DAY_NS, Features(NOW_NS + 5 * DAY_NS), BOOK, memory)
    assert blind[0].beta == answer.beta
    assert blind[0].reasons == answer.reasons
    assert blind[1]["betas"] == memory["betas"]


@pytest.mark.parametrize(("band", "stays"), [(0.5, True), (0.001, False)])
def test_a_refit_changes_betas_only_beyond_the_band(band: float, stays: bool) -> None:
    """The same new fit is taken in a narrow band and left in a wide one, which is said."""
    own = hedge(band)
    first, memory = asked(NOW_NS - 30 * DAY_NS, own=own)
    second, after = asked(NOW_NS, memory, own)
    assert (second.beta == first.beta) is stays
    assert any("no target by more than the band" in line for line in second.reasons) is stays
    first_ns = NOW_NS - 30 * DAY_NS
    assert after["betas"]["fitted_ns"] == (first_ns if stays else NOW_NS)
    told = iso_day(first_ns if stays else NOW_NS)
    assert any(f"by the prices up to {told}" in line for line in second.reasons)


@pytest.mark.parametrize("days", [30, 60, 90])
def test_an_age_is_that_of_the_betas_in_force(days: int) -> None:
    """Those that stay do so for 60 days, refit and max_age; then the newest are taken."""
    own = hedge(0.5)
    assert RULE.refit_ns + RULE.keep_ns == 60 * DAY_NS
    first, memory = asked(NOW_NS - days * DAY_NS, own=own)
    second, after = asked(NOW_NS, memory, own)
    assert (second.beta == first.beta) is (days <= 60)
    assert after["betas"]["fitted_ns"] == (NOW_NS - days * DAY_NS if days <= 60 else NOW_NS)


def test_betas_follow_a_market_that_changes() -> None:
    """100 days after the beta to BTC rose by 0.5 most of it is found."""
    before, after = (asked(BEGIN_NS + days * DAY_NS, shift=0.5)[0] for days in (300, 390))
    assert isinstance(before.beta, dict)
    assert isinstance(after.beta, dict)
    assert after.beta["BTC"] - before.beta["BTC"] > 0.2


@pytest.mark.parametrize(
    ("new", "moved"), [(1.015, False), (1.03, True), (0.985, False), (0.97, True), (-1.0, True)]
)
def test_a_target_moves_by_what_a_beta_does(new: float, moved: bool) -> None:
    """By 2 % of it, at ratio 1; of a ratio of 0 any change is free."""
    band = Band(0.02, 0.0, 0.02, 0.0)
    assert moves_target({"BTC": 1.0}, {"BTC": new}, 1.0, band) is moved
    assert moves_target({"BTC": 1.0}, {"BTC": new}, 0.0, band)
    assert not moves_target({"BTC": 1.0}, {"BTC": new}, 0.001, band) or new < 0.0


def test_the_band_of_an_answer_counts_before_the_hedges_own() -> None:
    """A policy that answers a band of its own is judged by it."""
    wide, narrow = Band(9.0, 0.0, 9.0, 0.0), Band(0.001, 0.0, 0.001, 0.0)
    own, early, now = replace(hedge(), band=wide), BEGIN_NS + 300 * DAY_NS, BEGIN_NS + 360 * DAY_NS
    first, memory = asked(early, own=own, shift=0.5)
    known = market(now, asked=own, shift=0.5)
    assert own.betas is not None
    for band, stays in ((None, True), (narrow, False)):
        given = PolicyInput(now, known, BOOK)
        answer, _ = with_betas(own, own.betas, Aim(1.0, band=band), memory["betas"], given, 1.0)
        assert (answer.beta == first.beta) is stays


@pytest.mark.parametrize("how", ["policy", "override"])
def test_betas_that_wait_come_into_force_once_the_ratio_is_large_enough(how: str) -> None:
    """A fit that moves a tenth by less than the band moves all by more; it is not forgotten."""
    band = Band(0.05, 0.0, 0.05, 0.0)
    small = replace(hedge(), policy=FixedPolicy(0.1), band=band)
    first, memory = asked(BEGIN_NS + 300 * DAY_NS, own=small, shift=0.5)
    at_ns = BEGIN_NS + 360 * DAY_NS
    second, memory = asked(at_ns, memory, own=small, shift=0.5)
    assert second.beta == first.beta
    large, overlays = small, Overlays()
    if how == "policy":
        large = replace(small, policy=FixedPolicy(1.0))
    else:
        overlays = Overlays(overrides=(Override(1.0, at_ns + 9 * DAY_NS),))
    later = (Features(at_ns + DAY_NS), BOOK, at_ns + DAY_NS, overlays, (0.0, 1.0))
    third, after = aim_one(large, memory, *later)
    assert third.ratio == 1.0
    assert isinstance(third.beta, dict)
    assert third.beta == asked(at_ns, own=small, shift=0.5)[0].beta
    assert not any("no target by more than the band" in line for line in third.reasons)
    fourth, _ = aim_one(small, after, *later[:3], Overlays(), (0.0, 1.0))
    assert fourth.beta == third.beta


@given(
    st.floats(0.1, 2.0), st.floats(0.1, 2.0), st.floats(-1.5, 1.5), st.floats(0, 1), st.floats(0, 1)
)
def test_a_target_moves_beyond_a_side_of_its_band(
    old: float, new: float, ratio: float, under: float, over: float
) -> None:
    """What is held at the old beta, told at the new one: below the target or above it."""
    told_ratio = abs(ratio) * old / new
    band = Band(under, 0.0, over, 0.0)
    wanted = ratio == 0.0 or abs(ratio) - told_ratio > under or told_ratio - abs(ratio) > over
    edges = (abs(ratio) - told_ratio - under, told_ratio - abs(ratio) - over)
    if min(map(abs, edges)) > 1e-9 or ratio == 0.0:
        assert moves_target({"BTC": old}, {"BTC": new}, ratio, band) is wanted
        if ratio == 1.0:
            assert moves_target({"BTC": old}, {"BTC": new}, None, band) is wanted


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [(0.0, 0.0, False), (0.5, 0.0, True), (0.0, 0.5, True), (1.0, 2.0, False), (1.0, 0.5, False)],
)
def test_betas_of_nothing_and_targets_at_an_edge(old: float, new: float, moved: bool) -> None:
    """A beta that goes to 0 asks for all of it to be sold; just at the band nothing moves."""
    band = Band(0.5, 0.0, 1.0, 0.0) if min(old, new) > 0.0 else Band(0.9, 0.0, 0.9, 0.0)
    assert moves_target({"BTC": old}, {"BTC": new}, 1.0, band) is moved
    none = moves_target({"BTC": old}, {"BTC": new}, None, band)
    assert none is moved


def test_returns_are_of_days_that_all_have() -> None:
    """Worked: days 1, 2, 3 and 5, and 2, 3, 4 and 5: the day from 2 to 3; a window has ends."""
    rule = replace(RULE, window_ns=60 * DAY_NS)
    rows = {
        "BTC": [(day * DAY_NS, 100.0 + day) for day in (1, 2, 3, 5)],
        "ETH": [(day * DAY_NS, 10.0 * day) for day in (2, 3, 4, 5)],
    }
    known = Features(
        5 * DAY_NS,
        {
            coin: CoinFeatures(1.0, 1, {closes(rule, coin): WindowMemory(*zip(*each, strict=True))})
            for coin, each in rows.items()
        },
    )
    found = shared_returns(rule, ("BTC", "ETH"), known, 5 * DAY_NS)
    assert found == {"BTC": [103.0 / 102.0 - 1.0], "ETH": [0.5]}
    for end, count in ((62, 1), (63, 0)):  # of 60 days: from day 2 on, from day 3 on
        told = shared_returns(rule, ("BTC", "ETH"), known, end * DAY_NS)
        assert {coin: len(each) for coin, each in told.items()} == {"BTC": count, "ETH": count}
    assert shared_returns(rule, ("BTC",), known, 2 * DAY_NS) == {"BTC": [102.0 / 101.0 - 1.0]}


def test_a_rule_of_which_nothing_is_said() -> None:
    """As the page of the mandate has it; betas are told to four digits."""
    text = a_mandate('ratio = 0.5\nproxy = "ETH"\nbetas = "estimated"')
    text = text.replace("BTC/USD:BTC", "ETH/USD:ETH")
    months = (180 * DAY_NS, 30 * DAY_NS, 30 * DAY_NS)
    assert parse_mandate(text).hedges[0].betas == BetaRule() == BetaRule("ewma", *months, False)
    answer, memory = asked(NOW_NS)
    for found in (answer.beta, memory["betas"]["std"]):
        assert isinstance(found, dict)
        assert all(one == round(one, 4) != round(one, 3) for one in found.values())


def test_without_prices_what_is_held_is_kept() -> None:
    """And it is said why, with the fix; betas that the owner gave stand instead."""
    bare = Features(NOW_NS)
    own = hedge()
    answer, _ = policy_aim(own, NOW_NS, bare, BOOK, None)
    assert lacks_betas(own, answer)
    assert settled(own, answer, BOOK, NOW_NS, Overlays(), (0.0, 1.0)).ratio is None
    assert "no daily prices of SOL are known; plan with --at" in answer.reasons[-1]
    answer, _ = policy_aim(hedge(is_given=True), NOW_NS, bare, BOOK, None)
    assert (answer.ratio, answer.beta) == (1.0, None)
    assert answer.reasons[-1].endswith("those you gave stand")


def test_a_short_history_is_no_fit() -> None:
    """Ninety returns of 180 are asked for at least."""
    answer, _ = asked(BEGIN_NS + 80 * DAY_NS)
    assert answer.beta is None
    assert "only 60 have a return of all of SOL, BTC, ETH" in answer.reasons[-1]
    assert asked(BEGIN_NS + 90 * DAY_NS)[0].beta is not None


def test_a_fit_holds_for_a_while_when_none_can_follow() -> None:
    """30 days beyond its turn, saying so; then what is held is kept."""
    _, memory = asked(NOW_NS)
    for days, holds in ((35, True), (60, True), (61, False)):
        at_ns = NOW_NS + days * DAY_NS
        answer, after = policy_aim(hedge(), at_ns, Features(at_ns), BOOK, memory)
        assert (answer.beta is not None) is holds
        assert "no daily prices" in answer.reasons[-1]
        assert after["betas"]["failed"]


def test_a_memory_comes_back_from_plain_values() -> None:
    """Kept by name, of the same rule alone."""
    own = hedge()
    _, memory = asked(NOW_NS, own=own)
    stored = json.loads(json.dumps(kept([own], [memory])))
    assert remembered([own], stored) == [memory]
    other = hedge(estimator="ols")
    assert remembered([other], stored) == [None]
    assert hedge_digest(own) != hedge_digest(other)
    stated = replace(own, betas=None)
    assert remembered([stated], stored) == [None]


def test_a_policy_may_remember_where_betas_do_not() -> None:
    """What its policy left alone is a memory of the hedge: betas are looked at anew."""
    own = hedge()
    assert asked(NOW_NS, with_policy_memory(own, None)) == asked(NOW_NS)
    assert with_policy_memory(replace(own, betas=None), {"own": 1}) == {"own": 1}


def test_its_prices_are_asked_for_once() -> None:
    """Daily ones of the coin and each proxy, as far back as the oldest fit that may hold."""
    needs = needs_of([hedge()])
    assert set(needs) == {"SOL", "BTC", "ETH"}
    (one,) = needs["ETH"]
    assert one == closes(RULE, "ETH")
    assert one.look_back_ns == (180 + 30 + 30 + 20) * DAY_NS


def test_what_is_held_is_measured_with_the_betas_in_force() -> None:
    """Those remembered, until the hedge is asked again."""
    from tests.factories import account, decided, inverse, vault
    from volsculpt.book.holdings import Book

    legs = [[("one", inverse("BTC"), False), ("one", inverse("ETH"), False)]]
    book = Book((vault(SOL=10.0), account("one", {"BTC": 1.0, "ETH": 20.0})))
    index = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0}
    decision = decided(book, [hedge(is_given=True)], legs, index)
    _, memory = asked(NOW_NS)
    rules = with_memory(decision.rules, decision.setup.hedges, [memory])
    assert rules.link_beta == [memory["betas"]["betas"][name] for name in ("BTC", "ETH")]
    assert with_memory(decision.rules, decision.setup.hedges, [None]) == decision.rules
    assert isinstance(decision.setup, Setup)


# --- shrinking -----------------------------------------------------------------------------


def test_a_beta_is_drawn_to_the_belief_by_its_error() -> None:
    """Half way where both are as uncertain; not at all where the data are certain."""
    found, errors = shrunk(np.array([1.4]), np.array([[0.25]]), np.array([1.0]), 0.5)
    assert (found[0], errors[0]) == pytest.approx((1.2, 0.5 / np.sqrt(2.0)))
    found, _ = shrunk(np.array([1.4]), np.array([[1e-12]]), np.array([1.0]), 0.5)
    assert found[0] == pytest.approx(1.4)


def test_of_proxies_that_move_together_the_split_is_drawn_and_not_the_sum() -> None:
    """2 and -1 with a sum known to 0.01: the sum stays 1, the split goes near half and half."""
    wide, along = 4.0, np.array([[1.0, -1.0], [-1.0, 1.0]]) / 2.0
    across = np.ones((2, 2)) / 2.0
    covariance = wide * along + 1e-4 * across
    found, errors = shrunk(np.array([2.0, -1.0]), covariance, np.array([0.5, 0.5]), 0.5)
    assert found.sum() == pytest.approx(1.0, abs=1e-3)
    assert abs(found[0] - found[1]) < 0.2 * 3.0
    assert (errors < np.sqrt(np.diag(covariance))).all()


@pytest.mark.parametrize("name", ["ewma", "ols", "rolling-ols"])
def test_every_estimator_of_betas_tells_its_errors(name: str) -> None:
    """Within 3.5 of them of the truth, on 400 days."""
    moves = {coin: np.diff(each) / each[:-1] for coin, each in prices().items()}
    proxies = [moves["BTC"].tolist(), moves["ETH"].tolist()]
    found, errors = shrunk_betas(name, proxies, moves["SOL"].tolist(), [0.5, 0.5])
    assert np.abs(np.array(found) - TRUE).max() < 3.5 * max(errors)


def test_what_was_said_before_counts_as_known_to_a_half() -> None:
    """The belief that betas are drawn to has a deviation of 0.5."""
    dice = np.random.default_rng(3)
    moves = 0.03 * dice.standard_normal((60, 2))
    held = moves @ np.array([1.4, -0.3]) + 0.1 * dice.standard_normal(60)
    fit = Ols().fit(moves, held)
    wanted = shrunk(fit.ratio_, fit.covariance(), np.array([1.0, 0.0]), 0.5)
    found = shrunk_betas("ols", moves.T.tolist(), held.tolist(), [1.0, 0.0])
    assert found[0] == pytest.approx(wanted[0].tolist(), rel=1e-12)
    assert found[1] == pytest.approx(wanted[1].tolist(), rel=1e-12)


def test_a_price_that_stands_still_is_no_fit() -> None:
    """A message that names the fix."""
    with pytest.raises(EstimateError, match="does not move in 100 returns"):
        shrunk_betas("ols", [[0.0] * 100], [0.01, -0.01] * 50, [1.0])


@pytest.mark.parametrize("start", [0.2, 2.0])
def test_how_much_a_fit_counts_against_the_belief(start: float) -> None:
    """A beta of 1 with an error as large as the belief's half is drawn a fifth of the way to it."""
    dice = np.random.default_rng(11)
    moves = dice.normal(0.0, 0.01, 200)
    held = moves + dice.normal(0.0, 0.035, 200)
    plain = Ols().fit(moves[:, None], held)
    beta, variance = float(plain.ratio_[0]), float(plain.covariance()[0, 0])
    (found,), (error,) = shrunk_betas("ols", [moves.tolist()], held.tolist(), [start])
    weight = 0.25 / (0.25 + variance)  # the belief's deviation is a half
    assert 0.7 < weight < 0.9
    assert found == pytest.approx(weight * beta + (1.0 - weight) * start)
    assert error == pytest.approx((weight * variance) ** 0.5)
    assert min(beta, start) < found < max(beta, start)
