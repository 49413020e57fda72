"""A plan as a page: the answer first, then why, then the figures, then what to watch.

The terminal and the browser show the same page.
"""

import math
from collections.abc import Callable
from dataclasses import replace

from volsculpt.contracts.currencies import moves
from volsculpt.report.document import (
    Grid,
    Line,
    LineKind,
    Page,
    Section,
    capped,
    capped_lines,
    warned,
)
from volsculpt.report.pages.ahead import ahead_section, events_section
from volsculpt.report.pages.order_parts import later_lines, later_orders, parts_lines
from volsculpt.report.pages.plan_carry import carry
from volsculpt.report.pages.plan_danger import danger, rescue_lines, until_safe
from volsculpt.report.pages.plan_encumbered import kept, ladder, loans, locked
from volsculpt.report.pages.plan_tables import account_name, exposure, margin, scenarios
from volsculpt.report.pages.plan_verdict import short_verdict
from volsculpt.report.rows.plan import (
    BookBeta,
    DecisionRow,
    MarginRow,
    OrderRow,
    PlanRows,
    StepRow,
)
from volsculpt.report.rows.plan_book import last_on_coins
from volsculpt.text import amount, coins, contracts, decimals, given, moment, percent, price, usd
from volsculpt.watch.next_change import Ahead
from volsculpt.watch.nextstep import NextStepRow
from volsculpt.watch.step_words import stands_words, step_words


def content(plan: PlanRows) -> Page:
    """The page of a plan; sections without content are left out."""
    steps = to_do(plan)
    ahead = Ahead(plan.next_changes, plan.next_unseen, plan.next_now, plan.next_unknown)
    sections = [
        danger(plan),
        steps,
        why(plan),
        Section("Beta of the whole book", beta_lines(plan.book_beta)),
        events_section(plan.events),
        until_safe(plan) or ahead_section(ahead, "once the above is done"),
        exposure(plan),
        ladder(plan),
        margin(plan),
        loans(plan),
        locked(plan),
        kept(plan),
        carry(plan),
        scenarios(plan),
        Section("Warnings", capped(plan.warnings, lambda text: warned([text]), "warnings")),
        Section("Notes", capped_lines(plan.notes, "bullet", "notes")),
    ]
    answer = short_verdict(plan, steps.items)
    return Page(plan.name, lead(plan), [one for one in sections if one.items], answer)


def lead(plan: PlanRows) -> str:
    """When, and how much it is all worth."""
    worth = f"{moment(plan.as_of)}: wealth {usd(plan.wealth_usd)} USD"
    if plan.numeraire == "USD":
        return worth
    unit = amount(plan.wealth_num, plan.numeraire)
    return f"{worth} = {unit}" if moves(plan.numeraire) else f"{worth} ({unit})"


# --- what to do, and why -------------------------------------------------------------


RATIO_LEGEND = (
    "hedged: the share of a coin whose price risk futures take away. At 0 % you keep all of the "
    "risk, at 100 % none. net long: you still gain when the coin rises; market neutral: its price "
    "hardly matters to you; net short: you gain when it falls."
)
WEALTH_LEGEND = (
    " Of wealth out of a coin: the share of all you own that does not move with it; what you hold "
    "in dollars counts, whether a contract is sold or not."
)


