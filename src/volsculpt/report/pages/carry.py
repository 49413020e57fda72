"""What selling a coin by each contract earns, in words, and as one object."""

import math
from dataclasses import asdict
from typing import Any

from volsculpt.hedge.carry.contract_carry import ContractCarry
from volsculpt.hedge.carry.survey import CarrySurvey
from volsculpt.report.document import Cells, Column, Line, Page, Section, grid_of
from volsculpt.text import (
    NONE,
    amount,
    days_words,
    fine_percent,
    given,
    moment,
    percent,
    price,
    signed_percent,
    signed_usd,
    trimmed,
)
from volsculpt.units import DAYS_PER_YEAR, iso


def carry_page(found: CarrySurvey, root: str) -> Page:
    """The best in one sentence, the table, what is not known and why, and how it is counted."""
    unknown = [one for one in found.rows if one.why]
    sections = [
        Section("The best", [Line(text, kind) for text, kind in best_words(found)]),
        Section("Contracts", [grid_of(found.rows, table(found))] if found.rows else []),
        Section(
            "Funding that was paid", [grid_of(funded(found), FUNDING)] if funded(found) else []
        ),
        Section(
            "What is not known",
            [Line(f"{one.contract.key}: {'; '.join(one.why)}", "bullet") for one in unknown]
            + [Line(f"{key}: {FOREIGN}", "bullet") for key in found.foreign],
        ),
        Section("How it is counted", [Line(text, "bullet") for text in counted_words(found)]),
        Section("Notes", [Line(text, "bullet") for text in found.notes]),
    ]
    lead = f"{found.coin} at {moment(found.time_ns)}, {price(found.index_usd)} USD, from {root}"
    return Page("Carry", lead, [one for one in sections if one.items])


FOREIGN = "is stored and the catalog does not know it, so its fees and margin are unknown"


def best_words(found: CarrySurvey) -> list[tuple[str, Any]]:
    """What the best earns, or that nothing is known to earn anything."""
    best = next((one for one in found.rows if one.net_annual is not None), None)
    if best is None or best.net is None or best.net_annual is None or best.costs is None:
        return [("no contract has all that is needed to tell what it earns", "warning")]
    sold = found.terms.coins * found.index_usd
    what = "sells it forward" if best.is_delivered else "is expected to earn"
    words = (
        f"{amount(found.terms.coins, found.coin)} sold by {best.contract.key} for "
        f"{days_words(best.days)} {what} {signed_percent(best.net_annual)} a year after all costs: "
        f"{signed_usd(best.net * sold)} USD"
    )
    lines: list[tuple[str, Any]] = [(words, "good" if best.net > 0.0 else "warning")]
    if best.below_zero is not None and not best.is_delivered:
        share = percent(round(best.below_zero, 3))
        lines.append((f"over past stretches as long it ended below zero in {share}", "detail"))
    if best.net <= 0.0:
        lines.append(("no contract is expected to pay what it costs", "detail"))
    return lines


def table(found: CarrySurvey) -> Cells[ContractCarry]:
    """The columns of the table."""
    sold = found.terms.coins * found.index_usd
    return (
        (Column("contract", left=True), lambda one: one.contract.key),
        (
            Column("net/year", "expected less all costs, simple, a year"),
            lambda one: given(one.net_annual, _rate, NONE),
        ),
        (
            Column("USD", "likewise over the days that it is held", spare=3),
            lambda one: given(None if one.net is None else one.net * sold, signed_usd, NONE),
        ),
        (
            Column("off by", "standard deviation of what is expected, a year", spare=5),
            lambda one: given(_annual(one.error, one.days), _rate, NONE),
        ),
        (
            Column("costs", "to enter and leave, and what margin would earn elsewhere", spare=2),
            lambda one: given(None if one.costs is None else one.costs.total, fine_percent, NONE),
        ),
        (
            Column("pays in", "days until costs are paid", spare=4),
            lambda one: given(one.pay_days, lambda days: f"{trimmed(days, 1)} d", NONE),
        ),
        (
            Column("below 0", "share of past stretches that ended below zero", spare=4),
            lambda one: given(one.below_zero, lambda share: percent(round(share, 3)), NONE),
        ),
        (
            Column("premium", "price over that of the coin", spare=1),
            lambda one: _rate(one.premium),
        ),
        (
            Column("a year", "the premium, simple", spare=1, of="premium"),
            lambda one: given(one.premium_annual, _rate, NONE),
        ),
        (
            Column("days left", spare=3),
            lambda one: given(one.days_left, lambda days: trimmed(days, 0), NONE),
        ),
    )


