"""Which venue serves which account, and who can carry coins from one to another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from volsculpt.contracts.spec import Contract
from volsculpt.errors import ContractError
from volsculpt.ledger.events import FlowBooked
from volsculpt.mandate.objects import Mandate
from volsculpt.trade.venue import Venue


@dataclass(frozen=True)
class Connections:
    """The venues of a mandate, by name. carries_cold: coins of any account can be moved (paper).

    run: stands in the ids of orders and transfers, another at each start, also where a ledger was
    restored: a venue that was asked before must not find what it did then. "": the first.
    flow: lets coins come from outside or go there (the event, ns UTC, whether it is to be done or
    only asked whether it can be), each id once; raises NotDone. None: a person does it.
    close: lets go of what the venues hold open, once the desk has stopped.
    """

    venues: Mapping[str, Venue]
    carries_cold: bool = False
    run: str = ""
    flow: Callable[[FlowBooked, int, bool], None] | None = None
    close: Callable[[], None] = lambda: None

    def accounts(self, mandate: Mandate) -> dict[str, tuple[str, ...]]:
        """Accounts by the venue that states what they hold."""
        found: dict[str, list[str]] = {name: [] for name in self.venues}
        for account in mandate.book.accounts:
            if account.kind == "margin" and account.venue in found:
                found[account.venue].append(account.name)
        return {name: tuple(held) for name, held in found.items()}

    def venue_of(self, contract: str) -> Venue:
        """The venue of a contract's key."""
        return self.venues[contract.partition(":")[0]]

    def carrier(self, mandate: Mandate, source: str, target: str) -> Venue | None:
        """The venue that can move coins between two accounts; None: a person does it."""
        ends = {source.partition("|")[0], target.partition("|")[0]}
        by_venue = self.accounts(mandate)
        for name, venue in self.venues.items():
            if ends <= set(by_venue[name]) or (self.carries_cold and ends & set(by_venue[name])):
                return venue
        return None


@dataclass
class Contracts:
    """Contracts by key: of the mandate's catalog, else of what the venues list."""

    mandate: Mandate
    listed: dict[str, Contract] = field(default_factory=dict)
    _contracts: dict[str, Contract | None] = field(default_factory=dict)

    def __call__(self, key: str) -> Contract | None:
        """The contract of a key, or None where nobody knows it."""
        if key not in self._contracts:
            self._contracts[key] = self._look_up(key)
        return self._contracts[key]

    def _look_up(self, key: str) -> Contract | None:
        venue, _, symbol = key.partition(":")
        try:
            return self.mandate.catalog.get(venue, symbol)
        except ContractError:
            return self.listed.get(key)


ContractOf = Callable[[str], Contract | None]
