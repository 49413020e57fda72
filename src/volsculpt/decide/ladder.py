"""A ladder: dated contracts, each to carry the income that arrives up to its expiry.

How much of a coin is sold forward is the answer of `act` alone, over all that is owned and to
come. A ladder says which contract of `use` carries it: each rung's contract as much as its own
income asks for, in the order of expiry, the others the rest. A rung whose income has arrived is
closed. One that holds more than its income is the first to be bought back from, by no more than
that in one decision: what else is to be bought back is decided next, from the others.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from volsculpt.book.exposure import coins_per_contract
from volsculpt.book.flatten import Flat
from volsculpt.book.state import Quote
from volsculpt.contracts.lots import lots_up
from volsculpt.contracts.orders import TAKEN, judge_order
from volsculpt.contracts.payoff import INVERSE, LINEAR
from volsculpt.contracts.spec import Contract
from volsculpt.decide.act import act
from volsculpt.decide.rules import Problem, Rules, new_problem


class Aimed(NamedTuple):
    """What a decision is to reach: ratios as `act` takes them, and by coin, None: it is kept."""

    ratios: Sequence[float]
    of_coin: Mapping[str, float | None]


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
    """What a rung makes of its leg: the most it may hold, whether it goes, or gives first.

    least: contracts that what it should have sold is; 0 where it goes.
    """

    leg: int
    most: float
    retires: bool
    is_over: bool
    least: float = 0.0


def _place(flat: Flat, quote: Quote, leg: int, rung: Rung, ratio: float | None) -> _Place:
    """A rung's leg at a ratio; None leaves what is held.

    What was sold a little below the mark is a little more than was wanted: such a rung keeps its
    place, and another leg gives what is too much in all; so it does where the venue takes no order
    as small as what it has too much. Worked: 0.5 of 2 BTC to come, 0.4 sold already: 0.6 BTC more
    at the mark; 1.015 sold: it is left alone, 1.03: it gives 0.03 first.
    """
    held, lot = abs(flat.state.contracts[leg]), flat.layout.legs.lot[leg]
    if rung.coins <= 0.0 or ratio == 0.0:
        return _Place(leg, held, True, held > 0.0)
    sold = sold_coins(flat, quote, leg)
    wanted = sold if ratio is None else max(0.0, ratio) * rung.coins
    missing = wanted - sold
    lots = missing / abs(coins_per_contract(flat.layout, quote, leg)) / lot
    if lots >= LEAST_LOTS:
        return _Place(leg, held + lots * lot, False, False)
    share = min(1.0, wanted / sold) if sold > 0.0 else 0.0  # a part bought back takes its cost too
    least = lots_up(held * share / lot) * lot
    is_over = lots <= -LEAST_LOTS and -missing > OVER * wanted
    side = math.copysign(1.0, flat.state.contracts[leg])
    taken = judge_order(
        flat.layout.legs, leg, side * held, side * (least - held), quote.mark[leg], 0.0
    )
    return _Place(leg, held, held == 0.0, is_over and taken == TAKEN, least)


def with_ladder(
    flat: Flat, rules: Rules, quote: Quote, ladder: Sequence[Rung], aims: Aimed
) -> tuple[Flat, Rules]:
    """The book and rules of a decision whose dated contracts carry what is to come by its date.

    Args: flat: with what is held now; rules: in whose `use` the dated contracts stand; quote: the
    marks; ladder: the rungs, by expiry; aims: what the decision is to reach.
    """
    placed = []
    for rung in ladder:
        if rung.contract is not None and rung.account is not None:
            leg = flat.leg(rung.account, rung.contract)
            placed.append(_place(flat, quote, leg, rung, aims.of_coin.get(rung.underlying)))
    if not placed:
        return flat, rules
    most = list(flat.layout.legs.position_most)
    for place in placed:
        if not place.retires:
            most[place.leg] = _lesser(place.most, most[place.leg])
    legs = flat.layout.legs._replace(position_most=most)
    flat = replace(flat, layout=flat.layout._replace(legs=legs))
    giving = [place for place in placed if place.is_over]
    rules = _ordered(rules, placed)
    if giving:
        flat = _bounded(new_problem(flat.layout, flat.state, quote, rules), flat, giving, aims)
    return flat, rules


def _bounded(problem: Problem, flat: Flat, giving: Sequence[_Place], aims: Aimed) -> Flat:
    """The book with the largest order of rungs that give first, where they would give too much.

    What else is to be bought back is decided next, when they have given, from other legs. What a
    limit asks for is not held up.
    """
    act(problem, aims.ratios)
    order = list(flat.layout.legs.order_most)
    for place in giving:
        left = abs(flat.state.contracts[place.leg] + problem.answer.trade[place.leg])
        if left < place.least and problem.work.cut[place.leg] == 0.0:
            over = abs(flat.state.contracts[place.leg]) - place.least
            order[place.leg] = _lesser(over, order[place.leg])
    legs = flat.layout.legs._replace(order_most=order)
    return replace(flat, layout=flat.layout._replace(legs=legs))


def _lesser(size: float, venues: float) -> float:
    """The lesser of a rung's figure and its venue's, which is 0 where it has none."""
    return min(size, venues) if venues > 0.0 else size


def _ordered(rules: Rules, rungs: Sequence[_Place]) -> Rules:
    """The rules with rungs first, in their order, and those that give first at the end."""
    of_leg = {place.leg: (number, place) for number, place in enumerate(rungs)}
    use, retire, slices = list(rules.use_leg), list(rules.use_retire), list(rules.use_slice)
    for pool in range(rules.pools):
        span = range(rules.pool_from[pool], rules.pool_to[pool])
        rows = [(use[one], retire[one], slices[one]) for one in span]
        keyed = []
        for number, (leg, gone, share) in enumerate(rows):
            rank, place = of_leg.get(leg, (number, None))
            group = 1 if place is None else 2 if place.is_over else 0
            goes = gone if place is None else max(gone, int(place.retires))
            keyed.append((group, rank, leg, goes, share if goes == gone else 1.0))
        for one, (_, _, leg, goes, share) in zip(span, sorted(keyed), strict=True):
            use[one], retire[one], slices[one] = leg, goes, share
    return rules._replace(use_leg=use, use_retire=retire, use_slice=slices)
