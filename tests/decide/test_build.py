"""Rules as rows: which legs a pool uses first, and what stands where nothing is planned."""

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, decided, fixed, inverse, vault
from volsculpt.book.flatten import GroupLabel
from volsculpt.book.holdings import Book
from volsculpt.decide.build import plan_of, plans_by_account
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.hedge.spec import Proxy

PRICES = {"BTC": 60_000.0, "SOL": 150.0}


def test_the_own_hedge_of_a_coin_says_which_leg_comes_first() -> None:
    """SOL stands first in the file and uses account two: the pool of BTC begins with one."""
    book = Book((vault(BTC=1.0, SOL=300.0), account("one", {"BTC": 1.0}), account("two")))
    hedges = (fixed("SOL", proxies=(Proxy("BTC", 0.6),)), fixed())
    legs = [[("two", inverse(), False)], [("one", inverse(), False)]]
    decision = decided(book, hedges, legs, PRICES)
    used = [decision.flat.legs[leg][0] for leg in decision.rules.use_leg]
    assert used == ["one", "two"]


def test_where_no_coins_may_move_no_leverage_is_aimed_at() -> None:
    """Of two accounts one has a plan, its band as stated; the other has none."""
    accounts = (account("one", {"BTC": 1.0}), account("two", {"BTC": 1.0}))
    book = Book((vault(BTC=1.0), *accounts))
    legs = [[(name, inverse(), False) for name in ("one", "two")]]
    plan = CollateralPlan(("vault",), (1.0, 2.0, 3.0, 4.0), account="two", cost=0.001)
    rules = decided(book, [fixed()], legs, {"BTC": 60_000.0}, Limits(), (plan,)).rules
    band = (rules.band_first, rules.band_second, rules.band_third, rules.band_last)
    rows = zip(rules.planned, *band, rules.transfer_cost, rules.min_transfer, strict=True)
    one, two = (row for row in rows)
    assert one == (0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert two == (1, 1.0, 2.0, 3.0, 4.0, 0.001, 0.02)


def test_what_moves_to_an_account_of_one_coin_is_that_coin() -> None:
    """Whatever the plan names: an inverse position is backed by its own coin alone."""
    book = Book((vault(BTC=1.0, USDT=9e4), account("one", {"BTC": 1.0})))
    plan = CollateralPlan(("vault",), (1.0, 2.0, 3.0, 4.0), currency="USDT")
    legs = [[("one", inverse(), False)]]
    prices = PRICES | {"USDT": 1.0}
    decision = decided(book, [fixed()], legs, prices, Limits(), (plan,))
    assert decision.rules.move_currency == [decision.flat.currency("BTC")]


NAMED = st.sampled_from([None, "one", "two"])
PLANS = st.lists(
    st.builds(
        CollateralPlan,
        st.just(("vault",)),
        account=NAMED,
        currency=st.sampled_from([None, "BTC", "ETH"]),
    ),
    max_size=6,
)


@given(PLANS, st.sampled_from(["one", "two", "three"]), st.sampled_from(["BTC", "ETH"]))
def test_plans_looked_up_by_account_are_those_that_all_plans_hold(
    plans: list[CollateralPlan], name: str, coin: str
) -> None:
    """The first that fits a group is the same one, whether all are read or those of its account."""
    label = GroupLabel(name, coin, coin)
    assert plan_of(label, plans_by_account(plans)(name)) is plan_of(label, plans)
