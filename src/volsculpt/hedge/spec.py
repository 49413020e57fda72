"""What the owner asks of each hedge, by name, before anything is sized."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

BaseKind = Literal["equity", "coins", "wealth"]
EventMode = Literal["at_least", "at_most", "set"]
HALF_LIFE_NS = 30 * 86_400_000_000_000  # of a volatility forecast, where none is given


@dataclass(frozen=True, slots=True)
class Band:
    """No-trade band, absolute, in held ratio.

    Trade when held is more than under_trigger below (over_trigger above) target, back to
    within under_settle (over_settle). Worked: under (0.05, 0.02), target 1: 0.94 -> 0.98.
    """

    under_trigger: float = 0.02
    under_settle: float = 0.0
    over_trigger: float = 0.02
    over_settle: float = 0.0


@dataclass(frozen=True, slots=True)
class Use:
    """One contract a hedge may trade: an account and a symbol or a rule for one.

    rule: "BTC/USD:BTC", a dated symbol, or a rule like "BTC/USD:BTC@quarter", which takes
    the nearest expiry more than roll_days away.
    """

    account: str
    rule: str
    roll_days: float = 7.0


@dataclass(frozen=True, slots=True)
class FixedPolicy:
    """The owner's ratio: 1 = insurance, 0.5 = partial de-risking."""

    ratio: float


@dataclass(frozen=True, slots=True)
class SeriesPolicy:
    """Ratios from a file: the last one stamped at or before the time asked."""

    times_ns: tuple[int, ...]
    ratios: tuple[float, ...]
    source: str


@dataclass(frozen=True, slots=True)
class CallablePolicy:
    """The owner's function(time_ns, features, book, memory) -> (Aim or ratio, memory)."""

    function: Callable[[int, Any, Any, Any], tuple[Any, Any]]
    every_ns: int | None
    source: str


@dataclass(frozen=True, slots=True)
class VolTargetPolicy:
    """Keep as much exposed as gives wealth this volatility, by a forecast for the coin.

    volatility: wanted, a ratio a year of 365 days (0.4 is 40 %). half_life_ns: the age at which
    a return counts half as much in the forecast. The base is always wealth.
    """

    volatility: float
    half_life_ns: int = HALF_LIFE_NS


Policy = FixedPolicy | SeriesPolicy | CallablePolicy | VolTargetPolicy


@dataclass(frozen=True, slots=True)
class Hedge:
    """One hedged coin: how much, of what base, with which contracts."""

    underlying: str
    policy: Policy
    base: BaseKind = "equity"
    coins: float | None = None
    proxy: str | None = None
    beta: float = 1.0
    band: Band = Band()
    use: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
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
class Override:
    """A ratio set by hand until a time; it comes after every event."""

    ratio: float
    until_ns: int
    note: str = ""
    underlying: str | None = None
