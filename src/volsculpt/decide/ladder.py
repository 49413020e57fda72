"""A ladder: dated contracts, each to carry the income that arrives up to its expiry.

How much of a coin is sold forward is the answer of `act` alone, over all that is owned and to
come. A ladder says which contract of `use` carries it: each rung's contract as much as its own
income asks for, in the order of expiry, the others the rest. A rung whose income has arrived is
closed, and one that holds more than its income is the first to be bought back from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from volsculpt.book.exposure import coins_per_contract
from volsculpt.book.flatten import Flat
from volsculpt.book.state import Quote
from volsculpt.contracts.payoff import INVERSE, LINEAR
from volsculpt.contracts.spec import Contract
from volsculpt.decide.rules import Rules

LEAST_LOTS = 1.0 - 1e-6  # what is missing of a rung and less than a lot is not sold
OVER = 0.02  # of what a rung is to sell: no more than that is left to other legs


@dataclass(frozen=True, slots=True)
class Rung:
    """Income of a coin that one dated contract carries; contract None: what none of them does.

    coins: to come, in coins of the hedge. times_ns: when, rising, ns UTC.
    """

    underlying: str
    account: str | None
    contract: Contract | None
    coins: float
    times_ns: tuple[int, ...] = ()


def sold_coins(flat: Flat, quote: Quote, leg: int) -> float:
    """Coins that a short has sold forward, whatever the price has done since; a long has none.

    Of an inverse contract what it cost, so that a move of the price asks for no trade.
    """
    state, payoff = flat.state, flat.layout.legs.payoff[leg]
    if state.contracts[leg] >= 0.0:
        return 0.0
    if payoff == INVERSE:
        return abs(state.cost[leg])
    if payoff == LINEAR:
        return abs(state.contracts[leg]) * abs(coins_per_contract(flat.layout, quote, leg))
    return abs(state.contracts[leg] * coins_per_contract(flat.layout, quote, leg))


@dataclass(frozen=True, slots=True)
class _Place:
    """What a rung makes of its leg: the most it may hold, whether it goes, or gives first."""

    leg: int
    most: float
    retires: bool
    is_over: bool


def _place(flat: Flat, quote: Quote, leg: int, rung: Rung, ratio: float | None) -> _Place:
    """A rung's leg at a ratio; None leaves what is held.

    What was sold a little below the mark is a little more than was wanted: such a rung keeps its
    place, and another leg gives what is too much in all. Worked: 0.5 of 2 BTC to come, 0.4 sold
    already: 0.6 BTC more at the mark; 1.015 sold: it is left alone, 1.03: it gives first.
    """
    held, lot = abs(flat.state.contracts[leg]), flat.layout.legs.lot[leg]
    if rung.coins <= 0.0 or ratio == 0.0:
        return _Place(leg, held, True, held > 0.0)
    wanted = sold_coins(flat, quote, leg) if ratio is None else max(0.0, ratio) * rung.coins
    missing = wanted - sold_coins(flat, quote, leg)
    lots = missing / abs(coins_per_contract(flat.layout, quote, leg)) / lot
    if lots >= LEAST_LOTS:
        return _Place(leg, held + lots * lot, False, False)
    is_over = lots <= -LEAST_LOTS and -missing > OVER * wanted
    return _Place(leg, held, held == 0.0, is_over)


def with_ladder(
    flat: Flat,
    rules: Rules,
    quote: Quote,
    ladder: Sequence[Rung],
    ratios: dict[str, float | None],
) -> tuple[Flat, Rules]:
    """The book and rules of a decision whose dated contracts carry what is to come by its date.

    Args: flat: with what is held now; rules: in whose `use` the dated contracts stand; quote: the
    marks; ladder: the rungs, by expiry; ratios: the target of each hedged coin, None: it is kept.
    """
    places = []
    for rung in ladder:
        if rung.contract is not None and rung.account is not None:
            leg = flat.leg(rung.account, rung.contract)
            places.append(_place(flat, quote, leg, rung, ratios.get(rung.underlying)))
    if not places:
        return flat, rules
    most = list(flat.layout.legs.position_most)
    for place in places:
        if not place.retires:
            venues = most[place.leg]
            most[place.leg] = min(place.most, venues) if venues > 0.0 else place.most
    legs = flat.layout.legs._replace(position_most=most)
    return replace(flat, layout=flat.layout._replace(legs=legs)), _ordered(rules, places)


def _ordered(rules: Rules, places: Sequence[_Place]) -> Rules:
    """The rules with rungs first, in their order, and those that give first at the end."""
    of_leg = {place.leg: (number, place) for number, place in enumerate(places)}
    use, retire = list(rules.use_leg), list(rules.use_retire)
    for pool in range(rules.pools):
        span = range(rules.pool_from[pool], rules.pool_to[pool])
        rows = [(use[one], retire[one]) for one in span]
        keyed = []
        for number, (leg, gone) in enumerate(rows):
            rank, place = of_leg.get(leg, (number, None))
            group = 1 if place is None else 2 if place.is_over else 0
            goes = gone if place is None else max(gone, int(place.retires))
            keyed.append((group, rank, leg, goes))
        for one, (_, _, leg, goes) in zip(span, sorted(keyed), strict=True):
            use[one], retire[one] = leg, goes
    return rules._replace(use_leg=use, use_retire=retire)
