"""What a first mandate is made of, and the worries that one can be for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from volsculpt.contracts.currencies import moves, peg_of
from volsculpt.errors import MandateError
from volsculpt.units import added

CoinsByAccount = dict[str, dict[str, float]]  # account -> currency -> coins
Preference = Literal["best", "inverse", "linear"]
LEADERS = ("BTC", "ETH")  # what other coins are hedged with


class AnswerError(MandateError):
    """Answers that do not go together; `fields`: those of which another one may mend it."""

    def __init__(self, problem: str, *fields: str) -> None:
        self.fields = fields
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Worry:
    """A scenario of hedging.

    words: what it is; ratio: the share that is hedged where none is said; asks: its own answers.
    """

    words: str
    ratio: float = 0.5
    asks: tuple[str, ...] = ()


WORRIES = {
    "fall": Worry("keep a part of the risk, hedge the rest"),
    "date": Worry("insurance before an event: hedged only while it lasts", 1.0, ("event",)),
    "lock": Worry("lock the price until a date, with dated contracts", 1.0, ("term",)),
    "income": Worry("earn the premium of contracts over the coin's price", 1.0, ("term",)),
    "risk": Worry("too much risk: lower the volatility of your wealth", asks=("volatility",)),
    "altcoins": Worry("hedge altcoins with contracts on BTC or ETH", asks=("proxy",)),
    "production": Worry("hedge coins to come, before you have them", asks=("production",)),
}


@dataclass(frozen=True, slots=True)
class Production:
    """Coins to come, so many each time: 0.1 BTC every 30d."""

    coins: dict[str, float]
    every: str = "30d"


@dataclass(frozen=True)
class MandateAnswers:
    """What a first mandate is made of. safe_leverage None: coins never move for margin.

    worry: a key of `WORRIES`; event: from and to, ns UTC; term: a rule of dated contracts, or
    "perpetual"; volatility: of wealth, a ratio a year; proxy: what altcoins are hedged with;
    production: coins to come. movable: coins that may move for margin, None = all with a
    safe_leverage, else none.
    use: what hedges a coin, by name, where that is not the usual of `contracts`. counted: the coins
    that the ratio is a share of, by name, where that is not what is owned.
    """

    name: str = "treasury"
    cold: CoinsByAccount = field(default_factory=lambda: {"vault": {"BTC": 1.0}})
    margin_account: str = "futures"
    venue: str = "bybit"
    margin: dict[str, float] = field(default_factory=dict)
    worry: str = "fall"
    ratio: float = 0.5
    event: tuple[int, int] | None = None
    term: str = "quarter"
    volatility: float = 0.4
    proxy: str = "BTC"
    production: Production | None = None
    contracts: Preference = "best"
    safe_leverage: float | None = None
    movable: dict[str, float] | Literal["all"] | None = None
    use: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[str, float] = field(default_factory=dict)

    def coins(self) -> list[str]:
        """The coins to hedge: those that are held, or to come, and move."""
        held = [*self.cold.values(), self.margin]
        held += [self.production.coins] if self.production is not None else []
        return [c for c in dict.fromkeys(c for coins in held for c in coins) if moves(c)]

    def priced(self) -> list[str]:
        """What a plan needs prices of: all that is held or hedged with, but what is worth dollars.

        Worked: BTC, EURC and USDT -> BTC, EUR.
        """
        held = [name for coins in (*self.cold.values(), self.margin) for name in coins]
        proxies = [self.proxy] if any(map(self.is_proxied, self.coins())) else []
        every = [peg_of(name) or name for name in (*self.coins(), *proxies, *held)]
        return [name for name in dict.fromkeys(every) if name != "USD"]

    def owned(self, coin: str) -> float:
        """How many of a coin all accounts hold together."""
        return added(*(held.get(coin, 0.0) for held in (*self.cold.values(), self.margin)))

    def is_proxied(self, coin: str) -> bool:
        """Whether a coin is hedged with another one's contracts."""
        return self.worry == "altcoins" and coin not in LEADERS
