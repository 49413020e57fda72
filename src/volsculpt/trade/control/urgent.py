"""What an owner must see before anything else: margin near its end, hedges that do not come about.

Pure. Each is a line of the decision's own, for `status`, and an alert.
"""

from collections.abc import Iterable, Iterator, Mapping, Set

from volsculpt.decide.band import WITHIN, band_side
from volsculpt.decide.long_words import long_words
from volsculpt.decide.ratio_words import cap_words, pool_legs, ratio_after, ratio_of, target_of
from volsculpt.decide.rules import BLOCKED, CAPPED, NO_LONG, ROUNDED_AWAY, UNKNOWN_DATA
from volsculpt.decide.step import Decision
from volsculpt.decide.unpriced import unpriced_groups
from volsculpt.decide.words import leg_words
from volsculpt.ledger.books import AlertBooked, Books
from volsculpt.ledger.events import Json
from volsculpt.text import coins, contracts, percent, signed
from volsculpt.trade.control.worded import worded
from volsculpt.trade.observe.observed import Alert
from volsculpt.units import DAY_NS
from volsculpt.watch.coins import FreeCoins, coins_needed, rounded_up, safe_leverage
from volsculpt.watch.danger import BEFORE_ORDERS, dangers, desk_words, is_the_desks
from volsculpt.watch.filled import arrived, filled
from volsculpt.watch.level import DangerLevel
from volsculpt.watch.loans import loan_rows, loans_of
from volsculpt.watch.nextstep import NextStepRow, next_steps
from volsculpt.watch.step_words import bring_to, bring_words
from volsculpt.watch.withdrawals import kept_words, overdrawn_accounts, short_withdrawals

RECENT_NS = 2 * DAY_NS  # an older order says nothing of what the venue takes now


COINS_MEND = ("leverage", "distance")  # rules of the guard that more coins satisfy
Refusals = Mapping[int, str]  # row of a leg -> why the guard refuses its order
Carried = Set[int]  # rows of groups
Steps = Mapping[str, NextStepRow]  # by the symbol of its contract


def urgent(
    decision: Decision, books: Books, sends: bool, refused: Refusals, carried: Carried, now_ns: int
) -> list[Alert]:
    """Dangers first, then hedges under or over their target that nothing under way mends.

    What fails to be told is an alert among them.

    Args: sends: whether orders may leave, where they may not they mend nothing; refused: orders
    that the guard holds back for a reason that coins mend; carried: groups to which the desk moves
    coins itself; now_ns: ns UTC.
    """
    found = list[Alert]()
    found += worded(
        "danger", lambda: _dangers(decision, books, sends and not refused, carried), found
    )
    found += worded("loans", lambda: _loans(decision, books), found)
    found += worded("withdrawals", lambda: _withdrawals(decision), found)
    if sends:
        found += worded("unmet hedges", lambda: _unmet(decision, refused, carried), found)
    found += worded("rejected orders", lambda: _rejected(decision, books, now_ns), found)
    return found


def lines(alerts: Iterable[Alert]) -> list[Json]:
    """What a decision keeps of them: all that somebody has to know at once."""
    pressing = [one for one in alerts if one.level != "info"]
    return [{"key": one.key, "level": one.level, "text": one.text} for one in pressing]


def _dangers(decision: Decision, books: Books, sends: bool, carried: Carried) -> Iterator[Alert]:
    """Margin groups near their end that this decision's orders do not mend, or bring there.

    What the desk mends by itself, as a matter of course, is no danger before it is a critical one.

    Args: sends: whether all its orders leave; carried: as `urgent` takes them.
    """
    rows = {(label.account, label.group): row for row, label in enumerate(decision.flat.groups)}
    before = {
        f"{account}|{group}": _level(books.alerts.get(_key(account, group)))
        for account, group in rows
    }
    after = filled(decision) if sends else decision.flat.state
    unknown = unpriced_groups(decision.flat, decision.setup.missing.unpriced)
    for row in dangers(decision, after, before):
        if rows[row.account, row.group] in unknown:
            continue
        if not row.mended:
            moves = rows[row.account, row.group] in carried
            when = " NOW" if row.level == "critical" else ""  # its orders leave in this very step
            phrase = row.text.replace(BEFORE_ORDERS, when)
            text = f"{row.account}: {desk_words(phrase, moves)}"
            if sends and row.level == "warning" and is_the_desks(row, moves):
                yield Alert(f"mends:{row.account}|{row.group}", "info", text)
            else:
                left = abs(row.liquidation_move) if row.liquidation_move is not None else 0.0
                yield Alert(_key(row.account, row.group), row.level, text, left)


