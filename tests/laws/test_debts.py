"""Wealth less than the coins it stands in: 0 of wealth is not 0 hedged, and gone is not closed."""

import dataclasses
import math
import random
from collections import Counter

import pytest

from tests.factories import (
    account,
    decided,
    delta_of,
    filled,
    fixed,
    inverse,
    linear,
    trades,
    vault,
)
from tests.laws import formulas, moved
from tests.laws.after import act_again
from tests.laws.drawn import Drawn, draw
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import Limits
from volsculpt.decide.rules import WEALTH_GONE, ZERO_TARGET, wants_change
from volsculpt.decide.step import Decision
from volsculpt.decide.words import reasons
from volsculpt.hedge.answer import Band
from volsculpt.hedge.spec import Hedge, Proxy

BTC, ETHER, PERP = inverse(), inverse("ETH"), linear()
NO_BAND = Band(0.0, 0.0, 0.0, 0.0)
BOOKS, QUOTES = 150, 20
DEBTS = (0.0, 0.2, 0.6, 0.97, 1.05, 1.3)  # of what is owned, lent on it


def owing(
    usd: float,
    ratio: float,
    held: float = 0.0,
    price: float = 60_000.0,
    band: Band = NO_BAND,
) -> Decision:
    """1.5 BTC, some of it as margin of a short opened at 60,000, and dollars owed.

    Args: usd: owed; ratio: of wealth; held: US dollars, - is short; price: of a BTC; band: of it.
    """
    lines = (Position(BTC, held, 60_000.0),) if held else ()
    book = Book((vault(BTC=1.0, USD=-usd), account("fut", {"BTC": 0.5}, lines)))
    hedge = fixed("BTC", ratio, base="wealth", band=band)
    return decided(book, (hedge,), ((("fut", BTC, False),),), {"BTC": price})


@pytest.mark.parametrize(
    ("held", "expected"), [(0.0, -30_000.0), (-30_000.0, 0.0), (-50_000.0, 20_000.0)]
)
def test_nothing_of_wealth_hedged_leaves_wealth_exposed(held: float, expected: float) -> None:
    """1.5 BTC at 60,000 and 30,000 USD owed: wealth is 1 BTC, so 0 of it is short 30,000."""
    found = owing(30_000.0, 0.0, held)
    assert trades(found).get(BTC.key, 0.0) == pytest.approx(expected)
    assert delta_of(found.flat, filled(found), found.quoted.quote, "BTC") == pytest.approx(1.0)


@pytest.mark.parametrize("band", [Band(0.9, 0.0, 0.9, 0.0), Band(0.05, 0.02, 0.05, 0.02)])
@pytest.mark.parametrize("cents", [1, 100, 10_000])
def test_a_small_debt_keeps_no_hedge(cents: int, band: Band) -> None:
    """A target of 0 with a cent owed closes what it closes with nothing owed, to a contract."""
    found = owing(0.01 * cents, 0.0, -50_000.0, band=band)
    left = -50_000.0 + trades(found)[BTC.key]
    assert left == pytest.approx(-0.01 * cents, abs=100.0)


def beside(debt: float) -> Decision:
    """BTC hedged by half with a wide band, and ether, 0 of wealth, on the same contracts."""
    lines = (Position(BTC, -62_000.0, 60_000.0),)
    held = vault(BTC=1.0, ETH=1.0, USD=-90_000.0 - debt)
    book = Book((held, account("fut", {"BTC": 0.5}, lines)))
    ether = fixed("ETH", 0.0, base="wealth", proxies=(Proxy("BTC"),), band=Band())
    wide = fixed("BTC", 0.5, band=Band(0.2, 0.0, 0.2, 0.0))
    legs = [[("fut", BTC, False)]] * 2
    return decided(book, (wide, ether), legs, {"BTC": 60_000.0, "ETH": 3_000.0})


@pytest.mark.parametrize("debt", [0.01, -0.01])
def test_a_cent_beside_another_hedge_leaves_its_band(debt: float) -> None:
    """Of ether a cent is owed against, or not: BTC is 0.69 hedged, inside of 0.5 and 0.2."""
    assert trades(beside(debt)) == {}


@pytest.mark.parametrize("dust", [1e-12, 1e-9, -1e-9])
@pytest.mark.parametrize("base", ["coins", "wealth"])
def test_dust_that_is_owed_opens_no_long(dust: float, base: str) -> None:
    """A long is as large as the loan of the coin, not any size where there is one."""
    for coins, most in ((dust, 0.0), (-0.25, 15_000.0)):
        book = Book((vault(BTC=coins, USD=150_000.0), account("fut", {"USDT": 60_000.0})))
        hedge = fixed("BTC", 0.5, base=base, coins=3.0 if base == "coins" else None)
        prices = {"BTC": 60_000.0, "USDT": 1.0}
        found = decided(book, (hedge,), ((("fut", PERP, False),),), prices)
        assert 60_000.0 * trades(found).get(PERP.key, 0.0) == pytest.approx(most, abs=61.0)


