"""The policy trend: the formula, its bounds, and what becomes of it in a mandate and a backtest."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hedge.test_volatility import walk
from volsculpt.errors import MandateError
from volsculpt.hedge.features.trend import Trend, TrendMemory, trend_step, trend_strength
from volsculpt.hedge.features.volatility import NO_OBSERVATIONS
from volsculpt.hedge.market_features import Features, features_at
from volsculpt.hedge.policies.trend import TrendPolicy, tilted
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.mandate.load import parse_mandate
from volsculpt.market.streams import Stream
from volsculpt.units import DAY_NS, YEAR_NS

HALF = 10 * DAY_NS
INDEX = Stream("index", "BTC")
BOOK = HedgeSummary("BTC", 60_000.0, 1.0, 1.0, 1.0, 0.0, 60_000.0)
TABLE = """version = 1
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 1.0 }
[[hedge]]
underlying = "BTC"
policy = "trend"
"""


def strength(rows: list[tuple[int, float]], half_life_ns: int = HALF) -> float | None:
    """The strength after some observations."""
    feature = Trend(half_life_ns)
    found = features_at({INDEX: rows}, {"BTC": (feature,)}, [rows[-1][0]])[0]
    return found.value("BTC", feature)


def test_worked_numbers() -> None:
    """Those of the docstrings."""
    memory = TrendMemory(0.0, NO_OBSERVATIONS)
    moved = []
    for day, price in enumerate((100.0, 110.0, 110.0)):
        memory = trend_step(memory, (day + 1) * DAY_NS, price, DAY_NS)
        moved.append(memory.moved)
    assert moved == pytest.approx([0.0, math.log(1.1), math.log(1.1) / 2])
    seen = NO_OBSERVATIONS._replace(variance=0.64 * 0.5, weight=0.5)
    found = trend_strength(TrendMemory(0.1, seen), 30 * DAY_NS)
    assert found == pytest.approx(0.593, abs=1e-3)
    assert tilted(0.5, 0.3, -0.5) == pytest.approx(0.65)
    assert tilted(0.5, 0.3, 2.0) == pytest.approx(0.2)


@given(st.floats(-5.0, 5.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_the_tilt_is_bounded_and_against_the_trend(z: float, ratio: float, tilt: float) -> None:
    """Never further than the tilt; less hedge in a rise, more in a fall."""
    found = tilted(ratio, tilt, z)
    assert abs(found - ratio) <= tilt + 1e-12
    assert (found - ratio) * z <= 1e-12


@given(st.integers(0, 50), st.floats(0.01, 100.0))
def test_neither_unit_nor_direction_matters(seed: int, unit: float) -> None:
    """Prices in cents give the same strength; prices turned upside down its negative."""
    rows = walk(40, 0.6, seed=seed)
    found = strength(rows)
    assert found is not None
    assert strength([(t, p * unit) for t, p in rows]) == pytest.approx(found, rel=1e-6, abs=1e-6)
    assert strength([(t, 1e9 / p) for t, p in rows]) == pytest.approx(-found, rel=1e-6, abs=1e-6)


def test_without_a_trend_the_strength_is_of_deviation_one() -> None:
    """Random walks, seen for three half-lives or for one: about as wide as the divisor says."""
    for days in (30, 11):
        found = [strength(walk(days, 0.6, seed=seed)) for seed in range(150)]
        squares = [z * z for z in found if z is not None]
        assert len(squares) == 150
        assert math.sqrt(sum(squares) / 150) == pytest.approx(1.0, abs=0.2)


def test_without_history_what_is_held_is_kept() -> None:
    """No ratio, and a reason with the fix."""
    answer, _ = TrendPolicy(0.5, 0.3).step(None, PolicyInput(YEAR_NS, Features(YEAR_NS), BOOK))
    assert answer.ratio is None
    assert answer.reasons[0].startswith("no trend is known: no earlier prices of BTC are known")


def test_without_history_the_owners_fallback_holds() -> None:
    """Where one is given, until there is a strength."""
    text = TABLE + "ratio = 0.5\ntilt = 0.3\nfallback_ratio = 0.4\n"
    policy = parse_mandate(text).hedges[0].policy
    answer, _ = policy.step(None, PolicyInput(YEAR_NS, Features(YEAR_NS), BOOK))
    assert answer.ratio == 0.4
    assert answer.reasons[1] == "your fallback_ratio is 40 %"


def test_a_price_older_than_the_owner_allows_is_none() -> None:
    """At two days it holds, later the fallback does; no more than a half-life can be asked for."""
    keys = 'ratio = 0.5\ntilt = 0.3\nhalf_life = "10d"\nfallback_ratio = 0.4\n'
    policy = parse_mandate(TABLE + keys + 'aim_max_age = "2d"\n').hedges[0].policy
    rows, last = [(day * DAY_NS, 100.0 * 1.05**day) for day in range(1, 60)], 59 * DAY_NS
    for now_ns, ratio in ((last + 2 * DAY_NS, 0.2), (last + 2 * DAY_NS + 1, 0.4)):
        known = features_at({INDEX: rows}, policy.needs("BTC", ["BTC"]), [now_ns])[0]
        answer, _ = policy.step(None, PolicyInput(now_ns, known, BOOK))
        assert answer.ratio == pytest.approx(ratio)
    assert "days old, more than your aim_max_age of 2 days" in answer.reasons[0]
    with pytest.raises(MandateError, match=r"aim_max_age = 11 days is longer than the strength"):
        parse_mandate(TABLE + keys + 'aim_max_age = "11d"\n')


@pytest.mark.parametrize(("daily", "ratio"), [(0.05, 0.2), (-0.05, 0.8)])
def test_a_lasting_trend_takes_or_adds_the_whole_tilt(daily: float, ratio: float) -> None:
    """Five percent a day, hardly any chance beside it."""
    rows = [(day * DAY_NS, 100.0 * (1.0 + daily) ** day) for day in range(1, 60)]
    policy = TrendPolicy(0.5, 0.3, HALF)
    known = features_at({INDEX: rows}, policy.needs("BTC", ["BTC"]), [rows[-1][0]])[0]
    answer, _ = policy.step(None, PolicyInput(rows[-1][0], known, BOOK))
    assert answer.ratio == pytest.approx(ratio)
    assert f"50 % is tilted to {ratio * 100:g} %" in answer.reasons[0]


def test_memory_comes_back_from_plain_values() -> None:
    """To the bit, by name."""
    rows = walk(20, 0.6, seed=3)
    feature = Trend(HALF)
    known = features_at({INDEX: rows}, {"BTC": (feature,)}, [rows[-1][0]])[0]
    memory = known.coins["BTC"].memories[feature]
    assert feature.memory_of(json.loads(json.dumps(feature.plain(memory)))) == memory


def test_a_mandate_asks_for_it() -> None:
    """Its keys are read, the half-life has a default, and what the limits cut off is told."""
    found = parse_mandate(TABLE + "ratio = 0.8\ntilt = 0.3\n")
    assert found.hedges[0].policy == TrendPolicy(0.8, 0.3)
    assert any("ratio 1.1 will be held to 1" in line for line in found.warnings)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("tilt = 0.3\n", 'ratio is missing: policy = "trend" needs it; for example ratio = 0.5'),
        ("ratio = 0.5\ntilt = 30\n", "tilt = 30: must be 1 or less: it is a fraction of the base"),
        ("ratio = 0.5\ntilt = 0.0\n", "tilt = 0: must be above 0"),
        (
            "ratio = 0.5\ntilt = 0.3\nvolatility = 0.4\n",
            'volatility = 0.4: belongs to policy = "vol-target", not "trend"',
        ),
        (
            'ratio = 0.5\ntilt = 0.3\nhalf_life = "1h"\n',
            'half_life = "1h": must be "1d" or longer, so that it holds enough returns',
        ),
    ],
)
def test_wrong_keys_are_told(keys: str, message: str, tmp_path: Path) -> None:
    """Each names the key, what is allowed and the fix."""
    with pytest.raises(MandateError) as caught:
        parse_mandate(TABLE + keys)
    assert any(message in line for line in caught.value.problems)
