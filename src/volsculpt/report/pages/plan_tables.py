"""The tables of a plan: exposure, margin, scenarios; each with its legend."""

import math

from volsculpt.report.document import (
    MOST_SHOWN,
    Cells,
    Column,
    Grid,
    Line,
    Section,
    capped,
    capped_grid,
    capped_lines,
    grid_of,
    without,
)
from volsculpt.report.rows.plan import (
    ExposureRow,
    Liquidation,
    MarginRow,
    PlanRows,
    ScenarioRow,
)
from volsculpt.text import (
    NONE,
    amount,
    given,
    leverage,
    of_currency,
    percent,
    price,
    safe_price,
    signed_percent,
    signed_usd,
    usd,
)
from volsculpt.watch.loans import LOAN

MOST_NUMBERED = 12  # groups closed in one row of scenarios
SCENARIO_TITLE = "Wealth in USD if all coins move together"

MARGIN = (
    Column("account", left=True),
    Column("when", left=True),
    Column("equity"),
    Column("needed", "maintenance margin; with less equity the exchange closes the position"),
    Column("leverage"),
    Column("liquidated at"),
    Column("away", "the move of all coins together that liquidates"),
    Column("venue says", "its own formula, other positions held still", spare=1),
)

SCENARIOS = (
    Column("move", left=True),
    Column("price", spare=1),
    Column("hedged", "wealth with the futures after the orders"),
    Column("unhedged", "the same coins, every contract closed now"),
    Column("futures", "the difference, with the fees of the orders"),
    Column("to come", "dated flows at that price, not owned yet and in neither wealth"),
    Column("then", "wealth once coins have moved and the orders after them are filled"),
    Column("closed", left=True),
)


EXPOSURE: Cells[ExposureRow] = (
    (Column("coin", left=True), lambda row: row.currency),
    (
        Column("owned", "balances everywhere, and the profit of futures on it"),
        lambda row: _coins(row, row.owned_coin),
    ),
    (
        Column("to come", "dated flows that are hedged already and not owned yet"),
        lambda row: _coins(row, row.coming_coin or None),
    ),
    (
        Column("in margin", "the part that backs futures", spare=2),
        lambda row: _coins(row, row.equity_coin),
    ),
    (
        Column("in futures", "contracts, a short is negative"),
        lambda row: _coins(row, row.futures_coin),
    ),
    (Column("net", "what moves with its price"), lambda row: _coins(row, row.delta_coin)),
    (Column("net USD"), lambda row: usd(row.delta_usd)),
    (
        Column("base", "what the hedge is a share of", spare=1),
        lambda row: _coins(row, row.base_coin),
    ),
    (Column("hedged"), lambda row: given(row.held_ratio, percent, NONE)),
)


COMING = 2  # the place of "to come" among the columns


def exposure(plan: PlanRows) -> Section:
    """What is held in each currency, before the orders."""
    if not plan.exposure:
        return Section("What you hold now", [Line("Nothing is held.")])
    ahead = any(row.coming_coin for row in plan.exposure)
    grid = without(grid_of(plan.exposure, EXPOSURE), set() if ahead else {COMING})
    items = capped_grid(grid, "currencies")
    bare = [row for row in plan.exposure if row.unhedgeable_usd]
    texts = [f"{row.currency}: {usd(row.unhedgeable_usd)} USD cannot be hedged" for row in bare]
    items += capped_lines(texts, "plain", "currencies")
    done = [row for row in plan.then.held if row.held_ratio is not None] if plan.then else []
    words = {row.underlying: row.share_words for row in plan.decision}
    ratios = ", ".join(
        f"{row.underlying} is {percent(row.held_ratio or 0.0)} {words[row.underlying]}"
        for row in done
    )
    items += [Line(f"once coins have moved and the orders are filled {ratios}")] if ratios else []
    return Section("What you hold now", items)


def _coins(row: ExposureRow, number: float | None) -> str:
    return given(number, lambda coins: of_currency(coins, row.currency), NONE)


def margin(plan: PlanRows) -> Section:
    """Each margin group now and after the orders."""
    if not plan.margin:
        return Section("Margin and liquidation", [])
    groups = _in_turn(plan)
    near = _nearest(groups)
    staged = [row for rows in near for row in rows]
    items: list[Line | Grid] = [Grid(MARGIN, [_margin_row(plan, row) for row in staged])]
    if len(near) < len(groups):
        more = len(groups) - len(near)
        items.append(Line(f"and {more:,} more groups, all farther away; --json prints all"))
    items += [Line(text) for text in liquidation_contracts(staged)]
    if plan.then is not None or any(row.top_up_coin for row in plan.margin):
        items.append(Line("after: the orders are filled, the coins to move are not there yet."))
    if plan.then is not None:
        items.append(Line("then: they are, and the orders that follow are filled."))
    return Section("Margin and liquidation", items)


