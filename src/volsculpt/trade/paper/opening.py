"""From a mandate and a history to the paper venues it trades on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from volsculpt.contracts.spec import Contract
from volsculpt.decide.build import posting_caps
from volsculpt.errors import MandateError
from volsculpt.hedge.feature import Needs
from volsculpt.hedge.following import followed_before
from volsculpt.hedge.market_features import Observed
from volsculpt.hedge.needs import needs_of
from volsculpt.hedge.stored import observed_for
from volsculpt.mandate.flows import flows_between, flows_from
from volsculpt.mandate.history import RunSpan, open_market
from volsculpt.mandate.legs_used import days_of, legs_at
from volsculpt.mandate.objects import Mandate
from volsculpt.market.align import Aligned
from volsculpt.market.history import History
from volsculpt.market.walk import missing_funding
from volsculpt.trade.clock import Clock
from volsculpt.trade.connections import Connections
from volsculpt.trade.observe.features import (
    FeaturesAt,
    MarketKnowledge,
    MemoryAt,
    market_features,
    no_memory,
)
from volsculpt.trade.paper.commands import Commands
from volsculpt.trade.paper.terms import PaperTerms, TransferRoute
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.paper.world import PaperExchange, Stage, stage_of
from volsculpt.trade.venue import Venue
from volsculpt.units import HOUR_NS


@dataclass(frozen=True, slots=True)
class PaperMarket:
    """A paper world to be opened: what stands on the stage, when, and what is to be said of it.

    needs, observed: which features policies ask for, and what these are fed, as it came. before:
    what policies remember just before a time, where a ledger does not say.
    """

    stage: Stage
    stamps_ns: list[int]
    is_synthetic: bool
    warnings: tuple[str, ...]
    needs: Needs
    observed: Observed
    before: MemoryAt = no_memory

    def features(self) -> FeaturesAt:
        """What policies may know of this market, asked at rising times."""
        return market_features(self.needs, self.observed)

    def knowledge(self) -> MarketKnowledge:
        """All that a desk may know of this market beside what its venues say."""
        return MarketKnowledge(self.features(), self.before, self.stage.feed.stored)


def paper_market(
    mandate: Mandate,
    history: History | None,
    data: str | Path | None,
    span: RunSpan,
    allow_missing_funding: bool = False,
    from_first: bool = False,
) -> PaperMarket:
    """The market of a mandate.

    Raises HistoryError (prices or funding are missing), MandateError (no venue to trade at).

    Args: history, data: given, or the folder of a store, both None: the synthetic market; span:
    (from, to, step), ns, None = left to the history; allow_missing_funding: what is not known
    counts as none; from_first: a start at which not everything is known yet moves to where it is.
    """
    if not venues_of(mandate):
        raise MandateError("no margin account with a venue: there is nothing to trade on paper")
    aligned, history, warnings = open_market(mandate, history, data, span, from_first)
    flows = flows_from(mandate, int(aligned.stamp_ns[0]))
    stage = stage_of(
        mandate.book,
        legs_over(mandate, aligned),
        aligned,
        lambda from_ns, to_ns: flows_between(flows, from_ns, to_ns),
        posting_caps(mandate.limits, mandate.collateral),
    )
    keys = [leg.key for _, leg in stage.flat.legs if leg.expiry_ns is None]
    warnings += missing_funding(aligned, keys, allow_missing_funding)
    needs, stamps = needs_of(mandate.hedges, mandate.overlays), stage.feed.stamps
    observed = observed_for(history, needs, stamps)
    before = partial(followed_before, history, mandate.hedges)
    lines = tuple(warnings)
    return PaperMarket(stage, stamps, aligned.is_synthetic, lines, needs, observed, before)


def with_bars(mandate: Mandate, market: PaperMarket) -> Mandate:
    """The mandate for a desk whose prices are those of bars: as old as one they still count.

    Where `[guard]` says how old a price may be, that holds.
    """
    if "max_price_age" in mandate.guard_keys:
        return mandate
    stage = market.stage
    bars = {leg.key: stage.feed.bar_ns(row) for row, (_, leg) in enumerate(stage.flat.legs)}
    return replace(mandate, guard=replace(mandate.guard, bar_ns=bars))


def venues_of(mandate: Mandate) -> tuple[str, ...]:
    """The venues of a mandate's margin accounts."""
    names = (one.venue for one in mandate.book.accounts if one.kind == "margin")
    return tuple(dict.fromkeys(name for name in names if name))


def legs_over(mandate: Mandate, aligned: Aligned) -> list[tuple[str, Contract]]:
    """Every leg that the mandate may trade at some time of a history."""
    found: dict[tuple[str, str], Contract] = {}
    for day in days_of(int(aligned.stamp_ns[0]), int(aligned.stamp_ns[-1])):
        for used in legs_at(mandate, day):
            found |= {(account, contract.key): contract for account, contract, _ in used}
    return [(account, contract) for (account, _), contract in found.items()]


def terms_for(mandate: Mandate, terms: PaperTerms) -> PaperTerms:
    """The terms with the delay and cost of transfers as the mandate's collateral plans have them.

    The plans stand in such an order that the first which fits is right.
    """
    routes = (
        TransferRoute(one.account, one.currency, round(one.transfer_hours * HOUR_NS), one.cost)
        for one in mandate.collateral
    )
    return replace(terms, routes=tuple(routes))


def connect(
    mandate: Mandate,
    market: PaperMarket,
    terms: PaperTerms,
    clock: Clock,
    journal: Path | None = None,
    wrapped: Callable[[Venue], Venue] | None = None,
) -> Connections:
    """The paper venues of a mandate on one world.

    Args: journal: where the world outlives the process; wrapped: makes what stands between the desk
    and each venue, for one that fails.
    """
    commands = Commands(PaperExchange(market.stage, terms_for(mandate, terms)), journal)
    venues: dict[str, Venue] = {}
    for name in venues_of(mandate):
        venue: Venue = PaperVenue(commands, clock, name)
        venues[name] = wrapped(venue) if wrapped is not None else venue
    return Connections(
        venues, carries_cold=True, run=commands.run, flow=commands.let, close=commands.shut
    )
