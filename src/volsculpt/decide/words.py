"""Why a decision came out as it did, in words a beginner reads."""

from volsculpt.book.coming import coming_coins
from volsculpt.book.exposure import coins_per_contract, wealth_usd
from volsculpt.contracts.orders import position_cap
from volsculpt.decide.band import WITHIN, band_side
from volsculpt.decide.finish import contract_usd
from volsculpt.decide.ladder import Rung
from volsculpt.decide.long_words import long_words, net_words, proxy_words
from volsculpt.decide.pool import spot_delta
from volsculpt.decide.ratio_words import amount, cap_words, pool_legs, target_of
from volsculpt.decide.rules import (
    BASE_GONE,
    BLOCKED,
    BUSY,
    CAPPED,
    FULL,
    LEAST_VALUE,
    MAX_ORDER,
    MIN_ORDER,
    NO_LONG,
    OVER_LIMIT,
    OWES,
    POSITION_MOST,
    RETIRED,
    ROUNDED_AWAY,
    TRADED,
    UNKNOWN_DATA,
    VENUE_MOST,
    WEALTH_GONE,
    ZERO_TARGET,
    hedge_pools,
)
from volsculpt.decide.sizing import lacks_answer
from volsculpt.decide.split_words import rung_of, split_words
from volsculpt.decide.step import Decision
from volsculpt.hedge.spec import Hedge
from volsculpt.text import percent, usd


def base_words(hedge: Hedge, ratio: float, coming: float = 0.0) -> str:
    """What the base of the ratio means for how often it trades.

    Args: coming: coins of dated flows that are counted ahead.
    """
    part = percent(ratio)
    if hedge.base == "coins":
        return (
            f"keeps {part} of {amount(hedge.coins or 0.0)} {hedge.underlying} hedged; an inverse "
            f"hedge then needs no trade when the price moves"
        )
    drifts = trades_as_price_moves(hedge, ratio)
    if hedge.base == "wealth":
        moved = "; trades as price and wealth move" if drifts else ""
        return (
            f"keeps {part} of your whole wealth out of {hedge.underlying}: what you hold in "
            f"dollars or other coins counts, contracts sell the rest{moved}"
        )
    what = "what you own" if coming == 0.0 else f"what you own and of {amount(coming)} to come"
    other = "; base = 'coins' would not" if not hedge.proxies else ""
    return f"keeps {part} of {what} hedged{f'; trades as price moves{other}' if drifts else ''}"


def trades_as_price_moves(hedge: Hedge, ratio: float) -> bool:
    """Whether a ratio of what is owned, or of wealth, leaves its target as the price moves.

    Held contracts keep delta = (1 - r) base in coins at any price, and what they gain changes the
    base by -r of each move: the held ratio 1 - delta/base moves by -r (1 - r) of it. That is 0 at 0
    and at 100 %. Coins that others carry move apart from them.
    """
    return bool(hedge.proxies) or ratio * (1.0 - ratio) != 0.0


def band_words(decision: Decision, row: int) -> str:
    """Held against target, and whether that is inside the band."""
    rules, code = decision.rules, decision.answer.hedge_code[row]
    target = target_of(decision, row)
    held = decision.answer.held[row]
    under, over = percent(rules.under_trigger[row]), percent(rules.over_trigger[row])
    width = under if under == over else f"{under} below, {over} above"
    is_wealth = decision.setup.hedges[row].base == "wealth"
    how = "of wealth is out of it" if is_wealth else "is hedged"
    line = f"{percent(held)} {how} now, {percent(target)} is the target"
    side = band_side(held, target, rules.under_trigger[row], rules.over_trigger[row])
    if decision.flat.state.working and any(
        decision.flat.state.working[leg] for leg in pool_legs(decision, row)
    ):
        line += "; orders still working are counted as filled"
    if code & ROUNDED_AWAY:
        return f"{line}: what is missing is less than the smallest order"
    if side == WITHIN:
        return f"{line}: inside the no-trade band ({width})"
    if code & NO_LONG and held > target:
        return line
    return f"{line}: outside the no-trade band ({width})" if code & TRADED else line


