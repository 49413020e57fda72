"""The market condition of each day: known at its beginning, whatever comes after."""

from tests.hedge.a_market import BEGIN_NS, DAYS, a_history, changed_after
from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.market.history import History
from volsculpt.simulate.conditions import condition_paths
from volsculpt.units import DAY_NS

FROM_NS, TO_NS = BEGIN_NS + (DAYS - 40) * DAY_NS, BEGIN_NS + DAYS * DAY_NS


def test_a_condition_knows_nothing_later() -> None:
    """Another future of prices, funding and values changes no day that began before it."""
    turn = FROM_NS + 20 * DAY_NS
    (one,) = condition_paths(a_history(), ("BTC",), FROM_NS, TO_NS)
    (two,) = condition_paths(changed_after(a_history(), turn, 1.7), ("BTC",), FROM_NS, TO_NS)
    assert one.begins_ns == tuple(range(FROM_NS, TO_NS, DAY_NS))
    assert one.named[:21] == two.named[:21]
    assert one.named[21:] != two.named[21:]
    assert {name for name in one.named if name is not None} <= set(framework_text().split('"'))


def test_a_coin_that_is_not_known_has_none() -> None:
    """No prices, no condition; of two coins the one that is known stands."""
    assert condition_paths(History(), ("BTC",), FROM_NS, TO_NS) == ()
    (one,) = condition_paths(a_history(), ("BTC", "ETH"), FROM_NS, TO_NS)
    assert one.underlying == "BTC"
