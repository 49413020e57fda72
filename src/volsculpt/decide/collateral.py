"""Coins to move to or from a margin group so that the book to come stands safely.

The book to come is what will be held once the coins asked for have arrived. It asks for coins
above the last leverage of the band or beyond a limit, to the third or within the limit by a
margin; it gives back below the first, to the second, and only what the same limits leave with
that margin again. Between asking and giving back lies a dead zone, so neither undoes the other.
"""

from volsculpt.book.exposure import leg_pnl, others_pnl
from volsculpt.book.group import group_equity, group_gross
from volsculpt.book.posting import group_wallet, isolated_leg, lose_coins
from volsculpt.book.state import Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.decide.goal import free_now, post_more, set_goal
from volsculpt.decide.margin_need import UNLIMITED, Within, is_lost, lacking
from volsculpt.decide.rules import (
    BY_DISTANCE,
    BY_FREE_COINS,
    BY_LEVERAGE,
    NO_EQUITY,
    OVER_LIMIT,
    SOURCES_SHORT,
    USELESS,
    Problem,
    Rules,
    Work,
)

MARGIN = 0.08  # of a group's |value|: kept beyond a limit by what is asked for and what is left
GIVE_BACK = 0.25  # of it: no coins leave while a limit is nearer than that
DUST = 1e-3  # of it: no smaller move is made, whatever it costs
SPECK = 1e-4  # of a group's equity: likewise
HALVINGS = 20  # a millionth of the coins looked for
SOURCE_NOISE = 1e-9  # of all such coins, and of those in its sources: likewise
EDGE = 1e-9  # of a group's |value|: what is posted up to a limit leaves no more on its wrong side


@compilable
def coin_equity(problem: Problem, book: State, group: int) -> float:
    """Coins of the moving currency that a unified group has, profit settled in it counted.

    A loss of contracts that are not own is owed by the same account.
    """
    layout, quote, rules = problem.layout, problem.quote, problem.rules
    currency, legs = rules.move_currency[group], layout.legs
    total = 0.0
    for wallet in range(layout.group_wallet_from[group], layout.group_wallet_to[group]):
        mine = layout.wallet_group[wallet] == group and layout.wallet_wrapped[wallet] == 0
        if mine and layout.wallet_currency[wallet] == currency:
            total += book.wallet[wallet]
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if legs.group[leg] == group and legs.settle[leg] == currency:
            total += leg_pnl(layout, book, quote, leg)
            total += others_pnl(layout, book, leg, quote.mark[leg])
    return total


@compilable
def unit_of_coin(layout: Layout, quote: Quote, rules: Rules, group: int) -> float:
    """The group's units that one moved coin adds: 1, or weighted USD when unified.

    Args: group: its row.
    """
    if layout.group_currency[group] >= 0:
        return 1.0
    currency = rules.move_currency[group]
    weight = layout.group_weight[group * layout.currencies + currency]
    return quote.index_usd[currency] * weight


@compilable
def coins_for(problem: Problem, book: State, group: int, units: float) -> float:
    """Coins that add units to a group; UNLIMITED where coins of that kind count nothing.

    In a unified account coins that pay off what is owed count in full, the rest at its weight.
    Worked: -0.1 BTC at 50,000, weight 0.9, 9,500 units: 0.1 + 4,500 / 45,000 = 0.2 BTC.

    Args: group: its row; units: of the group, the currency or US dollars, > 0.
    """
    layout, quote, rules = problem.layout, problem.quote, problem.rules
    unit = unit_of_coin(layout, quote, rules, group)
    if layout.group_currency[group] >= 0:
        return units
    price = quote.index_usd[rules.move_currency[group]]
    row = group * layout.currencies + rules.move_currency[group]
    lent = book.bonus[row] + book.others_coins[row]
    owed = max(0.0, -coin_equity(problem, book, group) - lent)
    if units <= owed * price:
        return units / price
    return owed + (units - owed * price) / unit if unit > 0.0 else UNLIMITED


@compilable
def source_coins(rules: Rules, work: Work, group: int) -> float:
    """Coins left in a group's sources by the goal book, less the cost of a transfer each."""
    total = 0.0
    for source in range(rules.source_from[group], rules.source_to[group]):
        free = work.goal.wallet[rules.source_wallet[source]] - rules.transfer_cost[group]
        total += max(0.0, free)
    return total


