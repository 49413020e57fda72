"""Rows of coefficients: what is in one, and when it says nothing."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.factories import (
    CHRISTMAS_2024_NS,
    account,
    decided,
    fixed,
    inverse,
    linear,
    tiered,
    vault,
)
from volsculpt.book.flatten import flatten
from volsculpt.book.holdings import Book, NotOwn, Position, Sweep
from volsculpt.book.state import Layout
from volsculpt.contracts.spec import Contract, Margin
from volsculpt.decide.trigger_book import is_at_rest, loses_bonus
from volsculpt.decide.trigger_forms import add_currency, group_weight, keep_signs
from volsculpt.decide.trigger_groups import excess_row, limit_rows
from volsculpt.decide.trigger_margin import growth_rate, slope_margin
from volsculpt.decide.trigger_room import least_rate
from volsculpt.decide.triggers import (
    AT_CLOSE,
    DISTANCE,
    FORM,
    is_idle,
    new_row,
    new_triggers,
    numbers_of,
    row_now,
    write_numbers,
)


def layout_of_one_leg(contract: Contract | None = None) -> Layout:
    """A vault and an account with a contract: an inverse one unless told otherwise."""
    book = Book((vault(BTC=1.0), account("one", {"BTC": 1.0, "USDT": 9_000.0})))
    legs = [[("one", contract or inverse(), False)]]
    return decided(book, [fixed()], legs, {"BTC": 60_000.0, "USDT": 1.0}).flat.layout


@pytest.mark.parametrize("what", ["coef", "gain"])
def test_a_row_is_idle_only_while_nothing_moves_in_it(what: str) -> None:
    """A single number, or a single wallet, first or last, is enough; another row's is not."""
    layout = layout_of_one_leg()
    each = {"coef": numbers_of(layout), "gain": layout.wallets}[what]
    for place in range(each):
        rows = new_triggers(layout, 1)
        rows.used[0] = 0
        first, second = (new_row(layout, 1, rows, FORM, 0, AT_CLOSE) for _ in range(2))
        getattr(rows, what)[first * each + place] = 1.0
        assert is_idle(layout, rows, first) == 0
        assert is_idle(layout, rows, second) == 1


@pytest.mark.parametrize("price", [60_000.0, 30_000.0])
def test_a_rate_on_entry_is_of_all_that_the_venue_holds(price: float) -> None:
    """48,000 USD own and 24,000 not, sold at 60,000: 1.2 coin, in the tier from 1 to 2.

    Own contracts alone would be in the tier before, and at the mark of 30,000 all in the next.
    """
    rows = [(0.0, 0.005), (1.0, 0.01), (2.0, 0.02)]
    contract = inverse(margin=tiered(rows, base="entry"))
    held = Position(contract, -72_000.0, 60_000.0)
    part = NotOwn(contract, -24_000.0, 60_000.0)
    own = account("one", {"BTC": 5.0}, (held,), not_own=(part,))
    decision = decided(Book((own,)), [fixed()], [[("one", contract, False)]], {"BTC": price})
    assert least_rate(decision.problem, 0, 1.0, 0) == 0.01


@pytest.mark.parametrize("what", ["slot", "working", "incoming"])
def test_what_is_on_its_way_anywhere_is_no_rest(what: str) -> None:
    """An order of any leg, coins to any group; nothing of them is rest."""
    lines = (Position(inverse(), -60_000.0, 60_000.0), Position(inverse("ETH"), -3_000.0, 3_000.0))
    own = account("one", {"BTC": 1.0, "ETH": 1.0}, lines)
    legs = [[("one", inverse(), False)]]
    found = decided(Book((own,)), [fixed()], legs, {"BTC": 60_000.0, "ETH": 3_000.0}).problem
    assert is_at_rest(found) == 1
    found.answer.trade[-1] = -1.0
    assert is_at_rest(found) == 0
    found.answer.trade[-1] = 0.0
    column = getattr(found.state, what)
    assert len(column) >= 2
    for place in range(len(column)):
        column[place] = 1
        assert is_at_rest(found) == 0
        column[place] = 0


