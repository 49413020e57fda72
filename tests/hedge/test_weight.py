"""The policy weight: what is left moves as the share of wealth that was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, decided, inverse, trades, vault
from tests.hedge.a_market import a_mandate
from volsculpt.book.holdings import Book
from volsculpt.errors import MandateError
from volsculpt.hedge.answer import Band
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policies.weight import WeightPolicy, share_of
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.hedge.spec import Hedge
from volsculpt.mandate.load import parse_mandate

AT_ONCE = Band(0.0, 0.0, 0.0, 0.0)
PRICE = 50_000.0


def sold_usd(policy: object, coins: float, cash_usd: float) -> float:
    """US dollars that one decision sells of a book of coins and dollars."""
    contract = inverse(multiplier=1.0)
    book = Book((vault(BTC=coins, USD=cash_usd), account("coinm", {"BTC": 1.0})))
    hedge = Hedge("BTC", policy, base="wealth", band=AT_ONCE)  # type: ignore[arg-type]
    decision = decided(book, [hedge], [[("coinm", contract, False)]], {"BTC": PRICE})
    return -trades(decision).get(contract.key, 0.0)


@given(st.floats(0.0, 20.0), st.floats(0.0, 1e6), st.floats(0.05, 1.0))
def test_what_is_left_is_the_share(coins: float, cash_usd: float, weight: float) -> None:
    """To a contract of a dollar; nothing is sold of a coin that is below its share."""
    owned_usd = (coins + 1.0) * PRICE
    above = owned_usd - weight * (owned_usd + cash_usd)
    assert sold_usd(WeightPolicy(weight), coins, cash_usd) == pytest.approx(max(above, 0.0), abs=2)


@given(st.floats(0.0, 20.0), st.floats(0.0, 1e6), st.floats(0.05, 0.95))
def test_it_is_a_fixed_share_of_wealth(coins: float, cash_usd: float, weight: float) -> None:
    """As the page says: fixed, with the rest as its ratio, by wealth."""
    same = sold_usd(FixedPolicy(1.0 - weight), coins, cash_usd)
    assert sold_usd(WeightPolicy(weight), coins, cash_usd) == same


def test_worked_numbers() -> None:
    """That of the page: 72,000 of 100,000, then a quarter lower."""
    assert share_of(72_000.0, 100_000.0) == 0.72
    assert share_of(1.0, 0.0) is None
    assert sold_usd(WeightPolicy(0.4), 0.44, 28_000.0) == 32_000.0


@pytest.mark.parametrize(
    ("wealth", "said"),
    [
        (100.0, "BTC is 72 % of your wealth and 40 % is wanted: 32 % of wealth is hedged"),
        (240.0, "BTC is 30 % of your wealth, no more than the 40 % that is wanted: there is"),
    ],
)
def test_it_tells_what_the_coin_is(wealth: float, said: str) -> None:
    """And the ratio is the same whatever it is."""
    book = HedgeSummary("BTC", 1.0, 72.0, 72.0, wealth, 0.0, wealth)
    aim, memory = WeightPolicy(0.4).step(None, PolicyInput(0, Features(0), book))
    assert aim.ratio == 0.6
    assert memory is None
    assert aim.reasons[0].startswith(said)
    held = WeightPolicy(0.4).held(None)
    assert held is not None
    assert held[0].ratio == aim.ratio


def test_shares_that_are_more_than_all_are_told() -> None:
    """Two of 60 % are; two of 40 % are not."""
    assert WeightPolicy.together({"BTC": WeightPolicy(0.4), "ETH": WeightPolicy(0.4)}) == []
    (line,) = WeightPolicy.together({"BTC": WeightPolicy(0.6), "ETH": WeightPolicy(0.6)})
    assert "they add up to 120 % of your wealth" in line


def test_a_mandate_asks_for_it() -> None:
    """By wealth; a percentage is refused."""
    found = parse_mandate(a_mandate('policy = "weight"\nweight = 0.4'))
    assert found.hedges[0].policy == WeightPolicy(0.4)
    assert found.hedges[0].base == "wealth"
    with pytest.raises(MandateError) as caught:
        parse_mandate(a_mandate('policy = "weight"\nweight = 40'))
    assert any("40 % is weight = 0.4" in line for line in caught.value.problems)