def to_do(plan: PlanRows) -> Section:
    """Coins on their way first, then orders, then what waits; or that there is nothing to do.

    In the order of `rows.plan_steps`. Numbered where something waits for coins.
    """
    moved = [row for row in plan.margin if row.top_up_coin]
    bring = [row for row in moved if row.top_up_coin > 0.0]
    leave = [row for row in moved if row.top_up_coin < 0.0]
    lines = list[Line | Grid](rescue_lines(plan))
    is_urgent = bool(lines)
    lines += capped(
        bring, lambda row: move_lines(row, arrival(plan, row), effect(plan, row)), "moves"
    )
    ends, waits = _ends_of(plan), waiting(plan)
    late = [place for place in range(len(plan.orders)) if place in waits]
    order = [*(place for place in range(len(plan.orders)) if place not in waits), *late]
    last = last_on_coins(plan.orders)
    lines += capped(
        order,
        lambda row: [
            *order_lines(plan.orders[row], row in waits, row in last),
            *ends(plan.orders[row]),
        ],
        "orders",
    )
    lines += capped(
        [row for row in plan.next_steps if row.planned], lambda row: _following(plan, row), "orders"
    )
    lines += capped(leave, move_lines, "moves")
    for step in plan.next_steps:
        if not step.planned:
            lines += [Line(step_words(step)[0], "action"), *_following(plan, step)]
    lines = numbered(lines) if plan.next_steps or is_urgent or late else lines
    if lines and plan.warnings:
        lines.append(Line("before you act, read the warnings at the end", "warning"))
    urgent = plan.dangers or any(row.level is not None for row in plan.loans)
    kind: LineKind = "plain" if urgent else "good"
    return Section("What to do", lines or [Line(nothing(plan), kind)])


def numbered(lines: list[Line | Grid]) -> list[Line | Grid]:
    """The lines with a number before each action, from 1."""
    count, found = 0, list[Line | Grid]()
    for line in lines:
        if isinstance(line, Line) and line.kind == "action":
            count += 1
            line = replace(line, text=f"{count}. {line.text}")
        found.append(line)
    return found


def waiting(plan: PlanRows) -> set[int]:
    """Places of the orders of this moment that wait for coins that a danger asks for."""
    first: dict[tuple[str, str | None, str, float | None], StepRow] = {}
    for step in plan.steps:  # an order that follows stands behind the one of this moment
        first.setdefault((step.account, step.contract, step.action, step.contracts), step)
    found = set()
    for place, row in enumerate(plan.orders):
        own = first.get((row.account, row.contract, row.side, row.contracts))
        if own is not None and own.waits_for is not None:
            found.add(place)
    return found


def _ends_of(plan: PlanRows) -> Callable[[OrderRow], list[Line]]:
    """How a margin group stands once its orders are filled, told with the last of them."""
    steps = [one for one in plan.steps if one.contract is not None and one.waits_for is None]
    last = {(one.account, one.group): one for one in steps if one.at is not None}
    found = {(one.account, one.contract): one for one in last.values() if one.action != "cancel"}

    def ends(row: OrderRow) -> list[Line]:
        step = found.get((row.account, row.contract))
        if step is None or row.action == "cancel":
            return []
        tick = plan.ticks.get(f"{step.account}:{step.group}")
        return [Line(f"then {step.account} {stands_words(step, tick)}", "detail")]

    return ends


def _following(plan: PlanRows, step: NextStepRow) -> list[Line]:
    """The order that follows once coins are there, and how its group stands then."""
    _, then, end = step_words(step, plan.ticks.get(f"{step.account}:{step.group}"))
    worth = list[Line]()
    if step.face_usd is not None and step.reference_price is not None:
        at = (step.face_usd, step.reference_price, step.fee, step.fee_currency)
        worth.append(Line(worth_words(*at), "detail"))
    parts = parts_lines(step.contracts, step.market_most, step.venue)
    parts += later_lines(step.contracts, step.later_contracts)
    return [Line(then, "action"), *worth, *parts, Line(end, "detail")]


def arrival(plan: PlanRows, row: MarginRow) -> str | None:
    """When coins that are on their way to a group are there; None: at once, or not known."""
    found = [
        step.done_at
        for step in plan.steps
        if (step.action, step.account, step.group) == ("move", row.account, row.group)
        and step.done_at not in (None, step.at)
    ]
    return found[-1] if found else None


