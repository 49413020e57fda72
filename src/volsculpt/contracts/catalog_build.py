"""From entries to contracts: merging files figure by figure, and what figures owe each other."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any, Literal

from volsculpt.contracts.catalog_file import CatalogEntry, Figures
from volsculpt.contracts.expiries import (
    CALENDARS,
    Symbol,
    dated_name,
    expiry_ns,
    is_on,
    parse_symbol,
    yymmdd,
    zone,
)
from volsculpt.contracts.spec import Contract, Fees, Funding, Margin, Orders, Payoff, Tier
from volsculpt.errors import ContractError
from volsculpt.units import iso

_OF_FAMILY = ("calendars", "expiry_time", "expiry_zone")
_GROUPS = ("fees", "orders", "funding", "margin")


@dataclass(frozen=True, slots=True)
class Family:
    """The dated contracts of one pair at one venue: all figures but the day.

    template: a contract without date. calendars: of "quarter", "month", "week".
    clock, place: when contracts expire on their day, e.g. "08:00" and "UTC".
    """

    template: Contract
    calendars: tuple[str, ...]
    clock: str
    place: str

    @property
    def venue(self) -> str:
        """The venue that lists them."""
        return self.template.venue

    @property
    def symbol(self) -> str:
        """The symbol without a date: ``BTC/USD:BTC``."""
        return self.template.symbol

    def lists(self, day: date) -> bool:
        """True when one of its calendars has this day."""
        return any(is_on(calendar, day) for calendar in self.calendars)

    def instant_ns(self, day: date) -> int:
        """When the contract of `day` expires, ns UTC."""
        return expiry_ns(day, self.clock, zone(self.place))

    def dated(self, day: date) -> Contract:
        """The contract that expires on `day`, which the caller has found in a calendar."""
        pattern = self.template.native_symbol
        return replace(
            self.template,
            symbol=f"{self.symbol}-{yymmdd(day)}",
            expiry_ns=self.instant_ns(day),
            native_symbol=None if pattern is None else dated_name(pattern, day),
        )


# --- merging --------------------------------------------------------------------------


def merged(base: CatalogEntry, over: CatalogEntry) -> CatalogEntry:
    """`base` with every figure that `over` gives in its place.

    fees, funding and margin merge key by key, tiers as a whole; a margin rule of another
    kind replaces the old one.
    """
    figures: Figures = {**base.figures}
    for key, value in over.figures.items():
        figures[key] = _overlaid(key, figures.get(key), value)
    sources = {**base.sources}
    for name, text in over.sources.items():
        kept = name in ("funding", "margin") and name in base.sources
        kept = kept and figures[name] != over.figures[name]
        sources[name] = f"{text}; the rest: {base.sources[name]}" if kept else text
    file = f"{over.file} (over {base.file})"
    return CatalogEntry(over.venue, over.symbol, over.is_family, figures, sources, file)


def _overlaid(key: str, old: object, new: object) -> object:
    if key not in _GROUPS or not isinstance(old, dict) or not isinstance(new, dict):
        return new
    if key == "margin" and _stated_kind(new) not in (None, _stated_kind(old)):
        return new
    return {**old, **new}


def dated_entry(family: CatalogEntry, symbol: str) -> CatalogEntry:
    """A family's entry as that of one dated contract, to lay a user's figures over."""
    day = parse_symbol(symbol).day
    figures = {key: value for key, value in family.figures.items() if key not in _OF_FAMILY}
    built = family_of(family)
    if day is not None and built.lists(day):
        contract = built.dated(day)
        figures["expiry"] = contract.expiry_ns
        figures["native_symbol"] = contract.native_symbol
    else:
        figures.pop("native_symbol", None)
    return CatalogEntry(family.venue, symbol, False, figures, family.sources, family.file)


# --- building -------------------------------------------------------------------------


def contract_of(entry: CatalogEntry) -> Contract:
    """The contract of a complete entry. Raises ContractError when figures contradict."""
    symbol = parse_symbol(entry.symbol)
    expiry = entry.figures.get("expiry")
    _check_expiry(entry, symbol, expiry)
    return _contract(entry, symbol, expiry if isinstance(expiry, int) else None)


def family_of(entry: CatalogEntry) -> Family:
    """The family of a complete entry. Raises ContractError when figures contradict."""
    figures = entry.figures
    calendars = figures.get("calendars")
    if not isinstance(calendars, tuple):
        raise ContractError(
            f"{entry.where}: calendars is missing; give a list out of {', '.join(CALENDARS)}"
        )
    if "expiry_time" not in figures:
        raise ContractError(f'{entry.where}: expiry_time is missing; give it as "08:00"')
    return Family(
        template=_contract(entry, parse_symbol(entry.symbol), None),
        calendars=calendars,
        clock=str(figures["expiry_time"]),
        place=str(figures.get("expiry_zone", "UTC")),
    )


def _contract(entry: CatalogEntry, symbol: Symbol, expiry: int | None) -> Contract:
    figures: dict[str, Any] = entry.figures
    for key in ("payoff", "multiplier"):
        if key not in figures:
            raise ContractError(
                f"{entry.where}: {key} is missing; a new contract needs it, and an override must "
                f"name venue and symbol as the catalog does"
            )
    _check_payoff(entry, symbol, figures["payoff"])
    _check_interval(entry)
    funding, margin = figures.get("funding"), figures.get("margin")
    return Contract(
        venue=entry.venue,
        symbol=entry.symbol,
        base=symbol.base,
        quote=symbol.quote,
        settle=symbol.settle,
        payoff=figures["payoff"],
        multiplier=figures["multiplier"],
        tick=figures.get("tick"),
        lot=figures.get("lot", 1.0),
        minimum=figures.get("minimum"),
        orders=Orders(**figures.get("orders", {})),
        position_most=figures.get("position_most"),
        position_most_value=figures.get("position_most_value"),
        base_count=symbol.coins,
        expiry_ns=expiry,
        fees=Fees(**figures.get("fees", {})),
        funding=None if funding is None else Funding(**funding),
        margin=None if margin is None else _margin(entry, margin),
        valid_from_ns=figures.get("valid_from"),
        valid_to_ns=figures.get("valid_to"),
        native_symbol=figures.get("native_symbol"),
        sources=entry.sources,
    )


def _check_payoff(entry: CatalogEntry, symbol: Symbol, payoff: Payoff) -> None:
    settles_in_base = symbol.settle == symbol.base
    if payoff == "inverse" and not settles_in_base:
        raise ContractError(
            f"{entry.where}: payoff: an inverse contract settles in its base coin, "
            f"{symbol.base}, not in {symbol.settle}; correct the symbol or the payoff"
        )
    if payoff == "linear" and settles_in_base:
        raise ContractError(
            f"{entry.where}: payoff: a linear contract does not settle in its base coin, "
            f"{symbol.base}; write inverse, or correct the symbol"
        )
    if payoff == "quanto" and symbol.settle in (symbol.base, symbol.quote):
        raise ContractError(
            f"{entry.where}: payoff: a quanto contract settles in a third currency, "
            f"not in {symbol.settle}; write inverse or linear"
        )


def _check_expiry(entry: CatalogEntry, symbol: Symbol, expiry: object) -> None:
    if symbol.day is None:
        if expiry is not None:
            raise ContractError(
                f"{entry.where}: expiry: a dated contract has the day in its symbol; "
                f"write {symbol.pair}-YYMMDD"
            )
        return
    if "funding" in entry.figures:
        raise ContractError(f"{entry.where}: funding: a dated contract pays none; drop it")
    if not isinstance(expiry, int):
        raise ContractError(
            f"{entry.where}: expiry is missing; give expiry = {symbol.day}T08:00:00Z, "
            f"with the venue's own hour"
        )
    if not iso(expiry).startswith(str(symbol.day)):
        raise ContractError(
            f"{entry.where}: expiry: {iso(expiry)} is not on the day in the symbol, {symbol.day}"
        )


def _check_interval(entry: CatalogEntry) -> None:
    start, end = entry.figures.get("valid_from"), entry.figures.get("valid_to")
    if isinstance(start, int) and isinstance(end, int) and start >= end:
        raise ContractError(
            f"{entry.where}: valid_to: {iso(end)} must be after valid_from, {iso(start)}"
        )


def _stated_kind(figures: Figures) -> Literal["tiers", "slope"] | None:
    """The kind of a margin rule, said or shown by its keys; None when neither."""
    if "kind" in figures:
        return "slope" if figures["kind"] == "slope" else "tiers"
    if "tiers" in figures:
        return "tiers"
    return "slope" if "rate_base" in figures or "rate_slope" in figures else None


def _margin(entry: CatalogEntry, figures: dict[str, Any]) -> Margin:
    kind = _stated_kind(figures) or "tiers"
    needed = ("rate_base", "rate_slope") if kind == "slope" else ("tiers",)
    tiers_only = ("tiers", "unit", "known_to")
    slope_only = ("rate_base", "rate_slope", "initial_rate", "initial_slope")
    other = tiers_only if kind == "slope" else slope_only
    for key in needed:
        if key not in figures:
            raise ContractError(f'{entry.where}: margin.{key} is missing; kind "{kind}" needs it')
    for key in other:
        if key in figures:
            raise ContractError(f'{entry.where}: margin.{key}: kind "{kind}" has none; drop it')
    tiers = tuple(
        Tier(tier["floor"], tier["rate"], tier.get("max_leverage"), tier.get("initial_rate"))
        for tier in figures.get("tiers", [])
    )
    if tiers:
        _check_tiers(entry, tiers, figures.get("unit", "value"))
    return Margin(**{**figures, "kind": kind, "tiers": tiers})


def _check_tiers(entry: CatalogEntry, tiers: tuple[Tier, ...], unit: str) -> None:
    where = f"{entry.where}: margin.tiers"
    if tiers[0].floor != 0:
        raise ContractError(f"{where}: the first floor is {tiers[0].floor:g}; it must be 0")
    for number, (low, high) in enumerate(pairwise(tiers), 2):
        if high.floor <= low.floor:
            raise ContractError(
                f"{where}: floor {high.floor:g} of tier {number} does not rise above "
                f"{low.floor:g}; sort the tiers by floor"
            )
        falls = high.maintenance_rate < low.maintenance_rate
        if falls or (unit == "value" and high.maintenance_rate == low.maintenance_rate):
            raise ContractError(
                f"{where}: rate {high.maintenance_rate:g} of tier {number} does not rise above "
                f"{low.maintenance_rate:g}; rates rise with size"
            )
