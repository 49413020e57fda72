"""What is to be done by a plan, as dated steps: order, what waits for what, how groups stand."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import volsculpt as vs
from tests.structure.source_tree import ROOT
from volsculpt.app.cli.published import published
from volsculpt.report.document import Line
from volsculpt.report.pages.plan import to_do
from volsculpt.report.plan import Plan

PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}
NOW = 1_716_163_200_000_000_000  # 2024-05-20T00:00:00Z
TREASURY = (ROOT / "examples" / "treasury.toml").read_text(encoding="utf-8")


def held(name: str, balances: str, venue: str = "", position: str = "") -> str:
    """An account: a vault, or with a venue a margin account; position: contract, size, entry."""
    kind = f'kind = "margin"\nvenue = "{venue}"' if venue else 'kind = "cold"'
    text = f'[[account]]\nname = "{name}"\n{kind}\nbalances = {{ {balances} }}\n'
    if position:
        contract, size, entry = position.split()
        parts = f'contract = "{contract}", contracts = {size}, entry = {entry}'
        text += f"position = [{{ {parts} }}]\n"
    return text


def hedged(coin: str, ratio: float, *use: str) -> str:
    """A hedge; use: "account contract", in order of preference."""
    pairs = [one.split() for one in use]
    legs = ", ".join(f'{{ account = "{name}", contract = "{what}" }}' for name, what in pairs)
    return f'[[hedge]]\nunderlying = "{coin}"\nratio = {ratio}\nuse = [{legs}]\n'


def fed(account: str, *more: str) -> str:
    """A collateral plan of an account, out of the vault."""
    return "\n".join((f'[[collateral]]\naccount = "{account}"\nsource = ["vault"]', *more, ""))


def planned(tmp_path: Path, text: str, **prices: float) -> Plan:
    """The plan of a mandate."""
    place = tmp_path / "m.toml"
    version = "" if "version = 1\n" in text else "version = 1\n"
    place.write_text(version + text, encoding="utf-8")
    return vs.plan(place, prices=PRICES | prices, time_ns=NOW)


def actions(plan: Plan) -> list[str]:
    """What the page tells to do, by its first word, in its order."""
    lines = [one for one in to_do(plan).items if isinstance(one, Line) and one.kind == "action"]
    return [one.text.removeprefix(f"{n}. ").split()[0] for n, one in enumerate(lines, 1)]


def test_coins_go_first_then_orders_then_what_waits(tmp_path: Path) -> None:
    """The treasury: a move, two orders, and the one that needs the coins moved."""
    plan = planned(tmp_path, TREASURY)
    found = [(one.number, one.action, one.account, one.waits_for) for one in plan.steps]
    assert found == [
        (1, "move", "coinm", None),
        (2, "sell", "coinm", None),
        (3, "sell", "usdm", None),
        (4, "sell", "coinm", 1),
    ]
    assert actions(plan) == ["MOVE", "SELL", "SELL", "SELL"]


@pytest.mark.parametrize("hours", [0, 1, 36])
def test_coins_arrive_when_their_transfer_is_over(hours: int, tmp_path: Path) -> None:
    """By the collateral plan; what waits for them begins then, everything else now."""
    line = 'source = ["vault"]'
    assert TREASURY.count(line) == 1
    text = TREASURY.replace(line, f"{line}\ntransfer_hours = {hours}")
    plan = planned(tmp_path, text)
    there = {0: "2024-05-20T00:00:00Z", 1: "2024-05-20T01:00:00Z", 36: "2024-05-21T12:00:00Z"}
    move, *now, last = plan.steps
    assert (move.at, move.done_at) == ("2024-05-20T00:00:00Z", there[hours])
    assert (last.at, last.done_at) == (there[hours], there[hours])
    assert {one.at for one in now} == {"2024-05-20T00:00:00Z"}
    told = " ".join(plan.table(200).split())
    said = f"they are there by {there[hours][:10]} {there[hours][11:16]} UTC"
    assert (said in told) is (hours > 0)


def test_each_order_tells_how_its_group_stands_then(tmp_path: Path) -> None:
    """Once the orders of now are filled, and with the one that waits: as margin rows have it."""
    plan = planned(tmp_path, TREASURY)
    after = {row.account: row for row in plan.margin if row.stage == "after"}
    assert plan.then is not None
    later = {row.account: row for row in plan.then.margin}
    for step in plan.steps[1:]:
        row = (later if step.waits_for else after)[step.account]
        assert step.leverage == pytest.approx(row.leverage, rel=1e-6)
        assert step.liquidation_price == pytest.approx(row.liquidation_price, rel=1e-6)
        assert step.liquidation_move == pytest.approx(row.liquidation_move, rel=1e-6)
    assert plan.steps[0].leverage is None
    told = " ".join(plan.table(200).split())
    assert "then coinm stands at 4x and is liquidated at 79,600 (+32.67 %)" in told


def test_the_last_order_of_a_group_tells_for_all_of_them(tmp_path: Path) -> None:
    """Two contracts in one account: one line, behind the last."""
    text = (
        held("m", "USDT = 50_000.0, BTC = 0.0", "binance")
        + held("vault", "BTC = 1.0, ETH = 10.0")
        + hedged("BTC", 0.5, "m BTC/USDT:USDT")
        + hedged("ETH", 0.5, "m ETH/USDT:USDT")
    )
    plan = planned(tmp_path, text)
    told = plan.table(200)
    assert [one.action for one in plan.steps] == ["sell", "sell"]
    assert told.count("then m stands at") == 1
    assert told.index("ETH/USDT:USDT on m") < told.index("then m stands at")


def test_coins_of_no_account_are_brought_when_their_owner_can(tmp_path: Path) -> None:
    """No moment is made up for them, nor for the order that waits for them."""
    text = (
        held("vault", "ETH = 10.0")
        + held("m", "USDT = 100.0", "binance")
        + hedged("ETH", 1.0, "m ETH/USDT:USDT")
    )
    plan = planned(tmp_path, text)
    bring, last = plan.steps[-2:]
    assert (bring.action, bring.at, bring.done_at, bring.from_) == ("bring", None, None, None)
    assert (last.action, last.at, last.waits_for) == ("sell", None, bring.number)
    assert actions(plan)[-2:] == ["BRING", "SELL"]


def test_coins_that_leave_go_after_the_orders(tmp_path: Path) -> None:
    """More margin than the plan needs in one account, an order in another."""
    text = (
        held("vault", "BTC = 1.0, ETH = 10.0")
        + held("m", "BTC = 2.0", "bybit", "BTC/USD:BTC -36_000 60_000")
        + held("u", "USDT = 20_000.0", "binance")
        + hedged("BTC", 0.2, "m BTC/USD:BTC")
        + hedged("ETH", 0.5, "u ETH/USDT:USDT")
        + fed("m", "leverage_band = [1.5, 2.0, 2.0, 2.5]")
    )
    plan = planned(tmp_path, text)
    assert [one.action for one in plan.steps] == ["sell", "move"]
    assert (plan.steps[1].from_, plan.steps[1].to) == ("m", "vault")
    assert actions(plan) == ["SELL", "MOVE"]


LIMITS = "[limits]\nmax_leverage = 5\nmax_order_usd = 50_000\n"


def two(coins: float = 0.6, entry: int = 58_000) -> str:
    """A short near its end on one venue, which grows, and coins for it in the vault."""
    return (
        held("vault", "BTC = 1")
        + held("by", "BTC = 6", "bybit")
        + held("de", f"BTC = {coins}", "deribit", f"BTC/USD:BTC -12_000 {entry}")
        + hedged("BTC", 0.7, "de BTC/USD:BTC", "by BTC/USD:BTC")
        + fed("de", "leverage_band = [1, 2, 3, 4]", "transfer_hours = 6")
        + LIMITS
    )


def test_an_order_waits_where_its_danger_asks_for_coins_before_it(tmp_path: Path) -> None:
    """The other venue's order does not; what stands then is told with the last step alone."""
    plan = planned(tmp_path, two())
    (near,) = plan.dangers
    assert "BEFORE THE ORDERS" in near.text
    found = [(one.action, one.account, one.waits_for, one.leverage is None) for one in plan.steps]
    assert found[:3] == [
        ("move", "de", None, True),
        ("sell", "by", None, False),
        ("sell", "de", 1, True),
    ]
    assert [one.at for one in plan.steps[:3]] == [
        "2024-05-20T00:00:00Z",
        "2024-05-20T00:00:00Z",
        "2024-05-20T06:00:00Z",
    ]
    told = " ".join(plan.table(200).split())
    assert "contracts of BTC/USD:BTC on de (deribit), once the coins are there" in told
    assert "then by stands at" in told
    assert "then de stands at" not in told