def test_below_the_debt_a_band_is_a_band() -> None:
    """Short 25,000 of 30,000 owed: within a band of 0.9, so nothing is sold."""
    wide = Band(0.9, 0.0, 0.9, 0.0)
    assert trades(owing(30_000.0, 0.0, -25_000.0, band=wide)) == {}
    assert trades(owing(30_000.0, 0.0, -31_400.0, band=wide)) == {}
    assert trades(owing(30_000.0, 0.0, -31_600.0, band=wide)) == {BTC.key: 1_600.0}
    said = reasons(owing(30_000.0, 0.0, -31_600.0, band=wide), 0)
    assert any("owed against your coins, 0.5 BTC" in line for line in said)


def test_nothing_hedged_of_wealth_without_debts_closes_all() -> None:
    """With nothing owed, or money beside the coins, a target of 0 closes every contract."""
    for usd in (0.0, -20_000.0):
        found = owing(usd, 0.0, -50_000.0)
        assert trades(found) == {BTC.key: 50_000.0}
        assert found.answer.hedge_code[0] & ZERO_TARGET


@pytest.mark.parametrize("ratio", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("usd", [90_000.0, 95_000.0])
def test_without_wealth_what_is_held_is_kept(ratio: float, usd: float) -> None:
    """1.5 BTC worth 90,000 against which as much or more is owed: nothing is bought back."""
    found = owing(usd, ratio, -90_000.0)
    assert trades(found) == {}
    assert found.answer.hedge_code[0] & WEALTH_GONE
    assert any("a short is kept" in line for line in reasons(found, 0))


def test_without_coins_either_what_is_open_is_closed() -> None:
    """Of 0.5 BTC owed and no wealth nothing is left to hedge: the short goes."""
    book = Book((vault(BTC=-1.0), account("fut", {"BTC": 0.5}, (Position(BTC, -100.0, 60_000.0),))))
    hedge = fixed("BTC", 0.5, base="wealth")
    found = decided(book, (hedge,), ((("fut", BTC, False),),), {"BTC": 60_000.0})
    assert trades(found) == {BTC.key: 100.0}


def lent(seed: int) -> tuple[Drawn, float]:
    """A random book whose ratios are of wealth, some of them 0, and dollars lent on it."""
    drawn, dice = draw(seed), random.Random(seed)
    setup, debt = drawn.setup, dice.choice(DEBTS)
    hedges = tuple(of_wealth(hedge, dice) for hedge in setup.hedges)
    owned = {
        name: coins * drawn.quotes.index.get(name, 1.0)
        for name, coins in formulas.balances_of(setup.book).items()
    }
    most = owned[setup.hedges[0].underlying]
    usd = debt * max(0.0, sum(owned.values()))
    if dice.random() < 0.5:  # near what there is beside the first coin
        usd, debt = max(0.0, sum(owned.values()) - most) * dice.uniform(0.9, 1.1), 1.0
    loan = vault("lender", USD=-usd)
    book = dataclasses.replace(setup.book, accounts=(*setup.book.accounts, loan))
    quotes = dataclasses.replace(drawn.quotes, index={**drawn.quotes.index, "USD": 1.0})
    setup = dataclasses.replace(setup, hedges=hedges, book=book)
    return dataclasses.replace(drawn, setup=setup, quotes=quotes), debt


def of_wealth(hedge: Hedge, dice: random.Random) -> Hedge:
    """The hedge with a fixed ratio of wealth."""
    ratio = dice.choice((0.0, 0.3, 1.0))
    return fixed(hedge.underlying, ratio, base="wealth", band=hedge.band, proxies=hedge.proxies)


def test_silent_rows_are_a_silent_act_where_money_is_owed() -> None:
    """Debts that grow past wealth, or out of it, are found by rows; each case is among them."""
    seen: Counter[str] = Counter()
    for seed in range(BOOKS):
        book = moved.rested(lent(seed)[0])
        if book is None or book.rows.used[0] < 0:
            continue
        dice, before = random.Random(seed), list(book.answer.hedge_code)
        for _ in range(QUOTES):
            there = moved.moved(book, dice)
            spoken, answer = moved.speaking(book, there), moved.decided(book, there)
            assert spoken or not wants_change(answer), (seed, there)
            for was, code in zip(before, answer.hedge_code, strict=True):
                for name, bit in (("gone", WEALTH_GONE), ("closed", ZERO_TARGET)):
                    seen[f"{name} {bool(was & bit)} {bool(code & bit)}"] += 1
    print(dict(seen))  # shown by pytest -s
    assert seen["gone False True"] > 0
    for change in ("True True", "True False"):
        assert seen[f"closed {change}"] > 0


def test_the_target_at_nothing_is_the_limit_of_targets_near_it() -> None:
    """Where something is owed a ratio of 1e-9 asks for what 0 asks for; kept where wealth goes."""
    compared = 0
    for seed in range(BOOKS):
        drawn, debt = lent(seed)
        setups = [
            dataclasses.replace(
                drawn.setup,
                hedges=tuple(
                    dataclasses.replace(one, policy=fixed(one.underlying, ratio).policy)
                    for one in drawn.setup.hedges
                ),
                limits=Limits(),
            )
            for ratio in (0.0, 1e-9)
        ]
        zero, near = (drawn.decided(setup) for setup in setups)
        if debt == 0.0 or any(code & ZERO_TARGET for code in zero.answer.hedge_code):
            continue
        for one, other in zip(zero.answer.want, near.answer.want, strict=True):
            scale = sum(map(abs, zero.answer.base)) * 60.0
            assert math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-8 * scale), seed
            compared += 1
    assert compared > 0


