"""How a loan stands: what is owed, what is pledged for it, and at which prices its levels lie.

Loan-to-value is what is owed over what is pledged, in US dollars. When all coins move by a factor
k together, both are linear in k, so a level L is reached where owed(k) = L * pledged(k).
"""

from typing import NamedTuple

from volsculpt.book.flatten import Flat
from volsculpt.book.state import Quote, State
from volsculpt.units import YEAR_NS


class LoanSides(NamedTuple):
    """What is owed and pledged, US dollars, 0 or more: what moves with coins, and what does not."""

    owed_moving: float = 0.0
    owed_still: float = 0.0
    pledged_moving: float = 0.0
    pledged_still: float = 0.0

    @property
    def owed_usd(self) -> float:
        """All that is owed."""
        return self.owed_moving + self.owed_still

    @property
    def pledged_usd(self) -> float:
        """All that is pledged."""
        return self.pledged_moving + self.pledged_still

    @property
    def ltv(self) -> float | None:
        """Loan-to-value; None where nothing is pledged. Worked: 30,000 of 60,000: 0.5."""
        return self.owed_usd / self.pledged_usd if self.pledged_usd > 0.0 else None

    def at(self, factor: float) -> "LoanSides":
        """Both sides once all coins have moved by a factor."""
        moved = (self.owed_moving * factor, self.pledged_moving * factor)
        return LoanSides(moved[0], self.owed_still, moved[1], self.pledged_still)

    def passes_at(self, level: float) -> float | None:
        """The factor of today's prices from which a level is reached or passed; None: at no price.

        Above today's price where coins are owed, below it where they are pledged; beyond today's
        where it is passed already. Worked: 30,000 owed, 1 BTC pledged at 60,000, level 0.8: 0.625.
        """
        slope = self.owed_moving - level * self.pledged_moving
        if slope == 0.0:
            return None
        factor = (level * self.pledged_still - self.owed_still) / slope
        return factor if factor > 0.0 else None

    def has_passed(self, level: float) -> bool:
        """Whether as much is owed as the level allows, or more."""
        return self.owed_usd > 0.0 and self.owed_usd >= level * self.pledged_usd

    def lacks(self, level: float, factor: float = 1.0) -> float:
        """US dollars, at prices moved by a factor, that must be pledged more for a level; or none.

        Worked: 30,000 owed and 40,000 pledged, level 0.6: 10,000.
        """
        there = self.at(factor)
        return max(0.0, there.owed_usd / level - there.pledged_usd)


def interest_due(coins: float, rate: float, spent_ns: int) -> float:
    """Coins of interest on what is owed, - is added to it. Worked: 36,500 at 10 %, a day: -10.

    Args: coins: of the loan's currency, - is owed; rate: a year, a share; spent_ns: how long.
    """
    return min(0.0, coins) * rate * spent_ns / YEAR_NS


def loan_coins(flat: Flat, state: State, account: str) -> dict[int, float]:
    """Coins by currency row of an account that is a loan: pledged above 0, owed below."""
    found: dict[int, float] = {}
    for row, label in enumerate(flat.wallets):
        if label.account == account and not label.in_transit:
            currency = flat.layout.wallet_currency[row]
            found[currency] = found.get(currency, 0.0) + state.wallet[row]
    return found


def sides_of(flat: Flat, state: State, quote: Quote, account: str) -> LoanSides:
    """What is owed and pledged in a loan, at the indexes.

    Args: account: its name.
    """
    sides = [0.0, 0.0, 0.0, 0.0]
    for currency, coins in loan_coins(flat, state, account).items():
        place = (2 if coins > 0.0 else 0) + (0 if flat.layout.moves[currency] == 1 else 1)
        sides[place] += abs(coins) * quote.index_usd[currency]
    return LoanSides(*sides)
