from itertools import pairwise

import pytest

from tests.factories import (
    flat_at,
    flat_margin,
    inverse,
    linear,
    liquidation_price,
    one_leg,
    tiered,
)
from tests.golden.examples import Computation, Example, Inputs, check, name_of, of_topics
from tests.golden.formulas import initial_margin
from volsculpt.book.exposure import leg_pnl, leg_value
from volsculpt.book.flatten import flatten
from volsculpt.book.group import group_equity, group_maintenance
from volsculpt.book.holdings import Book
from volsculpt.book.liquidation import excess_at
from volsculpt.contracts.margin import tier_at
from volsculpt.contracts.payoff import INVERSE, value
from volsculpt.contracts.spec import Margin

SIDE = {"long": 1.0, "short": -1.0}


def book_of(i: Inputs, margin: Margin | None = None, more: float = 0.0) -> Book:
    """One isolated position of an example with its wallet, and `more` coins beside it."""
    rate = margin or flat_margin(i["mmr"])
    face = SIDE[i["side"]] * i["qty_usd"]
    coins = i["wallet"] + i.get("cum", 0.0) + more
    return one_leg(inverse(margin=rate), face, i["entry"], coins, "isolated")


def breach(i: Inputs) -> float | None:
    """Its liquidation price, seen from the entry."""
    return liquidation_price(book_of(i), {"BTC": i["entry"]})


def bankruptcy(i: Inputs) -> float | None:
    """The price at which its equity is nil."""
    return liquidation_price(book_of(i), {"BTC": i["entry"]}, with_maintenance=0)


def liq_01(i: Inputs) -> dict[str, object]:
    """A position of an exchange's own sample."""
    contract = inverse(multiplier=i["contract_size"], margin=flat_margin(i["mmr"]))
    book = one_leg(
        contract, i["contracts"], i["entry"], i["isolated_wallet"] + i["cum"], "isolated"
    )
    price = {"BTC": i["mark"]}
    flat, quote = flat_at(book, price)
    return {
        "liq": liquidation_price(book, price),
        "upnl": leg_pnl(flat.layout, flat.state, quote, 0),
        "isolated_margin": group_equity(flat.layout, flat.state, quote, 0),
        "notional": leg_value(flat.layout, flat.state, quote, 0),
    }


def liq_02(i: Inputs) -> dict[str, object]:
    """The closing fee is kept back."""
    margin = flat_margin(i["mmr_rate"], closing_fee_rate=i["fee_rate"])
    contract = inverse("ETH", i["contract_size"], "okx", margin=margin)
    book = one_leg(contract, i["contracts"], i["avg"], i["margin"], "isolated")
    worth = value(INVERSE, i["contracts"], i["contract_size"], i["avg"])
    return {
        "liq": liquidation_price(book, {"ETH": i["avg"]}),
        "margin": initial_margin(worth, i["leverage"]),
    }


def tenfold(i: Inputs, margin: Margin) -> tuple[Book, float, float]:
    """A short of the example with its initial margin posted; value and margin of it."""
    worth = value(INVERSE, i["qty"], 1.0, i["entry"])
    posted = initial_margin(worth, i["leverage"])
    book = one_leg(inverse(margin=margin), -i["qty"], i["entry"], posted, "isolated")
    return book, worth, posted


def liq_03(i: Inputs) -> dict[str, object]:
    """Maintenance on the entry value."""
    book, worth, posted = tenfold(i, flat_margin(i["mmr"], base="entry"))
    flat, quote = flat_at(book, {"BTC": 2.0 * i["entry"]})
    return {
        "position_value": worth,
        "im": posted,
        "mm": group_maintenance(flat.layout, flat.state, quote, 0),
        "liq": liquidation_price(book, {"BTC": i["entry"]}),
    }


def liq_04(i: Inputs) -> dict[str, object]:
    """Maintenance on the mark value."""
    book, _, _ = tenfold(i, flat_margin(i["mmr"]))
    return {"liq": liquidation_price(book, {"BTC": i["entry"]})}