@pytest.mark.parametrize(
    ("contracts", "traded"), [(-180_000.0, 90_000.0), (30_000.0, -30_000.0), (-93_000.0, 0.0)]
)
def test_without_wealth_no_more_than_all_coins_is_kept(contracts: float, traded: float) -> None:
    """1.5 BTC: a short of 3 BTC is cut to them, a long goes, and no short is opened."""
    found = owing(95_000.0, 0.4, contracts)
    assert trades(found).get(BTC.key, 0.0) == pytest.approx(traded)


def test_coins_that_are_lost_too_close_the_hedge() -> None:
    """0.1 BTC and 20,000 USD owed, short 0.1 BTC: kept until a rise eats the coins."""
    short = account("fut", {"BTC": 0.5}, (Position(BTC, -6_000.0, 60_000.0),))
    for cold, closes in ((-0.4, False), (-0.5, True)):
        book = Book((vault(BTC=cold, USD=-20_000.0), short))
        hedge = fixed("BTC", 0.5, base="wealth")
        found = decided(book, (hedge,), ((("fut", BTC, False),),), {"BTC": 60_000.0})
        assert (trades(found) == {BTC.key: 6_000.0}) == closes
        assert (trades(found) == {}) != closes


def test_who_shares_its_futures_with_a_hedge_without_wealth_is_hedged() -> None:
    """1.5 BTC of equity at 0.5, 10 ether of a wealth that is gone, both by bitcoin: as needed.

    Of ether all is sold with it, where futures are traded: 0.5 BTC, on top of 0.75.
    """
    book = Book((vault(BTC=1.0, ETH=10.0, USD=-200_000.0), account("fut", {"BTC": 0.5})))
    ether = fixed("ETH", 0.5, base="wealth", proxies=(Proxy("BTC", 1.0),))
    legs = ((("fut", BTC, False),),) * 2
    found = decided(book, (fixed("BTC", 0.5), ether), legs, {"BTC": 60_000.0, "ETH": 3_000.0})
    assert found.answer.want[0] == pytest.approx(-1.25)
    assert trades(found)[BTC.key] < -20_000.0


@pytest.mark.parametrize("held", [-20_000.0, -79_000.0, -90_000.0, -120_000.0, 30_000.0])
def test_the_order_of_hedges_does_not_matter_beside_one_without_wealth(held: float) -> None:
    """Bitcoin of equity and ether of a wealth that is gone, by the same futures."""
    lines = (Position(BTC, held, 60_000.0),)
    cold = vault(BTC=1.0, ETH=10.0, USD=-200_000.0)
    book = Book((cold, account("fut", {"BTC": 0.5}, lines)))
    band = Band(0.1, 0.05, 0.1, 0.05)
    ether = fixed("ETH", 0.5, base="wealth", proxies=(Proxy("BTC", 1.0),))
    both, legs = (fixed("BTC", 0.5, band=band), ether), ((("fut", BTC, False),),) * 2
    prices = {"BTC": 60_000.0, "ETH": 3_000.0}
    one, other = (decided(book, hedges, legs, prices) for hedges in (both, both[::-1]))
    assert trades(one) == trades(other)
    assert not wants_change(act_again(one, filled(one)))


def test_futures_that_carry_nothing_of_a_hedge_are_not_cut_for_it() -> None:
    """SOL of a wealth that is gone, by ether at a beta of 0: ether's own band holds."""
    short = account("fut", {"ETH": 20.0}, (Position(ETHER, -33_000.0, 3_000.0),))
    book = Book((vault(SOL=100.0, USD=-200_000.0), short))
    sol = fixed("SOL", 0.5, base="wealth", proxies=(Proxy("ETH", 0.0),))
    ether = fixed("ETH", 0.5, band=Band(0.1, 0.05, 0.1, 0.05))
    legs = ((("fut", ETHER, False),),) * 2
    found = decided(book, (ether, sol), legs, {"ETH": 3_000.0, "SOL": 150.0})
    assert trades(found) == {}