def _loans(decision: Decision, books: Books) -> Iterator[Alert]:
    """Loans near the level at which their lender sells what is pledged, or past that of a call."""
    loans, unpriced = loans_of(decision.setup.book), decision.setup.missing.unpriced
    before = {one.name: _level(books.alerts.get(f"loan:{one.name}")) for one in loans}
    unknown = {one.name for one in loans if unpriced & set(one.balances)}
    for row in loan_rows(decision, before):
        if row.level is not None and row.account not in unknown:
            yield Alert(f"loan:{row.account}", row.level, f"{row.account}: {row.text}")


def _withdrawals(decision: Decision) -> Iterator[Alert]:
    """Known withdrawals that an account will not have the coins for, and those it did not have."""
    for place in overdrawn_accounts(decision):
        yield Alert(f"withdrawal:{place.account}|{place.currency}", "critical", place.text)
    for one in short_withdrawals(decision, filled(decision)):
        yield Alert(f"withdrawal:{one.account}|{one.currency}", "warning", one.text)


def _key(account: str, group: str) -> str:
    return f"danger:{account}|{group}"


def _level(alert: AlertBooked | None) -> DangerLevel | None:
    """The level of a group's danger as reported; None where it was not."""
    if alert is None:
        return None
    return "critical" if alert.level == "critical" else "warning"


def _unmet(decision: Decision, refused: Refusals, carried: Carried) -> Iterator[Alert]:
    """Hedges out of their band that no order, transfer or news under way brings nearer."""
    steps = {row.contract: row for row in next_steps(decision, filled(decision))}
    for row, hedge in enumerate(decision.setup.hedges):
        if decision.summaries[row].held_ratio is None or decision.aims[row].ratio is None:
            continue
        target, held = _reachable(decision, row), decision.answer.held[row]
        stuck = [leg for leg in pool_legs(decision, row) if leg in refused]
        if not stuck and (_is_on_its_way(decision, row) or _is_near(decision, row, target)):
            continue
        why = _remedy(decision, row, steps)
        if stuck:
            why = _of_refusal(decision, stuck[0], refused[stuck[0]], steps, carried)
        bare = abs(held) < 1e-9
        headline = "NOT HEDGED AT ALL" if bare else f"is hedged {percent(held)}"
        of_group = decision.flat.layout.legs.group
        groups = dict.fromkeys(of_group[leg] for leg in pool_legs(decision, row))
        why += "".join(dict.fromkeys(kept_words(decision, one) for one in groups))
        text = f"{hedge.underlying} {headline}, {percent(target)} is wanted: {why}"
        kind = "unhedged" if bare else "unmet"
        left = abs(held / target) if target else None
        yield Alert(f"{kind}:{hedge.underlying}", "warning", text, left)


def _reachable(decision: Decision, row: int) -> float:
    """The target of a hedge; of one that would buy what it holds without futures of its own."""
    target, answer = target_of(decision, row), decision.answer
    if answer.hedge_code[row] & NO_LONG == 0:
        return target
    return max(target, ratio_of(decision, row, answer.want))


def _is_near(decision: Decision, row: int, target: float) -> bool:
    """Whether a hedge will stand within its band, or a lot from it."""
    rules, held = decision.rules, decision.answer.held[row]
    after = ratio_after(decision, row)
    side = band_side(after, target, rules.under_trigger[row], rules.over_trigger[row])
    rounded = decision.answer.hedge_code[row] & ROUNDED_AWAY
    return side == WITHIN or bool(rounded and abs(held) > 1e-9)


