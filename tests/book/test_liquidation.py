"""Where a group breaches: tangents, walks, and the nearer side."""

import random

import pytest

from tests.factories import account, flat_at, inverse, linear, quanto, tiered
from volsculpt.book.flatten import Flat
from volsculpt.book.group import Polynomial, at
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.book.liquidation import (
    BREACHED,
    DOWN,
    FOUND,
    NEVER,
    UP,
    excess_at,
    is_smooth,
    liquidation_factor,
    nearest_factor,
    tangent_root,
    tangents,
    walk,
)
from volsculpt.book.state import Quote
from volsculpt.contracts.spec import Margin

PRICES = {"BTC": 50_000.0, "ETH": 2_500.0, "USDT": 1.0, "USDC": 1.0}
TIERS = tiered([(0.0, 0.004), (10.0, 0.01), (20.0, 0.05), (40.0, 0.1), (400_000.0, 0.3)])
SLOPE = Margin("slope", rate_base=0.01, rate_slope=0.0005)
SIDES = (UP, DOWN)


def test_a_tangent_meets_zero_where_the_slope_leads() -> None:
    """Of every polynomial: through its value, along its slope; -1 where it is flat."""
    rng = random.Random(4)
    for _ in range(200):
        terms = Polynomial(*(rng.choice((0.0, rng.uniform(-5.0, 5.0))) for _ in range(4)))
        factor = rng.uniform(0.2, 4.0)
        step = 1e-6 * factor
        slope = (at(terms, factor + step) - at(terms, factor - step)) / (2.0 * step)
        if terms[0] == terms[2] == terms[3] == 0.0:
            assert tangent_root(terms, factor) == -1.0
        elif abs(slope) > 1e-3:
            root = tangent_root(terms, factor)
            line = at(terms, factor) + slope * (root - factor)
            assert line == pytest.approx(0.0, abs=1e-6 * (1.0 + abs(root * slope)))


@pytest.mark.parametrize("place", range(3))
def test_only_tiers_without_quantos_bend_once(place: int) -> None:
    """One leg of another kind in a group, first or last, and its tangents lead astray."""
    plain = [inverse("BTC"), linear("BTC"), linear("ETH")]
    for other in (quanto("SOL"), linear("SOL", margin=SLOPE)):
        legs = [*plain[:place], other, *plain[place:]]
        accounts = [account(name, mode="unified") for name in ("one", "two", "three")]
        extra = [(name, one) for name in ("one", "three") for one in plain]
        extra[3:3] = [("two", one) for one in legs]
        flat, _ = flat_at(Book(tuple(accounts)), PRICES | {"SOL": 150.0}, extra=extra)
        assert [is_smooth(flat.layout, group) for group in range(3)] == [1, 0, 1]


def drawn(rng: random.Random, name: str, margin: Margin) -> Account:
    """A cross account of one settle coin, or a unified one, that stands or nearly does not."""
    kinds = (inverse(margin=margin), linear("BTC", margin=margin), linear("ETH", margin=margin))
    picked = rng.choice((kinds[:1], kinds[1:], kinds))
    usd = {"BTC": 50_000.0, "ETH": 2_500.0}
    lines = [
        Position(
            one,
            rng.choice((-1.0, 1.0))
            * rng.uniform(1e5, 2e6)
            / (usd[one.base] if one.settle == "USDT" else 1.0),
            usd[one.base] * rng.uniform(0.8, 1.2),
        )
        for one in picked
    ]
    coins = {"BTC": rng.uniform(0.0, 30.0), "USDT": rng.uniform(0.0, 1e6)}
    if len(picked) < 3:
        return account(name, coins, lines)
    return account(
        name, coins, lines, mode="unified", collateral_weights={"BTC": 0.9, "USDT": 0.95}
    )


def first_breach(flat: Flat, quote: Quote, group: int, way: int, rest: tuple[int, int]) -> float:
    """By steps of 0.5 %, of 30 % far away, and bisection; 0.0 where nothing breaches."""

    def left(factor: float) -> float:
        return excess_at(flat.layout, flat.state, quote, group, factor, *rest)

    safe = 1.0
    for step in range(370):
        breach = safe * (1.005 if step < 300 else 1.3) ** way
        if left(breach) < 0.0:
            for _ in range(60):
                middle = 0.5 * (safe + breach)
                safe, breach = (safe, middle) if left(middle) < 0.0 else (middle, breach)
            return breach
        safe = breach
    return 0.0


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("margin", [TIERS, SLOPE])
def test_the_first_breach_is_found_either_way(seed: int, margin: Margin) -> None:
    """Of several groups, all legs moving or one alone, with maintenance and without."""
    rng = random.Random(seed)
    flat, quote = flat_at(Book(tuple(drawn(rng, str(n), margin) for n in range(2))), PRICES)
    for group in range(len(flat.groups)):
        own = [leg for leg, row in enumerate(flat.layout.legs.group) if row == group]
        for rest in ((-1, 1), (own[-1], 1), (-1, 0)):
            now = excess_at(flat.layout, flat.state, quote, group, 1.0, *rest)
            for way in SIDES:
                where = (flat.layout, flat.state, quote, group, way, *rest)
                found, factor = liquidation_factor(*where)
                if now < 0.0:
                    assert (found, factor) == (BREACHED, 1.0)
                    continue
                wanted = first_breach(flat, quote, group, way, rest)
                assert found == (FOUND if wanted else NEVER)
                assert factor == pytest.approx(wanted, rel=1e-9)


