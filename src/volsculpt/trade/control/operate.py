"""What a person can ask of a desk that runs: pause, resume, flatten, adopt …

Each is written to the ledger before it has an effect, and answers a sentence.
"""

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from volsculpt.contracts.lots import lots_down
from volsculpt.contracts.orders import NO_CONTRACTS, is_reduction
from volsculpt.contracts.spec import Contract
from volsculpt.decide.finish import whole
from volsculpt.errors import LedgerError
from volsculpt.hedge.words import held_words, ratio_problem
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import Event, Intended, Json, Operated
from volsculpt.text import signed
from volsculpt.trade.control.acknowledge import acknowledgements
from volsculpt.trade.control.moved import move_coins
from volsculpt.trade.desk import Desk
from volsculpt.trade.execute.orders import client_id
from volsculpt.trade.observe.booking import baseline_event
from volsculpt.trade.observe.found import accepted_events, adopted, in_words
from volsculpt.trade.observe.ownership import PositionKey
from volsculpt.trade.observe.reconciliation import DISPUTE, ReconciledAccount, differing
from volsculpt.units import iso

Verb = Callable[[Desk, Mapping[str, Any], str], Awaitable[str]]


async def operate(desk: Desk, verb: str, arguments: Mapping[str, Any], who: str) -> str:
    """Do what a person asks; the answer in words. Raises LedgerError for what cannot be done.

    Args: verb: a key of `VERBS`; arguments: of that verb, by name; who: asks, for the ledger.
    """
    if verb not in VERBS:
        raise LedgerError(f"a desk knows {', '.join(VERBS)}, not {verb!r}")
    return await VERBS[verb](desk, arguments, who)


def noted(action: str, arguments: Json, who: str) -> Operated:
    """What a person did, for the ledger."""
    return Operated(action, {key: one for key, one in arguments.items() if one is not None}, who)


async def _pause(desk: Desk, arguments: Mapping[str, Any], who: str) -> str:
    """Send nothing from now on, and cancel what rests at the venues."""
    desk.append([noted("pause", {}, who)])
    rested = await desk.stop_orders()
    if rested:
        await desk.observe()
    words = rested_words(desk.ledger.books, rested)
    return f"paused: it looks and decides, and sends nothing{words}"


def rested_words(books: Books, rested: list[str]) -> str:
    """What became of orders that were alive, behind an answer; nothing without any.

    rested: client ids. Worked: "; cancelled what rested: bybit:BTC/USD:BTC on futures, -1,200
    contracts".
    """
    by_outcome = dict[str, list[str]]()
    for one in (books.orders[client] for client in rested):
        what = "not known to be cancelled yet" if one.alive else "cancelled what rested"
        account, contract = one.place
        size = f"{signed(one.intended.contracts)} contracts"
        by_outcome.setdefault(what, []).append(f"{contract} on {account}, {size}")
    return "".join(f"; {what}: {', '.join(orders)}" for what, orders in by_outcome.items())


async def _resume(desk: Desk, arguments: Mapping[str, Any], who: str) -> str:
    events: list[Event] = [noted("resume", {}, who)]
    if arguments.get("reset"):
        events.append(noted("reset", {}, who))
    desk.append(events)
    return "resumed" + (", latches reset" if arguments.get("reset") else "")


async def _override(desk: Desk, arguments: Mapping[str, Any], who: str) -> str:
    hedged = [one.underlying for one in desk.mandate.hedges]
    override = override_arguments(arguments, hedged, desk.clock.now_ns())
    desk.append([Operated("override", override, who)])
    if override["ratio"] is None:
        return "the override is over"
    limits = desk.mandate.limits
    held = override_held(override, (limits.min_ratio, limits.max_ratio))
    return f"overridden to {override['ratio']:g} from the next step on{held}"


def override_held(override: Json, bounds: tuple[float, float]) -> str:
    """What becomes of a ratio beyond the limits of the mandate, behind the answer; else nothing.

    Args: override: checked; bounds: min_ratio and max_ratio.
    """
    warning = None if override["ratio"] is None else held_words(override["ratio"], *bounds)
    return "" if warning is None else f"; {warning}: the override bends no limit"


