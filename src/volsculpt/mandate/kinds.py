"""Kinds of value that many keys of a mandate share, and the table they stand in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from volsculpt.hedge.words import MOST_RATIO, ratio_problem
from volsculpt.units import DURATION, MOST_COST, fraction_problem

FOUND = "volsculpt_found"  # type of an error whose context lists (key, message) pairs
OWN_MESSAGE = "volsculpt_said"  # type of an error whose message is already in our words

_OFFSET_HINT = "has no offset, so its hour is unknown; write for example 2024-05-20T00:00:00Z"
_TIME_HINT = "must be a time, for example 2024-05-20T00:00:00Z"


def _moment(value: object) -> datetime:
    """A time as TOML gives it, or as text; anything else is refused."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError(OWN_MESSAGE, _TIME_HINT) from None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if isinstance(value, date):
        raise PydanticCustomError(OWN_MESSAGE, _OFFSET_HINT)
    raise PydanticCustomError(OWN_MESSAGE, _TIME_HINT)


def _meant(ratio: float) -> float:
    """A ratio that can be meant; a percentage is refused with the ratio it stands for."""
    problem = ratio_problem(ratio)
    if problem is not None:
        raise PydanticCustomError(OWN_MESSAGE, "{problem}", {"problem": problem})
    return ratio


@dataclass(frozen=True)
class AtMost:
    """Marks a number as a fraction with a bound; beyond it a percentage was written."""

    most: float

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """The number's own checks, then this one."""
        return core_schema.no_info_after_validator_function(self._within, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The bound, as JSON Schema has it."""
        return {**handler(schema), "maximum": self.most}

    def _within(self, fraction: float) -> float:
        problem = fraction_problem(fraction, self.most)
        if problem is not None:
            raise PydanticCustomError(OWN_MESSAGE, "{problem}", {"problem": problem})
        return fraction


Name = Annotated[str, Field(min_length=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[NotNegative, AtMost(1)]
PositiveShare = Annotated[Positive, AtMost(1)]
Distance = Annotated[NotNegative, AtMost(3)]  # a short is liquidated far above its price
PriceShare = Annotated[NotNegative, AtMost(MOST_COST)]  # half a spread, a slippage
Ratio = Annotated[
    float,
    AfterValidator(_meant),
    Field(json_schema_extra={"minimum": -MOST_RATIO, "maximum": MOST_RATIO}),
]
Duration = Annotated[str, Field(pattern=DURATION)]
Time = Annotated[AwareDatetime, BeforeValidator(_moment)]


def key(description: str, example: object, default: object = ..., alias: str | None = None) -> Any:  # noqa: ANN401
    """A key of a table, as the schema and its reference have it.

    Args: description: what it means; example: a value to write; default: none means required;
    alias: its name in the file, where that is a word of Python.
    """
    return Field(default, description=description, examples=[example], alias=alias)


# A key of the table, or a path from it, and what is the matter there.
Contradiction = tuple[str | tuple[str | int, ...], str]


class TomlTable(BaseModel):
    """A table that refuses unknown keys, numbers that are not finite, and loose types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    def check(self) -> Iterator[Contradiction]:
        """(key, message) for each thing in this table that contradicts another."""
        yield from ()

    @model_validator(mode="after")
    def _checked(self) -> "TomlTable":
        found = list(self.check())
        if found:
            raise PydanticCustomError(FOUND, "contradiction", {"found": found})
        return self
