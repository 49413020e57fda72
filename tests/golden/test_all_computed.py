import pytest

from tests.golden import (
    test_band,
    test_estimators,
    test_funding_and_basis,
    test_liquidation,
    test_margin,
    test_payoff,
    test_volatility,
    test_wealth,
)
from tests.golden.examples import examples, matches

FILES = (
    test_band,
    test_estimators,
    test_funding_and_basis,
    test_liquidation,
    test_margin,
    test_payoff,
    test_volatility,
    test_wealth,
)


def test_every_example_is_computed_once() -> None:
    """No example is left out, and none is computed that is not there."""
    computed = [identity for module in FILES for identity in module.COMPUTED]
    assert sorted(computed) == sorted(example.identity for example in examples())


def test_every_example_has_a_tolerance() -> None:
    """A comparison without one would ask for the same bits."""
    assert [e.identity for e in examples() if max(e.relative, e.absolute) <= 0.0] == []


@pytest.mark.parametrize(
    ("got", "expected", "same"),
    [
        (1.0, 1.001, True),
        (1.0, 1.1, False),
        (None, None, True),
        (None, 0.0, False),
        (0.0, None, False),
        ("a", "b", False),
        ([1.0, 2.0], [1.0], False),
        ({"a": [1.0]}, {"a": [1.0]}, True),
        ({"a": 1.0}, {"b": 1.0}, False),
    ],
)
def test_what_counts_as_equal(got: object, expected: object, same: bool) -> None:
    """The comparison itself, on cases a reader can judge."""
    assert matches(got, expected, 0.01, 0.0) is same
