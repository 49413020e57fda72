"""What a venue does between two decisions, always in the same order.

1 delivery and funding at t on what was held just before t; 2 dated flows, and transfers that take
no time; 3 fills of orders due, at the open; 4 liquidation inside the step on the marks' highs and
lows; 5 transfers due by the end of the step, which the decision there sees. Deciding, the sixth
part, belongs to the caller.
"""

from volsculpt.book.exposure import leg_pnl, others_pnl, venue_contracts
from volsculpt.book.fill import book_trade, fill, fill_price
from volsculpt.book.group import group_gross
from volsculpt.book.posting import cover_free, group_wallet, lose_bonus
from volsculpt.book.state import Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.contracts.costs import fee
from volsculpt.contracts.funding import cash_flow
from volsculpt.contracts.orders import NO_MARGIN, TAKEN, judge_order
from volsculpt.contracts.payoff import delivery_pnl, value
from volsculpt.decide.margin_need import opening_short
from volsculpt.exchange.cancel import BY_DELIVERY, cancel, drop_order
from volsculpt.exchange.events import (
    ARRIVED,
    DELIVERED,
    FILLED,
    FLOWED,
    FUNDED,
    REFUSED,
    SETTLED,
    SWEPT,
    EventPage,
    add_charge,
    add_coded,
    add_event,
    add_trade,
)
from volsculpt.exchange.liquidate import excess_now, liquidate
from volsculpt.exchange.rows import NOT_DUE, Bar, Exchange, Step

ROUNDING = 1e-9  # of what is compared: nothing is refused for less


@compilable
def pay_leg(layout: Layout, state: State, leg: int, rate: float, mark: float) -> float:
    """Book one leg's funding at the stamp's mark; returns its coins, + received.

    It is of all that the venue holds there, and goes to the account whoever owns what.

    Args: leg: its row; rate: fraction of the value, + pays the short; mark: price, in quote.
    """
    legs = layout.legs
    held = value(legs.payoff[leg], venue_contracts(state, leg), legs.multiplier[leg], mark)
    coins = cash_flow(held, rate)
    state.wallet[legs.cash_wallet[leg]] += coins
    cover_free(layout, state, leg)
    return coins


@compilable
def is_funded(state: State, leg: int, rate: float) -> int:
    """1 when a leg pays or receives funding at a rate.

    Args: leg: its row; rate: fraction of the value.
    """
    return 1 if rate != 0.0 and venue_contracts(state, leg) != 0.0 else 0


@compilable
def pay_funding(layout: Layout, state: State, bar: Bar, opened: Quote, page: EventPage) -> None:
    """Funding at the stamp's mark on every leg held; a positive rate pays the short.

    Args: opened: prices at the stamp; state and page are written.
    """
    for leg in range(layout.legs.rows):
        if is_funded(state, leg, bar.funding[leg]) == 1:
            coins = pay_leg(layout, state, leg, bar.funding[leg], opened.mark[leg])
            usd = coins * opened.index_usd[layout.legs.settle[leg]]
            add_event(page, FUNDED, leg, coins, opened.mark[leg], usd)
            if coins > 0.0 and layout.legs.funding_wallet[leg] != layout.legs.cash_wallet[leg]:
                sweep(layout, state, opened, page, leg, coins)


@compilable
def sweep(
    layout: Layout, state: State, opened: Quote, page: EventPage, leg: int, coins: float
) -> None:
    """Funding received goes on to another wallet, at its cost, sold at the index if need be.

    Worked: 0.001 BTC at 50,000 into dollars at a cost of 0.2 %: 49.90 USD there, 0.10 lost.

    Args: opened: prices at the stamp; leg: its row; coins: of its settle currency, > 0.
    """
    legs = layout.legs
    wallet, price = legs.funding_wallet[leg], opened.index_usd[legs.settle[leg]]
    cost = coins * legs.sweep_cost[leg]
    there = layout.wallet_currency[wallet]
    state.wallet[legs.cash_wallet[leg]] -= coins
    lose_bonus(layout, state, legs.group[leg])
    if there == legs.settle[leg]:
        state.wallet[wallet] += coins - cost
    else:
        state.wallet[wallet] += (coins - cost) * price / opened.index_usd[there]
    add_event(page, SWEPT, leg, -cost, price, -cost * price)


