"""Laws that compare a decision with that on a book, or with limits, a little different."""

from collections.abc import Iterator
from dataclasses import replace

from tests.laws.bounds import EDGE, breaches, can_be_kept, holds_off, spare_of
from tests.laws.drawn import Drawn
from tests.laws.formulas import (
    Group,
    carriers_of,
    groups_of,
    initial_rate,
    lines_of,
    mark_at,
    target_coins,
)
from tests.laws.judge import (
    Broken,
    held_coins,
    held_on_side,
    largest_lot,
    legs_of_pool,
    limits_after,
    pools_of,
)
from tests.laws.rounds import book_after, moves_asked
from volsculpt.book.holdings import Book
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Decision, Setup


def tightened(setup: Setup) -> Iterator[tuple[str, Limits]]:
    """The limits with one of them tighter, or given where there was none.

    Without a max_leverage, a group with a collateral plan grows to the last leverage of its band:
    what is given there is no more than that.
    """
    limits = setup.limits
    lasts = [plan.leverage_band[3] for plan in setup.collateral]
    leverage = limits.max_leverage
    given = 0.7 * leverage if leverage else min([3.0, *lasts])
    yield "max_leverage", replace(limits, max_leverage=given)
    distance = limits.min_liquidation_distance or 0.2
    for further in (1.15 * distance, 1.0):
        if further > distance or limits.min_liquidation_distance is None:
            yield "distance", replace(limits, min_liquidation_distance=further)
    yield "max_ratio", replace(limits, max_ratio=0.8 * limits.max_ratio)


def in_one_order(drawn: Drawn) -> Drawn:
    """The same book without the largest order, whose slices take the legs in turn."""
    limits = replace(drawn.setup.limits, max_order_usd=None)
    return replace(drawn, setup=replace(drawn.setup, limits=limits))


def first_pools(setup: Setup) -> list[str]:
    """Pools that share no account with one before them, whose size cannot make room for theirs."""
    taken: set[str] = set()
    found = []
    for pool in pools_of(setup):
        accounts = {account for account, _ in legs_of_pool(setup, pool)}
        if not accounts & taken:
            found.append(pool)
        taken |= accounts
    return found


def is_mixed(book: Book, drawn: Drawn, pool: str) -> bool:
    """Whether a smaller ratio may rightly hold more: a long, or hedges that share their futures."""
    hedges = [
        row for row in range(len(drawn.setup.hedges)) if pool in carriers_of(drawn.setup, row)
    ]
    return len(hedges) > 1 or held_coins(book, drawn, legs_of_pool(drawn.setup, pool)) > 0.0


def hedged(book: Book, drawn: Drawn, first: Decision, pool: str) -> float:
    """Coins that a pool's legs hold on the side of its target; those on the other are none."""
    side = side_of(drawn, first, pool)
    return held_on_side(book, drawn, legs_of_pool(drawn.setup, pool), side)


def passed_on(drawn: Drawn, loose: Book, tight: Book, pool: str, side: float) -> float:
    """Coins that legs of a pool hold more where one that the owner names before them holds less.

    Legs of one group share its room, isolated ones the free coins of their account, and the first
    has them: where a limit takes them from that one, or too few coins reach its next tier of
    margin, another, which needs less of them for a coin, may hold more. An isolated one takes free
    coins only for what it grows by.
    """
    changes: dict[tuple[str, str], list[float]] = {}
    for account, one in legs_of_pool(drawn.setup, pool):
        start, before, now = (
            held_on_side(book, drawn, [(account, one)], side)
            for book in (drawn.setup.book, loose, tight)
        )
        mode = mode_in(tight, account)
        more = min(now - before, max(0.0, now - start)) if mode == "isolated" else now - before
        unit = "" if mode == "unified" else one.settle
        changes.setdefault((account, unit), []).append(more)
    return sum(max(0.0, sum(legs)) for legs in changes.values() if is_handed_down(legs))


def mode_in(book: Book, account: str) -> str | None:
    """The margin mode of an account; None of one that is not there."""
    owner = book.account(account)
    return owner.margin_mode if owner is not None else None


def is_handed_down(changes: list[float]) -> bool:
    """Whether the first of some changes that is none is a loss, and a gain comes after it."""
    changed = [one for one in changes if one]
    return bool(changed) and changed[0] < 0.0 < max(changed)


def climbs(drawn: Drawn, poorer: Book, richer: Book, pool: str) -> bool:
    """Whether a leg of a pool stands in a higher tier of initial margin in the richer book."""
    keys = {(account, one.key) for account, one in legs_of_pool(drawn.setup, pool)}
    low, high = (
        {
            (account, line.contract.key): initial_rate(
                line, mark_at(line.contract, drawn.quotes, 1.0)
            )
            for account, line in lines_of(book)
            if line.contract.margin is not None and line.contract.margin.kind == "tiers"
        }
        for book in (poorer, richer)
    )
    return any(high.get(key, 0.0) > low[key] for key in keys & low.keys())


