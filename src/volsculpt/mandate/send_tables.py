"""The table of a mandate that says how orders are sent."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from volsculpt.mandate.kinds import AtMost, Contradiction, Duration, Positive, TomlTable, key
from volsculpt.mandate.send import SendRules, Way
from volsculpt.units import MOST_COST, duration_ns

Slippage = Annotated[Positive, AtMost(MOST_COST)]
Slices = Annotated[int, Field(ge=2, le=1000)]


class SendTable(TomlTable):
    """How what was decided reaches the book: at once, as maker, or a little at a time."""

    way: Way = key("At once, as maker for a while, or in slices.", "chase", "market")
    slippage: Slippage = key("Most that a fill may be worse than the price seen.", 0.002, 0.005)
    timeout: Duration = key("How long a chase waits as maker.", "2m", "5m")
    after: Literal["cross", "give_up"] = key(
        "What a chase does with the rest after it.", "give_up", "cross"
    )
    reprice: Duration = key("Least time between two prices of a chase.", "30s", "10s")
    slices: Slices = key("How many slices.", 12, 6)
    over: Duration = key("Time from the first slice to the end of the last.", "1h", "30m")

    def check(self) -> Iterator[Contradiction]:
        """A chase that may change its price only once it is over never does."""
        if duration_ns(self.reprice) > duration_ns(self.timeout):
            yield "reprice", "is longer than timeout; make it shorter"

    def rules(self) -> SendRules:
        """The same as the ways of sending read it."""
        return SendRules(
            way=self.way,
            slippage=self.slippage,
            timeout_ns=duration_ns(self.timeout),
            after=self.after,
            reprice_ns=duration_ns(self.reprice),
            slices=self.slices,
            over_ns=duration_ns(self.over),
        )
