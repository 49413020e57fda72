"""The verbs: choose the parts, run them, hand the result on to be worded."""

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from volsculpt.decide.quoting import (
    beside,
    lacking_prices,
    name_words,
    need_prices,
    price_flags,
    unused_warnings,
)
from volsculpt.decide.step import Decision, Setup, decide, flat_of
from volsculpt.errors import PriceError
from volsculpt.hedge.needs import read_back_ns
from volsculpt.mandate.given import (
    MandateLike,
    check_memory,
    count_of,
    flag_of,
    mandate_of,
    mandates_of,
    request_of,
    unread_memory,
)
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import setup_of
from volsculpt.market.place import data_place, history_or_folder
from volsculpt.market.quotes import (
    PRICES,
    Quotes,
    checked_quotes,
    read_quotes,
    stated_quotes,
    time_ns_of,
)
from volsculpt.market.times import run_span
from volsculpt.report.plan import Plan
from volsculpt.report.rows.plan_build import plan_report
from volsculpt.simulate.scenario import SHOCKS
from volsculpt.units import LengthLike, MomentLike, number

if TYPE_CHECKING:
    from volsculpt.market.history import History
    from volsculpt.report.backtest import BacktestReport
    from volsculpt.report.desk import DeskReport
    from volsculpt.report.evaluation import EvaluationReport
    from volsculpt.simulate.backtest import Costs
    from volsculpt.simulate.run import RunRequest

__all__ = ["Plan", "backtest", "decision", "evaluate", "load", "paper", "plan"]


def load(path: MandateLike) -> Mandate:
    """Read a mandate: from the path of a TOML file, its text, or a dict of its tables.

    A text with a line feed is TOML, and one with `=` that is no file's name. Raises MandateError
    with every problem it found.
    """
    return mandate_of(path)


def now_ns() -> int:
    """The clock, read only where a person asks without naming a time."""
    return time.time_ns()


def plan(
    mandate: MandateLike,
    *,
    time_ns: MomentLike | None = None,
    prices: dict[str, float] | None = None,
    funding: dict[str, float] | None = None,
    quotes: Quotes | str | Path | None = None,
    at: MomentLike | None = None,
    data: str | Path | None = None,
    shocks: Sequence[float] = SHOCKS,
) -> Plan:
    """The hedge of a mandate, to the contract, at given prices.

    Args: mandate: as `load` takes it; prices by currency (USD, "BTC": 60000) or contract
    ("bybit:BTC/USD:BTC": 60050); funding by contract, per stamp as the venue prints it; quotes, or
    a file of them, that prices and funding add to; time_ns planned for (default: the quotes' as_of,
    else now); at the moment of stored prices, where nothing else is given ("2024-05-20",
    "2024-05-20T08:00:00Z", a date, a datetime with its zone, or ns UTC), data their folder; shocks
    moves of all coins, of the scenarios. Raises MandateError, PriceError (naming what to give),
    ContractError, BookError, HistoryError.
    """
    loaded = load(mandate)
    moment = planned_ns(time_ns, at, data)
    scenarios = _moves(shocks)
    user_quotes = _user_quotes(moment, prices, funding, quotes)
    option = _StoreOption(at is not None, data)
    made, both, notes = _decided(loaded, user_quotes, moment, option)
    found = plan_report(
        loaded,
        both,
        made,
        (*notes, *unused_warnings(made.flat, user_quotes.alone, loaded.numeraire)),
        scenarios,
    )
    if at is None or not any(hedge.proxies for hedge in made.setup.hedges):
        return found
    from volsculpt.report.rows.plan_beta import with_book_beta

    root = data_place(data).root
    return replace(found, **with_book_beta(found, made, root))


