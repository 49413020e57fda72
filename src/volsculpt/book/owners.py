"""Who owns what of a position: a venue states one net figure for an account."""

from typing import NamedTuple

from volsculpt.book.holdings import Account, Position
from volsculpt.contracts.orders import SAME_CONTRACTS
from volsculpt.contracts.payoff import PAYOFF_CODE, value
from volsculpt.contracts.spec import Contract


class Split(NamedTuple):
    """A venue's position in two parts: contracts and signed cost of each."""

    own: float
    own_cost: float
    others: float
    others_cost: float


def split(account: Account, contract: Contract, held: Position | None) -> Split:
    """The owner's part of a position is what the venue holds less what is not own.

    So is its cost: the part that is not own keeps the entry that is told of it, however the
    venue averages. Worked: -50,000 held, -30,000 of it not own: -20,000. -15,000 held beside
    somebody's +5,000: -20,000. Nothing held beside somebody's +5,000: -5,000, netted away.
    """
    not_own = account.not_own_of(contract.key)
    contracts, cost = (held.contracts, cost_of(held)) if held is not None else (0.0, 0.0)
    if not_own is None:
        return Split(contracts, cost, 0.0, 0.0)
    if not_own.contracts is None or not_own.entry is None:
        return Split(0.0, 0.0, contracts, cost)
    payoff = PAYOFF_CODE[contract.payoff]
    theirs = value(payoff, not_own.contracts, contract.multiplier, not_own.entry)
    own = float(f"{contracts - not_own.contracts:.12g}")  # 0.4 beside 0.6 is -0.2, to the lot
    return Split(own, cost - theirs, not_own.contracts, theirs)


def is_lacking(held: float, not_own: float, may_be_long: bool) -> bool:
    """Whether a venue holds less of a short than what of it is not own.

    The owner's part would be long, which futures here are not unless they may be. Worked:
    -15,000 held, -20,000 of it not own: yes; -15,000 held beside somebody's +5,000: no.
    """
    return not may_be_long and not_own < 0.0 and held > not_own + SAME_CONTRACTS


def cost_of(held: Position) -> float:
    """Signed cost of a position from its average entry, in the unit of value."""
    contract = held.contract
    return value(PAYOFF_CODE[contract.payoff], held.contracts, contract.multiplier, held.entry)


def own_coins(account: Account, asset: str) -> float:
    """Coins of an account's balance that are its owner's. Worked: 1 BTC, 0.2 not own: 0.8."""
    return account.balances.get(asset, 0.0) - account.not_own_coins.get(asset, 0.0)
