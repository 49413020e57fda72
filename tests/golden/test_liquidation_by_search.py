from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.factories import (
    account,
    dated,
    decided,
    filled,
    fixed,
    flat_at,
    flat_margin,
    inverse,
    linear,
    liquidation_price,
    one_leg,
    quanto,
    tiered,
    vault,
)
from volsculpt.book.group import group_equity, group_maintenance
from volsculpt.book.holdings import Book, Position
from volsculpt.book.liquidation import (
    BREACHED,
    DOWN,
    FOUND,
    NEVER,
    UP,
    liquidation_factor,
    nearest_factor,
)
from volsculpt.contracts.spec import Fees, Margin
from volsculpt.decide.limits import Limits
from volsculpt.simulate.scenario import outcome, shocked

PRICES = {"BTC": 50_000.0, "ETH": 2_500.0, "USDT": 1.0, "USDC": 1.0}
TABLE = [(0, 0.004), (10, 0.005), (20, 0.01), (30, 0.025), (50, 0.05), (100, 0.1), (200, 0.125)]
SLOPE = Margin(kind="slope", rate_base=0.01, rate_slope=0.0005)
STEP = 1.002
REACH = 3000


def cross(balances: Mapping[str, float], *held: Position, **other: object) -> Book:
    """One cross account with some positions."""
    return Book((account("one", balances, held, **other),))  # type: ignore[arg-type]


def unified(balances: Mapping[str, float], *held: Position) -> Book:
    """One unified account with haircuts on all it may hold."""
    weights = {"BTC": 0.8, "ETH": 0.7, "USDT": 0.5}
    return cross(balances, *held, mode="unified", collateral_weights=weights)


TIERED = tiered(TABLE)
BOOKS = {
    "inverse short": cross({"BTC": 20.0}, Position(inverse(margin=TIERED), -3e6, 50_000.0)),
    "inverse long": cross({"BTC": 20.0}, Position(inverse(margin=TIERED), 3e6, 50_000.0)),
    "entry base": cross(
        {"BTC": 9.0}, Position(inverse(margin=tiered(TABLE, base="entry")), -2e6, 45_000.0)
    ),
    "calendar spread": cross(
        {"BTC": 3.0},
        Position(inverse(margin=TIERED), -2e6, 50_000.0),
        Position(dated(margin=TIERED), 1.9e6, 51_000.0),
    ),
    "linear, two coins": cross(
        {"USDT": 60_000.0},
        Position(linear("BTC"), -3.0, 50_000.0),
        Position(linear("ETH"), 20.0, 2_400.0),
    ),
    "coin quoted in a coin": cross(
        {"BTC": 2.0},
        Position(linear("ETH", settle="BTC"), -300.0, 0.049),
        Position(inverse(), -40_000.0, 52_000.0),
    ),
    "unified": unified(
        {"BTC": 2.0, "ETH": 30.0, "USDT": -20_000.0},
        Position(inverse(), -60_000.0, 50_000.0),
        Position(linear("ETH"), -90.0, 2_500.0),
    ),
    "unified, two sides": unified(
        {"BTC": 1.0, "USDC": -36_500.0}, Position(linear("BTC"), -1.05, 50_000.0)
    ),
    "quanto short": cross({"BTC": 1.0}, Position(quanto(), -1_000.0, 2_400.0)),
    "quanto beside inverse": cross(
        {"BTC": 2.0},
        Position(quanto(), 1_000.0, 2_600.0),
        Position(inverse(), -150_000.0, 51_000.0),
    ),
    "slope": cross({"BTC": 20.0}, Position(inverse(margin=SLOPE), -3e6, 50_000.0)),
    "slope, linear": cross({"USDT": 2e5}, Position(linear(margin=SLOPE), -9.0, 50_000.0)),
    "slope, quanto": cross({"BTC": 1.0}, Position(quanto(margin=SLOPE), -1_000.0, 2_400.0)),
}


