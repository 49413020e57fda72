"""One decision in plain mode: book and prices in, aim and act run, everything kept.

Plan, paper and live call this; the simulator calls the same `aim` and `act` in its kernel.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from volsculpt.book.coming import coming_coins, coming_usd
from volsculpt.book.exposure import delta_of, exposure, wealth_usd
from volsculpt.book.flatten import Flat, flatten, with_fees
from volsculpt.book.holdings import Book
from volsculpt.book.state import SLOT_MISSING, Quote, State, new_exposure
from volsculpt.contracts.spec import Contract
from volsculpt.decide.act import measure
from volsculpt.decide.build import (
    UseLeg,
    build_rules,
    expect_transfers,
    miss_expired,
    posting_caps,
    source_assets,
    weights_of,
)
from volsculpt.decide.ladder import Aimed, Rung, with_ladder
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.quoting import Quoted, flat_quote
from volsculpt.decide.rules import Answer, Problem, Rules, Work, new_problem
from volsculpt.decide.unpriced import act_on_priced
from volsculpt.errors import PolicyError
from volsculpt.hedge.aim import Overlays, aim
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.betas import remembered_betas
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import HedgeSummary
from volsculpt.hedge.spec import Hedge
from volsculpt.market.quotes import Quotes


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not known now: nothing is sent there. A leg is (account, contract key).

    unpriced: currencies of which no price holds. What stands for it in a quote is no price, so
    nothing that is counted with it is told. why: each in words, with the name of what is unknown.
    """

    legs: frozenset[tuple[str, str]] = frozenset()
    currencies: frozenset[str] = frozenset()
    unpriced: frozenset[str] = frozenset()
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setup:
    """What is decided on: the book, the hedges and their legs, limits and plans.

    ladder: which of the legs carry income that is counted ahead, by its dates. hold_ns: how long
    before a known withdrawal its coins are kept where they are.
    """

    book: Book
    hedges: tuple[Hedge, ...]
    legs: tuple[tuple[UseLeg, ...], ...]
    overlays: Overlays = field(default_factory=Overlays)
    limits: Limits = field(default_factory=Limits)
    collateral: tuple[CollateralPlan, ...] = ()
    currencies: tuple[str, ...] = ()
    missing: Missing = Missing()
    ladder: tuple[Rung, ...] = ()
    hold_ns: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """Every input and output of one decision."""

    time_ns: int
    setup: Setup
    flat: Flat
    quoted: Quoted
    rules: Rules
    aims: list[Aim]
    answer: Answer
    work: Work
    memory: list[Any] = field(default_factory=list)  # of each policy, after
    before: list[Any] = field(default_factory=list)  # and before
    summaries: list[HedgeSummary] = field(default_factory=list)
    features: Features | None = None

    @property
    def problem(self) -> Problem:
        """What `act` read and wrote."""
        own = (self.flat.layout, self.flat.state, self.quoted.quote)
        return Problem(*own, self.rules, self.work, self.answer)

    @property
    def wealth_usd(self) -> float | None:
        """What the book is worth; None where a price of it is not known, or nothing is hedged."""
        return self.summaries[0].wealth_usd if self.summaries else None

    @property
    def ratios(self) -> list[float]:
        """What `act` was told, per hedge; where a policy holds, `Rules.hedge_hold` says so."""
        return ratios_of(self.aims)


def is_wealth_priced(flat: Flat, state: State, unpriced: Set[str]) -> bool:
    """Whether nothing of a book is counted with a price that nobody told.

    unpriced: as `Missing` has them. A coin of which there is none changes no wealth.
    """
    if not unpriced:
        return True
    held = {
        flat.currencies[flat.layout.wallet_currency[row]]
        for row, coins in enumerate(state.wallet)
        if coins != 0.0
    }
    return not unpriced & held and not unpriced_coins(flat, state, unpriced)


def unpriced_coins(flat: Flat, state: State, unpriced: Set[str]) -> set[str]:
    """Coins that contracts are held on, or settle in, which need a price that is not known."""
    found = set[str]()
    for leg, (_, contract) in enumerate(flat.legs):
        if state.contracts[leg] != 0.0 and unpriced & {
            contract.base,
            contract.quote,
            contract.settle,
        }:
            found |= {contract.base, contract.settle}
    return found


