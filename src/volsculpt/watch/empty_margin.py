"""Futures accounts that hold nothing, or far too little, for the hedges they are to carry.

Read off a mandate without any price: what an inverse hedge needs is a share of its coins, and
what a linear one needs is worth so many coins.
"""

from dataclasses import dataclass

from volsculpt.book.flatten import group_of
from volsculpt.book.holdings import Account
from volsculpt.contracts.spec import Contract
from volsculpt.decide.build import plan_of
from volsculpt.decide.limits import SAFE_LEVERAGE, CollateralPlan
from volsculpt.hedge.spec import Hedge
from volsculpt.mandate.objects import Mandate
from volsculpt.text import amount, coins, moment
from volsculpt.units import iso
from volsculpt.watch.coins import lesser, rounded_up
from volsculpt.watch.coming_events import coming_spans, dated_ratio
from volsculpt.watch.step_words import coins_words
from volsculpt.watch.unlisted import unlisted

FAR_BELOW = 10.0  # a leverage that no desk's guard lets through


@dataclass(frozen=True, slots=True)
class _Short:
    """An account, the contract it is to carry, coins sold forward (None: unknown), what it has.

    begins_ns: when an event asks for so much; None: now.
    """

    account: Account
    contract: Contract
    size: float | None
    have: float
    begins_ns: int | None


def unable(mandate: Mandate, now_ns: int) -> list[str]:
    """What keeps hedges from being planned or opened, seen before any price is."""
    used = {
        contract.key: contract
        for hedge in mandate.hedges
        for _, contract, _ in mandate.legs(hedge, now_ns)
    }
    texts = []
    for key, contract in used.items():
        if contract.margin is None:
            texts.append(
                f"unknown_margin: no plan can size {key}: its maintenance margin is not in the "
                f"catalog; use another contract or venue (volsculpt contracts find "
                f"{contract.base}), or give [contract.margin] for it in a contracts file "
                f"(docs/mandate.md)"
            )
    texts += [*empty_margin(mandate, now_ns), *out_of_reach(mandate, now_ns)]
    return [*texts, *unlisted(mandate)]


def empty_margin(mandate: Mandate, now_ns: int) -> list[str]:
    """A warning for each hedge whose accounts cannot open it, with the coins that would."""
    found = [_of_hedge(mandate, hedge, now_ns) for hedge in mandate.hedges]
    return [text for text in found if text is not None]


def out_of_reach(mandate: Mandate, now_ns: int) -> list[str]:
    """A warning for each inverse hedge whose limits ask for more margin than there are coins."""
    found = [_beyond_coins(mandate, hedge, now_ns) for hedge in mandate.hedges]
    return [text for text in found if text is not None]


def _beyond_coins(mandate: Mandate, hedge: Hedge, now_ns: int) -> str | None:
    """The warning of one hedge; None where its coins may do, or prices alone can tell."""
    legs = [(mandate.book.account(name), one) for name, one, _ in mandate.legs(hedge, now_ns)]
    held = [(account, contract) for account, contract in legs if account is not None]
    size, _ = _size(mandate, hedge, now_ns)
    if not held or size is None or any(_has_other(account) for account, _ in held):
        return None
    account, contract = held[0]
    plan = plan_of(group_of(account, contract), mandate.collateral)
    if contract.settle != contract.base or _brings_another(mandate, account, plan):
        return None
    accounts = {place.name: place.balances.get(contract.settle, 0.0) for place, _ in held}
    accounts |= _elsewhere(mandate, contract.settle, plan)
    have = sum(accounts.values())
    limit, share = _dearest_limit(mandate)
    if not 0.0 < have < size * share:
        return None
    coin = contract.settle
    return (
        f"out_of_reach: {limit} of [limits] asks for {amount(size * share, coin)} of margin under "
        f"{amount(size, coin)} sold forward, and {' and '.join(accounts)} hold "
        f"{amount(have, coin)}: no more than {amount(have / share, coin)} can be hedged; loosen it "
        f"or hedge less"
    )


def _dearest_limit(mandate: Mandate) -> tuple[str, float]:
    """The limit that asks an inverse short for most margin, and how much of what is sold."""
    most, distance = mandate.limits.max_leverage, mandate.limits.min_liquidation_distance
    limits = [("", 0.0)]
    if most is not None:
        limits.append((f"max_leverage {most:g}", 1.0 / most))
    if distance is not None:
        limits.append((f"min_liquidation_distance {distance:g}", distance / (1.0 + distance)))
    return max(limits, key=lambda one: one[1])


def _of_hedge(mandate: Mandate, hedge: Hedge, now_ns: int) -> str | None:
    """The warning of one hedge; None where its margin may do, or prices alone can tell."""
    legs = [(mandate.book.account(name), one) for name, one, _ in mandate.legs(hedge, now_ns)]
    held = [(account, contract) for account, contract in legs if account is not None]
    size, begins_ns = _size(mandate, hedge, now_ns)
    if not held or size == 0.0 or any(_may_do(account) for account, _ in held):
        return None
    account, contract = held[0]
    have = sum(
        one.balances.get(contract.settle, 0.0)
        for one in {place.name: place for place, _ in held}.values()
    )
    is_inverse = contract.settle == contract.base
    if have > 0.0 and not (is_inverse and size is not None and size > FAR_BELOW * have):
        return None
    return _warning(mandate, _Short(account, contract, size, have, begins_ns))


