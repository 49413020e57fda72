"""The scenarios of a plan: hedged with the orders, unhedged without any."""

from dataclasses import replace
from unittest.mock import Mock

import pytest
from hypothesis import given

from tests.factories import account, decided, fixed, inverse, vault
from tests.laws.strategies import Case, cases
from tests.report import plans
from volsculpt.book import breaches
from volsculpt.book.holdings import Book, Position
from volsculpt.book.liquidation import DOWN, UP, liquidation_factor
from volsculpt.contracts.costs import fee
from volsculpt.contracts.payoff import value
from volsculpt.decide.step import Decision
from volsculpt.report.document import Line
from volsculpt.report.pages.plan_tables import scenarios
from volsculpt.report.rows import plan_margin
from volsculpt.report.rows.plan_margin import margin_rows, scenario_rows, wealth_curve
from volsculpt.simulate.scenario import closed_now, shocked, wealth
from volsculpt.watch.filled import filled


def fees_usd(decision: Decision) -> float:
    """US dollars of taker fees of the orders to place, at the marks."""
    quote, legs = decision.quoted.quote, decision.flat.layout.legs
    total = 0.0
    for leg, (_, contract) in enumerate(decision.flat.legs):
        size = decision.answer.trade[leg]
        traded = value(legs.payoff[leg], size, contract.multiplier, quote.mark[leg])
        total += fee(traded, legs.taker[leg]) * quote.index_usd[legs.settle[leg]]
    return total


def test_entering_costs_the_hedged_side_alone() -> None:
    """10,000 USD owned and sold forward for 5.00: unhedged 10,000, futures -5.00."""
    contract = inverse()
    book = Book((account("coinm", {"BTC": 1.0 / 6.0}),))
    decision = decided(book, [fixed()], [[("coinm", contract, False)]], {"BTC": 60_000.0})
    after = filled(decision)
    now = next(row for row in scenario_rows(decision, after) if row.shock_ratio == 0.0)
    assert now.unhedged_usd == pytest.approx(10_000.0)
    assert now.futures_usd == pytest.approx(-5.0) == now.hedged_usd - now.unhedged_usd
    curve = wealth_curve(decision, after)
    assert curve.unhedged_usd[0] == pytest.approx(10_000.0 * (1.0 + curve.shock_ratio[0]))


@given(cases(working=False))
def test_unhedged_knows_no_orders(case: Case) -> None:
    """It is the held book closed at mark; what the orders cost stands in futures at 0.

    Of groups that the exchange closes at once nothing is left, no debt either.
    """
    decision = case.decide()
    flat, quote = decision.flat, decision.quoted.quote
    names = [(one.account, one.group) for one in flat.groups]
    scale = max(1.0, abs(wealth(flat, flat.state, quote)), fees_usd(decision))
    for row in scenario_rows(decision, filled(decision)):
        gone = [names.index((one.account, one.group)) for one in row.liquidated if one.move == 0.0]
        bare = closed_now(flat, flat.state, quote, gone)
        closed = wealth(flat, bare, shocked(flat, quote, row.shock_ratio))
        assert row.unhedged_usd == pytest.approx(closed, abs=1e-9 * scale)
        if row.shock_ratio == 0.0 and not row.liquidated:
            assert row.futures_usd == pytest.approx(-fees_usd(decision), abs=1e-9 * scale)


def test_where_a_group_breaches_is_looked_for_once_a_direction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The curve has some ninety shocks, and each would walk to the same price again."""
    contract, counted = inverse(), Mock(wraps=liquidation_factor)
    book = Book((account("coinm", {"BTC": 1.0}), account("other", {"BTC": 1.0})))
    legs = [("coinm", contract, False), ("other", contract, False)]
    decision = decided(book, [fixed()], [legs], {"BTC": 60_000.0})
    monkeypatch.setattr(breaches, "liquidation_factor", counted)
    wealth_curve(decision, filled(decision))
    asked = sorted(call.args[3:5] for call in counted.call_args_list)
    assert asked == [(0, DOWN), (0, UP)]  # nothing is held in the other


def test_a_group_that_owes_is_told_as_that() -> None:
    """The headline counts its debt, the table does not, and the footnote says so."""
    contract = inverse()
    short = account("coinm", {"BTC": 0.1}, (Position(contract, -60_000.0, 40_000.0),))
    book, legs = Book((vault(BTC=1.0), short)), [[("coinm", contract, False)]]
    decision = decided(book, [fixed("BTC", 0.5)], legs, {"BTC": 60_000.0})
    after = filled(decision)
    rows, groups = scenario_rows(decision, after), margin_rows(decision, after)
    assert {round(row.hedged_usd / (1.0 + row.shock_ratio)) for row in rows} == {60_000}
    page = scenarios(replace(plans.empty(), margin=groups, scenarios=rows))
    note = page.items[-1].text if isinstance(page.items[-1], Line) else ""
    assert note.startswith("[1] the exchange closes coinm BTC")
    assert note.endswith("does not: no other account pays for it.")
    sound = replace(groups[-1], equity_coin=0.2)
    page = scenarios(replace(plans.empty(), margin=[sound], scenarios=rows))
    assert isinstance(page.items[-1], Line)
    assert page.items[-1].text.endswith("the group loses all its equity.")


def test_a_curve_of_very_many_groups_has_no_step_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two points for each end would make as many outcomes as there are groups."""
    short = (Position(inverse(), -120_000.0, 60_000.0),)
    names = ("one", "two", "three")
    book = Book(tuple(account(name, {"BTC": 1.0}, positions=short) for name in names))
    decision = decided(book, [], [], {"BTC": 60_000.0})
    after = filled(decision)
    upright = wealth_curve(decision, after)
    monkeypatch.setattr(plan_margin, "MOST_STEPS", 2)
    flat = wealth_curve(decision, after)
    assert len(upright.liquidations) == 3
    assert flat.liquidations == upright.liquidations
    assert len(flat.shock_ratio) == plan_margin.CURVE_STEPS + 1 < len(upright.shock_ratio)
