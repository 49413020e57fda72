"""What a ledger says of its desk now: hedges, positions, what is under way, what is wrong."""

from collections import deque
from typing import Any

from volsculpt.decide.rules import Answer
from volsculpt.errors import LedgerError
from volsculpt.ledger.books import AlertBooked, Books
from volsculpt.ledger.decisions import problem_of
from volsculpt.ledger.events import Decided
from volsculpt.ledger.ledger import Ledger
from volsculpt.ledger.plain import rows_in
from volsculpt.report.document import Cells, Column, Grid, Line, Page, Section, grid_of
from volsculpt.report.pages.ahead import ahead_section
from volsculpt.report.rows.desk import (
    balances_of,
    gains_row,
    held_back_words,
    held_ratios,
    is_ended,
    last_start,
    liquidation_row,
    next_decision,
    positions_of,
    standing_of,
    stopped_rows,
    unpriced_at,
    unpriced_words,
)
from volsculpt.text import NONE, amount, coins, given, moment, percent, price, signed, usd
from volsculpt.units import iso
from volsculpt.watch.at_once import RowNames
from volsculpt.watch.filled import filled_by
from volsculpt.watch.next_change import Ahead, changes_from

Json = dict[str, Any]
NOTHING = Ahead([], [], [], [])  # of a decision that is not read


def last_decision(ledger: Ledger) -> tuple[int, Decided] | None:
    """(time, decision) of the newest decision; None before the first."""
    seq = ledger.books.last_decision_seq
    if seq is None:
        return None
    entry = next(ledger.entries(seq))
    assert isinstance(entry.event, Decided)
    return entry.time_ns, entry.event


def hedges_of(decided: Decided) -> list[Json]:
    """Each hedge of a stored decision. held_ratio None: its base is unknown or gone."""
    answer, found = decided.answer, []
    for row, (summary, aim) in enumerate(
        zip(decided.aim_input["summaries"], decided.aims, strict=True)
    ):
        before = f"{summary['underlying']}: "
        found.append(
            {
                "underlying": summary["underlying"],
                "held_ratio": answer["held"][row] if summary["held_ratio"] is not None else None,
                "target_ratio": aim["ratio"],
                "reasons": [
                    line.removeprefix(before) for line in decided.reasons if line.startswith(before)
                ],
            }
        )
    return found


def held_now(ledger: Ledger, decided: Decided) -> list[Json]:
    """Each hedge of a decision, and beside what was held then what is held with the fills since."""
    hedges, now = hedges_of(decided), held_ratios(ledger, decided)
    for row, one in enumerate(hedges):
        ratio = one["held_ratio"]
        one["held_now_ratio"] = ratio if ratio is None or now is None else now[row]
    return hedges


def status(ledger: Ledger, is_running: bool) -> Json:
    """Everything as plain values, for other programs."""
    books, made, start = ledger.books, last_decision(ledger), last_start(ledger)
    ahead = changes_ahead(ledger, made[1]) if made is not None else NOTHING
    wealth = made[1].aim_input["wealth_usd"] if made is not None else None
    return {
        "schema": 1,
        "mandate": start.get("mandate", ""),
        "running": is_running,
        "last_decision": iso(made[0]) if made is not None else None,
        "next_decision": next_decision(ledger, start) if is_running else None,
        "wealth_usd": wealth,
        "unpriced": sorted(unpriced_at(made[1])) if made is not None else [],
        "since_start": gains_row(books),
        "margin": standing_of(ledger, made[1]) if made is not None else [],
        "last_liquidation": liquidation_row(books),
        **open_troubles(ledger),
        "hedges": held_now(ledger, made[1]) if made is not None else [],
        "positions": positions_of(books),
        "balances": balances_of(books),
        "orders": orders_of(books),
        "transfers": transfers_of(books),
        "noted": noted_of(books),
        "passed": dict(sorted(books.passed.items())),
        "paused": books.paused,
        "overrides": list(books.override.values()),
        "latches": dict(books.latches),
        **ahead.as_dict(),
    }


def transfers_of(books: Books) -> list[Json]:
    """Transfers under way."""
    return [
        {
            "id": one.transfer_id,
            "source": one.source,
            "target": one.target,
            "currency": one.currency,
            "coins": one.coins,
            "state": one.state,
        }
        for one in (booked.noted for booked in books.transfers.values() if booked.alive)
    ]


def alerts_of(books: Books) -> list[Json]:
    """Alerts that were sent and are not over."""
    return [
        {
            "key": one.key,
            "level": one.level,
            "text": one.text,
            "since": iso(one.since_ns),
            **acknowledgement_of(one),
        }
        for one in books.alerts.values()
        if not one.waits and not is_ended(one.key, books)
    ]


