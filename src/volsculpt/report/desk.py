"""How a desk stands, as people and programs read it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from volsculpt.report.document import Page
from volsculpt.report.result import Result, Table, rows_table

# The lists of a status, each column with what it holds.
LISTS: dict[str, dict[str, type]] = {
    "hedges": {
        "underlying": str,
        "held_ratio": float,
        "held_now_ratio": float,
        "target_ratio": float,
        "reasons": object,
    },
    "margin": {
        "account": str,
        "group": str,
        "currency": str,
        "equity_coin": float,
        "equity_usd": float,
        "leverage": float,
        "price": float,
        "liquidation_contract": str,
        "liquidation_coin": str,
        "liquidation_price": float,
        "liquidation_distance": float,
        "liquidation_move": float,
    },
    "positions": {"account": str, "contract": str, "contracts": float, "entry": float},
    "balances": {"account": str, "currency": str, "coins": float},
    "orders": {
        "id": str,
        "account": str,
        "contract": str,
        "contracts": float,
        "filled": float,
        "state": str,
        "since": str,
    },
    "transfers": {
        "id": str,
        "source": str,
        "target": str,
        "currency": str,
        "coins": float,
        "state": str,
    },
    "alerts": {
        "key": str,
        "level": str,
        "text": str,
        "since": str,
        "number": int,
        "acknowledged": str,
        "acknowledged_by": str,
        "acknowledged_note": str,
    },
}


@dataclass(frozen=True, slots=True)
class DeskReport(Result):
    """A desk after its last step: hedges, positions, coins, what is under way, and what is wrong.

    status: the object that `volsculpt status --json` prints. warnings: of the market it ran on.
    steps: how many were made.
    """

    WHAT: ClassVar[str] = "desk"
    MAIN: ClassVar[str] = "hedges"

    status: dict[str, Any]
    warnings: tuple[str, ...] = ()
    steps: int = 0

    def page(self) -> Page:
        """Danger first, then hedges, positions, coins, what is under way."""
        from volsculpt.report.pages.desk import status_page

        return status_page(self.status)

    def brief(self) -> Page:
        """The same in fifteen lines."""
        from volsculpt.report.pages.desk_verdict import verdict

        return verdict(self.status)

    def tables(self) -> dict[str, Table]:
        """hedges (the default), margin, positions, balances, orders, transfers, alerts."""
        return {name: rows_table(kinds, self.status[name]) for name, kinds in LISTS.items()}

    def as_dict(self) -> dict[str, Any]:
        """The published object."""
        return self.status
