"""What the owner asks of each hedge, by name, before anything is sized."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from volsculpt.hedge.answer import DEFAULT_BAND, Band
from volsculpt.hedge.policy import BaseKind, Policy
from volsculpt.units import DAY_NS

EventMode = Literal["at_least", "at_most", "set"]


@dataclass(frozen=True, slots=True)
class Use:
    """One contract a hedge may trade: an account and a symbol or a rule for one.

    rule: "BTC/USD:BTC", a dated symbol, or a rule like "BTC/USD:BTC@quarter", which takes
    the nearest expiry more than roll_days away.
    """

    account: str
    rule: str
    roll_days: float = 7.0


class Proxy(NamedTuple):
    """Another coin whose contracts hedge a coin, and the coin's beta to it.

    beta: percent the coin moves when the proxy moves one, whatever else does; below 0: the other
    way. 0 carries nothing.
    """

    coin: str
    beta: float = 1.0


@dataclass(frozen=True, slots=True)
class BetaRule:
    """How the betas of a hedge are estimated from daily prices, and when anew.

    estimator: a `betas.BetaEstimator`. window_ns: of the past that is fitted. refit_ns:
    between fits, on multiples since 1970. keep_ns: how long the last fit holds beyond its turn.
    is_given: whether the betas of the proxies stand where there is no fit; else what is held is
    kept.
    """

    estimator: str = "ewma"
    window_ns: int = 180 * DAY_NS
    refit_ns: int = 30 * DAY_NS
    keep_ns: int = 30 * DAY_NS
    is_given: bool = False


@dataclass(frozen=True, slots=True)
class Hedge:
    """One hedged coin: how much, of what base, with which contracts.

    proxies: the coins whose contracts carry it; none: its own do. betas: how their betas are
    estimated; None: they are as stated. roll_slice: the share of its target that one decision
    moves from a contract to the one its rule rolls to.
    """

    underlying: str
    policy: Policy
    base: BaseKind = "equity"
    coins: float | None = None
    proxies: tuple[Proxy, ...] = ()
    band: Band = DEFAULT_BAND
    use: tuple[Use, ...] = ()
    betas: BetaRule | None = None
    roll_slice: float = 0.1

    @property
    def asks_book(self) -> bool:
        """Whether its answer depends on the book, or on what it remembers."""
        return self.policy.ASKS_BOOK or self.betas is not None

    @property
    def carriers(self) -> tuple[Proxy, ...]:
        """The coins whose contracts carry it, by name, with its betas; its own at beta 1.

        Their order is that of the alphabet, so that none of what is decided depends on the file's.
        """
        return tuple(sorted(self.proxies)) or (Proxy(self.underlying),)

    @property
    def coins_named(self) -> tuple[str, ...]:
        """The coin, and those whose contracts carry it."""
        return tuple(dict.fromkeys((self.underlying, *(one.coin for one in self.carriers))))


@dataclass(frozen=True, slots=True)
class EventOverlay:
    """A dated bound on the ratio, [from_ns, to_ns); underlying None = every hedge."""

    mode: EventMode
    from_ns: int
    to_ns: int
    ratio: float
    note: str = ""
    underlying: str | None = None


@dataclass(frozen=True, slots=True)
class Tilt:
    """A dated addition to the ratio, [from_ns, to_ns); tilts in force are summed."""

    add: float
    from_ns: int
    to_ns: int
    note: str = ""
    underlying: str | None = None


@dataclass(frozen=True, slots=True)
class MacroOverlay:
    """A tilt by figures of the economy, whenever they speak; it comes after dated tilts.

    text: what its file says, as `macro_text` has it. underlying None = every hedge.
    """

    text: str
    underlying: str | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """A ratio set by hand until a time; it comes after every event."""

    ratio: float
    until_ns: int
    note: str = ""
    underlying: str | None = None
