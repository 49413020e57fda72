"""Coins that a margin group needs to stand safely, and where coins are that may come to it."""

import math
from dataclasses import replace

from volsculpt.book.state import State
from volsculpt.decide.build import is_locked
from volsculpt.decide.collateral import coins_for, unit_of_coin
from volsculpt.decide.margin_need import Within, lacking
from volsculpt.decide.step import Decision

SAFE_LEVERAGE = 3.0  # what a group is brought to where the mandate states nothing


def safe_leverage(decision: Decision, group: int) -> float:
    """What a group is brought to: its plan's third leverage within the limit, the limit, else 3."""
    most = decision.setup.limits.max_leverage
    if decision.rules.planned[group] == 0:
        return most or SAFE_LEVERAGE
    return lesser(decision.rules.band_third[group], most)


def lesser(leverage: float, most: float | None) -> float:
    """A leverage within the limit beside it; None: there is none."""
    return leverage if most is None else min(leverage, most)


def coins_needed(decision: Decision, state: State, group: int, leverage: float) -> float:
    """Coins of the moving currency that bring a group to a leverage and the stated distance.

    And to what its venue would open it at; judged as every limit is, by `lacking`. Worked: a short
    of 2.272727 ETH on 0.050505 ETH of equity, to 3x: 0.707071.

    Args: group: its row; leverage: gross over equity, > 0.
    """
    layout, quote = decision.flat.layout, decision.quoted.quote
    unit = unit_of_coin(layout, quote, decision.rules, group)
    if unit <= 0.0:
        return 0.0
    within = Within(leverage, decision.setup.limits.min_liquidation_distance or 0.0, 1)
    short = lacking(decision.problem, state, group, within)
    short -= state.incoming[group] * unit
    return coins_for(decision.problem, state, group, short) if short > 0.0 else 0.0


def in_coins_that_count(decision: Decision, group: int) -> Decision:
    """The decision with a currency that counts as margin, where coins of its own count nothing.

    Of those that the unified account knows, the one that counts most; as it is if there is none.
    """
    layout, rules = decision.flat.layout, decision.rules
    if unit_of_coin(layout, decision.quoted.quote, rules, group) > 0.0:
        return decision
    first = group * layout.currencies
    weights = layout.group_weight[first : first + len(decision.flat.currencies)]
    moves = list(rules.move_currency)
    moves[group] = max(range(len(weights)), key=lambda row: weights[row])
    coming = list(decision.flat.state.incoming)
    coming[group] = 0.0  # they are of the coins that count nothing
    flat = replace(decision.flat, state=decision.flat.state._replace(incoming=coming))
    return replace(decision, flat=flat, rules=rules._replace(move_currency=moves))


def free_elsewhere(decision: Decision, group: int, *books: State) -> dict[str, float]:
    """Coins of a group's moving currency by other accounts, where they back nothing and may leave.

    Args: group: its row; books: what is held at each moment at which they must be there; the least
    of it counts.
    """
    flat, own = decision.flat, decision.flat.groups[group].account
    return {
        flat.wallets[row].account: min(book.wallet[row] for book in books)
        for row in free_wallets(decision, decision.rules.move_currency[group], *books)
        if flat.wallets[row].account != own
    }


def free_wallets(decision: Decision, currency: int, *books: State) -> list[int]:
    """Rows of the wallets whose coins of a currency back nothing and may leave.

    Args: currency: its row; books: as `free_elsewhere` takes them.
    """
    layout, flat = decision.flat.layout, decision.flat
    return [
        row
        for row, label in enumerate(flat.wallets)
        if layout.wallet_group[row] < 0
        and layout.wallet_currency[row] == currency
        and layout.wallet_wrapped[row] == 0
        and not label.in_transit
        and not is_locked(decision.setup.book, label.account, decision.time_ns)
        and min(book.wallet[row] for book in books) > 0.0
    ]


def rounded_up(amount: float) -> float:
    """Up to four significant digits. Worked: 0.7070707 is 0.7071."""
    if amount <= 0.0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(amount)) - 3)
    return math.ceil(amount / unit - 1e-9) * unit
