"""A run's one list of events, booked into a ledger, is the book that the run ends with.

The ledger folds it as it folds what venues report a desk, each event checked before it enters: one
order of a slot at a time, an id used once, transfers that leave before they arrive.
"""

from collections import defaultdict
from collections.abc import Callable

import pytest

from tests.simulate.plain import plain_run
from tests.simulate.test_events_add_up import WORLDS, finished
from tests.simulate.worlds import World
from volsculpt.book.flatten import Flat
from volsculpt.contracts.payoff import average_entry
from volsculpt.exchange import events as kinds
from volsculpt.ledger.events import Converted, Filled, FlowBooked, Json, Stated, TransferNoted
from volsculpt.ledger.ledger import Ledger, open_ledger
from volsculpt.simulate.event_list import valued_events
from volsculpt.simulate.ran import Ran

Kernel = Callable[..., None]
Place = tuple[str, str]


def baseline(flat: Flat, account: str) -> Stated:
    """What an account holds when a run begins."""
    coins, positions = defaultdict[str, float](float), dict[str, Json]()
    for row, label in enumerate(flat.wallets):
        if label.account == account and not label.in_transit:
            coins[label.asset] += flat.state.wallet[row]
    legs = flat.layout.legs
    for leg, (name, contract) in enumerate(flat.legs):
        held = flat.state.contracts[leg]
        if name == account and held != 0.0:
            terms = (legs.payoff[leg], held, legs.multiplier[leg], flat.state.cost[leg])
            positions[contract.key] = {
                "contracts": held,
                "entry": average_entry(*terms),
                "payoff": contract.payoff,
                "multiplier": contract.multiplier,
                "settle": contract.settle,
            }
    return Stated(account, dict(coins), positions, 0, adopted=True)


def booked(ran: Ran) -> Ledger:
    """The ledger of a run, its decisions left out: those need what was read."""
    ledger, flat = open_ledger("memory:"), ran.lanes.flat
    accounts = {label.account: None for label in flat.wallets}
    ledger.append([baseline(flat, account) for account in accounts], 0)
    for one in valued_events(ran):
        if hasattr(one.event, "KIND"):
            ledger.append([one.event], one.time_ns)
    return ledger


def places(ran: Ran) -> tuple[dict[Place, float], dict[Place, tuple[float, float]]]:
    """(coins by account and asset, contracts and their cost by contract) at the end of a run."""
    flat, coins = ran.lanes.flat, defaultdict[Place, float](float)
    for row, label in enumerate(flat.wallets):
        if not label.in_transit:
            coins[label.account, label.asset] += float(ran.lanes.states[0]["wallet"][row])
    state = ran.lanes.states[0]
    held = {
        (name, contract.key): (float(state["contracts"][leg]), float(state["cost"][leg]))
        for leg, (name, contract) in enumerate(flat.legs)
    }
    return coins, held


@pytest.mark.parametrize("name", WORLDS)
def test_the_events_of_a_run_are_the_book_it_ends_with(kernel: Kernel, name: str) -> None:
    """Coins of every account to a billionth, contracts and what they cost."""
    ran = finished(WORLDS[name](), kernel)
    books, (coins, held) = booked(ran).books, places(ran)
    for place, wanted in held.items():
        one = books.positions.get(place)
        found = (0.0, 0.0) if one is None else (one.contracts, one.cost)
        assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9), place
    scale = 1e-9 * max(1.0, *map(abs, coins.values()))
    for place, wanted in coins.items():
        assert books.balances.get(place, 0.0) == pytest.approx(wanted, abs=scale), place


def test_every_kind_of_event_is_told() -> None:
    """In the worlds above: or the law would hold of nothing."""
    found: dict[type, int] = defaultdict(int)
    reasons = set()
    for world in WORLDS.values():
        made: World = world()
        for event in (one.event for one in valued_events(finished(made, plain_run))):
            found[type(event)] += 1
            reasons.add(getattr(event, "reason", getattr(event, "outcome", "")))
            reasons.add(getattr(event, "state", ""))
    assert {Filled, TransferNoted, FlowBooked, Converted} <= set(found)
    assert {"trade", "delivery", "liquidation", "funding", "insurance", "filled"} <= reasons
    assert {"sent", "arrived"} <= reasons


def test_what_a_group_lost_is_what_its_coins_and_contracts_lost() -> None:
    """The insurance of a liquidation is worth the loss that the kernel books, group by group."""
    for name in ("wild", "random-1", "random-3", "random-5"):
        ran = finished(WORLDS[name](), plain_run)
        lost = defaultdict[Place, float](float)
        events = ran.events.of(kinds.LIQUIDATED)
        for row, usd in zip(events.row.tolist(), events.usd.tolist(), strict=True):
            label = ran.lanes.flat.groups[row]
            lost[label.account, label.group] += usd
        found = defaultdict[Place, float](float)
        for one in valued_events(ran):
            if one.group and getattr(one.event, "reason", "") == "insurance":
                found[getattr(one.event, "account", ""), one.group] += one.usd
        assert found == pytest.approx(lost, rel=1e-9)