def order_lines(order: OrderRow, waits: bool, is_last: bool) -> list[Line]:
    """An order as a command, and what it costs and changes.

    waits: for coins; is_last: of the orders on its coin, which tells what is left of the target.
    """
    size = contracts(order.contracts)
    where = f"of {order.contract} on {order.account} ({order.venue})"
    if order.action == "cancel":
        return [
            Line(f"CANCEL the open order to {order.side} {size} {where}", "action"),
            Line(f"worth {usd(order.face_usd)} USD", "detail"),
        ]
    change = f"{coins(order.held_contracts)} to {coins(order.target_contracts)}"
    when = ", once the coins are there" if waits else ""
    lines = [
        Line(f"{order.side.upper()} {size} {where}{when}", "action"),
        Line(
            worth_words(order.face_usd, order.reference_price, order.fee, order.fee_currency),
            "detail",
        ),
        *parts_lines(order.contracts, order.market_most, order.venue),
        *later_lines(order.contracts, order.later_contracts),
        Line(f"the position goes from {change} contracts (minus is short)", "detail"),
    ]
    if order.why is not None:
        lines.append(Line(f"it takes {order.why}", "detail"))
    if is_last:
        lines.append(Line(residual(order.residual_usd), "detail"))
    if order.leverage is not None and order.posts_coin is not None:
        posts = amount(order.posts_coin, order.fee_currency)
        lines.append(Line(f"{set_leverage(order.leverage)}: it posts {posts} of margin", "detail"))
    if order.reduce_only:
        lines.append(Line("reduce-only: it can only make the position smaller", "detail"))
    return lines


def worth_words(face_usd: float, at: float, fee: float | None, currency: str) -> str:
    """What an order is worth and costs. Worked: "worth 60,000 USD at 60,000; fee about 30 USDT".

    Args: face_usd: US dollars; at: the price it is counted at; fee: in coins of `currency`, None:
    unknown.
    """
    cost = given(fee, lambda coins: f"about {amount(coins, currency)}")
    return f"worth {usd(face_usd)} USD at {price(at)}; fee {cost}"


def set_leverage(leverage: float) -> str:
    """What to set at the venue before an isolated order. Worked: 2.345: 2.34x or lower."""
    return f"set the leverage to {math.floor(leverage * 100.0 + 1e-4) / 100.0:g}x or lower first"


def residual(left_usd: float) -> str:
    """What stays undone of the target. Worked: 69,231 stay unhedged; 0.2 is no more than dust."""
    if abs(left_usd) < 0.5:
        return "the target is then reached"
    left = usd(abs(left_usd))
    stay = "stays" if left == "1" else "stay"
    if left_usd > 0.0:
        return f"{left} USD of the target {stay} unhedged"
    return f"{left} USD more than the target {stay} hedged"


def effect(plan: PlanRows, row: MarginRow) -> str:
    """What coins that come to a group change there, and which figures count them already."""
    if row.leverage is None and row.maintenance_coin == 0.0:
        group = (row.account, row.group)
        waits = [
            one for one in plan.next_steps if one.planned and (one.account, one.group) == group
        ]
        use = "the order that waits for it stands on it" if waits else "it is for later orders"
        if waits and waits[0].later_contracts > 0.0:
            more = later_orders(waits[0].contracts, waits[0].later_contracts)
            use = f"the order that waits for it stands on it, with {more}"
        return f"nothing is held there yet: {use}"
    counted = "the figures below do not count it yet"
    if row.source is not None and row.source.partition(" (")[0] == row.account:
        counted = "the figures below count it"
    elif row.source is not None and plan.then is not None:
        counted = 'below, "then" counts it'
    return f"this moves the liquidation price away; {counted}"


def move_lines(row: MarginRow, there: str | None = None, why: str | None = None) -> list[Line]:
    """Coins to bring to a margin account, or to take away from it.

    there: when they arrive; why: what they change, told of those that are brought.
    """
    what, here = (
        amount(abs(row.top_up_coin), row.top_up_currency or row.currency),
        account_name(row),
    )
    if row.top_up_coin < 0.0:
        target = f" to {row.source}" if row.source else ""
        more = "more than the plan needs there"
        return [Line(f"MOVE {what} from {here}{target}", "action"), Line(more, "detail")]
    lines = [] if why is None else [Line(why, "detail")]
    if row.source is None:
        return [Line(f"ADD {what} to {here}: no account is named that has them", "action"), *lines]
    source = row.source.partition(" (")[0]
    if source == row.account:
        return [Line(f"POST {what} of the free coins of {source} to {here}", "action"), *lines]
    first = Line(f"MOVE {what} from {source} to {here}", "action")
    when = [] if there is None else [Line(f"they are there by {moment(there)}", "detail")]
    return [first, *when, *lines]