@compilable
def share_sources(rules: Rules, group: int, other: int) -> int:
    """1 when two groups draw on a common wallet."""
    for source in range(rules.source_from[group], rules.source_to[group]):
        for theirs in range(rules.source_from[other], rules.source_to[other]):
            if rules.source_wallet[source] == rules.source_wallet[theirs]:
                return 1
    return 0


@compilable
def coins_to_send(rules: Rules, work: Work, group: int) -> float:
    """Coins in a group's sources that the other groups leave alone."""
    coins = source_coins(rules, work, group)
    for other in range(rules.groups):
        if other != group and work.reserved[other] > 0.0:
            if share_sources(rules, group, other) == 1:
                coins -= work.reserved[other] + rules.transfer_cost[other]
    return max(0.0, coins)


@compilable
def movable(problem: Problem, group: int) -> float:
    """Units that can still reach a group: on their way, or in sources others left alone."""
    layout, state, quote, rules, work, _ = problem
    coins = coins_to_send(rules, work, group) + max(0.0, state.incoming[group])
    return coins * unit_of_coin(layout, quote, rules, group)


@compilable
def limit_short(problem: Problem, group: int) -> float:
    """Units the goal book lacks of the owner's limits and of what a venue opens it at."""
    rules, work = problem.rules, problem.work
    within = Within(rules.max_leverage, rules.min_distance, 1)
    return lacking(problem, work.goal, group, within)


@compilable
def coins_lacking(problem: Problem, group: int) -> tuple[float, float, int]:
    """(coins to bring in, coins of the account to post, code of what asks) for the goal book.

    Coins on their way count as there. Where free coins alone bring an isolated position back none
    are brought in: nobody would post them then. Nothing is put in a group that is lost. Worked:
    target 2.948718 BTC of short on 0.448718 BTC of equity, band to 3x: 0.534188 to bring in.
    """
    layout, state, quote, rules, work, _ = problem
    gross = group_gross(layout, work.goal, quote, group)
    leg = isolated_leg(layout, group)
    if gross <= 0.0 or is_lost(problem, group) == 1:
        return 0.0, 0.0, 0
    by_band = lacking(problem, work.goal, group, Within(rules.band_last[group], 0.0, 0))
    by_limit = limit_short(problem, group)
    units, code, speaks = 0.0, 0, max(by_band, by_limit)
    if speaks > EDGE * gross:
        units = lacking(problem, work.goal, group, Within(rules.band_third[group], 0.0, 0))
        code = BY_LEVERAGE
        if by_limit > EDGE * gross and by_limit + MARGIN * gross > units:
            units = by_limit + MARGIN * gross
            code = BY_DISTANCE if rules.min_distance > 0.0 else BY_LEVERAGE
    if leg < 0:
        coins = coins_for(problem, work.goal, group, units) if units > 0.0 else 0.0
        return max(0.0, coins - max(0.0, state.incoming[group])), 0.0, code
    free = work.goal.wallet[layout.legs.free_wallet[leg]]
    posts = min(max(0.0, units), max(0.0, free))
    brought = 0.0 if posts >= speaks else max(0.0, units) - posts
    coins = brought + max(0.0, -free) - max(0.0, state.incoming[group])
    if code == 0 and coins > 0.0:
        code = BY_FREE_COINS
    return max(0.0, coins), posts, code


@compilable
def least_move(problem: Problem, group: int) -> float:
    """Coins below which nothing is moved: the owner's least amount, or dust beside the group."""
    layout, quote, rules, work = problem.layout, problem.quote, problem.rules, problem.work
    gross = group_gross(layout, work.goal, quote, group)
    unit = unit_of_coin(layout, quote, rules, group)
    equity = abs(group_equity(layout, work.goal, quote, group))
    dust = max(DUST * gross, SPECK * equity) / unit if unit > 0.0 else 0.0
    owned = abs(work.held.balance[rules.move_currency[group]])
    noise = SOURCE_NOISE * max(owned, source_coins(rules, work, group))
    return max(rules.min_transfer[group], dust, noise)


