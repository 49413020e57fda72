"""Random books to make single rows of, and the prices and coins that a row is read at.

Rows lie in a table full of nonsense, so one that is not written whole is not a number.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.laws.drawn import NOW_NS, draw
from volsculpt.book.spans import spans
from volsculpt.book.state import Layout, Quote, State, copy_state
from volsculpt.contracts.payoff import power
from volsculpt.decide.act import clear, measure
from volsculpt.decide.goal import start_goal
from volsculpt.decide.quoting import flat_quote
from volsculpt.decide.rules import Problem, new_problem
from volsculpt.decide.trigger_forms import keep_signs
from volsculpt.decide.triggers import (
    AT_CLOSE,
    FORM,
    RANGE,
    Triggers,
    new_row,
    new_triggers,
    numbers_of,
    row_at,
    write_numbers,
)
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.simulate.backtest import flat_setup

FACTORS = (1.0, 1.4, 0.55)
WALLETS_OF_LEGS = ("cash_wallet", "funding_wallet", "free_wallet", "posted_wallet")
COLUMNS_OF_WALLETS = ("wallet_group", "wallet_wrapped", "wallet_weight")
CURRENCIES_OF_RULES = ("hedge_currency", "pool_currency", "move_currency")


@dataclass(frozen=True)
class There:
    """Prices and coins that a row is read at."""

    quote: Quote
    state: State


@cache
def problem_of(seed: int) -> Problem:
    """A random book, something in it not own, with all that is known before it is decided on.

    Of each second one the wallets and currencies stand in another order.
    """
    drawn, dice = draw(seed), random.Random(seed)
    legs = [leg for used in drawn.setup.legs for leg in used]
    flat, rules, _ = flat_setup(drawn.setup, legs, NOW_NS)
    quote = flat_quote(flat, drawn.quotes).quote
    layout = with_odd_weights(flat.layout)
    problem = new_problem(layout, with_not_own(layout, flat.state, dice), quote, rules)
    problem = turned(problem) if seed % 2 else problem
    clear(problem)
    measure(problem, ratios_of(seed))
    start_goal(problem)
    return problem


def ratios_of(seed: int) -> list[float]:
    """The target of each hedge of a random book."""
    policies = [one.policy for one in draw(seed).setup.hedges]
    return [one.ratio for one in policies if isinstance(one, FixedPolicy)]


def with_odd_weights(layout: Layout) -> Layout:
    """The layout with wrapped assets, weights that no cross group has, and marks of 1,000 coins.

    The last asset of each unified account is a wrapped one, at 0.6; the first that a cross group
    has too, and counts nothing there.
    """
    wrapped, weight = list(layout.wallet_wrapped), list(layout.wallet_weight)
    weights, count = list(layout.group_weight), list(layout.legs.base_count)
    count[-1] = 1_000.0
    cash, width = set(layout.legs.cash_wallet), layout.currencies
    for group, home in enumerate(layout.group_currency):
        own = [row for row, of in enumerate(layout.wallet_group) if of == group]
        own = [row for row in own if row not in cash] if home < 0 else own[: 1 - group % 2]
        for row in own[-1:]:
            wrapped[row], weight[row] = 1, 0.6
        if home >= 0:
            weights[group * width : (group + 1) * width] = [0.5] * width
    legs = layout.legs._replace(base_count=count)
    columns = {"wallet_wrapped": wrapped, "wallet_weight": weight, "group_weight": weights}
    return layout._replace(legs=legs, **columns)  # type: ignore[arg-type]


def with_not_own(layout: Layout, state: State, dice: random.Random) -> State:
    """The state with one contract on its last leg, and others' coins in half of the groups.

    There a bonus stands, coins and contracts that are not own; in the currencies that a cross
    group does not have it counts nothing. Of a wrapped asset something may be owed.
    """
    found = copy_state(state)
    if found.contracts[-1] != 0.0:
        found.cost[-1], found.contracts[-1] = found.cost[-1] / found.contracts[-1], 1.0
    for wallet, wrapped in enumerate(layout.wallet_wrapped):
        found.wallet[wallet] *= dice.choice((1.0, -1.0)) if wrapped else 1.0
    for group in range(layout.groups):
        if dice.random() < 0.5:
            continue
        for leg in range(layout.legs.rows - 1):
            if layout.legs.group[leg] == group:
                found.others[leg] = 0.4 * state.contracts[leg]
                found.others_cost[leg] = 0.5 * state.cost[leg]
        for wallet in range(layout.wallets):
            place = group * layout.currencies + layout.wallet_currency[wallet]
            found.bonus[place] = 0.2 * abs(state.wallet[wallet])
            found.others_coins[place] = 0.1 * abs(state.wallet[wallet])
    return found


def turned(problem: Problem) -> Problem:
    """The same book, its currencies in the reverse order, wallets of margin groups the last."""
    layout, state, quote, rules = problem[:4]
    currencies, order = currency_rows(layout), wallet_order(layout)
    of_state: dict[str, Any] = {
        "wallet": [state.wallet[row] for row in order],
        "known": list(reversed(state.known)),
        "bonus": turned_blocks(state.bonus, layout.currencies),
        "others_coins": turned_blocks(state.others_coins, layout.currencies),
    }
    of_rules: dict[str, Any] = {
        name: named_anew(getattr(rules, name), currencies) for name in CURRENCIES_OF_RULES
    } | {"source_wallet": named_anew(rules.source_wallet, order)}
    prices = Quote(list(reversed(quote.index_usd)), quote.mark)
    own = (turned_layout(layout), state._replace(**of_state), prices)
    return new_problem(*own, rules._replace(**of_rules))


def turned_layout(layout: Layout) -> Layout:
    """The layout with its currencies in the reverse order, wallets of margin groups the last."""
    legs, currencies, order = layout.legs, currency_rows(layout), wallet_order(layout)
    of_legs: dict[str, Any] = {
        name: named_anew(getattr(legs, name), currencies) for name in ("base", "quote", "settle")
    } | {name: named_anew(getattr(legs, name), order) for name in WALLETS_OF_LEGS}
    of_wallets: dict[str, Any] = {
        name: [getattr(layout, name)[row] for row in order] for name in COLUMNS_OF_WALLETS
    }
    of_layout: dict[str, Any] = {
        "legs": legs._replace(**of_legs),
        "moves": list(reversed(layout.moves)),
        "wallet_currency": named_anew([layout.wallet_currency[row] for row in order], currencies),
        "group_currency": named_anew(layout.group_currency, currencies),
        "group_weight": turned_blocks(layout.group_weight, layout.currencies),
    }
    of_rows = spans(of_layout["legs"], of_wallets["wallet_group"], layout.groups)
    return layout._replace(**of_layout, **of_wallets, **of_rows)


def currency_rows(layout: Layout) -> list[int]:
    """The rows of currencies in the reverse order."""
    return list(reversed(range(layout.currencies)))


def wallet_order(layout: Layout) -> list[int]:
    """The rows of wallets, those of margin groups the last, and of these the wrapped ones."""
    own = range(layout.wallets)
    return sorted(own, key=lambda row: (layout.wallet_group[row] >= 0, layout.wallet_wrapped[row]))


def named_anew(column: Sequence[int], order: Sequence[int]) -> list[int]:
    """The row numbers of a column once rows stand in another order; -1 stays."""
    return [order.index(row) if row >= 0 else row for row in column]


def turned_blocks(column: Sequence[float], width: int) -> list[float]:
    """A figure per group and currency, the currencies in the reverse order."""
    blocks = [column[first : first + width] for first in range(0, len(column), width)]
    return [one for block in blocks for one in reversed(block)]


def empty_rows(problem: Problem) -> Triggers:
    """No rows yet, at the prices of now."""
    rows = new_triggers(problem.layout, problem.rules.hedges)
    for column in (rows.coef, rows.gain, rows.turn, rows.constant, rows.factor, rows.least):
        column[:] = [math.nan] * len(column)
    rows.used[0] = 0
    write_numbers(problem.layout, problem.quote, rows.now)
    return rows


def new_form(problem: Problem, rows: Triggers) -> int:
    """An empty row that is not the first, and not the last of the table."""
    first = new_row(problem.layout, problem.rules.hedges, rows, FORM, 0, AT_CLOSE)
    return first if first else new_form(problem, rows)


def elsewhere(problem: Problem, dice: random.Random, size: float) -> There:
    """Every price and every wallet moved on its own, by about a size."""
    index = [price * math.exp(size * dice.gauss(0, 1)) for price in problem.quote.index_usd]
    mark = [price * math.exp(size * dice.gauss(0, 1)) for price in problem.quote.mark]
    state = copy_state(problem.state)
    for wallet, coins in enumerate(state.wallet):
        state.wallet[wallet] = coins * math.exp(size * dice.gauss(0, 1))
    return There(Quote(index, mark), state)


def at_factor(layout: Layout, quote: Quote, factor: float) -> Quote:
    """The prices once all coins stand at a factor times theirs."""
    index = [price * power(factor, layout.moves[row]) for row, price in enumerate(quote.index_usd)]
    mark = [
        price * power(factor, layout.legs.mark_power[leg]) for leg, price in enumerate(quote.mark)
    ]
    return Quote(index, mark)


def read(problem: Problem, rows: Triggers, row: int, there: There) -> float:
    """A row at other prices and coins, targets as they were, in US dollars."""
    layout = problem.layout
    numbers = [0.0] * numbers_of(layout)
    write_numbers(layout, there.quote, numbers)
    total = row_at(layout, rows, row, numbers)
    for wallet in range(layout.wallets):
        more = there.state.wallet[wallet] - problem.state.wallet[wallet]
        by = rows.gain[row * layout.wallets + wallet]
        total += by * more * numbers[layout.wallet_currency[wallet]]
    return total


def ranges_from(rows: Triggers, first: int) -> list[int]:
    """The rows from `first` on that are ends of ranges."""
    return [row for row in range(first, rows.used[0]) if rows.kind[row] == RANGE]


def ends_with_signs(problem: Problem, rows: Triggers, group: int, factor: float) -> bool:
    """Whether the last rows are those that keep a group's haircuts, at the end of a bar."""
    alone, width = empty_rows(problem), numbers_of(problem.layout)
    keep_signs(problem, alone, group, factor, AT_CLOSE)
    end, count = rows.used[0] * width, alone.used[0] * width
    return str(rows.coef[end - count : end]) == str(alone.coef[:count])
