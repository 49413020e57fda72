"""A mandate once read: plain objects, every name in it resolved."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from volsculpt.book.holdings import Account, Book
from volsculpt.contracts.catalog import Catalog
from volsculpt.contracts.spec import Contract
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.hedge.aim import Overlays
from volsculpt.hedge.spec import EventOverlay, Hedge, MacroOverlay, Override, Tilt, Use
from volsculpt.mandate.desk import DeskRules, GuardRules
from volsculpt.mandate.send import SendRules


@dataclass(frozen=True)
class Mandate:
    """What an owner holds and wants, ready to be planned.

    collateral: the plan that speaks of least first, so the first that fits a group is right.
    assumed_accounts: accounts in `book` that do not exist yet (empty, cross margin).
    index_venue: of spot prices from a store, None: the best that is stored. notes: what was taken
    because nothing was said. warnings: what a reader should look at. has_desk: it says how a desk
    is to work ([desk], [guard] or [send]). guard_keys: those of [guard] that it gives.
    flows_by_date: income is hedged by the dated contract of its date (hedge_flows = "by date").
    hold_ns: how long before a known withdrawal its coins are moved nowhere.
    """

    name: str
    version: int
    numeraire: str
    path: Path | None
    book: Book
    hedges: tuple[Hedge, ...]
    tilts: tuple[Tilt, ...]
    events: tuple[EventOverlay, ...]
    overrides: tuple[Override, ...]
    collateral: tuple[CollateralPlan, ...]
    limits: Limits
    catalog: Catalog
    hedge_flows: bool
    flow_horizon_ns: int
    assumed_accounts: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    desk: DeskRules = field(default_factory=DeskRules)
    guard: GuardRules = field(default_factory=GuardRules)
    send: SendRules = field(default_factory=SendRules)
    macro: tuple[MacroOverlay, ...] = ()
    index_venue: str | None = None
    has_desk: bool = False
    guard_keys: frozenset[str] = frozenset()
    flows_by_date: bool = False
    hold_ns: int = 0

    @property
    def overlays(self) -> Overlays:
        """What is laid over its policies."""
        return Overlays(self.tilts, self.events, self.overrides, self.macro)

    def hedge(self, underlying: str) -> Hedge | None:
        """The hedge of a coin, or None."""
        return next((one for one in self.hedges if one.underlying == underlying), None)

    def legs(self, hedge: Hedge, time_ns: int) -> list[tuple[str, Contract, bool]]:
        """(account, contract, retire) that a hedge may trade at `time_ns` (ns UTC).

        First what `use` picks, in its order; then, to be closed (retire True), the dated
        contracts held that a rule picked before. Raises ContractError when a contract does
        not exist at that time. What is not own is no leg of any hedge.
        """
        picked: dict[tuple[str, str], Contract] = {}
        accounts = self.book.by_name()  # reading the mandate has made sure of those in `use`
        for use in hedge.use:
            account = accounts[use.account]
            contract = self.catalog.resolve(account.venue or "", use.rule, time_ns, use.roll_days)
            if account.is_not_own(contract.key):
                continue
            picked.setdefault((use.account, contract.symbol), contract)
        legs = [(name, contract, False) for (name, _), contract in picked.items()]
        for use in hedge.use:
            for contract in _left_behind(accounts[use.account], use, time_ns):
                if (use.account, contract.symbol) not in picked:
                    picked[use.account, contract.symbol] = contract
                    legs.append((use.account, contract, True))
        return legs


def _left_behind(account: Account, use: Use, time_ns: int) -> Iterator[Contract]:
    """Dated contracts of a rule's family that its account still holds or works."""
    pair, at, _ = use.rule.partition("@")
    if not at:
        return
    held = [position.contract for position in account.positions]
    working = [order.contract for order in account.orders]
    for contract in (*held, *working):
        dated = contract.expiry_ns is not None and contract.expiry_ns > time_ns
        if (
            dated
            and not account.is_not_own(contract.key)
            and contract.symbol.rpartition("-")[0] == pair
        ):
            yield contract