def decision(
    mandate: MandateLike,
    *,
    time_ns: MomentLike | None = None,
    prices: dict[str, float] | None = None,
    funding: dict[str, float] | None = None,
    quotes: Quotes | str | Path | None = None,
    at: MomentLike | None = None,
    data: str | Path | None = None,
    memory: Sequence[Any] | None = None,
) -> Decision:
    """What `plan` decides, with every input and output of `aim` and `act`.

    Args: mandate, time_ns, prices, funding, quotes, at, data: as `plan` takes them; memory: what
    each hedge's policy remembers, None = nothing yet.
    """
    loaded = load(mandate)
    check_memory(memory, len(loaded.hedges))
    moment = planned_ns(time_ns, at, data)
    user_quotes = _user_quotes(moment, prices, funding, quotes)
    store = _StoreOption(at is not None, data)
    if memory is None:
        return _decided(loaded, user_quotes, moment, store)[0]
    try:
        return _decided(loaded, user_quotes, moment, store, memory)[0]
    except (AttributeError, LookupError, TypeError) as error:
        raise unread_memory(error) from error


def decided_at(
    mandate: Mandate,
    time_ns: int,
    data: str | Path | None,
    memory: Sequence[Any] | None = None,
) -> tuple[Decision, Quotes, tuple[str, ...]]:
    """The decision at a time on stored prices alone, the quotes, and what is to be said of them.

    Raises what `decision` raises.

    Args: mandate; time_ns: ns UTC; data: folder of the store, None for the usual; memory: as
    `decision` takes it.
    """
    quotes = _user_quotes(time_ns, None, None, None)
    return _decided(mandate, quotes, time_ns, _StoreOption(True, data, takes_prices=False), memory)


def planned_ns(
    time_ns: MomentLike | None, at: MomentLike | None, data: str | Path | None = None
) -> int | None:
    """The moment that is planned for; None: that of the quotes.

    Raises PriceError for what contradicts `at`, or means nothing without it.

    Args: time_ns, at: as `plan` takes them; data: a folder that is read at `at` alone.
    """
    if at is not None and time_ns is not None:
        raise PriceError("time_ns: at names the moment that is planned for; leave time_ns out")
    if at is None and data is not None:
        raise PriceError('data: it means nothing without at; name a moment, at="2024-05-20"')
    if at is not None:
        return time_ns_of(at, "at")
    return None if time_ns is None else time_ns_of(time_ns, "time_ns")


def _moves(shocks: object) -> list[float]:
    """Moves of prices; PriceError for what is none, or one that leaves no price."""
    given = list(shocks) if isinstance(shocks, Iterable) else [shocks]
    found = [move for one in given if (move := number(one)) is not None and -1.0 < move < math.inf]
    if not isinstance(shocks, Iterable) or len(found) < len(given):
        raise PriceError(
            f"shocks: {shocks!r:.60}: give moves above -1 as fractions, like [-0.2, 0.5]"
        )
    return found


class _UserQuotes(NamedTuple):
    """Quotes that a person gave: prices and rates alone, with those of a file; what is said."""

    alone: Quotes
    whole: Quotes
    notes: tuple[str, ...]


def _user_quotes(
    time_ns: int | None,
    prices: dict[str, float] | None,
    funding: dict[str, float] | None,
    quotes: Quotes | str | Path | None,
) -> _UserQuotes:
    """What a person gave, checked."""
    read_at = time_ns if time_ns is not None else now_ns()
    alone = stated_quotes(read_at, prices, funding)
    if isinstance(quotes, str | Path):
        quotes = read_quotes(Path(quotes), read_at)
    elif isinstance(quotes, Quotes):
        quotes = checked_quotes(quotes)
    elif quotes is not None:
        raise PriceError(
            f"quotes: {quotes!r:.60} is no file of quotes; give the path of a TOML file with a "
            f"table [index], or prices={PRICES}"
        )
    return _UserQuotes(alone, *beside(quotes or Quotes(read_at), alone, is_stated=True))


