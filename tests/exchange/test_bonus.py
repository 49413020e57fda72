"""A bonus of the venue's: margin while it is there, never owned, gone when coins leave."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.one_step import Venue, venue_of
from tests.factories import (
    account,
    decided,
    delta_of,
    fixed,
    flat_at,
    inverse,
    linear,
    sums_of,
    vault,
    wealth_of,
)
from volsculpt.book.flatten import flatten
from volsculpt.book.group import group_equity
from volsculpt.book.holdings import Account, Book, Position, Sweep
from volsculpt.book.liquidation import BREACHED, DOWN, NEVER, UP, liquidation_factor
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision
from volsculpt.exchange.place import place
from volsculpt.report.rows.plan_warnings import bonus_warnings

PERPETUAL, LINEAR = inverse(), linear()
PRICES = {"BTC": 50_000.0, "USDT": 1.0}
WEIGHTS = {"BTC": 0.9, "USDT": 0.98}
PLAN = CollateralPlan(("vault",), (1.0, 2.0, 2.0, 3.0))

coins = st.floats(0.001, 3.0)
sizes = st.floats(-40_000.0, 40_000.0)
entries = st.floats(30_000.0, 80_000.0)


def held(mode: str, btc: float, usdt: float, sold: float, entry: float, **other: object) -> Account:
    """Coins, an inverse position of so many dollars and a linear one of half as much."""
    positions = (Position(PERPETUAL, sold, entry), Position(LINEAR, sold / 1e5, entry))
    weights = WEIGHTS if mode == "unified" else {}
    balances = {"BTC": btc, "USDT": usdt}
    return account("coinm", balances, positions, mode=mode, collateral_weights=weights, **other)


@given(
    mode=st.sampled_from(["cross", "unified"]),
    btc=st.floats(-0.05, 2.0),
    usdt=st.floats(-1_000.0, 60_000.0),
    sold=sizes,
    entry=entries,
    bonus=st.dictionaries(st.sampled_from(["BTC", "USDT"]), coins, min_size=1),
)
def test_a_bonus_is_margin_and_nothing_else(
    mode: str, btc: float, usdt: float, sold: float, entry: float, bonus: dict[str, float]
) -> None:
    """No exposure and no wealth change; no equity is less, and no liquidation is nearer."""
    bare = held(mode, btc, usdt, sold, entry)
    more = replace(bare, bonus=bonus)
    (flat, quote), (rich, _) = (
        flat_at(Book((vault(BTC=1.0), one)), PRICES) for one in (bare, more)
    )
    assert flat.currencies == rich.currencies
    assert sums_of(flat, flat.state, quote) == sums_of(rich, rich.state, quote)
    gained = 0.0
    for group in range(len(flat.groups)):
        before = group_equity(flat.layout, flat.state, quote, group)
        after = group_equity(rich.layout, rich.state, quote, group)
        by = 1.0 if mode == "unified" else quote.index_usd[flat.layout.group_currency[group]]
        gained += (after - before) * by
        assert after >= before
        for way in (UP, DOWN):
            one = liquidation_factor(flat.layout, flat.state, quote, group, way, -1, 1)
            two = liquidation_factor(rich.layout, rich.state, quote, group, way, -1, 1)
            if one[0] == NEVER:
                assert two[0] == NEVER
            elif one[0] != BREACHED and two[0] != NEVER:
                assert (two[1] - one[1]) * way >= -1e-9 * one[1]
    worth = sum(n * PRICES[name] for name, n in bonus.items())
    least = 0.9 if mode == "unified" else 1.0
    assert least * worth - 1e-6 <= gained <= worth + 1e-6


@pytest.mark.parametrize("said", ["bonus", "not_own_coins"])
def test_a_coin_that_nobody_owns_backs_a_unified_account(said: str) -> None:
    """2 ETH at 3,000 weighed 0.8 are 4,800 USD of margin, and in no exposure."""
    weights = {**WEIGHTS, "ETH": 0.8}
    held = Position(PERPETUAL, -600.0, 50_000.0)
    one = account("coinm", {"BTC": 1.0}, (held,), mode="unified", collateral_weights=weights)
    prices = {**PRICES, "ETH": 3_000.0}
    more = replace(one, **{said: {"ETH": 2.0}})
    if said == "not_own_coins":  # of what the venue states
        more = replace(more, balances={"BTC": 1.0, "ETH": 2.0})
    (bare, quote), (rich, other) = (flat_at(Book((each,)), prices) for each in (one, more))
    gained = group_equity(rich.layout, rich.state, other, 0)
    gained -= group_equity(bare.layout, bare.state, quote, 0)
    assert gained == pytest.approx(4_800.0)
    assert "ETH" in flatten(Book((more,))).currencies
    assert delta_of(rich, rich.state, other, "ETH") == 0.0
    assert wealth_of(rich, rich.state, other) == wealth_of(bare, bare.state, quote)


def carried(bonus: dict[str, float], limits: Limits, **other: object) -> Decision:
    """All of 1.2 BTC hedged from 0.2 BTC of margin."""
    book = Book((vault(BTC=1.0), account("coinm", {"BTC": 0.2}, bonus=bonus, **other)))
    return decided(book, [fixed()], [[("coinm", PERPETUAL, False)]], PRICES, limits)


def test_a_limit_lets_a_bonus_carry_more() -> None:
    """V = 3 (E - 0.0005 V): 0.2 coin carry 29,955 USD, with a bonus of 0.05 coin 37,443."""
    limits = Limits(max_leverage=3.0)
    bare, more = carried({}, limits), carried({"BTC": 0.05}, limits)
    assert [-one.answer.trade[0] for one in (bare, more)] == [29_955.0, 37_443.0]
    assert bare.answer.base == more.answer.base
    assert bare.answer.held == more.answer.held
    idle = carried({"USDT": 5_000.0}, limits)
    assert idle.answer.trade == bare.answer.trade
    (told,) = bonus_warnings(idle)
    assert told == (
        "bonus_idle: the bonus of 5,000 USDT in 'coinm' counts for nothing: no contract settles "
        "in it"
    )


def thin(bonus: dict[str, float]) -> Venue:
    """0.2 coin, short 60,000 USD from 50,000: closed at 59,701 for want of coins."""
    book = Book(
        (
            vault(BTC=1.0),
            account(
                "coinm", {"BTC": 0.2}, (Position(PERPETUAL, -60_000.0, 50_000.0),), bonus=bonus
            ),
        )
    )
    return venue_of(book, {"BTC": 50_000.0}, [50_000.0])


def test_a_liquidation_comes_later_and_takes_the_bonus() -> None:
    """With 0.1 coin of bonus equity is 0.3 - 1.2 + 60,000/P: closed at 59,700/0.9 = 66,333."""
    for bonus, high, closed in (({}, 59_701.0, True), ({"BTC": 0.1}, 66_333.0, False)):
        venue = thin(bonus)
        venue.bar.high_mark[0] = high
        venue.step()
        assert (venue.state.contracts[0] == 0.0) is closed
    venue = thin({"BTC": 0.1})
    venue.bar.high_mark[0] = 66_334.0
    venue.step()
    assert venue.state.contracts[0] == 0.0
    assert not any(venue.state.bonus)
    assert venue.wealth() == pytest.approx(50_000.0)
    assert venue.told() == pytest.approx(50_000.0 - 60_000.0)


def spare(own: float, bonus: float) -> Decision:
    """0.5 BTC short on so many coins, with a plan that gives back what is under 1x, to 2x."""
    short = (Position(PERPETUAL, -25_000.0, 50_000.0),)
    said = {"BTC": bonus} if bonus else {}
    book = Book((vault(BTC=2.0), account("coinm", {"BTC": own}, short, bonus=said)))
    hedge = fixed(ratio=0.5 / (2.0 + own))
    return decided(book, [hedge], [[("coinm", PERPETUAL, False)]], PRICES, plans=[PLAN])


@pytest.mark.parametrize(("own", "bonus"), [(0.4, 0.0), (0.4, 0.5), (0.8, 0.0), (0.8, 0.5)])
def test_coins_are_released_only_if_what_stays_is_safe_without_it(own: float, bonus: float) -> None:
    """0.4 coin and 0.5 of bonus give nothing back; 0.8 give 0.55, with a bonus no more."""
    found = spare(own, bonus)
    assert found.answer.top_up[0] == pytest.approx(-0.55 if own == 0.8 else 0.0)
    lost = ["bonus_lost: the bonus of 0.5 BTC in 'coinm' goes when coins are released from there"]
    assert bonus_warnings(found) == (lost if own == 0.8 and bonus else [])
    assert list(found.work.goal.bonus) == list(found.flat.state.bonus)


def test_a_release_takes_the_bonus() -> None:
    """What is sent out leaves the account without it."""
    found = spare(0.8, 0.5)
    venue = venue_of(found.setup.book, {"BTC": 50_000.0}, [50_000.0])
    quote = venue.prices.closed
    place(venue.at, quote, found.rules, found.answer, 0)
    assert venue.wallet("coinm", "BTC") == pytest.approx(0.25)
    assert not any(venue.state.bonus)


@pytest.mark.parametrize("flow", [0.1, -0.1])
def test_a_withdrawal_takes_the_bonus_and_a_deposit_does_not(flow: float) -> None:
    """Coins that leave the vault take nothing either."""
    venue = thin({"BTC": 0.1})
    venue.bar.flow[venue.wallet_row("vault", "BTC")] = flow
    venue.step()
    assert sum(venue.state.bonus) == 0.1
    venue.bar.flow[venue.wallet_row("coinm", "BTC")] = flow
    venue.step()
    assert sum(venue.state.bonus) == (0.1 if flow > 0.0 else 0.0)


def test_a_sweep_takes_the_bonus() -> None:
    """Funding that is taken out of the account is coins that leave; funding paid is not."""
    short = (Position(PERPETUAL, -30_000.0, 50_000.0),)
    own = account("coinm", {"BTC": 1.0}, short, bonus={"BTC": 0.1})
    book = Book((vault(BTC=1.0), own), sweeps=(Sweep("vault"),))
    for rate, left in ((-0.001, 0.1), (0.001, 0.0)):
        venue = venue_of(book, {"BTC": 50_000.0}, [50_000.0])
        venue.bar.funding[0] = rate
        venue.step()
        assert sum(venue.state.bonus) == left


def test_an_isolated_position_has_no_bonus() -> None:
    """A book that states one for an isolated account counts it nowhere."""
    own = account("coinm", {"BTC": 1.0}, mode="isolated", leverage=2.0, bonus={"BTC": 1.0})
    flat, _ = flat_at(Book((own,)), PRICES, extra=[("coinm", PERPETUAL)])
    assert not any(flat.state.bonus)
