"""The steps of a plan: coins on their way first, then orders, then what waits for the coins."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from volsculpt.decide.step import Decision
from volsculpt.report.rows.plan import MarginRow, OrderRow, StepRow, TransferRow
from volsculpt.units import HOUR_NS, iso_trimmed
from volsculpt.watch.danger import DangerRow
from volsculpt.watch.nextstep import NextStepRow

Group = tuple[str, str]  # account, group


def step_rows(
    decision: Decision,
    orders: Sequence[OrderRow],
    transfers: Sequence[TransferRow],
    margin: Sequence[MarginRow],
    next_steps: Sequence[NextStepRow],
    dangers: Sequence[DangerRow] = (),
) -> list[StepRow]:
    """Everything there is to do, numbered in its order, each with when it can be done.

    What a danger needs and no transfer brings goes first, then coins that back more, for they take
    time; then the orders of this moment; those that wait for coins; coins that leave, which an
    order may have set free; last what no account is named for, and the orders after it. An order
    that adds where a danger asks for coins waits for them.

    Args: orders, transfers, margin, next_steps, dangers: of the plan.
    """
    now = iso_trimmed(decision.time_ns)
    after = {(row.account, row.group): row for row in margin if row.stage == "after"}
    steps = [_brought_to(*rescue) for rescue in rescues(transfers, dangers)]
    steps += [_moved(decision, row, now) for row in transfers if _backs_more(row)]
    comes = {(step.account, step.group): number for number, step in enumerate(steps, 1)}
    ordered = [_ordered(decision, row, now, after) for row in orders]
    urgent = {(row.account, row.group) for row in dangers if row.coins > 0.0 and not row.mended}
    waits = [
        step.action != "cancel" and not row.reduce_only and (step.account, step.group) in urgent
        for step, row in zip(ordered, orders, strict=True)
    ]
    steps += [step for step, late in zip(ordered, waits, strict=True) if not late]
    for step, late in zip(ordered, waits, strict=True):
        if late:
            steps.append(_waiting(step, steps, comes[step.account, step.group]))
    for following in next_steps:
        if following.planned:
            last = comes.get((following.account, following.group))
            at = None if last is None else steps[last - 1].done_at
            steps.append(_following(following, last, at))
    steps += [_moved(decision, row, now) for row in transfers if not _backs_more(row)]
    for following in next_steps:
        if not following.planned:
            steps.append(_brought(following))
            steps.append(_following(following, len(steps), None))
    return [replace(step, number=number) for number, step in enumerate(steps, 1)]


def rescues(
    transfers: Sequence[TransferRow], dangers: Sequence[DangerRow]
) -> list[tuple[str, str, str, float]]:
    """(account, group, currency, coins) of each danger that no transfer of the plan is for."""
    planned = {(row.account, row.group) for row in transfers if _backs_more(row)}
    return [
        (row.account, row.group, row.currency, row.coins)
        for row in dangers
        if row.coins > 0.0 and not row.mended and (row.account, row.group) not in planned
    ]


def _waiting(step: StepRow, before: Sequence[StepRow], number: int) -> StepRow:
    """An order that waits for the coins of a step; how its group stands then is not looked at."""
    at = before[number - 1].done_at
    bare = replace(step, leverage=None, liquidation_price=None, liquidation_move=None)
    return replace(bare, at=at, done_at=at, waits_for=number)


def _backs_more(row: TransferRow) -> bool:
    return row.kind == "post" or (row.kind == "move" and row.to == row.account)


def _moved(decision: Decision, row: TransferRow, now: str) -> StepRow:
    """Coins to move; those of an account itself are there at once."""
    action: Literal["move", "post", "free", "bring"] = row.kind
    if row.from_ is None:
        return _brought_to(row.account, row.group, row.currency, row.coins)
    hours = hours_of(decision, row.account, row.currency) if action == "move" else 0.0
    done = iso_trimmed(decision.time_ns + round(hours * HOUR_NS))
    return StepRow(
        number=0,
        action=action,
        at=now,
        done_at=done,
        waits_for=None,
        account=row.account,
        group=row.group,
        currency=row.currency,
        coins=row.coins,
        from_=row.from_,
        to=row.to,
    )


def hours_of(decision: Decision, account: str, currency: str) -> float:
    """Hours that coins take to an account or from it, by its collateral plan; 0 without one."""
    for plan in decision.setup.collateral:
        if plan.account in (None, account) and plan.currency in (None, currency):
            return plan.transfer_hours
    return 0.0


def _ordered(decision: Decision, row: OrderRow, now: str, after: dict[Group, MarginRow]) -> StepRow:
    """An order of this moment, and how its margin group stands once all of them are filled."""
    group = group_of(decision, row.account, row.contract)
    stands = after.get((row.account, group))
    filled = row.action == "place" and stands is not None
    return StepRow(
        number=0,
        action=row.side if row.action == "place" else "cancel",
        at=now,
        done_at=now,
        waits_for=None,
        account=row.account,
        group=group,
        contract=row.contract,
        contracts=row.contracts,
        leverage=stands.leverage if filled and stands else None,
        liquidation_price=stands.liquidation_price if filled and stands else None,
        liquidation_move=stands.liquidation_move if filled and stands else None,
    )


def group_of(decision: Decision, account: str, symbol: str) -> str:
    """The margin group that a contract of an account is in."""
    flat = decision.flat
    leg = next(
        row
        for row, (name, contract) in enumerate(flat.legs)
        if (name, contract.symbol) == (account, symbol)
    )
    return flat.groups[flat.layout.legs.group[leg]].group


def _following(row: NextStepRow, waits_for: int | None, at: str | None) -> StepRow:
    """The order once coins are there, and how its group stands with both."""
    return StepRow(
        number=0,
        action=row.side,
        at=at,
        done_at=at,
        waits_for=waits_for,
        account=row.account,
        group=row.group,
        contract=row.contract,
        contracts=row.contracts,
        leverage=row.leverage,
        liquidation_price=row.liquidation_price,
        liquidation_move=row.liquidation_move,
    )


def _brought(row: NextStepRow) -> StepRow:
    return _brought_to(row.account, row.group, row.currency, row.coins)


def _brought_to(account: str, group: str, currency: str, coins: float) -> StepRow:
    """Coins that no account is named for: when is the owner's to say."""
    return StepRow(
        number=0,
        action="bring",
        at=None,
        done_at=None,
        waits_for=None,
        account=account,
        group=group,
        currency=currency,
        coins=coins,
        to=account,
    )
