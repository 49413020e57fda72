"""A decision from its stored inputs: the same bits again."""

import json
from dataclasses import replace

import pytest
from hypothesis import given

from tests.factories import (
    THE_BOOK,
    THE_HEDGES,
    THE_LEGS,
    THE_PRICES,
    account,
    decided,
    inverse,
    vault,
)
from tests.hedge import betas
from tests.laws.strategies import Case, cases
from tests.ledger.samples import START_NS, decision
from volsculpt.book.holdings import Book
from volsculpt.book.state import State
from volsculpt.decide.step import Decision, Setup, decide
from volsculpt.errors import LedgerError
from volsculpt.hedge.aim import Overlays
from volsculpt.hedge.fading import HALF_LIFE_NS
from volsculpt.hedge.features.volatility import Volatility
from volsculpt.hedge.market_features import Features, features_at
from volsculpt.hedge.memory import remembered
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.policies.series import SeriesPolicy
from volsculpt.hedge.policies.vol_target import VolTargetPolicy
from volsculpt.hedge.spec import EventOverlay, Hedge, Override, Tilt
from volsculpt.ledger.codec import canonical, decode, encode
from volsculpt.ledger.decisions import decided_event, differences, features_in, react, reaim
from volsculpt.ledger.events import Decided
from volsculpt.ledger.ledger import open_ledger
from volsculpt.ledger.plain import rows_in
from volsculpt.market.quotes import Quotes
from volsculpt.market.streams import Stream
from volsculpt.units import DAY_NS

BITCOIN, ETHER = inverse("BTC"), inverse("ETH")


def again(made: Decision) -> tuple[Decided, list[str]]:
    """A decision as it is read from a ledger, and what differs when it is made again."""
    ledger = open_ledger("memory:")
    ledger.append([decided_event(ledger, made)], START_NS)
    event = next(ledger.entries()).event
    assert isinstance(event, Decided)
    return event, differences(ledger, event)


@given(cases())
def test_any_decision_is_made_again_to_the_bit(case: Case) -> None:
    """Whatever the book, market and mandate: stored inputs give the stored answer."""
    assert again(case.decide())[1] == []


def overlaid() -> Decision:
    """A decision of a series, with every kind of overlay."""
    policy = SeriesPolicy((0, 10), (0.2, 0.4), "ratio.csv")
    overlays = Overlays(
        (Tilt(0.1, 0, 100),),
        (EventOverlay("at_least", 0, 100, 0.6),),
        (Override(0.7, 100, "mine"),),
    )
    setup = Setup(THE_BOOK, (Hedge("BTC", policy),), THE_LEGS[:1], overlays)
    return decide(setup, Quotes(50, THE_PRICES), 50)


def test_aims_of_a_series_under_overlays_are_made_again() -> None:
    """Series, tilts, events and overrides are in the ledger, so `aim` can be asked again."""
    event, wrong = again(overlaid())
    assert (event.ratio, wrong) == ([0.7], [])
    assert event.reasons[-1] == "overridden by hand to 70 % (mine)"


def seen() -> Features:
    """What forty days of hourly prices leave behind."""
    hour_ns = 3_600_000_000_000
    prices = [(n * hour_ns, 60_000.0 + 500.0 * (n % 7)) for n in range(40 * 24)]
    found = features_at({Stream("index", "BTC"): prices}, {"BTC": (Volatility(),)}, [prices[-1][0]])
    return found[0]


def test_a_vol_target_is_made_again() -> None:
    """What was known of the market is in the ledger, to the bit, and so is the forecast."""
    known = seen()
    setup = Setup(THE_BOOK, (Hedge("BTC", VolTargetPolicy(0.02), base="wealth"),), THE_LEGS[:1])
    event, wrong = again(decide(setup, Quotes(50, THE_PRICES), known.time_ns, features=known))
    assert (event.aims[0]["ratio"] is not None, wrong) == (True, [])
    assert features_in(event.aim_input["features"]) == known
    assert known.sigma_forecast("BTC") is not None


def test_a_function_of_the_owner_is_not_asked_again() -> None:
    """Its answer and memory are kept; only `act` is run again."""
    policy = CallablePolicy(lambda time, features, book, memory: (0.3, {"n": 1}), None, "mine.py:f")
    setup = Setup(THE_BOOK, (Hedge("BTC", policy),), THE_LEGS[:1])
    known = seen()
    made = decide(setup, Quotes(50, THE_PRICES), 50, features=known)
    ledger = open_ledger("memory:")
    event = decided_event(ledger, made)
    assert (reaim(ledger, event), differences(ledger, event)) == ([None], [])
    assert event.memory["BTC"]["memory"] == {"n": 1}


def test_a_changed_answer_is_seen() -> None:
    """One contract more in the stored answer, or another ratio in the stored aim."""
    ledger = open_ledger("memory:")
    event = decision(ledger)
    trade = [event.answer["trade"][0] + 1.0, *event.answer["trade"][1:]]
    assert differences(ledger, replace(event, answer=event.answer | {"trade": trade})) == [
        "act: trade"
    ]
    aims = [event.aims[0] | {"ratio": 0.25}, *event.aims[1:]]
    assert differences(ledger, replace(event, aims=aims)) == ["aim: hedge 1"]


def test_running_again_leaves_what_is_stored_alone() -> None:
    """Stored inputs are copied before `act` may write to them."""
    ledger = open_ledger("memory:")
    event = decision(ledger)
    kept = replace(event)
    react(ledger, event).trade[0] = 99.0
    assert event == kept


