"""The plan as text: never too wide, plain without colour, the answer first."""

import dataclasses
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.report import plans
from volsculpt.report.plan import Plan

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
SNAPSHOTS = Path(__file__).with_name("snapshots")


def widest(text: str) -> int:
    """Cells of the widest line."""
    return max(cell_len(ESCAPE.sub("", line)) for line in text.split("\n"))


@given(plan=plans.plans, width=st.integers(20, 200), color=st.booleans())
def test_no_line_is_wider_than_asked(plan: Plan, width: int, color: bool) -> None:
    """Whatever the names and numbers, the text fits."""
    assert widest(plan.table(width, color)) <= width


@pytest.mark.parametrize("width", [20, 30, 44, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("made", [plans.treasury, plans.many_coins, plans.empty])
def test_the_examples_fit(made: object, width: int) -> None:
    """Books large and small fit at every usual width."""
    assert widest(made().table(width)) <= width  # type: ignore[operator]


@given(plan=plans.plans)
def test_without_colour_there_are_no_codes(plan: Plan) -> None:
    """Plain text holds no escape, even where a name does."""
    assert "\x1b" not in plan.table(80, color=False)


@given(plan=plans.plans)
def test_colour_changes_no_letter(plan: Plan) -> None:
    """With colour the same letters stand on the same lines."""
    bare = ESCAPE.sub("", plan.table(80, color=True))
    assert [line.rstrip() for line in bare.split("\n")] == plan.table(80).split("\n")


def test_colour_is_there_when_asked_for() -> None:
    """The orders stand out."""
    assert ESCAPE.search(plans.treasury().table(80, color=True))


@pytest.mark.parametrize(
    ("name", "width"), [("treasury", 80), ("treasury", 44), ("many_coins", 80), ("empty", 80)]
)
def test_snapshot(name: str, width: int) -> None:
    """The text as kept; VOLSCULPT_SNAPSHOT=1 keeps it anew."""
    text = getattr(plans, name)().table(width)
    kept = SNAPSHOTS / f"{name}_{width}.txt"
    if os.environ.get("VOLSCULPT_SNAPSHOT"):
        kept.write_text(text, encoding="utf-8")
    assert text == kept.read_text(encoding="utf-8")


def test_too_narrow_is_refused() -> None:
    """Below 20 columns nothing can be read."""
    with pytest.raises(ValueError, match="at least 20"):
        plans.treasury().table(19)


def test_the_answer_comes_first() -> None:
    """The first line says when and how much; what to do follows; warnings come last."""
    lines = plans.treasury().table(80).split("\n")
    assert lines[0] == "treasury, 2024-05-20 08:00 UTC: wealth 176,923 USD"
    assert lines[2] == "WHAT TO DO"
    assert lines[3] == "MOVE 0.53418803 BTC from vault to coinm"
    assert lines[5] == "SELL 87,692 contracts of BTC/USD:BTC on coinm (bybit)"
    assert lines.index("WARNINGS") > lines.index("WEALTH IN USD IF ALL COINS MOVE TOGETHER")


def test_another_numeraire_is_shown_beside_dollars() -> None:
    """Wealth is told in dollars and in the numeraire."""
    plan = plans.treasury(numeraire="BTC", wealth_num=2.94871795)
    assert plan.table(80).startswith(
        "treasury, 2024-05-20 08:00 UTC: wealth 176,923 USD = 2.94871795 BTC\n"
    )


def said(**changed: object) -> str:
    """The treasury's text on one long line."""
    return " ".join(plans.treasury(**changed).table(200).split())


def test_a_buy_that_reduces() -> None:
    """A reduce-only order says so, and an unknown fee is unknown, not 0."""
    text = said(orders=[plans.order(side="buy", reduce_only=True, fee=None, residual_usd=0.2)])
    assert "BUY 87,692 contracts" in text
    assert "fee unknown" in text
    assert "reduce-only: it can only make the position smaller" in text
    assert "the target is then reached" in text


def test_a_cancel() -> None:
    """An order to cancel is not shown as one to send."""
    text = said(orders=[plans.order(action="cancel", contracts=1, fee=None)])
    assert "CANCEL the open order to sell 1 contract of BTC/USD:BTC on coinm (bybit)" in text
    assert "SELL" not in text


@pytest.mark.parametrize(
    ("top_up", "source", "expected"),
    [
        (0.5, "vault", "MOVE 0.5 BTC from vault to coinm"),
        (0.5, None, "ADD 0.5 BTC to coinm: no account is named that has them"),
        (-0.2, "vault", "MOVE 0.2 BTC from coinm to vault"),
        (-0.2, None, "MOVE 0.2 BTC from coinm more than the plan needs there"),
    ],
)
def test_coins_to_move(top_up: float, source: str | None, expected: str) -> None:
    """A top-up and a release say from where to where."""
    assert expected in said(margin=[plans.margin(top_up_coin=top_up, source=source)])


def on_target(held: float | None) -> Plan:
    """The treasury with nothing to trade and this ratio held."""
    row = dataclasses.replace(plans.btc_decision(), held_ratio=held)
    return plans.treasury(orders=[], margin=[], decision=[row])


def test_nothing_to_do_says_why() -> None:
    """On target, held back, and without a hedge are three different answers."""
    assert "Nothing to do: every hedge is where it should be." in on_target(1.0).table(80)
    assert "Nothing to do now; the reasons follow." in on_target(0.5).table(80)
    assert "nothing to hedge -> target 100 %" in on_target(None).table(80)
    assert "Nothing to do: the mandate asks for no hedge." in plans.empty().table(80)


def test_a_liquidation_price_is_rounded_to_the_safe_side() -> None:
    """Above the mark down, below it up, to the contract's tick; null is never."""
    above = said(margin=[plans.margin(liquidation_price=79_603.19, venue_liquidation_price=None)])
    assert "79,603.1 " in above
    below = plans.margin(
        liquidation_price=40_001.01, liquidation_distance=1 - 40_001.01 / 60_000, leverage=1.0
    )
    assert "40,001.1 -33.33 %" in said(margin=[below])
    given = said(margin=[below], marks={"coinm:BTC": 30_000.0})
    assert "40,001 +33.33 %" in given
    assert "never" in said(margin=[plans.margin("before")])


def test_a_liquidated_group_has_a_footnote() -> None:
    """Scenarios that close a group point to what was assumed."""
    text = said()
    assert "+50 % 90,000 225,000 265,385 -40,385 [1]" in text
    assert "Worst case, assumed here: the group loses all its equity." in text


def test_markup_in_names_is_shown_as_it_is() -> None:
    """A table of the mandate in brackets is text, not a style."""
    assert "a [[collateral]] plan [bold]" in said(warnings=["a [[collateral]] plan [bold]"])


def test_unhedgeable_coins_are_named() -> None:
    """A coin without a contract is told with its worth."""
    row = plans.exposure("XYZ", unhedgeable_usd=1_234.0, held_ratio=None)
    assert "XYZ: 1,234 USD cannot be hedged" in said(exposure=[row])


def test_a_narrow_screen_leaves_out_spare_columns_first() -> None:
    """At 80 columns the margin table is still a table; at 44 it is a list of figures."""
    assert "liquidated at      away" in plans.treasury().table(80)
    assert "  liquidated at: 79,603.1" in plans.treasury().table(44).split("\n")
