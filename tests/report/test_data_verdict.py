"""A check of histories in fifteen lines: well or not, and the worst of each kind."""

from typing import cast, get_args

from hypothesis import given
from hypothesis import strategies as st

from volsculpt.market.quality import Checked, Finding, QualityCheck
from volsculpt.report.pages.data_verdict import MORE, WELL, check_verdict, in_order
from volsculpt.report.pages.shortened import MOST_LINES
from volsculpt.report.render.terminal import rendered
from volsculpt.units import DAY_NS, HOUR_NS

START_NS = 19_700 * DAY_NS


def finding(check: str, worst: float = 1.0, text: str = "as it is") -> Finding:
    """One thing that was found, four hours long."""
    at = (START_NS, START_NS + 4 * HOUR_NS)
    return Finding(cast(QualityCheck, check), "series", *at, 4, worst, text)


def series(name: str, *findings: Finding, rows: int = 100) -> Checked:
    """A series of ten days."""
    return Checked(name, rows, START_NS, START_NS + 10 * DAY_NS, findings)


def shown(*found: Checked, width: int = 400) -> list[str]:
    """The lines of a verdict."""
    return rendered(check_verdict(found, "data"), width).rstrip("\n").split("\n")


def test_a_store_without_findings_is_well() -> None:
    """With what was looked at."""
    assert shown(series("A"), series("B", rows=2_000)) == [
        "Data check, 2 series in data; times in UTC",
        "",
        "2,100 rows from 2023-12-09 to 2023-12-19.",
        WELL,
        MORE,
    ]


def test_what_was_found_is_counted_and_the_worst_of_each_kind_told() -> None:
    """The fullest series first, one of each before a second of any; the others are counted."""
    told = shown(
        series("A", finding("jump", 9.0, "moved")),
        series("B", finding("gap", 1.0, "small"), finding("gap", 8.0, "large"), finding("stale")),
        series("C"),
    )
    assert told[3] == "! Something was found in 2 of 3 series: 2 x gap, 1 x jump, 1 x stale."
    when = "2023-12-09 00:00 UTC, 4 h,"
    assert told[4:8] == [
        f"- B: {when} gap: large",
        f"- A: {when} jump: moved",
        f"- B: {when} stale: as it is",
        "and 1 more: --full",
    ]


@given(
    st.lists(
        st.builds(
            lambda name, found: series(name, *found),
            st.text("abc/:-", min_size=1, max_size=120),
            st.lists(
                st.builds(
                    finding,
                    st.sampled_from(get_args(QualityCheck)),
                    st.floats(-9, 9),
                    st.text("abc ", max_size=300),
                ),
                max_size=30,
            ),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_it_takes_no_more_than_a_screen(found: list[Checked]) -> None:
    """Whatever was found; none of it is lost in silence."""
    told = shown(*found, width=80)
    assert len(told) <= MOST_LINES
    assert told[-1] == MORE
    count = sum(len(one.findings) for one in found)
    assert (WELL in told) == (count == 0)
    listed = sum(line.startswith("- ") for line in told)
    assert listed == count or f"and {count - listed:,} more: --full" in told
    assert len(in_order(found)) == sum(len({f.check for f in one.findings}) for one in found)