def test_of_the_orders_on_a_coin_the_last_tells_what_is_left(tmp_path: Path) -> None:
    """An order cut to `max_order_usd` does not claim that the target is reached."""
    plan = planned(tmp_path, two())
    told = plan.table(200)
    assert "the order is cut to max_order_usd 50,000" in told
    assert "the target is then reached" not in told
    assert told.count("USD of the target stay unhedged") == 1


@pytest.mark.parametrize(("price", "first"), [(60_000.0, "MOVE"), (70_000.0, "ADD")])
def test_a_rescue_is_the_first_step(price: float, first: str, tmp_path: Path) -> None:
    """Of an account under water too, to which the plan itself moves nothing."""
    plan = planned(tmp_path, two(0.5, 50_000), BTC=price)
    (near,) = [one for one in plan.dangers if one.account == "de"]
    assert plan.steps[0].account == "de"
    assert actions(plan)[0] == first
    if first == "ADD":
        step = plan.steps[0]
        assert (step.action, step.coins, step.at) == ("bring", near.add_coin, None)
        assert ", AND ADD 0.5193 BTC TO de NOW" in near.text


def test_steps_are_published_and_all_there_is(tmp_path: Path) -> None:
    """Every order and transfer is a step; the object is as published, `from` and all."""
    plan = planned(tmp_path, TREASURY)
    found = json.loads(plan.to_json())
    Draft202012Validator(published("plan")).validate(found)
    assert found["steps"][0]["from"] == "vault"
    orders = {(one.account, one.contract, one.contracts) for one in plan.orders}
    now = {(one.account, one.contract, one.contracts) for one in plan.steps if one.contract}
    assert orders <= now
    assert [one.number for one in plan.steps] == list(range(1, len(plan.steps) + 1))
    assert all(one.waits_for is None or one.waits_for < one.number for one in plan.steps)
    assert set(plan.to_polars("steps").columns) >= {"number", "action", "at", "waits_for"}
    assert replace(plan, steps=[]).as_dict()["steps"] == []


