"""The tables of a mandate that say what is held: accounts, assets, flows, transfers."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from volsculpt.mandate.kinds import (
    FOUND,
    OWN_MESSAGE,
    Contradiction,
    Name,
    NotNegative,
    Positive,
    PositiveShare,
    Share,
    Time,
    TomlTable,
    key,
)

MARGIN_ONLY = (
    "margin_mode",
    "leverage",
    "collateral_weights",
    "fees",
    "fee_discount",
    "bonus",
    "position",
    "order",
)
LOAN_ONLY = ("interest", "call_ltv", "liquidation_ltv", "due")
ISOLATED_PART = (
    "the margin posted to an isolated position is not told apart; leave contracts out (all of it "
    "is not own), or keep it in another account"
)
MOST_FEE = 0.01  # no venue asks as much; a fee written in percent is above it


def _no_portfolio(mode: object) -> object:
    """Refuse portfolio margin in words; other modes are judged by their type."""
    if mode == "portfolio":
        raise PydanticCustomError(
            OWN_MESSAGE,
            "is refused: portfolio margin follows the venue's own risk model, which cannot be "
            'recomputed here; use a "unified" or "cross" account for the hedge',
        )
    return mode


class PositionTable(TomlTable):
    """A futures position as the venue shows it."""

    contract: Name = key("Symbol in ccxt's unified notation.", "BTC/USD:BTC")
    contracts: float = key("Signed number of contracts; negative is short.", -20_000)
    entry: Positive = key("Average entry price, in the quote currency.", 52_000.0)
    margin: Positive | None = key("Isolated: coins posted to it.", 0.1, None)
    leverage: Positive | None = key("Isolated: leverage at which coins are posted.", 3.0, None)


class NotOwnTable(TomlTable):
    """What in an account is somebody else's: a contract, a part of its position, or coins."""

    contract: Name | None = key("Symbol of a contract that is not own.", "BTC/USD:BTC", None)
    contracts: float | None = key(
        "Signed contracts of its position that are not own; absent: all of them.", -20_000, None
    )
    entry: Positive | None = key(
        "Average entry price of those contracts; absent: that of the position.", 52_000.0, None
    )
    coin: Name | None = key("Currency of coins that are not own.", "BTC", None)
    amount: Positive | None = key("Coins of its balance that are not own.", 0.2, None)

    def check(self) -> Iterator[Contradiction]:
        """A contract or coins, each with its own keys."""
        if (self.contract is None) == (self.coin is None):
            yield (), 'give one of contract = "BTC/USD:BTC" and coin = "BTC" (with amount)'
            return
        if self.coin is not None and self.amount is None:
            yield "amount", f"is missing: how many {self.coin} are not own; for example 0.2"
        for name in ("contracts", "entry") if self.coin is not None else ("amount",):
            if getattr(self, name) is not None:
                yield name, f"belongs to {'coin' if name == 'amount' else 'contract'}; remove it"
        if self.contracts == 0.0:
            yield "contracts", "is nothing; give the part that is not own, or remove the table"
        if self.coin is None and self.contracts is None and self.entry is not None:
            yield "entry", "is of a part: give contracts too, or remove it"


class OrderTable(TomlTable):
    """An order that is not finished yet."""

    client_id: Name = key("The id it was sent with.", "vs-0001")
    contract: Name = key("Symbol in ccxt's unified notation.", "BTC/USD:BTC")
    contracts: float = key("Signed contracts still to be filled; negative is a sale.", -500)
    state: Literal["intended", "sent", "acked", "partial", "unknown", "cancelling"] = key(
        "How far it is.", "acked"
    )
    since: Time | None = key("When it was made.", "2024-05-20T00:00:00Z", None)


def _fee(rate: float) -> float:
    """A fee that can be meant: a share of the value, not percent."""
    if abs(rate) >= MOST_FEE:
        raise PydanticCustomError(
            OWN_MESSAGE, "is a share of the value, under 0.01: write 0.05 % as 0.0005"
        )
    return rate


_UNDER = {"exclusiveMaximum": MOST_FEE}
Fee = Annotated[float, Field(ge=0, json_schema_extra={**_UNDER}), AfterValidator(_fee)]
Rebate = Annotated[
    float,
    Field(json_schema_extra={**_UNDER, "exclusiveMinimum": -MOST_FEE}),
    AfterValidator(_fee),
]


class FeePairTable(TomlTable):
    """Fees of trading, as shares of the value traded."""

    maker: Rebate | None = key("Of orders that rest; negative is a rebate.", 0.0002, None)
    taker: Fee | None = key("Of orders that fill at once.", 0.0005, None)

    def check(self) -> Iterator[Contradiction]:
        """It states something."""
        if self.maker is None and self.taker is None and not self.model_extra:
            yield (), "states no fee; give taker = 0.0005, or maker, or remove it"


