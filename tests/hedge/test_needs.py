"""How much history is read, and that what is known does not depend on how often it is asked."""

from hypothesis import given
from hypothesis import strategies as st

from tests.hedge.a_market import KEY
from tests.hedge.test_policies import made
from volsculpt.hedge.aim import Overlays
from volsculpt.hedge.feature import EVER_NS
from volsculpt.hedge.features.change import Change
from volsculpt.hedge.features.level import Level
from volsculpt.hedge.features.momentum import Momentum
from volsculpt.hedge.features.pressure import Pressure
from volsculpt.hedge.features.volatility import Volatility
from volsculpt.hedge.market_features import Watch, features_at
from volsculpt.hedge.needs import (
    contracts_of,
    look_back_ns,
    looked_back,
    needs_of,
    read_back_ns,
    series_of,
)
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policies.min_variance import MinVarianceRatio
from volsculpt.hedge.policies.vol_target import VolTargetPolicy
from volsculpt.hedge.regimes.macro_reading import macro_text
from volsculpt.hedge.registry import policy_names
from volsculpt.hedge.spec import BetaRule, Hedge, MacroOverlay, Proxy
from volsculpt.market.streams import Stream
from volsculpt.units import DAY_NS

SERIES = "series:fear_greed"


def test_as_much_is_read_as_the_farthest_feature_looks() -> None:
    """Of each stream; of all indexes alike; a week at least, for the newest price."""
    fades, window = Volatility(2 * DAY_NS), Momentum(40 * DAY_NS)
    pressed, ratio = Change(SERIES, 3 * DAY_NS), MinVarianceRatio(KEY)
    needs = {"BTC": (fades, pressed, ratio), "ETH": (window,)}
    found = looked_back(needs)
    assert found[Stream("index", "BTC")] == found[Stream("index", "ETH")] == EVER_NS
    assert found[window.stream("ETH")] == 60 * DAY_NS
    assert found[pressed.stream("BTC")] == pressed.look_back_ns == 23 * DAY_NS
    assert found[ratio.stream("BTC")] == ratio.look_back_ns
    assert look_back_ns(needs) == max(found.values())
    assert contracts_of(needs) == (KEY,)
    assert series_of(needs) == ("fear_greed",)
    assert looked_back({"BTC": ()}) == {Stream("index", "BTC"): 7 * DAY_NS}
    assert (look_back_ns({}), looked_back({})) == (0, {})
    short = Level(SERIES, fresh_ns=DAY_NS)
    assert looked_back({"BTC": (short,)})[Stream("series", "fear_greed")] == 7 * DAY_NS


def test_what_is_followed_reads_all_there_is() -> None:
    """Of a policy that looks on a schedule; of others as far back as their features look."""
    for name in policy_names():
        hedges = (Hedge("ETH", FixedPolicy(0.5)), Hedge("BTC", made(name)))
        wanted = look_back_ns(needs_of(hedges))
        followed = hedges[1].policy.looks_every_ns() is not None
        assert read_back_ns(hedges) == (EVER_NS if followed else wanted)
    assert read_back_ns((Hedge("BTC", VolTargetPolicy(0.4)),)) == EVER_NS
    assert read_back_ns((Hedge("BTC", FixedPolicy(0.4)),)) == 0


def test_each_figure_is_asked_for_once_and_in_one_order() -> None:
    """Whatever the order of hedges: policies, betas and overlays of the economy together."""
    hedges = [
        Hedge("BTC", VolTargetPolicy(0.4)),
        Hedge("SOL", VolTargetPolicy(0.4), proxies=(Proxy("BTC"),), betas=BetaRule()),
        Hedge("ETH", FixedPolicy(0.5)),
    ]
    macro = Overlays(macro=(MacroOverlay(macro_text(), "ETH"),))
    found = needs_of(hedges, macro)
    assert found == needs_of(hedges[::-1], macro)
    assert len(found["BTC"]) == 2
    assert all(len(set(each)) == len(each) for each in found.values())
    assert found["ETH"]
    assert "ETH" not in needs_of(hedges)
    assert needs_of(hedges[2:]) == {}


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=60),
    st.lists(st.integers(1, 60), min_size=1, max_size=8),
)
def test_a_figure_is_made_of_as_much_as_it_looks_back(gaps: list[int], asked: list[int]) -> None:
    """Of a series: at the first question what is older than that is left out; then each follows."""
    feature, hour = Pressure(SERIES, 2 * DAY_NS), DAY_NS // 24
    rows, time_ns = [], 1_000 * DAY_NS
    for row, gap in enumerate(gaps):
        time_ns += gap * hour
        rows.append((time_ns, 100.0 + row % 7))
    stream, stamps, now_ns = feature.stream("BTC"), [], rows[0][0] - 1
    for gap in asked:
        now_ns += gap * 10 * hour
        stamps.append(now_ns)
    watch = Watch({stream: rows}, {"BTC": (feature,)})
    first = stamps[0] - feature.look_back_ns
    for stamp in stamps:
        there = [row for row in rows if first <= row[0] <= stamp]
        known = watch(stamp).memory("BTC", feature)
        assert known == (feature.fold(None, there) if there else None)


def test_a_coin_is_known_with_its_newest_price() -> None:
    """Of its index; a stream of another kind changes no price, and comes before one too."""
    index, series = Stream("index", "BTC"), Stream("series", "fear_greed")
    needs = {"BTC": (Pressure(SERIES, 2 * DAY_NS), Momentum(DAY_NS))}
    observed = {index: [(5, 100.0), (9, 110.0)], series: [(3, 1.0), (9, 2.0), (12, 3.0)]}
    found = features_at(observed, needs, [2, 3, 5, 9, 12])
    assert [one.index_usd("BTC") for one in found] == [None, None, 100.0, 110.0, 110.0]
    known = [one.coins["BTC"].index_ns if one.coins else None for one in found]
    assert known == [None, None, 5, 9, 9]
    assert [one.time_ns for one in found] == [2, 3, 5, 9, 12]
