"""What is said once."""

from volsculpt.report.rows.plan_warnings import once


def test_a_peg_is_told_once_for_each_stablecoin() -> None:
    """The store and the plan say it in different words; the first stays."""
    stored = "assumed_peg: no price of USDT is stored; it is taken at 1 US dollar"
    began = "assumed_peg: prices of USDC start at 2020; before, it is taken at 1 US dollar"
    asked = "assumed_peg: USDT is taken at 1 USD; give --price USDT=0.9995 to value it"
    other = "assumed_peg: USDC is taken at 1 USD; give --price USDC=0.9995 to value it"
    third = "assumed_peg: DAI is taken at 1 USD; give --price DAI=0.9995 to value it"
    assert once([stored, "a", began, asked, "a", other, third]) == [stored, "a", began, third]
