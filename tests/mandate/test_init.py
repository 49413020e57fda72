"""The first mandate: questions answered, a commented file, and back again."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.contracts.catalog import BUILT_IN
from volsculpt.errors import MandateError
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.mandate.answers import AnswerError, MandateAnswers
from volsculpt.mandate.coin_text import amounts
from volsculpt.mandate.init import (
    QUESTIONS,
    answers_from,
    default_of,
    holdings,
    refuse_unused,
    render_mandate,
)
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.odd import MOST_FIGURE, odd_problem

NOW_NS = 1_796_000_000_000_000_000  # 2026-11-30

SAME_NAME = (
    '"vault" is the name of an account for coins kept safe; give the futures account another'
)
NAMES = st.text(min_size=1, max_size=12).filter(
    lambda name: name.strip() == name and odd_problem(name) is None
)
COINS = st.sampled_from(["BTC", "ETH", "SOL", "USDT", "1INCH"])
AMOUNTS = st.floats(-MOST_FIGURE, MOST_FIGURE, allow_nan=False)
BALANCES = st.dictionaries(COINS, AMOUNTS, max_size=4)
ANSWERS = st.builds(
    MandateAnswers,
    name=NAMES,
    cold=st.dictionaries(NAMES, BALANCES, max_size=3),
    margin_account=NAMES,
    venue=st.sampled_from(BUILT_IN),
    margin=BALANCES,
    ratio=st.floats(0, 1),
    contracts=st.sampled_from(["best", "inverse", "linear"]),
    safe_leverage=st.none() | st.floats(0.01, 100),
).filter(lambda a: a.margin_account not in a.cold and bool(a.coins()))


@given(ANSWERS)
def test_what_is_written_says_what_was_answered(answers: MandateAnswers) -> None:
    """Any names and amounts come back as they were given."""
    mandate = parse_mandate(render_mandate(answers))
    accounts = {account.name: account for account in mandate.book.accounts}
    assert mandate.name == answers.name
    assert {n: a.balances for n, a in accounts.items() if a.kind == "cold"} == answers.cold
    margin = accounts[answers.margin_account]
    assert (margin.kind, margin.venue, margin.balances) == ("margin", answers.venue, answers.margin)
    assert [hedge.underlying for hedge in mandate.hedges] == answers.coins()
    assert all(hedge.policy == FixedPolicy(answers.ratio) for hedge in mandate.hedges)
    planned = answers.safe_leverage is not None and bool(answers.cold)
    assert [plan.source for plan in mandate.collateral] == [tuple(answers.cold)] * planned


def test_the_first_mandate_is_the_shortest_useful_one() -> None:
    """Without its comments: a vault, one margin account, one hedge with a ratio."""
    lines = render_mandate(MandateAnswers()).split("\n")
    bare = [re.sub(r"\s+#.*|^#.*", "", line) for line in lines]
    assert [line for line in bare if line] == [
        "version = 1",
        'name = "treasury"',
        "[[account]]",
        'name = "vault"',
        'kind = "cold"',
        "balances = { BTC = 1 }",
        "[[account]]",
        'name = "futures"',
        'kind = "margin"',
        'venue = "bybit"',
        "balances = {}",
        "[[hedge]]",
        'underlying = "BTC"',
        "ratio = 0.5",
    ]


def test_the_first_mandate_needs_no_warning() -> None:
    """What the defaults give can be planned at once."""
    mandate = parse_mandate(render_mandate(answers_from({})))
    assert mandate.warnings == ()
    assert mandate.hedges[0].use[0].rule == "BTC/USD:BTC"


def test_linear_contracts_can_be_preferred() -> None:
    """The hedge is then in a perpetual that settles in a stablecoin."""
    answers = answers_from({"contracts": "Linear", "margin": "5000 USDT"})
    mandate = parse_mandate(render_mandate(answers))
    assert mandate.hedges[0].use[0].rule == "BTC/USDT:USDT"


def test_typed_answers_are_read() -> None:
    """As a person types them."""
    typed = {
        "name": " fund ",
        "cold": "vault: 2.5 BTC, 1_000 USDT; ledger: 40eth",
        "venue": "OKX",
        "margin": "0.5 BTC, 0.5 BTC",
        "ratio": "60 %",
        "safe_leverage": "3",
    }
    assert answers_from(typed) == MandateAnswers(
        name="fund",
        cold={"vault": {"BTC": 2.5, "USDT": 1000.0}, "ledger": {"ETH": 40.0}},
        venue="okx",
        margin={"BTC": 1.0},
        ratio=0.6,
        safe_leverage=3.0,
    )


def test_coins_alone_are_in_a_vault() -> None:
    """Whoever names no account has one; a name that only holds a number is a name."""
    assert holdings("1.3 eth, 0.2 BTC") == {"vault": {"ETH": 1.3, "BTC": 0.2}}
    assert holdings("4 stETH") == {"vault": {"stETH": 4.0}}
    assert answers_from({"name": "2024 treasury"}).name == "2024 treasury"


def test_every_question_has_a_default_that_can_be_read() -> None:
    """Pressing return at each gives a mandate, the same as without asking."""
    assert answers_from({q.field: default_of(q, {}) for q in QUESTIONS}) == MandateAnswers()
    asked_elsewhere = {"use", "counted"}  # of a hedge in one line
    fields = set(MandateAnswers.__dataclass_fields__)
    assert {q.field for q in QUESTIONS} == fields - asked_elsewhere


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("name", " ", "write a name"),
        (
            "name",
            "1.3 ETH, 0.2 BTC",
            '"1.3 ETH, 0.2 BTC" are coins, not a name: write one, as treasury',
        ),
        ("cold", ": 2 BTC", '": 2 BTC": write ACCOUNT: COINS, for example vault: 2.5 BTC'),
        (
            "margin",
            "2,5 BTC",
            '"2,5": a comma parts coins; write a point, for example 2.5 BTC, and 1000 without one',
        ),
        (
            "cold",
            "vault: -2 BTC",
            '"-2 BTC": write what you hold; a loan is a negative balance in the file',
        ),
        ("ratio", "1.5", '"1.5": write a ratio between 0 and 1; 0.5 hedges half'),
        ("cold", "vault: BTC", '"BTC": write an amount and a currency, for example 2.5 BTC'),
        ("cold", "a: 1 BTC; a: 2 BTC", '"a" is named twice; put its coins in one list'),
        ("margin", "1.2.3 BTC", '"1.2.3 BTC": write an amount and a currency, for example 2.5 BTC'),
        ("venue", "mtgox", f'"mtgox": choose one of {", ".join(BUILT_IN)}'),
        ("ratio", "half", '"half": write a number, for example 0.5'),
        ("ratio", "50", '"50": write a ratio between 0 and 1; 0.5 hedges half; did you mean 0.5?'),
        ("contracts", "spot", '"spot": choose best, inverse or linear'),
        ("safe_leverage", "-1", '"-1": write a leverage above 0, or none'),
        (
            "margin_account",
            "vault",
            SAME_NAME,
        ),
        ("cold", "", "there is no coin to hedge; name one that you hold, for example 1 BTC"),
    ],
)
def test_an_answer_that_cannot_be_used_is_told(field: str, text: str, message: str) -> None:
    """What was typed, and what to type."""
    with pytest.raises(MandateError) as caught:
        answers_from({field: text})
    assert str(caught.value) == message


def test_nothing_typed_is_nothing_held() -> None:
    """An empty answer is no account and no coin."""
    assert (amounts(""), holdings(" ; ")) == ({}, {})


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ({"name": "a\x1b[31m"}, "control character"),
        ({"margin_account": "a\x9b31m"}, "control character"),
        ({"cold": "vault: 1e16 BTC"}, "1e\\+15 or less"),
        ({"margin": "1e300 BTC"}, "1e\\+15 or less"),
    ],
)
def test_answers_that_make_no_mandate_are_refused(texts: dict[str, str], problem: str) -> None:
    """What reading the file would refuse is not written."""
    with pytest.raises(MandateError, match=problem):
        answers_from(texts)


def test_sums_are_written_to_the_digit() -> None:
    """0.1 and 0.2 are 0.3, wherever the coins are; a share in percent likewise."""
    texts = {"cold": "a: 0.1 BTC; b: 0.2 BTC", "margin": "0.4 BTC", "worry": "lock"}
    text = render_mandate(answers_from(texts, NOW_NS))
    assert "coins = 0.7\n" in text
    assert "BTC = 0.3 " in render_mandate(answers_from({"cold": "0.1 BTC, 0.2 BTC"}))
    assert "ratio = 0.333 " in render_mandate(answers_from({"ratio": "33.3 %"}))
    moved = render_mandate(answers_from({"cold": "1234567.12345678 BTC", "movable": "0.5 BTC"}))
    assert "BTC = 1234566.62345678 " in moved


@pytest.mark.parametrize(
    ("texts", "fields"),
    [
        ({"movable": "5 BTC"}, ("movable",)),
        ({"worry": "date"}, ("event",)),
        ({"worry": "date", "event": "2020-01-01/7d"}, ("event",)),
        ({"worry": "lock", "term": "perpetual"}, ("term",)),
        ({"worry": "production"}, ("production",)),
        ({"cold": "futures: 1 BTC"}, ("cold", "margin_account")),
        ({"margin": "2e15 BTC"}, ("margin",)),
        ({"cold": "2e15 BTC"}, ("cold",)),
        ({"worry": "income", "term": "month"}, ("cold", "venue", "worry", "term", "proxy")),
    ],
)
def test_what_does_not_go_together_names_the_answers_to_mend(
    texts: dict[str, str], fields: tuple[str, ...]
) -> None:
    """So that these alone are asked again."""
    with pytest.raises(AnswerError) as refused:
        answers_from(texts, NOW_NS)
    assert refused.value.fields == fields


@pytest.mark.parametrize(
    ("said", "every"),
    [
        ("3 BTC/month", "month"),
        ("3 BTC/monthly", "month"),
        ("3 BTC / a month", "month"),
        ("3 BTC/quarter", "quarter"),
        ("3 BTC/year", "year"),
        ("3 BTC/week", "7d"),
        ("3 BTC/2 weeks", "14d"),
        ("3 BTC/day", "1d"),
        ("3 BTC", "30d"),
    ],
)
def test_how_often_production_comes(said: str, every: str) -> None:
    """In words, as a mandate has it."""
    made = answers_from({"worry": "production", "production": said})
    assert made.production is not None
    assert made.production.every == every
    (flow,) = parse_mandate(render_mandate(made)).book.flows
    assert flow.repeats


@pytest.mark.parametrize("said", ["3 BTC/1m", "3 BTC/1M", "3 BTC/8h", "3 BTC/60 s", "3 BTC/often"])
def test_production_by_the_minute_is_asked_about(said: str) -> None:
    """A month is meant more often than a minute."""
    with pytest.raises(MandateError, match="month"):
        answers_from({"worry": "production", "production": said})


@pytest.mark.parametrize(
    ("texts", "worry"),
    [
        ({"production": "1 BTC/month", "term": "quarter"}, "production"),
        ({"production": "1 BTC/month", "event": "2099-01-01/7d"}, "production"),
        ({"production": "1 BTC/month", "volatility": "40%"}, "production"),
        ({"production": "1 BTC/month"}, "fall"),
        ({"proxy": "ETH"}, "fall"),
        ({"ratio": "0.5"}, "risk"),
    ],
)
def test_an_answer_that_a_worry_has_no_use_for_is_refused(
    texts: dict[str, str], worry: str
) -> None:
    """It was dropped in silence."""
    with pytest.raises(MandateError, match=f"worry {worry} makes nothing of it"):
        refuse_unused(texts, worry)
