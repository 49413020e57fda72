"""The same figure at the same moment in a plan, a backtest and on paper, whatever feature."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.hedge.a_market import BEGIN_NS, DAYS, a_history, a_mandate, a_store, all_features
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import Parameter, Policy, PolicyInput
from volsculpt.hedge.stored import features_of
from volsculpt.mandate.history import open_market, stored_knowledge
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.trade.paper.opening import paper_market
from volsculpt.units import DAY_NS, HOUR_NS

START_NS = BEGIN_NS + (DAYS - 3) * DAY_NS
SPAN = (START_NS, START_NS + 2 * DAY_NS, None)
TEXT = a_mandate("ratio = 0.5")


@dataclass(frozen=True, slots=True)
class Curious(Policy):
    """Half of it, and a wish to know everything."""

    NAME: ClassVar[str] = "curious"
    SUMMARY: ClassVar[str] = "nothing"
    DOCS: ClassVar[str] = "Nothing."
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = ()

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """Half."""
        return Aim(0.5), memory

    def words(self) -> str:
        """In words."""
        return "hedge half"

    def needs(self, coin: str, hedged: Sequence[str]) -> dict[str, tuple[Feature, ...]]:
        """Every feature there is."""
        return {coin: tuple(all_features())}


@cache
def curious() -> Mandate:
    """A mandate whose policy asks for every feature."""
    read = parse_mandate(TEXT)
    return replace(read, hedges=(replace(read.hedges[0], policy=Curious()),))


def check_same(one: Features, other: Features) -> None:
    """Every figure to the bit."""
    for feature in all_features():
        assert one.value("BTC", feature) == other.value("BTC", feature), feature


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the made-up market."""
    return a_store(tmp_path_factory.mktemp("features"), START_NS)


def test_every_feature_is_the_same_in_every_mode(root: Path) -> None:
    """At hours of two days: a plan that looks back, a run through history, a desk on paper."""
    mandate = curious()
    aligned, history, _ = open_market(mandate, None, root, SPAN)
    stamps = aligned.stamp_ns.tolist()
    in_backtest = features_of(history, mandate.hedges, stamps)
    assert in_backtest is not None
    on_paper = paper_market(mandate, None, root, SPAN).features()
    for row, stamp in enumerate(stamps):
        assert on_paper(stamp) == in_backtest[row]
    for row in (0, 1, 25, len(stamps) - 1):
        in_plan = stored_knowledge(mandate, stamps[row], root)[0]
        assert in_plan is not None
        check_same(in_plan, in_backtest[row])
    found = [in_backtest[-1].value("BTC", one) for one in all_features()]
    assert sum(one is not None for one in found) > 0.8 * len(found)


def test_a_history_that_is_given_feeds_the_same(root: Path) -> None:
    """Handed over, or read from a store: contracts that are not traded feed features in both."""
    both = [open_market(curious(), *how, SPAN) for how in ((None, root), (a_history(), None))]
    known = [
        features_of(history, curious().hedges, aligned.stamp_ns.tolist())
        for aligned, history, _ in both
    ]
    assert known[0] is not None
    assert known[1] is not None
    check_same(known[0][-1], known[1][-1])


def test_features_change_neither_clock_nor_start(root: Path) -> None:
    """What is fed beside a run leaves its stamps as they are."""
    plain = open_market(parse_mandate(TEXT), None, root, SPAN)[0]
    asked = open_market(curious(), None, root, SPAN)[0]
    assert plain.stamp_ns.tolist() == asked.stamp_ns.tolist()
    assert plain.clock.step_ns == asked.clock.step_ns == HOUR_NS
