"""Forecasts of volatility against worked numbers."""

import math
from itertools import accumulate
from statistics import stdev

import pytest

from tests.golden.examples import Computation, Example, Inputs, check, name_of, of_topics
from volsculpt.hedge.features.realised_volatility import garman_klass, parkinson, rogers_satchell
from volsculpt.hedge.features.volatility import (
    VolatilityMemory,
    ewma,
    volatility_forecast,
    volatility_step,
)
from volsculpt.hedge.policies.vol_target import vol_target_ratio
from volsculpt.market.streams import WholeBar
from volsculpt.units import DAY_NS, YEAR_NS

DAYS_A_YEAR = YEAR_NS / DAY_NS


def vol_02(i: Inputs) -> dict[str, object]:
    """The recursion by itself for variances, and the fold over daily prices for the forecast."""
    squares = [change * change for change in i["returns"]]
    variances = accumulate(squares, lambda v, r: ewma(v, r, i["lam"]), initial=i["var0"])
    half_life_ns = round(math.log(0.5) / math.log(i["lam"]) * DAY_NS)
    memory = VolatilityMemory(i["var0"] * DAYS_A_YEAR, 1.0, 1.0, 0, 0, 0)
    for day, path in enumerate(accumulate(i["returns"]), 1):
        memory = volatility_step(memory, day * DAY_NS, math.exp(path), half_life_ns)
    return {"variances": list(variances)[1:], "ann_vol_365": volatility_forecast(memory)}


def vol_03(i: Inputs) -> dict[str, object]:
    """The variance of one bar from its range."""
    bar = WholeBar(i["open"], i["high"], i["low"], i["close"], None, 0.0)
    return {
        "parkinson": parkinson(i["high"], i["low"]),
        "garman_klass": garman_klass(bar),
        "rogers_satchell": rogers_satchell(bar),
    }


def pap_05(i: Inputs) -> dict[str, object]:
    """What is left exposed by a target, of variance here: c over it, c for the same deviation."""
    scaled = [one / v for one, v in zip(i["returns"], i["lagged_variance"], strict=True)]
    c = stdev(i["returns"]) / stdev(scaled)
    exposed = [1.0 - vol_target_ratio(c, v) for v in i["lagged_variance"]]
    managed = [share * one for share, one in zip(exposed, i["returns"], strict=True)]
    return {"c": c, "managed": managed, "std_equal": stdev(managed)}


COMPUTED: dict[str, Computation] = {"A-VOL-02": vol_02, "A-VOL-03": vol_03, "A-PAP-05": pap_05}


@pytest.mark.parametrize("example", of_topics("ewma", "range_vol", "vol_target"), ids=name_of)
def test_volatility_examples(example: Example) -> None:
    """RiskMetrics' recursion, by rows and by time; variance from ranges; what a target exposes."""
    check(example, COMPUTED)
