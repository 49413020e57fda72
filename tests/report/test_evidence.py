"""What counts as evidence: never of a policy against itself, and of luck as often as is said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.report.rows.evaluation_parts import METRIC, gain_of
from volsculpt.report.stats.bootstrap import Resampled, resample
from volsculpt.report.stats.deflated import deflated_sharpe, scatter_of, shape_of
from volsculpt.report.stats.evidence import (
    FALSE_ALARMS,
    Standing,
    is_evidence,
    is_real_gain,
    standing_of,
)
from volsculpt.report.stats.returns import Floats

WORLDS, DAYS, DRAWS = 400, 200, 200


def gains(hedged: Floats, static: Floats, draws: int = DRAWS) -> Resampled:
    """Sharpe and bad days of a policy less those of its static twin, blocks of five days."""
    wanted = {name: gain_of(METRIC[name], "hedged", "static") for name in ("sharpe", "cvar")}
    return resample({"hedged": hedged, "static": static}, DAYS / 365, wanted, 0, draws, 5.0)


def shuffled(seed: int) -> tuple[Floats, Floats]:
    """Days of a coin under ratios in any order, and under their mean: no timing by construction."""
    random = np.random.default_rng(seed)
    coin = 0.03 * random.standard_t(5, DAYS).clip(-8.0, 8.0)
    ratio = random.permutation(np.repeat([0.3, 0.7], DAYS // 2))
    return (1.0 - ratio) * coin, 0.5 * coin


def test_luck_is_taken_for_evidence_as_often_as_said() -> None:
    """400 worlds in which ratios are shuffled in time: at most one in twenty, but for chance.

    Of Sharpe by resampling alone the rate is that; deflated as well, it is below. Bad days of
    shuffled ratios are worse than those of their mean, so that their rate is lower.
    """
    alone = both = milder = 0
    for seed in range(WORLDS):
        hedged, static = shuffled(seed)
        luck = gains(hedged, static).luck
        shape = shape_of(hedged - static)
        assert shape is not None
        deflated = deflated_sharpe(shape, 1, scatter_of([shape.sharpe], DAYS))
        alone += is_evidence(luck["sharpe"].not_above, 1)
        both += is_real_gain(luck["sharpe"].not_above, deflated)
        milder += is_evidence(luck["cvar"].not_above, 1)
    most = FALSE_ALARMS * WORLDS + 3.0 * np.sqrt(FALSE_ALARMS * (1.0 - FALSE_ALARMS) * WORLDS)
    assert 4 <= alone <= most
    assert both <= alone
    assert milder <= most


def test_skill_is_found() -> None:
    """Who holds less before every bad day of a year has evidence of both."""
    coin = 0.03 * np.random.default_rng(1).standard_t(5, DAYS).clip(-8.0, 8.0)
    hedged = np.where(coin < 0.0, 0.3, 0.7) * coin
    luck = gains(hedged, 0.5 * coin).luck
    assert is_evidence(luck["cvar"].not_above, 5)
    shape = shape_of(hedged - 0.5 * coin)
    assert shape is not None
    assert is_real_gain(luck["sharpe"].not_above, deflated_sharpe(shape, 5, 0.1))


@given(st.integers(0, 1_000))
def test_a_policy_against_itself(seed: int) -> None:
    """The interval holds zero, every history speaks against a gain, none is deflated."""
    hedged, _ = shuffled(seed)
    found = gains(hedged, hedged, 50)
    for name in ("sharpe", "cvar"):
        assert (found.intervals[name].low, found.intervals[name].high) == (0.0, 0.0)
        assert found.luck[name] == (1.0, 1.0)
        assert not is_evidence(found.luck[name].not_above, 1)
    assert shape_of(hedged - hedged) is None
    assert not is_real_gain(found.luck["sharpe"].not_above, None)


@given(st.floats(0.0, 1.0), st.integers(1, 200), st.integers(0, 200))
def test_more_variants_never_make_evidence(share: float, variants: int, more: int) -> None:
    """What is no evidence among few is none among many."""
    assert is_evidence(share, variants) >= is_evidence(share, variants + more)


@pytest.mark.parametrize(
    ("share", "variants", "holds"),
    [(0.02, 1, True), (0.02, 2, True), (0.02, 3, False), (0.05, 1, True), (None, 1, False)],
)
def test_the_rule_by_hand(share: float | None, variants: int, holds: bool) -> None:
    """The share times the variants, against one in twenty."""
    assert is_evidence(share, variants) is holds


def test_a_gain_of_sharpe_must_pass_both() -> None:
    """Resampling alone is not enough, nor is the deflated ratio."""
    assert is_real_gain(0.01, 0.95)
    assert not is_real_gain(0.01, 0.949)
    assert not is_real_gain(0.06, 0.99)
    assert not is_real_gain(None, 0.99)


@pytest.mark.parametrize(
    ("value", "not_below", "holds", "standing"),
    [
        (0.2, 1.0, True, "evidence"),
        (0.2, 0.9, False, "may be luck"),
        (-0.2, 0.3, False, "no evidence"),
        (0.0, 1.0, False, "no evidence"),
        (-0.2, 0.05, False, "evidence against"),
        (None, 0.05, False, None),
        (-0.2, None, False, None),
    ],
)
def test_what_a_figure_says(
    value: float | None, not_below: float | None, holds: bool, standing: Standing | None
) -> None:
    """A gain that is no evidence may be luck; a loss is evidence against, or none."""
    assert standing_of(value, not_below, 1, holds=holds) == standing


@given(st.floats(-1.0, 1.0), st.floats(0.0, 1.0), st.integers(1, 50))
def test_a_loss_is_never_luck(value: float, not_below: float, variants: int) -> None:
    """Nor is a gain ever evidence against where most histories agree with it."""
    found = standing_of(value, not_below, variants, holds=False)
    assert (found == "may be luck") <= (value > 0.0)
    assert (found == "evidence against") <= (not_below <= FALSE_ALARMS)
