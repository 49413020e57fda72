"""What is known while a mandate is read: its tables, the catalog, what was found so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from volsculpt.book.holdings import Account
from volsculpt.contracts.catalog import Catalog
from volsculpt.contracts.counted import counted_asset
from volsculpt.contracts.currencies import moves
from volsculpt.contracts.spec import Contract
from volsculpt.errors import ContractError
from volsculpt.mandate.locations import Loc, Problems, choice
from volsculpt.mandate.tables import MandateTable

VENUE_HINT = "contracts of other venues can be given in contracts_file"


@dataclass
class Reading:
    """One mandate being read. `accounts` gains those that are assumed."""

    tables: MandateTable
    problems: Problems
    catalog: Catalog
    path: Path | None
    accounts: dict[str, Account] = field(default_factory=dict)
    assumed: list[str] = field(default_factory=list)
    noted: dict[str, None] = field(default_factory=dict)  # in order, each once
    warned: dict[str, None] = field(default_factory=dict)

    def add(self, loc: Loc, text: str) -> None:
        """A problem at a place."""
        self.problems.add(loc, text)

    def note(self, text: str) -> None:
        """Something taken by default, said once."""
        self.noted.setdefault(text)

    def warn(self, text: str) -> None:
        """Something to look at, said once."""
        self.warned.setdefault(text)

    @cached_property
    def held_coins(self) -> list[str]:
        """Coins that move and are held, under way or hedged ahead; wrapped ones as what is in."""
        names = [
            asset
            for account in self.tables.account
            for asset, amount in account.balances.items()
            if amount != 0
        ]
        names += [table.currency for table in self.tables.transfer]
        if self.tables.hedge_flows:
            names += [table.currency for table in self.tables.flow]
        coins = [self.underlying(name) for name in names]
        return [coin for coin in dict.fromkeys(coins) if moves(coin, self.pegs)]

    @cached_property
    def pegs(self) -> dict[str, str | None]:
        """What the file tells of stablecoins, by asset; None for a coin like any other."""
        return {
            name: None if table.peg == "none" else table.peg
            for name, table in self.tables.assets.items()
            if table.peg is not None
        }

    def underlying(self, asset: str) -> str:
        """The coin that an asset is counted in: what it wraps, SHIB for 1000SHIB, else itself."""
        table = self.tables.assets.get(asset)
        if table is None:
            return counted_asset(asset)[0]
        return table.underlying or asset

    def margin_accounts(self) -> list[Account]:
        """The margin accounts of known venue that the file describes."""
        venues = self.catalog.venues()
        return [
            account
            for account in self.accounts.values()
            if account.kind == "margin"
            and account.venue in venues
            and account.name not in self.assumed
        ]

    def need_account(self, loc: Loc, name: str) -> Account | None:
        """The account of that name, or a problem."""
        account = self.accounts.get(name)
        if account is None:
            self.add(loc, f"no such account; {choice(name, list(self.accounts))}")
        return account

    def need_hedge(self, loc: Loc, coin: str | None, hedged: Sequence[str]) -> None:
        """A problem when a coin is named that no hedge is on."""
        if coin is not None and coin not in hedged:
            self.add(loc, f"there is no [[hedge]] on it; {choice(coin, list(hedged))}")


def find_contract(reading: Reading, loc: Loc, venue: str, symbol: str) -> Contract | None:
    """The contract of a symbol at a venue; a problem, and None, when there is none.

    Args: loc: the symbol's place in the file; venue, symbol: their names.
    """
    if venue not in reading.catalog.venues():
        return None  # said once, at the account
    try:
        return reading.catalog.get(venue, symbol)
    except ContractError as error:
        reading.add(loc, str(error))
        return None
