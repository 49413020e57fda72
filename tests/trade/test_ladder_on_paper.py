"""A desk keeps a ladder: each date of income on its own contract, through its delivery."""

from collections import defaultdict

import pytest

import volsculpt as vs
from tests.simulate.test_income_ahead import DATED, JUNE, MARCH, MINER, PERPETUAL


def positions(to: str, steps: int) -> dict[str, float]:
    """What a desk holds after so many hours from a time on."""
    text = MINER.format(flows='"by date"', use=DATED, ratio=0.5)
    made = vs.paper(text, from_ns="2024-01-19T12:00:00Z", to_ns=to, steps=steps)
    assert made.status["urgent"] == []
    return {row["contract"]: row["contracts"] for row in made.status["positions"]}


def test_a_desk_sells_each_date_with_its_own_contract() -> None:
    """Two dates before the end of March, none after: half of each, and half of 4 BTC owned."""
    held = positions("2024-01-20", 4)
    assert set(held) == {MARCH, PERPETUAL}
    assert held[PERPETUAL] == pytest.approx(2.0 * held[MARCH], rel=0.02)


def test_a_desk_goes_on_as_a_date_arrives_and_another_comes_into_sight() -> None:
    """After 20 January one of March's dates is owned and kept, and 20 March is in sight."""
    held = positions("2024-01-21", 20)
    assert JUNE not in held
    assert held[MARCH] < 0.0
    assert held[PERPETUAL] < 2.0 * held[MARCH]


DAILY = ('amount = 1.0\nevery = "30d"', 'amount = 0.03\nevery = "1d"')
TREND = ("ratio = 0.5\n", 'policy = "trend"\nratio = 0.5\ntilt = 0.3\n')


@pytest.mark.parametrize(
    ("changes", "limits"),
    [
        ((DAILY,), ""),
        ((TREND,), ""),
        ((), "[limits]\nmax_order_usd = 1000\n"),
        ((TREND,), "[limits]\nmax_order_usd = 1000\n"),
    ],
)
def test_a_run_looks_at_a_ladder_whenever_a_desk_does(
    changes: tuple[tuple[str, str], ...], limits: str
) -> None:
    """At each decision: after 90 days both hold the same contracts of every rung, to the last."""
    text = MINER.format(flows='"by date"', use=DATED, ratio=0.5)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    text = f'{text}\n{limits}[desk]\nevery = "8h"\n'
    span = {"from_ns": "2024-01-05", "to_ns": "2024-04-04"}
    desk = vs.paper(text, steps=3 * 90 + 1, **span)
    held = {row["contract"]: row["contracts"] for row in desk.status["positions"]}
    sold = defaultdict[str, float](float)
    for order in vs.backtest(text, draws=0, step_ns="8h", **span).events.orders:
        sold[order.contract] += order.contracts
    assert {contract: size for contract, size in sold.items() if size} == held
    assert len(held) == 2
