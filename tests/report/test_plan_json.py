"""What `plan --json` prints: exactly what the schema says, and no NaN."""

import dataclasses
import json
import math

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, ValidationError

from tests.report import plans
from volsculpt.app.cli.published import published
from volsculpt.report.plan import Plan
from volsculpt.report.rows import plan as report
from volsculpt.report.rows.plan import HeldThen, Then, TransferRow
from volsculpt.watch.danger import DangerRow

SCHEMA = published("plan")
ROWS = {
    "exposure": report.ExposureRow,
    "decision": report.DecisionRow,
    "order": report.OrderRow,
    "margin": report.MarginRow,
    "carry": report.CarryRow,
    "scenario": report.ScenarioRow,
    "liquidation": report.Liquidation,
    "transfer": TransferRow,
    "danger": DangerRow,
    "then": Then,
    "held_then": HeldThen,
}


def check(plan: Plan) -> None:
    """Raise where the printed object is not what the schema says."""
    Draft202012Validator(SCHEMA).validate(json.loads(plan.to_json()))


def test_the_schema_is_one() -> None:
    """The published file is a valid JSON Schema 2020-12."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@given(plan=plans.plans)
def test_every_plan_is_as_published(plan: Plan) -> None:
    """Random plans print what the schema describes."""
    check(plan)


@pytest.mark.parametrize("made", [plans.treasury, plans.many_coins, plans.empty])
def test_the_examples_are_as_published(made: object) -> None:
    """So do the plans made by hand."""
    check(made())  # type: ignore[operator]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_row_has_the_published_names(name: str) -> None:
    """Every field of a row is in the schema, in the same order, and required."""
    fields = [field.name for field in dataclasses.fields(ROWS[name])]
    published = SCHEMA["$defs"][name]
    told = [name.removesuffix("_") for name in fields]  # `from` is a word of Python
    assert list(published["properties"]) == published["required"] == told
    assert published["additionalProperties"] is False


def test_everything_is_described() -> None:
    """Each key of each object says what it is."""
    tables = [SCHEMA, *SCHEMA["$defs"].values()]
    blank = [
        key
        for table in tables
        for key, one in table["properties"].items()
        if not one.get("description")
    ]
    assert blank == []


def test_another_key_is_refused() -> None:
    """The schema allows no key that it does not name."""
    printed = json.loads(plans.treasury().to_json()) | {"advice": "buy"}
    with pytest.raises(ValidationError, match="advice"):
        Draft202012Validator(SCHEMA).validate(printed)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_no_nan_is_printed(wrong: float) -> None:
    """A figure that is not finite is an error, never a token that no reader knows."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        plans.treasury(wealth_usd=wrong).to_json()


def test_inner_figures_stay_inside() -> None:
    """What only the figure and the tables need is not published."""
    assert set(plans.treasury().as_dict()) & {"curve", "index_usd", "ticks", "marks"} == set()
