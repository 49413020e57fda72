"""Contracts that an aim prefers are sold by before the others of a hedge."""

from dataclasses import replace

from tests.hedge.a_market import a_mandate
from volsculpt import verbs
from volsculpt.decide.step import Decision, preferring
from volsculpt.hedge.answer import Aim, aim_of, plain
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.mandate.load import parse_mandate

PERPETUAL, FORWARD = "bybit:BTC/USD:BTC", "bybit:BTC/USD:BTC-240628"
USE = """use = [
  { account = "coinm", contract = "BTC/USD:BTC" },
  { account = "coinm", contract = "BTC/USD:BTC-240628" },
]
"""
TEXT = a_mandate("ratio = 0.5").replace(
    'use = [{ account = "coinm", contract = "BTC/USD:BTC" }]\n', USE
)


def decided(*prefer: str) -> Decision:
    """A decision whose policy prefers contracts."""
    read = parse_mandate(TEXT)
    policy = CallablePolicy(lambda *_: (Aim(0.5, prefer=prefer), None), None, "mine.py:f")
    mandate = replace(read, hedges=(replace(read.hedges[0], policy=policy),))
    prices = {"BTC": 60_000.0, FORWARD: 61_000.0}
    return verbs.decision(mandate, prices=prices, time_ns="2024-05-20")


def sold(decision: Decision) -> set[str]:
    """The contracts that are sold."""
    legs = zip(decision.flat.legs, decision.answer.trade, strict=True)
    return {contract.key for (_, contract), trade in legs if trade != 0.0}


def test_the_preferred_contract_is_sold_by() -> None:
    """Without a word the first of `use`; of one that is none of the hedge's nothing changes."""
    assert sold(decided()) == sold(decided("okx:BTC/USD:BTC")) == {PERPETUAL}
    assert sold(decided(FORWARD)) == {FORWARD}


def test_the_others_stay_in_their_order() -> None:
    """Worked: A, B and B preferred: B, A; back to back nothing is lost."""
    decision = decided()
    rules, legs = decision.rules, decision.flat.legs
    changed = preferring(rules, [Aim(0.5, prefer=(FORWARD,))], legs)
    keys = [legs[leg][1].key for leg in changed.use_leg]
    assert keys == [FORWARD, PERPETUAL]
    assert sorted(changed.use_leg) == sorted(rules.use_leg)
    assert preferring(rules, [Aim(0.5)], legs) is rules


def test_what_is_preferred_comes_back_from_plain_values() -> None:
    """And an answer that was kept without it prefers nothing."""
    said = Aim(0.5, prefer=(FORWARD,))
    assert aim_of(plain(said)) == said
    older = {name: one for name, one in plain(said).items() if name != "prefer"}
    assert aim_of(older).prefer == ()
