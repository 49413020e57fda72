import pytest

from tests.factories import flat_at, flat_margin, inverse, one_leg, wealth_of
from tests.golden.examples import Computation, Example, Inputs, check, name_of, of_topics
from tests.golden.formulas import initial_margin
from volsculpt.book.fill import fill
from volsculpt.book.group import group_maintenance
from volsculpt.contracts.costs import fee
from volsculpt.contracts.payoff import (
    INVERSE,
    LINEAR,
    average_entry,
    delivery_pnl,
    trade,
    unrealised_pnl,
    value,
)

SIDE = {"long": 1.0, "short": -1.0, "buy": 1.0, "sell": -1.0}


def profit(face: float, entry: float, price: float, multiplier: float = 1.0) -> float:
    """PnL in coin of `face` signed contracts of an inverse future."""
    cost = value(INVERSE, face, multiplier, entry)
    return unrealised_pnl(INVERSE, cost, value(INVERSE, face, multiplier, price))


def size_of(inputs: Inputs) -> float:
    """Signed contracts of an example, whatever it calls them."""
    size = next(
        inputs[name] for name in ("contracts", "qty_usd", "size_usd", "qty") if name in inputs
    )
    return float(size) * SIDE[inputs["side"]]


def gain(inputs: Inputs) -> float:
    """PnL in coin from entry to exit."""
    exit_price = inputs["exit"] if "exit" in inputs else inputs["mark"]
    return profit(size_of(inputs), inputs["entry"], exit_price)


def only(name: str) -> Computation:
    """A computation of the gain under one name."""
    return lambda inputs: {name: gain(inputs)}


def pnl_01(i: Inputs) -> dict[str, object]:
    """Value at entry, and the gain."""
    multiplier = i["contract_value_usd"]
    entered = value(INVERSE, size_of(i), multiplier, i["entry"])
    gained = profit(size_of(i), i["entry"], i["exit"], multiplier)
    return {"entry_value_xbt": entered, "pnl_xbt": gained}


def pnl_07(i: Inputs) -> dict[str, object]:
    """The gain, and what it is worth when it is taken."""
    return {"pnl_btc": gain(i), "pnl_usd_at_exit": worth_of_gain(i)}


def worth_of_gain(i: Inputs) -> float:
    """Dollars gained: wealth of an account without coins of its own, at the exit."""
    book = one_leg(inverse(), size_of(i), i["entry"], 0.0)
    flat, quote = flat_at(book, {"BTC": i["exit"]})
    return wealth_of(flat, flat.state, quote)


def pnl_08(i: Inputs) -> dict[str, object]:
    """Values at both ends, the gain and its worth."""
    return {
        "coin_at_entry": value(INVERSE, size_of(i), 1.0, i["entry"]),
        "coin_at_exit": value(INVERSE, size_of(i), 1.0, i["exit"]),
        **pnl_07(i),
    }


def pnl_09(i: Inputs) -> dict[str, object]:
    """A loss of a short, and the size of the position at its end."""
    return {"pnl_btc": gain(i), "notional_btc": abs(value(INVERSE, size_of(i), 1.0, i["exit"]))}


def pnl_10(i: Inputs) -> dict[str, object]:
    """Fills with fees, in and out."""
    contract = inverse()
    flat, quote = flat_at(one_leg(contract, 0.0, i["entry"], i["equity0"]), {"BTC": i["exit"]})
    fill(flat.layout, flat.state, 0, i["qty"], i["entry"], i["taker_fee"])
    held = value(INVERSE, flat.state.contracts[0], 1.0, quote.mark[0])
    open_gain = unrealised_pnl(INVERSE, flat.state.cost[0], held)
    fill(flat.layout, flat.state, 0, -i["qty"], i["exit"], i["taker_fee"])
    return {"upnl": open_gain, "equity_after_close": flat.state.wallet[0]}


def pnl_11(i: Inputs) -> dict[str, object]:
    """Gains over the margin put in."""
    face = i["trade_size_btc"] * i["open"]
    ratios = [
        profit(SIDE[side] * face, i["open"], close) / i["margin_btc"] for side, close in i["cases"]
    ]
    return {"ratio_long_up": ratios[0], "ratio_long_down": ratios[1]}


def pnl_12(i: Inputs) -> dict[str, object]:
    """The same move up and down."""
    return {f"pnl_{price}": profit(size_of(i), i["entry"], price) for price in i["exits"]}


def pnl_13(i: Inputs) -> dict[str, object]:
    """A contract as an exchange reports it; its mark is the one that gives its value."""
    face = i["contracts"] * i["contract_size"]
    mark = face / i["notional_btc"]
    contract = inverse(multiplier=i["contract_size"], margin=flat_margin(0.01))
    flat, quote = flat_at(one_leg(contract, i["contracts"], i["entry"], 1.0), {"BTC": mark})
    return {
        "upnl_btc": profit(i["contracts"], i["entry"], mark, i["contract_size"]),
        "initial_margin_btc": initial_margin(i["notional_btc"], i["leverage"]),
        "maint_margin_btc": group_maintenance(flat.layout, flat.state, quote, 0),
    }


def filled_cost(payoff: int, lots: list[list[float]]) -> tuple[float, float]:
    """Contracts and cost after fills (size, price) from flat."""
    contracts, cost = 0.0, 0.0
    for size, price in lots:
        contracts, cost, _ = trade(payoff, 1.0, contracts, cost, size, price)
    return contracts, cost


