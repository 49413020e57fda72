"""A hedge in one line whose coins are lacking, or whose orders are too small or too large."""

import dataclasses
from typing import Any

import pytest

from tests.report.hedges import hedged, text_of
from volsculpt.report.pages.hedge import end_lines


def test_coins_that_nobody_has_are_brought_and_counted_as_there() -> None:
    """10 SOL are 1,500: a third of that in USDT; what is owned is the coins alone."""
    found = hedged("10 SOL 0.2 BTC", {"venue": "binance"}).rows
    bring, move, *sold, _ = found.steps
    assert (bring.action, bring.coins) == ("bring", {"USDT": pytest.approx(500.8)})
    assert (move.action, set(move.coins)) == ("move", {"BTC"})
    assert {one.symbol: one.contracts for one in sold} == {"SOLUSDT": 10.0, "BTCUSD_PERP": 120.0}
    assert found.owned_usd == pytest.approx(13_500.0)
    assert found.moves[2].unhedged_usd == pytest.approx(13_500.0)
    assert found.unhedged_loss_usd == pytest.approx(2_700.0)
    assert found.hedged_loss_usd == pytest.approx(0.8 * 12_000 * 0.0005 + 1_500 * 0.0005)
    sol = next(row for row in found.ends if row.coins == ["SOL"])
    assert sol.add_price == pytest.approx(160.0)  # a fifteenth: 4 times
    assert (sol.add_currency, sol.add_coin) == ("USDT", pytest.approx(1_500 * 4 / 45, rel=1e-3))


def test_coins_that_are_there_in_part_are_moved_and_the_rest_is_brought() -> None:
    """300 of the 500 USDT are in the wallet."""
    found = hedged("10 SOL 300 USDT", {"venue": "binance"}).rows
    bring, move = found.steps[:2]
    assert bring.coins == {"USDT": pytest.approx(200.8)}
    assert move.coins == {"USDT": pytest.approx(300.0, abs=0.2)}
    assert found.owned_usd == pytest.approx(1_800.0)


@pytest.mark.parametrize(
    ("coins", "how", "sold", "money", "contracts"),
    [
        ("1 BTC", {"venue": "okx"}, {"BTC": 0.2504}, 15_020.0, {"BTC-USDT-SWAP": 74.96}),
        ("1 SOL", {"venue": "binance"}, {"SOL": 0.2504}, 37.56, {"SOLUSDT": 0.74}),
        (
            "1 BTC",
            {"venue": "okx", "ratio": 0.5},
            {"BTC": 0.1252},
            7_508.0,
            {"BTC-USDT-SWAP": 37.48},
        ),
        ("10 SOL 300 USDT", {"venue": "binance"}, {"SOL": 1.002}, 150.2, {"SOLUSDT": 8.99}),
        ("10 SOL 0.2 BTC", {"venue": "binance"}, {"SOL": 2.501}, 375.1, {"SOLUSDT": 7.49}),
    ],
)
def test_coins_sold_for_the_margin_leave_fewer_contracts(
    coins: str,
    how: dict[str, Any],
    sold: dict[str, float],
    money: float,
    contracts: dict[str, float],
) -> None:
    """A quarter sold at 3x carries the rest, and the fall costs about what it did."""
    found = hedged(coins, how)
    sale = found.rows.sale
    assert sale is not None
    assert sale.coins == pytest.approx(sold, rel=1e-3)
    assert sale.brings == {"USDT": pytest.approx(money, rel=1e-3)}
    assert sale.contracts == pytest.approx(contracts, rel=1e-3)
    assert abs(sale.hedged_loss_usd - found.rows.hedged_loss_usd) < 0.02 * found.rows.owned_usd
    text = text_of(found)
    assert "sell coins for it or deposit it" not in text
    assert "USDT to futures" in text
    ((symbol, size),) = contracts.items()
    assert f"bring that and SELL only {size} contracts of {symbol}" in text


def test_a_sale_never_leaves_more_short_than_is_owned() -> None:
    """What is sold and what is short are the coin together, to less than a contract."""
    sale = hedged("1 BTC", {"venue": "okx"}).rows.sale
    assert sale is not None
    assert sale.contracts["BTC-USDT-SWAP"] * 0.01 + sale.coins["BTC"] == pytest.approx(
        1.0, abs=1e-4
    )
    assert sale.contracts["BTC-USDT-SWAP"] * 0.01 + sale.coins["BTC"] <= 1.0


@pytest.mark.parametrize(
    ("coins", "how"), [("0.2 BTC", {}), ("10 SOL 600 USDT", {"venue": "binance"})]
)
def test_nothing_is_sold_where_nothing_is_lacking(coins: str, how: dict[str, Any]) -> None:
    """Coins that are there are moved."""
    found = hedged(coins, how)
    assert found.rows.sale is None
    assert "Or sell" not in text_of(found)


def test_a_sale_that_leaves_more_risk_is_not_told() -> None:
    """A million SOL: the money it brings does not carry what is left, beside whatever else."""
    assert hedged("1e6 SOL 1e6 BTC", {"venue": "binance"}).rows.sale is None
    found = hedged("1e6 SOL", {"venue": "binance"})
    assert found.rows.sale is None
    assert "USDT to futures (binance): deposit it" in text_of(found)


