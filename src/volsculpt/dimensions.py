"""How long the columns of flat records are: one figure a leg, a wallet, a margin group, a hedge.

A column says so where it is written: `taker: PerLeg[Sequence[float]]` is an ordinary sequence of
floats to a reader and to a type checker, and as long as there are legs to whoever makes one. Plain
lists have as many rows as a book (`blank`); compiled records as many as their size class.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, get_args, get_type_hints

Dimension = Literal[
    "one",
    "currency",
    "wallet",
    "group",
    "leg",
    "tier",
    "weight",
    "hedge",
    "link",
    "pool",
    "use",
    "source",
    "number",
    "event",
    "row",
    "row_number",
    "row_series",
    "row_wallet",
    "row_hedge",
]


@dataclass(frozen=True, slots=True)
class Per:
    """What a column has one figure for."""

    dimension: Dimension


Sequenced = TypeVar("Sequenced")
Record = TypeVar("Record")

JustOne = Annotated[Sequenced, Per("one")]  # a number that a compiled function can set
PerCurrency = Annotated[Sequenced, Per("currency")]
PerWallet = Annotated[Sequenced, Per("wallet")]
PerGroup = Annotated[Sequenced, Per("group")]
PerLeg = Annotated[Sequenced, Per("leg")]
PerTier = Annotated[Sequenced, Per("tier")]  # tiers of margin, those of one leg after another's
PerWeight = Annotated[Sequenced, Per("weight")]  # row group * currencies + currency
PerHedge = Annotated[Sequenced, Per("hedge")]
PerLink = Annotated[Sequenced, Per("link")]  # hedge and pool, those of one hedge after another's
PerPool = Annotated[Sequenced, Per("pool")]
PerUse = Annotated[Sequenced, Per("use")]  # legs of pools, those of one pool after another's
PerSource = Annotated[Sequenced, Per("source")]  # sources of coins, likewise of groups
PerNumber = Annotated[Sequenced, Per("number")]  # currencies, then legs: what triggers are sums of
PerEvent = Annotated[Sequenced, Per("event")]
PerRow = Annotated[Sequenced, Per("row")]  # of triggers
PerRowNumber = Annotated[Sequenced, Per("row_number")]  # row * numbers + number
PerRowSeries = Annotated[Sequenced, Per("row_series")]  # likewise, then funding of each leg
PerRowWallet = Annotated[Sequenced, Per("row_wallet")]
PerRowHedge = Annotated[Sequenced, Per("row_hedge")]


class RecordField(NamedTuple):
    """A field of a record. per: None where it is one figure, or a record itself."""

    name: str
    per: Dimension | None
    kind: type[Any]  # int, float, or a named tuple


@cache
def columns(record: type[tuple[Any, ...]]) -> tuple[RecordField, ...]:
    """The fields of a named tuple. Raises TypeError for one that does not say how long it is.

    Worked: of `Quote` the second is RecordField("mark", "leg", float).
    """
    found = []
    for name, hint in get_type_hints(record, include_extras=True).items():
        lengths = [one for one in getattr(hint, "__metadata__", ()) if isinstance(one, Per)]
        sequence = hint.__origin__ if lengths else hint
        if get_args(sequence) and not lengths:
            raise TypeError(
                f"{record.__name__}.{name} does not say how long it is; annotate it with what it "
                f"has one figure for, as in PerLeg[Sequence[float]] (see dimensions.py)"
            )
        kind = get_args(sequence)[0] if lengths else sequence
        found.append(RecordField(name, lengths[0].dimension if lengths else None, kind))
    return tuple(found)


def blank(record: type[Record], rows: Mapping[str, int]) -> Record:
    """A named tuple of zeros. rows: how many there are in each dimension that it has.

    Worked: Quote with rows {"currency": 1, "leg": 2}: Quote([0.0], [0.0, 0.0]).
    """
    return record(*[_zeros(one, rows) for one in columns(record)])  # type: ignore[arg-type]


def _zeros(column: RecordField, rows: Mapping[str, int]) -> Any:  # noqa: ANN401
    """A column of zeros."""
    if column.per is not None:
        return [column.kind(0)] * (1 if column.per == "one" else rows[column.per])
    return blank(column.kind, rows) if hasattr(column.kind, "_fields") else column.kind(0)
