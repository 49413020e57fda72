"""Where the groups of one book breach, each looked for once a direction."""

from volsculpt.book.exposure import venue_contracts, venue_cost
from volsculpt.book.flatten import Flat
from volsculpt.book.liquidation import DOWN, NEVER, UP, liquidation_factor, nearer
from volsculpt.book.state import Quote, State


class Breaches:
    """Where the groups of a book breach; only while nothing in the book it is made for changes."""

    def __init__(
        self, flat: Flat, state: State, quote: Quote, before: "Breaches | None" = None
    ) -> None:
        """before: of the same book at the same quote in another state; what is equal is taken."""
        self.flat, self.state, self.quote, self._before = flat, state, quote, before
        self._found: dict[tuple[int, int], tuple[int, float]] = {}

    def toward(self, group: int, direction: int) -> tuple[int, float]:
        """As `liquidation_factor` with maintenance finds it, all legs moving.

        Args: group: its row; direction: UP or DOWN.
        """
        if (group, direction) not in self._found:
            self._found[group, direction] = self._looked_for(group, direction)
        return self._found[group, direction]

    def _looked_for(self, group: int, direction: int) -> tuple[int, float]:
        """The end of a group, from the state before where nothing of the group is another."""
        if self._is_idle(group):
            return NEVER, 0.0
        if self._before is not None and self._is_as_in(self._before.state, group):
            return self._before.toward(group, direction)
        book = (self.flat.layout, self.state, self.quote)
        return liquidation_factor(*book, group, direction, -1, 1)

    def _is_as_in(self, other: State, group: int) -> bool:
        """Whether a group holds and owes the same in another state."""
        own, width = self.state, self.flat.layout.currencies
        lent = range(group * width, (group + 1) * width)
        return (
            all(
                own.contracts[leg] == other.contracts[leg]
                and own.cost[leg] == other.cost[leg]
                and own.others[leg] == other.others[leg]
                and own.others_cost[leg] == other.others_cost[leg]
                for leg in self.flat.legs_of(group)
            )
            and all(own.wallet[row] == other.wallet[row] for row in self.flat.wallets_of(group))
            and all(own.bonus[row] == other.bonus[row] for row in lent)
            and all(own.others_coins[row] == other.others_coins[row] for row in lent)
        )

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
