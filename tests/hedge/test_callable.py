"""A policy of the owner's own: when it is asked, what it is given back, and what it may raise."""

import json
from typing import Any

import pytest

from volsculpt.errors import PolicyError
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.policy import HedgeSummary, PolicyInput

BOOK = HedgeSummary("BTC", 60_000.0, 1.0, 1.0, 1.0, 0.0, 60_000.0)
EVERY_NS = 10


def at(time_ns: int) -> PolicyInput:
    """A moment of which nothing is known."""
    return PolicyInput(time_ns, Features(time_ns), BOOK)


def counting(time_ns: int, features: Features, book: HedgeSummary, memory: Any) -> Any:  # noqa: ANN401
    """A hundredth more at each call."""
    count = (memory or 0) + 1
    return Aim(0.01 * count, reasons=(f"call {count} at {time_ns}",)), count


def test_between_calls_its_last_answer_holds() -> None:
    """Until `every` after it was asked, to the nanosecond; its memory comes back to it."""
    policy, memory = CallablePolicy(counting, EVERY_NS, "mine.py:f"), None
    told = []
    for time_ns in (3, 4, 12, 13, 22, 23, 24, 60):
        answer, memory = policy.step(memory, at(time_ns))
        memory = json.loads(json.dumps(memory))
        told.append(answer.reasons[0])
        assert policy.held(memory) == (answer, memory["asked_ns"] + EVERY_NS)
    calls = ["call 1 at 3"] * 3 + ["call 2 at 13"] * 2 + ["call 3 at 23"] * 2 + ["call 4 at 60"]
    assert told == calls


def test_without_a_schedule_it_is_asked_each_time() -> None:
    """And what it said last does not hold."""
    policy = CallablePolicy(counting, None, "mine.py:f")
    answer, memory = policy.step(None, at(1))
    assert (answer.ratio, memory) == (0.01, 1)
    assert policy.step(memory, at(1))[0].ratio == 0.02
    assert policy.held(memory) is None
    assert policy.held(None) is CallablePolicy(counting, EVERY_NS, "mine.py:f").held(None) is None


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (ValueError("no such file"), "ValueError: no such file"),
        (SystemExit(3), "SystemExit: 3"),
        (KeyError("sigma"), "KeyError: 'sigma'"),
    ],
)
def test_what_it_raises_is_told_as_its_own(raised: BaseException, said: str) -> None:
    """With its name, and how it must be written."""

    def fails(*_: object) -> Any:  # noqa: ANN401
        raise raised

    with pytest.raises(PolicyError) as caught:
        CallablePolicy(fails, None, "mine.py:f").step(None, at(1))
    assert str(caught.value) == (
        f"policy mine.py:f: {said}; it must take (time_ns, features, book, memory) and return "
        f"(ratio or Aim, memory)"
    )


def test_an_error_of_ours_goes_through_as_it_is() -> None:
    """It says what is wrong already: a forecast that is not kept."""

    def asks(time_ns: int, features: Features, book: HedgeSummary, memory: Any) -> Any:  # noqa: ANN401
        raise PolicyError("no such forecast is kept")

    with pytest.raises(PolicyError, match=r"^no such forecast is kept$"):
        CallablePolicy(asks, None, "mine.py:f").step(None, at(1))


@pytest.mark.parametrize("answer", [0.5, (0.5,), (0.5, 1, 2), None])
def test_an_answer_without_a_memory_is_refused(answer: object) -> None:
    """It must be a pair."""
    policy = CallablePolicy(lambda *_: answer, None, "mine.py:f")  # type: ignore[arg-type, return-value]
    with pytest.raises(
        PolicyError, match=r"policy mine\.py:f: (Type|Value)Error: .*return \(ratio"
    ):
        policy.step(None, at(1))


def test_what_it_prints_stays_out_of_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    """It goes where messages go."""

    def prints(*_: object) -> tuple[float, None]:
        print("looking")
        return 0.5, None

    CallablePolicy(prints, None, "mine.py:f").step(None, at(1))
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "looking\n")


def test_it_looks_at_the_book() -> None:
    """So a simulation stops to ask it; nothing of it can be made again from a ledger."""
    assert CallablePolicy.ASKS_BOOK
    assert not CallablePolicy.REPLAYS
    assert set(CallablePolicy(counting, None, "f").needs("BTC", ["BTC", "ETH"])) == {"BTC", "ETH"}
