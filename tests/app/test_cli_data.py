"""`volsculpt data`: import, list and check, from small files made here."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from jsonschema import Draft202012Validator

from tests.app.running import printed, run
from volsculpt.app.cli.output import working
from volsculpt.app.cli.published import published
from volsculpt.app.cli.verbs import data
from volsculpt.report.stats.returns import Floats

START_MS, HOUR_MS = 1_704_067_200_000, 3_600_000  # 2024-01-01
MARK = "bybit_inverse_BTCUSD_mark_1h.csv"
INDEX = "bitstamp_BTCUSD_1h.csv"
FUNDING = "bybit_inverse_BTCUSD_funding.csv"


def closes(hours: int = 200) -> list[float]:
    """A price that goes up and down by half a percent."""
    return [60_300.0 if hour % 2 else 60_000.0 for hour in range(hours)]


def bars(prices: list[float], missing: tuple[int, ...] = (), head: str = "timestamp") -> str:
    """A CSV of hourly bars, some left out."""
    rows = [f"{head},open,high,low,close"]
    for hour, price in enumerate(prices):
        if hour not in missing:
            rows.append(f"{START_MS + hour * HOUR_MS},{price},{price + 10},{price - 10},{price}")
    return "\n".join(rows) + "\n"


def archive(folder: Path) -> Path:
    """A folder with a mark (a hole, a spike, a run that stands still), an index, and funding."""
    made = folder / "in"
    made.mkdir()
    mark = closes()
    mark[100] *= 1.5
    mark[150:160] = [61_000.0] * 10
    (made / MARK).write_text(bars(mark, missing=(50, 51, 52)))
    (made / INDEX).write_text(bars(closes()))
    rates = [f"{START_MS + k * 8 * HOUR_MS},0.0001" for k in range(25)]
    (made / FUNDING).write_text("\n".join(["fundingTime,fundingRate", *rates]) + "\n")
    return made


def stored(folder: Path) -> Path:
    """A store with those files in it."""
    root = folder / "root"
    result = run("data", "import", archive(folder), "--data", root, "--yes")
    assert result.exit_code == 0, result.output
    return root


def words(text: str) -> str:
    """Text without line breaks and frames."""
    return " ".join(text.replace("│", " ").split())


def obeys(name: str, found: dict[str, Any]) -> bool:
    """Whether an object is of the published form."""
    Draft202012Validator(published(name)).validate(found)
    return True


# --- import ---------------------------------------------------------------------------


def test_import_shows_what_it_takes_files_for(tmp_path: Path) -> None:
    """Each file with venue, symbol, role, bar, span, gaps and columns; then what was stored."""
    root = tmp_path / "root"
    result = run("data", "import", archive(tmp_path), "--data", root, "--yes")
    assert result.exit_code == 0, result.output
    text = words(result.stdout)
    assert f"Import, 3 files for {root} (--data)" in text
    assert "bybit BTC/USD:BTC mark 1h 197 2024-01-01 2024-01-09 1" in text
    assert "bitstamp BTC index 1h 200 2024-01-01 2024-01-09 0" in text
    assert f"{FUNDING}: time = fundingTime, rate = fundingRate" in text
    assert "bybit/BTC-USD_BTC/mark_1h.parquet: 197 new rows" in text
    assert (root / "bybit" / "BTC-USD_BTC" / "mark_1h.parquet").is_file()
    assert max(map(len, result.stdout.split("\n\nstored")[0].split("\n"))) <= 80


def test_import_again_adds_what_is_new(tmp_path: Path) -> None:
    """Rows that agree are told as stored before; new ones are added."""
    root = stored(tmp_path)
    (tmp_path / "in" / MARK).write_text(bars([60_000.0] * 3 + closes(0), head="ts"))
    (tmp_path / "in" / INDEX).write_text(bars(closes(202)))
    result = run("data", "import", tmp_path / "in" / INDEX, "--data", root, "--yes")
    assert "2 new rows, 200 stored before" in words(result.stdout)


def test_import_asks_a_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Yes stores, no does not and exits with 1."""
    monkeypatch.setattr(data, "is_terminal", lambda: True)
    call = ["data", "import", archive(tmp_path), "--data", tmp_path / "root"]
    refused = run(*call, typed="n\n")
    assert refused.exit_code == 1
    assert "Store these 3 files in" in refused.stderr
    assert "nothing was stored" in refused.stderr
    assert not (tmp_path / "root").exists()
    assert run(*call, typed="y\n").exit_code == 0
    assert (tmp_path / "root" / "bybit").is_dir()


