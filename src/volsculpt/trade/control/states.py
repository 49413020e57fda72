"""States in which the desk stops or holds back, each as an alert that names its remedy. Pure.

What reads and statements say is found in `trade/observe`, coins to move in `moving`;
this is everything else that keeps a hedge from its target.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from volsculpt.contracts.currencies import peg_of
from volsculpt.decide.rules import WEALTH_GONE
from volsculpt.decide.step import Decision
from volsculpt.decide.unpriced import unpriced_groups
from volsculpt.decide.words import no_wealth_words
from volsculpt.ledger.books import Books
from volsculpt.ledger.disputes import AGAINST_INTENT
from volsculpt.text import coins
from volsculpt.trade.execute.guard import REMEDIES, Refusal
from volsculpt.trade.observe.assemble import Assembled
from volsculpt.trade.observe.observed import Alert
from volsculpt.trade.observe.reconciliation import ReconciledAccount
from volsculpt.trade.observe.snapshot import Snapshot
from volsculpt.units import HOUR_NS

NO_PRICE = "no fresh price of "


def stopped(books: Books, kill_file: Path | None) -> Iterator[Alert]:
    """What a person or a guard has stopped. kill_file: the kill switch that is set, or None."""
    if kill_file is not None:
        text = f"the kill switch is set, nothing is sent: remove {kill_file} to send again"
        yield Alert("kill", "critical", text)
    if books.paused:
        text = "paused by hand, nothing is sent: `volsculpt resume` lets it send again"
        yield Alert("paused", "info", text)
    for name, why in books.latches.items():
        yield from latched({"latch": name, "why": why})


def latched(arguments: Mapping[str, Any]) -> Iterator[Alert]:
    """A latch that is set: all but reductions stop until a person resets it."""
    text = (
        f"latched by {arguments['latch']}: {arguments['why']}; only orders that make the book "
        f"safer are sent until `volsculpt resume --reset`"
    )
    yield Alert(f"latch:{arguments['latch']}", "critical", text)


def refusals(slot: str, why: Refusal) -> Iterator[Alert]:
    """What the guard refused; the kill switch and latches have alerts of their own."""
    remedy = REMEDIES.get(why.rule)
    if remedy is not None:
        yield Alert(f"guard:{slot}|{why.rule}", "warning", f"{slot}: {why.why}; {remedy}")


def unread(accounts: Collection[str], alerts: Collection[Alert]) -> Iterator[Alert]:
    """Accounts a fresh ledger has not read whole yet, where nothing says why."""
    keys = {one.key for one in alerts}
    for name in accounts:
        if not keys & {f"read:{name}", f"adopt:{name}", f"unknown:{name}"}:
            text = f"{name} was never read whole, so nothing is decided; look at its venue and keys"
            yield Alert(f"unread:{name}", "critical", text)


def held_back(
    found: Snapshot, books: Books, assembled: Assembled, decision: Decision
) -> Iterator[Alert]:
    """What leaves a hedge as it is, beside what reads and statements report already.

    And what it is sized by that nothing tells.
    """
    for recon in found.reconciled.values():
        yield from _waiting(recon, bool(found.observed.accounts[recon.account].problems))
    yield from _unpriced(found, assembled)
    yield from unknown_margin(decision)
    yield from _pegs_assumed(assembled, decision)
    yield from _late(books, found.observed.time_ns, decision)
    for hedge, aim in zip(decision.setup.hedges, decision.aims, strict=True):
        if aim.ratio is None and aim.target_delta_coin is None:
            why = f" ({'; '.join(aim.reasons)})" if aim.reasons else ""
            text = (
                f"{hedge.underlying}: its policy gives no answer{why}, so what "
                f"is held is kept; give it what it asks for, or `volsculpt override` the ratio"
            )
            yield Alert(f"aim:{hedge.underlying}", "warning", text)
    for row, hedge in enumerate(decision.setup.hedges):
        if decision.answer.hedge_code[row] & WEALTH_GONE and decision.wealth_usd is not None:
            text = f"{hedge.underlying}: {no_wealth_words(decision)}"
            yield Alert(f"wealth:{hedge.underlying}", "critical", text)


def _pegs_assumed(assembled: Assembled, decision: Decision) -> Iterator[Alert]:
    """Stablecoins that are taken at their peg, as nothing tells what they are worth now."""
    for name in decision.flat.currencies:
        peg = peg_of(name, decision.flat.pegs)
        if peg is not None and name not in assembled.quotes.index:
            text = (
                f"{name} is taken at 1 {peg}, which is assumed: no venue in use and no history "
                f"told its price within a day; look at it yourself, and `volsculpt pause` if it "
                f"is off"
            )
            yield Alert(f"peg:{name}", "warning", text)


def _waiting(recon: ReconciledAccount, is_reported: bool) -> Iterator[Alert]:
    """Orders whose end is not known, and accounts that wait for news of one or of a transfer."""
    for key, why in recon.blocked.items():
        if why.startswith("order ") and AGAINST_INTENT not in why:
            text = (
                f"{key} on {recon.account} is blocked by {why}; look for it at the venue and "
                f"cancel it there, its leg is free once the venue tells its end"
            )
            yield Alert(f"order:{why.split()[1].rstrip(':')}", "warning", text)
    others = [one for one in recon.alerts if not one.key.startswith("found:")]
    if recon.account_blocked is not None and not others and not is_reported:
        text = (
            f"{recon.account_blocked}, so nothing of it is traded; if the news does not come "
            f"`volsculpt accept` takes the venue's figures"
        )
        yield Alert(f"waits:{recon.account}", "warning", text)


def _unpriced(found: Snapshot, assembled: Assembled) -> Iterator[Alert]:
    """Prices that are missing though every read came: no venue in use tells them."""
    names = [line.removeprefix(NO_PRICE) for line in assembled.why if line.startswith(NO_PRICE)]
    if names and not any(one.key.startswith("read:") for one in found.alerts):
        text = (
            f"no fresh price of {', '.join(names)}, so hedges they size are left as they are; "
            f"look whether a venue in use still quotes a contract on them"
        )
        yield Alert("data:prices", "warning", text)


def unknown_margin(decision: Decision) -> Iterator[Alert]:
    """Margin groups that hold what has no price: nobody knows how much margin is left there."""
    unpriced, flat = decision.setup.missing.unpriced, decision.flat
    for row in sorted(unpriced_groups(flat, unpriced)) if unpriced else ():
        label, legs = flat.groups[row], [flat.legs[leg][1] for leg in flat.legs_of(row)]
        own = unpriced & {name for one in legs for name in (one.base, one.quote, one.settle)}
        text = (
            f"{label.account} ({label.group}): no price of {', '.join(sorted(own or unpriced))} is "
            f"known, which it holds, so how much margin is left is not known either: nothing that "
            f"needs margin is sent there, only what makes positions smaller, and no coins are "
            f"moved; look at the venue, and `volsculpt flatten` if it is near its end"
        )
        yield Alert(f"unpriced:{label.account}|{label.group}", "critical", text)


def _late(books: Books, now_ns: int, decision: Decision) -> Iterator[Alert]:
    """Transfers under way for more than twice as long as the mandate says, and an hour."""
    longest = max((one.transfer_hours for one in decision.setup.collateral), default=0.0)
    for name, booked in books.transfers.items():
        noted = booked.noted
        if booked.alive and noted.state != "asked":
            if now_ns - booked.since_ns > (2.0 * longest + 1.0) * HOUR_NS:
                text = (
                    f"transfer {name} of {coins(noted.coins)} {noted.currency} from "
                    f"'{noted.source}' to '{noted.target}' is {noted.state} for longer than "
                    f"transfers take; look for it at the venue, then `volsculpt arrived`"
                )
                yield Alert(f"transfer:{name}", "warning", text)
