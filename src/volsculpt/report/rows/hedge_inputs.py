"""What a hedge in one line was asked for, and the book that its plan leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from volsculpt.contracts.catalog import Catalog
from volsculpt.contracts.expiries import parse_symbol
from volsculpt.contracts.spec import Contract
from volsculpt.mandate.quick import HedgeRequest
from volsculpt.report.rows.plan import CarryRow, MarginRow, PlanRows, ScenarioRow
from volsculpt.units import DAY_NS

MOVES = (0.0, -0.5, 0.5, -0.3, 0.3)  # shown beside the fall asked for and a rise of its size
HOW_MANY = 5


@dataclass(frozen=True, slots=True)
class FundingRange:
    """The low and the high of a perpetual's funding, a year, and the day since it is stored."""

    low: float
    high: float
    since: str


@dataclass(frozen=True, slots=True)
class SaleProposal:
    """Coins to sell for money that is lacking, what they bring, and the plan once that is done."""

    coins: Mapping[str, float]
    brings: Mapping[str, float]
    plan: PlanRows


@dataclass(frozen=True, slots=True)
class HedgeInputs:
    """What a plan was made of, and what is known beside it.

    coins: owned outside of futures. until_ns: when the hedge ends. past: of funding, by
    "venue:symbol". perpetual: the same with perpetuals, where dated contracts lock a price.
    price_age_days: of stored prices, None where they were given. prices_given: names of those that
    were. mandate: its text. extra_usd: the
    worth of coins that were lacking and are counted as there; sale: what is done where coins are
    sold for them.
    """

    request: HedgeRequest
    coins: Mapping[str, float]
    catalog: Catalog
    time_ns: int
    until_ns: int
    past: Mapping[str, FundingRange]
    price_age_days: float | None
    prices_given: Sequence[str]
    mandate: str
    perpetual: PlanRows | None = None
    extra_usd: float = 0.0
    sale: SaleProposal | None = None

    @property
    def days(self) -> float:
        """How long the hedge is held."""
        return (self.until_ns - self.time_ns) / DAY_NS

    def contract(self, key: str) -> Contract:
        """The contract of "venue:symbol"."""
        venue, _, symbol = key.partition(":")
        return self.catalog.get(venue, symbol)


def last_scenarios(plan: PlanRows) -> list[ScenarioRow]:
    """Its scenarios."""
    return plan.then.scenarios if plan.then is not None else plan.scenarios


def last_carry(plan: PlanRows) -> list[CarryRow]:
    """What its contracts carry; of those that are held."""
    rows = plan.then.carry if plan.then is not None else plan.carry
    return [row for row in rows if row.held_contracts]


def last_margin(plan: PlanRows) -> list[MarginRow]:
    """Its margin groups."""
    if plan.then is not None:
        return plan.then.margin
    return [row for row in plan.margin if row.stage == "after"]


def shocks_of(fall: float) -> list[float]:
    """The moves that are shown, in order: a fall, a rise as large, and others.

    Worked: 0.2 is -50, -20, 0, 20 and 50 %; 0.5 is -50, -30, 0, 30 and 50 %.
    """
    return sorted([*dict.fromkeys((-fall, fall, *MOVES))][:HOW_MANY])


def at_shock(rows: Sequence[ScenarioRow], shock: float) -> ScenarioRow:
    """The row of a move that was asked for."""
    return next(row for row in rows if row.shock_ratio == shock)


def base_of(key: str) -> str:
    """The coin of "venue:symbol"."""
    return parse_symbol(key.partition(":")[2]).base


def settle_of(key: str) -> str:
    """What "venue:symbol" settles in: the margin that it stands on."""
    return parse_symbol(key.partition(":")[2]).settle
