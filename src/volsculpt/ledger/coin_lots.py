"""Lots of coins: what coins cost, and which are given away first.

A lot is coins that came together, with what they cost. Coins that go close lots, in the order of
a method, and their worth less the cost of what they close is the gain. Coins owed are a lot below
zero. Whatever the order: gains = change of the cost of all lots - worth of all moves.
"""

import math
from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from volsculpt.contracts.currencies import peg_of
from volsculpt.errors import LedgerError
from volsculpt.ledger.coin_moves import CoinMove, ValuedMove
from volsculpt.text import amount
from volsculpt.units import iso

LotMethod = Literal["fifo", "average", "specific"]
Picks = Mapping[str, Sequence[tuple[str, float]]]  # move that takes coins -> (lot, coins)
NOISE = 1e-9  # of all coins that moved: what their sums may be off by


@dataclass(frozen=True, slots=True)
class CoinLot:
    """Coins that came together, with their cost in the numeraire; both below 0: owed.

    lot_id: that of the move they came by, with "#" and a number behind it where it brought several.
    """

    lot_id: str
    coin: str
    time_ns: int
    coins: float
    cost: float


@dataclass(frozen=True, slots=True)
class CoinDisposal:
    """Coins of one lot that a move took, or gave back to what was owed.

    coins: that were taken, above 0; for coins owed, that came back, below 0. proceeds, cost: in
    the numeraire, of these coins; gain: the one less the other. is_moved: they are still the
    owner's, so nothing was gained.
    """

    move: CoinMove
    lot: CoinLot
    coins: float
    proceeds: float
    cost: float
    is_moved: bool = False

    @property
    def gain(self) -> float:
        """What was earned by holding them; 0 where they are still the owner's."""
        return 0.0 if self.is_moved else self.proceeds - self.cost


@dataclass(frozen=True, slots=True)
class LotRules:
    """How lots are chosen, and what may happen to them.

    picks: of the specific method; what they do not name goes by time. given: lots that the owner
    tells the cost of, for coins that came without one. loans: coins may be owed. moved: coins that
    left went to the owner's own wallets.
    """

    method: LotMethod = "fifo"
    picks: Picks | None = None
    given: Sequence[CoinLot] = ()
    loans: bool = False
    moved: bool = False