def override_arguments(arguments: Mapping[str, Any], hedged: list[str], now_ns: int) -> Json:
    """Arguments of an override, checked. Raises LedgerError naming what is wrong.

    hedged: the underlyings of the mandate; now_ns: the desk's time, ns UTC.
    """
    coin = arguments.get("underlying")
    if coin is not None and coin not in hedged:
        raise LedgerError(f"no hedge is on {coin}; there are hedges on {', '.join(hedged)}")
    ratio, until_ns = arguments.get("ratio"), arguments.get("until_ns")
    if ratio is not None and until_ns is None:
        raise LedgerError("an override needs a time until which it holds: --until TIME")
    if ratio is not None and until_ns is not None and until_ns <= now_ns:
        raise LedgerError(f"--until {iso(until_ns)} is over: the desk is at {iso(now_ns)}")
    problem = None if ratio is None else ratio_problem(ratio)
    if problem is not None:
        raise LedgerError(f"a ratio of {ratio:g} {problem}")
    return {
        "ratio": ratio,
        "until_ns": until_ns,
        "underlying": coin,
        "note": arguments.get("note") or "",
    }


async def _ack(desk: Desk, arguments: Mapping[str, Any], who: str) -> str:
    """Take down that a person knows of alerts."""
    made, words = acknowledgements(desk.ledger.books, arguments, who)
    desk.append([*made])
    return words


async def _accept(desk: Desk, arguments: Mapping[str, Any], who: str) -> str:
    """Take an account as its venue states it, after a difference nobody could explain."""
    found = await desk.observe()
    check_named("account", arguments.get("account"), found.observed.accounts)
    accepted = []
    for name, observed in found.observed.accounts.items():
        recon = found.reconciled[name]
        if arguments.get("account") not in (None, name) or not is_in_question(recon):
            continue
        if observed.statement is None or observed.activity is None:
            raise LedgerError(f"{name} could not be read whole: try again")
        event = baseline_event(observed.statement, observed.activity, desk.contracts)
        event = replace(event, differed=differing(desk.ledger.books, observed.statement))
        questions = list(accepted_events(desk.ledger.books, event, desk.ownership))
        desk.append([noted("accept", {"account": name}, who), event, *questions])
        accepted.append(name)
    await desk.observe()
    return f"taken as stated: {', '.join(accepted)}" if accepted else "nothing differs"


def is_in_question(recon: ReconciledAccount) -> bool:
    """Whether an account differs from the books, or an order of it from what was intended."""
    disputed = any(one.key.startswith(DISPUTE) for one in recon.alerts)
    return recon.account_blocked is not None or disputed


async def _adopt(desk: Desk, arguments: Mapping[str, Any], who: str) -> str:
    """Make positions that were there before the ledger began this desk's own."""
    check_adopted(desk.ledger.books, arguments)
    adopts = adopted(desk.ledger.books, desk.ownership, arguments, who)
    words = adopted_words([in_words(desk.ledger.books, one) for one in adopts])
    desk.adopt(adopts)
    return words


def check_named(what: str, name: str | None, choices: Iterable[str]) -> None:
    """Raise LedgerError for a name that means nothing to this desk, with those that do.

    Args: what: an account or a contract; name: as typed, None = all; choices: what there is.
    """
    if name is not None and name not in (names := sorted({*choices})):
        there = f"it has {', '.join(names)}" if names else "it has none"
        raise LedgerError(f"--{what} {name}: this desk has no such {what}; {there}")


def check_adopted(books: Books, arguments: Mapping[str, Any]) -> None:
    """Raise LedgerError where an account or contract to adopt of is not in the books."""
    check_named("account", arguments.get("account"), books.adopted)
    keys = [key for _, key in books.positions]  # a venue and a symbol; the symbol alone will do
    choices = keys if arguments.get("contract") in keys else [key.partition(":")[2] for key in keys]
    check_named("contract", arguments.get("contract"), choices)


def adopted_words(what: list[str]) -> str:
    """The answer to `adopt`."""
    return f"adopted: {'; '.join(what)}" if what else "nothing waits to be adopted"


async def _arrived(desk: Desk, arguments: Mapping[str, Any], who: str) -> str:
    """Coins that a person moved have arrived at an account that no venue states."""
    booked = desk.ledger.books.transfers.get(str(arguments.get("transfer")))
    if booked is None or not booked.alive:
        raise LedgerError(f"no transfer {arguments.get('transfer')} is under way")
    event = booked.noted.then("arrived", arguments.get("coins"))
    desk.append([noted("arrived", {"transfer": event.transfer_id}, who), event])
    return f"transfer {event.transfer_id} has arrived"


