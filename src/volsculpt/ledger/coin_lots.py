"""Lots of coins: what coins cost, and which are given away first.

A lot is coins that came together, with what they cost. Coins that go close lots, in the order of
a method, and their worth less the cost of what they close is the gain. Coins owed are a lot below
zero. Whatever the order: gains = change of the cost of all lots - worth of all moves.
"""

from collections.abc import Iterable, Mapping, Sequence
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
                self.lots.setdefault(move.coin, []).append(lot)
                del self.given[n]
                return True
        return False

    def _against(self, move: CoinMove) -> list[tuple[CoinLot, float]]:
        """Lots that the coins of a move close, in order, each with the coins it offers."""
        there = [lot for lot in self.lots.get(move.coin, []) if lot.coins * move.coins < 0.0]
        picked = self._picked(move, there)
        offered = {lot.lot_id: coins for lot, coins in picked}
        rest = [
            (lot, lot.coins - offered.get(lot.lot_id, 0.0))
            for lot in there
            if lot.coins != offered.get(lot.lot_id, 0.0)
        ]
        return [*picked, *rest]

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
        cost = now.cost * share
        if share >= 1.0 - 1e-12:
            del held[at]
        else:
            held[at] = replace(now, coins=now.coins - coins, cost=now.cost - cost)
        proceeds = one.worth * (coins / one.move.coins)
        moved = self.rules.moved and one.move.kind == "flow" and one.move.coins < 0.0
        return CoinDisposal(one.move, now, coins, proceeds, cost, moved)

    def _open(self, one: ValuedMove, left: float) -> None:
        """A lot for the coins that closed none."""
        move = one.move
        if left < 0.0:
            self._check_owned(move, left)
        worth = one.worth * (left / move.coins)
        lots = self._with_cost(CoinLot(move.move_id, move.coin, move.time_ns, left, worth), move)
        held = self.lots.setdefault(move.coin, [])
        held += lots
        held.sort(key=lambda lot: lot.time_ns)
        if self.rules.method == "average":
            coins, cost = sum(lot.coins for lot in held), sum(lot.cost for lot in held)
            held[:] = [replace(lot, cost=cost * (lot.coins / coins)) for lot in held]

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
