"""What a contract is: the figures a venue publishes about it, with their source.

Unknown is ``None`` and refuses what needs it (`Contract.need`); nothing is invented.
"""

from dataclasses import dataclass, field
from typing import Literal

from volsculpt.errors import ContractError

Payoff = Literal["inverse", "linear", "quanto"]


@dataclass(frozen=True, slots=True)
class Fees:
    """Fractions of the traded value; a maker rebate is negative; None = unknown."""

    maker: float | None = None
    taker: float | None = None
    delivery: float | None = None
    liquidation: float | None = None


@dataclass(frozen=True, slots=True)
class Funding:
    """How a perpetual pays funding.

    kind: "stamp" (paid at fixed times) or "continuous" (accrues all the time).
    rate_unit: "fraction" of the value, or "absolute" (quote units per contract's coin).
    interval_hours: hours a quoted rate stands for.
    """

    kind: Literal["stamp", "continuous"] = "stamp"
    rate_unit: Literal["fraction", "absolute"] = "fraction"
    interval_hours: float = 8.0


@dataclass(frozen=True, slots=True)
class Orders:
    """What the venue takes as one order; None = unknown.

    least_value: quote units at the order's price: contracts*multiplier*price, inverse
    contracts*multiplier. reduce_only_exempt: an order that only reduces may be worth less.
    market_least, market_most, limit_most: contracts; the smallest limit order is the
    contract's `minimum`. price_up, price_down: how far above the mark a buy may be priced
    and how far below it a sell, as fractions.
    """

    least_value: float | None = None
    reduce_only_exempt: bool | None = None
    market_least: float | None = None
    market_most: float | None = None
    limit_most: float | None = None
    price_up: float | None = None
    price_down: float | None = None

    @property
    def most(self) -> float | None:
        """Most contracts of one order as decided orders are sent: immediately, with a price."""
        return self.limit_most if self.limit_most is not None else self.market_most


@dataclass(frozen=True, slots=True)
class Tier:
    """From this size on: maintenance rate, and the leverage allowed (None = unknown).

    initial_rate: initial margin over value, where the venue states it and 1/max_leverage is
    only near it.
    """

    floor: float
    maintenance_rate: float
    max_leverage: float | None = None
    initial_rate: float | None = None

    @property
    def initial(self) -> float | None:
        """Initial margin rate of the whole position: as stated, else 1/max_leverage."""
        if self.initial_rate is not None:
            return self.initial_rate
        return None if self.max_leverage is None else 1.0 / self.max_leverage


@dataclass(frozen=True, slots=True)
class Margin:
    """How a venue sets maintenance margin.

    kind "tiers", unit "value": each tier's rate holds for the slice of |value| above its
    floor (value in the settle currency): maintenance = max over tiers of value*rate - cum.
    kind "tiers", unit "contracts": the tier of |contracts| sets one rate for the whole
    position. kind "slope": rate = rate_base + rate_slope * |value in coins|.
    initial_rate, initial_slope: initial margin rate of the slope kind at size 0, and what a
    coin adds to it (tiers carry leverage).
    base: "mark" or "entry", the price that maintenance is computed at.
    closing_fee_rate: added to the rate by venues that keep back the closing fee.
    known_to: size up to which the tiers are known, in their unit; None = no such bound.
    """

    kind: Literal["tiers", "slope"] = "tiers"
    unit: Literal["value", "contracts"] = "value"
    base: Literal["mark", "entry"] = "mark"
    tiers: tuple[Tier, ...] = ()
    rate_base: float = 0.0
    rate_slope: float = 0.0
    initial_rate: float | None = None
    initial_slope: float = 0.0
    closing_fee_rate: float = 0.0
    known_to: float | None = None

    @property
    def max_leverage(self) -> float | None:
        """The highest leverage a position can be opened at; None where no source tells.

        Worked: tiers that begin at 100x say 100, a slope that begins at 2 % initial margin 50.
        """
        if self.tiers and self.tiers[0].max_leverage is not None:
            return self.tiers[0].max_leverage
        initial = self.tiers[0].initial if self.tiers else self.initial_rate
        return 1.0 / initial if initial else None


@dataclass(frozen=True, slots=True)
class Contract:
    """One tradable contract of one venue; the symbol is ccxt's unified notation.

    multiplier: inverse: quote units per contract; linear: base coins per contract, in units
    of base_count;
    quanto: settle coins per contract and per quote unit of price.
    base_count: base coins that the price is of: 1,000 of 1000SHIB; of all others 1.
    tick: price step. lot, minimum: step and smallest size of an order, in contracts.
    position_most: the largest position, in contracts; position_most_value: likewise in the
    unit of value (settle coin of an inverse contract, quote of a linear one), at the mark.
    expiry_ns: None for a perpetual. sources: figure -> where and when it was read.
    """

    venue: str
    symbol: str
    base: str
    quote: str
    settle: str
    payoff: Payoff
    multiplier: float
    tick: float | None = None
    lot: float = 1.0
    minimum: float | None = None
    orders: Orders = Orders()
    position_most: float | None = None
    position_most_value: float | None = None
    base_count: float = 1.0
    expiry_ns: int | None = None
    fees: Fees = Fees()
    funding: Funding | None = None
    margin: Margin | None = None
    valid_from_ns: int | None = None
    valid_to_ns: int | None = None
    native_symbol: str | None = None
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Venue and symbol as the command line writes them: ``bybit:BTC/USD:BTC``."""
        return f"{self.venue}:{self.symbol}"

    @property
    def life_ns(self) -> tuple[int | None, int | None]:
        """[from, to) in which it exists, ns UTC; None: as far as anybody knows."""
        ends = [one for one in (self.valid_to_ns, self.expiry_ns) if one is not None]
        return self.valid_from_ns, min(ends, default=None)

    @property
    def least_contracts(self) -> float:
        """Least contracts of an order, however it is sent; a lot where none is known."""
        stated = [one for one in (self.minimum, self.orders.market_least) if one is not None]
        return max(stated, default=self.lot)

    @property
    def needs(self) -> tuple[str, ...]:
        """Keys that no plan can do without and the catalog lacks, as a contracts file has them."""
        lacking = {"margin": self.margin is None, "fees.taker": self.fees.taker is None}
        return tuple(key for key, is_lacking in lacking.items() if is_lacking)

    def need_margin(self) -> Margin:
        """The margin rule, or a ContractError that says how to supply it."""
        if self.margin is None:
            raise ContractError(
                f"{self.key}: maintenance margin is unknown to the catalog, so its liquidation "
                f"cannot be computed; use another (volsculpt contracts find {self.base}), or give "
                f"[contract.margin] for it in your contracts file: write contracts_file = "
                f'"FILE" at the top of the mandate (docs/mandate.md, Contracts of your own)'
            )
        return self.margin
