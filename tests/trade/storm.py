"""A simulated day with everything that goes wrong, killed and restarted, and what must hold.

`storm(seed)` raises Violation when an invariant breaks. As a program it runs many seeds:

    python -m tests.trade.storm --from 0 --to 40
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.trade.weather import (
    TEXTS,
    Fate,
    Killed,
    Violation,
    Watched,
    chances,
    scene,
    terms_of,
)
from volsculpt.book.exposure import coins_per_contract
from volsculpt.decide.rules import hedge_pools, pool_hedges
from volsculpt.decide.step import Decision
from volsculpt.ledger.events import Decided, Filled, QuoteObserved, Stated
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.ledger.store import MemoryStore
from volsculpt.ledger.verify import verify
from volsculpt.mandate.objects import Mandate
from volsculpt.trade.clock import VirtualClock, run_virtual
from volsculpt.trade.connections import Connections
from volsculpt.trade.desk import Desk
from volsculpt.trade.paper.commands import Commands
from volsculpt.trade.paper.faults import Dice, Faults, FaultyVenue
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.paper.world import PaperExchange
from volsculpt.trade.venue import OrderRequest
from volsculpt.units import HOUR_NS, SECOND_NS

FAULTY_HOURS = 20
CALM_STEPS = 3
ORDER_USD = 16_000.0


@dataclass
class Storm:
    """One day: the world, what fails, who watches."""

    mandate: Mandate
    world: PaperExchange
    clock: VirtualClock
    fate: Fate
    store: MemoryStore
    faulty: FaultyVenue
    watched: Watched
    ledger: Ledger
    desk: Desk
    want: dict[str, tuple[float, float]] = field(default_factory=dict)
    broken: list[Violation] = field(default_factory=list)

    # --- life and death ------------------------------------------------------------------

    async def alive(self, work: Callable[[], Awaitable[Any]]) -> None:
        """Do something; when killed in it, restart until the start survives."""
        try:
            await work()
            return
        except Killed:
            pass
        while True:
            self.store = self.store.kill()
            self.store.on_commit = self.fate.strike
            self.ledger = open_ledger(self.store)
            self.desk = desk_on(self.mandate, self.ledger, self.faulty, self.clock)
            try:
                await self.desk.start()
                return
            except Killed:
                continue

    async def step(self) -> None:
        """One step at the next hour, judged afterwards."""
        await self.clock.sleep_until(self.clock.now_ns() // HOUR_NS * HOUR_NS + HOUR_NS)
        await self.alive(self.desk.step)
        self.remember()
        self.check_target()

    def end_faults(self) -> None:
        """From here on nothing fails, but for a clock that is off."""
        self.fate.is_on = False
        skew = self.faulty.dice.skew_ns
        self.faulty.dice = Dice(Faults(), 0)
        self.faulty.dice.skew_ns = skew
        self.faulty._down_until_ns = 0

    # --- what must hold ------------------------------------------------------------------

    def judge(self, request: OrderRequest) -> None:
        """An order reaches the venue, perhaps late; what it breaks is kept for the end."""
        try:
            self.check_order(request)
        except Violation as broken:
            self.broken.append(broken)
            raise

    def check_order(self, request: OrderRequest) -> None:
        """Nothing else of its slot may be open or untold, and it is of the position there is."""
        books = self.ledger.books
        for order in self.world.orders.values():
            slot = (order.request.account, order.request.contract)
            if slot != (request.account, request.contract):
                continue
            booked = books.orders.get(order.request.client_id)
            name = order.request.client_id
            if order.outcome == "open":
                raise Violation(f"double order: {request.client_id} while {name} is open")
            if booked is None or abs(booked.booked_contracts - order.filled) > 1e-9:
                raise Violation(f"{request.client_id} sent before the fills of {name} were booked")
        if asyncio.current_task() is not self.fate.task:
            return  # it was right when it left
        for leg in self.world.holdings.legs_of(request.account):
            key = self.world.holdings.flat.legs[leg][1].key
            if key == request.contract and not request.reduce_only:
                held = self.world.holdings.state.contracts[leg]
                known = books.positions.get((request.account, key))
                if abs((known.contracts if known else 0.0) - held) > 1e-6:
                    raise Violation(f"{request.client_id} decided on a position that is not there")

    def remember(self) -> None:
        """What the last decision wants of each pool, and what one order may add."""
        made = self.desk.last.decision if self.desk.last is not None else None
        if made is None:
            return
        for pool, row in enumerate(made.rules.pool_currency):
            usd = made.quoted.quote.index_usd[row]
            slack = ORDER_USD / usd + most_band(made, pool)
            self.want[made.flat.currencies[row]] = (made.answer.want[pool], slack)

    def check_target(self) -> None:
        """Never more than one order's worth (and the band) beyond the target."""
        for coin, (want, slack) in self.want.items():
            held = self.held_coins(coin)
            if abs(held) > abs(want) + slack:
                raise Violation(f"{coin}: {held:.4f} held, {want:.4f} wanted, {slack:.4f} allowed")

    def held_coins(self, coin: str) -> float:
        """Futures coins the venue truly holds on a coin."""
        flat, state = self.world.holdings.flat, self.world.holdings.state
        quote = self.world.moment(self.clock.now_ns()).quote
        return sum(
            state.contracts[leg] * coins_per_contract(flat.layout, quote, leg)
            for leg, (_, contract) in enumerate(flat.legs)
            if contract.base == coin
        )

    async def check_end(self) -> None:
        """After the calm: in band, nothing lost, ledger whole, no decision on old data."""
        if self.broken:
            raise self.broken[0]
        found = await self.desk._snapshot()
        made, why = self.desk._decided(found)
        if made is None:
            raise Violation(f"nothing decided after the calm: {why}")
        self.check_band(made[1], made[0].why)
        self.check_books()
        self.check_fills()
        self.check_prices()
        whole = verify(self.ledger)
        if not whole.is_whole:
            raise Violation(f"ledger not whole: {whole.problems}")

    def check_band(self, made: Decision, why: tuple[str, ...]) -> None:
        """Every hedge is in its band, unless a limit holds it below."""
        if why:
            raise Violation(f"data is still missing {CALM_STEPS} steps after the calm: {why}")
        for row, hedge in enumerate(made.setup.hedges):
            base = made.answer.base[row]
            if base <= 0.0:
                continue
            (pool,) = hedge_pools(made.rules, row)
            can = made.answer.can[pool] / made.answer.want[pool] if made.answer.want[pool] else 1.0
            target = (made.aims[row].ratio or 0.0) * min(1.0, can)
            off = abs(made.answer.held[row] - target)
            if off > hedge.band.under_trigger + 0.01:
                raise Violation(f"{hedge.underlying}: held {made.answer.held[row]}, not {target}")

    def check_books(self) -> None:
        """Positions and coins of the ledger are those of the venue."""
        books, holdings = self.ledger.books, self.world.holdings
        for account in self.desk._stated():
            there = {key: held for key, (held, _) in holdings.positions(account).items()}
            here = {
                key: one.contracts
                for (where, key), one in books.positions.items()
                if where == account and one.contracts != 0.0
            }
            if {k: round(v, 6) for k, v in there.items()} != {
                k: round(v, 6) for k, v in here.items()
            }:
                raise Violation(f"{account}: positions {here}, the venue has {there}")
        for account, asset in list(books.balances):
            true = holdings.balances(account).get(asset, 0.0)
            if abs(true - books.balances[account, asset]) > 1e-7 * max(1.0, abs(true)):
                booked = books.balances[account, asset]
                raise Violation(f"{account}: {booked!r} {asset} booked, the venue has {true!r}")

    def check_fills(self) -> None:
        """Every fill since the adoption is booked, once."""
        for account in self.desk._stated():
            since = min(
                one.event.stamp_ns
                for one in self.ledger.entries(kinds=("statement",))
                if isinstance(one.event, Stated) and one.event.adopted
                if one.event.account == account
            )
            since -= self.faulty.dice.skew_ns
            true = {
                row.lot_id
                for row, stamp in zip(*rows_of(self.world, account), strict=True)
                if isinstance(row, Filled) and stamp >= since
            }
            booked = [
                one.event.lot_id
                for one in self.ledger.entries(kinds=("fill",))
                if isinstance(one.event, Filled) and one.event.account == account
            ]
            if len(booked) != len(set(booked)) or true - set(booked):
                raise Violation(f"{account}: fills {sorted(true - set(booked))} lost, or doubled")

    def check_prices(self) -> None:
        """No decision was recorded with prices older than allowed."""
        quote: QuoteObserved | None = None
        for entry in self.ledger.entries(kinds=("quote", "decision")):
            if isinstance(entry.event, QuoteObserved):
                quote = entry.event
            elif isinstance(entry.event, Decided) and quote is not None:
                most = self.mandate.guard.max_price_age_ns + 300 * SECOND_NS
                for key, stamp in quote.stamp_ns.items():
                    if entry.time_ns - stamp > most or not quote.mark[key] > 0.0:
                        raise Violation(f"decided on a price of {key} that is old or no number")


