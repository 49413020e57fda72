"""A policy beside another: by name or as a table, and what is refused."""

import pytest

from tests.hedge.a_market import a_mandate
from volsculpt.errors import MandateError
from volsculpt.hedge.policies.carry import CarryPolicy
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.mandate.load import parse_mandate

CARRY = 'policy = "carry"\n'
USE = """use = [
  { account = "coinm", contract = "BTC/USD:BTC" },
  { account = "coinm", contract = "BTC/USD:BTC@quarter", roll_days = 3 },
]
"""


def read(keys: str) -> CarryPolicy:
    """The policy of a mandate."""
    policy = parse_mandate(a_mandate(CARRY + keys)).hedges[0].policy
    assert isinstance(policy, CarryPolicy)
    return policy


def test_a_name_is_a_table_of_it() -> None:
    """Both are the same policy; its own keys may be given."""
    by_name = read('beside = "regime"\ncombine = "sum"')
    by_table = read('beside = { policy = "regime" }\ncombine = "sum"')
    assert by_name == by_table
    assert isinstance(by_name.beside, RegimePolicy)
    with_key = read('beside = { policy = "regime", fallback_ratio = 0.3 }\ncombine = "sum"')
    assert isinstance(with_key.beside, RegimePolicy)
    assert with_key.beside.fallback_ratio == 0.3


def test_it_is_told_of_the_contracts_of_its_hedge() -> None:
    """In order of preference, with their fees, and when a rule rolls."""
    text = a_mandate(CARRY).replace(
        'use = [{ account = "coinm", contract = "BTC/USD:BTC" }]\n', USE
    )
    policy = parse_mandate(text).hedges[0].policy
    assert isinstance(policy, CarryPolicy)
    first, second = policy.contracts
    assert (first.rule, first.is_dated, first.roll_days) == ("bybit:BTC/USD:BTC", False, 0.0)
    assert (second.rule, second.is_dated) == ("bybit:BTC/USD:BTC@quarter", True)
    assert (second.roll_days, second.taker, second.delivery) == (3.0, 0.00055, 0.0005)
    paid = text.replace('venue = "bybit"', 'venue = "bybit"\nfees = { taker = 0.0003 }')
    policy = parse_mandate(paid).hedges[0].policy
    assert isinstance(policy, CarryPolicy)
    assert [one.taker for one in policy.contracts] == [0.0003, 0.0003]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('beside = "magic"\ncombine = "sum"', 'beside.policy: must be one of "fixed"'),
        ('beside = "carry"\ncombine = "sum"', 'beside.policy: must be one of "fixed"'),
        ('beside = "weight"\ncombine = "sum"', 'beside.policy: must be one of "fixed"'),
        ("beside = 3", "beside = 3: must be a table"),
        ('combine = "sum"', 'combine = "sum": counts only with beside; give that too'),
        ('beside = { policy = "fixed" }\ncombine = "sum"', "beside.ratio is missing"),
        (
            'beside = { policy = "fixed", ratio = 0.3, half_life = "3d" }\ncombine = "sum"',
            'beside.half_life = "3d": belongs to policy = "trend" or "vol-target", not "fixed"',
        ),
        (
            'beside = { policy = "trend", ratio = 0.3, tilt = 5 }\ncombine = "sum"',
            "beside.tilt = 5: must be 1 or less",
        ),
        (
            'beside = { policy = "fixed", rato = 0.3 }\ncombine = "sum"',
            'beside: unknown key "rato"; did you mean "ratio"',
        ),
        ('beside = "regime"\ncombine = "less"', 'must be one of "higher", "sum"'),
        ("hurdle = 5", "5 % is hurdle = 0.05"),
        ('holding = "3d"', 'must be "7d" or longer'),
        ('beside = "regime"', 'combine is missing: write combine = "higher" or combine = "sum"'),
        ("hurdle = 0.02\nexit = 0.03", "exit = 0.03 is above hurdle = 0.02"),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_key(keys: str, said: str) -> None:
    """Where it is, what is wrong, and the fix."""
    with pytest.raises(MandateError) as refused:
        read(keys)
    assert said in str(refused.value)