def leg_words(decision: Decision, leg: int) -> list[str]:
    """What was special about one contract in one account."""
    account, contract = decision.flat.legs[leg]
    name = f"{contract.symbol} on {account}"
    code = decision.answer.leg_code[leg]
    limit, rung = decision.setup.limits.max_order_usd or 0.0, rung_of(decision, leg)
    sentences = {
        MAX_ORDER: max_order_words(decision, leg, name, limit),
        POSITION_MOST: f"{name}: {position_words(decision, leg)}" if rung is None else "",
        VENUE_MOST: f"{name}: {largest_words(decision, leg)}",
        LEAST_VALUE: (
            f"{contract.venue} takes no order under {amount(contract.orders.least_value or 0.0)} "
            f"{contract.quote} of {contract.symbol}, so nothing is sent on {account}"
        ),
        MIN_ORDER: f"{name}: the change is under the smallest order, so nothing is sent",
        BUSY: f"{name}: an order is still working, so it is cancelled first",
        RETIRED: f"{name}: {retired_words(decision, leg, rung)}",
        OVER_LIMIT: f"{name}: over its limits, so it is cut back",
    }
    words = [line for bit, line in sentences.items() if code & bit and line]
    if code & BLOCKED:
        words.append(
            f"{name}: blocked, because the outcome of an order there is unknown or data is missing"
        )
    return words


def largest_words(decision: Decision, leg: int) -> str:
    """Why an order is cut: the largest that the venue takes, or all that a rung has too much."""
    contract, most = decision.flat.legs[leg][1], decision.flat.layout.legs.order_most[leg]
    if contract.orders.most is None or most < contract.orders.most:
        return "it gives what it has sold beyond its income, and other contracts the rest, next"
    return (
        f"{contract.venue} takes {amount(contract.orders.most)} contracts at most in one order; "
        f"the rest comes next"
    )


def retired_words(decision: Decision, leg: int, rung: Rung | None) -> str:
    """Why a contract is closed that others take over from, and what is left for later decisions."""
    if rung is not None and rung.coins <= 0.0:
        return "the income it was sold for has arrived, so it is closed"
    traded = decision.answer.trade[leg]
    left = decision.work.hold[leg] + traded
    if left == 0.0 or decision.answer.cancel[leg]:
        return "close to expiry, so it is closed and the next one takes over"
    if traded == 0.0:
        return (
            f"close to expiry, but what takes over has no room for a part of it now, so "
            f"{amount(abs(left))} contracts stay, until two days before the expiry at most"
        )
    return (
        f"close to expiry, so the next one takes over, part by part (`roll_slice`): "
        f"{amount(abs(left))} contracts are left for the next decisions"
    )


def position_words(decision: Decision, leg: int) -> str:
    """The largest position of a venue, in contracts at the mark."""
    contract = decision.flat.legs[leg][1]
    most = position_cap(decision.flat.layout.legs, leg, decision.quoted.quote.mark[leg])
    return (
        f"{contract.venue} lets an account hold {amount(most)} contracts of it at most; another "
        f"account or contract in `use` would carry the rest"
    )


def max_order_words(decision: Decision, leg: int, name: str, limit: float) -> str:
    """What max_order_usd does to an order; a limit under one lot lets nothing through.

    Args: leg: its row; name: how the words call it; limit: US dollars.
    """
    lot = decision.flat.layout.legs.lot[leg]
    if contract_usd(decision.flat.layout, decision.quoted.quote, leg) * lot > limit:
        return f"{name}: max_order_usd {usd(limit)} is under the smallest order: none is sent"
    return (
        f"{name}: the order is cut to max_order_usd {usd(limit)}; the rest comes next, as far as "
        f"its band asks"
    )


def unmanaged_words(decision: Decision, row: int) -> list[str]:
    """Positions on the coin that count but are not in `use`."""
    rules, flat = decision.rules, decision.flat
    coins = {rules.pool_currency[pool] for pool in hedge_pools(decision.rules, row)}
    managed = set(pool_legs(decision, row))
    words = []
    for leg, (account, contract) in enumerate(flat.legs):
        mine = flat.layout.legs.base[leg] in coins and leg not in managed
        if mine and flat.state.contracts[leg] != 0.0:
            words.append(
                f"{contract.symbol} on {account} counts as held but is not in `use`: never traded"
            )
    return words


def waiting_words(decision: Decision, row: int) -> list[str]:
    """Why futures of a hedge that has its answer are left alone: others on them have none."""
    rules, answer, names = decision.rules, decision.answer, decision.flat.currencies
    words = []
    for pool in hedge_pools(rules, row):
        others = [
            decision.setup.hedges[rules.link_hedge[link]].underlying
            for link in range(rules.links)
            if rules.link_pool[link] == pool
            and lacks_answer(rules, answer, rules.link_hedge[link]) == 1
        ]
        if others and lacks_answer(rules, answer, row) == 0:
            words.append(
                f"futures on {names[rules.pool_currency[pool]]} are left as they are: they hedge "
                f"{' and '.join(others)} too, of which no answer is known; its reasons say why"
            )
    return words


