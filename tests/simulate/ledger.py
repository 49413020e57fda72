"""A second book-keeping, in decimals, from the formulas of the golden sheet alone.

It imports nothing of the package. It keeps entry prices where the package keeps costs:

    inverse   PnL = N·(1/E - 1/P) coins    average entry = sum N / sum (N/P)    N signed, + long
    linear    PnL = Q·(P - E) quote        average entry = sum Q·P / sum Q
    funding   received = -(N/mark)·rate, or -(Q·mark)·rate
    fee       (N/price)·rate, or (Q·price)·rate
    delivery  PnL at the settlement price - fee·N/Settle
"""

from dataclasses import dataclass, field
from decimal import Decimal, getcontext

getcontext().prec = 40
ZERO = Decimal(0)
ONE = Decimal(1)


def exact(number: float) -> Decimal:
    """The decimal that a float is, to the last bit."""
    return Decimal(float(number))


@dataclass
class Contract:
    """A position: signed size (US dollars of face, or coins) at an average entry."""

    account: str
    settle: str
    is_inverse: bool
    size: Decimal = ZERO
    entry: Decimal = ONE

    def worth(self, size: Decimal, price: Decimal) -> Decimal:
        """Signed value of a size at a price."""
        return size / price if self.is_inverse else size * price

    def profit(self, size: Decimal, price: Decimal) -> Decimal:
        """Profit of a size from the average entry to a price."""
        if self.is_inverse:
            return size * (ONE / self.entry - ONE / price)
        return size * (price - self.entry)

    def fill(self, change: Decimal, price: Decimal) -> Decimal:
        """Trade; the profit booked."""
        after = self.size + change
        if self.size * change >= 0:
            total = self.worth(self.size, self.entry) + self.worth(change, price)
            self.entry = after / total if self.is_inverse else total / after
            self.size = after
            return ZERO
        closed = -change if abs(change) < abs(self.size) else self.size
        booked = self.profit(closed, price)
        if self.size * after < 0:
            self.entry = price
        self.size = after
        return booked


@dataclass
class Transit:
    """Coins on their way to an account."""

    account: str
    coin: str
    amount: Decimal
    due: int


@dataclass
class Ledger:
    """Balances by (account, coin), contracts by name, coins on their way, and a journal.

    sweep: account -> ((account, coin) its funding goes to, share that this costs).
    """

    balance: dict[tuple[str, str], Decimal]
    contract: dict[str, Contract]
    way: list[Transit] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)
    sweep: dict[str, tuple[tuple[str, str], Decimal]] = field(default_factory=dict)

    def add(self, account: str, coin: str, amount: Decimal) -> None:
        """Book coins."""
        place = (account, coin)
        self.balance[place] = self.balance.get(place, ZERO) + amount

    def write(self, step: int, event: str, name: str, price: Decimal | None, cash: Decimal) -> None:
        """One line of the journal, with columns a person can check with a pocket calculator."""
        held = self.contract.get(name)
        size = f"{held.size:.3f}" if held is not None else ""
        at = f"{price:.2f}" if price is not None else ""
        self.journal.append(
            f"{step:>4}  {event:<8}  {name:<12}  {size:>11}  {at:>9}  {cash:>+13.8f}"
        )

    def deliver(self, step: int, name: str, settlement: Decimal, rate: Decimal) -> None:
        """Close a dated contract at its settlement price."""
        held = self.contract[name]
        cash = held.profit(held.size, settlement)
        cash -= abs(held.worth(held.size, settlement)) * rate
        held.size = ZERO
        self.add(held.account, held.settle, cash)
        self.write(step, "deliver", name, settlement, cash)

    def fund(
        self,
        step: int,
        name: str,
        mark: Decimal,
        rate: Decimal,
        index: dict[str, Decimal],
    ) -> None:
        """Funding of a stamp on what is held; swept, where that is so and it is received."""
        held = self.contract[name]
        if held.size and rate:
            cash = -held.worth(held.size, mark) * rate
            place, cost = self.sweep.get(held.account, ((held.account, held.settle), ZERO))
            if cash < 0:
                place, cost = (held.account, held.settle), ZERO
            there = cash * (ONE - cost) * index[held.settle] / index[place[1]]
            self.add(*place, there)
            self.write(step, "funding", name, mark, cash)
            if place != (held.account, held.settle):
                self.write(step, "sweep", f"{place[0]} {place[1]}", None, there)

    def flow(self, step: int, account: str, coin: str, amount: Decimal) -> None:
        """A deposit or a withdrawal."""
        self.add(account, coin, amount)
        self.write(step, "flow", f"{account} {coin}", None, amount)

    def arrive(self, step: int) -> None:
        """Book what is due."""
        for one in [one for one in self.way if one.due <= step]:
            self.way.remove(one)
            self.add(one.account, one.coin, one.amount)
            self.write(step, "arrive", f"{one.account} {one.coin}", None, one.amount)

    def trade(
        self, step: int, name: str, change: Decimal, opened: Decimal, worse: Decimal, rate: Decimal
    ) -> None:
        """Fill an order at the open, worse by half the spread and the slippage, less the fee."""
        held = self.contract[name]
        price = opened * (ONE + worse if change > 0 else ONE - worse)
        cash = held.fill(change, price) - abs(held.worth(change, price)) * rate
        self.add(held.account, held.settle, cash)
        self.write(step, "buy" if change > 0 else "sell", name, price, cash)

    def send(
        self, step: int, coin: str, ends: tuple[str, str], amount: Decimal, cost: Decimal, due: int
    ) -> None:
        """Coins leave now and arrive later: `amount` leaves the first end, `cost` gets lost."""
        self.add(ends[0], coin, -amount)
        self.way.append(Transit(ends[1], coin, amount - cost, due))
        self.write(step, "send", f"{ends[0]} {coin}", None, -amount)

    def underway(self, account: str) -> Decimal:
        """Coins that left another account for this one or this one for another."""
        return sum((one.amount for one in self.way if one.account == account), ZERO)

    def wealth(self, index: dict[str, Decimal], marks: dict[str, Decimal]) -> Decimal:
        """US dollars of everything, contracts at their marks."""
        total = sum((amount * index[coin] for (_, coin), amount in self.balance.items()), ZERO)
        total += sum((one.amount * index[one.coin] for one in self.way), ZERO)
        for name, held in self.contract.items():
            if held.size:
                total += held.profit(held.size, marks[name]) * index[held.settle]
        return total
