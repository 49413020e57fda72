"""A desk in fifteen lines: is all well, else what is wrong with its remedy, and how it stands."""

from collections.abc import Sequence
from typing import Any

from volsculpt.ledger.books import rank
from volsculpt.report.document import Line, LineKind, Page, Section, clean
from volsculpt.report.pages.desk import override_words, state_words
from volsculpt.report.pages.shortened import CUT, MOST_LINES, height, shortened
from volsculpt.report.rows.desk import unpriced_words
from volsculpt.text import (
    UNKNOWN,
    amount,
    found_price,
    given,
    leverage,
    moment,
    percent,
    price,
    safe_price,
    signed,
    signed_percent,
    signed_usd,
    usd,
)

Json = dict[str, Any]
KINDS: dict[str, LineKind] = {"info": "plain", "warning": "warning", "critical": "danger"}
MOST_COINS = 4  # whose ratios are told; the furthest from their targets
MOST_ALERTS = 3  # that have a line at least; more are told where there is room
HEAD = 2  # title and blank line
LONGEST_NAME = 40  # of a mandate, letters, so that the title is one line
WELL = "All is well: no alert is open."
MORE = "all tables: --full; reasons: volsculpt why; every figure: --json"
# Of what came since the start: key, word. The rest is told where there is any.
EARNED = tuple((f"{word}_usd", word) for word in ("coins", "futures", "funding", "fees"))
BESIDE = (
    ("interest_usd", "interest"),
    ("liquidation_usd", "liquidation"),
    ("flows_usd", "deposits"),
    ("differences_usd", "accepted"),
)


def verdict(facts: Json) -> Page:
    """The page of one screen; `pages.desk.status_page` is the whole one."""
    below = _below(facts, 2)
    if _room(below) <= min(MOST_ALERTS, len(wrong(facts))):
        below = _below(facts, 1)
    name = clean(facts["mandate"])
    name = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}{CUT}"
    lines = [*alert_lines(facts, _room(below)), *below]
    return Page(f"Desk of {name}", state_words(facts), [Section("", lines)])


def _below(facts: Json, of_liquidation: int) -> list[Line]:
    """How it stands. of_liquidation: lines at most for the last liquidation."""
    return [
        *(_capped(text, 2) for text in (ratio_words(facts), margin_words(facts))),
        *(_capped(text, 2) for text in wealth_words(facts)),
        _capped(decision_words(facts), 1),
        liquidation_line(facts, of_liquidation),
        *(_capped(text, 2) for text in standing_words(facts)),
        Line(MORE, "legend"),
    ]


def _room(below: Sequence[Line]) -> int:
    """Lines that are left for what is wrong."""
    return MOST_LINES - HEAD - sum(height(line.text) for line in below)


def _capped(text: str, lines: int) -> Line:
    return Line(shortened(text, lines))


# --- what is wrong --------------------------------------------------------------------


def wrong(facts: Json) -> list[Json]:
    """What is wrong now, each once: what nobody knows of first, the gravest first, newest words."""
    urgent = {one["key"]: one for one in facts["urgent"]}
    others = [one for one in facts["alerts"] if one["key"] not in urgent]
    stopped = [{**one, **NO_ALERT} for one in facts["stopped"]]
    return sorted([*urgent.values(), *stopped, *others], key=_order)


NO_ALERT = dict.fromkeys(("number", "since", "acknowledged"))  # of what no alert tells yet


WHOLE = ("danger", "loan")  # kinds that are told whole, with their remedy, however long
NOTES = ("untold", "stated", "peg", "words")  # that harm nothing at once, told after the others


def _order(one: Json) -> tuple[bool, int, bool, bool]:
    kind = _kind(one)
    is_acknowledged = one["acknowledged"] is not None
    return is_acknowledged, -rank(one["level"]), kind not in WHOLE, kind in NOTES


def _kind(one: Json) -> str:
    return str(one["key"]).partition(":")[0]


def is_whole(one: Json) -> bool:
    """Whether a trouble is told whole: where a group is near its end, and nobody knows of it."""
    return _kind(one) in WHOLE and one["level"] != "info" and one["acknowledged"] is None


def alert_lines(facts: Json, room: int) -> list[Line]:
    """So many lines of it: the worst as whole as it can be; how many more there are.

    A danger and its remedy are whole, whatever else is told less of.
    """
    rows = wrong(facts)
    lines = [Line(WELL, "good")] if not rows else []
    if rows and room > MOST_ALERTS and all(one["acknowledged"] is not None for one in rows):
        lines = [Line("Nothing is wrong that you do not know of.")]
    left = room - len(lines)
    for place, one in enumerate(rows):
        after = len(rows) - place - 1
        most = left - _kept_for(after, place)
        if most < 1 and place:
            lines.append(Line(f"and {after + 1} more that are wrong: --full", "warning"))
            break
        text = wrong_words(one)
        text = text if is_whole(one) else shortened(text, max(1, most))
        left -= height(text)
        lines.append(Line(text, KINDS[one["level"]]))
    return lines


def _kept_for(after: int, place: int) -> int:
    """Lines that a trouble leaves to those after it: one each, and one to count the rest."""
    later = min(after, max(0, MOST_ALERTS - 1 - place))
    return later + (after > later)


