"""Coins to move to or from a margin group so that the post-trade book stands safely.

A top-up is due when the target book would be above the last leverage of the band or outside
the limits; it goes to the third. Coins are released when the post-trade book is below the
first, down to the second, and never while an order or a transfer is pending.
"""

from volsculpt.book.group import at as value_at
from volsculpt.book.group import (
    excess_terms,
    group_equity,
    group_gross,
    power,
)
from volsculpt.book.state import SLOT_FREE, Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.decide.rules import (
    BY_DISTANCE,
    BY_FREE_COINS,
    BY_LEVERAGE,
    NO_EQUITY,
    SOURCES_SHORT,
    WAITS,
    Answer,
    Rules,
    Work,
)

SAFELY = 1.02  # coins kept beyond the limit, so that a release is not undone at once


@compilable
def unit_of_coin(layout: Layout, quote: Quote, rules: Rules, group: int) -> float:
    """The group's units that one moved coin adds: 1, or weighted USD when unified."""
    if layout.group_currency[group] >= 0:
        return 1.0
    currency = rules.move_currency[group]
    weight = layout.group_weight[group * layout.currencies + currency]
    return quote.index_usd[currency] * weight


@compilable
def source_coins(rules: Rules, work: Work, group: int) -> float:
    """Coins left in a group's sources by the goal book, less the cost of a transfer each."""
    total = 0.0
    for slot in range(rules.source_from[group], rules.source_to[group]):
        free = work.goal.wallet[rules.source_wallet[slot]] - rules.transfer_cost[group]
        total += max(0.0, free)
    return total


@compilable
def share_sources(rules: Rules, group: int, other: int) -> int:
    """1 when two groups draw on a common wallet."""
    for slot in range(rules.source_from[group], rules.source_to[group]):
        for theirs in range(rules.source_from[other], rules.source_to[other]):
            if rules.source_wallet[slot] == rules.source_wallet[theirs]:
                return 1
    return 0


@compilable
def movable(
    layout: Layout, state: State, quote: Quote, rules: Rules, work: Work, group: int
) -> float:
    """Units that can still reach a group: on their way, or in sources others left alone."""
    coins = source_coins(rules, work, group)
    for other in range(rules.groups):
        if other != group and share_sources(rules, group, other) == 1:
            coins -= work.reserved[other]
    coins = max(0.0, coins) + state.incoming[group]
    return coins * unit_of_coin(layout, quote, rules, group)


@compilable
def coins_lacking(
    layout: Layout, state: State, quote: Quote, rules: Rules, work: Work, group: int
) -> tuple[float, int]:
    """(coins to add, code of what asks for them) for the goal book; 0 when it stands safely.

    Worked: target 2.948718 BTC of short on 0.448718 BTC of equity, band to 3x: 0.534188.
    """
    unit = unit_of_coin(layout, quote, rules, group)
    equity = group_equity(layout, work.goal, quote, group)
    gross = group_gross(layout, work.goal, quote, group)
    if gross <= 0.0:
        return 0.0, 0
    lacking = 0.0
    code = 0
    unposted = free_lacking(layout, state, work, group)
    if unposted < 0.0:
        equity += state.incoming[group] * unit
    if gross > rules.band_last[group] * equity:
        lacking = gross / rules.band_third[group] - equity
        code = BY_LEVERAGE
    if rules.max_leverage > 0.0 and gross > rules.max_leverage * equity:
        lacking = max(lacking, gross / rules.max_leverage - equity)
        code = BY_LEVERAGE
    if rules.min_distance > 0.0:
        short = distance_lacking(layout, state, quote, rules, work, group, 1.0)
        short = max(short, distance_lacking(layout, state, quote, rules, work, group, -1.0))
        if short > lacking:
            lacking = short
            code = BY_DISTANCE
    if unposted > 0.0:
        return lacking / unit + unposted, code if code != 0 else BY_FREE_COINS
    return lacking / unit, code


@compilable
def free_lacking(layout: Layout, state: State, work: Work, group: int) -> float:
    """Coins an isolated goal must post beyond what its account has free; -1.0 when not isolated.

    Worked: 0.1 free, 0.2 on their way, 0.5 to post: 0.2.
    """
    legs = layout.legs
    for leg in range(legs.rows):
        if legs.group[leg] == group and legs.free_wallet[leg] >= 0:
            left = work.goal.wallet[legs.free_wallet[leg]] + state.incoming[group]
            return max(0.0, -left)
    return -1.0


