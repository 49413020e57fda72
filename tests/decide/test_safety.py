"""What an owner would lose coins by: promised twice, released too far, hedged by the dead."""

from dataclasses import replace

import pytest

from tests.factories import CHRISTMAS_2024_NS, account, dated, decided, fixed, inverse, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.quoting import unused_warnings
from volsculpt.decide.step import Decision
from volsculpt.decide.words import reasons
from volsculpt.errors import PolicyError, PriceError
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.spec import Hedge, Proxy
from volsculpt.market.quotes import Quotes

BTC = inverse()
PLAN = CollateralPlan(("vault",))
PRICES = {"BTC": 60_000.0}


def short(name: str, coins: float, contracts: float) -> object:
    """A margin account with a short opened at 60,000."""
    return account(name, {"BTC": coins}, (Position(BTC, contracts, 60_000.0),))


def hedged(book: Book, hedge: Hedge, *names: str, limits: Limits | None = None) -> Decision:
    """One decision on BTC in these accounts, with a collateral plan from the vault."""
    legs = tuple((name, BTC, False) for name in names)
    return decided(book, (hedge,), (legs,), PRICES, limits=limits or Limits(), plans=(PLAN,))


def test_source_coins_are_promised_once() -> None:
    """Two groups that both lack coins share the vault, and the rest is missed aloud."""
    cold = vault("ledger", BTC=1.7)
    book = Book((vault(BTC=0.1), cold, short("a", 0.1, -60_000), short("b", 0.1, -60_000)))
    hedge = fixed("BTC", 1.0, base="coins", coins=2.0)
    decision = hedged(book, hedge, "a", "b")
    assert sum(decision.answer.top_up) == pytest.approx(0.1)
    assert sum(decision.answer.lacking) > 0.3


def test_a_plan_without_enough_coins_says_so() -> None:
    """A thin account whose sources run short asks for all they hold, and names the rest."""
    book = Book((vault(BTC=0.05), vault("ledger", BTC=0.8), short("a", 0.1667, -60_000)))
    decision = hedged(book, fixed("BTC", 1.0, base="coins", coins=1.0), "a")
    assert decision.answer.top_up[0] == pytest.approx(0.05)
    assert decision.answer.lacking[0] == pytest.approx(1.0 / 3.0 - 0.1667 - 0.05, abs=0.01)


def test_an_order_waits_for_its_coins() -> None:
    """Without max_leverage, what is sold now stays within the last leverage of the band."""
    book = Book((vault(BTC=5.0), account("a", {"BTC": 0.05})))
    decision = hedged(book, fixed("BTC", 1.0), "a")
    most = 4.0 * 0.05 / (1.0 + 4.0 * 0.0005)  # its fee comes out of the same coins
    assert decision.answer.trade[0] == pytest.approx(-60_000 * most, abs=1.0)
    assert decision.answer.top_up[0] == pytest.approx(5.05 / 3.0 - 0.05 + 5.05 * 0.0005, abs=1e-6)


def test_a_release_keeps_within_max_leverage() -> None:
    """Coins are not released only to be missed by the next decision."""
    book = Book((vault(BTC=1.0), short("a", 1.2, -48_000)))
    decision = hedged(book, fixed("BTC", 0.8 / 2.2), "a", limits=Limits(max_leverage=1.0))
    left = 1.2 + decision.answer.top_up[0]
    assert decision.answer.top_up[0] < 0.0
    assert 48_000 / 60_000 / left <= 1.0


def test_an_expired_contract_is_no_hedge() -> None:
    """A position past its expiry blocks its hedge: nothing is sold, bought or called right."""
    held = Position(dated(), -60_000, 60_000.0)
    book = Book((vault(BTC=1.0), account("a", {"BTC": 1.0}, (held,))))
    legs = (("a", BTC, False),)
    decision = decided(book, (fixed("BTC", 0.9),), (legs,), PRICES, time_ns=CHRISTMAS_2024_NS + 1)
    assert not any(decision.answer.trade)
    assert any("unknown" in line for line in reasons(decision, 0))


def asking(answer: object) -> Hedge:
    """A hedge whose policy gives this answer."""
    policy = CallablePolicy(lambda time_ns, features, book, memory: (answer, memory), None, "mine")
    return replace(fixed("BTC"), policy=policy)


def test_a_policy_without_an_answer_keeps_what_is_held() -> None:
    """No ratio is no trade, even beside a proxied hedge that would close."""
    book = Book((vault(BTC=1.0, ETH=40.0), short("a", 0.5, -50_000)))
    legs = (("a", BTC, False),)
    hedges = (asking(Aim()), fixed("ETH", 0.0, proxies=(Proxy("BTC", 1.2),)))
    decision = decided(book, hedges, (legs, legs), PRICES | {"ETH": 3_000.0})
    assert not any(decision.answer.trade)


@pytest.mark.parametrize(
    "answer",
    ["0.5", float("nan"), 10**400, Aim(0.5, beta=float("nan")), Aim(0.5, band={"a": 1})],  # type: ignore[arg-type]
)
def test_a_policy_that_answers_nonsense_is_named(answer: object) -> None:
    """Whatever is no finite number is refused with the policy's name."""
    book = Book((vault(BTC=1.0), account("a", {"BTC": 0.5})))
    with pytest.raises(PolicyError, match="mine"):
        decided(book, (asking(answer),), ((("a", BTC, False),),), PRICES)


def test_a_policy_that_leaves_is_an_error() -> None:
    """A policy that calls sys.exit does not end the program in silence."""

    def leave(*_: object) -> tuple[object, object]:
        raise SystemExit(0)

    hedge = replace(fixed("BTC"), policy=CallablePolicy(leave, None, "mine"))
    book = Book((vault(BTC=1.0), account("a", {"BTC": 0.5})))
    with pytest.raises(PolicyError, match="SystemExit"):
        decided(book, (hedge,), ((("a", BTC, False),),), PRICES)


def test_the_dollar_has_no_other_price() -> None:
    """USD at 2 would halve every contract; it is refused."""
    book = Book((vault(BTC=1.0), account("a", {"BTC": 0.5})))
    with pytest.raises(PriceError, match="USD"):
        decided(book, (fixed("BTC"),), ((("a", BTC, False),),), PRICES | {"USD": 2.0})


def test_a_price_of_nothing_is_told() -> None:
    """A mistyped name gets the nearest one; a known name gets no warning."""
    book = Book((vault(BTC=1.0), account("a", {"BTC": 0.5})))
    flat = decided(book, (fixed("BTC"),), ((("a", BTC, False),),), PRICES).flat
    assert "BTC?" in unused_warnings(flat, Quotes(0, {"BCT": 1.0}))[0]
    assert unused_warnings(flat, Quotes(0, PRICES)) == []
