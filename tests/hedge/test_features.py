"""What every feature holds to, whichever files there are: found by the registry, none listed."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hedge.a_market import (
    BEGIN_NS,
    DAYS,
    FITTED,
    KEY,
    STREAMS,
    a_history,
    all_features,
    changed_after,
)
from volsculpt.errors import PolicyError
from volsculpt.hedge.feature import Feature, plain_feature
from volsculpt.hedge.features.rank import Rank
from volsculpt.hedge.market_features import Features, Observed, Watch, features_at
from volsculpt.hedge.registry import feature_classes, feature_of
from volsculpt.hedge.stored import observed_for
from volsculpt.ledger.decisions import features_in, features_out
from volsculpt.market.history import History
from volsculpt.market.streams import Stream, stream_of
from volsculpt.units import DAY_NS, HOUR_NS

FEATURES = tuple(all_features())
FITS = tuple(one for one in FEATURES if one in FITTED)
QUICK = tuple(one for one in FEATURES if one not in FITS)
NEEDS = {"BTC": FEATURES}
END_NS = BEGIN_NS + DAYS * DAY_NS
EACH = pytest.mark.parametrize("feature", FEATURES, ids=lambda one: f"{one.NAME} {one.words()}")


def fed(history: History, to_ns: int = END_NS) -> Observed:
    """What all features are fed of a history."""
    return observed_for(history, NEEDS, [BEGIN_NS, to_ns])


@cache
def known() -> Features:
    """What is known at the end of the made-up market."""
    return features_at(fed(a_history()), NEEDS, [END_NS])[0]


def memory(feature: Feature) -> Any:  # noqa: ANN401
    """What a feature remembers at the end."""
    return known().coins["BTC"].memories[feature]


def test_no_feature_is_left_out() -> None:
    """A new kind of feature is held to all of this, or `usual` must say of what it is made."""
    assert {one.NAME for one in FEATURES} == set(feature_classes())


@EACH
def test_a_feature_has_a_figure_and_explains_itself(feature: Feature) -> None:
    """After 480 days, but for one that looks back a year and is ranked; words for each."""
    assert known().value("BTC", feature) is not None or "365 days" in feature.words()
    assert feature.MEANING
    assert feature.words()
    assert feature.figure_words(0.5)
    assert "known" in feature.lacking("BTC", None, END_NS)
    assert " old" in feature.lacking("BTC", memory(feature), END_NS + 1_200 * DAY_NS)


@EACH
def test_without_observations_there_is_no_figure(feature: Feature) -> None:
    """A coin whose index alone is known, or nothing: None, and the reason with its fix."""
    index = {Stream("index", "BTC"): [(BEGIN_NS, 100.0)]}
    for observed in ({}, index):
        (found,) = features_at(observed, {"BTC": (feature,)}, [BEGIN_NS])
        assert found.value("BTC", feature) is None
        assert "known" in found.lacking("BTC", feature)


@EACH
def test_old_observations_are_no_figure(feature: Feature) -> None:
    """A figure lives no longer than its parameters say; here four hundred days are too long."""
    assert feature.value(memory(feature), END_NS + 1_200 * DAY_NS) is None


@EACH
def test_one_at_a_time_is_the_same(feature: Feature) -> None:
    """Step after step leaves, to the bit, what folding all at once does."""
    rows = fed(a_history(), BEGIN_NS + 130 * DAY_NS)[feature.stream("BTC")]
    held = None
    for time_ns, seen in rows:
        held = feature.step(held, time_ns, seen)
    assert held == feature.fold(None, rows)
    assert held == feature.fold(feature.fold(None, rows[:777]), rows[777:])


@EACH
def test_memory_and_parameters_come_back_from_plain_values(feature: Feature) -> None:
    """To the bit, by name; another version is refused."""
    plain = json.loads(json.dumps(plain_feature(feature)))
    assert feature_of(plain) == feature
    with pytest.raises(PolicyError, match="version 99, is not of this program"):
        feature_of(plain | {"version": 99})
    stored = json.loads(json.dumps(feature.plain(memory(feature))))
    assert feature.memory_of(stored) == memory(feature)


@EACH
def test_memory_has_a_fixed_size(feature: Feature) -> None:
    """Twice the history needs no more room than once its window is full."""
    rows = fed(a_history())[feature.stream("BTC")]
    later = [(time_ns + DAYS * DAY_NS, seen) for time_ns, seen in rows]
    once = feature.fold(None, rows)
    twice = feature.fold(once, later)
    numbers = [json.dumps(feature.plain(one)).count(",") for one in (once, twice)]
    assert numbers[1] <= numbers[0] + 12  # a bar more, where a window ends between two


def test_the_ledger_keeps_features_by_name() -> None:
    """All of them, in and out again, those that were fed nothing yet too."""
    early = features_at(fed(a_history()), NEEDS, [BEGIN_NS + HOUR_NS])[0]
    for found in (early, known()):
        assert features_in(json.loads(json.dumps(features_out(found)))) == found
    assert None in early.coins["BTC"].memories.values()


# --- no look-ahead --------------------------------------------------------------------


@settings(max_examples=max(10, settings().max_examples // 4))  # each feeds every feature twice
@given(st.integers(100 * 24, DAYS * 24 - 1), st.integers(0, HOUR_NS - 1), st.floats(0.3, 3.0))
def test_the_future_does_not_reach_back(hour: int, inside_ns: int, factor: float) -> None:
    """Whatever becomes known after a moment, no feature remembers anything else at it."""
    check_blind(QUICK, BEGIN_NS + hour * HOUR_NS + inside_ns, factor)


@pytest.mark.parametrize("feature", FITS, ids=lambda one: f"{one.NAME} {one.words()}")
def test_the_future_is_not_fitted(feature: Feature) -> None:
    """The same of those whose parameters are fitted, which takes longer: at one moment."""
    check_blind((feature,), BEGIN_NS + 400 * DAY_NS + HOUR_NS, 1.4)


def check_blind(features: tuple[Feature, ...], now_ns: int, factor: float) -> None:
    """With another future they remember the same at a moment, and forty days before."""
    stamps, needs = [now_ns - 40 * DAY_NS, now_ns], {"BTC": features}
    true = features_at(fed(a_history()), needs, stamps)
    other = features_at(fed(changed_after(a_history(), now_ns, factor)), needs, stamps)
    assert true == other


@EACH
def test_the_past_does_reach_on(feature: Feature) -> None:
    """The same change is seen once it is known, so that the test above can fail."""
    other = changed_after(a_history(), END_NS - 3 * DAY_NS, 1.7)
    (found,) = features_at(fed(other), {"BTC": (feature,)}, [END_NS])
    assert found.coins["BTC"].memories[feature] != memory(feature)


def test_nothing_is_fed_before_it_is_known() -> None:
    """Each observation of each stream comes at a stamp at or after it, none early, none lost."""
    observed = fed(a_history())
    watch = Watch(observed, NEEDS)
    for row in (0, 1, 24, 25, 333):
        stamp = observed[Stream("index", "BTC")][row][0]
        said = watch(stamp)
        assert said.coins["BTC"].index_ns == stamp
        assert watch(stamp) == said


# --- streams --------------------------------------------------------------------------


def test_streams_have_names() -> None:
    """A text is read back; one that is none is told with the kinds there are."""
    for one in STREAMS:
        assert stream_of(one.text) == one._replace(every_ns=0)
    for wrong in ("fear_greed", "series:", "price:BTC"):
        with pytest.raises(PolicyError, match="no stream; write KIND:NAME"):
            stream_of(wrong)
    assert stream_of(f"funding:{KEY}").of == KEY


def test_a_rank_of_a_rank_is_kept_too() -> None:
    """A feature inside a feature inside a feature: parameters and digest are plain values."""
    nested = Rank(Rank(FEATURES[0]))
    assert feature_of(json.loads(json.dumps(plain_feature(nested)))) == nested
