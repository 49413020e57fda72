"""What a venue offers to hedge a coin with, as far as a plan can size it; else why it does not."""

from collections.abc import Mapping

from volsculpt.book.holdings import Account
from volsculpt.contracts.catalog import BUILT_IN, Catalog
from volsculpt.errors import ContractError, MandateError
from volsculpt.mandate.uses import IN_WORDS, perpetual_in_words

ROLL_DAYS = 7.0  # a delivery nearer than this is passed over
KINDS = {"best": tuple(IN_WORDS), **{words.split()[0]: (words,) for words in IN_WORDS}}


def perpetual_for(
    catalog: Catalog,
    venue: str,
    coin: str,
    kind: str = "best",
    margin: Mapping[str, float] | None = None,
) -> str:
    """The words of the perpetual that hedges a coin. Worked: "inverse perpetual".

    Raises MandateError where the venue has none that a plan can size, with what there is.

    Args: venue, coin: their names; kind: a key of `KINDS`, best is inverse before linear; margin:
    coins in the account, which say what a linear one settles in.
    """
    words = _sized(catalog, venue, coin, kind, margin)
    if words is not None:
        return words
    others = [
        f"--contracts {other}"
        for other in KINDS
        if "best" not in (kind, other) and _sized(catalog, venue, coin, other, margin) is not None
    ]
    others += [
        f"--venue {other}"
        for other in BUILT_IN
        if other != venue and _sized(catalog, other, coin, kind, margin) is not None
    ]
    what = "perpetual" if kind == "best" else f"{kind} perpetual"
    raise MandateError(
        _not_there((coin, venue), what, others, _unsized(catalog, venue, coin, kind))
    )


def dated_for(catalog: Catalog, venue: str, coin: str) -> str:
    """The pair of the dated contracts that hedge a coin, inverse before linear: "BTC/USD:BTC".

    Raises MandateError where the venue has none that a plan can size, with the venues that do.
    """
    pair = _dated(catalog, venue, coin)
    if pair is not None:
        return pair
    others = [f"--venue {one}" for one in BUILT_IN if _dated(catalog, one, coin) is not None]
    raise MandateError(_not_there((coin, venue), "dated contract", others))


def dated_symbol(catalog: Catalog, venue: str, coin: str, rule: str, time_ns: int) -> str:
    """The dated contract on a coin that a rule means. Worked: quarter: "BTC/USD:BTC-241227".

    Raises MandateError as `dated_for` does, ContractError for a rule that the venue lacks.

    Args: venue, coin: their names; rule: as `RULES` of expiries has it; time_ns: now, ns UTC.
    """
    pair = dated_for(catalog, venue, coin)
    return catalog.resolve(venue, f"{pair}@{rule}", time_ns, ROLL_DAYS).symbol


def _sized(
    catalog: Catalog, venue: str, coin: str, kind: str, margin: Mapping[str, float] | None
) -> str | None:
    """The words of the first perpetual of a kind that a plan can size. Args: as `perpetual_for`."""
    account = Account("", "margin", venue=venue, balances=dict(margin or {}))
    for words in KINDS[kind]:
        try:
            found = perpetual_in_words(catalog, account, words, coin)
        except ContractError:
            continue
        if not found.needs:
            return words
    return None


def _unsized(catalog: Catalog, venue: str, coin: str, kind: str) -> list[str]:
    """Perpetuals of a kind that the venue lists and the catalog lacks figures of, by key."""
    payoffs = [IN_WORDS[words] for words in KINDS[kind]]
    found = [one for payoff in payoffs for one in catalog.perpetuals(venue, coin, payoff)]
    return [one.key for one in found if one.needs]


def _dated(catalog: Catalog, venue: str, coin: str) -> str | None:
    """The pair of the dated contracts on a coin that a plan can size: inverse before linear."""
    found = [one.template for one in catalog.families(venue)]
    found = [one for one in found if one.base == coin and not one.needs]
    return min(found, key=lambda one: one.settle != coin).symbol if found else None


def _not_there(
    where: tuple[str, str], what: str, others: list[str], unsized: list[str] | None = None
) -> str:
    """Why a coin cannot be hedged at a venue, and what to do.

    Args: where: the coin and the venue; what: the kind of contract; others: options that lead to
    one; unsized: contracts there whose margin is not known.
    """
    coin, venue = where
    there = f"{' or '.join(others)} has one" if others else "no venue of the catalog has one"
    listing = ", ".join(unsized or [])
    why = f" ({listing}: the catalog does not know its maintenance margin)" if listing else ""
    return (
        f"{coin}: {venue} lists no {what} on it that a plan can size{why}; {there}, or leave "
        f"{coin} out"
    )
