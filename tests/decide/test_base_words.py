"""What a ratio is a share of, in words: how often it trades, and what counts as hedged."""

import pytest

from tests.factories import account, fixed, inverse, linear, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.spec import Contract
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Decision, Setup, decide
from volsculpt.decide.words import base_words, reasons, trades_as_price_moves
from volsculpt.hedge.policy import BaseKind
from volsculpt.hedge.spec import Proxy
from volsculpt.market.quotes import Quotes

PRICE = 60_000.0
ANY = Limits(max_ratio=2.0)
SIZE = {"inverse": PRICE, "linear": 1.0}  # contracts for one coin


def held(contract: Contract, ratio: float, price: float, base: BaseKind = "equity") -> Decision:
    """Of 2 BTC a share sold at PRICE, at another price now."""
    size = SIZE[contract.payoff] * 2.0 * ratio
    lines = (Position(contract, -size, PRICE),) if size else ()
    book = Book((vault(BTC=1.0), account("f", {"BTC": 1.0, "USDT": 0.0}, lines)))
    setup = Setup(book, (fixed("BTC", ratio, base=base),), ((("f", contract, False),),), limits=ANY)
    return decide(setup, Quotes(0, {"BTC": price, "USDT": 1.0}, {}), 0)


@pytest.mark.parametrize("contract", [inverse(), linear("BTC")])
@pytest.mark.parametrize("ratio", [0.0, 0.25, 0.5, 0.9, 1.0, 1.5])
def test_it_trades_as_price_moves_where_the_formula_says(contract: Contract, ratio: float) -> None:
    """The held ratio moves by -r (1 - r) of a small move, and so not at all at 0 and 100 %."""
    move = 1e-4
    now = held(contract, ratio, PRICE * (1.0 + move)).answer.held[0]
    drift = (now - ratio) / move
    assert drift == pytest.approx(-ratio * (1.0 - ratio), abs=2e-3)
    far = held(contract, ratio, PRICE * 3.0).answer.held[0]
    told = trades_as_price_moves(fixed("BTC", ratio), ratio)
    assert told == (abs(far - ratio) > 1e-9)
    said = " ".join(reasons(held(contract, ratio, PRICE), 0))
    assert ("trades as price moves; base = 'coins' would not" in said) == told


def test_what_others_carry_trades_whatever_the_base() -> None:
    """Coins move apart from those that carry them: 'coins' would trade too, and is not offered."""
    hedge = fixed("SOL", 1.0, proxies=(Proxy("BTC", 1.2),))
    assert base_words(hedge, 1.0) == "keeps 100 % of what you own hedged; trades as price moves"


def test_of_wealth_the_words_do_not_say_hedged_where_nothing_is_sold() -> None:
    """What is held in dollars counts: three quarters are out of the coin without a contract."""
    book = Book((vault(BTC=1.0, USD=180_000.0), account("f", {"BTC": 0.0})))
    hedge = fixed("BTC", 0.75, base="wealth")
    setup = Setup(book, (hedge,), ((("f", inverse(), False),),))
    said = reasons(decide(setup, Quotes(0, {"BTC": PRICE}, {}), 0), 0)
    assert said[1] == (
        "keeps 75 % of your whole wealth out of BTC: what you hold in dollars or other coins "
        "counts, contracts sell the rest; trades as price and wealth move"
    )
    assert said[2].startswith("75 % of wealth is out of it now, 75 % is the target")
    assert not any("hedged" in one for one in said)
    assert "trades" not in base_words(fixed("BTC", 1.0, base="wealth"), 1.0)