@compilable
def coins_needed(problem: Problem, group: int) -> float:
    """Coins to bring in for a group's goal book; after a cut, to stand beyond its limit again."""
    coins, _, code = coins_lacking(problem, group)
    if coins <= 0.0 and code == 0 and is_cut(problem, group) == 1:
        coins = coins_beyond_cut(problem, group)
    return coins


@compilable
def reserve(problem: Problem, group: int) -> None:
    """Note the coins a group's goal will draw, so that other groups do not count on them."""
    rules, work = problem.rules, problem.work
    if rules.planned[group] == 1:
        coins = coins_needed(problem, group)
        work.reserved[group] = min(coins, source_coins(rules, work, group))


@compilable
def ask(problem: Problem, group: int) -> None:
    """Write the coins to bring in or to post for the goal book, or what it can give back."""
    layout, state, rules = problem.layout, problem.state, problem.rules
    work, answer = problem.work, problem.answer
    coins, posts, code = coins_lacking(problem, group)
    leg = isolated_leg(layout, group)
    least = least_move(problem, group)
    answer.group_code[group] += code
    if leg >= 0 and state.contracts[leg] != 0.0:
        there = min(posts, free_now(layout, state, work, layout.legs.free_wallet[leg]))
        if there > least:  # what a reduction frees is there to post once it is filled
            post_more(problem, leg, there)
    if coins >= UNLIMITED:
        answer.group_code[group] += USELESS
    elif coins > 0.0:
        answer.top_up[group] = min(coins, coins_to_send(rules, work, group))
        if answer.top_up[group] < coins * (1.0 - 1e-12):
            answer.group_code[group] += SOURCES_SHORT
            answer.lacking[group] = coins - answer.top_up[group]
        if answer.top_up[group] <= max(least, rules.transfer_cost[group]):
            answer.top_up[group] = 0.0
    elif code == 0 and is_cut(problem, group) == 1:
        follow_cut(problem, group, least)
    elif code == 0:
        note_spare(problem, group)
        if leg >= 0:
            spare_as_held(problem, group, leg)


@compilable
def is_cut(problem: Problem, group: int) -> int:
    """1 when this step cuts a position of a group back to a limit."""
    layout, legs, answer = problem.layout, problem.layout.legs, problem.answer
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        over = answer.leg_code[leg] & OVER_LIMIT
        if legs.group[leg] == group and over != 0 and answer.trade[leg] != 0.0:
            return 1
    return 0


@compilable
def coins_beyond_cut(problem: Problem, group: int) -> float:
    """Coins that bring a group which a cut leaves at its limit beyond it by a margin.

    A cut ends at the limit: without it the next move of the price cuts again. Worked: 1 BTC cut
    to stand at the limit: 0.08 BTC.
    """
    layout, state, quote, work = problem.layout, problem.state, problem.quote, problem.work
    if isolated_leg(layout, group) >= 0 or is_lost(problem, group) == 1:
        return 0.0
    units = limit_short(problem, group) + MARGIN * group_gross(layout, work.goal, quote, group)
    if units <= 0.0:
        return 0.0
    return coins_for(problem, work.goal, group, units) - max(0.0, state.incoming[group])


@compilable
def follow_cut(problem: Problem, group: int, least: float) -> None:
    """Ask for the margin beyond a limit that a cut leaves a group without, where coins are."""
    rules, work, answer = problem.rules, problem.work, problem.answer
    coins = min(coins_beyond_cut(problem, group), coins_to_send(rules, work, group))
    if coins > max(least, rules.transfer_cost[group]):
        answer.top_up[group] = coins
        answer.group_code[group] += BY_DISTANCE if rules.min_distance > 0.0 else BY_LEVERAGE


