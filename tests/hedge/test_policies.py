"""What every policy and feature holds to, whichever files there are."""

import json
import math
from dataclasses import MISSING, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hedge.a_market import BEGIN_NS, DAYS, KEY, a_history
from volsculpt.errors import LedgerError
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.carry.traded import TradedContract
from volsculpt.hedge.market_features import Features, features_at
from volsculpt.hedge.memory import digest_of, kept, remembered
from volsculpt.hedge.needs import needs_of
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policies.vol_target import VolTargetPolicy
from volsculpt.hedge.policy import HedgeSummary, Parameter, Policy, PolicyInput, plain_policy
from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.hedge.registry import FIRST, feature_classes, policy_class, policy_names
from volsculpt.hedge.spec import Hedge
from volsculpt.hedge.stored import observed_for
from volsculpt.ledger.decisions import features_in, features_out, policy_in
from volsculpt.mandate.policy_keys import owners_of_keys, value_problem
from volsculpt.units import DAY_NS, duration_ns

READ = {
    "ratios": ((0, 10), (0.2, 0.4), "ratio.csv"),
    "framework": framework_text(),
    "policy": FixedPolicy(0.2),
    "function": (lambda time_ns, features, book, memory: (0.5, {"asked": 1}), "mine.py:f"),
}
BOOK = HedgeSummary("BTC", 60_000.0, 1.0, 1.0, 1.0, 0.0, 60_000.0)
NOW_NS = BEGIN_NS + (DAYS - 2) * DAY_NS


def example(one: Parameter) -> Any:  # noqa: ANN401
    """What a mandate's reader makes of the example of a parameter."""
    if one.kind in READ:
        return READ[one.kind]
    return duration_ns(str(one.example)) if one.kind == "duration" else one.example


def made(name: str) -> Policy:
    """A policy of the examples of its parameters, with a contract to sell by."""
    kind = policy_class(name)
    policy = kind.made({one.name: example(one) for one in kind.PARAMETERS})
    return policy.traded([TradedContract(KEY, False, 0.0, 0.00055, None, 0.01)])


def known(policy: Policy) -> Features:
    """What the policy wants to know of a made-up market, near its end."""
    needs = needs_of((Hedge("BTC", policy),))
    return features_at(observed_for(a_history(), needs, [NOW_NS]), needs, [NOW_NS])[0]


def test_the_first_is_what_a_hedge_without_a_policy_has() -> None:
    """It stands first in every list, and the others follow by name."""
    assert policy_names()[0] == FIRST
    assert list(policy_names()[1:]) == sorted(policy_names()[1:])
    assert {"fixed", "series", "callable", "vol-target", "trend"} <= set(policy_names())
    with pytest.raises(KeyError):
        policy_class("magic")


@pytest.mark.parametrize("name", policy_names())
def test_a_policy_explains_itself(name: str) -> None:
    """Summary, page, words and parameters, each with a meaning and an example."""
    kind = policy_class(name)
    assert name == kind.NAME
    assert kind.SUMMARY
    assert kind.DOCS.strip()
    assert made(name).words()
    for one in kind.PARAMETERS:
        assert one.meaning.endswith("."), one.name
        assert one.unit or one.kind not in ("ratio", "number"), one.name


@pytest.mark.parametrize("name", policy_names())
def test_a_step_gives_reasons_with_or_without_a_market(name: str) -> None:
    """No market is no error and no invention: an answer or none, and a sentence either way."""
    policy = made(name)
    for features in (Features(NOW_NS), known(policy)):
        answer, memory = policy.step(None, PolicyInput(NOW_NS, features, BOOK))
        assert isinstance(answer, Aim)
        assert all(answer.reasons)
        assert answer.reasons
        assert json.loads(json.dumps(memory)) == memory
        again = policy.step(None, PolicyInput(NOW_NS, features, BOOK))
        assert again == (answer, memory)
    assert answer.ratio is not None


@pytest.mark.parametrize("name", policy_names())
def test_a_key_that_is_left_out_is_what_python_leaves_out(name: str) -> None:
    """A mandate with the required keys alone makes the policy of the required fields alone."""
    kind = policy_class(name)
    policy = kind.made({one.name: left_out(one) for one in kind.PARAMETERS})
    held = {one.name: one.default for one in fields(policy) if one.default is not MISSING}  # type: ignore[arg-type]
    assert {one: getattr(policy, one) for one in held} == held


