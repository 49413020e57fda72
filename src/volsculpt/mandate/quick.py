"""A hedge asked for in one line: coins as people write them, and the mandate that they make.

coins = coins_of("1.3 eth, 0.2 btc")
text = render_mandate(quick_answers(load_catalog(), coins, HedgeRequest(), time_ns))
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from volsculpt.contracts.catalog import BUILT_IN, Catalog
from volsculpt.contracts.currencies import moves
from volsculpt.contracts.expiries import RULES
from volsculpt.decide.limits import SAFE_LEVERAGE
from volsculpt.errors import MandateError
from volsculpt.mandate.answers import MandateAnswers
from volsculpt.mandate.coin_text import coins_of, coins_or_none
from volsculpt.mandate.offered import dated_symbol, perpetual_for
from volsculpt.text import days_words
from volsculpt.units import DAY_NS, added, long_length_ns, moment_ns, number

COLD = "wallet"  # what the account of the coins is called
LONGEST_NS = 10 * 365 * DAY_NS
EXAMPLE = '"1.3 ETH 0.2 BTC" or {"ETH": 1.3, "BTC": 0.2}'


@dataclass(frozen=True, slots=True)
class HedgeRequest:
    """How coins are to be hedged.

    venue: where. ratio: the share, 0 to 1. margin: coins in the futures account there. length_ns,
    until_ns: how long ("30d"), or to when (ns UTC or a day; it wins). lock: a rule of dated
    contracts ("quarter"), whose delivery ends the hedge; None: perpetuals. fall: the move that the
    effect is told for.
    """

    venue: str = "bybit"
    ratio: float = 1.0
    margin: Mapping[str, float] = field(default_factory=dict)
    length_ns: int = 30 * DAY_NS
    until_ns: int | None = None
    lock: str | None = None
    fall: float = 0.2

    def __post_init__(self) -> None:
        if not _is_share(self.ratio):
            raise MandateError(f"ratio: {self.ratio!r} is no share from 0 to 1, like 0.5 for half")
        if not _is_share(self.fall) or self.fall in (0.0, 1.0):
            raise MandateError(f"fall: {self.fall!r} is no share between 0 and 1, like 0.2")
        if self.lock is not None and self.lock not in [*RULES]:  # a list: it may not be hashable
            raise MandateError(f'lock: "{self.lock}": choose one of {", ".join(RULES)}')
        object.__setattr__(self, "margin", coins_by_name(self.margin, "margin", or_none=True))
        if self.lock is not None and self.until_ns is not None:
            raise MandateError("lock and until_ns each say when the hedge ends; give one of them")
        try:
            object.__setattr__(self, "length_ns", long_length_ns(self.length_ns))
            if self.until_ns is not None:
                object.__setattr__(self, "until_ns", moment_ns(self.until_ns))
        except ValueError as error:
            raise MandateError(f"how long the hedge is for: {error}") from None
        if not DAY_NS <= self.length_ns <= LONGEST_NS:
            raise MandateError(
                f"length_ns: a hedge is for a day or more, to ten years, not "
                f"{days_words(self.length_ns / DAY_NS)}; write it like 30d or 8w"
            )


def _is_share(share: object) -> bool:
    """Whether it is a number from 0 to 1."""
    found = number(share)
    return found is not None and 0.0 <= found <= 1.0


# --- what is owned --------------------------------------------------------------------


def coins_given(coins: object) -> dict[str, float]:
    """Coins as text or by name; MandateError for what is no amount above 0 of a coin."""
    found = coins_by_name(coins, "coins")
    if not found:
        raise MandateError(f"coins: none is named; write what you own, {EXAMPLE}")
    for coin, held in found.items():
        if held == 0.0:
            raise MandateError(f"coins: {coin} = 0: give an amount above 0, or leave {coin} out")
    return found


def coins_by_name(coins: object, where: str, or_none: bool = False) -> dict[str, float]:
    """Amounts of 0 or more by coin; MandateError says what is wanted where they are none.

    Args: coins: a mapping, a column of pandas, or text; where: what the call names them; or_none:
    a text may say that nothing is there.
    """
    if isinstance(coins, str):
        return coins_or_none(coins) if or_none else coins_of(coins)
    if not isinstance(coins, Mapping) and not hasattr(coins, "items"):
        raise MandateError(f"{where}: {coins!r:.60} names no coins; write {EXAMPLE}")
    found: dict[str, float] = {}
    for coin, held in coins.items():
        if not isinstance(coin, str):
            raise MandateError(f"{where}: the name {coin!r} must be text; write {EXAMPLE}")
        amount = number(held)
        if amount is None or not 0.0 <= amount < math.inf:
            raise MandateError(
                f"{where}: {coin} = {held!r:.60}: must be a number of coins, 0 or more; write "
                f"{EXAMPLE}"
            )
        found[coin] = amount
    return found


# --- what hedges it -------------------------------------------------------------------


def quick_answers(
    catalog: Catalog, coins: Mapping[str, float], request: HedgeRequest, time_ns: int
) -> MandateAnswers:
    """The answers that a mandate is made of.

    Raises MandateError for a coin, a venue or a length that no hedge can be made of.

    Args: catalog; coins: by name, as `spelled` gives them; request; time_ns: now, ns UTC.
    """
    if request.venue not in BUILT_IN:
        raise MandateError(f'venue "{request.venue}": choose one of {", ".join(BUILT_IN)}')
    if not any(moves(coin) for coin in coins):
        held = " and ".join(coins)
        raise MandateError(f"{held}: has no price risk to hedge; name a coin, for example 1.3 ETH")
    hedged = [coin for coin in dict.fromkeys((*coins, *request.margin)) if moves(coin)]
    all_of = {coin: added(coins.get(coin, 0.0), request.margin.get(coin, 0.0)) for coin in hedged}
    return MandateAnswers(
        name="hedge",
        cold={COLD: dict(coins)},
        venue=request.venue,
        margin=dict(request.margin),
        ratio=request.ratio,
        safe_leverage=SAFE_LEVERAGE,
        use={coin: contract_for(catalog, coin, request, time_ns) for coin in hedged},
        counted=all_of if 0.0 < request.ratio < 1.0 else {},
    )


def contract_for(catalog: Catalog, coin: str, request: HedgeRequest, time_ns: int) -> str:
    """What hedges a coin: a perpetual in words, or the symbol of a dated contract.

    Raises MandateError where the venue has none that a plan can size, with the venues that do.

    Args: catalog; coin: its name; request; time_ns: now, ns UTC.
    """
    if request.lock is None:
        return perpetual_for(catalog, request.venue, coin, margin=request.margin)
    return dated_symbol(catalog, request.venue, coin, request.lock, time_ns)
