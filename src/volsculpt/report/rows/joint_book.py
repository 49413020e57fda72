"""A decision as the book that the joint optimiser takes, its limits cut out of what judges margin.

What a group lacks is a convex function of its contracts but for steps of a margin table. Where a
proposal lacks something, its tangent there is one row more, and the programme is solved again: so
no formula of margin stands here, and what is proposed is what `act` can carry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from volsculpt.book.exposure import coins_per_contract, exposure, wealth_usd
from volsculpt.book.state import Exposure, new_exposure
from volsculpt.contracts.costs import HALF_SPREAD
from volsculpt.contracts.orders import position_cap
from volsculpt.contracts.payoff import QUANTO
from volsculpt.decide.act import measure
from volsculpt.decide.capacity import spare_at
from volsculpt.decide.collateral import unit_of_coin
from volsculpt.decide.goal import set_goal, start_goal
from volsculpt.decide.margin_need import Within
from volsculpt.decide.pool import spot_delta
from volsculpt.decide.rules import Problem, new_problem, use_rows
from volsculpt.decide.step import Decision
from volsculpt.errors import EstimateError, MandateError
from volsculpt.hedge.estimators.joint import (
    JointBook,
    JointHedge,
    JointLeg,
    JointPreferences,
    JointProposal,
    JointRow,
    JointSource,
)
from volsculpt.hedge.estimators.joint_model import JointModel
from volsculpt.hedge.spec import Hedge
from volsculpt.mandate.proxies import MOST_BETA
from volsculpt.market.gate import Floats
from volsculpt.report.rows.plan_beta import coins_of
from volsculpt.text import usd

ROUNDS = 40
MET = 1e-7  # of wealth: a limit that is passed by less holds
NUDGE = 1e-6  # of wealth: how far a tangent looks
NAMES = {"leverage": "max_leverage", "distance": "min_liquidation_distance", "opening": "margin"}


class GroupLimit(NamedTuple):
    """A limit of a margin group. usd: of one of its units."""

    limit: str
    group: int
    within: Within
    usd: float


@dataclass(frozen=True, slots=True)
class JointTask:
    """A book to be optimised, and the decision that it was made of.

    rows: of the legs that may trade, in the order of the book's. left_out: hedges without figures,
    and why.
    """

    decision: Decision
    problem: Problem
    book: JointBook
    hedges: tuple[int, ...]
    legs: tuple[int, ...]
    limits: tuple[GroupLimit, ...]
    wealth_usd: float
    left_out: tuple[str, ...]

    def contracts(self, sold: Sequence[float]) -> list[float]:
        """Signed contracts, not in lots, of shares of wealth sold a leg."""
        return [
            -short * self.wealth_usd / self.usd_per_contract(leg)
            for short, leg in zip(sold, self.legs, strict=True)
        ]

    def usd_per_contract(self, leg: int) -> float:
        """US dollars of delta of one contract, at the index. leg: row of the layout."""
        layout, quote = self.problem.layout, self.problem.quote
        return coins_per_contract(layout, quote, leg) * quote.index_usd[layout.legs.base[leg]]

    def lacks(self, limit: GroupLimit, sold: Sequence[float]) -> float:
        """What a group lacks of a limit with these legs, a share of wealth; below 0: to spare."""
        contracts = self.contracts(sold)
        for leg, count in zip(self.legs, contracts, strict=True):
            set_goal(self.problem, leg, count)
        own = [row for row, leg in enumerate(self.legs) if self.group_of(leg) == limit.group]
        leg, count = self.legs[own[0]], contracts[own[0]]
        return -spare_at(self.problem, leg, count, limit.within) * limit.usd / self.wealth_usd

    def group_of(self, leg: int) -> int:
        """The margin group of a leg, by its row."""
        return self.problem.layout.legs.group[leg]

    def group_name(self, group: int) -> str:
        """A margin group for people. Worked: "coinm (BTC)"."""
        label = self.decision.flat.groups[group]
        return f"{label.account} ({label.group})"

    def tangent(self, limit: GroupLimit, sold: Sequence[float]) -> JointRow:
        """The row that touches a limit where these legs are."""
        here, weight = self.lacks(limit, sold), []
        for leg in range(len(sold)):
            aside = list(sold)
            aside[leg] += NUDGE
            weight.append((self.lacks(limit, aside) - here) / NUDGE)
        room = float(np.dot(weight, sold)) - here
        return JointRow(limit.limit, self.group_name(limit.group), tuple(weight), room)


def joint_task(decision: Decision, carry: Mapping[str, float]) -> JointTask:
    """What may be optimised of a decision. Raises MandateError where no hedge has a contract.

    Args: decision: of the mandate as it is; carry: what a short of a contract is expected to earn
    a year, a fraction; one that is not named earns nothing.
    """
    flat, rules = decision.flat, decision.rules
    problem = new_problem(flat.layout, flat.state, decision.quoted.quote, rules)
    measure(problem, decision.ratios)
    start_goal(problem)
    for use in range(use_rows(rules)):
        if rules.use_retire[use] == 1:  # closed in any case, and its margin is free then
            set_goal(problem, rules.use_leg[use], 0.0)
    sums = new_exposure(flat.layout)
    exposure(flat.layout, flat.state, decision.quoted.quote, 0, sums)
    wealth = wealth_usd(flat.layout, decision.quoted.quote, sums)
    if wealth <= 0.0:
        raise EstimateError(
            f"joint: the book is worth {usd(wealth)} USD; there is nothing to hedge"
        )
    coins = coins_of(decision)
    legs = traded_legs(decision)
    hedges, left_out = traded_hedges(decision, problem, sums, wealth, coins)
    if not legs or not hedges:
        raise MandateError(
            "hedge: none has a contract to trade and a coin to hedge, so there is nothing to "
            "propose; add [[hedge]] with `use`"
        )
    limits = group_limits(problem, legs)
    held, unmanaged = held_apart(decision, sums, wealth, coins)
    book = JointBook(
        coins=coins,
        held=held,
        hedges=tuple(one for _, one in hedges),
        legs=tuple(joint_leg(decision, leg, wealth, coins, carry) for leg in legs),
        sources=sources_of(decision, problem, limits, wealth),
        allow_long=rules.allow_long == 1,
        unmanaged=unmanaged,
    )
    rows = tuple(row for row, _ in hedges)
    return JointTask(decision, problem, book, rows, legs, limits, wealth, left_out)


def traded_legs(decision: Decision) -> tuple[int, ...]:
    """Legs that hedges may trade, in order of preference. Raises EstimateError for quanto."""
    rules, flat = decision.rules, decision.flat
    found = [rules.use_leg[use] for use in range(use_rows(rules)) if rules.use_retire[use] == 0]
    for leg in found:
        legs = flat.layout.legs
        if legs.payoff[leg] == QUANTO or flat.layout.moves[legs.quote[leg]] == 1:
            raise EstimateError(
                f"joint: {flat.legs[leg][1].key} pays in or is quoted in a third coin, which no "
                f"proposal accounts for; take it out of `use`"
            )
    return tuple(dict.fromkeys(found))


def traded_hedges(
    decision: Decision, problem: Problem, sums: Exposure, wealth: float, coins: tuple[str, ...]
) -> tuple[list[tuple[int, JointHedge]], tuple[str, ...]]:
    """(row, hedge) of those with a base, and words for the others.

    Args: decision; problem: measured; sums: of the held book; wealth: US dollars; coins: names.
    """
    rules, limits, found, left_out = decision.rules, decision.setup.limits, [], []
    for row, hedge in enumerate(decision.setup.hedges):
        price = problem.quote.index_usd[rules.hedge_currency[row]]
        base_usd = problem.answer.base[row] * price
        if base_usd <= max(rules.min_base_usd, 0.0):
            left_out.append(f"{hedge.underlying}: there is nothing of it to hedge, so its ratio 0")
            continue
        offset = spot_delta(rules, sums, row) * price - base_usd
        pools = tuple(coins.index(one.coin) for one in hedge.carriers)
        one = JointHedge(
            name=hedge.underlying,
            coin=coins.index(hedge.underlying),
            pools=pools,
            base=base_usd / wealth,
            offset=offset / wealth,
            least=limits.min_ratio,
            most=limits.max_ratio,
        )
        found.append((row, one))
    return found, tuple(left_out)


def held_apart(
    decision: Decision, sums: Exposure, wealth: float, coins: tuple[str, ...]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What is held of each coin apart from all contracts that hedges trade, shares of wealth.

    And the part of it that is held in other contracts.

    Args: decision; sums: of the held book; wealth: US dollars; coins: names.
    """
    flat, rules = decision.flat, decision.rules
    traded = {rules.use_leg[use] for use in range(use_rows(rules))}
    found, others = [], []
    for name in coins:
        row = flat.currencies.index(name) if name in flat.currencies else -1
        if row < 0:
            found.append(0.0)
            others.append(0.0)
            continue
        share = decision.quoted.quote.index_usd[row] / wealth
        futures = sums.futures[row]
        futures -= sum(sums.leg_coin[leg] for leg in traded if flat.layout.legs.base[leg] == row)
        found.append((sums.balance[row] + sums.pnl[row] + futures) * share)
        others.append(futures * share)
    return tuple(found), tuple(others)


