"""Estimated betas in whole runs: what a plan finds at a moment a backtest found at it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import volsculpt as vs
from tests.market.made import BTC, LAST, START_NS
from tests.simulate.histories import bars_of
from tests.simulate.stores import HEAD, stored
from volsculpt.hedge.aim import policy_aim
from volsculpt.hedge.stored import features_of
from volsculpt.mandate.setup import setup_of
from volsculpt.market.opening import StoreNames, history_before
from volsculpt.market.series import Label
from volsculpt.report.backtest import BacktestReport
from volsculpt.simulate.answers import Answers
from volsculpt.simulate.targets import blind_summary
from volsculpt.units import DAY_NS, HOUR_NS

SOL = Label("binance", "SOL", "index", "USD", "made by hand")
DAYS = 130
BAND = "band = { trigger = 0.0, settle = 0.0 }\n"
TEXT = f"""{HEAD}[[account]]
name = "vault"
kind = "cold"
balances = {{ SOL = 400 }}
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = {{ BTC = 2 }}
[[hedge]]
underlying = "SOL"
ratio = 1.0
proxy = "BTC"
betas = {{ window = "60d", refit = "10d" }}
use = "inverse perpetual"
"""


def store_of(folder: Path, late: float = 1.0) -> Path:
    """Prices of three coins by the hour. late: factor of all after 110 days."""
    dice = np.random.default_rng(3)
    hours = DAYS * 24
    btc, own = 0.006 * dice.standard_normal((2, hours))
    factor = np.where(np.arange(hours) < 110 * 24, 1.0, late)
    bitcoin = 60_000.0 * np.exp(np.cumsum(btc)) * factor
    sol = 150.0 * np.exp(np.cumsum(1.3 * btc + own)) * factor**3
    return stored(folder, [bars_of(BTC, bitcoin), bars_of(LAST, bitcoin), bars_of(SOL, sol)])


def ran(store: Path, band: str = BAND) -> BacktestReport:
    """The mandate through thirty days, from the eightieth on."""
    path = store / "mandate.toml"
    path.write_text(TEXT + band, encoding="utf-8")
    return vs.backtest(
        path,
        data=store,
        from_ns=START_NS + 80 * DAY_NS,
        to_ns=START_NS + 110 * DAY_NS,
        step_ns=6 * HOUR_NS,
        allow_missing_funding=True,
        draws=0,
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, kernel: Callable[..., None]) -> Path:
    """Made-up prices."""
    return store_of(tmp_path_factory.mktemp("betas"))


def test_a_plan_finds_the_betas_of_a_run(store: Path) -> None:
    """From the same book at the first stamp: the same order to the contract, and its reason."""
    first = ran(store).events.orders[0].fill
    plan = vs.plan(store / "mandate.toml", at=START_NS + 80 * DAY_NS, data=store)
    (order,) = plan.orders
    assert (order.side, order.contracts) == ("sell", -first.contracts)
    beta = next(line for line in plan.decision[0].reasons if line.startswith("beta "))
    assert 1.0 < float(beta.split()[1]) < 1.6


def test_what_comes_later_changes_no_fill(store: Path, tmp_path: Path) -> None:
    """Prices after the run are three times and more what they were."""
    assert ran(store_of(tmp_path, 3.0)).events.orders == ran(store).events.orders


def test_a_wide_band_trades_no_refit(store: Path) -> None:
    """Three refits: in a band of 0 each trades, in one of 40 % none does."""
    wide = ran(store, "band = { trigger = 0.4, settle = 0.0 }\n")
    assert len(wide.events.orders) == 1
    assert len(ran(store).events.orders) > 20


def test_a_run_is_told_what_a_plan_without_memory_is(store: Path) -> None:
    """At every stamp, where a band of 0 takes each new fit; a run at given ratios has them too."""
    (store / "mandate.toml").write_text(TEXT + BAND, encoding="utf-8")
    mandate = vs.load(store / "mandate.toml")
    (hedge,) = mandate.hedges
    stamps = START_NS + 80 * DAY_NS + np.arange(100, dtype=np.int64) * 6 * HOUR_NS
    history = history_before(store, int(stamps[-1]), StoreNames(("BTC", "SOL")), 200 * DAY_NS)
    features = features_of(history, [hedge], stamps.tolist())
    assert features is not None
    setup = setup_of(mandate, int(stamps[0]))
    given = np.full((99, 1, 1), 0.5)
    asked, at_ratio = (
        Answers(setup, stamps, features, 1, one, opens=False) for one in (None, given)
    )
    found = set()
    for stamp, now in enumerate(stamps.tolist()):
        for one in (asked, at_ratio):
            one.at(stamp, lambda: [blind_summary(hedge)])
        answer, _ = policy_aim(hedge, now, features[stamp], blind_summary(hedge), None)
        assert asked.aims[0].beta == at_ratio.aims[0].beta == answer.beta
        found.add(answer.beta["BTC"])  # type: ignore[index,call-overload]
        assert asked.following(stamp) > stamp
    assert len(found) == 3
    assert (asked.ratios == 1.0).all()
    assert (at_ratio.ratios == 0.5).all()
