"""Laws of the calendars: which days dated contracts expire on, and what a rule means."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.contracts.expiries import (
    CALENDARS,
    RULES,
    dated_name,
    day_by_rule,
    days_around,
    days_from,
    expiry_ns,
    instant_ns,
    is_on,
    parse_symbol,
    yymmdd,
    zone,
)
from volsculpt.errors import ContractError
from volsculpt.units import DAY_NS, iso

days = st.dates(date(2015, 1, 1), date(2060, 12, 31))
times = st.integers(instant_ns(datetime(2015, 1, 1, tzinfo=UTC)), 2_800_000_000 * 10**9)
rolls = st.floats(0, 60)


def at_eight(day: date) -> int:
    """The instant most venues settle at: 08:00 UTC."""
    return expiry_ns(day, "08:00", UTC)


@given(days, st.sampled_from(CALENDARS))
def test_expiries_are_fridays_of_the_right_month(day: date, calendar: str) -> None:
    """Every expiry is a Friday, the last of its month but for weeks, of quarter ends if so."""
    found = next(days_from(calendar, day))
    assert found >= day
    assert found.weekday() == 4
    if calendar != "week":
        assert (found + timedelta(days=7)).month != found.month
    if calendar == "quarter":
        assert found.month in (3, 6, 9, 12)


@given(days, st.sampled_from(CALENDARS))
def test_no_expiry_is_passed_over(day: date, calendar: str) -> None:
    """Between the day asked for and the day found there is no other expiry."""
    found = next(days_from(calendar, day))
    between = [day + timedelta(days=n) for n in range((found - day).days)]
    assert not any(is_on(calendar, one) for one in between)


@given(days)
def test_calendars_nest(day: date) -> None:
    """A quarter's expiry is a month's, a month's is a week's."""
    assert not is_on("quarter", day) or is_on("month", day)
    assert not is_on("month", day) or is_on("week", day)


@given(times, rolls, st.sampled_from(sorted(RULES)))
def test_a_rule_leaves_more_than_the_roll_days(time_ns: int, roll: float, rule: str) -> None:
    """What a rule returns expires more than `roll_days` later, on a day of its calendar."""
    day = day_by_rule(rule, at_eight, time_ns, roll)
    assert at_eight(day) - time_ns > round(roll * DAY_NS)
    assert is_on(RULES[rule][0], day)


@given(times, rolls, st.sampled_from(["quarter", "month", "week"]))
def test_a_rule_returns_the_nearest(time_ns: int, roll: float, rule: str) -> None:
    """No earlier expiry of the calendar has enough days left."""
    day = day_by_rule(rule, at_eight, time_ns, roll)
    earlier = [d for d in (day - timedelta(days=n) for n in range(1, 100)) if is_on(rule, d)]
    assert at_eight(max(earlier)) - time_ns <= round(roll * DAY_NS)


@given(times, rolls)
def test_next_quarter_follows_quarter(time_ns: int, roll: float) -> None:
    """@next_quarter is the very next expiry after that of @quarter."""
    first = day_by_rule("quarter", at_eight, time_ns, roll)
    second = day_by_rule("next_quarter", at_eight, time_ns, roll)
    assert second == next(days_from("quarter", first + timedelta(days=1)))


@given(times, rolls, rolls)
def test_rolling_earlier_never_goes_back(time_ns: int, one: float, other: float) -> None:
    """More roll days never choose an earlier contract."""
    low, high = sorted((one, other))
    assert day_by_rule("quarter", at_eight, time_ns, low) <= day_by_rule(
        "quarter", at_eight, time_ns, high
    )


def test_exactly_the_roll_days_left_is_too_few() -> None:
    """Seven days before expiry to the nanosecond, a seven-day rule has rolled on."""
    expiry = at_eight(date(2024, 12, 27))
    assert day_by_rule("quarter", at_eight, expiry - 7 * DAY_NS, 7) == date(2025, 3, 28)
    assert day_by_rule("quarter", at_eight, expiry - 7 * DAY_NS - 1, 7) == date(2024, 12, 27)


@pytest.mark.parametrize(
    ("text", "calendar"),
    [
        # deliveryDate of BTCUSD_261225, Binance exchangeInfo, 2026-09-26
        ("261225", "quarter"),
        # deliveryDate of BTCUSDT_220325, Binance exchangeInfo, 2022-02
        ("220325", "quarter"),
        # expTime of OKX BTC-USD futures, 2024-12: this week, this month, next month, quarters
        ("241220", "week"),
        ("250131", "month"),
        ("250228", "month"),
        ("250328", "quarter"),
        ("250627", "quarter"),
    ],
)
def test_calendars_hold_days_that_venues_listed(text: str, calendar: str) -> None:
    """Contracts that exchanges did list stand in the calendar they were listed under."""
    day = parse_symbol(f"BTC/USD:BTC-{text}").day
    assert day is not None
    assert is_on(calendar, day)


def test_instants_agree_with_what_venues_published() -> None:
    """08:00 UTC of 2026-12-25 and of 2024-12-20, as Binance and OKX gave them in ms."""
    assert at_eight(date(2026, 12, 25)) == 1798185600000 * 10**6
    assert at_eight(date(2024, 12, 20)) == 1734681600000 * 10**6


def test_a_clock_of_a_place_follows_its_summer_time() -> None:
    """Kraken's inverse futures: 16:00 in London is 15:00 UTC in September, 16:00 in December."""
    london = zone("Europe/London")
    assert iso(expiry_ns(date(2022, 9, 30), "16:00", london)) == "2022-09-30T15:00:00Z"
    assert iso(expiry_ns(date(2026, 12, 25), "16:00", london)) == "2026-12-25T16:00:00Z"