Staged = list[tuple[str, MarginRow]]  # one group now, after the orders, and then


def _in_turn(plan: PlanRows) -> list[Staged]:
    """Each group now, after the orders, and once coins have moved, where they do."""
    names = {"before": "now", "after": "after"}
    found: dict[tuple[str, str], Staged] = {}
    for row in plan.margin:
        found.setdefault(_group(row), []).append((names[row.stage], row))
    for late in plan.then.margin if plan.then else ():
        found[_group(late)].append(("then", late))
    return list(found.values())


def _nearest(groups: list[Staged]) -> list[Staged]:
    """The groups nearest to their end at any stage, at most MOST_SHOWN, in their order."""

    def distance(staged: Staged) -> float:
        ends = (row.liquidation_distance for _, row in staged)
        return min((end for end in ends if end is not None), default=math.inf)

    ranked = sorted(range(len(groups)), key=lambda place: distance(groups[place]))
    return [groups[place] for place in sorted(ranked[:MOST_SHOWN])]


def _group(row: MarginRow) -> tuple[str, str]:
    return row.account, row.group


def equity_words(row: MarginRow) -> str:
    """Equity for people; what is nil or owed is said in words."""
    if abs(row.equity_coin) <= max(5e-9, 1e-5 * row.maintenance_coin):
        return f"none ({row.currency})"
    if row.equity_coin < 0.0:
        return f"owes {amount(-row.equity_coin, row.currency)}"
    return amount(row.equity_coin, row.currency)


def liquidation_contracts(staged: Staged) -> list[str]:
    """Which contract each liquidation price is of, a sentence a group, once."""
    names = {
        f"{row.account} {row.group}": row.liquidation_contract or row.liquidation_coin
        for _, row in staged
        if row.liquidation_coin is not None
    }
    return [f"{group}: liquidated at a price of {name}" for group, name in names.items()]


def _margin_row(plan: PlanRows, staged: tuple[str, MarginRow]) -> tuple[str, ...]:
    when, row = staged
    return (
        f"{row.account} {row.group}",
        when,
        equity_words(row),
        of_currency(row.maintenance_coin, row.currency),
        given(row.leverage, leverage, NONE),
        liquidated_at(plan, row),
        given(away(plan, row), signed_percent, NONE),
        given(row.venue_liquidation_price, lambda at: priced(plan, row, at), NONE),
    )


def scenarios(plan: PlanRows) -> Section:
    """Wealth if all coins move together, and who is closed on the way."""
    if not plan.scenarios:
        return Section(SCENARIO_TITLE, [])
    late = plan.then.scenarios if plan.then else []
    closed = _closed([*plan.scenarios, *late])
    coin = plan.only_coin
    columns = tuple(
        Column(f"{coin[0]} at", spare=1) if coin and column.head == "price" else column
        for column in SCENARIOS
    )
    rows = [_scenario_row(row, coin[1] if coin else 0.0, closed) for row in plan.scenarios]
    if late:
        rows = [(*row[:6], _then(one, closed), row[7]) for row, one in zip(rows, late, strict=True)]
    now = any(row.liquidated for row in plan.scenarios)
    ahead = any(row.coming_usd for row in plan.scenarios)
    grid = without(Grid(columns, rows), _unused(coin is not None, ahead, bool(late), now))
    notes = capped(
        list(closed), lambda one: [Line(_closed_words(plan, one, closed[one]))], "groups"
    )
    return Section(SCENARIO_TITLE, [grid, *notes])


def _unused(has_price: bool, has_coming: bool, has_then: bool, has_closed: bool) -> set[int]:
    """Places of the columns that would say nothing."""
    empty = {1: has_price, 5: has_coming, 6: has_then, 7: has_closed}
    return {place for place, used in empty.items() if not used}


Closed = dict[Liquidation, int]  # the groups that scenarios close, with the number of each


def _closed(rows: list[ScenarioRow]) -> Closed:
    """Every group that some scenario closes, once each, in order."""
    found: Closed = {}
    for row in rows:
        for one in row.liquidated:
            found.setdefault(one, len(found) + 1)
    return found