def rolled_usd(decision: Decision, leg: int) -> float:
    """US dollars of delta that a pool's first leg takes over from those of it that are left.

    Args: leg: its row.
    """
    rules, flat, quote = decision.rules, decision.flat, decision.quoted.quote
    total = 0.0
    for pool in range(rules.pools):
        uses = range(rules.pool_from[pool], rules.pool_to[pool])
        kept = [rules.use_leg[use] for use in uses if rules.use_retire[use] == 0]
        if kept[:1] == [leg]:
            price = quote.index_usd[rules.pool_currency[pool]]
            for use in uses:
                if rules.use_retire[use] == 1:
                    left = rules.use_leg[use]
                    coins = flat.state.contracts[left]
                    total += coins * coins_per_contract(flat.layout, quote, left) * price
    return total


def joint_leg(
    decision: Decision, leg: int, wealth: float, coins: tuple[str, ...], carry: Mapping[str, float]
) -> JointLeg:
    """A leg that hedges may trade.

    Args: decision; leg: its row; wealth: US dollars; coins: names; carry: as `joint_task`.
    """
    flat, quote = decision.flat, decision.quoted.quote
    account, contract = flat.legs[leg]
    layout = flat.layout
    row = layout.legs.base[leg]
    usd = coins_per_contract(layout, quote, leg) * quote.index_usd[row]
    held = flat.state.contracts[leg] * usd + rolled_usd(decision, leg)
    cap = position_cap(layout.legs, leg, quote.mark[leg])
    return JointLeg(
        name=f"{account}: {contract.key}",
        coin=coins.index(flat.currencies[row]),
        held=-held / wealth,
        cost=layout.legs.taker[leg] + HALF_SPREAD,
        carry=carry.get(contract.key, 0.0),
        most=cap * abs(usd) / wealth if cap > 0.0 else np.inf,
    )


