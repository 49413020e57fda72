"""Prices and rates as people write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import PriceError
from volsculpt.market.quotes import checked_rate, from_flags


@given(rate=st.floats(-10.0, 10.0), blanks=st.sampled_from(["", " "]))
def test_percent_and_fraction_are_one_rate(rate: float, blanks: str) -> None:
    """A flag, a file and Python read "0.01%" as 0.0001, exact to the last digit of a float."""
    key = "bybit:BTC/USD:BTC"
    text = f"{rate!r}{blanks}%"
    flags = from_flags(0, [], [f"{key}={text}"])
    assert flags.funding[key] == checked_rate(key, text, "here")
    assert flags.funding[key] == pytest.approx(rate / 100.0, rel=3e-16, abs=1e-320)
    assert from_flags(0, [], [f"{key}={rate!r}"]).funding[key] == rate


@pytest.mark.parametrize("rate", [math.nan, math.inf, True, None, "", "%", "1 bp", "nan%", [0.1]])
def test_what_is_no_rate_is_refused_as_one(rate: object) -> None:
    """The message is about funding, and shows both forms."""
    with pytest.raises(PriceError, match=r"here: the funding rate of x must be .*0\.0001.*0\.01%"):
        checked_rate("x", rate, "here")


@pytest.mark.parametrize("text", ["bybit:BTC/USD:BTC", "=0.01%", "", "0.01%"])
def test_a_flag_without_its_contract_shows_the_form(text: str) -> None:
    """No word of prices in an error about a rate."""
    with pytest.raises(PriceError, match=r"--funding .*: expected CONTRACT=RATE") as caught:
        from_flags(0, [], [text])
    assert "price" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("BTC=60,000", "60000"),
        ("BTC=$3.5k", "3500"),
        ("ETH=1,234.5", "1234.5"),
        ("X=2M", "2000000"),
    ],
)
def test_a_price_as_people_write_it_is_told_as_it_should_be(text: str, meant: str) -> None:
    """Commas, signs of money and thousands are not guessed at, but the message says the number."""
    name = text.partition("=")[0]
    with pytest.raises(PriceError, match=f"write --price {name}={meant}$"):
        from_flags(0, [text], [])