def test_import_without_a_person_or_yes_is_refused(tmp_path: Path) -> None:
    """It shows the guess, stores nothing, and names both ways out."""
    result = run("data", "import", archive(tmp_path), "--data", tmp_path / "root")
    assert result.exit_code == 2
    assert "TAKEN FOR" in result.stdout
    assert "add --yes, or only look with --dry-run" in words(result.stderr)
    assert not (tmp_path / "root").exists()


def test_a_dry_run_stores_nothing(tmp_path: Path) -> None:
    """The guess is printed, as text and as JSON."""
    call = ["data", "import", archive(tmp_path), "--data", tmp_path / "root", "--dry-run"]
    assert run(*call).exit_code == 0
    found = printed(*call)
    assert obeys("data-import", found)
    assert found["stored"] is False
    assert {one["path"] for one in found["files"]} == {None}
    assert not (tmp_path / "root").exists()


def test_import_prints_json(tmp_path: Path) -> None:
    """One object that says what each file is and where it went."""
    call = ["data", "import", archive(tmp_path), "--data", tmp_path / "root", "--yes"]
    found = printed(*call)
    assert obeys("data-import", found)
    mark = next(one for one in found["files"] if one["role"] == "mark")
    told = {name: mark[name] for name in ("rows", "from", "to", "gaps", "missing", "added")}
    assert told == {
        "rows": 197,
        "from": "2024-01-01T00:00:00Z",
        "to": "2024-01-09T08:00:00Z",
        "gaps": 1,
        "missing": 3,
        "added": 197,
    }
    assert Path(mark["path"]).is_file()


def test_options_go_before_guesses(tmp_path: Path) -> None:
    """A Parquet file with a name and columns that tell nothing is imported by options."""
    path = tmp_path / "x.parquet"
    stamps = [f"2024-01-01 0{hour}:00" for hour in range(3)]
    pl.DataFrame({"when": stamps, "px": [1.0, 2.0, 3.0]}).write_parquet(path)
    found = printed(
        *("data", "import", path, "--data", tmp_path / "root", "--yes", "--zone", "UTC"),
        *("--venue", "kraken", "--symbol", "BTC", "--role", "index", "--quote", "EUR"),
        *("--columns", "time=when, price=px"),
    )["files"][0]
    assert (found["kind"], found["venue"], found["quote"]) == ("prices", "kraken", "EUR")
    assert found["columns"] == {"time": "when", "price": "px"}
    assert found["interval"] is None


def test_the_length_of_a_bar_is_said(tmp_path: Path) -> None:
    """One bar does not tell how long it is; --interval does."""
    path = tmp_path / "bybit_inverse_BTCUSD_mark.csv"
    path.write_text(bars(closes(1)))
    call = ["data", "import", path, "--data", tmp_path / "root", "--dry-run"]
    assert "give it, for example --interval 1h" in words(run(*call).stderr)
    assert printed(*call, "--interval", "4h")["files"][0]["interval"] == "4h"


def test_what_contradicts_is_refused_or_replaced(tmp_path: Path) -> None:
    """The message names row and figures, and the option that replaces."""
    root = stored(tmp_path)
    changed = closes()
    changed[3] += 5.0
    (tmp_path / "in" / INDEX).write_text(bars(changed))
    call = ["data", "import", tmp_path / "in" / INDEX, "--data", root, "--yes"]
    result = run(*call)
    assert result.exit_code == 8
    assert "2024-01-01 03:00 UTC: open 60300 stored, 60305 given" in words(result.stderr)
    assert "(--overwrite)" in result.stderr
    assert "1 row replaced, 199 stored before" in words(run(*call, "--overwrite").stdout)


@pytest.mark.parametrize(
    ("name", "text", "flags", "code", "message"),
    [
        ("none.csv", None, (), 8, "no such file"),
        ("empty", "", (), 8, "no .csv, .zip or .parquet files"),
        ("prices.csv", bars(closes(3)), (), 8, "--venue bybit --symbol BTC/USD:BTC"),
        (MARK, bars(closes(3), head="when"), (), 8, "--columns time=when,price=px"),
        (MARK, bars([60_000.0, -1.0]), (), 8, "must be positive"),
        (MARK, bars(closes(3)), ("--columns", "time"), 2, "OURS=THEIRS"),
        (MARK, bars(closes(3)), ("--columns", "time=no"), 8, "no column 'no'"),
        (MARK, bars(closes(3)), ("--role", "best"), 8, "role 'best' is unknown"),
        (MARK, bars(closes(3)), ("--interval", "long"), 8, "no length of time"),
        (MARK, bars(closes(3)), ("--interval", "2h"), 8, "give --interval 1h"),
        (MARK, bars(closes(3)), ("--symbol", "BTCUSD"), 8, "BTCUSD"),
    ],
)
def test_a_file_that_cannot_be_used(
    tmp_path: Path, name: str, text: str | None, flags: tuple[str, ...], code: int, message: str
) -> None:
    """What is wrong and what to do, the exit code of histories, and nothing stored."""
    path = tmp_path / name
    if text == "":
        path.mkdir()
    elif text is not None:
        path.write_text(text)
    result = run("data", "import", path, "--data", tmp_path / "root", "--yes", *flags)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in words(result.stderr)
    assert not (tmp_path / "root").exists()


