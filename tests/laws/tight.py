"""Books whose hedge is far larger than their margin accounts can carry: every limit binds."""

from hypothesis import strategies as st

from tests.factories import account, inverse, linear, vault
from tests.laws.strategies import Case, Draw, bands, logarithmic, margins
from volsculpt.book.holdings import Account, Book, Position, WorkingOrder
from volsculpt.contracts.spec import Contract
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Setup
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.spec import Hedge
from volsculpt.market.quotes import Quotes

PRICE = 60_000.0


@st.composite
def small_accounts(draw: Draw, name: str, pair: tuple[Contract, ...]) -> Account:
    """A margin account worth some thousands, perhaps with shorts up to twice its worth."""
    usd = draw(logarithmic(1e3, 1e6))
    lines = []
    for contract in pair:
        if draw(st.booleans()):
            each = contract.multiplier * (1.0 if contract.payoff == "inverse" else PRICE)
            lots = max(1, round(usd * draw(st.floats(0.1, 2.0)) / each / contract.lot))
            lines.append(Position(contract, -lots * contract.lot, PRICE))
    working: tuple[WorkingOrder, ...] = ()
    if draw(st.integers(0, 2)) == 0:
        working = (WorkingOrder("a1", pair[0], -pair[0].lot, "acked"),)
    mode = draw(st.sampled_from(["cross", "unified"]))
    balances = {"BTC": usd / PRICE, "USDT": usd}
    return account(name, balances, lines, mode=mode, orders=working)


@st.composite
def tight_cases(draw: Draw) -> Case:
    """A large vault, a high ratio, limits always; some legs to retire, some orders working."""
    pair = (
        inverse(multiplier=draw(st.sampled_from([1.0, 100.0])), margin=draw(margins())),
        linear(margin=draw(margins())),
    )
    accounts = [draw(small_accounts(name, pair)) for name in ("one", "two")]
    pairs = [(name, contract) for name in ("one", "two") for contract in pair]
    chosen = draw(st.permutations(pairs))[: draw(st.integers(1, 4))]
    legs = tuple((where, contract, draw(st.integers(0, 2)) == 0) for where, contract in chosen)
    limits = Limits(
        max_leverage=draw(st.floats(0.5, 5.0)),
        min_liquidation_distance=draw(st.floats(0.1, 0.6)),
        max_order_usd=draw(st.one_of(st.none(), logarithmic(1e3, 1e6))),
    )
    coins = draw(logarithmic(0.01, 1e3))
    hedge = Hedge("BTC", FixedPolicy(draw(st.floats(0.3, 1.0))), band=draw(bands()))
    book = Book((vault(BTC=coins), *accounts))
    return Case(Setup(book, (hedge,), (legs,), limits=limits), Quotes(0, {"BTC": PRICE}))
