"""Values as TOML: what is written is read back as it was."""

import tomllib
from datetime import date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.mandate.toml_text import shown, written

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
PLAIN = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.dates(min_value=date(1000, 1, 1)),
    st.times(),
    st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.none() | OFFSETS),  # noqa: DTZ001
)
VALUES = st.recursive(PLAIN, lambda v: st.lists(v) | st.dictionaries(TEXTS, v), max_leaves=8)


@given(VALUES)
def test_what_is_written_is_read_back(value: object) -> None:
    """Texts with any letters, numbers of any size, times, lists and tables in each other."""
    text = f"value = {written(value)}\n"
    assert tomllib.loads(text)["value"] == value
    assert text.count("\n") == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (0.5, "0.5"),
        (1e-07, "1e-07"),
        (True, "true"),
        (time(8, 30), "08:30:00"),
        ({"a b": [1, {"c": "x\n"}]}, '{ "a b" = [1, { c = "x\\n" }] }'),
    ],
)
def test_numbers_have_no_more_digits_than_they_need(value: object, text: str) -> None:
    """Worked values, as a person would write them."""
    assert written(value) == text


@given(VALUES, st.integers(1, 80))
def test_a_value_in_a_message_is_never_longer_than_asked(value: object, width: int) -> None:
    """What is cut off is marked by an ellipsis, and only then."""
    text = shown(value, width)
    assert len(text) <= width
    assert (text == written(value)) == (len(written(value)) <= width)
