"""`volsculpt data import` of a folder of which nothing is understood."""

from pathlib import Path

from jsonschema import Draft202012Validator

from tests.app.running import printed, run
from volsculpt.app.cli.published import published


def test_a_folder_that_holds_nothing_of_ours_is_no_wrong_one(tmp_path: Path) -> None:
    """What was left and why, and how a file should look; nobody is asked, nothing stored."""
    folder, root = tmp_path / "in", tmp_path / "root"
    folder.mkdir()
    (folder / "people.csv").write_text("name,amount\nanna,2\n", encoding="utf-8")
    (folder / "notes.txt").write_text("hello\n", encoding="utf-8")
    for flags in ([], ["--yes"], ["--dry-run"]):
        result = run("data", "import", folder, "--data", root, *flags)
        said = " ".join(result.stdout.split())
        assert result.exit_code == 0, result.output
        assert "0 files for" in said
        assert "2 left out" in said
        assert "people.csv: its columns (name, amount) are of no kind that is stored" in said
        assert "notes.txt: has no columns" in said
        assert "HOW A FILE SHOULD LOOK - prices: columns time and price, or time, open" in said
        assert "`2024-05-20T00:00:00Z`" in said
        assert "TAKEN FOR" not in said
    found = printed("data", "import", folder, "--data", root, "--yes")
    Draft202012Validator(published("data-import")).validate(found)
    assert (found["files"], found["wrong"], found["stored"]) == ([], [], False)
    assert len(found["left_out"]) == 2
    assert not root.exists()
    alone = run("data", "import", folder / "people.csv", "--data", root)
    assert alone.exit_code == 8
    (folder / "bitstamp_BTCUSD_1h.csv").write_text(
        "time,open,high,low,close\n2024-01-01T00:00:00Z,9,8,10,9\n", encoding="utf-8"
    )
    wrong = run("data", "import", folder, "--data", root, "--yes")
    assert wrong.exit_code == 8
    assert "bitstamp_BTCUSD_1h.csv" in wrong.stderr
