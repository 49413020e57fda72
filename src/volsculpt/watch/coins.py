"""Coins that a margin group needs to stand safely, and where coins are that may come to it."""

import math
from collections.abc import Mapping
from dataclasses import replace

from volsculpt.book.state import State
from volsculpt.decide.build import is_locked
from volsculpt.decide.collateral import coins_for, unit_of_coin
from volsculpt.decide.limits import SAFE_LEVERAGE
from volsculpt.decide.margin_need import Within, lacking
from volsculpt.decide.step import Decision
from volsculpt.text import coins

MOST_NAMED = 5  # accounts that have coins


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


class FreeCoins:
    """Coins that back nothing and may leave, by currency and wallet, read off its books once."""

    def __init__(self, decision: Decision, *books: State) -> None:
        """books: held at each moment at which they must be there; the least of it counts."""
        self._labels = decision.flat.wallets
        self._found: dict[int, dict[int, float]] = {}
        layout, accounts = decision.flat.layout, decision.setup.book.by_name()
        for row, label in enumerate(self._labels):
            backs = layout.wallet_group[row] >= 0 or layout.wallet_wrapped[row] == 1
            if backs or label.in_transit or label.is_kept:
                continue
            least = min(book.wallet[row] for book in books)
            if least > 0.0 and not is_locked(accounts.get(label.account), decision.time_ns):
                self._found.setdefault(layout.wallet_currency[row], {})[row] = least

    def of_coin(self, currency: int) -> dict[int, float]:
        """Coins of a currency by row of their wallet. currency: its row."""
        return self._found.get(currency, {})

    def elsewhere(self, decision: Decision, group: int) -> dict[str, float]:
        """Coins of a group's moving currency by account, its own left out. group: its row."""
        own, found = decision.flat.groups[group].account, dict[str, float]()
        for row, held in self.of_coin(decision.rules.move_currency[group]).items():
            if self._labels[row].account != own:
                found[self._labels[row].account] = held
        return found


def who_has(free: Mapping[str, float], currency: str) -> str:
    """Who has how many coins; of many accounts the largest. Worked: "vault has 2.22 ETH"."""
    holders = list(free.items())
    if len(holders) > MOST_NAMED:
        holders = sorted(holders, key=lambda one: -one[1])[:MOST_NAMED]
    more = len(free) - len(holders)
    listed = ", ".join(f"{name} has {coins(held)} {currency}" for name, held in holders)
    return f"{listed} and {more:,} more accounts" if more > 0 else listed


def rounded_up(amount: float) -> float:
    """Up to four significant digits. Worked: 0.7070707 is 0.7071."""
    if amount <= 0.0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(amount)) - 3)
    return math.ceil(amount / unit - 1e-9) * unit
