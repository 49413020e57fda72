"""Funding rates in one unit, whatever a venue publishes them in."""

from typing import TypeVar

from volsculpt.contracts.funding import fraction_of_value
from volsculpt.contracts.spec import Contract

Number = TypeVar("Number")


def fraction_paid(contract: Contract, rate: Number, mark: Number) -> Number:
    """A contract's rate as the fraction of its value that is paid at a mark; numbers or arrays.

    Plan, backtest and paper venue ask here. Worked: absolute 0.00005 at a mark of 0.5: 0.0001;
    a rate that is a fraction already stays.
    """
    if contract.funding is None or contract.funding.rate_unit != "absolute":
        return rate
    return fraction_of_value(rate, mark)  # type: ignore[arg-type, return-value] # a division