class LotBook:
    """The open lots of every coin, as moves are taken one after another, by time."""

    def __init__(self, rules: LotRules, numeraire: str) -> None:
        """numeraire: the currency that costs are counted in.

        It, and what is meant to be worth as much, may be owed: it never gains.
        """
        self.rules, self.numeraire = rules, numeraire
        self.lots: dict[str, list[CoinLot]] = {}
        self.given = sorted(rules.given, key=lambda one: one.time_ns)
        self._moved: dict[str, float] = {}  # coins that moved of each coin, either way
        self._pools: dict[str, tuple[float, float]] = {}  # coins and cost of all lots of a coin

    def open_lots(self) -> list[CoinLot]:
        """Every open lot, by coin and time; where costs are averaged, each at the average."""
        lots = [lot for coin in sorted(self.lots) for lot in self.lots[coin]]
        if self.rules.method != "average":
            return lots
        return [replace(lot, cost=self._average(lot.coin, lot.coins)) for lot in lots]

    def _average(self, coin: str, coins: float) -> float:
        """What coins cost at the average of all lots of their coin."""
        held, cost = self._pools[coin]
        if abs(held) <= NOISE * self._moved[coin]:  # as small as what sums are off by
            held = math.fsum(lot.coins for lot in self.lots[coin])
        return cost * (coins / held) if held != 0.0 else 0.0

    def take(self, one: ValuedMove) -> list[CoinDisposal]:
        """Close lots that a move takes coins of, and open one for what is left of it."""
        move = one.move
        self._moved[move.coin] = self._moved.get(move.coin, 0.0) + abs(move.coins)
        found, left = self._closed(one, move.coins)
        while left < 0.0 and self._had_before(move):
            more, left = self._closed(one, left)
            found += more
        if left != 0.0:
            self._open(one, left)
        return found

    def _closed(self, one: ValuedMove, left: float) -> tuple[list[CoinDisposal], float]:
        """What coins of a move close, and how many of them are left then."""
        found = []
        for lot, coins in self._against(one.move):
            part = coins if abs(coins) < abs(left) * (1.0 - 1e-12) else -left
            found.append(self._close(one, lot, part))
            left += part
            if left == 0.0:
                break
        return found, left

    def _had_before(self, move: CoinMove) -> bool:
        """Take up the next lot that the owner had before, where the ledger does not tell of it."""
        for n, lot in enumerate(self.given):
            if lot.coin == move.coin and lot.time_ns <= move.time_ns:
                self._add(lot)
                del self.given[n]
                return True
        return False

    def _against(self, move: CoinMove) -> Iterator[tuple[CoinLot, float]]:
        """Lots that the coins of a move close, in order, each with the coins it offers.

        Each is closed before the next is asked for. Lots of a coin all have one sign.
        """
        held = self.lots.setdefault(move.coin, [])
        if not held or held[0].coins * move.coins > 0.0:
            return
        if self.rules.picks and move.move_id in self.rules.picks:
            yield from self._picked(move, held)
        while held:
            yield held[0], held[0].coins

    def _picked(self, move: CoinMove, there: list[CoinLot]) -> list[tuple[CoinLot, float]]:
        """The lots that the owner chose for a move. LedgerError: they do not have these coins."""
        picks = (self.rules.picks or {}).get(move.move_id, ())
        by_id = {lot.lot_id: lot for lot in there}
        what = f"{move.move_id} ({amount(abs(move.coins), move.coin)} at {iso(move.time_ns)})"
        for lot_id, coins in picks:
            held = by_id[lot_id].coins if lot_id in by_id else 0.0
            if coins > abs(held) * (1.0 + NOISE):
                raise LedgerError(
                    f"the lots chosen for {what}: lot {lot_id} has {amount(abs(held), move.coin)} "
                    f"left then, not {amount(coins, move.coin)}; choose among those of the report"
                )
        if sum(coins for _, coins in picks) > abs(move.coins) * (1.0 + NOISE):
            raise LedgerError(f"the lots chosen for {what} are of more coins than it takes")
        sign = -1.0 if move.coins > 0.0 else 1.0
        return [(by_id[lot_id], sign * coins) for lot_id, coins in picks]

    def _close(self, one: ValuedMove, lot: CoinLot, coins: float) -> CoinDisposal:
        """Take coins out of a lot, which is whole until now or has been taken of before."""
        held = self.lots[one.move.coin]
        at = next(n for n, other in enumerate(held) if other.lot_id == lot.lot_id)
        now = held[at]
        share = min(1.0, coins / now.coins)
        averaged = self.rules.method == "average"
        cost = self._average(lot.coin, coins) if averaged else now.cost * share
        self._count(lot.coin, -coins, -cost)
        if share >= 1.0 - 1e-12:
            del held[at]
            if not held:
                self._pools[lot.coin] = (0.0, 0.0)
        else:
            held[at] = replace(now, coins=now.coins - coins, cost=now.cost * (1.0 - share))
        proceeds = one.worth * (coins / one.move.coins)
        moved = self.rules.moved and one.move.kind == "flow" and one.move.coins < 0.0
        return CoinDisposal(one.move, now, coins, proceeds, cost, moved)

    def _open(self, one: ValuedMove, left: float) -> None:
        """A lot for the coins that closed none."""
        move = one.move
        if left < 0.0:
            self._check_owned(move, left)
        worth = one.worth * (left / move.coins)
        lot = CoinLot(move.move_id, move.coin, move.time_ns, left, worth)
        for part in self._with_cost(lot, move):
            self._add(part)

    def _add(self, lot: CoinLot) -> None:
        """An open lot more, in its place by time."""
        insort(self.lots.setdefault(lot.coin, []), lot, key=lambda one: one.time_ns)
        self._count(lot.coin, lot.coins, lot.cost)

    def _count(self, coin: str, coins: float, cost: float) -> None:
        """Coins and their cost into the sums of their coin; none are left once no lot is."""
        held, before = self._pools.get(coin, (0.0, 0.0))
        self._pools[coin] = (held + coins, before + cost)

    def _check_owned(self, move: CoinMove, left: float) -> None:
        """Refuse coins that go and never came, unless they may be owed."""
        is_money = self.numeraire in (move.coin, peg_of(move.coin))
        may_be_owed = self.rules.loans or is_money
        takes = move.kind not in ("opening", "difference")
        if takes and not may_be_owed and -left > NOISE * self._moved[move.coin]:
            raise LedgerError(
                f"{iso(move.time_ns)}: {amount(-move.coins, move.coin)} go from {move.account} "
                f"({move.kind}), {amount(-left, move.coin)} more than the ledger knows of; import "
                f"what came before (or transfers as --transfers outside), give those coins with "
                f"--lots FILE, or say --loans if they are owed"
            )

    def _with_cost(self, lot: CoinLot, move: CoinMove) -> list[CoinLot]:
        """Coins that came without a cost, as the lots that the owner tells of them, then the rest.

        A lot that is given is of coins had before they came.
        """
        if lot.coins <= 0.0 or move.kind not in ("opening", "flow", "difference"):
            return [lot]
        found, left = list[CoinLot](), lot.coins
        for one in [g for g in self.given if g.coin == lot.coin and g.time_ns <= lot.time_ns]:
            part = min(left, one.coins)
            if part <= 0.0:
                break
            at = self.given.index(one)
            share = part / one.coins
            found.append(replace(one, coins=part, cost=one.cost * share))
            if share >= 1.0:
                del self.given[at]
            else:
                left_cost = one.cost * (1.0 - share)
                self.given[at] = replace(one, coins=one.coins - part, cost=left_cost)
            left -= part
        if left > NOISE * lot.coins:
            found.append(replace(lot, coins=left, cost=lot.cost * (left / lot.coins)))
        numbered = enumerate(found, 1)
        several = len(found) > 1
        return [
            replace(one, lot_id=f"{lot.lot_id}#{n}" if several else lot.lot_id)
            for n, one in numbered
        ]


def unused_words(given: Iterable[CoinLot]) -> list[str]:
    """What of lots that were given nothing needed, in words: no such coins came or went."""
    return [
        f"{amount(one.coins, one.coin)} of {iso(one.time_ns)} are given as a lot, and no coins of "
        f"the ledger came after that without a cost or went without a lot: they are not counted"
        for one in given
        if one.coins > 0.0
    ]