def test_rows_read_back_share_nothing_with_what_is_stored() -> None:
    """Whoever writes to a state that was read changes no event."""
    stored = decision(open_ledger("memory:")).state
    before = list(stored["wallet"])
    rows_in(State, stored).wallet[0] = 99.0
    assert stored["wallet"] == before


def test_inputs_of_another_form_are_told() -> None:
    """A column that today's program does not know is not guessed at."""
    ledger = open_ledger("memory:")
    event = decision(ledger)
    with pytest.raises(LedgerError, match=r"stored State has other columns than .*: colour"):
        react(ledger, replace(event, state=event.state | {"colour": [1]}))


def test_what_does_not_change_is_kept_once() -> None:
    """Two decisions on the same book share their documents."""
    ledger = open_ledger("memory:")
    ledger.append([decision(ledger)], START_NS)
    count = len(list(ledger.store.documents()))
    ledger.append([decision(ledger)], START_NS)
    assert len(list(ledger.store.documents())) == count == 3


def test_memory_that_is_not_plain_is_refused() -> None:
    """A policy whose memory could not be read back after a restart is named at once."""
    policy = CallablePolicy(lambda time, features, book, memory: (0.3, object()), None, "mine.py:f")
    setup = Setup(THE_BOOK, (Hedge("BTC", policy),), THE_LEGS[:1])
    ledger = open_ledger("memory:")
    event = decided_event(ledger, decide(setup, Quotes(50, THE_PRICES), 50))
    with pytest.raises(LedgerError, match="kind 'decision' cannot be kept"):
        ledger.append([event], START_NS)


def test_a_hedge_that_holds_is_made_again() -> None:
    """A series without a ratio yet keeps what is held, now and later."""
    hedge = Hedge("BTC", SeriesPolicy((100,), (0.2,), "ratio.csv"))
    event, wrong = again(decided(THE_BOOK, (hedge, THE_HEDGES[1]), THE_LEGS, THE_PRICES))
    assert (event.aims[0]["ratio"], wrong) == (None, [])


def of_before(event: Decided) -> str:
    """A decision as the first version kept it: memories by place, volatilities by half-life."""
    coins = [one["underlying"] for one in event.aim_input["summaries"]]
    memories = [event.memory.get(coin, {}).get("memory") for coin in coins]
    known = event.aim_input["features"]["coins"]
    told = {
        coin: {
            "index_usd": one["index_usd"],
            "index_ns": one["index_ns"],
            "memories": [
                [row["parameters"]["half_life_ns"], row["memory"]] for row in one["features"]
            ],
        }
        for coin, one in known.items()
    }
    features = {"time_ns": event.aim_input["features"]["time_ns"], "coins": told}
    body = json.loads(encode(event))
    body["memory"] = memories
    body["aim_input"] |= {"memory": [None] * len(coins), "features": features}
    return canonical(body)


def test_a_decision_of_the_first_version_is_read_and_made_again() -> None:
    """Memories come to their coins, features to their names, policies from their old names."""
    known = seen()
    ask = CallablePolicy(lambda time, features, book, memory: (0.3, {"n": 1}), None, "mine.py:f")
    hedges = (Hedge("BTC", VolTargetPolicy(0.02), base="wealth"), Hedge("ETH", ask))
    made = decide(
        Setup(THE_BOOK, hedges, THE_LEGS), Quotes(50, THE_PRICES), known.time_ns, features=known
    )
    ledger = open_ledger("memory:")
    event = decided_event(ledger, made)
    old = {"underlying": "BTC", "policy": {"is": "VolTargetPolicy", "volatility": 0.02}}
    old["policy"]["half_life_ns"] = HALF_LIFE_NS  # type: ignore[index]
    other = {"underlying": "ETH", "policy": {"is": "CallablePolicy", "source": "mine.py:f"}}
    document = ledger.keep({"hedges": [old, other]})
    stored = replace(event, aim_input=event.aim_input | {"hedges": document})
    read = decode("decision", 1, of_before(stored))
    assert isinstance(read, Decided)
    assert read.memory == {"ETH": {"policy": None, "digest": None, "memory": {"n": 1}}}
    assert features_in(read.aim_input["features"]) == known
    assert reaim(ledger, read)[1] is None
    assert differences(ledger, read) == []
    assert remembered(hedges, read.memory) == [None, {"n": 1}]
    changed = replace(read, aims=[read.aims[0] | {"ratio": 0.125}, read.aims[1]])
    assert differences(ledger, changed) == ["aim: hedge 1"]


@pytest.mark.parametrize("after_days", [0, 5, 30])
def test_estimated_betas_are_made_again(after_days: int) -> None:
    """At a fit, between fits with what is remembered, and at the next one."""
    first_ns, legs = betas.NOW_NS, ((("one", BITCOIN, False), ("one", ETHER, False)),)
    book = Book((vault(SOL=10.0), account("one", {"BTC": 1.0, "ETH": 20.0})))
    setup = Setup(book, (betas.hedge(),), legs)
    index = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0}
    memory = None
    for now in (first_ns, first_ns + after_days * DAY_NS):
        made = decide(setup, Quotes(now, index), now, betas.market(now), memory)
        stored, found = again(made)
        assert found == []
        assert stored.aims[0]["beta"] == made.aims[0].beta
        memory = remembered(setup.hedges, stored.memory)