@compilable
def distance_lacking(
    layout: Layout,
    state: State,
    quote: Quote,
    rules: Rules,
    work: Work,
    group: int,
    direction: float,
) -> float:
    """Units the goal book lacks to survive a move by min_liquidation_distance."""
    factor = 1.0 + direction * rules.min_distance
    if factor <= 0.0:
        return 0.0
    terms = excess_terms(layout, work.goal, quote, group, factor, -1, 1)
    moved = power(factor, layout.moves[rules.move_currency[group]])
    on_way = state.incoming[group] * unit_of_coin(layout, quote, rules, group)
    return max(0.0, -value_at(terms, factor) / moved - on_way)


@compilable
def reserve(
    layout: Layout, state: State, quote: Quote, rules: Rules, work: Work, group: int
) -> None:
    """Note the coins a group's goal will draw, so that other groups do not count on them."""
    if rules.planned[group] == 1:
        lacking, _ = coins_lacking(layout, state, quote, rules, work, group)
        work.reserved[group] = min(lacking, source_coins(rules, work, group))


@compilable
def top_up(
    layout: Layout,
    state: State,
    quote: Quote,
    rules: Rules,
    work: Work,
    answer: Answer,
    group: int,
) -> None:
    """Write the coins to add for the goal book, limited by what the sources hold."""
    lacking, code = coins_lacking(layout, state, quote, rules, work, group)
    if lacking <= 0.0:
        return
    unit = unit_of_coin(layout, quote, rules, group)
    can = movable(layout, state, quote, rules, work, group) / unit - state.incoming[group]
    answer.group_code[group] += code
    answer.top_up[group] = min(lacking, max(0.0, can))
    if answer.top_up[group] < lacking * (1.0 - 1e-12):
        answer.group_code[group] += SOURCES_SHORT
        answer.lacking[group] = lacking - answer.top_up[group]


@compilable
def is_pending(layout: Layout, state: State, answer: Answer, group: int) -> int:
    """1 while an order or a transfer of the group is on its way or about to be."""
    if state.incoming[group] != 0.0 or answer.top_up[group] != 0.0:
        return 1
    for leg in range(layout.legs.rows):
        if layout.legs.group[leg] == group:
            if state.slot[leg] != SLOT_FREE or answer.trade[leg] != 0.0:
                return 1
    return 0


@compilable
def release(
    layout: Layout,
    state: State,
    quote: Quote,
    rules: Rules,
    work: Work,
    answer: Answer,
    group: int,
    target_gross: float,
) -> None:
    """Write the coins to take out of a group that stands below the first leverage.

    target_gross: |value| of the target book; coins it will need stay.
    """
    unit = unit_of_coin(layout, quote, rules, group)
    equity = group_equity(layout, work.goal, quote, group)
    gross = max(target_gross, group_gross(layout, work.goal, quote, group))
    if equity <= 0.0:
        answer.group_code[group] += NO_EQUITY
        return
    if gross >= rules.band_first[group] * equity:
        return
    spare = equity - gross / rules.band_second[group]
    if rules.max_leverage > 0.0:
        spare = min(spare, equity - gross / rules.max_leverage * SAFELY)
    if rules.min_distance > 0.0:
        for side in range(2):
            factor = 1.0 + rules.min_distance * (1.0 - 2.0 * side)
            if factor > 0.0:
                terms = excess_terms(layout, work.goal, quote, group, factor, -1, 1)
                moved = power(factor, layout.moves[rules.move_currency[group]])
                spare = min(spare, value_at(terms, factor) / moved)
    coins = min(spare / unit, wallet_coins(layout, state, rules, group))
    if coins <= rules.transfer_cost[group]:
        return
    if is_pending(layout, state, answer, group) == 1:
        answer.group_code[group] += WAITS
        return
    answer.top_up[group] = -coins


@compilable
def wallet_coins(layout: Layout, state: State, rules: Rules, group: int) -> float:
    """Coins of the moving currency in a group's wallets; profit not booked cannot leave."""
    total = 0.0
    for wallet in range(layout.wallets):
        if layout.wallet_group[wallet] == group and layout.wallet_wrapped[wallet] == 0:
            if layout.wallet_currency[wallet] == rules.move_currency[group]:
                total += state.wallet[wallet]
    return max(0.0, total)