def wrong_words(one: Json) -> str:
    """One trouble. Worked: "alert 3, critical, since 2024-05-20 08:00 UTC: ADD 0.7 ETH TO …"."""
    number = f"alert {one['number']}" if one["number"] is not None else ""
    since = f"since {moment(one['since'])}" if one["since"] is not None else ""
    acknowledged = "acknowledged" if one["acknowledged"] is not None else ""
    head = ", ".join(part for part in (number, one["level"], since, acknowledged) if part)
    return f"{head}: {one['text']}"


# --- how it stands --------------------------------------------------------------------


def ratio_words(facts: Json) -> str:
    """What is held against what is wanted, the furthest off first where there are many."""
    rows = facts["hedges"]
    if not rows:
        return "Nothing is hedged: nothing is decided yet."
    shown = rows if len(rows) <= MOST_COINS else sorted(rows, key=_off)[:MOST_COINS]
    ratios = ", ".join(one_ratio(one) for one in shown)
    more = len(rows) - len(shown)
    return f"Hedged: {ratios}{f' and {more} more coins' if more else ''}."


def one_ratio(one: Json) -> str:
    """Worked: "BTC 57.06 % of 60 %", "ETH 40 % kept"."""
    held = given(one.get("held_now_ratio", one["held_ratio"]), percent, UNKNOWN)
    target = one["target_ratio"]
    wanted = "kept" if target is None else f"of {percent(target)}"
    return f"{one['underlying']} {held} {wanted}"


def _off(one: Json) -> float:
    """How far from its target, the furthest first; what is not known before all."""
    if one["held_ratio"] is None:
        return float("-inf")
    target = one["target_ratio"]
    return 0.0 if target is None else -abs(one["held_ratio"] - target)


def margin_words(facts: Json) -> str:
    """Equity, leverage and end of the group that is nearest to it."""
    if not facts["margin"] and facts.get("unpriced") and facts["positions"]:
        return f"Where contracts are liquidated is {unpriced_words(facts['unpriced'])}."
    if not facts["margin"]:
        return "No contracts are held, so nothing can be liquidated."
    one, others = facts["margin"][0], len(facts["margin"]) - 1
    name = one["account"] if one["group"] == one["currency"] else f"{one['account']} {one['group']}"
    beside = f" (nearest of {others + 1})" if others else ""
    times = given(one["leverage"], leverage, "no margin left")
    equity = amount(one["equity_coin"], one["currency"])
    return f"{name}{beside}: equity {equity}, {times}, {_end(one)}."


def _end(one: Json) -> str:
    """Where a group is closed. Worked: "liquidated at 12,300 (now 7,150, +72 %)"."""
    if one["liquidation_distance"] == 0.0:
        return "the exchange closes it at once"
    if one["liquidation_price"] is None:
        return "no move of the price liquidates it"
    at = safe_price(one["liquidation_price"], one["liquidation_move"])
    move = signed_percent(one["liquidation_move"])
    return f"liquidated at {at} (now {found_price(one['price'])}, {move} away)"


def wealth_words(facts: Json) -> list[str]:
    """Wealth, and where its change came from."""
    earned, wealth = facts["since_start"], facts["wealth_usd"]
    if earned is None:
        unpriced = facts.get("unpriced")
        return [f"Wealth {unpriced_words(unpriced)}."] if unpriced and wealth is None else []
    rest = [(key, word) for key, word in BESIDE if earned[key] is None or round(earned[key])]
    gains = ", ".join(f"{word} {_gain(earned[key])}" for key, word in (*EARNED, *rest))
    worth = f"Wealth {usd(wealth)} USD; since" if wealth is not None else "Since"
    if wealth is None and facts.get("unpriced"):
        worth = f"Wealth {unpriced_words(facts['unpriced'])}; since"
    return [f"{worth} {moment(earned['since'])}: {gains} USD."]


def _gain(figure: float | None) -> str:
    return UNKNOWN if figure is None else signed_usd(round(figure))


def decision_words(facts: Json) -> str:
    """The last decision and the next."""
    last = f"Last decision {moment(facts['last_decision'])}" if facts["last_decision"] else ""
    last = last or "Nothing decided yet"
    if not facts["running"]:
        return f"{last}; none follows until a desk runs."
    following = facts["next_decision"]
    return f"{last}{f', the next {moment(following)}' if following else ''}."


def liquidation_line(facts: Json, lines: int = 2) -> Line:
    """The last liquidation: when and at what price first, the rest in so many lines at most."""
    one = facts["last_liquidation"]
    if one is None:
        return Line("Never liquidated.")
    what = "LIQUIDATED" if one["reason"] == "liquidation" else "CUT BY THE VENUE"
    closed, at = (
        one.get(mean, one[last])
        for mean, last in (("closed_contracts", "contracts"), ("average_price", "price"))
    )
    size = f"{signed(closed)} of {one['contract'].partition(':')[2]}"
    lost = one["lost_usd"]
    worth = f"; {usd(lost)} USD lost" if lost is not None and lost > 0.0 else ""
    text = f"{what} {moment(one['time'])} at {price(at)}: {size} on {one['account']}"
    return Line(shortened(f"{text}{worth}.", lines), "warning")


def standing_words(facts: Json) -> Sequence[str]:
    """What overrides the targets, and what is under way; none where nothing does."""
    words = [override_words(one) for one in facts["overrides"]]
    counts = [(len(facts[what]), what) for what in ("orders", "transfers") if facts[what]]
    under_way = ", ".join(f"{n} {what[:-1] if n == 1 else what}" for n, what in counts)
    words += [f"under way: {under_way}"] if under_way else []
    return [f"{'; '.join(words)}."] if words else []