def funded(found: CarrySurvey) -> list[ContractCarry]:
    """The contracts whose past funding is known."""
    return [one for one in found.rows if one.past]


def _past(one: ContractCarry, days: int) -> str:
    """The mean of the last days."""
    span = next((span for span in one.past if span.days == days), None)
    return NONE if span is None else _rate(span.mean)


def _longest(one: ContractCarry, what: str) -> str:
    """A figure of the longest span."""
    return signed_percent(round(getattr(one.past[-1], what), 4))


FUNDING: Cells[ContractCarry] = (
    (Column("contract", left=True), lambda one: one.contract.key),
    (
        Column("now/year", "the newest rate, + is paid to shorts"),
        lambda one: given(one.funding_annual, lambda rate: _rate(rate), NONE),
    ),
    (Column("7 d", "mean of the last days"), lambda one: _past(one, 7)),
    (Column("30 d"), lambda one: _past(one, 30)),
    (Column("90 d"), lambda one: _past(one, 90)),
    (Column("least day", "of the longest of them", spare=2), lambda one: _longest(one, "low")),
    (Column("most", spare=2), lambda one: _longest(one, "high")),
    (
        Column("days below 0", "share on which shorts paid", spare=1),
        lambda one: percent(round(one.past[-1].negative, 3)),
    ),
)


def _rate(ratio: float) -> str:
    """A rate to the hundredth of a percent, with its sign."""
    return signed_percent(round(ratio, 4))


def _annual(figure: float | None, days: float) -> float | None:
    """A figure of some days, a year."""
    return None if figure is None else figure * DAYS_PER_YEAR / days


def counted_words(found: CarrySurvey) -> list[str]:
    """What the figures rest on."""
    terms = found.terms
    spread = fine_percent(2.0 * terms.half_spread)
    slipped = f", and {fine_percent(terms.slippage)} of slippage" if terms.slippage else ""
    elsewhere = (
        f"; margin would earn {percent(terms.cash_rate)} a year elsewhere"
        if terms.cash_rate
        else "; what margin could earn elsewhere is not counted (--cash-rate)"
    )
    return [
        (
            f"{amount(terms.coins, found.coin)} owned and sold; held for "
            f"{days_words(terms.days)}, a dated contract to its delivery where that is sooner"
        ),
        f"each trade pays the taker fee and half a spread of {spread}{slipped}{elsewhere}",
        (
            "funding to come is the mean of the last 30 days, drawn to that of the long run as far "
            "as the contract's own past had it; the newest rate times the payments of a year would "
            "take a moment for a year"
        ),
        (
            "a premium that is left before delivery is taken to melt evenly; that of a perpetual "
            "is not counted, for there is no day on which it must be gone"
        ),
    ]


def carry_dict(found: CarrySurvey) -> dict[str, Any]:
    """One coin of what `carry --json` prints."""
    return {
        "coin": found.coin,
        "as_of": iso(found.time_ns),
        "index_usd": found.index_usd,
        "days": found.terms.days,
        "size_coin": found.terms.coins,
        "half_spread": found.terms.half_spread,
        "slippage": found.terms.slippage,
        "cash_rate": found.terms.cash_rate,
        "contracts": [contract_dict(one, found) for one in found.rows],
        "unknown_to_catalog": list(found.foreign),
        "notes": list(found.notes),
    }


def contract_dict(one: ContractCarry, found: CarrySurvey) -> dict[str, Any]:
    """One contract."""
    sold = found.terms.coins * found.index_usd
    return {
        "contract": one.contract.key,
        "price": one.prices.mark,
        "premium_ratio": one.premium,
        "premium_annual": one.premium_annual,
        "premium_annual_continuous": one.premium_continuous,
        "days_left": one.days_left,
        "funding_annual": one.funding_annual,
        "past_funding": [asdict(span) for span in one.past],
        "days_held": one.days,
        "is_delivered": one.is_delivered,
        "expected_ratio": one.expected,
        "error_ratio": one.error,
        "enter_ratio": None if one.costs is None else one.costs.enter,
        "leave_ratio": None if one.costs is None else one.costs.leave,
        "margin_ratio": None if one.costs is None else one.costs.margin,
        "net_ratio": one.net,
        "net_annual": one.net_annual,
        "net_usd": None if one.net is None else one.net * sold,
        "net_coin": None if one.net is None else one.net * found.terms.coins,
        "pay_days": one.pay_days if one.pay_days is None or math.isfinite(one.pay_days) else None,
        "below_zero_ratio": one.below_zero,
        "why": list(one.why),
    }
