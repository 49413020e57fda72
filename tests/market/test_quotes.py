"""Prices and rates as people write them."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.errors import PriceError
from volsculpt.market.quotes import Quotes, checked_quotes, checked_rate, from_flags, read_quotes


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


KEY = "bybit:BTC/USD:BTC"
NO_PRICE = [math.nan, -1.0, True, 0.0, math.inf, "60000", None]


@pytest.mark.parametrize("table", ["index", "contract", "interval_hours"])
@pytest.mark.parametrize("wrong", NO_PRICE)
def test_quotes_of_a_program_are_judged_as_those_of_a_file(table: str, wrong: object) -> None:
    """Every table, with the name of it and of what is wrong in it."""
    made: Any = {table: {"ETH": 3_000.0, KEY: wrong}}
    kind = "hours" if table == "interval_hours" else "price"
    with pytest.raises(PriceError, match=rf"quotes \[{table}\]: the {kind} of {KEY} must be "):
        checked_quotes(Quotes(0, **made))


@pytest.mark.parametrize("wrong", [math.nan, math.inf, True, None, "1 bp"])
def test_rates_of_a_program_are_judged_too(wrong: Any) -> None:  # noqa: ANN401
    """A negative rate is one, and so is one in percent."""
    with pytest.raises(PriceError, match=rf"quotes \[funding\]: the funding rate of {KEY} must"):
        checked_quotes(Quotes(0, funding={KEY: wrong}))
    taken: Any = {KEY: "-0.01%"}
    assert checked_quotes(Quotes(0, funding=taken)).funding == {KEY: -0.0001}


def test_quotes_that_are_right_stay_as_they_are() -> None:
    """Judged twice they are the same; what is no table, no name or no time is told."""
    right = Quotes(5, {"BTC": 6e4}, {KEY: 6.1e4}, {KEY: -1e-4}, {KEY: 8.0})
    assert checked_quotes(right) == right
    odd: list[tuple[Any, str]] = [
        (Quotes(5, [6e4]), "quotes: index: .* is no dict by name; write .*BTC"),  # type: ignore[arg-type]
        (Quotes(5, {1: 6e4}), "quotes: index: the name 1 must be text"),  # type: ignore[dict-item]
        (Quotes(None), "quotes: as_of_ns: None is no time"),  # type: ignore[arg-type]
    ]
    for quotes, message in odd:
        with pytest.raises(PriceError, match=message):
            checked_quotes(quotes)


@pytest.mark.parametrize("hours", ["-8", "0", "nan", "inf", "true", '"8"'])
def test_wrong_hours_of_a_rate_are_told_as_hours(hours: str, tmp_path: Path) -> None:
    """No word of prices in an error about hours."""
    path = tmp_path / "quotes.toml"
    path.write_text(f'[interval_hours]\n"{KEY}" = {hours}\n', encoding="utf-8")
    with pytest.raises(PriceError, match=rf"\[interval_hours\]: the hours of {KEY} must") as told:
        read_quotes(path, 0)
    assert "price" not in str(told.value)