UNTIL_OBSERVED = "nothing is sent until then"  # how the reason of a blocked hedge ends


def nothing(plan: PlanRows) -> str:
    """Why there is nothing to do."""
    if not plan.decision:
        return "Nothing to do: the mandate asks for no hedge."
    if any(line.endswith(UNTIL_OBSERVED) for row in plan.decision for line in row.reasons):
        return "Nothing is sent: something is unknown or out of date, see why."
    if plan.dangers:
        return "No order now: what needs you is the margin, above."
    if any(row.level is not None for row in plan.loans):
        return "No order now: what needs you is a loan, above."
    open_hedges = [row.underlying for row in plan.decision if not row.is_decided]
    if open_hedges:
        return (
            f"Not decided: how much of {' and '.join(open_hedges)} to hedge is not known, so what "
            f"is held is kept; see why."
        )
    if plan.events and all(_on_target(row) for row in plan.decision):
        begins = moment(plan.events[0].begins)
        return f"Nothing to trade now: what begins on {begins} is told below, with what it needs."
    if all(_on_target(row) for row in plan.decision):
        return "Nothing to do: every hedge is where it should be."
    return "Nothing to do now; the reasons follow."


def _on_target(row: DecisionRow) -> bool:
    return row.held_ratio is not None and abs(row.held_ratio - row.target_ratio) < 0.0005


def why(plan: PlanRows) -> Section:
    """Each hedge from held to target, and its reasons."""
    lines = capped(plan.decision, decision_lines, "hedges")
    legend = RATIO_LEGEND
    if any(row.base == "wealth" for row in plan.decision):
        legend += WEALTH_LEGEND
    return Section("Why", [*lines, Line(legend, "legend")] if lines else [])


def beta_lines(beta: BookBeta | None) -> list[Line]:
    """What the book gains with a coin before and after, and the risk that is left."""
    if beta is None:
        return []
    moved = f"when {beta.to} rises 1 %, your wealth moves {_beta(beta.before, beta.before_std)}"
    left = f"{percent(beta.variance_left)}{_ends(beta.variance_left_low, beta.variance_left_high)}"
    never = percent(beta.variance_unhedgeable)
    never += _ends(beta.variance_unhedgeable_low, beta.variance_unhedgeable_high)
    return [
        Line(f"{moved} now, {_beta(beta.after, beta.after_std)} after", "bullet"),
        Line(f"of the variance without futures {left} is left after it", "bullet"),
        Line(
            f"{never} is what no size of the contracts in use takes away; the rest of it your "
            f"ratios and limits leave open",
            "bullet",
        ),
        Line(
            f"by the {beta.days} days before, with the book of today; ± is one standard error; "
            f"betas fitted on the same days flatter it",
            "legend",
        ),
    ]


def _ends(low: float | None, high: float | None) -> str:
    """The ends of an interval, where there are any. Worked: " (90 %: 16.9 % to 20.3 %)"."""
    if low is None or high is None:
        return ""
    return f" (90 %: {percent(low)} to {percent(high)})"


def _beta(value: float, std: float) -> str:
    """Worked: 0.981, 0.042: "0.98 ± 0.04 %"."""
    return f"{decimals(value, 2)} ± {decimals(std, 2)} %"


def decision_lines(row: DecisionRow) -> list[Line | Grid]:
    """One hedge: its figures, then its reasons as bullets."""
    held = "nothing to hedge" if row.is_decided else "no wealth to hedge a share of"
    held = held if row.held_ratio is None else f"{percent(row.held_ratio)} {row.share_words}"
    target = f"target {percent(row.target_ratio)} ({row.stance})"
    if not row.is_decided:
        stays = f"no target, so it stays ({row.stance})"
        target = "no target" if row.held_ratio is None else stays  # a long closes
    head = f"{row.underlying}: {held} -> {target}, policy {row.policy}"
    return [Line(head, "head"), *capped_lines(row.reasons, "bullet", "reasons")]
