"""`volsculpt schema`: the JSON Schema of the mandate and of everything printed with --json."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from volsculpt.app.cli.options import AsJson
from volsculpt.app.cli.output import print_json

FOLDER = Path(__file__).with_name("schemas")


class Published(StrEnum):
    """What has a schema: the mandate, and what each verb prints with --json."""

    MANDATE = "mandate"
    PLAN = "plan"
    BACKTEST = "backtest"
    PAPER = "paper"
    STATUS = "status"
    WHY = "why"
    TOLD = "told"
    REPLAY = "replay"
    CHECK = "check"
    INIT = "init"
    COMPILE = "compile"
    CONTRACTS = "contracts"
    DATA_IMPORT = "data-import"
    DATA_LIST = "data-list"
    DATA_CHECK = "data-check"
    LEDGER_SHOW = "ledger-show"
    LEDGER_VERIFY = "ledger-verify"
    LEDGER_EXPORT = "ledger-export"
    LEDGER_MIGRATE = "ledger-migrate"
    VERSION = "version"


def schema(
    name: Annotated[
        Published,
        typer.Argument(help="The mandate, or the verb whose --json is meant.", show_default=False),
    ],
    as_json: AsJson = False,
) -> None:
    """Print a JSON Schema.

    That of the mandate, or of what a verb prints with --json. It is always JSON; --json changes
    nothing.
    """
    print_json(published(name))


def published(name: Published) -> dict[str, Any]:
    """The schema of that name, from where it is kept."""
    if name is Published.MANDATE:
        from volsculpt.mandate.schema import mandate_schema

        return mandate_schema()
    if name is Published.PLAN or name is Published.BACKTEST:
        from volsculpt.report.rows.schema import schema_of

        return schema_of("plan" if name is Published.PLAN else "backtest")
    import json

    text = (FOLDER / f"{name.value}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
