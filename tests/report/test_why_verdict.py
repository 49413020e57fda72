"""Why a desk decided so, in fifteen lines: what is wrong, what was asked, what came of it."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trade.desks import TEXT, Bench, run, small
from volsculpt.errors import LedgerError
from volsculpt.ledger.books import Books
from volsculpt.report.pages import why_verdict as pages
from volsculpt.report.pages.desk import why_page
from volsculpt.report.pages.desk_verdict import WELL
from volsculpt.report.pages.shortened import MOST_LINES
from volsculpt.report.render.terminal import rendered
from volsculpt.trade.control.operate import operate

SINCE = "2024-05-20T08:00:00Z"
TEXTS = st.text("abc 19%", min_size=1, max_size=200)
HEDGES = st.builds(
    lambda coin, reasons: {
        "underlying": coin,
        "held_ratio": 0.5,
        "target_ratio": 0.6,
        "reasons": reasons,
    },
    st.text("ABC", min_size=1, max_size=8),
    st.lists(TEXTS, max_size=6),
)
DECISIONS = st.lists(
    st.lists(HEDGES, min_size=1, max_size=12).map(lambda one: {"time": SINCE, "hedges": one}),
    min_size=1,
    max_size=5,
)


def test_the_reasons_that_counted_and_the_last_of_them() -> None:
    """All where there is room; of more decisions than fit the newest, and how many before."""

    async def work(bench: Bench) -> None:
        with pytest.raises(LedgerError, match="nothing has been decided yet"):
            pages.why_verdict(bench.ledger, 1)
        await bench.desk.start()
        await bench.hours(9)
        one = rendered(pages.why_verdict(bench.ledger, 1), 80)
        assert one.splitlines()[:3] == ["Why, last decision", "", WELL]
        whole = rendered(why_page(bench.ledger, 1), 80).splitlines()
        assert [line for line in whole if line.startswith("- ")] == [
            line for line in one.splitlines() if line.startswith("- ")
        ]
        assert one.splitlines()[-1] == pages.STATUS
        nine = rendered(pages.why_verdict(bench.ledger, 9), 80).splitlines()
        assert len(nine) <= MOST_LINES
        assert nine[-1].startswith("all reasons, ")
        assert nine[-1].endswith(" decisions more: --full")
        assert any("is the target" in line for line in nine)
        await operate(bench.desk, "pause", {}, "me")
        await bench.hours(1)
        told = rendered(pages.why_verdict(bench.ledger, 1), 80).splitlines()
        assert told[2].startswith("alert 1, info, since ")

    run(work, mandate=small(TEXT))


@pytest.mark.parametrize(
    ("share", "kept"),
    [(1, ["off"]), (2, ["asked", "off"]), (3, ["asked", "by hand", "off"]), (9, None)],
)
def test_what_was_asked_and_what_came_of_it_are_kept(share: int, kept: list[str] | None) -> None:
    """What came of it in any case, then from the first on what fits."""
    reasons = ["asked", "by hand", "keeps " * 20, "off"]
    found = pages._reasons({"reasons": reasons}, share)
    assert found == (reasons if kept is None else kept)
    assert pages._reasons({"reasons": []}, share) == []


@given(DECISIONS, st.lists(TEXTS, max_size=4), st.builds(Books, paused=st.booleans()))
def test_it_takes_no_more_than_a_screen(
    decisions: list[Any], troubles: list[str], books: Books
) -> None:
    """However many coins, reasons and troubles; the newest decision is there, and where to read."""
    alerts = [
        {"key": str(n), "number": n, "level": "warning", "text": text, "since": SINCE}
        | {"acknowledged": None}
        for n, text in enumerate(troubles)
    ]
    state = {"urgent": [], "alerts": alerts, "stopped": []}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "decisions_of", lambda *_: decisions)
        patch.setattr(pages, "open_troubles", lambda *_: state)
        told = (
            rendered(pages.why_verdict(SimpleNamespace(books=books), 5), 80)
            .rstrip("\n")
            .split("\n")
        )  # type: ignore[arg-type]
    assert len(told) <= MOST_LINES
    assert "2024-05-20 08:00 UTC" in told
    assert told[-1] == pages.STATUS or told[-1].endswith(": --full")
    hidden = len(decisions) - told.count("2024-05-20 08:00 UTC")
    assert hidden == 0 or f"{hidden} decision" in told[-1]
    coins = len(decisions[-1]["hedges"]) - sum(" 50 % of 60 %" in line for line in told)
    assert len(decisions) > 1 or coins == 0 or f"{coins} coin" in told[-1]
