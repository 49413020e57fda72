"""Plans of very many accounts: what is shown of them, and that they take no time in the square."""

import dataclasses
import sys
from collections import Counter

import pytest

from benchmarks.plan import mandate_text, planned
from tests.report import plans
from volsculpt.mandate.load import parse_mandate
from volsculpt.report.document import MOST_SHOWN, Grid, Line, Page
from volsculpt.report.pages.ahead import MOST_ORDERS, change_line
from volsculpt.report.pages.plan import content
from volsculpt.report.rows.plan import Liquidation
from volsculpt.watch.coins import MOST_NAMED, who_has
from volsculpt.watch.next_change import NextChangeRow, NextOrder
from volsculpt.watch.step_words import bring_to


def texts(page: Page, title: str) -> list[str]:
    """The lines of a section."""
    (section,) = [one for one in page.sections if one.title == title]
    return [item.text for item in section.items if isinstance(item, Line)]


def grid(page: Page, title: str) -> Grid:
    """The table of a section."""
    (section,) = [one for one in page.sections if one.title == title]
    return next(item for item in section.items if isinstance(item, Grid))


def test_of_very_many_orders_the_first_are_shown_and_how_many_follow() -> None:
    """--json has all of them, as of dangers, warnings, notes and reasons."""
    (order,) = plans.treasury().orders
    plan = plans.treasury(orders=[order] * (MOST_SHOWN + 10))
    told = texts(content(plan), "What to do")
    assert sum("SELL" in line for line in told) == MOST_SHOWN
    assert "and 10 more orders; --json prints all" in told
    assert len(plan.as_dict()["orders"]) == MOST_SHOWN + 10


@pytest.mark.parametrize(("field", "title"), [("warnings", "Warnings"), ("notes", "Notes")])
def test_of_very_many_warnings_and_notes_the_first_are_shown(field: str, title: str) -> None:
    """As many as fit are all there, with no line of how many follow."""
    whole = [f"thing {n}" for n in range(MOST_SHOWN)]
    assert texts(content(plans.treasury(**{field: whole})), title) == whole
    more = content(plans.treasury(**{field: [*whole, "one", "two"]}))
    assert texts(more, title) == [*whole, f"and 2 more {field}; --json prints all"]


def test_of_very_many_margin_groups_those_nearest_to_their_end_are_shown() -> None:
    """In their own order, each with all its stages; the rest is counted."""
    rows = [
        dataclasses.replace(row, account=f"a{n}", liquidation_distance=0.01 * (200 - n))
        for n in range(200)
        for row in plans.treasury().margin[:2]
    ]
    page = content(plans.treasury(margin=rows, then=None))
    shown = list(dict.fromkeys(row[0] for row in grid(page, "Margin and liquidation").rows))
    assert shown == [f"a{n} BTC" for n in range(200 - MOST_SHOWN, 200)]
    assert "and 150 more groups, all farther away; --json prints all" in texts(
        page, "Margin and liquidation"
    )


def test_a_row_of_scenarios_that_closes_very_many_groups_counts_them() -> None:
    """Hundreds of footnotes in a cell are none."""
    plan = plans.treasury()
    closed = [Liquidation(f"a{n}", "BTC", 80_000.0) for n in range(200)]
    rows = [dataclasses.replace(row, liquidated=closed) for row in plan.scenarios]
    page = content(plans.treasury(scenarios=rows, then=None))
    title = "Wealth in USD if all coins move together"
    assert {row[-1] for row in grid(page, title).rows} == {"200 groups"}
    assert texts(page, title)[-1] == "and 150 more groups; --json prints all"


def test_of_very_many_accounts_that_have_coins_the_largest_are_named() -> None:
    """Few are named in their order, as they stand in the mandate."""
    few = {"a": 1.0, "b": 3.0}
    assert who_has(few, "BTC") == "a has 1 BTC, b has 3 BTC"
    many = {f"a{n}": float(n) for n in range(1, 1_001)}
    told = ", ".join(f"a{1_000 - n} has {1_000 - n:,} BTC" for n in range(MOST_NAMED))
    assert who_has(many, "BTC") == f"{told} and 995 more accounts"
    assert bring_to("futures", 9.0, "BTC", many, 0.0) == (
        f"MOVE 9 BTC TO futures ({told} and 995 more accounts)"
    )


def test_of_very_many_orders_ahead_the_largest_are_told() -> None:
    """A change that trades everywhere is a line, not a page."""
    orders = tuple(NextOrder(f"a{n}", "BTC/USD:BTC", -1.0) for n in range(100))
    row = NextChangeRow("BTC", "above", 70_000.0, 0.1, "a0", "BTC/USD:BTC", -1.0, orders=orders)
    told = change_line(row)
    assert told.count("sell 1 contract") == MOST_ORDERS
    assert told.endswith(f"and {100 - MOST_ORDERS} more orders")


def test_a_plan_of_many_accounts_is_a_few_hundred_lines() -> None:
    """Its dangers, orders, groups and footnotes are shown to a number, and JSON has all."""
    made = planned(parse_mandate(mandate_text(160)))
    assert len(made.table().splitlines()) < 1_200
    assert len({(row.account, row.group) for row in made.margin}) > 2 * MOST_SHOWN
    assert any(note.startswith("what comes next is not told") for note in made.notes)
    assert not any(
        note.startswith("what comes next is not told")
        for note in planned(parse_mandate(mandate_text(12))).notes
    )


def test_four_times_the_accounts_take_four_times_the_steps() -> None:
    """Counted in calls of functions, which no other work on the machine disturbs."""
    few, many = calls_of_a_plan(24), calls_of_a_plan(96)
    assert many < 5.0 * few, many / few
    grown = {name for name, count in MANY.items() if count > 7.0 * max(FEW[name], 100)}
    assert grown == set()


FEW: Counter[str] = Counter()
MANY: Counter[str] = Counter()


def calls_of_a_plan(accounts: int) -> int:
    """How many calls a plan makes, noted by function."""
    counted = FEW if accounts < 50 else MANY
    mandate = parse_mandate(mandate_text(accounts))

    def note(frame: object, event: str, _: object) -> None:
        if event == "call":
            counted[frame.f_code.co_qualname] += 1  # type: ignore[attr-defined]

    sys.setprofile(note)
    try:
        planned(mandate)
    finally:
        sys.setprofile(None)
    return sum(counted.values())