class _StoreOption(NamedTuple):
    """Whether prices that are not given are those of the store at the time, and its folder.

    takes_prices: whether who asks may give prices too.
    """

    is_used: bool
    data: str | Path | None
    takes_prices: bool = True


def _decided(
    loaded: Mandate,
    user_quotes: _UserQuotes,
    time_ns: int | None,
    store: _StoreOption,
    memory: Sequence[Any] | None = None,
) -> tuple[Decision, Quotes, tuple[str, ...]]:
    """The decision, the quotes it was made on, and what is to be said of them.

    Args: loaded: the mandate; user_quotes: given; time_ns: ns UTC, None: that of the quotes; store;
    memory: of each policy.
    """
    both = user_quotes.whole
    moment = time_ns if time_ns is not None else both.as_of_ns
    setup = setup_of(loaded, moment)
    notes, features = user_quotes.notes, None
    needed = (*flat_of(setup).currencies, loaded.numeraire)
    if store.is_used:
        root = data_place(store.data).root
        kept, lines = stored_quotes(loaded, setup, moment, root)
        both, moved = beside(kept, both, setup.book.pegs)
        notes += (*moved, *lines)
        lacking, _ = lacking_prices(needed, both, setup.book.pegs)
        if lacking:
            from volsculpt.market.lacking import no_price_at

            flags = price_flags(lacking) if store.takes_prices else ""
            lacking_text = no_price_at(root, lacking, moment, loaded.index_venue, flags)
            raise PriceError(lacking_text + name_words(lacking, both))
        from volsculpt.mandate.history import stored_knowledge

        features, memory = stored_knowledge(loaded, moment, root, memory)
    need_prices(needed, both, setup.book.pegs)
    return decide(setup, both, moment, features, memory), both, notes


def stored_quotes(
    mandate: Mandate, setup: Setup, time_ns: int, root: Path
) -> tuple[Quotes, tuple[str, ...]]:
    """What the store knew at a time of all that a plan needs a price of, and what was assumed.

    Raises HistoryError when it knew nothing of it, as all of it is of other times.

    Args: time_ns: ns UTC; root: folder of the store.
    """
    from volsculpt.contracts.currencies import is_stable
    from volsculpt.market.lacking import is_inside, moment_words, not_stored
    from volsculpt.market.opening import quotes_at
    from volsculpt.market.store import stored

    flat = flat_of(setup)
    contracts = tuple(dict.fromkeys(contract.key for _, contract in flat.legs))
    names = tuple(dict.fromkeys([*flat.currencies, mandate.numeraire]))
    back_ns, venue = read_back_ns(setup.hedges, setup.overlays), mandate.index_venue
    found, notes = quotes_at(
        root, time_ns, contracts, names, index_venue=venue, look_back_ns=back_ns, pegs=flat.pegs
    )
    if not found.index and not found.contract:
        coins = [name for name in names if name != "USD" and not is_stable(name, flat.pegs)]
        when = f"known at {moment_words(time_ns)}"
        lacking, every = coins or list(contracts), stored(root)
        if not any(is_inside(time_ns, name, every) for name in lacking):
            raise not_stored(root, lacking, every, when, index_venue=venue)
    return found, notes