def group_limits(problem: Problem, legs: Sequence[int]) -> tuple[GroupLimit, ...]:
    """The limits of every margin group that hedges trade in.

    Of an account that is taken to have what it needs, none. Where coins may be moved in, leverage
    is that of the collateral plan too.

    Args: problem; legs: rows of those that may trade.
    """
    layout, rules = problem.layout, problem.rules
    found = []
    for group in dict.fromkeys(layout.legs.group[leg] for leg in legs):
        if rules.assumed[group] == 1:
            continue
        most = rules.max_leverage
        if rules.planned[group] == 1:
            safe = rules.band_third[group]
            most = min(most, safe) if most > 0.0 else safe
        currency = layout.group_currency[group]
        usd = problem.quote.index_usd[currency] if currency >= 0 else 1.0
        wanted = {
            "leverage": Within(most, 0.0, 0),
            "distance": Within(0.0, rules.min_distance, 0),
            "opening": Within(0.0, 0.0, 1),
        }
        for kind, within in wanted.items():
            if any(within):
                found.append(GroupLimit(NAMES[kind], group, within, usd))
    return tuple(found)


def sources_of(
    decision: Decision, problem: Problem, limits: Sequence[GroupLimit], wealth: float
) -> tuple[JointSource, ...]:
    """Wallets that collateral plans may draw on, and for which groups.

    Args: decision; problem: of it; limits: of its groups; wealth: US dollars.
    """
    rules, flat, layout = decision.rules, decision.flat, problem.layout
    funded: dict[int, list[str]] = {}
    worth: dict[int, float] = {}
    usd = {one.group: one.usd for one in limits}
    for group, unit_usd in usd.items():
        label = flat.groups[group]
        for source in range(rules.source_from[group], rules.source_to[group]):
            wallet = rules.source_wallet[source]
            funded.setdefault(wallet, []).append(f"{label.account} ({label.group})")
            unit = unit_of_coin(layout, problem.quote, rules, group)
            free = max(0.0, flat.state.wallet[wallet] - rules.transfer_cost[group])
            worth[wallet] = min(worth.get(wallet, np.inf), free * unit * unit_usd / wealth)
    return tuple(
        JointSource(
            f"{flat.wallets[wallet].account} ({flat.wallets[wallet].asset})",
            tuple(groups),
            worth[wallet],
        )
        for wallet, groups in funded.items()
    )