EMPTY = """version = 1
[[account]]
name = "vault"
kind = "cold"
balances = {{ BTC = 1.0 }}
[[account]]
name = "m"
kind = "margin"
venue = "bybit"
balances = {{ BTC = 0.0 }}
[[hedge]]
underlying = "BTC"
ratio = {ratio}
use = [{{ account = "m", contract = "BTC/USD:BTC" }}]
[[collateral]]
account = "m"
source = [{source}]
"""


def told_of_move(plan: Plan) -> str:
    """The words behind the first move."""
    lines = [one for one in to_do(plan).items if isinstance(one, Line)]
    first = next(row for row, one in enumerate(lines) if "MOVE" in one.text or "ADD" in one.text)
    return lines[first + 1].text


def test_coins_for_what_is_not_held_yet_move_no_price(tmp_path: Path) -> None:
    """An empty account has no liquidation price: the order that waits stands on the coins."""
    plan = planned(tmp_path, EMPTY.format(ratio=0.5, source='"vault"'))
    assert [one.action for one in plan.steps] == ["move", "sell"]
    assert told_of_move(plan) == (
        "nothing is held there yet: the order that waits for it stands on it"
    )


def test_coins_for_what_is_held_name_the_rows_that_count_them(tmp_path: Path) -> None:
    """The treasury holds shorts there: the rows of then count the move, and those alone."""
    plan = planned(tmp_path, TREASURY)
    said = 'this moves the liquidation price away; below, "then" counts it'
    assert told_of_move(plan) == said
    rows = {
        stage: next(one for one in found if one.account == "coinm")
        for stage, found in (
            ("now", [one for one in plan.margin if one.stage == "before"]),
            ("after", [one for one in plan.margin if one.stage == "after"]),
            ("then", plan.then.margin if plan.then else []),
        )
    }
    moved = rows["after"].top_up_coin
    assert rows["after"].equity_coin == pytest.approx(rows["now"].equity_coin, abs=0.01)
    assert rows["then"].equity_coin == pytest.approx(rows["now"].equity_coin + moved, abs=0.01)


def test_an_order_that_waits_tells_its_worth_and_its_fee(tmp_path: Path) -> None:
    """50,155 dollars at 60,000, and the taker's part of the coins: as an order of now."""
    plan = planned(tmp_path, TREASURY)
    (row,) = plan.next_steps
    assert row.face_usd == pytest.approx(row.contracts)
    assert row.reference_price == 60_000.0
    assert row.fee == pytest.approx(row.contracts / 60_000.0 * 0.00055)
    assert row.fee_currency == "BTC"
    told = " ".join(plan.table(200).split())
    assert "once the coins are there worth 50,155 USD at 60,000; fee about 0.00045975 BTC" in told


NEAR = """
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = VAULT }
[[account]]
name = "futures"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.2 }
[[account.position]]
contract = "BTC/USD:BTC"
contracts = -60_000
entry = 50_000.0
[[hedge]]
underlying = "BTC"
ratio = 1
"""


@pytest.mark.parametrize("price", [59_000.0, 59_800.0, 61_000.0])
def test_nothing_is_said_to_come_of_a_book_in_danger(price: float, tmp_path: Path) -> None:
    """Past its end it said "nothing found up to +300 %"."""
    plan = planned(tmp_path, NEAR.replace("VAULT", "1.0"), BTC=price)
    told = " ".join(plan.table(200).split())
    assert "nothing found" not in told
    assert "not told while margin is in danger: end that first, then plan again" in told
    safe = planned(tmp_path, NEAR.replace("VAULT", "1.0"), BTC=45_000.0)
    assert "not told while margin" not in safe.table(200)


def test_what_the_plan_ends_itself_lets_it_be_told(tmp_path: Path) -> None:
    """Orders and moves of the plan are counted in what comes next."""
    planned_move = '[[collateral]]\nsource = ["vault"]\nsafe_leverage = 3\n'
    plan = planned(tmp_path, NEAR.replace("VAULT", "1.0") + planned_move, BTC=59_000.0)
    assert plan.dangers
    assert "not told while margin" not in plan.table(200)
