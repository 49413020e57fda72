"""What a time brought, lot by lot: gains of coins that went, and what was earned, in a numeraire.

Coins that a venue pays (profit of inverse contracts, funding) are income at the price of that
time, and a lot at that cost. Coins that it takes (losses, fees) are an expense at the price of
that time, and are given away: what they gained since they came is a gain of coins.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from volsculpt.ledger.coin_lots import (
    CoinDisposal,
    CoinLot,
    LotBook,
    LotRules,
    may_be_owed,
    unused_words,
)
from volsculpt.ledger.coin_moves import EARNED, CoinMove, MoveKind, ValuedMove, coin_moves, valued
from volsculpt.ledger.coin_prices import CoinPrices
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import QuoteObserved
from volsculpt.text import amount
from volsculpt.units import iso_day

ReportSpan = tuple[int | None, int | None]  # from, to (not included), ns UTC; None: all there is


@dataclass(frozen=True, slots=True)
class HeldCoins:
    """Coins of one currency at the end: how many, what they cost and what they are worth.

    The end is that of the report; where the ledger ends before it and no price of then is known,
    and where the report has none, the last time at which the ledger saw prices.
    worth: in the numeraire; None where no price of that time is known.
    """

    coin: str
    coins: float
    cost: float
    worth: float | None


@dataclass(frozen=True, slots=True)
class TaxYear:
    """What a time brought; money in the numeraire.

    disposals: coins that went, a row a lot. income: what venues paid and took. flows: coins from
    outside and to it, and differences. before, after: open lots at the start and the end.
    """

    numeraire: str
    rules: LotRules
    span: ReportSpan
    disposals: list[CoinDisposal]
    income: list[ValuedMove]
    flows: list[ValuedMove]
    before: list[CoinLot]
    after: list[CoinLot]
    held: list[HeldCoins]
    notes: list[str]

    @property
    def coin_gain(self) -> float:
        """What coins that went had gained while they were held."""
        return math.fsum(one.gain for one in self.disposals)

    def earned(self, kind: MoveKind) -> float:
        """What venues paid (+) or took (-) for one reason."""
        return math.fsum(one.worth for one in self.income if one.move.kind == kind)

    @property
    def total(self) -> float:
        """Gains of coins and all that was earned: what was realised."""
        return math.fsum([self.coin_gain, *(one.worth for one in self.income)])


def tax_year(
    entries: Iterable[Entry], prices: CoinPrices, span: ReportSpan, rules: LotRules
) -> TaxYear:
    """The report of a time; lots carry over from all that was before.

    PriceError: a coin without a price at the time of a move; LedgerError: coins that go and never
    came, lots that are chosen and are not there.

    Args: entries: of the ledger, all of them; prices: in the numeraire; span: of the report;
    rules: how lots are chosen.
    """
    entries = list(entries)
    moves, _ = coin_moves(entries, rules.by_account)
    begun, end = span
    inside = [one for one in moves if end is None or one.time_ns < end]
    book, found = LotBook(rules, prices.numeraire), list[tuple[ValuedMove, list[CoinDisposal]]]()
    before: list[CoinLot] | None = None
    for one in priced(inside, prices, rules):
        if begun is not None and before is None and one.move.time_ns >= begun:
            before = book.open_lots()
        found.append((one, book.take(one)))
    if before is None:
        before = [] if begun is None else book.open_lots()
    taken = [one for one, _ in found]
    at, held = _held_at_end(book, prices, end, _last_ns(entries, inside, end))
    listed = [row for row in found if begun is None or row[0].move.time_ns >= begun]
    return TaxYear(
        numeraire=prices.numeraire,
        rules=rules,
        span=span,
        disposals=[one for _, gone in listed for one in gone],
        income=[one for one, _ in listed if one.move.kind in EARNED],
        flows=[one for one, _ in listed if one.move.kind in ("flow", "opening", "difference")],
        before=before,
        after=book.open_lots(),
        held=held,
        notes=[
            *prices.warnings,
            *_assumed(taken, rules, prices.numeraire),
            *unused_words(book.given),
            *_earlier(at, end),
            *_unvalued(held, at),
        ],
    )


def priced(moves: Sequence[CoinMove], prices: CoinPrices, rules: LotRules) -> list[ValuedMove]:
    """Moves with what they were worth. PriceError names the coin and the time without a price.

    Coins between own accounts keep their cost; only what may be owed there is worth its price.
    """
    wanted: dict[str, list[int]] = {}
    for one in moves:
        if one.kind != "transfer" or may_be_owed(one.coin, rules, prices.numeraire):
            wanted.setdefault(one.coin, []).append(one.time_ns)
    return valued(moves, prices.of(wanted) if wanted else {}, prices.numeraire)


def held_coins(book: LotBook, prices: CoinPrices, end_ns: int) -> list[HeldCoins]:
    """What is held at the end, coin by coin, at the price of then."""
    found = []
    by_coin = sorted(book.open_lots(), key=lambda one: one.coin)
    for coin, group in groupby(by_coin, key=lambda one: one.coin):
        lots = list(group)
        coins = math.fsum(lot.coins for lot in lots)
        unit = prices.price_at(coin, end_ns)
        worth = None if unit is None else coins * unit
        found.append(HeldCoins(coin, coins, math.fsum(lot.cost for lot in lots), worth))
    return found


def _held_at_end(
    book: LotBook, prices: CoinPrices, end_ns: int | None, last_ns: int
) -> tuple[int, list[HeldCoins]]:
    """(ns UTC, what is held) at the end of a report, or at the last that a ledger saw before it.

    Args: end_ns: of the report, None: the ledger's; last_ns: the last that it saw.
    """
    at = last_ns if end_ns is None else end_ns
    held = held_coins(book, prices, at)
    if at > last_ns and any(one.worth is None for one in held):
        return last_ns, held_coins(book, prices, last_ns)
    return at, held


def _last_ns(entries: Iterable[Entry], moves: Iterable[CoinMove], end_ns: int | None) -> int:
    """When a ledger last saw prices, or coins moved, before an end (None: of all); ns UTC."""
    observed_ns = [one.time_ns for one in entries if isinstance(one.event, QuoteObserved)]
    times = [*observed_ns, *(one.time_ns for one in moves)]
    return max((one for one in times if end_ns is None or one < end_ns), default=0)


def _assumed(taken: Sequence[ValuedMove], rules: LotRules, numeraire: str) -> list[str]:
    """What was taken because nobody said, in words."""
    notes = []
    moves = [one.move for one in taken if one.move.coin != numeraire]
    came = [one for one in moves if _is_without_cost(one)]
    if came and not rules.given:
        what = _coins_words(came)
        notes.append(
            f"{what} came without what they cost, first on {iso_day(came[0].time_ns)}; they are "
            f"counted at their price of that time; give what you paid with --lots FILE"
        )
    left = [one for one in moves if one.kind == "flow" and one.coins < 0.0]
    if left:
        how = (
            "are still yours: nothing is gained by them"
            if rules.moved
            else (
                "count as sold at the price of that time; if they went to wallets of your own, say "
                "--withdrawals moved"
            )
        )
        notes.append(f"{_coins_words(left)} left, first on {iso_day(left[0].time_ns)}, and {how}")
    return notes


def _earlier(at_ns: int, end_ns: int | None) -> list[str]:
    """Of when the worth of what is held is, where that is before the end, in words."""
    if end_ns is None or at_ns >= end_ns:
        return []
    return [f"what is held is worth the prices of {iso_day(at_ns)}, the last that the ledger saw"]


def _unvalued(held: Sequence[HeldCoins], end_ns: int) -> list[str]:
    """What is held at the end and has no price then, in words."""
    names = [one.coin for one in held if one.worth is None]
    if not names:
        return []
    when = iso_day(end_ns)
    return [f"no price of {' and '.join(names)} is known at {when}: what is held has no worth then"]


def _is_without_cost(move: CoinMove) -> bool:
    return move.kind in ("flow", "opening", "difference") and move.coins > 0.0


def _coins_words(moves: Sequence[CoinMove]) -> str:
    """Worked: "2 BTC and 100 USDT"."""
    sums: dict[str, float] = {}
    for one in moves:
        sums[one.coin] = sums.get(one.coin, 0.0) + abs(one.coins)
    return " and ".join(amount(coins, coin) for coin, coins in sorted(sums.items()))
