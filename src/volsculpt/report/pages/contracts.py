"""Contracts of the catalog: a list of them, and one with the source of every figure."""

from dataclasses import asdict
from typing import Any

from volsculpt.contracts.catalog_build import Family
from volsculpt.contracts.spec import Contract, Margin, Tier
from volsculpt.report.document import Cells, Column, Grid, Line, Page, Section, grid_of
from volsculpt.text import (
    UNKNOWN,
    coins,
    contracts,
    fine_percent,
    given,
    measured,
    moment,
    percent,
    price,
)

CALENDARS = {"quarter": "quarters", "month": "months", "week": "weeks"}


# --- a list ---------------------------------------------------------------------------


def list_page(contracts: list[Contract], families: list[Family]) -> Page:
    """All contracts that were asked for."""
    lead = f"{len(contracts)} contracts, {len(families)} families of dated ones"
    dated = [Line(family_words(one), "bullet") for one in families]
    sections = [
        Section("Perpetuals and named contracts", [grid_of(contracts, LIST)]),
        Section("Dated, by calendar", [*dated, Line(DATED, "legend")]),
    ]
    shown = [bool(contracts), bool(families)]
    return Page("Catalog", lead, [s for s, any_ in zip(sections, shown, strict=True) if any_])


DATED = "In a mandate write the day, BTC/USD:BTC-241227, or a rule that rolls, BTC/USD:BTC@quarter."


def size_words(one: Contract) -> str:
    """What one contract stands for. Worked: inverse of 100: "100 USD"."""
    if one.payoff == "inverse":
        return f"{coins(one.multiplier)} {one.quote}"
    if one.payoff == "linear":
        return f"{coins(one.multiplier * one.base_count)} {one.base}"
    return f"{price(one.multiplier)} {one.settle} a {one.quote}"


NEEDS = "figures that no plan can do without; a contracts file gives them: docs/mandate.md"
LIST: Cells[Contract] = (
    (Column("contract", left=True), lambda one: one.key),
    (Column("payoff", left=True, spare=1), lambda one: one.payoff),
    (Column("settles in", left=True, spare=2), lambda one: one.settle),
    (Column("size", "of one contract", left=True), size_words),
    (Column("tick", spare=3), lambda one: given(one.tick, price)),
    (Column("taker fee"), lambda one: given(one.fees.taker, fine_percent)),
    (Column("needs", NEEDS, left=True), lambda one: ", ".join(one.needs)),
)


def family_words(family: Family) -> str:
    """A family and when its contracts expire."""
    calendars = ", ".join(CALENDARS.get(name, name) for name in family.calendars)
    needs = ", ".join(
        f"[family.{key}]" if key == "margin" else key for key in family.template.needs
    )
    lacks = f"; needs {needs}" if needs else ""
    when = f"at {family.clock} {family.place}"
    return f"{family.venue}:{family.symbol}-YYMMDD: {calendars}, {when}{lacks}"


def list_dict(contracts: list[Contract], families: list[Family]) -> dict[str, Any]:
    """What `contracts list`, `find` and `show` print with --json."""
    return {
        "schema": 1,
        "contracts": [
            {
                "key": one.key,
                **asdict(one),
                "max_leverage": None if one.margin is None else one.margin.max_leverage,
                "needs": list(one.needs),
            }
            for one in contracts
        ],
        "families": [
            {
                "venue": one.venue,
                "symbol": one.symbol,
                "calendars": list(one.calendars),
                "clock": one.clock,
                "place": one.place,
                "needs": list(one.template.needs),
            }
            for one in families
        ],
    }


# --- one ------------------------------------------------------------------------------


def contract_page(one: Contract) -> Page:
    """Every figure of a contract, each with the number of its source."""
    found = figures(one)
    used = [one.sources[key] for _, text, key in found if text != UNKNOWN and key in one.sources]
    sources = list(dict.fromkeys(used))
    columns = (Column("figure", left=True), Column("value", left=True), Column("source"))
    rows = [
        (
            name,
            text,
            f"[{sources.index(one.sources[key]) + 1}]" if one.sources.get(key) in sources else "",
        )
        for name, text, key in found
    ]
    kind = "perpetual" if one.expiry_ns is None else "dated"
    lead = f"{one.payoff} {kind}, {one.base} in {one.quote}, settled in {one.settle}"
    numbered = [Line(f"[{n}] {source}", "plain") for n, source in enumerate(sources, 1)]
    shown = [Section("Figures", [Grid(columns, rows)]), *_tiers(one.margin)]
    return Page(one.key, lead, [*shown, *([Section("Sources", numbered)] if numbered else [])])


