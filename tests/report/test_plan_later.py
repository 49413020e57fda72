"""What follows an order that is cut to a largest one: told as deciding again would have it."""

import pytest

from volsculpt.report.pages.plan import content
from volsculpt.report.plan import Plan
from volsculpt.verbs import plan

VENUES = {"a": "bybit", "b": "binance"}
FEES = {"a": 0.00055, "b": 0.0005}
FACE = {"a": 1.0, "b": 100.0}
PRICE = 60_000.0


def planned(most_usd: float, sold: dict[str, float]) -> Plan:
    """24 BTC, 4 of them at each of two venues that carry 2.5 times what is there.

    Args: most_usd: `max_order_usd`; sold: contracts held short by account, sold at 60,000.
    """
    text = 'version = 1\n[[account]]\nname = "vault"\nkind = "cold"\nbalances = { BTC = 20 }\n'
    for name, venue in VENUES.items():
        short = sold.get(name, 0.0)
        coins = 4.0 - short * FACE[name] / PRICE * FEES[name]
        text += f'[[account]]\nname = "{name}"\nkind = "margin"\nvenue = "{venue}"\n'
        text += f"balances = {{ BTC = {coins!r} }}\n"
        if short:
            text += f'[[account.position]]\ncontract = "BTC/USD:BTC"\ncontracts = {-short}\n'
            text += f"entry = {PRICE}\n"
    legs = ", ".join(f'{{ account = "{name}", contract = "BTC/USD:BTC" }}' for name in VENUES)
    text += f'[[hedge]]\nunderlying = "BTC"\nratio = 0.6\nuse = [{legs}]\n'
    text += f"[limits]\nmax_leverage = 2.5\nmax_order_usd = {most_usd}\n"
    return plan(text, time_ns="2024-05-20", prices={"BTC": PRICE})


def followed(most_usd: float) -> dict[str, float]:
    """Contracts by account that planning again and again comes to, after the first orders."""
    sold, first = dict[str, float](), dict[str, float]()
    for _ in range(60):
        made = planned(most_usd, sold)
        if not made.orders:
            break
        for one in made.orders:
            sold[one.account] = sold.get(one.account, 0.0) + one.contracts
            if len(first) < 2 and one.account not in first:
                first[one.account] = one.contracts
    return {name: sold[name] - first[name] for name in sold}


@pytest.mark.parametrize("most_usd", [100_000.0, 200_000.0, 500_000.0, 10_000.0])
def test_later_contracts_are_those_of_the_plans_that_follow(most_usd: float) -> None:
    """Each venue its own rest, and not the rest of both at each: 599,176 at a, 4,085 at b."""
    told = {one.account: one.later_contracts for one in planned(most_usd, {}).orders}
    if most_usd == 10_000.0:  # as if the rest were one order: fees of a lot more or less
        assert told == pytest.approx({"a": 589_176.0, "b": 3_985.0}, abs=3.0)
    else:
        assert told == followed(most_usd)


def test_what_stops_an_order_that_is_cut_is_the_largest_order() -> None:
    """It stands at 0.83x of 2.5x: no limit of leverage holds it."""
    made = planned(200_000.0, {})
    lines = [*made.decision[0].reasons, *(one.why or "" for one in made.orders)]
    assert not any("max_leverage" in line for line in lines)
    assert any("all that one order may be (max_order_usd 200,000)" in line for line in lines)
    assert "1 orders of" not in str(content(made))


def test_an_order_that_is_not_cut_is_followed_by_nothing() -> None:
    """Two orders as large as they are meant to be."""
    assert [one.later_contracts for one in planned(1e9, {}).orders] == [0.0, 0.0]
