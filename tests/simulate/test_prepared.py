"""What a run is made of before it starts: terms, places on the way, books of all lanes, fees."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.factories import account, fixed, linear, vault
from tests.simulate.histories import PERPETUAL, asked, funded, wandering
from tests.simulate.worlds import DATED, ETHER, SETUP, mixed_world, prepare
from volsculpt.book.holdings import Book, OwnFees
from volsculpt.contracts.spec import Fees
from volsculpt.decide.limits import CollateralPlan
from volsculpt.decide.rules import Rules
from volsculpt.decide.step import Setup
from volsculpt.errors import BookError
from volsculpt.simulate.backtest import (
    Costs,
    arrival_assets,
    flat_setup,
    plain_state,
    set_fees,
    set_rules,
    terms_of,
    transfer_steps,
    transit_wallets,
)
from volsculpt.simulate.lanes import needed_room, plain_of
from volsculpt.simulate.log import BEGUN, grown
from volsculpt.simulate.run_start import fee_steps, flow_rows, start_of
from volsculpt.units import HOUR_NS

USED = [leg for legs in SETUP.legs for leg in legs]


def test_fees_a_venue_does_not_tell_count_as_none() -> None:
    """Each leg has the fees of its contract."""
    charged = linear("ETH", venue="binance", fees=Fees(0.0001, 0.0005, 0.0002, 0.004))
    legs = (SETUP.legs[0], (("usdm", charged, False),))
    setup = replace(SETUP, legs=legs, book=replace(SETUP.book, accounts=SETUP.book.accounts[:2]))
    setup = replace(setup, book=Book((*setup.book.accounts, account("usdm", {"USDT": 9_000.0}))))
    flat, rules, _ = flat_setup(setup, [leg for used in legs for leg in used], 0)
    terms = terms_of(flat, rules, Costs(), [0] * len(flat.groups))
    told = [(leg.key, leg.fees) for _, leg in flat.legs]
    assert {fees.liquidation for _, fees in told} == {None, 0.004}
    assert {fees.delivery for _, fees in told} == {None, 0.00015, 0.0002}
    assert terms.liquidation_fee == [fees.liquidation or 0.0 for _, fees in told]
    assert terms.delivery_fee == [fees.delivery or 0.0 for _, fees in told]
    assert any(key == DATED.key for key, _ in told)


def test_each_group_has_its_own_place_for_coins_on_their_way() -> None:
    """The account it is in, and the coin that moves; no two share one."""
    flat, rules, _ = flat_setup(SETUP, USED, 0)
    wallets = transit_wallets(flat)
    assert len(set(wallets)) == len(flat.groups) > 1
    for group, wallet in enumerate(wallets):
        currency = flat.layout.wallet_currency[wallet]
        assert flat.currencies[currency] == flat.currencies[rules.move_currency[group]]
        assert flat.layout.wallet_group[wallet] < 0
        assert flat.state.wallet[wallet] == 0.0
    assert wallets == list(range(len(flat.wallets)))[-len(flat.groups) :]


@pytest.mark.parametrize("hours", [0.0, 0.25, 1.0, 7.5, 8.0, 24.0])
@pytest.mark.parametrize("step_hours", [1, 8])
def test_steps_of_a_transfer(hours: float, step_hours: int) -> None:
    """What costs say is said of every group; else a plan's hours, rounded up; no plan, none."""
    flat, _, _ = flat_setup(SETUP, USED, 0)
    plans = [
        CollateralPlan(("vault",), (1.0, 2.0, 2.0, 3.0), account="coinm", transfer_hours=hours)
    ]
    step_ns = step_hours * HOUR_NS
    assert transfer_steps(flat, plans, Costs(transfer_steps=3), step_ns) == [3] * len(flat.groups)
    found = transfer_steps(flat, plans, Costs(), step_ns)
    own = [label.account == "coinm" for label in flat.groups]
    assert found == [math.ceil(hours / step_hours) if one else 0 for one in own]


def test_every_lane_begins_with_the_book_and_takes_new_rules_and_fees() -> None:
    """The last lane as the first."""
    world = mixed_world(3, 3)
    made = prepare(world.flat, world.rules, world.costs, world.first, 3, 3)
    began = made.log.state[:, 0]
    assert began[0].any()
    assert np.array_equal(began, np.stack([began[0]] * 3))
    assert made.log.used[:, 1].tolist() == [1, 1, 1]
    assert made.log.moment[:, 0].tolist() == [BEGUN] * 3
    rules = world.rules._replace(max_leverage=7.0)
    set_rules(made, rules)
    room = needed_room(world.flat, world.rules)
    for lane in range(3):
        assert plain_of(Rules, made.arguments[1][lane], room) == rules
    told = plain_state(made)
    assert told.wallet == world.flat.state.wallet
    made.states[0]["wallet"][0] += 1.0
    assert plain_state(made).wallet[0] == told.wallet[0] + 1.0
    at_once = prepare(world.flat, world.rules, Costs(), world.first, 3, 1).arguments[2][0]
    assert not at_once["transfer_delay"].any()


