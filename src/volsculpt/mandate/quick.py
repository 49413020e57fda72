"""A hedge asked for in one line: coins as people write them, and the mandate that they make.

coins = coins_of("1.3 eth, 0.2 btc")
text = render_mandate(quick_answers(load_catalog(), coins, HedgeRequest(), time_ns))
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from volsculpt.contracts.catalog import BUILT_IN, Catalog
from volsculpt.contracts.currencies import moves, stands_for_words
from volsculpt.errors import MandateError
from volsculpt.mandate.init import MandateAnswers, amounts
from volsculpt.mandate.uses import IN_WORDS
from volsculpt.units import DAY_NS, length_ns, moment_ns, number

COLD = "wallet"  # what the account of the coins is called
SAFE_LEVERAGE = 3.0  # coins move so that futures stand here
ROLL_DAYS = 7.0  # a delivery nearer than this is passed over
LONGEST_NS = 10 * 365 * DAY_NS
EXAMPLE = '"1.3 ETH 0.2 BTC" or {"ETH": 1.3, "BTC": 0.2}'
_NUMBER = r"[+-]?[0-9][0-9_.]*(?:[eE][+-]?[0-9]+)?"
_NAMED = re.compile(rf"([A-Za-z][A-Za-z0-9]*)\s*[=:]\s*({_NUMBER})(?![A-Za-z0-9])")
_NAMES_FIRST = re.compile(rf"([A-Za-z][A-Za-z0-9]*)\s+({_NUMBER})(?![A-Za-z0-9])")
_NEXT = re.compile(r"(?<=[A-Za-z])(?:\s+(?:and|\+|&))?\s+(?=[0-9+-])")


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
        object.__setattr__(self, "margin", coins_by_name(self.margin, "margin"))
        try:
            object.__setattr__(self, "length_ns", length_ns(self.length_ns))
            if self.until_ns is not None:
                object.__setattr__(self, "until_ns", moment_ns(self.until_ns))
        except ValueError as error:
            raise MandateError(f"how long the hedge is for: {error}") from None


def _is_share(share: object) -> bool:
    """Whether it is a number from 0 to 1."""
    found = number(share)
    return found is not None and 0.0 <= found <= 1.0


# --- what is owned --------------------------------------------------------------------


def coins_given(coins: object) -> dict[str, float]:
    """Coins as text or by name; MandateError for what is no amount above 0 of a coin."""
    if isinstance(coins, str):
        return coins_of(coins)
    found = coins_by_name(coins, "coins")
    if not found:
        raise MandateError(f"coins: none is named; write what you own, {EXAMPLE}")
    for coin, held in found.items():
        if held == 0.0:
            raise MandateError(f"coins: {coin} = 0: give an amount above 0, or leave {coin} out")
    return found


def coins_by_name(coins: object, where: str) -> dict[str, float]:
    """Amounts of 0 or more by coin; MandateError says what is wanted where they are none.

    Args: coins: a mapping, or a column of pandas; where: what the call names them.
    """
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


def coins_of(text: str) -> dict[str, float]:
    """Coins by name in any natural form. Worked: "1.3 eth 0.2 btc", "ETH=1.3, BTC=0.2".

    Raises MandateError for what is no amount above 0 of a coin.
    """
    plain = _NAMED.sub(r"\2 \1", text.strip())
    if re.match(r"[A-Za-z]", plain):
        plain = _NAMES_FIRST.sub(r"\2 \1", plain)
    found = amounts(_NEXT.sub(", ", plain))
    if not found:
        raise MandateError("no coin is named; write what you own, for example 1.3 ETH 0.2 BTC")
    for coin, held in found.items():
        if held == 0.0:
            raise MandateError(f'"0 {coin}": write an amount above 0, or leave {coin} out')
    return found


def spelled(coins: Mapping[str, float], catalog: Catalog) -> dict[str, float]:
    """The same coins, spelled as the catalog does. Worked: Eth is ETH, usde USDe where it is known.

    Raises MandateError for a coin that no contract is on, with the nearest that one is on.
    """
    known = {name.upper(): name for name in sorted(catalog.listed_coins())}
    found: dict[str, float] = {}
    for name, held in coins.items():
        coin = known.get(name.upper(), name)
        if moves(coin) and coin not in known.values():
            raise MandateError(
                f"{name}: no contract of the catalog is on it; {_fix(name, known)} (`volsculpt "
                f"contracts list` shows all), leave it out, or hedge it with another coin: `proxy` "
                f"in a mandate (docs/mandate.md)"
            )
        found[coin] = found.get(coin, 0.0) + held
    return found


def _fix(name: str, known: Mapping[str, str]) -> str:
    """What a coin without contracts may be. known: coins that have some, by name in capitals."""
    first = stands_for_words(name, known.values())
    if first is not None:
        return f"{first}; else check how it is spelled"
    near = get_close_matches(name.upper(), known, 1)
    return f"did you mean {known[near[0]]}?" if near else "check how it is spelled"


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
    all_of = {coin: coins.get(coin, 0.0) + request.margin.get(coin, 0.0) for coin in hedged}
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
        words = _perpetual(catalog, request.venue, coin)
        if words is not None:
            return words
        others = [one for one in BUILT_IN if _perpetual(catalog, one, coin) is not None]
        raise MandateError(_not_there(coin, request.venue, "perpetual", others))
    pair = _dated(catalog, request.venue, coin)
    if pair is None:
        others = [one for one in BUILT_IN if _dated(catalog, one, coin) is not None]
        raise MandateError(_not_there(coin, request.venue, "dated contract", others))
    return catalog.resolve(request.venue, f"{pair}@{request.lock}", time_ns, ROLL_DAYS).symbol


def _perpetual(catalog: Catalog, venue: str, coin: str) -> str | None:
    """The words of the perpetual on a coin that a plan can size: inverse before linear."""
    for words, payoff in IN_WORDS.items():
        found = catalog.perpetuals(venue, coin, payoff)
        if words == "inverse perpetual":
            found = [one for one in found if one.settle == coin]
        if any(not one.needs for one in found):
            return words
    return None


def _dated(catalog: Catalog, venue: str, coin: str) -> str | None:
    """The pair of the dated contracts on a coin that a plan can size: inverse before linear."""
    found = [one.template for one in catalog.families(venue)]
    found = [one for one in found if one.base == coin and not one.needs]
    return min(found, key=lambda one: one.settle != coin).symbol if found else None


def _not_there(coin: str, venue: str, what: str, others: Iterable[str]) -> str:
    """Why a coin cannot be hedged at a venue, and what to do.

    Args: coin, venue: their names; what: the kind of contract; others: venues that have one.
    """
    there = " or ".join(f"--venue {one}" for one in others)
    fix = f"{there} has one" if there else "no venue of the catalog has one"
    return f"{coin}: {venue} lists no {what} on it that a plan can size; {fix}, or leave {coin} out"
