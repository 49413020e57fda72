"""All that the catalog has on one coin, venue beside venue, and what cannot be planned and why."""

from volsculpt.contracts.catalog_build import Family
from volsculpt.contracts.spec import Contract
from volsculpt.report.document import Cells, Column, Line, Page, Section, grid_of
from volsculpt.report.pages.contracts import DATED, family_words, size_words
from volsculpt.text import UNKNOWN, coins, fine_percent, given, price, significant

LACKS = {
    "margin": "maintenance margin, so that no liquidation can be computed: give [contract.margin]",
    "fees.taker": "the taker fee: give fees = { taker = ... }",
}
REMEDY = (
    "The catalog has no source for it. Look it up at the venue and give it in a contracts file: "
    "docs/mandate.md, Contracts of your own."
)


def found_page(
    coin: str, contracts: list[Contract], families: list[Family], without: list[str]
) -> Page:
    """Every contract on a coin.

    Args: coin: its name; contracts: those on it; families: its dated ones; without: venues that
    have none.
    """
    planned = sum(not one.needs for one in contracts)
    number = f"{len(contracts)} {'contract' if len(contracts) == 1 else 'contracts'}"
    dated = [Line(family_words(one), "bullet") for one in families]
    lacking = _lacking(contracts)
    absent = [Line(f"None in the catalog: {', '.join(without)}.", "plain")] if without else []
    sections = [
        (contracts, Section("What they are", [grid_of(contracts, SIZES)])),
        (contracts, Section("What they cost", [grid_of(contracts, COSTS)])),
        (families, Section("Dated, by calendar", [*dated, Line(DATED, "legend")])),
        (lacking, Section("What no plan can size", [*lacking, Line(REMEDY, "legend")])),
        (absent, Section("Elsewhere", [*absent])),
    ]
    lead = f"{number}, {planned} can be planned"
    return Page(coin, lead, [section for rows, section in sections if rows])


def _lacking(contracts: list[Contract]) -> list[Line]:
    """What is lacking, of which contracts, and the key that a contracts file gives."""
    lines = []
    for key, why in LACKS.items():
        names = ", ".join(one.key for one in contracts if key in one.needs)
        lines += [Line(f"{names}: unknown is {why}", "bullet")] if names else []
    return lines


def least_words(one: Contract) -> str:
    """The least order. Worked: 0.001 contracts worth 100 USDT: "0.001, 100 USDT"."""
    value = one.orders.least_value
    least = [significant(one.least_contracts, 12, 12)] if _knows_least(one) else []
    least += [] if value is None else [f"{coins(value)} {one.quote}"]
    return ", ".join(least) or UNKNOWN


def _knows_least(one: Contract) -> bool:
    return one.minimum is not None or one.orders.market_least is not None


def fee_words(one: Contract) -> str:
    """Maker and taker fee. Worked: "0.02 % / 0.05 %"."""
    return f"{given(one.fees.maker, fine_percent)} / {given(one.fees.taker, fine_percent)}"


def leverage_words(one: Contract) -> str:
    """The highest leverage, of the smallest positions. Worked: "100x"."""
    most = None if one.margin is None else one.margin.max_leverage
    return given(most, lambda times: f"{price(times)}x")


def hours_words(one: Contract) -> str:
    """The hours a funding rate is for. Worked: "8 h"; a dated contract pays none."""
    if one.funding is None:
        return UNKNOWN if one.expiry_ns is None else "none"
    return f"{coins(one.funding.interval_hours)} h"


SIZES: Cells[Contract] = (
    (Column("contract", left=True), lambda one: one.key),
    (Column("kind", left=True), lambda one: one.payoff),
    (Column("name there", left=True, spare=1), lambda one: one.native_symbol or UNKNOWN),
    (Column("size", "of one contract", left=True), size_words),
    (Column("tick", "price step"), lambda one: given(one.tick, price)),
    (Column("lot", "step of an order, contracts"), lambda one: significant(one.lot, 12, 12)),
)
COSTS: Cells[Contract] = (
    (Column("contract", left=True), lambda one: one.key),
    (Column("maker / taker"), fee_words),
    (Column("funding", "hours a rate is for"), hours_words),
    (Column("leverage to"), leverage_words),
    (Column("least order", "contracts, and their value", left=True), least_words),
)
