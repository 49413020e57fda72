"""A desk keeps a ladder: each date of income on its own contract, through its delivery."""

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
