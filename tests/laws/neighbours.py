"""Laws that compare a decision with that on a book, or with limits, a little different."""

from collections.abc import Iterator
from dataclasses import replace

from tests.laws.drawn import Drawn
from tests.laws.judge import EDGE, Broken, held_coins, largest_lot, legs_of_pool, pools_of
from tests.laws.rounds import book_after, moves_asked
from volsculpt.book.holdings import Book
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Decision, Setup


def tightened(limits: Limits) -> Iterator[tuple[str, Limits]]:
    """The limits with one of them tighter, or given where there was none."""
    leverage = limits.max_leverage
    yield "max_leverage", replace(limits, max_leverage=0.7 * leverage if leverage else 3.0)
    distance = limits.min_liquidation_distance or 0.2
    for further in (1.15 * distance, 1.0):
        if further > distance or limits.min_liquidation_distance is None:
            yield "distance", replace(limits, min_liquidation_distance=further)
    yield "max_ratio", replace(limits, max_ratio=0.8 * limits.max_ratio)


def tighter_is_less(drawn: Drawn, first: Decision, after: Book) -> Iterator[Broken]:
    """A tighter limit never makes a hedge hold more after its orders, from the same coins."""
    setup = drawn.setup
    shared = shares_groups(setup)
    for name, limits in tightened(setup.limits):
        if name == "max_ratio" and (shared or max(first.ratios) <= limits.max_ratio):
            continue
        other = replace(setup, limits=limits)
        second = drawn.decided(other)
        book = book_after(second, moves_asked(second))
        for pool in pools_of(setup):
            legs = legs_of_pool(setup, pool)
            if name == "max_ratio" and held_coins(book, drawn, legs) > 0.0:
                continue
            loose = held_coins(after, drawn, legs, sizes=True)
            tight = held_coins(book, drawn, legs, sizes=True)
            if tight > loose + largest_lot(drawn, legs) * 1.001 + EDGE * loose:
                words = f"{pool}: {loose:.8g} coins, {tight:.8g} with {limits}"
                label = f"tighter {name}" + (" (two hedges)" if shared else "")
                yield Broken(label, words)


def shares_groups(setup: Setup) -> bool:
    """Whether two pools trade in one account."""
    seen: dict[str, str] = {}
    for pool in pools_of(setup):
        for account, _ in legs_of_pool(setup, pool):
            if seen.setdefault(account, pool) != pool:
                return True
    return False


def more_is_not_less(drawn: Drawn, after: Book) -> Iterator[Broken]:
    """Coins moved from the vault to a margin account never make a hedge smaller."""
    setup = drawn.setup
    for account, currency, coins in gifts(setup, drawn):
        richer = replace(setup, book=with_gift(setup.book, account, currency, coins))
        decision = drawn.decided(richer)
        book = book_after(decision, moves_asked(decision))
        for pool in pools_of(setup):
            legs = legs_of_pool(setup, pool)
            less = held_coins(after, drawn, legs, sizes=True)
            more = held_coins(book, drawn, legs, sizes=True)
            if more < less - largest_lot(drawn, legs) * 1.001 - EDGE * less:
                words = f"{pool}: {less:.8g} coins, {more:.8g} with {coins:.6g} {currency} more"
                yield Broken("more coins, less hedge", f"{words} in {account}")


def gifts(setup: Setup, drawn: Drawn) -> Iterator[tuple[str, str, float]]:
    """(account, currency, coins) that the vault can give, a fifth of what is there or a bit."""
    vault = setup.book.accounts[0].balances
    for one in setup.book.accounts[1:]:
        settles = dict.fromkeys(line.contract.settle for line in one.positions)
        settles |= dict.fromkeys(
            contract.settle for used in setup.legs for name, contract, _ in used if name == one.name
        )
        for currency in list(settles)[:1]:
            coins = min(0.5 * vault.get(currency, 0.0), abs(one.balances.get(currency, 0.0)) + 0.01)
            if coins > 0.0:
                yield one.name, currency, coins


def with_gift(book: Book, account: str, currency: str, coins: float) -> Book:
    """The book with coins of the vault in a margin account."""
    accounts = []
    for one in book.accounts:
        sign = 1.0 if one.name == account else (-1.0 if one.name == "vault" else 0.0)
        held = one.balances.get(currency, 0.0) + sign * coins
        accounts.append(replace(one, balances=one.balances | {currency: held}) if sign else one)
    return replace(book, accounts=tuple(accounts))