def acknowledgement_of(one: AlertBooked | None) -> Json:
    """The number of an alert, and when, by whom and why it was acknowledged, as it is now."""
    number = one.number if one is not None else None
    if one is None or one.acknowledged is None or not one.is_acknowledged:
        none = dict.fromkeys(("acknowledged", "acknowledged_by", "acknowledged_note"))
        return {"number": number, **none}
    return {
        "number": number,
        "acknowledged": iso(one.acknowledged_ns or 0),
        "acknowledged_by": one.acknowledged.who,
        "acknowledged_note": one.acknowledged.note,
    }


def noted_of(books: Books) -> list[Json]:
    """Alerts that are noted only: they may pass by themselves."""
    return [
        {"key": one.key, "since": iso(one.since_ns)} for one in books.alerts.values() if one.waits
    ]


def changes_ahead(ledger: Ledger, decided: Decided) -> Ahead:
    """What comes next once the orders of a decision are filled; none in a form of another version.

    The inputs of a decision are kept, so nothing of it is computed while a desk trades.
    """
    try:
        problem = problem_of(ledger, decided)
        document = ledger.document(decided.layout)
        answer = rows_in(Answer, decided.answer)
    except LedgerError:
        return NOTHING
    names = RowNames(
        document["currencies"],
        [(account, key.partition(":")[2]) for account, key in document["legs"]],
        [one["account"] for one in document["groups"]],
    )
    book = filled_by(problem.layout, problem.state, problem.quote, answer)
    return changes_from(problem._replace(state=book), decided.ratio, names)


def urgent_of(books: Books, made: tuple[int, Decided]) -> list[Json]:
    """What the newest decision calls urgent, and since when: since itself where no alert says."""
    decided_ns, decided = made
    found = []
    for one in decided.urgent:
        if is_ended(one["key"], books):
            continue
        noted = books.alerts.get(one["key"])
        since_ns = noted.since_ns if noted is not None else decided_ns
        found.append({**one, "since": iso(since_ns), **acknowledgement_of(noted)})
    return found


def orders_of(books: Books) -> list[Json]:
    """Orders that are not final."""
    found = []
    for client_id in books.slots.values():
        one = books.orders[client_id]
        found.append(
            {
                "id": client_id,
                "account": one.intended.account,
                "contract": one.intended.contract,
                "contracts": one.intended.contracts,
                "filled": one.filled_contracts,
                "state": one.state,
                "since": iso(one.since_ns),
            }
        )
    return found


# --- for people --------------------------------------------------------------------------------


def status_page(facts: Json) -> Page:
    """The status on a page."""
    page = Page(f"Desk of {facts['mandate']}", state_words(facts))
    when = facts["last_decision"]
    lines: list[Line | Grid] = [
        Line(f"last decision: {moment(when)}" if when else "nothing decided yet")
    ]
    if facts["wealth_usd"] is not None:
        lines.append(Line(f"wealth: {usd(facts['wealth_usd'])} USD"))
    elif facts.get("unpriced"):
        lines.append(Line(f"wealth: {unpriced_words(facts['unpriced'])}", "warning"))
    for latch, why in facts["latches"].items():
        lines.append(Line(f"latched by {latch}: {why}", "warning"))
    lines += [Line(override_words(one)) for one in facts["overrides"]]
    page.sections.extend(urgent_sections(facts))
    page.sections.append(Section("Now", lines))
    page.sections.append(Section("Alerts", alert_lines(facts)))
    page.sections.append(Section("Hedges", [grid_of(facts["hedges"], HEDGES)]))
    ahead = Ahead.of(facts)
    page.sections.append(ahead_section(ahead, "once the orders of the last decision are filled"))
    page.sections.extend(held_sections(facts))
    return page


def state_words(facts: Json) -> str:
    """Whether a desk runs and sends."""
    state = "running" if facts["running"] else "not running"
    return f"{state}, paused" if facts["paused"] else state


def urgent_sections(facts: Json) -> list[Section]:
    """What an owner must see before anything else; nothing where all is well."""
    grave = any(one["level"] == "critical" for one in facts["urgent"])
    found: list[Line | Grid] = [
        Line(f"{one['text']} ({since_words(one)})", "danger") for one in facts["urgent"]
    ]
    return [Section("Danger" if grave else "Read this first", found)] if found else []


def since_words(one: Json) -> str:
    """The number of an alert, since when it is there, and whether a person knows of it."""
    number = "" if one["number"] is None else f"alert {one['number']}, "
    words = f"{number}since {moment(one['since'])}"
    if one["acknowledged"] is None:
        return words
    by = f" by {one['acknowledged_by']}" if one["acknowledged_by"] else ""
    note = f": {one['acknowledged_note']}" if one["acknowledged_note"] else ""
    return f"{words}; acknowledged{by}{note}"


