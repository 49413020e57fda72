"""From a band table to the band of a hedge: as stated, or found from what a trade costs."""

from volsculpt.book.fees import fees_at
from volsculpt.contracts.costs import HALF_SPREAD
from volsculpt.contracts.spec import Contract, Fees
from volsculpt.hedge.answer import Band
from volsculpt.hedge.auto_band import (
    AVERSION,
    NARROWEST,
    WIDEST_AT,
    TradeCosts,
    auto_band,
    auto_words,
    drift,
)
from volsculpt.hedge.policy import Policy
from volsculpt.hedge.spec import Use
from volsculpt.mandate.hedge_tables import BandTable, HedgeTable
from volsculpt.mandate.locations import Loc
from volsculpt.mandate.reading import Reading
from volsculpt.text import percent
from volsculpt.units import percent_meant


def paid_fees(reading: Reading, use: Use, contract: Contract) -> Fees | None:
    """What the account of a `use` pays for its contract; None where there is no such account."""
    account = reading.accounts.get(use.account)
    return None if account is None else fees_at(account.fees, contract)


def stated_band(table: BandTable | None) -> Band:
    """The band of a table; what it leaves out is as in the default band."""
    default = Band()
    if table is None:
        return default
    if table.under is not None and table.over is not None:
        return Band(table.under[0], table.under[1], table.over[0], table.over[1])
    trigger = default.under_trigger if table.trigger is None else table.trigger
    settle = default.under_settle if table.settle is None else table.settle
    return Band(trigger, settle, trigger, settle)


def hedge_band(
    reading: Reading, loc: Loc, coin: str, table: HedgeTable, policy: Policy, fees: Fees | None
) -> Band:
    """The band of a hedge, with a note where it was not stated.

    Args: loc: of the hedge; coin: its name; table: as written; policy: its own; fees: of the first
    contract it trades, None where it has none.
    """
    if table.band is not None and table.band.is_auto and fees is not None:
        return _found_band(reading, loc, coin, table, policy, fees)
    is_stated = table.band is not None and not table.band.is_auto
    band = stated_band(table.band if is_stated else None)
    if is_stated:
        _warn_unreached(reading, loc, band, policy, "")
    if table.band is None:
        reading.note(
            f"{coin}: band {{ trigger = {band.under_trigger:g}, settle = {band.under_settle:g} }}, "
            f"none was given"
        )
    return band


def _warn_unreached(reading: Reading, loc: Loc, band: Band, policy: Policy, fix: str) -> None:
    """Warn of a side of a band that no held ratio leaves, so that nothing is ever traded there.

    Args: loc: of the hedge; band: as stated, or as found; policy: its own; fix: what makes a band
    that was found narrower, empty of one that was stated.
    """
    limits = reading.tables.limits
    least, most = min(0.0, limits.min_ratio), max(1.0, limits.max_ratio)
    highest = _highest(reading, policy)
    sides = (
        (band.under_trigger, highest - least, "below", f"rises above {percent(highest)}", "opened"),
        (band.over_trigger, most - least, "above", f"falls below {percent(least)}", "reduced"),
    )
    for trigger, room, side, falls, never in sides:
        meant = percent_meant(trigger, room) if trigger > 1.0 else ""
        if trigger >= room > 0.0:
            reading.warn(
                f"{reading.problems.place((*loc, 'band'))}: {side} the target it trades only when "
                f"more than {percent(trigger)} off, and the target never {falls}, so the hedge is "
                f"never {never}{fix or meant}"
            )


def _highest(reading: Reading, policy: Policy) -> float:
    """The highest target there can be: of the policy, where nothing is laid over it."""
    tables, limits = reading.tables, reading.tables.limits
    highest = policy.highest()
    if highest is None or tables.overlay or tables.override:
        return limits.max_ratio
    return min(max(highest, limits.min_ratio), limits.max_ratio)


def _found_band(
    reading: Reading, loc: Loc, coin: str, table: HedgeTable, policy: Policy, fees: Fees
) -> Band:
    """The band that the cube-root rule finds; a problem where the taker fee is unknown.

    Args: loc: of the hedge; coin: its name; table: as written; policy: its own; fees: of the first
    contract it trades.
    """
    assert table.band is not None
    if fees.taker is None:
        reading.add(
            (*loc, "band"),
            "cannot be found: the taker fee of its first contract is not in the catalog; give "
            "fees = { taker = 0.0005 } to its account, or a band in numbers",
        )
        return Band()
    spread = HALF_SPREAD if table.band.half_spread is None else table.band.half_spread
    costs, aversion = TradeCosts(fees.taker, spread), table.band.aversion or AVERSION
    meant = policy.ratio_meant()
    ratio = WIDEST_AT if meant is None else meant
    drifts = 0.0 if table.effective_base == "coins" else drift(ratio)
    band = auto_band(costs, aversion, drifts)
    still = ' (base = "coins" drifts with no price)' if table.effective_base == "coins" else ""
    reading.note(
        f"{coin}: {auto_words(band, costs, aversion, drifts)}; found at a ratio of "
        f"{percent(ratio)}{still}"
    )
    fix = f"; aversion = {AVERSION:g} is usual, and a larger one makes the band narrower"
    if band.under_trigger == NARROWEST:
        fix = "; none that is found is narrower, one in numbers may be"
    _warn_unreached(reading, loc, band, policy, fix)
    return band