def figures(one: Contract) -> list[tuple[str, str, str]]:
    """(name, figure in words, key of its source) for each figure there can be."""
    found = [
        ("size of a contract", size_words(one), "multiplier"),
        ("tick", given(one.tick, price), "tick"),
        ("lot", contracts(one.lot), "lot"),
        ("smallest order", given(one.minimum, contracts), "minimum"),
        *_order_figures(one),
        ("maker fee", given(one.fees.maker, fine_percent), "fees.maker"),
        ("taker fee", given(one.fees.taker, fine_percent), "fees.taker"),
        ("delivery fee", given(one.fees.delivery, fine_percent), "fees.delivery"),
        ("liquidation fee", given(one.fees.liquidation, fine_percent), "fees.liquidation"),
        ("maintenance margin", margin_words(one.margin), "margin"),
        ("initial margin", initial_words(one.margin), "margin"),
        ("exists from", given(one.valid_from_ns, moment), "valid_from"),
        ("name at the venue", one.native_symbol or UNKNOWN, "native_symbol"),
    ]
    if one.valid_to_ns is not None:
        found.append(("exists until", given(one.valid_to_ns, moment), "valid_to"))
    if one.expiry_ns is None:
        return [*found, ("funding", funding_words(one), "funding")]
    return [*found, ("expires", given(one.expiry_ns, moment), "expiry")]


def _order_figures(one: Contract) -> list[tuple[str, str, str]]:
    """What bounds an order and a position, as `figures` lists them."""
    orders, unit = one.orders, one.settle if one.payoff != "linear" else one.quote
    exempt = "" if not orders.reduce_only_exempt else ", unless it only reduces"
    up, down = given(orders.price_up, fine_percent), given(orders.price_down, fine_percent)
    band = UNKNOWN if UNKNOWN in (up, down) else f"buy to +{up}, sell to -{down} of the mark"
    value, most = orders.least_value, one.position_most_value
    found = [
        ("least order value", f"{_money(value, one.quote)}{exempt}", "orders.least_value"),
        ("most at market", given(orders.market_most, contracts), "orders.market_most"),
        ("most by limit", given(orders.limit_most, contracts), "orders.limit_most"),
        ("limit prices", band, "orders.price_up"),
        ("largest position", given(one.position_most, contracts), "position_most"),
    ]
    if orders.market_least is not None:
        smallest = given(orders.market_least, contracts)
        found.insert(1, ("least at market", smallest, "orders.market_least"))
    if most is not None:
        found[-1] = ("largest position", f"worth {_money(most, unit)}", "position_most_value")
    return found


def funding_words(one: Contract) -> str:
    """How funding is paid."""
    if one.funding is None:
        return UNKNOWN
    hours = f"a rate for {measured(one.funding.interval_hours, 8, 'hour')}"
    unit = "of the value" if one.funding.rate_unit == "fraction" else f"in {one.quote} a coin"
    how = "all the time" if one.funding.kind == "continuous" else "at fixed times"
    return f"{how}, {hours}, {unit}"


def margin_words(margin: Margin | None) -> str:
    """How maintenance margin is set."""
    if margin is None:
        return UNKNOWN
    if margin.kind == "slope":
        slope = f"{percent(margin.rate_base)} + {fine_percent(margin.rate_slope)} a coin"
        return f"{slope}, on the {margin.base} price"
    unit = "value" if margin.unit == "value" else "number of contracts"
    reach = "" if margin.known_to is None else f"; known up to {coins(margin.known_to)}"
    count = f"{len(margin.tiers)} {'tier' if len(margin.tiers) == 1 else 'tiers'}"
    return f"{count} by {unit}, on the {margin.base} price{reach}"


def initial_words(margin: Margin | None) -> str:
    """What opening a position takes, over its value."""
    if margin is None:
        return UNKNOWN
    if margin.kind == "slope":
        if margin.initial_rate is None:
            return UNKNOWN
        return f"{percent(margin.initial_rate)} + {fine_percent(margin.initial_slope)} a coin"
    rates = [tier.initial for tier in margin.tiers if tier.initial is not None]
    if not rates:
        return UNKNOWN
    spread = (
        f"{percent(min(rates))} to {percent(max(rates))}" if len(rates) > 1 else percent(rates[0])
    )
    return f"{spread} of all of it, by its tier"


TIERS: Cells[Tier] = (
    (Column("from"), lambda tier: coins(tier.floor)),
    (Column("maintenance"), lambda tier: percent(tier.maintenance_rate)),
    (Column("initial"), lambda tier: given(tier.initial, percent)),
    (Column("leverage to"), lambda tier: given(tier.max_leverage, lambda most: f"{price(most)}x")),
)


def _tiers(margin: Margin | None) -> list[Section]:
    if margin is None or not margin.tiers:
        return []
    return [Section("Tiers", [grid_of(margin.tiers, TIERS)])]


def _money(figure: float | None, unit: str) -> str:
    return given(figure, lambda money: f"{coins(money)} {unit}")
