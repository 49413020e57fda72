"""Held ratios of hedges now, once orders fill and as limits allow, and what holds them there."""

from collections.abc import Sequence

from volsculpt.book.exposure import held_ratio
from volsculpt.decide.pool import part_coins, spot_delta
from volsculpt.decide.rules import BUSY, MAX_ORDER, VENUE_MOST, WEALTH_GONE, hedge_pools
from volsculpt.decide.step import Decision
from volsculpt.text import percent, trimmed

REST_FOLLOWS = "the rest follows when the coins to be moved have arrived"
LAST_LEVERAGE = "the last leverage of the collateral band"


def links_of(decision: Decision, row: int) -> list[int]:
    """Rows of the links of a hedge to the pools that carry it."""
    rules = decision.rules
    return [link for link in range(rules.links) if rules.link_hedge[link] == row]


def legs_of_pool(decision: Decision, pool: int) -> list[int]:
    """Rows of the legs that a pool uses."""
    span = range(decision.rules.pool_from[pool], decision.rules.pool_to[pool])
    return [decision.rules.use_leg[use] for use in span]


def pool_legs(decision: Decision, row: int) -> list[int]:
    """Rows of the legs that carry a hedge."""
    return [
        leg for pool in hedge_pools(decision.rules, row) for leg in legs_of_pool(decision, pool)
    ]


def ratio_of(decision: Decision, row: int, coins: Sequence[float]) -> float:
    """Held ratio of a hedge at the mark. coins: futures coins of each pool."""
    rules, work, quote = decision.rules, decision.work, decision.quoted.quote
    delta = spot_delta(rules, work.sized, row)
    for link in links_of(decision, row):
        pool = rules.link_pool[link]
        unmanaged = work.sized.futures[rules.pool_currency[pool]] - decision.answer.before[pool]
        delta += part_coins(rules, quote, work.share[link], coins[pool] + unmanaged, link)
    return held_ratio(delta, decision.answer.base[row])


def ratio_after(decision: Decision, row: int) -> float:
    """Held ratio of a hedge once the orders of this step are filled at the mark."""
    return ratio_of(decision, row, decision.answer.after)


def ratio_allowed(decision: Decision, row: int) -> float:
    """Held ratio that the limits allow: that after the orders, unless an order waits or is cut.

    What is allowed is not less because one order is sent in parts: then it is that of `can`.
    """
    answer, allowed = decision.answer, list(decision.answer.after)
    for pool in hedge_pools(decision.rules, row):
        codes = [answer.leg_code[leg] for leg in legs_of_pool(decision, pool)]
        if any(code & (MAX_ORDER | VENUE_MOST | BUSY) for code in codes):
            allowed[pool] = answer.can[pool]
    return ratio_of(decision, row, allowed)


def held_back_words(decision: Decision, row: int) -> list[str]:
    """Why a hedge stays above its target: it holds off a long that no hedge trades."""
    distance = decision.setup.limits.min_liquidation_distance or 0.0
    nearer = f"nearer to liquidation than min_liquidation_distance {percent(distance)}"
    return [
        f"{percent(ratio_allowed(decision, row))} stays hedged: less brings its account {nearer}",
        "it holds off losses of contracts that no hedge trades: close those, or add coins there",
    ]


def cap_words(decision: Decision, row: int) -> list[str]:
    """Which limits hold the hedge off its target, and what would lift them."""
    answer = decision.answer
    groups = {decision.flat.layout.legs.group[leg] for leg in pool_legs(decision, row)}
    is_planned = any(decision.rules.planned[group] for group in groups)
    if any(
        abs(answer.can[pool]) > abs(answer.want[pool]) for pool in hedge_pools(decision.rules, row)
    ):
        return held_back_words(decision, row)
    what, count = limits_named(decision, groups)
    allowed = ratio_allowed(decision, row)
    allow = "allows" if count == 1 else "allow"
    words = [f"{what} {allow} {percent(allowed)} with the coins that have arrived"]
    words += rest_words(decision, groups, is_planned)
    return words + before_words(decision, row)


def limits_named(decision: Decision, groups: set[int]) -> tuple[str, int]:
    """(what holds margin groups, how many limits that are). Worked: ("max_leverage 3", 1).

    Args: groups: their rows.
    """
    limits, named = decision.setup.limits, list[str]()
    if limits.max_leverage is not None:
        named.append(f"max_leverage {limits.max_leverage:g}")
    if limits.min_liquidation_distance is not None:
        named.append(f"min_liquidation_distance {percent(limits.min_liquidation_distance)}")
    if limits.max_leverage is None and any(decision.rules.planned[group] for group in groups):
        named.append(LAST_LEVERAGE)
    return " and ".join(named) or "the coins free to post as margin", len(named)


def rest_words(decision: Decision, groups: set[int], is_planned: bool) -> list[str]:
    """What becomes of the rest of a hedge: it follows coins that are moved, or what it lacks.

    Args: groups: rows of those that carry it; is_planned: whether a plan moves coins to any.
    """
    answer = decision.answer
    none = "its [[collateral]] sources hold no more: buy what is lacking, or deposit it"
    is_short = any(answer.lacking[group] > 0.0 for group in groups)
    if any(answer.top_up[group] > 0.0 for group in groups):
        if is_short:
            return [f"a part of {REST_FOLLOWS}; {none}"]
        return [REST_FOLLOWS]
    if is_planned:
        return [f"nothing can be moved for the rest: {none}"] if is_short else []
    return ["a [[collateral]] plan, or more coins in the account, would carry the rest"]


def before_words(decision: Decision, row: int) -> list[str]:
    """Which hedges that come before one in the file share its margin, and have it first."""
    flat = decision.flat
    own, *earlier = (
        {flat.layout.legs.group[leg] for leg in pool_legs(decision, one)}
        for one in (row, *range(row))
    )
    names = [
        decision.setup.hedges[one].underlying for one, groups in enumerate(earlier) if groups & own
    ]
    if not names:
        return []
    first = " and ".join(names)
    verb = "comes" if len(names) == 1 else "come"
    return [f"{first} {verb} before it in the file, and {verb} first where margin is shared"]


def amount(coins: float) -> str:
    """Coins for people: up to 6 decimals, no exponent."""
    return trimmed(coins, 6)


def target_of(decision: Decision, row: int) -> float:
    """The target of a hedge; one without an answer or without wealth aims at what it holds."""
    ratio = decision.aims[row].ratio
    if ratio is None or decision.answer.hedge_code[row] & WEALTH_GONE != 0:
        return decision.answer.held[row]
    return ratio