class FeesTable(FeePairTable):
    """Fees that an account pays: of all its contracts, or under a symbol of that one."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, FeePairTable]

    @model_validator(mode="before")
    @classmethod
    def _symbols(cls, value: object) -> object:
        """A key is a fee or a contract's symbol; anything else is a mistyped one."""
        keys = ("maker", "taker")
        odd = (
            [one for one in value if one not in keys and "/" not in one]
            if isinstance(value, dict)
            else []
        )
        if odd:
            hint = 'give maker, taker, or a symbol such as "BTC/USD:BTC"'
            found = [(one, f"is neither a fee nor the symbol of a contract; {hint}") for one in odd]
            raise PydanticCustomError(FOUND, "contradiction", {"found": found})
        return value

    @property
    def by_symbol(self) -> dict[str, FeePairTable]:
        """Fees of single contracts."""
        return dict(self.__pydantic_extra__ or {})


class FeeDiscountTable(TomlTable):
    """What is taken off every fee above 0, for a time."""

    share: PositiveShare = key("Share of the fee: 0.1 is 10 % off.", 0.1)
    until: Time | None = key("When it ends.", "2025-01-01T00:00:00Z", None)


class AccountTable(TomlTable):
    """A place where coins are."""

    name: Name = key("What the rest of the mandate calls it; unique.", "vault")
    kind: Literal["cold", "spot", "margin", "earn", "loan"] = key(
        "What sort of place it is.", "cold"
    )
    venue: Name | None = key("The exchange, as the contract catalog names it.", "bybit", None)
    margin_mode: Annotated[
        Literal["isolated", "cross", "unified"] | None, BeforeValidator(_no_portfolio)
    ] = key("Which coins stand behind which positions; cross when absent.", "cross", None)
    balances: dict[Name, float] = key(
        "Coins by currency, without unrealised PnL; negative is a loan.", {"BTC": 2.5}, {}
    )
    locked_until: Time | None = key(
        "Cold, spot, earn: its coins cannot move before.", "2024-06-01T00:00:00Z", None
    )
    interest: dict[Name, NotNegative] = key(
        "Loan: interest a year on what is owed, by currency, as a share.", {"USDT": 0.09}, {}
    )
    call_ltv: PositiveShare | None = key(
        "Loan: loan-to-value at which the lender asks for more coins.", 0.75, None
    )
    liquidation_ltv: PositiveShare | None = key(
        "Loan: loan-to-value at which the pledged coins are sold.", 0.85, None
    )
    due: Time | None = key("Loan: when it is to be paid back.", "2025-06-01T00:00:00Z", None)
    collateral_weights: dict[Name, Share] = key(
        "Unified: share of each asset that counts as margin, 0 to 1.", {"BTC": 0.95}, {}
    )
    leverage: Positive | None = key("Isolated: leverage of its positions.", 3.0, None)
    fees: FeesTable | None = key(
        "Fees it pays in place of its venue's list.", {"taker": 0.0003}, None
    )
    fee_discount: FeeDiscountTable | None = key("What is taken off its fees.", {"share": 0.1}, None)
    bonus: dict[Name, Positive] = key(
        "Coins of the venue's that count as margin and are not owned.", {"USDT": 500.0}, {}
    )
    position: list[PositionTable] = Field(
        [], description="Futures positions, one [[account.position]] each."
    )
    order: list[OrderTable] = Field([], description="Working orders, one [[account.order]] each.")
    not_own: list[NotOwnTable] = Field(
        [], description="What in it is somebody else's, one [[account.not_own]] each."
    )

    def check(self) -> Iterator[Contradiction]:
        """What the kind of account does not allow, or leaves open."""
        if self.kind != "margin":
            yield from self._check_not_margin()
        elif self.venue is None and (self.position or self.order or self._foreign()):
            yield (
                "venue",
                'is missing: positions and orders are at a venue; for example venue = "bybit"',
            )
        if self.locked_until is not None and self.kind in ("margin", "loan"):
            why = "backs positions" if self.kind == "margin" else "is pledged until it is paid back"
            hint = 'remove it, or keep locked coins in an account of their own (kind = "earn")'
            yield "locked_until", f"what is in a {self.kind} account {why}; {hint}"
        yield from self._check_loan()
        yield from self._check_mode()
        yield from self._check_repeats()

    def _check_loan(self) -> Iterator[Contradiction]:
        """A loan owes something; its levels are of coins that are pledged, in their order."""
        if self.kind != "loan":
            for name in LOAN_ONLY:
                if name in self.model_fields_set:
                    hint = 'set kind = "loan" or remove it'
                    yield name, f"a {self.kind} account cannot have it; {hint}"
            return
        owed = [name for name, coins in self.balances.items() if coins < 0.0]
        if not owed:
            hint = "for example { BTC = 1, USDT = -30_000 }"
            yield "balances", f"owes nothing: what is owed is below 0, pledged coins above; {hint}"
        for name in self.interest:
            if name not in owed:
                hint = f"owed: {', '.join(owed) or 'none'}"
                yield ("interest", name), f"nothing of it is owed; {hint}"
        levels = [name for name in ("call_ltv", "liquidation_ltv") if getattr(self, name)]
        if levels and not any(coins > 0.0 for coins in self.balances.values()):
            yield levels[0], "nothing is pledged: add the pledged coins to balances, or remove it"
        if len(levels) > 1 and (self.call_ltv or 0.0) >= (self.liquidation_ltv or 0.0):
            yield "call_ltv", "is not below liquidation_ltv: the lender asks before it sells"

    def _foreign(self) -> list[tuple[int, NotOwnTable]]:
        """The tables of contracts that are not own, with their rows."""
        return [(row, one) for row, one in enumerate(self.not_own) if one.contract is not None]

    def _check_not_margin(self) -> Iterator[Contradiction]:
        """Keys of a margin account in another kind."""
        for row, _ in self._foreign():
            yield ("not_own", row, "contract"), f"a {self.kind} account holds no contracts"
        for name in MARGIN_ONLY:
            if name in self.model_fields_set:
                yield (
                    name,
                    f'a {self.kind} account cannot have it; set kind = "margin" or remove it',
                )

    def _check_mode(self) -> Iterator[Contradiction]:
        """Keys of one margin mode in another."""
        if self.kind != "margin":
            return
        mode = self.margin_mode or "cross"
        if mode != "unified" and self.collateral_weights:
            yield "collateral_weights", f'only margin_mode = "unified" has it, not "{mode}"'
        if mode == "isolated" and self.bonus:
            yield (
                "bonus",
                "stands behind no isolated position, only behind the coins posted to it; remove it",
            )
        for row, one in self._foreign():
            if mode == "isolated" and one.contracts is not None:
                yield (
                    ("not_own", row, "contracts"),
                    ISOLATED_PART,
                )
        if mode != "isolated" and self.leverage is not None:
            yield "leverage", f'only margin_mode = "isolated" has it, not "{mode}"; remove it'
        for row, held in enumerate(self.position):
            where = ("position", row)
            if mode != "isolated" and (held.margin or held.leverage):
                yield (
                    where,
                    f'margin and leverage belong to "isolated", not "{mode}"; remove them',
                )
            if mode == "isolated" and not (held.margin or held.leverage or self.leverage):
                yield (
                    where,
                    "an isolated position needs margin or leverage; for example margin = 0.1",
                )

    def _check_repeats(self) -> Iterator[Contradiction]:
        """The same contract or coin twice."""
        coins_named: set[str] = set()
        for row, one in enumerate(self.not_own):
            name = one.contract or one.coin or ""
            if name in coins_named:
                yield ("not_own", row), f"{name} is listed twice; give one figure for it"
            coins_named.add(name)
        contracts_named: set[str] = set()
        for row, held in enumerate(self.position):
            if held.contract in contracts_named:
                yield ("position", row, "contract"), "is listed twice; give one net position"
            contracts_named.add(held.contract)


