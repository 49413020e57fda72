"""Ways of sending divide what was decided, never change it, one alive order at a time."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trade.papers import KEY, PERPETUAL, hours_on, talk
from volsculpt.contracts.orders import OVER_PRICE, TAKEN, judge_price
from volsculpt.contracts.spec import Orders
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.send import SendRules
from volsculpt.trade.clock import VirtualClock
from volsculpt.trade.execute.sending import Action, Cancel, Child, Over, Send, Task, Wait, next_move
from volsculpt.trade.paper.terms import DepthLevel, PaperTerms
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.venue import OrderRequest, VenuePrice
from volsculpt.units import HOUR_NS, SECOND_NS

MARKET, CHASE, SLICES = SendRules(), SendRules("chase"), SendRules("slices")


def task(contracts: float = -1000.0, rules: SendRules = MARKET, **other: object) -> Task:
    """A sale of 1,000 decided at 60,000 at time 0."""
    return Task(PERPETUAL, contracts, 60_000.0, 0, False, rules, **other)  # type: ignore[arg-type]


def price(bid: float = 59_990.0, ask: float = 60_010.0) -> VenuePrice:
    """Prices around 60,000."""
    return VenuePrice(KEY, (bid + ask) / 2.0, 60_000.0, bid, ask, 0)


def child(
    filled: float = 0.0, state: str = "open", limit: float = 60_010.0, **other: object
) -> Child:
    """An order sent at time 0."""
    told = {"post_only": True, "sent_ns": 0} | other
    return Child("c", filled, state, limit, **told)  # type: ignore[arg-type]


def test_market_is_one_order_within_the_slippage() -> None:
    """Sell 1,000 decided at 60,000 with 0.5 %: at 59,700 or better, then the task is over."""
    assert next_move(task(), [], price(), 0) == Send(-1000.0, 59_700.0, False, True)
    half = child(-400.0, "final", 59_700.0, post_only=False)
    assert next_move(task(), [half], price(), 9) == Over(
        -600.0, "no more to be had within the slippage"
    )


def test_more_filled_than_sent_is_never_sent_back() -> None:
    """Reports that add up to more than the task leave nothing to do, in either direction."""
    over = [child(-900.0, "final", post_only=False), child(-300.0, "final", post_only=False)]
    for rules in (MARKET, CHASE, SLICES):
        assert next_move(task(rules=rules), over, price(), 1) == Over(0.0, "filled")


def test_a_slice_waits_until_it_is_worth_an_order() -> None:
    """Six slices of 1,000 USD where 300 is the least: nothing at 167, the first two at once."""
    picky = replace(PERPETUAL, orders=Orders(least_value=300.0))
    small = replace(task(rules=SLICES), contract=picky)
    every = SLICES.over_ns // SLICES.slices
    assert next_move(small, [], price(), 0) == Wait(every)
    assert next_move(small, [], price(), every) == Send(-333.0, 59_700.0, False, True)
    exempt = replace(picky, orders=Orders(least_value=300.0, reduce_only_exempt=True))
    closing = replace(small, contract=exempt, reduce_only=True)
    assert next_move(closing, [], price(), 0) == Send(-166.0, 59_700.0, False, True)


def test_a_task_goes_whole_whatever_it_is_worth() -> None:
    """It was judged when it was decided; a rest under the least is for the next decision."""
    picky = replace(PERPETUAL, orders=Orders(least_value=2000.0), minimum=1500.0)
    whole = replace(task(), contract=picky)
    assert next_move(whole, [], price(), 0) == Send(-1000.0, 59_700.0, False, True)
    part = child(-400.0, "final", post_only=False)
    assert next_move(whole, [part], price(), 9) == Over(-600.0, "under a lot")


def test_limits_lie_on_the_tick_inside_the_slippage() -> None:
    """A price between two ticks is rounded to the better one for the owner."""
    odd = replace(task(), reference_price=60_000.03)
    assert next_move(odd, [], price(), 0) == Send(-1000.0, 59_700.1, False, True)
    bought = replace(odd, contracts=1000.0)
    assert next_move(bought, [], price(), 0) == Send(1000.0, 60_300.0, False, True)


@pytest.mark.parametrize("state", ["unknown", "cancelling"])
@pytest.mark.parametrize("rules", [MARKET, CHASE, SLICES])
def test_nothing_is_sent_beside_an_order_that_may_live(state: str, rules: SendRules) -> None:
    """While an outcome is unknown, or a cancel under way, every way waits, however late."""
    for now in (1, HOUR_NS, 50 * HOUR_NS):
        assert isinstance(next_move(task(rules=rules), [child(0.0, state)], price(), now), Wait)


def test_a_chase_joins_its_own_side_and_follows() -> None:
    """First at the best ask; when that falls, cancelled, but not sooner than `reprice`."""
    asked = task(rules=CHASE)
    assert next_move(asked, [], price(), 0) == Send(-1000.0, 60_010.0, True, False)
    lower = price(59_970.0, 59_980.0)
    assert next_move(asked, [child()], price(), 5 * SECOND_NS) == Wait(CHASE.timeout_ns)
    assert next_move(asked, [child()], lower, 5 * SECOND_NS) == Wait(10 * SECOND_NS)
    moved = next_move(asked, [child()], lower, 10 * SECOND_NS)
    assert moved == Cancel("c", "the price moved away")
    again = next_move(asked, [child(-200.0, "final")], lower, 11 * SECOND_NS)
    assert again == Send(-800.0, 59_980.0, True, False)


def test_a_chase_does_not_run_past_its_slippage() -> None:
    """Asks under 59,700 are not joined: 0.5 % worse than decided on is the end."""
    fallen = price(59_600.0, 59_650.0)
    assert next_move(task(rules=CHASE), [], fallen, 0) == Wait(10 * SECOND_NS)
    assert isinstance(next_move(task(rules=CHASE), [child()], fallen, 60 * SECOND_NS), Wait)


@pytest.mark.parametrize(("after", "crosses"), [("cross", True), ("give_up", False)])
def test_when_the_chase_is_over(after: str, crosses: bool) -> None:
    """What rests is cancelled; the rest is taken once, or left, as set."""
    asked = task(rules=replace(CHASE, after=after))  # type: ignore[arg-type]
    end = CHASE.timeout_ns
    assert next_move(asked, [child()], price(), end) == Cancel("c", "the chase is over")
    rest = next_move(asked, [child(-300.0, "final")], price(), end)
    taken = Send(-700.0, 59_700.0, False, True)
    assert rest == (taken if crosses else Over(-700.0, "the chase is over"))
    if crosses:
        both = [child(-300.0, "final"), child(-1.0, "final", 59_700.0, post_only=False)]
        assert next_move(asked, both, price(), end) == Over(-699.0, "the chase is over")


def test_slices_catch_up() -> None:
    """Six slices of 1,000 are 166, 333, 500 ... in all; what one did not fill the next adds."""
    asked, every = task(rules=SLICES), SLICES.over_ns // 6
    assert next_move(asked, [], price(), 0) == Send(-166.0, 59_700.0, False, True)
    first = child(-100.0, "final", post_only=False)
    assert next_move(asked, [first], price(), 5) == Wait(every)
    assert next_move(asked, [first], price(), every) == Send(-233.0, 59_700.0, False, True)
    assert next_move(asked, [first], None, every) == Wait(every + SLICES.reprice_ns)
    assert next_move(asked, [], price(), 5 * every) == Send(-1000.0, 59_700.0, False, True)


@dataclass
class Play:
    """A task played against answers by chance; all orders sent, and the alive one's place."""

    asked: Task
    children: list[Child] = field(default_factory=list)

    def take(self, move: Action, now: int, share: float) -> bool:
        """Put a move into effect, an order filling a share of itself; False when it is over."""
        alive = [one for one in self.children if one.state != "final"]
        if isinstance(move, Send):
            assert alive == []
            assert move.contracts * self.asked.contracts > 0.0
            filled = round(abs(move.contracts) * share) * (1 if move.contracts > 0 else -1)
            state = "final" if move.immediate or filled == move.contracts else "open"
            name = f"c{len(self.children)}"
            self.children.append(Child(name, filled, state, move.limit_price, move.post_only, now))
        elif isinstance(move, Cancel):
            assert [one.client_id for one in alive] == [move.client_id]
            self.children[-1] = replace(self.children[-1], state="final")
        return not isinstance(move, Over)


