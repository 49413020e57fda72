"""Running a setup through an aligned history: cuts, targets, scheduled policies, flows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from volsculpt.book.holdings import Book
from volsculpt.book.state import Quote, copy_state
from volsculpt.decide.act import act
from volsculpt.decide.build import UseLeg
from volsculpt.decide.rules import Rules, new_answer, new_work
from volsculpt.decide.step import Setup, summaries_of, with_aims
from volsculpt.errors import BookError, PolicyError
from volsculpt.exchange.place import place
from volsculpt.exchange.rows import Tally, Terms
from volsculpt.hedge.aim import Aim, aim_one
from volsculpt.hedge.features import Features
from volsculpt.hedge.spec import CallablePolicy
from volsculpt.market.align import Aligned
from volsculpt.market.walk import missing_funding
from volsculpt.simulate.backtest import (
    Costs,
    Kernel,
    Lanes,
    empty_pending,
    flat_setup,
    plain_arguments,
    prepare,
    rules_of,
    run_segments,
    segments,
    set_rules,
    terms_of,
    transfer_steps,
)
from volsculpt.simulate.lanes import Array, write
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.market_rows import market_arrays
from volsculpt.simulate.targets import is_scheduled, pauses, targets, without_answer

DAY_NS = 86_400_000_000_000
LegsAt = Callable[[int], tuple[tuple[UseLeg, ...], ...]]


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


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished run and the market it went through.

    first_top_up: (group, lane) coins sent to (+) or taken from (-) a group at the first stamp.
    paused: (step, hedge), where a policy had no answer and what was held was kept.
    """

    lanes: Lanes
    market: Market
    stamp_ns: Array
    first_top_up: Array
    paused: Array
    warnings: tuple[str, ...] = ()


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
    found = [0]
    expiries: set[int] = set()
    for early, late in pairwise(looks):
        before = asked.legs_at(int(stamps[early]))
        expiries |= {one.expiry_ns or 0 for used in before for _, one, _ in used}
        ends = any(stamps[early] < expiry <= stamps[late] for expiry in expiries)
        if ends or asked.legs_at(int(stamps[late])) != before:
            found += range(early + 1, late + 1)
    return found


def check_funding(asked: Asked, keys: Sequence[str]) -> list[str]:
    """Warnings for funding stamps that are missing; HistoryError unless that is allowed."""
    return missing_funding(asked.aligned, keys, asked.allow_missing_funding)


def flow_rows(asked: Asked, lanes_flat: Sequence[tuple[str, str]], stamps: Array) -> Array:
    """(step, wallet) coins of dated flows, booked at the first stamp at or after their date."""
    rows = np.zeros((len(stamps) - 1, len(lanes_flat)))
    if not asked.flows(int(stamps[0]) - 1, int(stamps[-1])):
        return rows
    for step in range(len(stamps) - 1):
        before = int(stamps[step - 1]) if step else int(stamps[0]) - 1
        for account, asset, amount in asked.flows(before, int(stamps[step])):
            if (account, asset) not in lanes_flat:
                raise BookError(f"[[flow]] of {asset} into '{account}': there is no such account")
            wrapped = asked.setup.book.wrapped.get(asset)
            coins = amount * wrapped.rate if wrapped else amount
            rows[step, lanes_flat.index((account, asset))] += coins
    return rows


