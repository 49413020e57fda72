"""What holds where nothing is stated, as the pages for owners tell it."""

from collections.abc import Callable

import pytest

from volsculpt.book.flatten import WalletLabel
from volsculpt.book.holdings import Account, OwnFees, Sweep, Transfer
from volsculpt.contracts.spec import Contract, Funding, Margin
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.run import RunRequest

STATED: tuple[tuple[Callable[[], object], dict[str, object]], ...] = (
    (
        Limits,
        {
            "min_ratio": 0.0,
            "max_ratio": 1.0,
            "max_leverage": None,
            "min_liquidation_distance": None,
            "max_order_usd": None,
            "min_base_usd": 0.0,
            "dead_zone": 0.05,
            "allow_long": False,
        },
    ),
    (
        lambda: CollateralPlan(("vault",), cost=0.0002),
        {"leverage_band": (2.0, 3.0, 3.0, 4.0), "transfer_hours": 0.0, "least_coins": 0.004},
    ),
    (lambda: CollateralPlan(("vault",)), {"cost": 0.0, "least_coins": 0.0}),
    (lambda: Account("one", "margin"), {"is_assumed": False, "leverage": None}),
    (OwnFees, {"discount": 0.0}),
    (lambda: Transfer("BTC", 1.0, "one"), {"is_sent": True}),
    (lambda: Sweep("vault"), {"cost": 0.0}),
    (lambda: WalletLabel("one", "BTC"), {"in_transit": False, "is_sent": True}),
    (
        lambda: Contract("bybit", "BTC/USD:BTC", "BTC", "USD", "BTC", "inverse", 1.0),
        {"lot": 1.0, "base_count": 1.0},
    ),
    (Funding, {"kind": "stamp", "rate_unit": "fraction", "interval_hours": 8.0}),
    (
        Margin,
        {
            "base": "mark",
            "rate_base": 0.0,
            "rate_slope": 0.0,
            "initial_slope": 0.0,
            "closing_fee_rate": 0.0,
        },
    ),
    (Costs, {"half_spread": 0.0001, "slippage": 0.0, "order_delay_steps": 0}),
    (
        RunRequest,
        {"allow_missing_funding": False, "from_first": False},
    ),
)


@pytest.mark.parametrize(("made", "stated"), STATED)
def test_what_is_not_stated_is_what_the_pages_say(
    made: Callable[[], object], stated: dict[str, object]
) -> None:
    """No limit, no cost, no trick; a dead zone of 5 %, half a spread of one basis point."""
    one = made()
    assert {name: getattr(one, name) for name in stated} == stated
