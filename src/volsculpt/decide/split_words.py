"""Why an order was split over contracts, accounts and venues, in words."""

from volsculpt.book.exposure import venue_contracts
from volsculpt.contracts.orders import position_cap
from volsculpt.decide.goal import is_blocked
from volsculpt.decide.ladder import Rung
from volsculpt.decide.ratio_words import limits_named
from volsculpt.decide.step import Decision
from volsculpt.text import contracts


def rung_of(decision: Decision, leg: int) -> Rung | None:
    """The income that a dated contract of a ladder carries, None where it is no rung."""
    account, contract = decision.flat.legs[leg]
    for rung in decision.setup.ladder:
        key = rung.contract.key if rung.contract is not None else None
        if (rung.account, key) == (account, contract.key):
            return rung
    return None


def split_words(decision: Decision, pool: int) -> list[str]:
    """A sentence for what a pool adds to several contracts, or not to the first in `use`.

    And one for what it takes off several. Worked: "split: BTC/USD:BTC on a (bybit) takes 12,000
    contracts, all that max_leverage 3 allows there; BTC/USD:BTC on b (okx) the rest".
    """
    grown = [leg for leg in _usable(decision, pool) if _is_growth(decision, leg)]
    words = []
    if grown and (len(grown) > 1 or grown[0] != _usable(decision, pool)[0]):
        parts = [why for leg in _up_to(decision, pool, grown[-1]) if (why := _part(decision, leg))]
        if parts:
            words.append(f"split: {'; '.join(parts)}; {_name(decision, grown[-1])} takes the rest")
    less = [leg for leg in reversed(_usable(decision, pool)) if _is_cut(decision, leg)]
    if len(less) > 1:
        order = ", then ".join(_name(decision, leg) for leg in less)
        words.append(f"less is held first of what stands last in `use`: {order}")
    return words


def order_why(decision: Decision, leg: int) -> str | None:
    """Why an order of a pool that trades several contracts is of this one, and of this size."""
    pool = _pool_of(decision, leg)
    traded = [one for one in _usable(decision, pool) if decision.answer.trade[one] != 0.0]
    if not _is_growth(decision, leg) or leg not in traded:
        return None
    first, grown = _usable(decision, pool)[0], [one for one in traded if _is_growth(decision, one)]
    if leg == grown[-1] and (len(grown) > 1 or leg != first):
        return "the rest: what the contracts before it in `use` do not carry"
    return None if leg == grown[-1] else why_no_more(decision, leg)


def why_no_more(decision: Decision, leg: int) -> str:
    """What keeps a contract from carrying more of its pool than it does."""
    flat, contract = decision.flat, decision.flat.legs[leg][1]
    if is_blocked(flat.state, leg) == 1:
        return "nothing can be sent there now: an order or a figure of it is unknown"
    if rung_of(decision, leg) is not None:
        return "its share of the income that is due by its expiry"
    cap = position_cap(flat.layout.legs, leg, decision.quoted.quote.mark[leg])
    if cap > 0.0 and abs(venue_contracts(decision.work.goal, leg)) >= cap * (1.0 - 1e-6):
        return f"all that {contract.venue} lets one account hold, {contracts(cap)}"
    what, count = limits_named(decision, {flat.layout.legs.group[leg]})
    return f"all that {what} {'allows' if count == 1 else 'allow'} there"


def _part(decision: Decision, leg: int) -> str:
    """What a contract before the last takes, and why no more; "" of a rung without income left."""
    rung = rung_of(decision, leg)
    if rung is not None and rung.coins <= 0.0:
        return ""
    size = abs(decision.answer.trade[leg]) if _is_growth(decision, leg) else 0.0
    takes = f"takes {contracts(size)}" if size else "takes no more"
    return f"{_name(decision, leg)} {takes}, {why_no_more(decision, leg)}"


def _usable(decision: Decision, pool: int) -> list[int]:
    """Rows of the legs of a pool in their order, without those that are given up."""
    rules = decision.rules
    span = range(rules.pool_from[pool], rules.pool_to[pool])
    return [rules.use_leg[use] for use in span if rules.use_retire[use] == 0]


def _up_to(decision: Decision, pool: int, last: int) -> list[int]:
    """The usable legs of a pool before one."""
    legs = _usable(decision, pool)
    return legs[: legs.index(last)]


def _pool_of(decision: Decision, leg: int) -> int:
    rules = decision.rules
    return next(
        pool
        for pool in range(rules.pools)
        if leg in rules.use_leg[rules.pool_from[pool] : rules.pool_to[pool]]
    )


def _is_growth(decision: Decision, leg: int) -> bool:
    """Whether an order makes a position larger, or turns it."""
    held, trade = decision.flat.state.contracts[leg], decision.answer.trade[leg]
    return trade != 0.0 and held * trade >= 0.0


def _is_cut(decision: Decision, leg: int) -> bool:
    return decision.answer.trade[leg] * decision.flat.state.contracts[leg] < 0.0


def _name(decision: Decision, leg: int) -> str:
    account, contract = decision.flat.legs[leg]
    return f"{contract.symbol} on {account} ({contract.venue})"
