"""Lengths of time and stamps as text."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from volsculpt.units import SECOND_NS, iso, iso_exact, iso_trimmed

STAMPS = st.integers(-(2**63), 2**63 - 1)


@given(STAMPS)
def test_every_form_of_a_stamp_names_the_same_second(time_ns: int) -> None:
    """Cut, exact or trimmed: one second, and the decimals are those of the time."""
    second = datetime.fromisoformat(iso(time_ns)).timestamp()
    assert second == time_ns // SECOND_NS
    assert iso_exact(time_ns) == f"{iso(time_ns)[:-1]}.{time_ns % SECOND_NS:09d}Z"
    text, _, decimals = iso_trimmed(time_ns)[:-1].partition(".")
    assert (text, decimals.ljust(9, "0")) == (iso(time_ns)[:-1], iso_exact(time_ns)[-10:-1])
    assert not decimals.endswith("0")


def test_a_trimmed_stamp_keeps_the_zeros_of_its_second() -> None:
    """Only decimals are trimmed: midnight stays midnight."""
    assert iso_trimmed(0) == iso(999_999_999) == "1970-01-01T00:00:00Z"
    assert iso_trimmed(SECOND_NS // 2) == "1970-01-01T00:00:00.5Z"
