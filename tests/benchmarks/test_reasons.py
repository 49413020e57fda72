"""The benchmark of features and regimes: that it takes up what it says, never how long it takes."""

from pathlib import Path

import pytest

import volsculpt as vs
from benchmarks import ours, reasons
from benchmarks.clock import ROOT
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.market.store import stored


def test_features_of_a_day_are_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both keys, a figure a round after the first, reading on top of folding."""
    monkeypatch.setattr(reasons, "COINS", 2)
    monkeypatch.setattr(reasons, "DAYS", 40)
    found = reasons.features_ms(tmp_path, 2)
    assert list(found) == [reasons.DAY, reasons.READ]
    assert all(len(figures) == 2 for figures in found.values())
    assert all(a < b for a, b in zip(found[reasons.DAY], found[reasons.READ], strict=True))


def test_the_two_mandates_differ_in_the_policy_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same coins, contract and band; the store has what the framework asks for."""
    one = vs.load(ROOT / "benchmarks" / "reasons.toml")
    two = vs.load(ours.MANDATE)
    (left,), (right,) = one.hedges, two.hedges
    assert isinstance(left.policy, RegimePolicy)
    assert (one.book, left.band, left.use) == (two.book, right.band, right.use)
    history = ours.made_up(24 * 10)
    monkeypatch.setattr(ours, "made_up", lambda: history)
    root, words = reasons.regime_store(tmp_path)
    kept = {each.symbol for each in stored(root) if each.role == "value"}
    assert kept == {"fear_greed", "btc_dominance"}
    assert words[0::2] == ["--from", "--to", "--step"]
