"""`volsculpt ledger report` and `hedge-file`: what is printed, as pages, JSON and CSV."""

import csv
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import printed, run
from tests.app.test_cli_desk import MANDATE
from tests.ledger.samples import lived
from tests.ledger.test_coin_lots import BOUGHT, SOLD
from volsculpt.app.cli.published import published
from volsculpt.ledger.events import CashBooked
from volsculpt.ledger.ledger import open_ledger
from volsculpt.units import DAY_NS, moment_ns

START_NS = moment_ns("2024-05-20")


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """Coins of 20,000 and 40,000; a fee, and one sold at 50,000."""
    place = tmp_path / "books.ledger"
    fee = CashBooked("f", "vault", "BTC", -0.001, "fee", START_NS + 10 * DAY_NS)
    with open_ledger(place) as ledger:
        ledger.append([*BOUGHT, fee, SOLD], START_NS)
    return place


def report(*words: str | Path) -> dict[str, Any]:
    """What the report prints as JSON, checked to be as published."""
    found = printed("ledger", "report", *words)
    Draft202012Validator(published("ledger-report")).validate(found)
    return found


def test_a_report_on_80_columns(books: Path) -> None:
    """Sums by what they came from, and what is held; with --full every lot."""
    brief = run("ledger", "report", books, "--year", "2024").stdout
    assert max(map(len, brief.splitlines())) <= 80
    assert "in USD, first in, first out; times in UTC" in brief
    text = " ".join(brief.split())
    for told in (
        "gains of coins that went 30,000",  # 0.001 by 20, 0.999 by 29,970, 0.001 by 10
        "fees -40",
        "BTC traded for another 1 50,000 20,020 29,980",
        "USD 50,000 50,000 50,000 0",
        "2 BTC came without what they cost, first on 2024-05-20",
        "what is held is worth the prices of 2024-06-09, the last that the ledger saw",
    ):
        assert told in text
    full = " ".join(run("ledger", "report", books, "--full", "--width", "120").stdout.split())
    assert "2024-06-09 BTC traded for another 0.999 2024-05-20 49,950 19,980 29,970 7.1 4.1" in full


def test_a_report_in_figures(books: Path, tmp_path: Path) -> None:
    """What JSON says adds up, and CSV has the same rows."""
    out = tmp_path / "rows.csv"
    found = report(books, "--method", "average", "--csv", out)
    assert (found["method"], found["from"], found["earned"]["fee"]) == ("average", None, -40.0)
    assert found["total"] == pytest.approx(found["coin_gain"] + sum(found["earned"].values()))
    rows = list(csv.DictReader(out.read_text().splitlines()))
    gains = [float(one["gain"]) for one in rows if one["row"] == "disposal"]
    assert sum(gains) == pytest.approx(found["coin_gain"])
    assert sum(float(one["worth"]) for one in rows if one["row"] == "income") == -40.0
    assert found["held"][0]["unrealised"] == pytest.approx(0.999 * 20_000)  # 50,000 less 30,000


def test_lots_and_choices_of_the_owner(books: Path, tmp_path: Path) -> None:
    """What was paid, and which lot goes; a choice needs its method."""
    lots, picks = tmp_path / "lots.csv", tmp_path / "picks.csv"
    lots.write_text("coin,coins,time,cost\nBTC,1,2020-01-01,5000\n")
    picks.write_text("move,lot,coins\n7.1,5.1,1\n")
    assert report(books, "--lots", lots)["coin_gain"] == pytest.approx(45_000.0)
    chosen = report(books, "--method", "specific", "--picks", picks)
    assert chosen["coin_gain"] == pytest.approx(10_000.0 + 20.0)
    refused = run("ledger", "report", books, "--picks", picks)
    assert (refused.exit_code, "go together" in refused.stderr) == (2, True)


def test_a_price_that_is_missing_is_an_error(books: Path, tmp_path: Path) -> None:
    """Never 0: it names the coin and the time, and what to do."""
    with open_ledger(books) as ledger:
        odd = CashBooked("i", "vault", "ETH", 1.0, "interest", START_NS)
        ledger.append([odd], START_NS)
    refused = run("ledger", "report", books, "--data", tmp_path / "none")
    assert refused.exit_code == 4
    said = " ".join(refused.stderr.split())
    assert "no price of ETH is known at 2024-05-20 00:00 UTC" in said
    assert "import its spot prices" in said
    other = run("ledger", "report", books, "--numeraire", "EUR")
    assert (other.exit_code, "no price of EUR" in other.stderr) == (4, True)


def test_the_ledger_of_a_desk_in_real_time_is_reported(tmp_path: Path) -> None:
    """It takes its accounts over before it sees a price, which a fast one does at one moment."""
    mandate, place = tmp_path / "m.toml", tmp_path / "m.ledger"
    mandate.write_text(MANDATE, encoding="utf-8")
    done = run("paper", mandate, "--ledger", place, "--speed", "72000", "--steps", "2")
    assert done.exit_code == 0, done.output
    found = report(place, "--data", tmp_path / "none")
    assert [one["coin"] for one in found["held"]] == ["BTC"]
    assert any("is taken" in one for one in found["notes"])


def test_a_hedge_file(tmp_path: Path) -> None:
    """What was designated, with the event that says so, and the quarter it was in."""
    place = tmp_path / "desk.ledger"
    with lived(open_ledger(place)) as ledger:
        head = ledger.head[1]
    found = printed("ledger", "hedge-file", place)
    Draft202012Validator(published("ledger-hedge-file")).validate(found)
    assert (found["head"], found["last_seq"]) == (head, 20)
    assert {one["coin"] for one in found["designations"]} == {"BTC", "ETH"}
    assert {one["seq"] for one in found["designations"]} == {4}
    assert [one["effectiveness"] for one in found["quarters"]] == [None, None]  # one decision
    out = tmp_path / "quarters.csv"
    text = " ".join(run("ledger", "hedge-file", place, "--csv", out).stdout.split())
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [list(row) for row in rows] == [list(one) for one in found["quarters"]]
    assert rows[0]["effectiveness"] == ""  # not known is not 0
    assert "price risk in US dollars - hedged with" in text
    assert all(word in text for word in ("lowest highest taken range", "OF ALL THAT WAS OWNED"))
    assert printed("ledger", "hedge-file", place, "--year", "1999")["quarters"] == []


def test_a_hedge_file_needs_decisions(books: Path) -> None:
    """A ledger of imported statements alone hedged nothing."""
    refused = run("ledger", "hedge-file", books)
    assert (refused.exit_code, "holds no decision" in refused.stderr) == (10, True)
