"""What a margin group needs: one function of a book and the limits it is to stand within.

Top-up, release, cut and capacity are all read off `lacking`, so none of them can undo another.
"""

from volsculpt.book.exposure import leg_value
from volsculpt.book.group import at as value_at
from volsculpt.book.group import (
    excess_terms,
    group_equity,
    group_gross,
    group_maintenance,
    power,
    unit_usd,
)
from volsculpt.book.liquidation import is_smooth
from volsculpt.book.state import Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.contracts.margin import initial_rate
from volsculpt.decide.rules import Rules

UNLIMITED = 1e100
NEAR_ZERO = 1e-9  # the price that a fall by 100 % or more is judged at
PARTS = 4  # where excess is not concave it is looked at between here and the distance too


@compilable
def initial_need(layout: Layout, book: State, quote: Quote, group: int) -> float:
    """Initial margin of a group's book, in its unit; 0 for what the catalog does not know.

    Worked: 59.7 BTC in a tier of 10x: 5.97 BTC.
    """
    legs, total = layout.legs, 0.0
    for leg in range(legs.rows):
        if legs.group[leg] == group and book.contracts[leg] != 0.0:
            size = abs(leg_value(layout, book, quote, leg))
            rate = initial_rate(legs, leg, size, abs(book.contracts[leg]))
            total += size * rate * unit_usd(layout, quote, group, leg)
    return total


@compilable
def opening_short(layout: Layout, book: State, quote: Quote, group: int) -> float:
    """Units a group's book lacks for a venue to let it be opened: initial and maintenance margin.

    Worked: 1 BTC of equity for 9 BTC in a tier of 10x: -0.1, it has 0.1 to spare.
    """
    equity = group_equity(layout, book, quote, group)
    needed = initial_need(layout, book, quote, group)
    return max(needed, group_maintenance(layout, book, quote, group)) - equity


@compilable
def short_at(
    layout: Layout, book: State, quote: Quote, rules: Rules, group: int, factor: float
) -> float:
    """Units lacking now to meet maintenance when all coins stand at `factor` times their price.

    Coins of the currency that moves are worth `factor` times as much there, dollars are not.
    """
    there = value_at(excess_terms(layout, book, quote, group, factor, -1, 1), factor)
    return -there / power(factor, layout.moves[rules.move_currency[group]])


@compilable
def short_of_distance(
    layout: Layout, book: State, quote: Quote, rules: Rules, group: int, distance: float
) -> float:
    """Units lacking to survive a move of all coins by `distance` either way, and no move.

    1 or more: a fall to nothing is survived. Excess is concave between, quanto and slopes apart.
    """
    short = short_at(layout, book, quote, rules, group, 1.0)
    parts = 1 if is_smooth(layout, group) == 1 else PARTS
    for part in range(parts):
        reach = distance * (1.0 - part / parts)
        short = max(short, short_at(layout, book, quote, rules, group, 1.0 + reach))
        below = max(NEAR_ZERO, 1.0 - reach)
        short = max(short, short_at(layout, book, quote, rules, group, below))
    return short


@compilable
def lacking(
    layout: Layout,
    book: State,
    quote: Quote,
    rules: Rules,
    group: int,
    most_leverage: float,
    distance: float,
    opening: int,
) -> float:
    """Units a group's book lacks to stand within limits; below zero it has that much to spare.

    most_leverage: gross <= most_leverage * equity; distance: no liquidation nearer; 0.0 is no
    limit. opening = 1: a venue would let it be opened (initial margin, maintenance now).
    Worked: 2.948718 BTC on 0.448718 BTC at 3x: 0.982906 - 0.448718 = 0.534188.
    """
    short = -UNLIMITED
    if opening == 1:
        short = opening_short(layout, book, quote, group)
    if most_leverage > 0.0:
        equity = group_equity(layout, book, quote, group)
        short = max(short, group_gross(layout, book, quote, group) / most_leverage - equity)
    if distance > 0.0:
        short = max(short, short_of_distance(layout, book, quote, rules, group, distance))
    return short
