"""A search for GARCH parameters that stops beside the best point goes on, or says so."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from arch.univariate.base import ARCHModel

from tests.hedge.estimators.test_estimates import market
from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.dcc import Dcc
from volsculpt.hedge.estimators.garch import Garch, garch_fit, searched
from volsculpt.market.gate import Floats

STOPPED = 8  # what SLSQP says of a line along which nothing gets better


def jumping(seed: int, jump: float = 30.0) -> Floats:
    """Returns in clusters that drift, and one jump, in their own deviations."""
    dice = np.random.default_rng(seed)
    returns = dice.standard_t(3, 1285) * np.exp(np.cumsum(dice.standard_normal(1285) * 0.05))
    returns[700] = jump * returns.std()
    return np.asarray(returns / returns.std())


class Search:
    """Stands for the searches of `arch`: each as it is, but those named stop."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stopped: Sequence[int]) -> None:
        self.starts: list[Floats | None] = []
        real = ARCHModel.fit

        def fit(model: Any, **asked: Any) -> Any:  # noqa: ANN401
            self.starts.append(asked.get("starting_values"))
            found = real(model, **asked)
            if len(self.starts) - 1 not in stopped:
                return found
            return SimpleNamespace(convergence_flag=STOPPED, params=found.params)

        monkeypatch.setattr(ARCHModel, "fit", fit)


@pytest.mark.parametrize("law", ["normal", "t"])
@pytest.mark.parametrize("stopped", [(), (0,), (0, 1), (0, 1, 2)])
def test_each_start_ends_at_the_same_parameters(
    monkeypatch: pytest.MonkeyPatch,
    law: Any,  # noqa: ANN401
    stopped: tuple[int, ...],
) -> None:
    """However many stopped before it; what ends is the last; each begins at a variance of 1."""
    returns = market(3)[1] * np.exp(0.5 * np.sin(np.arange(600) / 30.0))
    expected = garch_fit(returns, "garch", law)
    search = Search(monkeypatch, stopped)
    assert garch_fit(returns, "garch", law) == pytest.approx(expected, rel=0.05, abs=0.02)
    assert len(search.starts) == len(stopped) + 1
    assert search.starts[0] is None
    for one in search.starts[1:]:
        assert one is not None
        assert one[1] + one[2] + one[3] == pytest.approx(1.0)
        assert 0.0 <= one[2] + one[3] < 1.0


@pytest.mark.parametrize(("seed", "law"), [(39, "t"), (60, "normal"), (33, "t"), (57, "normal")])
def test_a_jump_does_not_end_the_search(seed: int, law: Any) -> None:  # noqa: ANN401
    """Returns on which the first search stops, with one thread or with two."""
    found = garch_fit(jumping(seed), "garch", law)
    assert found.alpha + found.beta <= 1.0 + 1e-4
    assert found.omega > 0.0


def test_where_none_ends_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """By each estimator that fits variances, by its own name."""
    Search(monkeypatch, range(1000))
    x, y = market(1)
    for kind in (Garch, Dcc):
        said = f"{kind.NAME}: the search for GARCH parameters did not end on 600 returns"
        with pytest.raises(EstimateError, match=said):
            kind().fit(x, y)


def test_parameters_past_the_edge_are_brought_inside() -> None:
    """A search that stopped where news and memory add up to more than 1 begins again below it."""
    begun: list[Floats] = []

    class Model:
        """Stops once past the edge, then ends."""

        def fit(self, starting_values: Floats | None = None, **_asked: object) -> Any:  # noqa: ANN401
            """Where it began."""
            if starting_values is None:
                return SimpleNamespace(convergence_flag=STOPPED, params=[0.1, 0.0, 0.05, 0.9501])
            begun.append(starting_values)
            return SimpleNamespace(convergence_flag=0, params=starting_values)

    found = searched(Model())
    assert found is not None
    assert found[2] + found[3] == pytest.approx(0.98)
    assert found == pytest.approx(begun[0].tolist())
