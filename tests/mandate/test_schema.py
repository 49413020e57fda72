"""The published JSON Schema, and the page that explains every key."""

import json
import tomllib
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.mandate.samples import BOOK, SECTION9, SHORTEST, THREE_ACCOUNTS
from tests.structure.source_tree import ROOT
from volsculpt.mandate.init import MandateAnswers, render_mandate
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.locations import LISTED
from volsculpt.mandate.schema import SCHEMA_FILE, mandate_schema, schema_text
from volsculpt.mandate.tables import TABLES, keys_of
from volsculpt.mandate.wording import example_at

HEADINGS = {**LISTED, ("assets",): "[assets.NAME]"} | {
    (name,): f"[{name}]" for name in ("limits", "desk", "guard", "send")
}
PAGE = ROOT / "docs" / "mandate.md"
POLICIES = ROOT / "docs" / "policies.md"


def as_json(text: str) -> Any:  # noqa: ANN401
    """TOML as JSON has it: a time is a text."""

    def plain(value: object) -> str:
        assert isinstance(value, date)
        return value.isoformat()

    return json.loads(json.dumps(tomllib.loads(text), default=plain))


def errors(text: str) -> list[str]:
    """What the schema has against a mandate."""
    return [
        error.message for error in Draft202012Validator(mandate_schema()).iter_errors(as_json(text))
    ]


def test_the_published_schema_is_that_of_the_tables() -> None:
    """To publish it again: scripts/docs."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_one() -> None:
    """It is valid against the rules for schemas, and speaks of no null, which TOML lacks."""
    Draft202012Validator.check_schema(mandate_schema())
    assert "null" not in schema_text()


@pytest.mark.parametrize(
    "text",
    [
        SECTION9.read_text(encoding="utf-8"),
        THREE_ACCOUNTS.read_text(encoding="utf-8"),
        SHORTEST,
        BOOK + '[[hedge]]\nunderlying = "*"\nratio = 1\nuse = "inverse perpetual"\n',
        render_mandate(MandateAnswers()),
    ],
    ids=["section9", "three_accounts", "shortest", "words", "init"],
)
def test_the_schema_takes_what_is_right(text: str) -> None:
    """Every good sample passes."""
    assert errors(text) == []


@pytest.mark.parametrize(
    "text",
    [
        'name = "no version"',
        "version = 2",
        "version = 1\nunknown = 1",
        'version = 1\n[[hedge]]\nunderlying = "BTC"\nratio = "half"',
        'version = 1\n[[hedge]]\nunderlying = "BTC"\nband = { trigger = -1 }',
        'version = 1\n[[account]]\nname = "a"\nkind = "bank"',
        'version = 1\nflow_horizon = "30"',
        "version = 1\nhold_for_withdrawals = true",
        'version = 1\n[[collateral]]\nsource = ["a"]\nleverage_band = [1, 2]',
        "version = 1\n[[collateral]]\nsource = []",
        "version = 1\n[limits]\nmin_liquidation_distance = 25",
        "version = 1\n[guard]\nmax_drawdown = 30",
        "version = 1\n[send]\nslippage = 0.5",
    ],
)
def test_the_schema_refuses_what_is_wrong(text: str) -> None:
    """An editor that knows the schema marks the mistake while it is made."""
    assert errors(text) != []


def test_every_key_explains_itself() -> None:
    """Each key of each table has a description in the schema."""
    for table in TABLES.values():
        silent = [name for name, field in table.model_fields.items() if not field.description]
        assert silent == [], table.__name__


@pytest.mark.parametrize("place", [place for place in TABLES if place], ids=".".join)
def test_examples_fit_their_key(place: tuple[str, ...]) -> None:
    """The value that a message tells to write is one that TOML can read."""
    for name in keys_of(TABLES[place]):
        text = example_at((*place, name) if place != ("assets",) else ("assets", "x", name))
        assert not text or name in tomllib.loads(text.removeprefix(", for example "))


def test_the_page_explains_every_key() -> None:
    """docs/mandate.md has a row for each key, under the heading of its table.

    The keys of a policy stand on the page of policies.
    """
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")
    for place, table in TABLES.items():
        title = f"`{HEADINGS.get(place, place[-1])}`" if place else "The top of the file"
        (section,) = [text for text in sections if text.split("\n")[0].endswith(title)]
        if place in (("hedge",), ("hedge", "beside")):
            section += POLICIES.read_text(encoding="utf-8")
        missing = [key for key in keys_of(table) if f"\n| `{key}` |" not in section]
        assert missing == [], title


def test_the_page_shows_mandates_that_work() -> None:
    """Each TOML block of the page that begins with a version can be read."""
    blocks = PAGE.read_text(encoding="utf-8").split("```toml\n")[1:]
    whole = [block.split("```")[0] for block in blocks if block.startswith("version")]
    assert [bool(parse_mandate(text).hedges) for text in whole] == [True] * len(whole)
    assert whole
