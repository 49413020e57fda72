"""Sending what was decided: orders get a due step, coins leave their wallets."""

from volsculpt.book.posting import group_wallet, isolated_leg, lose_bonus
from volsculpt.book.state import SLOT_BUSY, Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.decide.rules import Answer, Rules
from volsculpt.exchange.cancel import BY_DECISION, cancel
from volsculpt.exchange.events import ORDERED, POSTED, SENT, add_coded, add_event
from volsculpt.exchange.rows import NOT_DUE, Exchange


@compilable
def place(at: Exchange, quote: Quote, rules: Rules, answer: Answer, step: int) -> None:
    """Put an answer into effect at the end of `step`: cancels, orders, transfers.

    Args: at: written; step: its number.
    """
    layout, state, pending, terms, page = at.layout, at.state, at.pending, at.terms, at.page
    for leg in range(rules.legs):
        if answer.cancel[leg] == 1:
            cancel(state, pending, page, leg, BY_DECISION)
        if answer.trade[leg] != 0.0:
            pending.order[leg] = answer.trade[leg]
            pending.order_due[leg] = step + 1 + terms.order_delay
            state.working[leg] = answer.trade[leg]
            state.slot[leg] = SLOT_BUSY
            add_coded(page, ORDERED, leg, answer.leg_code[leg], answer.trade[leg], 0.0)
    for group in range(rules.groups):
        posted = post_own(layout, state, answer, group)
        if posted != 0.0:
            add_event(page, POSTED, group, posted, 0.0, 0.0)
        if pending.transfer_due[group] != NOT_DUE:
            continue  # one transfer of a group at a time: the next is decided once it has arrived
        if answer.top_up[group] > 0.0:
            send_in(at, quote, rules, answer, group, step)
        elif answer.top_up[group] < 0.0:
            send_out(at, quote, rules, answer, group, step)


@compilable
def post_own(layout: Layout, state: State, answer: Answer, group: int) -> float:
    """Post free coins of an isolated position's own account, or free posted ones: at once, free.

    Worked: 0.05 of 0.3 free coins posted: 0.25 free.

    Args: group: its row. Writes its wallets in `state`; returns the coins posted, - freed.
    """
    leg = isolated_leg(layout, group)
    if leg < 0:
        return 0.0
    posted, free = layout.legs.posted_wallet[leg], layout.legs.free_wallet[leg]
    coins = min(answer.post[group], max(0.0, state.wallet[free]))
    coins = max(coins, -state.wallet[posted])
    state.wallet[posted] += coins
    state.wallet[free] -= coins
    return coins


@compilable
def send_in(
    at: Exchange, quote: Quote, rules: Rules, answer: Answer, group: int, step: int
) -> None:
    """Take a top-up from the sources in order, each transfer at its cost.

    Args: at: written; group: its row; step: the number of the one that ends.
    """
    state, pending, terms = at.state, at.pending, at.terms
    left, sent = answer.top_up[group], 0.0
    cost = terms.transfer_cost[group]
    price = quote.index_usd[terms.move_currency[group]]
    for slot in range(rules.source_from[group], rules.source_to[group]):
        wallet = rules.source_wallet[slot]
        coins = min(left, state.wallet[wallet] - cost)
        if coins > 0.0:
            state.wallet[wallet] -= coins + cost
            state.wallet[terms.transit_wallet[group]] += coins
            add_event(at.page, SENT, slot, coins, price, -cost * price)
            left -= coins
            sent += coins
    if sent > 0.0:
        pending.transfer[group] += sent
        pending.transfer_due[group] = step + 1 + terms.transfer_delay[group]
        state.incoming[group] += sent


@compilable
def send_out(
    at: Exchange, quote: Quote, rules: Rules, answer: Answer, group: int, step: int
) -> None:
    """Release coins to the first source; the cost comes out of what leaves, a bonus is lost.

    Args: at: written; group: its row; step: the number of the one that ends.
    """
    layout, state, pending, terms = at.layout, at.state, at.pending, at.terms
    if rules.source_to[group] == rules.source_from[group]:
        return
    coins = -answer.top_up[group]
    cost, slot = terms.transfer_cost[group], rules.source_from[group]
    price = quote.index_usd[terms.move_currency[group]]
    wallet = group_wallet(layout, group, terms.move_currency[group])
    lose_bonus(layout, state, group)
    state.wallet[wallet] -= coins
    state.wallet[terms.transit_wallet[group]] += coins - cost
    add_event(at.page, SENT, slot, -(coins - cost), price, -cost * price)
    pending.transfer[group] = -(coins - cost)
    pending.transfer_due[group] = step + 1 + terms.transfer_delay[group]
    pending.transfer_wallet[group] = rules.source_wallet[slot]
    state.incoming[group] = -(coins - cost)
