"""The verbs about ratios and carries: compare estimates, propose all ratios, sell forward."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from volsculpt.contracts.catalog import Catalog, load_catalog
from volsculpt.errors import MandateError
from volsculpt.mandate.given import MandateLike, is_coin, mandate_of, names_of, request_of
from volsculpt.market.place import data_place, history_or_folder
from volsculpt.market.quotes import time_ns_of
from volsculpt.units import MomentLike
from volsculpt.verbs import decided_at, now_ns

if TYPE_CHECKING:
    from volsculpt.hedge.carry.terms import CarryTerms
    from volsculpt.market.history import History
    from volsculpt.report.carry import CarryReport
    from volsculpt.report.joint import JointReport
    from volsculpt.report.ratio import RatioReport, RatioRequest
    from volsculpt.report.rows.joint_build import JointRequest

__all__ = ["carry", "propose", "ratio"]


def carry(
    of: MandateLike,
    *,
    at: MomentLike | None = None,
    data: str | Path | None = None,
    terms: "CarryTerms | None" = None,
    index_venue: str | None = None,
) -> "CarryReport":
    """What selling a coin by each stored contract earns a year after all costs, the best first.

    Args: of: a coin ("BTC"), or a mandate as `load` takes it, whose coins are told by its own
    catalog; at the moment of stored prices, as `plan` takes it (default: the end of what is stored
    of each coin), data their folder; terms: days held, coins, costs (default: 90 days, one coin);
    index_venue: the venue of the coin's price, where several are stored. Raises HistoryError (no
    price then), ContractError (a coin without contracts), MandateError, PriceError.
    """
    from volsculpt.hedge.carry.survey import carry_survey
    from volsculpt.hedge.carry.terms import CarryTerms
    from volsculpt.report.carry import CarryReport

    carry_terms = request_of(terms, CarryTerms, "terms")
    moment, root = None if at is None else time_ns_of(at, "at"), data_place(data).root
    coins, catalog = _coins_and_catalog(of)
    found = [carry_survey(root, catalog, one, carry_terms, moment, index_venue) for one in coins]
    return CarryReport(tuple(found), str(root))


def _coins_and_catalog(of: MandateLike) -> "tuple[list[str], Catalog]":
    """The coins that are told of, and the contracts that there are."""
    if isinstance(of, str) and is_coin(of):
        catalog = load_catalog()
        return [catalog.on_coin(of)[0]], catalog
    mandate = mandate_of(of)
    coins = list(dict.fromkeys(one.underlying for one in mandate.hedges))
    if not coins:
        raise MandateError("hedge: there is none, so no coin to tell of; add [[hedge]]")
    return coins, mandate.catalog


def propose(
    mandate: MandateLike,
    *,
    at: MomentLike,
    data: str | Path | None = None,
    request: "JointRequest | None" = None,
) -> "JointReport":
    """Ratios and betas for all hedges of a mandate at once, within its limits and margin.

    Args: mandate: as `load` takes it; at the moment, as `plan` takes it, data the folder of stored
    prices; request days, aversion and what else is weighed (default: a year, 3). Raises what
    `decision` raises, EstimateError (too few days, limits that contradict each other), MissingExtra
    without the extra `models`.
    """
    from volsculpt.report.rows.joint_build import JointRequest, joint_report

    loaded, wanted = mandate_of(mandate), request_of(request, JointRequest)
    root = data_place(data).root
    made, quotes, notes = decided_at(loaded, time_ns_of(at, "at"), data)
    found = joint_report(made, quotes, root, wanted)
    return replace(found, warnings=[*notes, *found.warnings])


def ratio(
    mandate: MandateLike,
    history: "History | str | Path | None" = None,
    *,
    data: str | Path | None = None,
    contracts: Sequence[str] = (),
    request: "RatioRequest | None" = None,
) -> "RatioReport":
    """Estimates of the hedge ratio beside each other: each coin by each contract that hedges it.

    Args: mandate: as `load` takes it, or a coin ("BTC"); history, or the store `data` to read
    prices from; contracts of a coin, "venue:symbol" (default: every perpetual on it that is
    stored); request span, step and estimators (default: all of them, by days). A pair without
    figures stands in `failed`. Raises, where none has any, HistoryError or EstimateError;
    MandateError for one without a hedge; MissingExtra without the extra `models`.
    """
    from volsculpt.report.ratio import RatioRequest, ratio_report
    from volsculpt.report.ratio_pairs import contracts_of_coin, contracts_of_mandate

    wanted = request_of(request, RatioRequest)
    named = list(names_of(contracts, "contracts", "bybit:BTC/USD:BTC"))
    history, data = history_or_folder(history, data)
    source = data_place(data).root if history is None else history
    if is_coin(mandate):
        pairs = contracts_of_coin(str(mandate), named, None, source)
    else:
        if named:
            raise MandateError(
                "contracts: a mandate names its contracts itself; leave them out, or name a coin"
            )
        time_ns = wanted.to_ns if wanted.to_ns is not None else now_ns()
        pairs = contracts_of_mandate(mandate_of(mandate), time_ns)
    return ratio_report(pairs, source, wanted)
