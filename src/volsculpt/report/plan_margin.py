"""From a decision to margin rows, scenarios and the wealth curve of a plan."""

from volsculpt.book.exposure import leg_value
from volsculpt.book.flatten import Flat, GroupLabel
from volsculpt.book.group import group_equity, group_gross, group_maintenance
from volsculpt.book.liquidation import NEVER, nearest_factor
from volsculpt.book.state import Quote, State
from volsculpt.decide.build import plan_of
from volsculpt.decide.step import Decision
from volsculpt.report.rows import Curve, Liquidation, MarginRow, ScenarioRow
from volsculpt.simulate.scenario import Outcome, outcome, outcomes

CURVE_FROM, CURVE_TO, CURVE_STEPS = -0.6, 1.2, 90


def main_leg(flat: Flat, state: State, quote: Quote, group: int) -> int:
    """The leg whose price a group's liquidation is told in: the largest by value; -1 if none."""
    legs = flat.layout.legs
    best, most = -1, 0.0
    for leg in range(len(flat.legs)):
        if legs.group[leg] != group:
            continue
        size = abs(leg_value(flat.layout, state, quote, leg)) * quote.index_usd[legs.settle[leg]]
        if best < 0 or size > most:
            best, most = leg, size
    return best


def liquidation_at(
    flat: Flat, state: State, quote: Quote, group: int, leg: int, alone: bool
) -> tuple[float | None, float | None]:
    """(price of the leg's contract, distance) at which the group breaches; None, None never.

    alone: the venue's own figure, every other position held where it is.
    """
    if leg < 0 or state.contracts[leg] == 0.0:
        return None, None
    found, factor = nearest_factor(flat.layout, state, quote, group, leg if alone else -1, 1)
    if found == NEVER:
        return None, None
    return quote.mark[leg] * factor, abs(factor - 1.0)


def sources_of(decision: Decision, group: int) -> str | None:
    """The accounts coins come from or go back to, as the plan lists them."""
    rules, flat = decision.rules, decision.flat
    coins = decision.answer.top_up[group]
    if coins == 0.0:
        return None
    span = range(rules.source_from[group], rules.source_to[group])
    wallets = [rules.source_wallet[slot] for slot in span]
    if coins < 0.0:
        plan = plan_of(flat.groups[group], decision.setup.collateral)
        first = [flat.wallets[wallet].account for wallet in wallets]
        return (first or list(plan.source if plan else ()))[0]
    names: list[str] = []
    left = coins
    for wallet in wallets:
        free = max(0.0, decision.work.goal.wallet[wallet] - rules.transfer_cost[group])
        if left > 1e-12 and free > 1e-12:
            names.append(flat.wallets[wallet].account)
            left -= free
    found = ", ".join(names)
    if found and flat.layout.group_currency[group] < 0:  # the row is in USD, but coins move
        found += f" ({flat.currencies[rules.move_currency[group]]})"
    return found or None


def margin_row(decision: Decision, state: State, stage: str, group: int) -> MarginRow:
    """One group at one stage."""
    flat, quote = decision.flat, decision.quoted.quote
    label: GroupLabel = flat.groups[group]
    equity = group_equity(flat.layout, state, quote, group)
    gross = group_gross(flat.layout, state, quote, group)
    leg = main_leg(flat, state, quote, group)
    price, distance = liquidation_at(flat, state, quote, group, leg, alone=False)
    venue_price, _ = liquidation_at(flat, state, quote, group, leg, alone=True)
    after = stage == "after"
    return MarginRow(
        stage="after" if after else "before",
        account=label.account,
        group=label.group,
        currency=label.currency,
        equity_coin=equity,
        maintenance_coin=group_maintenance(flat.layout, state, quote, group),
        leverage=gross / equity if equity > 0.0 else None,
        liquidation_price=price,
        venue_liquidation_price=venue_price,
        liquidation_distance=distance,
        top_up_coin=decision.answer.top_up[group] if after else 0.0,
        source=sources_of(decision, group) if after else None,
        top_up_currency=flat.currencies[decision.rules.move_currency[group]] if after else None,
    )


def margin_rows(decision: Decision, after: State) -> list[MarginRow]:
    """Every group before and after the orders; planned transfers have not arrived."""
    rows = []
    for group in range(len(decision.flat.groups)):
        rows.append(margin_row(decision, decision.flat.state, "before", group))
        rows.append(margin_row(decision, after, "after", group))
    return rows


def _liquidations(decision: Decision, state: State, found: Outcome) -> list[Liquidation]:
    """The groups an outcome closed, with the price of their main contract."""
    flat, quote = decision.flat, decision.quoted.quote
    rows = []
    for group, factor in found.liquidated:
        leg = main_leg(flat, state, quote, group)
        label = flat.groups[group]
        rows.append(Liquidation(label.account, label.group, quote.mark[leg] * factor))
    return rows


def scenario_rows(decision: Decision, after: State) -> list[ScenarioRow]:
    """Wealth of the post-trade book under the standard shocks, beside the held one closed now."""
    flat, quote = decision.flat, decision.quoted.quote
    return [
        ScenarioRow(
            shock_ratio=found.shock_ratio,
            hedged_usd=found.hedged_usd,
            unhedged_usd=found.unhedged_usd,
            futures_usd=found.hedged_usd - found.unhedged_usd,
            liquidated=_liquidations(decision, after, found),
        )
        for found in outcomes(flat, after, quote, flat.state)
    ]


def wealth_curve(decision: Decision, after: State) -> Curve:
    """Wealth against the move of all coins, fine enough to draw."""
    flat, quote = decision.flat, decision.quoted.quote
    step = (CURVE_TO - CURVE_FROM) / CURVE_STEPS
    shocks = [round(CURVE_FROM + step * n, 10) for n in range(CURVE_STEPS + 1)]
    edges: dict[int, float] = {}
    for end in (CURVE_FROM, CURVE_TO):
        for group, factor in outcome(flat, after, quote, end).liquidated:
            edges[group] = factor - 1.0
    around = [edge + tiny for edge in edges.values() for tiny in (-1e-9, 1e-9)]
    shocks = sorted({*shocks, *around})
    found = [outcome(flat, after, quote, shock, flat.state) for shock in shocks]
    named = [
        (edge, f"{flat.groups[group].account} {flat.groups[group].group}")
        for group, edge in edges.items()
    ]
    return Curve(
        shock_ratio=shocks,
        hedged_usd=[one.hedged_usd for one in found],
        unhedged_usd=[one.unhedged_usd for one in found],
        liquidations=sorted(named),
    )
