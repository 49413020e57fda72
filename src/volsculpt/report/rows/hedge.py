"""The rows of a hedge asked for in one line, made of the rows of its plan.

Units are in the names; None is printed as null: a thing that does not exist, never a zero.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

SCHEMA = 1
HedgeAction = Literal["move", "bring", "sell", "lift", "deliver"]


@dataclass(frozen=True, slots=True)
class HedgeStep:
    """One thing to do, in its turn.

    coins: by currency, of a move or what is to be brought. contract is the catalog's name, symbol
    the venue's own; order_most what one market order may be. at: when, of the last step.
    """

    number: int
    action: HedgeAction
    account: str
    source: str | None = None
    coins: dict[str, float] = field(default_factory=dict)
    contract: str | None = None
    symbol: str | None = None
    contracts: float | None = None
    order_most: float | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class HedgeSale:
    """What to do where money that is lacking is not deposited, but coins are sold for it.

    coins: to sell, by name; brings: for how much of each money, at the prices of now; contracts: to
    sell then, by symbol, of those that are fewer; hedged_loss_usd: what the fall costs then.
    """

    coins: dict[str, float]
    brings: dict[str, float]
    contracts: dict[str, float]
    hedged_loss_usd: float


@dataclass(frozen=True, slots=True)
class HedgeFunding:
    """Funding of one perpetual over the whole time: at the low, now, at the high; + is earned.

    Rates are simple, a year; low and high are of stretches of the same length in what is stored
    since `since`. example_usd: what 0.03 % a day would earn, told where nothing is known, and
    example_rate: how much of it a stamp is.
    """

    contract: str
    held_usd: float
    low_annual: float | None
    now_annual: float | None
    high_annual: float | None
    low_usd: float | None
    now_usd: float | None
    high_usd: float | None
    since: str | None
    example_usd: float
    example_rate: float


@dataclass(frozen=True, slots=True)
class HedgeEnd:
    """What ends a hedge: where its venue closes it, and how many coins to add before.

    coins: those whose contracts stand on one margin; coin: the one that the price is of.
    liquidation_*: None where nothing closes it. add_*: where coins are first wanted on the way to
    it. Both count a move of all coins together. price_step: of the contract that the first is a
    price of, its tick; None: not known.
    """

    coins: list[str]
    coin: str
    liquidation_price: float | None
    liquidation_move: float | None
    add_price: float | None
    add_move: float | None
    add_coin: float | None
    add_currency: str | None
    price_step: float | None = None


@dataclass(frozen=True, slots=True)
class HedgeClosing:
    """A margin that is liquidated on the way to a move: the price of a coin at which it is.

    move: of all coins together to there; price_step: tick of the contract that the price is of.
    """

    coin: str
    price: float
    move: float
    price_step: float | None


@dataclass(frozen=True, slots=True)
class HedgeMove:
    """Wealth after all coins move, with the hedge and without; closed: coins whose hedge ends.

    liquidated: where. All equity of such a margin is counted as lost there, and the coins outside
    of it at the move, no longer hedged.
    """

    shock_ratio: float
    hedged_usd: float
    unhedged_usd: float
    closed: list[str]
    liquidated: list[HedgeClosing] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HedgeLock:
    """Dollars at delivery whatever happens, of the coins sold forward.

    spot_usd: what those coins are worth now. yield_annual: a year, after fees; perpetual_annual:
    of the perpetual over the same time at the funding of now. delivery_fee_usd: None: unknown, and
    then not taken off.
    """

    locked_usd: float
    spot_usd: float
    delivery_fee_usd: float | None
    yield_annual: float
    perpetual_annual: float | None


@dataclass(frozen=True, slots=True)
class HedgeRows:
    """All that a hedge asked for in one line says; `QuickHedge` adds what shows it.

    price_age_days: of stored prices, by the clock; None: prices were given. prices_given: coins
    whose price was given, beside stored ones or alone. Figures are of the book
    once all steps are done, coins to be brought among them, whose worth is taken off. coins_usd:
    worth of the coins that move, without money owned beside them. unhedged:
    coins of which less is hedged than was asked for, and why. fees_out_usd: to buy back, at today's
    prices; of a lock the delivery. sale: instead of a deposit; None: nothing is lacking, or no sale
    does. file: where the mandate stands, and next_command what plans it; None: nowhere.
    """

    as_of: str
    until: str
    days: float
    venue: str
    ratio: float
    coins: dict[str, float]
    prices_usd: dict[str, float]
    price_age_days: float | None
    prices_given: list[str]
    owned_usd: float
    coins_usd: float
    fall_ratio: float
    hedged_loss_usd: float
    unhedged_loss_usd: float
    steps: list[HedgeStep]
    sale: HedgeSale | None
    unhedged: list[str]
    fees_in_usd: float
    fees_out_usd: float | None
    funding: list[HedgeFunding]
    ends: list[HedgeEnd]
    moves: list[HedgeMove]
    lock: HedgeLock | None
    warnings: list[str]
    mandate: str
    file: str | None = None
    next_command: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The published object, `schema` first; None where a thing does not exist."""
        return {"schema": SCHEMA, **asdict(self)}