@pytest.mark.parametrize("name", policy_names())
def test_a_value_is_held_to_the_ends_of_its_key(name: str) -> None:
    """What a key is shown with is within them; an end that must be passed is refused itself."""
    for one in policy_class(name).PARAMETERS:
        for shown in (one.example, one.default):
            assert value_problem(one, shown) is None
        if one.above is not None:
            assert value_problem(one, one.above) == f"must be above {one.above:g}{one.why}"
            assert value_problem(one, math.nextafter(one.above, math.inf)) is None
        if one.most is not None:
            assert value_problem(one, one.most) is None
            assert value_problem(one, 2.0 * one.most) == f"must be {one.most:g} or less{one.why}"
        if isinstance(one.least, float):
            assert value_problem(one, one.least) is None
            assert value_problem(one, one.least - 1.0) == f"must be {one.least:g} or more{one.why}"
        raised = replace(one, above=0.5, least=None, most=None, kind="number", why="")
        assert value_problem(raised, 0.5) == "must be above 0.5"


def left_out(one: Parameter) -> Any:  # noqa: ANN401
    """What a mandate's reader makes of a key that is not there; of a required one, its example."""
    if one.is_required or one.kind == "framework":
        return example(one)
    is_length = one.kind == "duration" and one.default is not None
    return duration_ns(str(one.default)) if is_length else one.default


@pytest.mark.parametrize("name", policy_names())
def test_what_several_come_to_is_said_of_several(name: str) -> None:
    """One alone adds up to nothing; of two the note, where a kind has one, names both."""
    policy = made(name)
    assert type(policy).together({}) == []
    assert type(policy).together({"BTC": policy}) == []
    for said in type(policy).together({"BTC": policy, "ETH": policy}):
        assert said.startswith(f"{name} of BTC, ETH: ")


@pytest.mark.parametrize("name", policy_names())
def test_a_policy_comes_back_from_plain_values(name: str) -> None:
    """What a ledger keeps of it makes the same policy; a function of the owner's cannot be."""
    policy = made(name)
    stored = json.loads(json.dumps(plain_policy(policy)))
    assert policy_in(stored) == (policy if policy.REPLAYS else None)
    if policy.REPLAYS:
        with pytest.raises(LedgerError, match=f"policy '{name}', version 99"):
            policy_in(stored | {"version": 99})
    assert policy_in(stored | {"policy": "gone"}) is None


@pytest.mark.parametrize("name", policy_names())
def test_features_come_back_from_plain_values(name: str) -> None:
    """What each asks for is found by name, and its memory is the same to the bit."""
    features = known(made(name))
    assert all(type(one) is feature_classes()[one.NAME] for one in asked_of(features))
    stored = json.loads(json.dumps(features_out(features)))
    assert features_in(stored) == features
    for coin in stored["coins"].values():
        coin["features"][0]["version"] = 99
        with pytest.raises(LedgerError, match="version 99, is not of this program"):
            features_in(stored)


def asked_of(features: Features) -> list[Any]:
    """The features that are kept."""
    return [one for coin in features.coins.values() for one in coin.memories]


def test_a_key_of_several_policies_is_of_one_kind() -> None:
    """`ratio` and `half_life` mean the same sort of value wherever they are used."""
    for name, owners in owners_of_keys().items():
        own = [one for kind in owners for one in policy_class(kind).PARAMETERS if one.name == name]
        assert len({(one.kind, one.above) for one in own}) == 1, name


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_digest_names_the_figures(one: float, other: float) -> None:
    """The same for the same figures, another for others, another for another policy."""
    digests = digest_of(FixedPolicy(one)), digest_of(FixedPolicy(other))
    assert (digests[0] == digests[1]) is (repr(one) == repr(other))
    assert digest_of(VolTargetPolicy(one)) != digests[0]


def hedges() -> tuple[Hedge, Hedge]:
    """Two hedges whose policies remember, one with a schedule."""
    ask = READ["function"][0]
    hourly = CallablePolicy(ask, 3_600 * 10**9, "mine.py:f")  # type: ignore[arg-type]
    return Hedge("BTC", hourly), Hedge("ETH", CallablePolicy(ask, None, "mine.py:f"))  # type: ignore[arg-type]


def test_memories_are_found_by_name() -> None:
    """Hedges in another order, or with one more between them, find their own memory again."""
    btc, eth = hedges()
    stored = json.loads(json.dumps(kept((btc, eth), [{"own": 1}, {"own": 2}])))
    assert remembered((eth, btc), stored) == [{"own": 2}, {"own": 1}]
    assert remembered((Hedge("SOL", FixedPolicy(0.5)), eth), stored) == [None, {"own": 2}]


def test_a_memory_is_of_the_policy_that_left_it() -> None:
    """Another schedule, policy or figure begins anew; a memory without a digest is taken."""
    btc, eth = hedges()
    stored = kept((btc, eth), [{"own": 1}, {"own": 2}])
    swapped = (Hedge("BTC", eth.policy), Hedge("ETH", FixedPolicy(0.5)))
    assert remembered(swapped, stored) == [None, None]
    stored["BTC"]["digest"] = None
    assert remembered(swapped, stored) == [{"own": 1}, None]


def test_what_remembers_nothing_is_not_kept() -> None:
    """No row for a fixed ratio."""
    assert kept((Hedge("BTC", FixedPolicy(0.5)),), [None]) == {}
