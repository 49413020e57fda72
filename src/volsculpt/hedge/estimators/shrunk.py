"""Betas drawn towards what one would say before looking, the more the less the data tell."""

from collections.abc import Sequence

import numpy as np

from volsculpt.hedge.estimators.every import estimator_class
from volsculpt.hedge.estimators.ewma import Ewma
from volsculpt.hedge.estimators.ols import Ols, RollingOls
from volsculpt.market.gate import Floats

PRIOR_STD = 0.5  # how far a coin's beta may well be from what was said before: stated, not fitted


def shrunk(
    betas: Floats, covariance: Floats, start: Floats, prior_std: float
) -> tuple[Floats, Floats]:
    """(betas, their standard errors) after the data, of normal errors and a normal belief before.

        b* = b0 + τ²(τ²I + V)⁻¹(b - b0),   V* = τ²V(τ²I + V)⁻¹

    Two proxies that move together tell little apart and much in sum: with the whole V the split is
    drawn to the belief, the sum hardly. Source: Vasicek, "A Note on Using Cross-Sectional
    Information in Bayesian Estimation of Security Betas", Journal of Finance 28(5), 1973,
    1233-1239, there of one beta. Worked: 1.4 with an error of 0.5, belief 1 with 0.5: 1.2, 0.354.

    Args: betas: (k,) as fitted; covariance: (k, k) of their errors; start: (k,) believed before;
    prior_std: deviation of the belief, > 0.
    """
    variance = prior_std * prior_std
    gain = variance * np.linalg.inv(variance * np.eye(len(betas)) + covariance)
    after = gain @ covariance
    return start + gain @ (betas - start), np.sqrt(np.diag(after))


def shrunk_betas(
    name: str, moves: Sequence[Sequence[float]], held: Sequence[float], start: Sequence[float]
) -> tuple[list[float], list[float]]:
    """Betas of one regression on all proxies, shrunk, and their standard errors.

    Raises EstimateError for too few rows or a price that stands still; MissingExtra.

    Args: name: of an estimator that tells the covariance of its errors; moves: of each proxy its
    returns; held: those of the coin; start: believed before.
    """
    kind = estimator_class(name)
    assert issubclass(kind, Ols | RollingOls | Ewma), name
    fit = kind().fit(np.array(moves, dtype=np.float64).T, np.array(held, dtype=np.float64))
    found, errors = shrunk(fit.ratio_, fit.covariance(), np.array(start), PRIOR_STD)
    return found.tolist(), errors.tolist()
