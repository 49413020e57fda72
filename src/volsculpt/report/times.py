"""Times for people, in UTC."""

from datetime import UTC, datetime


def day_and_time(time_ns: int) -> str:
    """Worked: 0 -> "1970-01-01 00:00 UTC"."""
    moment = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00") + " UTC"
