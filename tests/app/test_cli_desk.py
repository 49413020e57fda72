"""`volsculpt paper` and the verbs around a desk, on the made-up market."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from tests.structure.source_tree import PACKAGE
from volsculpt.app.cli.program import app
from volsculpt.app.cli.published import published
from volsculpt.ledger.lock import WriterLock

ENV = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
MANDATE = """
version = 1
name = "small"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 1.0 }
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.6
use = [{ account = "coinm", contract = "BTC/USD:BTC" }]
"""


def ran(*words: str) -> Result:
    """A verb that must succeed."""
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done


def printed(name: str, *words: str) -> dict[str, Any]:
    """What a verb prints with --json, as its schema says."""
    found = json.loads(ran(*words, "--json").stdout)
    Draft202012Validator(published(name)).validate(found)
    assert isinstance(found, dict)
    return found


def test_paper_runs_stops_and_goes_on(folder: Path) -> None:
    """A day, then another day on the same ledger; the status says what is held."""
    first = printed("paper", "paper", "m.toml", "--steps", "12")
    assert first["running"] is False
    assert first["hedges"][0]["held_ratio"] == pytest.approx(0.6, abs=0.03)
    second = printed("paper", "paper", "m.toml", "--steps", "12")
    assert second["last_decision"] > first["last_decision"]
    assert (folder / "m.ledger").is_file()
    said = printed("status", "status", "m.ledger")
    assert said["positions"] == second["positions"]
    assert "HEDGES" in ran("status", "m.ledger", "--full").stdout
    ahead = {one["side"]: one for one in said["next_changes"]}
    assert ahead["above"]["contracts"] < 0.0 < ahead["below"]["contracts"]
    assert "WHAT COMES NEXT" in ran("status", "m.ledger", "--full").stdout
    ran("ledger", "verify", "m.ledger")


def test_a_status_is_one_screen_unless_all_is_asked_for(folder: Path) -> None:
    """`paper`, `status` and `why` alike; the figures are those of --json."""
    stopped = ran("paper", "m.toml", "--steps", "24").stdout
    brief, why = ran("status", "m.ledger").stdout, ran("why", "m.ledger", "--last", "9").stdout
    assert stopped == brief
    assert max(len(one.splitlines()) for one in (brief, why)) <= 15
    whole = ran("status", "m.ledger", "--full").stdout
    assert "COINS" in whole
    assert "COINS" not in brief
    said = printed("status", "status", "m.ledger")
    assert "All is well: no alert is open." in brief
    assert f"{said['margin'][0]['leverage']:.2f}".rstrip("0") in brief
    assert f"{said['since_start']['futures_usd']:,.0f}" in brief
    assert (said["last_liquidation"], said["next_decision"], said["stopped"]) == (None, None, [])
    assert len(ran("why", "m.ledger", "--last", "9", "--full").stdout.splitlines()) > 40
    assert "COINS" in ran("paper", "m.toml", "--steps", "1", "--full").stdout


def test_why_and_replay(folder: Path) -> None:
    """The last decisions in words; the whole time again, as it was and under another mandate."""
    ran("paper", "m.toml", "--steps", "6")
    told = printed("why", "why", "m.ledger", "--last", "2")
    assert [len(one["hedges"]) for one in told["decisions"]] == [1, 1]
    assert "you asked for 60 %" in ran("why", "m.ledger", "--full").stdout
    again = printed("replay", "replay", "m.ledger")
    assert again["decisions"] == again["same"] == 6
    (folder / "o.toml").write_text(MANDATE.replace("ratio = 0.6", "ratio = 0.9"), "utf-8")
    other = printed("replay", "replay", "m.ledger", "--mandate", "o.toml")
    assert other["same"] == 0
    assert other["different"][0]["targets_now"] == {"BTC": 0.9}
    assert "Replay" in ran("replay", "m.ledger", "--mandate", "o.toml").stdout


def test_what_a_person_asks_of_a_desk_that_does_not_run(folder: Path) -> None:
    """Pause, resume and override are written for the next start; flatten needs a desk."""
    ran("paper", "m.toml", "--steps", "2")
    assert "when the desk starts again" in ran("pause", "m.ledger").stdout
    assert printed("status", "status", "m.ledger")["paused"] is True
    printed("paper", "paper", "m.toml", "--steps", "1")
    assert "paused: nothing is sent" in ran("why", "m.ledger").stdout
    assert "paused: nothing is sent" in ran("why", "m.ledger", "--full").stdout
    assert printed("why", "why", "m.ledger")["paused"] is True
    printed("told", "resume", "m.ledger", "--reset")
    assert "paused" not in ran("status", "m.ledger").stdout + ran("why", "m.ledger").stdout
    printed("told", "override", "m.ledger", "20%", "--until", "2020-03-01")
    said = printed("paper", "paper", "m.toml", "--steps", "4")
    assert said["paused"] is False
    assert said["hedges"][0]["target_ratio"] == 0.2
    refused = CliRunner().invoke(app, ["flatten", "m.ledger", "--yes"])
    assert refused.exit_code == 10
    assert "no desk runs" in refused.output


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        ("1.5", "ratio 1.5 will be held to 1, the max_ratio of [limits]: the override bends no"),
        ("-0.5", "ratio -0.5 will be held to 0, the min_ratio of [limits]: the override bends no"),
        ("0.8", "written; it holds when the desk starts again"),
    ],
)
def test_what_limits_make_of_an_override_is_told(folder: Path, ratio: str, said: str) -> None:
    """By the mandate's own bounds, though no desk runs; within them nothing more is said."""
    ran("paper", "m.toml", "--steps", "2")
    told = ran("override", "m.ledger", "--until", "2020-03-01", "--", ratio).stdout
    assert said in told
    assert ("will be held" in told) == ("held" in said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--account", "nope"), "--account nope: this desk has no such account; it has coinm, va"),
        (("--contract", "nope"), "--contract nope: this desk has no such contract; it has BTC/USD"),
    ],
)
def test_a_name_that_a_desk_does_not_know_is_refused(
    folder: Path, words: tuple[str, str], said: str
) -> None:
    """What names nothing is no answer to a question, so it does not end as if all were done."""
    ran("paper", "m.toml", "--steps", "4")
    refused = CliRunner().invoke(app, ["adopt", "m.ledger", *words, "--yes"])
    assert refused.exit_code == 10
    assert said in refused.output
    key = ("--contract", "bybit:BTC/USD:BTC", "--account", "coinm")
    assert "nothing waits" in ran("adopt", "m.ledger", *key, "--yes").stdout


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (("80", "--until", "2020-03-01"), "did you mean 0.8?"),
        (("0.8", "--until", "2020-03-01", "--coin", "btc"), "no hedge is on btc"),
        (("0.8", "--until", "2020-01-01"), "is over: the desk is at 2020-01-02"),
    ],
)
def test_an_override_is_checked_though_no_desk_runs(
    folder: Path, asked: tuple[str, ...], problem: str
) -> None:
    """What a running desk refuses is not written for the next start either."""
    ran("paper", "m.toml", "--steps", "2")
    refused = CliRunner().invoke(app, ["override", "m.ledger", *asked])
    assert refused.exit_code == 10
    assert problem in refused.output
    assert printed("status", "status", "m.ledger")["overrides"] == []


