"""Margin, exposure and targets once more, from the definitions: plain floats over named things.

Nothing here imports the package's margin, exposure or sizing code; the laws judge it by these.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from volsculpt.book.holdings import Account, Book, Position
from volsculpt.contracts.spec import Contract, Margin
from volsculpt.decide.step import Setup
from volsculpt.market.quotes import Quotes

STEADY = frozenset(("USD", "USDT", "USDC", "EUR"))
TINY = 1e-12


@dataclass(frozen=True)
class Group:
    """Coins and positions that stand or fall together; unit None: a unified one, in USD."""

    account: str
    name: str
    unit: str | None
    coins: dict[str, float]
    lines: tuple[Position, ...]
    weights: dict[str, float]


def groups_of(book: Book) -> Iterator[Group]:
    """Every margin group of a book: a position, an account and settle coin, or an account."""
    for one in book.accounts:
        if one.kind == "margin":
            yield from groups_in(one)


def groups_in(one: Account) -> Iterator[Group]:
    """The margin groups of one account."""
    if one.margin_mode == "unified":
        lines = one.positions
        yield Group(one.name, "unified", None, one.balances, lines, one.collateral_weights)
    elif one.margin_mode == "isolated":
        for line in one.positions:
            unit = line.contract.settle
            posted = {unit: line.margin or 0.0}
            yield Group(one.name, line.contract.symbol, unit, posted, (line,), {})
    else:
        for unit in dict.fromkeys(line.contract.settle for line in one.positions):
            lines = tuple(line for line in one.positions if line.contract.settle == unit)
            yield Group(one.name, unit, unit, {unit: one.balances.get(unit, 0.0)}, lines, {})


def free_coins(one: Account) -> dict[str, float]:
    """Coins of an isolated account that no position has posted."""
    free = dict(one.balances)
    for line in one.positions:
        free[line.contract.settle] = free.get(line.contract.settle, 0.0) - (line.margin or 0.0)
    return free


# --- prices at a factor by which all coins move together -------------------------------------


def index_at(currency: str, quotes: Quotes, factor: float) -> float:
    """US dollars for one unit of a currency once all coins have moved by the factor."""
    price = quotes.index.get(currency, 1.0)
    return price if currency in STEADY else price * factor


def mark_at(contract: Contract, quotes: Quotes, factor: float) -> float:
    """The mark of a contract once all coins have moved by the factor."""
    fair = quotes.index[contract.base] / quotes.index.get(contract.quote, 1.0)
    mark = quotes.contract.get(contract.key, fair)
    if contract.base not in STEADY:
        mark *= factor
    return mark if contract.quote in STEADY else mark / factor


def size_at(contract: Contract, contracts: float, price: float) -> float:
    """Signed value in the settle currency: coins of face, or contracts times price."""
    if contract.payoff == "inverse":
        return contracts * contract.multiplier / price
    return contracts * contract.multiplier * price


def profit(line: Position, price: float) -> float:
    """Unrealised profit of a position, in what it settles in."""
    opened = size_at(line.contract, line.contracts, line.entry)
    now = size_at(line.contract, line.contracts, price)
    return opened - now if line.contract.payoff == "inverse" else now - opened


@cache
def steps_of(margin: Margin) -> tuple[tuple[float, float], ...]:
    """(floor, rate) of each tier."""
    return tuple((tier.floor, tier.maintenance_rate) for tier in margin.tiers)


def maintenance(line: Position, price: float) -> float:
    """Maintenance margin of one position: by slices of value, by contracts, or by a slope."""
    contract, margin = line.contract, line.contract.margin
    assert margin is not None
    at = line.entry if margin.base == "entry" else price
    size = abs(size_at(contract, line.contracts, at))
    if margin.kind == "slope":
        linear = contract.payoff == "linear"
        coins = abs(line.contracts) * contract.multiplier if linear else size
        rate = min(1.0, margin.rate_base + margin.rate_slope * coins)
        return size * (rate + margin.closing_fee_rate)
    rows = steps_of(margin)
    if margin.unit == "contracts":
        rate = [rate for floor, rate in rows if floor <= abs(line.contracts) or floor == 0.0][-1]
        return size * (rate + margin.closing_fee_rate)
    total = size * margin.closing_fee_rate
    for row, (floor, rate) in enumerate(rows):
        top = rows[row + 1][0] if row + 1 < len(rows) else math.inf
        total += max(0.0, min(size, top) - floor) * rate
    return total


def initial_rate(line: Position, price: float) -> float:
    """Initial margin rate of the venue at the size held; 0.0 where the catalog has none."""
    contract, margin = line.contract, line.contract.margin
    assert margin is not None
    size = abs(size_at(contract, line.contracts, price))
    if margin.kind == "slope":
        if margin.initial_rate is None:
            return 0.0
        linear = contract.payoff == "linear"
        coins = abs(line.contracts) * contract.multiplier if linear else size
        return min(1.0, margin.initial_rate + margin.initial_slope * coins)
    counted = abs(line.contracts) if margin.unit == "contracts" else size
    tier = [one for one in margin.tiers if one.floor <= counted or one.floor == 0.0][-1]
    if tier.initial_rate is not None:
        return tier.initial_rate
    return 1.0 / tier.max_leverage if tier.max_leverage else 0.0


# --- a group ---------------------------------------------------------------------------------


def equity(group: Group, quotes: Quotes, factor: float = 1.0) -> float:
    """Equity in the group's unit; unified: US dollars, what is owned at its weight."""
    sums = dict(group.coins)
    for line in group.lines:
        settle = line.contract.settle
        won = profit(line, mark_at(line.contract, quotes, factor))
        sums[settle] = sums.get(settle, 0.0) + won
    if group.unit is not None:
        return sums.get(group.unit, 0.0)
    total = 0.0
    for currency, coins in sums.items():
        weight = group.weights.get(currency, 1.0) if coins > 0.0 else 1.0
        total += coins * weight * index_at(currency, quotes, factor)
    return total