@compilable
def note_spare(problem: Problem, group: int) -> None:
    """Write to `work.spare` the coins that the goal book leaves over below the first leverage.

    It is judged without its bonus, which is lost when coins leave, and without coins that are
    not own: somebody else's are not what lets the owner's go.
    """
    layout, _, quote, rules, work, answer = problem
    gross = group_gross(layout, work.goal, quote, group)
    if group_equity(layout, work.goal, quote, group) <= 0.0:
        answer.group_code[group] += NO_EQUITY
        return
    lose_coins(layout, work.goal, group)
    equity = group_equity(layout, work.goal, quote, group)
    limit = limit_short(problem, group)
    lend_again(problem, group)
    if gross >= rules.band_first[group] * equity or limit + GIVE_BACK * gross >= 0.0:
        return
    units = min(equity - gross / rules.band_second[group], -limit - MARGIN * gross)
    unit = unit_of_coin(layout, quote, rules, group)
    if units <= 0.0 or unit <= 0.0:
        return
    coins = min(units / unit, wallet_coins(problem, group))
    if layout.group_currency[group] < 0:
        coins = left_over(problem, group, min(coins, coin_equity(problem, work.goal, group)))
    if coins > max(least_move(problem, group), rules.transfer_cost[group]):
        work.spare[group] = coins


@compilable
def lend_again(problem: Problem, group: int) -> None:
    """Put back into the goal book the coins behind a group that are not owned."""
    layout, state, goal = problem.layout, problem.state, problem.work.goal
    for row in range(group * layout.currencies, (group + 1) * layout.currencies):
        goal.bonus[row] = state.bonus[row]
        goal.others_coins[row] = state.others_coins[row]


@compilable
def left_over(problem: Problem, group: int, coins: float) -> float:
    """Coins, at most `coins`, without which a unified group keeps MARGIN beyond the limits.

    A coin that counts at its weight counts in full once a rise leaves coins owed. Worked: of 7.1
    BTC at 0.7 beside a short that loses 5.6 at twice the price 5.3 seemed spare, and 4.2 are.
    """
    layout = problem.layout
    wallet = group_wallet(layout, group, problem.rules.move_currency[group])
    if coins <= 0.0 or wallet < 0:
        return coins
    lose_coins(layout, problem.work.goal, group)
    low, high = 0.0, coins
    turns = HALVINGS
    if lacks_without(problem, group, wallet, coins) == 0:
        low, turns = coins, 0
    for _ in range(turns):
        middle = 0.5 * (low + high)
        if lacks_without(problem, group, wallet, middle) == 1:
            high = middle
        else:
            low = middle
    lend_again(problem, group)
    return low


@compilable
def lacks_without(problem: Problem, group: int, wallet: int, coins: float) -> int:
    """1 when a group's goal book without some coins has less than MARGIN beyond the limits.

    Args: group, wallet: their rows; coins: 0 or more.
    """
    layout, quote, goal = problem.layout, problem.quote, problem.work.goal
    held, gross = goal.wallet[wallet], group_gross(layout, goal, quote, group)
    goal.wallet[wallet] = held - coins
    short = limit_short(problem, group) + (MARGIN - EDGE) * gross
    goal.wallet[wallet] = held
    return 1 if short > 0.0 else 0


@compilable
def spare_as_held(problem: Problem, group: int, leg: int) -> None:
    """Keep of `work.spare` what an isolated position spares as it stands.

    The book to come posts more with what it grows by, and that is not there yet. Worked: 8
    contracts that need all 0.776 posted, 14.8 to come: nothing, where 0.776 went to and fro.

    Args: group, leg: their rows.
    """
    state, work = problem.state, problem.work
    raised, found = work.goal.contracts[leg], work.spare[group]
    if found <= 0.0 or raised == state.contracts[leg]:
        return
    set_goal(problem, leg, state.contracts[leg])
    work.spare[group] = 0.0
    note_spare(problem, group)
    work.spare[group] = min(found, work.spare[group])
    set_goal(problem, leg, raised)


@compilable
def wallet_coins(problem: Problem, group: int) -> float:
    """Coins of the moving currency in a group's wallets; profit not booked cannot leave."""
    layout, state, rules = problem.layout, problem.state, problem.rules
    total = 0.0
    for wallet in range(layout.group_wallet_from[group], layout.group_wallet_to[group]):
        if layout.wallet_group[wallet] == group and layout.wallet_wrapped[wallet] == 0:
            if layout.wallet_currency[wallet] == rules.move_currency[group]:
                total += state.wallet[wallet]
    return max(0.0, total)
