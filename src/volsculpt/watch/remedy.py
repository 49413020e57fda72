"""What ends a danger: judged in the book in which the plan's own orders and coins are done.

What is told beside them is tried: a closed contract that the next decision would trade back is told
with the limit that keeps it closed, and coins are enough for what that decision adds to them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from volsculpt.book.breaches import Breaches
from volsculpt.book.posting import group_wallet, isolated_leg
from volsculpt.book.state import State, copy_state
from volsculpt.decide.collateral import unit_of_coin
from volsculpt.decide.step import Decision
from volsculpt.watch.breach import MarginStatus, main_leg, margin_status
from volsculpt.watch.coins import FreeCoins, in_coins_that_count, safe_leverage
from volsculpt.watch.cure import (
    NOISE,
    close,
    closings_that_end,
    coins_that_end,
    margin_status_of,
    with_coins,
)
from volsculpt.watch.filled import arrived, filled
from volsculpt.watch.later import on_book
from volsculpt.watch.level import DangerLevel, level_of

MOST_TURNS = 10  # coins that are added ask for contracts, and those for coins
LOOKS = 3  # of the decisions after contracts are closed: coins that move come before orders


@dataclass(frozen=True, slots=True)
class Danger:
    """A danger before its words: of which stage, and how the group stands then.

    mended: the orders of this very decision leave it safe.
    """

    level: DangerLevel
    stage: Literal["now", "after_orders"]
    found: MarginStatus
    mended: bool = False

    @property
    def rank(self) -> tuple[bool, float]:
        """The worst first."""
        breach = self.found.breach
        return self.level != "critical", abs(breach.move) if breach is not None else 0.0


@dataclass(frozen=True, slots=True)
class Remedy:
    """What ends a danger.

    coins, leverage: what brings it there as it stands. add: what has to be brought once the plan's
    own orders and moves are done. moved: what those moves bring; by_orders, by_posts: its orders
    are needed too, or coins of the account itself. free: coins by account that may come. closes:
    contracts by leg to close instead of adding, for which max_leverage must be `limit`, or the
    next plan trades them back; None: it does not. decision: in a currency that counts in the group.
    """

    decision: Decision
    danger: Danger
    coins: float
    leverage: float
    add: float
    moved: float
    by_orders: bool
    by_posts: bool
    free: Mapping[str, float]
    closes: Mapping[int, float]
    limit: float | None = None

    @property
    def group(self) -> int:
        """The row of its group."""
        return self.danger.found.row

    @property
    def is_of_plan(self) -> bool:
        """Whether the plan's own orders and moves end it, and nothing beside them is needed."""
        does = self.moved > 0.0 or self.by_orders or self.by_posts
        return self.danger.mended or (self.add <= 0.0 and does)


def remedies_of(decision: Decision, after: State, dangers: Sequence[Danger]) -> list[Remedy]:
    """What ends each danger, in their order. after: the book once the orders fill."""
    if not dangers:
        return []
    then = arrived(decision, after)
    free = _Free(decision, then)
    posts = _posts(decision, then, dangers)
    found = [_alone(decision, (after, then), one, posts) for one in dangers]
    found = _enough(decision, then, found)
    found = [_with_closings(then, replace(one, free=free.taken_by(one))) for one in found]
    return _kept_closed(decision, then, found)


# --- coins ----------------------------------------------------------------------------


def _alone(
    decision: Decision, books: tuple[State, State], danger: Danger, posts: Mapping[int, float]
) -> Remedy:
    """The coins that end one danger, beside nothing but what the plan does itself.

    Args: books: once the orders fill, and once its coins have moved too; posts: as `_posts` finds
    them.
    """
    found, (after, then) = danger.found, books
    decision = in_coins_that_count(decision, found.row)
    now, is_late = decision.flat.state, danger.stage == "after_orders"
    state = (after if is_late else now)._replace(incoming=now.incoming)
    moved = max(0.0, decision.answer.top_up[found.row])
    legs, wallets = decision.flat.legs_of(found.row), decision.flat.wallets_of(found.row)
    traded = any(after.contracts[leg] != now.contracts[leg] for leg in legs)
    posted = not traded and any(after.wallet[row] != now.wallet[row] for row in wallets)
    coins = coins_that_end(decision, state, found, danger.level) or 0.0
    add = 0.0 if danger.mended else coins
    if not danger.mended and (moved > 0.0 or traded or posted):
        add = _beyond(decision, then, danger, posts.get(found.row, 0.0))
    by_moves = moved > 0.0 and level_of(decision, with_coins(decision, state, found, moved)) is None
    helps = not is_late and not by_moves and (danger.mended or add < coins)
    reached = with_coins(decision, state, found, coins).leverage
    return Remedy(
        decision=decision,
        danger=danger,
        coins=coins,
        leverage=round(reached or safe_leverage(decision, found.row), 9),
        add=add,
        moved=moved,
        by_orders=traded and helps,
        by_posts=posted and helps,
        free={},
        closes={},
    )