def test_a_walk_finds_what_tangents_find() -> None:
    """To the last bits, near and far: 1.2 % away, and beyond fourfold."""
    for coins in (0.0075, 0.0125, 0.1, 0.5, 0.9, 0.99, 1.2):
        for size in (-50_000.0, 50_000.0):
            book = Book((account("one", {"BTC": coins}, (Position(inverse(), size, 5e4),)),))
            flat, quote = flat_at(book, PRICES)
            for way in SIDES:
                where = (flat.layout, flat.state, quote, 0, way, -1, 1)
                (kind, near), (walked, far) = tangents(*where), walk(*where)
                assert kind == walked
                assert far == pytest.approx(near, rel=1e-12)
                if size < 0.0 and way == UP and coins < 1.0:
                    assert near == pytest.approx(0.995 / (1.0 - coins))


@pytest.mark.parametrize("leg", [-1, 0])
def test_the_nearer_side_is_told(leg: int) -> None:
    """By the share that prices move: 24 % down is nearer than 25.4 % up, 21.1 % up than 26.4 %."""
    found = set()
    for coins, dollars in (
        (1.0, -36_500.0),
        (0.3, -36_500.0),
        (0.4, 0.0),
        (-0.02, 9e4),
        (9.0, 9e5),
    ):
        for size in (-1.1, -1.05, 0.0, 1.05):
            balances = {"BTC": coins, "USDC": dollars}
            weights = {"BTC": 0.8, "USDT": 0.5}
            line = Position(linear("BTC"), size, 50_000.0)
            one = account("one", balances, (line,), mode="unified", collateral_weights=weights)
            flat, quote = flat_at(Book((one,)), PRICES)
            rest = (leg, 1)
            sides = [
                liquidation_factor(flat.layout, flat.state, quote, 0, way, *rest) for way in SIDES
            ]
            near = [one for one in sides if one[0] != NEVER] or [(NEVER, 0.0)]
            wanted = min(near, key=lambda one: abs(one[1] - 1.0))
            assert nearest_factor(flat.layout, flat.state, quote, 0, *rest) == wanted
            found.add((wanted[0], wanted[1] > 1.0, len(near)))
    assert found == {(NEVER, False, 1), (BREACHED, False, 2)} | {
        (FOUND, side, count) for side in (False, True) for count in (1, 2)
    }


def dipping(low: float, high: float, way: int) -> tuple[int, float]:
    """Where a group is bankrupt that is so between two factors: a quanto held, an inverse sold."""
    bought = Position(quanto("ETH", multiplier=1.0 / 2_500.0), 1.0, 2_500.0)
    sold = Position(inverse(), -low * high * 50_000.0, 50_000.0)
    coins = {"BTC": (low - 1.0) * (high - 1.0)}
    flat, quote = flat_at(Book((account("one", coins, (bought, sold)),)), PRICES)
    return liquidation_factor(flat.layout, flat.state, quote, 0, way, -1, 0)


@pytest.mark.parametrize("low", [1.003, 1.05, 1.5, 3.9])
def test_a_dip_of_a_few_per_cent_is_a_breach(low: float) -> None:
    """Though it would stand beyond: the near end of it, above and below."""
    high = 1.04 * low
    assert dipping(low, high, UP) == (FOUND, pytest.approx(low))
    assert dipping(1.0 / high, 1.0 / low, DOWN) == (FOUND, pytest.approx(1.0 / low))
    assert dipping(low, high, DOWN)[0] == dipping(1.0 / high, 1.0 / low, UP)[0] == NEVER


@pytest.mark.parametrize(
    ("low", "high", "found"), [(4.9, 5.1, FOUND), (5.2, 6.2, NEVER), (5.2, 6.4, FOUND)]
)
def test_beyond_fourfold_it_is_looked_for_every_25_per_cent(
    low: float, high: float, found: int
) -> None:
    """At 1.01**140 = 4.027, then at 5.03 and at 6.29."""
    assert dipping(low, high, UP)[0] == found
    assert dipping(1.0 / high, 1.0 / low, DOWN)[0] == found


@pytest.mark.parametrize("margin", [TIERS, SLOPE])
def test_a_group_without_anything_never_breaches(margin: Margin) -> None:
    """Nothing is left of it at any price, and nothing is needed."""
    flat, quote = flat_at(Book((account("one"),)), PRICES, extra=[("one", inverse(margin=margin))])
    for way in SIDES:
        found = liquidation_factor(flat.layout, flat.state, quote, 0, way, -1, 1)
        assert found == (NEVER, 0.0)
