"""The tables of a mandate that say how the desk works: its rhythm, its alerts, its guard."""

from typing import Annotated

from pydantic import Field

from volsculpt.mandate.desk import DeskRules, GuardRules
from volsculpt.mandate.kinds import (
    Distance,
    Duration,
    Name,
    Positive,
    PositiveShare,
    TomlTable,
    key,
)
from volsculpt.units import duration_ns

Count = Annotated[int, Field(ge=1)]


class DeskTable(TomlTable):
    """How the desk keeps the hedge: how often it decides, how long it waits, whom it tells."""

    every: Duration = key("Time between two decisions.", "15m", "1h")
    follow: Duration = key("How soon an order or transfer under way is looked at.", "2s", "5s")
    read_timeout: Duration = key("How long a venue may take to answer.", "5s", "10s")
    order_valid: Duration = key("After it an order that never arrived cannot arrive.", "30s", "1m")
    reads_fail: Duration | None = key(
        "How long a venue may leave reads unanswered before it is told; absent: twice `every`.",
        "30m",
        None,
    )
    rows_late: Duration | None = key(
        "How late rows of fills, funding and fees may be: a difference that lasts longer is "
        "told as critical; absent: twice `every`.",
        "30m",
        None,
    )
    webhook: Name | None = key("Address that alerts are posted to.", "https://a.b/c", None)
    command: list[Name] = key(
        "Program that is run with each alert, its text last.", ["notify-send"], []
    )

    def rules(self) -> DeskRules:
        """The same as the desk reads it."""
        every_ns = duration_ns(self.every)
        return DeskRules(
            every_ns=every_ns,
            follow_ns=duration_ns(self.follow),
            read_timeout_ns=duration_ns(self.read_timeout),
            order_valid_ns=duration_ns(self.order_valid),
            reads_fail_ns=duration_ns(self.reads_fail) if self.reads_fail else 2 * every_ns,
            rows_late_ns=duration_ns(self.rows_late) if self.rows_late else 2 * every_ns,
            webhook=self.webhook,
            command=tuple(self.command),
        )


class GuardTable(TomlTable):
    """What may never be sent, whatever was decided. The guard refuses; it never resizes."""

    max_order_usd: Positive = key("Largest order let through.", 300_000, 1_000_000.0)
    max_orders_per_hour: Count = key("Most orders within an hour.", 20, 60)
    max_daily_usd: Positive = key("Most that is traded within 24 hours.", 2e6, 10_000_000.0)
    max_leverage: Positive = key("Of each margin group after the order.", 5.0, 10.0)
    min_liquidation_distance: Distance = key(
        "Of each margin group after the order, as a fraction of the price.", 0.15, 0.05
    )
    max_price_gap: PositiveShare = key("Of a contract's price from its index.", 0.1, 0.25)
    max_price_age: Duration = key("Older prices count as missing.", "1m", "2m")
    max_statement_age: Duration = key("Older statements of accounts count as missing.", "1m", "2m")
    max_drawdown: PositiveShare | None = key(
        "Loss of wealth from its peak that stops all but reductions until reset.", 0.3, None
    )
    kill_file: Name | None = key(
        "While this file is there nothing is sent; absent: the ledger's name with .kill.",
        "stop-trading",
        None,
    )

    def rules(self) -> GuardRules:
        """The same as the guard reads it."""
        return GuardRules(
            max_order_usd=self.max_order_usd,
            max_orders_per_hour=self.max_orders_per_hour,
            max_daily_usd=self.max_daily_usd,
            max_leverage=self.max_leverage,
            min_liquidation_distance=self.min_liquidation_distance,
            max_price_gap=self.max_price_gap,
            max_price_age_ns=duration_ns(self.max_price_age),
            max_statement_age_ns=duration_ns(self.max_statement_age),
            max_drawdown=self.max_drawdown,
            kill_file=self.kill_file,
        )