def test_a_position_that_is_given_up_is_no_rest() -> None:
    """Whichever contract of whichever hedge it is, long or short; one that is flat is rest."""
    bitcoin, ether = inverse(), inverse("ETH")
    second = inverse("ETH", venue="okx")
    lines = (Position(bitcoin, -60_000.0, 60_000.0), Position(ether, -3_000.0, 3_000.0))
    own = account("one", {"BTC": 1.0, "ETH": 1.0}, lines)
    legs = [[("one", bitcoin, False)], [("one", ether, False), ("two", second, False)]]
    book = Book((own, account("two", {"ETH": 1.0}, venue="okx")))
    prices = {"BTC": 60_000.0, "ETH": 3_000.0}
    found = decided(book, [fixed(), fixed("ETH")], legs, prices).problem
    uses = range(len(found.rules.use_leg))
    assert len(uses) == 3
    for trade in range(len(found.answer.trade)):
        found.answer.trade[trade] = 0.0
    for given_up in uses:
        retire = [int(use == given_up) for use in uses]
        said = found._replace(rules=found.rules._replace(use_retire=retire))
        leg = found.rules.use_leg[given_up]
        for held, rest in ((1.0, 0), (-1.0, 0), (0.0, 1)):
            found.state.contracts[leg] = held
            assert is_at_rest(said) == rest


@pytest.mark.parametrize("swept", ["one", "two"])
def test_a_bonus_of_any_coin_is_lost_with_what_is_swept(swept: str) -> None:
    """Of the first currency and the last; that of an account that keeps its funding is not."""
    held = Position(inverse(), -6_000.0, 60_000.0)
    accounts = (account("one", {"BTC": 1.0}, (held,)), account("two", {"BTC": 1.0}, (held,)))
    flat = flatten(Book((vault(USD=0.0), *accounts), sweeps=(Sweep("vault", "USD", swept),)))
    count = flat.layout.currencies
    assert count >= 2
    assert loses_bonus(flat.layout, flat.state) == 0
    for group, label in enumerate(flat.groups):
        for place in range(group * count, (group + 1) * count):
            flat.state.bonus[place] = 0.1
            assert loses_bonus(flat.layout, flat.state) == (label.account == swept)
            flat.state.bonus[place] = 0.0


def test_what_backs_a_group_without_being_own_is_added_up() -> None:
    """A bonus of 0.3 coins and 0.2 of somebody else are 0.5 times the index, where they count."""
    book = Book((vault(BTC=1.0), account("one", {"BTC": 1.0})))
    decision = decided(book, [fixed()], [[("one", inverse(), False)]], {"BTC": 60_000.0})
    problem, layout = decision.problem, decision.flat.layout
    coin, told = decision.flat.currency("BTC"), []
    problem.state.bonus[coin], problem.state.others_coins[coin] = 0.3, 0.2
    for lent in (0, 1):
        rows = new_triggers(layout, 1)
        rows.used[0] = 0
        row = new_row(layout, 1, rows, FORM, 0, AT_CLOSE)
        add_currency(problem, rows, row, 0, coin, 1.0, lent, 1.0)
        told.append(rows.coef[row * numbers_of(layout) + coin])
    assert told[1] - told[0] == pytest.approx(0.5)


@pytest.mark.parametrize("initial", [0, 1])
@pytest.mark.parametrize("make", [inverse, linear])
def test_margin_never_grows_by_less_than_its_least(
    make: Callable[..., Contract], initial: int
) -> None:
    """1 % and 0.5 % a coin: at 20 coins 21 % of a dollar more; near 100 % no more than the 1 %."""
    figures = Margin("slope", rate_base=0.01, rate_slope=0.005, closing_fee_rate=0.001)
    layout = layout_of_one_leg(
        make(margin=replace(figures, initial_rate=0.01, initial_slope=0.005))
    )
    added = 0.001 * (1 - initial)
    for size in (1.0, 20.0, 98.0, 100.0, 150.0, 190.0, 197.0, 199.0, 250.0, 500.0):
        grown = growth_rate(layout.legs, 0, size, size, initial)
        assert grown == pytest.approx((0.01 + 0.01 * size if size < 99.0 else 0.01) + added)
        now = slope_margin(layout.legs, 0, size, size, initial)
        for more in (0.01, 1.0, 50.0, 400.0):
            then = slope_margin(layout.legs, 0, size + more, size + more, initial)
            assert then - now >= grown * more * (1.0 - 1e-9)


