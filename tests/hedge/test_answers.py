"""What a policy may answer: checked figure by figure, and back from plain values."""

import json
import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from volsculpt.errors import PolicyError
from volsculpt.hedge.answer import Aim, Band, aim_of, checked_answer, fallen_back, plain
from volsculpt.hedge.words import held_words

RATIOS, SHARES = st.floats(-3.0, 3.0), st.floats(0.0, 1.0)
BETAS = st.floats(-10.0, 10.0)
AIMS = st.builds(
    Aim,
    ratio=st.none() | RATIOS,
    target_delta_coin=st.none() | st.floats(-1e9, 1e9),
    valid_until_ns=st.none() | st.integers(0, 2**60),
    reasons=st.lists(st.text()).map(tuple),
    band=st.none() | st.builds(Band, SHARES, SHARES, SHARES, SHARES),
    beta=st.none() | BETAS | st.dictionaries(st.sampled_from(["BTC", "ETH"]), BETAS, min_size=1),
    cap=st.none() | RATIOS,
)


@given(AIMS)
def test_what_can_be_meant_is_taken_as_it_is(answer: Aim) -> None:
    """Every figure of it; a ledger gives it back to the bit."""
    assert checked_answer(answer, "policy p") == answer
    assert aim_of(json.loads(json.dumps(plain(answer)))) == answer


@given(RATIOS)
def test_a_ratio_alone_is_an_answer(ratio: float) -> None:
    """With a sentence that says whose."""
    answer = checked_answer(ratio, "policy p")
    assert (answer.ratio, len(answer.reasons)) == (ratio, 1)
    assert answer.reasons[0].startswith("your policy says ")


WRONG: tuple[tuple[str, Callable[[object], Aim]], ...] = (
    ("ratio", lambda one: Aim(ratio=one)),  # type: ignore[arg-type]
    ("target_delta_coin", lambda one: Aim(target_delta_coin=one)),  # type: ignore[arg-type]
    ("valid_until_ns", lambda one: Aim(0.5, valid_until_ns=one)),  # type: ignore[arg-type]
    ("cap", lambda one: Aim(0.5, cap=one)),  # type: ignore[arg-type]
    ("beta", lambda one: Aim(0.5, beta=one)),  # type: ignore[arg-type]
    ("beta ETH", lambda one: Aim(0.5, beta={"BTC": 1.0, "ETH": one})),  # type: ignore[dict-item]
)


@pytest.mark.parametrize(("name", "make"), WRONG, ids=[name for name, _ in WRONG])
@pytest.mark.parametrize(
    "wrong", [math.nan, math.inf, -math.inf, 1e20, -1e20, True, False, "0.5", [0.5], 10**400]
)
def test_a_figure_that_is_no_number_is_refused(
    name: str, make: Callable[[object], Aim], wrong: object
) -> None:
    """Whichever it is; it is named, and so are the policy and the fix."""
    with pytest.raises(PolicyError) as caught:
        checked_answer(make(wrong), "policy p")
    assert f"policy p: answered {name} = {wrong!r}; it must return (ratio or Aim" in str(
        caught.value
    )
    if name == "ratio":
        with pytest.raises(PolicyError, match="policy p: answered ratio = "):
            checked_answer(wrong, "policy p")


def test_the_largest_that_is_taken() -> None:
    """A stamp, or coins of the cheapest there is; a ratio and a beta of text is none."""
    assert checked_answer(Aim(target_delta_coin=-1e19), "p").target_delta_coin == -1e19
    with pytest.raises(PolicyError, match="p: answered target_delta_coin"):
        checked_answer(Aim(target_delta_coin=math.nextafter(1e19, math.inf)), "p")
    assert checked_answer(Aim(0.5, valid_until_ns=5.0), "p").valid_until_ns == 5  # type: ignore[arg-type]
    with pytest.raises(PolicyError, match="p: answered ratio = None"):
        checked_answer(None, "p")


def test_a_band_is_a_band() -> None:
    """Numbers in its place are refused."""
    with pytest.raises(PolicyError, match=r"p: answered band = 0\.05; it must be a Band"):
        checked_answer(Aim(0.5, band=0.05), "p")  # type: ignore[arg-type]


def test_reasons_may_be_one_sentence_or_a_list() -> None:
    """Every line becomes text."""
    for told, lines in (("why", ("why",)), (["a", 5], ("a", "5"))):
        answer = replace(Aim(0.5), reasons=told)  # type: ignore[arg-type]
        assert checked_answer(answer, "p").reasons == lines


def test_a_fallback_says_whose_it_is() -> None:
    """The owner's ratio, 0 too; without one, that what is held is kept."""
    assert fallen_back("why", None).ratio is None
    assert fallen_back("why", None).reasons[0] == "why"
    for ratio in (0.0, 0.4):
        answer = fallen_back("why", ratio)
        assert answer.ratio == ratio
        assert answer.reasons == ("why", f"your fallback_ratio is {100.0 * ratio:g} %")


@given(RATIOS, RATIOS, RATIOS)
@example(2.0, 0.0, 1.0)
@example(-2.0, 0.0, 1.0)
def test_what_limits_hold_is_told(ratio: float, one: float, other: float) -> None:
    """To which of both, and nothing of what is within."""
    lowest, highest = sorted((one, other))
    said = held_words(ratio, lowest, highest)
    if lowest <= ratio <= highest:
        assert said is None
    else:
        side, kept = ("min_ratio", lowest) if ratio < lowest else ("max_ratio", highest)
        assert said is not None
        assert said.startswith(f"ratio {ratio:g} will be held to {kept:g}, the {side} of [limits]")
        assert said.endswith("; a ratio of 0.5 is 50 %") is (abs(ratio) > 2.0)
