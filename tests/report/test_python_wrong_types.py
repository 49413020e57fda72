"""What the public calls say of things of another type, and that a path is a store everywhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

import volsculpt as vs
from tests.market.made import BTC, LAST, START_NS
from tests.simulate.histories import bars_of
from tests.simulate.stores import stored
from tests.structure.source_tree import ROOT
from volsculpt.units import DAY_NS, iso

HISTORY = ROOT / "examples" / "history.toml"
KEY = LAST.key
DAYS = 200
MANDATE = """version = 1
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 1.0 }
[[hedge]]
underlying = "BTC"
ratio = 0.5
"""
OTHER = cast(Any, object())


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A coin and its contract, a price a day."""
    dice = np.random.default_rng(1)
    prices = 60_000.0 * np.exp(np.cumsum(dice.normal(0.0, 0.02, DAYS)))
    marks = prices * (1.0 + dice.normal(0.0, 0.001, DAYS))
    bars = [bars_of(BTC, prices, 24), bars_of(LAST, marks, 24)]
    return stored(tmp_path_factory.mktemp("store"), bars)


CALLS: list[tuple[Callable[[], object], str]] = [
    (lambda: vs.backtest(HISTORY, OTHER), "history: .* is none; give what vs.open_history"),
    (lambda: vs.evaluate(HISTORY, OTHER), "history: .* is none; give what vs.open_history"),
    (lambda: vs.paper(HISTORY, OTHER), "history: .* is none; give what vs.open_history"),
    (lambda: vs.ratio("BTC", OTHER), "history: .* is none; give what vs.open_history"),
    (lambda: vs.backtest(HISTORY, vs.History(), data="data"), "both given; leave one of them out"),
    (lambda: vs.backtest(HISTORY, "data"), "needs --from and --to .in Python from_ns and to_ns"),
    (lambda: vs.backtest(HISTORY, costs=OTHER), r"costs: .* is no Costs; write costs=vs.Costs"),
    (lambda: vs.evaluate(HISTORY, request=OTHER), r"is no RunRequest; write request=vs.RunReq"),
    (lambda: vs.ratio("BTC", request=OTHER), r"is no RatioRequest; write request=vs.RatioReq"),
    (lambda: vs.propose(HISTORY, at="2024-01-01", request=OTHER), "is no JointRequest; write"),
    (lambda: vs.quick_hedge("1 BTC", request=OTHER), "is no HedgeRequest; write request=vs.Hed"),
    (lambda: vs.ratio("BTC", contracts=OTHER), r"contracts: .* are no names; write contracts="),
    (lambda: vs.ratio("BTC", contracts=cast(Any, [5])), r"contracts: \[5\] are no names"),
    (
        lambda: vs.ratio("BTC", request=vs.RatioRequest(estimators=OTHER)),
        r"estimators: .* are no names; write estimators=\['ols'\]",
    ),
    (lambda: vs.ratio("BTC", request=vs.RatioRequest(refit_rows=0)), "refit_rows: 0 is no whole"),
    (
        lambda: vs.propose(HISTORY, at="2024-01-01", request=vs.JointRequest(aversion=OTHER)),
        "aversion: .* is no number above 0",
    ),
    (
        lambda: vs.propose(HISTORY, at="2024-01-01", request=vs.JointRequest(days=0)),
        "days: 0 is no whole number of 1 or more",
    ),
    (lambda: vs.plan(HISTORY, at="2024-01-01", data=OTHER), "data: .* is no folder; write the"),
    (lambda: vs.open_history(OTHER, KEY), "root: .* is no folder; write the path of a store"),
    (lambda: vs.open_history("data", OTHER), "are no names; write contracts="),
    (lambda: vs.open_ledger(OTHER), "ledger: .* is none; write the path of a file"),
    (lambda: vs.paper(HISTORY, ledger=OTHER, steps=1), "ledger: .* is none; write the path"),
    (lambda: vs.read_contracts(OTHER), "path: .* is no file; write the path of one"),
]


@pytest.mark.parametrize(("call", "message"), CALLS)
def test_what_is_of_another_type_is_named_with_what_to_write(
    call: Callable[[], object], message: str
) -> None:
    """An error of ours, and no bare one of Python."""
    with pytest.raises(vs.VolsculptError, match=message):
        call()


def test_a_path_in_place_of_a_history_is_its_store(root: Path) -> None:
    """In every call that takes one, as text and as a path, the same as `data`."""
    span = (iso(START_NS + DAY_NS), iso(START_NS + 5 * DAY_NS))
    ends: dict[str, Any] = {"from_ns": span[0], "to_ns": span[1], "allow_missing_funding": True}
    request = vs.RunRequest((*span, None), allow_missing_funding=True)
    plain = vs.RatioRequest(estimators=cast(Any, "ols"))
    for store in (root, str(root)):
        for given in ((store, None), (None, store)):
            made = vs.paper(MANDATE, given[0], data=given[1], steps=1, **ends)
            assert made.status["hedges"]
            found = vs.ratio("BTC", given[0], data=given[1], contracts=KEY, request=plain)
            assert [one.estimator for one in found.hedges[0].estimators] == ["naive", "ols"]
    assert request.span == (START_NS + DAY_NS, START_NS + 5 * DAY_NS, None)