# --- list -----------------------------------------------------------------------------


def test_what_is_stored_is_listed(tmp_path: Path) -> None:
    """A row a series, within 80 columns, and as JSON."""
    root = stored(tmp_path)
    result = run("data", "list", "--data", root)
    assert result.exit_code == 0, result.output
    assert "bybit BTC/USD:BTC mark 1h USD 197 2024-01-01 2024-01-09 1" in words(result.stdout)
    found = printed("data", "list", "--data", root)
    assert obeys("data-list", found)
    assert {one["key"] for one in found["series"]} == {"BTC", "bybit:BTC/USD:BTC"}


def test_an_empty_store_is_told(tmp_path: Path) -> None:
    """Nothing stored is no error: the first step is named."""
    result = run("data", "list", "--data", tmp_path)
    assert result.exit_code == 0
    assert "Nothing is stored here. `volsculpt data import FOLDER` stores files." in result.stdout
    assert printed("data", "list", "--data", tmp_path)["series"] == []


def test_the_folder_is_the_one_given_or_named_or_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--data, then VOLSCULPT_DATA, then ./data; the page says which and why."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOLSCULPT_DATA", raising=False)
    said = [
        words(run("data", "list", "--data", "mine", VOLSCULPT_DATA="named").stdout),
        words(run("data", "list", VOLSCULPT_DATA="named").stdout),
        words(run("data", "list").stdout),
    ]
    assert "mine (--data)" in said[0]
    assert "named (VOLSCULPT_DATA)" in said[1]
    assert "data (the default; VOLSCULPT_DATA and --data change it)" in said[2]


def test_a_broken_store_is_told(tmp_path: Path) -> None:
    """A manifest that is none is exit code 8 and what to do."""
    root = stored(tmp_path)
    (root / "bybit" / "BTC-USD_BTC" / "mark_1h.json").write_text("{}")
    result = run("data", "list", "--data", root)
    assert result.exit_code == 8
    assert "not a readable manifest" in words(result.stderr)


# --- check ----------------------------------------------------------------------------


def test_check_tells_what_it_found(tmp_path: Path) -> None:
    """Counts by series, then each finding with its time; exit code 0."""
    result = run("data", "check", "--data", stored(tmp_path), "--full")
    assert result.exit_code == 0, result.output
    text = words(result.stdout)
    assert "bybit:BTC/USD:BTC mark 1h 197 3 1 10 1" in text
    assert "2024-01-03 02:00 UTC, 3 h, gap: 3 bar(s) of 1h missing" in text
    assert "2024-01-05 04:00 UTC spike: moved" in text
    assert "2024-01-07 06:00 UTC, 10 h, stale: 10 closes in a row at 61000" in text
    assert "far from index" in text


def test_check_of_one_coin(tmp_path: Path) -> None:
    """A key names the series; where nothing is wrong that is said."""
    root = stored(tmp_path)
    text = words(run("data", "check", "BTC", "--data", root).stdout)
    assert "1 series in" in text
    assert "All is well: nothing was found." in text
    assert "Nothing was found." in words(
        run("data", "check", "BTC", "--data", root, "--full").stdout
    )
    found = printed("data", "check", "bybit:BTC/USD:BTC", "--data", root)
    assert obeys("data-check", found)
    kinds = [one["check"] for series in found["series"] for one in series["findings"]]
    assert sorted(kinds) == ["divergence", "gap", "spike", "stale"]


def test_many_findings_are_cut(tmp_path: Path) -> None:
    """Ten of a kind are printed, the rest are counted; JSON holds all."""
    (tmp_path / MARK).write_text(bars(closes(), missing=tuple(range(5, 200, 5))))
    root = tmp_path / "root"
    assert run("data", "import", tmp_path / MARK, "--data", root, "--yes").exit_code == 0
    brief = words(run("data", "check", "--data", root).stdout)
    assert "Something was found in 1 of 1 series: 39 x gap." in brief
    assert brief.count("1 bar(s) of 1h missing") == 1
    assert "and 38 more: --full" in brief
    text = words(run("data", "check", "--data", root, "--full").stdout)
    assert text.count("1 bar(s) of 1h missing") == 10
    assert "all listed by --json: 29 x gap" in text
    assert len(printed("data", "check", "--data", root)["series"][0]["findings"]) == 39


