"""Value, cost, profit and exposure of one position, against sums written out."""

import random

import pytest

from volsculpt.contracts.payoff import (
    INVERSE,
    LINEAR,
    QUANTO,
    average_entry,
    base_exposure,
    delivery_pnl,
    power,
    quote_exposure,
    trade,
    unrealised_pnl,
    value,
)
from volsculpt.contracts.pricing import basis, basis_annual, carried_mark, convergence

KINDS = (INVERSE, LINEAR, QUANTO)
NEAR = pytest.approx


def worth(kind: int, size: float, multiplier: float, price: float) -> float:
    """Signed value of contracts."""
    return size * multiplier * (1.0 / price if kind == INVERSE else price)


def profit(kind: int, opened: float, closed: float) -> float:
    """From what a position was worth to what it is."""
    return opened - closed if kind == INVERSE else closed - opened


@pytest.mark.parametrize("exponent", [-1, 0, 1, 2])
def test_powers(exponent: int) -> None:
    """From 1/k to k squared."""
    for factor in (0.3, 1.0, 2.5):
        assert power(factor, exponent) == NEAR(factor**exponent)


@pytest.mark.parametrize("kind", KINDS)
def test_a_position_is_worth_what_its_contracts_are(kind: int) -> None:
    """And is exposed so, in base coins and in quote; what it gains is the change of its value."""
    rng = random.Random(kind)
    for _ in range(100):
        size, multiplier = rng.uniform(-50.0, 50.0), rng.choice((0.001, 1.0, 100.0))
        price, entry, settle, base = (rng.uniform(0.5, 900.0) for _ in range(4))
        now, before = (worth(kind, size, multiplier, at) for at in (price, entry))
        assert value(kind, size, multiplier, price) == NEAR(now)
        won = profit(kind, before, now)
        assert unrealised_pnl(kind, before, now) == NEAR(won)
        assert average_entry(kind, size, multiplier, before) == NEAR(entry)
        coins = {INVERSE: now, LINEAR: size * multiplier, QUANTO: now * settle / base}[kind]
        assert base_exposure(kind, size, multiplier, price, settle, base) == NEAR(coins)
        quote = {INVERSE: -size * multiplier, LINEAR: -now, QUANTO: 0.0}[kind]
        assert quote_exposure(kind, size, multiplier, price) == NEAR(quote)
        paid = won - 0.01 * abs(now)
        assert delivery_pnl(kind, size, multiplier, before, price, 0.01) == NEAR(paid)
        assert convergence(kind, size, multiplier, entry, price) == NEAR(won)


@pytest.mark.parametrize("lot", [0.001, 1.0, 100.0])
@pytest.mark.parametrize("kind", KINDS)
def test_trades_keep_what_a_position_cost(kind: int, lot: float) -> None:
    """Grown, reduced, closed and turned round: what is realised and what is left add up."""
    rng, held, cost = random.Random(kind), 0.0, 0.0
    closes = 0
    for _ in range(300):
        change, price = rng.randrange(-6, 7) * lot, rng.uniform(50.0, 150.0)
        if rng.random() < 0.1:
            change = -held
        after, left, realised = trade(kind, 10.0, held, cost, change, price)
        assert after == held + change
        moved = worth(kind, change, 10.0, price)
        assert profit(kind, cost + moved, left) == NEAR(realised, abs=1e-9 * lot)
        if held * change >= 0.0:
            assert (left, realised) == (NEAR(cost + moved), 0.0)
        elif after * held > 0.0:
            entry = average_entry(kind, held, 10.0, cost)
            assert average_entry(kind, after, 10.0, left) == NEAR(entry)
        else:
            assert left == NEAR(worth(kind, after, 10.0, price), abs=1e-12 * lot)
            closes += after == 0.0
        held, cost = after, left
    assert closes > 5


def test_a_mark_is_carried_along_its_index() -> None:
    """60,060 against 60,000 is 50,050 against 50,000."""
    assert carried_mark(50_000.0, 60_060.0, 60_000.0) == NEAR(50_050.0)


def test_a_basis_is_a_share_and_a_share_a_year() -> None:
    """68,086 over 66,847 is 1.8535 %, 4 % over 90 days 16.22 % a year."""
    assert basis(68_086.0, 66_847.0) == NEAR(0.018535, abs=1e-6)
    assert basis_annual(104.0, 100.0, 90.0) == NEAR(0.16222, abs=1e-5)