class AssetTable(TomlTable):
    """What an asset is worth: coins of another (wrapped, staked), or money (a stablecoin)."""

    underlying: Name | None = key(
        "Wrapped or staked: the coin whose price it follows.", "ETH", None
    )
    rate: Positive = key("Coins of the underlying that 1 of it stands for.", 1.0, 1.0)
    peg: Name | None = key(
        'A stablecoin: the money that 1 of it is meant to be worth 1 of; "none": a coin like '
        "any other, whatever the catalog says.",
        "USD",
        None,
    )

    def check(self) -> Iterator[Contradiction]:
        """One of the two; a rate is of the underlying."""
        if (self.underlying is None) == (self.peg is None):
            yield (
                "underlying",
                'give one of underlying = "ETH" (wrapped, staked) and peg = "USD" (a stablecoin)',
            )
        if self.peg is not None and "rate" in self.model_fields_set:
            yield "rate", "belongs to underlying; a stablecoin is worth 1 of its peg"


class SweepTable(TomlTable):
    """Funding received leaves a margin account as it comes."""

    account: Name | None = key(
        "Margin account whose funding is swept; absent: every one.", "coinm", None
    )
    to: Name = key("Account it goes to.", "bank")
    into: Name | None = key(
        "Currency it is sold into, at the index; absent: it goes as it is.", "USD", None
    )
    cost: Share = key("Share of what is swept that this costs.", 0.001, 0.0)

    def check(self) -> Iterator[Contradiction]:
        """It goes somewhere else, or becomes something else."""
        if self.account == self.to and self.into is None:
            yield "to", "funding is there already; name another account, or a currency in `into`"


class TransferTable(TomlTable):
    """Coins under way: owned, and not yet margin."""

    currency: Name = key("What is under way.", "BTC")
    amount: Positive = key("Coins.", 0.5)
    from_: Name | None = key("Account they left.", "vault", None, alias="from")
    to: Name = key("Account they will reach.", "coinm")
    arrives: Time | None = key("When they are due.", "2024-05-20T01:00:00Z", None)
