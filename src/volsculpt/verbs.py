"""The verbs: choose the parts, run them, wrap the result for reading."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from volsculpt.book.exposure import exposure, wealth_usd
from volsculpt.book.holdings import Book, Flow, Transfer
from volsculpt.book.state import State, new_exposure
from volsculpt.contracts.currencies import moves
from volsculpt.decide.quoting import index_price, unused_warnings
from volsculpt.decide.step import Decision, Setup, decide, flat_of
from volsculpt.errors import HistoryError
from volsculpt.hedge.aim import Overlays
from volsculpt.mandate.load import load_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.market.place import data_place
from volsculpt.market.quotes import (
    Quotes,
    checked_price,
    checked_rate,
    merged,
    read_quotes,
    time_ns_of,
)
from volsculpt.report.plan import Plan
from volsculpt.report.plan_margin import (
    main_leg,
    margin_rows,
    scenario_rows,
    wealth_curve,
)
from volsculpt.report.plan_rows import (
    carry_rows,
    decision_rows,
    exposure_rows,
    filled,
    order_rows,
)
from volsculpt.report.plan_warnings import (
    book_warnings,
    depeg_note,
    margin_warnings,
    tier_warnings,
    working_warnings,
)

__all__ = ["Plan", "load", "plan"]


def load(path: str | Path) -> Mandate:
    """Read a mandate file. Raises MandateError with every problem it found."""
    return load_mandate(Path(path))


def flow_times(flow: Flow, from_ns: int, to_ns: int) -> list[int]:
    """When a flow happens in (from_ns, to_ns]; a repeating one counts from its first time.

    Worked: every 30 days without a first time, over 60 days: after 30 and after 60 days.
    """
    if flow.every_ns is None:
        return [flow.at_ns] if flow.at_ns is not None and from_ns < flow.at_ns <= to_ns else []
    first = flow.at_ns if flow.at_ns is not None else from_ns
    steps = max(0, (from_ns - first) // flow.every_ns + 1)
    start = first + steps * flow.every_ns
    if flow.at_ns is not None and first > from_ns:
        start = first
    return list(range(start, to_ns + 1, flow.every_ns))


def with_flows(book: Book, time_ns: int, horizon_ns: int) -> Book:
    """The book with the flows of the horizon counted as coins on their way."""
    coming = [
        Transfer(flow.currency, flow.amount, flow.account, arrives_ns=stamp, is_sent=False)
        for flow in book.flows
        for stamp in flow_times(flow, time_ns, time_ns + horizon_ns)
    ]
    return replace(book, transfers=(*book.transfers, *coming))


def setup_of(mandate: Mandate, time_ns: int) -> Setup:
    """What a mandate asks to be decided at a moment."""
    book = mandate.book
    if mandate.hedge_flows:
        book = with_flows(book, time_ns, mandate.flow_horizon_ns)
    return Setup(
        book=book,
        hedges=mandate.hedges,
        legs=tuple(tuple(mandate.legs(hedge, time_ns)) for hedge in mandate.hedges),
        overlays=Overlays(mandate.tilts, mandate.events, mandate.overrides),
        limits=mandate.limits,
        collateral=mandate.collateral,
        currencies=(mandate.numeraire,) if moves(mandate.numeraire) else (),
    )


def hedgeable_coins(mandate: Mandate) -> set[str]:
    """Coins that a hedge has contracts for, or that one of the mandate's venues lists."""
    venues = {account.venue for account in mandate.book.accounts if account.kind == "margin"}
    found = {hedge.underlying for hedge in mandate.hedges if hedge.use}
    for venue in venues & set(mandate.catalog.venues()):
        found |= {contract.base for contract in mandate.catalog.contracts(venue)}
    return found


def flow_notes(mandate: Mandate) -> list[str]:
    """What is done with the dated flows of the mandate."""
    if not mandate.book.flows:
        return []
    days = mandate.flow_horizon_ns // 86_400_000_000_000
    if mandate.hedge_flows:
        return [f"flows of the next {days} days are counted as owned (hedge_flows = true)"]
    count = len(mandate.book.flows)
    return [f"{count} dated flow(s) are not hedged until they arrive; hedge_flows = true would"]


def wrap(mandate: Mandate, quotes: Quotes, decision: Decision, told: tuple[str, ...] = ()) -> Plan:
    """A decision as a plan for reading; told: what is to be said of the prices."""
    flat = decision.flat
    sums = new_exposure(flat.layout)
    exposure(flat.layout, flat.state, decision.quoted.quote, 0, sums)
    wealth = wealth_usd(flat.layout, decision.quoted.quote, sums)
    warnings = [*mandate.warnings, *told, *decision.quoted.warnings]
    numeraire_usd = index_price(mandate.numeraire, quotes, warnings)
    rows = exposure_rows(decision, hedgeable_coins(mandate))
    after = filled(decision)
    margin = margin_rows(decision, after)
    late = [row for row in margin if row.stage == "after"]
    warnings += margin_warnings(decision, after, late, mandate.assumed_accounts)
    warnings += working_warnings(decision)
    warnings += tier_warnings(decision, after) + book_warnings(decision, rows)
    return Plan(
        as_of=stamp_text(decision.time_ns),
        name=mandate.name,
        numeraire=mandate.numeraire,
        wealth_usd=wealth,
        wealth_num=wealth / numeraire_usd,
        warnings=list(dict.fromkeys(warnings)),
        exposure=rows,
        decision=decision_rows(decision),
        orders=order_rows(decision),
        margin=margin,
        carry=carry_rows(decision, quotes, after),
        scenarios=scenario_rows(decision, after),
        notes=[*mandate.notes, *flow_notes(mandate), *depeg_note(decision)],
        curve=wealth_curve(decision, after),
        index_usd=dict(zip(flat.currencies, decision.quoted.quote.index_usd, strict=True)),
        ticks=group_ticks(decision),
        marks=group_marks(decision, after),
    )