def test_a_venue_of_a_lost_ledger_is_not_begun_with(folder: Path) -> None:
    """Its orders would be asked for anew; with both moved away it begins anew."""
    ran("paper", "m.toml", "--steps", "6")
    (folder / "m.ledger").unlink()
    refused = CliRunner().invoke(app, ["paper", "m.toml", "--steps", "2"])
    assert refused.exit_code == 10
    assert "is of another ledger than m.ledger" in refused.output
    assert "to begin anew move m.ledger.venue away too" in refused.output
    (folder / "m.ledger.venue").unlink()
    found = printed("paper", "paper", "m.toml", "--steps", "6")
    assert found["alerts"] == []
    assert "nothing waits" in ran("adopt", "m.ledger", "--yes").stdout
    ran("ledger", "verify", "m.ledger")


def test_a_running_desk_listens_and_is_alone(folder: Path) -> None:
    """A second process is refused; what a person asks reaches the first; a signal ends it well."""
    command = [sys.executable, "-m", "volsculpt", "paper", "m.toml"]
    first = subprocess.Popen(
        [*command, "--speed", "7200", "--health", "well"],
        env=ENV,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        patience = time.monotonic() + 60.0
        while not (folder / "well").exists() and time.monotonic() < patience:
            time.sleep(0.05)
        running = printed("status", "status", "m.ledger")
        assert running["running"] is True
        assert running["next_decision"] > running["last_decision"]
        second = CliRunner().invoke(app, ["paper", "m.toml"])
        assert second.exit_code == 10
        assert str(first.pid) in second.output
        assert "paused" in ran("pause", "m.ledger").stdout
        assert "nothing to acknowledge" in ran("ack", "m.ledger", "--all").stdout
        unknown = CliRunner().invoke(app, ["ack", "m.ledger", "99"])
        assert unknown.exit_code == 10
        assert "there is no alert 99; " in unknown.output
        assert "resumed" in ran("resume", "m.ledger").stdout
        assert "nothing is left open" in ran("flatten", "m.ledger", "--yes").stdout
        asked = ["override", "m.ledger", "0.5", "--until", "2021-01-01", "--coin", "DOGE"]
        wrong = CliRunner().invoke(app, asked)
        assert wrong.exit_code == 10
        assert "no hedge is on DOGE" in wrong.output
        above = ran("override", "m.ledger", "1.5", "--until", "2021-01-01").stdout
        assert "from the next step on; ratio 1.5 will be held to 1, the max_ratio" in above
    finally:
        first.send_signal(signal.SIGTERM)
        _, told = first.communicate(timeout=60)
    assert first.returncode == 0, told.decode()
    said = printed("status", "status", "m.ledger")
    assert said["running"] is False
    assert said["positions"] == []
    ran("ledger", "verify", "m.ledger")


@pytest.mark.parametrize("held_s", [0.4, None])
def test_a_desk_that_starts_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, held_s: float | None
) -> None:
    """It holds its ledger before it listens; one that holds it and never listens is told."""
    ran("paper", "m.toml", "--steps", "2")
    monkeypatch.setattr("volsculpt.app.cli.desk.STARTS_WITHIN_S", 0.2 if held_s is None else 30.0)
    starting = WriterLock(folder / "m.ledger")
    timer = threading.Timer(held_s or 0.0, starting.free)
    if held_s is not None:
        timer.start()
    done = CliRunner().invoke(app, ["pause", "m.ledger"])
    if held_s is None:
        assert done.exit_code == 10
        assert "is being written by process" in done.output
        starting.free()
    else:
        assert done.exit_code == 0, done.output
        assert printed("status", "status", "m.ledger")["paused"] is True


