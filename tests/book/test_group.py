"""A margin group: its polynomials, and what it is worth and needs, against plain sums."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.factories import account, flat_at, inverse, linear, quanto, tiered
from tests.laws import formulas
from volsculpt.book.flatten import Flat
from volsculpt.book.group import (
    Polynomial,
    at,
    excess_terms,
    group_equity,
    group_gross,
    group_maintenance,
    has_position,
    plus,
    scaled,
    term,
    value_power,
)
from volsculpt.book.holdings import Account, Book, NotOwn, Position, Wrapped
from volsculpt.book.state import Quote
from volsculpt.contracts.spec import Margin
from volsculpt.market.quotes import Quotes

PRICES = {"BTC": 50_000.0, "ETH": 3_000.0, "USDT": 0.99, "EUR": 1.1, "USD": 1.0}
QUOTES = Quotes(0, PRICES, {})
TIERS = [(0.0, 0.004), (2.0, 0.01), (5_000.0, 0.03), (40_000.0, 0.1)]
WEIGHTS = {"BTC": 0.9, "ETH": 0.8, "USDT": 0.97, "USD": 1.0, "stETH": 0.6, "wBTC": 0.7}
WRAPPED = {"stETH": Wrapped("ETH", 1.2), "wBTC": Wrapped("BTC", 0.99)}
CONTRACTS = (
    inverse(margin=tiered(TIERS)),
    linear("ETH", margin=tiered(TIERS, base="entry")),
    quanto(margin=tiered(TIERS, unit="contracts", closing_fee_rate=0.0005)),
    quanto("EUR", "USDT", 0.5, quote="BTC"),
    linear("ETH", settle="BTC", margin=Margin("slope", rate_base=0.01, rate_slope=0.001)),
    inverse("ETH", 2.0, margin=Margin("slope", base="entry", rate_base=0.02, rate_slope=0.003)),
)


def test_polynomials_add_grow_and_are_looked_up_term_by_term() -> None:
    """As the sums and products of what they stand for, at every factor."""
    rng = random.Random(3)
    for _ in range(100):
        one, other = (Polynomial(*(rng.uniform(-9.0, 9.0) for _ in range(4))) for _ in range(2))
        by, k = rng.uniform(-3.0, 3.0), rng.uniform(0.1, 5.0)
        assert at(one, k) == pytest.approx(one[0] / k + one[1] + one[2] * k + one[3] * k**2)
        assert plus(one, other) == tuple(a + b for a, b in zip(one, other, strict=True))
        assert scaled(one, by) == tuple(a * by for a in one)


def test_a_term_is_an_amount_times_a_power() -> None:
    """From 1/k to k squared, and nothing else of it."""
    for place, exponent in enumerate((-1, 0, 1, 2)):
        assert term(7.0, exponent) == tuple(7.0 if n == place else 0.0 for n in range(4))


def test_a_value_moves_with_its_price_and_with_what_it_settles_in() -> None:
    """Not at all for an inverse one, k in dollars, k squared of a quanto, 1/k priced in a coin."""
    inverse_in_dollars = inverse(settle="USDT", symbol="BTC/USD:USDT")
    lines = tuple(Position(one, 1.0, 1.0) for one in (*CONTRACTS, inverse_in_dollars))
    flat, _ = flat_at(Book((account(positions=lines),)), PRICES)
    powers = [value_power(flat.layout, leg) for leg in range(len(lines))]
    assert powers == [0, 1, 2, -1, 1, 0, -1]


# --- whole groups ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A group in plain figures beside its row of a flat book."""

    flat: Flat
    quote: Quote
    row: int
    plain: formulas.Group
    wrapped: tuple[tuple[str, float, float], ...]  # underlying, coins of it, weight

    def excess(self, factor: float, alone: int, with_maintenance: int) -> float:
        """Of the package: in the unit of the group, times the move of its currency."""
        where = (self.flat.layout, self.flat.state, self.quote, self.row)
        return at(excess_terms(*where, factor, alone, with_maintenance), factor)

    def legs(self) -> list[int]:
        """Its legs in the book."""
        return [leg for leg, row in enumerate(self.flat.layout.legs.group) if row == self.row]

    def in_plain(self, factor: float, alone: int, with_maintenance: int) -> float:
        """The same line by line; alone: the one leg whose mark moves, all others stay (-1: all)."""
        sums, needed = dict(self.plain.coins), 0.0
        for leg, line in zip(self.legs(), self.plain.lines, strict=True):
            settle = line.contract.settle
            moved = factor if alone in (-1, leg) else 1.0
            mark = formulas.mark_at(line.contract, QUOTES, moved)
            sums[settle] = sums.get(settle, 0.0) + formulas.profit(line, mark)
            usd = formulas.index_at(settle, QUOTES, factor)
            needed += formulas.maintenance(line, mark) * usd
        weighed = [(name, coins, self.plain.weights.get(name, 1.0)) for name, coins in sums.items()]
        total = -needed * with_maintenance
        for name, coins, weight in (*weighed, *self.wrapped):
            usd = formulas.index_at(name, QUOTES, factor)
            total += coins * usd * (weight if coins > 0.0 else 1.0)
        return total / PRICES.get(self.plain.unit or "USD", 1.0)


