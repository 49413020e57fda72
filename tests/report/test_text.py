"""Numbers for people."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt import text as numbers
from volsculpt.report import document

finite = st.floats(-1e15, 1e15, allow_nan=False).filter(lambda one: one == 0 or abs(one) > 1e-20)
WRITERS = [numbers.coins, numbers.usd, numbers.price, numbers.percent, numbers.signed_usd]


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
@given(number=finite)
def test_no_exponent_and_no_minus_zero(write: object, number: float) -> None:
    """A person never reads 1e-05 or -0."""
    text = write(number)  # type: ignore[operator]
    assert "e" not in text
    assert text.split(" ")[0] not in {"-0", "-0.00", "+0", "-0.0"}


@given(number=finite)
def test_coins_keep_nine_digits(number: float) -> None:
    """What is printed is the number to nine digits, or to one where it is tiny."""
    read = float(numbers.coins(number).replace(",", ""))
    assert abs(read - number) <= max(abs(number) * 1e-8, 0.5e-8, 1e-8 if abs(number) < 1e-8 else 0)


@given(number=finite)
def test_dollars_are_right_to_the_cent(number: float) -> None:
    """Dollars are off by at most half of the last digit shown."""
    read = float(numbers.usd(number).replace(",", ""))
    assert abs(read - number) <= (0.5 if abs(number) >= 999 else 0.005) + 1e-9


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_no_number_fills_a_line(write: object, number: float) -> None:
    """Three hundred digits tell nothing: what nobody can mean has an exponent."""
    assert len(write(number)) <= 36  # type: ignore[operator]


@given(number=finite.filter(bool))
def test_what_is_not_zero_is_not_shown_as_zero(number: float) -> None:
    """Dust is dust, not nothing."""
    assert numbers.coins(number) != "0"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (numbers.coins(0.53418803418), "0.53418803"),
        (numbers.coins(-20_000.0), "-20,000"),
        (numbers.coins(176.9230769), "176.923077"),
        (numbers.coins(1e-9), "0.000000001"),
        (numbers.usd(87_692.3), "87,692"),
        (numbers.usd(999.996), "1,000"),
        (numbers.usd(12.5), "12.50"),
        (numbers.usd(1e9), "1,000,000,000"),
        (numbers.usd(-0.0), "0"),
        (numbers.usd(math.nan), "unknown"),
        (numbers.coins(1e300), "1e+300"),
        (numbers.usd(-2.5e250), "-2.5e+250"),
        (numbers.coins(3e-300), "0"),
        (numbers.usd(1e20), "100,000,000,000,000,000,000"),
        (numbers.price(79_600.25), "79,600.25"),
        (numbers.price(0.0000123), "0.0000123"),
        (numbers.percent(0.608733), "60.87 %"),
        (numbers.percent(0.00001), "0.001 %"),
        (numbers.percent(-0.0), "0 %"),
        (numbers.signed_percent(0.1), "+10 %"),
        (numbers.signed_usd(-1200.0), "-1,200"),
        (numbers.amount(1234.6, "USDT"), "1,235 USDT"),
        (numbers.amount(0.5, "BTC"), "0.5 BTC"),
        (numbers.contracts(1), "1 contract"),
        (numbers.contracts(0.5), "0.5 contracts"),
        (numbers.moment("2024-05-20T08:00:00Z"), "2024-05-20 08:00 UTC"),
        (numbers.moment("2024-05-20T08:00:30.25Z"), "2024-05-20 08:00:30 UTC"),
        (numbers.moment("yesterday"), "yesterday"),
        (numbers.moment(0), "1970-01-01 00:00 UTC"),
        (numbers.moment(30 * 10**9 + 5), "1970-01-01 00:00:30 UTC"),
        (numbers.minute_below(3_630 * 10**9), "1970-01-01 01:00"),
        (numbers.minute_of(3_630 * 10**9), "1970-01-01 01:00 UTC"),
        (numbers.day(59 * 10**9), "1970-01-01"),
        (numbers.day("2024-05-20T08:00:00Z"), "2024-05-20"),
        (
            numbers.with_moments("ends at 2024-05-20T08:00:00Z, not 2024-05-21T00:00:01.5Z"),
            "ends at 2024-05-20 08:00 UTC, not 2024-05-21 00:00:01 UTC",
        ),
        (numbers.with_moments("(--to 2024-05-20T08:00:00Z)"), "(--to 2024-05-20T08:00:00Z)"),
        (numbers.with_moments("at = 2024-05-20T08:00:00Z"), "at = 2024-05-20T08:00:00Z"),
        (numbers.with_moments("'2024-05-20T08:00:00Z'"), "'2024-05-20T08:00:00Z'"),
        (numbers.clock_of(59 * 10**9 + 5), "00:00:59"),
        (numbers.warning_words("owed: you owe 1 BTC"), "you owe 1 BTC [owed]"),
        (numbers.warning_words("part_lots: BTC: 3 are left"), "BTC: 3 are left [part_lots]"),
        (
            numbers.warning_words("BTC: account 'a' is passed over"),
            "BTC: account 'a' is passed over",
        ),
        (numbers.warning_words("[limits]: too low: raise it"), "[limits]: too low: raise it"),
        (numbers.measured(1.0, 2, "year"), "1 year"),
        (numbers.measured(1.004, 2, "year"), "1 year"),
        (numbers.measured(0.5, 2, "year"), "0.5 years"),
        (numbers.duration(5_400 * 10**9), "1.5 hours"),
        (numbers.duration(86_400 * 10**9), "1 day"),
        (numbers.duration(1_780 * 86_400 * 10**9 + 10**13), "1,780 days"),
        (numbers.duration(19 * 86_400 * 10**9 // 8), "2.38 days"),
        (document.clean("a\x1b[31m\nb"), "a [31m b"),
    ],
)
def test_worked_numbers(written: str, expected: str) -> None:
    """Numbers and times as the docstrings promise."""
    assert written == expected


def test_a_figure_that_is_not_there_is_said_to_be_missing() -> None:
    """Zero is a figure; only None is not."""
    assert numbers.given(0.0, numbers.percent) == "0 %"
    assert numbers.given(None, numbers.percent) == "unknown"
    assert numbers.given(None, numbers.percent, numbers.NONE) == "-"


def test_a_grid_has_a_column_for_each_way_to_word_a_row() -> None:
    """Heads and cells come from one list, so none stands under another's head."""
    cells: document.Cells[float] = (
        (document.Column("coins", left=True), numbers.coins),
        (document.Column("share"), numbers.percent),
    )
    grid = document.grid_of([0.5, 1.0], cells, "fold")
    assert [column.head for column in grid.columns] == ["coins", "share"]
    assert (grid.rows, grid.narrow) == ([("0.5", "50 %"), ("1", "100 %")], "fold")