def proposed(
    task: JointTask, preferences: JointPreferences, covariance: Floats
) -> tuple[JointTask, JointModel, JointProposal]:
    """(task with its limits as rows, their programme, what it proposes).

    Each round adds the tangents of what the last proposal lacked. Raises EstimateError as
    `JointModel.solve` does.

    Args: task; preferences: aversion and days; covariance: (coins, coins) a year.
    """
    held = [leg.held for leg in task.book.legs]
    rows = [task.tangent(limit, held) for limit in task.limits]
    for _ in range(ROUNDS):
        task = replace(task, book=replace(task.book, rows=tuple(rows)))
        model = JointModel(task.book, preferences)
        found = model.solve(covariance)
        lacking = [one for one in task.limits if lacks_more(task, one, rows, found.sold)]
        if not lacking:
            break
        rows += [task.tangent(limit, found.sold) for limit in lacking]
    return task, model, found


def lacks_more(
    task: JointTask, limit: GroupLimit, rows: Sequence[JointRow], sold: Sequence[float]
) -> bool:
    """Whether a proposal lacks more of a limit than its rows saw: than what is brought in covers.

    Args: task; limit; rows: so far; sold: a share of wealth a leg.
    """
    name = task.group_name(limit.group)
    worst = max(
        (
            float(np.dot(row.weight, sold)) - row.room
            for row in rows
            if (row.limit, row.group) == (limit.limit, name)
        ),
        default=0.0,
    )
    return task.lacks(limit, sold) > max(worst, 0.0) + MET


def proposed_hedges(
    task: JointTask, found: JointProposal
) -> list[tuple[Hedge, float, list[float]]]:
    """(hedge, ratio, beta of each of its carriers) as proposed, rounded as they are written.

    Raises EstimateError for a beta that no mandate takes.
    """
    hedges = [task.decision.setup.hedges[row] for row in task.hedges]
    made = []
    for hedge, ratio, betas in zip(hedges, found.ratio, found.betas, strict=True):
        rounded = [round(beta, DIGITS) for beta in betas]
        largest = max(map(abs, rounded))
        if largest > MOST_BETA:
            raise EstimateError(
                f"joint: {hedge.underlying} would ask for a beta of {largest:g}, more than the "
                f"{MOST_BETA:g} that a mandate takes: its proxies move too much alike, or with it "
                f"too little; leave one of them out"
            )
        made.append((hedge, round(ratio, DIGITS), rounded))
    return made


DIGITS = 6  # of ratios and betas in the lines: a millionth of a base is less than a lot
