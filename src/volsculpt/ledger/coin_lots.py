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
LotPool = tuple[str, str | None]  # a coin, and the account where each has its own lots
Picks = Mapping[str, Sequence[tuple[str, float]]]  # move that takes coins -> (lot, coins)
NOISE = 1e-9  # of all coins that moved: what their sums may be off by


@dataclass(frozen=True, slots=True)
class CoinLot:
    """Coins that came together, with their cost in the numeraire; both below 0: owed.

    lot_id: that of the move they came by, with "#" and a number behind it where it brought several.
    account: where they are, where each account has its own lots; else None.
    """

    lot_id: str
    coin: str
    time_ns: int
    coins: float
    cost: float
    account: str | None = None

    @property
    def pool(self) -> "LotPool":
        """The lots that it is one of."""
        return self.coin, self.account


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
    left went to the owner's own wallets. by_account: each account has lots of its own, and coins
    that go give lots of where they are; False: all accounts have one pool.
    """

    method: LotMethod = "fifo"
    picks: Picks | None = None
    given: Sequence[CoinLot] = ()
    loans: bool = False
    moved: bool = False
    by_account: bool = False


class LotBook:
    """The open lots of every coin, as moves are taken one after another, by time."""

    def __init__(self, rules: LotRules, numeraire: str) -> None:
        """numeraire: the currency that costs are counted in.

        It, and what is meant to be worth as much, may be owed: it never gains.
        """
        self.rules, self.numeraire = rules, numeraire
        self.lots: dict[LotPool, list[CoinLot]] = {}
        self.under_way: dict[str, list[CoinLot]] = {}  # by transfer
        self.given = sorted(rules.given, key=lambda one: one.time_ns)
        self._moved: dict[str, float] = {}  # coins that moved of each coin, either way
        self._pools: dict[LotPool, tuple[float, float]] = {}  # coins and cost of all its lots

    def open_lots(self) -> list[CoinLot]:
        """Every open lot, by coin and time; where costs are averaged, each at the average."""
        pools = sorted(self.lots, key=lambda one: (one[0], one[1] or ""))
        lots = [lot for pool in pools for lot in self.lots[pool]]
        if self.rules.method == "average":
            lots = [replace(lot, cost=self._average(lot.pool, lot.coins)) for lot in lots]
        return lots + [lot for moved in self.under_way.values() for lot in moved]

    def _pool_of(self, move: CoinMove) -> LotPool:
        """The lots that a move takes of or adds to."""
        return move.coin, move.account if self.rules.by_account else None

    def _average(self, pool: LotPool, coins: float) -> float:
        """What coins cost at the average of all lots of their pool."""
        held, cost = self._pools[pool]
        if abs(held) <= NOISE * self._moved[pool[0]]:  # as small as what sums are off by
            held = math.fsum(lot.coins for lot in self.lots[pool])
        return cost * (coins / held) if held != 0.0 else 0.0

    def take(self, one: ValuedMove) -> list[CoinDisposal]:
        """Close lots that a move takes coins of, and open one for what is left of it."""
        move = one.move
        self._moved[move.coin] = self._moved.get(move.coin, 0.0) + abs(move.coins)
        if move.kind == "transfer" and move.coins > 0.0:
            return self._arrived(move)
        found, left = self._closed(one, move.coins)
        while left < 0.0 and self._had_before(move):
            more, left = self._closed(one, left)
            found += more
        if left != 0.0:
            self._open(one, left)
        return self._left(one, found, left) if move.kind == "transfer" else found

    def _left(
        self, one: ValuedMove, gone: Sequence[CoinDisposal], owed: float
    ) -> list[CoinDisposal]:
        """Keep the lots of coins on their way, with their times and costs: nothing is gained.

        Args: one: out of an account; gone: what it took; owed: coins it took and did not have.
        """
        move = one.move
        lots = [replace(part.lot, coins=part.coins, cost=part.cost, account=None) for part in gone]
        if owed < 0.0:
            cost = -one.worth * (owed / move.coins)
            lots.append(CoinLot(move.move_id, move.coin, move.time_ns, -owed, cost))
        self.under_way[move.transfer_id or ""] = lots
        return []

    def _arrived(self, move: CoinMove) -> list[CoinDisposal]:
        """Put lots that were on their way where they go; coins that are owed there are paid."""
        found, account = list[CoinDisposal](), self._pool_of(move)[1]
        for lot in self.under_way.pop(move.transfer_id or "", []):
            part = ValuedMove(replace(move, coins=lot.coins), lot.cost)
            closed, left = self._closed(part, lot.coins)
            found += closed
            if left > 0.0:
                cost = lot.cost * (left / lot.coins)
                self._add_back(replace(lot, coins=left, cost=cost, account=account))
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
                self._add(replace(lot, account=self._pool_of(move)[1]))
                del self.given[n]
                return True
        return False

    def _against(self, move: CoinMove) -> Iterator[tuple[CoinLot, float]]:
        """Lots that the coins of a move close, in order, each with the coins it offers.

        Each is closed before the next is asked for. Lots of a coin all have one sign.
        """
        held = self.lots.setdefault(self._pool_of(move), [])
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
        held = self.lots[lot.pool]
        at = next(n for n, other in enumerate(held) if other.lot_id == lot.lot_id)
        now = held[at]
        share = min(1.0, coins / now.coins)
        averaged = self.rules.method == "average"
        cost = self._average(lot.pool, coins) if averaged else now.cost * share
        self._count(lot.pool, -coins, -cost)
        if share >= 1.0 - 1e-12:
            del held[at]
            if not held:
                self._pools[lot.pool] = (0.0, 0.0)
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
        lot = CoinLot(move.move_id, move.coin, move.time_ns, left, worth, self._pool_of(move)[1])
        for part in self._with_cost(lot, move):
            self._add(part)

    def _add(self, lot: CoinLot) -> None:
        """An open lot more, in its place by time."""
        insort(self.lots.setdefault(lot.pool, []), lot, key=lambda one: one.time_ns)
        self._count(lot.pool, lot.coins, lot.cost)

    def _add_back(self, lot: CoinLot) -> None:
        """A lot that was on its way: of one that is there in part, the rest of it."""
        held = self.lots.setdefault(lot.pool, [])
        for n, one in enumerate(held):
            if one.lot_id == lot.lot_id:
                held[n] = replace(one, coins=one.coins + lot.coins, cost=one.cost + lot.cost)
                return self._count(lot.pool, lot.coins, lot.cost)
        return self._add(lot)

    def _count(self, pool: LotPool, coins: float, cost: float) -> None:
        """Coins and their cost into the sums of their pool; none are left once no lot is."""
        held, before = self._pools.get(pool, (0.0, 0.0))
        self._pools[pool] = (held + coins, before + cost)

    def _check_owned(self, move: CoinMove, left: float) -> None:
        """Refuse coins that go and never came, unless they may be owed."""
        is_allowed = may_be_owed(move.coin, self.rules, self.numeraire)
        takes = move.kind not in ("opening", "difference")
        if takes and not is_allowed and -left > NOISE * self._moved[move.coin]:
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
            found.append(replace(one, coins=part, cost=one.cost * share, account=lot.account))
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


def may_be_owed(coin: str, rules: LotRules, numeraire: str) -> bool:
    """Whether more of a coin may go than came: of money, and where the owner says so."""
    return rules.loans or numeraire in (coin, peg_of(coin))


def unused_words(given: Iterable[CoinLot]) -> list[str]:
    """What of lots that were given nothing needed, in words: no such coins came or went."""
    return [
        f"{amount(one.coins, one.coin)} of {iso(one.time_ns)} are given as a lot, and no coins of "
        f"the ledger came after that without a cost or went without a lot: they are not counted"
        for one in given
        if one.coins > 0.0
    ]
