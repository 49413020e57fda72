"""Futures accounts without coins: said by `check` and `init`, with the coins and where they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.mandate.init import answers_from, render_mandate
from volsculpt.mandate.load import parse_mandate
from volsculpt.verbs import plan
from volsculpt.watch.empty_margin import empty_margin, out_of_reach, unable

NOW_NS = 1_704_067_200_000_000_000


def warned(more: str = "", **texts: str) -> list[str]:
    """The warnings of the mandate that answers make, and of what is added to it."""
    return empty_margin(parse_mandate(render_mandate(answers_from(texts)) + more), NOW_NS)


def test_an_empty_account_is_told_its_coins_and_where_they_are() -> None:
    """0.5 BTC sold forward at 3x wants 0.1667 BTC and a fee: the figure of the plan."""
    (text,) = warned()
    assert text.startswith("empty_margin: 'futures' holds no BTC for 0.5 BTC sold forward")
    assert "MOVE about 0.167 BTC TO futures (vault has 1 BTC)" in text


def test_what_is_far_too_little_is_told_what_is_missing() -> None:
    """0.02 BTC for half of 1.02: 0.1503 more make 3x."""
    (text,) = warned(margin="0.02 BTC")
    assert text.startswith("thin_margin: 'futures' holds 0.02 BTC for 0.51 BTC")
    assert "MOVE about 0.1503 BTC" in text


@pytest.mark.parametrize(
    "texts",
    [
        {"margin": "0.2 BTC"},
        {"safe_leverage": "3"},
        {"ratio": "0"},
        {"contracts": "linear", "margin": "5 USDT"},
    ],
)
def test_what_may_do_is_not_warned_of(texts: dict[str, str]) -> None:
    """Coins that carry it, a plan that brings them, nothing to hedge, or prices that must tell."""
    assert warned(**texts) == []


def test_a_plan_without_coins_in_its_sources_brings_nothing() -> None:
    """A collateral plan mends nothing where its source has none of the currency."""
    (text,) = warned(contracts="linear", safe_leverage="2")
    assert "BRING USDT worth about 0.2503 BTC TO futures (no account has any to spare: " in text
    assert "2x leverage" in text


@pytest.mark.parametrize(
    ("most", "end"), [("2", "makes 2x leverage"), ("5", "makes 3x leverage"), ("", "makes 3x")]
)
def test_a_limit_below_the_band_is_what_the_coins_are_for(most: str, end: str) -> None:
    """A plan to 3x beside max_leverage 2 is told 2x, as its plan tells it."""
    dry = '\n[[collateral]]\nsource = ["other"]\n[[account]]\nname = "other"\nkind = "cold"\n'
    limits = f"[limits]\nmax_leverage = {most}\n" if most else ""
    (text,) = warned(dry + "balances = { ETH = 1 }\n" + limits)
    assert end in text


def test_a_position_or_another_coin_of_a_unified_account_may_back_it() -> None:
    """Profit of what is held, and weighed coins, are known with prices alone."""
    position = '[[account.position]]\ncontract = "BTC/USD:BTC"\ncontracts = -9\nentry = 9.0\n'
    text = render_mandate(answers_from({}))
    held = text.replace("balances = {}", "balances = {}\n" + position)
    assert empty_margin(parse_mandate(held), NOW_NS) == []
    coins = (
        'margin_mode = "unified"\nbalances = { ETH = 9 }\n'
        "collateral_weights = { ETH = 0.9, BTC = 0.95 }"
    )
    assert empty_margin(parse_mandate(text.replace("balances = {}", coins)), NOW_NS) == []


def test_a_plan_that_brings_a_unified_account_another_coin_leaves_it_to_prices() -> None:
    """Bitcoin posted for contracts in dollars: where a source has it, nothing is amiss."""
    text = render_mandate(answers_from({"contracts": "linear"}))
    futures = (
        "balances = {}",
        ('margin_mode = "unified"\nbalances = {}\ncollateral_weights = { USDT = 1, BTC = 0.95 }'),
    )
    plan = '\n[[collateral]]\naccount = "futures"\ncurrency = "BTC"\nsource = ["vault"]\n'
    unified = text.replace(*futures)
    assert len(empty_margin(parse_mandate(unified), NOW_NS)) == 1
    assert empty_margin(parse_mandate(unified + plan), NOW_NS) == []
    other = '[[account]]\nname = "other"\nkind = "cold"\nbalances = { ETH = 1 }\n'
    dry = plan.replace("vault", "other")
    assert len(empty_margin(parse_mandate(unified + dry + other), NOW_NS)) == 1


@given(ratio=st.floats(0.2, 1.0), coins=st.floats(1.0, 100.0), price=st.floats(1e3, 1e6))
def test_the_figure_is_that_of_the_plan_at_any_price(
    ratio: float, coins: float, price: float
) -> None:
    """An inverse hedge needs the same coins at every price: `check` says what `plan` will say."""
    answers = {"ratio": f"{ratio}", "cold": f"vault: {coins} BTC"}
    mandate = parse_mandate(render_mandate(answers_from(answers)))
    (text,) = empty_margin(mandate, NOW_NS)
    (row,) = plan(mandate, time_ns=NOW_NS, prices={"BTC": price}).next_steps
    told = float(text.partition("MOVE about ")[2].partition(" BTC")[0].replace(",", ""))
    assert told == pytest.approx(row.coins, rel=1e-2)


def test_a_contract_without_a_margin_rule_is_told_before_any_plan() -> None:
    """The catalog lacks the maintenance margin of okx:BTC/USD:BTC: no plan could size it."""
    texts = {"venue": "okx", "margin": "0.2 BTC"}
    said = render_mandate(answers_from(texts)) + 'use = "inverse perpetual"\n'
    (text,) = unable(parse_mandate(said), NOW_NS)
    assert text.startswith("unknown_margin: no plan can size okx:BTC/USD:BTC")
    assert "volsculpt contracts find BTC" in text


@pytest.mark.parametrize(
    ("leverage", "limit", "coins"),
    [("2", "", "0.2503"), ("5", "4", "0.1253"), ("1", "3", "0.5003")],
)
def test_an_isolated_account_is_told_what_its_own_leverage_posts(
    leverage: str, limit: str, coins: str
) -> None:
    """0.5 BTC at 2x posts 0.25 BTC, whatever leverage would be safe; a fee comes to it."""
    text = render_mandate(answers_from({})).replace(
        'venue = "bybit"', f'venue = "bybit"\nmargin_mode = "isolated"\nleverage = {leverage}'
    )
    more = f"\n[limits]\nmax_leverage = {limit}\n" if limit else ""
    (warning,) = empty_margin(parse_mandate(text + more), NOW_NS)
    assert f"MOVE about {coins} BTC TO futures" in warning


@pytest.mark.parametrize(
    ("limit", "hedged"),
    [
        ("max_leverage = 0.1", "0.1 BTC"),
        ("max_leverage = 0.499", "0.499 BTC"),
        ("max_leverage = 0.501", None),
        ("max_leverage = 4", None),
        ("min_liquidation_distance = 3", None),
        ("min_ratio = 0", None),
    ],
)
def test_a_limit_that_takes_more_coins_than_there_are_is_told(
    limit: str, hedged: str | None
) -> None:
    """Half of 1 BTC at 0.1x is 5 BTC of margin: `check` and the plan say how much can be hedged."""
    mandate = parse_mandate(render_mandate(answers_from({})) + f"[limits]\n{limit}\n")
    found = out_of_reach(mandate, NOW_NS)
    assert [f"no more than {hedged} can be hedged" in text for text in found] == [True] * len(found)
    assert len(found) == (hedged is not None)
    assert set(found) <= {*unable(mandate, NOW_NS)}
    assert set(found) <= {*plan(mandate, prices={"BTC": 60_000.0}).warnings}


def test_only_what_a_plan_may_move_counts() -> None:
    """Coins in no source of the plan bring nothing; prices alone tell of a linear hedge."""
    text = render_mandate(answers_from({"cold": "vault: 1 BTC; far: 3 BTC", "safe_leverage": "3"}))
    text = text.replace('source = ["vault", "far"]', 'source = ["vault"]')
    limits = "[limits]\nmax_ratio = 2\nmin_liquidation_distance = 3\n"
    (found,) = out_of_reach(parse_mandate(text + limits), NOW_NS)
    assert found.startswith("out_of_reach: min_liquidation_distance 3 of [limits] asks for 1.5 BTC")
    assert "futures and vault hold 1 BTC: no more than 1.333" in found
    linear = render_mandate(answers_from({"contracts": "linear"}))
    assert out_of_reach(parse_mandate(linear + "[limits]\nmax_leverage = 0.1\n"), NOW_NS) == []


@pytest.mark.parametrize(
    ("kept", "told"),
    [("ETH = 1.3", "to MOVE there, if any (vault has 1.3 ETH)"), ("BTC = 1", "to BRING there, if")],
)
def test_a_share_of_wealth_leaves_the_amount_to_prices(kept: str, told: str) -> None:
    """Of two coins a plan may sell one alone: MOVE ETH was told without an amount, as if needed."""
    text = f"""version = 1
[[account]]
name = "vault"
kind = "cold"
balances = {{ {kept} }}
[[account]]
name = "futures"
kind = "margin"
venue = "binance"
[[hedge]]
underlying = "ETH"
policy = "vol-target"
volatility = 0.2
base = "wealth"
"""
    (line,) = empty_margin(parse_mandate(text), NOW_NS)
    assert line.startswith(
        "empty_margin: 'futures' holds no ETH, so nothing can be sold there yet: "
    )
    assert f"a plan with prices tells how much ETH {told}" in line
    assert "3x" not in line
