"""What the owner asks of each hedge, by name, before anything is sized."""

from dataclasses import dataclass
from typing import Literal

from volsculpt.hedge.answer import DEFAULT_BAND, Band
from volsculpt.hedge.policy import BaseKind, Policy

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


@dataclass(frozen=True, slots=True)
class Hedge:
    """One hedged coin: how much, of what base, with which contracts."""

    underlying: str
    policy: Policy
    base: BaseKind = "equity"
    coins: float | None = None
    proxy: str | None = None
    beta: float = 1.0
    band: Band = DEFAULT_BAND
    use: tuple[Use, ...] = ()


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
