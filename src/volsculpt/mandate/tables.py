"""The whole mandate file as one table, and which table stands where in it."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from volsculpt.mandate.desk_tables import DeskTable, GuardTable
from volsculpt.mandate.flow_tables import FlowTable, LongDuration, checked_days
from volsculpt.mandate.hedge_tables import (
    BandTable,
    CollateralTable,
    HedgeTable,
    LimitsTable,
    OverlayTable,
    OverrideTable,
    UseTable,
)
from volsculpt.mandate.holding_tables import (
    AccountTable,
    AssetTable,
    FeeDiscountTable,
    FeesTable,
    OrderTable,
    PositionTable,
    SweepTable,
    TransferTable,
)
from volsculpt.mandate.kinds import OWN_MESSAGE, Duration, Name, TomlTable, key
from volsculpt.mandate.policy_keys import beside_table
from volsculpt.mandate.send_tables import SendTable
from volsculpt.units import DURATION

BY_DATE = "by date"


def _checked_flows(value: object) -> object:
    """true, false or "by date"; anything else is refused with all three."""
    if value != BY_DATE and not isinstance(value, bool):
        raise PydanticCustomError(
            OWN_MESSAGE, 'must be true, false or "by date", for example hedge_flows = true'
        )
    return value


def _checked_hold(value: object) -> object:
    """A duration, or false; anything else is refused with both."""
    if value is not False and not (isinstance(value, str) and re.match(DURATION, value)):
        raise PydanticCustomError(
            OWN_MESSAGE,
            "must be a duration, a whole number with s, m, h, d or w, or false to keep nothing, "
            'for example hold_for_withdrawals = "3d"',
        )
    return checked_days(value)


class MandateTable(TomlTable):
    """A mandate: what is owned, how much of its price risk to keep, and within which limits."""

    version: int = key("Version of the format.", 1)
    name: Name | None = key("What to call it; absent: the file's name.", "treasury", None)
    numeraire: Name = key("Currency that reports are also given in.", "USD", "USD")
    contracts_file: Name | None = key(
        "Contracts of your own, beside the catalog's.", "contracts.toml", None
    )
    index_venue: Name | None = key(
        "The venue that spot prices of coins are taken from where several are stored; absent: the "
        "best, and the notes say which.",
        "coinbase",
        None,
    )
    hedge_flows: Annotated[bool | Literal["by date"], BeforeValidator(_checked_flows)] = key(
        'Hedge flows within the horizon already; "by date": income by dated contracts.',
        True,
        False,
    )
    flow_horizon: LongDuration = key("How far ahead flows are looked at.", "30d", "30d")
    hold_for_withdrawals: Annotated[Duration | Literal[False], BeforeValidator(_checked_hold)] = (
        key(
            "How long before a withdrawal in `flow` its coins are moved nowhere; false: they are.",
            "3d",
            "7d",
        )
    )
    account: list[AccountTable] = Field([], description="Places where coins are.")
    assets: dict[Name, AssetTable] = Field({}, description="Wrapped and staked assets, by name.")
    flow: list[FlowTable] = Field([], description="Deposits, withdrawals and income to come.")
    transfer: list[TransferTable] = Field([], description="Coins under way.")
    sweep: list[SweepTable] = Field([], description="Funding taken out of margin accounts.")
    hedge: list[HedgeTable] = Field([], description="One for each hedged coin.")
    overlay: list[OverlayTable] = Field(
        [], description="Changes of the ratio: dated, or by the economy."
    )
    override: list[OverrideTable] = Field([], description="Ratios set by hand, until a time.")
    collateral: list[CollateralTable] = Field([], description="How coins may move for margin.")
    limits: LimitsTable = Field(LimitsTable(), description="What is allowed.")
    desk: DeskTable = Field(DeskTable(), description="How the desk keeps the hedge.")
    guard: GuardTable = Field(GuardTable(), description="What is never sent.")
    send: SendTable = Field(SendTable(), description="How orders are sent.")


TABLES: dict[tuple[str, ...], type[TomlTable]] = {
    (): MandateTable,
    ("account",): AccountTable,
    ("account", "position"): PositionTable,
    ("account", "order"): OrderTable,
    ("account", "fees"): FeesTable,
    ("account", "fee_discount"): FeeDiscountTable,
    ("assets",): AssetTable,
    ("flow",): FlowTable,
    ("transfer",): TransferTable,
    ("sweep",): SweepTable,
    ("hedge",): HedgeTable,
    ("hedge", "band"): BandTable,
    ("hedge", "beside"): beside_table(),
    ("hedge", "use"): UseTable,
    ("overlay",): OverlayTable,
    ("override",): OverrideTable,
    ("collateral",): CollateralTable,
    ("limits",): LimitsTable,
    ("desk",): DeskTable,
    ("guard",): GuardTable,
    ("send",): SendTable,
}


def keys_of(table: type[TomlTable]) -> dict[str, object]:
    """Each key as the file writes it, with an example value (None: a table of its own)."""
    fields = table.model_fields.items()
    return {f.alias or name: (f.examples or [None])[0] for name, f in fields}