def group_ticks(decision: Decision) -> dict[str, float]:
    """Price step of each margin group's contracts, "account:group" -> tick, where known."""
    ticks: dict[str, float] = {}
    for leg, (_, contract) in enumerate(decision.flat.legs):
        label = decision.flat.groups[decision.flat.layout.legs.group[leg]]
        if contract.tick is not None:
            ticks.setdefault(f"{label.account}:{label.group}", contract.tick)
    return ticks


def group_marks(decision: Decision, after: State) -> dict[str, float]:
    """Mark of the contract each group's liquidation price is told in, "account:group" -> mark."""
    flat, quote = decision.flat, decision.quoted.quote
    found = {}
    for group, label in enumerate(flat.groups):
        leg = main_leg(flat, after, quote, group)
        if leg >= 0:
            found[f"{label.account}:{label.group}"] = quote.mark[leg]
    return found


def stamp_text(time_ns: int) -> str:
    """A time as text in UTC. Worked: 0 -> 1970-01-01T00:00:00Z."""
    whole, rest = divmod(time_ns, 1_000_000_000)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:09d}".rstrip("0") + "Z" if rest else f"{text}Z"


def now_ns() -> int:
    """The clock, read only where a person asks without naming a time."""
    return time.time_ns()


def plan(
    mandate: Mandate | str | Path,
    *,
    time_ns: int | None = None,
    prices: dict[str, float] | None = None,
    funding: dict[str, float] | None = None,
    quotes: Quotes | str | Path | None = None,
    at: int | str | datetime | None = None,
    data: str | Path | None = None,
) -> Plan:
    """The hedge of a mandate, to the contract, at given prices.

    Args: prices by currency (USD, "BTC": 60000) or contract ("bybit:BTC/USD:BTC": 60050);
    funding by contract, per stamp as the venue prints it; quotes, or a file of them, that
    prices and funding add to; time_ns the moment planned for (default: the quotes' own
    as_of, else now); at the moment whose stored prices are used where nothing else is given
    ("2024-05-20T00:00:00Z", a datetime, or ns UTC), data the folder they are stored in.
    Raises MandateError, PriceError (naming what to give), ContractError, BookError,
    HistoryError.
    """
    if at is not None:
        time_ns = time_ns_of(at, "at")
    asked = load(mandate) if isinstance(mandate, str | Path) else mandate
    read_at = time_ns if time_ns is not None else now_ns()
    given = Quotes(
        read_at,
        {k: checked_price(k, v, "prices") for k, v in (prices or {}).items() if ":" not in k},
        {k: checked_price(k, v, "prices") for k, v in (prices or {}).items() if ":" in k},
        {k: checked_rate(k, v, "funding") for k, v in (funding or {}).items()},
    )
    if isinstance(quotes, str | Path):
        quotes = read_quotes(Path(quotes), read_at)
    both = merged(quotes, given) if quotes is not None else given
    moment = time_ns if time_ns is not None else both.as_of_ns
    setup = setup_of(asked, moment)
    told: tuple[str, ...] = ()
    if at is not None:
        root = data_place(None if data is None else Path(data)).root
        kept, told = stored_quotes(asked, setup, moment, root)
        both = merged(kept, both)
    decision = decide(setup, both, moment)
    return wrap(asked, both, decision, (*told, *unused_warnings(decision.flat, given)))


def stored_quotes(
    mandate: Mandate, setup: Setup, time_ns: int, root: Path
) -> tuple[Quotes, tuple[str, ...]]:
    """What the store knew at a time of all that a plan needs a price of, and what was assumed.

    Raises HistoryError when it knew nothing of it.
    """
    from volsculpt.market.opening import quotes_at

    flat = flat_of(setup)
    contracts = tuple(dict.fromkeys(contract.key for _, contract in flat.legs))
    names = tuple(dict.fromkeys([*flat.currencies, mandate.numeraire]))
    found, told = quotes_at(root, time_ns, contracts, names)
    if not found.index and not found.contract:
        raise HistoryError(
            f"{root}: no price is stored that was known at {stamp_text(time_ns)} of "
            f"{', '.join(name for name in (*names, *contracts) if name != 'USD')}; "
            f"`volsculpt data list` shows what there is, --data names another folder"
        )
    return found, told
