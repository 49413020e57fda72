"""Laws of exposure: Euler, moving coins, one payoff for another."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import (
    account,
    delta_of,
    flat_at,
    inverse,
    linear,
    one_leg,
    sums_of,
    vault,
    wealth_of,
)
from tests.laws.strategies import Case, cases, logarithmic
from volsculpt.book.exposure import held_ratio
from volsculpt.book.holdings import Book, Position
from volsculpt.book.state import Exposure
from volsculpt.decide.step import Decision
from volsculpt.simulate.scenario import outcome, wealth


def deltas(decision: Decision) -> dict[str, float]:
    """Exposure to every currency of a decision's held book."""
    sums = sums_of(decision.flat, decision.flat.state, decision.quoted.quote)
    return {
        name: sums.balance[row] + sums.pnl[row] + sums.futures[row]
        for row, name in enumerate(decision.flat.currencies)
    }


def largest(decision: Decision, sums: Exposure) -> float:
    """US dollars of the largest sum, to judge what cancels."""
    prices = decision.quoted.quote.index_usd
    columns = (sums.balance, sums.pnl, sums.futures)
    return max(abs(column[row]) * price for row, price in enumerate(prices) for column in columns)


@given(cases(fair=True, payoffs=("inverse", "linear")))
def test_euler(case: Case) -> None:
    """Law 9: at mark = index the exposures times their prices add up to the wealth."""
    decision = case.decide()
    flat, quote = decision.flat, decision.quoted.quote
    total = sum(delta * quote.index_usd[row] for row, delta in enumerate(deltas(decision).values()))
    scale = largest(decision, sums_of(flat, flat.state, quote))
    assert total == pytest.approx(wealth_of(flat, flat.state, quote), abs=1e-9 * scale)


@given(cases(working=False), st.floats(0.0, 0.9))
def test_moving_coins_to_margin_changes_no_exposure(case: Case, part: float) -> None:
    """Law 7: coins moved from the vault to a margin account leave every exposure as it is."""
    moved = {}
    accounts = {held.name: held for held in case.setup.book.accounts}
    for coin, amount in accounts["vault"].balances.items():
        moved[coin] = amount * part
    for name, sign in (("vault", -1.0), ("one", 1.0)):
        held = accounts[name]
        balances = {
            coin: held.balances.get(coin, 0.0) + sign * amount for coin, amount in moved.items()
        }
        accounts[name] = dataclasses.replace(held, balances=held.balances | balances)
    book = dataclasses.replace(case.setup.book, accounts=tuple(accounts.values()))
    other = Case(dataclasses.replace(case.setup, book=book), case.quotes)
    before, after = case.decide(), other.decide()
    prices = dict(zip(before.flat.currencies, before.quoted.quote.index_usd, strict=True))
    scale = largest(before, sums_of(before.flat, before.flat.state, before.quoted.quote))
    gone = deltas(after)
    for coin, delta in deltas(before).items():
        assert gone[coin] * prices[coin] == pytest.approx(delta * prices[coin], abs=1e-9 * scale)


@given(
    logarithmic(1e-3, 1e5),
    logarithmic(1e-3, 1e5),
    logarithmic(10.0, 1e6),
    logarithmic(10.0, 1e6),
)
def test_an_inverse_short_is_a_linear_one(
    coins: float, short: float, entry: float, price: float
) -> None:
    """Law 10: N at E inverse, or N/E coins at E linear: same wealth, delta and held ratio."""
    face = short * entry
    books = (
        Book((vault(BTC=coins), account("coinm", {}, (Position(inverse(), -face, entry),)))),
        Book((vault(BTC=coins), account("usdm", {}, (Position(linear(), -short, entry),)))),
    )
    found = []
    for book in books:
        flat, quote = flat_at(book, {"BTC": price})
        sums, row = sums_of(flat, flat.state, quote), flat.currency("BTC")
        delta = delta_of(flat, flat.state, quote, "BTC")
        owned = sums.balance[row] + sums.pnl_on[row]
        found.append((wealth_of(flat, flat.state, quote), delta, owned))
    scale = coins + short + face / price
    for one, two, unit in zip(*found, (price, 1.0, 1.0), strict=True):
        assert one == pytest.approx(two, abs=1e-9 * scale * unit)
    if found[0][2] > 1e-3 * scale:
        ratios = [held_ratio(delta, owned) for _, delta, owned in found]
        assert ratios[0] == pytest.approx(ratios[1], abs=1e-5)


@given(logarithmic(0.1, 1e4), logarithmic(10.0, 1e6), st.floats(-0.6, 3.0))
def test_a_fully_hedged_owner_is_long_dollars(coins: float, entry: float, shock: float) -> None:
    """Law 1: ratio 1 on an inverse contract is worth N dollars wherever the price goes."""
    face = coins * entry
    flat, quote = flat_at(one_leg(inverse(), -face, entry, coins), {"BTC": entry})
    after = outcome(flat, flat.state, quote, shock)
    assert after.hedged_usd == pytest.approx(face, rel=1e-9)
    assert after.unhedged_usd == pytest.approx(face * (1.0 + shock), rel=1e-9)
    assert after.liquidated == []


@given(cases(working=False), st.sampled_from([-0.3, 0.0, 0.5]))
def test_without_contracts_the_outcomes_agree(case: Case, shock: float) -> None:
    """The unhedged wealth of a scenario is the wealth of the book with no contracts left."""
    decision = case.decide()
    flat, quote = decision.flat, decision.quoted.quote
    after = outcome(flat, flat.state, quote, shock)
    if shock == 0.0 and not after.liquidated:
        now = wealth(flat, flat.state, quote)
        scale = largest(decision, sums_of(flat, flat.state, quote))
        assert after.hedged_usd == pytest.approx(now, abs=1e-9 * scale)
        assert after.unhedged_usd == pytest.approx(now, abs=1e-9 * scale)
    assert all(0 <= group < len(flat.groups) for group, _ in after.liquidated)
