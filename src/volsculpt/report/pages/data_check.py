"""What a check of stored histories found: a table of all series, then each finding."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from volsculpt.market.quality import Checked, Finding, QualityCheck
from volsculpt.report.charts.history import FINDINGS
from volsculpt.report.document import Cells, Column, Grid, Line, Page, Section, grid_of
from volsculpt.text import moment, significant, trimmed
from volsculpt.units import HOUR_NS, iso

MOST_FINDINGS = 10  # findings of one series and one check that are printed
SUMMARY: Cells[Checked] = (
    (Column("series", left=True), lambda one: one.name),
    (Column("rows", spare=1), lambda one: trimmed(one.rows, 0)),
    (Column("gaps", "rows that are missing"), lambda one: _found(one, "gap", "missing")),
    (Column("outliers", "jumps and spikes"), lambda one: _found(one, "jump", "spike")),
    (
        Column("stale", "rows whose price stood still, or without volume"),
        lambda one: _found(one, "stale", "no_volume"),
    ),
    (
        Column("other", "rows far from the index, changed intervals, rates that look like percent"),
        lambda one: _found(one, "divergence", "interval", "percent"),
    ),
)


def check_page(found: Sequence[Checked], root: str) -> Page:
    """How much was found in each series, then what, worst first where there is much."""
    clean = all(not one.findings for one in found)
    summary: list[Line | Grid] = [grid_of(found, SUMMARY)]
    if clean:
        summary.append(Line("Nothing was found.", "good"))
    lines = [line for one in found if one.findings for line in finding_lines(one)]
    sections = [Section("Summary", summary), *([Section("Findings", lines)] if lines else [])]
    return Page("Data check", check_lead(found, root), sections)


def check_lead(found: Sequence[Checked], root: str) -> str:
    """What was checked."""
    return f"{len(found)} series in {root}; times in UTC"


def _found(one: Checked, *checks: QualityCheck) -> str:
    """How many rows some checks found."""
    return trimmed(sum(map(one.count, checks)), 0)


def finding_lines(checked: Checked) -> list[Line]:
    """The series, then a line for each finding: the worst of each check, in order of time."""
    counted = Counter(one.check for one in checked.findings)
    kept = [finding for check in counted for finding in worst(checked, check)]
    lines = [Line(checked.name, "head")]
    lines += [
        Line(finding_words(one), "bullet")
        for one in sorted(kept, key=lambda one: (one.from_ns, one.check))
    ]
    hidden = {
        check: number - MOST_FINDINGS for check, number in counted.items() if number > MOST_FINDINGS
    }
    if hidden:
        more = ", ".join(f"{number} x {FINDINGS[check][0]}" for check, number in hidden.items())
        lines.append(Line(f"and lesser ones, all listed by --json: {more}", "legend"))
    return lines


def finding_words(one: Finding) -> str:
    """Worked: "2024-05-17 20:00 UTC, 4 h, gap: 4 bar(s) of 1h missing"."""
    return f"{_when(one)} {FINDINGS[one.check][0]}: {one.text}"


def worst(checked: Checked, check: QualityCheck) -> list[Finding]:
    """The findings of one check with the largest figures."""
    found = [one for one in checked.findings if one.check == check]
    return sorted(found, key=lambda one: -abs(one.worst))[:MOST_FINDINGS]


def _when(one: Finding) -> str:
    """When it begins, and how long it lasts where it lasts."""
    start = moment(one.from_ns)
    length = one.to_ns - one.from_ns
    return f"{start}, {significant(length / HOUR_NS, 3, 2)} h," if length > HOUR_NS else f"{start}"


def check_dict(found: Sequence[Checked], root: str) -> dict[str, Any]:
    """What `data check --json` prints."""
    return {
        "schema": 1,
        "root": root,
        "series": [
            {
                "name": one.name,
                "rows": one.rows,
                "from": iso(one.from_ns),
                "to": iso(one.to_ns),
                "findings": [
                    {
                        "check": finding.check,
                        "from": iso(finding.from_ns),
                        "to": iso(finding.to_ns),
                        "count": finding.count,
                        "worst": finding.worst,
                        "text": finding.text,
                    }
                    for finding in one.findings
                ],
            }
            for one in found
        ],
    }
