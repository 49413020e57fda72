"""Hedge ratios of a mandate or of a coin: from stored prices to rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from volsculpt.contracts.spec import Contract
from volsculpt.errors import EstimateError, HistoryError
from volsculpt.hedge.estimators.estimator import stands_still
from volsculpt.hedge.estimators.moves import Moves, own_moves, proxy_moves
from volsculpt.mandate.given import count_of, names_of
from volsculpt.market.gate import Flags, Floats
from volsculpt.market.history import History
from volsculpt.market.lacking import moment_words, span_words
from volsculpt.market.opening import open_history
from volsculpt.market.paired import PairedPrices, paired_prices, shared_clock, spacing_ns
from volsculpt.market.store import Span
from volsculpt.market.times import interval_text, run_span
from volsculpt.report.document import Page
from volsculpt.report.result import Result, Table, kinds_of, rows_table
from volsculpt.report.rows.ratio import (
    FEWEST,
    FailedPair,
    Progress,
    RatioRow,
    RatioTable,
    Trial,
    growth_of,
    rows_of,
)
from volsculpt.report.rows.ratio_words import sentence_of
from volsculpt.text import day
from volsculpt.units import DAY_NS, YEAR_NS, iso


@dataclass(frozen=True, slots=True)
class RatioRequest:
    """What is asked. from_ns, to_ns: ns UTC, None as far as stored; step_ns: of a return.

    Days, times and "8h" are read too, and one estimator as text. refit_rows: rows from one fit to
    the next, out of sample. estimators: by name, the naive one always beside them; none: all.
    Raises HistoryError or MandateError naming the one that cannot be meant.
    """

    from_ns: int | None = None
    to_ns: int | None = None
    step_ns: int = DAY_NS
    refit_rows: int = 60
    estimators: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        first, last, step = run_span(self.from_ns, self.to_ns, self.step_ns)
        checked = {
            "from_ns": first,
            "to_ns": last,
            "step_ns": step or DAY_NS,
            "refit_rows": count_of(self.refit_rows, 1, "refit_rows"),
            "estimators": names_of(self.estimators, "estimators", "ols"),
        }
        for name, found in checked.items():
            object.__setattr__(self, name, found)


@dataclass(frozen=True, slots=True)
class RatioReport(Result):
    """A table for each hedge and contract. failed: those without one, and why.

    exit_code: of the first failure, 0 without any.
    """

    WHAT: ClassVar[str] = "comparison of hedge ratios"
    MAIN: ClassVar[str] = "estimators"

    hedges: list[RatioTable]
    step_ns: int
    root: str
    failed: list[FailedPair] = field(default_factory=list)
    exit_code: int = 0

    def page(self) -> Page:
        """Tables with their conclusions."""
        from volsculpt.report.pages.ratio import ratio_page

        return ratio_page(self.hedges, self.failed, self.step_ns, self.root)

    def tables(self) -> dict[str, Table]:
        """estimators (the default), a row for each of each pair; hedges; failed."""
        hedges = self.as_dict()["hedges"]
        of = {"underlying": str, "contract": str}
        rows = [
            {**{name: one[name] for name in of}, **row}
            for one in hedges
            for row in one["estimators"]
        ]
        apart = {name: kind for name, kind in kinds_of(RatioTable).items() if name != "estimators"}
        return {
            "estimators": rows_table({**of, **kinds_of(RatioRow)}, rows),
            "hedges": rows_table(apart, hedges),
            "failed": rows_table(kinds_of(FailedPair), [asdict(one) for one in self.failed]),
        }

    def as_dict(self) -> dict[str, Any]:
        """The published object."""
        return {
            "schema": 1,
            "root": self.root,
            "step_hours": self.step_ns / (DAY_NS / 24),
            "hedges": [one.published() for one in self.hedges],
            "failed": [asdict(one) for one in self.failed],
        }


def ratio_report(
    pairs: Sequence[tuple[str, Contract]],
    source: Path | History,
    request: RatioRequest,
    progress: Progress = lambda done, total, path: None,
) -> RatioReport:
    """Each coin by its contract; a pair without figures is told with the rest.

    Raises, where no pair has any, what the first lacked: HistoryError for what is not stored,
    EstimateError for too few rows. MissingExtra without the extra `models`.

    Args: pairs: coins and the contracts that hedge them; source: folder of a
    store, or a history; request; progress: called after each estimator.
    """
    tables, failed = [], []
    errors: list[HistoryError | EstimateError] = []
    for coin, contract in pairs:
        try:
            span = (request.from_ns, request.to_ns)
            history = history_of_pair(source, coin, contract, span)
            tables.append(ratio_table(history, coin, contract, request, progress))
        except (HistoryError, EstimateError) as error:
            errors.append(error)
            failed.append(FailedPair(coin, contract.key, str(error)))
    if errors and not tables:
        raise errors[0]
    exit_code = errors[0].exit_code if errors else 0
    root = str(source) if isinstance(source, Path) else "a history"
    return RatioReport(tables, request.step_ns, root, failed, exit_code)


def history_of_pair(source: Path | History, coin: str, contract: Contract, span: Span) -> History:
    """Prices of a coin and a contract. Raises HistoryError for those that are not there.

    Args: source: folder of a store, or a history; coin; contract; span: (from, to), ns UTC.
    """
    if isinstance(source, Path):
        return open_history(source, (contract.key,), (coin,), *span)
    if contract.key not in source.contracts or coin not in source.index:
        raise HistoryError(
            f"the history has no prices of {coin} by {contract.key}; it has "
            f"{', '.join((*source.index, *source.contracts))}"
        )
    there = source.between(*span)
    if contract.key not in there.contracts or coin not in there.index:
        own = source.mark.get(contract.key, source.last.get(contract.key))
        ends = [
            f"{name} from {moment_words(int(one.stamps[0]))} to {moment_words(one.end_ns)}"
            for name, one in ((coin, source.index[coin]), (contract.key, own))
            if one is not None
        ]
        raise HistoryError(
            f"the history has no prices of {coin} by {contract.key} {span_words(*span)}: it has "
            f"{' and '.join(ends)}; change from_ns and to_ns"
        )
    return there


def need_moves(held: Floats, coin: str, key: str, from_ns: int) -> None:
    """Raise EstimateError where a coin stands still out of sample: no variance is left to compare.

    Args: held: its returns out of sample; coin, key: its name, the contract's; from_ns: their
    beginning, ns UTC.
    """
    if stands_still(held):
        raise EstimateError(
            f"{coin} by {key}: the price of {coin} does not move in the {len(held)} steps out of "
            f"sample, from {day(from_ns)} on; look at it with `volsculpt data check`, or give "
            f"another span (--from, --to)"
        )


def _remedy(history: History, coin: str, key: str, step_ns: int) -> str:
    """What to do where there are too few steps. step_ns: of those that were asked for."""
    apart_ns = spacing_ns(history, coin, key)
    if apart_ns > step_ns:
        every = interval_text(apart_ns)
        return f"their stored prices are {every} apart: give --step {every}, or import finer prices"
    return "give a longer span, a shorter step (--step), or import finer prices"


def ratio_table(
    history: History,
    coin: str,
    contract: Contract,
    request: RatioRequest,
    progress: Progress = lambda done, total, path: None,
) -> RatioTable:
    """One coin by one contract. Raises as `ratio_report` does.

    Args: history: with prices of both; coin: held; contract; request; progress: as there.
    """
    if contract.payoff == "quanto":
        raise EstimateError(
            f"{contract.key}: a quanto contract pays in a third coin, which no ratio here accounts "
            f"for; name an inverse or a linear contract with --contract"
        )
    prices = paired_prices(
        history, coin, contract.key, shared_clock(history, coin, contract.key, request.step_ns)
    )
    there = prices.steps
    rows, used = int(there.sum()), np.flatnonzero(there)
    if rows < FEWEST:
        raise HistoryError(
            f"{coin} by {contract.key}: {rows} steps have prices of both at the same moment, of "
            f"{FEWEST} needed; {_remedy(history, coin, contract.key, request.step_ns)}"
        )
    own, first = contract.base == coin, rows // 2
    moves = moves_of(prices, there, contract, own)
    need_moves(moves.held[first:], coin, contract.key, int(prices.stamp_ns[used[first]]))
    year = YEAR_NS / request.step_ns
    trial = Trial(contract, own, moves, first, request.refit_rows, year, request.estimators)
    found = rows_of(trial, progress)
    exposure, std = growth_of(moves)
    begin, end = int(prices.stamp_ns[used[0]]), int(prices.stamp_ns[used[-1] + 1])
    table = RatioTable(
        underlying=coin,
        contract=contract.key,
        payoff=contract.payoff,
        own=own,
        from_=iso(begin),
        to=iso(end),
        tested_from=iso(int(prices.stamp_ns[used[first]])),
        rows=rows,
        tested_rows=rows - first,
        dropped=int(used[-1] + 1 - used[0]) - rows,
        refit_rows=request.refit_rows,
        comparisons=max(sum(one.difference is not None for one in found), 1),
        growth_exposure=exposure,
        growth_exposure_std=std,
        estimators=found,
        warnings=list(dict.fromkeys((*history.notes, *prices.warnings))),
    )
    return replace(table, sentence=sentence_of(table))


def moves_of(prices: PairedPrices, there: Flags, contract: Contract, own: bool) -> Moves:
    """Moves of the steps that have prices.

    Args: prices; there: which steps; contract; own: whether it is on the coin that is held.
    """
    spot, mark, coin = (
        np.where(prices.fresh, one, 1.0) for one in (prices.spot, prices.mark, prices.own_spot)
    )
    if own:
        made = own_moves(spot, mark, contract.payoff)
    else:
        made = proxy_moves(spot, mark, coin, contract.payoff)
    premium = float(np.mean((mark / coin)[prices.fresh]))
    return Moves(made.held[there], made.moved[there], made.paid[there], premium)