@given(
    contracts=st.integers(-5000, 5000).filter(bool),
    way=st.sampled_from([MARKET, CHASE, replace(CHASE, after="give_up"), SLICES]),
    shares=st.lists(st.sampled_from([0.0, 0.3, 0.9, 1.0]), min_size=400, max_size=400),
    moves=st.lists(st.floats(-0.004, 0.004), min_size=400, max_size=400),
)
def test_a_task_never_grows_and_always_ends(
    contracts: int, way: SendRules, shares: list[float], moves: list[float]
) -> None:
    """Whatever fills and however prices move: no more than decided, one alive, and an end."""
    play, now, over = Play(task(float(contracts), way)), 0, False
    for share, moved in zip(shares, moves, strict=True):
        middle = 60_000.0 * (1.0 + moved)
        move = next_move(play.asked, play.children, price(middle - 10.0, middle + 10.0), now)
        over = not play.take(move, now, share)
        if over:
            break
        now = max(now + SECOND_NS, move.until_ns if isinstance(move, Wait) else 0)
    assert over
    filled = sum(one.filled_contracts for one in play.children)
    assert 0.0 <= filled * contracts <= contracts * contracts


async def drive(asked: Task, venue: PaperVenue, clock: VirtualClock) -> tuple[list[Child], Over]:
    """Send a task at a paper venue, as a desk does."""
    children: list[Child] = []
    while True:
        for row, one in enumerate(children):
            told = await venue.find_order("coinm", one.client_id)
            assert told is not None
            state = "open" if told.outcome == "open" else "final"
            children[row] = replace(
                one,
                filled_contracts=told.filled_contracts,
                state=state,
                is_refused=told.outcome == "rejected",
            )
        (seen,) = await venue.prices([KEY])
        move = next_move(asked, children, seen, clock.now_ns())
        if isinstance(move, Over):
            return children, move
        if isinstance(move, Wait):
            await clock.sleep_until(min(move.until_ns, clock.now_ns() + 30 * SECOND_NS))
        elif isinstance(move, Cancel):
            await venue.cancel("coinm", move.client_id)
        else:
            name = f"c{len(children)}"
            flags = (asked.reduce_only, move.post_only, move.immediate)
            request = OrderRequest(name, "coinm", KEY, move.contracts, move.limit_price, *flags)
            sent_ns = clock.now_ns()
            await venue.send(request)
            children.append(Child(name, 0.0, "open", move.limit_price, move.post_only, sent_ns))