def of_discount(until_ns: int | None) -> Setup:
    """The mixed book, a fifth off the fees of one account until then."""
    accounts = [
        replace(one, fees=OwnFees(discount=0.2, until_ns=until_ns)) if one.name == "usdm" else one
        for one in SETUP.book.accounts
    ]
    return replace(SETUP, book=Book(tuple(accounts)))


def test_fees_change_for_every_lane_when_a_discount_ends() -> None:
    """A fifth less before, nothing less from the moment on, and only in the account that has it."""
    flat, rules, _ = flat_setup(of_discount(100), USED, 99)
    world = mixed_world(3, 3)
    made = prepare(flat, rules, world.costs, world.first, 3, 2)
    leg = flat.leg("usdm", ETHER)
    listed = [one.fees.taker for _, one in flat.legs]
    for time_ns, share in ((99, 0.8), (100, 1.0)):
        set_fees(made, time_ns)
        wanted = [fee * (share if row == leg else 1.0) for row, fee in enumerate(listed) if fee]
        for lane in range(2):
            assert made.arguments[2][lane]["taker"][: len(listed)].tolist() == wanted
        assert made.arguments[0][0]["legs"]["taker"][: len(listed)].tolist() == wanted


@pytest.mark.parametrize(("step", "share"), [(0, 1.0), (1, 0.8)])
def test_a_run_begins_with_the_fees_of_its_first_stamp(step: int, share: float) -> None:
    """A discount that ends there is over; one that ends a step later holds."""
    made = asked(funded(wandering(24, 3), 3))
    own = OwnFees(discount=0.2, until_ns=int(made.aligned.stamp_ns[step]))
    book = Book(tuple(replace(one, fees=own) for one in made.setup.book.accounts))
    flat = start_of(replace(made, setup=replace(made.setup, book=book))).tables.flat
    for leg, (_, contract) in enumerate(flat.legs):
        assert flat.layout.legs.taker[leg] == pytest.approx(share * (contract.fees.taker or 0.0))


@pytest.mark.parametrize("late_ns", [-1, 0, 1, HOUR_NS // 2, HOUR_NS, 2 * HOUR_NS])
@pytest.mark.parametrize("step", [0, 1, 5, 22])
def test_fees_change_at_the_first_stamp_from_the_end_of_a_discount(step: int, late_ns: int) -> None:
    """What ended by the first stamp is not in force at it; what ends after the last never is."""
    made = asked(funded(wandering(24, 3), 3))
    stamps = made.aligned.stamp_ns
    end = int(stamps[step]) + late_ns
    made = replace(made, setup=of_discount(end))
    inside = stamps[0] < end <= stamps[-1]
    first = [row for row, stamp in enumerate(stamps.tolist()) if stamp >= end][:1]
    assert fee_steps(made, stamps) == (first if inside else [])


@pytest.mark.parametrize("coins", [{}, {"ETH": 3.0}, {"BTC": 0.5}])
@pytest.mark.parametrize("mode", ["cross", "unified"])
def test_coins_that_are_planned_for_have_a_place_to_arrive_in(
    coins: dict[str, float], mode: str
) -> None:
    """In an account that holds none of them too; then none is missing, be it the first of all."""
    weights: Any = {"collateral_weights": {"BTC": 1.0, "ETH": 0.9}} if mode == "unified" else {}
    book = Book((account("coinm", coins, mode=mode, **weights), vault(BTC=2.0)))
    plan = CollateralPlan(("vault",), (1.0, 2.0, 2.0, 3.0), account="coinm", currency="BTC")
    contract = linear() if mode == "unified" else PERPETUAL
    legs = ((("coinm", contract, False),),)
    setup = Setup(book, (fixed("BTC", 0.6),), legs, collateral=(plan,))
    flat, rules, _ = flat_setup(setup, list(legs[0]), 0)
    assert ("coinm", "BTC") in [(one.account, one.asset) for one in flat.wallets]
    assert arrival_assets(flat, rules) == []


def test_a_flow_into_an_account_that_is_not_there_is_refused() -> None:
    """Named with its coin."""
    made = asked(funded(wandering(24, 3), 3))
    at = int(made.aligned.stamp_ns[3])
    sent = replace(made, flows=lambda a, b: [("attic", "BTC", 1.0)] if a < at <= b else [])
    with pytest.raises(BookError, match="of BTC into 'attic'"):
        flow_rows(sent, [("vault", "BTC")], made.aligned.stamp_ns)


@pytest.mark.parametrize("least", [1, 64, 5_000])
def test_a_larger_log_keeps_what_is_in_it(least: int) -> None:
    """Twice the rows or so many more, the first as they were, the rest empty."""
    world = mixed_world(3, 3)
    log = prepare(world.flat, world.rules, world.costs, world.first, 3, 2).log
    for array in (log.event, log.figure, log.moment, log.state, log.wealth):
        array[...] = np.arange(array.size).reshape(array.shape) + 1
    wider, rows = grown(log, least), log.event.shape[1]
    for name, old in log._asdict().items():
        new = getattr(wider, name)
        assert new.dtype == old.dtype
        if name in ("event", "figure", "moment", "state"):
            assert new.shape == (old.shape[0], rows + max(rows, least), *old.shape[2:])
            assert np.array_equal(new[:, :rows], old)
            assert not new[:, rows:].any()
        else:
            assert np.array_equal(new, old)
