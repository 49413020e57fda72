"""What to do for a hedge in one line, out of its plan, and what stays undone."""

from dataclasses import replace

from volsculpt.contracts.payoff import PAYOFF_CODE, value
from volsculpt.contracts.spec import Contract
from volsculpt.mandate.quick import COLD
from volsculpt.report.rows.hedge import HedgeAction, HedgeSale, HedgeStep
from volsculpt.report.rows.hedge_inputs import (
    HedgeInputs,
    at_shock,
    base_of,
    last_carry,
    last_scenarios,
)
from volsculpt.report.rows.plan import PlanRows
from volsculpt.report.rows.plan_rest import NEAR
from volsculpt.text import percent, usd
from volsculpt.units import iso_trimmed
from volsculpt.watch.coins import rounded_up


def steps_of(plan: PlanRows, inputs: HedgeInputs) -> list[HedgeStep]:
    """What to do, numbered: coins to move or bring, contracts to sell, when the hedge ends.

    Orders of now and those that wait for coins are one sale, after the coins are there.
    """
    account = next((row.account for row in plan.margin), "")
    moved, brought = coins_to_move(plan, inputs)
    found = [HedgeStep(0, "bring", account, None, brought)] if brought else []
    found += [HedgeStep(0, "move", to, source, coins) for (source, to), coins in moved.items()]
    sold = sales(plan)
    found += [_sale(inputs.contract(key), account, size) for key, size in sold.items()]
    if sold:
        end: HedgeAction = "lift" if inputs.request.lock is None else "deliver"
        found.append(HedgeStep(0, end, account, at=iso_trimmed(inputs.until_ns)))
    return [replace(one, number=number) for number, one in enumerate(found, 1)]


def sale_of(plan: PlanRows, inputs: HedgeInputs) -> HedgeSale | None:
    """What to do where coins are sold for money that is lacking; None: not that way.

    plan: with all that is lacking deposited, whose risk the sale has to leave too.
    """
    sale, whole = inputs.sale, sales(plan)
    if sale is None:
        return None
    then = sales(sale.plan)
    fewer = {key: size for key, size in then.items() if size < whole.get(key, 0.0)}
    loss, sold_loss = (_hedged_loss(one, inputs) for one in (plan, sale.plan))
    worth = sum(inputs.coins[coin] * plan.index_usd[coin] for coin in sale.coins)
    if not fewer or abs(sold_loss - loss) > NEAR * inputs.request.fall * worth:
        return None
    return HedgeSale(
        coins={**sale.coins},
        brings={**sale.brings},
        contracts={_symbol(inputs.contract(key)): size for key, size in fewer.items()},
        hedged_loss_usd=sold_loss,
    )


def _hedged_loss(plan: PlanRows, inputs: HedgeInputs) -> float:
    """US dollars that the fall costs with the hedge of a plan."""
    return plan.wealth_usd - at_shock(last_scenarios(plan), -inputs.request.fall).hedged_usd


def lacking_coins(plan: PlanRows) -> dict[str, float]:
    """Coins that nobody has and the steps of a plan wait for, by currency."""
    found = dict[str, float]()
    for step in plan.next_steps:
        if step.lacking > 0.0:
            _add(found, step.currency, step.lacking)
    return found


def coins_to_move(
    plan: PlanRows, inputs: HedgeInputs
) -> tuple[dict[tuple[str, str], dict[str, float]], dict[str, float]]:
    """(coins to move by (from, to) and currency; what of them nobody owns and is to be brought)."""
    moved, brought = dict[tuple[str, str], dict[str, float]](), dict[str, float]()
    left = {**inputs.coins}
    for row in plan.transfers:
        source, there = row.from_ or COLD, row.coins
        if source == COLD:
            there = min(row.coins, left.get(row.currency, 0.0))
            left[row.currency] = left.get(row.currency, 0.0) - there
            if row.coins > there:
                _add(brought, row.currency, rounded_up(row.coins - there))
        if there > 0.0:
            _add(moved.setdefault((source, row.to), {}), row.currency, there)
    return moved, brought


def sales(plan: PlanRows) -> dict[str, float]:
    """Contracts short in the end, by "venue:symbol"."""
    return {row.contract: -(row.held_contracts or 0.0) for row in last_carry(plan)}


def unhedged(plan: PlanRows, inputs: HedgeInputs) -> list[str]:
    """Coins of which less is hedged in the end than was asked for, and why."""
    found = []
    for row in plan.decision:
        held, ratio = _ratio_of(plan, row.underlying), inputs.request.ratio
        if ratio == 0.0:
            found.append(f"{row.underlying}: you asked for 0 %, so all of the risk stays yours")
        elif held < ratio - NEAR or held == 0.0:
            coin, last = row.underlying, row.reasons[-1]
            why = least_order(plan, inputs, coin) or last
            found.append(f"{row.underlying}: {percent(held)} is hedged by this: {why}")
    return found


def _ratio_of(plan: PlanRows, coin: str) -> float:
    """The share of a coin that contracts sell in the end: what they are worth of what is owned."""
    keys = {row.contract: row.held_usd or 0.0 for row in last_carry(plan)}
    sold = sum(worth for key, worth in keys.items() if base_of(key) == coin)
    owned = sum(row.owned_coin for row in plan.exposure if row.currency == coin)
    return -sold / (owned * plan.index_usd[coin]) if owned > 0.0 else 0.0


def least_order(plan: PlanRows, inputs: HedgeInputs, coin: str) -> str:
    """That a hedge is under the venue's smallest order, in words; empty where it is not."""
    key = next((row.contract for row in plan.carry if base_of(row.contract) == coin), None)
    owned = sum(row.owned_coin for row in plan.exposure if row.currency == coin)
    if key is None:
        return ""
    contract, at = inputs.contract(key), plan.index_usd[coin]
    size = max(contract.lot, contract.minimum or 0.0)
    worth = value(PAYOFF_CODE[contract.payoff], size, contract.multiplier, at)
    worth *= at if contract.settle == coin else 1.0
    wanted = inputs.request.ratio * owned * at
    if wanted >= worth:
        return ""
    name = _symbol(contract)
    return f"{usd(wanted)} USD is less than the smallest order of {name}, {usd(worth)} USD"


def _symbol(contract: Contract) -> str:
    """What the venue calls it."""
    return contract.native_symbol or contract.symbol


def _add(sums: dict[str, float], name: str, number: float) -> None:
    sums[name] = sums.get(name, 0.0) + number


def _sale(contract: Contract, account: str, size: float) -> HedgeStep:
    """A market order, in the venue's own words."""
    orders = contract.orders
    most = orders.market_most if orders.market_most is not None else orders.limit_most
    return HedgeStep(
        number=0,
        action="sell",
        account=account,
        contract=contract.key,
        symbol=_symbol(contract),
        contracts=size,
        order_most=most if most is not None and size > most else None,
    )