def _beyond(decision: Decision, then: State, danger: Danger, posts: float) -> float:
    """Coins that end a danger in a book: none where it is over there.

    Args: decision: in a currency that counts; then: with the plan's orders and moves done; posts:
    coins that an isolated position is posted there next.
    """
    then = then._replace(incoming=decision.flat.state.incoming)
    stands = margin_status_of(decision, then, danger.found)
    if level_of(decision, with_coins(decision, then, stands, posts)) is None:
        return 0.0
    more = (coins_that_end(decision, then, stands, danger.level) or 0.0) - posts
    unit = unit_of_coin(
        decision.flat.layout, decision.quoted.quote, decision.rules, danger.found.row
    )
    return more if more * unit > NOISE * danger.found.gross else 0.0


def _posts(decision: Decision, then: State, dangers: Sequence[Danger]) -> dict[int, float]:
    """Coins by group that isolated positions are posted once those on their way have arrived.

    Args: decision: that sends them; then: the book with them; dangers: whose groups are asked for.
    """
    top_up, layout = decision.answer.top_up, decision.flat.layout
    groups = [one.found.row for one in dangers if top_up[one.found.row] > 0.0]
    if all(isolated_leg(layout, group) < 0 for group in groups):
        return {}
    answer = on_book(decision, then).answer
    return {
        group: max(0.0, answer.post[group]) for group in groups if isolated_leg(layout, group) >= 0
    }


def _enough(decision: Decision, then: State, found: list[Remedy]) -> list[Remedy]:
    """Remedies with coins for what the next decision trades once they are there.

    Worked: at a ratio of 1 each coin that is bought is sold forward, and needs a third of itself.

    Args: then: the book with the plan's own orders and moves done; found: each for itself.
    """
    dangers, first = [one.danger for one in found], found
    for _ in range(MOST_TURNS):
        if not any(one.add > 0.0 for one in found):
            return found
        late, book = _next(decision, with_added(decision, then, found))
        posts = _posts(late, book, dangers)
        more = [
            _beyond(one.decision, book, one.danger, posts.get(one.group, 0.0))
            if one.add > 0.0
            else 0.0
            for one in found
        ]
        if not any(more):
            return found
        found = [replace(one, add=one.add + lack) for one, lack in zip(found, more, strict=True)]
    return first  # each coin asks for more than one: no number of them is enough


def _next(decision: Decision, book: State) -> tuple[Decision, State]:
    """The next decision on a book at the prices of now, and what it leads to."""
    late = on_book(decision, book)
    return late, arrived(late, filled(late))


def with_added(decision: Decision, then: State, found: Sequence[Remedy]) -> State:
    """A book once the coins told are there: from accounts that have them, the rest from outside.

    Args: then: with the plan's own orders and moves done; found: what is told.
    """
    book, layout, free = copy_state(then), decision.flat.layout, _Free(decision, then)
    for one in found:
        currency, left, there = (
            one.decision.rules.move_currency[one.group],
            one.add,
            free.taken_by(one),
        )
        for row, label in enumerate(decision.flat.wallets):
            matches = label.account in there and layout.wallet_currency[row] == currency
            if matches and not label.is_kept and not label.in_transit:
                given = min(left, there[label.account], max(0.0, book.wallet[row]))
                book.wallet[row] -= given
                left -= given
        leg = isolated_leg(layout, one.group)
        wallet = group_wallet(layout, one.group, currency)
        wallet = layout.legs.posted_wallet[leg] if leg >= 0 else wallet
        if wallet >= 0:
            book.wallet[wallet] += one.add
        else:
            book.others_coins[one.group * layout.currencies + currency] += one.add
    return book


