"""The studies: every mandate they run is one, and the runner writes what it says."""

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import volsculpt as vs
from tests.market.made import BTC, FUNDING, START_NS
from tests.simulate.histories import bars_of, wandering
from tests.simulate.stores import funded, stored
from tests.structure.source_tree import ROOT
from volsculpt.market.series import Label


def studies() -> ModuleType:
    """The runner as a module."""
    spec = importlib.util.spec_from_file_location("studies", ROOT / "scripts" / "studies.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["studies"] = module
    spec.loader.exec_module(module)
    return module


RUNNER = studies()
RUNS = [run for study in RUNNER.STUDIES.values() for run in study()]


def test_every_run_has_its_own_name() -> None:
    """No report is written over another."""
    names = [(run.study, run.name) for run in RUNS]
    assert len(set(names)) == len(names) >= 40


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.study}-{run.name}")
def test_every_mandate_is_read(run: object, tmp_path: Path) -> None:
    """The text that is changed is there, and what comes of it is a mandate."""
    for beside in ("no-fees.toml", "rhythm.py"):
        shutil.copy(ROOT / "examples" / "studies" / beside, tmp_path)
    path = tmp_path / "mandate.toml"
    path.write_text(RUNNER.mandate_text(run), encoding="utf-8")
    mandate = vs.load(path)
    assert mandate.hedges
    assert not any("unknown" in line for line in mandate.warnings)


def test_a_change_that_finds_nothing_is_told() -> None:
    """A mandate that was edited does not change a study in silence."""
    run = RUNNER.Run("a", "b", "posted.toml", "2020-01-01", "2020-02-01", changes={"nothing": ""})
    with pytest.raises(ValueError, match=r"posted\.toml: 'nothing' stands there 0 times"):
        RUNNER.mandate_text(run)


@pytest.mark.usefixtures("kernel")
def test_a_study_is_run_and_summed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page, JSON and the mandate of each run, one line of the summary, hedging once a week."""
    eight = Label("bybit", "BTC/USD:BTC", "last", "USD", "made by hand")
    closes = wandering(3 * 90, 5)
    prices = [bars_of(BTC, closes, 8.0), bars_of(eight, closes, 8.0)]
    store = stored(tmp_path / "store", [*prices, funded(FUNDING, 90 * 24, 0.0001)])
    span = ("2024-01-02", "2024-03-20")
    text = 'policy = "callable"\ncallable = "rhythm.py:weekly"'
    changes = {RUNNER.FIXED: text, RUNNER.FREE: ""}
    runs = [
        RUNNER.Run("posted", "plain", "posted.toml", *span, at_contract=RUNNER.BYBIT),
        RUNNER.Run("posted", "weekly", "posted.toml", *span, 8, changes, ("sweep",)),
    ]
    monkeypatch.setitem(RUNNER.STUDIES, "posted", lambda: runs)
    told: dict[str, object] = {}
    monkeypatch.setattr(RUNNER, "keep", told.update)  # the page is not written by a test
    assert RUNNER.main([str(store), str(tmp_path / "out"), "posted"]) == 0
    assert set(told) == {"posted/plain", "posted/weekly"}
    folder = tmp_path / "out" / "posted"
    for run in runs:
        assert {f"{run.name}{end}" for end in (".toml", ".html", ".json")} <= {
            path.name for path in folder.iterdir()
        }
    summary = (tmp_path / "out" / "summary.md").read_text(encoding="utf-8")
    assert summary.count("\n| plain |") == summary.count("\n| weekly |") == 1
    weekly = vs.backtest(
        folder / "weekly.toml",
        data=store,
        draws=0,
        step_ns=8 * 3600 * 10**9,
        from_ns=RUNNER.ns(span[0]),
        to_ns=RUNNER.ns(span[1]),
    )
    fills = np.array([one.time_ns for one in weekly.events.orders])
    assert (np.diff(fills[1:]) >= 6 * 86_400 * 10**9).all()
    assert 10 <= len(fills) <= 13
    assert fills[0] > START_NS


def test_what_is_not_a_study_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The names there are, and exit code 2."""
    assert RUNNER.main(["store", "out", "nothing"]) == 2
    assert "treasury | posted | rises | mixed" in capsys.readouterr().err
