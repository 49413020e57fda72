"""When flows come: again and again, by days or by months of the calendar, until a day."""

import pytest

import volsculpt as vs
from volsculpt.errors import MandateError
from volsculpt.mandate.flows import flow_times, flows_from
from volsculpt.mandate.load import parse_mandate
from volsculpt.units import DAY_NS, iso_day, long_length_ns, moment_ns

BOOK = """
version = 1
hedge_flows = {ahead}
flow_horizon = "90d"
[[account]]
name = "vault"
kind = "cold"
balances = {{ BTC = 2 }}
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = {{ BTC = 2 }}
[[flow]]
account = "vault"
currency = "BTC"
amount = 1
{when}
[[hedge]]
underlying = "BTC"
ratio = 0.5
"""


def days(when: str, first: str, last: str) -> list[str]:
    """The days of a flow after one day and up to another."""
    (flow,) = parse_mandate(BOOK.format(when=when, ahead="false")).book.flows
    return [iso_day(one) for one in flow_times(flow, moment_ns(first), moment_ns(last))]


def test_months_are_those_of_the_calendar() -> None:
    """The last day where a month lacks the day, and the day again where it has it."""
    when = 'every = "month"\nfrom = 2024-01-31T00:00:00Z'
    assert days(when, "2024-01-01", "2024-05-01") == [
        "2024-01-31",
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
    ]
    assert days(when, "2030-01-31", "2030-03-01") == ["2030-02-28"]
    assert days(when, "2024-02-29", "2024-03-31") == ["2024-03-31"]


@pytest.mark.parametrize(
    ("every", "found"),
    [
        ("quarter", ["2024-03-10", "2024-06-10", "2024-09-10", "2024-12-10"]),
        ("3 months", ["2024-03-10", "2024-06-10", "2024-09-10", "2024-12-10"]),
        ("year", ["2024-03-10"]),
        ("90d", ["2024-03-10", "2024-06-08", "2024-09-06", "2024-12-05"]),
    ],
)
def test_longer_rhythms(every: str, found: list[str]) -> None:
    """Quarters and years of the calendar, beside days."""
    when = f'every = "{every}"\nfrom = 2024-03-10T00:00:00Z'
    assert days(when, "2024-01-01", "2025-01-01") == found


def test_one_flow_is_eighteen_months() -> None:
    """It comes the last time on the day of `until`, and no more."""
    when = 'every = "month"\nfrom = 2024-01-10T00:00:00Z\nuntil = 2025-06-10T00:00:00Z'
    found = days(when, "2023-01-01", "2030-01-01")
    assert (len(found), found[-1]) == (18, "2025-06-10")
    assert days(when.replace("2025-06-10", "2025-06-09"), "2023-01-01", "2030-01-01")[-1] == (
        "2025-05-10"
    )
    by_days = 'every = "30d"\nfrom = 2024-01-10T00:00:00Z\nuntil = 2024-03-10T00:00:00Z'
    assert days(by_days, "2023-01-01", "2030-01-01") == ["2024-01-10", "2024-02-09", "2024-03-10"]


def test_without_a_first_time_it_comes_a_month_after_the_start() -> None:
    """Of a run; a plan counts from its own moment likewise."""
    mandate = parse_mandate(BOOK.format(when='every = "month"', ahead="false"))
    (flow,) = flows_from(mandate, moment_ns("2024-01-15"))
    assert iso_day(flow.at_ns or 0) == "2024-02-15"
    assert days('every = "month"', "2024-01-15", "2024-03-20") == ["2024-02-15", "2024-03-15"]


def test_plan_and_backtest_end_with_it() -> None:
    """Three months in sight, of which one is left; the run pays it in once."""
    when = 'every = "month"\nfrom = 2024-01-10T00:00:00Z\nuntil = 2024-02-10T00:00:00Z'
    text = BOOK.format(when=when, ahead="true")
    made = vs.plan(text, time_ns="2024-01-20", prices={"BTC": 60_000.0})
    assert next(one.coming_coin for one in made.exposure if one.currency == "BTC") == 1.0
    ran = vs.backtest(text, from_ns="2024-01-20", to_ns="2024-04-20", step_ns="1d", draws=0)
    assert [one.amount_coin for one in ran.events.flows] == [1.0]


@pytest.mark.parametrize(
    ("when", "problem"),
    [
        ('every = "1m"', 'did you mean months? write "1 month" or 30d'),
        ('every = "30 fortnights"', 'must be days, "30d", or months'),
        ("at = 2024-01-01T00:00:00Z\nuntil = 2024-02-01T00:00:00Z", "end of a repeated flow"),
        (
            'every = "30d"\nfrom = 2024-03-01T00:00:00Z\nuntil = 2024-02-01T00:00:00Z',
            "nothing ever flows",
        ),
    ],
)
def test_what_is_no_rhythm_is_refused(when: str, problem: str) -> None:
    """With the place and the fix."""
    with pytest.raises(MandateError) as told:
        parse_mandate(BOOK.format(when=when, ahead="false"))
    assert problem in str(told.value)


def test_a_horizon_of_minutes_is_asked_about() -> None:
    """`flow_horizon = "3m"` would look three minutes ahead."""
    text = BOOK.format(when='every = "30d"', ahead="true").replace('"90d"', '"3m"')
    with pytest.raises(MandateError, match=r'is 3 minutes; did you mean 3 months\? write "91d"'):
        parse_mandate(text)
    assert parse_mandate(text.replace('"3m"', '"91d"')).flow_horizon_ns == 91 * DAY_NS
    held = text.replace('"3m"', '"91d"\nhold_for_withdrawals = "1m"')
    with pytest.raises(MandateError, match=r'is a minute; did you mean a month\? write "30d"'):
        parse_mandate(held)


def test_lengths_that_are_counted_in_days() -> None:
    """A month is 365/12 days, minutes are no such length."""
    found = {one: long_length_ns(one) // DAY_NS for one in ("1 month", "quarter", "year", "2w")}
    assert found == {"1 month": 30, "quarter": 91, "year": 365, "2w": 14}
    for text in ("1m", "1M", "3 m", "5 min", "10 minutes"):
        with pytest.raises(ValueError, match="did you mean months"):
            long_length_ns(text)