def summaries_of(
    flat: Flat,
    state: State,
    quote: Quote,
    rules: Rules,
    hedges: Sequence[Hedge],
    unpriced: Set[str] = frozenset(),
) -> list[HedgeSummary]:
    """What each policy may know of a book, measured with a target of 1 for the shares.

    Args: hedges: their order is that of the rows of `rules`; the summaries have it too; unpriced:
    as `Missing` has them.
    """
    has_wealth = is_wealth_priced(flat, state, unpriced)
    unknown = unpriced_coins(flat, state, unpriced)
    problem = new_problem(flat.layout, state, quote, rules)
    measure(problem, [1.0] * len(hedges))
    sums = new_exposure(flat.layout)
    exposure(flat.layout, state, quote, 0, sums)
    wealth = wealth_usd(flat.layout, quote, sums) - coming_usd(flat, state, quote)
    ahead = coming_coins(flat, state)
    found = []
    for row, hedge in enumerate(hedges):
        coin = rules.hedge_currency[row]
        has_base = has_wealth if hedge.base == "wealth" else hedge.underlying not in unknown
        base = problem.answer.base[row] if has_base else None
        found.append(
            HedgeSummary(
                underlying=hedge.underlying,
                index_usd=quote.index_usd[coin] if hedge.underlying not in unpriced else None,
                owned_coin=sums.balance[coin] - ahead[coin] + sums.pnl_on[coin],
                delta_coin=delta_of(sums, coin),
                base_coin=base,
                held_ratio=problem.answer.held[row] if base is not None and base > 0.0 else None,
                wealth_usd=wealth if has_wealth else None,
            )
        )
    return found


def with_aims(
    rules: Rules,
    hedges: Sequence[Hedge],
    aims: Sequence[Aim],
    legs: Sequence[tuple[str, Contract]],
) -> Rules:
    """The rules with the bands, betas and preferred contracts that the aims themselves give.

    Raises PolicyError where an aim's betas are not those of the hedge's proxies.

    Args: rules: of the mandate; hedges, aims: one each a hedge; legs: (account, contract) by row.
    """
    rules = preferring(rules, aims, legs)
    bands = [
        (aim.band.under_trigger, aim.band.under_settle, aim.band.over_trigger, aim.band.over_settle)
        if aim.band is not None
        else (
            rules.under_trigger[row],
            rules.under_settle[row],
            rules.over_trigger[row],
            rules.over_settle[row],
        )
        for row, aim in enumerate(aims)
    ]
    return with_betas_of(rules, hedges, [aim.beta for aim in aims])._replace(
        hedge_hold=[int(aim.ratio is None) for aim in aims],
        under_trigger=[band[0] for band in bands],
        under_settle=[band[1] for band in bands],
        over_trigger=[band[2] for band in bands],
        over_settle=[band[3] for band in bands],
    )


def preferring(rules: Rules, aims: Sequence[Aim], legs: Sequence[tuple[str, Contract]]) -> Rules:
    """The rules with the contracts that aims prefer before the others of their pools.

    Worked: use A, B, C and C preferred: C, A, B. Args: as those of `with_aims`.
    """
    wanted = {key for aim in aims for key in aim.prefer}
    if not wanted:
        return rules
    order = list(range(len(rules.use_leg)))
    for start, end in zip(rules.pool_from, rules.pool_to, strict=True):
        order[start:end] = sorted(
            order[start:end], key=lambda use: legs[rules.use_leg[use]][1].key not in wanted
        )
    return rules._replace(
        use_leg=[rules.use_leg[use] for use in order],
        use_retire=[rules.use_retire[use] for use in order],
        use_slice=[rules.use_slice[use] for use in order],
    )


Betas = float | Mapping[str, float] | None  # of a hedge; None: its own


def with_betas_of(rules: Rules, hedges: Sequence[Hedge], answered: Sequence[Betas]) -> Rules:
    """The rules with these betas of hedges, and the weights that go with them."""
    betas: list[float] = []
    weights: list[float] = []
    for hedge, one in zip(hedges, answered, strict=True):
        own = list(rules.link_beta[len(betas) : len(betas) + len(hedge.carriers)])
        if one is not None and hedge.proxies:
            own = _answered_betas(hedge, one)
        betas += own
        weights += weights_of(own)
    return rules._replace(link_beta=betas, link_weight=weights)


def with_memory(rules: Rules, hedges: Sequence[Hedge], memory: Sequence[Any]) -> Rules:
    """The rules with the betas that hedges remember, in force until they are asked."""
    remembered = [remembered_betas(hedge, own) for hedge, own in zip(hedges, memory, strict=True)]
    return with_betas_of(rules, hedges, remembered)


