"""The beta of a whole book to one coin, before and after a plan, and the risk that is left."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from volsculpt.book.exposure import exposure
from volsculpt.book.state import State, new_exposure
from volsculpt.decide.step import Decision
from volsculpt.errors import EstimateError, HistoryError, MissingExtra
from volsculpt.hedge.market_features import Features, features_at
from volsculpt.hedge.needs import look_back_ns
from volsculpt.hedge.spec import BetaRule
from volsculpt.report.rows.plan import BookBeta, PlanRows
from volsculpt.report.stats.bootstrap import resample
from volsculpt.report.stats.effectiveness import variance_reduction
from volsculpt.units import DAY_NS, DAYS_PER_YEAR
from volsculpt.watch.filled import filled

if TYPE_CHECKING:
    from volsculpt.hedge.feature import Feature
    from volsculpt.report.stats.returns import Floats

TO = "BTC"
DAYS = 180
FEWEST = 60  # days of returns: with fewer, an error says little
SEED = 7
NOTHING = 1e-9  # of the variance: no more than rounding
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
    left = _share_left(books["hedged"], books["unhedged"])
    traded = [returns[coin] for coin in traded_coins(decision) if coin in returns]
    unhedgeable = _share_left(least_left(books["unhedged"], traded), books["unhedged"])
    return BookBeta(
        TO,
        len(returns[TO]),
        float(before.ratio_[0]),
        float(before.ratio_std_[0]),
        float(later.ratio_[0]),
        float(later.ratio_std_[0]),
        *left,
        *unhedgeable,
    )


def traded_coins(decision: Decision) -> tuple[str, ...]:
    """The coins whose contracts hedges use."""
    used = (contract.base for legs in decision.setup.legs for _, contract, _ in legs)
    return tuple(dict.fromkeys(used))


def least_left(book: "Floats", traded: "Sequence[Floats]") -> "Floats":
    """What a book would gain a day if contracts took all that they can, by least squares.

    Worked: a book of 1.3 times what a traded coin did, and of noise: the noise.

    Args: book: daily returns; traded: those of coins that contracts are on.
    """
    if not traded:
        return book
    moved = np.column_stack(traded)
    moved = moved - moved.mean(axis=0)
    sizes = np.linalg.lstsq(moved, book - book.mean(), rcond=None)[0]
    return np.asarray(book - moved @ sizes)


def _share_left(book: "Floats", unhedged: "Floats") -> tuple[float, float | None, float | None]:
    """The variance of a book over that without futures, and the ends of its interval."""
    share = float(np.var(book) / np.var(unhedged))
    if share < NOTHING:
        return 0.0, None, None
    books = {"hedged": book, "unhedged": unhedged}
    resampled = resample(books, len(book) / DAYS_PER_YEAR, {"reduction": variance_reduction}, SEED)
    interval = resampled.intervals["reduction"]
    low, high = interval.low, interval.high
    return share, None if high is None else 1.0 - high, None if low is None else 1.0 - low


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