def test_a_dated_contract_may_be_dear(tmp_path: Path) -> None:
    """Its premium of 10 % is the interest of months; that of a perpetual is a finding."""
    root = stored(tmp_path)
    for symbol, findings in (("BTC/USD:BTC-240628", 0), ("BTC/USD:BTC", 1)):
        path = tmp_path / "dear.csv"
        path.write_text(bars([1.1 * price for price in closes()]))
        flags = ["--venue", "okx", "--symbol", symbol, "--role", "mark", "--yes"]
        assert run("data", "import", path, "--data", root, *flags).exit_code == 0
        found = printed("data", "check", f"okx:{symbol}", "--data", root)
        assert len(found["series"][0]["findings"]) == findings


@pytest.mark.parametrize(("name", "start"), [("c.html", b"<!doctype html>"), ("c.png", b"\x89PNG")])
def test_check_draws_a_picture(tmp_path: Path, name: str, start: bytes) -> None:
    """A page or a picture of every price with the findings on it."""
    figure = tmp_path / name
    result = run("data", "check", "--data", stored(tmp_path), "--figure", figure)
    assert result.exit_code == 0, result.output
    assert figure.read_bytes().startswith(start)
    assert result.stderr == f"wrote {figure}\n"


def test_the_page_holds_lines_spans_and_points(tmp_path: Path) -> None:
    """The gap and the stale run are spans, the spike a point, the line breaks at the gap."""
    figure = tmp_path / "c.html"
    run("data", "check", "bybit:BTC/USD:BTC", "--data", stored(tmp_path), "--figure", figure)
    whole = figure.read_text(encoding="utf-8")
    assert '<p class="verdict">Something was found in ' in whole
    text = whole.rpartition('type="application/json">')[2]
    (drawn,) = json.loads(text.partition("</script>")[0])["charts"]
    names = {one["name"] for one in drawn["data"]}
    assert {"gap", "stale", "spike", "far from index"} < names
    mark = next(one for one in drawn["data"] if one["name"] == "bybit:BTC/USD:BTC mark 1h")
    figures = unpacked(mark["y"])
    assert np.isnan(figures[50])
    assert len(figures) == 198
    assert (START_MS + 50 * HOUR_MS, START_MS + 53 * HOUR_MS) in {
        (one["x0"], one["x1"]) for one in drawn["layout"]["shapes"]
    }
    spike = next(one for one in drawn["data"] if one["name"] == "spike")
    assert spike["x"]["from"] == START_MS + 101 * HOUR_MS
    assert unpacked(spike["y"]).tolist() == [90_000.0]


def unpacked(figures: dict[str, str]) -> Floats:
    """Figures as a page holds them, in base64."""
    return np.frombuffer(base64.b64decode(figures["bdata"]), dtype=figures["dtype"])


def test_a_picture_holds_the_fullest_series(tmp_path: Path) -> None:
    """Of many series those with the most findings are drawn, and that is said."""
    for number in range(9):
        missing = (3,) if number == 8 else ()
        (tmp_path / f"bitstamp_A{number}USD_1h.csv").write_text(bars(closes(20), missing))
    root, figure = tmp_path / "root", tmp_path / "c.html"
    assert run("data", "import", tmp_path, "--data", root, "--yes").exit_code == 0
    result = run("data", "check", "--data", root, "--figure", figure)
    assert "holds the 8 series with the most findings, of 9" in words(result.stderr)
    assert '"name":"A8 index of bitstamp in USD 1h"' in figure.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        (("ETH",), 8, "nothing stored of ETH; nearest of the 2 there are: BTC, bybit:"),
        (("--figure", "c.pdf"), 2, ".html or .png"),
        (("--figure", "no/such/c.png"), 2, "there is no folder"),
    ],
)
def test_a_check_that_cannot_be_made(
    tmp_path: Path, flags: tuple[str, ...], code: int, message: str
) -> None:
    """A name that is not stored, or a figure that cannot be written."""
    result = run("data", "check", *flags, "--data", stored(tmp_path))
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in words(result.stderr)


def test_progress_is_shown_in_a_terminal_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe stays clean; a terminal is told how far it is."""
    with working("reading") as told:
        told(1, 2, tmp_path / "a.csv")
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("FORCE_COLOR", "1")
    with working("reading") as told:
        told(1, 2, tmp_path / "[a].csv")
    assert "reading" in capsys.readouterr().err