def liq_06(i: Inputs) -> dict[str, object]:
    """Backed in full: solvent at a price of a thousand million."""
    flat, quote = flat_at(book_of(i), {"BTC": 1e9})
    return {
        "liq": breach(i),
        "bankruptcy": bankruptcy(i),
        "equity_at_1e9": group_equity(flat.layout, flat.state, quote, 0),
        "maint_at_1e9": group_maintenance(flat.layout, flat.state, quote, 0),
    }


def liq_08(i: Inputs) -> dict[str, object]:
    """A long has a price below, and maintenance brings it nearer."""
    kept = liquidation_price(book_of(i, flat_margin(0.005)), {"BTC": i["entry"]})
    return {"bankruptcy": bankruptcy(i), "liq_mmr_0_5pct": kept}


def liq_09(i: Inputs) -> dict[str, object]:
    """One tier for all sizes; the other positions' terms count as coins."""
    book = book_of(i, more=i["other_upnl"] - i["other_maint"])
    return {"liq": liquidation_price(book, {"BTC": i["entry"]})}


def liq_10(i: Inputs) -> dict[str, object]:
    """All tiers: which one holds where the price lands, and that there is one such price."""
    book = book_of(i, tiered(i["tiers_floor_rate"]), i["other_net"])
    price = liquidation_price(book, {"BTC": i["entry"]})
    assert price is not None
    flat, quote = flat_at(book, {"BTC": i["entry"]})
    legs = flatten(book).layout.legs
    row = tier_at(legs, 0, abs(value(INVERSE, -i["qty_usd"], 1.0, price)))
    line = [1.01**step for step in range(-400, 401)]
    solvent = [excess_at(flat.layout, flat.state, quote, 0, k, -1, 1) >= 0.0 for k in line]
    return {
        "liq": price,
        "tier": row - legs.tier_from[0] + 1,
        "n_solutions": sum(a != b for a, b in pairwise(solvent)),
    }


def liq_11(i: Inputs) -> dict[str, object]:
    """A linear long; the tier's amount counts as money."""
    contract = linear(margin=flat_margin(i["mmr"]))
    book = one_leg(contract, i["amount"], i["entry"], i["wallet"] + i["maint_amt"])
    return {"liq": liquidation_price(book, {"BTC": i["entry"], "USDT": 1.0})}


def bkr_01(i: Inputs) -> dict[str, object]:
    """Values at entry and where equity is nil."""
    book = one_leg(inverse(), i["qty"], i["entry"], i["margin"], "isolated")
    price = liquidation_price(book, {"BTC": i["entry"]}, with_maintenance=0)
    assert price is not None
    return {
        "entry_value": value(INVERSE, i["qty"], 1.0, i["entry"]),
        "bankruptcy": price,
        "bankrupt_value": value(INVERSE, i["qty"], 1.0, price),
    }


def bkr_02(i: Inputs) -> dict[str, object]:
    """Long and short at one leverage."""
    posted = initial_margin(1.0, i["leverage"])
    return {
        side: liquidation_price(
            one_leg(inverse(), sign * i["entry"], i["entry"], posted, "isolated"),
            {"BTC": i["entry"]},
            with_maintenance=0,
        )
        for side, sign in SIDE.items()
    }


COMPUTED: dict[str, Computation] = {
    "A-LIQ-01": liq_01,
    "A-LIQ-02": liq_02,
    "A-LIQ-03": liq_03,
    "A-LIQ-04": liq_04,
    "A-LIQ-05": lambda i: {"liq": breach(i), "bankruptcy": bankruptcy(i)},
    "A-LIQ-06": liq_06,
    "A-LIQ-07": lambda i: {"liq": breach(i)},
    "A-LIQ-08": liq_08,
    "A-LIQ-09": liq_09,
    "A-LIQ-10": liq_10,
    "A-LIQ-11": liq_11,
    "A-LIQ-12": lambda i: {"liq": breach(i)},
    "A-LIQ-13": lambda i: {"liq": breach(i)},
    "A-BKR-01": bkr_01,
    "A-BKR-02": bkr_02,
}


@pytest.mark.parametrize("example", of_topics("liquidation", "bankruptcy"), ids=name_of)
def test_liquidation_examples(example: Example) -> None:
    """Liquidation and bankruptcy prices come out as exchanges compute them."""
    check(example, COMPUTED)