def asks_for_more(drawn: Drawn, book: Book, limits: Limits, pool: str) -> bool:
    """Whether a group of a pool's legs passes limits that no smaller size of them keeps.

    More of a leg that offsets what no hedge trades may then be what keeps a limit, and where
    nothing keeps it the leg is left as it is.
    """
    for group, keys in groups_traded(drawn, book, pool):
        for words in breaches(drawn, group, limits, 1.0, spare_of(drawn, group)):
            if not can_be_kept(drawn, group, limits, words, keys):
                return True
    return False


def groups_traded(drawn: Drawn, book: Book, pool: str) -> Iterator[tuple[Group, set[str]]]:
    """Groups with legs of a pool, and the contracts that the pool trades in their accounts."""
    legs = legs_of_pool(drawn.setup, pool)
    for group in groups_of(book):
        keys = {one.key for account, one in legs if account == group.account}
        if keys & {line.contract.key for line in group.lines}:
            yield group, keys


def is_held_back(drawn: Drawn, decision: Decision, limits: Limits, pool: str) -> bool:
    """Whether a pool holds what it does because less would lose the distance of a group.

    Coins that the decision asks for are no help before they are there.
    """
    found = [
        one
        for moves in (moves_asked(decision), [])
        for one in groups_traded(drawn, book_after(decision, moves), pool)
    ]
    return any(holds_off(drawn, group, limits, keys) for group, keys in found)


def alone(drawn: Drawn, decision: Decision, pool: str) -> Decision:
    """A decision with the orders of one pool alone."""
    legs = {(account, one.key) for account, one in legs_of_pool(drawn.setup, pool)}
    rows = zip(decision.flat.legs, decision.answer.trade, strict=True)
    trade = [sent if (account, one.key) in legs else 0.0 for (account, one), sent in rows]
    return replace(decision, answer=decision.answer._replace(trade=trade))


def only_so_large(
    drawn: Drawn, first: Decision, second: Decision, limits: Limits, pool: str
) -> bool:
    """Whether a pool's orders keep the limits by themselves where those it had before do not.

    Within its band a hedge may stop anywhere up to its target: it goes further where more of it
    holds off what another hedge, sized after it, is about to close.
    """
    stands = [
        not any(
            any(breaches(drawn, group, limits, 1.0, spare_of(drawn, group)))
            for group, _ in groups_traded(drawn, book_after(alone(drawn, one, pool), []), pool)
        )
        for one in (first, second)
    ]
    return stands == [False, True]


def side_of(drawn: Drawn, first: Decision, pool: str) -> float:
    """The side of a pool's target; futures may be net long only where the owner says so."""
    target = target_coins(drawn.setup, pool, first.ratios, drawn.quotes)
    return 1.0 if target > 0.0 and drawn.setup.limits.min_ratio < 0.0 else -1.0


def tighter_is_less(drawn: Drawn, first: Decision, after: Book) -> Iterator[Broken]:
    """A tighter limit never makes a hedge hold more after its orders, from the same coins.

    And the orders under it keep it. What would lose a distance is not reduced, and so stays as
    large as it was.
    """
    setup = drawn.setup
    for name, limits in tightened(setup):
        second = drawn.decided(replace(setup, limits=limits))
        book = book_after(second, moves_asked(second))
        for broken in limits_after(drawn, second, book):
            yield Broken(f"{broken.law}, tighter {name}", broken.words)
        for pool in first_pools(setup):
            lot = largest_lot(drawn, legs_of_pool(setup, pool))
            loose, tight = (hedged(one, drawn, first, pool) for one in (after, book))
            if name == "max_ratio" and is_mixed(book, drawn, pool):
                continue
            if any(asks_for_more(drawn, one, limits, pool) for one in (after, book)):
                continue
            tight -= passed_on(drawn, after, book, pool, side_of(drawn, first, pool))
            if only_so_large(drawn, first, second, limits, pool):
                continue
            if is_held_back(drawn, second, limits, pool):
                loose = max(loose, hedged(setup.book, drawn, first, pool))
            if tight > loose + lot * 1.001 + EDGE * abs(loose):
                words = f"{pool}: {loose:.8g} coins, {tight:.8g} with {limits}"
                yield Broken(f"tighter {name}", words)


def more_is_not_less(drawn: Drawn, first: Decision, after: Book) -> Iterator[Broken]:
    """Coins moved from the vault to a margin account never make a hedge smaller.

    But where they let a leg past a step of its margin table that takes the room of the next
    (`climbs`, `passed_on`): 33.44 BTC in a tier of 10x and 5.3 beside it, or 34.7 in one of 5x.
    """
    setup = drawn.setup
    for account, currency, coins in gifts(setup, drawn):
        richer = replace(setup, book=with_gift(setup.book, account, currency, coins))
        decision = drawn.decided(richer)
        book = book_after(decision, moves_asked(decision))
        for pool in first_pools(setup):
            lot = largest_lot(drawn, legs_of_pool(setup, pool))
            less, more = (hedged(one, drawn, first, pool) for one in (after, book))
            if climbs(drawn, after, book, pool):
                less -= passed_on(drawn, book, after, pool, side_of(drawn, first, pool))
            if more < less - lot * 1.001 - EDGE * abs(less):
                if is_held_back(drawn, first, setup.limits, pool):
                    continue
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
