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
from tests.golden.formulas import adl_fills, adl_score, effective_leverage, initial_margin
from volsculpt.book.exposure import leg_pnl, leg_value
from volsculpt.book.group import group_maintenance
from volsculpt.contracts.margin import cumulative_amounts, maintenance, maintenance_rate, slope_rate
from volsculpt.contracts.payoff import INVERSE, value
from volsculpt.contracts.spec import Margin


def needed(margin: Margin, face: float, price: float, multiplier: float = 1.0) -> float:
    """Maintenance margin in coin of an inverse long, through a book."""
    book = one_leg(inverse(multiplier=multiplier, margin=margin), face, price, 1000.0)
    flat, quote = flat_at(book, {"BTC": price})
    return group_maintenance(flat.layout, flat.state, quote, 0)


def opened(name: str) -> Computation:
    """Initial margin in coin, under the name the example gives it."""

    def compute(i: Inputs) -> dict[str, object]:
        size = i.get("contracts", 1.0) * i.get("contract_size", 1.0)
        size = next((i[key] for key in ("qty", "size_usd") if key in i), size)
        leverage = i["leverage"] if "leverage" in i else 1.0 / i["im_rate"]
        return {name: initial_margin(value(INVERSE, size, 1.0, i["price"]), leverage)}

    return compute


def im_03(i: Inputs) -> dict[str, object]:
    """Value of the position and the margin to open it."""
    worth = value(INVERSE, i["qty"], 1.0, i["price"])
    return {"position_value": worth, "im": initial_margin(worth, i["leverage"])}


def mm_01(i: Inputs) -> dict[str, object]:
    """The sum over tiers is value x rate less the amount deducted."""
    flat, _ = flat_at(one_leg(inverse(margin=tiered(i["tiers_floor_rate"])), 1.0, 1.0, 9.0), PRICE)
    rate, deducted = maintenance_rate(flat.layout.legs, 0, i["value"], 0.0)
    return {
        "mm": needed(tiered(i["tiers_floor_rate"]), i["value"], 1.0),
        "deduction_tier3": deducted,
        "mm_via_deduction": i["value"] * rate - deducted,
    }


def mm_02(i: Inputs) -> dict[str, object]:
    """Amounts, the rate that holds, maintenance by formula and slice by slice."""
    margin = tiered(i["tiers_floor_rate"])
    floors, rates = zip(*i["tiers_floor_rate"], strict=True)
    size = i["position_btc"]
    flat, _ = flat_at(one_leg(inverse(margin=margin), 1.0, 1.0, 9.0), PRICE)
    rate, deducted = maintenance_rate(flat.layout.legs, 0, size, 0.0)
    tops = [*floors[1:], size]
    slices = [
        maintenance_rate(flat.layout.legs, 0, floor, 0.0)[0] * (top - floor)
        for floor, top in zip(floors, tops, strict=True)
    ]
    amounts = cumulative_amounts(floors, rates)
    return {
        "cum": amounts,
        "mmr_300": rate,
        "cum_300": deducted,
        "mm_300": needed(margin, size, 1.0),
        "mm_marginal": sum(slices),
        "cum_level4": amounts[3],
        "cum_level5": amounts[4],
    }


def mm_03(i: Inputs) -> dict[str, object]:
    """Value and maintenance of contracts of 100 dollars."""
    worth = value(INVERSE, i["contracts"], i["contract_size"], i["mark"])
    margin = flat_margin(i["mmr"])
    return {
        "notional_btc": worth,
        "mm_btc": needed(margin, i["contracts"], i["mark"], i["contract_size"]),
    }


def mm_04(i: Inputs) -> dict[str, object]:
    """The amounts deducted, tier by tier."""
    floors, rates = zip(*i["tiers_floor_rate"], strict=True)
    return {"deductions": cumulative_amounts(floors, rates)}


