"""Running a setup through an aligned history: rolls, policies, flows, and its two ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import is_not
from typing import Any

import numpy as np

from volsculpt.book.fees import fee_changes
from volsculpt.book.holdings import Book
from volsculpt.book.state import Quote, copy_state
from volsculpt.decide.act import act
from volsculpt.decide.build import LegsAt, UseLeg
from volsculpt.decide.rules import Rules, new_problem
from volsculpt.decide.step import Setup, summaries_of, with_aims, with_memory
from volsculpt.errors import BookError
from volsculpt.exchange.events import new_page
from volsculpt.exchange.place import place
from volsculpt.exchange.rows import Exchange, Terms, new_pending
from volsculpt.hedge.known import Features
from volsculpt.hedge.policy import HedgeSummary
from volsculpt.market.align import Aligned
from volsculpt.market.walk import missing_funding
from volsculpt.simulate.answers import Answers
from volsculpt.simulate.backtest import (
    Costs,
    Kernel,
    Lanes,
    flat_setup,
    plain_state,
    prepare,
    rules_of,
    run_pieces,
    set_fees,
    set_rules,
    terms_of,
    transfer_steps,
)
from volsculpt.simulate.kernel import add_decisions
from volsculpt.simulate.lanes import Array, write
from volsculpt.simulate.late import late_bar, settle_late
from volsculpt.simulate.log import FIRST, keep
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.market_rows import market_arrays
from volsculpt.simulate.ran import Ran
from volsculpt.units import DAY_NS


@dataclass(frozen=True, slots=True)
class Asked:
    """What to run: the setup, the legs in use at each time, the history, the costs."""

    setup: Setup
    legs_at: LegsAt
    aligned: Aligned
    costs: Costs
    features: Sequence[Features] | None  # at each stamp; None: no policy asks for any
    flows: Callable[[int, int], list[tuple[str, str, float]]]  # (from, to] -> account, coin, amount
    allow_missing_funding: bool = False
    memory: Sequence[Any] | None = None  # of each policy before the first stamp; None: nothing


def legs_over_time(
    asked: Asked, stamps: Array
) -> tuple[list[UseLeg], dict[int, tuple[tuple[UseLeg, ...], ...]]]:
    """(every leg ever used, step -> legs in use from there on).

    A leg that is no longer picked stays in use to be closed, until it expires.
    """
    seen: list[dict[tuple[str, str], UseLeg]] = [{} for _ in asked.setup.hedges]
    changes: dict[int, tuple[tuple[UseLeg, ...], ...]] = {}
    last: tuple[tuple[UseLeg, ...], ...] = ()
    before: tuple[tuple[UseLeg, ...], ...] | None = None
    for step in roll_steps(asked, stamps):
        now = int(stamps[step])
        picked, asked_for = [], asked.legs_at(now)
        if asked_for == before and not any(leg[2] or leg[1].expiry_ns for u in last for leg in u):
            continue  # nothing rolls, and nothing that rolled is left
        before = asked_for
        for hedge, used in enumerate(asked_for):
            fresh = {(account, one.key): (account, one, False) for account, one, _ in used}
            old = {
                key: (leg[0], leg[1], True)
                for key, leg in seen[hedge].items()
                if key not in fresh and (leg[1].expiry_ns or now + 1) > now
            }
            seen[hedge] |= fresh
            picked.append((*fresh.values(), *old.values()))
        if tuple(picked) != last:
            last = tuple(picked)
            changes[step] = last
    everything = {key: leg for legs in seen for key, leg in legs.items()}
    return list(everything.values()), changes


def roll_steps(asked: Asked, stamps: Array) -> list[int]:
    """The steps at which the legs in use may change: the first, rolls, and expiries of the past.

    Looked for once a day, and step by step only within a day that something changes in.
    """
    step_ns, last = int(stamps[1] - stamps[0]), len(stamps) - 2
    looks = [*range(0, last, max(1, DAY_NS // step_ns)), last]
    times, found = stamps[looks].tolist(), [0]
    all_used = list(map(asked.legs_at, times))
    used = all_used[0]
    if not any(map(is_not, all_used, all_used[1:])):
        return found  # the same all the time, seen at once: none is given up
    expiries = expiries_of(used)
    days = zip(pairwise(looks), pairwise(times), all_used[1:], strict=True)
    for (early, late), (start, end), now in days:
        if now != used or any(start < expiry <= end for expiry in expiries):
            found += range(early + 1, late + 1)
        if now != used:
            expiries |= expiries_of(now)
        used = now
    return found


def expiries_of(legs: tuple[tuple[UseLeg, ...], ...]) -> set[int]:
    """When dated legs in use end."""
    return {one.expiry_ns for used in legs for _, one, _ in used if one.expiry_ns}


def fee_steps(asked: Asked, stamps: Array) -> list[int]:
    """The stamps from which a discount that has ended is no longer taken off fees."""
    ends = fee_changes(asked.setup.book, int(stamps[0]), int(stamps[-1]))
    return [int(step) for step in np.searchsorted(stamps, ends)]


def check_funding(asked: Asked, keys: Sequence[str]) -> list[str]:
    """Warnings for funding stamps that are missing; HistoryError unless that is allowed."""
    return missing_funding(asked.aligned, keys, asked.allow_missing_funding)


def flow_rows(asked: Asked, lanes_flat: Sequence[tuple[str, str]], stamps: Array) -> Array:
    """(stamp, wallet) coins of dated flows, booked at the first stamp at or after their date.

    What is dated at the last stamp itself belongs to the time after the run.
    """
    rows = np.zeros((len(stamps), len(lanes_flat)))
    if not asked.flows(int(stamps[0]) - 1, int(stamps[-1]) - 1):
        return rows
    for step in range(len(stamps)):
        before = int(stamps[step - 1]) if step else int(stamps[0]) - 1
        until = min(int(stamps[step]), int(stamps[-1]) - 1)
        for account, asset, amount in asked.flows(before, until):
            if (account, asset) not in lanes_flat:
                raise BookError(f"[[flow]] of {asset} into '{account}': there is no such account")
            wrapped = asked.setup.book.wrapped.get(asset)
            coins = amount * wrapped.rate if wrapped else amount
            rows[step, lanes_flat.index((account, asset))] += coins
    return rows


def decide_first(made: Lanes, terms: Terms, first: Quote, rules: Rules, ratio: Array) -> None:
    """Decide at the first stamp, as a plan would.

    Orders fill at the open of the first step.

    Args: made: written; first: prices at the first stamp; ratio: (hedge, lane).
    """
    flat = made.flat
    legs, groups, wallets = len(flat.legs), len(flat.groups), len(flat.wallets)
    for lane in range(len(made.status)):
        state, pending = copy_state(flat.state), new_pending(flat.layout)
        page = new_page(legs, wallets, groups, len(rules.source_wallet), rules.hedges)
        targets, problem = ratio[:, lane].tolist(), new_problem(flat.layout, state, first, rules)
        act(problem, targets)
        answer = problem.answer
        add_decisions(rules, answer, targets, page)
        place(Exchange(flat.layout, state, pending, terms, page), first, rules, answer, -1)
        if made.noted:
            keep(flat.layout, state, page, made.log, lane, FIRST)
        for row, plain in ((3, state), (4, pending)):
            write(made.arguments[row][lane], plain)


class _Walk:
    """A run between its pieces: the legs in use, the rules in force, the book as it stands."""

    def __init__(
        self, asked: Asked, setup: Setup, made: Lanes, market: Market, book: Book, answers: Answers
    ) -> None:
        self.asked, self.setup, self.made, self.market = asked, setup, made, market
        self.book, self.answers, self.rules = book, answers, made.rules
        self.ruled: list[tuple[int, Rules]] = []

    def use(self, legs: Sequence[Sequence[UseLeg]], time_ns: int) -> None:
        """Other legs from here on."""
        self.rules = rules_of(self.made.flat, self.book, self.setup, legs, time_ns)

    def charge(self, time_ns: int) -> None:
        """Other fees from here on."""
        set_fees(self.made, time_ns)

    def rule(self, stamp: int) -> Rules:
        """Put the rules of a stamp into force."""
        rules = with_aims(self.rules, self.setup.hedges, self.answers.said)
        if not self.ruled or self.ruled[-1][1] != rules:
            self.ruled.append((stamp, rules))
            set_rules(self.made, rules)
        return rules

    def quote(self, stamp: int) -> Quote:
        """The prices of a stamp."""
        market, last = self.market, stamp - 1
        if stamp == 0:
            index, marks = market.open_index[:, 0, 0], market.open_mark[:, 0, 0]
        else:
            index, marks = market.close_index[:, 0, last], market.close_mark[:, 0, last]
        return Quote(index.tolist(), marks.tolist())

    def summaries(self, stamp: int) -> list[HedgeSummary]:
        """What policies may know of the book at a stamp, before anything is decided there."""
        state = plain_state(self.made) if stamp else self.made.flat.state
        quote, hedges = self.quote(stamp), self.setup.hedges
        rules = with_memory(self.rules, hedges, self.answers.memory)
        return summaries_of(self.made.flat, state, quote, rules, hedges)


def run_history(
    asked: Asked,
    kernel: Kernel,
    lanes: int = 1,
    ratios: Array | None = None,
    noted: bool = True,
    opens: bool = False,
) -> Ran:
    """Run one book through a history.

    Policies that look at the book see the first lane's. Raises HistoryError, ContractError,
    PolicyError, BookError.

    Args: kernel: `run`, compiled or plain; lanes: how many; ratios: (step, hedge, lane), instead of
    the policies; noted: False keeps wealth alone, not what happened; opens: the first decision
    trades to the ratios given, whatever the band.
    """
    stamps = asked.aligned.stamp_ns
    steps = len(stamps) - 1
    all_legs, changes = legs_over_time(asked, stamps)
    setup = replace(asked.setup, legs=changes[0])
    flat, rules, book = flat_setup(setup, all_legs, int(stamps[0]))
    warnings = check_funding(asked, [leg.key for _, leg in flat.legs if leg.expiry_ns is None])
    flows = flow_rows(asked, [(label.account, label.asset) for label in flat.wallets], stamps)
    market = market_arrays(asked.aligned, flat, flows[:-1])
    late = late_bar(asked.aligned, flat, flows[-1])
    before = asked.memory
    answers = Answers(setup, stamps, asked.features, lanes, ratios, opens, before)
    first = Quote(market.open_index[:, 0, 0].tolist(), market.open_mark[:, 0, 0].tolist())
    delays = transfer_steps(flat, setup.collateral, asked.costs, int(stamps[1] - stamps[0]))
    made = prepare(flat, rules, asked.costs, first, steps, lanes, delays, noted)
    walk = _Walk(asked, setup, made, market, book, answers)
    charged = fee_steps(asked, stamps)

    def at_stamp(stamp: int) -> int:
        """Everything that is new at a stamp; the next at which anything is."""
        if stamp in charged:
            walk.charge(int(stamps[stamp]))
        if stamp in changes:
            walk.use(changes[stamp], int(stamps[stamp]))
        answers.at(stamp, lambda: walk.summaries(stamp))
        in_force = walk.rule(stamp)
        if stamp == 0:
            terms = terms_of(flat, rules, asked.costs, delays)
            decide_first(made, terms, first, in_force, answers.first)
        ahead = [step for step in (*changes, *charged) if step > stamp]
        return min([answers.following(stamp), *ahead])

    run_pieces(made, market, kernel, answers.ratios, at_stamp)
    settled = settle_late(made, market, late, answers.ratios)
    targets = np.concatenate([answers.first[None, :, 0], answers.ratios[:, :, 0]])
    found = (made, market, stamps, targets, answers.paused, tuple(walk.ruled), tuple(warnings))
    return Ran(*found, late if settled else None)
