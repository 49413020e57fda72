"""Overlays, overrides, collateral plans and limits, with every name in them checked."""

from collections.abc import Sequence

from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.hedge.spec import EventOverlay, Override, Tilt
from volsculpt.mandate.hedge_tables import CollateralTable, LimitsTable
from volsculpt.mandate.hedges import warn_ratio
from volsculpt.mandate.locations import Loc
from volsculpt.mandate.reading import Reading
from volsculpt.units import datetime_ns


def read_overlays(
    reading: Reading, hedged: Sequence[str]
) -> tuple[tuple[EventOverlay, ...], tuple[Tilt, ...]]:
    """Events and tilts, each in file order."""
    events, tilts = [], []
    for row, table in enumerate(reading.tables.overlay):
        loc: Loc = ("overlay", row)
        reading.need_hedge((*loc, "underlying"), table.underlying, hedged)
        if table.kind == "macro" or table.from_ is None or table.to is None:
            continue  # the table has been checked: an economy is not dated
        start, end = datetime_ns(table.from_), datetime_ns(table.to)
        if table.kind == "tilt":
            tilts.append(Tilt(table.add or 0.0, start, end, table.note, table.underlying))
            continue
        ratio = table.ratio or 0.0
        warn_ratio(reading, loc, ratio)
        mode = table.mode or "at_least"
        events.append(EventOverlay(mode, start, end, ratio, table.note, table.underlying))
    return tuple(events), tuple(tilts)


def read_overrides(reading: Reading, hedged: Sequence[str]) -> tuple[Override, ...]:
    """Ratios set by hand."""
    overrides = []
    for row, table in enumerate(reading.tables.override):
        loc: Loc = ("override", row)
        reading.need_hedge((*loc, "underlying"), table.underlying, hedged)
        warn_ratio(reading, loc, table.ratio)
        until = datetime_ns(table.until)
        overrides.append(Override(table.ratio, until, table.note, table.underlying))
    return tuple(overrides)


def leverage_band(table: CollateralTable) -> tuple[float, float, float, float]:
    """The four leverages of a plan. Worked: safe_leverage 3 is (2, 3, 3, 4)."""
    if table.leverage_band is not None:
        first, second, third, last = table.leverage_band
        return first, second, third, last
    safe = 3.0 if table.safe_leverage is None else table.safe_leverage
    return safe * 2.0 / 3.0, safe, safe, safe * 4.0 / 3.0


def read_collateral(reading: Reading) -> tuple[CollateralPlan, ...]:
    """Collateral plans, those that name an account or a currency before those that do not."""
    plans: list[CollateralPlan] = []
    served: set[tuple[str | None, str | None]] = set()
    for row, table in enumerate(reading.tables.collateral):
        loc: Loc = ("collateral", row)
        _check_plan(reading, loc, table)
        if (table.account, table.currency) in served:
            reading.add(
                loc, "another [[collateral]] is for the same account and currency; keep one"
            )
        if table.leverage_band is None and table.safe_leverage is None:
            reading.note(f"{reading.problems.place(loc)}: leverage_band [2, 3, 3, 4], none given")
        _warn_outside(reading, loc, leverage_band(table))
        served.add((table.account, table.currency))
        plans.append(
            CollateralPlan(
                source=tuple(table.source),
                leverage_band=leverage_band(table),
                account=table.account,
                currency=table.currency,
                transfer_hours=table.transfer_hours,
                cost=table.cost,
                min_transfer=table.min_transfer,
            )
        )
    plans.sort(key=lambda plan: (plan.account is None, plan.currency is None))
    return tuple(plans)


def _warn_outside(reading: Reading, loc: Loc, band: tuple[float, float, float, float]) -> None:
    """Warn of a highest leverage below all of a plan's band, which then counts for nothing."""
    most = reading.tables.limits.max_leverage
    if most is not None and most < band[0]:
        reading.warn(
            f"{reading.problems.place(loc)}: its leverage_band begins at {band[0]:g}, above the "
            f"max_leverage of [limits], {most:g}, which is kept: lower the band or raise the limit"
        )


def _check_plan(reading: Reading, loc: Loc, table: CollateralTable) -> None:
    """The accounts that a plan names exist; the one it serves can use what moves as margin."""
    for number, name in enumerate(table.source):
        source = reading.need_account((*loc, "source", number), name)
        if source is not None and source.loan is not None:
            reading.add(
                (*loc, "source", number),
                "is a loan: its coins are pledged until it is paid back; name a cold, spot or earn "
                "account",
            )
    if table.account is None:
        return
    account = reading.need_account((*loc, "account"), table.account)
    if account is not None and account.kind != "margin":
        reading.add(
            (*loc, "account"),
            f"is a {account.kind} account, which needs no margin; name a margin account",
        )
    elif account is not None and account.margin_mode == "unified":
        coin = table.currency
        if coin is not None and coin not in account.collateral_weights:
            reading.add(
                (*loc, "currency"),
                f"'{account.name}' has no collateral weight for {coin}; add {coin} = 0.95, or what "
                f"the venue publishes, to its collateral_weights",
            )


def read_limits(table: LimitsTable) -> Limits:
    """The limits as the decision reads them."""
    return Limits(
        min_ratio=table.min_ratio,
        max_ratio=table.max_ratio,
        max_leverage=table.max_leverage,
        min_liquidation_distance=table.min_liquidation_distance,
        max_order_usd=table.max_order_usd,
        min_base_usd=table.min_base_usd,
        dead_zone=table.dead_zone,
        allow_long=table.allow_long,
    )