def backtest(
    mandate: MandateLike,
    history: "History | str | Path | None" = None,
    *,
    data: str | Path | None = None,
    from_ns: MomentLike | None = None,
    to_ns: MomentLike | None = None,
    step_ns: LengthLike | None = None,
    costs: "Costs | None" = None,
    allow_missing_funding: bool = False,
    draws: int = 2_000,
    from_first: bool = False,
) -> "BacktestReport":
    """A mandate run through history, beside no hedge and a static one of the same mean ratio.

    Args: mandate: as `load` takes it; history, or the store `data` to read it from, a path in
    either place (neither: the synthetic market, and the report says so); [from_ns, to_ns), moments
    as `plan` takes them, and the step_ns, "8h", a timedelta or ns (default: all of it, its shortest
    bar); allow_missing_funding: what is not known counts as none; draws of the bootstrap, 0 leaves
    its intervals out; from_first: begin where all prices are known, if that is later than from_ns,
    with a warning. Raises MandateError, HistoryError (a price or funding is missing),
    ContractError, BookError.
    """
    from volsculpt.report.rows.backtest_build import backtest_report
    from volsculpt.simulate.backtest import Costs
    from volsculpt.simulate.run import RunRequest, run_mandate

    loaded = load(mandate)
    span, draw_count = run_span(from_ns, to_ns, step_ns), count_of(draws, 0, "draws")
    paid = request_of(costs, Costs, "costs")
    request = RunRequest(span, paid, allow_missing_funding, from_first)
    return backtest_report(
        run_mandate(loaded, *history_or_folder(history, data), request), draw_count
    )


def evaluate(
    mandates: MandateLike | Iterable[MandateLike],
    history: "History | str | Path | None" = None,
    *,
    data: str | Path | None = None,
    request: "RunRequest | None" = None,
    folds: int = 1,
    besides: int = 0,
    draws: int = 2_000,
) -> "EvaluationReport":
    """Mandates walked through folds of history, side by side, and what of it may be luck.

    Args: mandates: each as `load` takes it; history, data, draws: as `backtest` takes them;
    request: RunRequest(span=(from, to, step), costs=...), span as `backtest` takes its three, None
    for what there is (default: all, at usual costs); folds: stretches of time, each begun
    anew; besides: variants tried that are no mandates here. Raises as `backtest`, and MandateError
    for none or two of one name.
    """
    from volsculpt.report.rows.evaluation_build import evaluation_report
    from volsculpt.simulate.run import RunRequest
    from volsculpt.simulate.walk_forward import walks_of

    loaded = mandates_of(mandates)
    stretches, more = count_of(folds, 1, "folds"), count_of(besides, 0, "besides")
    draw_count = count_of(draws, 0, "draws")
    wanted = request_of(request, RunRequest)
    walks = walks_of(loaded, *history_or_folder(history, data), wanted, stretches)
    return evaluation_report(walks, more, draw_count)


def paper(
    mandate: MandateLike,
    history: "History | str | Path | None" = None,
    *,
    ledger: str | Path = "memory:",
    data: str | Path | None = None,
    from_ns: MomentLike | None = None,
    to_ns: MomentLike | None = None,
    steps: int | None = None,
    allow_missing_funding: bool = False,
    from_first: bool = False,
) -> "DeskReport":
    """The desk that trades live, on a venue made of a history, as fast as it goes.

    Args: mandate: as `load` takes it; history, or the store `data` to read it from (neither: the
    synthetic market); ledger a file or an address, which is gone on with where there is one;
    [from_ns, to_ns) the span, as `backtest` takes it; allow_missing_funding, from_first as
    `backtest` takes them; steps how many at most (default: to the end). Raises MandateError
    (nothing to trade on, funding swept), HistoryError, LedgerError, VenueError.
    """
    from volsculpt.ledger.ledger import address_of
    from volsculpt.report.desk import DeskReport
    from volsculpt.report.pages.desk import status
    from volsculpt.trade.paper.opening import paper_market
    from volsculpt.trade.paper.running import Last, PaperRun, run_paper

    loaded = load(mandate)
    most = None if steps is None else count_of(steps, 1, "steps")
    span, run = run_span(from_ns, to_ns), PaperRun(ledger=address_of(ledger), steps=most)
    given = history_or_folder(history, data)
    missing = flag_of(allow_missing_funding, "allow_missing_funding")
    market = paper_market(loaded, *given, span, missing, flag_of(from_first, "from_first"))
    last = Last(lambda desk: status(desk.ledger, is_running=False))
    made = run_paper(loaded, market, run, last)
    return DeskReport(last.status, market.warnings, made)