def to_unit(group: Group, line: Position, quotes: Quotes, factor: float = 1.0) -> float:
    """What one unit of a line's settle currency is in the group's unit."""
    return 1.0 if group.unit is not None else index_at(line.contract.settle, quotes, factor)


def needed(group: Group, quotes: Quotes, factor: float = 1.0) -> float:
    """Sum of maintenance margins, in the group's unit."""
    return sum(
        maintenance(line, mark_at(line.contract, quotes, factor))
        * to_unit(group, line, quotes, factor)
        for line in group.lines
    )


def gross(group: Group, quotes: Quotes, factor: float = 1.0) -> float:
    """Sum of |value|, in the group's unit."""
    return sum(
        abs(size_at(line.contract, line.contracts, mark_at(line.contract, quotes, factor)))
        * to_unit(group, line, quotes, factor)
        for line in group.lines
    )


def initial(group: Group, quotes: Quotes) -> float:
    """Sum of initial margins, in the group's unit."""
    total = 0.0
    for line in group.lines:
        mark = mark_at(line.contract, quotes, 1.0)
        size = abs(size_at(line.contract, line.contracts, mark))
        total += size * initial_rate(line, mark) * to_unit(group, line, quotes)
    return total


def excess(group: Group, quotes: Quotes, factor: float = 1.0) -> float:
    """Equity less maintenance; below zero the group is liquidated."""
    return equity(group, quotes, factor) - needed(group, quotes, factor)


def leverage(group: Group, quotes: Quotes) -> float:
    """Gross value over equity; infinite without equity."""
    own = equity(group, quotes)
    size = gross(group, quotes)
    return size / own if own > 0.0 else (math.inf if size > 0.0 else 0.0)


def factors(distance: float, points: int = 8) -> list[float]:
    """Factors of a move by up to `distance` either way, the ends first; none at or below zero."""
    found = []
    for step in range(points, 0, -1):
        move = distance * step / points
        found += [1.0 + move, 1.0 - move] if move < 1.0 else [1.0 + move]
    if distance >= 1.0:
        found += [1e-2, 1e-4]
    return [*found, 1.0]


def survives(group: Group, quotes: Quotes, distance: float, spare: float = 0.0) -> bool:
    """Whether a group stands at every factor within a distance; `spare`: units of tolerance."""
    return all(
        excess(group, quotes, factor) + spare * max(factor, 1.0 / factor) >= 0.0
        for factor in factors(distance)
    )


def distance(group: Group, quotes: Quotes, reach: float = 20.0) -> float:
    """The smallest move of all coins, either way, that liquidates; inf when none does."""
    if excess(group, quotes) < 0.0:
        return 0.0
    grid = [reach ** (step / 200.0) - 1.0 for step in range(1, 201)]
    found = math.inf
    for side in (1.0, -1.0):
        last = 0.0
        for move in grid:
            if side < 0.0 and move >= 1.0:
                break
            if excess(group, quotes, 1.0 + side * move) < 0.0:
                found = min(found, bisected(group, quotes, side, last, move))
                break
            last = move
    return found


def bisected(group: Group, quotes: Quotes, side: float, low: float, high: float) -> float:
    """The move between two at which the excess passes zero."""
    for _ in range(60):
        middle = 0.5 * (low + high)
        if excess(group, quotes, 1.0 + side * middle) < 0.0:
            high = middle
        else:
            low = middle
    return low


# --- exposure and targets --------------------------------------------------------------------


def coins_each(contract: Contract, quotes: Quotes) -> float:
    """Base coins of delta of one long contract."""
    mark = mark_at(contract, quotes, 1.0)
    if contract.payoff == "inverse":
        return contract.multiplier / mark
    if contract.payoff == "linear":
        return contract.multiplier
    settle = quotes.index.get(contract.settle, 1.0)
    return contract.multiplier * mark * settle / quotes.index[contract.base]


