"""Keys of what comes and goes at known times: `[[flow]]`."""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from volsculpt.mandate.kinds import OWN_MESSAGE, Contradiction, Duration, Name, Time, TomlTable, key
from volsculpt.units import DURATION, MONTHS, long_length_ns

Every = Annotated[str, Field(pattern=f"{DURATION}|{MONTHS}")]


def checked_days(value: object) -> object:
    """A duration that is counted in days: minutes are asked about, for "1m" may mean a month."""
    if isinstance(value, str):
        try:
            long_length_ns(value)
        except ValueError as error:
            if "minutes" in str(error):
                raise PydanticCustomError(OWN_MESSAGE, "{why}", {"why": str(error)}) from None
    return value


def checked_interval(value: object) -> object:
    """How often: a duration in days or hours, or months of the calendar."""
    checked_days(value)
    if isinstance(value, str) and not re.match(f"{DURATION}|{MONTHS}", value):
        raise PydanticCustomError(
            OWN_MESSAGE,
            'must be days, "30d", or months of the calendar, "month" or "3 months", for example '
            'every = "month"',
        )
    return value


LongDuration = Annotated[Duration, BeforeValidator(checked_days)]


class FlowTable(TomlTable):
    """A deposit, withdrawal or income to come."""

    account: Name = key("Account it reaches or leaves.", "vault")
    currency: Name = key("What flows.", "BTC")
    amount: float = key("Coins; negative is a withdrawal.", 0.1)
    at: Time | None = key("When, if once.", "2024-06-01T00:00:00Z", None)
    every: Annotated[Every | None, BeforeValidator(checked_interval)] = key(
        "How often, if repeated: a duration, or months of the calendar.", "month", None
    )
    until: Time | None = key(
        "Last time that a repeated flow may come.", "2025-12-31T00:00:00Z", None
    )
    from_: Time | None = key(
        "First time of a repeated flow.", "2024-06-01T00:00:00Z", None, alias="from"
    )

    def check(self) -> Iterator[Contradiction]:
        """Once or repeated, not both, not neither."""
        if (self.at is None) == (self.every is None):
            yield (
                "at",
                'give one of at (once) and every (repeated); for example every = "month"',
            )
        if self.from_ is not None and self.every is None:
            yield "from", "is the start of a repeated flow; give every too, or use at"
        if self.until is not None and self.every is None:
            yield "until", "is the end of a repeated flow; give every too, or use at"
        if self.until is not None and self.from_ is not None and self.until < self.from_:
            yield "until", "is before from, so nothing ever flows; give a later time"
        if self.amount == 0:
            yield "amount", "nothing flows; give the coins, negative for a withdrawal"
