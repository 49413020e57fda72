"""Collecting the static figures of each leg into the flat rows of `Legs`."""

from collections.abc import Sequence

from volsculpt.contracts.currencies import Pegs, moves
from volsculpt.contracts.legs import Legs
from volsculpt.contracts.margin import (
    SLOPE,
    TIERS_CONTRACTS,
    TIERS_VALUE,
    cumulative_amounts,
)
from volsculpt.contracts.payoff import PAYOFF_CODE
from volsculpt.contracts.spec import Contract, Margin
from volsculpt.errors import ContractError


def margin_kind(margin: Margin) -> int:
    """The code of a margin rule in the flat rows."""
    if margin.kind == "slope":
        return SLOPE
    return TIERS_VALUE if margin.unit == "value" else TIERS_CONTRACTS


def _required(contract: Contract, figure: str, value: float | None) -> float:
    """A figure that sizing cannot do without."""
    if value is None:
        raise ContractError(
            f"{contract.key}: {figure} is unknown to the catalog; give it in your contracts file"
        )
    return value


class LegRows:
    """Columns of `Legs` under construction: one `add` a leg, then `legs()`."""

    def __init__(self) -> None:
        self._columns: dict[str, list[float]] = {
            name: [] for name in Legs._fields if name != "rows"
        }

    def add(
        self,
        contract: Contract,
        currencies: tuple[int, int, int],
        group: int,
        wallets: tuple[int, int, int],
        opening: tuple[float, float],
        powers: tuple[int, int],
    ) -> None:
        """Append a leg.

        Args: currencies: rows of base, quote, settle; group: its row; wallets: rows of cash, free
        and posted, -1 = none; opening: most leverage and the distance (a fraction) that isolated
        margin is posted for; powers: exponents of k in its mark and its settle currency when all
        coins scale by k.
        """
        margin = contract.need_margin()
        first = len(self._columns["tier_floor"])
        self._add_tiers(margin)
        row: dict[str, float] = {
            "payoff": PAYOFF_CODE[contract.payoff],
            "multiplier": contract.multiplier,
            "base_count": contract.base_count,
            "base": currencies[0],
            "quote": currencies[1],
            "settle": currencies[2],
            "group": group,
            "mark_power": powers[0],
            "settle_power": powers[1],
            "lot": contract.lot,
            "minimum": contract.least_contracts,
            "order_least_value": contract.orders.least_value or 0.0,
            "order_exempt": int(bool(contract.orders.reduce_only_exempt)),
            "order_most": contract.orders.most or 0.0,
            "position_most": contract.position_most or 0.0,
            "position_most_value": contract.position_most_value or 0.0,
            "taker": _required(contract, "the taker fee (fees.taker)", contract.fees.taker),
            "margin_kind": margin_kind(margin),
            "margin_on_entry": int(margin.base == "entry"),
            "rate_base": margin.rate_base,
            "rate_slope": margin.rate_slope,
            "rate_added": margin.closing_fee_rate,
            "initial_base": margin.initial_rate or 0.0,
            "initial_slope": margin.initial_slope,
            "tier_from": first,
            "tier_to": len(self._columns["tier_floor"]),
            "cash_wallet": wallets[0],
            "funding_wallet": wallets[0],
            "sweep_cost": 0.0,
            "free_wallet": wallets[1],
            "posted_wallet": wallets[2],
            "leverage": opening[0],
            "open_distance": opening[1],
        }
        for name, figure in row.items():
            self._columns[name].append(figure)

    def sweep(self, leg: int, wallet: int, cost: float) -> None:
        """Send the funding that a leg receives to another wallet, at a cost (a share of it)."""
        self._columns["funding_wallet"][leg] = wallet
        self._columns["sweep_cost"][leg] = cost

    def _add_tiers(self, margin: Margin) -> None:
        """Append the tiers of a rule, with the amounts that make them continuous."""
        floors = [tier.floor for tier in margin.tiers]
        rates = [tier.maintenance_rate for tier in margin.tiers]
        self._columns["tier_floor"] += floors
        self._columns["tier_rate"] += rates
        self._columns["tier_initial"] += [tier.initial or 0.0 for tier in margin.tiers]
        if floors:
            self._columns["tier_cum"] += cumulative_amounts(floors, rates)

    def legs(self) -> Legs:
        """The finished rows."""
        columns: dict[str, Sequence[float]] = dict(self._columns)
        return Legs(rows=len(columns["payoff"]), **columns)  # type: ignore[arg-type]


def powers_of(contract: Contract, pegs: Pegs) -> tuple[int, int]:
    """Exponents of k in a contract's mark and its settle currency when all coins scale by k."""
    base, quote, settle = (
        int(moves(name, pegs)) for name in (contract.base, contract.quote, contract.settle)
    )
    return base - quote, settle
