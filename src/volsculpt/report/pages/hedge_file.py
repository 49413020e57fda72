"""A hedge file in words and as JSON."""

import json
from pathlib import Path
from typing import Any

from volsculpt.ledger.export import write_rows
from volsculpt.report.document import Cells, Column, Line, Page, Section, grid_of
from volsculpt.report.rows.hedge_file import Designation, FittedShare, HedgeFile, QuarterRow
from volsculpt.text import NONE, given, moment, percent
from volsculpt.units import iso

QUARTER_HEAD = (
    *("coin", "quarter", "decisions", "days", "target", "held", "held_low", "held_high"),
    *("effectiveness", "effectiveness_low", "effectiveness_high"),
    *("risk_taken", "risk_taken_low", "risk_taken_high"),
)
QUARTERS: Cells[QuarterRow] = (
    (Column("coin", left=True), lambda one: one.coin),
    (Column("quarter", left=True), lambda one: one.quarter),
    (Column("days", "with a return from the day before", spare=2), lambda one: str(one.days)),
    (Column("target"), lambda one: given(one.target, percent, NONE)),
    (Column("held"), lambda one: given(one.held, percent, NONE)),
    (
        Column("effective", "share of the risk of what was hedged that contracts took away"),
        lambda one: given(one.effectiveness.share, percent, NONE),
    ),
    (
        Column("range", "90 %, by bootstrap; from 30 days on", of="effective"),
        lambda one: _range(one.effectiveness),
    ),
)
WHOLE: Cells[QuarterRow] = (
    (Column("coin", left=True), lambda one: one.coin),
    (Column("quarter", left=True), lambda one: one.quarter),
    (Column("lowest", "ratio held on a day"), lambda one: given(one.held_low, percent, NONE)),
    (Column("highest", "likewise"), lambda one: given(one.held_high, percent, NONE)),
    (
        Column("taken", "share of the risk of all that was owned that contracts took away"),
        lambda one: given(one.risk_taken.share, percent, NONE),
    ),
    (
        Column("range", "90 %, by bootstrap; from 30 days on", of="taken"),
        lambda one: _range(one.risk_taken),
    ),
)


def hedge_file_page(found: HedgeFile) -> Page:
    """Designations, then how well each quarter worked."""
    lines = [line for one in found.designations for line in _designation(one)]
    end = Line(f"event {found.head_seq:,} is the last; its hash: {found.head_hash}")
    sections = [
        Section("Designated", [*lines, end]),
        Section("By quarter", [grid_of(found.quarters, QUARTERS)]),
        Section("Of all that was owned", [grid_of(found.quarters, WHOLE)]),
    ]
    span = "all of it" if found.year is None else str(found.year)
    return Page(f"Hedge file of {Path(found.ledger).name}, {span}", "times in UTC", sections)


def _designation(one: Designation) -> list[Line]:
    """What was hedged by what, and where that is written."""
    figures = ", ".join(f"{name} {json.dumps(value)}" for name, value in one.figures.items())
    bracketed = f" ({figures})" if figures else ""
    by = ", ".join(one.contracts) or "contracts of other coins"
    return [
        Line(f"{one.coin} from {moment(one.from_ns)}: price risk in US dollars", "head"),
        Line(f"hedged with {by}; the ratio by the policy {one.policy}{bracketed}", "bullet"),
        Line(f"written in event {one.seq}, hash {one.hash}", "bullet"),
    ]


def _range(one: FittedShare) -> str:
    low, high = one.range.low, one.range.high
    return NONE if low is None or high is None else f"{percent(low)} to {percent(high)}"


def hedge_file_dict(found: HedgeFile) -> dict[str, Any]:
    """What `ledger hedge-file --json` prints."""
    return {
        "schema": 1,
        "ledger": found.ledger,
        "year": found.year,
        "last_seq": found.head_seq,
        "head": found.head_hash,
        "designations": [
            {
                "coin": one.coin,
                "from": iso(one.from_ns),
                "seq": one.seq,
                "hash": one.hash,
                "policy": one.policy,
                "figures": one.figures,
                "contracts": list(one.contracts),
            }
            for one in found.designations
        ],
        "quarters": [_quarter(one) for one in found.quarters],
    }


def write_quarters(found: HedgeFile, out: Path) -> int:
    """Write the quarters as CSV, named as in JSON, empty where a figure is not known; how many."""
    rows = [_quarter(one) for one in found.quarters]
    cells = (["" if cell is None else cell for cell in row.values()] for row in rows)
    return write_rows(QUARTER_HEAD, cells, out)


def _quarter(one: QuarterRow) -> dict[str, Any]:
    """A quarter of one coin."""
    return {
        "coin": one.coin,
        "quarter": one.quarter,
        "decisions": one.decisions,
        "days": one.days,
        "target": one.target,
        "held": one.held,
        "held_low": one.held_low,
        "held_high": one.held_high,
        "effectiveness": one.effectiveness.share,
        "effectiveness_low": one.effectiveness.range.low,
        "effectiveness_high": one.effectiveness.range.high,
        "risk_taken": one.risk_taken.share,
        "risk_taken_low": one.risk_taken.range.low,
        "risk_taken_high": one.risk_taken.range.high,
    }
