"""A check of histories in fifteen lines: whether all is well, else the worst of each kind."""

from collections import Counter
from collections.abc import Sequence

from volsculpt.market.quality import Checked, Finding
from volsculpt.report.charts.history import FINDINGS
from volsculpt.report.document import Line, Page, Section
from volsculpt.report.pages.data_check import check_lead, finding_words, worst
from volsculpt.report.pages.shortened import MOST_LINES, height, shortened
from volsculpt.text import day

TITLE = "Data check"
END = 3  # a blank line below the title, how many more there are, where to read on
LINES_EACH = 2  # of one finding
WELL = "All is well: nothing was found."
MORE = "all tables: --full; a picture: --figure FILE; every figure: --json"


def check_verdict(found: Sequence[Checked], root: str) -> Page:
    """The page of one screen; `pages.data_check.check_page` is the whole one."""
    span = Line(span_words(found))
    hurt = [one for one in found if one.findings]
    lines = [span, Line(answer(found), "warning" if hurt else "good")]
    lead = check_lead(found, root)
    above = height(f"{TITLE}, {lead}") + sum(height(line.text) for line in lines)
    lines += finding_lines(hurt, MOST_LINES - END - above)
    return Page(TITLE, lead, [Section("", [*lines, Line(MORE, "legend")])])


def answer(found: Sequence[Checked]) -> str:
    """Whether all is well, in a sentence."""
    return hurt_words(found) if any(one.findings for one in found) else WELL


def span_words(found: Sequence[Checked]) -> str:
    """How many rows there are, and from when to when."""
    rows = sum(one.rows for one in found)
    begin, end = min(one.from_ns for one in found), max(one.to_ns for one in found)
    return f"{rows:,} rows from {day(begin)} to {day(end)}."


def hurt_words(found: Sequence[Checked]) -> str:
    """In how many series something was found, and what, the most frequent first."""
    counts = Counter(one.check for series in found for one in series.findings)
    named = ", ".join(f"{count:,} x {FINDINGS[check][0]}" for check, count in counts.most_common())
    hurt = sum(bool(one.findings) for one in found)
    return shortened(f"Something was found in {hurt} of {len(found)} series: {named}.", LINES_EACH)


def finding_lines(hurt: Sequence[Checked], room: int) -> list[Line]:
    """The worst of each kind while they fit, of the series with most first; how many more."""
    lines, left = list[Line](), room
    for name, one in in_order(hurt):
        text = shortened(f"{name}: {finding_words(one)}", LINES_EACH)
        if height(text) > left:
            break
        left -= height(text)
        lines.append(Line(text, "bullet"))
    more = sum(len(one.findings) for one in hurt) - len(lines)
    return [*lines, Line(f"and {more:,} more: --full")] if more else lines


def in_order(hurt: Sequence[Checked]) -> list[tuple[str, Finding]]:
    """(series, the worst finding of a kind): one of each series before a second of any."""
    fullest = sorted(hurt, key=lambda one: -len(one.findings))
    ranked = [
        (rank, place, worst(series, check)[0])
        for place, series in enumerate(fullest)
        for rank, (check, _) in enumerate(
            Counter(one.check for one in series.findings).most_common()
        )
    ]
    return [(fullest[place].name, one) for _, place, one in sorted(ranked, key=lambda row: row[:2])]
