"""From a plan to the rows of a hedge asked for in one line: nothing is sized here anew."""

from volsculpt.report.rows.hedge import HedgeClosing, HedgeEnd, HedgeMove, HedgeRows
from volsculpt.report.rows.hedge_costs import fees_of, funding_of, lock_of
from volsculpt.report.rows.hedge_inputs import (
    HedgeInputs,
    at_shock,
    base_of,
    last_carry,
    last_margin,
    last_scenarios,
    settle_of,
    shocks_of,
)
from volsculpt.report.rows.hedge_steps import sale_of, steps_of, unhedged
from volsculpt.report.rows.plan import Liquidation, PlanRows
from volsculpt.units import iso_trimmed

# by the prices, by what to bring, and by what is earned
SHOWN_ELSEWHERE = ("assumed_mark:", "sources_short:", "negative_carry:")


def hedge_rows(plan: PlanRows, inputs: HedgeInputs) -> HedgeRows:
    """All that is said of a plan in its short face."""
    request, days = inputs.request, inputs.days
    owned = plan.wealth_usd - inputs.extra_usd
    moves = moves_of(plan, inputs)
    fall = next(row for row in moves if row.shock_ratio == -request.fall)
    fees_in, fees_out = fees_of(plan, inputs)
    return HedgeRows(
        as_of=plan.as_of,
        until=iso_trimmed(inputs.until_ns),
        days=days,
        venue=request.venue,
        ratio=request.ratio,
        coins={**inputs.coins},
        prices_usd={row.underlying: plan.index_usd[row.underlying] for row in plan.decision},
        price_age_days=inputs.price_age_days,
        prices_given=[
            row.underlying for row in plan.decision if row.underlying in inputs.prices_given
        ],
        owned_usd=owned,
        coins_usd=coins_usd(plan, inputs),
        fall_ratio=request.fall,
        hedged_loss_usd=owned - fall.hedged_usd,
        unhedged_loss_usd=owned - fall.unhedged_usd,
        steps=steps_of(plan, inputs),
        sale=sale_of(plan, inputs),
        unhedged=unhedged(plan, inputs),
        fees_in_usd=fees_in,
        fees_out_usd=fees_out,
        funding=[row for one in last_carry(plan) if (row := funding_of(one, inputs)) is not None],
        ends=ends_of(plan),
        moves=moves,
        lock=lock_of(plan, inputs),
        warnings=warnings_of(plan, inputs.perpetual),
        mandate=inputs.mandate,
    )


def coins_usd(plan: PlanRows, inputs: HedgeInputs) -> float:
    """What the coins that can be hedged are worth, those on the margin too; money is none."""
    held = (inputs.coins, inputs.request.margin)
    return sum(
        coins.get(row.underlying, 0.0) * plan.index_usd[row.underlying]
        for row in plan.decision
        for coins in held
    )


def warnings_of(plan: PlanRows, perpetual: PlanRows | None) -> list[str]:
    """What is told nowhere else. What the perpetual beside a lock uses is no figure unused."""
    found = [one for one in plan.warnings if not one.startswith(SHOWN_ELSEWHERE)]
    if perpetual is None:
        return found
    unused = {one.partition(";")[0] for one in perpetual.warnings}
    return [
        one for one in found if not one.startswith("unused_") or one.partition(";")[0] in unused
    ]


def moves_of(plan: PlanRows, inputs: HedgeInputs) -> list[HedgeMove]:
    """Wealth after each move that is shown, without the worth of coins that are brought."""
    scenarios = last_scenarios(plan)
    found = [at_shock(scenarios, shock) for shock in shocks_of(inputs.request.fall)]
    return [
        HedgeMove(
            row.shock_ratio,
            row.hedged_usd - inputs.extra_usd,
            row.unhedged_usd - inputs.extra_usd,
            [one.coin or one.group for one in row.liquidated],
            [_closing(plan, one) for one in row.liquidated],
        )
        for row in found
    ]


def _closing(plan: PlanRows, one: Liquidation) -> HedgeClosing:
    """Where a margin is liquidated on the way to a move."""
    step = plan.ticks.get(f"{one.account}:{one.group}")
    return HedgeClosing(one.coin or one.group, one.price, one.move or 0.0, step)


def ends_of(plan: PlanRows) -> list[HedgeEnd]:
    """What closes each margin group that holds contracts, and the first coins that are wanted."""
    found, held = list[HedgeEnd](), last_carry(plan)
    for row in (one for one in last_margin(plan) if one.leverage is not None):
        bases = [base_of(one.contract) for one in held if settle_of(one.contract) == row.currency]
        found.append(
            HedgeEnd(
                coins=bases,
                coin=row.liquidation_coin or row.currency,
                liquidation_price=row.liquidation_price,
                liquidation_move=row.liquidation_move,
                add_price=row.add_price,
                add_move=row.add_move,
                add_coin=row.add_coin,
                add_currency=row.add_currency,
                price_step=plan.ticks.get(f"{row.account}:{row.group}"),
            )
        )
    return found
