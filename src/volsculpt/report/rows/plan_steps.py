"""The steps of a plan: coins on their way first, then orders, then what waits for the coins."""

from collections.abc import Sequence
from dataclasses import replace

from volsculpt.decide.build import plan_of, plans_by_account
from volsculpt.decide.step import Decision
from volsculpt.report.rows.plan import MarginRow, OrderRow, StepRow, TransferRow
from volsculpt.units import HOUR_NS, iso_trimmed
from volsculpt.watch.danger import DangerRow
from volsculpt.watch.nextstep import NextStepRow

Group = tuple[str, str]  # account, group


class _PlanGroups:
    """Margin groups of a decision, looked up once: of contracts, and what coins take to them."""

    def __init__(self, decision: Decision, margin: Sequence[MarginRow]) -> None:
        flat, group = decision.flat, decision.flat.layout.legs.group
        self.decision = decision
        self.of_contract = {
            (account, contract.symbol): flat.groups[group[leg]].group
            for leg, (account, contract) in enumerate(flat.legs)
        }
        self.labels = {(label.account, label.group): label for label in flat.groups}
        self.after = {(row.account, row.group): row for row in margin if row.stage == "after"}
        self.plans_of = plans_by_account(decision.setup.collateral)

    def hours(self, group: Group) -> float:
        """Hours that coins take to a group or from it, by its collateral plan; 0 without one."""
        plan = plan_of(self.labels[group], self.plans_of(group[0]))
        return plan.transfer_hours if plan is not None else 0.0

    def moment(self, hours: float = 0.0) -> str:
        """So long after the decision."""
        return iso_trimmed(self.decision.time_ns + round(hours * HOUR_NS))


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
    groups = _PlanGroups(decision, margin)
    steps = [
        _brought_to(row.account, row.group, row.currency, row.add_coin) for row in rescues(dangers)
    ]
    steps += [_moved(groups, row) for row in transfers if _backs_more(row)]
    comes = {(step.account, step.group): number for number, step in enumerate(steps, 1)}
    ordered = [_ordered(groups, row) for row in orders]
    urgent = {
        (row.account, row.group) for row in dangers if row.coins > 0.0 and not row.mended
    } & comes.keys()
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
    steps += [_moved(groups, row) for row in transfers if not _backs_more(row)]
    for following in next_steps:
        if not following.planned:
            steps.append(_brought(following))
            steps.append(_following(following, len(steps), None))
    return [replace(step, number=number) for number, step in enumerate(steps, 1)]


def rescues(dangers: Sequence[DangerRow]) -> list[DangerRow]:
    """Each danger that coins have to be brought for, beside all that the plan does itself."""
    return [row for row in dangers if row.add_coin > 0.0]


def _waiting(step: StepRow, before: Sequence[StepRow], number: int) -> StepRow:
    """An order that waits for the coins of a step; how its group stands then is not looked at."""
    at = before[number - 1].done_at
    bare = replace(step, leverage=None, liquidation_price=None, liquidation_move=None)
    return replace(bare, at=at, done_at=at, waits_for=number)


def _backs_more(row: TransferRow) -> bool:
    return row.kind == "post" or (row.kind == "move" and row.to == row.account)


def _moved(groups: _PlanGroups, row: TransferRow) -> StepRow:
    """Coins to move; those of an account itself are there at once."""
    if row.from_ is None:
        return _brought_to(row.account, row.group, row.currency, row.coins)
    hours = groups.hours((row.account, row.group)) if row.kind == "move" else 0.0
    return StepRow(
        number=0,
        action=row.kind,
        at=groups.moment(),
        done_at=groups.moment(hours),
        waits_for=None,
        account=row.account,
        group=row.group,
        currency=row.currency,
        coins=row.coins,
        from_=row.from_,
        to=row.to,
    )


def _ordered(groups: _PlanGroups, row: OrderRow) -> StepRow:
    """An order of this moment, and how its margin group stands once all of them are filled."""
    group = groups.of_contract[row.account, row.contract]
    step = StepRow(
        number=0,
        action=row.side if row.action == "place" else "cancel",
        at=groups.moment(),
        done_at=groups.moment(),
        waits_for=None,
        account=row.account,
        group=group,
        contract=row.contract,
        contracts=row.contracts,
    )
    stands = groups.after.get((row.account, group))
    return step if row.action == "cancel" or stands is None else _standing(step, stands)


def _standing(step: StepRow, stands: MarginRow | NextStepRow) -> StepRow:
    """A step with how its margin group stands after it."""
    return replace(
        step,
        leverage=stands.leverage,
        liquidation_price=stands.liquidation_price,
        liquidation_move=stands.liquidation_move,
    )


def _following(row: NextStepRow, waits_for: int | None, at: str | None) -> StepRow:
    """The order once coins are there, and how its group stands with both."""
    step = StepRow(
        number=0,
        action=row.side,
        at=at,
        done_at=at,
        waits_for=waits_for,
        account=row.account,
        group=row.group,
        contract=row.contract,
        contracts=row.contracts,
    )
    return _standing(step, row)


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