def _answered_betas(hedge: Hedge, answered: float | Mapping[str, float]) -> list[float]:
    """The betas that a policy answered, in the order of links; PolicyError where one is missing."""
    names = [one.coin for one in hedge.carriers]
    if not isinstance(answered, Mapping):
        answered = {names[0]: answered} if len(names) == 1 else {}
    if set(answered) != set(names):
        example = ", ".join(f'"{name}": 0.5' for name in names)
        raise PolicyError(
            f"{hedge.underlying}: its policy answered a beta for "
            f"{', '.join(answered) or 'no proxy'}, and the hedge goes by {', '.join(names)}; "
            f"give one each, for example Aim(1, beta={{{example}}})"
        )
    return [answered[name] for name in names]


def ratios_of(aims: Sequence[Aim]) -> list[float]:
    """Ratios of aims for `act`; 1.0, which is not looked at, for one that holds."""
    return [one.ratio if one.ratio is not None else 1.0 for one in aims]


def flat_of(setup: Setup) -> Flat:
    """The flat layout of all that is decided on: what is held, hedged and may be traded."""
    extra = [(account, contract) for used in setup.legs for account, contract, _ in used]
    coins = [name for hedge in setup.hedges for name in hedge.coins_named]
    caps = posting_caps(setup.limits, setup.collateral)
    sources = source_assets(setup.book, setup.collateral, extra)
    return flatten(setup.book, extra, (*coins, *setup.currencies), caps, sources)


def mark_missing(flat: Flat, missing: Missing) -> None:
    """Write into the state what is not known: `act` then leaves those legs and coins alone."""
    for leg, (account, contract) in enumerate(flat.legs):
        if (account, contract.key) in missing.legs:
            flat.state.slot[leg] = SLOT_MISSING
    for row, name in enumerate(flat.currencies):
        if name in missing.currencies:
            flat.state.known[row] = 0


def decide(
    setup: Setup,
    quotes: Quotes,
    time_ns: int,
    features: Features | None = None,
    memory: Sequence[Any] | None = None,
) -> Decision:
    """Run aim, then act, on a book at one moment.

    Raises PriceError (a missing price, naming the flag), ContractError (an unknown figure),
    BookError (contradicting holdings), PolicyError (a policy of the user's own fails).

    Args: time_ns: ns UTC; features: what is known of the market then, for policies that ask for it;
    memory: per hedge what its policy remembers, None = nothing yet.
    """
    flat = with_fees(flat_of(setup), time_ns)
    quoted = flat_quote(flat, quotes)
    rules = build_rules(
        flat, setup.book, setup.hedges, setup.legs, setup.limits, setup.collateral, time_ns
    )
    expect_transfers(flat, rules)
    miss_expired(flat, time_ns)
    mark_missing(flat, setup.missing)
    before = list(memory) if memory is not None else [None] * len(setup.hedges)
    held_by = with_memory(rules, setup.hedges, before)
    book = (flat, flat.state, quoted.quote, held_by, setup.hedges)
    summaries = summaries_of(*book, setup.missing.unpriced)
    bounds = (setup.limits.min_ratio, setup.limits.max_ratio)
    aims, after = aim(setup.hedges, before, features, summaries, time_ns, setup.overlays, bounds)
    rules = with_aims(rules, setup.hedges, aims, flat.legs)
    wanted = aimed(setup.hedges, aims)
    flat, rules = with_ladder(flat, rules, quoted.quote, setup.ladder, wanted)
    unpriced = setup.missing.unpriced
    rules, problem = act_on_priced(flat, quoted.quote, rules, wanted.ratios, unpriced)
    made = (time_ns, setup, flat, quoted, rules, aims, problem.answer, problem.work)
    return Decision(*made, after, before, summaries, features)


def aimed(hedges: Sequence[Hedge], aims: Sequence[Aim]) -> Aimed:
    """What aims ask `act` for."""
    ratios = {hedge.underlying: one.ratio for hedge, one in zip(hedges, aims, strict=True)}
    return Aimed(ratios_of(aims), ratios)


def redecided(decision: Decision, flat: Flat) -> Decision:
    """What the same aims ask for on another state of the book, at the same prices.

    A rung that gave what it had too much has its place again.
    """
    setup, rules, quote = decision.setup, decision.rules, decision.quoted.quote
    wanted = aimed(setup.hedges, decision.aims)
    if setup.ladder:
        flat = replace(flat_of(setup), state=flat.state)
        flat = replace(with_fees(flat, decision.time_ns), state=flat.state)
        flat, rules = with_ladder(flat, rules, quote, setup.ladder, wanted)
    unpriced = setup.missing.unpriced
    rules, problem = act_on_priced(flat, quote, rules, wanted.ratios, unpriced)
    return replace(decision, flat=flat, rules=rules, answer=problem.answer, work=problem.work)
