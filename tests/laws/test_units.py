"""Units must not matter: how much a contract is, what a coin is counted in, what a dollar is worth.

All factors are powers of two, so that no figure is rounded and answers agree, most bit for bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.drawn import NOW_NS, draw
from tests.laws.strategies import COINS, Case, cases
from volsculpt.book.holdings import Account, Book, Position, WorkingOrder, Wrapped
from volsculpt.contracts.spec import Contract, Margin, Orders
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Setup, decide
from volsculpt.hedge.spec import Hedge
from volsculpt.market.quotes import Quotes

DOLLARS = ("USD", "USDT", "USDC")
factors = st.sampled_from([2.0**-20, 2.0**-10, 2.0**-3, 2.0**3, 2.0**10])


def scaled(amount: float | None, factor: float) -> float | None:
    """An amount that may be absent, in other units."""
    return None if amount is None else amount * factor


@dataclass(frozen=True)
class Units:
    """Every amount of a currency is multiplied by its factor, every number of contracts by `lots`.

    Dollars of all kinds share one factor.
    """

    lots: float = 1.0
    dollar: float = 1.0
    coins: dict[str, float] = field(default_factory=dict)

    def of(self, currency: str) -> float:
        """What amounts of a currency are multiplied by."""
        return self.dollar if currency in DOLLARS else self.coins.get(currency, 1.0)

    def price(self, base: str, quote: str) -> float:
        """What prices of a pair are multiplied by."""
        return self.of(quote) / self.of(base)

    def margin(self, contract: Contract) -> Margin:
        """The margin rule, its sizes in the new units."""
        rule = contract.margin
        assert rule is not None
        size = self.lots if rule.unit == "contracts" else self.of(contract.settle)
        slope = self.of(contract.base if contract.payoff == "linear" else contract.settle)
        tiers = tuple(replace(tier, floor=tier.floor * size) for tier in rule.tiers)
        slopes = rule.rate_slope / slope, rule.initial_slope / slope
        return replace(rule, tiers=tiers, rate_slope=slopes[0], initial_slope=slopes[1])

    def contract(self, one: Contract) -> Contract:
        """The same contract, cut into other pieces of another size."""
        face = {
            "inverse": self.of(one.quote),
            "linear": self.of(one.base),
            "quanto": self.of(one.settle) / self.price(one.base, one.quote),
        }[one.payoff]
        return replace(
            one,
            multiplier=one.multiplier * face / self.lots,
            lot=one.lot * self.lots,
            minimum=scaled(one.minimum, self.lots),
            orders=self.orders(one),
            position_most=scaled(one.position_most, self.lots),
            position_most_value=scaled(
                one.position_most_value,
                self.of(one.quote if one.payoff == "linear" else one.settle),
            ),
            margin=self.margin(one),
        )

    def orders(self, one: Contract) -> Orders:
        """What the venue takes as an order."""
        worth = self.of(one.settle if one.payoff == "quanto" else one.quote)
        return replace(
            one.orders,
            least_value=scaled(one.orders.least_value, worth),
            market_least=scaled(one.orders.market_least, self.lots),
            market_most=scaled(one.orders.market_most, self.lots),
            limit_most=scaled(one.orders.limit_most, self.lots),
        )

    def position(self, line: Position) -> Position:
        """The same position."""
        own = line.contract
        return replace(
            line,
            contract=self.contract(own),
            contracts=line.contracts * self.lots,
            entry=line.entry * self.price(own.base, own.quote),
            margin=scaled(line.margin, self.of(own.settle)),
        )

    def order(self, order: WorkingOrder) -> WorkingOrder:
        """The same order."""
        return replace(
            order,
            contract=self.contract(order.contract),
            remaining=order.remaining * self.lots,
        )

    def account(self, held: Account) -> Account:
        """The same account."""
        return replace(
            held,
            balances={name: coins * self.of(name) for name, coins in held.balances.items()},
            positions=tuple(map(self.position, held.positions)),
            orders=tuple(map(self.order, held.orders)),
        )

    def hedge(self, hedge: Hedge) -> Hedge:
        """The same hedge: a beta is of values, whatever coins are counted in."""
        return replace(hedge, coins=scaled(hedge.coins, self.of(hedge.underlying)))

    def limits(self, limits: Limits) -> Limits:
        """The same limits."""
        return replace(
            limits,
            max_order_usd=scaled(limits.max_order_usd, self.dollar),
            min_base_usd=limits.min_base_usd * self.dollar,
        )

    def book(self, book: Book) -> Book:
        """The same book."""
        return replace(
            book,
            accounts=tuple(map(self.account, book.accounts)),
            wrapped={
                name: Wrapped(one.underlying, one.rate * self.of(one.underlying))
                for name, one in book.wrapped.items()
            },
            transfers=tuple(
                replace(way, amount=way.amount * self.of(way.currency)) for way in book.transfers
            ),
        )

    def setup(self, setup: Setup) -> Setup:
        """All that a decision is made of."""
        return replace(
            setup,
            book=self.book(setup.book),
            hedges=tuple(map(self.hedge, setup.hedges)),
            legs=tuple(tuple((a, self.contract(c), r) for a, c, r in used) for used in setup.legs),
            limits=self.limits(setup.limits),
            collateral=tuple(replace(plan, cost=0.0) for plan in setup.collateral),
        )

    def quotes(self, quotes: Quotes, setup: Setup) -> Quotes:
        """The same prices. A stablecoin is counted as dollars are: its price stays."""
        known = {c.key: c for used in setup.legs for _, c, _ in used}
        known |= {p.contract.key: p.contract for a in setup.book.accounts for p in a.positions}
        known |= {o.contract.key: o.contract for a in setup.book.accounts for o in a.orders}
        index = {name: usd * self.price(name, "USD") for name, usd in quotes.index.items()}
        marks = {
            key: mark * self.price(known[key].base, known[key].quote)
            for key, mark in quotes.contract.items()
            if key in known
        }
        return replace(quotes, index=index, contract=marks)


def check_units(case: Case, units: Units, time_ns: int = 0) -> None:
    """The same orders, coins and reasons, whatever they are counted in."""
    one = decide(Units().setup(case.setup), case.quotes, time_ns)
    other = units.quotes(case.quotes, case.setup)
    two = decide(units.setup(case.setup), other, time_ns)
    before, after = one.answer, two.answer
    check_same(after.trade, before.trade, [units.lots] * len(before.trade), units)
    assert after.cancel == before.cancel
    assert after.held == before.held
    assert after.hedge_code == before.hedge_code
    assert after.leg_code == before.leg_code
    assert after.group_code == before.group_code
    currencies = one.flat.currencies
    moves = [units.of(currencies[row]) for row in one.rules.move_currency]
    check_same(after.top_up, before.top_up, moves, units)
    check_same(after.post, before.post, moves, units)
    own = [units.of(currencies[row]) for row in one.rules.hedge_currency]
    check_same(after.base, before.base, own, units)


def check_same(
    found: Sequence[float], said: Sequence[float], factor: Sequence[float], units: Units
) -> None:
    """Every figure times its factor; to the bit, unless lots are other ones.

    A lot of 0.001 is one over a thousand, and 1.024 is not: sizes differ in the last bit.
    """
    wanted = [by * one for by, one in zip(factor, said, strict=True)]
    if units.lots == 1.0:
        assert list(found) == wanted
    else:
        assert list(found) == pytest.approx(wanted, rel=1e-9, abs=1e-9 * min(1.0, units.lots))


@given(cases(), factors)
def test_how_much_a_contract_is_does_not_matter(case: Case, lots: float) -> None:
    """A thousand contracts of a thousandth are one: positions, lots and tiers counted so."""
    check_units(case, Units(lots=lots))


@given(cases(), st.sampled_from(COINS), factors)
def test_what_a_coin_is_counted_in_does_not_matter(case: Case, coin: str, factor: float) -> None:
    """Coins or thousandths of them: amounts, prices, faces and tiers move along."""
    check_units(case, Units(coins={coin: factor}))


@given(cases(), factors)
def test_what_a_dollar_is_worth_does_not_matter(case: Case, factor: float) -> None:
    """A currency reform: all dollars and stablecoins, all prices in them, all limits in them."""
    check_units(case, Units(dollar=factor))


BY_SEED = {
    "tiny contracts": Units(lots=2.0**20),
    "huge contracts": Units(lots=2.0**-30),
    "satoshis": Units(coins={"BTC": 2.0**26, "ETH": 2.0**30}),
    "tonnes of coins": Units(coins={"BTC": 2.0**-20, "ETH": 2.0**-20}),
    "after an inflation": Units(dollar=2.0**20),
    "dollars of gold": Units(dollar=2.0**-20),
}


@pytest.mark.parametrize("name", BY_SEED)
def test_units_do_not_matter_to_books_by_seed(name: str) -> None:
    """On the contracts and rules that venues have, far beyond the sizes that people have."""
    for seed in range(60):
        drawn = draw(seed)
        check_units(Case(drawn.setup, drawn.quotes), BY_SEED[name], NOW_NS)
