"""`volsculpt import-statement`: what is printed, put into a mandate, and written to a ledger."""

from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.app.running import MANDATE, mandate, printed, run
from tests.statements.samples import written
from volsculpt.app.cli.published import published


def statement(*words: str | Path) -> dict[str, Any]:
    """What it prints as JSON, checked to be as published."""
    found = printed("import-statement", *words)
    Draft202012Validator(published("import-statement")).validate(found)
    return found


def test_a_page_on_80_columns_and_the_tables(tmp_path: Path) -> None:
    """What files are taken for, rows by kind, what is not known, and TOML to copy."""
    path = written(tmp_path, "Binance(UTC+0).csv")
    result = run("import-statement", path)
    assert result.exit_code == 0, result.output
    page, _, tables = result.stdout.partition("[[account]]")
    assert max(map(len, page.splitlines())) <= 80
    text = " ".join(page.split())
    for told in (
        "Binance(UTC+0).csv binance futures 8",
        "FUNDING_FEE funding 1 0.00003 BTC",
        "1 rows of EVENT_CONTRACTS_ORDER change USDT by -5 and are not booked",
        "its files tell no balances",
    ):
        assert told in text
    assert "balances = { BTC = 0.50883, USDT = 60 }" in tables


def test_accounts_go_into_a_mandate_that_stays_a_mandate(tmp_path: Path) -> None:
    """The one named; nothing is written where the mandate would not be understood."""
    place = mandate(tmp_path)
    path = written(tmp_path, "bybit.csv")
    done = run("import-statement", path, "--account", "coinm", "--into", place)
    assert done.exit_code == 0, done.output
    assert "contracts = -6000\nentry = 50000\n" in place.read_text()
    before = place.read_text()
    refused = run("import-statement", path, "--account", "second", "--into", place)
    assert (refused.exit_code, place.read_text()) == (2, before)  # which of two is hedged with
    gone = run("import-statement", path, "--into", tmp_path / "none.toml")
    assert (gone.exit_code, "cannot be read" in gone.stderr) == (2, True)


def test_a_ledger_takes_it_once(tmp_path: Path) -> None:
    """And a report can be made of it."""
    path, place = written(tmp_path, "bybit.csv"), tmp_path / "books.ledger"
    first = statement(path, "--ledger", place, "--transfers", "outside")
    assert first["ledger"] == [{"account": "bybit unified", "written": 4, "known": 0}]
    again = statement(path, "--ledger", place, "--transfers", "outside")
    assert again["ledger"] == [{"account": "bybit unified", "written": 0, "known": 4}]
    assert first["toml"] == again["toml"]
    assert [one["booked_as"] for one in first["kinds"]] == ["cash", "fill", "transfer"]
    assert printed("ledger", "verify", place)["whole"] is True


def test_what_to_give_is_said(tmp_path: Path) -> None:
    """Files, or --forms, which lists them; a file of no form is exit code 8."""
    assert run("import-statement").exit_code == 2
    listed = run("import-statement", "--forms").stdout
    assert "KRAKEN FUTURES" in listed
    assert "spottofutures" in listed
    odd = written(tmp_path, "odd.csv", MANDATE)
    assert run("import-statement", odd).exit_code == 8