@pytest.mark.parametrize("rules", [MARKET, CHASE, SLICES], ids=["market", "chase", "slices"])
def test_every_way_fills_at_the_paper_venue(rules: SendRules) -> None:
    """With room in the book the whole task fills; a chase that the market meets pays as maker."""
    size = -6000.0

    async def go(venue: PaperVenue, clock: VirtualClock) -> tuple[list[Child], Over, float]:
        await hours_on(clock, 20)
        (seen,) = await venue.prices([KEY])
        asked = Task(PERPETUAL, size, seen.mark, clock.now_ns(), False, rules)
        children, over = await drive(asked, venue, clock)
        fills = (await venue.activity("coinm", None)).fills
        fees = sum(one.fee for one in fills) / sum(abs(one.contracts) / one.price for one in fills)
        return children, over, fees

    terms = PaperTerms(
        half_spread=0.0001, depth=(DepthLevel(0.0, 2_500.0), DepthLevel(0.0005, 9_000.0))
    )
    children, over, fee_rate = talk(go, terms)
    assert over == Over(0.0, "filled")
    if rules is CHASE:
        size = 6000.0
        fee_rate = min(fee_rate, talk(go, terms)[2])
    assert len(children) == (6 if rules is SLICES else 1 if rules is MARKET else len(children))
    assert fee_rate == pytest.approx(0.0005) if rules is not CHASE else fee_rate < 0.00049


def test_a_mandate_says_how_to_send() -> None:
    """The keys of [send] reach the rules; without them it is market with 0.5 %."""
    base = 'version = 1\n[[account]]\nname = "v"\nkind = "cold"\nbalances = { BTC = 1 }\n'
    assert parse_mandate(base).send == SendRules()
    asked = parse_mandate(base + '[send]\nway = "chase"\ntimeout = "2m"\nslippage = 0.002\n').send
    assert asked == SendRules("chase", slippage=0.002, timeout_ns=120 * SECOND_NS)


@pytest.mark.parametrize(
    ("contracts", "limit"), [(-1000.0, 57_300.0), (1000.0, 62_700.0), (-1.0, 57_300.0)]
)
def test_no_limit_price_is_beyond_what_the_venue_takes(contracts: float, limit: float) -> None:
    """A slippage of 10 % where a venue takes 5 % from its mark: nine tenths of those are asked."""
    banded = replace(PERPETUAL, orders=Orders(price_up=0.05, price_down=0.05))
    wide = replace(task(contracts, SendRules(slippage=0.1)), contract=banded)
    sent = next_move(wide, [], price(), 0)
    assert isinstance(sent, Send)
    assert sent.limit_price == limit
    assert judge_price(contracts, limit, 60_000.0, 0.05, 0.05) == TAKEN
    unknown = next_move(task(contracts, SendRules(slippage=0.1)), [], price(), 0)
    assert isinstance(unknown, Send)
    assert judge_price(contracts, unknown.limit_price or 0.0, 60_000.0, 0.05, 0.05) == OVER_PRICE


@given(
    size=st.sampled_from([-2.0, 2.0]),
    price=st.floats(1.0, 1e6),
    band=st.floats(0.001, 0.5),
    off=st.floats(0.0, 1.0),
)
def test_a_price_is_judged_on_its_aggressive_side_alone(
    size: float, price: float, band: float, off: float
) -> None:
    """Up to the band a price is taken, beyond it refused; a passive price never is."""
    way = 1.0 if size > 0.0 else -1.0
    asked = judge_price(size, price * (1.0 + way * off), price, band, band)
    if off <= band * (1.0 - 1e-6):
        assert asked == TAKEN
    if off >= band * (1.0 + 1e-6) + 1e-6:
        assert asked == OVER_PRICE
    assert judge_price(size, price * (1.0 - way * off), price, band, band) == TAKEN
    assert judge_price(size, price * (1.0 + way * off), price, 0.0, 0.0) == TAKEN
