"""Lengths of time in nanoseconds: the one place that says how long a day is."""

SECOND_NS = 10**9
MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
WEEK_NS = 7 * DAY_NS
YEAR_NS = 365 * DAY_NS  # coins trade every day; a leap day is a day more