def scheduled_steps(asked: Asked, stamps: Array) -> dict[int, list[int]]:
    """step -> hedges whose own function is asked there, by their schedule."""
    step_ns = int(stamps[1] - stamps[0])
    due: dict[int, list[int]] = {}
    for row, hedge in enumerate(asked.setup.hedges):
        if isinstance(hedge.policy, CallablePolicy):
            every = max(1, (hedge.policy.every_ns or step_ns) // step_ns)
            for step in range(0, len(stamps) - 1, every):
                due.setdefault(step, []).append(row)
    return due


def bounds_of(setup: Setup) -> tuple[float, float]:
    """Lowest and highest target ratio."""
    return setup.limits.min_ratio, setup.limits.max_ratio


def first_ratios(setup: Setup, asked: Asked) -> Array:
    """(hedge, 1) ratios at the first stamp; NaN for scheduled policies and without an answer."""
    twice = np.repeat(asked.aligned.stamp_ns[:1], 2)
    features = None if asked.features is None else [asked.features[0]] * 2
    try:
        known = targets(setup.hedges, setup.overlays, twice, features, bounds_of(setup))
    except PolicyError:  # a file of ratios that begins within the first step
        return np.full((len(setup.hedges), 1), np.nan)
    return np.ascontiguousarray(known[0][:, None])


def decide_first(made: Lanes, terms: Terms, first: Quote, rules: Rules, ratio: Array) -> Array:
    """Decide at the first stamp, as a plan would; (group, lane) coins that leave then.

    Orders fill at the open of the first step. ratio: (hedge, lane). Where no policy has an answer
    yet, nothing is decided.
    """
    flat = made.flat
    legs, groups = len(flat.legs), len(flat.groups)
    sent = np.zeros((groups, len(made.status)))
    if all(rules.hedge_hold):
        return sent
    for lane in range(len(made.status)):
        state, pending = copy_state(flat.state), empty_pending(legs, groups)
        tally = Tally(*[[0] for _ in Tally._fields])  # type: ignore[arg-type]
        answer, work = new_answer(flat.layout, rules), new_work(flat.layout, rules)
        act(flat.layout, state, first, rules, ratio[:, lane].tolist(), work, answer)
        place(flat.layout, state, first, rules, answer, pending, terms, -1, tally)
        for row, plain in ((3, state), (4, pending), (7, tally)):
            write(made.arguments[row][lane], plain)
        sent[:, lane] = answer.top_up
    return sent


class _Walk:
    """A run between its pieces: the rules in force, the policies' answers and memories."""

    def __init__(
        self,
        asked: Asked,
        setup: Setup,
        made: Lanes,
        market: Market,
        book: Book,
        ratios: Array,
        paused: Array,
    ) -> None:
        self.asked, self.setup, self.made = asked, setup, made
        self.market, self.book, self.ratios, self.paused = market, book, ratios, paused
        self.rules = made.rules
        self.memory: list[object] = [None] * len(setup.hedges)
        self.said = [Aim(ratio=1.0) for _ in setup.hedges]

    @property
    def in_force(self) -> Rules:
        """The rules with what the policies last said of bands, betas and holding."""
        return with_aims(self.rules, self.said)

    def pause(self, keeps: Sequence[bool]) -> None:
        """Which hedges keep what they hold from here on; nothing: as before."""
        for row, holds in enumerate(keeps):
            if not is_scheduled(self.setup.hedges[row]):
                self.said[row] = Aim(ratio=None if holds else 1.0)

    def use(self, legs: Sequence[Sequence[UseLeg]], time_ns: int) -> None:
        """Other legs from here on."""
        self.rules = rules_of(self.made.flat, self.book, self.setup, legs, time_ns)

    def ask(self, step: int, rows: Sequence[int]) -> None:
        """Ask scheduled policies with the real book; their ratios hold from here on."""
        index, marks = self.market.open_index[step, :, 0], self.market.open_mark[step, :, 0]
        quote, state = Quote(index.tolist(), marks.tolist()), plain_arguments(self.made)
        hedges, asked = self.setup.hedges, self.asked
        known = summaries_of(self.made.flat, state, quote, self.made.rules, hedges)
        for row in rows:
            answer, self.memory[row] = aim_one(
                hedges[row],
                self.memory[row],
                asked.features[step] if asked.features is not None else None,
                known[row],
                int(asked.aligned.stamp_ns[step]),
                self.setup.overlays,
                bounds_of(self.setup),
            )
            self.said[row] = answer
            self.paused[step:, row] = answer.ratio is None
            self.ratios[step:, row, :] = answer.ratio if answer.ratio is not None else 1.0

    def at_first(self, opening: Array) -> tuple[Rules, Array]:
        """(rules, (hedge, lane) ratios) of the decision at the first stamp.

        A hedge whose policy has no answer yet keeps what is held.
        """
        said, ratio = list(self.said), np.array(np.broadcast_to(opening, self.ratios[0].shape))
        for row, hedge in enumerate(self.setup.hedges):
            if is_scheduled(hedge) and np.isnan(ratio[row]).any():
                ratio[row] = self.ratios[0, row]
            elif np.isnan(ratio[row]).any():
                said[row], ratio[row] = Aim(ratio=None), 1.0
            else:
                said[row] = replace(said[row], ratio=1.0)
        return with_aims(self.rules, said), ratio


def told_ahead(
    asked: Asked, setup: Setup, ratios: Array | None, lanes: int, bounds: tuple[float, float]
) -> tuple[Array, Array, dict[int, list[int]]]:
    """(step, hedge, lane) ratios, where a hedge pauses, and when scheduled policies are asked."""
    stamps = asked.aligned.stamp_ns
    if ratios is not None:
        return ratios, np.zeros((len(stamps) - 1, len(setup.hedges)), dtype=np.bool_), {}
    known = targets(setup.hedges, setup.overlays, stamps, asked.features, bounds)
    paused = without_answer(known, setup.hedges)
    ratios = np.repeat(np.where(paused, 1.0, known)[:, :, None], lanes, axis=2)
    return ratios, paused, scheduled_steps(asked, stamps)


def run_history(
    asked: Asked,
    kernel: Kernel,
    lanes: int = 1,
    ratios: Array | None = None,
    noted: bool = True,
) -> Ran:
    """Run one book through a history. ratios: (step, hedge, lane), instead of the policies.

    noted = False leaves wealth alone in the track, at many times the speed.
    Raises HistoryError, ContractError, PolicyError, BookError.
    """
    stamps = asked.aligned.stamp_ns
    steps = len(stamps) - 1
    all_legs, changes = legs_over_time(asked, stamps)
    setup = replace(asked.setup, legs=changes[0])
    flat, rules, book = flat_setup(setup, all_legs, int(stamps[0]))
    warnings = check_funding(asked, [leg.key for _, leg in flat.legs if leg.expiry_ns is None])
    names = [(label.account, label.asset) for label in flat.wallets]
    market = market_arrays(asked.aligned, flat, flow_rows(asked, names, stamps))
    first = Quote(market.open_index[0, :, 0].tolist(), market.open_mark[0, :, 0].tolist())
    delays = transfer_steps(flat, setup.collateral, asked.costs, int(stamps[1] - stamps[0]))
    made = prepare(flat, rules, asked.costs, first, steps, lanes, delays, noted)
    opening = first_ratios(setup, asked) if ratios is None else ratios[0]
    ratios, paused, due = told_ahead(asked, setup, ratios, lanes, bounds_of(setup))
    kept = pauses(paused)
    walk = _Walk(asked, setup, made, market, book, ratios, paused)
    sent = np.zeros((len(flat.groups), lanes))

    def before_piece(step: int) -> None:
        """New legs, pauses, scheduled policies, and what is decided at the first stamp."""
        walk.pause(kept.get(step, ()))
        if step in changes:
            walk.use(changes[step], int(stamps[step]))
        if step in due:
            walk.ask(step, due[step])
        set_rules(made, walk.in_force)
        if step == 0:
            terms = terms_of(flat, rules, asked.costs, delays)
            sent[:] = decide_first(made, terms, first, *walk.at_first(opening))

    pieces = segments(steps, [*changes, *kept, *due])
    run_segments(made, market, kernel, pieces, ratios, before_piece)
    return Ran(made, market, stamps, sent, paused, tuple(warnings))
