import math

import pytest

from tests.factories import account, decided, fixed, inverse, trades
from tests.golden.examples import Computation, Example, Inputs, check, name_of, of_topics
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import Limits
from volsculpt.hedge.answer import Band
from volsculpt.hedge.auto_band import cube_root_width

PRICE = 50_000.0


def action(config: dict[str, float], liability_usd: float, exposure_usd: float) -> str:
    """What one decision does about a short of `exposure_usd` that owes `liability_usd`."""
    size = config["contract_cents"] / 100.0
    contract = inverse(multiplier=size, venue="okx")
    held = round(exposure_usd / size)  # the peer sees it at the market, in whole contracts
    coins = liability_usd / PRICE
    book = Book((account("swap", {"BTC": coins}, (Position(contract, held, PRICE),)),))
    band = Band(
        under_trigger=1.0 - config["low"],
        under_settle=1.0 - config["low_safe"],
        over_trigger=config["high"] - 1.0,
        over_settle=config["high_safe"] - 1.0,
    )
    hedge = fixed(base="coins", coins=coins, band=band)
    limits = Limits(min_base_usd=config["min_liability_cents"] / 100.0)
    decision = decided(book, [hedge], [[("swap", contract, False)]], {"BTC": PRICE}, limits)
    traded = trades(decision).get(contract.key, 0.0)
    if traded == 0.0:
        return "DoNothing"
    if traded == -held:
        return "ClosePosition"
    return f"{'Buy' if traded > 0.0 else 'Sell'} {abs(traded):g}"


def peer_02(i: Inputs) -> dict[str, object]:
    """Liability and exposure are in cents, the exposure negative when short."""
    cases = [(owed / 100.0, held / 100.0) for owed, held in i["cases"]]
    return {"actions": [action(i["config"], owed, held) for owed, held in cases]}


def pap_04(i: Inputs) -> dict[str, object]:
    """Half of the band of an option's hedge: the same cube root, of its gamma and its cost."""
    cost = i["lam"] * i["S"] * math.exp(-i["r"] * i["tau"])
    width = cube_root_width(cost, i["risk_aversion"], i["gamma"])
    wide = cube_root_width(8.0 * cost, i["risk_aversion"], i["gamma"])
    doubles = math.isclose(wide, 2.0 * width, rel_tol=1e-12)
    return {"half_band": width, "scale_check": "8x cost doubles the band" if doubles else ""}


COMPUTED: dict[str, Computation] = {"A-PEER-02": peer_02, "A-PAP-04": pap_04}


@pytest.mark.parametrize("example", of_topics("hedge_band", "no_trade_band"), ids=name_of)
def test_band_examples(example: Example) -> None:
    """A peer's band decisions are ours, taken by a whole decision."""
    check(example, COMPUTED)