def test_initial_margin_that_is_not_known_grows_by_nothing() -> None:
    """Its rate at size 0 is none."""
    steep = inverse(margin=Margin("slope", rate_base=0.01, rate_slope=0.005))
    layout = layout_of_one_leg(steep)
    assert growth_rate(layout.legs, 0, 20.0, 20.0, 1) == 0.0
    odd = layout.legs._replace(initial_slope=[0.5])
    assert growth_rate(odd, 0, 20.0, 20.0, 1) == 0.0


@pytest.mark.parametrize("last", [0, 1])
def test_coins_are_owed_once_any_position_has_lost_them(last: int) -> None:
    """0.1 BTC at a weight of 0.9, and a short of 1 BTC: at twice the price 0.4 BTC are owed."""
    both = (inverse(), inverse(symbol="BTC/USD:BTC-2", expiry_ns=CHRISTMAS_2024_NS))
    held = Position(both[last], -60_000.0, 60_000.0)
    weights = {"BTC": 0.9}
    own = account("one", {"BTC": 0.1}, (held,), mode="unified", collateral_weights=weights)
    legs = [[("one", one, False) for one in both]]
    decision = decided(Book((own,)), [fixed()], legs, {"BTC": 60_000.0})
    layout, coin = decision.flat.layout, decision.flat.currency("BTC")
    fixed_part = (layout, decision.flat.state, decision.quoted.quote, 0, coin)
    assert [group_weight(*fixed_part, by) for by in (0.5, 1.0, 1.1, 1.2, 2.0)] == [
        0.9,
        0.9,
        0.9,
        1.0,
        1.0,
    ]
    rows = new_triggers(layout, 1)
    rows.used[0] = 0
    keep_signs(decision.problem, rows, 0, 2.0, AT_CLOSE)
    write_numbers(layout, decision.quoted.quote, rows.now)
    assert row_now(layout, rows, 0) == pytest.approx(0.4 * 120_000.0)


def test_what_is_neither_owned_nor_owed_has_no_haircut() -> None:
    """No coins, no contracts: what a trade costs then is owed, and counts whole."""
    weights = {"BTC": 0.9}
    own = account("one", {}, mode="unified", collateral_weights=weights)
    decision = decided(Book((own,)), [fixed()], [[("one", inverse(), False)]], {"BTC": 60_000.0})
    layout, coin = decision.flat.layout, decision.flat.currency("BTC")
    quote = decision.quoted.quote
    assert group_weight(layout, decision.flat.state, quote, 0, coin, 1.0) == 1.0


def test_where_margin_grows_with_size_what_lies_between_is_looked_at_too() -> None:
    """At 1.36 and 0.64 of the price, and at their powers of an eighth to seven eighths."""
    steep = inverse(margin=Margin("slope", rate_base=0.01, rate_slope=0.005))
    held = Position(steep, -60_000.0, 60_000.0)
    book = Book((account("one", {"BTC": 2.0}, (held,)),))
    problem = decided(book, [fixed()], [[("one", steep, False)]], {"BTC": 60_000.0}).problem
    rows = new_triggers(problem.layout, 1)
    rows.used[0] = 0
    limit_rows(problem, rows, 0, 0.0, 0.36, FORM)
    parts = [8, *range(1, 8)]
    factors = [1.0, *(far ** (part / 8) for far in (1.36, 0.64) for part in parts)]
    kept = [row for row in range(rows.used[0]) if rows.kind[row] == DISTANCE]
    assert [rows.factor[row] for row in kept] == pytest.approx(factors)
    width = numbers_of(problem.layout)
    for row in kept:
        alone = new_triggers(problem.layout, 1)
        alone.used[0] = 0
        excess_row(problem, alone, DISTANCE, 0, rows.factor[row], AT_CLOSE, 0)
        assert rows.coef[row * width : (row + 1) * width] == alone.coef[:width]