def test_coins_on_one_margin_end_together() -> None:
    """At OKX both stand on USDT: one end, of the price of the larger.

    Coins are wanted where all that moves makes it 4x: 15,900 k is 4 (5,300 - 15,900 (k - 1)).
    """
    found = hedged("1.3 ETH 0.2 BTC", {"venue": "okx"})
    (end,) = found.rows.ends
    assert (set(end.coins), end.coin) == ({"ETH", "BTC"}, "BTC")
    equity = 15_900.0 / 3.0
    assert end.add_move == pytest.approx((4.0 * equity + 63_600.0) / 79_500.0 - 1.0, rel=1e-3)
    grown = 15_900.0 * (1.0 + (end.add_move or 0.0))
    assert end.add_coin == pytest.approx(grown / 3.0 - grown / 4.0, rel=1e-3)
    text = text_of(found)
    assert "ETH and BTC, moving together: liquidated at BTC 79,641.61 (+32.74 %); add" in text
    assert "USDT at BTC 64,000 (+6.67 %)." in text
    assert "! USDT is taken at 1 USD; give --price USDT=PRICE to value it [assumed_peg]" in text


def test_every_contract_on_one_margin_is_sold() -> None:
    """Not the largest alone: each of the coins that stand on USDT."""
    prices = {"XRP": 1.0, "DOGE": 0.1}
    found = hedged("10 SOL 1000 XRP 1000 DOGE", {"venue": "binance"}, prices).rows
    sold = {one.symbol: one.contracts for one in found.steps if one.action == "sell"}
    assert sold == {"SOLUSDT": 10.0, "XRPUSDT": 1_000.0, "DOGEUSDT": 1_000.0}
    assert found.unhedged == []
    assert found.unhedged_loss_usd == pytest.approx(520.0)


def test_of_many_ends_the_nearest_are_told() -> None:
    """Three lines, in order, and how many more there are."""
    made = hedged("0.2 BTC").rows
    (end,) = made.ends
    moves = (0.4, 0.1, 0.5, 0.3, 0.2)
    many = [dataclasses.replace(end, coins=[f"C{m}"], liquidation_move=m) for m in moves]
    lines = end_lines(dataclasses.replace(made, ends=many))
    assert [line.partition(":")[0] for line in lines[:3]] == ["C0.1", "C0.2", "C0.3"]
    assert lines[3:] == ["2 more are liquidated farther away: see the plan."]


@pytest.mark.parametrize(
    ("coins", "venue", "why"),
    [
        ("0.0001 BTC", "binance", "6 USD is less than the smallest order of BTCUSD_PERP, 100 USD"),
        ("0.0000001 BTC", "bybit", "0.01 USD is less than the smallest order of BTCUSD, 1 USD"),
        ("0.001 SOL", "binance", "0.15 USD is less than the smallest order of SOLUSDT"),
    ],
)
def test_too_little_is_told(coins: str, venue: str, why: str) -> None:
    """Nothing is sold, nothing is costed, and the sentence promises no hedge."""
    found = hedged(coins, {"venue": venue})
    assert not any(one.action == "sell" for one in found.rows.steps)
    text = text_of(found)
    assert "Nothing to sell." in text
    assert why in text
    assert "Fees" not in text
    assert "; hedged" not in text


@pytest.mark.parametrize(("coins", "orders"), [("1000 BTC", 12), ("70 BTC", 0), ("84 BTC", 2)])
def test_too_much_for_one_order_is_told(coins: str, orders: int) -> None:
    """All is sold, in as many market orders as the venue takes it in, with coins for all of it."""
    found = hedged(coins)
    (sale,) = (one for one in found.rows.steps if one.action == "sell")
    (move,) = (one for one in found.rows.steps if one.action == "move")
    most = 5e6
    assert sale.contracts == pytest.approx(60_000.0 * float(coins.partition(" ")[0]), rel=2e-3)
    assert sale.order_most == (most if orders else None)
    told = f"{orders} market orders" if orders else "market order"
    text = text_of(found)
    assert told in text
    assert found.rows.unhedged == []
    assert "in one order" not in text
    assert move.coins["BTC"] * 60_000.0 * 3.0 == pytest.approx(sale.contracts or 0.0, rel=5e-3)


@pytest.mark.parametrize("ratio", [1e-6, 1e-4, 0.015])
def test_nothing_to_sell_is_never_without_a_reason(ratio: float) -> None:
    """A share so small that not one contract carries it: 1 USD is the least at Bybit."""
    found = hedged("0.001 BTC", {"ratio": ratio})
    assert "Nothing to sell." in text_of(found)
    (why,) = found.rows.unhedged
    assert "is less than the smallest order of BTCUSD, 1 USD" in why


def test_a_hedge_of_nothing_says_so() -> None:
    """0 % keeps all of the risk."""
    found = hedged("1 BTC", {"ratio": 0.0})
    assert found.rows.steps == []
    assert found.rows.hedged_loss_usd == found.rows.unhedged_loss_usd == pytest.approx(12_000.0)
    assert "BTC: you asked for 0 %" in text_of(found)