async def _flatten(desk: Desk, arguments: Mapping[str, Any], who: str) -> str:
    """Pause, cancel what works, and close every position that is own."""
    if not arguments.get("confirmed"):
        raise LedgerError("flatten closes every position and pauses: confirm it with --yes")
    desk.append([noted("pause", {}, who), noted("flatten", {}, who)])
    await desk.stop_orders()
    found = await desk.observe()
    if desk.is_killed:
        raise LedgerError(
            f"nothing is closed: the kill switch lets no order leave while {desk.kill_file} is "
            f"there; paused, and what rested is cancelled; remove that file, then flatten again"
        )
    sent = await desk.send_by_hand(closing(desk, found.reconciled))
    again = sent
    while again:  # a position larger than the venue takes in one order follows in parts
        before, found = open_contracts(desk), await desk.observe()
        again = await desk.send_by_hand(closing(desk, found.reconciled))
        sent += again
        if open_contracts(desk) >= before:
            break
    books, words = desk.ledger.books, f"{len(sent)} closing orders sent, paused"
    left = [place for place, one in books.positions.items() if one.contracts]
    ownership = desk.ownership
    foreign = [place for place in left if ownership.is_not_own(place)]
    alone = [place for place in left if place in books.found and place not in foreign]
    held = {place: ownership.own(place, books.positions[place].contracts) for place in left}
    left_open = [place for place in left if abs(held[place]) > NO_CONTRACTS and place not in alone]
    shared = [place for place in left if place not in (*foreign, *alone, *left_open)]
    words += _named("still open", left_open)
    words += _named("left alone, for they are not adopted", alone)
    words += _named("left alone, for they are not own", [*foreign, *shared])
    return words if left else f"{words}; nothing is left open"


def _named(what: str, positions: list[PositionKey]) -> str:
    """`; still open: bybit:BTC/USD:BTC`, or nothing."""
    return f"; {what}: {', '.join(key for _, key in positions)}" if positions else ""


def open_contracts(desk: Desk) -> float:
    """Contracts held in all places, without signs."""
    return sum(abs(one.contracts) for one in desk.ledger.books.positions.values())


def at_market(contract: Contract | None, size: float) -> float:
    """A signed size cut to what a venue takes at market, in whole lots.

    Worked: 150 to buy where 120 are taken: 120.
    """
    most = contract.orders.market_most if contract is not None else None
    if contract is None or most is None or abs(size) <= most:
        return size
    return math.copysign(whole(lots_down(most / contract.lot) * contract.lot, contract.lot), size)


def closing(desk: Desk, reconciled: Mapping[str, ReconciledAccount]) -> list[Intended]:
    """An order that closes the own part of each position whose slot is free and that is known.

    It is reduce-only where it only reduces what the venue holds, which is net, and no larger than
    the venue takes at market.
    """
    found: list[Intended] = []
    books, last = desk.ledger.books, desk.recall.last.quotes.contract
    doubted = {one.key for recon in reconciled.values() for one in recon.alerts}
    for account, recon in reconciled.items():
        for key, (contracts, entry) in recon.positions.items():
            place, own = (account, key), desk.ownership.own((account, key), contracts)
            if abs(own) <= NO_CONTRACTS or place in books.slots or place in books.found:
                continue
            if f"not_own:{account}|{key}" in doubted:
                continue
            size = at_market(desk.contracts(key), -own)
            found.append(
                Intended(
                    client_id=client_id(desk.recall.ids, len(books.orders) + 1 + len(found)),
                    account=account,
                    contract=key,
                    contracts=size,
                    reduce_only=is_reduction(contracts, size) == 1,
                    way="market",
                    limit_price=None,
                    reference_price=last.get(key, entry),
                    decision=None,
                )
            )
    return found


VERBS: dict[str, Verb] = {
    "pause": _pause,
    "resume": _resume,
    "override": _override,
    "ack": _ack,
    "accept": _accept,
    "adopt": _adopt,
    "arrived": _arrived,
    "move": move_coins,
    "flatten": _flatten,
}