def _may_do(account: Account) -> bool:
    """Whether prices alone can tell what backs its futures: it has positions, or other coins."""
    return account.is_assumed or bool(account.positions) or _has_other(account)


def _has_other(account: Account) -> bool:
    """Whether coins of any kind back its futures."""
    return account.margin_mode == "unified" and any(coin > 0 for coin in account.balances.values())


def _size(mandate: Mandate, hedge: Hedge, now_ns: int) -> tuple[float | None, int | None]:
    """(coins sold forward at most, None where prices alone can tell; when, None: now already).

    Worked: nothing is hedged but for an event to come, which asks for all of 2 BTC: 2, from then.
    """
    if hedge.proxies or hedge.base == "wealth":
        return None, None
    owned = hedge.coins or _owned(mandate, hedge.underlying)
    size, begins_ns = max(0.0, _highest(mandate, hedge, now_ns)) * owned, None
    for time_ns in sorted(begin for begin, _ in coming_spans(hedge, mandate.overlays, now_ns)):
        then = _highest(mandate, hedge, time_ns) * owned
        if then > size:
            size, begins_ns = then, time_ns
    return size, begins_ns


def _highest(mandate: Mandate, hedge: Hedge, time_ns: int) -> float:
    """The highest ratio that a policy, dated overlays and limits lead to. time_ns: ns UTC."""
    highest, limits = hedge.policy.highest(), mandate.limits
    ratio = limits.max_ratio if highest is None else highest
    ratio = dated_ratio(hedge, ratio, time_ns, mandate.overlays)
    return min(max(ratio, limits.min_ratio), limits.max_ratio)


def _owned(mandate: Mandate, coin: str) -> float:
    """Coins owned anywhere, wrapped ones at their rate; never below 0."""
    total = 0.0
    for account in mandate.book.accounts:
        for name, held in account.balances.items():
            wrapped = mandate.book.wrapped.get(name)
            if name == coin:
                total += held
            elif wrapped is not None and wrapped.underlying == coin:
                total += held * wrapped.rate
    return max(0.0, total)


def _warning(mandate: Mandate, short: _Short) -> str | None:
    """The words: what is there, what it needs, and where coins are; None: a plan brings them."""
    settle, name = short.contract.settle, short.account.name
    plan = plan_of(group_of(short.account, short.contract), mandate.collateral)
    if _brings_another(mandate, short.account, plan):
        return None
    free = _elsewhere(mandate, settle, plan)
    leverage = _leverage(mandate, short.account, plan)
    what, lacking, forward = settle, 0.0, ""
    if short.size is not None:
        needed = short.size * (1.0 / leverage + (short.contract.fees.taker or 0.0))
        forward = f" for {coins(short.size)} {short.contract.base} sold forward{_when(short)}"
        what = f"{settle} worth about {amount(rounded_up(needed), short.contract.base)}"
        if settle == short.contract.base:
            lacking = needed - short.have
            what = f"about {amount(rounded_up(lacking), settle)}"
    if plan is not None and free and sum(free.values()) >= lacking:
        return None
    free = _elsewhere(mandate, settle, None)
    missing = rounded_up(lacking - sum(free.values()))
    verb = "MOVE" if free and missing <= 0.0 else "BRING"
    if short.size is None:
        return (
            f"empty_margin: '{name}' holds no {settle}, so nothing can be sold there yet: a plan "
            f"with prices tells how much {settle} to {verb} there, if any "
            f"({coins_words(free, settle, missing)})"
        )
    held = amount(short.have, settle) if short.have > 0.0 else f"no {settle}"
    return (
        f"{'thin' if short.have > 0.0 else 'empty'}_margin: '{name}' holds {held}{forward}, so the "
        f"hedge cannot be opened whole: {verb} {what} TO {name} "
        f"({coins_words(free, settle, missing)}), which makes {leverage:g}x leverage"
    )


def _when(short: _Short) -> str:
    """Worked: " from 2026-12-10 00:00 UTC on", where an event asks for it."""
    return "" if short.begins_ns is None else f" from {moment(iso(short.begins_ns))} on"


def _brings_another(mandate: Mandate, account: Account, plan: CollateralPlan | None) -> bool:
    """Whether a plan brings a unified account coins of another currency: prices alone can tell."""
    if account.margin_mode != "unified" or plan is None or plan.currency is None:
        return False
    return bool(_elsewhere(mandate, plan.currency, plan))


def _leverage(mandate: Mandate, account: Account, plan: CollateralPlan | None) -> float:
    """What the coins to move bring it to: what is stated, 3 at most, else 3.

    An isolated position takes what its own leverage posts, no more.
    """
    most = mandate.limits.max_leverage
    if account.margin_mode == "isolated":
        stated = [account.leverage or 1.0, most, plan.leverage_band[2] if plan else None]
        return min(one for one in stated if one is not None)
    if plan is not None:
        return lesser(plan.leverage_band[2], most)
    return lesser(SAFE_LEVERAGE, most)


def _elsewhere(mandate: Mandate, settle: str, plan: CollateralPlan | None) -> dict[str, float]:
    """Coins of the currency by account that backs nothing; of a plan, its sources alone."""
    return {
        one.name: one.balances[settle]
        for one in mandate.book.accounts
        if one.kind not in ("margin", "loan")
        and one.balances.get(settle, 0.0) > 0.0
        and (plan is None or one.name in plan.source)
    }
