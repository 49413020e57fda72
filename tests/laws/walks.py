"""Hedges along random walks: orders, fees, cost of transfers, highest leverage, liquidations.

Prices move by 0.6 % an hour with a drift of 0.03 %; orders fill at the mark with the taker fee,
coins arrive an hour later. A group whose equity falls below its maintenance ends the walk.
"""

import random
from dataclasses import dataclass, replace

from tests.laws import formulas
from tests.laws.drawn import NOW_NS, listed
from tests.laws.rounds import arrived, book_after, moves_asked
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Setup, decide
from volsculpt.hedge.answer import Band
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.spec import Hedge
from volsculpt.market.quotes import Quotes
from volsculpt.units import HOUR_NS

START_USD = 60_000.0
NEVER_CUT = 1e9  # a dead zone that no leverage passes
HEADS = ("case", "walks", "orders a year", "highest leverage", "liquidated", "fees", "transfers")


@dataclass
class Walk:
    """What one walk came to; fees and transfers in US dollars."""

    orders: int = 0
    fees: float = 0.0
    transfers: float = 0.0
    leverage: float = 0.0
    liquidated: bool = False


def limit_in_band(dead_zone: float) -> Setup:
    """A short on little margin: its limit binds long before its band speaks."""
    contract = listed("bybit", "BTC")[0]
    held = Position(contract, -12_000.0, START_USD)
    accounts = (
        Account("vault", "cold", balances={"BTC": 2.5}),
        Account("one", "margin", "bybit", "cross", {"BTC": 0.05}, (held,)),
    )
    hedge = Hedge("BTC", FixedPolicy(1.0), "equity", band=Band(0.05, 0.02, 0.05, 0.02))
    limits = Limits(max_leverage=4.0)
    if hasattr(limits, "dead_zone"):
        limits = replace(limits, dead_zone=dead_zone)
    return Setup(Book(accounts), (hedge,), ((("one", contract, False),),), limits=limits)


def with_plan(distance: float | None, cost: float) -> Setup:
    """A vault of 2.5 BTC that keeps half hedged, its collateral by plan."""
    contract = listed("bybit", "BTC")[0]
    accounts = (
        Account("vault", "cold", balances={"BTC": 2.5}),
        Account("one", "margin", "bybit", "cross", {"BTC": 0.5}),
    )
    hedge = Hedge("BTC", FixedPolicy(0.5), "equity", band=Band(0.05, 0.02, 0.05, 0.02))
    return Setup(
        Book(accounts),
        (hedge,),
        ((("one", contract, False),),),
        limits=Limits(min_liquidation_distance=distance),
        collateral=(CollateralPlan(("vault",), cost=cost),),
    )


CASES = {
    "limit in band, cut beyond 5 %": limit_in_band(0.05),
    "limit in band, cut at once": limit_in_band(0.0),
    "limit in band, never cut": limit_in_band(NEVER_CUT),
    "plan [2, 3, 3, 4], cost 0.0002": with_plan(None, 0.0002),
    "plan and distance 0.9, cost 0.0002": with_plan(0.9, 0.0002),
    "plan and distance 0.5, no cost": with_plan(0.5, 0.0),
}


def walked(setup: Setup, seed: int, hours: int) -> Walk:
    """One walk of a set-up."""
    rng, price, found = random.Random(seed), START_USD, Walk()
    for hour in range(hours):
        quotes = Quotes(NOW_NS + hour * HOUR_NS, {"BTC": price, "USD": 1.0})
        groups = [group for group in formulas.groups_of(setup.book) if group.lines]
        found.liquidated = any(formulas.excess(group, quotes) < 0.0 for group in groups)
        if found.liquidated:
            return found
        setup = replace(setup, book=arrived(setup.book, len(setup.book.transfers)))
        setup = stepped(setup, quotes, found)
        price *= 1.0 + rng.gauss(0.0003, 0.006)
    return found


def stepped(setup: Setup, quotes: Quotes, found: Walk) -> Setup:
    """The set-up after one decision, and what it did added to the walk."""
    decision = decide(setup, quotes, quotes.as_of_ns)
    moves = moves_asked(decision)
    found.transfers += sum(move.cost * quotes.index.get(move.currency, 1.0) for move in moves)
    for (_, contract), size in zip(decision.flat.legs, decision.answer.trade, strict=True):
        mark = formulas.mark_at(contract, quotes, 1.0)
        usd = abs(formulas.size_at(contract, size, mark)) * quotes.index[contract.settle]
        found.fees += usd * (contract.fees.taker or 0.0)
        found.orders += int(size != 0.0)
    book = book_after(decision, moves)
    for group in formulas.groups_of(book):
        found.leverage = max(found.leverage, formulas.leverage(group, quotes))
    return replace(setup, book=book)


def table(walks: int, days: int) -> tuple[str, list[str]]:
    """(the table, what broke: transfers that cost more than three times the fees)."""
    rows, broken = [" | ".join(HEADS)], []
    for name, setup in CASES.items():
        found = [walked(setup, seed, 24 * days) for seed in range(walks)]
        fees, transfers = sum(w.fees for w in found), sum(w.transfers for w in found)
        year = sum(w.orders for w in found) / walks * 365.0 / days
        highest = max(w.leverage for w in found)
        lost = sum(w.liquidated for w in found)
        cells = (
            name,
            walks,
            f"{year:.0f}",
            f"{highest:.2f}",
            lost,
            f"{fees:.2f}",
            f"{transfers:.2f}",
        )
        rows.append(" | ".join(map(str, cells)))
        if transfers > 3.0 * fees + 0.01:
            broken.append(f"{name}: transfers cost {transfers:.2f} USD, fees {fees:.2f}")
    return "\n".join(rows), broken
