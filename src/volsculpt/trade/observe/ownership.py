"""What the mandate says of positions in venue accounts: what is held, and what is not own. Pure.

A venue states one net position a contract. What is not own is left alone: it is no part of what
is decided, closed or adopted, and where it cannot be told from the owner's nothing is traded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from volsculpt.book.holdings import Account, NotOwn
from volsculpt.book.owners import is_lacking
from volsculpt.mandate.objects import Mandate
from volsculpt.text import coins, signed
from volsculpt.trade.observe.observed import Alert

SAME_COINS = 1e-8
PositionKey = tuple[str, str]  # account, contract key


@dataclass(frozen=True, slots=True)
class Ownership:
    """held: contracts of each position the mandate states, as its venue shows them.

    accounts: those it describes. may_be_long: whether futures may be long.
    """

    held: Mapping[PositionKey, float] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    may_be_long: bool = False

    def not_own(self, place: PositionKey) -> NotOwn | None:
        """What of a contract is not own in an account, or None."""
        account = self.accounts.get(place[0])
        return account.not_own_of(place[1]) if account is not None else None

    def is_not_own(self, place: PositionKey) -> bool:
        """Whether a whole contract is somebody else's in an account."""
        account = self.accounts.get(place[0])
        return account is not None and account.is_not_own(place[1])

    def parts(self, account: str) -> Iterator[PositionKey]:
        """Contracts of an account of which a part is not own."""
        owner = self.accounts.get(account)
        for one in owner.not_own if owner is not None else ():
            if one.contracts is not None:
                yield account, one.contract.key

    def own(self, place: PositionKey, contracts: float) -> float:
        """The owner's part of what a venue holds. Worked: -50,000, -30,000 not own: -20,000."""
        other = self.not_own(place)
        if other is None:
            return contracts
        return 0.0 if other.contracts is None else float(f"{contracts - other.contracts:.12g}")


def ownership_of(mandate: Mandate) -> Ownership:
    """What a mandate says. Worked: held is {("coinm", "bybit:BTC/USD:BTC"): -20000.0}."""
    accounts = {one.name: one for one in mandate.book.accounts}
    held = {
        (name, one.contract.key): one.contracts
        for name, account in accounts.items()
        for one in account.positions
    }
    return Ownership(held, accounts, mandate.limits.may_be_long)


def doubts(
    ownership: Ownership,
    account: str,
    positions: Mapping[str, tuple[float, float]],
    balances: Mapping[str, float],
    now_ns: int | None,
) -> Iterator[tuple[str, Alert]]:
    """(contract or coin, alert) where a venue holds less than what of it is not own.

    Of a contract that has expired there is nothing left to tell apart, and a long may be netted
    away by what is own.

    Args: account: its name; positions: "venue:symbol" -> (contracts, entry), as stated; balances:
    coins by asset; now_ns: ns UTC, None = not known.
    """
    owner = ownership.accounts.get(account)
    if owner is None:
        return
    for one in owner.not_own:
        key, end = one.contract.key, one.contract.expiry_ns
        if one.contracts is None or (end is not None and end <= (now_ns or 0)):
            continue
        held = positions.get(key, (0.0, 0.0))[0]
        if is_lacking(held, one.contracts, ownership.may_be_long):
            text = (
                f"{key} on {account}: the venue holds {signed(held)} contracts, fewer than the "
                f"{signed(one.contracts)} that are not own; nothing on it is traded: correct "
                f"[[account.not_own]] in the mandate"
            )
            yield key, Alert(f"not_own:{account}|{key}", "critical", text)
    for name, left in owner.not_own_coins.items():
        if balances.get(name, 0.0) < left - SAME_COINS:
            text = (
                f"{account}: the venue holds {coins(balances.get(name, 0.0))} {name}, fewer than "
                f"the {coins(left)} that are not own; nothing on it is traded: correct "
                f"[[account.not_own]] in the mandate"
            )
            yield name, Alert(f"not_own:{account}|{name}", "critical", text)
