"""The keeper of collateral: from coins that `act` wants moved to transfers between accounts. Pure.

Which source gives how much is the exchange's own arithmetic, run on a copy of the book. Nothing
moves while anything about the group is unknown, or while a transfer of it is under way.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from volsculpt.book.flatten import Flat
from volsculpt.book.posting import group_wallet, isolated_leg
from volsculpt.book.state import SLOT_BUSY, SLOT_FREE, State, copy_state
from volsculpt.decide.rules import SOURCES_SHORT
from volsculpt.decide.step import Decision
from volsculpt.exchange.events import new_page
from volsculpt.exchange.place import post_own, send_in, send_out
from volsculpt.exchange.rows import Exchange, Terms, new_pending
from volsculpt.ledger.books import Books
from volsculpt.text import coins
from volsculpt.trade.observe.observed import Alert
from volsculpt.watch.coins import rounded_up
from volsculpt.watch.withdrawals import kept_words

SMALL = 1e-12


@dataclass(frozen=True, slots=True)
class PlannedTransfer:
    """Coins to move: what arrives, and what it costs besides.

    An isolated position's margin is the place "account|symbol" of its own account.
    """

    source: str
    target: str
    currency: str
    coins: float
    cost: float

    @property
    def is_inside(self) -> bool:
        """Whether it stays within one account."""
        return self.source.partition("|")[0] == self.target.partition("|")[0]


def moves_of(decision: Decision, books: Books) -> list[PlannedTransfer]:
    """The transfers that a decision asks for and that may begin now."""
    found: list[PlannedTransfer] = []
    for group, label in enumerate(decision.flat.groups):
        if not _is_observed(decision, group):
            continue
        moves = list(_posted(decision, group))
        if decision.answer.top_up[group] > 0.0:
            moves += _sent_in(decision, group)
        elif decision.answer.top_up[group] < 0.0:
            moves += _sent_out(decision, group)
        busy = _is_under_way(books, label.account, _moving(decision, group))
        found += [one for one in moves if one.is_inside or not busy]
    return found


def warnings_of(decision: Decision) -> list[Alert]:
    """What a person should know of collateral: sources that do not hold what a group needs."""
    found = []
    for group, label in enumerate(decision.flat.groups):
        if decision.answer.group_code[group] & SOURCES_SHORT:
            lacking = coins(rounded_up(decision.answer.lacking[group]))
            coin, kept = _moving(decision, group), kept_words(decision, group)
            text = (
                f"{label.account}: its collateral lacks {lacking} {coin}, which its sources "
                f"do not hold; the hedge stays smaller until it is there{kept}"
            )
            found.append(Alert(f"collateral:{label.account}|{label.group}", "warning", text))
    return found


def _moving(decision: Decision, group: int) -> str:
    """The currency that moves to and from a group: of a unified one it is not what it counts in."""
    return decision.flat.currencies[decision.rules.move_currency[group]]


def _is_observed(decision: Decision, group: int) -> bool:
    """Whether all that sizes a transfer is known: its coin, and every leg of its group."""
    state, legs = decision.flat.state, decision.flat.layout.legs
    if state.known[decision.rules.move_currency[group]] == 0:
        return False
    own = [leg for leg in range(legs.rows) if legs.group[leg] == group]
    coins = {legs.base[leg] for leg in own}
    return all(state.slot[leg] in (SLOT_FREE, SLOT_BUSY) for leg in own) and all(
        state.known[coin] == 1 for coin in coins
    )


def _is_under_way(books: Books, account: str, currency: str) -> bool:
    """Whether a transfer to or from an account has not ended yet."""
    return any(
        one.currency == currency and account in (one.source, one.target)
        for one in (booked.noted for booked in books.transfers.values() if booked.alive)
    )


def _terms(decision: Decision, transit: int) -> Terms:
    """What the arithmetic of a transfer reads; the rest is never looked at."""
    legs, groups = len(decision.flat.legs), len(decision.flat.groups)
    none = [0.0] * legs
    return Terms(
        taker=none,
        half_spread=none,
        slippage=none,
        liquidation_fee=none,
        delivery_fee=none,
        order_delay=0,
        transfer_delay=[0] * groups,
        transfer_cost=list(decision.rules.transfer_cost),
        transit_wallet=[transit] * groups,
        move_currency=list(decision.rules.move_currency),
    )


def _after(decision: Decision, group: int, is_in: bool) -> State:
    """The book once the coins of a group have left; a last wallet holds what is on its way."""
    flat = decision.flat
    state = copy_state(flat.state)
    state.wallet.append(0.0)
    pending = new_pending(flat.layout)
    page = new_page(0, 0, 0, len(decision.rules.source_wallet), 0)
    terms, quote = _terms(decision, len(flat.wallets)), decision.quoted.quote
    send = send_in if is_in else send_out
    at = Exchange(flat.layout, state, pending, terms, page)
    send(at, quote, decision.rules, decision.answer, group, 0)
    return state


def _inside(flat: Flat, leg: int) -> str:
    """The place of an isolated position's margin."""
    account, contract = flat.legs[leg]
    return f"{account}|{contract.symbol}"


def _posted(decision: Decision, group: int) -> Iterator[PlannedTransfer]:
    """Coins of an isolated account to and from the margin of its position."""
    flat, after = decision.flat, copy_state(decision.flat.state)
    leg = isolated_leg(flat.layout, group)
    if leg < 0 or decision.answer.post[group] == 0.0:
        return
    post_own(flat.layout, after, decision.answer, group)
    row, (account, contract) = flat.layout.legs.posted_wallet[leg], flat.legs[leg]
    coins = after.wallet[row] - flat.state.wallet[row]
    ends = (account, _inside(flat, leg)) if coins > 0.0 else (_inside(flat, leg), account)
    if abs(coins) > SMALL:
        yield PlannedTransfer(*ends, contract.settle, abs(coins), 0.0)


def _sent_in(decision: Decision, group: int) -> Iterator[PlannedTransfer]:
    """Top-ups: what each source gives."""
    flat, rules = decision.flat, decision.rules
    after, cost = _after(decision, group, is_in=True), rules.transfer_cost[group]
    label = flat.groups[group]
    for slot in range(rules.source_from[group], rules.source_to[group]):
        row = rules.source_wallet[slot]
        gone, wallet = flat.state.wallet[row] - after.wallet[row], flat.wallets[row]
        if gone <= SMALL:
            continue
        yield PlannedTransfer(wallet.account, label.account, wallet.asset, gone - cost, cost)


def _sent_out(decision: Decision, group: int) -> Iterator[PlannedTransfer]:
    """A release: to the first source, its cost out of what leaves."""
    flat, rules = decision.flat, decision.rules
    if rules.source_to[group] == rules.source_from[group]:
        return
    after, cost = _after(decision, group, is_in=False), rules.transfer_cost[group]
    account = flat.groups[group].account
    row = group_wallet(flat.layout, group, rules.move_currency[group])
    target = flat.wallets[rules.source_wallet[rules.source_from[group]]]
    gone = flat.state.wallet[row] - after.wallet[row]
    yield PlannedTransfer(account, target.account, target.asset, gone - cost, cost)
