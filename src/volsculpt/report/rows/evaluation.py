"""The rows of an evaluation, with the published names, and nothing that shows them.

Units are in the names, or in the row's `unit`. None is printed as null: a thing that does not
exist, never a zero. `low` and `high` hold the middle 90 % of resampled histories.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from volsculpt.report.rows.backtest import FigureUnit
from volsculpt.report.stats.evidence import Standing
from volsculpt.report.stats.returns import Floats, Ints

SCHEMA = 1

Claim = Literal["variance", "bad_days", "sharpe"]
Of = Literal["hedged", "gain"]
PartKind = Literal["fold", "year", "condition"]


@dataclass(frozen=True, slots=True)
class FoldRow:
    """One stretch of time: every mandate begins it anew."""

    fold: int
    begins: str
    ends: str


@dataclass(frozen=True, slots=True)
class MandateRow:
    """One mandate. static: which ratios its static hedge held; path: how its hedged book ended."""

    mandate: str
    coins: list[str]
    static: str
    volatility_asked: float | None
    days: int
    path: str


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One metric of one book of a mandate over all folds, in US dollars."""

    mandate: str
    book: str
    metric: str
    unit: FigureUnit
    value: float | None
    low: float | None
    high: float | None
    is_indicative: bool


@dataclass(frozen=True, slots=True)
class GainRow:
    """A metric of the hedged book less that of another, over the same resampled days."""

    mandate: str
    against: str
    metric: str
    unit: FigureUnit
    value: float | None
    low: float | None
    high: float | None
    is_indicative: bool


@dataclass(frozen=True, slots=True)
class WorkRow:
    """What a hedge did and took: risk taken away, volatility kept, traded, paid."""

    mandate: str
    figure: str
    unit: FigureUnit
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class PartRow:
    """One fold, calendar year or market condition of a mandate; gains are over its static hedge.

    part: a number within the kind; name: what people call it.
    """

    mandate: str
    kind: PartKind
    part: int
    name: str
    days: int
    variance_reduction: float | None
    volatility: float | None
    max_drawdown: float | None
    sharpe: float | None
    cvar: float | None
    sharpe_gain: float | None
    sharpe_gain_low: float | None
    sharpe_gain_high: float | None
    cvar_gain: float | None
    cvar_gain_low: float | None
    cvar_gain_high: float | None


@dataclass(frozen=True, slots=True)
class PairRow:
    """A metric of one mandate less that of another of the same coins, by name in order."""

    first: str
    second: str
    metric: str
    unit: FigureUnit
    value: float | None
    low: float | None
    high: float | None
    is_evidence: bool


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """Two forecasts of one coin: mean QLIKE, and Diebold-Mariano. + : the first lost.

    second: another mandate, or a plain yardstick ("EWMA 0.94").
    """

    coin: str
    first: str
    second: str
    days: int
    first_qlike: float
    second_qlike: float
    statistic: float | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class DeflatedRow:
    """A daily Sharpe ratio against the best that luck shows among the variants tried.

    of: the hedged book's returns, or what they are more than the static hedge's.
    """

    mandate: str
    of: Of
    days: int
    daily_sharpe: float
    skew: float
    kurtosis: float
    luckiest_sharpe: float
    deflated_sharpe: float


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A claim for a mandate, and whether it is more than luck.

    claim: less variance than no hedge; less bad days, or more Sharpe, than its static hedge. value:
    by how much it came out so, below 0 where it did not. share: of resampled histories that speak
    against it. standing: what that makes of it, None where there are no such histories.
    """

    mandate: str
    claim: Claim
    value: float | None
    share: float | None
    is_evidence: bool
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Variants:
    """How many variants were tried: those compared here, and those the owner names besides."""

    compared: int
    besides: int
    variants: int


@dataclass(frozen=True, slots=True)
class BootstrapTerms:
    """How the intervals were made; draws 0 is without."""

    level: float
    draws: int
    seed: int


@dataclass(frozen=True, slots=True)
class BookPath:
    """What 1 US dollar in a book became by the end of each day; not published, for charts."""

    mandate: str
    book: str
    end_ns: Ints
    index: Floats


@dataclass(frozen=True, slots=True)
class EvaluationRows:
    """All that an evaluation says; `EvaluationReport` adds what shows it."""

    begins: str
    ends: str
    years: float
    folds: list[FoldRow]
    mandates: list[MandateRow]
    figures: list[FigureRow]
    gains: list[GainRow]
    work: list[WorkRow]
    parts: list[PartRow]
    pairs: list[PairRow]
    forecasts: list[ForecastRow]
    deflated: list[DeflatedRow]
    evidence: list[EvidenceRow]
    tried: Variants
    bootstrap: BootstrapTerms
    verdict: str
    warnings: list[str]
    notes: list[str]
    paths: tuple[BookPath, ...]

    def as_dict(self) -> dict[str, Any]:
        """The published object, `schema` first."""
        names = [one.name for one in fields(self) if one.name != "paths"]
        return {"schema": SCHEMA, **{name: _plain(getattr(self, name)) for name in names}}


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Rows as dictionaries, lists of them as lists."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value
