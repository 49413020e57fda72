"""What a policy is: a table of parameters and a step, found by name.

A policy is one file, `policies/NAME.py`: a frozen dataclass that derives from `Policy`. The
mandate's keys, its schema, the page docs/policies.md, the words of reports and what a ledger keeps
are read off it; nothing else names it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, cast

from volsculpt.hedge.answer import Aim
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.market_features import Features

if TYPE_CHECKING:
    from volsculpt.hedge.carry.traded import TradedContract
    from volsculpt.market.series import FundingRates

BaseKind = Literal["equity", "coins", "wealth"]
# ratio: a fraction of the base. number: of its unit. duration: "30d", nanoseconds once read.
# ratios: a CSV file, `Ratios` once read. function: "FILE.py:NAME", `Loaded` once read.
# framework: a TOML file, its text once read; absent: the package's.
# choice: one of `choices`. contract: "VENUE:SYMBOL". policy: another policy's name or its table, a
# `Policy` once read.
ParameterKind = Literal[
    "ratio", "number", "duration", "ratios", "function", "framework", "choice", "contract", "policy"
]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One key of a policy in a [[hedge]].

    meaning: a clause, for schema and page. example: as a mandate writes it. unit: of the number.
    default: as a mandate would write it; None: required, unless `optional`. above: the value is
    above it; least, most: the ends that are allowed (a duration as text), `why` said behind them.
    choices: of a choice, all that there are. only_with: another key and the one choice of it with
    which this key counts. needs: another key without which this one counts for nothing.
    """

    name: str
    kind: ParameterKind
    meaning: str
    example: object
    unit: str = ""
    default: object = None
    optional: bool = False
    above: float | None = None
    least: float | str | None = None
    most: float | None = None
    why: str = ""
    choices: tuple[str, ...] = ()
    only_with: tuple[str, str] | None = None
    needs: str | None = None

    @property
    def is_required(self) -> bool:
        """Whether a mandate must give it."""
        return self.default is None and not self.optional


@dataclass(frozen=True, slots=True)
class HedgeSummary:
    """What a policy may know of the book, for one hedged coin (coins and USD).

    None where a desk knows no price that it takes: of the coin in index_usd, of any that is held in
    wealth_usd and in what is a part of wealth (base_coin, held_ratio of such a hedge).
    """

    underlying: str
    index_usd: float | None
    owned_coin: float
    delta_coin: float
    base_coin: float | None
    held_ratio: float | None
    wealth_usd: float | None


NO_WEALTH = "your wealth is not known while a price is missing: what is held is kept"


@dataclass(frozen=True, slots=True)
class PolicyInput:
    """What a policy is told at one moment: the time, the market, and the book for its coin."""

    time_ns: int
    features: Features
    book: HedgeSummary


class Policy(Protocol):
    """How much of a coin to hedge: parameters, and a step from memory and what is known.

    NAME: as mandates write it. VERSION: raised when an old memory cannot be gone on with. SUMMARY:
    where the ratio comes from, in a few words. DOCS: the page's text. BASE: the only base it takes,
    BASE_WHY why; None: any. ASKS_BOOK: whether its answer depends on the book, or on what it
    remembers, so that a simulation must stop to ask. REPLAYS: whether it can be made again from
    plain values.
    """

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1
    SUMMARY: ClassVar[str]
    DOCS: ClassVar[str]
    PARAMETERS: ClassVar[tuple[Parameter, ...]]
    BASE: ClassVar[BaseKind | None] = None
    BASE_WHY: ClassVar[str] = ""
    ASKS_BOOK: ClassVar[bool] = False
    REPLAYS: ClassVar[bool] = True

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """The policy of a mandate's values, by parameter, defaults filled in."""
        return cls(**values)

    def traded(self, contracts: Sequence["TradedContract"]) -> Self:
        """The same, told of the contracts of its hedge, in order of preference."""
        return self

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """The answer and its reasons, and what to remember: plain values, None for nothing."""

    def words(self) -> str:
        """How the ratio is found, in words. Worked: "hedge 50 %"."""

    def needs(self, coin: str, hedged: Sequence[str]) -> dict[str, tuple[Feature, ...]]:
        """What it wants to know of which coins. coin: its own. hedged: all that are."""
        return {}

    def change_times_ns(self) -> Sequence[int] | None:
        """The times at which alone its answer can change; None: at any."""
        return None

    def first_ns(self) -> int | None:
        """Before it there is no answer, whatever is known; None: no such time."""
        return None

    def held(self, memory: Any) -> tuple[Aim, int] | None:  # noqa: ANN401
        """The answer that holds, and until when; None: it may change whenever the book does."""
        return None

    def looks_every_ns(self) -> int | None:
        """How often it looks, where what it remembers is of the market alone; None: not so."""
        return None

    def follow(self, coin: str, history: Sequence[Features]) -> tuple[Any, bool]:
        """What it remembers after looks at a market, and whether that hides where they began.

        Only of one that looks every so often. coin: its own. history: at times that rise.
        """
        return None, True

    def highest(self) -> float | None:
        """The highest ratio it can ask for; None: whatever the limits allow."""
        return None

    def ratio_meant(self) -> float | None:
        """The one ratio that the owner wrote down; None where there is no such."""
        return None

    def volatility_wanted(self) -> float | None:
        """The volatility of wealth it steers by, a ratio a year; None: none."""
        return None

    def volatility_forecast(self, coin: str, features: Features) -> float | None:
        """The volatility of its coin that it reckons with, a ratio a year; None: there is none."""
        return None

    def doubts(self, lowest: float, highest: float) -> list[str]:
        """What of it the limits will not allow, for a warning."""
        return []

    def notes(self, coin: str, lowest: float, highest: float) -> list[str]:
        """What it does at most, as the limits stand, for a plan's notes."""
        return []

    def notes_after(
        self,
        coin: str,
        history: Sequence[Features],
        memory: Any,  # noqa: ANN401
        funding: Mapping[str, "FundingRates"],
    ) -> list[str]:
        """What a run through a market came to, for its notes.

        Args: coin: its own; history: at the stamps of the run; memory: before the first; funding:
        stored, by contract.
        """
        return []

    def fitted_on(self, coin: str) -> str | None:
        """The coin from whose contract the ratio is found; None where it is not found from one."""
        return None

    @classmethod
    def together(cls, policies: Mapping[str, Self]) -> list[str]:
        """What several of its kind come to, by coin, for a plan's notes."""
        return []


def plain_policy(policy: Policy) -> dict[str, Any]:
    """Name, version and figures of a policy, one in it likewise; functions are left out."""
    held = {one.name: getattr(policy, one.name) for one in fields(cast(Any, policy))}
    figures = {name: _plain_figure(one) for name, one in held.items() if not callable(one)}
    return {"policy": policy.NAME, "version": policy.VERSION, "figures": figures}


def _plain_figure(value: Any) -> Any:  # noqa: ANN401
    """A figure as JSON has it."""
    if Policy in type(value).__mro__:
        return plain_policy(value)
    return [_plain_figure(one) for one in value] if isinstance(value, tuple) else value
