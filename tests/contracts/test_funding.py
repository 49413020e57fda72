"""Funding of one contract, in the figures of venues' own pages."""

from volsculpt.contracts.funding import annual, cash_flow, fraction_of_value


def test_rates_have_the_sign_and_the_unit_that_venues_state() -> None:
    """A positive one pays the short; an absolute one is quote units for a coin."""
    assert cash_flow(-2.0, 0.0001) == 0.0002
    assert cash_flow(2.0, 0.0001) == -0.0002
    assert fraction_of_value(6.0, 60_000.0) == 0.0001
    assert fraction_of_value(-6.0, 60_000.0) == -0.0001
    assert annual(0.0001, 8.0) == 0.0001 * 1_095.0