def test_an_unknown_place_is_refused() -> None:
    """The message says what to write, and what Windows lacks."""
    with pytest.raises(ContractError, match=r"time zone 'Mars/Olympus' is unknown here.*tzdata"):
        zone("Mars/Olympus")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("BTCUSD_{yymmdd}", "BTCUSD_241227"),
        ("BTC-{d}{MON}{yy}", "BTC-27DEC24"),
        ("BTCUSD{code}{yy}", "BTCUSDZ24"),
    ],
)
def test_venues_own_names(pattern: str, name: str) -> None:
    """Binance, Deribit and Bybit each write the date their own way."""
    assert dated_name(pattern, date(2024, 12, 27)) == name


@given(days)
def test_a_date_survives_the_symbol(day: date) -> None:
    """Writing a day into a symbol and reading it back gives the same day."""
    symbol = parse_symbol(f"BTC/USD:BTC-{yymmdd(day)}")
    assert (symbol.day, symbol.pair, symbol.settle) == (day, "BTC/USD:BTC", "BTC")


@pytest.mark.parametrize("text", ["BTCUSD", "BTC/USD", "BTC/USD:", "BTC/USD:BTC-2412", "", "a/b/c"])
def test_other_notations_are_refused(text: str) -> None:
    """The message shows the notation wanted."""
    with pytest.raises(ContractError, match="unified notation: write BASE/QUOTE:SETTLE"):
        parse_symbol(text)


def test_a_day_that_does_not_exist_is_refused() -> None:
    """Digits that are no date are named."""
    with pytest.raises(ContractError, match="ends with 241399, which is no date"):
        parse_symbol("BTC/USD:BTC-241399")


@given(days, st.sampled_from([("quarter",), ("quarter", "month"), CALENDARS]))
def test_the_days_around_are_valid_and_enclose(day: date, calendars: tuple[str, ...]) -> None:
    """The two valid days that a message names are the nearest on both sides of the day."""
    before, after = days_around(calendars, day)
    assert before < day <= after
    assert all(any(is_on(c, d) for c in calendars) for d in (before, after))
    between = [before + timedelta(days=n) for n in range(1, (after - before).days)]
    assert not any(is_on(c, d) for c in calendars for d in between)


@pytest.mark.parametrize("roll", [-1, float("nan"), float("inf")])
def test_impossible_roll_days_are_refused(roll: float) -> None:
    """Days to roll are a finite number, not below 0."""
    with pytest.raises(ContractError, match="roll_days"):
        day_by_rule("quarter", at_eight, 0, roll)


def test_an_unknown_rule_is_refused() -> None:
    """The message lists the rules there are."""
    with pytest.raises(ContractError, match="@yearly is unknown; allowed: @quarter, @next_quarter"):
        day_by_rule("yearly", at_eight, 0, 0)


def test_a_contract_that_ends_in_the_evening_of_its_day_lives_till_then() -> None:
    """20:00 in New York is the next day in UTC: half an hour before, the rule still means it."""
    friday, place = date(2024, 12, 27), zone("America/New_York")

    def evening(day: date) -> int:
        return expiry_ns(day, "20:00", place)

    assert day_by_rule("quarter", evening, evening(friday) - DAY_NS // 48, 0.0) == friday
    assert day_by_rule("quarter", evening, evening(friday), 0.0) == date(2025, 3, 28)
