"""Hedge ratios, liquidations, growth and variances that cluster, against worked numbers."""

from typing import Any

import numpy as np
import pytest

from tests.golden.examples import Computation, Example, Inputs, check, name_of, of_topics
from volsculpt.hedge.estimators.garch import garch_fit, garch_fold
from volsculpt.hedge.estimators.inverse import InverseClosedForm, inverse_moves
from volsculpt.hedge.estimators.kelly import kelly_exposure
from volsculpt.hedge.estimators.liquidation import liquidation_rise


def pap_02(i: Inputs) -> dict[str, object]:
    """Face of least variance of one coin, and how much variance it and the naive one take away."""
    held = np.array(i["dS"]) / i["S0"]
    moved = np.array(i["dF"])[:, None] / i["S0"]
    premium = i["F0"] / i["S0"]
    fitted = InverseClosedForm(premium=premium).fit(moved, held)
    paid = inverse_moves(moved, held, premium)[:, 0]
    naive = i["S0"] / i["F0"]  # face of the coin's worth at spot, as a ratio at the mark

    def effectiveness(ratio: float) -> float:
        return 1.0 - float(np.var(held - ratio * paid) / np.var(held))

    return {
        "N_star_usd": float(fitted.ratio_[0]) * i["F0"],
        "effectiveness": effectiveness(float(fitted.ratio_[0])),
        "rho_squared": float(np.corrcoef(held, paid)[0, 1] ** 2),
        "naive_N": naive * i["F0"],
        "naive_effectiveness": effectiveness(naive),
    }


def pap_03(i: Inputs) -> dict[str, object]:
    """The rise that liquidates a short, of both payoffs."""
    given = (i["theta"], i["m"], i["m0"])
    return {
        "direct_R_threshold": liquidation_rise(*given, "linear"),
        "inverse_R_threshold": liquidation_rise(*given, "inverse"),
    }


def pap_06(i: Inputs) -> dict[str, object]:
    """The exposure that `ratio` shows, of what diffuses and of an even bet, and how that grows.

    Of a bet at even odds it is Kelly's stake to the digit, its deviation taken about nothing.
    """
    chances, returns = np.array([i["p"], 1.0 - i["p"]]), np.array([i["b"], -1.0])
    stake = kelly_exposure(float(chances @ returns), float(np.sqrt(chances @ returns**2)))
    return {
        "f_coin": stake,
        "f_diffusion": kelly_exposure(i["mu"], i["sigma"]),
        "growth_coin": float(chances @ np.log1p(stake * returns)),
    }


def sp500() -> Any:  # noqa: ANN401 - an array
    """The returns of the S&P 500 that `arch` brings, in percent."""
    from arch.data import sp500 as stored

    closes = stored.load()["Adj Close"].to_numpy()
    return 100.0 * np.diff(closes) / closes[:-1]


def vol_01(_: Inputs) -> dict[str, object]:
    """What the package fits, turned back into percent, and the likelihood of its own fold."""
    returns = sp500()
    fitted = garch_fit(returns, "garch")
    surprises, deviations = garch_fold(returns, fitted)
    variances = deviations[:-1] ** 2
    loglik = -0.5 * float(np.sum(np.log(2.0 * np.pi * variances) + surprises**2 / variances))
    return {
        "mu": fitted.mean * fitted.scale,
        "omega": fitted.omega * fitted.scale**2,
        "alpha": fitted.alpha,
        "beta": fitted.beta,
        "loglik": loglik,
        "aic": 2 * 4 - 2.0 * loglik,
        "bic": 4 * float(np.log(len(returns))) - 2.0 * loglik,
    }


def vol_04(_: Inputs) -> dict[str, object]:
    """The library's own asymmetric model: the one that the package's fits come from."""
    from arch import arch_model

    fitted = arch_model(sp500(), o=1).fit(disp="off")
    named = {"mu": "mu", "omega": "omega", "alpha": "alpha[1]", "gamma": "gamma[1]"}
    found = {ours: float(fitted.params[theirs]) for ours, theirs in named.items()}
    return {**found, "beta": float(fitted.params["beta[1]"]), "loglik": fitted.loglikelihood}


COMPUTED: dict[str, Computation] = {
    "A-PAP-02": pap_02,
    "A-PAP-03": pap_03,
    "A-PAP-06": pap_06,
    "A-VOL-01": vol_01,
    "A-VOL-04": vol_04,
}
TOPICS = ("min_variance_hedge", "liquidation_probability", "kelly", "garch")


@pytest.mark.parametrize("example", of_topics(*TOPICS), ids=name_of)
def test_estimator_examples(example: Example) -> None:
    """Papers' forms on worked moves, and a library's own documentation."""
    check(example, COMPUTED)