def test_a_monitor_that_cannot_be_written_never_stops_the_desk(folder: Path) -> None:
    """--health in a folder that is not there: all steps are made, and status says so."""
    done = ran("paper", "m.toml", "--steps", "6", "--health", "gone/well")
    assert done.stderr.count("! --health gone/well cannot be written") == 1
    (alert,) = printed("status", "status", "m.ledger")["alerts"]
    assert alert["key"] == "untold:health"


def test_trouble_on_purpose_is_told(folder: Path) -> None:
    """With --faults alerts are printed and logged, and the ledger stays whole."""
    (folder / "m.ledger.kill").touch()
    done = ran("paper", "m.toml", "--faults", "3", "--steps", "48", "--log", "a.jsonl")
    assert "passed by themselves so far" in ran("status", "m.ledger", "--full").stdout
    assert "! the kill switch is set" in done.stderr
    lines = (folder / "a.jsonl").read_text("utf-8").splitlines()
    assert {"key", "alert", "text", "over"} <= set(json.loads(lines[0]))
    ran("ledger", "verify", "m.ledger")


def test_an_acknowledged_alert_is_not_told_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By number or all, in the ledger, in `status`, and not on the console of the next start."""
    monkeypatch.setenv("USER", "ann")
    (folder / "m.ledger.kill").touch()
    told = "! the kill switch is set"
    ran("paper", "m.toml", "--steps", "2")
    assert told in ran("paper", "m.toml", "--steps", "2").stderr
    again = ran("paper", "m.toml", "--steps", "2").stderr
    numbers = [one["number"] for one in printed("status", "status", "m.ledger")["alerts"]]
    assert f"(alert {numbers[0]})" in again
    said = printed("told", "ack", "m.ledger", str(numbers[0]), "--note", "on purpose")["said"]
    assert said.startswith(f"acknowledged: {numbers[0]} (critical, kill")
    assert told not in ran("paper", "m.toml", "--steps", "2").stderr
    whole = ran("status", "m.ledger", "--full").stdout
    assert "acknowledged by ann: on purpose" in whole.replace("\n  ", " ")
    assert "Nothing is wrong that you do not know of." in ran("status", "m.ledger").stdout
    assert "acknowledged already" in ran("ack", "m.ledger", str(numbers[0])).stdout
    shown = ran("ledger", "show", "m.ledger", "--kind", "alert_acknowledgement").stdout
    assert f"alert {numbers[0]} (critical, kill): on purpose, by ann" in shown.replace("\n  ", " ")
    ran("ack", "m.ledger", "--all")
    (folder / "m.ledger.kill").unlink()
    assert printed("paper", "paper", "m.toml", "--steps", "1")["alerts"] == []
    ran("ledger", "verify", "m.ledger")


@pytest.mark.parametrize(
    ("asked", "code", "problem"),
    [
        ((), 2, "give the number of an alert"),
        (("1", "--all"), 2, "give numbers or --all, not both"),
        (("x",), 2, "valid integer"),
        (("1",), 10, "there is no alert 1; no alert is open, so there is nothing to acknowledge"),
    ],
)
def test_an_alert_that_is_not_there_cannot_be_acknowledged(
    folder: Path, asked: tuple[str, ...], code: int, problem: str
) -> None:
    """Told in words, and nothing is written."""
    ran("paper", "m.toml", "--steps", "1")
    before = printed("status", "status", "m.ledger")
    refused = CliRunner().invoke(app, ["ack", "m.ledger", *asked])
    assert refused.exit_code == code
    assert problem in " ".join(refused.output.replace("│", " ").split())
    assert printed("status", "status", "m.ledger") == before


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--speed", "slow"), 2, "fast, real, or a number"),
        (("--data", "x", "--synthetic", "1"), 2, "not both"),
        (("--data", "nowhere"), 8, "needs --from and --to"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    folder: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    """Each with what to do instead."""
    done = CliRunner().invoke(app, ["paper", "m.toml", *words])
    assert done.exit_code == code
    assert told in done.output


def test_a_mandate_that_sweeps_is_refused(folder: Path) -> None:
    """What only a backtest can do is not left out in silence."""
    sweeping = MANDATE + '[[sweep]]\nto = "vault"\n'
    (folder / "m.toml").write_text(sweeping, encoding="utf-8")
    done = CliRunner().invoke(app, ["paper", "m.toml", "--steps", "2"])
    assert done.exit_code == 2
    assert "does not sweep funding" in done.output
    assert not (folder / "m.ledger").exists()


@pytest.mark.parametrize("until", ["2015-01-01", "2019-12-31T23:00:00Z"])
def test_a_time_before_the_market_begins_is_refused(folder: Path, until: str) -> None:
    """No desk is begun on nothing, and no file is left that says that all is well."""
    done = CliRunner().invoke(app, ["paper", "m.toml", "--until", until])
    assert done.exit_code != 0
    assert "--until" in done.stderr
    assert "the market of this run begins at 2020-01-0" in done.stderr
    assert "All is well" not in done.output
    assert not (folder / "m.ledger").exists()


def test_a_time_the_ledger_has_passed_is_refused(folder: Path) -> None:
    """It went on to a later time already; the same time again is no error, and says what is so."""
    ran("paper", "m.toml", "--steps", "12")
    done = CliRunner().invoke(app, ["paper", "m.toml", "--until", "2020-01-02T01:00:00Z"])
    assert done.exit_code != 0
    assert "the ledger m.ledger has got to 2020-01-0" in done.stderr
    ran("paper", "m.toml", "--until", "2020-01-03")
    again = ran("paper", "m.toml", "--until", "2020-01-03")
    assert "no step was made" in again.stderr


def test_a_market_that_ends_before_the_time_asked_for_is_told(folder: Path) -> None:
    """It stops where the market ends, and says so."""
    done = ran(
        "paper", "m.toml", "--from", "2020-01-02", "--to", "2020-01-03", "--until", "2030-01-01"
    )
    assert "the market of this run ends at 2020-01-0" in done.stderr
    assert "before --until" in done.stderr