@compilable
def deliver(at: Exchange, bar: Bar, opened: Quote) -> None:
    """Settle dated legs at their settlement price; orders on them end with them.

    The posted margin of an isolated one frees. Settlement against the last mark is basis.
    """
    layout, state, terms, page = at.layout, at.state, at.terms, at.page
    legs = layout.legs
    for leg in range(legs.rows):
        if bar.delivery[leg] == 0.0:
            continue
        cancel(state, at.pending, page, leg, BY_DELIVERY)
        settle_others(at, bar, opened, leg)
        free_posted(layout, state, leg)
        if state.contracts[leg] == 0.0:
            continue
        settled = value(
            legs.payoff[leg], state.contracts[leg], legs.multiplier[leg], bar.delivery[leg]
        )
        charge = fee(settled, terms.delivery_fee[leg])
        coins = delivery_pnl(
            legs.payoff[leg],
            state.contracts[leg],
            legs.multiplier[leg],
            state.cost[leg],
            bar.delivery[leg],
            terms.delivery_fee[leg],
        )
        usd = opened.index_usd[legs.settle[leg]]
        size, price, worth = state.contracts[leg], bar.delivery[leg], abs(settled) * usd
        against = (coins + charge - leg_pnl(layout, state, opened, leg)) * usd
        add_trade(page, DELIVERED, leg, -size, price, worth, against)
        add_charge(page, charge, usd)
        state.contracts[leg] = 0.0
        state.cost[leg] = 0.0
        state.wallet[legs.cash_wallet[leg]] += coins


@compilable
def settle_others(at: Exchange, bar: Bar, opened: Quote, leg: int) -> None:
    """What on a delivered leg is not own settles into the account too: coins that flow in or out.

    It pays what the fee of the whole is more than that of the owner's part.

    Args: bar: its settlement prices; opened: prices at the stamp; leg: its row.
    """
    layout, state, terms, page = at.layout, at.state, at.terms, at.page
    legs, price = layout.legs, bar.delivery[leg]
    own = value(legs.payoff[leg], state.contracts[leg], legs.multiplier[leg], price)
    whole = value(legs.payoff[leg], venue_contracts(state, leg), legs.multiplier[leg], price)
    rate = terms.delivery_fee[leg]
    coins = others_pnl(layout, state, leg, price) + fee(own, rate) - fee(whole, rate)
    state.wallet[legs.cash_wallet[leg]] += coins
    if coins != 0.0:
        add_event(page, SETTLED, leg, coins, price, coins * opened.index_usd[legs.settle[leg]])
    state.others[leg], state.others_cost[leg] = 0.0, 0.0


@compilable
def free_posted(layout: Layout, state: State, leg: int) -> None:
    """Give the margin posted to a leg that ends back to its account's free coins."""
    posted = layout.legs.posted_wallet[leg]
    if posted >= 0:
        state.wallet[layout.legs.cash_wallet[leg]] += state.wallet[posted]
        state.wallet[posted] = 0.0


@compilable
def arrive(at: Exchange, group: int, step: int) -> None:
    """Book a transfer that is due at the start of `step`; till then its coins are no margin."""
    layout, state, pending, terms = at.layout, at.state, at.pending, at.terms
    if pending.transfer_due[group] == NOT_DUE or pending.transfer_due[group] > step:
        return
    coins = pending.transfer[group]
    state.wallet[terms.transit_wallet[group]] -= abs(coins)
    if coins > 0.0:
        state.wallet[group_wallet(layout, group, terms.move_currency[group])] += coins
    else:
        state.wallet[pending.transfer_wallet[group]] -= coins
    add_event(at.page, ARRIVED, group, coins, 0.0, 0.0)
    state.incoming[group] = 0.0
    pending.transfer[group] = 0.0
    pending.transfer_due[group] = NOT_DUE


@compilable
def book_flows(layout: Layout, state: State, bar: Bar, opened: Quote, page: EventPage) -> None:
    """Deposits and withdrawals dated t, valued at the index of t; these take a bonus with them.

    Args: bar: its flows, coins, + in; opened: prices at the stamp.
    """
    for wallet in range(layout.wallets):
        if bar.flow[wallet] != 0.0:
            state.wallet[wallet] += bar.flow[wallet]
            if bar.flow[wallet] < 0.0 and layout.wallet_group[wallet] >= 0:
                lose_bonus(layout, state, layout.wallet_group[wallet])
            price = opened.index_usd[layout.wallet_currency[wallet]]
            add_event(page, FLOWED, wallet, bar.flow[wallet], price, bar.flow[wallet] * price)