def mm_06(i: Inputs) -> dict[str, object]:
    """Rates that grow with size."""
    size = i["position_btc"]
    opening = slope_rate(i["im_base"], i["slope_per_btc"], size)
    margin = Margin(kind="slope", rate_base=i["mm_base"], rate_slope=i["slope_per_btc"])
    flat, _ = flat_at(one_leg(inverse(margin=margin), 1.0, 1.0, 9.0), PRICE)
    return {
        "im_rate": opening,
        "im_btc": initial_margin(size, 1.0 / opening),
        "mm_rate": maintenance_rate(flat.layout.legs, 0, size, 0.0)[0],
        "mm_btc": maintenance(flat.layout.legs, 0, size, 0.0),
    }


def adl_01(i: Inputs) -> dict[str, object]:
    """The queue in order, who is closed, and what is left of the last."""
    queue = [(identity, size, rank) for identity, size, rank in i["longs"]]
    everyone = adl_fills(queue, sum(size for _, size, _ in queue))
    closed = adl_fills(queue, i["liquidated_qty"])
    left = {
        str(identity): size - closed[identity]
        for identity, size, _ in queue
        if 0.0 < closed.get(identity, 0.0) < size
    }
    return {
        "order": list(everyone),
        "closed": {str(identity): size for identity, size in closed.items()},
        "left": left,
    }


def adl_02(i: Inputs) -> dict[str, object]:
    """Profit x leverage, leverage measured to bankruptcy."""
    book = one_leg(inverse(), -i["short_usd"], i["entry"], i["margin_btc"])
    price = {"BTC": i["mark"]}
    flat, quote = flat_at(book, price)
    ratio = leg_pnl(flat.layout, flat.state, quote, 0) / abs(flat.state.cost[0])
    bankrupt = liquidation_price(book, price, with_maintenance=0)
    assert bankrupt is not None
    leverage = effective_leverage(
        leg_value(flat.layout, flat.state, quote, 0),
        value(INVERSE, -i["short_usd"], 1.0, bankrupt),
    )
    return {
        "pnl_pct": ratio,
        "bankruptcy": bankrupt,
        "effective_leverage": leverage,
        "score": adl_score(ratio, leverage),
    }


PRICE = {"BTC": 1.0}
COMPUTED: dict[str, Computation] = {
    "A-IM-01": opened("im_btc"),
    "A-IM-02": opened("im_btc"),
    "A-IM-03": im_03,
    "A-IM-04": opened("im_btc"),
    "A-IM-05": opened("im_btc"),
    "A-IM-06": opened("im_eos"),
    "A-MM-01": mm_01,
    "A-MM-02": mm_02,
    "A-MM-03": mm_03,
    "A-MM-04": mm_04,
    "A-MM-05": lambda i: {"mm_btc": needed(flat_margin(i["rate"]), i["qty"], i["price"])},
    "A-MM-06": mm_06,
    "A-ADL-01": adl_01,
    "A-ADL-02": adl_02,
}


@pytest.mark.parametrize(
    "example", of_topics("initial_margin", "maintenance_tiers", "adl"), ids=name_of
)
def test_margin_examples(example: Example) -> None:
    """Margins, tiers and the auto-deleveraging rank come out as exchanges print them."""
    check(example, COMPUTED)


def test_a_slope_is_per_coin_of_a_linear_contract_too() -> None:
    """25 coins need 1.125 % of their value in dollars, whatever the price of a coin."""
    margin = Margin(kind="slope", rate_base=0.01, rate_slope=0.00005)
    book = one_leg(linear(multiplier=0.0001, margin=margin), -250_000.0, 60_000.0, 1e6)
    for price in (30_000.0, 60_000.0):
        flat, quote = flat_at(book, {"BTC": price, "USDT": 1.0})
        need = group_maintenance(flat.layout, flat.state, quote, 0)
        assert need == pytest.approx(25.0 * price * 0.01125, rel=1e-12)