def _is_on_its_way(decision: Decision, row: int) -> bool:
    """Whether an order or coins are under way, or something is unknown and reported already."""
    flat, answer = decision.flat, decision.answer
    for leg in pool_legs(decision, row):
        group = flat.layout.legs.group[leg]
        moved = answer.top_up[group] > 0.0 or flat.state.incoming[group] > 0.0
        if moved or answer.trade[leg] != 0.0 or flat.state.working[leg] != 0.0:
            return True
        if answer.leg_code[leg] & BLOCKED or answer.cancel[leg]:
            return True
    return not pool_legs(decision, row)


def _of_refusal(decision: Decision, leg: int, why: str, steps: Steps, carried: Carried) -> str:
    """Why the guard lets an order not leave, and the coins that would let it.

    Args: leg: row of its order; why: the guard's words; steps: what is left beyond
    it, by contract; carried: as `urgent` takes them.
    """
    group = decision.flat.layout.legs.group[leg]
    safe = safe_leverage(decision, group)
    step = steps.get(decision.flat.legs[leg][1].symbol)  # what is left beyond this order
    needed = coins_needed(decision, filled(decision), group, safe)
    needed = step.coins if step is not None else rounded_up(needed)
    name = decision.flat.currencies[decision.rules.move_currency[group]]
    place, moved = decision.flat.legs[leg][0], decision.answer.top_up[group]
    text = f"the guard refuses its order, because {why}"
    if group in carried:
        text = f"{text}; the desk moves {coins(moved)} {name} to {place} itself"
        needed = 0.0 if step is None or step.planned else needed
    if needed <= 0.0:
        return text
    books = decision.flat.state, arrived(decision, filled(decision))
    have = FreeCoins(decision, *books).elsewhere(decision, group)
    lacking = rounded_up(needed - sum(have.values()))
    return f"{bring_to(place, needed, name, have, lacking)}; {text}"


def _remedy(decision: Decision, row: int, steps: Steps) -> str:
    """What would bring a hedge to its target."""
    legs = pool_legs(decision, row)
    for leg in legs:
        step = steps.get(decision.flat.legs[leg][1].symbol)
        if step is not None:
            verb = "sells" if step.side == "sell" else "buys"
            size = f"{contracts(step.contracts)} of {step.contract}"
            return f"{bring_words(step)}; the desk then {verb} {size}"
    if decision.answer.hedge_code[row] & ROUNDED_AWAY:
        return (
            "what is missing is less than the smallest order; a contract of smaller lots would do"
        )
    if decision.answer.hedge_code[row] & UNKNOWN_DATA:
        return "a price, a balance or an order is not known; `volsculpt why` tells which"
    explained = [line for leg in legs for line in leg_words(decision, leg)]
    if decision.answer.hedge_code[row] & CAPPED and not explained:
        explained = cap_words(decision, row)
    if decision.answer.hedge_code[row] & NO_LONG:
        explained += long_words(decision, row)
    return "; ".join(explained) or "`volsculpt why` tells what keeps it from there"


def _rejected(decision: Decision, books: Books, now_ns: int) -> Iterator[Alert]:
    """Orders that are decided again though the venue refused the last of the same contract."""
    wanted = {
        (account, contract.key)
        for leg, (account, contract) in enumerate(decision.flat.legs)
        if decision.answer.trade[leg] != 0.0
    }
    for order in reversed(books.orders.values()):
        account, contract = where = order.place
        if not wanted or now_ns - order.since_ns > RECENT_NS:
            return
        if where in wanted:
            wanted.discard(where)
            if order.outcome == "rejected":
                text = (
                    f"{contract} on {account}: the venue refuses the order of "
                    f"{signed(order.intended.contracts)} contracts: "
                    f"{order.why or 'it gives no reason'}; it is tried again at each step"
                )
                yield Alert(f"rejected:{account}|{contract}", "warning", text)
