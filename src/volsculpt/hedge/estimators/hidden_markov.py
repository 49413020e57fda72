"""Hidden states of returns: a Markov chain nobody sees, each state with its own mean and spread.

    P(r_1..r_n) = Σ over paths of states of Π moves[s_{t-1}][s_t]·N(r_t; mean_s, sigma_s)

Fitted by expectation and maximisation (`MarkovRegression` of statsmodels); shares are filtered, of
returns up to their own day, never smoothed. It fails where a state is a handful of days: its spread
then says little of the next. Source: Hamilton, "A New Approach to the Economic Analysis of
Nonstationary Time Series and the Business Cycle", Econometrica 57(2), 1989, 357-384; named states
of markets: Guidolin and Timmermann, Journal of Economic Dynamics and Control 31(11), 2007,
3503-3544.
"""

import math
from typing import NamedTuple

import numpy as np

from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.extra import models
from volsculpt.market.gate import Floats

STATES = 3
ROUNDS = 200  # of expectation and maximisation, from the library's own start
LEAST_ROWS = 250


class Chain(NamedTuple):
    """moves[i][j]: from state i to j in a step. start: shares before the first return."""

    moves: tuple[tuple[float, ...], ...]
    means: tuple[float, ...]
    sigmas: tuple[float, ...]
    start: tuple[float, ...]


def chain_fit(returns: Floats) -> Chain:
    """Three states of returns, one a step. Worked: calm days, then wild ones: sigmas far apart.

    Raises EstimateError: fewer than 250 returns, returns that hardly move, a search without end;
    MissingExtra.
    """
    if len(returns) < LEAST_ROWS:
        raise EstimateError(
            f"hidden states need {LEAST_ROWS} returns or more, there are {len(returns)}; give a "
            f"longer history"
        )
    scale = float(returns.std())
    if not math.isfinite(scale) or scale < 1e-9:
        raise EstimateError("hidden states of prices that never move cannot be told apart")
    with models():
        from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression
    model = MarkovRegression(returns / scale, k_regimes=STATES, switching_variance=True)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that no search follows the rounds is as it is meant
        try:
            fitted = model.fit(em_iter=ROUNDS, maxiter=0, cov_type="none", disp=False)
        except (np.linalg.LinAlgError, ValueError, RuntimeError) as error:
            raise EstimateError(f"hidden states were not found: {error}") from None
    named = dict(zip(model.param_names, (float(one) for one in fitted.params), strict=True))
    arrived = fitted.regime_transition[:, :, 0]  # [to, from]
    start = fitted.initial_probabilities
    chain = Chain(
        tuple(tuple(float(arrived[to, one]) for to in range(STATES)) for one in range(STATES)),
        tuple(named[f"const[{one}]"] * scale for one in range(STATES)),
        tuple(math.sqrt(max(named[f"sigma2[{one}]"], 0.0)) * scale for one in range(STATES)),
        tuple(float(one) for one in start),
    )
    if not all(math.isfinite(one) for row in chain[1:] for one in row) or min(chain.sigmas) <= 0.0:
        raise EstimateError("hidden states were not found: one of them never moves; see the prices")
    return chain


def filtered(chain: Chain, shares: tuple[float, ...], observed: float) -> tuple[float, ...]:
    """Shares of the states after a return, from those before it.

    Worked: two equal states keep equal shares whatever is seen.

    Args: shares: before, `chain.start` at first; observed: the return.
    """
    states = range(len(shares))
    came = [sum(shares[one] * chain.moves[one][to] for one in states) for to in states]
    logs = [
        -0.5 * ((observed - mean) / sigma) ** 2 - math.log(sigma)
        for mean, sigma in zip(chain.means, chain.sigmas, strict=True)
    ]
    most = max(logs)
    weights = [share * math.exp(log - most) for share, log in zip(came, logs, strict=True)]
    total = math.fsum(weights)
    return tuple(one / total for one in weights) if total > 0.0 else tuple(came)


def state_names(chain: Chain) -> tuple[str | None, ...]:
    """Names of the states by their moments; None for one that none fits.

    Of the lowest mean, below 0: bearish. Of the others the calmer: range; the last, with a mean
    above 0: bull run. Worked: means -0.02, 0.001, 0.004, sigmas 0.08, 0.01, 0.03: bearish, range,
    bull run.
    """
    states = range(len(chain.means))
    worst = min(states, key=lambda one: chain.means[one])
    quietest = min((one for one in states if one != worst), key=lambda one: chain.sigmas[one])
    names: list[str | None] = []
    for one in states:
        if one == worst:
            names.append("bearish" if chain.means[one] < 0.0 else None)
        elif one == quietest:
            names.append("range")
        else:
            names.append("bull run" if chain.means[one] > 0.0 else None)
    return tuple(names)
