"""A joint proposal: from a decision and stored prices to rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from volsculpt.decide.step import Decision, Setup, decide
from volsculpt.errors import EstimateError, HistoryError
from volsculpt.hedge.aim import NO_OVERLAYS
from volsculpt.hedge.auto_band import AVERSION
from volsculpt.hedge.betas import closes, shared_returns
from volsculpt.hedge.estimators.joint import JointPreferences, JointProposal, covariance_of
from volsculpt.hedge.estimators.joint_model import JointModel
from volsculpt.hedge.market_features import features_at
from volsculpt.hedge.needs import look_back_ns
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.spec import BetaRule, Hedge, Proxy
from volsculpt.hedge.stored import observed_for
from volsculpt.mandate.given import above_zero, count_of, flag_of
from volsculpt.market.gate import Floats
from volsculpt.market.opening import StoreNames, history_before
from volsculpt.market.quotes import Quotes
from volsculpt.report.joint import JointReport
from volsculpt.report.rows.joint import (
    JointBetaRow,
    JointPoolRow,
    JointRatioRow,
)
from volsculpt.report.rows.joint_book import (
    JointTask,
    joint_task,
    proposed,
    proposed_hedges,
)
from volsculpt.report.rows.joint_ways import HELD, JOINT, MANDATE, compare, order_words, ways_of
from volsculpt.report.rows.joint_words import limit_rows, mandate_lines, sentence_of
from volsculpt.report.rows.plan_beta import coins_of
from volsculpt.report.rows.plan_book import order_rows
from volsculpt.report.rows.ratio import SEED
from volsculpt.report.stats.bootstrap import block_days, shared_block_length
from volsculpt.units import DAY_NS, HOUR_NS, MOST_DRAWS, YEAR_NS, iso_day, iso_trimmed

CARRY_DAYS = 90
MOST_DAYS = 36_500  # a hundred years: no price is older


@dataclass(frozen=True, slots=True)
class JointRequest:
    """What is asked. days: of returns; draws: of the bootstrap; carry: whether to count funding.

    aversion: what variance weighs against costs; keep_days: that trades are paid over. Raises
    MandateError naming the one that cannot be meant.
    """

    days: int = 365
    aversion: float = AVERSION
    keep_days: float = 90.0
    carry: bool = False
    draws: int = 200

    def __post_init__(self) -> None:
        checked = {
            "days": count_of(self.days, 1, "days", MOST_DAYS),
            "aversion": above_zero(self.aversion, "aversion"),
            "keep_days": above_zero(self.keep_days, "keep_days"),
            "carry": flag_of(self.carry, "carry"),
            "draws": count_of(self.draws, 1, "draws", MOST_DRAWS),
        }
        for name, found in checked.items():
            object.__setattr__(self, name, found)

    @property
    def weights(self) -> JointPreferences:
        """What risk and trades weigh."""
        return JointPreferences(self.aversion, self.keep_days)


class Spread(NamedTuple):
    """Standard errors of a proposal: per hedge, per beta of each hedge, per leg."""

    ratio: Floats
    betas: list[Floats]
    sold: Floats
    draws: int


def joint_report(
    decision: Decision, quotes: Quotes, root: Path, request: JointRequest
) -> JointReport:
    """What is proposed for all hedges of a decision's mandate at once.

    Raises EstimateError (too few days, limits that contradict each other), MandateError (no hedge
    has a contract), HistoryError (no prices), MissingExtra.

    Args: decision: of the mandate as it is; quotes: it was made on; root: folder of the store;
    request.
    """
    coins = coins_of(decision)
    returns = daily_returns(root, coins, decision.time_ns, request.days)
    carry = carry_of(decision, root) if request.carry else {}
    task, model, found = proposed(
        joint_task(decision, carry), request.weights, covariance_of(returns)
    )
    carried = model.in_order(found.sold)
    spread = errors_of(model, returns, request.draws)
    ways = ways_of(task, carried)
    compared = compare(task, model, returns, ways, request.weights)
    hedges = proposed_hedges(task, found)
    then = decide(with_proposal(decision.setup, hedges), quotes, decision.time_ns)
    made = JointReport(
        as_of=iso_trimmed(decision.time_ns),
        root=str(root),
        from_=iso_day(decision.time_ns - request.days * DAY_NS),
        to=iso_day(decision.time_ns),
        days=len(returns),
        wealth_usd=task.wealth_usd,
        aversion=request.aversion,
        keep_days=request.keep_days,
        with_carry=request.carry,
        ratios=ratio_rows(task, hedges, spread),
        betas=beta_rows(task, hedges, spread),
        pools=pool_rows(task, ways, spread),
        limits=limit_rows(task, found.binding),
        ways=compared.rows,
        variance_left=compared.left,
        variance_left_low=compared.left_range.low,
        variance_left_high=compared.left_range.high,
        ahead=compared.ahead,
        ahead_low=compared.ahead_range.low,
        ahead_high=compared.ahead_range.high,
        draws=spread.draws,
        orders=order_rows(then),
        lines=mandate_lines(hedges),
        sentence="",
        warnings=[
            *task.left_out,
            *order_words(task, found.sold, carried, request.keep_days),
            *overlay_words(decision.setup),
        ],
    )
    return replace(made, sentence=sentence_of(made))


def daily_returns(root: Path, coins: tuple[str, ...], now_ns: int, days: int) -> Floats:
    """(n, coins) of the last days before now, of those at which all coins have prices.

    Raises EstimateError naming a coin without prices, or whose price does not move.

    Args: root: folder of the store; coins: by name; now_ns: ns UTC; days: to look back.
    """
    rule = BetaRule(window_ns=days * DAY_NS, refit_ns=0, keep_ns=0)
    needs = {coin: (closes(rule, coin),) for coin in coins}
    history = history_before(root, now_ns, StoreNames(coins), look_back_ns(needs))
    (features,) = features_at(observed_for(history, needs, [now_ns]), needs, [now_ns])
    found = shared_returns(rule, coins, features, now_ns)
    still = [coin for coin in coins if len(found[coin]) > 1 and np.ptp(found[coin]) == 0.0]
    if still:
        raise EstimateError(
            f"joint: the price of {', '.join(still)} does not move in {len(found[coins[0]])} days; "
            f"look at it with `volsculpt data check`"
        )
    return np.array([found[coin] for coin in coins], dtype=np.float64).T


def carry_of(decision: Decision, root: Path) -> dict[str, float]:
    """What a short of each contract earned in the last 90 days by funding, a year, a fraction.

    Raises HistoryError for a perpetual whose funding is not stored. Worked: 0.01 % each eight
    hours: 0.1095.
    """
    found = {}
    for _, contract in decision.flat.legs:
        if contract.expiry_ns is not None or contract.key in found:
            continue
        span = (decision.time_ns - CARRY_DAYS * DAY_NS, decision.time_ns + 1)
        history = history_before(root, span[1], StoreNames((), (contract.key,)), span[1] - span[0])
        rates = history.funding.get(contract.key)
        there = None if rates is None else (rates.stamp_ns >= span[0]) & (rates.stamp_ns < span[1])
        if rates is None or there is None or not there.any():
            raise HistoryError(
                f"{root}: no funding of {contract.key} is stored in the {CARRY_DAYS} days before "
                f"{iso_day(decision.time_ns)}; import some, or leave --carry out"
            )
        hours = float(rates.interval_hours[there].sum())
        found[contract.key] = float(rates.rate[there].sum()) / hours * (YEAR_NS / HOUR_NS)
    return found


def errors_of(model: JointModel, returns: Floats, draws: int) -> Spread:
    """Standard errors by proposing again for histories resampled by blocks of days.

    A history for which no ratios obey the limits is left out.

    Args: model: of the book; returns: (n, coins); draws: how many histories.
    """
    length = shared_block_length(list(returns.T))
    random = np.random.default_rng(SEED)
    found: list[JointProposal] = []
    for days in block_days(length, len(returns), draws, random):
        try:
            found.append(model.solve(covariance_of(returns[days])))
        except EstimateError:
            continue
    if len(found) < 2:
        hedges = model.book.hedges
        nan = [np.full(len(one.pools), np.nan) for one in hedges]
        none = np.full(len(hedges), np.nan)
        return Spread(none, nan, np.full(len(model.book.legs), np.nan), len(found))
    return Spread(
        np.std([one.ratio for one in found], axis=0, ddof=1),
        [
            np.std([one.betas[row] for one in found], axis=0, ddof=1)
            for row in range(len(model.book.hedges))
        ],
        np.std([one.sold for one in found], axis=0, ddof=1),
        len(found),
    )


def ratio_rows(
    task: JointTask, hedges: Sequence[tuple[Hedge, float, list[float]]], spread: Spread
) -> list[JointRatioRow]:
    """Each hedge's ratio today and proposed.

    Args: task; hedges: as proposed; spread: standard errors.
    """
    limits, aims = task.decision.setup.limits, task.decision.aims
    return [
        JointRatioRow(
            underlying=hedge.underlying,
            ratio_now=aims[row].ratio,
            ratio=ratio,
            ratio_std=finite_or_none(spread.ratio[place]),
            least=limits.min_ratio,
            most=limits.max_ratio,
        )
        for place, (row, (hedge, ratio, _)) in enumerate(zip(task.hedges, hedges, strict=True))
    ]


def beta_rows(
    task: JointTask, hedges: Sequence[tuple[Hedge, float, list[float]]], spread: Spread
) -> list[JointBetaRow]:
    """Each beta to a proxy today and proposed. Args: as `ratio_rows`."""
    rules, found = task.decision.rules, []
    for place, (row, (hedge, _, betas)) in enumerate(zip(task.hedges, hedges, strict=True)):
        if not hedge.proxies:
            continue
        links = [link for link in range(rules.links) if rules.link_hedge[link] == row]
        for column, (one, link) in enumerate(zip(hedge.carriers, links, strict=True)):
            found.append(
                JointBetaRow(
                    underlying=hedge.underlying,
                    proxy=one.coin,
                    beta_now=rules.link_beta[link],
                    beta=betas[column],
                    beta_std=finite_or_none(spread.betas[place][column]),
                )
            )
    return found


def pool_rows(
    task: JointTask, ways: Mapping[str, Sequence[float]], spread: Spread
) -> list[JointPoolRow]:
    """US dollars short of each coin whose contracts trade.

    Args: task; ways: shares of wealth a leg; spread: standard errors; of a coin with several
    contracts those of each, added.
    """
    book, found = task.book, []
    for coin in dict.fromkeys(leg.coin for leg in book.legs):
        legs = [row for row, leg in enumerate(book.legs) if leg.coin == coin]
        usd = {
            name: task.wealth_usd * sum(sold[row] for row in legs) for name, sold in ways.items()
        }
        std = finite_or_none(task.wealth_usd * sum(float(spread.sold[row]) for row in legs))
        found.append(JointPoolRow(book.coins[coin], usd[HELD], usd[MANDATE], usd[JOINT], std))
    return found


def overlay_words(setup: Setup) -> list[str]:
    """That what the mandate lays over its policies acts on the proposal too."""
    words = (
        "overlays: tilts, events and overrides of the mandate are no part of the proposal, but act "
        "on its lines: the orders are those with them"
    )
    return [] if setup.overlays == NO_OVERLAYS else [words]


def finite_or_none(figure: float) -> float | None:
    """A figure, None where there is none."""
    return float(figure) if np.isfinite(figure) else None


def with_proposal(setup: Setup, hedges: Sequence[tuple[Hedge, float, list[float]]]) -> Setup:
    """A setup whose mandate has the proposed lines in it; what is laid over them stays.

    Args: setup: of the mandate as it is; hedges: with ratio and betas as proposed.
    """
    lines = {
        hedge.underlying: replace(
            hedge,
            policy=FixedPolicy(ratio),
            proxies=tuple(
                Proxy(one.coin, beta) for one, beta in zip(hedge.carriers, betas, strict=True)
            )
            if hedge.proxies
            else (),
            betas=None,
        )
        for hedge, ratio, betas in hedges
    }
    changed = tuple(lines.get(one.underlying, one) for one in setup.hedges)
    return replace(setup, hedges=changed)
