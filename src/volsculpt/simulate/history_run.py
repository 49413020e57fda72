"""Running a setup through an aligned history: rolls, policies, flows, and its two ends."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from volsculpt.book.flatten import Flat
from volsculpt.book.state import SLOT_MISSING, Quote, State
from volsculpt.decide.act import act
from volsculpt.decide.build import UseLeg
from volsculpt.decide.ladder import Aimed, Rung, with_ladder
from volsculpt.decide.rules import Rules, new_problem
from volsculpt.decide.step import summaries_of, with_aims, with_memory
from volsculpt.exchange.events import new_page
from volsculpt.exchange.place import place
from volsculpt.exchange.rows import Exchange, Terms, new_pending
from volsculpt.hedge.policy import HedgeSummary
from volsculpt.simulate.answers import Answers, Past
from volsculpt.simulate.backtest import (
    Kernel,
    Lanes,
    lanes_of,
    plain_state,
    rules_of,
    run_pieces,
    set_fees,
    set_most,
    set_rules,
)
from volsculpt.simulate.kernel import add_decisions
from volsculpt.simulate.lanes import Array, needed_room, plain_of, write
from volsculpt.simulate.late import settle_late
from volsculpt.simulate.log import FIRST, keep
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.run_start import RunSpec, RunStart, start_of


def decide_first(made: Lanes, terms: Terms, first: Quote, rules: Rules, ratio: Array) -> None:
    """Decide at the first stamp, as a plan would.

    Orders fill at the open of the first step.

    Args: made: written; first: prices at the first stamp; ratio: (hedge, lane).
    """
    flat, room = made.flat, needed_room(made.flat, made.rules)
    legs, groups, wallets = len(flat.legs), len(flat.groups), len(flat.wallets)
    for lane in range(len(made.status)):
        state, pending = plain_of(State, made.states[lane], room), new_pending(flat.layout)
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


def expiry_steps(flat: Flat, stamps: Array) -> dict[int, list[int]]:
    """Stamp, by number, -> legs that have expired there and are delivered right after it.

    Worked: hourly stamps, an expiry at half past seven: the stamp of eight.
    """
    found: dict[int, list[int]] = {}
    for leg, (_, contract) in enumerate(flat.legs):
        end = contract.expiry_ns
        if end is not None and stamps[0] <= end <= stamps[-1]:
            found.setdefault(int(np.searchsorted(stamps, end)), []).append(leg)
    return found


class _Walk:
    """A run between its pieces: the legs in use, the rules in force, the book as it stands."""

    def __init__(self, start: RunStart, made: Lanes, answers: Answers) -> None:
        self.setup, self.market, self.book = start.setup, start.market, start.book
        self.made, self.answers, self.rules = made, answers, made.rules
        self.ruled: list[tuple[int, Rules]] = []
        self.spec, self.legs = start.spec, start.setup.legs
        legs = made.flat.layout.legs
        self.venues_most = (legs.position_most, legs.order_most)
        self.ends = expiry_steps(made.flat, self.spec.aligned.stamp_ns)
        self.priced = made.states["known"].copy()

    def use(self, legs: Sequence[Sequence[UseLeg]], time_ns: int) -> None:
        """Other legs from here on."""
        self.legs = tuple(tuple(used) for used in legs)
        self.rules = rules_of(self.made.flat, self.book, self.setup, legs, time_ns)

    def miss_expired(self, stamp: int) -> None:
        """A contract past its expiry is no hedge: till it is delivered its coin is unknown.

        As `decide/build.py: miss_expired` has it of a plan and a desk.
        """
        states, base = self.made.states, self.made.flat.layout.legs.base
        states["known"] = self.priced
        for leg in self.ends.get(stamp, []):
            held = states["contracts"][:, leg] != 0.0
            states["slot"][held, leg] = SLOT_MISSING
            states["known"][held, base[leg]] = 0

    def charge(self, time_ns: int) -> None:
        """Other fees from here on."""
        set_fees(self.made, time_ns)

    def rule(self, stamp: int) -> Rules:
        """Put the rules of a stamp into force."""
        rules = with_aims(self.rules, self.setup.hedges, self.answers.aims, self.made.flat.legs)
        if self.spec.ahead is not None and self.spec.ahead.rungs is not None:
            time_ns = int(self.spec.aligned.stamp_ns[stamp])
            rules = self._climb(rules, self.spec.ahead.rungs(self.legs, time_ns), stamp)
        if not self.ruled or self.ruled[-1][1] != rules:
            self.ruled.append((stamp, rules))
            set_rules(self.made, rules)
        return rules

    def _climb(self, rules: Rules, ladder: Sequence[Rung], stamp: int) -> Rules:
        """The rules of a stamp with its ladder, and the most of each rung in every lane."""
        made, hedges = self.made, self.setup.hedges
        layout, (position, order) = made.flat.layout, self.venues_most
        legs = layout.legs._replace(position_most=position, order_most=order)
        state = plain_state(made) if stamp else made.flat.state
        flat = replace(made.flat, layout=layout._replace(legs=legs), state=state)
        last = max(stamp - 1, 0)
        ratios = self.answers.first[:, 0] if stamp == 0 else self.answers.ratios[last, :, 0]
        reasons = {
            hedge.underlying: None if self.answers.paused[last, row] else float(ratios[row])
            for row, hedge in enumerate(hedges)
        }
        aims = Aimed(ratios.tolist(), reasons)
        capped, rules = with_ladder(flat, rules, self.quote(stamp), ladder, aims)
        set_most(made, capped.layout.legs)
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
    spec: RunSpec | RunStart,
    kernel: Kernel,
    lanes: int = 1,
    ratios: Array | None = None,
    noted: bool = True,
    opens: bool = False,
) -> Ran:
    """Run one book through a history.

    Policies that look at the book see the first lane's; from a `RunStart` any number of runs begin.
    Raises HistoryError, ContractError,
    PolicyError, BookError.

    Args: kernel: `run`, compiled or plain; lanes: how many; ratios: (step, hedge, lane), instead of
    the policies; noted: False keeps wealth alone, not what happened; opens: the first decision
    trades to the ratios given, whatever the band.
    """
    start = spec if isinstance(spec, RunStart) else start_of(spec)
    spec, setup, tables, market = start.spec, start.setup, start.tables, start.market
    stamps = spec.aligned.stamp_ns
    answers = Answers(
        setup, stamps, spec.features, lanes, ratios, opens, Past(spec.memory, spec.looks)
    )
    made = lanes_of(tables, len(stamps) - 1, lanes, noted)
    walk = _Walk(start, made, answers)

    def at_stamp(stamp: int) -> int:
        """Everything that is new at a stamp; the next at which anything is."""
        walk.miss_expired(stamp)
        if stamp in start.charged:
            walk.charge(int(stamps[stamp]))
        if stamp in start.changes:
            walk.use(start.changes[stamp], int(stamps[stamp]))
        answers.at(stamp, lambda: walk.summaries(stamp))
        in_force = walk.rule(stamp)
        if stamp == 0:
            decide_first(made, tables.terms, tables.first, in_force, answers.first)
        if start.climbs:
            return stamp + 1
        steps = (*start.changes, *start.charged, *walk.ends)
        ahead = [step for step in steps if step > stamp]
        soon = [stamp + 1] if stamp in walk.ends else []
        return min([answers.following(stamp), *soon, *ahead])

    run_pieces(made, (market, start.ahead), kernel, answers.ratios, at_stamp)
    settled = settle_late(made, market, start.late)
    targets = np.concatenate([answers.first[None, :, 0], answers.ratios[:, :, 0]])
    found = (made, market, stamps, targets, answers.paused, tuple(walk.ruled), start.warnings)
    return Ran(*found, start.late if settled else None, start.interest, start.dated)