def avg_01(i: Inputs) -> dict[str, object]:
    """Harmonic for an inverse contract; the arithmetic mean is what a linear one has."""
    contracts, cost = filled_cost(INVERSE, i["lots"])
    straight = filled_cost(LINEAR, i["lots"])
    return {
        "total_btc": cost,
        "avg_entry": average_entry(INVERSE, contracts, 1.0, cost),
        "wrong_arithmetic": average_entry(LINEAR, straight[0], 1.0, straight[1]),
    }


def avg_02(i: Inputs) -> dict[str, object]:
    """PnL from the cost."""
    contracts, cost = filled_cost(INVERSE, i["lots"])
    held = value(INVERSE, contracts, 1.0, 35_000.0)
    return {
        "avg_entry": average_entry(INVERSE, contracts, 1.0, cost),
        "check_upnl_at_35000_long": unrealised_pnl(INVERSE, cost, held),
    }


def avg_03(i: Inputs) -> dict[str, object]:
    """Open, close in part, flip."""
    contracts, cost = 0.0, 0.0
    averages, gains = [], []
    for side, size, price in i["steps"]:
        contracts, cost, gained = trade(INVERSE, 1.0, contracts, cost, SIDE[side] * size, price)
        averages.append(average_entry(INVERSE, contracts, 1.0, cost))
        gains.append(gained)
    return {
        "avg_after_1": averages[0],
        "realised_after_2": sum(gains[:2]),
        "avg_after_2": averages[1],
        "realised_after_3": sum(gains),
        "side_after_3": "long" if contracts > 0.0 else "short",
        "qty_after_3": abs(contracts),
        "avg_after_3": averages[2],
    }


def fee_at(size: float, price: float, rate: float) -> float:
    """Fee in coin of an inverse trade."""
    return fee(value(INVERSE, size, 1.0, price), rate)


def fee_02(i: Inputs) -> dict[str, object]:
    """A taker pays, a maker is paid."""
    return {
        "taker_fee": fee_at(i["qty"], i["taker_px"], i["taker"]),
        "maker_fee": fee_at(i["qty"], i["maker_px"], i["maker"]),
    }


def settlement(i: Inputs) -> dict[str, object]:
    """Delivery with its fee and without."""
    contracts, size = size_of(i), i["contract_size"]
    cost = value(INVERSE, contracts, size, i["entry"])
    bare = delivery_pnl(INVERSE, contracts, size, cost, i["settle"], 0.0)
    net = delivery_pnl(INVERSE, contracts, size, cost, i["settle"], i["delivery_fee"])
    paid = fee(value(INVERSE, contracts, size, i["settle"]), i["delivery_fee"])
    return {"pnl_btc": bare, "fee_btc": paid, "net_btc": net}


def peer_01(i: Inputs) -> dict[str, object]:
    """A book without coins buys: equity is PnL less fee, the peer's balance is minus the cost."""
    contract = inverse(multiplier=i["contract_size"])
    flat, quote = flat_at(one_leg(contract, 0.0, i["buy_px"], 0.0), {"BTC": i["mark"]})
    fill(flat.layout, flat.state, 0, i["buy_qty"], i["buy_px"], i["fee"])
    cost = flat.state.cost[0]
    return {
        "amount": cost,
        "balance": -cost,
        "equity": wealth_of(flat, flat.state, quote) / i["mark"],
    }


COMPUTED: dict[str, Computation] = {
    "A-PNL-01": pnl_01,
    "A-PNL-02": only("upnl_btc"),
    "A-PNL-03": only("pnl_eth"),
    "A-PNL-04": only("pnl_btc"),
    "A-PNL-05": only("pnl_xrp"),
    "A-PNL-06": only("pnl_xbt"),
    "A-PNL-07": pnl_07,
    "A-PNL-08": pnl_08,
    "A-PNL-09": pnl_09,
    "A-PNL-10": pnl_10,
    "A-PNL-11": pnl_11,
    "A-PNL-12": pnl_12,
    "A-PNL-13": pnl_13,
    "A-PNL-14": only("pnl_ltc"),
    "A-PNL-15": only("pnl_eth"),
    "A-PNL-16": only("pnl_btc"),
    "A-AVG-01": avg_01,
    "A-AVG-02": avg_02,
    "A-AVG-03": avg_03,
    "A-FEE-01": lambda i: {"fee_btc": fee_at(i["qty"], i["price"], i["rate"])},
    "A-FEE-02": fee_02,
    "A-FEE-03": lambda i: {
        "fee_btc": sum(fee_at(i["size_usd"], price, i["rate"]) for price in i["prices"])
    },
    "A-FEE-04": lambda i: {"fee": fee_at(i["qty"], i["price"], i["taker"])},
    "A-SET-01": settlement,
    "A-PEER-01": peer_01,
}
TOPICS = ("pnl", "average_entry", "fees", "settlement", "peer_conventions")


@pytest.mark.parametrize("example", of_topics(*TOPICS), ids=name_of)
def test_payoff_examples(example: Example) -> None:
    """Profit, average entry, fees and delivery come out as exchanges and peers print them."""
    check(example, COMPUTED)