def override_words(one: Json) -> str:
    """An override in words."""
    coin = one.get("underlying") or "every hedge"
    return f"overridden by hand: {coin} to {percent(one['ratio'])} until {moment(one['until_ns'])}"


def alert_lines(facts: Json) -> list[Line | Grid]:
    """Alerts that are not over."""
    above = {one["key"] for one in facts["urgent"]}
    found: list[Line | Grid] = [
        Line(f"{one['level']}: {one['text']} ({since_words(one)})", "warning")
        for one in facts["alerts"]
        if one["key"] not in above
    ]
    if not found and facts["alerts"]:
        found = [Line("those at the top")]
    found = found or [Line("none", "good")]
    for one in facts["noted"]:
        if one["key"] in above:
            continue
        found.append(
            Line(f"noted, it may pass by itself: {one['key']}, since {moment(one['since'])}")
        )
    if facts["passed"]:
        counts = ", ".join(f"{count} {kind}" for kind, count in facts["passed"].items())
        found.append(Line(f"passed by themselves so far: {counts}"))
    return found


HEDGES: Cells[Json] = (
    (Column("coin", left=True), lambda one: one["underlying"]),
    (
        Column("held"),
        lambda one: given(one.get("held_now_ratio", one["held_ratio"]), percent, NONE),
    ),
    (Column("target"), lambda one: given(one["target_ratio"], percent, "as held")),
)
POSITIONS: Cells[Json] = (
    (Column("contract", left=True), lambda one: one["contract"]),
    (Column("account", left=True), lambda one: one["account"]),
    (Column("contracts"), lambda one: signed(one["contracts"])),
    (Column("entry"), lambda one: price(one["entry"])),
)
COINS: Cells[Json] = (
    (Column("account", left=True), lambda one: one["account"]),
    (Column("currency", left=True), lambda one: one["currency"]),
    (Column("coins"), lambda one: coins(one["coins"])),
)


def held_sections(facts: Json) -> list[Section]:
    """Positions, coins, and what is under way; empty ones are left out."""
    held = [one for one in facts["balances"] if one["coins"] != 0.0]
    orders = [
        Line(f"order {one['id']}: {signed(one['contracts'])} {one['contract']}, {one['state']}")
        for one in facts["orders"]
    ]
    transfers = [
        Line(
            f"transfer {one['id']}: {amount(one['coins'], one['currency'])} from {one['source']} "
            f"to {one['target']}, {one['state']}"
        )
        for one in facts["transfers"]
    ]
    found = [
        Section("Positions", _grids(facts["positions"], POSITIONS)),
        Section("Coins", _grids(held, COINS)),
        Section("Under way", [*orders, *transfers]),
    ]
    return [one for one in found if one.items]


def _grids(rows: list[Json], cells: Cells[Json]) -> list[Grid]:
    """Rows as a grid, none where there are none."""
    return [grid_of(rows, cells)] if rows else []


def why(ledger: Ledger, count: int) -> Json:
    """The last decisions as plain values, oldest first."""
    found = []
    for entry in deque(ledger.entries(kinds=("decision",)), maxlen=count):
        assert isinstance(entry.event, Decided)
        hedges = hedges_of(entry.event)
        found.append({"seq": entry.seq, "time": iso(entry.time_ns), "hedges": hedges})
    books = ledger.books
    return {
        "schema": 1,
        "paused": books.paused,
        "latches": dict(books.latches),
        "decisions": found,
    }


def decisions_of(ledger: Ledger, count: int) -> list[Json]:
    """The last decisions as plain values, oldest first. Raises LedgerError: none is there."""
    found: list[Json] = why(ledger, count)["decisions"]
    if not found:
        raise LedgerError(f"{ledger.name}: nothing has been decided yet")
    return found


def why_lead(decisions: list[Json], books: Books) -> str:
    """How many decisions are told, and that none of them is sent where that is so."""
    many = len(decisions)
    what = f"the last {many} decisions" if many > 1 else "last decision"
    return "; ".join([what, *held_back_words(books)])


def open_troubles(ledger: Ledger) -> Json:
    """What of a status says whether all is well."""
    books, made = ledger.books, last_decision(ledger)
    return {
        "urgent": urgent_of(books, made) if made is not None else [],
        "alerts": alerts_of(books),
        "stopped": stopped_rows(books),
    }


def why_page(ledger: Ledger, count: int) -> Page:
    """The last decisions in words. Raises LedgerError: none is there."""
    found = decisions_of(ledger, count)
    page = Page("Why", why_lead(found, ledger.books))
    for reasons in found:
        items: list[Line | Grid] = []
        for one in reasons["hedges"]:
            items.append(Line(one["underlying"], "head"))
            items += [Line(text, "bullet") for text in one["reasons"]]
        page.sections.append(Section(moment(reasons["time"]), items))
    return page
