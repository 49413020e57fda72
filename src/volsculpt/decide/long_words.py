"""Why futures of a hedge would be bought, and what proxies and hedges beside it make of that."""

from volsculpt.decide.ratio_words import amount, links_of, target_of
from volsculpt.decide.rules import NO_LONG, hedge_pools
from volsculpt.decide.sizing import longest
from volsculpt.decide.step import Decision
from volsculpt.hedge.betas import lacks_betas


def proxy_words(decision: Decision, row: int) -> list[str]:
    """How a proxied coin turns into coins of its proxies."""
    hedge, rules = decision.setup.hedges[row], decision.rules
    if not hedge.proxies or lacks_betas(hedge, decision.aims[row]):
        return []
    words = []
    for link, proxy in zip(links_of(decision, row), hedge.carriers, strict=True):
        coins, beta = decision.work.term[link], rules.link_beta[link]
        through = f"hedged through {proxy.coin} with beta {beta:g}"
        what = f"{amount(coins)} {proxy.coin} sold"
        if coins < 0.0:
            what = f"{amount(-coins)} {proxy.coin} bought"
        words.append(f"{through}: it asks for {what} forward")
    return words


def long_words(decision: Decision, row: int) -> list[str]:
    """Why a hedge asks for a long: money counted as coins, coins owed, a target below 0."""
    if decision.answer.hedge_code[row] & NO_LONG:
        if is_beside_others(decision, row):
            return ["its target asks for a long: none is bought, unless [limits] has allow_long"]
        most = max(longest(decision.problem, pool) for pool in hedge_pools(decision.rules, row))
        so = f"are no longer than what you owe, {amount(most)}" if most > 0.0 else "stay flat"
        return [f"the target asks for a long: futures {so}, unless [limits] has allow_long"]
    rules, answer = decision.rules, decision.answer
    longs = [pool for pool in hedge_pools(decision.rules, row) if answer.want[pool] > 0.0]
    if not longs:
        return []
    names = decision.flat.currencies
    long = " and ".join(
        f"a long of {amount(answer.want[pool])} {names[rules.pool_currency[pool]]}"
        for pool in longs
    )
    why = not_money_words(decision, row)
    if why is not None:
        return [f"{why}: that asks for {long}"]
    hedge = decision.setup.hedges[row]
    why = f"what you own is counted in {hedge.underlying}, but part of it is money"
    ask = f"{why}, not {hedge.underlying}: keeping your fraction exposed asks for {long}"
    if hedge.policy.BASE is not None:
        return [f"{ask}; a min_ratio in [limits] would ask for less"]
    return [f"{ask}; base = 'coins' would not"]


def is_beside_others(decision: Decision, row: int) -> bool:
    """Whether another hedge asks something of a pool that this one is carried by."""
    rules, pools = decision.rules, hedge_pools(decision.rules, row)
    return any(
        rules.link_pool[link] in pools
        and rules.link_hedge[link] != row
        and decision.work.term[link] != 0.0
        for link in range(rules.links)
    )


def net_words(decision: Decision, row: int) -> list[str]:
    """What hedges of a pool cancel out where one asks to sell and another to buy."""
    rules, names, term = decision.rules, decision.flat.currencies, decision.work.term
    words = []
    for own in links_of(decision, row):
        pool = rules.link_pool[own]
        links = [link for link in range(rules.links) if rules.link_pool[link] == pool]
        others = [link for link in links if term[link] * term[own] < 0.0]
        if not others:
            continue
        who = " and ".join(
            f"{decision.setup.hedges[rules.link_hedge[link]].underlying}, which asks for "
            f"{amount(abs(term[link]))} {'sold' if term[link] > 0.0 else 'bought'}"
            for link in others
        )
        total = sum(term[link] for link in links)
        left = f"{amount(abs(total))} {'sold' if total > 0.0 else 'bought'}"
        words.append(
            f"futures on {names[rules.pool_currency[pool]]} carry it net of {who}: {left} in all"
        )
    return words


def not_money_words(decision: Decision, row: int) -> str | None:
    """Why a long is asked for, where no money is counted as coins; None where some is."""
    hedge, coin = decision.setup.hedges[row], decision.rules.hedge_currency[row]
    own = decision.work.sized.balance[coin] + decision.work.sized.pnl[coin]
    betas = [decision.rules.link_beta[link] for link in links_of(decision, row)]
    if any(beta < 0.0 for beta in betas):
        return f"{hedge.underlying} moves against a coin that hedges it (its beta is below 0)"
    if target_of(decision, row) < 0.0:
        return "a target below 0 % keeps more exposed than you own"
    if own < 0.0:
        return f"you owe {amount(-own)} {hedge.underlying} net"
    if hedge.base == "coins":
        return (
            f"you have {amount(own)} {hedge.underlying} of the {amount(hedge.coins or 0.0)} stated"
        )
    return None
