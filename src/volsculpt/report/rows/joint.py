"""The rows of a joint proposal, with the published names, and nothing that shows them.

Units are in the names. None is printed as null: a thing that does not exist, never a zero.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from volsculpt.report.rows.plan import OrderRow


@dataclass(frozen=True, slots=True)
class JointRatioRow:
    """One hedge: its ratio today and proposed, with the standard error of the latter."""

    underlying: str
    ratio_now: float | None
    ratio: float
    ratio_std: float | None
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class JointBetaRow:
    """One proxy of a hedge: its beta today and proposed, with the standard error of the latter."""

    underlying: str
    proxy: str
    beta_now: float
    beta: float
    beta_std: float | None


@dataclass(frozen=True, slots=True)
class JointPoolRow:
    """The contracts on one coin: US dollars short now, by the mandate as it is, and proposed."""

    coin: str
    held_usd: float
    mandate_usd: float
    proposed_usd: float
    proposed_usd_std: float | None


@dataclass(frozen=True, slots=True)
class JointLimitRow:
    """A limit that binds. worth_usd_annual: what a little more of it (`more`) counts for a year."""

    limit: str
    of: str
    more: str
    worth_usd_annual: float


@dataclass(frozen=True, slots=True)
class JointWayRow:
    """One way to hedge the book, beside the proposal.

    volatility, volatility_out: of wealth, a ratio a year: over all days, and over the second half
    with what is fitted fitted to the first. counts_usd_annual: risk and costs as they are weighed.
    breaks: the limits it would pass.
    """

    way: str
    volatility: float
    volatility_out: float
    trade_cost_usd: float
    carry_usd_annual: float
    counts_usd_annual: float
    breaks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class JointRows:
    """A proposal for all hedges of a mandate at once.

    variance_left: of the proposal over that of no hedge, with a 90 % interval; ahead_*: volatility
    of the mandate as it is less that of the proposal, over days it was not fitted to. lines: to
    put into the mandate; orders: what `act` would then send.
    """

    as_of: str
    root: str
    from_: str
    to: str
    days: int
    wealth_usd: float
    aversion: float
    keep_days: float
    with_carry: bool
    ratios: list[JointRatioRow]
    betas: list[JointBetaRow]
    pools: list[JointPoolRow]
    limits: list[JointLimitRow]
    ways: list[JointWayRow]
    variance_left: float
    variance_left_low: float | None
    variance_left_high: float | None
    ahead: float
    ahead_low: float | None
    ahead_high: float | None
    draws: int
    orders: list[OrderRow]
    lines: str
    sentence: str
    warnings: list[str]

    def as_dict(self) -> dict[str, Any]:
        """The published object."""
        return {"schema": 1, **{name.rstrip("_"): value for name, value in asdict(self).items()}}
