"""The legs in use over time, remembered, are those looked up at each moment."""

import random

import pytest

from volsculpt.errors import ContractError
from volsculpt.mandate.legs_used import legs_at, legs_over_time
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.units import DAY_NS

FROM_NS = 1_704_067_200_000_000_000  # 2024-01-01
TEXT = """
version = 1
name = "t"
[[account]]
name = "vault"
kind = "cold"
balances = {{ BTC = 2 }}
[[account]]
name = "f"
kind = "margin"
venue = "bybit"
balances = {{ BTC = 1 }}
[[hedge]]
underlying = "BTC"
ratio = 0.5
use = [{}]
"""
PERPETUAL = '{ account = "f", contract = "BTC/USD:BTC" }'
QUARTER = '{ account = "f", contract = "BTC/USD:BTC@quarter", roll_days = 7 }'
DATED = '{ account = "f", contract = "BTC/USD:BTC-240628" }'


def mandate(*uses: str) -> Mandate:
    """A hedge by some contracts."""
    return parse_mandate(TEXT.format(", ".join(uses)))


@pytest.mark.parametrize(
    "uses", [(PERPETUAL,), (QUARTER,), (DATED,), (DATED, PERPETUAL), (QUARTER, PERPETUAL)]
)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_remembered_is_what_is_looked_up(uses: tuple[str, ...], seed: int) -> None:
    """At any times in any order; an error where a contract is no more, and again the next time."""
    made = mandate(*uses)
    found = legs_over_time(made)
    dice = random.Random(seed)
    ended = made.catalog.get("bybit", "BTC/USD:BTC-240628").expiry_ns
    assert ended is not None
    times = [FROM_NS + dice.randrange(300) * DAY_NS for _ in range(60)]
    dead = 0
    for time_ns in [*times, ended - 1, ended, ended + 1, ended - 1]:
        try:
            expected = legs_at(made, time_ns)
        except ContractError as error:
            dead += 1
            with pytest.raises(ContractError, match=str(error)[:20]):
                found(time_ns)
        else:
            assert found(time_ns) == expected
    assert (dead > 0) == (DATED in uses)


def test_nothing_is_looked_up_twice_where_nothing_rolls() -> None:
    """The very same legs, so that a run sees at once that nothing changes."""
    found = legs_over_time(mandate(PERPETUAL))
    assert found(FROM_NS) is found(FROM_NS + 400 * DAY_NS)
