"""Running a mandate through history, and the same book under a steady ratio beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from volsculpt.book.coming import coming_usd
from volsculpt.decide.build import UseLeg
from volsculpt.decide.ladder import Rung
from volsculpt.errors import BookError, HistoryError
from volsculpt.hedge.following import followed_before, looks_between
from volsculpt.hedge.stored import features_of
from volsculpt.mandate.flows import anchored, flows_between, flows_from
from volsculpt.mandate.given import flag_of, request_of
from volsculpt.mandate.history import RunSpan, open_market
from volsculpt.mandate.income import ahead_of
from volsculpt.mandate.ladder import ladder_of
from volsculpt.mandate.legs_used import legs_over_time
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import (
    ahead_notes,
    bonus_notes,
    fee_notes,
    lock_notes,
    setup_of,
    sweep_notes,
)
from volsculpt.market.history import History
from volsculpt.market.times import run_span, step_of
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.compiled import compiled_run
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.never_hedged import never_hedged
from volsculpt.simulate.overdrawn import overdrawn
from volsculpt.simulate.price_gaps import price_gaps
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.record import BacktestRecord
from volsculpt.simulate.recorded import first_quote, record_of
from volsculpt.simulate.run_start import FlowsAhead, RunSpec, RunStart, start_of
from volsculpt.simulate.static_hedge import StaticHedge, static_hedge, static_run, static_words
from volsculpt.simulate.unknown_figures import unknown_figures
from volsculpt.text import trimmed
from volsculpt.units import DAY_NS, iso


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run needs, apart from the mandate and its history.

    span: (from, to, step), None for what there is: ("2021-01-01", None, "8h"); moments and lengths
    as every verb takes them, kept as ns UTC and ns. costs: of trading. allow_missing_funding: what
    is not known counts as none. from_first: a start at which not everything is known yet moves to
    where it is.
    """

    span: RunSpan = (None, None, None)
    costs: Costs = field(default_factory=Costs)
    allow_missing_funding: bool = False
    from_first: bool = False

    def __post_init__(self) -> None:
        span: object = self.span
        if not isinstance(span, tuple | list) or len(span) != 3:
            raise HistoryError(
                f"span: {span!r:.60} is not (from, to, step); write for example "
                f'("2021-01-01", None, "8h"), None for what there is'
            )
        first, last, step = run_span(*self.span)
        object.__setattr__(self, "span", (first, last, None if step is None else step_of(step)))
        object.__setattr__(self, "costs", request_of(self.costs, Costs, "costs"))
        for name in ("allow_missing_funding", "from_first"):
            object.__setattr__(self, name, flag_of(getattr(self, name), name))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A mandate and the market it is to run through. warnings: of that market."""

    mandate: Mandate
    start: RunStart
    history: History
    warnings: tuple[str, ...]

    @property
    def spec(self) -> RunSpec:
        """What is run."""
        return self.start.spec


def prepared(
    mandate: Mandate, history: History | None, data: str | Path | None, request: RunRequest
) -> Prepared:
    """All that a run needs. BookError for a mandate without hedges; HistoryError, ContractError.

    Args: mandate: checked; history, data: given, or the folder of a store, both None: the synthetic
    market; request: span and costs.
    """
    if not mandate.hedges:
        raise BookError(
            "there is no [[hedge]], so nothing to backtest; add one, ratio = 0 keeps all of the "
            "risk"
        )
    opened = open_market(mandate, history, data, request.span, request.from_first)
    aligned, history, warnings = opened
    start, stamps = int(aligned.stamp_ns[0]), aligned.stamp_ns.tolist()
    flows = flows_from(mandate, start)
    spec = RunSpec(
        setup=replace(setup_of(anchored(mandate, start), start), ladder=()),
        legs_at=legs_over_time(mandate),
        aligned=aligned,
        costs=request.costs,
        features=features_of(history, mandate.hedges, stamps, mandate.overlays),
        flows=lambda from_ns, to_ns: flows_between(flows, from_ns, to_ns),
        allow_missing_funding=request.allow_missing_funding,
        ahead=flows_ahead(mandate, start),
        memory=followed_before(history, mandate.hedges, [None] * len(mandate.hedges), start),
        looks=looks_between(history, mandate.hedges, stamps),
    )
    coins = [hedge.underlying for hedge in mandate.hedges]
    warnings += price_gaps(aligned, history, coins)
    return Prepared(mandate, start_of(spec), history, tuple(warnings))


def flows_ahead(mandate: Mandate, start_ns: int) -> FlowsAhead | None:
    """What a run counts ahead: None where flows are hedged as they arrive."""
    if not (mandate.hedge_flows and mandate.book.flows):
        return None
    horizon_ns, ahead = mandate.flow_horizon_ns, ahead_of(mandate)
    book = replace(mandate.book, flows=flows_from(mandate, start_ns))

    def rungs(legs: Sequence[Sequence[UseLeg]], time_ns: int) -> tuple[Rung, ...]:
        """The ladder of a time."""
        return ladder_of(book, mandate.hedges, legs, time_ns, time_ns + horizon_ns)

    def coming(from_ns: int, to_ns: int) -> list[tuple[str, str, float]]:
        """What of a time is hedged before it."""
        return ahead.of(book, from_ns, to_ns)

    return FlowsAhead(horizon_ns, coming, rungs if ahead.income_only else None)


def run_mandate(
    mandate: Mandate, history: History | None, data: str | Path | None, request: RunRequest
) -> BacktestRecord:
    """Run the mandate, then a static hedge of its mean held ratio, through the same market.

    Raises what `prepared` and `run_history` raise.

    Args: history, data: given, or the folder of a store, both None: the synthetic market.
    """
    made = prepared(mandate, history, data, request)
    ran = run_history(made.start, compiled_run())
    return recorded_beside(made, ran, static_hedge([made.start], [ran]))


def recorded_beside(made: Prepared, ran: Ran, static: StaticHedge) -> BacktestRecord:
    """The record of a finished run, beside a static hedge."""
    mandate, setup = made.mandate, made.spec.setup
    beside = static_run(made.start, static.ratios), static_words(setup, static)
    words = paused_words(made.spec, ran)
    words += unknown_figures(setup.hedges, setup.overlays, made.spec.features)
    words += overdrawn(ran, setup)
    start, flat = int(ran.stamp_ns[0]), ran.lanes.flat
    return record_of(
        mandate.name,
        ran,
        beside,
        setup,
        [*never_hedged(ran, setup), *mandate.warnings, *made.warnings, *ran.warnings, *words],
        [
            *mandate.notes,
            *sweep_notes(mandate),
            *fee_notes(mandate, start),
            *bonus_notes(mandate),
            *lock_notes(mandate, start),
            *policy_notes(made),
            *ahead_notes(mandate, coming_usd(flat, flat.state, first_quote(ran))),
            *made.history.notes,
        ],
    )


def policy_notes(made: Prepared) -> list[str]:
    """What the policies of a run say of it, once it is over."""
    spec, funding = made.spec, made.history.funding
    pairs = zip(spec.setup.hedges, spec.memory or [None] * len(spec.setup.hedges), strict=True)
    return [
        line
        for hedge, memory in pairs
        for line in hedge.policy.notes_after(hedge.underlying, spec.features or (), memory, funding)
    ]


def paused_words(spec: RunSpec, ran: Ran) -> list[str]:
    """A warning for each hedge whose policy had no answer for a time."""
    found = []
    stamps, step_ns = ran.stamp_ns, int(ran.stamp_ns[1] - ran.stamp_ns[0])
    for row, hedge in enumerate(spec.setup.hedges):
        steps = np.flatnonzero(ran.paused[:, row])
        if len(steps):
            days = trimmed(len(steps) * step_ns / DAY_NS, 2)
            last = iso(stamps[steps[-1] + 1])
            found.append(
                f"no_target: {hedge.underlying}'s policy had no answer on {days} days, last at "
                f"{last}; what was held was kept"
            )
    return found