def residual_usd(decision: Decision, leg: int) -> float:
    """US dollars left long (+) of the unbanded target once the orders of this step fill."""
    rules = decision.rules
    pool = next(
        pool
        for pool in range(rules.pools)
        if leg in rules.use_leg[rules.pool_from[pool] : rules.pool_to[pool]]
    )
    coins = decision.answer.after[pool] - decision.answer.want[pool]
    per_coin = contract_usd(decision.flat.layout, decision.quoted.quote, leg) / abs(
        coins_per_contract(decision.flat.layout, decision.quoted.quote, leg)
    )
    return coins * per_coin


def no_wealth_words(decision: Decision) -> str:
    """Why a ratio of wealth that is gone changes no short but one of more than all coins."""
    wealth = wealth_usd(decision.flat.layout, decision.quoted.quote, decision.work.held)
    return (
        f"your wealth is {usd(wealth)} USD: no share of it can be hedged, so a short is kept, up "
        f"to all of your coins, and a long is closed; repay or add money, or take a ratio of your "
        f'coins (base = "equity")'
    )


def owes_words(decision: Decision, row: int) -> str:
    """What is kept where a target of 0 is of wealth, and something is owed against the coins."""
    base = decision.answer.base[row]
    owed = spot_delta(decision.rules, decision.work.held, row) - base
    coin = decision.setup.hedges[row].underlying
    return (
        f"the target is exactly 0 of your wealth, {amount(base)} {coin}: futures carry what is "
        f"owed against your coins, {amount(owed)} {coin}, and what is more than that is closed"
    )


def all_reasons(decision: Decision) -> list[str]:
    """Every sentence about every hedge, after its coin."""
    return [
        f"{hedge.underlying}: {line}"
        for row, hedge in enumerate(decision.setup.hedges)
        for line in reasons(decision, row)
    ]


def unknown_words(decision: Decision, row: int) -> list[str]:
    """What is unknown of a hedge, each in a sentence; of all where none names what is its own."""
    hedge, why = decision.setup.hedges[row], decision.setup.missing.why
    names = {hedge.underlying, *(coin for coin in hedge.coins_named)}
    for leg in pool_legs(decision, row):
        account, contract = decision.flat.legs[leg]
        names |= {account, contract.key}
    own = [line for line in why if any(name in line.split(" ") for name in names)]
    return own or list(why)


def reasons(decision: Decision, row: int) -> list[str]:
    """Every sentence about one hedge, from what was asked to what is left undone."""
    hedge, aim = decision.setup.hedges[row], decision.aims[row]
    code = decision.answer.hedge_code[row]
    words = list(aim.reasons)
    if code & BASE_GONE:
        words.append(f"no {hedge.underlying} left to hedge: what is open is closed, reduce-only")
        return words
    if code & WEALTH_GONE and decision.wealth_usd is not None:
        return [*words, no_wealth_words(decision)]
    if code & UNKNOWN_DATA and not code & TRADED:
        return [
            *words,
            "a balance, price or contract is unknown: nothing is sent until then",
            *unknown_words(decision, row),
        ]
    if code & ZERO_TARGET:
        how = "" if any(decision.flat.state.others) else ", reduce-only"
        how = ", once the others have an answer" if waiting_words(decision, row) else how
        words.append(f"the target is exactly 0: every contract in use is closed{how}")
    elif code & OWES:
        words.append(owes_words(decision, row))
    else:
        ahead = coming_coins(decision.flat, decision.flat.state)
        coming = ahead[decision.rules.hedge_currency[row]]
        words.append(base_words(hedge, target_of(decision, row), coming))
    words += proxy_words(decision, row) + net_words(decision, row) + long_words(decision, row)
    if not pool_legs(decision, row):
        return [
            *words,
            "no contract can hedge it: its price risk stays; name a `use` or a proxy",
        ]
    if code & UNKNOWN_DATA:
        words.append(
            "a price or contract of one of its proxies is unknown: nothing is sent there until then"
        )
        words += unknown_words(decision, row)
    words.append(band_words(decision, row))
    words += waiting_words(decision, row)
    blocked = any(decision.answer.leg_code[leg] & BLOCKED for leg in pool_legs(decision, row))
    if code & CAPPED and not blocked:
        words += cap_words(decision, row)
    for pool in hedge_pools(decision.rules, row):
        words += split_words(decision, pool)
    for leg in pool_legs(decision, row):
        if decision.answer.leg_code[leg] & ~FULL:
            words += leg_words(decision, leg)
    return words + unmanaged_words(decision, row)
