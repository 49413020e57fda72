"""Why an order was split over contracts, accounts and venues, in words."""

from volsculpt.book.exposure import venue_contracts
from volsculpt.contracts.orders import position_cap
from volsculpt.decide.goal import is_blocked
from volsculpt.decide.ladder import Rung
from volsculpt.decide.ratio_words import limits_named
from volsculpt.decide.rules import MAX_ORDER, VENUE_MOST
from volsculpt.decide.step import Decision
from volsculpt.text import contracts, usd

MOST_PARTS = 6  # contracts that a sentence names


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
    contracts, all that max_leverage 3 allows there; BTC/USD:BTC on b (okx) takes the rest".
    """
    legs, words = _usable(decision, pool), list[str]()
    before, last = _carriers(decision, legs)
    if last is not None:
        parts = [why for leg in before if (why := _part(decision, leg))]
        if len(parts) > MOST_PARTS:
            parts = [*parts[:MOST_PARTS], f"and {len(parts) - MOST_PARTS:,} more likewise"]
        if parts:
            words.append(f"split: {'; '.join(parts)}; {_name(decision, last)} takes the rest")
    less = [leg for leg in reversed(legs) if _is_cut(decision, leg)]
    if len(less) > 1:
        order = ", then ".join(_name(decision, leg) for leg in less[:MOST_PARTS])
        more = f" and {len(less) - MOST_PARTS:,} more" if len(less) > MOST_PARTS else ""
        words.append(f"less is held first of what stands last in `use`: {order}{more}")
    return words


def order_whys(decision: Decision) -> dict[int, str]:
    """Why orders that are split over contracts are of these sizes, by row of their legs."""
    found = dict[int, str]()
    for pool in range(decision.rules.pools):
        before, last = _carriers(decision, _usable(decision, pool))
        if last is not None:
            grown = [leg for leg in before if _is_growth(decision, leg)]
            found |= {leg: why_no_more(decision, leg) for leg in grown}
            found[last] = "the rest: what the contracts before it in `use` do not carry"
    return found


def _carriers(decision: Decision, legs: list[int]) -> tuple[list[int], int | None]:
    """(the legs before the last that grows, that last one); none where the first alone grows."""
    grown = [place for place, leg in enumerate(legs) if _is_growth(decision, leg)]
    if not grown or grown[-1] == 0:
        return [], None
    return legs[: grown[-1]], legs[grown[-1]]


def why_no_more(decision: Decision, leg: int) -> str:
    """What keeps a contract from carrying more of its pool than it does."""
    flat, contract = decision.flat, decision.flat.legs[leg][1]
    if is_blocked(flat.state, leg) == 1:
        return "nothing can be sent there now: an order or a figure of it is unknown"
    if rung_of(decision, leg) is not None:
        return "its share of the income that is due by its expiry"
    code, most = decision.answer.leg_code[leg], decision.setup.limits.max_order_usd
    if code & MAX_ORDER and most is not None:
        return f"all that one order may be (max_order_usd {usd(most)})"
    if code & VENUE_MOST:
        return f"all that {contract.venue} takes in one order"
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


def _is_growth(decision: Decision, leg: int) -> bool:
    """Whether an order makes a position larger, or turns it."""
    held, trade = decision.flat.state.contracts[leg], decision.answer.trade[leg]
    return trade != 0.0 and held * trade >= 0.0


def _is_cut(decision: Decision, leg: int) -> bool:
    return decision.answer.trade[leg] * decision.flat.state.contracts[leg] < 0.0


def _name(decision: Decision, leg: int) -> str:
    account, contract = decision.flat.legs[leg]
    return f"{contract.symbol} on {account} ({contract.venue})"
