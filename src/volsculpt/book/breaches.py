"""Where the groups of one book breach, each looked for once a direction."""

from volsculpt.book.exposure import venue_contracts, venue_cost
from volsculpt.book.flatten import Flat
from volsculpt.book.liquidation import DOWN, NEVER, UP, liquidation_factor, nearer
from volsculpt.book.state import Quote, State


class Breaches:
    """Where the groups of a book breach; only while nothing in the book it is made for changes."""

    def __init__(self, flat: Flat, state: State, quote: Quote) -> None:
        self.flat, self.state, self.quote = flat, state, quote
        self._found: dict[tuple[int, int], tuple[int, float]] = {}

    def toward(self, group: int, direction: int) -> tuple[int, float]:
        """As `liquidation_factor` with maintenance finds it, all legs moving.

        Args: group: its row; direction: UP or DOWN.
        """
        if (group, direction) not in self._found:
            book = (self.flat.layout, self.state, self.quote)
            idle = self._is_idle(group)
            near = (NEVER, 0.0) if idle else liquidation_factor(*book, group, direction, -1, 1)
            self._found[group, direction] = near
        return self._found[group, direction]

    def nearest(self, group: int) -> tuple[int, float]:
        """The nearer of the two, as `nearest_factor` finds it. group: its row."""
        return nearer(*self.toward(group, UP), *self.toward(group, DOWN))

    def _is_idle(self, group: int) -> bool:
        """Whether a group has no contracts and owes nothing: then no price can breach it."""
        flat, state, width = self.flat, self.state, self.flat.layout.currencies
        lent = range(group * width, (group + 1) * width)
        return (
            not any(
                venue_contracts(state, leg) or venue_cost(state, leg) for leg in flat.legs_of(group)
            )
            and all(state.wallet[wallet] >= 0.0 for wallet in flat.wallets_of(group))
            and all(state.bonus[row] + state.others_coins[row] >= 0.0 for row in lent)
        )
