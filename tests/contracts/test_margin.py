"""Margin of a position by its size: kept, asked to open, and posted to survive a move."""

import random

import pytest

from tests.factories import account, inverse, linear, quanto
from tests.laws import formulas
from volsculpt.book.flatten import flatten
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.legs import Legs
from volsculpt.contracts.margin import (
    cumulative_amounts,
    initial_rate,
    maintenance,
    maintenance_rate,
    opening_rate,
    slope_rate,
    survival_rate,
    tier_at,
)
from volsculpt.contracts.spec import Margin, Tier

TIERS = (Tier(0.0, 0.01, 40.0), Tier(5.0, 0.02, 20.0), Tier(8.0, 0.05), Tier(90.0, 0.2, 3.0, 0.4))
SLOPED = Margin("slope", rate_base=0.01, rate_slope=0.002, initial_rate=0.02, initial_slope=0.004)
CONTRACTS = (
    inverse(multiplier=10_000.0, margin=Margin(tiers=TIERS)),
    inverse("ETH", 50_000.0, margin=SLOPED),
    linear("ETH", 0.01, margin=Margin(unit="contracts", tiers=TIERS, closing_fee_rate=0.0006)),
    linear("BTC", 0.5, margin=SLOPED),
    linear(
        "SOL", 7.0, margin=Margin("slope", rate_base=0.05, rate_slope=0.01, closing_fee_rate=0.001)
    ),
    linear("ETH", 5.0, settle="BTC", margin=Margin(tiers=TIERS, base="entry")),
    quanto("ETH", multiplier=1e-4, margin=Margin(tiers=TIERS, closing_fee_rate=0.0007)),
    inverse("EUR", 3.0, symbol="EUR/BTC:EUR", quote="BTC", margin=Margin(tiers=TIERS)),
    inverse("SOL", 500.0, margin=Margin("slope", base="entry", rate_base=0.02, rate_slope=0.001)),
)
POWERS = (1, 1, 1, 1, 1, 0, 1, -1, 1)  # of k in its mark
PRICES = (5e4, 3e3, 3e3, 5e4, 150.0, 0.06, 3e3, 2e-5, 150.0)
LEGS = range(len(CONTRACTS))


def rows(leverage: float = 4.0, distance: float = 0.0) -> Legs:
    """All of them in one isolated account."""
    book = Book((account("iso", mode="isolated", leverage=leverage),))
    legs = [("iso", one) for one in CONTRACTS]
    return flatten(book, legs, caps=lambda *_: (None, distance)).layout.legs


def lines(leg: int, count: int = 60) -> list[Position]:
    """Positions long and short, small, large and at the borders of tiers; opened at the mark."""
    rng, one, price = random.Random(leg), CONTRACTS[leg], PRICES[leg]
    unit = 1.0 if one.margin and one.margin.unit == "contracts" else worth(leg, 1.0)
    sizes = [
        *(tier.floor for tier in TIERS),
        *(10.0 ** rng.uniform(-2.0, 4.0) for _ in range(count)),
    ]
    return [Position(one, rng.choice((-1.0, 1.0)) * size / unit, price) for size in sizes if size]


def worth(leg: int, contracts: float) -> float:
    """|value| at the mark."""
    return abs(formulas.size_at(CONTRACTS[leg], contracts, PRICES[leg]))


@pytest.mark.parametrize("leg", LEGS)
def test_what_is_kept_and_asked_goes_by_size(leg: int) -> None:
    """Slice by slice of value, whole by contracts, or more with every coin; for every leg's own."""
    legs = rows()
    for line in lines(leg):
        size, count = worth(leg, line.contracts), abs(line.contracts)
        kept = formulas.maintenance(line, line.entry)
        assert maintenance(legs, leg, size, count) == pytest.approx(kept, rel=1e-9)
        rate, cum = maintenance_rate(legs, leg, size, count)
        assert size * rate - cum == pytest.approx(kept, rel=1e-9)
        asked = formulas.initial_rate(line, line.entry)
        assert initial_rate(legs, leg, size, count) == pytest.approx(asked, rel=1e-12)


@pytest.mark.parametrize("leg", LEGS)
def test_a_position_survives_a_move_on_its_loss_and_what_it_keeps_there(leg: int) -> None:
    """Over its value as it is opened: the loss at the moved price, and maintenance there."""
    legs = rows()
    for line in lines(leg, 25):
        size = worth(leg, line.contracts)
        for factor in (0.3, 0.9, 1.0, 1.5, 4.0):
            price = line.entry * factor ** POWERS[leg]
            need = formulas.maintenance(line, price) - formulas.profit(line, price)
            found = survival_rate(legs, leg, line.contracts, size, factor)
            assert found == pytest.approx(need / size, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("leverage", [1.0, 4.0, 1_000.0])
@pytest.mark.parametrize("distance", [0.0, 1e-3, 0.25, 1.0, 3.0])
def test_what_is_added_posts_the_most_that_anything_asks(
    leg: int, leverage: float, distance: float
) -> None:
    """Its leverage, the venue to open and to keep it, and a move either way that it survives."""
    legs = rows(leverage, distance)
    for line in lines(leg, 10):
        size, count = worth(leg, line.contracts), line.contracts
        way = [1.0, 1.0 + distance, max(1e-9, 1.0 - distance)]
        asked = [survival_rate(legs, leg, count, size, factor) for factor in way]
        asked.append(formulas.initial_rate(line, line.entry))
        wanted = max(1.0 / leverage, max(asked) * (1.0 + 1e-9))
        assert opening_rate(legs, leg, count, size) == pytest.approx(wanted, rel=1e-12)


def test_a_size_is_in_the_last_tier_that_it_reaches() -> None:
    """From its floor on, under the first in the first; tiers of one leg are not another's."""
    legs = rows()
    tiered = [leg for leg in LEGS if legs.tier_to[leg] > legs.tier_from[leg]]
    for leg in tiered:
        found = [
            tier_at(legs, leg, size) - legs.tier_from[leg]
            for size in (-1, 0, 4.9, 5, 8, 89, 90, 1e9)
        ]
        assert found == [0, 0, 0, 1, 2, 2, 3, 3]
    assert len(tiered) == 5


def test_amounts_make_maintenance_continuous() -> None:
    """Just under a floor and at it the same is kept; of no tiers and of one there is nothing."""
    floors, rates = [0.0, 5.0, 8.0, 90.0], [0.01, 0.02, 0.05, 0.2]
    amounts = cumulative_amounts(floors, rates)
    assert amounts[0] == 0.0
    for n in range(1, 4):
        before = floors[n] * rates[n - 1] - amounts[n - 1]
        assert floors[n] * rates[n] - amounts[n] == pytest.approx(before)
    assert cumulative_amounts([0.0], [0.1]) == [0.0]


def test_a_slope_never_asks_for_more_than_the_value() -> None:
    """1 % and 0.005 % a coin: 1.125 % of 25 coins, all of it from 19,800 coins on."""
    assert slope_rate(0.01, 5e-5, 25.0) == pytest.approx(0.01125)
    assert [slope_rate(0.01, 5e-5, size) for size in (0.0, 19_800.0, 1e9)] == [0.01, 1.0, 1.0]