def rows_of(world: PaperExchange, account: str) -> tuple[list[Any], list[int]]:
    """Rows of an account at the venue, and their true times."""
    rows = world.holdings.rows[account]
    return rows.rows, rows.times


def most_band(made: Decision, pool: int) -> float:
    """Coins of the widest band of a pool's hedges, and what an hour's price may add."""
    bases = [
        made.answer.base[row] * (made.setup.hedges[row].band.over_trigger + 0.08)
        for row in pool_hedges(made.rules, pool)
    ]
    return max([*bases, 0.0])


def desk_on(mandate: Mandate, ledger: Ledger, venue: FaultyVenue, clock: VirtualClock) -> Desk:
    """A desk on one venue that carries coins of cold accounts."""
    return Desk(mandate, ledger, Connections({"bybit": venue}, carries_cold=True), clock)


def storm(seed: int) -> int:
    """One day of trouble; how often it was killed. Raises Violation."""
    random = np.random.default_rng([77, seed])
    mandate, stage = scene(seed % len(TEXTS), int(random.integers(1, 6)))
    faults, terms = chances(random), terms_of(random)
    fate = Fate(np.random.default_rng([78, seed]), float(random.choice([0.0, 0.01, 0.03])))

    async def main(clock: VirtualClock) -> int:
        fate.task = asyncio.current_task()
        world = PaperExchange(stage, terms)
        watched = Watched(PaperVenue(Commands(world), clock, "bybit"), fate, lambda _: None)
        faulty = FaultyVenue(watched, clock, faults, seed)  # type: ignore[arg-type]
        store = MemoryStore()
        store.on_commit = fate.strike
        ledger = open_ledger(store)
        desk = desk_on(mandate, ledger, faulty, clock)
        day = Storm(mandate, world, clock, fate, store, faulty, watched, ledger, desk)
        watched.judge = day.judge
        await day.alive(desk.start)
        for _ in range(FAULTY_HOURS):
            await day.step()
        day.end_faults()
        await day.step()  # what is still under way from the last fault
        for _ in range(CALM_STEPS * (1 + terms.order_latency_ns // HOUR_NS)):
            await day.step()  # an order that takes longer than a step takes two of them
        await day.check_end()
        return fate.count

    return run_virtual(stage.feed.stamps[0], main)


def seeds(first: int, last: int) -> Iterator[tuple[int, str]]:
    """(seed, what broke) for each seed that broke something."""
    for seed in range(first, last):
        try:
            storm(seed)
        except Exception as error:
            yield seed, f"{type(error).__name__}: {error}"


def main() -> int:
    """Run seeds; 1 when an invariant broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--to", dest="last", type=int, default=40)
    parser.add_argument("--stop", action="store_true", help="stop at the first")
    asked = parser.parse_args()
    begun, broken = time.perf_counter(), 0
    for seed, text in seeds(asked.first, asked.last):
        broken += 1
        print(f"seed {seed}: {text}", flush=True)
        if asked.stop:
            return 1
    took = time.perf_counter() - begun
    print(f"{asked.last - asked.first} days, {broken} broken, {took:.1f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
