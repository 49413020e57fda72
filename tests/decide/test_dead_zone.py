"""A limit's dead zone holds on both sides of a target: what no order is sent for is not cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, decided, filled, fixed, inverse, linear, trades, vault
from volsculpt.book.group import group_equity, group_gross
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Decision
from volsculpt.hedge.answer import Band

BTC = inverse()
BAND, NONE = Band(0.02, 0.0, 0.02, 0.0), Band(0.0, 0.0, 0.0, 0.0)
PRICES = {"BTC": 60_000.0, "USDT": 1.0}
MODES = ["cross", "isolated", "unified"]
TWICE, FAR = Limits(max_leverage=2.0), Limits(min_liquidation_distance=0.96)


def short(contracts: float, coins: float, mode: str = "cross", name: str = "fut") -> Account:
    """An account whose coins all stand behind an inverse short from 60,000."""
    posted = coins if mode == "isolated" else None
    held = (Position(BTC, -contracts, 60_000.0, margin=posted),)
    return account(name, {"BTC": coins}, held, mode=mode)


def one(
    own: Account, limits: Limits, coins: float = 1.0, band: Band = BAND, lot: float = 1.0
) -> Decision:
    """A decision to hedge so many coins, those of the account among them.

    Args: own: the margin account; limits: the owner's; coins: BTC; band: of the hedge; lot: of the
    contract.
    """
    book = Book((vault(BTC=coins - own.balances["BTC"]), own))
    contract = inverse(lot=lot)
    return decided(book, [fixed(band=band)], [[(own.name, contract, False)]], PRICES, limits)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("limits", [TWICE, FAR])
@pytest.mark.parametrize("contracts", [59_999.0, 60_000.0, 60_001.0, 61_100.0])
def test_within_its_band_a_hedge_in_a_dead_zone_is_left(
    contracts: float, limits: Limits, mode: str
) -> None:
    """1 BTC on 0.48 at 2.083x of 2.1x, at 91.3 % of 91.2 %: a hair over is as a hair under."""
    decision = one(short(contracts, 0.48 * contracts / 60_000.0, mode), limits)
    assert trades(decision) == {}
    assert decision.answer.can[0] == pytest.approx(-min(1.0, contracts / 60_000.0))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("limits", [TWICE, FAR])
def test_past_its_dead_zone_it_is_cut_all_the_same(limits: Limits, mode: str) -> None:
    """1.00002 BTC on 0.46: 2.17x, and 84 %."""
    assert trades(one(short(60_001.0, 0.46, mode), limits))[BTC.key] > 2_000.0


def test_what_its_band_buys_back_ends_within_the_limit() -> None:
    """3 % over: the band trades, so the group is left at 2x and not at 2.08x."""
    decision = one(short(61_800.0, 0.49), TWICE)
    flat, quote, state = decision.flat, decision.quoted.quote, filled(decision)
    gross = group_gross(flat.layout, state, quote, 0)
    assert trades(decision)[BTC.key] > 1_800.0
    assert 1.999 < gross / group_equity(flat.layout, state, quote, 0) <= 2.0 + 1e-9


def test_in_a_dead_zone_nothing_grows() -> None:
    """3 % under: no room, and nothing to buy."""
    assert trades(one(short(58_200.0, 0.47), TWICE)) == {}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("over", "bought"), [(-60.0, 0), (0.0, 0), (60.0, 0), (160.0, 1)])
def test_without_a_band_a_part_of_a_lot_is_no_reduction(
    over: float, bought: int, mode: str
) -> None:
    """60 dollars over in lots of 100: none is bought, so nothing is cut; 160 over some is."""
    own = account(
        "fut",
        {"BTC": 0.48},
        (Position(inverse(lot=100.0), -60_000.0, 60_000.0, margin=0.48),)
        if mode == "isolated"
        else (Position(inverse(lot=100.0), -60_000.0, 60_000.0),),
        mode=mode,
    )
    decision = one(own, TWICE, 1.0 - over / 60_000.0, NONE, 100.0)
    assert (trades(decision) != {}) == bool(bought)


def test_a_cut_elsewhere_takes_no_other_group_out_of_its_dead_zone() -> None:
    """0.05 BTC at 2.2x is cut to 2x; 0.965 at 2.08x beside it, together 1.5 % over, is not."""
    first, second = short(57_900.0, 0.463, name="one"), short(3_000.0, 0.0227, name="two")
    book = Book((vault(BTC=1.0 - 0.463 - 0.0227), first, second))
    legs = [[("two", BTC, False), ("one", BTC, False)]]
    answer = decided(book, [fixed(band=BAND)], legs, PRICES, TWICE).answer
    sent = sorted(answer.trade)
    assert sent[0] == 0.0
    assert 270.0 < sent[1] < 285.0


@given(
    most=st.floats(1.2, 8.0),
    past=st.one_of(st.floats(0.001, 0.0499), st.floats(0.04, 0.0499)),
    off=st.floats(-0.019, 0.0199),
    split=st.floats(0.02, 0.98),
    mode=st.sampled_from([*MODES, "linear"]),
)
def test_no_group_in_a_dead_zone_is_cut_within_its_band(
    most: float, past: float, off: float, split: float, mode: str
) -> None:
    """Two accounts between a limit and its edge, together anywhere in the band: nothing is sent."""
    leverage, size = most * (1.0 + past), 5.0 * (1.0 + off)
    contract, each, coin = (linear(), 1.0, "USDT") if mode == "linear" else (BTC, 6e4, "BTC")
    accounts, inside = [], 0.0
    for name, part in (("one", split), ("two", 1.0 - split)):
        count = round(part * size * each, 3 if mode == "linear" else 0)
        posted = count / each / leverage
        margin = posted if mode == "isolated" else None
        inside += 0.0 if mode == "linear" else posted
        held = (Position(contract, -count, 60_000.0, margin=margin),)
        coins = {coin: posted * (60_000.0 if mode == "linear" else 1.0)}
        how = "cross" if mode == "linear" else mode
        accounts.append(account(name, coins, held, mode=how))
    legs = [[(own.name, contract, False) for own in accounts]]
    book, limits = Book((vault(BTC=5.0 - inside), *accounts)), Limits(max_leverage=most)
    assert trades(decided(book, [fixed(band=BAND)], legs, PRICES, limits)) == {}
