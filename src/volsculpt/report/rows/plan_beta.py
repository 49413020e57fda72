"""The beta of a whole book to one coin, before and after a plan, and the risk that is left."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from volsculpt.book.exposure import exposure
from volsculpt.book.state import State, new_exposure
from volsculpt.decide.step import Decision
from volsculpt.errors import EstimateError, HistoryError, MissingExtra
from volsculpt.hedge.known import Features, features_at
from volsculpt.hedge.needs import look_back_ns
from volsculpt.hedge.spec import BetaRule
from volsculpt.report.rows.plan import BookBeta, PlanRows
from volsculpt.report.stats.bootstrap import resample
from volsculpt.report.stats.effectiveness import variance_reduction
from volsculpt.units import DAY_NS
from volsculpt.watch.filled import filled

if TYPE_CHECKING:
    from volsculpt.hedge.feature import Feature
    from volsculpt.report.stats.returns import Floats

TO = "BTC"
DAYS = 180
FEWEST = 60  # days of returns: with fewer, an error says little
SEED = 7
RULE = BetaRule(window_ns=DAYS * DAY_NS, refit_ns=0, keep_ns=0)


def coins_of(decision: Decision) -> tuple[str, ...]:
    """The coins that the book moves with, and the one its beta is to."""
    flat = decision.flat
    own = [name for row, name in enumerate(flat.currencies) if flat.layout.moves[row] == 1]
    return tuple(dict.fromkeys([*own, TO]))


def needs_of_beta(decision: Decision) -> "dict[str, tuple[Feature, ...]]":
    """Daily prices of each of them."""
    from volsculpt.hedge.betas import closes

    return {coin: (closes(RULE, coin),) for coin in coins_of(decision)}


def usd_of(decision: Decision, state: State, with_futures: bool) -> dict[str, float]:
    """US dollars that a book holds of each coin that moves, its futures counted or not."""
    flat, quote = decision.flat, decision.quoted.quote
    sums = new_exposure(flat.layout)
    exposure(flat.layout, state, quote, 0, sums)
    found = {}
    for row, name in enumerate(flat.currencies):
        if flat.layout.moves[row] == 1:
            coins = sums.balance[row] + sums.pnl[row]
            coins += sums.futures[row] if with_futures else 0.0
            found[name] = coins * quote.index_usd[row]
    return found


def returns_of(decision: Decision, features: Features) -> "dict[str, Floats]":
    """Daily returns of each coin over the days that all have, of the last `DAYS`; few: empty."""
    from volsculpt.hedge.betas import shared_returns

    found = shared_returns(RULE, coins_of(decision), features, features.time_ns)
    return {coin: np.array(one) for coin, one in found.items() if len(one) >= FEWEST}


def book_return(
    usd: Mapping[str, float], returns: "Mapping[str, Floats]", wealth: float
) -> "Floats":
    """What the book of today would have gained a day, a fraction of its wealth.

    Worked: 60 USD of a coin that rose 1 % and -30 of one that rose 2 %, wealth 100: 0.

    Args: usd: held of each coin; returns: of each, a row a day; wealth: US dollars, > 0.
    """
    held = (amount / wealth * returns[coin] for coin, amount in usd.items())
    return np.asarray(sum(held, np.zeros(len(returns[TO]))))


def book_beta(
    decision: Decision, features: Features, after: State, wealth_usd: float
) -> BookBeta | None:
    """The beta before and after, with errors, and the variance left; None without history.

    Least squares of what the book of today would have gained on what the coin did, errors allowed
    to last; the interval by redrawing days. Raises MissingExtra without the extra `models`.

    Args: decision: of the plan; features: with daily prices of `needs_of_beta`; after: the book
    once orders fill; wealth_usd: of the book.
    """
    returns = returns_of(decision, features)
    if not returns or wealth_usd <= 0.0:
        return None
    from volsculpt.hedge.estimators.ols import Ols

    held = decision.flat.state
    books = {
        "unhedged": book_return(usd_of(decision, held, False), returns, wealth_usd),
        "before": book_return(usd_of(decision, held, True), returns, wealth_usd),
        "hedged": book_return(usd_of(decision, after, True), returns, wealth_usd),
    }
    if min(np.std(one) for one in books.values()) == 0.0:
        return None
    before, later = (Ols().fit(returns[TO][:, None], books[name]) for name in ("before", "hedged"))
    days = len(returns[TO])
    drawn = resample(books, days / 365.0, {"reduction": variance_reduction}, SEED)
    interval = drawn.intervals["reduction"]
    low, high = interval.low, interval.high
    return BookBeta(
        to=TO,
        days=days,
        before=float(before.ratio_[0]),
        before_std=float(before.ratio_std_[0]),
        after=float(later.ratio_[0]),
        after_std=float(later.ratio_std_[0]),
        variance_left=float(np.var(books["hedged"]) / np.var(books["unhedged"])),
        variance_left_low=None if high is None else 1.0 - high,
        variance_left_high=None if low is None else 1.0 - low,
    )


def with_book_beta(plan: PlanRows, made: Decision, root: Path) -> dict[str, Any]:
    """What a plan says with the beta of the whole book, by stored prices; a note without them.

    Args: plan: as it is; made: its decision; root: folder of the store.
    """
    from volsculpt.hedge.stored import observed_for
    from volsculpt.market.opening import StoreNames, history_before

    needs, now = needs_of_beta(made), made.time_ns
    try:
        history = history_before(root, now, StoreNames(tuple(needs)), look_back_ns(needs))
        (features,) = features_at(observed_for(history, needs, [now]), needs, [now])
        return {"book_beta": book_beta(made, features, filled(made), plan.wealth_usd)}
    except (EstimateError, HistoryError, MissingExtra) as error:
        return {"notes": [*plan.notes, f"the beta of the book is not shown: {error}"]}
