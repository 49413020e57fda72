"""The margin that selling coins by a contract takes, a fraction of what is sold."""

from dataclasses import dataclass

from volsculpt.book.legrows import LegRows
from volsculpt.contracts.margin import initial_rate
from volsculpt.contracts.payoff import PAYOFF_CODE, base_exposure, coins_priced, value
from volsculpt.contracts.spec import Contract


@dataclass(frozen=True, slots=True)
class CarryPrices:
    """Of a contract, and of its coin in its quote; of its coin and what it settles in, in USD.

    spot: of what the contract is of, 1,000 SHIB of 1000SHIB.
    """

    mark: float
    spot: float
    base_usd: float
    settle_usd: float


def initial_margin(contract: Contract, coins: float, prices: CarryPrices) -> float:
    """Initial margin of coins sold, a fraction of their value. Raises ContractError where unknown.

    Worked: 60 BTC where a position of 50 BTC and more is opened at 10x: 0.1.
    """
    rows = LegRows()
    rows.add(contract, (0, 1, 2), 0, (0, -1, -1), (0.0, 0.0), (0, 0))
    one = (PAYOFF_CODE[contract.payoff], 1.0, contract.multiplier, prices.mark)
    counted = coins_priced(PAYOFF_CODE[contract.payoff], contract.base_count)
    count = coins / (counted * base_exposure(*one, prices.settle_usd, prices.base_usd))
    return initial_rate(rows.legs(), 0, count * value(*one), count)
