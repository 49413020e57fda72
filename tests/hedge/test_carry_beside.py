"""A policy beside `carry`: the higher of two ratios or their sum, and when either is asked."""

import json
from dataclasses import replace

import pytest

from tests.hedge.a_market import KEY
from tests.hedge.test_carry_policy import BOOK, DATED, NOW_NS, PERPETUAL, funded, told
from volsculpt.hedge.carry.beside import HIGHER, SUM
from volsculpt.hedge.market_features import CoinFeatures, Features
from volsculpt.hedge.policies.carry import CarryPolicy
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.hedge.policies.series import SeriesPolicy
from volsculpt.hedge.policy import PolicyInput, plain_policy
from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.ledger.decisions import policy_in
from volsculpt.units import DAY_NS


@pytest.mark.parametrize(
    ("combine", "ratio", "told_as"),
    [
        (HIGHER, 0.6, "the higher of 60 % and 30 %: 60 %"),
        (SUM, 0.9, "the sum of 60 % and 30 %: 90 %"),
    ],
)
def test_two_policies_make_one_ratio(combine: str, ratio: float, told_as: str) -> None:
    """The higher or the sum; both give their reasons, and the contract is still preferred."""
    policy = CarryPolicy(
        ratio=0.6, beside=FixedPolicy(0.3), combine=combine, contracts=(PERPETUAL,)
    )
    said = told(policy, funded([0.0001] * 900))
    assert said.ratio == pytest.approx(ratio)
    assert said.reasons[-1] == told_as
    assert any(line.startswith("fixed: ") for line in said.reasons)
    assert said.prefer == (KEY,)
    assert policy.highest() == pytest.approx(ratio)


def test_while_one_has_no_answer_what_is_held_is_kept() -> None:
    """A missing ratio is no zero to be added to, nor the lower of two."""
    policy = CarryPolicy(beside=FixedPolicy(0.3), combine=HIGHER, contracts=(PERPETUAL,))
    said = told(policy, Features(NOW_NS))
    assert said.ratio is None
    assert said.reasons[-1] == "carry has no answer: what is held is kept"


def test_the_answer_holds_until_either_may_change() -> None:
    """The next look, or the next line of the other's file."""
    features = funded([0.0001] * 900)
    alone = CarryPolicy(contracts=(PERPETUAL,))
    _, memory = alone.step(None, PolicyInput(NOW_NS, features, BOOK))
    assert alone.held(memory) == (told(alone, features), NOW_NS + DAY_NS)
    other = SeriesPolicy((0, NOW_NS + 5), (0.2, 0.7), "ratio.csv")
    both = replace(alone, beside=other, combine=SUM)
    _, memory = both.step(None, PolicyInput(NOW_NS, features, BOOK))
    held = both.held(memory)
    assert held is not None
    assert held[1] == NOW_NS + 5
    assert held[0].ratio == pytest.approx(1.2)
    said, _ = both.step(memory, PolicyInput(NOW_NS + 5, features, BOOK))
    assert said.ratio == pytest.approx(1.7)


def test_it_is_followed_through_its_own_looks_alone() -> None:
    """Where the policy beside looks more often, at its own times; each keeps what it remembers."""
    regime = RegimePolicy(framework_text(), every_ns=DAY_NS // 3)
    alone = CarryPolicy(contracts=(PERPETUAL,))
    both = replace(alone, beside=regime, combine=HIGHER)
    assert (alone.looks_every_ns(), both.looks_every_ns()) == (DAY_NS, DAY_NS // 3)
    coins = funded([0.0001] * 900).coins
    index = CoinFeatures(60_000.0, NOW_NS, dict.fromkeys(both.needs("BTC", [])["BTC"]))
    kept = replace(index, memories={**index.memories, **coins["BTC"].memories})
    times = [NOW_NS + third * DAY_NS // 3 for third in range(5)]
    known = [Features(time_ns, {"BTC": kept}) for time_ns in times]
    memory, _ = both.follow("BTC", known)
    assert memory["asked_ns"] == NOW_NS + DAY_NS
    assert memory["beside"]["memory"]["asked_ns"] == times[-1]
    daily, _ = alone.follow("BTC", known)
    assert daily["standing"] == memory["standing"]
    assert both.held(memory) is None


def test_it_comes_back_from_plain_values() -> None:
    """With the policy beside it and its contracts, to act on a stored decision again."""
    regime = RegimePolicy(framework_text(), fallback_ratio=0.2)
    for beside in (None, FixedPolicy(0.3), regime):
        policy = CarryPolicy(
            beside=beside, combine=None if beside is None else SUM, contracts=(PERPETUAL, DATED)
        )
        assert policy_in(json.loads(json.dumps(plain_policy(policy)))) == policy