@pytest.mark.parametrize(
    ("at", "move", "tick", "expected"),
    [
        (24_380.858, 0.2, 0.1, "24,380.8"),
        (24_380.858, -0.2, 0.1, "24,380.9"),
        (24_380.8, 0.2, 0.1, "24,380.8"),
        (24_380.8, -0.2, 0.1, "24,380.8"),
        (4_454.999999999999, 0.5, None, "4,455"),  # binary noise is no tick
        (4_454.99998286, 0.5, 0.01, "4,455"),  # nor is the ninth decimal of a third of 1.3 coins
        (4_454.9999, 0.5, 0.01, "4,454.99"),
        (4_455.000000000001, -0.5, None, "4,455"),
        (79_640.1099, 0.3, None, "79,640.1"),
        (79_640.1099, -0.3, None, "79,640.2"),
        (79_640.1099, 0.3, 0.1, "79,640.1"),
        (0.078431372, 0.3, None, "0.0784313"),
        (0.078431372, -0.3, 1e-5, "0.07844"),
        (0.4, 0.3, 1.0, "0.4"),  # less than a tick is told as it is
    ],
)
def test_an_end_is_never_told_farther_than_it_is(
    at: float, move: float, tick: float | None, expected: str
) -> None:
    """Toward the price of now: above it cut, below it raised; a whole step is left as it is."""
    assert numbers.safe_price(at, move, tick) == expected


@given(at=st.floats(1e-6, 1e9), rises=st.booleans(), tick=st.sampled_from([None, 0.1, 0.5, 1e-4]))
def test_no_end_is_told_beyond_it(at: float, rises: bool, tick: float | None) -> None:
    """But for what a double cannot tell apart; and no more than a step before it."""
    read = float(numbers.safe_price(at, 0.1 if rises else -0.1, tick).replace(",", ""))
    short = at - read if rises else read - at
    assert short >= -2e-8 * at
    assert short <= (tick or 1e-5 * at) * 1.001 + 2e-8 * at