@pytest.mark.parametrize("direction", [UP, DOWN])
@pytest.mark.parametrize("name", list(BOOKS))
def test_the_first_breach_of_a_walk_along_the_price(name: str, direction: int) -> None:
    """Quoting the book again at price after price finds the same liquidation, or none."""
    flat, quote = flat_at(BOOKS[name], PRICES)

    def excess(factor: float) -> float:
        there = shocked(flat, quote, factor - 1.0)
        equity = group_equity(flat.layout, flat.state, there, 0)
        return equity - group_maintenance(flat.layout, flat.state, there, 0)

    found, factor = liquidation_factor(flat.layout, flat.state, quote, 0, direction, -1, 1)
    line = [STEP ** (direction * step) for step in range(REACH)]
    breached = next((step for step, at in enumerate(line) if excess(at) < 0.0), None)
    assert (found == NEVER) == (breached is None)
    if breached is not None:
        low, high = sorted((line[breached - 1], line[breached]))
        assert low * (1.0 - 1e-9) <= factor <= high * (1.0 + 1e-9)
        assert excess(factor) == pytest.approx(0.0, abs=1e-7 * max(1.0, excess(1.0)))


def test_both_directions_are_met_in_these_books() -> None:
    """The search is not empty: some books breach above, some below, one on both sides."""
    sides = {
        (name, side): liquidation_factor(*flat_parts(name), 0, side, -1, 1)[0]
        for name in BOOKS
        for side in (UP, DOWN)
    }
    assert sum(found == FOUND for (_, side), found in sides.items() if side == UP) >= 5
    assert sum(found == FOUND for (_, side), found in sides.items() if side == DOWN) >= 3
    assert sides["unified, two sides", UP] == sides["unified, two sides", DOWN] == FOUND


def flat_parts(name: str) -> tuple[object, object, object]:
    """Layout, state and quote of a book."""
    flat, quote = flat_at(BOOKS[name], PRICES)
    return flat.layout, flat.state, quote


def test_the_nearer_side_is_the_smaller_move() -> None:
    """A fall of 24.0 % is nearer than a rise of 25.4 %."""
    book = BOOKS["unified, two sides"]
    above = liquidation_price(book, PRICES, direction=UP)
    below = liquidation_price(book, PRICES, direction=DOWN)
    assert above == pytest.approx(50_000.0 * 16_000.0 / 12_762.5)
    assert below == pytest.approx(50_000.0 * 10_250.0 / 13_487.5)
    assert liquidation_price(book, PRICES) == below


def test_a_group_already_under_maintenance() -> None:
    """It is said to be breached, here and now, and a scenario closes it at once."""
    book = one_leg(inverse(), -60_000.0, 40_000.0, 0.2)
    flat, quote = flat_at(book, {"BTC": 50_000.0})
    assert nearest_factor(flat.layout, flat.state, quote, 0, -1, 1) == (BREACHED, 1.0)
    assert outcome(flat, flat.state, quote, -0.3).liquidated == [(0, 1.0)]


def test_the_edge_of_maintenance_is_not_a_breach() -> None:
    """Equity equal to maintenance still stands; the liquidation price is the mark."""
    book = one_leg(inverse(margin=flat_margin(0.25)), -50_000.0, 50_000.0, 0.25)
    flat, quote = flat_at(book, {"BTC": 50_000.0})
    assert liquidation_factor(flat.layout, flat.state, quote, 0, UP, -1, 1) == (FOUND, 1.0)
    assert liquidation_factor(flat.layout, flat.state, quote, 0, DOWN, -1, 1)[0] == NEVER


MAKERS = {
    "inverse": inverse(),
    "inverse, tiers": inverse(margin=tiered([(0, 0.005), (1, 0.02), (2, 0.1)])),
    "inverse, entry": inverse(margin=flat_margin(0.02, base="entry")),
    "inverse, slope": inverse(margin=SLOPE),
    "linear": linear(),
    "linear, slope": linear(margin=SLOPE),
}


@pytest.mark.parametrize("mode", ["cross", "unified"])
@pytest.mark.parametrize("name", list(MAKERS))
def test_the_distance_limit_is_used_up_and_kept(name: str, mode: str) -> None:
    """A hedge held back by the distance limit ends at it, to a lot: sizing and search agree."""
    contract = replace(MAKERS[name], fees=Fees(taker=0.0))
    margin = account("one", {"BTC": 0.5, "USDT": 20_000.0}, mode=mode)
    decision = decided(
        Book((vault(BTC=9.5), margin)),
        [fixed()],
        [[("one", contract, False)]],
        PRICES,
        Limits(min_liquidation_distance=0.25),
    )
    flat, state, quote = decision.flat, filled(decision), decision.quoted.quote
    assert abs(decision.answer.can[0]) < abs(decision.answer.want[0])
    found, factor = nearest_factor(flat.layout, state, quote, 0, -1, 1)
    assert found == FOUND
    assert 0.25 - 1e-12 <= abs(factor - 1.0) < 0.2503
