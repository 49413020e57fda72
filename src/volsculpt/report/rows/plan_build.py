"""From a decision to the plan that is read: its rows, warnings and notes."""

from collections.abc import Sequence

from volsculpt.book.state import State
from volsculpt.decide.quoting import index_price
from volsculpt.decide.step import Decision
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import (
    bonus_notes,
    fee_notes,
    flow_notes,
    hedgeable_coins,
    sweep_notes,
)
from volsculpt.market.quotes import Quotes
from volsculpt.report.plan import Plan
from volsculpt.report.rows.plan import ExposureRow, MarginRow
from volsculpt.report.rows.plan_book import (
    carry_rows,
    decision_rows,
    exposure_rows,
    not_own_rows,
    order_rows,
)
from volsculpt.report.rows.plan_ladder import ladder_rows
from volsculpt.report.rows.plan_locked import locked_rows
from volsculpt.report.rows.plan_margin import (
    group_marks,
    group_ticks,
    margin_rows,
    scenario_rows,
    then_rows,
    transfer_rows,
    wealth_curve,
    with_calls,
)
from volsculpt.report.rows.plan_steps import step_rows
from volsculpt.report.rows.plan_warnings import (
    bonus_warnings,
    book_warnings,
    carry_warnings,
    depeg_note,
    funding_warnings,
    guard_warnings,
    lot_warnings,
    margin_warnings,
    once,
    tier_warnings,
    working_warnings,
)
from volsculpt.simulate.scenario import SHOCKS, wealth
from volsculpt.units import iso_trimmed
from volsculpt.watch.breach import ends_of
from volsculpt.watch.coming_events import coming_events, ending_notes, event_warnings
from volsculpt.watch.danger import dangers
from volsculpt.watch.empty_margin import out_of_reach
from volsculpt.watch.filled import filled
from volsculpt.watch.loans import due_warnings, loan_rows
from volsculpt.watch.next_change import changes_ahead, too_large_note
from volsculpt.watch.nextstep import next_steps
from volsculpt.watch.withdrawals import kept_rows, short_withdrawals


def plan_report(
    mandate: Mandate,
    quotes: Quotes,
    decision: Decision,
    notes: Sequence[str] = (),
    shocks: Sequence[float] = SHOCKS,
) -> Plan:
    """A decision as a plan for reading. Args: notes: of the prices; shocks: of the scenarios."""
    flat = decision.flat
    owned_usd = wealth(flat, flat.state, decision.quoted.quote)
    warnings = [*mandate.warnings, *notes, *decision.quoted.warnings]
    numeraire_usd = index_price(mandate.numeraire, quotes, warnings, flat.pegs)
    rows, after = exposure_rows(decision, hedgeable_coins(mandate)), filled(decision)
    ends, ahead = ends_of(decision, after), changes_ahead(decision, after)
    margin, then = (
        margin_rows(decision, after, ends),
        then_rows(decision, after, quotes, shocks, ends),
    )
    late = [row for row in margin if row.stage == "after"]
    orders, transfers = order_rows(decision), transfer_rows(decision)
    following, near = next_steps(decision, after), dangers(decision, after, ends=ends)
    events = coming_events(mandate, quotes, decision, after)
    warnings += [*_warnings(mandate, quotes, decision, after, late, rows), *event_warnings(events)]
    return Plan(
        as_of=iso_trimmed(decision.time_ns),
        name=mandate.name,
        numeraire=mandate.numeraire,
        wealth_usd=owned_usd,
        wealth_num=owned_usd / numeraire_usd,
        warnings=once(warnings),
        exposure=rows,
        decision=decision_rows(decision),
        orders=orders,
        margin=margin if then is not None else with_calls(decision, after, margin),
        carry=carry_rows(decision, quotes, after),
        scenarios=scenario_rows(decision, after, shocks, ends.after),
        notes=_notes(mandate, decision),
        curve=wealth_curve(decision, after, ends.after),
        index_usd=dict(zip(flat.currencies, decision.quoted.quote.index_usd, strict=True)),
        ticks=group_ticks(decision),
        marks=group_marks(decision, after),
        transfers=transfers,
        next_steps=following,
        steps=step_rows(decision, orders, transfers, margin, following, near),
        dangers=near,
        not_own=not_own_rows(mandate.book.accounts),
        then=then,
        next_changes=ahead.changes,
        next_unseen=ahead.unproven,
        next_now=ahead.now,
        next_unknown=ahead.unknown,
        loans=loan_rows(decision),
        locked=locked_rows(decision),
        ladder=ladder_rows(decision, after),
        kept=kept_rows(decision),
        events=events,
    )


def _notes(mandate: Mandate, decision: Decision) -> list[str]:
    """What was taken because nothing was said, and what else is worth knowing."""
    return [
        *mandate.notes,
        *flow_notes(mandate),
        *fee_notes(mandate, decision.time_ns),
        *bonus_notes(mandate),
        *sweep_notes(mandate),
        *depeg_note(decision),
        *too_large_note(decision),
        *ending_notes(decision),
    ]


def _warnings(
    mandate: Mandate,
    quotes: Quotes,
    decision: Decision,
    after: State,
    late: list[MarginRow],
    rows: list[ExposureRow],
) -> list[str]:
    """What a reader should look at, apart from prices.

    Args: mandate, quotes, decision: of the plan; after: the book once the orders fill; late: its
    margin rows, one a group; rows: what is held.
    """
    found = funding_warnings(decision, quotes)
    found += margin_warnings(decision, after, late, mandate.assumed_accounts)
    found += lot_warnings(decision) + working_warnings(decision) + bonus_warnings(decision)
    found += tier_warnings(decision, after) + book_warnings(decision, rows)
    found += guard_warnings(decision, mandate) + out_of_reach(mandate, decision.time_ns)
    found += carry_warnings(decision, quotes, after)
    found += due_warnings(mandate.book, decision.time_ns)
    found += [f"short_withdrawal: {one.text}" for one in short_withdrawals(decision, after)]
    return found