def lines_of(book: Book) -> list[tuple[str, Position]]:
    """Every position with its account."""
    return [(one.name, line) for one in book.accounts for line in one.positions]


def futures_coins(book: Book, coin: str, quotes: Quotes) -> float:
    """Base coins of all contracts on a coin."""
    lines = (line for _, line in lines_of(book) if line.contract.base == coin)
    return sum(line.contracts * coins_each(line.contract, quotes) for line in lines)


def balances_of(book: Book) -> dict[str, float]:
    """Coins everywhere, in transit too."""
    total: dict[str, float] = {}
    for one in book.accounts:
        for currency, coins in one.balances.items():
            total[currency] = total.get(currency, 0.0) + coins
    for moving in book.transfers:
        total[moving.currency] = total.get(moving.currency, 0.0) + moving.amount
    return total


def settled_coins(book: Book, coin: str, quotes: Quotes) -> float:
    """Coins there would be were every contract closed at its mark."""
    total = balances_of(book).get(coin, 0.0)
    for _, line in lines_of(book):
        if line.contract.settle == coin:
            total += profit(line, mark_at(line.contract, quotes, 1.0))
    return total


def wealth_usd(book: Book, quotes: Quotes) -> float:
    """Everything owned at its price, with open profit."""
    total = sum(c * quotes.index.get(name, 1.0) for name, c in balances_of(book).items())
    for _, line in lines_of(book):
        won = profit(line, mark_at(line.contract, quotes, 1.0))
        total += won * quotes.index.get(line.contract.settle, 1.0)
    return total


def base_of(setup: Setup, row: int, quotes: Quotes) -> float:
    """What the ratio of a hedge is a fraction of, in coins."""
    hedge, book = setup.hedges[row], setup.book
    price = quotes.index[hedge.underlying]
    if hedge.base == "coins":
        return hedge.coins or 0.0
    if hedge.base == "wealth":
        return wealth_usd(book, quotes) / price
    owned = balances_of(book).get(hedge.underlying, 0.0)
    for _, line in lines_of(book):
        if line.contract.base == hedge.underlying:
            won = profit(line, mark_at(line.contract, quotes, 1.0))
            owned += won * quotes.index.get(line.contract.settle, 1.0) / price
    return owned


def spot_of(setup: Setup, row: int, quotes: Quotes) -> float:
    """Coins without futures that a hedge trades: with its own futures where others carry it."""
    hedge, book = setup.hedges[row], setup.book
    spot = settled_coins(book, hedge.underlying, quotes)
    return spot + futures_coins(book, hedge.underlying, quotes) if hedge.proxies else spot


def closes(setup: Setup, row: int, ratio: float, quotes: Quotes) -> bool:
    """Whether all of a hedge is closed: of wealth, only where nothing is owed against its coins.

    Coins are kept where wealth alone is gone.
    """
    hedge, base, spot = setup.hedges[row], base_of(setup, row, quotes), spot_of(setup, row, quotes)
    least = setup.limits.min_base_usd / quotes.index[hedge.underlying]
    if base <= least:
        return hedge.base != "wealth" or spot <= least
    return ratio == 0.0 and (hedge.base != "wealth" or spot * (1.0 - 1e-9) <= base)


def need(setup: Setup, row: int, pool: str, ratio: float, quotes: Quotes) -> float:
    """Coins of a pool to be sold forward for one hedge; 0 when it is to be closed.

    Bought only as far as coins are owed, unless futures may be long.
    """
    hedge = setup.hedges[row]
    price = quotes.index[hedge.underlying]
    base = base_of(setup, row, quotes)
    if closes(setup, row, ratio, quotes):
        return 0.0
    short = spot_of(setup, row, quotes)
    if base * price > setup.limits.min_base_usd:
        short -= (1.0 - ratio) * base
    if not (setup.limits.allow_long or setup.limits.min_ratio < 0.0):
        short = max(short, min(0.0, settled_coins(setup.book, hedge.underlying, quotes)))
    if not hedge.proxies:
        return short
    beta = {one.coin: one.beta for one in hedge.proxies}[pool]
    return short * beta * price / quotes.index[pool]


def carriers_of(setup: Setup, row: int) -> list[str]:
    """The coins whose contracts carry a hedge."""
    hedge = setup.hedges[row]
    return sorted(one.coin for one in hedge.proxies) or [hedge.underlying]


def target_coins(setup: Setup, pool: str, ratios: list[float], quotes: Quotes) -> float:
    """Futures coins that the hedges of a pool ask for together, no limit applied."""
    rows = [row for row in range(len(setup.hedges)) if pool in carriers_of(setup, row)]
    return -sum(need(setup, row, pool, ratios[row], quotes) for row in rows)
