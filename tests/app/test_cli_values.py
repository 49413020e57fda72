"""`volsculpt data` with figures that are no prices, and with folders of many files."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from tests.app.running import run
from tests.market.foreign import written
from volsculpt.app.cli.published import published

YIELD = "DATE,DGS10\n2024-01-02,3.95\n2024-01-03,.\n2024-01-04,3.99\n"
OWN = "day,figure\n2024-01-01,500\n2024-01-02,505\n"


def test_values_are_imported_listed_and_checked(tmp_path: Path) -> None:
    """With their unit, and the lag they are known after, as the schemas say."""
    root, path = tmp_path / "root", written(tmp_path, "DGS10.csv", YIELD)
    shown = run("data", "import", path, "--data", root, "--yes").output
    assert "yield_10y" in shown
    assert "in percent; known after 2 business days" in shown
    own = written(tmp_path, "own.csv", OWN)
    more = ("--name", "hash_rate", "--unit", "EH/s", "--lag", "2 days")
    result = run("data", "import", own, "--data", root, "--yes", *more, "--json")
    content = json.loads(result.stdout)
    Draft202012Validator(published("data-import")).validate(content)
    (file,) = content["files"]
    assert (file["kind"], file["symbol"], file["role"]) == ("values", "hash_rate", "value")
    assert file["notes"] == ["in EH/s; known after 2 days"]
    listed = json.loads(run("data", "list", "--data", root, "--json").stdout)
    Draft202012Validator(published("data-list")).validate(listed)
    assert [one["key"] for one in listed["series"]] == ["hash_rate", "yield_10y"]
    page = run("data", "list", "--data", root).output
    assert "VALUES" in page
    assert "EH/s" in page
    checked = json.loads(run("data", "check", "yield_10y", "--data", root, "--json").stdout)
    Draft202012Validator(published("data-check")).validate(checked)
    assert [one["rows"] for one in checked["series"]] == [2]


def test_a_figure_in_no_table_of_lags_says_so(tmp_path: Path) -> None:
    """Ten days, shown before anything is stored."""
    own = written(tmp_path, "own.csv", OWN)
    more = ("--name", "hash_rate", "--unit", "EH/s", "--dry-run")
    shown = " ".join(run("data", "import", own, *more).output.split())
    assert "hash_rate stands in no table of lags: taken to be known 10 days after" in shown
    wrong = run("data", "import", own, *more, "--lag", "soon")
    assert wrong.exit_code == 8
    assert "'soon' is no lag; write it like none, 36h" in " ".join(wrong.output.split())


def test_many_files_are_shown_by_kind(tmp_path: Path) -> None:
    """With their symbols; what is left out is said once for those that agree; exit code 0."""
    folder = tmp_path / "in"
    for coin in [f"A{k:02d}" for k in range(30)]:
        text = "timestamp,price\n1704067200,1\n1704070800,2\n"
        written(folder, f"bitstamp_{coin}USD.csv", text)
    for name in ("one", "two"):
        written(folder, f"{name}_bookticker.csv", "time,bid,ask\n1,2,3\n")
        written(folder, f"{name}.csv", "symbol,initial\nBTC,2\n")
    result = run("data", "import", folder, "--data", tmp_path / "root", "--yes")
    assert result.exit_code == 0, result.output
    shown = " ".join(result.output.split())
    assert "bitstamp index 30 60 2024-01-01 00:00 2024-01-01 01:00 0" in shown
    assert "bitstamp index: A00, A01," in shown
    assert "one_bookticker.csv and 1 more: by its name it holds an order book" in shown
    assert "one.csv and 1 more: its columns (symbol, initial) are of no kind that is" in shown
    assert shown.count("--name hash_rate --unit EH/s") == 1
