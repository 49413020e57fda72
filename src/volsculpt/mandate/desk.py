"""How the desk is to work, as plain values; the defaults are those of an absent table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from volsculpt.units import HOUR_NS, SECOND_NS


@dataclass(frozen=True, slots=True)
class DeskRules:
    """Rhythm and patience of the desk (ns), and where its alerts go.

    reads_fail_ns, rows_late_ns: how long a read may fail, and rows of a venue may be late,
    before it is an alert. A third step in a row that shows it is the first to tell it.
    """

    every_ns: int = HOUR_NS
    follow_ns: int = 5 * SECOND_NS
    read_timeout_ns: int = 10 * SECOND_NS
    order_valid_ns: int = 60 * SECOND_NS
    reads_fail_ns: int = 7_200 * SECOND_NS
    rows_late_ns: int = 7_200 * SECOND_NS
    webhook: str | None = None
    command: tuple[str, ...] = ()


def next_step_ns(now_ns: int, every_ns: int) -> int:
    """When a desk decides next: at whole multiples, so a restart keeps the rhythm."""
    return (now_ns // every_ns + 1) * every_ns


@dataclass(frozen=True, slots=True)
class GuardRules:
    """What is refused whatever was decided; leverage and distance hold per margin group.

    bar_ns: length of the bars that prices of a contract come from, where they come from bars and
    the mandate does not say how old a price may be.
    """

    max_order_usd: float = 1_000_000.0
    max_orders_per_hour: int = 60
    max_daily_usd: float = 10_000_000.0
    max_leverage: float = 10.0
    min_liquidation_distance: float = 0.05
    max_price_gap: float = 0.25
    max_price_age_ns: int = 120 * SECOND_NS
    max_statement_age_ns: int = 120 * SECOND_NS
    max_drawdown: float | None = None
    kill_file: str | None = None
    bar_ns: Mapping[str, int] = field(default_factory=dict)

    def oldest_price_ns(self, contract: str) -> int:
        """How old a price of a contract, by its key, may be (ns): out of bars as old as one."""
        return max(self.max_price_age_ns, self.bar_ns.get(contract, 0))