def drawn_account(rng: random.Random, name: str, mode: str) -> Account:
    """Some of the contracts, long or short, a part of two of them not own; coins, owed or held."""
    contracts = rng.sample(CONTRACTS, rng.randrange(1, len(CONTRACTS) + 1))
    lines = []
    for one in contracts:
        entry = formulas.mark_at(one, QUOTES, rng.uniform(0.5, 1.6))
        usd = 1.0 if one.payoff == "inverse" else entry * PRICES[one.settle]
        size = rng.choice((-1.0, 1.0)) * rng.uniform(5e3, 3e5) / usd / one.multiplier
        lines.append(Position(one, size, entry))
    others = [
        NotOwn(one.contract, rng.uniform(-2.0, 2.0) * one.contracts, one.entry * 1.1)
        for one in lines
    ]
    balances = {coin: rng.uniform(-2e4, 1e5) / PRICES[coin] for coin in PRICES}
    balances |= {"stETH": rng.uniform(-3.0, 9.0), "wBTC": rng.choice((-0.3, 1e-5, 0.9))}
    balances = dict(rng.sample(sorted(balances.items()), len(balances)))
    return account(
        name,
        balances,
        lines,
        mode=mode,
        collateral_weights=WEIGHTS if mode == "unified" else {},
        bonus={"BTC": rng.uniform(0.0, 0.5), "USDT": rng.uniform(0.0, 9e3)},
        not_own=tuple(others[:2]),
        not_own_coins={"ETH": rng.uniform(0.0, 5.0)},
    )


def cases(seed: int) -> Iterator[Case]:
    """The groups of a drawn book: unified and cross accounts, each of any coin, in any order."""
    rng = random.Random(seed)
    modes = rng.sample(("cross", "unified", "cross", "unified"), 4)
    accounts = tuple(drawn_account(rng, str(n), mode) for n, mode in enumerate(modes))
    book = Book(accounts, wrapped=WRAPPED)
    flat, quote = flat_at(book, PRICES)
    for row, plain in enumerate(formulas.groups_of(book)):
        one = book.account(plain.account)
        assert one is not None
        assert flat.groups[row].account == plain.account
        coins = {
            name: n + one.bonus.get(name, 0.0)
            for name, n in plain.coins.items()
            if name not in WRAPPED
        }
        wrapped = [
            (it.underlying, it.rate * plain.coins[name], WEIGHTS[name])
            for name, it in WRAPPED.items()
            if name in plain.coins
        ]
        group = formulas.Group(
            plain.account, plain.name, plain.unit, coins, plain.lines, plain.weights
        )
        yield Case(flat, quote, row, group, tuple(wrapped))
    assert row == len(flat.groups) - 1


def scale_of(case: Case) -> float:
    """How large the numbers are that cancel."""
    return 1e6 / PRICES.get(case.plain.unit or "USD", 1.0)


@pytest.mark.parametrize("seed", range(12))
def test_a_group_is_worth_what_its_parts_are_wherever_coins_go(seed: int) -> None:
    """Coins, bonus, profit and maintenance at any factor, all legs moving or one alone."""
    for case in cases(seed):
        for alone in (-1, *case.legs()):
            for factor in (0.3, 1.0, 2.5):
                for with_maintenance in (0, 1):
                    which = (factor, alone, with_maintenance)
                    wanted = pytest.approx(
                        case.in_plain(*which), rel=1e-9, abs=1e-9 * scale_of(case)
                    )
                    assert case.excess(*which) == wanted


@pytest.mark.parametrize("seed", range(12))
def test_a_group_now_is_its_coins_its_maintenance_and_its_gross(seed: int) -> None:
    """In its unit: coins of a cross group, dollars after haircuts of a unified one."""
    for case in cases(seed):
        where, near = (
            (case.flat.layout, case.flat.state, case.quote, case.row),
            1e-9 * scale_of(case),
        )
        equity = case.in_plain(1.0, -1, 0)
        assert group_equity(*where) == pytest.approx(equity, abs=near)
        needed = formulas.needed(case.plain, QUOTES)
        assert group_maintenance(*where) == pytest.approx(needed, abs=near)
        assert group_gross(*where) == pytest.approx(formulas.gross(case.plain, QUOTES), abs=near)


@pytest.mark.parametrize("holder", range(3))
@pytest.mark.parametrize("size", [1.0, -0.5])
def test_a_group_has_a_position_where_its_venue_holds_one(holder: int, size: float) -> None:
    """Whoever owns it; of every group in turn, the others have none, and need nothing."""
    one = inverse()
    lines = {holder: (Position(one, size, 50_000.0),)}
    accounts = [account(str(row), {"BTC": 1.0}, lines.get(row, ())) for row in range(3)]
    flat, quote = flat_at(Book(tuple(accounts)), PRICES, extra=[(str(n), one) for n in range(3)])
    for group in range(3):
        held = int(group == holder)
        assert has_position(flat.layout, flat.state, group) == held
        needed = group_maintenance(flat.layout, flat.state, quote, group)
        assert needed == pytest.approx(held * 0.005 * abs(size) / 50_000.0)
        terms = excess_terms(flat.layout, flat.state, quote, group, 1.0, -1, 1)
        assert 1.0 - at(terms, 1.0) == pytest.approx(needed, rel=1e-6)
    flat.state.others[holder], flat.state.contracts[holder] = size, 0.0
    assert has_position(flat.layout, flat.state, holder) == 1
    flat.state.contracts[holder] = -size
    assert has_position(flat.layout, flat.state, holder) == 0
    assert group_maintenance(flat.layout, flat.state, quote, holder) == 0.0