class _Free:
    """Coins that may come to groups now and after a plan, each told to one danger only."""

    def __init__(self, decision: Decision, then: State) -> None:
        """then: the book once the orders fill and coins have moved."""
        self._there = FreeCoins(decision, decision.flat.state, then)
        self._taken: dict[tuple[str, int], float] = {}

    def taken_by(self, one: Remedy) -> dict[str, float]:
        """Coins by account that may come to a group beside other remedies; it takes its own."""
        free, left = dict[str, float](), one.add
        currency = one.decision.rules.move_currency[one.group]
        for account, held in self._there.elsewhere(one.decision, one.group).items():
            taken = self._taken.get((account, currency), 0.0)
            if held > taken:
                free[account] = held - taken
                self._taken[account, currency] = taken + min(left, free[account])
                left -= min(left, free[account])
        return free


# --- contracts ------------------------------------------------------------------------


def _with_closings(then: State, one: Remedy) -> Remedy:
    """A remedy with what to close instead, where coins are not there or do not help.

    then: the book with the plan's own orders and moves done.
    """
    has_coins = one.add > 0.0 and sum(one.free.values()) >= one.add
    if one.danger.stage == "after_orders" or one.is_of_plan or has_coins:
        return one
    then = then._replace(incoming=one.decision.flat.state.incoming)
    stands = margin_status_of(one.decision, then, one.danger.found)
    return replace(one, closes=closings_that_end(one.decision, then, stands, one.danger.level))


def _kept_closed(decision: Decision, then: State, found: list[Remedy]) -> list[Remedy]:
    """Remedies whose closings the next decision leaves alone: with a limit, or else without any.

    Args: then: the book with the plan's own orders and moves done; found: with what to close.
    """
    if not any(one.closes for one in found):
        return found
    book = with_added(decision, then, [one for one in found if not one.closes])
    for one in found:
        close(decision, book, one.closes)
    undone = _undone(decision, book, found)
    if not any(undone):
        return found
    limit = min(
        safe_leverage(one.decision, one.group)
        for one, bad in zip(found, undone, strict=True)
        if bad
    )
    still = _undone(_limited(decision, limit), book, found)
    return [
        one if not bad else replace(one, closes={}) if worse else replace(one, limit=limit)
        for one, bad, worse in zip(found, undone, still, strict=True)
    ]


def _undone(decision: Decision, book: State, found: Sequence[Remedy]) -> list[bool]:
    """Whether the next decision trades back what each remedy closes, or brings danger with it.

    Args: book: with all of it closed; found: the remedies.
    """
    undone, helpless = (
        set[int](),
        {one.group for one in found if not (one.is_of_plan or one.add > 0.0 or one.closes)},
    )
    for _ in range(LOOKS):
        late, led = _next(decision, book)
        undone |= _grown(decision, book, late) | (_dangerous(decision, led) - helpless)
        book = led
    own = {one.group for one in found if one.closes}
    elsewhere = bool(undone & (_dangerous(decision, book) - helpless - own))
    return [bool(one.closes) and (elsewhere or one.group in undone) for one in found]


def _grown(decision: Decision, book: State, late: Decision) -> set[int]:
    """Groups in which a decision adds to a position. Args: book: that it is made on."""
    return {
        decision.flat.layout.legs.group[leg]
        for leg, size in enumerate(late.answer.trade)
        if abs(book.contracts[leg] + size) > abs(book.contracts[leg])
    }


def _dangerous(decision: Decision, book: State) -> set[int]:
    """Groups of a book in danger."""
    flat, quote = decision.flat, decision.quoted.quote
    breaches = Breaches(flat, book, quote)
    return {
        group
        for group in range(flat.layout.groups)
        if level_of(decision, margin_status(breaches, group, main_leg(flat, (book,), quote, group)))
        is not None
    }


def _limited(decision: Decision, leverage: float) -> Decision:
    """A decision whose mandate states a max_leverage."""
    limits = replace(decision.setup.limits, max_leverage=leverage)
    rules = decision.rules._replace(max_leverage=leverage)
    return replace(decision, rules=rules, setup=replace(decision.setup, limits=limits))
