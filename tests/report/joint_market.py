"""A made-up market of six coins, and mandates of which joint proposals are made."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import volsculpt as vs
from tests.market.made import START_NS
from tests.simulate.histories import bars_of
from tests.simulate.stores import stored
from volsculpt.market.series import FundingRates, Label
from volsculpt.report.joint import JointReport
from volsculpt.report.rows.joint_build import JointRequest
from volsculpt.units import DAY_NS

DAYS = 420
NOW_NS = START_NS + 400 * DAY_NS
PRICES = {
    "BTC": 50_000.0,
    "ETH": 3_000.0,
    "SOL": 150.0,
    "LINK": 15.0,
    "TWIN": 150.0,
    "MIRROR": 20.0,
}
BETAS = {"ETH": 0.9, "SOL": 1.3, "LINK": 1.1, "TWIN": 1.3, "MIRROR": -0.6}
QUICK = JointRequest(draws=12)
HEAD = 'version = 1\nname = "joint"\n'
STILL = "band = { trigger = 0.0, settle = 0.0 }\n"
MARGIN = '[[account]]\nname = "coinm"\nkind = "margin"\nvenue = "bybit"\nbalances = {{ {} }}\n'
VAULT = '[[account]]\nname = "vault"\nkind = "cold"\nbalances = {{ {} }}\n'
LIMITS = "[limits]\nmax_leverage = 4.0\nmin_liquidation_distance = 0.2\nmax_ratio = 0.9\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Days of six coins and of funding; TWIN is SOL itself, MIRROR goes the other way."""
    dice = np.random.default_rng(3)
    btc = 0.03 * dice.standard_normal(DAYS)
    moves = {"BTC": btc}
    for coin, beta in BETAS.items():
        moves[coin] = beta * btc + 0.015 * dice.standard_normal(DAYS)
    moves["TWIN"] = moves["SOL"]
    folder = tmp_path_factory.mktemp("joint")
    closes = {coin: PRICES[coin] * np.cumprod(1.0 + move) for coin, move in moves.items()}
    labels = {coin: Label("binance", coin, "index", "USD", "made by hand") for coin in closes}
    stored(folder, [bars_of(labels[coin], one, hours=24.0) for coin, one in closes.items()])
    stamps = START_NS + np.arange(0, DAYS * DAY_NS, DAY_NS // 3, dtype=np.int64)
    for coin in ("BTC", "ETH"):
        label = Label("bybit", f"{coin}/USD:{coin}", "funding", "USD", "made by hand")
        rates, hours = np.full(len(stamps), 0.0001), np.full(len(stamps), 8.0)
        stored(folder, [FundingRates(label, stamps, rates, hours)])
    return folder


def hedge(coin: str, ratio: float = 0.5, more: str = "") -> str:
    """A hedge without a band."""
    return f'[[hedge]]\nunderlying = "{coin}"\nratio = {ratio}\n{STILL}{more}'


def own(coin: str, ratio: float = 0.5) -> str:
    """A hedge by the coin's own inverse perpetual."""
    return hedge(coin, ratio, f'use = [{{ account = "coinm", contract = "{coin}/USD:{coin}" }}]\n')


def written(folder: Path, *parts: str) -> Path:
    """A mandate."""
    path = folder / "mandate.toml"
    path.write_text(HEAD + "".join(parts), encoding="utf-8")
    return path


def proposed(store: Path, folder: Path, *parts: str, **how: Any) -> JointReport:  # noqa: ANN401
    """What is proposed for a mandate."""
    request = replace(QUICK, **how)
    return vs.propose(written(folder, *parts), at=NOW_NS, data=store, request=request)