@compilable
def fill_due(at: Exchange, bar: Bar, opened: Quote, leg: int, step: int) -> None:
    """Fill an order that is due at the open, worse by half the spread and the slippage.

    A venue refuses one that it does not take, or its margin does not carry; the order is gone
    then, and what happened says why.

    Args: opened: prices at the open; leg: its row; step: its number.
    """
    layout, state, pending, terms = at.layout, at.state, at.pending, at.terms
    if pending.order_due[leg] == NOT_DUE or pending.order_due[leg] > step:
        return
    legs = layout.legs
    size = pending.order[leg]
    mark = opened.mark[leg]
    price = fill_price(bar.trade[leg], size, terms.half_spread[leg] + terms.slippage[leg])
    usd = opened.index_usd[legs.settle[leg]]
    before = leg_pnl(layout, state, opened, leg) + own_coins(layout, state, leg)
    drop_order(state, pending, leg)
    there = venue_contracts(state, leg)
    why = judge_order(legs, leg, there, size, mark, legs.order_most[leg])
    if why == TAKEN and is_carried(layout, state, opened, leg, size, price, terms.taker[leg]) == 0:
        why = NO_MARGIN
    if why != TAKEN:
        add_coded(at.page, REFUSED, leg, why, size, price)
        return
    fill(layout, state, leg, size, price, terms.taker[leg])
    after = leg_pnl(layout, state, opened, leg) + own_coins(layout, state, leg)
    traded = value(legs.payoff[leg], size, legs.multiplier[leg], price)
    charge = fee(traded, terms.taker[leg])
    slipped = (after - before + charge) * usd
    add_trade(at.page, FILLED, leg, size, price, abs(traded) * usd, slipped)
    add_charge(at.page, charge, usd)


@compilable
def is_carried(
    layout: Layout, state: State, quote: Quote, leg: int, size: float, price: float, taker: float
) -> int:
    """0 when a venue would not open what an order adds to a position, else 1; changes nothing.

    Filled at the mark, as a decision judges it, the group has its initial margin, and an isolated
    one posts coins that are there; filled at its price it is not under maintenance at once.
    Worked: an account emptied by a liquidation: any new short is refused.

    Args: quote: prices of the moment; leg: its row; size: contracts, + buys; price: in quote;
    taker: fee, a fraction of |value|.
    """
    legs, there = layout.legs, venue_contracts(state, leg)
    if abs(there + size) <= abs(there):
        return 1
    group, cash, posted = legs.group[leg], legs.cash_wallet[leg], legs.posted_wallet[leg]
    held, cost, coins = state.contracts[leg], state.cost[leg], state.wallet[cash]
    margin = state.wallet[posted] if posted >= 0 else 0.0
    book_trade(layout, state, leg, size, quote.mark[leg], taker)
    slack = ROUNDING * group_gross(layout, state, quote, group)
    opens = 1 if opening_short(layout, state, quote, group) <= slack else 0
    if posted >= 0 and state.wallet[cash] < -ROUNDING * abs(coins):
        opens = 0  # margin posted out of coins that are not there
    put_back(layout, state, leg, held, cost, coins, margin)
    fill(layout, state, leg, size, price, taker)
    excess = excess_now(layout, state, quote, group)
    put_back(layout, state, leg, held, cost, coins, margin)
    return opens if excess >= 0.0 else 0


@compilable
def put_back(
    layout: Layout,
    state: State,
    leg: int,
    held: float,
    cost: float,
    coins: float,
    margin: float,
) -> None:
    """Make a leg what it was before a fill that was only tried.

    Args: leg: its row; held: signed contracts; cost: of them; coins: in its cash wallet, which of
    an isolated leg is its free coins; margin: posted, for an isolated leg.
    """
    legs = layout.legs
    state.contracts[leg], state.cost[leg] = held, cost
    state.wallet[legs.cash_wallet[leg]] = coins
    if legs.posted_wallet[leg] >= 0:
        state.wallet[legs.posted_wallet[leg]] = margin


@compilable
def own_coins(layout: Layout, state: State, leg: int) -> float:
    """Coins in the wallets a fill of this leg touches."""
    legs = layout.legs
    owned = state.wallet[legs.cash_wallet[leg]]
    if legs.posted_wallet[leg] >= 0:
        owned += state.wallet[legs.posted_wallet[leg]]
    return owned


@compilable
def advance(at: Exchange, bar: Bar, prices: Step, step: int, settled: int = 0) -> None:
    """One step of one account set; what happened is added to the page.

    Args: at: written; prices: around the step; step: its number; settled: 1 when the funding of
    this step is booked already, and nothing is delivered in it.
    """
    layout, state = at.layout, at.state
    opened = prices.opened
    if settled == 0:
        deliver(at, bar, opened)
        pay_funding(layout, state, bar, opened, at.page)
    book_flows(layout, state, bar, opened, at.page)
    for group in range(layout.groups):
        arrive(at, group, step)
    for leg in range(layout.legs.rows):
        fill_due(at, bar, opened, leg, step)
    for group in range(layout.groups):
        liquidate(at, bar, opened, prices.there, group)
    for group in range(layout.groups):
        arrive(at, group, step + 1)