def _scenario_row(row: ScenarioRow, now: float, closed: Closed) -> tuple[str, ...]:
    return (
        signed_percent(row.shock_ratio),
        price(now * (1.0 + row.shock_ratio)),
        usd(row.hedged_usd),
        usd(row.unhedged_usd),
        signed_usd(row.futures_usd),
        usd(row.coming_usd),
        "",
        _footnotes(row, closed),
    )


def _then(row: ScenarioRow, closed: Closed) -> str:
    """Wealth once coins have moved, and who is closed then."""
    return f"{usd(row.hedged_usd)} {_footnotes(row, closed)}".rstrip()


def _footnotes(row: ScenarioRow, closed: Closed) -> str:
    """The numbers of the groups that are closed; of very many how many there are."""
    if len(row.liquidated) > MOST_NUMBERED:
        return f"{len(row.liquidated):,} groups"
    return " ".join(f"[{number}]" for number in sorted(closed[one] for one in row.liquidated))


def _closed_words(plan: PlanRows, one: Liquidation, number: int) -> str:
    """The footnote of a group that is closed."""
    if one.group == LOAN:
        at, move = safe_price(one.price, one.move or 0.0), signed_percent(one.move or 0.0)
        return (
            f"[{number}] the lender of {one.account} sells what is pledged at {one.coin} {at}, a "
            f"move of {move}. It is counted here as if it were kept, the worse of the two."
        )
    key = f"{one.account}:{one.group}"
    after = [
        row
        for row in plan.margin
        if (row.account, row.group, row.stage) == (one.account, one.group, "after")
    ]
    tick = plan.ticks.get(key)
    same = bool(after) and after[0].liquidation_price is not None
    same = same and abs(one.price - (after[0].liquidation_price or 0.0)) <= 1e-9 * abs(one.price)
    at = liquidated_at(plan, after[0]) if same else safe_price(one.price, one.move or 0.0, tick)
    name = f"{one.account} {one.group}"
    contract = f" of {one.contract or one.coin}" if one.coin else ""
    move = f", a move of {signed_percent(one.move)}" if one.move is not None else ""
    lost = "Worst case, assumed here: the group loses all its equity."
    if after and after[0].equity_coin < 0.0:
        lost = (
            "It owes more than it has, which wealth counts above and this table does not: no "
            "other account pays for it."
        )
    return f"[{number}] the exchange closes {name} at {at}{contract}{move}. {lost}"


# --- margin groups in words ----------------------------------------------------------


def account_name(row: MarginRow) -> str:
    """The account, and the group where the account alone does not say which."""
    plain = row.group in (row.currency, "unified")
    return row.account if plain else f"{row.account} {row.group}"


def mark_of(plan: PlanRows, row: MarginRow) -> float | None:
    """Price of the group's contract, from the plan, else from the distance; None without one.

    The distance leaves two prices, above and below; the one nearer to an index is it.
    """
    given = plan.marks.get(f"{row.account}:{row.group}")
    at, distance = row.liquidation_price, row.liquidation_distance
    if given is not None or at is None or distance is None:
        return given
    possible = [at / (1.0 + side * distance) for side in (1.0, -1.0) if side * distance > -1.0]
    indexes = [index for index in plan.index_usd.values() if index > 0.0]
    return min(possible, key=lambda mark: _farness(mark, indexes))


def _farness(mark: float, indexes: list[float]) -> float:
    """How far a price is from the nearest index, as a ratio; 0 when there is none."""
    return min((abs(math.log(mark / index)) for index in indexes), default=0.0)


def priced(plan: PlanRows, row: MarginRow, at: float) -> str:
    """A price of the group's contract that liquidates, on the safe side."""
    mark, tick = mark_of(plan, row), plan.ticks.get(f"{row.account}:{row.group}")
    return safe_price(at, 0.0 if mark is None else at / mark - 1.0, tick)


def liquidated_at(plan: PlanRows, row: MarginRow) -> str:
    """Where the group is closed, for people: a price, or never."""
    if row.liquidation_price is None:
        return "never"
    coin = f"{row.liquidation_coin} " if row.liquidation_coin else ""
    return f"{coin}{priced(plan, row, row.liquidation_price)}"


def away(plan: PlanRows, row: MarginRow) -> float | None:
    """The move that closes the group, with its sign: + when it lies above the price."""
    if row.liquidation_move is not None:
        return row.liquidation_move
    mark, at, distance = mark_of(plan, row), row.liquidation_price, row.liquidation_distance
    if distance is None:
        return None
    return -distance if mark is not None and at is not None and at < mark else distance
