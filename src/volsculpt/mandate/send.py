"""How orders are to be sent, as plain values; the defaults are those of an absent table."""

from dataclasses import dataclass
from typing import Literal

from volsculpt.units import SECOND_NS

Way = Literal["market", "chase", "slices"]


@dataclass(frozen=True, slots=True)
class SendRules:
    """The way of sending, and what each way needs. Times in ns, slippage a fraction of price.

    timeout_ns, after, reprice_ns: of a chase. slices, over_ns: of slices.
    """

    way: Way = "market"
    slippage: float = 0.005
    timeout_ns: int = 300 * SECOND_NS
    after: Literal["cross", "give_up"] = "cross"
    reprice_ns: int = 10 * SECOND_NS
    slices: int = 6
    over_ns: int = 1800 * SECOND_NS
